#!/usr/bin/python3 -B
"""The n-th allocation fails, for every n: a clear error, and the last snapshot stands.

POSTSHIELD_NTH names the program with tests/cli/nth_allocation.c in it.
"""

import os
import subprocess
import unittest

import program

NTH = os.path.abspath(os.environ["POSTSHIELD_NTH"])
FAILURE = 3


class Memory(program.Case):
    def each_allocation(self, *arguments, good):
        """Runs it with the n-th allocation failing, for n from 1 to the last; yields
        (n, result). More than 400 are passed over in growing steps, of which the last
        is always taken."""
        number = 1
        while True:
            result = self.run_program(*arguments, env={"PS_NTH_ALLOCATION": str(number)})
            if result.err.endswith("fewer allocations\n"):
                self.assertIn(result.code, good)
                return
            self.assertIn(result.code, (FAILURE, *good), (number, result.err))
            if result.code == FAILURE:
                self.assertRegex(result.err, "memory", number)
            yield number, result
            number += 1 if number < 400 else number // 50

    def setUp(self):
        super().setUp()
        self.write("policies/main.postshield.yaml", program.POLICY + "tests:\n"
                   "  - {name: evil.com, expect: {action: nxdomain, rule: phishing}}\n"
                   "  - {name: weak.com, expect: nxdomain, note: too weak}\n")
        self.build()
        self.write("old.yaml", "postshield: 1\nrules: []\n")
        self.write("slips.yaml", "postshield: 1\nrulez:\n\t- id: a\n\t  when: everything\n\t  then: pss\n"
                   "never: [A.com, a.com]\n")
        self.write("names.txt", "evil.com\nb\u00fccher.de\n\n")
        self.write("zone.txt", "$ORIGIN com.\nevil NS ns\nweak NS ns\n")
        self.write("ct.txt", '{"name_value": "evil.com\\nweak.com"}\n{"dns_names": ["a.com"]}\n')
        digest = self.must(0, "index", "verify", "--json").json["digest"][:16]
        subprocess.run([os.environ["SPOOL_LIFE"], "sample", self.path("state/events"), f"{digest} 0"], check=True,
                       timeout=60, env=program.environment())
        self.write("state/module.prom", 'postshield_rule_hits_total{rule="a"} 1\n')
        program.PROGRAM, kept = NTH, program.PROGRAM
        self.addCleanup(setattr, program, "PROGRAM", kept)

    def check(self, *arguments, good, at_least=3):
        wanted = self.run_program(*arguments)
        count = 0
        for number, result in self.each_allocation(*arguments, good=good):
            count += 1
            if result.code != FAILURE:
                self.assertEqual(result.out, wanted.out, number)
        self.assertGreater(count, at_least)

    def test_commands_that_read(self):
        for arguments, good in (
                (("explain", "--now", program.NOW, "evil.com"), (1,)),
                (("explain", "--now", program.NOW, "--json", "track-1.com"), (0,)),
                (("index", "info"), (0,)),
                (("index", "info", "--json"), (0,)),
                (("index", "verify", "--json"), (0,)),
                (("index", "lookup", "evil.com"), (0,)),
                (("index", "lookup", "--json", "evil.com", "upu.int"), (0,)),
                (("status", "--now", program.NOW), (1,)),
                (("events", "--json"), (0,)),
                (("top", "--now", program.NOW), (0,)),
                (("rollback", "--list"), (0,)),
                (("allow", "evil.com", "--now", program.NOW, "--reason", "why"), (0,)),
                (("disable", "--rule", "phishing", "--now", program.NOW), (0,)),
                (("explain", "--now", program.NOW, "www.evil.com", "--json"), (0,)),
                (("rollback", "--list", "--json"), (0,)),
                (("events", "--since", "2h", "--now", program.NOW), (0,)),
                (("status", "--json", "--now", program.NOW), (1,)),
                (("check",), (0,)),
                (("check", "--json"), (0,)),
                (("check", "--fix", "--dry-run", "slips.yaml"), (1,)),
                (("check", "--fix", "--dry-run", "--json", "slips.yaml"), (1,)),
                (("scan", "--now", program.NOW, "--jobs", "1", "names.txt"), (0,)),
                (("scan", "--jobs", "1", "--snapshot", "state/snapshot.ps", "--format", "zone", "zone.txt"), (0,)),
                (("scan", "--jobs", "1", "--snapshot", "state/snapshot.ps", "--format", "ct", "ct.txt"), (0,)),
                (("diff", "--now", program.NOW, "--jobs", "1", "policies", "state/snapshot.ps", "names.txt"), (0,)),
                (("diff", "--now", program.NOW, "--jobs", "1", "old.yaml", "policies", "names.txt"), (1,)),
                (("test", "--now", program.NOW), (1,)),
                (("test", "--json", "--junit", "results.xml", "--now", program.NOW), (1,))):
            with self.subTest(arguments):
                self.check(*arguments, good=good)

    def test_fix(self):
        text = b"postshield: 1\nrulez: []\nnever: [A.com, a.com, b.com]\n"
        self.write("slips.yaml", text)
        self.run_program("check", "--fix", "slips.yaml")
        after = self.read("slips.yaml")
        self.assertNotEqual(after, text)
        self.write("slips.yaml", text)
        for number, result in self.each_allocation("check", "--fix", "slips.yaml", good=(0,)):
            self.assertIn(self.read("slips.yaml"), (text, after) if result.code == FAILURE else (after,), number)
            self.write("slips.yaml", text)

    def test_rollback(self):
        before = self.read("state/snapshot.ps")
        self.write("feeds/main.csv", program.FEED + "new.com,phishing,90,,\n")
        self.run_program("build", "--now", program.NOW)
        after = self.read("state/snapshot.ps")
        for arguments in (("rollback",), ("rollback", "--json")):
            for number, result in self.each_allocation(*arguments, good=(0,)):
                self.assertIn(self.read("state/snapshot.ps"), (after, before) if result.code == FAILURE else (before,),
                              number)
                self.write("state/snapshot.ps", after)

    def test_build(self):
        before = self.read("state/snapshot.ps")
        self.write("feeds/main.csv", program.FEED + "new.com,phishing,90,,\n")
        self.run_program("build", "--now", program.NOW)
        after = self.read("state/snapshot.ps")
        self.assertNotEqual(before, after)
        for arguments in (("build", "--now", program.NOW), ("build", "--json", "--now", program.NOW)):
            self.write("state/snapshot.ps", before)
            for number, result in self.each_allocation(*arguments, good=(0,)):
                found = self.read("state/snapshot.ps")
                # What fails behind the rename (the table, say) leaves the new one.
                allowed = (before, after) if result.code == FAILURE else (after,)
                self.assertTrue(found in allowed, (number, result.code, result.err))
                self.assertEqual([name for name in self.files() if ".new" in name], [], number)
                self.write("state/snapshot.ps", before)


if __name__ == "__main__":
    program.main()
