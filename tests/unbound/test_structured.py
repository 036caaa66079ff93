"""Structured errors (draft-ietf-dnsop-structured-dns-error-22): who asks for them is told why in JSON
and is never led elsewhere; everybody else is answered as ever."""

import itertools
import json
import unittest

import dns.edns

from stand import Case, Policy, SharedCase

OWN = 65001  # the policy's `option`
ASKS = {
    "0000": dns.edns.GenericOption(15, b"\0\0"),  # Chromium; earlier revisions of the draft
    "empty": dns.edns.GenericOption(15, b""),
    "option": dns.edns.GenericOption(OWN, b""),
    "option with data": dns.edns.GenericOption(OWN, b"\1\2\3"),  # to be ignored: section 5.4
}
ASKS_NOT = {
    "an error": dns.edns.GenericOption(15, b"\0\x0f"),
    "half an error": dns.edns.GenericOption(15, b"\0"),
    "an error with text": dns.edns.GenericOption(15, b"\0\0text"),
    "another option": dns.edns.GenericOption(OWN + 1, b""),
    "client subnet": dns.edns.ECSOption("192.0.2.0", 24),
}
CONTACT = "mailto:abuse@post.example"
ANSWERS = """
answers:
  page: {sinkhole: {a: 192.0.2.80, aaaa: "2001:db8::80"}, ttl: 60}
  walled: {sinkhole: {cname: block-page.lab}, ttl: 63}
"""
SWITCH = f"""
structured-errors:
  contact: {CONTACT}
  organization: Example Post
  option: {OWN}
"""
RULES = """
rules:
  - id: nx
    when: {name: {under: nx.evil.top}}
    then: nxdomain
    tell: {text: asks for parcel fees, sub-error: phishing}
  - {id: wordy, when: {name: {under: wordy.evil.top}}, then: nxdomain, tell: {text: WORDY, sub-error: phishing}}
  - {id: nodata, when: {name: {under: nodata.evil.top}}, then: nodata, tell: {ede: filtered}}
  - {id: refused, when: {name: {under: refused.evil.top}}, then: refused, tell: {ede: censored, text: by law}}
  - id: prohibited
    when: {name: {under: prohibited.evil.top}}
    then: nxdomain
    tell: {ede: prohibited, text: not here}
  - {id: page, when: {name: {under: page.evil.top}}, then: page, tell: {text: 'a "lookalike"'}}
  - {id: walled, when: {name: {under: walled.evil.top}}, then: walled}
  - {id: quiet, when: {name: {under: quiet.evil.top}}, then: page, tell: {ede: none}}
  - {id: listed, when: {listed: any}, then: nxdomain}
  - {id: dropped, when: {name: {under: drop.evil.top}}, then: drop}
  - {id: tcp, when: {name: {under: tcp.evil.top}}, then: truncate}
feeds:
  isac: {format: plain, path: isac.txt, category: malware, title: A Vendor's Threat Feed}
""".replace("WORDY", "w" * 96)
NAMES = [f"{name}.evil.top" for name in
         ("nx", "wordy", "nodata", "refused", "prohibited", "page", "walled", "quiet", "drop", "tcp")]


def policy(switch=SWITCH, rules=RULES):
    return Policy(ANSWERS + switch + rules, files={"isac.txt": "promo.evil.top\n"}, under=NAMES,
                  exact=["promo.evil.top"])


def told(sub=None, why=None, organization="Example Post"):
    return {"c": [CONTACT], **({"j": why} if why else {}), **({"s": sub} if sub else {}),
            "o": organization, "l": "en"}


class Structured(SharedCase):
    POLICY = policy()
    OPTIONS = {"threads": 2}

    def ask_all(self, name, types=("A", "AAAA", "ANY", "TXT", "DS", "HTTPS")):
        ways = itertools.product(types, ASKS.items(), (False, True), (False, True))
        for rdtype, (how, option), tcp, do in ways:
            with self.subTest(name=name, type=rdtype, how=how, tcp=tcp, do=do):
                yield self.it.query(name, rdtype, options=[option], tcp=tcp, do=do)

    def check(self, name, rcode, code, what):
        for reply in self.ask_all(name):
            self.assertEqual((reply.rcode, reply.answer), (rcode, []))
            self.assertNotIn("TC", reply.flags)
            [(found, text)] = reply.ede
            self.assertEqual(found, code)
            self.assertEqual(json.loads(text) if isinstance(what, dict) else text, what)
            if isinstance(what, dict):  # short: no blanks, in the draft's order
                self.assertEqual(text, json.dumps(what, separators=(",", ":")))

    def test_the_reason_in_json(self):
        self.check("www.nx.evil.top", "NXDOMAIN", 15, told(2, "asks for parcel fees"))
        self.check("nodata.evil.top", "NOERROR", 17, told())

    def test_censored_has_no_sub_error(self):
        self.check("refused.evil.top", "REFUSED", 16, told(why="by law"))

    def test_by_what_lists_the_name(self):
        """The kind of abuse, and nothing of who says so."""
        self.check("promo.evil.top", "NXDOMAIN", 15, told(1, "malware"))
        self.assertEqual(self.it.query("promo.evil.top").ede, [(15, "malware")])

    def test_prohibited_keeps_its_text(self):
        """Clients discard JSON beside it: section 5.3, step 2."""
        self.check("prohibited.evil.top", "NXDOMAIN", 18, "not here")

    def test_never_a_forged_answer(self):
        """NODATA for addresses too, with the SOA and TTL of the answer's other types."""
        self.check("www.page.evil.top", "NOERROR", 15, told(why='a "lookalike"'))
        self.check("walled.evil.top", "NOERROR", 15, told())
        reply = self.it.query("www.page.evil.top", options=[ASKS["0000"]])
        self.assertEqual(reply.authority, self.it.query("www.page.evil.top", "TXT").authority)
        self.assertTrue(reply.authority[0].startswith("evil.top. 60 SOA "))

    def test_not_even_where_nothing_is_told(self):
        for reply in self.ask_all("quiet.evil.top"):
            self.assertEqual((reply.rcode, reply.answer, reply.ede), ("NOERROR", [], []))

    def test_who_does_not_ask(self):
        for how, option in [("none", None), *ASKS_NOT.items()]:
            for tcp in (False, True):
                with self.subTest(how=how, tcp=tcp):
                    options = {"options": [option] if option else [], "tcp": tcp}
                    self.assertEqual(self.it.query("nx.evil.top", **options).ede, [(15, "asks for parcel fees")])
                    reply = self.it.query("page.evil.top", **options)
                    self.assertEqual((reply.data(), reply.ede), (["192.0.2.80"], [(4, 'a "lookalike"')]))
                    reply = self.it.query("walled.evil.top", **options)
                    self.assertEqual((reply.data("CNAME"), reply.data(), reply.ede),
                                     (["block-page.lab."], ["192.0.2.80"], [(4, "")]))
        reply = self.it.query("page.evil.top", edns=False)
        self.assertEqual((reply.data(), reply.ede), (["192.0.2.80"], []))

    def test_among_other_options(self):
        options = [ASKS_NOT["client subnet"], dns.edns.GenericOption(10, b"12345678"), ASKS["option"]]
        reply = self.it.query("page.evil.top", options=options)
        self.assertEqual((reply.answer, [code for code, _ in reply.ede]), ([], [15]))

    def test_what_is_not_answered_by_us(self):
        """Names that pass, what is to be asked again over TCP, and what is not answered at all."""
        for option in ASKS.values():
            reply = self.assertResolves(self.it, "www.ups.com", options=[option], do=True)
            self.assertIn("AD", reply.flags)
            self.assertEqual(reply.ede, [])
            self.assertIn("TC", self.it.query("tcp.evil.top", options=[option]).flags)
            with self.assertRaises(Exception):
                self.it.query("drop.evil.top", options=[option], timeout=0.3)

    def test_small_buffers(self):
        """What does not fit goes in the draft's order, and never the whole OPT, nor into TC."""
        longest = ".".join(["y" * 63, "y" * 63, "y" * 63, "y" * 43, "wordy.evil.top"])
        seen = set()
        for size in (512, 600, 1232, 4096):
            for labels in range(4):
                name = longest if labels == 3 else ".".join(["y" * 63] * labels + ["wordy.evil.top"])
                for do in (False, True):
                    options = [ASKS["0000"], dns.edns.GenericOption(10, b"12345678")]
                    reply = self.it.query(name, payload=size, do=do, options=options)
                    self.assertTrue(reply.edns)
                    self.assertNotIn("TC", reply.flags)
                    self.assertEqual((reply.rcode, len(reply.authority)), ("NXDOMAIN", 1))
                    self.assertLessEqual(len(reply.message.to_wire()), size)
                    [(code, text)] = reply.ede
                    self.assertEqual(code, 15)
                    seen.add(text)
        full = told(2, "w" * 96)
        less = {"c": full["c"], "s": 2}
        self.assertEqual([json.loads(text) for text in sorted(seen, key=len)], [less, full])


class LongContacts(SharedCase):
    """The longest that a policy may say."""

    CONTACTS = [f"mailto:{letter * 76}@post.example" for letter in "abc"]
    POLICY = policy(f"""
structured-errors:
  contact: [{', '.join(CONTACTS)}]
  organization: {'o' * 64}
""", f"""rules:
  - {{id: nx, when: {{name: {{under: nx.evil.top}}}}, then: nxdomain, tell: {{text: '{'"' * 96}', sub-error: spam}}}}
""")

    def test_what_fits(self):
        def told_of(name, **how):
            reply = self.it.query(name, options=[ASKS["0000"]], **how)
            self.assertTrue(reply.edns)
            self.assertEqual((reply.rcode, len(reply.authority)), ("NXDOMAIN", 1))
            [(code, text)] = reply.ede
            self.assertEqual(code, 15)
            return json.loads(text) if text else None

        whole = {"c": self.CONTACTS, "j": '"' * 96, "s": 3, "o": "o" * 64, "l": "en"}
        wide = ".".join(["y" * 63, "y" * 63, "y" * 63, "y" * 46, "nx.evil.top"])
        self.assertEqual(told_of("nx.evil.top", tcp=True), whole)
        self.assertEqual(told_of(wide, tcp=True), whole)
        self.assertEqual(told_of("nx.evil.top", payload=1232), whole)
        self.assertEqual(told_of("nx.evil.top", payload=600), {"c": self.CONTACTS, "s": 3})
        self.assertEqual(told_of(wide, payload=512), None)

    def test_without_an_option_of_its_own(self):
        reply = self.it.query("nx.evil.top", options=[ASKS["option"]])
        self.assertEqual(reply.ede, [(15, '"' * 96)])


class Switch(Case):
    """Off unless the policy has it, and by the next snapshot on and off again."""

    def test_off_by_default(self):
        it = self.shield(policy(""))
        for option in ASKS.values():
            self.assertEqual(it.query("page.evil.top", options=[option]).data(), ["192.0.2.80"])
            self.assertEqual(it.query("nx.evil.top", options=[option]).ede, [(15, "asks for parcel fees")])
        it.publish(policy())
        self.assertEqual(it.query("page.evil.top", options=[ASKS["option"]]).data(), [])
        it.publish(policy(SWITCH.replace(str(OWN), str(OWN + 1))))
        self.assertEqual(it.query("page.evil.top", options=[ASKS["option"]]).data(), ["192.0.2.80"])
        self.assertEqual(it.query("page.evil.top", options=[ASKS_NOT["another option"]]).data(), [])
        it.publish(policy(""))
        self.assertEqual(it.query("page.evil.top", options=[ASKS["0000"]]).data(), ["192.0.2.80"])

    def test_both_wait_for_one_answer(self):
        """Rules about answers decide when many wait, and a CNAME's target is waited for: each gets what is
        theirs, or asks again."""
        rules = """rules:
  - {id: leads, when: {answer: {leads-to: {name: {is: shop.com}}}}, then: page}
  - {id: walled, when: {name: {under: walled.evil.top}}, then: walled}
"""
        it = self.shield(policy(rules=rules), threads=2)
        answered = 0
        for _ in range(12):
            for name in ("www.shop.com", "x.walled.evil.top"):
                it.unbound.control("flush_zone", ".")
                later = [(asks, it.query_later(name, options=[ASKS["0000"]] if asks else [], timeout=0.5))
                         for asks in (False, True) * 4]
                for asks, reply in later:
                    try:
                        reply = reply.result()
                    except Exception:  # sent away: some who waited with it want another answer
                        continue
                    answered += 1
                    if asks:
                        self.assertEqual(([code for code, _ in reply.ede if code == 4], reply.data("CNAME")), ([], []),
                                         (name, reply))
                    else:
                        self.assertFalse([text for _, text in reply.ede if text.startswith("{")], (name, reply))
        self.assertGreater(answered, 0)


if __name__ == "__main__":
    unittest.main()
