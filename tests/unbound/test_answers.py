"""What each action answers, octet by octet, to every kind of question."""

import contextlib
import itertools
import socket
import struct
import subprocess
import unittest

import dns.flags
import dns.message
import dns.name
import dns.rcode

from stand import ADDRESS, Case, NoAnswer, Policy, SharedCase, ask

TYPES = ("A", "AAAA", "TXT", "MX", "ANY", "DS", "HTTPS", "CNAME", "SOA", "NS")
SOA = "SOA . . 1 3600 1200 604800"
# rule, answer, ede, text: names are RULE.evil.top and what is below.
ANSWERS = """
answers:
  page: {sinkhole: {a: 192.0.2.80, aaaa: "2001:db8::80"}, ttl: 60}
  page4: {sinkhole: {a: [192.0.2.81, 192.0.2.82]}, ttl: 61}
  page6: {sinkhole: {aaaa: "2001:db8::82"}, ttl: 62}
  walled: {sinkhole: {cname: block-page.lab}, ttl: 63}
  far: {sinkhole: {cname: www.shop.com}, ttl: 64}
  nowhere: {sinkhole: {cname: not-there.usps.com}, ttl: 65}
  bogus: {sinkhole: {cname: www.bogus.com}, ttl: 65}
  itself: {sinkhole: {cname: itself.evil.top}, ttl: 66}
  ping: {sinkhole: {cname: pong.evil.top}, ttl: 66}
  pong: {sinkhole: {cname: ping.evil.top}, ttl: 66}
  to-loop: {sinkhole: {cname: loop.shop.com}, ttl: 66}
  to-blocked: {sinkhole: {cname: www.nx.evil.top}, ttl: 67}
  long: {nodata: {}, ttl: 604800}
  zero: {nxdomain: {}, ttl: 0}
"""


def rule(name, then, tell="", reach="under", mode=""):
    return (f"  - {{id: {name}, when: {{name: {{{reach}: {name}.evil.top}}}}, then: {then}"
            f"{', tell: {' + tell + '}' if tell else ''}{mode}}}\n")


SINKS = ("page", "page4", "page6", "walled", "far", "nowhere", "bogus", "itself", "ping", "pong", "to-loop",
         "to-blocked")
POLICY = Policy(ANSWERS + "rules:\n"
    + "  - {id: shadow-of-nx, mode: shadow, when: {name: {under: nx.evil.top}}, then: refused}\n"
    + rule("nx", "nxdomain", "ede: blocked, text: listed by the ISAC")
    + rule("nodata", "nodata", "ede: filtered")
    + rule("refused", "refused", "ede: prohibited, text: ask somebody else")
    + rule("drop", "drop")
    + rule("quiet", "nxdomain", "ede: none")
    + rule("long", "long") + rule("zero", "zero", f"text: {'x' * 96}")
    + "".join(rule(name, name) for name in SINKS)
    + """
  - {id: only-this, when: {name: {is: only.usps-redelivery.top}}, then: nxdomain}
  - {id: only-below, when: {name: {below: parcel-482913.top}}, then: nxdomain}
  - {id: one-host, when: {listed: {feeds: isac}}, then: nxdomain, tell: {ede: blocked, text: listed}}
  - {id: apex, when: {name: {is: laposte-suivi.com}}, then: nxdomain}
  - {id: logged, when: {name: {under: ups.com}}, then: log}
  - {id: passed, when: {name: {is: edge.hosting.net}}, then: pass}
  - {id: too-late, when: {name: {under: hosting.net}}, then: nxdomain}
  - {id: all-posts, when: {name: {pattern: '(^|\\.)usps\\.com$|^track-[a-z]+\\.top$'}}, then: nxdomain}
  - {id: on-trial, mode: shadow, when: {name: {under: laposte.fr}}, then: nxdomain}
  - {id: hostile, when: {name: {pattern: '^(a+)+[!?]'}}, then: nxdomain}
never: [usps.com, mail.bogus.com]
feeds:
  isac: {format: plain, path: isac.txt, scope: exact}
""", files={"isac.txt": "promo.poste-test.post\nmail.bogus.com\n"},
    exact=("only.usps-redelivery.top", "promo.poste-test.post", "laposte-suivi.com", "hosting.net", "shared.hosting.net"),
    under=tuple(f"{name}.evil.top" for name in ("nx", "nodata", "refused", "drop", "quiet", "long", "zero", *SINKS)))

# Every way to ask.
WAYS = [{"tcp": tcp, **edns, "cd": cd} for tcp in (False, True) for cd in (False, True)
        for edns in ({}, {"do": True}, {"edns": False})]


class Answers(SharedCase):
    POLICY = POLICY
    OPTIONS = {"threads": 2}

    def ask_every_way(self, name, types=TYPES):
        for rdtype, way in itertools.product(types, WAYS):
            reply = self.it.query(name, rdtype, **way)
            with self.subTest(name=name, rdtype=rdtype, **way):
                flags = {"QR", "RD", "RA"} | ({"CD"} if way["cd"] else set())
                self.assertEqual(reply.flags, flags)
                question = reply.message.question[0]
                self.assertEqual(question.name.to_text(), name + ".")
                self.assertEqual(reply.edns, way.get("edns", True))
                if not reply.edns:
                    self.assertEqual(reply.ede, [])
                yield rdtype, way, reply

    # --- negative ---

    def test_nxdomain(self):
        for name in ("nx.evil.top", "www.nx.evil.top", "a.b.c.nx.evil.top"):
            for _, _, reply in self.ask_every_way(name):
                self.assertEqual((reply.rcode, reply.answer, reply.additional), ("NXDOMAIN", [], []))
                # The SOA stands above what is denied, whichever name below it was asked for.
                self.assertEqual(reply.authority, [f"evil.top. 30 {SOA} 30"])
                if reply.edns:
                    self.assertEqual(reply.ede, [(15, "listed by the ISAC")])

    def test_nodata(self):
        for name in ("nodata.evil.top", "www.nodata.evil.top"):
            for _, _, reply in self.ask_every_way(name):
                self.assertEqual((reply.rcode, reply.answer), ("NOERROR", []))
                self.assertEqual(reply.authority, [f"evil.top. 30 {SOA} 30"])
                if reply.edns:
                    self.assertEqual(reply.ede, [(17, "")])

    def test_refused(self):
        for _, _, reply in self.ask_every_way("www.refused.evil.top"):
            self.assertEqual((reply.rcode, reply.answer, reply.authority), ("REFUSED", [], []))
            if reply.edns:
                self.assertEqual(reply.ede, [(18, "ask somebody else")])

    def test_time_to_live(self):
        self.assertEqual(self.it.query("long.evil.top").authority, [f"evil.top. 604800 {SOA} 604800"])
        self.assertEqual(self.it.query("zero.evil.top").authority, [f"evil.top. 0 {SOA} 0"])

    def test_longest_text_fits(self):
        for how in ({}, {"payload": 512}, {"do": True, "payload": 512}):
            self.assertEqual(self.it.query("zero.evil.top", **how).ede, [(15, "x" * 96)])
            longest = ".".join(["y" * 63, "y" * 63, "y" * 63, "y" * 47, "zero.evil.top"])
            self.assertEqual(self.it.query(longest, **how).ede, [(15, "x" * 96)])

    def test_no_reason_told(self):
        reply = self.it.query("quiet.evil.top")
        self.assertEqual((reply.rcode, reply.ede), ("NXDOMAIN", []))

    def test_drop(self):
        before = self.it.counted("decisions_total", action="drop")
        for rdtype in ("A", "TXT"):
            for tcp in (False, True):
                with self.assertRaises(NoAnswer):
                    self.it.query("www.drop.evil.top", rdtype, tcp=tcp, timeout=0.3)
        self.assertResolves(self.it, "www.ups.com", tcp=True)
        self.assertEqual(self.it.counted("decisions_total", action="drop"), before + 4)

    # --- sinkholes ---

    def check_sinkhole(self, name, ttl, a, aaaa):
        for rdtype, _, reply in self.ask_every_way(f"www.{name}.evil.top"):
            wanted = {"A": a, "AAAA": aaaa, "ANY": a + aaaa}.get(rdtype, [])
            self.assertEqual(reply.rcode, "NOERROR")
            self.assertEqual([line.split(" ", 3)[3] for line in reply.answer], wanted)
            for line in reply.answer:
                self.assertTrue(line.startswith(f"www.{name}.evil.top. {ttl} "), line)
            self.assertEqual(reply.authority, [] if wanted else [f"evil.top. {ttl} {SOA} {ttl}"])
            if reply.edns:
                self.assertEqual(reply.ede, [(4, "")])

    def test_sinkhole_for_both(self):
        self.check_sinkhole("page", 60, ["192.0.2.80"], ["2001:db8::80"])

    def test_sinkhole_for_ipv4(self):
        self.check_sinkhole("page4", 61, ["192.0.2.81", "192.0.2.82"], [])

    def test_sinkhole_for_ipv6(self):
        self.check_sinkhole("page6", 62, [], ["2001:db8::82"])

    def check_cname(self, name, ttl, target, then, rcode="NOERROR", types=TYPES):
        for rdtype, way, reply in self.ask_every_way(f"www.{name}.evil.top", types):
            self.assertEqual(reply.rcode, rcode)
            self.assertEqual(reply.answer[0], f"www.{name}.evil.top. {ttl} CNAME {target}")
            rest = [line.split(" ", 3)[2:] for line in reply.answer[1:]]
            self.assertEqual([fields for fields in rest if fields[0] != "RRSIG"], then.get(rdtype, []))
            if not way.get("do"):
                self.assertFalse([fields for fields in rest if fields[0] == "RRSIG"])
            if reply.edns:
                self.assertEqual(reply.ede, [(4, "")])

    def test_sinkhole_by_cname(self):
        self.check_cname("walled", 63, "block-page.lab.",
                         {"A": [["A", "192.0.2.80"]], "AAAA": [["AAAA", "2001:db8::80"]]})

    def test_sinkhole_by_cname_to_a_cname(self):
        chain = ["CNAME", "shop.com."]
        self.check_cname("far", 64, "www.shop.com.", {
            "A": [chain, ["A", "198.51.100.10"]], "AAAA": [chain, ["AAAA", "2001:db8:1::10"]]},
            types=("A", "AAAA"))

    def test_sinkhole_by_cname_to_what_is_not_there(self):
        for rdtype in ("A", "AAAA", "TXT"):
            reply = self.it.query("www.nowhere.evil.top", rdtype)
            self.assertEqual((reply.rcode, len(reply.answer)), ("NXDOMAIN", 1))
        # Without a lookup, nothing is known of the target.
        self.assertEqual(self.it.query("www.nowhere.evil.top", "CNAME").rcode, "NOERROR")

    def test_sinkhole_by_cname_to_what_fails(self):
        reply = self.it.query("www.bogus.evil.top")
        self.assertEqual((reply.rcode, len(reply.answer)), ("NOERROR", 1))

    def test_sinkhole_by_cname_in_a_circle(self):
        for name, target in (("itself", "itself"), ("ping", "pong"), ("pong", "ping")):
            for sub in ("", "www."):
                reply = self.it.query(f"{sub}{name}.evil.top")
                self.assertEqual(reply.rcode, "NOERROR")
                self.assertEqual(reply.data("CNAME"), [f"{target}.evil.top."])
                self.assertEqual(reply.data(), [])
        reply = self.it.query("to-loop.evil.top")
        self.assertEqual(reply.data("CNAME")[:1], ["loop.shop.com."])
        self.assertEqual(reply.data(), [])

    def test_sinkhole_by_cname_to_what_is_blocked(self):
        for how in ({}, {"tcp": True}, {"cd": True}):
            reply = self.it.query("to-blocked.evil.top", **how)
            self.assertEqual(reply.data("CNAME"), ["www.nx.evil.top."])
            self.assertEqual(len(reply.answer), 1)

    def test_many_wait_for_one_target(self):
        self.it.unbound.control("flush_zone", "lab")
        replies = [self.it.query_later(f"h{n}.walled.evil.top") for n in range(40)]
        for reply in replies:
            self.assertEqual(reply.result().data(), ["192.0.2.80"])

    # --- which names ---

    def test_exact_listing_under_post(self):
        """An abuse-listed host of an official domain is blocked, and its siblings answer."""
        for rdtype in ("A", "AAAA", "TXT"):
            reply = self.assertBlocked(self.it, "promo.poste-test.post", rdtype)
            self.assertEqual(reply.authority, [f"poste-test.post. 30 {SOA} 30"])
            self.assertEqual(reply.ede, [(15, "listed")])
        for name in ("www.poste-test.post", "poste-test.post"):
            self.assertIn("AD", self.assertResolves(self.it, name, do=True).flags)
        self.assertEqual(self.it.query("www.promo.poste-test.post").ede, [])

    def test_reach(self):
        self.assertBlocked(self.it, "only.usps-redelivery.top")
        self.assertResolves(self.it, "pay.usps-redelivery.top")
        self.assertEqual(self.it.query("x.only.usps-redelivery.top").ede, [])
        self.assertBlocked(self.it, "www.parcel-482913.top")
        self.assertResolves(self.it, "parcel-482913.top")
        self.assertBlocked(self.it, "laposte-suivi.com")
        self.assertResolves(self.it, "blog.laposte-suivi.com")

    def test_never_beats_all(self):
        self.assertIn("AD", self.assertResolves(self.it, "www.usps.com", "A", do=True).flags)
        self.assertResolves(self.it, "tools.usps.com")
        self.assertResolves(self.it, "mail.bogus.com")
        self.assertGreaterEqual(self.it.counted("never_hits_total"), 3)

    def test_pattern(self):
        self.assertBlocked(self.it, "track-lnpost.top")
        self.assertBlocked(self.it, "TRACK-LNPOST.top")
        self.assertEqual(self.it.query("a" * 60 + ".top").ede, [])
        self.assertGreaterEqual(self.it.counted("pattern_limits_total"), 1)

    def test_log_pass_and_shadow_resolve(self):
        for name in ("www.ups.com", "edge.hosting.net", "www.laposte.fr"):
            self.assertIn("AD", self.assertResolves(self.it, name, do=True).flags)
        self.assertBlocked(self.it, "shared.hosting.net")
        self.assertGreaterEqual(self.it.counted("rule_hits_total", rule="logged"), 1)
        self.assertGreaterEqual(self.it.sample("rule_shadow_hits_total", rule="on-trial"), 1)
        self.assertGreaterEqual(self.it.sample("decisions_total", action="log"), 1)
        self.assertEqual(self.it.sample("rule_hits_total", rule="on-trial"), 0)

    def test_what_is_only_logged_stands_in_the_log(self):
        """At Unbound's own verbosity, and what is blocked does not: of that a flood may come."""
        self.assertResolves(self.it, "www.ups.com")
        self.assertBlocked(self.it, "shared.hosting.net")
        lines = [line for line in self.it.log().splitlines() if "postshield: name=" in line]
        self.assertTrue(any("name=www.ups.com. type=1 action=log rule=logged at=" in line for line in lines), lines)
        self.assertFalse([line for line in lines if "action=log" not in line])

    def test_shadow_before_a_decision_is_counted(self):
        before = self.it.counted("rule_shadow_hits_total", rule="shadow-of-nx")
        decided = self.it.sample("rule_hits_total", rule="nx")
        for _ in range(5):
            self.assertBlocked(self.it, "count.nx.evil.top")
        self.assertEqual(self.it.counted("rule_shadow_hits_total", rule="shadow-of-nx"), before + 5)
        self.assertEqual(self.it.sample("rule_hits_total", rule="nx"), decided + 5)

    def test_feed_is_counted(self):
        before = self.it.counted("feed_hits_total", feed="isac")
        self.assertBlocked(self.it, "promo.poste-test.post")
        self.assertEqual(self.it.counted("feed_hits_total", feed="isac"), before + 1)

    # --- shapes of names and questions ---

    def test_case(self):
        for name in ("WWW.NX.EVIL.TOP", "wWw.nX.eViL.tOp", "www.Nx.evil.top"):
            for _, _, reply in self.ask_every_way(name, ("A", "TXT")):
                self.assertEqual(reply.rcode, "NXDOMAIN")
        reply = self.it.query("wWw.pAgE.evil.top")
        self.assertEqual(reply.data(), ["192.0.2.80"])
        self.assertEqual(reply.message.answer[0].name.to_text(), "wWw.pAgE.evil.top.")

    def test_odd_octets(self):
        for label in (b"\0", b".", b"a.b", b"\xff\xfe", b" ", b"\\", b"@", b"*", b"x" * 63, b"_dmarc", b"A\0B",
                      b"\nrule=x", b'"'):
            name = dns.name.Name([label, b"nx", b"evil", b"top", b""])
            self.assertEqual(self.it.query(name).rcode, "NXDOMAIN", label)
            self.assertEqual(self.it.query(name).ede, [(15, "listed by the ISAC")], label)
        # A dot inside a label is no boundary.
        other = dns.name.Name([b"www.nx", b"evil", b"top", b""])
        self.assertEqual(self.it.query(other).ede, [])

    def test_longest_names(self):
        deep = dns.name.Name([b"a"] * 120 + [b"nx", b"evil", b"top", b""])
        self.assertEqual(len(deep.to_wire()), 253)
        wide = dns.name.Name([b"w" * 63] * 3 + [b"w" * 49] + [b"nx", b"evil", b"top", b""])
        self.assertEqual(len(wide.to_wire()), 255)
        for name in (deep, wide):
            for way in WAYS:
                self.assertEqual(self.it.query(name, **way).rcode, "NXDOMAIN")

    def test_class_chaos_passes(self):
        self.assertEqual(self.it.query("id.server", "TXT", rdclass="CH").data("TXT"), ['"postshield-lab"'])
        reply = self.it.query("nx.evil.top", "TXT", rdclass="CH")
        self.assertEqual((reply.rcode, reply.ede), ("REFUSED", []))

    def test_without_recursion_desired(self):
        reply = self.it.query("nx.evil.top", rd=False)
        self.assertIn(reply.rcode, ("NXDOMAIN", "REFUSED"))
        self.assertEqual(reply.answer, [])

    def test_bogus_stays_servfail(self):
        for name in ("www.bogus.com", "expired.com"):
            for _ in range(2):
                self.assertEqual(self.it.query(name).rcode, "SERVFAIL")
            self.assertTrue(self.assertResolves(self.it, name, cd=True))

    def test_blocked_needs_no_authority(self):
        """Nothing is asked of anybody for a name that is blocked."""
        before = self.it.unbound.stats()["total.num.recursivereplies"]
        queries = self.it.unbound.stats().get("num.query.type.A", 0)
        for n in range(20):
            self.assertBlocked(self.it, f"never-seen-{n}.nx.evil.top")
        after = self.it.unbound.stats()
        self.assertEqual(after["total.num.recursivereplies"] - before, 20)
        self.assertEqual(after.get("total.requestlist.current.all", 0), 0)
        self.assertEqual(queries, after.get("num.query.type.A", 0))

    # --- TCP ---

    def exchange(self, questions):
        """Many questions down one connection at once; {id: message}, until nothing more comes."""
        answers = {}
        with socket.create_connection((ADDRESS, self.it.unbound.port), timeout=10) as connection:
            data = b""
            for number, name in enumerate(questions):
                query = ask.make_query(name)
                query.id = number + 1
                wire = query.to_wire()
                data += struct.pack("!H", len(wire)) + wire
            connection.sendall(data)
            file = connection.makefile("rb")
            with contextlib.suppress(ConnectionResetError):
                while len(answers) < len(questions):
                    head = file.read(2)
                    if len(head) < 2:
                        break
                    message = dns.message.from_wire(file.read(struct.unpack("!H", head)[0]))
                    answers[message.id] = message
        return answers

    def test_pipelined_tcp(self):
        names = ["www.nx.evil.top", "www.ups.com", "www.page.evil.top", "www.walled.evil.top", "laposte.fr"] * 6
        answers = self.exchange(names)
        self.assertEqual(len(answers), len(names))
        for number, name in enumerate(names):
            message = answers[number + 1]
            self.assertEqual(message.question[0].name.to_text(), name + ".")
            self.assertEqual(message.rcode(), dns.rcode.NXDOMAIN if ".nx." in name else dns.rcode.NOERROR)

    def test_pipelined_tcp_with_a_drop(self):
        """To drop on TCP is to close: what was answered before is there, and Unbound goes on."""
        for _ in range(10):
            answers = self.exchange(["www.nx.evil.top", "www.drop.evil.top", "www.nx.evil.top"])
            self.assertNotIn(2, answers)
        self.assertEqual(len(self.exchange(["www.nx.evil.top"] * 5)), 5)


class Truncated(Case):
    """Over UDP an empty answer with TC; over TCP the name's own, which nobody finds over UDP."""

    POLICY = Policy("""rules:
  - {id: tcp, when: {name: {under: [laposte.fr]}}, then: truncate}
""", under=["laposte.fr"])

    def test_over_udp_and_tcp(self):
        it = self.shield(self.POLICY, threads=2)
        for turn in range(3):
            for rdtype in ("A", "AAAA", "TXT", "ANY", "DS"):
                for how in ({}, {"do": True}, {"edns": False}, {"cd": True}):
                    with self.subTest(turn=turn, type=rdtype, **how):
                        reply = it.query("laposte.fr", rdtype, **how)
                        self.assertEqual((reply.rcode, reply.answer, reply.authority), ("NOERROR", [], []))
                        self.assertIn("TC", reply.flags)
                        self.assertEqual(reply.ede, [])
                        reply = it.query("laposte.fr", rdtype, tcp=True, **how)
                        self.assertEqual(reply.rcode, "NOERROR")
                        self.assertNotIn("TC", reply.flags)
            self.assertTrue(it.query("www.laposte.fr", tcp=True).data("A"))
            self.assertIn("TC", it.query("www.laposte.fr").flags)
        self.assertEqual(self.assertResolves(it, "www.laposte.fr", tcp=True, do=True).flags & {"AD", "TC"}, {"AD"})
        self.assertEqual(it.query("not-there.laposte.fr", tcp=True).rcode, "NXDOMAIN")
        self.assertIn("TC", it.query("not-there.laposte.fr").flags)

    def test_both_at_once(self):
        """Who asks over UDP never gets what one over TCP waits for, and the other way round."""
        it = self.shield(self.POLICY, threads=2)
        for _ in range(60):
            it.unbound.control("flush_zone", "laposte.fr")
            later = [(tcp, it.query_later("www.laposte.fr", tcp=tcp)) for tcp in (True, False) * 4]
            for tcp, reply in later:
                reply = reply.result()
                self.assertEqual(("TC" in reply.flags, bool(reply.data("A"))), (not tcp, tcp))

    def test_a_stub_gets_its_answer(self):
        """kdig asks again by itself."""
        it = self.shield(self.POLICY)
        done = subprocess.run(["kdig", f"@{ADDRESS}", "-p", str(it.unbound.port), "www.laposte.fr", "+short"],
                              capture_output=True, text=True, check=True, timeout=30)
        self.assertEqual(done.stdout.split(), it.query("www.laposte.fr", tcp=True).data("A"))


if __name__ == "__main__":
    unittest.main()
