#!/usr/bin/python3 -B
"""postshield check: what it says of good, bad and missing policies."""

import os
import tempfile
import unittest

import program


class Check(program.Case):
    def test_the_policy_is_named_either_way(self):
        os.mkdir(self.path("here"))
        self.write("here/a.postshield.yaml", "postshield: 1\nrulez: []\n")
        named = self.run_program("check", "--policies", "here")
        self.assertEqual((named.code, named.err), (2, self.run_program("check", "here").err))
        self.assertIn("did you mean 'rules'?", named.err)
        self.assertIn("give --policies or PATH, not both", self.must(2, "check", "-p", "here", "here").err)

    def test_good_policy_is_told_in_one_line(self):
        result = self.must(0, "check", "policies")
        self.assertEqual(result.out, "good: policies (1 file): 4 rules, 8 answers, 1 feed, "
                                     "1 name never blocked, 1 official domain, 1 popular name, 0 brands, "
                                     "0 tests\n")
        self.assertEqual(result.err, "")

    def test_words_of_the_dictionary(self):
        """Names that count by themselves and are words, each once; what is said of them already is not said again."""
        self.write("words", "Hermes\ngarden\ngiraffe\nshop\ntable\nwindow\n" + "x" * 100 + "\nzebra")
        self.write("p.yaml", "postshield: 1\nbrands:\n"
                             "  a: {names: [Table, garden shed, zxqvw, shop, hermes], weak: [window], domains: [a.example]}\n"
                             "  b: {names: [giraffe, zebra], domains: [b.example]}\n"
                             "rules:\n  - {id: r, when: {lookalike: any}, then: log}\n")
        found = self.run_program("check", "--plain", "p.yaml", env={"PS_DICTIONARY_FILE": self.path("words")}).err
        self.assertEqual([line.split(": ")[2].split(";")[0] for line in found.splitlines() if "PS073" in line],
                         ["'table' is a word of the dictionary", "'shop' is a top-level domain",
                          "'hermes' is a top-level domain", "'giraffe' is a word of the dictionary",
                          "'zebra' is a word of the dictionary"])
        self.assertNotIn("dictionary", self.run_program("check", "p.yaml").err)
        missing = self.must(2, "check", "p.yaml", env={"PS_DICTIONARY_FILE": "/none"})
        self.assertIn("/none: no such file", missing.err)

    def test_default_policy_is_the_folder_here(self):
        self.assertIn("good: policies ", self.must(0, "check").out)

    def test_missing_default_policy_names_both_places(self):
        with tempfile.TemporaryDirectory() as empty:
            result = program.subprocess.run(
                [program.PROGRAM, "check"], cwd=empty, env=program.environment(), capture_output=True, check=False)
        if os.path.exists("/etc/postshield/policies"):
            return
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"/etc/postshield/policies: there is no policy: neither ./policies nor", result.stderr)

    def test_all_errors_at_once_with_place_caret_and_meaning(self):
        self.write("policies/bad.postshield.yaml", "postshield: 1\nrules:\n  - id: one\n    whem: {listed: any}\n"
                                                   "    then: nxdomian\n")
        result = self.must(2, "check", "policies")
        self.assertEqual(result.out, "")
        self.assertIn("error[PS014]: unknown key 'whem'", result.err)
        self.assertIn("--> policies/bad.postshield.yaml:4:5", result.err)
        self.assertIn("^^^^ did you mean 'when'?", result.err)
        self.assertIn("did you mean 'nxdomain'?", result.err)
        self.assertRegex(result.err.splitlines()[-2], r"^\d+ errors in 1 file$")
        self.assertEqual(result.err.splitlines()[-1], "2 can be corrected: try postshield check --fix --dry-run")

    def test_plain_mode_is_one_line_a_message(self):
        self.write("policies/bad.postshield.yaml", "postshield: 1\nneverr: [x.com]\n")
        result = self.must(2, "check", "--plain", "policies")
        self.assertEqual(result.err.splitlines(), [
            "policies/bad.postshield.yaml:2:1: error[PS014]: unknown key 'neverr'; did you mean 'never'?",
            "1 error in 1 file", "1 can be corrected: try postshield check --fix --dry-run"])

    def test_warnings_count_only_when_strict(self):
        os.remove(self.path("feeds/main.csv"))
        result = self.must(0, "check", "policies")
        self.assertIn("warning[PS090]: feed 'main' cannot be read", result.err)
        self.assertIn("1 warning in 1 file", result.err)
        self.assertIn("good:", result.out)
        self.must(1, "check", "--strict", "policies")

    def test_json_keys_are_stable(self):
        found = self.must(0, "check", "--json", "policies").json
        self.assertEqual(found, {
            "path": "policies", "good": True, "errors": 0, "warnings": 0, "diagnostics": [],
            "files": ["policies/main.postshield.yaml"],
            "holds": {"rules": 4, "answers": 8, "feeds": 1, "never": 1, "official": 1, "popular": 1,
                      "brands": 0, "tests": 0}})
        self.write("policies/bad.postshield.yaml", "postshield: 1\nneverr: [x.com]\n")
        found = self.must(2, "check", "--json", "policies")
        self.assertEqual(found.err, "")
        self.assertEqual({k: found.json[k] for k in ("good", "errors", "holds", "files")},
                         {"good": False, "errors": 1, "holds": None, "files": None})
        self.assertEqual(found.json["diagnostics"], [{
            "severity": "error", "code": "PS014", "file": "policies/bad.postshield.yaml", "line": 2, "column": 1,
            "length": 6, "text": "unknown key 'neverr'", "source": "neverr: [x.com]",
            "hint": "did you mean 'never'?", "other": None}])

    def test_yaml_bombs_and_aliases_are_refused(self):
        bombs = {
            "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
            "depth": "a: " + "[" * 5000 + "]" * 5000 + "\n",
            "size": "# " + "x" * (2 << 20) + "\n",
            "nul": "postshield: 1\nnever: [\"a\x00b.com\"]\n",
            "tag": "postshield: !!python/object 1\n",
            "binary": b"\xff\xfe\x00\x01",
            "name": "postshield: 1\nnever: [" + "a" * 64 + ".com, " + "a." * 140 + "com]\n",
        }
        for name, text in bombs.items():
            with self.subTest(name):
                self.write("policies/bad.postshield.yaml", text)
                result = self.must(2, "check", "policies")
                self.assertIn("error[PS", result.err)
                self.assert_terminal_safe(result.err)

    def test_unreadable_folder_and_wrong_kinds(self):
        for path, code in (("nowhere", 2), ("/dev/null", 2)):
            with self.subTest(path):
                self.assertIn(path, self.must(code, "check", path).err)
        with open(self.path("feeds/main.csv"), "ab"):
            pass
        os.chmod(self.path("policies"), 0o700)
        if os.geteuid() == 0:
            program.PROGRAM, kept = program.copy_program(self.folder), program.PROGRAM
            try:
                result = self.run_program("check", "policies", user=65534, group=65534, extra_groups=[])
            finally:
                program.PROGRAM = kept
        else:
            os.chmod(self.path("policies"), 0)
            result = self.run_program("check", "policies")
            os.chmod(self.path("policies"), 0o700)
        self.assertEqual(result.code, 3, result.err)
        self.assertIn("Permission denied", result.err)


class CommandLine(program.Case):
    def test_unknown_words_are_named_with_what_was_meant(self):
        for arguments, text in (
                (("chek",), "unknown command 'chek': did you mean 'check'?"),
                (("check", "--jsno"), "unknown option '--jsno': did you mean '--json'?"),
                (("index", "lokup"), "unknown verb 'lokup': did you mean 'lookup'?"),
                (("check", "a", "b"), "takes one argument, not 'b'"),
                (("build", "x"), "takes no arguments, not 'x'"),
                (("explain",), "NAME is missing"),
                (("build", "--output"), "--output needs a value: FILE"),
                (("build", "--output", "a", "--output", "b"), "--output is given more than once"),
                (("check", "--json=yes"), "--json takes no value"),
                (("check", "-x"), "unknown option '-x'"),
                (("build", "--now", "yesterday"), "'yesterday' is no time"),
                (("explain", "--type", "AAAAA", "a.com"), "'AAAAA' is no record type"),
                ((), "no command is given"),
                (("index",), "no verb is given: info, verify or lookup"),
                (("--man", "chekc"), "there is no man page for 'chekc'"),
                (("--completion", "tcsh"), "'tcsh' is none of bash, zsh and fish")):
            with self.subTest(arguments):
                result = self.must(2, *arguments)
                self.assertIn(text, result.err)
                self.assertRegex(result.err, r"\n(Try: postshield .*--help\n)|no such|is no ")
                self.assertEqual(result.out, "")

    def test_what_is_written_is_escaped(self):
        for code, *words in ((2, "\x1b[31mred"), (2, "check", "--\x1b]0;title\x07"), (2, "explain", "\x1b[2J"),
                             (0, "explain", "\\0272J"),
                             (2, "explain", "-p", "\x1b[2J", "a.example"), (2, "check", "\x1b[31m/none"),
                             (2, "build", "-p", "\x1b[31m")):
            with self.subTest(words):
                result = self.must(code, *words)
                self.assert_terminal_safe(result.out, result.err)

    def test_full_disk_behind_the_output(self):
        with open("/dev/full", "wb") as full:
            done = program.subprocess.run([program.PROGRAM, "--help"], stdout=full, stderr=program.subprocess.PIPE,
                                          env=program.environment(), check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"cannot write the output (No space left on device)", done.stderr)

    def test_closed_streams_do_not_spoil_the_snapshot(self):
        command = ["/bin/sh", "-c", 'exec "$0" "$@" >&- 2>&- <&-', program.PROGRAM, "build", "--now", program.NOW]
        done = program.subprocess.run(command, cwd=self.folder, check=False,
                                      env=program.environment(POSTSHIELD_STATE=self.path("state")))
        self.assertEqual(done.returncode, 0)
        self.must(0, "index", "verify")

    def test_colours_only_on_a_terminal_and_only_when_wanted(self):
        self.build()
        for arguments, env, colored in (
                (("explain", "evil.com"), {}, True),
                (("explain", "evil.com"), {"NO_COLOR": "1"}, False),
                (("explain", "evil.com"), {"NO_COLOR": ""}, True),
                (("explain", "evil.com"), {"TERM": "dumb"}, False),
                (("explain", "--no-color", "evil.com"), {}, False)):
            with self.subTest(arguments=arguments, env=env):
                status, output = self.run_on_terminal(*arguments, env=env)
                self.assertEqual(status, 1)
                self.assertEqual(b"\x1b[" in output, colored, output)
        self.assertNotIn("\x1b", self.must(1, "explain", "evil.com").out)

    def test_lines_are_ascii_where_the_locale_is(self):
        self.build()
        result = self.must(1, "explain", "evil.com", env={"LC_ALL": "C"})
        self.assertTrue(result.out.isascii())
        self.assertIn("\n|- feeds ", result.out)
        self.assertIn("\n`- answer ", result.out)


class Folders(program.Case):
    """What is read of a folder, whatever it is called and whatever lies in it."""

    def test_slashes_behind_it(self):
        self.write("policies/main.postshield.yaml", "postshield: 1\nrulez: []\n")
        expected = self.must(2, "check", "policies").err
        self.assertIn("policies/main.postshield.yaml:2:1", expected)
        for folder in ("policies/", "policies///"):
            self.assertEqual(self.must(2, "check", folder).err, expected)

    def test_links(self):
        os.mkdir(self.path("elsewhere"))
        self.write("elsewhere/more.postshield.yaml", "postshield: 1\nnevr: []\n")
        self.write("elsewhere/text", "postshield: 1\nrulez: []\n")
        os.symlink("../elsewhere", self.path("policies/linked"))
        os.symlink("../elsewhere/text", self.path("policies/text"))
        os.symlink("nowhere", self.path("policies/gone"))
        os.mkfifo(self.path("policies/pipe"))
        result = self.must(2, "check", "policies")
        self.assertIn("policies/linked/more.postshield.yaml:2:1", result.err)
        self.assertIn("1 error in 1 file\n", result.err)
        os.symlink("nowhere", self.path("policies/none.postshield.yaml"))
        self.assertIn("the file cannot be read\n  --> policies/none.postshield.yaml\n   = no such file\n",
                      self.must(2, "check", "policies").err)


if __name__ == "__main__":
    program.main()
