#!/usr/bin/python3 -B
"""postshield diff: which verdicts a change of policy alters."""

import json
import os
import random
import signal
import subprocess
import unittest

import program

OLD = """\
postshield: 1
answers:
  page: {sinkhole: {a: 192.0.2.80}, ttl: 60}
brands:
  inpost: {owner: InPost, names: [inpost], domains: [inpost.pl]}
abused-tlds: {top: 150}
rules:
  - id: known
    when: {name: {is: [known.com]}}
    then: log
  - id: gone
    when: {name: {under: [gone.com, moved.com]}}
    then: nxdomain
  - id: paged
    when: {name: {under: paged.com}}
    then: page
  - id: told
    when: {name: {under: told.com}}
    then: nxdomain
    tell: {ede: blocked, text: one}
  - id: sure
    when: {lookalike: {score: ">= 100"}}
    then: nxdomain
"""
NEW = OLD.replace("192.0.2.80", "192.0.2.81").replace("[gone.com, moved.com]", "[kept.com]").replace(
    "text: one", "text: two").replace(">= 100", ">= 40").replace("then: log", "then: pass").replace(
        "  - id: paged", "  - id: mover\n    when: {name: {under: moved.com}}\n    then: nxdomain\n  - id: paged")
NAMES = "quiet.com\ngone.com\nmoved.com\nkept.com\npaged.com\ntold.com\nknown.com\ninp0st.com\n"


class Compare(program.Case):
    def setUp(self):
        super().setUp()
        for name, text in (("old", OLD), ("new", NEW)):
            os.mkdir(self.path(name))
            self.write(f"{name}/main.postshield.yaml", text)
        self.write("names.txt", NAMES)

    def diff(self, *arguments, given=b"", code=1, **keywords):
        done = subprocess.run([program.PROGRAM, "diff", "--now", program.NOW, *arguments], input=given, cwd=self.folder,
                              env=program.environment(POSTSHIELD_STATE=self.path("state")),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False, **keywords)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def columns(self, *arguments, **keywords):
        return [row.split("\t") for row in self.diff("--tsv", *arguments, **keywords)[0].splitlines()]


class Diff(Compare):
    def test_each_change_is_told(self):
        rows = self.columns("old", "new", "--", "names.txt")
        self.assertEqual([row[:6] for row in rows], [
            ["gone.com", "passes", "nxdomain", "gone", "pass", "-"],
            ["moved.com", "rule", "nxdomain", "gone", "nxdomain", "mover"],
            ["kept.com", "blocked", "pass", "-", "nxdomain", "gone"],
            ["paged.com", "answer", "sinkhole", "paged", "sinkhole", "paged"],
            ["told.com", "tell", "nxdomain", "told", "nxdomain", "told"],
            ["known.com", "action", "log", "known", "pass", "known"],
            ["inp0st.com", "blocked", "pass", "-", "nxdomain", "sure"]])
        self.assertEqual({len(row) for row in rows}, {9})
        self.assertEqual(rows[-1][7], "inpost")
        self.assertGreaterEqual(int(rows[-1][8]), 40)

    def test_table(self):
        out, err = self.diff("old", "new", "--", "names.txt")
        self.assertEqual(err, "")
        lines = out.splitlines()
        self.assertEqual(lines[0].split(), ["name", "old", "new", "technique", "score"])
        self.assertEqual(lines[1].split(), ["gone.com", "nxdomain", "gone", "->", "pass", "-", "-", "0"])
        self.assertIn("(another answer)", lines[4])
        self.assertIn("(another explanation)", lines[5])
        self.assertEqual(lines[-1], "8 names: 7 changed (2 newly blocked, 1 newly let through, 4 changed otherwise)")
        # The columns stand below one another, and below their heads.
        self.assertEqual({line.index("->") for line in lines[1:-1]}, {lines[1].index("->")})
        self.assertEqual(lines[0].index("new"), lines[1].index("->") + 3)
        self.assertEqual(lines[0].index("technique"), lines[7].index("leet"))

    def test_what_makes_another_answer(self):
        rule = ("postshield: 1\nanswers:\n  page: {%s}\nrules:\n"
                "  - {id: paged, when: {name: {under: paged.com}}, then: page%s}\n")
        base = "sinkhole: {a: [192.0.2.80, 192.0.2.81], aaaa: 2001:db8::80}, ttl: 60"
        self.write("old/main.postshield.yaml", rule % (base, ""))
        for answer, more, change in (
                (base, "", None),
                (base.replace("ttl: 60", "ttl: 61"), "", "answer"),
                (base.replace(".81]", ".82]"), "", "answer"),
                (base.replace(", 192.0.2.81]", "]"), "", "answer"),
                (base.replace("::80}", "::81}"), "", "answer"),
                (base.replace(", aaaa: 2001:db8::80", ""), "", "answer"),
                ("sinkhole: {cname: page.example}, ttl: 60", "", "answer"),
                ("nodata: {}, ttl: 60", "", "action"),
                (base, ", tell: {text: why}", "tell"),
                (base, ", tell: {sub-error: spam}", "tell"),
                (base, ", tell: {ede: filtered}", "tell")):
            with self.subTest(answer=answer, more=more):
                self.write("new/main.postshield.yaml", rule % (answer, more))
                rows = self.columns("old", "new", given=b"paged.com\n", code=0 if change is None else 1)
                self.assertEqual([row[1] for row in rows], [] if change is None else [change])
        # And from an alias to another, or to the same.
        alias = rule % ("sinkhole: {cname: page.example}, ttl: 60", "")
        self.write("old/main.postshield.yaml", alias)
        self.write("new/main.postshield.yaml", alias)
        self.assertEqual(self.columns("old", "new", given=b"paged.com\n", code=0), [])
        self.write("new/main.postshield.yaml", alias.replace("page.example", "other.example"))
        self.assertEqual([row[1] for row in self.columns("old", "new", given=b"paged.com\n")], ["answer"])

    def test_the_same_policy_has_no_differences(self):
        self.assertEqual(self.diff("old", "old", "--", "names.txt", code=0), ("8 names: none changed\n", ""))
        self.assertEqual(self.diff("old", "old", "--tsv", "--", "names.txt", code=0), ("", ""))
        # What is written otherwise but means the same is no change.
        self.write("new/main.postshield.yaml", "# a remark\n" + OLD.replace("[gone.com, moved.com]", "[moved.com, GONE.com.]"))
        self.diff("old", "new", "--", "names.txt", code=0)

    def test_backwards_is_the_contrary(self):
        swap = {"blocked": "passes", "passes": "blocked"}
        forth = self.columns("old", "new", "--", "names.txt")
        back = self.columns("new", "old", "--", "names.txt")
        self.assertEqual([(row[0], swap.get(row[1], row[1]), row[4], row[5], row[2], row[3]) for row in forth],
                         [tuple(row[:6]) for row in back])

    def test_json(self):
        out, _ = self.diff("--json", "old", "new", "--", "names.txt")
        *rows, summary = map(json.loads, out.splitlines())
        self.assertEqual(rows[0], {
            "name": "gone.com", "change": "passes",
            "old": {"action": "nxdomain", "rule": "gone", "kind": "listed", "technique": None, "protected": None, "score": 0},
            "new": {"action": "pass", "rule": None, "kind": "none", "technique": None, "protected": None, "score": 0}})
        self.assertEqual(summary, {"summary": {"names": 8, "changed": 7, "blocked": 2, "passes": 1, "otherwise": 4,
                                               "no_names": 0}})
        self.diff("--json", "--tsv", "old", "new", code=2)

    def test_it_agrees_with_two_scans(self):
        words = ["inpost", "1npost", "inp0st", "gone", "kept", "paczka", "track", "www", "known", "paged", "told"]
        chance = random.Random(5)
        names = [".".join(chance.choice(words) + chance.choice(("", "-" + chance.choice(words)))
                          for _ in range(chance.randint(1, 2))) + chance.choice((".com", ".top", ".pl"))
                 for _ in range(3000)]
        self.write("many.txt", "\n".join(names) + "\n")
        sides = [self.must(0, "scan", "--now", program.NOW, "-p", side, "many.txt").out.splitlines()
                 for side in ("old", "new")]
        expected = []
        for name, *rows in zip(names, *sides):
            old, new = (row.split("\t")[1:3] for row in rows)
            if old != new:
                expected.append([name, *old, *new])
        found = [[row[0], *row[2:6]] for row in self.columns("old", "new", "--", "many.txt")
                 if row[1] not in ("answer", "tell")]
        self.assertGreater(len(expected), 50)
        self.assertEqual(found, expected)

    def test_snapshots_files_and_folders(self):
        self.must(0, "build", "--now", program.NOW, "-p", "old", "-o", "old.ps")
        wanted = self.columns("old", "new", "--", "names.txt")
        for old in ("old.ps", "old/main.postshield.yaml"):
            self.assertEqual(self.columns(old, "new", "--", "names.txt"), wanted, old)
        with open(self.path("old.ps"), "r+b") as file:
            file.seek(100)
            file.write(b"\xff\xff\xff\xff")
        self.assertIn("old.ps", self.diff("old.ps", "new", "--", "names.txt", code=2)[1])

    def test_names_from_pipes_and_several_files(self):
        self.write("more.txt", "gone.com\n")
        self.assertEqual(len(self.columns("old", "new", given=NAMES.encode())), 7)
        self.assertEqual([row[0] for row in self.columns("old", "new", "--", "more.txt", "-", given=b"kept.com\n")],
                         ["gone.com", "kept.com"])
        # Also without "--", which ends the options as ever.
        self.assertEqual(len(self.columns("old", "new", "names.txt")), 7)
        zone = b"$ORIGIN com.\n$TTL 60\nkept NS ns\ngone NS ns\n"
        self.assertEqual([row[0] for row in self.columns("--format", "zone", "old", "new", given=zone)],
                         ["kept.com", "gone.com"])

    def test_order_is_kept_with_many_threads(self):
        names = [f"a{i}.{('gone', 'kept', 'quiet')[i % 3]}.com" for i in range(60000)]
        given = "\n".join(names).encode()
        one = self.diff("old", "new", "--jobs", "1", given=given)
        self.assertEqual(self.diff("old", "new", "--jobs", "7", given=given), one)
        self.assertEqual([line.split()[0] for line in one[0].splitlines()[1:-1]],
                         [name for name in names if "quiet" not in name])
        self.assertIn("60,000 names: 40,000 changed (20,000 newly blocked, 20,000 newly let through, 0 ", one[0])

    def test_lines_without_a_name_are_told_and_no_change(self):
        out, err = self.diff("old", "new", given=b"gone.com\n\na..b\n")
        self.assertIn("1 name: 1 changed", out)
        self.assertIn("2 lines hold no names: 1 empty, 1 not formed as names are; the first: standard input:2:", err)

    def test_policies_that_are_wrong(self):
        self.write("new/main.postshield.yaml", "postshield: 1\nrules: [{idd: x}]\n")
        self.write("old/main.postshield.yaml", "postshield: 1\nrulez: []\n")
        out, err = self.diff("old", "new", "--", "names.txt", code=2)
        self.assertEqual(out, "")
        self.assertIn("old/main.postshield.yaml:2:1", err)
        self.assertIn("new/main.postshield.yaml:2:10", err)
        self.assertIn("missing", self.diff("old", code=2)[1])

    def test_files_that_cannot_be_read(self):
        self.assertIn("nowhere: no such file or folder", self.diff("old", "nowhere", code=2)[1])
        self.assertIn("nowhere.txt: no such file", self.diff("old", "new", "--", "nowhere.txt", code=2)[1])

    def test_a_feed_that_cannot_be_read_is_told(self):
        self.write("new/main.postshield.yaml", NEW + "feeds:\n  list: {format: plain, path: none.txt, scope: subtree, "
                   "trial: yes}\n")
        self.assertIn("the feed 'list' cannot be read and lists nothing here",
                      self.diff("old", "new", "--", "names.txt")[1])

    def test_colours_are_for_terminals(self):
        code, shown = self.run_on_terminal("diff", "old", "new", "--", "names.txt")
        self.assertEqual(code, 1)
        self.assertIn(b"\x1b[1;31mnxdomain gone", shown)  # newly blocked
        self.assertIn(b"\x1b[32mpass     -", shown)
        for env, arguments in (({"NO_COLOR": "1"}, ()), ({}, ("--no-color",))):
            self.assertNotIn(b"\x1b[", self.run_on_terminal("diff", *arguments, "old", "new", "--", "names.txt", env=env)[1])

    def test_names_command_no_terminal(self):
        out, _ = self.diff("old", "new", given=b"a\x1b[31m.gone.com\nb\xc3\xbc.gone.com\n" + b"x" * 60 + b".gone.com\n")
        self.assertIn("a\\x1B[31m.gone.com ", out)
        self.assertIn("b\u00fc.gone.com ", out)
        lines = out.splitlines()
        self.assertEqual(lines[1].index("->"), lines[2].index("->"))

    def test_interrupt_has_no_sum(self):
        with subprocess.Popen([program.PROGRAM, "diff", "--tsv", "old", "new"], cwd=self.folder,
                              env=program.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdin.write(b"gone.com\n")
            process.stdin.flush()
            self.assertTrue(process.stdout.readline().startswith(b"gone.com\tpasses\t"))
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), -signal.SIGINT)
            self.assertEqual((process.stdout.read(), process.stderr.read()), (b"", b""))

    def test_nothing_is_written(self):
        before = [sorted(files) for _, _, files in os.walk(self.folder)]
        self.diff("old", "new", "--", "names.txt")
        self.assertEqual([sorted(files) for _, _, files in os.walk(self.folder)], before)


class Events(Compare):
    """Over what the resolver decided lately: the spool is one that tests/event/spool_life.c wrote."""

    def setUp(self):
        super().setUp()
        subprocess.run([os.environ["SPOOL_LIFE"], "sample", self.path("state/events"), f"{'0' * 16} 0"], check=True,
                       timeout=60, env=program.environment())
        names = [line.split("\t")[3] for line in self.must(0, "events", "--tsv").out.splitlines()]
        self.assertEqual(len(names), 4)
        self.names = sorted(set(names))

    def changed(self, under, *options, **keywords):
        self.write("block/main.postshield.yaml",
                   f"postshield: 1\nrules:\n  - id: r\n    when: {{name: {{under: {under}}}}}\n    then: nxdomain\n"
                   "    confirm: whole-suffix\n")
        return self.columns("--events", *options, "none", "block", **keywords)

    def test_each_name_once(self):
        os.mkdir(self.path("none"))
        os.mkdir(self.path("block"))
        self.write("none/main.postshield.yaml", "postshield: 1\nrules: []\n")
        zones = sorted({name.rsplit(".", 1)[-1] for name in self.names})
        rows = self.changed("[" + ", ".join(f"'{zone}'" for zone in zones) + "]")
        self.assertEqual(sorted(row[0] for row in rows), self.names)
        self.assertEqual({row[1] for row in rows}, {"blocked"})
        self.assertEqual(self.diff("--events", "none", "none", code=0)[0].strip(),
                         f"{len(self.names)} names: none changed")
        last = max(line.split("\t")[1] for line in self.must(0, "events", "--tsv").out.splitlines())
        late = sorted({row[3] for row in (line.split("\t") for line in self.must(
            0, "events", "--tsv", "--since", last).out.splitlines())})
        self.assertLess(len(late), len(self.names))
        rows = self.changed("[" + ", ".join(f"'{zone}'" for zone in zones) + "]", "--since", last)
        self.assertEqual(sorted(row[0] for row in rows), late)

    def test_none_and_damaged(self):
        self.assertEqual(self.diff("--events", "--since", "2099-01-01", "old", "new", code=0)[0].strip(),
                         "0 names: none changed")
        (segment,) = (name for name in self.files("state/events") if name.endswith(".pse"))
        whole = self.read(f"state/events/{segment}")
        self.write(f"state/events/{segment}", whole[:300] + b"\xff" + whole[301:])
        out, err = self.diff("--events", "old", "new", code=0)
        self.assertIn("1 damaged place", err)
        self.assertEqual(len(self.names), 2)
        self.assertEqual(out.strip(), "1 name: none changed")
        self.remove_events()
        self.assertEqual(self.diff("--events", "old", "new", code=0)[0].strip(), "0 names: none changed")

    def remove_events(self):
        for name in self.files("state/events"):
            os.unlink(self.path("state/events", name))

    def test_what_does_not_go_together(self):
        for options, said in ((("--events", "old", "new", "--", "names.txt"), "leave out 'names.txt'"),
                              (("--events", "--format", "zone", "old", "new"), "leave it out with --events"),
                              (("--since", "1d", "old", "new", "--", "names.txt"), "give --events too"),
                              (("--events", "--since", "soon", "old", "new"), "'soon' is neither")):
            self.assertIn(said, self.diff(*options, code=2)[1])


if __name__ == "__main__":
    program.main()
