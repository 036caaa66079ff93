#!/usr/bin/python3 -B
"""postshield explain: the tree, the JSON, and what it takes for a name."""

import os
import re
import unittest

import program

RULE = "policies/main.postshield.yaml"

BRANDS = """\
postshield: 1
brands:
  inpost: {owner: InPost, country: PL, names: [InPost], domains: [inpost.pl]}
keywords:
  en: {parcel: [parcel]}
abused-tlds: {top: 40}
exceptions:
  - {name: inpostar.com, reason: "another's", expires: 2025-12-01}
rules:
  - {id: lookalikes, when: {lookalike: {score: ">= 50"}}, then: nxdomain}
"""


class Lookalike(program.Case):
    """Points are fitted anew now and then: they are read as N here."""

    def setUp(self):
        super().setUp()
        self.write("policies/brands.postshield.yaml", BRANDS)
        self.build()

    def explain(self, code, *arguments):
        out = self.must(code, "explain", "--now", program.NOW, *arguments).out
        return re.sub(r"score \d+", "score N", re.sub(r" {1,3}[+-]\d+  ", "   N  ", out))

    def test_tree(self):
        out = self.explain(1, "1npost-parcel.top")
        self.assertIn("\n├ exceptions       no match\n├ popular          no match\n├ feeds ", out)
        self.assertRegex(out, r"\n├ lookalike +score N, leet, looks like InPost \(inpost\): digits for letters\n")
        self.assertIn("   N  digits or letters that look alike\n", out)
        self.assertIn("   N  under a suffix that is much abused (40 times as often)\n", out)
        self.assertIn("rule lookalikes (policies/brands.postshield.yaml:10)", out)

    def test_both_names_stand_one_above_the_other(self):
        self.assertIn("\n│    asked      1npost-parcel.top\n│    protected  inpost\n│               ^\n│      N  ",
                      self.explain(1, "1npost-parcel.top"))
        self.assertIn("\n│    asked      parcel-\u0456npost.top  (xn--parcel-npost-7ok.top)\n"
                      "│    protected         inpost\n│                      ^\n│      N  ",
                      self.explain(1, "parcel-\u0456npost.top"))
        # What is the protected name itself bears no mark.
        self.assertIn("\n│    asked      inpost-parcel.top\n│    protected  inpost\n│      N  ",
                      self.explain(1, "inpost-parcel.top"))

    def test_popular_does_not_vouch_for_what_anybody_names(self):
        self.write("policies/popular.postshield.yaml", "postshield: 1\npopular: [amazonaws.com]\n")
        self.build()
        out = self.explain(1, "inpost-parcel.s3.amazonaws.com")
        self.assertIn("\n├ popular          used by everybody: amazonaws.com and below "
                      "(policies/popular.postshield.yaml:2); judged, since anybody may name things there\n", out)
        self.assertIn("├ popular          used by everybody: amazonaws.com and below "
                      "(policies/popular.postshield.yaml:2)\n", self.explain(0, "inpost-parcel.amazonaws.com"))

    def test_both_names_in_colour(self):
        code, shown = self.run_on_terminal("explain", "--now", program.NOW, "1npost-parcel.top")
        self.assertEqual(code, 1)
        self.assertIn("asked      \x1b[1;31m1\x1b[0mnpost-parcel.top\r\n".encode(), shown)
        self.assertIn("protected  \x1b[1;31mi\x1b[0mnpost\r\n".encode(), shown)
        self.assertNotIn(b"^", shown)

    def test_both_names_where_the_locale_is_ascii(self):
        out = self.must(1, "explain", "--now", program.NOW, "parcel-\u0456npost.top", env={"LC_ALL": "C"}).out
        self.assertTrue(out.isascii())
        self.assertIn("\n|    asked      parcel-\\u{456}npost.top  (xn--parcel-npost-7ok.top)\n"
                      "|    protected         i      npost\n|                      ^^^^^^^\n", out)

    def test_names_that_are_known(self):
        for arguments, line in (
                (("www.inpost.pl",), "├ official domain  an operator's own: inpost.pl and below"),
                (("a.inpostar.com",), "├ exceptions       known to be another's: inpostar.com and below"),
                (("inpost.wikipedia.org",), "├ popular          used by everybody: wikipedia.org and below")):
            with self.subTest(arguments):
                out = self.explain(0, *arguments)
                self.assertIn(line, out)
                self.assertIn("├ lookalike        not asked: the name is known\n", out)
        self.assertIn("├ lookalike        no match\n", self.explain(0, "weather.com"))

    def test_an_exception_ends(self):
        found = self.must(0, "explain", "--json", "--now", "2025-11-30T23:59:59Z", "inpostar.com").json
        self.assertFalse(found["lookalike"]["judged"])
        found = self.run_program("explain", "--json", "--now", "2025-12-02", "inpostar.com").json
        self.assertTrue(found["lookalike"]["judged"])
        self.assertEqual(found["lookalike"]["brand"], "inpost")

    def test_json(self):
        found = self.must(1, "explain", "--json", "1npost-parcel.top").json["lookalike"]
        self.assertEqual({key: found[key] for key in ("judged", "technique", "brand", "term")},
                         {"judged": True, "technique": "leet", "brand": "inpost", "term": "inpost"})
        self.assertEqual(max(1, min(100, sum(part["points"] for part in found["parts"]))), found["score"])
        self.assertIn("keyword", [part["sign"] for part in found["parts"]])


    def rules(self, name, rules):
        """What explain says of each rule but the last."""
        self.write("policies/main.postshield.yaml", "postshield: 1\nrules: []\n")
        self.write("policies/brands.postshield.yaml", BRANDS.replace("keywords:", """\
  usps: {owner: USPS, country: US, names: [usps post], domains: [usps.example]}
  dhl: {owner: DHL, country: DE, names: [dhl express], domains: [dhl.example]}
keywords:""").split("rules:")[0] + "rules:\n" + rules)
        self.build()
        return self.run_program("explain", "--now", program.NOW, name)

    def test_why_a_likeness_is_not_what_a_rule_asks_for(self):
        shown = self.rules("1npost-parcel.top", """\
  - {id: others, when: {lookalike: {score: ">= 50", brand: [usps, dhl]}}, then: nxdomain}
  - {id: sound, when: {lookalike: {score: ">= 50", technique: [idn, omission]}}, then: nxdomain}
  - {id: low, when: {lookalike: {score: "1-20"}}, then: nxdomain}
  - {id: ours, when: {lookalike: {score: ">= 50", brand: [dhl, inpost], technique: [idn, leet]}}, then: refused}
""")
        self.assertEqual(shown.code, 1, shown.err)
        self.assertIn("├ others        it looks like another protected name\n", shown.out)
        self.assertIn("├ sound         it looks like one, but by leet\n", shown.out)
        self.assertRegex(shown.out, r"├ low           its score is \d+, not 1 to 20\n")
        self.assertIn("└ ours          decides: looks like inpost, dhl, score 50 to 100, by idn, leet\n", shown.out)

    def test_a_score_below_what_a_rule_asks_for(self):
        rules = "  - {id: sure, when: {lookalike: {score: \">= 99\", brand: inpost}}, then: nxdomain}\n"
        shown = self.rules("inpos.org", rules)
        self.assertEqual(shown.code, 0, shown.err)
        self.assertRegex(shown.out, r"└ sure +its score is \d\d, not 99 to 100\n")
        self.assertIn("├ lookalike        no match\n", self.rules("weather.com", rules).out)
        self.assertRegex(self.rules("weather.com", rules).out, r"└ sure +it looks like no protected name\n")


class Explain(program.Case):
    def setUp(self):
        super().setUp()
        self.build()

    def explain(self, code, *arguments):
        return self.must(code, "explain", "--now", program.NOW, *arguments)

    def explain_json(self, code, *arguments):
        return self.explain(code, "--json", *arguments).json

    def test_blocked_by_a_feed(self):
        self.assertEqual(self.explain(1, "www.evil.com").out, f"""\
BLOCK  NXDOMAIN, EDE 15   rule phishing ({RULE}:10)
├ never list       no match
├ official domain  no match
├ feeds            1 match       (1 feed, 5 entries)
│  └ main          phishing, confidence 90, as part of evil.com, line 2, case 1
├ rules            2 asked
│  ├ staff-portal  it is not among the rule's names
│  └ phishing      decides: listed by main as phishing, confidence 60 to 100
└ answer           NXDOMAIN, TTL 30, "listed by the sector's ISAC"
Try: to let it through for a while, run postshield allow www.evil.com; for good, add it to never: in {RULE} and run postshield build
""")

    def test_never(self):
        self.assertEqual(self.explain(0, "www.upu.int").out, f"""\
PASS   on the never list
├ never list       protected: upu.int and below ({RULE}:22)
├ official domain  no match
├ feeds            no match      (1 feed, 5 entries)
├ rules            not asked
└ answer           the name's own
Try: take upu.int ({RULE}:22) off never: to let feeds and rules decide again
""")

    def test_nothing_speaks_of_it(self):
        self.assertEqual(self.explain(0, "quiet.com").out, """\
PASS   no rule matched
├ never list       no match
├ official domain  no match
├ feeds            no match      (1 feed, 5 entries)
├ rules            4 asked
│  ├ staff-portal  it is not among the rule's names
│  ├ phishing      no feed lists it
│  ├ parcel        the pattern does not match
│  └ trial         the pattern does not match
└ answer           the name's own
Try: to block it, add it to the name: of a rule and run postshield build
""")

    def test_near_misses_say_what_is_amiss(self):
        for arguments, why in (
                (("weak.com",), "main lists it with confidence 30, not 60 to 100"),
                (("--now", "2025-12-02", "soon.com"), "main listed it until 2025-12-01T00:00:00Z"),
                (("track-1.weak.com",), "on trial: would answer refused"),
                (("wikipedia.org",), "on trial: would answer nxdomain")):
            with self.subTest(arguments):
                self.assertIn(why, self.must(0, "explain", *arguments).out)

    def test_why_a_listing_is_not_what_a_rule_asks_for(self):
        self.write("feeds/main.csv", "name,category,confidence,until,ref\nodd.com,malware,20,,\n")
        self.write("feeds/other.csv", "name,category,confidence,until,ref\nodd.com,phishing,95,,\n")
        feed = program.POLICY.split("feeds:\n")[1]
        rules = "".join(f"  - {{id: {name}, when: {{listed: {what}}}, then: {then}}}\n" for name, what, then in (
            ("kind", "{feeds: main, category: [phishing, fraud]}", "nxdomain"),
            ("sure", "{feeds: main, confidence: '>= 21'}", "nxdomain"),
            ("both", "{feeds: [main, other], category: [malware, fraud], confidence: '< 20'}", "nxdomain"),
            ("weak", "{feeds: [main, other], category: [malware, fraud], confidence: '< 30'}", "log"),
            ("any", "any", "nxdomain")))
        self.write(RULE, "postshield: 1\nrules:\n" + rules + "feeds:\n" + feed
                   + feed.replace("main", "other"))
        self.build()
        out = self.explain(0, "odd.com").out
        self.assertIn("├ kind          main lists it as malware, another category\n", out)
        self.assertIn("├ sure          main lists it with confidence 20, not 21 to 100\n", out)
        self.assertIn("├ both          main lists it with confidence 20, not 0 to 19\n", out)
        self.assertIn("└ weak          decides: listed by main or other as malware or fraud, confidence 0 to 29\n", out)
        self.write("feeds/main.csv", "name,category,confidence,until,ref\nelse.com,malware,20,,\n")
        self.build()
        out = self.explain(1, "odd.com").out
        self.assertIn("├ kind          other lists it, which this rule does not ask\n", out)
        self.assertIn("└ any           decides: listed by any feed\n", out)

    def test_official_host_is_blocked_and_its_sibling_is_not(self):
        self.assertIn("an operator's own: laposte.fr and below", self.explain(1, "laposte.fr").out)
        self.assertIn("an operator's own: laposte.fr and below", self.explain(0, "www.laposte.fr").out)

    def test_log_and_sinkhole(self):
        self.assertRegex(self.explain(0, "portal.shop.com").out, r"^LOG    rule staff-portal \(")
        out = self.explain(1, "parcel-123456.com").out
        self.assertRegex(out, r"^BLOCK  NOERROR \(sinkhole\), EDE \d+   rule parcel ")
        self.assertIn("└ answer           NOERROR, A 192.0.2.80, AAAA 2001:db8::80, TTL 60", out)

    def test_drop(self):
        policy = program.POLICY.replace("then: nxdomain\n    tell: {ede: blocked, text: listed by the sector's ISAC}",
                                        "then: drop")
        self.write(RULE, policy)
        self.build()
        out = self.explain(1, "evil.com").out
        self.assertRegex(out, "^BLOCK  no answer at all   rule phishing")
        self.assertIn("none: the query is dropped", out)
        found = self.explain_json(1, "evil.com")
        self.assertEqual((found["action"], found["rcode"]), ("drop", None))

    def test_truncate(self):
        policy = program.POLICY.replace("then: nxdomain\n    tell: {ede: blocked, text: listed by the sector's ISAC}",
                                        "then: truncate")
        self.write(RULE, policy)
        self.build()
        out = self.explain(1, "evil.com").out
        self.assertRegex(out, r"^BLOCK  NOERROR \(truncate\)   rule phishing")
        self.assertIn("truncated over UDP, so that the client asks again over TCP; there the name's own", out)
        found = self.explain_json(1, "evil.com")
        self.assertEqual((found["action"], found["rcode"]), ("truncate", "NOERROR"))

    def test_what_is_told_without_a_text(self):
        """The kind of abuse that the feed says."""
        self.write(RULE, program.POLICY.replace(", text: listed by the sector's ISAC}", "}"))
        self.build()
        self.assertIn('└ answer           NXDOMAIN, TTL 30, "phishing"', self.explain(1, "evil.com").out)
        self.assertEqual(self.explain_json(1, "evil.com")["ede"], {"code": 15, "text": "phishing"})

    def test_structured_errors(self):
        """What clients get that ask for them: a sinkhole has no address for these."""
        switch = "structured-errors: {contact: mailto:abuse@post.example, organization: Example Post}\n"
        self.assertNotIn("who asks why", self.explain(1, "evil.com").out)
        self.write(RULE, program.POLICY + switch)
        self.build()
        told = ('{"c":["mailto:abuse@post.example"],"j":"listed by the sector\'s ISAC","s":2,"o":"Example Post",'
                '"l":"en"}')
        self.assertIn(f"\n├ who asks why     NXDOMAIN, EDE 15, {told}\n└ answer", self.explain(1, "evil.com").out)
        self.assertEqual(self.explain_json(1, "evil.com")["structured"],
                         {"action": "nxdomain", "rcode": "NXDOMAIN", "code": 15, "text": told})
        found = self.explain_json(1, "parcel-123456.com")
        self.assertIn("\n├ who asks why     NOERROR (nodata), EDE 15, {", self.explain(1, "parcel-123456.com").out)
        self.assertEqual((found["ede"]["code"], found["structured"]), (4, {
            "action": "nodata", "rcode": "NOERROR", "code": 15,
            "text": '{"c":["mailto:abuse@post.example"],"o":"Example Post","l":"en"}'}))
        for name in ("portal.shop.com", "www.laposte.fr"):
            self.assertIsNone(self.explain_json(0, name)["structured"])
        for action in ("drop", "truncate"):
            self.write(RULE, program.POLICY.replace(
                "then: nxdomain\n    tell: {ede: blocked, text: listed by the sector's ISAC}",
                f"then: {action}") + switch)
            self.build()
            self.assertIsNone(self.explain_json(1, "evil.com")["structured"])

    def test_json_of_a_block(self):
        digest = self.must(0, "index", "verify", "--json").json["digest"]
        self.assertEqual(self.explain_json(1, "evil.com"), {
            "name": "evil.com", "type": 1, "now": program.NOW, "client": None, "by_client": False, "decision": "block", "action": "nxdomain",
            "asks_answer": False, "at_once": True, "shown": [],
            "rcode": "NXDOMAIN", "ede": {"code": 15, "text": "listed by the sector's ISAC"},
            "structured": None,
            "rule": {"id": "phishing", "file": RULE, "line": 10},
            "answer": {"name": "nxdomain", "ttl": 30, "a": [], "aaaa": [], "cname": None},
            "reason": f"main lists evil.com as phishing with confidence 90; rule phishing ({RULE}:10) decides",
            "relief": None,
            "next": f"to let it through for a while, run postshield allow evil.com; for good, add it to never: in "
                    f"{RULE} and run postshield build",
            "evidence": [{
                "kind": "feed", "source": "main", "feed": "main", "listed": "evil.com", "scope": "subtree",
                "origin": "name", "category": "phishing", "confidence": 90, "tlp": "amber", "valid_from": None,
                "valid_until": None, "trial": False, "line": 2, "reference": "case 1", "valid": True,
                "decided": True}],
            "never": False, "official": False, "shadow": [], "pattern_failures": 0,
            "lookalike": {"judged": False, "score": 0, "technique": "none", "brand": None, "term": None,
                          "parts": []},
            "rules": [
                {"id": "staff-portal", "file": RULE, "line": 7, "outcome": "no", "decided": False,
                 "why": "it is not among the rule's names"},
                {"id": "phishing", "file": RULE, "line": 10, "outcome": "holds", "decided": True, "why": ""}],
            "snapshot": {"path": self.path("state/snapshot.ps"), "of_policy": False, "digest": digest}})

    def test_json_of_a_pass(self):
        found = self.explain_json(0, "track-1.com")
        self.assertEqual({key: found[key] for key in ("decision", "action", "rcode", "ede", "rule", "answer")},
                         {"decision": "pass", "action": "pass", "rcode": None, "ede": None, "rule": None,
                          "answer": None})
        self.assertEqual([rule["id"] for rule in found["shadow"]], ["trial"])
        self.assertTrue(self.explain_json(0, "a.upu.int")["never"])
        self.assertTrue(self.explain_json(0, "a.laposte.fr")["official"])

    def test_names_as_people_write_them(self):
        for text, name in (("EVIL.com.", "evil.com"), ("b\u00fccher.de", "xn--bcher-kva.de"),
                           ("e\\118il.com", "evil.com"), (".", ".")):
            with self.subTest(text):
                found = self.run_program("explain", "--json", text)
                self.assertIn(found.code, (0, 1), found.err)
                self.assertEqual(found.json["name"], name)

    def test_junk_is_refused(self):
        for text in ("", "a..b", "a" * 64 + ".com", "a." * 128, "\\999.com", "xn--\u0378.com", "\ud83d\ude00" * 300):
            with self.subTest(text):
                text = text.encode("utf-16", "surrogatepass").decode("utf-16")
                result = self.explain(2, text)
                self.assertEqual(result.out, "")
                self.assert_terminal_safe(result.err)

    def test_clients(self):
        for text, shown in (("192.0.2.7", "192.0.2.7"), ("2001:DB8:0::7", "2001:db8::7")):
            self.assertIn(f"\n├ client           {shown}: no rule of this policy depends on the client\n├ never list ",
                          self.explain(1, "--client", text, "evil.com").out)
            self.assertEqual(self.explain_json(1, "-c", text, "evil.com")["client"],
                             {"address": shown, "matters": False, "group": None, "prefix": None})
        self.assertNotIn("client", self.explain(1, "evil.com").out)
        for text in ("", "192.0.2", "192.0.2.256", "10.0.0.0/8", "2001:db8:::7", "fe80::1%eth0", "a.com", "\x1b[2J"):
            with self.subTest(text):
                result = self.explain(2, "--client", text, "evil.com")
                self.assertIn("is no IPv4 or IPv6 address", result.err)
                self.assertEqual(result.out, "")
                self.assert_terminal_safe(result.err)

    def test_types(self):
        for text, number in (("aaaa", 28), ("HTTPS", 65), ("TYPE65280", 65280), ("15", 15)):
            self.assertEqual(self.explain_json(1, "--type", text, "evil.com")["type"], number)
        for text in ("0", "TYPE", "TYPE65536", "nope", "-1"):
            self.explain(2, "--type", text, "evil.com")

    def test_by_a_policy(self):
        os.mkdir(self.path("changed"))
        changed = "postshield: 1\nrules:\n  - {id: other, when: {name: {is: new.example}}, then: refused}\n"
        self.write("changed/a.postshield.yaml", changed)
        # As named, whatever was built.
        out = self.explain(1, "--policies", "changed", "new.example").out
        self.assertIn("rule other (changed/a.postshield.yaml:3)", out)
        self.assertIn("\n├ policy           changed, as it is now: the resolver goes by what was built\n", out)
        self.assertEqual(self.explain_json(0, "--policies", "changed", "evil.com")["snapshot"]["path"], "changed")
        self.assertTrue(self.explain_json(0, "--policies", "changed", "evil.com")["snapshot"]["of_policy"])
        # Otherwise what was built, although a policy lies here.
        self.write(RULE, changed)
        self.assertNotIn("policy ", self.explain(0, "new.example").out)
        self.assertFalse(self.explain_json(1, "evil.com")["snapshot"]["of_policy"])
        # And the policy here before the first build.
        os.remove(self.path("state/snapshot.ps"))
        self.assertIn("\n├ policy           policies, as it is now", self.explain(1, "new.example").out)
        self.assertEqual(self.explain_json(0, "evil.com")["snapshot"]["path"], "policies")

    def test_policies_that_are_not_good(self):
        os.mkdir(self.path("changed"))
        self.write("changed/a.postshield.yaml", "postshield: 1\nrulez: []\n")
        result = self.explain(2, "--policies", "changed", "evil.com")
        self.assertIn("did you mean 'rules'?", result.err)
        self.assertIn("the policy has errors", result.err)
        self.assertEqual(result.out, "")
        self.assertIn("not both", self.explain(2, "--policies", "policies", "--snapshot", "a.ps", "evil.com").err)

    def test_snapshots_that_are_not_good(self):
        os.remove(self.path("state/snapshot.ps"))
        os.rename(self.path("policies"), self.path("elsewhere"))
        self.assertIn("there is no snapshot yet: run postshield build", self.explain(2, "evil.com").err)
        self.write("state/snapshot.ps", b"nothing")
        self.assertIn("is no snapshot", self.explain(2, "evil.com").err)
        self.assertIn("is a folder", self.explain(2, "--snapshot", self.path("state"), "evil.com").err)
        self.assertIn("no such file", self.explain(2, "--snapshot", "nowhere.ps", "evil.com").err)

    def test_many_rules_are_told_shortly(self):
        rules = "".join(f"  - id: rule-{i}\n    when: {{name: {{is: name-{i}.com}}}}\n    then: nxdomain\n"
                        for i in range(60))
        self.write(RULE, "postshield: 1\nrules:\n" + rules)
        self.build()
        out = self.explain(1, "name-50.com").out
        self.assertIn("rule-50 ", out)
        self.assertIn("│  └ 30 more rules that did not hold\n", out)
        self.assertLess(len(out.splitlines()), 32)


if __name__ == "__main__":
    program.main()
