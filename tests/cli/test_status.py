#!/usr/bin/python3 -B
"""postshield status, on counters files as the module writes them."""

import os
import shutil
import unittest

import program

HEARTBEAT = 1763726390  # ten seconds before program.NOW


class Status(program.Case):
    def setUp(self):
        super().setUp()
        self.build()
        self.digest = self.must(0, "index", "verify", "--json").json["digest"]
        os.utime(self.path("state/snapshot.ps"), (HEARTBEAT - 3600, HEARTBEAT - 3600))

    def counters(self, heartbeat=HEARTBEAT, digest=None, rejection=""):
        digest = self.digest if digest is None else digest
        rejected = f'postshield_snapshot_rejection_info{{reason="{rejection}"}} 1\n' if rejection else ""
        self.write("state/module.prom", f"""\
# HELP postshield_build_info The module's version.
# TYPE postshield_build_info gauge
postshield_build_info{{version="0.1.0"}} 1
postshield_start_time_seconds {HEARTBEAT - 7200}
postshield_heartbeat_timestamp_seconds {heartbeat}
postshield_snapshot_generation 3
postshield_snapshot_activation_timestamp_seconds {HEARTBEAT - 3599}
postshield_snapshot_activation_seconds 0.012345
postshield_snapshot_names 1204
postshield_snapshot_resident_bytes 30000
postshield_snapshots_rejected_total 0
postshield_snapshot_info{{digest="{digest}"}} 1
{rejected}postshield_decisions_total{{action="pass",policy=""}} 11990
postshield_decisions_total{{action="pass",policy="a.yaml"}} 10
postshield_decisions_total{{action="nxdomain",policy="a.yaml"}} 17
postshield_decisions_total{{action="log",policy=""}} 0
postshield_unjudged_total{{reason="no-snapshot"}} 2
postshield_late_blocks_total 3
postshield_rule_hits_total{{rule="staff-portal"}} 0
postshield_rule_hits_total{{rule="phishing"}} 17
postshield_rule_shadow_hits_total{{rule="phishing"}} 0
postshield_rule_shadow_hits_total{{rule="trial"}} 5
postshield_feed_hits_total{{feed="main"}} 17
postshield_feed_entries{{feed="main"}} 5
""")

    def status(self, code, *arguments, now=program.NOW):
        return self.must(code, "status", "--now", now, *arguments)

    def test_all_is_well(self):
        self.counters()
        self.assertEqual(self.status(0).out, f"""\
module     alive, heartbeat 10 s ago, version 0.1.0, started 2025-11-21T09:59:50Z
active     digest {self.digest[:16]}, generation 3, 1,204 names in 30,000 bytes, since 2025-11-21T10:59:51Z
on disk    the same, digest {self.digest[:16]}, {self.path("state/snapshot.ps")}
origin     published 60 min ago, 2025-11-21T10:59:50Z, by postshield build; earlier ones kept: 0
decisions  12,000 pass, 17 nxdomain
unjudged   2 let through

rule          hits  on trial
phishing        17         0
trial            0         5
staff-portal     0         0

feed  hits  entries
main    17        5
""")

    def test_groups_of_clients(self):
        self.counters()
        text = self.read("state/module.prom").decode()
        self.write("state/module.prom", text + 'postshield_group_queries_total{group=""} 11000\n'
                   'postshield_group_queries_total{group="counters"} 1017\n'
                   'postshield_group_blocked_total{group=""} 0\n'
                   'postshield_group_blocked_total{group="counters"} 17\n')
        self.assertTrue(self.status(0).out.endswith("""
group          queries  blocked
(in no group)   11,000        0
counters         1,017       17
"""), self.status(0).out)
        self.assertEqual(self.status(0, "--json").json["groups"], [
            {"id": None, "queries": 11000, "blocked": 0}, {"id": "counters", "queries": 1017, "blocked": 17}])

    def test_a_resolver_that_was_stopped(self):
        self.counters()
        text = self.read("state/module.prom").decode()
        self.write("state/module.prom", text + "postshield_running 1\n")
        self.assertIn("module     alive, ", self.status(0).out)
        self.write("state/module.prom", text + "postshield_running 0\n")
        result = self.status(1)
        self.assertIn("module     stopped, heartbeat 10 s ago", result.out)
        self.assertIn("the resolver was stopped 10 s ago", result.out + result.err)
        self.assertFalse(self.status(1, "--json").json["alive"])

    def test_top(self):
        self.counters()
        self.assertIn("trial        0         5\nand 1 more\n", self.status(0, "--top", "2").out)
        self.assertEqual(len(self.status(0, "--json", "--top", "1").json["rules"]), 1)
        self.assertNotIn("rule", self.status(0, "--top", "0").out)
        self.status(2, "--top", "many")

    def test_json(self):
        self.counters()
        found = self.status(0, "--json").json
        self.assertEqual(sorted(found), [
            "activation_microseconds", "activation_time", "alive", "counters", "decisions", "digest", "disk",
            "event_spool_bytes", "event_spool_failing", "events_open", "feeds",
            "generation", "groups", "heartbeat", "names", "origin", "problems", "rejected", "rejection", "relief", "resident_bytes",
            "rules", "seen", "silence_seconds", "start_time", "unjudged", "version"])
        self.assertEqual(found["activation_microseconds"], 12345)
        self.assertEqual((found["counters"]["late_blocks"], found["unjudged"]), (3, 2))
        self.assertEqual(found["decisions"]["nxdomain"], 17)
        self.assertEqual(found["disk"]["state"], "same")

    def problems(self, **keywords):
        found = self.status(1, "--json", **keywords).json["problems"]
        self.assertTrue(found)
        return " | ".join(found)

    def events(self, failing=0, dropped=0, removed=0):
        """What a module that keeps events writes besides."""
        self.counters()
        self.write("state/module.prom", self.read("state/module.prom").decode() + f"""\
postshield_events_total 1204
postshield_events_dropped_total {dropped}
postshield_events_open 3
postshield_event_records_total 1
postshield_event_records_removed_total {removed}
postshield_event_spool_bytes 20480
postshield_event_spool_failing {failing}
""")

    def test_events(self):
        self.counters()
        self.assertNotIn("events", self.status(0).out)
        self.events()
        self.assertIn("events     1,204 decisions in 1 record, 20,480 bytes kept\n", self.status(0).out)
        found = self.status(0, "--json").json
        self.assertEqual((found["events_open"], found["event_spool_bytes"], found["event_spool_failing"]),
                         (3, 20480, False))
        self.assertEqual(found["counters"]["events_dropped"], 0)

    def test_events_that_are_lost(self):
        self.events(dropped=1500, removed=7)
        self.assertIn(", 1,500 dropped, 7 records removed unread\n", self.status(0).out)
        self.events(failing=1)
        self.assertEqual(self.problems(), "events cannot be kept: the resolver's log says why")

    def test_origin(self):
        self.write("feeds/main.csv", program.FEED + "new.com,phishing,90,,\n")
        self.build()
        digest = self.must(0, "index", "verify", "--json").json["digest"]
        self.must(0, "rollback")
        self.counters()
        self.assertIn(f", by postshield rollback from {digest[:16]}: the next build publishes anew\n", self.status(0).out)
        self.assertEqual(self.status(0, "--json").json["origin"]["by"], "rollback")
        shutil.rmtree(self.path("state/generations"))
        self.assertIn(", not by postshield build in this folder\n", self.status(0).out)
        os.unlink(self.path("state/snapshot.ps"))
        self.assertNotIn("origin", self.status(1).out)

    def test_what_is_switched_off(self):
        self.counters()
        self.write("state/module.prom", self.read("state/module.prom") + b"postshield_disabled 1\n"
                   b"postshield_rules_disabled 2\n")
        self.assertEqual(self.problems(), "blocking is switched off for a while: postshield enable ends that | "
                                          "2 of the rules are switched off for a while")

    def test_never_run(self):
        self.assertEqual(self.problems(), "no module has run with this state folder")

    def test_silent(self):
        self.counters()
        self.assertIn("silent for 10 min", self.problems(now="2025-11-21T12:09:50Z"))
        self.assertIn("in the future", self.problems(now="2025-11-21T00:00:00Z"))

    def test_refused_snapshot(self):
        self.counters(digest="0" * 64, rejection="section 3 \\\"x\\\" overlaps \x1b[31m")
        found = self.problems()
        self.assertIn("does not go by the snapshot that lies here: it refused it: section 3 \"x\" overlaps \\x1B", found)
        self.assert_terminal_safe(self.status(1).out)

    def test_bad_snapshot_on_disk(self):
        self.counters()
        self.write("state/snapshot.ps", self.read("state/snapshot.ps")[:-5])
        self.assertIn("the snapshot is bad: ", self.problems())

    def test_no_snapshot_at_all(self):
        self.counters(digest="")
        os.remove(self.path("state/snapshot.ps"))
        found = self.problems()
        self.assertIn("every query passes", found)
        self.assertIn("there is no snapshot: run postshield build", found)

    def test_a_snapshot_just_published_is_no_problem(self):
        self.counters(digest="0" * 64)
        os.utime(self.path("state/snapshot.ps"), (HEARTBEAT, HEARTBEAT))
        self.assertEqual(self.status(0, "--json").json["disk"]["state"], "pending")

    def test_broken_counters_file(self):
        self.write("state/module.prom", "postshield_failures_total 1\nwhat is this {\n")
        self.assertRegex(self.status(2).err, r"module\.prom:2: is no line")
        self.write("state/module.prom", "postshield_heartbeat_timestamp_seconds NaN\npostshield_x_total -1e300\n")
        self.status(1)

    def test_missing_state_folder(self):
        self.must(1, "status", env={"POSTSHIELD_STATE": self.path("nowhere")})


if __name__ == "__main__":
    program.main()
