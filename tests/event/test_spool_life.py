#!/usr/bin/python3 -B
"""kill -9 of the spool's writer and of its reader, at any instant, again and again: afterwards every
sealed record was read exactly once.

What was sealed is known from outside: the writer tells each batch before it writes it, so all before
the batch that it told last is sealed, and of that one any beginning may be.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["SPOOL_LIFE"]
ROUNDS = int(os.environ.get("SPOOL_LIFE_ROUNDS", "60"))


class Life(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="postshield-life.")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.spool = os.path.join(self.folder, "events")
        self.journal = os.path.join(self.folder, "journal")
        self.random = random.Random(4)

    def start(self, verb, argument):
        return subprocess.Popen([PROGRAM, verb, self.spool, str(argument)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def kill(self, process):
        """Kills it, wherever it is; returns what it said in whole lines."""
        process.send_signal(signal.SIGKILL)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGKILL, err)
        return out.split("\n")[:-1]

    def lines(self):
        """(serial, count) of each whole line of the journal."""
        with open(self.journal, encoding="ascii") as file:
            text = file.read()
        return [tuple(map(int, line.split()[1:])) for line in text[:text.rfind("\n") + 1].splitlines()]

    def drain(self):
        done = subprocess.run([PROGRAM, "end", self.spool, self.journal], capture_output=True, text=True,
                              check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def check(self, sealed, told):
        """sealed: ranges of numbers that must have been read; told: those that may have been."""
        lines = self.lines()
        counts = [count for _, count in lines]
        self.assertEqual(len(counts), len(set(counts)), "a record was read twice")
        self.assertEqual(counts, sorted(counts), "records were read out of order")
        self.assertEqual([serial for serial, _ in lines], list(range(len(lines))), "serials go on, one by one")
        missing = set().union(*(range(*span) for span in sealed)) - set(counts)
        self.assertFalse(missing, f"sealed and not read: {sorted(missing)[:5]}")
        extra = set(counts) - set().union(*(range(*span) for span in told))
        self.assertFalse(extra, f"read and never written: {sorted(extra)[:5]}")

    def test_either_side_is_killed(self):
        sealed, told, number = [], [], 1
        reader = self.start("read", self.journal)
        for round_ in range(ROUNDS):
            writer = self.start("write", number)
            first = writer.stdout.readline()  # it runs: then any instant is as good as another
            time.sleep(self.random.random() * 0.04)
            if round_ % 2:
                self.kill(reader)
                reader = self.start("read", self.journal)
            batches = [int(first), *map(int, self.kill(writer))]
            sealed.append((number, batches[-1]))
            told.append((number, batches[-1] + 41))
            number = batches[-1] + 1000  # as another process would: its own numbers
        self.kill(reader)
        self.assertEqual(self.drain(), "missing 0 refused 0")
        self.check(sealed, told)
        self.assertGreater(len(self.lines()), ROUNDS)

    def test_a_reader_alone_is_killed(self):
        """At most one event lies between the journal and its reader's death: it is read again, not lost."""
        writer = self.start("write", 1)
        writer.stdout.readline()
        readers = 0
        while readers < ROUNDS:
            reader = self.start("read", self.journal)
            time.sleep(self.random.random() * 0.02)
            self.kill(reader)
            readers += 1
        batches = [1, *map(int, self.kill(writer))]
        self.assertEqual(self.drain(), "missing 0 refused 0")
        self.check([(1, batches[-1])], [(1, batches[-1] + 41)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
