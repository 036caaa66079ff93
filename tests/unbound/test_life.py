"""Starts, reloads and ends; snapshots that are missing, broken or come late."""

import os
import pathlib
import re
import shutil
import time
import unittest

from stand import BUILD, MODULE, SANITIZED, Case, LabError, Policy, await_

EMPTY = Policy.of()
BLOCKS = Policy.of(nxdomain=["evil.top", "usps-redelivery.top"])
NAME = "www.usps-redelivery.top"
RELOADS = 8 if SANITIZED else 20


def has(shield, command):
    """Does this Unbound's control program know the command?"""
    return bool(re.search(rf"^\s+{command}\b", shield.unbound.control("-h", check=False), re.M))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def nices(pid):
    """Of each thread, least first."""
    return sorted(os.getpriority(os.PRIO_PROCESS, int(task)) for task in os.listdir(f"/proc/{pid}/task"))


def mappings(pid):
    """The snapshots' sealed memory that the process holds."""
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return len([line for line in maps.splitlines() if "memfd:" in line])


def watched_inodes(pid):
    """The inodes that inotify watches for the process: proc_pid_fdinfo(5)."""
    texts = [path.read_text(encoding="ascii") for path in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir()]
    return {int(ino, 16) for text in texts for ino in re.findall(r"^inotify wd:\S+ ino:([0-9a-f]+)", text, re.M)}


class Reload(Case):
    def test_reload(self):
        it = self.shield(BLOCKS, threads=2)
        for _ in range(3):
            self.assertBlocked(it, NAME)
            it.unbound.reload()
        self.assertBlocked(it, NAME)
        self.assertResolves(it, "www.usps.com")

    def test_more_threads_than_most_have(self):
        """Every thread of theirs has a worker of ours: what it is asked is judged."""
        it = self.shield(BLOCKS, threads=300, config={"outgoing-range": 16, "num-queries-per-thread": 16,
                                                      "incoming-num-tcp": 1, "outgoing-num-tcp": 1})
        # Each question has a port of its own, and by that the kernel chooses the thread: of 300 none is left
        # out but once in some seventy runs, and 257 would do.
        waiting = [it.query_later(f"{number}.evil.top") for number in range(3000)]
        self.assertEqual({each.result().rcode for each in waiting}, {"NXDOMAIN"})
        self.assertEqual(it.counted("unjudged_total", reason="no-worker"), 0)
        self.assertGreaterEqual(it.sample("decisions_total", action="nxdomain"), 3000)
        self.assertNotIn("more than", it.log())

    def test_hangup(self):
        it = self.shield(BLOCKS, threads=2)
        for _ in range(3):
            it.unbound.hangup()
            self.assertBlocked(it, NAME)
            self.assertResolves(it, "www.usps.com")

    def test_snapshot_changed_before_a_reload(self):
        it = self.shield(EMPTY)
        self.assertResolves(it, NAME)
        it.put(BLOCKS)
        it.unbound.reload()
        self.assertBlocked(it, NAME)
        it.put(EMPTY)
        it.unbound.hangup()
        await_("unblocked", lambda: it.query(NAME).rcode == "NOERROR")

    def test_reload_with_the_cache_kept(self):
        """What was cached under no rules, or other rules, does not come back."""
        it = self.shield(EMPTY)
        kept = has(it, "reload_keep_cache")
        for rdtype in ("A", "AAAA", "TXT"):
            it.query("laposte.fr", rdtype)
            it.query("laposte.fr", rdtype, cd=True)
        self.assertResolves(it, "www.usps.com")
        # The file comes while nobody watches: put before the reload is done.
        it.put(Policy.of(nxdomain=["laposte.fr"]))
        it.unbound.reload(keep_cache=kept)
        for rdtype in ("A", "AAAA", "TXT"):
            self.assertBlocked(it, "laposte.fr", rdtype)
            self.assertBlocked(it, "laposte.fr", rdtype, cd=True)
        self.assertEqual(("www.usps.com.", "A") in it.cached(), kept)

    def test_reload_with_the_cache_kept_many_times(self):
        it = self.shield(EMPTY, threads=2)
        kept = has(it, "reload_keep_cache")
        for n in range(6):
            it.put(BLOCKS if n % 2 else EMPTY)
            it.unbound.reload(keep_cache=kept)
            if n % 2:
                self.assertBlocked(it, NAME)
            else:
                self.assertResolves(it, NAME)

    def test_reload_that_replaces_the_cache(self):
        """A new msg-cache-size frees the old cache while the module still runs: a look through
        the cache that a new snapshot began must not go on in it."""
        it = self.shield(EMPTY, threads=2)
        for n in range(RELOADS):
            it.query(NAME)
            it.put(BLOCKS if n % 2 else EMPTY)
            it.unbound.settings["config"] = {"msg-cache-size": f"{4 + n % 2 * 4}m"}
            it.unbound.write_config()
            it.unbound.reload()
            if n % 2:
                self.assertBlocked(it, NAME)
            else:
                self.assertResolves(it, NAME)

    def test_fast_reload(self):
        """Where there is one (1.23), the module goes on through it."""
        it = self.shield(BLOCKS, threads=2)
        known = has(it, "fast_reload")
        said = it.unbound.control("fast_reload", check=known)
        self.assertEqual(known, "ok" in said, said)
        self.assertBlocked(it, NAME)
        it.publish(EMPTY)
        self.assertResolves(it, NAME)
        it.publish(BLOCKS)
        self.assertBlocked(it, NAME)

    def test_nothing_leaks(self):
        """Descriptors, threads and mapped snapshots are as many after many reloads and swaps."""
        it = self.shield(BLOCKS, threads=2)
        self.assertBlocked(it, NAME)
        it.unbound.reload()
        self.assertBlocked(it, NAME)
        pid = it.unbound.pid
        before = (descriptors(pid), threads(pid), mappings(pid))
        for n in range(RELOADS):
            it.publish(EMPTY if n % 2 else Policy.of(nxdomain=["evil.top"]))
            if n % 3 == 0:
                it.unbound.hangup()
            else:
                it.unbound.reload()
            self.assertResolves(it, "www.usps.com")
        it.publish(BLOCKS)
        self.assertBlocked(it, NAME)
        await_(f"as many as before: {before}",
               lambda: (descriptors(pid), threads(pid), mappings(pid)) == before)


class Start(Case):
    def test_with_a_snapshot(self):
        """The first question of all is judged already."""
        it = self.shield(BLOCKS)
        self.assertBlocked(it, NAME)
        self.assertEqual(it.sample("snapshot_generation"), 1)
        self.assertRegex(it.log(), r"postshield: snapshot [0-9a-f]{12} active: names 2, rules 1, in ")

    def test_a_stop_is_told_at_once(self):
        it = self.shield(BLOCKS)
        await_("alive", lambda: it.status()[0] == 0)
        it.unbound.reload()
        await_("alive after a reload", lambda: it.status()[0] == 0)
        it.unbound.stop()
        code, told = it.status()
        self.assertEqual((code, told["alive"]), (1, False))
        self.assertIn("the resolver was stopped", told["problems"][0])

    def test_without_a_snapshot(self):
        it = self.shield(None)
        self.assertResolves(it, NAME)
        self.assertResolves(it, "www.usps.com")
        self.assertEqual(it.log().count("postshield: no snapshot at"), 1)
        await_("counted", lambda: it.sample("unjudged_total", reason="no-snapshot") >= 2)
        # Those of clients: what the resolver itself looks up is none.
        self.assertEqual(it.sample("unjudged_total", reason="no-snapshot"), 2)
        self.assertGreater(it.sample("subqueries_total"), 0)
        self.assertEqual(it.status()[0], 1)
        it.publish(BLOCKS)
        self.assertBlocked(it, NAME)
        self.assertEqual(it.status()[0], 0)

    def test_a_check_that_fails(self):
        """Called as it never should be, the module lets the query go on, and judges what is found; it says so
        once, and there is the metric of all that is let through."""
        it = self.make("unexpected")
        self.addCleanup(it.unbound.stop)
        it.put(BLOCKS)
        it.unbound.start(module=str(BUILD / "tests" / "clients_unexpected.so"), deadline=60)
        for _ in range(2):
            self.assertResolves(it, "www.usps.com")
            self.assertBlocked(it, NAME)
        self.assertGreaterEqual(it.counted("late_blocks_total"), 2)
        self.assertGreaterEqual(it.sample("unjudged_total", reason="internal"), 3)
        self.assertGreaterEqual(it.status()[1]["unjudged"], 3)
        self.assertEqual([line.partition("postshield: ")[2] for line in self.end(it)],
                         [f"unexpected event 77: the query goes on unjudged ({it.unbound.log_path})"])

    def test_with_a_bad_snapshot(self):
        for what, data in (("empty", b""), ("short", b"PSSNAP\r\n"), ("text", b"rules: []\n" * 100),
                           ("zeros", bytes(4096))):
            with self.subTest(what):
                it = self.make(f"bad-{what}")
                (it.state / "snapshot.ps").write_bytes(data)
                it.start(None)
                try:
                    self.assertResolves(it, NAME)
                    self.assertEqual(it.log().count("postshield: snapshot refused:"), 1)
                    self.assertIn("nothing is blocked until a good one comes", it.log())
                    it.publish(BLOCKS)
                    self.assertBlocked(it, NAME)
                finally:
                    self.assertEqual(self.end(it), [])

    def test_state_folder_appears_later(self):
        it = self.idle_shield()
        it.state.rmdir()
        it.start(None)
        self.assertResolves(it, NAME)
        it.state.mkdir()
        it.publish(BLOCKS)
        self.assertBlocked(it, NAME)
        # And it goes and comes again; what was good serves on.
        away = it.state.with_name("away")
        it.state.rename(away)
        await_("said", lambda: it.said().count("postshield: no snapshot at") == 2)
        self.assertIn("the last good one goes on serving", it.log())
        self.assertBlocked(it, NAME)
        it.state.mkdir()
        it.publish(EMPTY)
        self.assertResolves(it, NAME)
        self.assertIn(it.state.stat().st_ino, watched_inodes(it.unbound.pid), "the new folder")
        it.publish(BLOCKS)
        shutil.rmtree(it.state)
        self.assertBlocked(it, NAME)
        it.state.mkdir()
        it.publish(EMPTY)
        self.assertResolves(it, NAME)

    def test_not_first_in_the_chain(self):
        it = self.shield(BLOCKS, modules="validator dynlib iterator")
        self.assertIn("it must stand first in module-config", it.log())
        self.assertEqual(it.query(NAME).rcode, "NXDOMAIN")
        self.assertResolves(it, "www.usps.com")

    def test_four_threads(self):
        it = self.shield(BLOCKS, threads=4)
        for n in range(40):
            self.assertBlocked(it, f"h{n}.evil.top", source=f"127.0.0.{n + 2}")
            self.assertResolves(it, "www.usps.com", source=f"127.0.0.{n + 2}")
        # Four workers and the watcher; a sanitizer may have one of its own.
        self.assertIn(threads(it.unbound.pid), (5, 6) if SANITIZED else (5,))

    def test_state_folder_that_cannot_be_written(self):
        it = self.idle_shield()
        folder = it.unbound.folder / "elsewhere"
        BLOCKS.build(folder, "snapshot.ps")
        # A folder in the way of the counters file works for root as well.
        (folder / "module.prom.new").mkdir()
        it.unbound.start(module=str(MODULE), state=folder)
        self.assertEqual(it.query(NAME).rcode, "NXDOMAIN")
        self.assertEqual(it.log().count("postshield: cannot write"), 1)


class Replaced(Case):
    """A good snapshot is followed by others."""

    def test_told_and_swept_though_nobody_asks(self):
        """A worker that has come by once writes the watcher's lines and goes over the cache."""
        it = self.shield(EMPTY)
        self.assertResolves(it, NAME)
        it.put(BLOCKS)
        await_("said", lambda: "active: names 2, rules 1, in " in it.log())
        self.assertRegex(it.log(), r"names 2, rules 1, in \d+ ms; cached answers removed: [1-9]")
        self.assertNotIn("s ago)", it.log())

    def test_who_watches_gives_way(self):
        """The watcher is a worker's equal only as long as it may hold the cache's locks."""
        it = self.shield(BLOCKS, threads=2)
        usual = nices(it.unbound.pid)
        self.assertEqual(usual, [usual[0]] * len(usual))
        self.assertResolves(it, "www.usps.com")
        it.put(EMPTY)
        await_("one gives way", lambda: nices(it.unbound.pid) == [*usual[1:], 10])

    def test_by_bad_ones(self):
        it = self.shield(BLOCKS)
        whole = (it.state / "snapshot.ps").read_bytes()
        flipped = bytearray(whole)
        flipped[len(flipped) // 2] ^= 1
        newer = bytearray(whole)
        newer[8] = 99
        rejected = 0
        for data in (b"", whole[:-1], whole + b"x", bytes(flipped), bytes(newer), whole[:600]):
            temp = it.state / ".bad"
            temp.write_bytes(data)
            os.rename(temp, it.state / "snapshot.ps")
            rejected += 1
            await_("refused", lambda: it.sample("snapshots_rejected_total") == rejected)
            self.assertBlocked(it, NAME)
            self.assertEqual(it.said().count("postshield: snapshot refused:"), rejected)
            self.assertIn("the last good one goes on serving", it.log())
            status, said = it.status()
            self.assertEqual(status, 1)
            self.assertIn("refused", str(said).lower())
        # It is looked at once a second, and said once.
        beats = it.sample("heartbeat_timestamp_seconds")
        time.sleep(2.2)
        self.assertEqual(it.said().count("postshield: snapshot refused:"), rejected)
        self.assertGreaterEqual(it.sample("heartbeat_timestamp_seconds"), beats)
        it.publish(EMPTY)
        self.assertResolves(it, NAME)
        self.assertEqual(it.status()[0], 0)

    def test_in_place(self):
        """Not as it should be done: written over, truncated, removed. The copy serves."""
        it = self.shield(BLOCKS)
        file = it.state / "snapshot.ps"
        good = file.read_bytes()
        with open(file, "r+b") as out:
            out.truncate(100)
        await_("refused", lambda: it.sample("snapshots_rejected_total") >= 1)
        self.assertBlocked(it, NAME)
        file.write_bytes(good)
        await_("active", lambda: it.sample("snapshot_generation") == 2)
        self.assertBlocked(it, NAME)
        file.unlink()
        await_("said", lambda: "postshield: no snapshot at" in it.said())
        self.assertBlocked(it, NAME)
        it.publish(EMPTY)
        self.assertResolves(it, NAME)

    def test_by_a_symbolic_link(self):
        """`current` styles of publishing work as well."""
        it = self.shield(EMPTY)
        target = BLOCKS.build(it.unbound.folder / "generations", "7.ps")
        temp = it.state / ".link"
        temp.symlink_to(target)
        before = it.generation()
        os.rename(temp, it.state / "snapshot.ps")
        it.await_active(target, before)
        self.assertBlocked(it, NAME)

    def test_by_other_things(self):
        it = self.shield(BLOCKS)
        for make in (os.mkfifo, os.mkdir):
            temp = it.state / ".other"
            make(temp)
            (it.state / "snapshot.ps").unlink()
            count = it.sample("snapshots_rejected_total")  # before: the module may be quick
            os.rename(temp, it.state / "snapshot.ps")
            await_("refused", lambda: it.sample("snapshots_rejected_total") > count)
            self.assertBlocked(it, NAME)
            (it.state / "snapshot.ps").unlink() if make is os.mkfifo else (it.state / "snapshot.ps").rmdir()
            it.publish(BLOCKS)
        self.assertBlocked(it, NAME)

    def test_counts_go_on(self):
        """Hits of a rule are summed over snapshots that have it."""
        it = self.shield(BLOCKS)
        for n in range(3):
            self.assertBlocked(it, NAME)
            it.publish(EMPTY if n == 1 else BLOCKS)
            if n == 1:
                self.assertResolves(it, NAME)
                it.publish(BLOCKS)
        rule = next(label for name, label in it.samples() if name == "rule_hits_total")
        self.assertEqual(it.counted("rule_hits_total", rule=rule), 3)
        self.assertEqual(it.status()[0], 0)


class NoControl(Case):
    def test_control_commands_work_beside_it(self):
        it = self.shield(BLOCKS)
        for command in (["status"], ["stats"], ["dump_requestlist"], ["lookup", NAME], ["flush", NAME],
                        ["list_stubs"]):
            it.unbound.control(*command)
        self.assertBlocked(it, NAME)
        with self.assertRaises(LabError):
            it.unbound.control("no-such-command")


if __name__ == "__main__":
    unittest.main()
