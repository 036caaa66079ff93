"""The built program on small policies and feeds in a folder of its own.

The environment variable POSTSHIELD names the program.
"""

import dataclasses
import functools
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(os.environ.get("POSTSHIELD", "build/bin/postshield"))
NOW = "2025-11-21T12:00:00Z"
with open(PROGRAM, "rb") as file:
    PROGRAM_BYTES = file.read()
# Sanitizers take address space as they like.
SANITIZED = any(word in PROGRAM_BYTES for word in (b"__asan_init", b"__tsan_init"))

POLICY = """\
postshield: 1

answers:
  block-page: {sinkhole: {a: 192.0.2.80, aaaa: "2001:db8::80"}, ttl: 60}

rules:
  - id: staff-portal
    when: {name: {is: portal.shop.com}}
    then: log
  - id: phishing
    when: {listed: {feeds: [main], category: phishing, confidence: ">= 60"}}
    then: nxdomain
    tell: {ede: blocked, text: listed by the sector's ISAC}
  - id: parcel
    when: {name: {pattern: '^parcel-[0-9]{6}\\.'}}
    then: block-page
  - id: trial
    mode: shadow
    when: {name: {pattern: '^track-'}}
    then: refused

never: [upu.int]
official: [laposte.fr]
popular: [wikipedia.org]

feeds:
  main:
    format: csv
    path: ../feeds/main.csv
    columns: {name: name, category: category, confidence: confidence, valid-until: until, reference: ref}
    scope: subtree
"""

FEED = """\
name,category,confidence,until,ref
evil.com,phishing,90,,case 1
weak.com,phishing,30,,case 2
old.com,phishing,90,2025-01-01T00:00:00Z,case 3
soon.com,phishing,90,2025-12-01T00:00:00Z,case 4
laposte.fr,phishing,80,,case 5
www.upu.int,phishing,80,,case 6
wikipedia.org,phishing,80,,case 7
co.uk,phishing,80,,case 8
bad..name,phishing,80,,case 9
"""


@dataclasses.dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def environment(**changes):
    """Nothing of the caller's or the machine's that changes what the program prints; and what a sanitizer
    finds is none of the program's own exit statuses."""
    kept = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PS_DICTIONARY_FILE": ""}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
        kept[name] = ":".join(filter(None, (os.environ.get(name), "exitcode=99", changes.pop(name, None))))
    return {**kept, **changes}


@functools.lru_cache
def writes_before_main():
    """How often ThreadSanitizer's runtime calls write(2) itself, for what it has to map: the n-th write of the
    program is so many later."""
    done = subprocess.run(["strace", "-f", "-qq", "-y", "-e", "trace=write", PROGRAM, "--version"],
                          env=environment(ASAN_OPTIONS="detect_leaks=0"), stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, timeout=120, check=True)
    return done.stderr.count(b"tsan.rodata")


class Case(unittest.TestCase):
    """Each test has a folder with policies/, feeds/ and state/."""

    maxDiff = None

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="postshield-cli."))
        os.chmod(self.folder, 0o755)
        for name in ("policies", "feeds", "state"):
            os.mkdir(self.path(name))
        self.write("policies/main.postshield.yaml", POLICY)
        self.write("feeds/main.csv", FEED)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def files(self, name="state"):
        return sorted(os.listdir(self.path(name)))

    def run_program(self, *arguments, env=None, before=(), **keywords):
        """Runs it in the folder; before: a command that runs it (strace, prlimit)."""
        changes = {"POSTSHIELD_STATE": self.path("state"), **(env or {})}
        if "strace" in before:
            changes["ASAN_OPTIONS"] = "detect_leaks=0"  # the leak checker wants to trace, too
        done = subprocess.run(
            [*before, PROGRAM, *arguments], cwd=self.folder, env=environment(**changes), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False, **keywords)
        return Result(done.returncode, done.stdout.decode("utf-8", "backslashreplace"),
                      done.stderr.decode("utf-8", "backslashreplace"))

    def must(self, code, *arguments, **keywords):
        """Runs it and expects this exit status."""
        result = self.run_program(*arguments, **keywords)
        self.assertEqual(result.code, code, f"{arguments}\n{result.out}\n{result.err}")
        return result

    def build(self, code=0, *arguments, now=NOW, **keywords):
        return self.must(code, "build", "--now", now, *arguments, **keywords)

    def run_on_terminal(self, *arguments, env=None):
        """Both streams on a terminal; returns (exit status, all octets)."""
        ours, theirs = pty.openpty()
        changes = {"POSTSHIELD_STATE": self.path("state"), "TERM": "xterm-256color", **(env or {})}
        with subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, env=environment(**changes),
                              stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            output = b""
            while select.select([ours], [], [], 60)[0]:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # EIO: the other end is closed
                    piece = b""
                if not piece:
                    break
                output += piece
            process.wait(60)
        os.close(ours)
        return process.returncode, output

    def assert_terminal_safe(self, *texts):
        """Printable ASCII, newlines, and the lines that the tree is drawn with."""
        for text in texts:
            odd = {c for c in text if not (" " <= c <= "~" or c in "\n├└│")}
            self.assertEqual(odd, set(), text)


def copy_program(folder):
    """A copy that any user can run."""
    copy = shutil.copy(PROGRAM, os.path.join(folder, "postshield"))
    os.chmod(copy, 0o755)
    return copy


def main():
    """Like unittest.main(), but a run without tests or with a test left out fails."""
    program = unittest.main(module="__main__", exit=False, verbosity=1)
    result = program.result
    if result.testsRun == 0 or result.skipped:
        sys.exit("not every test ran")
    sys.exit(0 if result.wasSuccessful() else 1)
