"""What the operator does beside building: going back, letting through for a while."""

import json
import os
import signal
import subprocess
import unittest

from stand import MODULE, PROGRAM, SANITIZER_ENV, Case, LabError, Policy, await_
from test_life import mappings

EMPTY = Policy.of()
BLOCKS = Policy.of(nxdomain=["evil.top", "usps-redelivery.top"])
NAME = "www.usps-redelivery.top"


class OperatorCase(Case):
    def run_program(self, shield, *arguments, code=0):
        """The program on the shield's state folder."""
        done = subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=120,
                              env={**SANITIZER_ENV, **os.environ, "POSTSHIELD_STATE": str(shield.state)})
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def build(self, shield, policy):
        """Into the state folder, as an operator does it; waits until it is active."""
        before = shield.generation()
        folder = shield.unbound.folder / "policies"
        folder.mkdir(exist_ok=True)
        (folder / "test.postshield.yaml").write_text(policy.text, encoding="utf-8")
        self.run_program(shield, "build", "--quiet", "--policies", str(folder))
        shield.policies.append(policy)
        shield.await_active(shield.state / "snapshot.ps", before)


class Rollback(OperatorCase):
    def test_the_resolver_takes_it(self):
        it = self.shield(None)
        self.build(it, EMPTY)
        self.build(it, BLOCKS)
        self.assertBlocked(it, NAME)
        before = it.generation()
        self.run_program(it, "rollback")
        it.policies.append(EMPTY)
        it.await_active(it.state / "snapshot.ps", before)
        self.assertResolves(it, NAME)
        self.assertEqual(it.generation(), before + 1)
        self.assertEqual(it.status()[0], 0)
        # And forward again: what was cached meanwhile is blocked.
        digest = next(row["digest"] for row in self.generations(it) if row["state"] == "rolled back from")
        self.run_program(it, "rollback", digest)
        it.policies.append(BLOCKS)
        it.await_active(it.state / "snapshot.ps", before + 1)
        self.assertBlocked(it, NAME)

    def generations(self, shield):
        return json.loads(self.run_program(shield, "rollback", "--list", "--json"))["generations"]


class Relief(OperatorCase):
    """What is let through for a while, and ends by itself."""

    def await_passes(self, it, name):
        await_(f"{name} passes", lambda: it.query(name).rcode == "NOERROR")

    def await_blocked(self, it, name):
        await_(f"{name} is blocked", lambda: it.query(name).rcode == "NXDOMAIN")
        self.assertEqual(it.blocked_in_cache(), [])

    def test_allow_and_take_it_back(self):
        it = self.shield(BLOCKS, threads=2)
        self.assertBlocked(it, NAME)
        self.run_program(it, "allow", "usps-redelivery.top", "--reason", "ticket 4711")
        self.await_passes(it, NAME)
        self.assertBlocked(it, "x.evil.top")
        self.assertRegex(it.log(), "usps-redelivery.top and all below it: let through until 20.*Z: ticket 4711")
        self.assertEqual(it.counted("names_allowed"), 1)
        self.assertGreaterEqual(it.sample("allowed_hits_total"), 1)
        self.assertEqual(it.status()[0], 0)
        # A new snapshot changes nothing of it.
        it.publish(Policy.of(refused=["usps-redelivery.top"]))
        self.assertResolves(it, NAME)
        it.publish(BLOCKS)
        self.assertResolves(it, NAME)
        self.assertIn((NAME + ".", "A"), it.cached())
        self.run_program(it, "allow", "--remove", "usps-redelivery.top")
        self.await_blocked(it, NAME)
        self.assertIn("usps-redelivery.top and all below it: blocked again", it.log())
        self.assertEqual(it.counted("names_allowed"), 0)

    def test_it_ends_by_itself(self):
        """Also for what is in the cache, and although nobody runs a command."""
        it = self.shield(BLOCKS)
        self.run_program(it, "allow", "usps-redelivery.top", "--for", "4s")
        self.await_passes(it, NAME)
        self.await_blocked(it, NAME)
        self.run_program(it, "disable", "--for", "4s")
        self.await_passes(it, NAME)
        self.await_passes(it, "www.evil.top")
        self.await_blocked(it, NAME)
        self.await_blocked(it, "www.evil.top")
        self.assertIn("postshield: blocking: on again", it.log())

    def test_disable(self):
        it = self.shield(BLOCKS, threads=2)
        self.assertBlocked(it, NAME)
        activated = it.sample("snapshot_activation_timestamp_seconds")
        self.run_program(it, "disable", "--reason", "is it us?")
        self.await_passes(it, NAME)
        self.assertRegex(it.log(), r"postshield: blocking: switched off until 20.*Z: is it us\?")
        self.assertEqual(it.counted("disabled"), 1)
        self.assertEqual(it.sample("snapshot_activation_timestamp_seconds"), activated)
        # Counted and kept as what it would have been.
        self.assertGreaterEqual(it.sample("shadow_hits_total"), 1)
        code, told = it.status()
        self.assertEqual(code, 1)
        self.assertIn("blocking is switched off", told["problems"][0])
        self.run_program(it, "enable")
        self.await_blocked(it, NAME)
        self.assertEqual(it.counted("disabled"), 0)
        self.assertEqual(it.status()[0], 0)

    def test_disable_a_rule(self):
        policy = Policy("rules:\n  - {id: one, when: {name: {under: [usps-redelivery.top]}}, then: nxdomain}\n"
                        "  - {id: two, when: {name: {under: [evil.top, usps-redelivery.top]}}, then: refused}\n")
        it = self.shield(policy)
        self.assertEqual(it.query(NAME).rcode, "NXDOMAIN")
        self.run_program(it, "disable", "--rule", "one")
        # The rule below it is asked.
        await_("the other rule decides", lambda: it.query(NAME).rcode == "REFUSED")
        self.assertEqual(it.counted("rules_disabled"), 1)
        self.assertGreaterEqual(it.sample("rule_shadow_hits_total", rule="one"), 1)
        self.run_program(it, "enable", "--rule", "one")
        await_("the rule decides", lambda: it.query(NAME).rcode == "NXDOMAIN")

    def test_restarts_and_reloads(self):
        it = self.shield(BLOCKS)
        self.run_program(it, "allow", "usps-redelivery.top", "--for", "1h")
        self.await_passes(it, NAME)
        it.unbound.reload()
        self.assertResolves(it, NAME)  # the first question of all
        it.unbound.stop()
        it.unbound.start(module=str(MODULE))
        self.assertResolves(it, NAME)
        self.assertBlocked(it, "x.evil.top")
        # It ends while the resolver does not run.
        self.run_program(it, "allow", "usps-redelivery.top", "--for", "1s")
        it.unbound.stop()
        await_("over", lambda: self.relief(it) == [])
        it.unbound.start(module=str(MODULE))
        self.assertBlocked(it, NAME)

    def relief(self, it):
        return it.status()[1]["relief"]

    def test_a_damaged_file_lets_nothing_through(self):
        it = self.shield(BLOCKS)
        self.run_program(it, "disable")
        self.await_passes(it, NAME)
        good = (it.state / "relief.ps").read_bytes()
        for bad in (good[:-1], b"", good + b"x", good[:40] + b"\xff" + good[41:], good[:8] + b"\x02" + good[9:]):
            (it.state / ".new").write_bytes(bad)
            os.rename(it.state / ".new", it.state / "relief.ps")
            self.await_blocked(it, NAME)
            (it.state / ".new").write_bytes(good)
            os.rename(it.state / ".new", it.state / "relief.ps")
            self.await_passes(it, NAME)
        self.assertEqual(it.log().count("the policy holds as it stands"), 5)
        (it.state / "relief.ps").unlink()
        self.await_blocked(it, NAME)

    def test_before_there_is_a_snapshot(self):
        it = self.shield(None)
        self.run_program(it, "allow", "usps-redelivery.top")
        await_("taken", lambda: it.sample("names_allowed") == 1)
        it.publish(BLOCKS)
        self.assertResolves(it, NAME)
        self.assertBlocked(it, "x.evil.top")
        self.run_program(it, "allow", "--remove", "usps-redelivery.top")
        self.await_blocked(it, NAME)

    def test_many_changes_leak_nothing(self):
        it = self.shield(BLOCKS, threads=2)
        mapped = None
        for n in range(10):
            self.run_program(it, "allow", "usps-redelivery.top")
            self.await_passes(it, NAME)
            self.run_program(it, "allow", "--remove", "usps-redelivery.top")
            self.await_blocked(it, NAME)
            if n == 1:
                mapped = mappings(it.unbound.pid)
        self.assertEqual(mappings(it.unbound.pid), mapped)


class Strict(OperatorCase):
    """No start without a good snapshot, where that is asked for."""

    def assertRefuses(self, it, by):
        with self.assertRaises(LabError):
            it.unbound.start(module=str(MODULE), deadline=60)
        it.unbound.process = None
        self.assertIn("postshield: there is no good snapshot, and ", it.log())
        self.assertIn(f"{by} asks for one: the resolver does not start", it.log())

    def test_by_the_policy(self):
        it = self.make("strict").start(None)  # the default is open
        self.addCleanup(self.end, it)
        self.assertResolves(it, NAME)
        self.build(it, Policy("strict: yes\n" + BLOCKS.text.removeprefix("postshield: 1\n"), under=["evil.top"]))
        self.assertBlocked(it, NAME)
        # What is missing or bad while it runs is no reason to end: the last good one serves.
        snapshot = it.state / "snapshot.ps"
        good = snapshot.read_bytes()
        snapshot.unlink()
        await_("said", lambda: it.log().count("postshield: no snapshot at") == 2)
        self.assertBlocked(it, NAME)
        snapshot.write_bytes(good)
        it.unbound.stop()
        it.unbound.start(module=str(MODULE))
        self.assertBlocked(it, NAME)
        it.unbound.stop()
        snapshot.write_bytes(good[:-1])
        self.assertRefuses(it, "/strict")
        self.assertAllOver(it)

    def test_by_the_environment(self):
        """It holds before the first build as well, and at a reload."""
        it = self.make("strict-environment")
        self.addCleanup(self.end, it)
        for value in ("", "0"):
            it.start(None, env={"POSTSHIELD_STRICT": value})
            self.assertResolves(it, NAME)
            it.unbound.stop()
        it.start(BLOCKS, env={"POSTSHIELD_STRICT": "1"})
        self.assertBlocked(it, NAME)
        (it.state / "snapshot.ps").unlink()
        os.kill(it.unbound.pid, signal.SIGHUP)
        await_("it ended", lambda: it.unbound.process.poll() is not None)
        it.unbound.process = None
        self.assertIn("POSTSHIELD_STRICT asks for one", it.log())
        with self.assertRaises(LabError):
            it.start(None, env={"POSTSHIELD_STRICT": "1"})
        it.unbound.process = None
        self.assertIn("POSTSHIELD_STRICT asks for one", it.log())
        self.assertEqual({line.split(": ", 2)[0].split("] ")[1] for line in self.end(it)}, {"fatal error"})

    def assertAllOver(self, it):
        """Unbound's own last word, and nothing else."""
        self.assertEqual([line.split(": ", 2)[0].split("] ")[1] for line in self.end(it)], ["fatal error"])


if __name__ == "__main__":
    unittest.main()
