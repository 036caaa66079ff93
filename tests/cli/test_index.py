#!/usr/bin/python3 -B
"""postshield index: info, verify and lookup."""

import unittest

import program


class Index(program.Case):
    def setUp(self):
        super().setUp()
        self.write("policies/main.postshield.yaml",
                   program.POLICY + "  net: {format: plain, path: ../feeds/net.txt, confidence: 77}\n")
        self.write("feeds/net.txt", "198.51.100.0/24\n198.51.100.7\n2001:db8::/32\n")
        self.build()

    def test_info(self):
        out = self.must(0, "index", "info").out
        self.assertRegex(out, r"(?m)^digest     [0-9a-f]{64}$")
        self.assertIn("addresses  2 IPv4 prefixes, 1 IPv6 prefix\n", out)
        self.assertIn("""\
feeds
  feed  format  read  kept  refused  defined at
  main  csv        9     5        4  policies/main.postshield.yaml:27
  net   plain      3     3        0  policies/main.postshield.yaml:32
""", out)
        self.assertRegex(out, r"(?m)^  phishing +nxdomain +15 +policies/main\.postshield\.yaml:10 +"
                              r"listed by main as phishing, confidence 60 to 100$")
        self.assertRegex(out, r"(?m)^  trial +refused +\d+ +policies/\S+ +shadow +name matches \^track-$")
        self.assertRegex(out, r"(?m)^  block-page +sinkhole +60 +A 192\.0\.2\.80 AAAA 2001:db8::80$")
        self.assertEqual([line for line in out.splitlines() if line.endswith(" ")], [])

    def test_info_json(self):
        found = self.must(0, "index", "info", "--json").json
        self.assertEqual(sorted(found), [
            "answers", "digest", "feeds", "file_bytes", "file_bytes_per_name", "fullest_bucket", "lookup_bytes",
            "lookup_bytes_per_name", "names", "path", "prefixes4", "prefixes6", "rows", "rules", "sections", "sets",
            "version"])
        self.assertEqual(found["file_bytes"], len(self.read("state/snapshot.ps")))
        self.assertEqual(found["rules"][1]["when"], ["listed by main as phishing, confidence 60 to 100"])

    def test_verify(self):
        result = self.must(0, "index", "verify")
        self.assertRegex(result.out, r"^good  [0-9a-f]{64}  .*/state/snapshot\.ps\n$")
        good = bytearray(self.read("state/snapshot.ps"))
        good[-1] ^= 1
        self.write("state/snapshot.ps", bytes(good))
        result = self.must(1, "index", "verify")
        self.assertRegex(result.out, r"^bad  .*/state/snapshot\.ps: .*\n$")
        found = self.must(1, "index", "verify", "--json").json
        self.assertEqual((found["good"], found["digest"]), (False, None))
        self.assertTrue(found["reason"])
        self.write("other.ps", bytes(good)[:100])
        self.must(1, "index", "verify", "--snapshot", "other.ps")
        self.must(2, "index", "verify", "--snapshot", "missing.ps")
        self.must(2, "index", "info", "--snapshot", "other.ps")

    def test_every_octet_counts(self):
        good = self.read("state/snapshot.ps")
        for place in range(0, len(good), 97):
            bad = bytearray(good)
            bad[place] ^= 0x10
            self.write("bad.ps", bytes(bad))
            self.must(1, "index", "verify", "--snapshot", "bad.ps")

    def test_lookup_is_like_grep(self):
        self.must(0, "index", "lookup", "evil.com", "a.b.evil.com", "198.51.100.7", "2001:db8::1")
        self.must(1, "index", "lookup", "evil.com", "good.com")
        self.must(1, "index", "lookup", "203.0.113.1")
        self.must(2, "index", "lookup", "evil.com", "a..b")

    def test_lookup_text(self):
        self.assertEqual(self.must(1, "index", "lookup", "www.soon.com", "laposte.fr", "portal.shop.com", "x.org").out, """\
www.soon.com: 1 entry
  listed    by    scope    category  confidence  tlp    from  until                   line  reference
  soon.com  main  subtree  phishing          90  amber        2025-12-01T00:00:00Z       5  case 4
laposte.fr: 2 entries
  listed      by             scope    category  confidence  tlp    from  until    line  reference
  laposte.fr  main           exact    phishing          80  amber                    6  case 5
  laposte.fr  official list  subtree                                                23  policies/main.postshield.yaml
portal.shop.com: 1 entry
  listed           by                 scope  category  confidence  tlp  from  until    line  reference
  portal.shop.com  rule staff-portal  exact                                               8  policies/main.postshield.yaml
x.org: no entry covers it
""")

    def test_lookup_json(self):
        found = self.must(0, "index", "lookup", "--json", "198.51.100.7", "EVIL.com").json
        self.assertEqual([entry["listed"] for entry in found[0]["entries"]], ["198.51.100.7", "198.51.100.0/24"])
        self.assertEqual((found[0]["address"], found[1]["name"], found[1]["asked"]),
                         ("198.51.100.7", "evil.com", "EVIL.com"))
        self.assertEqual(found[0]["entries"][0], {
            "kind": "feed", "source": "net", "feed": "net", "listed": "198.51.100.7", "scope": "prefix",
            "origin": "address", "category": "other", "confidence": 77, "tlp": "amber", "valid_from": None,
            "valid_until": None, "trial": False, "line": 2, "reference": None})


if __name__ == "__main__":
    program.main()
