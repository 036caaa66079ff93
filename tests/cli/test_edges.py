#!/usr/bin/python3 -B
"""What seldom happens: calls that the system refuses, paths that are too long, streams that are
closed, and texts for states in which few resolvers ever are."""

import json
import os
import struct
import unittest

import program

HEAD = "name,category,confidence,until,ref\n"
NEXT = program.POLICY.rstrip("\n") + "\n"


def failing(call, number, what="error=EIO", path=None):
    """strace that lets the n-th such call fail; path: of those on this file alone."""
    only = ("-P", path) if path else ()
    return ("strace", "-qq", "-o", "/dev/null", *only, "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={number}")


class Publication(program.Case):
    def setUp(self):
        super().setUp()
        self.build()
        self.before = self.read("state/snapshot.ps")
        self.write("feeds/main.csv", program.FEED + "new.com,phishing,90,,\n")

    def assert_old(self, result, text):
        self.assertIn(text, result.err)
        self.assertEqual(self.read("state/snapshot.ps"), self.before)
        self.assertEqual(self.files(), [".build.lock", "build.prom", "generations", "snapshot.ps"])

    def test_lock_that_cannot_be_had(self):
        result = self.build(3, before=failing("flock", 1, "error=ENOLCK"))
        self.assert_old(result, "cannot lock its folder for building (No locks available)")

    def test_interrupted_lock_is_asked_for_again(self):
        self.build(0, before=failing("flock", 1, "error=EINTR"))
        self.assertNotEqual(self.read("state/snapshot.ps"), self.before)

    def test_folder_that_cannot_be_listed_keeps_what_a_killed_build_left(self):
        self.write("state/.snapshot.ps.new", "left")
        self.write("state/..snapshot.ps.new.aaaaaa", "left")
        self.build(0, before=failing("openat", 1, "error=EACCES", self.path("state")))
        self.assertIn("..snapshot.ps.new.aaaaaa", self.files())
        self.build()
        self.assertEqual(self.files(), [".build.lock", "build.prom", "generations", "snapshot.ps"])

    def test_only_what_a_build_leaves_is_cleared_away(self):
        ours = [".snapshot.ps.new", "..snapshot.ps.new.Ab3xyz"]
        others = ["..snapshot.ps.new", "..snapshot.ps.new.short", "..snapshot.ps.newer123", "..snapshot.ps.new.toolong",
                  ".other.ps.new", "..other.ps.new.Ab3xyz", "x.snapshot.ps.new.Ab3xy"]
        for name in ours + others:
            self.write(f"state/{name}", "x")
        self.build()
        self.assertEqual(self.files(), sorted([".build.lock", "build.prom", "generations", "snapshot.ps", *others]))

    def test_folder_that_cannot_be_synced(self):
        """The new file is in its place by then: that is said, and is an error all the same."""
        for before in (failing("openat", 3, "error=EACCES", self.path("state")), failing("fsync", 3)):
            self.write("state/snapshot.ps", self.before)
            result = self.build(3, before=before)
            self.assertIn("is in place, but its folder could not be synced", result.err)
            self.assertNotEqual(self.read("state/snapshot.ps"), self.before)
            self.must(0, "index", "verify")

    def test_what_does_not_read_back_is_not_published(self):
        beside = self.path("state/.snapshot.ps.new")
        result = self.build(3, before=failing("pread64", 2, "retval=0", beside))
        self.assert_old(result, "became shorter while it was read")

    def test_output_in_the_folder_here(self):
        self.build(0, "--output", "here.ps")
        self.assertIn("here.ps", os.listdir(self.folder))
        self.must(0, "index", "verify", "--snapshot", "here.ps")

    def test_paths_that_are_too_long(self):
        for output, text in (("x" * 5000, "the output's path is too long"), ("x" * 240, "is too long a path"),
                             ("d/" * 2020 + "x", "is too long a path")):
            self.assertIn(text, self.build(2, "--output", output).err)
        self.assertIn("the snapshot's path is too long", self.must(2, "index", "info", "--snapshot", "x" * 5000).err)
        for arguments in (("build", "--now", program.NOW), ("index", "info"), ("status",)):
            result = self.must(2, *arguments, env={"POSTSHIELD_STATE": "x" * 4090})
            self.assertIn("the state folder's path is too long", result.err)


class Feeds(program.Case):
    """What the ledger tells of feeds."""

    def test_several_refusals_are_told_most_first(self):
        self.write("feeds/main.csv", HEAD + "a..b,phishing,9,,\n" + "com,phishing,9,,\n" * 2
                   + "".join(f"old{i}.com,phishing,9,2020-01-01T00:00:00Z,\n" for i in range(3)))
        self.assertRegex(self.build().out, r"(?m)^main +6 +0 +6  3 expired, 2 root-or-tld, 1 bad-name$")

    def test_surplus_rows_of_one_name(self):
        self.write("feeds/main.csv", HEAD + "".join(f"evil.com,phishing,{i},,\n" for i in range(40)))
        self.assertRegex(self.build().out, r"(?m)^main +40 +32 +8  8 surplus$")
        self.write("feeds/main.csv", HEAD + "bad..name,phishing,1,,\n"
                   + "".join(f"evil.com,phishing,{i},,\n" for i in range(34)))
        self.assertRegex(self.build().out, r"(?m)^main +35 +32 +3  1 bad-name, 2 surplus$")

    def test_duplicates_have_no_place_to_show(self):
        self.write("feeds/main.csv", HEAD + "evil.com,phishing,90,,\n" * 3)
        result = self.build(0, "--verbose")
        self.assertIn("2 duplicate", result.out)
        self.assertNotIn("    line", result.out)

    def test_long_and_empty_excerpts(self):
        self.write("feeds/main.csv", HEAD + "a" * 3000 + "!,phishing,90,,\n,phishing,90,,\n")
        feed = self.build(0, "--json").json["feeds"][0]
        self.assertEqual(feed["refused"], 2)
        self.assertLess(len(feed["refused_by_reason"]["bad-name"]["places"][0]["excerpt"]), 300)

    def test_feed_on_trial(self):
        self.write("policies/main.postshield.yaml", NEXT + "    trial: yes\n")
        self.write("feeds/main.csv", HEAD + "evil.com,phishing,90,,\nwikipedia.org,phishing,90,,\n")
        self.assertRegex(self.build().out, r"(?m)^main +2 +2 +2  on trial +0$")
        self.must(0, "explain", "--now", program.NOW, "evil.com")
        out = self.must(0, "index", "info").out
        self.assertRegex(out, r"(?m)^  main .* on trial$")
        self.assertIn("  trial  ", self.must(0, "index", "lookup", "evil.com").out)
        self.write("feeds/main.csv", HEAD)
        self.build(1)
        self.assertRegex(self.must(0, "index", "info").out, r"(?m)^  main .* held, on trial$")
        found = self.build(0, "--json", "--accept", "main").json["feeds"][0]
        self.assertEqual((found["state"], found["reason"]), ("accepted", "is empty, had 2"))

    def test_feed_that_left_the_policy_is_told_in_json(self):
        self.build()
        self.write("policies/main.postshield.yaml", "postshield: 1\nnever: [upu.int]\n")
        self.assertEqual(self.build(0, "--json").json["gone_feeds"], ["main"])

    def test_feed_that_is_new_beside_an_older_one(self):
        self.build()
        self.write("policies/main.postshield.yaml", NEXT + "  late: {format: plain, path: ../feeds/late.txt}\n")
        self.write("feeds/late.txt", "late.com\n")
        feeds = {feed["id"]: feed for feed in self.build(0, "--json").json["feeds"]}
        self.assertEqual((feeds["late"]["state"], feeds["late"]["previous"], feeds["main"]["previous"]),
                         ("fresh", 0, 5))

    def test_accept_of_both(self):
        self.write("policies/main.postshield.yaml", NEXT + "  late: {format: plain, path: ../feeds/late.txt}\n")
        self.write("feeds/late.txt", "late.com\n")
        self.build()
        self.write("feeds/late.txt", "")
        self.write("feeds/main.csv", HEAD)
        out = self.build(0, "--accept", "late", "--accept", "main").out
        self.assertIn("late accepted: ", out)
        self.assertIn("main accepted: ", out)

    def test_six_popular_names_of_which_five_are_shown(self):
        names = [f"popular{i}.org" for i in range(6)]
        self.write("policies/main.postshield.yaml", program.POLICY.replace("[wikipedia.org]", f"[{', '.join(names)}]"))
        self.write("feeds/main.csv", HEAD + "".join(f"{name},phishing,90,,\n" for name in names))
        out = self.build().out
        self.assertIn("main: 6 popular names on trial, not blocked\n", out)
        self.assertEqual(out.count("    line "), 5)

    def test_six_refusals_of_which_five_are_shown(self):
        self.write("feeds/main.csv", HEAD + "".join(f"bad..{i},phishing,90,,\n" for i in range(6)))
        out = self.build(0, "--verbose").out
        self.assertEqual(out.count("    line "), 5)

    def test_refusals_of_a_sorted_kind_without_lines(self):
        self.write("policies/main.postshield.yaml", NEXT + "  rest: {format: stix, path: ../feeds/rest.json}\n")
        self.write("feeds/rest.json", '{"type":"bundle","id":"bundle--5c0a6b1e-0001-4000-8000-000000000002","objects":['
                   + ",".join(['{"type":"malware"}'] * 3) + "]}")
        out = self.build(0, "--verbose").out
        self.assertIn("rest: 3 unsupported-type ", out)
        self.assertIn("    line 1: malware\n", out)

    def test_accept_of_nothing_like_a_feed(self):
        self.assertIn("there is no feed 'zzzzzzzz'\n", self.build(2, "--accept", "zzzzzzzz").err)

    def test_accept_of_one_of_two(self):
        self.write("policies/main.postshield.yaml", NEXT + "  late: {format: plain, path: ../feeds/late.txt}\n")
        self.write("feeds/late.txt", "late.com\n")
        self.build()
        self.write("feeds/late.txt", "")
        self.write("feeds/main.csv", HEAD)
        result = self.build(1, "--accept", "late")
        self.assertIn("late accepted: is empty, had 1; accepted\n", result.out)
        self.assertIn("main held: is empty, had 5", result.out)


class Information(program.Case):
    def test_rules_without_conditions_and_with_two(self):
        self.write("policies/main.postshield.yaml", """\
postshield: 1
answers:
  wall: {sinkhole: {cname: walled.example}}
rules:
  - {id: both, when: {listed: any, name: {pattern: '^x'}}, then: wall}
  - {id: part, when: {listed: {feeds: main, confidence: "<= 40"}}, then: log}
  - {id: all, when: everything, then: log}
feeds:
  main: {format: csv, path: ../feeds/main.csv, columns: {name: name, valid-from: until}}
""")
        self.write("feeds/main.csv", HEAD + "late.com,,,2030-01-01T00:00:00Z,\n"
                   + "".join(f"n{i}.com,,,,\n" for i in range(1200)))
        self.build()
        out = self.must(0, "index", "info").out
        self.assertRegex(out, r"(?m)^  both .* name matches \^x \(and 1 more\)$")
        self.assertRegex(out, r"(?m)^  part .* listed by main, confidence 0 to 40$")
        self.assertRegex(out, r"(?m)^  all .* every query$")
        self.assertRegex(out, r"(?m)^  wall +sinkhole .* CNAME walled\.example$")
        self.assertRegex(out, r"(?m)^lookup +[\d,]+ bytes, [\d.]+ a name \(what the resolver holds\)$")
        out = self.must(0, "explain", "--now", program.NOW, "late.com").out
        self.assertIn(", only from 2030-01-01T00:00:00Z", out)
        self.assertIn("main lists it only from 2030-01-01T00:00:00Z", out)
        self.assertIn("2030-01-01T00:00:00Z", self.must(0, "index", "lookup", "late.com").out)

    def test_errors_and_warnings_in_several_files(self):
        for name in ("a", "b"):
            self.write(f"policies/{name}.postshield.yaml", f"postshield: 1\nneverr: [{name}.com]\n"
                       f"rules: [{{id: {name}, when: {{name: {{pattern: '{name.upper()}'}}}}, then: log}}]\n")
        err = self.must(2, "check").err
        self.assertEqual(err.splitlines()[-2], "2 errors, 2 warnings in 2 files")
        found = self.must(2, "check", "--json").json
        self.assertEqual([item["other"] for item in found["diagnostics"]], [None] * 4)

    def test_wide_ids_keep_to_their_column(self):
        long = "r" * 60
        self.write("policies/main.postshield.yaml", program.POLICY.replace("id: staff-portal", f"id: {long}"))
        self.build()
        self.assertIn(f"{long}  it is not among the rule's names", self.must(0, "explain", "quiet.com").out)

    def test_snapshot_without_names(self):
        self.write("policies/main.postshield.yaml", "postshield: 1\nrules: [{id: a, when: everything, then: log}]\n")
        self.build()
        self.assertEqual(self.must(0, "index", "info", "--json").json["file_bytes_per_name"], 0)

    def test_listed_in_another_category(self):
        self.write("feeds/main.csv", HEAD + "bad.com,malware,90,,\n")
        self.build()
        out = self.must(0, "explain", "--now", program.NOW, "bad.com").out
        self.assertIn("main lists it as malware, another category", out)

    def test_lookup_of_what_a_later_rule_names(self):
        self.write("policies/main.postshield.yaml", program.POLICY.replace("rules:\n", """rules:
  - {id: first, when: {listed: any, name: {under: [a.com, b.com]}}, then: log}
  - {id: second, when: {name: {below: c.com}}, then: log}
"""))
        self.build()
        for name, rule in (("b.com", "first"), ("x.c.com", "second"), ("portal.shop.com", "staff-portal")):
            self.assertIn(f"  rule {rule}  ", self.must(0, "index", "lookup", name).out)
        self.must(1, "index", "lookup", "c.com")

    def test_lookup_of_nothing(self):
        self.build()
        self.assertEqual(self.must(2, "index", "lookup", "").err,
                         "postshield index: error: the name is empty; the root is '.'\n")

    def test_verify_of_a_newer_version_and_of_a_folder(self):
        self.build()
        image = bytearray(self.read("state/snapshot.ps"))
        image[8:12] = struct.pack("<I", struct.unpack("<I", image[8:12])[0] + 1)
        self.write("newer.ps", bytes(image))
        self.assertIn("bad  newer.ps: ", self.must(1, "index", "verify", "--snapshot", "newer.ps").out)
        found = self.must(1, "index", "verify", "--json", "--snapshot", "state").json
        self.assertEqual((found["good"], found["offset"]), (False, None))
        os.symlink("loop.ps", self.path("loop.ps"))
        self.must(3, "index", "verify", "--snapshot", "loop.ps")


class Health(program.Case):
    """What status says in words of states that its other tests look at as JSON."""

    def status(self, code, *arguments):
        return self.must(code, "status", "--now", program.NOW, *arguments)

    def counters(self, *lines, digest="0" * 64):
        self.write("state/module.prom", "postshield_heartbeat_timestamp_seconds 1763726390\n"
                   + f'postshield_snapshot_info{{digest="{digest}"}} 1\n' + "".join(line + "\n" for line in lines))

    def test_snapshot_on_disk_in_words(self):
        self.assertIn("on disk    none, ", self.status(1).out)
        self.build()
        self.assertIn("on disk    good, not in use, digest ", self.status(1).out)
        self.counters()
        os.utime(self.path("state/snapshot.ps"), (1763726389, 1763726389))
        self.assertIn("on disk    newer, about to be taken, digest ", self.status(0).out)
        os.utime(self.path("state/snapshot.ps"), (1763722790, 1763722790))
        out = self.status(1).out
        self.assertIn("on disk    another one, digest ", out)
        self.assertIn("the module does not go by the snapshot that lies here\n", out)
        self.write("state/snapshot.ps", "rubbish")
        self.assertIn("on disk    bad, ", self.status(1).out)

    def test_snapshot_that_cannot_be_read(self):
        os.symlink("snapshot.ps", self.path("state/snapshot.ps"))
        self.assertIn("snapshot.ps: cannot open (Too many levels of symbolic links)", self.status(3).err)

    def test_refused_one_that_is_gone(self):
        digest = self.build(0, "--json").json["digest"]
        self.counters('postshield_snapshot_rejection_info{reason="is no snapshot"} 1', digest=digest)
        self.assertEqual(self.status(1, "--json").json["problems"], ["the module refused a snapshot: is no snapshot"])

    def test_queries_without_a_snapshot_are_told(self):
        self.build()
        self.counters('postshield_unjudged_total{reason="no-snapshot"} 1230',
                      'postshield_unjudged_total{reason="no-worker"} 4')
        self.assertIn("unjudged   1,234 let through\n", self.status(0).out)

    def test_many_rules_and_ties(self):
        self.build()
        lines = [f'postshield_rule_hits_total{{rule="r{i:03}"}} {i // 10}' for i in range(100)]
        lines += ['postshield_rule_shadow_hits_total{rule="r005"} 3', 'postshield_rule_shadow_hits_total{rule="r003"} 9',
                  'postshield_feed_hits_total{feed="b"} 2', 'postshield_feed_hits_total{feed="a"} 2',
                  'postshield_feed_hits_total{feed="c"} 7']
        self.counters(*lines)
        found = self.status(0, "--json", "--top", "200").json
        ids = [rule["id"] for rule in found["rules"]]
        self.assertEqual(len(ids), 100)
        self.assertEqual(ids[:3], ["r090", "r091", "r092"])
        self.assertEqual(ids[90:95], ["r003", "r005", "r000", "r001", "r002"])
        self.assertEqual([feed["id"] for feed in found["feeds"]], ["c", "a", "b"])

    def test_samples_of_others_and_odd_ones_are_passed_over(self):
        self.build()
        self.counters("other_module_decisions_total 5", "postshield_total 6", 'postshield_rule_hits_total{other="x"} 7',
                      'postshield_decisions_total{other="x"} 8', 'postshield_decisions_total{action="x"} 9',
                      "postshield_odd_total 1e300", "postshield_even_total 2", "postshield_gauge 3")
        found = self.status(0, "--json").json
        self.assertEqual((found["rules"], set(found["decisions"].values())), ([], {0}))
        self.assertEqual(found["counters"], {"odd": 0, "even": 2})


class CommandLine(program.Case):
    def test_long_words_are_cut_in_messages(self):
        err = self.must(2, "x" * 300).err
        self.assertIn("'" + "x" * 48 + "'", err)

    def test_numbers_that_are_none(self):
        for top in ("-1", "5x", "1000001", "", "/1", ":"):
            with self.subTest(top):
                self.assertIn("is no such number", self.must(2, "status", "--top", top).err)

    def test_closed_streams(self):
        """What would be written into a stream that is closed goes nowhere, not into a file."""
        for closed in ((0,), (1,), (2,), (0, 1, 2)):
            with self.subTest(closed):
                result = self.run_program("build", "--now", program.NOW,
                                          preexec_fn=lambda closed=closed: [os.close(fd) for fd in closed])
                self.assertEqual(result.code, 0)
                self.must(0, "index", "verify")

    def test_full_output(self):
        self.build()
        with open("/dev/full", "wb") as full:
            for arguments in (("index", "info"), ("check",), ("--help",), ("build", "--now", program.NOW, "--json")):
                with self.subTest(arguments):
                    done = program.subprocess.run(
                        [program.PROGRAM, *arguments], cwd=self.folder, stdout=full, stderr=program.subprocess.PIPE,
                        env=program.environment(POSTSHIELD_STATE=self.path("state")), check=False)
                    self.assertEqual(done.returncode, 3)
                    self.assertIn(b"cannot write the output (No space left on device)", done.stderr)

    def test_colours_are_for_terminals_that_have_them(self):
        self.build()
        for term, coloured in (("xterm", True), ("dumb", False), ("", False)):
            with self.subTest(term):
                status, output = self.run_on_terminal("index", "lookup", "evil.com", env={"TERM": term})
                self.assertEqual((status, b"\x1b[" in output), (0, coloured))
        status, output = self.run_on_terminal("index", "lookup", "evil.com", env={"NO_COLOR": "1"})
        self.assertNotIn(b"\x1b[", output)


class Scan(program.Case):
    """Whatever is interrupted is done again; whatever fails is told; no row is lost or said twice."""

    ROWS = "evil.com\tnxdomain\tphishing\tlisted\t-\t-\t0\nquiet.com\tpass\t-\tnone\t-\t-\t0\n"

    def setUp(self):
        super().setUp()
        self.write("names", "evil.com\nquiet.com\n")

    def scan(self, code, before=(), *arguments):
        if "strace" in before:
            before = (before[0], "-f", *before[1:])
        return self.must(code, "scan", "--now", program.NOW, *arguments, "names", before=before)

    def test_calls_that_are_done_again(self):
        names = self.path("names")
        for before in (failing("poll", 1, "error=EINTR"), failing("read", 1, "error=EINTR", names),
                       failing("read", 1, "error=EAGAIN", names), failing("write", 1, "error=EINTR"),
                       ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")):
            with self.subTest(before):
                result = self.scan(0, before)
                self.assertEqual((result.out, result.err), (self.ROWS, ""))

    def test_one_job_where_nobody_tells_how_many_processors_there_are(self):
        # The sanitizers' own start asks, too, and does not go on without.
        error = "error=EPERM" if not program.SANITIZED else "retval=8"
        result = self.scan(0, failing("sched_getaffinity", "1+", error))
        self.assertEqual((result.out, result.err), (self.ROWS, ""))

    def test_calls_that_end_it(self):
        names = self.path("names")
        for before, said in ((failing("poll", 1, "error=ENOMEM"), "names: cannot be read (Cannot allocate memory)"),
                             (failing("read", 1, "error=EIO", names), "names: cannot be read (Input/output error)"),
                             (failing("pipe2", 1, "error=EMFILE"), "no pipe can be had (Too many open files)")):
            with self.subTest(said):
                result = self.scan(3, before)
                self.assertEqual(result.out, "")
                self.assertIn(said, result.err)

    def test_numbers_of_jobs(self):
        for jobs in ("x", "/", "", "2 ", "99999999999999999999999", "257"):
            with self.subTest(jobs):
                self.assertIn("--jobs", self.scan(2, (), "--jobs", jobs).err)
        self.assertEqual(self.scan(0, (), "--jobs", "256").out, self.ROWS)

    def test_names_of_odd_octets(self):
        for octets, shown in ((b"a\x7fb.com", "a\\x7Fb.com"), (b"\x80" * 2000, "\\x80" * 1024 + "..."),
                              (b"\xef\xbbb", "\\xEF\\xBBb"), (b"\xef", "\\xEF")):
            self.write("names", octets + b"\n")
            self.assertEqual(self.scan(0).out, shown + "\tpass\t-\tnone\t-\t-\t0\n")
        self.write("names", b"a\"b\\\\c\x1f.com\n")
        self.assertEqual(json.loads(self.scan(0, (), "--json").out)["name"], "a\"b\\\\c\x1f.com")

    def test_certificates_with_odd_names(self):
        rows = [{"dns_names": ["", "*.", "*x.com", "**", "x" * 9000, "*.evil.com"]}, {"name_value": "\n\n a.com \n"},
                {"name_value": 7}, {"data": {"leaf_cert": {"all_domains": "b.com"}}}, {"data": "c.com"}, 7, "d.com", []]
        self.write("names", "".join(json.dumps(row) + "\n" for row in rows))
        result = self.scan(0, (), "--format", "ct")
        self.assertEqual([row.split("\t")[:2] for row in result.out.splitlines()],
                         [["*.", "pass"], ["*x.com", "pass"], ["**", "pass"], ["x" * 1024 + "...", "pass"],
                          ["*.evil.com", "nxdomain"], ["a.com", "pass"], ["7", "pass"], ['"d.com"', "pass"]])
        self.assertIn("3 lines hold no names: 1 too long, 2 no JSON; the first: names:1: ", result.err)


if __name__ == "__main__":
    program.main()
