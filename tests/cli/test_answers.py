#!/usr/bin/python3 -B
"""Rules about answers in the commands: explain, test, check, scan and diff."""

import os
import unittest

import program

FILE = "policies/main.postshield.yaml"
ANSWERS = """\
postshield: 1

brands:
  acme-post: {names: [acme post], domains: [acmepost.example]}

feeds:
  isac: {format: plain, path: isac.txt, category: phishing, confidence: 90, scope: subtree}
  zone: {format: rpz, path: zone.rpz, category: malware, confidence: 80}

never: [cdn.net]

exceptions:
  - {name: acrnepost.net, reason: a choir}

rules:
  - id: by-name
    when: {name: {under: bad.net}}
    then: drop
  - id: our-cdn
    when: {answer: {leads-to: {name: {under: good.net}}}}
    then: pass
  - id: trial
    mode: shadow
    when: {answer: {address: {listed: any}}}
    then: refused
  - id: cloaked
    when: {answer: {leads-to: {name: {below: evil.net, pattern: '^track'}, listed: {feeds: isac}}}}
    then: nxdomain
  - id: looks
    when: {answer: {leads-to: {lookalike: {score: ">= 80"}}}}
    then: refused
  - id: hosting
    when: {name: {under: org}, answer: {address: [203.0.113.0/24, "2001:db8:bad::/48"]}}
    then: nodata
  - id: servers
    when: {server: {listed: any}}
    then: nxdomain

tests:
  - {name: a.org, answer: track.evil.net, expect: {action: nxdomain, rule: cloaked}}
  - {name: a.org, answer: [track.evil.net, b.good.net], expect: {action: pass, rule: our-cdn}}
  - {name: a.bad.net, answer: b.good.net, expect: {action: drop, rule: by-name}}
  - {name: a.org, answer: acrnepost.top, expect: {technique: homoglyph, brand: acme-post}}
  - {name: a.org, answer: "2001:db8:bad::1", server: ns.good.net, expect: nodata}
  - {name: a.com, answer: 203.0.113.7, expect: pass}
  - {name: a.com, server: 198.51.100.7, expect: {rule: servers}}
  - {name: a.org, expect: {action: pass, rule: none}, note: there is no answer}
"""
ISAC = "track.evil.net\nother.net\ncdn.net\n9.9.9.0/24\n"
ZONE = """\
@ SOA a. b. 1 1 1 1 1
ns.bulletproof.com.rpz-nsdname CNAME .
32.7.100.51.198.rpz-nsip CNAME .
"""


class Answers(program.Case):
    def setUp(self):
        super().setUp()
        self.write(FILE, ANSWERS)
        self.write("policies/isac.txt", ISAC)
        self.write("policies/zone.rpz", ZONE)
        self.build()

    def explain(self, code, name, *options):
        return self.must(code, "explain", "--now", program.NOW, *options, name)

    def branches(self, text):
        """What the answer shows, and the rules: the lines below the two."""
        lines = text.split("\n├ shows ")[1].split("\n└ answer ")[0].split("\n")
        return "\n".join(["shows " + lines[0].strip()] + lines[1:])

    def test_leads_to_a_listed_name(self):
        out = self.explain(1, "shop.org", "--answer", "b.org", "-A", "track.evil.net").out
        self.assertTrue(out.startswith(f"BLOCK  NXDOMAIN, EDE 15   rule cloaked ({FILE}:26)\n"), out)
        self.assertEqual(self.branches(out), """\
shows 2 facts of the answer
│  ├ leads to      b.org  no match
│  └ leads to      track.evil.net  isac lists track.evil.net as phishing, confidence 90; rule cloaked has evil.net
├ rules            4 asked
│  ├ by-name       it is not among the rule's names
│  ├ our-cdn       b.org: it is not among the rule's names; none of the others either
│  ├ trial         there is no address in the answer
│  └ cloaked       decides: the answer leads to: name on the rule's list, and the answer leads to: name \
matches ^track, and the answer leads to: listed by isac""")

    def test_all_of_one_and_the_same_name(self):
        """One name is listed, another has the rule's pattern: no name has both."""
        out = self.explain(0, "shop.org", "--answer", "other.net", "--answer", "track2.evil.net").out
        self.assertIn("│  ├ cloaked       other.net: it is not among the rule's names; none of the others either\n",
                      out)

    def test_addresses(self):
        out = self.explain(1, "shop.org", "--answer", "9.9.9.9", "--answer", "::ffff:203.0.113.5").out
        self.assertEqual(self.branches(out), """\
shows 2 facts of the answer
│  ├ address       9.9.9.9  isac lists 9.9.9.0/24 as phishing, confidence 90
│  └ address       ::ffff:203.0.113.5  rule hosting has 203.0.113.0/24
├ rules            6 asked
│  ├ by-name       it is not among the rule's names
│  ├ our-cdn       there is no name that the answer leads to
│  ├ trial         on trial: would answer refused
│  ├ cloaked       there is no name that the answer leads to
│  ├ looks         there is no name that the answer leads to
│  └ hosting       decides: name on the rule's list, and an address in the answer: in the rule's prefixes""")
        self.assertTrue(out.startswith("BLOCK  NOERROR (nodata), EDE 15   rule hosting"), out)
        self.explain(0, "shop.com", "--answer", "203.0.113.5")

    def test_name_servers(self):
        """What a zone lists as a name server is nothing else."""
        for value in ("ns.bulletproof.com", "198.51.100.7"):
            self.assertIn("servers       decides: a name server: listed by any feed",
                          self.explain(1, "shop.org", "--server", value).out)
            out = self.explain(0, "shop.org", "--answer", value).out
            self.assertIn(", confidence 80, of a name server\n", out)
            self.assertNotIn("on trial:", out)

    def test_never(self):
        out = self.explain(0, "shop.org", "--answer", "track.cdn.net").out
        self.assertIn("│  └ leads to      track.cdn.net  never list has cdn.net; protected, so no rule asks about it\n",
                      out)
        self.assertIn("│  ├ our-cdn       track.cdn.net: the never list protects it\n", out)

    def test_a_lookalike(self):
        out = self.explain(1, "shop.org", "--answer", "acrnepost.top").out
        self.assertIn("│  └ leads to      acrnepost.top  score 80, looks like acme-post (acmepost): ", out)
        found = self.explain(1, "shop.org", "--answer", "acrnepost.top", "--json").json
        self.assertRegex(found["reason"], "^it leads to acrnepost.top: looks like acme-post .*; rule looks .* decides$")
        self.assertEqual(found["lookalike"]["score"], 0)
        self.assertEqual(found["shown"], [{
            "kind": "leads-to", "text": "acrnepost.top", "never": False, "decided": True, "listings": [],
            "lookalike": {"score": 80, "technique": "homoglyph", "brand": "acme-post"}}])

    def test_names_that_are_known(self):
        for answer in ("acrnepost.net", "www.acmepost.example"):
            out = self.explain(0, "shop.org", "--answer", answer).out
            self.assertNotIn("score", self.branches(out).split("rules")[0])
            self.assertIn(f"looks         {answer}: it looks like no protected name\n", out)

    def test_json(self):
        found = self.explain(1, "shop.org", "-A", "b.org", "-A", "track.evil.net", "-S", "192.0.2.53", "--json").json
        self.assertEqual([(fact["kind"], fact["text"], fact["decided"], len(fact["listings"])) for fact in found["shown"]],
                         [("leads-to", "b.org", False, 0), ("leads-to", "track.evil.net", True, 2),
                          ("server-address", "192.0.2.53", False, 0)])
        self.assertEqual(found["reason"],
                         f"it leads to track.evil.net: it names evil.net; rule cloaked ({FILE}:26) decides")
        self.assertEqual((found["asks_answer"], found["at_once"]), (True, False))
        # A rule that names evil.net for answers says nothing of who is asked for it.
        found = self.explain(0, "track.evil.net", "--json").json
        self.assertEqual([item["source"] for item in found["evidence"]], ["isac"])

    def test_blocked_before_there_is_an_answer(self):
        out = self.explain(1, "www.bad.net", "--answer", "b.good.net").out
        self.assertTrue(out.startswith("BLOCK  no answer at all   rule by-name"), out)
        self.assertIn("shows            1 fact of the answer, not asked for: what blocks the name needs none\n", out)

    def test_no_answer_was_said(self):
        out = self.explain(0, "shop.org").out
        self.assertIn("├ shows            not said, and some rule asks about it: say --answer and --server\n", out)
        self.assertIn("our-cdn       asks about the answer, and there is none yet\n", out)
        self.assertIn("servers       asks about the name servers, and there is none yet\n", out)
        self.assertNotIn("├ shows ", self.explain(1, "bad.net").out)
        self.assertNotIn("├ shows ", self.explain(0, "cdn.net").out)

    def test_index(self):
        out = self.must(0, "index", "lookup", "ns.bulletproof.com", "198.51.100.7", "2001:db8:bad::1").out
        self.assertRegex(out, r"\n  ns\.bulletproof\.com +zone +exact, servers +malware ")
        self.assertRegex(out, r"\n  198\.51\.100\.7 +zone +prefix, servers +malware ")
        self.assertRegex(out, r"\n  2001:db8:bad::/48 +rule hosting +prefix +33 +policies/main\.postshield\.yaml\n")
        out = self.must(0, "index", "info").out
        self.assertIn("  an address in the answer: listed by any feed\n", out)

    def test_where_no_rule_asks(self):
        self.write(FILE, ANSWERS.split("  - id: our-cdn")[0])
        self.build()
        self.assertNotIn("├ shows ", self.explain(0, "shop.org").out)
        self.assertIn("1 fact of the answer, which no rule asks about\n",
                      self.explain(0, "shop.org", "--answer", "b.org").out)

    def test_junk_is_refused(self):
        for option in ("--answer", "--server"):
            result = self.explain(2, "shop.org", option, "not..a\x1b[31m")
            self.assertIn(f"{option}: ", result.err)
            self.assertIn("is neither an address nor a name", result.err)
            self.assert_terminal_safe(result.err)

    def test_tests(self):
        result = self.must(0, "test", "--now", program.NOW)
        self.assertTrue(result.out.endswith("8 passed, 0 failed\n"), result.out)
        self.assertIn(f"ok     {FILE}:40  a.org to track.evil.net\n", result.out)
        self.assertIn(f"ok     {FILE}:44  a.org at 2001:db8:bad::1 by ns.good.net\n", result.out)
        tests = self.must(0, "test", "--json", "--now", program.NOW).json["tests"]
        self.assertEqual([(test["answer"], test["server"]) for test in tests][4], (["2001:db8:bad::1"], ["ns.good.net"]))
        self.must(0, "test", "--junit", "results.xml", "--now", program.NOW)
        self.assertIn(b'name="a.org A 2001:db8:bad::1 ns.good.net"', self.read("results.xml"))
        self.write(FILE, ANSWERS.replace("rule: cloaked}}", "rule: looks}}"))
        self.assertIn("- rule      looks", self.must(1, "test", "--now", program.NOW).out)

    def test_without_answers(self):
        """Names alone, as scan and diff have them: rules about answers hold for none, and hide none."""
        self.write("names.txt", "track.evil.net\nwww.bad.net\nshop.org\n")
        found = self.must(0, "scan", "--now", program.NOW, "names.txt").out.splitlines()
        self.assertEqual([line.split("\t")[:3] for line in found],
                         [["track.evil.net", "pass", "-"], ["www.bad.net", "drop", "by-name"], ["shop.org", "pass", "-"]])
        os.mkdir(self.path("new"))
        self.write("new/main.postshield.yaml", ANSWERS.replace("then: nodata", "then: drop"))
        self.write("new/isac.txt", ISAC)
        self.write("new/zone.rpz", ZONE)
        out = self.must(0, "diff", "--now", program.NOW, "policies", "new", "--", "names.txt").out
        self.assertTrue(out.endswith("3 names: none changed; rules about answers are not compared\n"), out)
        self.write("new/main.postshield.yaml", ANSWERS.replace("then: drop", "then: refused"))
        out = self.must(1, "diff", "--now", program.NOW, "policies", "new", "--", "names.txt").out
        self.assertTrue(out.endswith(" otherwise); rules about answers are not compared\n"), out)


if __name__ == "__main__":
    program.main()
