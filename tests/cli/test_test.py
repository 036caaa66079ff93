#!/usr/bin/python3 -B
"""postshield test: what it says of tests that pass and fail."""

import os
import unittest
import xml.etree.ElementTree as ElementTree

import program

FILE = "policies/tests.postshield.yaml"
TESTS = """\
postshield: 1
brands:
  usps: {names: [usps post], domains: [usps.com]}
tests:
  - {name: pay.evil.com, expect: {action: nxdomain, rule: phishing}}
  - {name: parcel-123456.top, type: AAAA, expect: {action: block-page, rule: parcel}}
  - {name: parcel-123456.top, expect: sinkhole}
  - {name: portal.shop.com, expect: {action: log, rule: staff-portal}}
  - {name: www.upu.int, expect: {action: pass, rule: none, brand: none, technique: none}}
  - {name: track-1.com, expect: pass}
"""
FAILING = """\
  - {name: evil.com, expect: {action: pass, rule: none}}
  - name: parcel-123456.top
    type: https
    expect: {action: nxdomain, rule: parcel, brand: usps, technique: leet}
    note: "<it's> & \\x1b[31m\\" all"
  - {name: good.com, expect: {action: block-page, rule: parcel}}
"""


class Test(program.Case):
    def setUp(self):
        super().setUp()
        self.write(FILE, TESTS)

    def test_tests_that_pass(self):
        result = self.must(0, "test", "--now", program.NOW)
        self.assertEqual(result.err, "")
        self.assertEqual(result.out.splitlines(), [
            f"ok     {FILE}:5  pay.evil.com", f"ok     {FILE}:6  parcel-123456.top AAAA",
            f"ok     {FILE}:7  parcel-123456.top", f"ok     {FILE}:8  portal.shop.com",
            f"ok     {FILE}:9  www.upu.int", f"ok     {FILE}:10  track-1.com", "6 passed, 0 failed"])
        self.assertEqual(self.must(0, "test", "-p", "policies", "--only-failures", "--now", program.NOW).out,
                         "6 passed, 0 failed\n")
        self.assertEqual(self.files(), [])

    def test_failures_are_a_diff_with_their_place(self):
        self.write(FILE, TESTS + FAILING)
        result = self.must(1, "test", "--only-failures", "--now", program.NOW)
        self.assertEqual(result.out, f"""\
FAILED {FILE}:11  evil.com
       - action    pass
       + action    nxdomain
       - rule      none
       + rule      phishing
FAILED {FILE}:12  parcel-123456.top HTTPS
       - action    nxdomain
       + action    sinkhole (block-page)
         rule      parcel
       - technique leet
       + technique none
       - brand     usps
       + brand     none
         note      <it's> & \\x1B[31m" all
FAILED {FILE}:16  good.com
       - action    block-page
       + action    pass
       - rule      parcel
       + rule      none
6 passed, 3 failed
""")
        self.assert_terminal_safe(result.out, result.err)

    def test_time_decides_what_is_listed(self):
        self.write(FILE, "postshield: 1\ntests: [{name: soon.com, expect: nxdomain}]\n")
        self.must(0, "test", "--now", "2025-11-30")
        self.must(1, "test", "--now", "2025-12-02")

    def test_json(self):
        self.write(FILE, TESTS + FAILING)
        found = self.must(1, "test", "--json", "--only-failures", "--now", program.NOW).json
        self.assertEqual({key: found[key] for key in ("policy", "passed", "failed", "diagnostics")},
                         {"policy": "policies", "passed": 6, "failed": 3, "diagnostics": []})
        self.assertEqual(found["tests"][1], {
            "name": "parcel-123456.top", "type": "HTTPS", "client": None, "answer": [], "server": [], "file": FILE, "line": 12, "passed": False,
            "note": "<it's> & \x1b[31m\" all",
            "expected": {"action": "nxdomain", "rule": "parcel", "technique": "leet", "brand": "usps"},
            "got": {"action": "sinkhole (block-page)", "rule": "parcel", "technique": "none", "brand": "none"}})
        self.assertEqual(len(self.must(1, "test", "--json", "--now", program.NOW).json["tests"]), 9)

    def test_junit(self):
        self.write(FILE, TESTS + FAILING)
        self.must(1, "test", "--junit", "results.xml", "--now", program.NOW)
        suite = ElementTree.fromstring(self.read("results.xml"))
        self.assertEqual((suite.tag, suite.get("tests"), suite.get("failures")), ("testsuite", "9", "3"))
        self.assertEqual([case.find("failure") is None for case in suite], [True] * 6 + [False] * 3)
        self.assertEqual(suite[7].attrib, {"classname": FILE, "name": "parcel-123456.top HTTPS", "file": FILE,
                                           "line": "12"})
        self.assertEqual(suite[7].find("failure").get("message"),
                         "action nxdomain expected, got sinkhole (block-page); technique leet expected, got none; "
                         "brand usps expected, got none")
        self.assertEqual(suite[7].find("failure").text, "<it's> & \\x1B[31m\" all")
        result = self.must(3, "test", "--junit", "nowhere/results.xml", "--now", program.NOW)
        self.assertIn("nowhere/results.xml: cannot write", result.err)
        self.assertIn("6 passed, 3 failed", result.out)

    def test_a_bad_policy_judges_nothing(self):
        self.write(FILE, TESTS + "  - {name: usps.com, expect: nxdomian}\n")
        result = self.must(2, "test")
        self.assertIn("did you mean 'nxdomain'?", result.err)
        self.assertEqual(result.out, "")
        self.assertEqual(self.must(2, "test", "--json").json["tests"], None)
        self.assertIn("nowhere", self.must(2, "test", "-p", "nowhere").err)

    def test_what_could_not_be_read_is_told(self):
        os.remove(self.path("feeds/main.csv"))
        result = self.must(1, "test", "--now", program.NOW)
        self.assertIn("warning: the feed 'main' cannot be read and lists nothing here: ", result.err)
        os.remove(self.path(FILE))
        result = self.must(0, "test")
        self.assertIn("warning: the policy has no tests", result.err)
        self.assertEqual(result.out, "0 passed, 0 failed\n")

    def test_no_snapshot_has_them(self):
        self.build()
        with_tests = self.read("state/snapshot.ps")
        self.write(FILE, TESTS[:TESTS.index("tests:")])
        self.build()
        self.assertEqual(self.read("state/snapshot.ps"), with_tests)


if __name__ == "__main__":
    program.main()
