#!/usr/bin/python3
"""policies/README.md: every example is a policy that checks, and whose tests pass; and what it and the
first README show of explain is what explain says of the shipped policies."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "policies" / "README.md"
PROGRAM = os.path.abspath(os.environ.get("POSTSHIELD", ROOT / "build" / "bin" / "postshield"))


def examples():
    """(title, YAML) of each example."""
    title = ""
    for heading, block in re.findall(r"^## ([^\n]*)$|^```yaml\n(.*?)^```$", README.read_text("utf-8"), re.M | re.S):
        title = heading or title
        if block:
            yield title, block


class Readme(unittest.TestCase):
    def test_the_corrections(self):
        shown = re.search(r"^    \$ postshield (check --fix --dry-run .*)\n((?:    .*\n)+)", README.read_text("utf-8"), re.M)
        shown = [shown[1].split(), "".join(line[4:] + "\n" for line in shown[2].splitlines())]
        old = "".join(line[1:] + "\n" for line in shown[1].splitlines()[3:] if line[0] in " -")
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / shown[0][-1]).write_text(old, "utf-8")
            done = subprocess.run([PROGRAM, *shown[0]], capture_output=True, text=True, check=False, cwd=folder)
            self.assertEqual((done.stdout, done.returncode), (shown[1], 1), done.stderr)

    def test_what_explain_shows(self):
        for file, wanted in ((ROOT / "README.md", 10), (README, 4)):
            shown = [line[4:] for block in re.findall(r"(?:^    [^$\n].*\n)+", file.read_text("utf-8"), re.M)
                     if "├ lookalike " in block for line in block.splitlines() if line != "    ..."]
            self.assertGreaterEqual(len(shown), wanted, file)
            name = next(line.split()[2] for line in shown if " asked " in line)
            done = subprocess.run([PROGRAM, "explain", "--policies", "policies", name], capture_output=True, text=True,
                                  check=False, cwd=ROOT)
            said = done.stdout.splitlines()
            for line in shown:
                self.assertIn(line, said, f"{file}: run postshield explain {name}")

    def test_every_example(self):
        seen = 0
        for title, text in examples():
            with self.subTest(title), tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "example.postshield.yaml").write_text(text, "utf-8")
                (pathlib.Path(folder) / "partner.txt").write_text("usps-redelivery.top\nwww.upu.int\n", "utf-8")
                for command in (["check", "--strict", folder], ["test", "--policy", folder]):
                    done = subprocess.run([PROGRAM, *command], capture_output=True, text=True, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn("passed, 0 failed", done.stdout)
                seen += 1
        self.assertEqual(seen, 11)


if __name__ == "__main__":
    unittest.main()
