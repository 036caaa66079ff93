"""Events: what the module tells of its decisions, read by `postshield events` from the real resolver."""

import contextlib
import json
import os
import re
import resource
import shutil
import stat
import subprocess
import time

import stand
from stand import Case, Policy, await_

RULES = """\
answers:
  block-page: {sinkhole: {a: 192.0.2.80}, ttl: 60}
rules:
  - {id: watched, when: {name: {under: [www.usps.com]}}, then: log}
  - {id: fine, when: {name: {is: laposte.fr}}, then: pass}
  - {id: on-trial, mode: shadow, when: {name: {pattern: '^usps-'}}, then: refused}
  - {id: page, when: {name: {is: sink.evil.top}}, then: block-page}
  - {id: isac, when: {listed: {feeds: [isac]}}, then: nxdomain, tell: {ede: blocked, text: listed}}
  - {id: looks, when: {lookalike: {score: ">= 60"}}, then: nodata}
brands:
  usps: {names: [usps], domains: [usps.com]}
feeds:
  isac: {format: csv, path: isac.csv, columns: {name: name, category: category, confidence: confidence, reference: ref}, scope: subtree}
"""
ANSWERS = """\
rules:
  - {id: cloaked, when: {answer: {leads-to: {listed: {feeds: [isac]}}}}, then: nxdomain}
  - {id: taken, when: {answer: {address: [203.0.113.64/28]}}, then: log}
  - {id: served, when: {name: {under: [ups.com]}, server: {address: [127.0.0.0/8]}}, then: log}
  - {id: tried, mode: shadow, when: {answer: {leads-to: {name: {is: edge.hosting.net}}}}, then: nxdomain}
feeds:
  isac: {format: csv, path: isac.csv, columns: {name: name, category: category, confidence: confidence, reference: ref}, scope: subtree}
"""
LINES = """\
answers:
  block-page: {sinkhole: {a: 192.0.2.80}, ttl: 60}
rules:
  - {id: nx, when: {name: {is: nx.lines.evil.top}}, then: nxdomain}
  - {id: nodata, when: {name: {is: nodata.lines.evil.top}}, then: nodata}
  - {id: refused, when: {name: {is: refused.lines.evil.top}}, then: refused}

  - {id: page, when: {name: {is: page.lines.evil.top}}, then: block-page}
  - {id: short, when: {name: {is: short.lines.evil.top}}, then: truncate}
  - {id: logged, when: {name: {is: logged.lines.evil.top}}, then: log}
  - {id: drop, when: {name: {is: drop.lines.evil.top}}, then: drop}
  - {id: isac, when: {listed: {feeds: [isac]}}, then: nxdomain}
  - {id: on-trial, mode: shadow, when: {name: {is: laposte.fr}}, then: refused}
  - {id: looks, when: {lookalike: {score: ">= 60"}}, then: nodata}
  - {id: cloaked, when: {answer: {leads-to: {listed: {feeds: [isac]}}}}, then: nxdomain}
  - {id: tried, mode: shadow, when: {answer: {address: [198.51.100.0/24]}}, then: nxdomain}
brands:
  usps: {names: [usps], domains: [usps.com]}
feeds:
  isac: {format: csv, path: isac.csv, columns: {name: name, category: category, confidence: confidence, reference: ref}, scope: subtree}
"""
FEED = "name,category,confidence,ref\nevil.top,phishing,95,case-77\nusps-redelivery.top,malware,60,case-78\n"
WINDOW = 5.0


def policy(client=None, text=RULES):
    keep = f"events: {{client: {client}}}\n" if client else ""
    return Policy(text + keep, files={"isac.csv": FEED}, under=["evil.top", "usps-redelivery.top"])


def by_rule(events):
    found = {}
    for event in events:
        found.setdefault((event["rule"], event["name"]), []).append(event)
    return found


class Events(Case):
    def read(self, it, *options, code=0):
        """What `postshield events --json` prints."""
        done = subprocess.run([str(stand.PROGRAM), "events", "--json", *options], capture_output=True, text=True,
                              check=False, timeout=60, env={**stand.SANITIZER_ENV, **os.environ,
                                                            "POSTSHIELD_STATE": str(it.state)})
        self.assertEqual(done.returncode, code, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def settled(self, it):
        """Waits until no event is open; returns all that are there."""
        await_("events are sealed", lambda: it.counted("events_total") and it.sample("events_open") == 0, 40)
        return self.read(it)

    def ended(self, it):
        """Stops the resolver, which seals what is open; returns all that are there."""
        self.assertEqual(it.unbound.stop(60), 0)
        return self.read(it)

    def balance(self, it, events):
        """Every decision is in a record, or was dropped and counted."""
        self.assertEqual(sum(event["count"] for event in events) + it.sample("events_dropped_total"),
                         it.sample("events_total"))

    def test_every_kind_of_decision(self):
        it = self.shield(policy())
        self.assertResolves(it, "www.usps.com")
        it.query("laposte.fr")
        self.assertBlocked(it, "login.evil.top", "AAAA")
        self.assertResolves(it, "sink.evil.top")
        self.assertBlocked(it, "usps-redelivery.top")
        self.assertBlocked(it, "uspstrack.top", rcode="NOERROR")
        events = self.ended(it)
        self.balance(it, events)
        found = by_rule(events)
        self.assertEqual(sorted(found), [
            ("isac", "login.evil.top"), ("isac", "usps-redelivery.top"), ("looks", "uspstrack.top"),
            ("on-trial", "usps-redelivery.top"), ("page", "sink.evil.top"), ("watched", "www.usps.com")])
        self.assertTrue(all(len(them) == 1 and them[0]["count"] == 1 for them in found.values()))
        isac = found["isac", "login.evil.top"][0]
        digest = stand.digest_of(it.state / "snapshot.ps")
        self.assertEqual({key: isac[key] for key in ("action", "type", "kind", "mode", "feed", "listed", "category",
                                                     "confidence", "tlp", "reference", "ede", "group", "snapshot",
                                                     "client", "case")},
                         {"action": "nxdomain", "type": "AAAA", "kind": "listed", "mode": "enforce", "feed": "isac",
                          "listed": "evil.top", "category": "phishing", "confidence": 95, "tlp": "amber",
                          "reference": "case-77", "ede": 15, "group": None, "snapshot": digest[:16], "client": None,
                          "case": None})
        looks = found["looks", "uspstrack.top"][0]
        self.assertEqual((looks["kind"], looks["protected"], looks["action"]), ("lookalike", "usps", "nodata"))
        self.assertGreaterEqual(looks["score"], 60)
        trial = found["on-trial", "usps-redelivery.top"][0]
        self.assertEqual((trial["mode"], trial["action"], trial["kind"]), ("shadow", "refused", "pattern"))
        self.assertEqual(found["watched", "www.usps.com"][0]["action"], "log")
        self.assertEqual(found["page", "sink.evil.top"][0]["action"], "sinkhole")

    def test_a_storm_is_one_record(self):
        it = self.shield(policy(), threads=4)
        began = time.monotonic()
        waiting = [it.query_later("storm.evil.top") for _ in range(400)]
        for each in waiting:
            self.assertEqual(each.result().rcode, "NXDOMAIN")
        took = time.monotonic() - began
        events = self.ended(it)
        self.balance(it, events)
        self.assertEqual({event["name"] for event in events}, {"storm.evil.top"})
        # Some may have been asked again: what counts is what the resolver decided.
        self.assertEqual(sum(event["count"] for event in events), it.sample("decisions_total", action="nxdomain"))
        self.assertGreaterEqual(sum(event["count"] for event in events), 400)
        # One a window: on a machine that took longer, so many more as windows began.
        self.assertLessEqual(len(events), 1 + int(took / WINDOW))

    def test_clients_as_the_policy_says(self):
        for form, pattern in (("none", None), ("full", "127.0.0.1"), ("prefix", "127.0.0.0/24"), ("hash", "#")):
            with self.subTest(form):
                it = self.shield(policy(form))
                self.assertBlocked(it, "a.evil.top")
                (event,) = self.ended(it)
                if form == "none":
                    self.assertIsNone(event["client"])
                elif form == "hash":
                    self.assertRegex(event["client"], "^#[0-9a-f]{16}$")
                else:
                    self.assertEqual(event["client"], pattern)
                raw = b"".join(path.read_bytes() for path in (it.state / "events").glob("*.pse"))
                self.assertEqual(b"\x7f\x00\x00\x01" in raw, form == "full")

    def test_hashes_change_at_midnight(self):
        """Of one client they are one within a day (UTC), and nothing leads from one day's to the next day's."""
        it = self.idle_shield()
        later = it.unbound.folder / "later"

        def set_clock(second):
            """Of the day on which the test began, and on from there."""
            now = int(time.time())
            later.write_bytes((second - now % 86400).to_bytes(8, "little", signed=True))

        set_clock(86000)
        it.start(policy("hash"), env={"LATER": str(later), "LD_PRELOAD": str(stand.BUILD / "tests" / "later.so")})
        for day, second in enumerate((86000, 86405)):
            set_clock(second)
            for number in range(2):
                self.assertBlocked(it, f"n{day}{number}.evil.top")
            await_("both are kept", lambda: len(self.read(it)) == 2 * day + 2, 40)  # pylint: disable=W0640
        found = self.read(it)
        days = [event["first"][:10] for event in found]
        self.assertEqual((days[0], days[2]), (days[1], days[3]))
        self.assertLess(days[0], days[2])
        hashes = [event["client"] for event in found]
        self.assertEqual((hashes[0], hashes[2]), (hashes[1], hashes[3]))
        self.assertNotEqual(hashes[0], hashes[2])

    def test_groups_of_clients(self):
        """Which of the policy's groups asked; none where no rule wants to know."""
        text = RULES.replace("rules:\n", "rules:\n  - {id: theirs, when: {client: counters, name: {under: [b.evil.top]}}, "
                             "then: refused}\n") + "clients:\n  others: [192.0.2.0/24]\n  counters: [127.0.0.0/8]\n"
        it = self.shield(policy(text=text))
        self.assertBlocked(it, "b.evil.top", rcode="REFUSED")
        self.assertBlocked(it, "a.evil.top")
        found = {event["name"]: event for event in self.ended(it)}
        self.assertEqual((found["b.evil.top"]["rule"], found["b.evil.top"]["group"]), ("theirs", "counters"))
        self.assertEqual((found["a.evil.top"]["rule"], found["a.evil.top"]["group"]), ("isac", "counters"))

    def test_what_an_answer_led_to(self):
        """Beside the name that was asked: the name or address that made the rule hold, and what lists it."""
        it = self.shield(Policy(ANSWERS, files={"isac.csv": FEED}))
        for name in ("cloaked.shop.com", "deep.shop.com", "shared.hosting.net", "www.ups.com", "cdn.shop.com"):
            it.query(name)
        found = {(event["rule"], event["name"]): event for event in self.ended(it)}
        self.assertEqual({key: (event["found_kind"], event["found"], event["listed"], event["reference"])
                          for key, event in found.items()},
                         {("cloaked", "cloaked.shop.com"): ("target", "www.evil.top", "evil.top", "case-77"),
                          ("cloaked", "deep.shop.com"):
                              ("target", "www.usps-redelivery.top", "usps-redelivery.top", "case-78"),
                          ("taken", "shared.hosting.net"): ("address", "203.0.113.66", None, None),
                          ("served", "www.ups.com"): ("server-address", "127.0.0.1", "ups.com", None),
                          ("tried", "cdn.shop.com"): ("target", "edge.hosting.net", None, None)})
        self.assertEqual(found["tried", "cdn.shop.com"]["mode"], "shadow")
        self.assertEqual(found["cloaked", "deep.shop.com"]["kind"], "listed")

    def test_a_flood_leaves_room_for_others(self):
        """Names under one listed zone: some have records of their own, the rest has one with a count; what
        else is decided meanwhile has its own."""
        it = self.shield(policy())
        flood, rare = 3000, ("sink.evil.top", "uspstrack.top", "www.usps-redelivery.top", "www.usps.com")
        waiting = []
        for number in range(flood):
            waiting.append(it.query_later(f"{number}.flood.evil.top"))
            if number == flood - 100:
                waiting += [it.query_later(name) for name in rare]
        for each in waiting:
            each.result()
        events = self.ended(it)
        self.balance(it, events)
        self.assertEqual(it.sample("events_dropped_total"), 0)
        self.assertLess(len(events), flood)
        names = [event["name"] for event in events if event["scope"] == "name"]
        for name in rare:
            self.assertIn(name, names)
        many = [event for event in events if event["scope"] == "subtree"]
        self.assertEqual({(event["name"], event["rule"], event["listed"], event["feed"], event["reference"])
                          for event in many}, {("evil.top", "isac", "evil.top", "isac", "case-77")})

    def test_a_line_each(self):
        """Name, action, rule and the rule's place, with the same keys for every action; a rule on trial and
        what an answer led to are told behind them."""
        it = self.shield(Policy(LINES, files={"isac.csv": FEED}), config={"verbosity": 2})
        for name in ("nx", "nodata", "refused", "page", "short", "logged", "drop"):
            with contextlib.suppress(stand.NoAnswer):
                it.query(f"{name}.lines.evil.top", timeout=1)
        for name in ("a.evil.top", "uspstrack.top", "cloaked.shop.com", "shop.com", "laposte.fr"):
            it.query(name)
        self.assertEqual(it.unbound.stop(60), 0)
        found = [re.sub(r" at=/\S*/", " at=", line.partition("postshield: name=")[2])
                 for line in it.log().splitlines() if "postshield: name=" in line]
        text = it.policies[-1].text.split("\n")

        def line(name, action, rule, rest=""):
            number = next(n for n, line in enumerate(text, 1) if f"id: {rule}," in line)
            return f"{name}. type=1 action={action} rule={rule} at=test.postshield.yaml:{number}{rest}"

        wanted = [line("nx.lines.evil.top", "nxdomain", "nx"), line("nodata.lines.evil.top", "nodata", "nodata"),
                  line("refused.lines.evil.top", "refused", "refused"),
                  line("page.lines.evil.top", "sinkhole", "page"), line("short.lines.evil.top", "truncate", "short"),
                  line("logged.lines.evil.top", "log", "logged"), line("drop.lines.evil.top", "drop", "drop"),
                  line("a.evil.top", "nxdomain", "isac"), line("uspstrack.top", "nodata", "looks"),
                  line("cloaked.shop.com", "nxdomain", "cloaked", " found=target:www.evil.top"),
                  line("shop.com", "nxdomain", "tried", " mode=shadow found=address:198.51.100.10"),
                  line("laposte.fr", "refused", "on-trial", " mode=shadow")]
        self.assertEqual(sorted(set(found)), sorted(wanted))

    def test_reload_loses_nothing(self):
        it = self.shield(policy(), threads=2)
        for number in range(20):
            self.assertBlocked(it, f"n{number}.evil.top")
        it.unbound.reload()
        self.assertEqual(sorted(event["name"] for event in self.read(it)),
                         sorted(f"n{number}.evil.top" for number in range(20)))
        self.assertBlocked(it, "again.evil.top")
        it.unbound.stop()
        events = self.read(it)
        self.assertEqual(len(events), 21)
        self.assertEqual([event["serial"] for event in events], list(range(21)))

    def test_swap_keeps_what_the_old_rules_decided(self):
        it = self.shield(policy())
        self.assertBlocked(it, "a.evil.top")
        it.publish(policy(text=RULES.replace("id: isac", "id: other")))
        self.assertBlocked(it, "a.evil.top")
        found = by_rule(self.ended(it))
        self.assertEqual(sorted(found), [("isac", "a.evil.top"), ("other", "a.evil.top")])
        snapshots = {them[0]["snapshot"] for them in found.values()}
        self.assertEqual(len(snapshots), 2)
        # The reference is looked up in the snapshot that decided, and no other.
        self.assertIsNone(found["isac", "a.evil.top"][0]["reference"])
        self.assertEqual(found["other", "a.evil.top"][0]["reference"], "case-77")

    def test_killed(self):
        it = self.shield(policy())
        seen = 0
        for life in range(3):
            self.assertBlocked(it, f"kept{life}.evil.top")
            self.settled(it)
            it.unbound.kill()
            events = self.read(it)
            self.assertEqual(len(events), life + 1)
            seen = len(events)
            it.unbound.start(module=str(stand.MODULE), deadline=60)
        self.assertEqual(seen, 3)

    def failing(self, it, break_it, mend):
        """Answers go on; drops are counted; one line says why, and one that it is over."""
        break_it()
        for number in range(5):
            self.assertBlocked(it, f"lost{number}.evil.top")
        await_("events are dropped", lambda: it.counted("events_dropped_total") == 5, 40)
        for number in range(5):
            self.assertBlocked(it, f"more{number}.evil.top")
        await_("more events are dropped", lambda: it.counted("events_dropped_total") == 10, 40)
        self.assertEqual(it.sample("event_spool_failing"), 1)
        code, status = it.status()
        self.assertEqual(code, 1)
        self.assertIn("events", " ".join(status["problems"]))
        mend()
        self.assertBlocked(it, "kept.evil.top")
        await_("events are kept again", lambda: any(event["name"] == "kept.evil.top" for event in self.settled(it)), 40)
        self.assertEqual(it.said().count("events are dropped and counted"), 1, it.log())
        self.assertEqual(it.said().count("events are kept again"), 1, it.log())
        self.assertEqual(it.status()[0], 0)
        self.balance(it, self.read(it))

    def test_disk_that_fills(self):
        """What fits is kept whole, what does not is dropped and counted; then there is room again."""
        it = self.shield(policy())
        pid = it.unbound.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (32 * 1024, hard))
        for number in range(400):
            self.assertBlocked(it, f"n{number}.evil.top")
        events = self.settled(it)
        self.assertGreater(len(events), 150)
        self.assertLess(len(events), 300)
        self.balance(it, events)
        self.assertEqual(it.sample("event_spool_failing"), 1)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        self.assertBlocked(it, "kept.evil.top")
        events = self.ended(it)
        self.assertEqual(events[-1]["name"], "kept.evil.top")
        self.balance(it, events)
        self.assertEqual(it.log().count("events are dropped and counted"), 1, it.log())

    def test_folder_that_cannot_be(self):
        it = self.shield(policy())
        folder = it.state / "events"
        self.failing(it, lambda: folder.write_text("a file"), folder.unlink)

    def test_folder_that_is_not_ours(self):
        it = self.shield(policy())
        folder = it.state / "events"

        def take():
            folder.mkdir()
            (folder / "lock").mkdir()  # root is stopped by no mode

        self.failing(it, take, lambda: shutil.rmtree(folder))

    def test_modes(self):
        """The mode of folder and files: group may read and remove, others nothing."""
        it = self.shield(policy())
        self.assertBlocked(it, "a.evil.top")
        self.ended(it)
        folder = it.state / "events"
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o770)
        for path in folder.glob("*.pse"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o137, 0)

