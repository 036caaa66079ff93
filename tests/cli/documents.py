#!/usr/bin/python3 -B
"""Man pages and completions: committed as the program prints them.

    documents.py --write PROGRAM    prints them anew
    documents.py                    tests (POSTSHIELD names the program)
"""

import os
import re
import subprocess
import sys
import unittest

import program

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMANDS = ("check", "build", "explain", "index", "status", "test", "scan", "diff", "events", "top", "rollback", "disable", "enable",
            "allow")
DOCUMENTS = {
    "man/postshield.1": ("--man", "postshield"),
    **{f"man/postshield-{command}.1": ("--man", command) for command in COMMANDS},
    "completions/postshield.bash": ("--completion", "bash"),
    "completions/_postshield": ("--completion", "zsh"),
    "completions/postshield.fish": ("--completion", "fish"),
}


def printed(arguments):
    return subprocess.run([program.PROGRAM, *arguments], env=program.environment(), stdout=subprocess.PIPE,
                          check=True).stdout


def write():
    for path, arguments in DOCUMENTS.items():
        path = os.path.join(ROOT, "contrib", path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(printed(arguments))


class Documents(unittest.TestCase):
    maxDiff = None

    def test_committed_files_are_what_the_program_prints(self):
        for path, arguments in DOCUMENTS.items():
            with self.subTest(path), open(os.path.join(ROOT, "contrib", path), "rb") as file:
                self.assertEqual(file.read().decode(), printed(arguments).decode(),
                                 "run the build target cli-docs and commit what it wrote")

    def test_there_is_no_other_file(self):
        for folder in ("man", "completions"):
            self.assertEqual(sorted(os.listdir(os.path.join(ROOT, "contrib", folder))),
                             sorted(os.path.basename(path) for path in DOCUMENTS if path.startswith(folder)))

    def test_help_fits_the_terminal(self):
        for words in ((), *((command,) for command in COMMANDS)):
            with self.subTest(words):
                text = printed((*words, "--help")).decode()
                self.assertTrue(text.isascii())
                self.assertLess(max(len(line) for line in text.splitlines()), 80)
                self.assertIn("examples:\n  postshield ", text)
                self.assertEqual(text, printed((*words, "-h")).decode())

    def test_every_option_is_in_help_man_page_and_completions(self):
        shells = {shell: printed(("--completion", shell)).decode() for shell in ("bash", "zsh", "fish")}
        for command in COMMANDS:
            options = re.findall(r"(?m)^  (?:-.,|   ) --([a-z-]+)", printed((command, "--help")).decode())
            self.assertGreater(len(options), 2)
            page = printed(("--man", command)).decode().replace("\\-", "-")
            for option in options:
                with self.subTest(command=command, option=option):
                    self.assertIn(f"--{option}", page)
                    self.assertIn(f"--{option}", shells["bash"])
                    self.assertIn(f"--{option}", shells["zsh"])
                    self.assertRegex(shells["fish"], rf"seen_subcommand_from {command}' -l {option} ")

    def test_man_pages_are_clean(self):
        for path, arguments in DOCUMENTS.items():
            if not path.startswith("man/"):
                continue
            done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=printed(arguments),
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
            self.assertEqual(done.stdout, b"", path)

    def complete(self, *words):
        script = ("source /dev/stdin; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _postshield; "
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "--norc", "-c", script, "bash", "postshield", *words],
                              input=printed(("--completion", "bash")), stdout=subprocess.PIPE, check=True, cwd=ROOT)
        return done.stdout.decode().split()

    def test_bash_completes(self):
        self.assertEqual(self.complete("ch"), ["check"])
        self.assertEqual(self.complete("build", "--o"), ["--output"])
        self.assertEqual(self.complete("index", "v"), ["verify"])
        self.assertEqual(self.complete("--man", "st"), ["status"])
        self.assertEqual(self.complete("explain", "--type", "AA"), ["AAAA"])
        self.assertIn("module", self.complete("check", "mod"))
        self.assertEqual(self.complete("explain", "mod"), [])

    def test_version(self):
        self.assertRegex(printed(("--version",)).decode(), r"^postshield \d+\.\d+\.\d+\n$")
        self.assertEqual(printed(("-V",)), printed(("--version",)))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--write":
        program.PROGRAM = os.path.abspath(sys.argv[2])
        write()
    else:
        program.main()
