"""Names that look like a protected one: judged by the module, as `explain` judges them."""

import unittest

from stand import Policy, SharedCase

# Whose names are protected, and what else the lab's names need.
BRANDS = """
brands:
  usps: {owner: United States Postal Service, names: [usps], domains: [usps.com]}
  inpost: {owner: InPost, names: [inpost], domains: [inpost.pl]}
  la-poste: {owner: La Poste, names: [la poste], domains: [laposte.fr]}
keywords: {en: {track: [track], redelivery: [redelivery], delivery: [suivi]}}
abused-tlds: {top: 156}
"""
POLICY = Policy(BRANDS + """
exceptions:
  - {name: blog.laposte-suivi.com, reason: for the test}
rules:
  - {id: listed, when: {name: {is: usps-redelivery.top}}, then: refused}
  - {id: looks, when: {lookalike: {score: ">= 80"}}, then: nxdomain, tell: {ede: blocked}}
""")


class Lookalikes(SharedCase):
    POLICY = POLICY

    def test_blocked_with_what_it_looks_like(self):
        it = self.it
        for name, owner in (("usps.com-track83.top", "United States Postal Service (usps)"),
                            ("track-lnpost.top", "InPost (inpost)"),
                            ("laposte-suivi.com", "La Poste (laposte)")):
            with self.subTest(name):
                reply = it.query(name)
                self.assertEqual(reply.rcode, "NXDOMAIN")
                self.assertIn(f"looks like {owner}: ", " ".join(option.text or "" for option in reply.message.options))
        self.assertEqual(it.query("usps.com-track83.top", "AAAA").rcode, "NXDOMAIN")

    def test_official_exceptions_and_others_resolve(self):
        it = self.it
        for name in ("www.usps.com", "laposte.fr", "blog.laposte-suivi.com", "www.ups.com", "shop.com"):
            with self.subTest(name):
                self.assertEqual(it.query(name).rcode, "NOERROR")

    def test_a_rule_above_decides(self):
        self.assertEqual(self.it.query("usps-redelivery.top").rcode, "REFUSED")
        self.assertEqual(self.it.query("pay.usps-redelivery.top").rcode, "NXDOMAIN")


if __name__ == "__main__":
    unittest.main()
