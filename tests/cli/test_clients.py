#!/usr/bin/python3 -B
"""Groups of clients in the commands: explain, scan, diff and test."""

import unittest

import program

FILE = "policies/clients.postshield.yaml"
CLIENTS = """\
postshield: 1

clients:
  counters: [10.20.0.0/16, "2001:db8:20::/48"]
  analysts: [10.20.9.0/24]

rules:
  - id: analysts-see-all
    when: {client: analysts}
    then: log
  - id: counters-stricter
    when: {name: {under: social.example}, client: counters}
    then: nxdomain
  - id: counters-trial
    mode: shadow
    when: {name: {is: trial.example}, client: counters}
    then: refused
  - id: abuse
    when: {name: {under: abuse.example}}
    then: refused

tests:
  - {name: abuse.example, client: 10.20.9.7, expect: {action: log, rule: analysts-see-all}}
  - {name: www.social.example, client: "2001:db8:20::7", expect: nxdomain}
  - {name: www.social.example, client: "::ffff:10.20.0.7", expect: nxdomain}
  - {name: www.social.example, expect: {action: pass, rule: none}}
"""


class Clients(program.Case):
    def setUp(self):
        super().setUp()
        self.write("policies/main.postshield.yaml", CLIENTS)
        self.build()

    def explain(self, code, name, client=None, *options):
        who = [] if client is None else ["--client", client]
        return self.must(code, "explain", "--now", program.NOW, *who, *options, name)

    def line(self, text):
        return next((line for line in text.splitlines() if line.startswith("├ client ")), None)

    def test_the_group_and_its_prefix(self):
        place = "policies/main.postshield.yaml"
        for client, code, said in (
                ("10.20.0.7", 1, f"10.20.0.7: in counters, by 10.20.0.0/16 ({place}:4)"),
                ("::ffff:10.20.0.7", 1, f"::ffff:10.20.0.7: in counters, by 10.20.0.0/16 ({place}:4)"),
                ("2001:db8:20::7", 1, f"2001:db8:20::7: in counters, by 2001:db8:20::/48 ({place}:4)"),
                ("10.20.9.7", 0, f"10.20.9.7: in analysts, by 10.20.9.0/24 ({place}:5)"),
                ("10.21.0.7", 0, "10.21.0.7: in no group")):
            with self.subTest(client):
                out = self.explain(code, "social.example", client).out
                self.assertEqual(self.line(out), f"├ client           {said}")

    def test_when_it_does_not_matter(self):
        self.write("policies/main.postshield.yaml", CLIENTS.replace(
            "  - id: analysts-see-all\n    when: {client: analysts}\n    then: log\n", "").split("tests:")[0])
        self.build()
        out = self.explain(1, "abuse.example", "10.20.0.7").out
        self.assertRegex(self.line(out), r"in counters, by 10\.20\.0\.0/16 \(.*\); it does not matter here$")
        self.assertIsNone(self.line(self.explain(1, "abuse.example").out))

    def test_without_a_client(self):
        """Rules that ask who asks are told as such, and that it matters here."""
        out = self.explain(0, "social.example").out
        self.assertEqual(self.line(out),
                         "├ client           not said, so one in no group; it matters here: say --client ADDRESS")
        self.assertRegex(out, r"counters-stricter +is for clients in counters, and no client was said\n")
        out = self.explain(0, "social.example", "10.20.9.7").out
        self.assertRegex(out, r"analysts-see-all +decides: client in analysts\n")
        out = self.explain(1, "social.example", "10.20.0.7").out
        self.assertRegex(out, r"analysts-see-all +is for clients in analysts\n")
        self.assertRegex(out, r"counters-stricter +decides: name on the rule's list, and client in counters\n")

    def test_json(self):
        facts = self.explain(1, "social.example", "10.20.0.7", "--json").json
        self.assertEqual(facts["client"], {"address": "10.20.0.7", "matters": True, "group": "counters",
                                           "prefix": "10.20.0.0/16"})
        self.assertTrue(facts["by_client"])
        facts = self.explain(0, "social.example", None, "--json").json
        self.assertIsNone(facts["client"])
        self.assertTrue(facts["by_client"])

    def test_a_group_on_trial(self):
        facts = self.explain(0, "trial.example", "10.20.0.7", "--json").json
        self.assertEqual([rule["id"] for rule in facts["shadow"]], ["counters-trial"])
        self.assertEqual(self.explain(0, "trial.example", "10.21.0.7", "--json").json["shadow"], [])

    def test_scan_and_diff(self):
        self.write("names.txt", "social.example\nabuse.example\nfree.example\n")

        def actions(*who):
            rows = self.must(0, "scan", "--snapshot", "state/snapshot.ps", *who, "names.txt").out.splitlines()
            return [row.split("\t")[1] for row in rows[-3:]]

        self.assertEqual(actions(), ["pass", "refused", "pass"])
        self.assertEqual(actions("--client", "10.20.0.7"), ["nxdomain", "refused", "pass"])
        self.assertEqual(actions("-c", "10.20.9.7"), ["log", "log", "log"])
        self.write("new.yaml", CLIENTS.replace("client: counters}\n    then: nxdomain", "client: counters}\n    then: refused"))
        for who, code, changed in ((("--client", "10.20.0.7"), 1, "1 changed"), ((), 0, "none changed")):
            self.assertIn(changed, self.must(code, "diff", *who, "state/snapshot.ps", "new.yaml", "--", "names.txt").out)
        for command in (["scan", "names.txt"], ["diff", "new.yaml", "new.yaml", "--", "names.txt"]):
            self.assertIn("is no IPv4 or IPv6 address", self.must(2, *command[:1], "--client", "10.20", *command[1:]).err)

    def test_tests_with_a_client(self):
        out = self.must(0, "test", "--now", program.NOW).out
        self.assertIn("  abuse.example from 10.20.9.7\n", out)
        self.assertIn("  www.social.example\n", out)
        self.assertIn("4 passed, 0 failed", out)
        self.write("policies/main.postshield.yaml", CLIENTS.replace("client: 10.20.9.7", "client: 10.20.8.7"))
        found = self.must(1, "test", "--json", "--now", program.NOW).json
        self.assertEqual([test["client"] for test in found["tests"]],
                         ["10.20.8.7", "2001:db8:20::7", "::ffff:10.20.0.7", None])
        self.assertEqual([test["passed"] for test in found["tests"]], [False, True, True, True])


if __name__ == "__main__":
    program.main()
