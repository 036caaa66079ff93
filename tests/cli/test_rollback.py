#!/usr/bin/python3 -B
"""postshield rollback, on snapshots that build published."""

import os
import unittest

import program


class Rollback(program.Case):
    def publish(self, *names, code=0):
        """Builds with these names listed; returns the snapshot's digest."""
        self.write("feeds/main.csv", program.FEED + "".join(f"{name},phishing,90,,\n" for name in names))
        self.build(code)
        return self.digest()

    def digest(self):
        return self.must(0, "index", "verify", "--json").json["digest"][:16]

    def list(self):
        return [(row["digest"], row["state"]) for row in self.must(0, "rollback", "--list", "--json").json["generations"]]

    def kept(self):
        return self.files("state/generations")

    def test_to_the_one_before_and_further(self):
        a, b, c = (self.publish(name) for name in ("a.com", "b.com", "c.com"))
        self.assertEqual(self.list(), [(c, "serves"), (b, "kept"), (a, "kept")])
        bytes_of_b = self.read(f"state/generations/0000000002-{b}.ps")
        result = self.must(0, "rollback")
        self.assertRegex(result.out, f"published  {b}, built 20..-..-..T..:..:..Z, 8 names\n"
                                     f"before     {c}; postshield rollback {c} brings it back\n")
        self.assertIn("The next postshield build publishes", result.out)
        self.assertEqual(self.read("state/snapshot.ps"), bytes_of_b)
        self.assertEqual(self.list(), [(c, "rolled back from"), (b, "serves"), (a, "kept")])
        self.assertEqual(self.must(0, "rollback", "--json").json["published"], a)
        self.assertIn("no earlier snapshot is kept", self.must(2, "rollback").err)
        self.assertEqual(self.digest(), a)
        self.must(0, "rollback", c[:4])
        self.assertEqual(self.list(), [(c, "serves"), (b, "kept"), (a, "kept")])

    def test_the_list_for_people(self):
        self.assertIn("no snapshot is kept yet", self.must(0, "rollback", "--list").out)
        self.assertIn("no earlier snapshot is kept", self.must(2, "rollback").err)
        a, b = self.publish(), self.publish("b.com")
        lines = self.must(0, "rollback", "--list").out.splitlines()
        self.assertRegex(lines[0], "^digest +built +names +bytes +state$")
        self.assertRegex(lines[1], f"^{b}  20.* +8 +[0-9,]+ +serves$")
        self.assertRegex(lines[2], f"^{a}  20.* +7 +[0-9,]+ +kept$")

    def test_a_build_after_it_drops_what_was_rolled_back_from(self):
        a, b = self.publish(), self.publish("b.com")
        self.must(0, "rollback")
        c = self.publish("c.com")
        self.assertEqual(self.list(), [(c, "serves"), (a, "kept")])
        self.must(0, "rollback")
        self.assertEqual(self.digest(), a)
        # The policy that was wrong is built again by a timer: it is the newest again.
        self.assertEqual(self.publish("b.com"), b)
        self.assertEqual(self.list(), [(b, "serves"), (a, "kept")])

    def test_so_many_are_kept_and_equal_ones_once(self):
        digests = [self.publish(f"n{i}.com") for i in range(6)]
        self.publish("n5.com")
        self.publish("n5.com")
        self.assertEqual(self.list(), [(digests[5], "serves"), *((d, "kept") for d in digests[4:1:-1])])
        self.publish("n3.com")
        self.assertEqual([digest for digest, _ in self.list()], [digests[i] for i in (3, 5, 4, 2)])

    def test_what_is_built_elsewhere_is_not_kept(self):
        self.publish()
        self.build(0, "--output", self.path("trial.ps"))
        self.assertEqual(len(self.kept()), 1)
        # But for the very place that the resolver reads.
        self.write("feeds/main.csv", program.FEED + "b.com,phishing,90,,\n")
        self.build(0, "--output", self.path("state/snapshot.ps"))
        self.assertEqual(len(self.kept()), 2)

    def test_a_snapshot_from_before_there_were_generations(self):
        a = self.publish()
        os.unlink(self.path("state/generations", self.kept()[0]))
        os.rmdir(self.path("state/generations"))
        b = self.publish("b.com")
        self.assertEqual(self.list(), [(b, "serves"), (a, "kept")])
        self.must(0, "rollback")
        self.assertEqual(self.digest(), a)

    def test_damaged_ones(self):
        a, b, c = (self.publish(name) for name in ("a.com", "b.com", "c.com"))
        good = self.read(f"state/generations/0000000002-{b}.ps")
        # Cut, and another one under its name.
        for data in (good[:-1], self.read(f"state/generations/0000000001-{a}.ps")):
            self.write(f"state/generations/0000000002-{b}.ps", data)
            self.assertEqual(self.list(), [(c, "serves"), (b, "damaged"), (a, "kept")])
            self.must(2, "rollback", b)
            self.assertEqual(self.digest(), c)
        self.assertIn(f"{b} is damaged: left out", self.must(0, "rollback").err)
        self.assertEqual(self.digest(), a)
        self.assertEqual(self.files(), [".build.lock", "build.prom", "generations", "snapshot.ps"])

    def test_from_a_damaged_or_missing_snapshot(self):
        self.publish()
        b = self.publish("b.com")
        self.write("state/snapshot.ps", self.read("state/snapshot.ps")[:-1])
        self.must(0, "rollback")
        self.assertEqual(self.digest(), b)
        os.unlink(self.path("state/snapshot.ps"))
        self.must(0, "rollback")
        self.assertEqual(self.digest(), b)

    def test_wrong_arguments(self):
        a, b = self.publish(), self.publish("b.com")
        for argument, words in ((a[:3], "no kept snapshot's digest begins"), (a + "0" * 48, None), ("zzzz", "begins with"),
                                (b, "serves already"), ("", "begins with")):
            with self.subTest(argument):
                if words is not None:
                    self.assertIn(words, self.must(2, "rollback", argument).err)
        self.must(2, "rollback", "--list", a)
        self.assertEqual(self.digest(), b)

    def test_odd_files_beside_them(self):
        a, b = self.publish(), self.publish("b.com")
        self.write("state/generations/README", "x")
        self.write("state/generations/0000000009-0123456789abcdeF.ps", "x")
        os.mkdir(self.path("state/generations/0000000009-0123456789abcdef.ps"))
        self.assertEqual(self.list(), [(b, "serves"), (a, "kept")])

    def test_a_build_that_cannot_keep_serves_all_the_same(self):
        self.write("state/generations", "a file in the way")
        result = self.build()
        self.assertIn("warning: the snapshot serves, but postshield rollback will not find it: ", result.err)
        self.must(0, "index", "verify")
        os.unlink(self.path("state/generations"))
        self.assertEqual(self.build().err.count("warning"), 0)
        self.assertEqual(len(self.kept()), 1)

    def test_calls_that_fail_change_nothing(self):
        self.publish()
        b = self.publish("b.com")
        for call, number, error in (("fsync", 1, "EIO"), ("rename", 1, "EACCES"), ("write", 1, "EIO"), ("write", 3, "ENOSPC"),
                                    ("flock", 1, "ENOLCK")):
            number += program.writes_before_main() if call == "write" else 0
            with self.subTest(call):
                self.must(3, "rollback", before=("strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                                 f"inject={call}:error={error}:when={number}"))
                self.assertEqual(self.digest(), b)
                self.assertEqual(self.files(), [".build.lock", "build.prom", "generations", "snapshot.ps"])

    def test_killed_at_every_step(self):
        """Of going back, and of keeping at a build."""
        a, b = self.publish(), self.publish("b.com")
        kills = 0
        for command in (("rollback",), ("build", "--now", program.NOW)):
            for call in ("openat", "write", "fsync", "rename", "unlink", "mkdir", "close"):
                for number in range(1, 200):
                    if command[0] == "rollback":
                        self.run_program("rollback", b)
                    else:
                        self.write("feeds/main.csv", program.FEED + f"x{kills}.com,phishing,90,,\n")
                    result = self.run_program(*command, before=(
                        "strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                        f"inject={call}:signal=KILL:when={number}"))
                    if result.code == 0:
                        break
                    kills += 1
                    found = self.digest()  # whole in any case
                    if command[0] == "rollback":
                        self.assertIn(found, (a, b))
                    self.assertNotIn("damaged", [state for _, state in self.list()])
        self.assertGreater(kills, 20)
        self.publish("last.com")
        self.assertEqual(self.files(), [".build.lock", "build.prom", "generations", "snapshot.ps"])
        self.assertEqual([name for name in self.kept() if not name.endswith(".ps") or name.startswith(".")], [])
        self.assertLessEqual(len(self.kept()), 4)


if __name__ == "__main__":
    program.main()
