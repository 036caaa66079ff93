#!/usr/bin/python3 -B
"""postshield build: what gets in, what is held, and what an interrupted build leaves."""

import concurrent.futures
import fcntl
import json
import os
import re
import resource
import time
import unittest

import program

HEAD = "name,category,confidence,until,ref\n"


def rows(count, stem="name"):
    return HEAD + "".join(f"{stem}{i}.com,phishing,90,,\n" for i in range(count))


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Build(program.Case):
    def feed(self, found, name="main"):
        return {feed["id"]: feed for feed in found.json["feeds"]}[name]

    def build_json(self, code=0, *arguments, **keywords):
        return self.build(code, "--json", *arguments, **keywords)

    def digest(self):
        return self.must(0, "index", "verify", "--json").json["digest"]

    # --- what gets in -----------------------------------------------------------------

    def test_table_and_closing_line(self):
        out = self.build().out
        digest = self.digest()
        out = re.sub(r"\d+\.\d s$", "0.0 s", out, flags=re.MULTILINE)
        out = re.sub(r"[\d,]+ bytes", "N bytes", out)
        self.assertEqual(out, f"""\
feed  read  kept  narrowed  trial  refused  by reason
main     9     5         1      1        4  1 bad-name, 1 expired, 1 public-suffix, 1 never
main: 1 popular name on trial, not blocked
    line 8: wikipedia.org
7 names, 8 rows, N bytes, 0.0 s
{self.path("state/snapshot.ps")}  digest {digest[:16]}  from policies
""")

    def test_verbose_shows_places(self):
        out = self.build(0, "--verbose").out
        self.assertIn("main: 1 public-suffix (is a public suffix, under which anybody registers names)\n"
                      "    line 9: co.uk\n", out)
        self.assertIn("main: 1 bad-name ", out)

    def test_places_are_five_at_most(self):
        self.write("feeds/main.csv", HEAD + "bad..name,phishing,80,,\n" * 7)
        found = self.feed(self.build_json())["refused_by_reason"]["bad-name"]
        self.assertEqual((found["count"], len(found["places"]), found["places"][0]["line"]), (7, 5, 2))

    def test_quiet_says_nothing_of_a_good_build(self):
        result = self.build(0, "--quiet")
        self.assertEqual((result.out, result.err), ("", ""))

    def test_json_keys(self):
        found = self.build_json().json
        self.assertEqual(sorted(found), [
            "diagnostics", "digest", "feeds", "file_bytes", "file_bytes_per_name", "gone_feeds", "lookup_bytes",
            "lookup_bytes_per_name", "names", "output", "policy", "prefixes", "published", "rows", "seconds"])
        self.assertEqual(sorted(found["feeds"][0]), [
            "id", "jump_percent", "kept", "limit_percent", "narrowed", "narrowed_names", "path", "popular", "previous", "read", "reason",
            "refused", "refused_by_reason", "state", "surplus", "trial", "trial_feed"])
        self.assertEqual(found["feeds"][0]["popular"], [{"line": 8, "excerpt": "wikipedia.org"}])
        self.assertTrue(found["published"])

    def test_never_below_leaves_the_name_itself_to_the_feeds(self):
        self.write("policies/main.postshield.yaml",
                   program.POLICY.replace("never: [upu.int]", 'never: ["*.below.com"]'))
        self.write("feeds/main.csv", HEAD + "below.com,phishing,90,,\nx.below.com,phishing,90,,\n")
        self.build()
        self.assertIn("BLOCK", self.run_program("explain", "below.com").out)
        self.assertIn("PASS   on the never list", self.run_program("explain", "x.below.com").out)

    def test_same_input_same_bytes(self):
        self.build()
        first = self.read("state/snapshot.ps")
        self.build()
        self.assertEqual(self.read("state/snapshot.ps"), first)

    def test_read_is_kept_and_refused(self):
        self.write("feeds/main.csv", program.FEED + program.FEED.split("\n", 1)[1])
        feed = self.feed(self.build_json())
        self.assertEqual(feed["refused_by_reason"]["duplicate"]["count"], 5)
        self.assertEqual(feed["read"], feed["kept"] + feed["refused"])

    def test_hosts_of_ours_are_never_blocked(self):
        policy = program.POLICY.replace('{a: 192.0.2.80, aaaa: "2001:db8::80"}', "{cname: block.ours.com}")
        policy = policy.replace("    format: csv\n", "    format: csv\n    publisher: feeds.isac.com\n")
        self.write("policies/main.postshield.yaml", policy)
        self.write("feeds/main.csv", HEAD + "".join(
            f"{name},phishing,90,,\n" for name in ("block.ours.com", "feeds.isac.com", "ours.com")))
        feed = self.feed(self.build_json())
        self.assertEqual((feed["kept"], feed["narrowed"], feed["refused_by_reason"]["never"]["count"]), (1, 1, 2))
        self.assertEqual([place["excerpt"] for place in feed["narrowed_names"]], ["ours.com"])
        self.assertRegex(self.build(0, "--verbose").out,
                         r"main: 1 subtree narrowed to the host itself: [^\n]*\n +.*ours\.com")

    def test_names_that_would_block_half_the_world(self):
        """RELIABILITY F3."""
        self.write("policies/main.postshield.yaml",
                   program.POLICY + "  wide: {format: plain, path: ../feeds/wide.txt, scope: subtree}\n")
        names = [".", "/", "com", "co.uk", "www.upu.int", "int", "localhost", "arpa", "*", "*.com", "github.io", "0",
                 "post", "http://", "-", "..", "com.", "xn--p1ai"]
        self.write("feeds/wide.txt", "\n".join(names))
        feed = self.feed(self.build_json(), "wide")
        self.assertEqual((feed["kept"], feed["read"]), (0, len(names)))

    def test_lines_without_end(self):
        self.write("feeds/main.csv", HEAD + "x" * (100 << 20) + "\nevil.com,phishing,90,,\n")
        memory = 256 << 20
        limit = {} if program.SANITIZED else {
            "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))}
        feed = self.feed(self.build_json(**limit))
        self.assertEqual((feed["kept"], feed["refused_by_reason"]["line-too-long"]["count"]), (1, 1))

    def test_addresses(self):
        policy = program.POLICY + "  net: {format: plain, path: ../feeds/net.txt}\n"
        self.write("policies/main.postshield.yaml", policy)
        self.write("feeds/net.txt", "192.0.2.0/24\n127.0.0.1\n2001:db8::1\n0.0.0.0/0\n")
        found = self.build_json()
        self.assertEqual((self.feed(found, "net")["kept"], found.json["prefixes"]), (2, 2))
        self.assertEqual(self.feed(found, "net")["refused_by_reason"]["local-address"]["count"], 2)

    def test_hostile_feed_text_stays_off_the_terminal(self):
        nasty = "\x1b[2J\x1b]0;own\x07\x7f\u009b31m\u202e"
        self.write("feeds/main.csv", HEAD + f"{nasty}.com,phishing,90,,\nevil.com,phishing,90,,{nasty}\n")
        result = self.build(0, "--verbose")
        self.assert_terminal_safe(result.out, result.err)
        self.assertIn("\\x1B", result.out)
        for arguments in (("build", "--json", "--now", program.NOW), ("explain", "evil.com"),
                          ("explain", "--json", "evil.com"), ("index", "lookup", "evil.com"),
                          ("index", "lookup", "--json", "evil.com")):
            with self.subTest(arguments):
                result = self.run_program(*arguments)
                self.assert_terminal_safe(result.out, result.err)
        status, output = self.run_on_terminal("explain", "evil.com")
        self.assertEqual(status, 1)
        for sequence in re.findall(rb"\x1b.?[^m]*m?", output):
            self.assertRegex(sequence, rb"^\x1b\[[0-9;]*m$")

    # --- the policy ---------------------------------------------------------------------

    def test_bad_policy_writes_nothing(self):
        self.build()
        before = self.read("state/snapshot.ps")
        self.write("policies/bad.postshield.yaml", "postshield: 1\nneverr: []\n")
        self.assertIn("error[PS014]", self.build(2).err)
        found = self.build_json(2).json
        self.assertEqual((found["published"], found["diagnostics"][0]["code"]), (False, "PS014"))
        self.assertEqual(self.read("state/snapshot.ps"), before)

    def test_accept_of_an_unknown_feed(self):
        self.assertIn("there is no feed 'mian': did you mean 'main'?", self.build(2, "--accept", "mian").err)
        self.assertEqual(self.files(), [])

    # --- jumps ----------------------------------------------------------------------------

    def test_growth_over_the_limit_is_held_until_accepted(self):
        self.write("feeds/main.csv", rows(100))
        self.build()
        self.write("feeds/main.csv", rows(301, "other"))
        result = self.build(1)
        self.assertIn("main held: grew 201 %, limit 200 %; its last 100 entries stay; "
                      "postshield build --accept main takes it\n", result.out)
        self.must(1, "explain", "name7.com")
        self.must(0, "explain", "other7.com")
        info = self.must(0, "index", "info", "--json").json["feeds"][0]
        self.assertEqual((info["held"], info["kept"], info["read"]), (True, 100, 301))
        self.assertIn("main held: grew 201 %", self.build(1, "--quiet").err)
        feed = self.feed(self.build_json(1))
        self.assertEqual((feed["state"], feed["jump_percent"], feed["limit_percent"], feed["previous"]),
                         ("held", 201, 200, 100))
        self.assertIn("main accepted: grew 201 %", self.build(0, "--accept", "main").out)
        self.must(1, "explain", "other7.com")
        self.must(0, "explain", "name7.com")
        self.assertFalse(self.must(0, "index", "info", "--json").json["feeds"][0]["held"])

    def test_growth_at_the_limit_is_taken(self):
        self.write("feeds/main.csv", rows(100))
        self.build()
        self.write("feeds/main.csv", rows(300))
        self.build()

    def test_shrinking_over_the_limit_is_held(self):
        self.write("feeds/main.csv", rows(101))
        self.build()
        self.write("feeds/main.csv", rows(50))
        self.assertIn("main held: shrank 51 %, limit 50 %", self.build(1).out)
        self.must(1, "explain", "name100.com")

    def test_limits_are_the_feeds_own(self):
        self.write("policies/main.postshield.yaml", program.POLICY + "    limits: {shrink: 5%, grow: 10%}\n")
        self.write("feeds/main.csv", rows(100))
        self.build()
        for count, code in ((94, 1), (95, 0)):
            self.write("feeds/main.csv", rows(count))
            self.build(code)
        self.write("feeds/main.csv", rows(100))
        self.build()
        for count, code in ((111, 1), (110, 0)):
            self.write("feeds/main.csv", rows(count))
            self.build(code)

    def test_small_feeds_jump_freely_but_never_to_nothing(self):
        self.write("feeds/main.csv", rows(99))
        self.build()
        self.write("feeds/main.csv", rows(3))
        self.build()
        self.write("feeds/main.csv", HEAD)
        self.assertIn("main held: is empty, had 3; its last 3 entries stay", self.build(1).out)
        self.must(1, "explain", "name1.com")
        self.build(0, "--accept", "main")
        self.must(0, "explain", "name1.com")

    def test_a_clock_ten_years_off_is_a_jump(self):
        self.write("feeds/main.csv", HEAD + "".join(
            f"name{i}.com,phishing,90,2026-01-01T00:00:00Z,\n" for i in range(120)))
        self.build()
        self.build(1, now="2035-11-21")
        self.must(1, "explain", "--now", program.NOW, "name7.com")

    def test_carried_entries_meet_todays_guard(self):
        self.write("feeds/main.csv", rows(100))
        self.build()
        self.write("feeds/main.csv", HEAD)
        policy = program.POLICY.replace("never: [upu.int]", "never: [upu.int, name7.com]")
        self.write("policies/main.postshield.yaml", policy.replace("[laposte.fr]", "[laposte.fr, sub.name8.com]"))
        feed = self.feed(self.build_json(1))
        self.assertEqual((feed["kept"], feed["narrowed"]), (99, 1))
        self.must(0, "explain", "name7.com")
        self.must(0, "explain", "below.name8.com")
        self.must(1, "explain", "below.name9.com")

    # --- feeds that cannot be read ------------------------------------------------------------

    def test_broken_feed_keeps_its_last_entries(self):
        self.build()
        breaks = {
            "missing": lambda: os.remove(self.path("feeds/main.csv")),
            "no such column": lambda: self.write("feeds/main.csv", "host\nevil.com\n"),
            "a folder": lambda: os.mkdir(self.path("feeds/main.csv")),
        }
        for name, act in breaks.items():
            with self.subTest(name):
                act()
                result = self.build(1)
                self.assertRegex(result.out, r"main stale: cannot be read: .*; its last 5 entries stay\n")
                self.assertEqual(self.feed(self.build_json(1))["state"], "stale")
                self.must(1, "explain", "evil.com")
                if os.path.isfile(self.path("feeds/main.csv")):
                    os.remove(self.path("feeds/main.csv"))

    def test_feed_that_breaks_half_way_is_not_half_applied(self):
        policy = program.POLICY + "  json: {format: stix, path: ../feeds/json.json, category: phishing}\n"
        self.write("policies/main.postshield.yaml", policy.replace("feeds: [main]", "feeds: [main, json]"))
        one = {"type": "indicator", "spec_version": "2.1", "id": "indicator--5c0a6b1e-0001-4000-8000-000000000001",
               "created": "2025-01-01T00:00:00Z", "modified": "2025-01-01T00:00:00Z", "pattern_type": "stix",
               "valid_from": "2025-01-01T00:00:00Z", "confidence": 90, "indicator_types": ["malicious-activity"],
               "pattern": "[domain-name:value = 'half.com']"}
        text = json.dumps({"type": "bundle", "id": "bundle--5c0a6b1e-0001-4000-8000-000000000002", "objects": [one]})
        self.write("feeds/json.json", text[:-3])
        result = self.build(1)
        self.assertRegex(result.out, r"json empty: cannot be read: .*; it has no last entries, so nothing")
        self.assertEqual(self.must(1, "index", "lookup", "half.com").out, "half.com: no entry covers it\n")
        self.write("feeds/json.json", text)
        self.build()
        self.must(0, "index", "lookup", "half.com")
        self.write("feeds/json.json", text[:-3])
        self.build(1)
        self.must(0, "index", "lookup", "half.com")

    def test_no_feed_at_all_still_builds_the_rules(self):
        os.remove(self.path("feeds/main.csv"))
        self.assertIn("main empty: cannot be read", self.build(1).out)
        self.must(1, "explain", "parcel-123456.com")
        self.must(0, "index", "lookup", "upu.int")

    def test_feed_that_left_the_policy_is_told(self):
        self.build()
        self.write("policies/main.postshield.yaml", "postshield: 1\nnever: [upu.int]\n")
        self.assertIn("main is no longer in the policy: its 5 entries are gone\n", self.build().out)

    def test_bad_last_snapshot_is_told_and_replaced(self):
        self.build()
        good = self.read("state/snapshot.ps")
        self.write("state/snapshot.ps", good[:-1])
        self.assertIn("warning: the last snapshot does not open", self.build().err)
        self.assertEqual(self.read("state/snapshot.ps"), good)

    def test_strict_leaves_a_marker(self):
        self.build()
        self.assertNotIn("strict", self.files())
        text = self.read("policies/main.postshield.yaml").decode()
        self.write("policies/main.postshield.yaml", text + "strict: yes\n")
        self.build(0, "--output", self.path("trial.ps"))
        self.assertNotIn("strict", self.files())
        self.build()
        self.assertIn("strict", self.files())
        self.build()
        self.write("policies/main.postshield.yaml", text + "strict: no\n")
        self.build()
        self.assertNotIn("strict", self.files())
        self.write("policies/other.postshield.yaml", "postshield: 1\nstrict: yes\n")
        self.assertIn("'strict' stands in two files", self.build(2).err)

    # --- build.prom ---------------------------------------------------------------------------

    def metrics(self):
        """{(name, feed or None): number}"""
        found = {}
        for line in self.read("state/build.prom").decode("ascii").splitlines():
            if not line.startswith("#"):
                name, _, labels, number = re.fullmatch(r'postshield_(\w+)(\{feed="([^"]*)"\})? (\S+)', line).groups()
                found[name, labels] = float(number)
        return found

    def test_times_of_feeds(self):
        """A feed that jumps, is gone, and comes back: when it was last taken, and how often it was not."""
        self.write("feeds/main.csv", rows(100))
        os.utime(self.path("feeds/main.csv"), (1600000000, 1600000000))
        self.build()
        found = self.metrics()
        now = int(found["build_last_success_timestamp_seconds", None])
        self.assertEqual(at(now), program.NOW)
        self.assertEqual((found["build_last_success_timestamp_seconds", None],
                          found["feed_last_success_timestamp_seconds", "main"],
                          found["feed_failures_total", "main"], found["feed_modified_timestamp_seconds", "main"],
                          found["feed_offered_entries", "main"], found["feed_refused_entries", "main"]),
                         (now, now, 0, 1600000000, 100, 0))
        self.assertGreaterEqual(found["build_duration_seconds", None], 0)
        self.write("feeds/main.csv", rows(301))
        self.must(1, "build", "--now", at(now + 60))
        os.unlink(self.path("feeds/main.csv"))
        self.must(1, "build", "--now", at(now + 120))
        found = self.metrics()
        self.assertEqual((found["build_last_success_timestamp_seconds", None],
                          found["feed_last_success_timestamp_seconds", "main"],
                          found["feed_failures_total", "main"], found["feed_modified_timestamp_seconds", "main"]),
                         (now + 120, now, 2, 0))
        self.write("feeds/main.csv", rows(101) + "com,phishing,90,,\n")
        self.must(0, "build", "--now", at(now + 180))
        found = self.metrics()
        self.assertEqual((found["feed_last_success_timestamp_seconds", "main"], found["feed_failures_total", "main"],
                          found["feed_offered_entries", "main"], found["feed_refused_entries", "main"]),
                         (now + 180, 2, 102, 1))

    def test_metrics_that_cannot_be_read_begin_anew(self):
        self.build()
        for text in ("", "what is this {\n", 'postshield_feed_failures_total{feed="main"} 7\n{', "\0" * 100):
            self.write("state/build.prom", text)
            self.build()
            self.assertEqual(self.metrics()["feed_failures_total", "main"], 0, text)

    def test_metrics_that_cannot_be_written_are_a_warning(self):
        os.mkdir(self.path("state/build.prom"))
        self.assertIn("warning: the snapshot is in place, but its metrics are not: ", self.build(0).err)
        self.assertEqual(self.files(), [".build.lock", "build.prom", "generations", "snapshot.ps"])

    def test_other_outputs_have_no_metrics(self):
        self.must(0, "build", "--now", program.NOW, "--output", self.path("state/other.ps"))
        self.assertEqual(self.files(), [".build.lock", "other.ps"])

    # --- outside systems ------------------------------------------------------------------------

    def assert_untouched(self, before, result):
        self.assertEqual(self.read("state/snapshot.ps"), before)
        self.assertEqual(self.files(), [".build.lock", "build.prom", "generations", "snapshot.ps"])
        self.assertEqual(len(result.err.strip().splitlines()), 1, result.err)
        self.assertNotIn(".new", result.err)

    def test_full_disk(self):
        self.build()
        before = self.read("state/snapshot.ps")
        self.write("feeds/main.csv", rows(5000))
        limit = 65536
        result = self.build(3, "--accept", "main",
                            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.assertIn("state/snapshot.ps: ", result.err)
        self.assertIn("(File too large)", result.err)
        self.assert_untouched(before, result)

    def test_system_calls_that_fail(self):
        self.build()
        before = self.read("state/snapshot.ps")
        self.write("feeds/main.csv", program.FEED + "new.com,phishing,90,,\n")
        for call, number, error in (("fsync", 1, "EIO"), ("fsync", 1, "ENOSPC"), ("rename", 1, "EIO"),
                                    ("rename", 2, "EACCES"), ("memfd_create", 2, "EMFILE"),
                                    ("fchmod", 1, "EPERM")):
            with self.subTest(call=call, number=number, error=error):
                result = self.build(3, before=("strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                               f"inject={call}:error={error}:when={number}"))
                self.assert_untouched(before, result)

    def test_killed_at_every_step(self):
        """A kill at each system call that touches the file: old or new, whole; and the
        next build clears away what was left."""
        self.build()
        old = self.read("state/snapshot.ps")
        self.write("feeds/main.csv", program.FEED + "new.com,phishing,90,,\n")
        self.build()
        new = self.read("state/snapshot.ps")
        calls = ("flock", "openat", "memfd_create", "write", "fchmod", "fsync", "rename", "unlink", "close")
        kills = 0
        for call in calls:
            for number in range(1, 200):
                self.write("state/snapshot.ps", old)
                result = self.run_program(
                    "build", "--now", program.NOW, before=(
                        "strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                        f"inject={call}:signal=KILL:when={number}"))
                if result.code == 0:
                    break
                kills += 1
                self.assertIn(self.read("state/snapshot.ps"), (old, new), (call, number))
        self.assertGreater(kills, 20)
        self.build()
        self.assertEqual(self.read("state/snapshot.ps"), new)
        self.assertEqual(self.files(), [".build.lock", "build.prom", "generations", "snapshot.ps"])

    def test_output_that_cannot_be_written(self):
        for output, code, text in (("nowhere/snapshot.ps", 3, "cannot write in its folder (No such file"),
                                   ("state", 2, "state: is a folder, not a file"),
                                   ("state/", 2, "names a folder, not a file"),
                                   ("/dev/null", 2, "/dev/null: is not a regular file")):
            with self.subTest(output):
                self.assertIn(text, self.build(code, "--output", output).err)
        self.assertTrue(os.path.exists("/dev/null"))

    def test_two_builds_take_turns(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = list(pool.map(lambda _: self.run_program("build", "--now", program.NOW), range(4)))
        self.assertEqual([result.code for result in results], [0] * 4)
        self.must(0, "index", "verify")
        with open(self.path("state/.build.lock"), "r+b") as lock, concurrent.futures.ThreadPoolExecutor(1) as pool:
            fcntl.flock(lock, fcntl.LOCK_EX)
            waiting = pool.submit(self.run_program, "build", "--now", program.NOW)
            time.sleep(0.3)  # so long that it has asked for the lock at least once
            self.assertFalse(waiting.done())
            fcntl.flock(lock, fcntl.LOCK_UN)
            self.assertIn("waited for another build to end", waiting.result(60).err)

    def test_progress_only_on_a_terminal(self):
        self.write("feeds/main.csv", rows(400000))
        status, output = self.run_on_terminal("build", "--now", program.NOW)
        self.assertEqual(status, 0)
        self.assertRegex(output, rb"\rmain: [\d,]+ entries +\r")
        status, output = self.run_on_terminal("build", "--quiet", "--now", program.NOW)
        self.assertEqual((status, output), (0, b""))
        self.assertEqual(self.build().err, "")


if __name__ == "__main__":
    program.main()
