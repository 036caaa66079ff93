#!/usr/bin/python3 -B
"""postshield disable, enable and allow: what they write, and what status and explain say of it."""

import os
import subprocess
import unittest

import program

NOW = "2025-11-21T12:00:00Z"
LATER = "2025-11-21T12:10:00Z"


class Relief(program.Case):
    def setUp(self):
        super().setUp()
        self.build()

    def run_at(self, code, *arguments, now=NOW, **keywords):
        return self.must(code, *arguments, "--now", now, **keywords)

    def relief(self, now=NOW):
        return [(row["kind"], row.get("name", row.get("rule")), row["until"], row["reason"])
                for row in self.run_at(1, "status", "--json", now=now).json["relief"]]

    def explain(self, code, name, now=NOW):
        return self.run_at(code, "explain", name, now=now).out

    def test_allow(self):
        self.explain(1, "evil.com")
        out = self.run_at(0, "allow", "Evil.com.", "--for", "24h", "--reason", "ticket 4711").out
        self.assertEqual(out, """\
evil.com and all below it pass until 2025-11-22T12:00:00Z (24 h): ticket 4711
It ends by itself. For good, add the name to never: in the policy and run postshield build.
""")
        self.assertEqual(self.relief(), [("allow", "evil.com", "2025-11-22T12:00:00Z", "ticket 4711")])
        self.assertIn("for now    evil.com and all below it pass until 2025-11-22T12:00:00Z (24 h): ticket 4711\n",
                      self.run_at(1, "status").out)
        for name in ("evil.com", "www.evil.com"):
            self.assertTrue(self.explain(0, name).startswith(
                "FOR NOW  PASS   evil.com and all below it pass until 2025-11-22T12:00:00Z (24 h): ticket 4711\n"
                "The policy says:\nBLOCK  NXDOMAIN"))
        self.assertEqual(self.run_at(0, "explain", "--json", "evil.com").json["relief"]["reason"], "ticket 4711")
        # Others are none of its business, nor is it of what is looked at elsewhere.
        self.run_at(1, "explain", "--snapshot", "state/snapshot.ps", "evil.com")
        self.run_at(1, "explain", "parcel-123456.com")
        self.assertNotIn("FOR NOW", self.explain(0, "other.com"))
        # To the second.
        self.explain(0, "evil.com", now="2025-11-22T11:59:59Z")
        self.assertNotIn("FOR NOW", self.explain(1, "evil.com", now="2025-11-22T12:00:00Z"))
        self.assertEqual(self.relief(now="2025-11-22T12:00:00Z"), [])

    def test_taken_back(self):
        self.run_at(0, "allow", "evil.com")
        self.run_at(0, "allow", "other.com")
        self.assertIn("within a second", self.run_at(0, "allow", "--remove", "evil.com").out)
        self.assertEqual([name for _, name, *_ in self.relief()], ["other.com"])
        self.assertIn("nothing to take back", self.run_at(1, "allow", "--remove", "evil.com").out)
        self.assertEqual(self.run_at(1, "allow", "--json", "--remove", "evil.com").json, {"added": False, "removed": 0})

    def test_disable(self):
        self.run_at(0, "allow", "other.com")
        self.assertIn("nothing is blocked until 2025-11-21T12:10:00Z (10 min)\n", self.run_at(0, "disable").out)
        self.assertIn("FOR NOW  PASS   nothing is blocked", self.explain(0, "evil.com"))
        self.assertNotIn("FOR NOW", self.explain(0, "portal.shop.com"))
        self.explain(1, "evil.com", now=LATER)
        # Said again, it holds for the new span, not for both.
        self.run_at(0, "disable", "--for", "90s", "--reason", "again")
        self.assertEqual([row for row in self.relief() if row[0] == "disable"],
                         [("disable", None, "2025-11-21T12:01:30Z", "again")])
        self.run_at(0, "enable")
        self.assertEqual([kind for kind, *_ in self.relief()], ["allow"])
        self.run_at(1, "enable")

    def test_disable_a_rule(self):
        self.run_at(0, "disable", "--rule", "phishing")
        self.assertIn("FOR NOW  PASS   rule phishing blocks nothing until", self.explain(0, "evil.com"))
        self.explain(1, "parcel-123456.com")
        self.run_at(1, "enable")
        self.run_at(0, "enable", "--rule", "phishing")
        self.explain(1, "evil.com")
        self.assertIn("did you mean 'phishing'?", self.run_at(2, "disable", "--rule", "phising").err)

    def test_below_a_rule_that_is_off_another_blocks(self):
        self.write("policies/main.postshield.yaml", program.POLICY.replace(
            "never:", "  - {id: below, when: {listed: {feeds: [main]}}, then: refused}\nnever:").replace(
            "never:", "\nnever:", 1))
        self.build()
        self.run_at(0, "disable", "--rule", "phishing")
        self.assertNotIn("FOR NOW", self.explain(1, "evil.com"))

    def test_wrong_arguments(self):
        for arguments in (("allow",), ("allow", "com"), ("allow", "."), ("allow", "a..b"), ("allow", "a.com", "b.com"),
                          ("allow", "a.com", "--for", "0s"), ("allow", "a.com", "--for", "31d"),
                          ("allow", "a.com", "--for", "soon"), ("allow", "a.com", "--reason", "x" * 100),
                          ("allow", "https://a.com/x"), ("disable", "evil.com"), ("disable", "--rule", ""),
                          ("disable", "--rule", "x" * 200), ("disable", "--rule", "\x1b[2J")):
            with self.subTest(arguments):
                result = self.run_at(2, *arguments)
                self.assert_terminal_safe(result.err, result.out)
        self.assertEqual(self.relief(), [])

    def test_a_reason_cannot_command_a_terminal(self):
        self.run_at(0, "allow", "evil.com", "--reason", "a\x1b[2Jb\n\u00fc")
        self.assertIn(r": a\x1B[2Jb\x0A\xC3\xBC" + "\n", self.run_at(1, "status").out)

    def test_so_many(self):
        for i in range(128):
            self.run_at(0, "allow", f"n{i}.com")
        self.assertIn("128 are let through already", self.run_at(2, "allow", "n128.com").err)
        self.run_at(0, "allow", "n5.com", "--for", "2h")
        self.assertEqual(len(self.relief()), 128)
        # What has ended makes room.
        self.run_at(0, "allow", "n128.com", now="2025-11-21T13:00:00Z")
        self.assertEqual([name for _, name, *_ in self.relief(now="2025-11-21T13:00:00Z")], ["n5.com", "n128.com"])

    def test_a_damaged_file_is_none_and_is_written_anew(self):
        self.run_at(0, "allow", "evil.com")
        good = self.read("state/relief.ps")
        for at in (0, 8, 12, 16, 24, 32, 50, 60, len(good) - 1):
            bad = bytearray(good)
            bad[at] ^= 1
            self.write("state/relief.ps", bytes(bad))
            self.explain(1, "evil.com")
            result = self.run_at(1, "status")
            self.assertIn("cannot be read: the policy holds", result.err)
            self.assertNotIn("for now", result.out)
        for bad in (b"", good[:-1], good + b"x"):
            self.write("state/relief.ps", bad)
            self.run_at(0, "allow", "other.com")
            self.assertEqual([name for _, name, *_ in self.relief()], ["other.com"])

    def test_a_folder_that_cannot_be_written(self):
        self.must(3, "disable", env={"POSTSHIELD_STATE": self.path("nowhere")})
        os.mkdir(self.path("state/relief.ps"))
        self.assertEqual(self.run_program("disable", "--now", NOW).code not in (0, 1), True)

    def test_many_at_once(self):
        """None is lost when several people write."""
        started = [subprocess.Popen([program.PROGRAM, "allow", f"n{i}.com", "--now", NOW], stdout=subprocess.DEVNULL,
                                    env=program.environment(POSTSHIELD_STATE=self.path("state"))) for i in range(20)]
        self.assertEqual([process.wait(60) for process in started], [0] * 20)
        self.assertEqual(len(self.relief()), 20)
        self.assertEqual([name for name in self.files() if name.startswith("..") or ".new" in name], [])


if __name__ == "__main__":
    program.main()
