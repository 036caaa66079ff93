#!/usr/bin/python3 -B
"""postshield check --fix: corrects what is spelt wrong or said twice, and nothing else."""

import glob
import os
import re
import shutil
import stat
import subprocess
import unittest

import program

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "policy", "data")
FILE = "policies/main.postshield.yaml"


def applied(old, diff):
    """The text that a difference leads to, as patch applies it."""
    lines, out, at = old.splitlines(keepends=True), [], 0
    rows = diff.splitlines(keepends=True)
    i = 2
    while i < len(rows):
        first, count = re.match(rb"@@ -(\d+)(?:,(\d+))? \+", rows[i]).groups()
        first = int(first) - (0 if count == b"0" else 1)
        out += lines[at:first]
        at = first
        i += 1
        while i < len(rows) and not rows[i].startswith(b"@@"):
            mark, line = rows[i][:1], rows[i][1:]
            if i + 1 < len(rows) and rows[i + 1].startswith(b"\\"):
                line = line.rstrip(b"\n")
            if mark in b" -" and mark:
                assert lines[at] == line, (lines[at], line)
                at += 1
            if mark in b" +" and mark:
                out.append(line)
            i += 1 + (i + 1 < len(rows) and rows[i + 1].startswith(b"\\"))
    return b"".join(out + lines[at:])


class Fix(program.Case):
    def setUp(self):
        super().setUp()
        os.remove(self.path(FILE))

    def fix(self, text, code=0, *arguments, name=FILE):
        """What becomes of a policy of one file, and what is said."""
        self.write(name, text)
        result = self.must(code, "check", "--fix", *arguments, "policies")
        return self.read(name).decode(), result

    def same(self, text, code=0):
        """Nothing of it is corrected."""
        found, result = self.fix(text, code)
        self.assertEqual(found, text)
        self.assertNotIn("fixed:", result.out)
        return result

    # --- what is corrected ----------------------------------------------------------------

    def test_keys_and_words(self):
        found, result = self.fix("postshield: 1\nrulez:   # all of them\n  - id: one\n    whem: everything\n"
                                 "    'then': \"PASS\"\n    moed: shadwo # on trial\n")
        self.assertEqual(found, "postshield: 1\nrules:   # all of them\n  - id: one\n    when: everything\n"
                                "    'then': \"pass\"\n    mode: shadow # on trial\n")
        self.assertIn(f"fixed: {FILE}:2:1: 'rulez' is now 'rules' (spelling)\n", result.out)
        self.assertTrue(result.out.endswith("5 corrections in 1 file\n"), result.out)
        self.assertIn("good: policies", result.out)
        self.assertEqual(result.err, "")

    def test_references(self):
        found, _ = self.fix("postshield: 1\nanswers:\n  block-page: {nodata: {}}\nbrands:\n"
                            "  acme: {names: [acme post], domains: [acme.example]}\nrules:\n"
                            "  - {id: a, when: {lookalike: {score: '>= 80', brand: acmee}}, then: blockpage}\n"
                            "tests:\n  - {name: a.example, expect: {rule: none, action: passs}}\n")
        self.assertIn("brand: acme}}, then: block-page}", found)
        self.assertIn("action: pass}", found)

    def test_form_of_names(self):
        self.write("policies/popular.txt", "# Names\nWiki.Example.   # everybody's\n\nb\u00fccher.example\nnews.example\n")
        found, result = self.fix("postshield: 1\nrules: []\nnever: [UPU.int., \"*.Upu.Post\", B\u00dcCHER.example]\n"
                                 "popular: {file: popular.txt}\n")
        self.assertEqual(found, "postshield: 1\nrules: []\nnever: [upu.int, \"*.upu.post\", B\u00dcCHER.example]\n"
                                "popular: {file: popular.txt}\n")
        self.assertEqual(self.read("policies/popular.txt").decode(),
                         "# Names\nwiki.example   # everybody's\n\nb\u00fccher.example\nnews.example\n")
        self.assertIn("3 corrections in 2 files\n", result.out)

    def test_letters_of_codes(self):
        found, _ = self.fix("postshield: 1\nrules: []\nbrands:\n  acme: {names: [acme post], domains: [], country: [ch, De], "
                            "languages: [DE, Fr]}\n")
        self.assertIn("country: [CH, DE], languages: [de, fr]", found)

    def test_entries_that_stand_there_twice(self):
        self.write("policies/popular.txt", "wiki.example\nnews.example\nwiki.example\n")
        found, result = self.fix("""\
postshield: 1
never:            # these
  - upu.int       # first
  - b.example
  - upu.int
  - "b.example"
  # the last
  - c.example
popular: {file: popular.txt}
brands:
  acme: {names: [acme post, acme-post , "Acme Post"], domains: [acme.example,
         acme.example, acme-post.example]}
rules:
  - {id: one, when: {name: {is: [a.example , a.example , d.example,a.example]}}, then: nxdomain}
""")
        self.assertEqual(found, """\
postshield: 1
never:            # these
  - upu.int       # first
  - b.example
  # the last
  - c.example
popular: {file: popular.txt}
brands:
  acme: {names: [acme post, acme-post], domains: [acme.example, acme-post.example]}
rules:
  - {id: one, when: {name: {is: [a.example, d.example]}}, then: nxdomain}
""")
        self.assertEqual(self.read("policies/popular.txt").decode(), "wiki.example\nnews.example\n")
        self.assertIn("'upu.int' is gone (it stands there before)", result.out)
        self.must(0, "check", "--strict", "policies")

    def test_repeated_entries_wherever_they_stand(self):
        head = "postshield: 1\nrules: []\n"
        for text, after in (
                ("never: [ a.example,\n  a.example,\n  b.example]\n", "never: [ a.example,\n  b.example]\n"),
                ("never: [a.example\t,\ta.example\t, b.example]\n", "never: [a.example, b.example]\n"),
                ("never:\r\n- a.example\r\n-  a.example \r\n- b.example\r\n", "never:\r\n- a.example\r\n- b.example\r\n"),
                ("never: ['a.example', 'a.example']\n", "never: ['a.example']\n"),
                ("never:\n- a.example\n- a.example", "never:\n- a.example\n")):
            with self.subTest(text):
                found, result = self.fix(head + text)
                self.assertEqual(found, head + after)
                self.assertIn("is gone (it stands there before)\n", result.out)
                self.assertIn("1 correction in 1 file\n", result.out)

    def test_repeated_lines_of_a_list_of_names(self):
        for text, after in (("b.example\r\na.example\r\nb.example \t\r\n", "b.example\r\na.example\r\n"),
                            ("b.example\n  b.example", "b.example\n"), ("b.example\n\tb.example\n", "b.example\n"),
                            ("b.example\nb.example # again\n", None), ("B.example\nb.example\n", "b.example\n")):
            with self.subTest(text):
                self.write("policies/popular.txt", text)
                self.fix("postshield: 1\nrules: []\npopular: {file: popular.txt}\n")
                self.assertEqual(self.read("policies/popular.txt").decode(), after or text)

    def test_tabs(self):
        found, result = self.fix("postshield: 1\nrules:\n\t- id: one   # tab\there\n\t  when: everything\n\t  then: pass\n")
        self.assertEqual(found, "postshield: 1\nrules:\n  - id: one   # tab\there\n    when: everything\n    then: pass\n")
        self.assertIn(f"fixed: {FILE}:3:1: the indentation (blanks for tabs)\n1", result.out.replace(
            result.out[result.out.index("good:"):result.out.index("1 correction")], ""))
        # Over a thousand lines, of which one is empty and one has a tab of its own.
        lines = "".join(f"\t- id: r{i}\n\t  when: {{name: {{is: n{i}.example}}}}\n\t\n\t  then:\tpass\n" for i in range(500))
        found, _ = self.fix("postshield: 1\nrulez:\n" + lines)
        self.assertEqual(found, "postshield: 1\nrules:\n" + lines.replace("\n\t\n", "\n\n").replace("\n\t", "\n  ")
                         .replace("\t- id", "  - id", 1))

    def test_line_ends_and_marks_stay(self):
        found, _ = self.fix("\ufeffpostshield: 1\r\nrulez: []\r\nnever:\r\n  - a.example\r\n  - A.example\r\n# end")
        self.assertEqual(found, "\ufeffpostshield: 1\r\nrules: []\r\nnever:\r\n  - a.example\r\n# end")

    def test_one_correction_shows_the_next(self):
        found, result = self.fix("postshield: 1\nrules:\n  - id: one\n    whem: {name: {is: [B.example, b.example]}}\n    then: pass\n")
        self.assertIn("when: {name: {is: [b.example]}}", found)
        self.assertIn("3 corrections", result.out)

    # --- what is left ---------------------------------------------------------------------------

    def test_what_is_not_sure_is_left(self):
        rule = "postshield: 1\nfeeds:\n  feed-1: {format: plain, path: x, scope: subtree, trial: yes}\nrules:\n  - id: one\n"
        for name, text in {
                # Nothing near; another word for it; near to two; another digit; a key that is there.
                "far": rule + "    when: everything\n    then: bananas\n",
                "synonym": rule + "    if: everything\n    then: pass\n",
                "digit": rule + "    when: {listed: {feeds: [feed-2]}}\n    then: pass\n",
                "there": rule + "    when: everything\n    wen: everything\n    then: pass\n",
                "url": rule + "    when: {name: {is: 'https://A.example/x'}}\n    then: pass\n",
                "wildcard": rule + "    when: {name: {is: '*.a.example'}}\n    then: pass\n",
                "number": rule + "    when: {listed: {confidence: 60}}\n    then: pass\n",
                "id": "postshield: 1\nrules: [{id: One, when: everything, then: pass}]\n",
                "escape": "postshield: 1\n\"rule\\x7A\": []\n"}.items():
            with self.subTest(name):
                self.assertIn("nothing to correct", self.same(text, code=2).out)

    def test_two_that_are_near_are_two(self):
        text = ("postshield: 1\nanswers:\n  page-a: {nodata: {}}\n  page-b: {nodata: {}}\n"
                "rules:\n  - {id: x, when: everything, then: page-c}\n")
        self.same(text, code=2)
        self.assertIn("then: page-a}", self.fix(text.replace("  page-b: {nodata: {}}\n", "").replace("page-c", "pagea"))[0])

    def test_repeated_entries_with_remarks_are_left(self):
        for text in ("never:\n  - a.example\n  - a.example # for Anne\n",
                     "never: [a.example, # one\n        a.example]\n",
                     "never: [a.example # one\n        , a.example]\n",
                     "official:\n  - a.example\n  - {name: a.example, owner: Anne}\n"):
            with self.subTest(text):
                result = self.same("postshield: 1\nrules: []\n" + text)
                self.assertIn("PS069", result.err)
                self.assertIn("nothing to correct\n", result.out)  # and nothing was tried

    def test_repeated_entries_that_cannot_be_taken_out_are_left(self):
        for text in ("never: [a.example,\n  # one\n  a.example]\n", "never: [a.example\n  , a.example]\n",
                     "never: [\"a.example\", \"a\\\n  .example\"]\n", "never:\n- a.example\n- !!str a.example\n"):
            with self.subTest(text):
                self.assertIn("nothing to correct", self.same("postshield: 1\nrules: []\n" + text,
                                                             code=2 if "!!" in text else 0).out)

    def test_names_that_are_no_plain_text_are_left(self):
        for text in ("never: [\"UPU\\x2eint\", 'UPU.int\n  ']\n", "never: [{is: UPU.int}]\n", "never: [\"\"]\n",
                     "never: [" + "A" * 70 + ".example]\n", "never: [" + "A." * 200 + "example]\n"):
            with self.subTest(text):
                self.write(FILE, "postshield: 1\nrules: []\n" + text)
                result = self.run_program("check", "--fix", "policies")
                self.assertIn(result.code, (0, 2), result.err)
                self.assertEqual(self.read(FILE).decode(), "postshield: 1\nrules: []\n" + text)
                self.assertIn("nothing to correct", result.out)

    def test_what_stands_in_a_very_long_line_is_left(self):
        text = "postshield: 1\nrules: []\nnever: [UPU.int, " + ", ".join(f"n{i}.example" for i in range(800)) + "]\n"
        self.same(text)
        self.assertEqual(self.fix(text.replace("UPU.int, ", "UPU.int,\n "))[0], text.replace("UPU.int, ", "upu.int,\n "))

    def test_patterns_and_texts_are_not_touched(self):
        self.same("postshield: 1\nrules:\n  - {id: one, when: {name: {pattern: 'Post\\.'}}, then: nxdomain,\n"
                  "     tell: {text: Blokced.}, note: WWW.Example.}\n")

    def test_names_over_several_lines_and_blocks_are_left(self):
        self.same("postshield: 1\nrules: []\nnever:\n  - \"UPU\\\n    .int\"\n")
        self.same("postshield: 1\nrules: []\nnever:\n  - |-\n    UPU.int\n")

    def test_tabs_that_may_mean_two_things_are_left(self):
        # Two blanks for the tab make it another brand, four a key of this one.
        self.same("postshield: 1\nrules: []\nbrands:\n  acme:\n    names: [acme post]\n\tdomains: []\n", code=2)

    def test_what_makes_it_worse_is_left_and_the_rest_is_made(self):
        # Both keys are meant to be 'names': one of them can.
        text = ("postshield: 1\nbrands:\n  acme: {namees: [acme post], nammes: [acme], domains: [ACME.example]}\n"
                "rulez: []\n")
        found, result = self.fix(text, 2)
        self.assertIn("rules: []", found)
        self.assertIn("domains: [acme.example]", found)
        self.assertEqual(len(re.findall(r"\bnames:", found)), 1)
        self.assertNotIn("PS015", result.err)
        self.assertIn("unknown key 'nammes'", result.err)

    def test_a_correction_that_is_worse_is_told(self):
        # With the right key the list has three mistakes; with the wrong one it is one.
        text = "postshield: 1\nnevr: [a..b, c..d, e..f]\nrules: []\n"
        found, result = self.fix(text, 2)
        self.assertEqual(found, text)
        self.assertIn(f"left: {FILE}:2:1: 'nevr' is not made 'never' (it would make something else worse)", result.out)
        self.assertIn("nothing to correct, 1 place left", result.out)

    # --- how it is written -----------------------------------------------------------------------

    def test_preview(self):
        text = "postshield: 1\n# remark\nrulez: []\nnever: [A.example]\n"
        self.write(FILE, text)
        result = self.must(1, "check", "--fix", "--dry-run", "policies")
        self.assertEqual(self.read(FILE).decode(), text)
        self.assertEqual(result.out, f"--- {FILE}\n+++ {FILE}\n@@ -1,4 +1,4 @@\n postshield: 1\n # remark\n"
                                     "-rulez: []\n-never: [A.example]\n+rules: []\n+never: [a.example]\n")
        self.assertIn("2 corrections to make in 1 file\n", result.err)
        self.must(0, "check", "--fix", "policies")
        result = self.must(0, "check", "--fix", "--dry-run", "policies")
        self.assertEqual(result.out, "")
        self.assertIn("nothing to correct", result.err)
        # What would be left counts more.
        self.write(FILE, text + "banana: 1\n")
        self.must(2, "check", "--fix", "--dry-run", "policies")
        self.assertIn("--dry-run goes with --fix", self.must(2, "check", "--dry-run", "policies").err)

    def test_check_says_that_it_can(self):
        self.write(FILE, "postshield: 1\nrulez: []\nnever: [A.example]\n")
        result = self.must(2, "check", "policies")
        self.assertTrue(result.err.endswith("1 error in 1 file\n1 can be corrected: try postshield check --fix --dry-run\n"))

    def test_json(self):
        self.write(FILE, "postshield: 1\nrulez: []\nnever: [A.example]\n")
        for arguments, code, written in ((("--dry-run",), 1, False), ((), 0, True)):
            found = self.must(code, "check", "--fix", "--json", *arguments, "policies").json
            self.assertEqual((found["good"], found["errors"]), (True, 0))
            self.assertEqual(found["fixes"][0], {
                "file": FILE, "line": 2, "column": 1, "old": "rulez", "new": "rules", "why": "spelling", "left": False,
                "written": written})
            self.assertEqual(len(found["fixes"]), 2)
        self.assertEqual(self.must(0, "check", "--fix", "--json", "policies").json["fixes"], [])
        self.assertNotIn("fixes", self.must(0, "check", "--json", "policies").json)

    def test_mode_and_link_stay(self):
        text = "postshield: 1\nrulez: []\n"
        self.write("elsewhere.yaml", text)
        os.chmod(self.path("elsewhere.yaml"), 0o640)
        os.symlink("../elsewhere.yaml", self.path(FILE))
        self.must(0, "check", "--fix", "policies")
        self.assertTrue(os.path.islink(self.path(FILE)))
        self.assertEqual(self.read("elsewhere.yaml"), b"postshield: 1\nrules: []\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.path("elsewhere.yaml")).st_mode), 0o640)
        self.assertEqual(sorted(os.listdir(self.folder)), ["elsewhere.yaml", "feeds", "policies", "state"])
        self.assertEqual(self.files("policies"), ["main.postshield.yaml"])

    def test_a_file_is_whole_whenever_it_ends(self):
        """Killed at each system call that changes a file: the old one, or the new one."""
        text, after = "postshield: 1\nrulez: []\n", b"postshield: 1\nrules: []\n"
        seen = set()
        for call in ("fchmod", "write", "fsync", "rename"):
            for when in (1, 2):
                self.write(FILE, text)
                self.run_program("check", "--fix", "policies", before=(
                    "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={when}"))
                found = self.read(FILE)
                self.assertIn(found, (text.encode(), after))
                seen.add(found)
                for name in self.files("policies"):
                    if name != "main.postshield.yaml":
                        os.remove(self.path("policies", name))
        self.assertEqual(seen, {text.encode(), after})

    def test_calls_that_the_system_refuses(self):
        """Each is told, and the file stays as it was, with nothing beside it."""
        text = "postshield: 1\nrulez: []\n"
        for call, number, error, said in (
                ("fchmod", 2, "EPERM", "its mode cannot be kept"), ("fsync", 1, "EIO", "Input/output error"),
                ("rename", 1, "EACCES", "Permission denied"), ("write", 1, "ENOSPC", "No space left on device")):
            with self.subTest(call):
                self.write(FILE, text)
                number += program.writes_before_main() if call == "write" else 0
                result = self.run_program("check", "--fix", "policies", before=(
                    "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when={number}"))
                self.assertEqual(result.code, 3, result.err)
                self.assertIn(said, result.err)
                self.assertEqual(self.read(FILE).decode(), text)
                self.assertEqual(self.files("policies"), ["main.postshield.yaml"])

    def test_a_folder_that_cannot_be_written(self):
        self.write(FILE, "postshield: 1\nrulez: []\n")
        kept = program.PROGRAM
        try:
            if os.geteuid() == 0:
                program.PROGRAM = program.copy_program(self.folder)
                result = self.run_program("check", "--fix", "policies", user=65534, group=65534, extra_groups=[])
            else:
                os.chmod(self.path("policies"), 0o500)
                result = self.run_program("check", "--fix", "policies")
                os.chmod(self.path("policies"), 0o700)
        finally:
            program.PROGRAM = kept
        self.assertEqual(result.code, 3, result.err)
        self.assertIn("Permission denied", result.err)
        self.assertEqual(self.read(FILE), b"postshield: 1\nrulez: []\n")

    # --- of any policy ---------------------------------------------------------------------------

    def test_any_policy(self):
        """Of every file of the policy tests: no more mistakes than before, the preview says what
        is done, and what is done is done once."""
        corrected = 0
        for path in sorted(glob.glob(os.path.join(DATA, "bad", "*.yaml")) + glob.glob(os.path.join(DATA, "good", "*.yaml"))):
            with self.subTest(path):
                shutil.rmtree(self.path("policies"))
                shutil.copytree(os.path.dirname(path), self.path("policies"), ignore=shutil.ignore_patterns("*.yaml"))
                with open(path, "rb") as file:
                    text = file.read()
                self.write(FILE, text)
                before = self.run_program("check", "--json", FILE).json
                preview = self.run_bytes("check", "--fix", "--dry-run", FILE)
                self.assertEqual(self.read(FILE), text)
                result = self.run_program("check", "--fix", FILE)
                self.assertIn(result.code, (0, 2), result.err)
                after = self.run_program("check", "--json", FILE).json
                self.assertLessEqual(after["errors"], before["errors"])
                own = preview.split(b"--- policies/", 2)
                own = [b"--- policies/" + part for part in own[1:] if part.startswith(b"main.postshield.yaml")]
                self.assertEqual(applied(text, own[0]) if own else text, self.read(FILE))
                corrected += text != self.read(FILE)
                again = self.run_program("check", "--fix", FILE)
                self.assertNotIn("fixed:", again.out)
        self.assertGreater(corrected, 10)

    def run_bytes(self, *arguments):
        return subprocess.run([program.PROGRAM, *arguments], cwd=self.folder, env=program.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False).stdout

    def test_no_verdict_changes(self):
        """A policy that is good judges every name as before, whatever is corrected in it."""
        text = """\
postshield: 1
brands:
  acme: {names: [Acme Post, acme post], domains: [ACME.example., acme.example], country: [CH]}
exceptions:
  - {name: Acme-Post-Choir.example., reason: a choir}
popular: [Wiki.Example, wiki.example]
never: [UPU.int, upu.int., "*.Upu.Post"]
abused-tlds: {top: 90}
rules:
  - {id: one, when: {name: {is: [B.example, b.example., c.example]}}, then: refused}
  - {id: two, when: {name: {under: [D.Example.]}}, then: nodata}
  - {id: like, when: {lookalike: {score: ">= 50"}}, then: nxdomain}
"""
        names = ["acme.example", "acme-post.example", "www.acme.example", "acrne-post.top", "acme-post-choir.example",
                 "upu.int", "x.upu.post", "upu.post", "b.example", "x.b.example", "c.example", "x.d.example", "wiki.example",
                 "acme-post.wiki.example", "quiet.example"]
        shutil.copytree(self.path("policies"), self.path("old"))
        self.write("old/main.postshield.yaml", text)
        found, _ = self.fix(text)
        self.assertNotEqual(found, text)
        self.write("names.txt", "\n".join(names))
        self.assertEqual(self.must(0, "diff", "--now", program.NOW, "old", "policies", "--", "names.txt").out,
                         f"{len(names)} names: none changed\n")


if __name__ == "__main__":
    program.main()
