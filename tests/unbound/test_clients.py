"""Rules for groups of clients: who is in which group gets that group's answer, over every
transport, and nobody gets another group's, from whatever the resolver keeps or has under way.

Groups are told apart by the loopback address that asks: 127.1.0.1 is an analyst's, 127.2.0.1 a
counter's, 127.3.0.1 is in the group on trial, 127.0.0.1 in none; ::1 is a counter's too."""

import ssl
import subprocess
import unittest
import unittest.mock

import dns.message
import dns.query
import dns.rdatatype

from authority import Authority
from groups import COUNTER, NOBODY, ANALYST, TRIAL, GROUPS, Crossing, by_group
from stand import ADDRESS, BUILD, MODULE, NoAnswer, Policy, SANITIZED, SharedCase, ask, await_, free_port

EMPTY = Policy.of()
ZONE = "slow.unsigned.com"
LATE = f"late.{ZONE}"
STALE = "30"  # the TTL of an answer that is served when it has expired

RULES = Policy(GROUPS + """
answers:
  page: {sinkhole: {a: 192.0.2.80}, ttl: 60}
  walled: {sinkhole: {cname: block-page.lab}}
rules:
  - {id: analysts-see-all, when: {client: analysts}, then: log}
  - {id: counters-stricter, when: {name: {under: [laposte.fr]}, client: counters}, then: nxdomain}
  - {id: counters-page, when: {name: {is: [www.ups.com]}, client: counters}, then: page}
  - {id: counters-walled, when: {name: {is: [chain.shop.com]}, client: counters}, then: walled}
  - {id: trial, mode: shadow, when: {name: {under: [upu.int]}, client: trial}, then: nxdomain}
  - {id: abuse, when: {name: {under: [evil.top, usps-redelivery.top]}}, then: nxdomain}
""", exact=["www.ups.com", "chain.shop.com"], under=["laposte.fr", "evil.top", "usps-redelivery.top"])


def certificate(folder):
    """A key and a certificate of the lab's own."""
    key, file = folder / "lab.key", folder / "lab.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=resolver.lab", "-addext", "subjectAltName=DNS:resolver.lab,IP:127.0.0.1,IP:::1",
                    "-keyout", str(key), "-out", str(file)], check=True, capture_output=True)
    return key, file


class Transports(SharedCase):
    """Each group's answers, over UDP, TCP, DoT and DoH, each first with an empty cache and then
    again, in every order of the groups."""

    POLICY = RULES

    @classmethod
    def setUpClass(cls):
        cls.it = cls.make()
        cls.addClassCleanup(cls.finish)
        key, cls.certificate = certificate(cls.it.unbound.folder)
        cls.dot, cls.doh = free_port(), free_port()
        places = [ADDRESS, "::1"] + [f"{address}@{at}" for at in (cls.dot, cls.doh) for address in (ADDRESS, "::1")]
        cls.it.start(cls.POLICY, threads=2, config={
            "interface": places, "do-ip6": "yes", "access-control": [f"{ADDRESS}/8 allow", "::1 allow"],
            "tls-port": cls.dot, "https-port": cls.doh, "tls-service-key": f'"{key}"',
            "tls-service-pem": f'"{cls.certificate}"', "prefetch": "yes", "serve-expired": "yes"})

    def over_dot(self, query, source, to):
        context = ssl.create_default_context(cafile=str(self.certificate))
        return dns.query.tls(query, to, 10, self.dot, source=source, ssl_context=context,
                             server_hostname="resolver.lab")

    def over_doh(self, query, source, to):
        host = f"[{to}]" if ":" in to else to
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--fail", "--http2", "--interface", source, "--max-time", "10",
             "--cacert", str(self.certificate), "--header", "content-type: application/dns-message",
             "--data-binary", "@-", "--write-out", "%{stderr}%{http_version} %{local_ip}",
             f"https://{host}:{self.doh}/dns-query"], input=query.to_wire(), capture_output=True, check=True)
        # Really HTTP/2, really from there.
        self.assertEqual(done.stderr.decode().split(), ["2", source])
        return dns.message.from_wire(done.stdout)

    def ask(self, transport, source, name, rdtype="A"):
        """(rcode, data of the answer's last record or "")"""
        query = ask.make_query(name, rdtype)
        to = "::1" if ":" in source else ADDRESS
        port = self.it.unbound.port
        if transport == "udp":
            message = dns.query.udp(query, to, 10, port, source=source)
        elif transport == "tcp":
            message = dns.query.tcp(query, to, 10, port, source=source)
        elif transport == "dot":
            message = self.over_dot(query, source, to)
        else:
            message = self.over_doh(query, source, to)
        last = list(message.answer[-1])[-1].to_text() if message.answer else ""
        return dns.rcode.to_text(message.rcode()), last

    def empty(self):
        """Of what the tests ask for. A flush leaves stale answers, which are served."""
        self.it.publish(Policy.of(nxdomain=["laposte.fr", "ups.com", "shop.com", "upu.int", "usps-redelivery.top"]))
        self.it.publish(RULES)

    def holds(self, expected, rdtypes=("A",)):
        """expected: {name: {source: (rcode, last data)}}"""
        for transport in ("udp", "tcp", "dot", "doh"):
            for turn in range(2):
                self.empty()
                for name, answers in expected.items():
                    for rdtype in rdtypes:
                        order = list(answers.items())
                        order = order[::-1] if turn else order
                        # Again: what the first ones left is there for the second ones.
                        for source, answer in order + order:
                            with self.subTest(transport, name=name, source=source, type=rdtype, turn=turn):
                                self.assertEqual(self.ask(transport, source, name, rdtype), answer)

    def test_a_group_that_is_exempt(self):
        """The security team sees what everybody else is kept from."""
        truth = self.it.query("www.usps-redelivery.top", source=ANALYST).data()[-1]
        self.holds({"www.usps-redelivery.top": {
            ANALYST: ("NOERROR", truth), COUNTER: ("NXDOMAIN", ""), NOBODY: ("NXDOMAIN", ""),
            TRIAL: ("NXDOMAIN", ""), "::1": ("NXDOMAIN", "")}})

    def test_a_group_with_stricter_rules(self):
        """Counters are kept from what everybody else sees: by denial, by address, by CNAME."""
        truth = self.it.query("laposte.fr", source=NOBODY).data()[-1]
        ups = self.it.query("www.ups.com", source=NOBODY).data()[-1]
        chain = self.it.query("chain.shop.com", source=NOBODY).data()[-1]
        page = self.it.query("block-page.lab", source=NOBODY).data()[-1]
        self.assertNotIn(page, (truth, ups, chain))
        self.holds({
            "laposte.fr": {NOBODY: ("NOERROR", truth), COUNTER: ("NXDOMAIN", ""), "::1": ("NXDOMAIN", ""),
                           ANALYST: ("NOERROR", truth)},
            "www.ups.com": {NOBODY: ("NOERROR", ups), COUNTER: ("NOERROR", "192.0.2.80"),
                            "::1": ("NOERROR", "192.0.2.80"), TRIAL: ("NOERROR", ups)},
            "chain.shop.com": {NOBODY: ("NOERROR", chain), COUNTER: ("NOERROR", page), "::1": ("NOERROR", page)}})

    def test_a_group_on_trial(self):
        """A rule in shadow mode for one group: all get the truth, and that group's are counted."""
        truth = self.it.query("upu.int", source=NOBODY).data()[-1]
        before = self.it.counted("rule_shadow_hits_total", rule="trial") or 0
        self.holds({"upu.int": {TRIAL: ("NOERROR", truth), NOBODY: ("NOERROR", truth),
                                COUNTER: ("NOERROR", truth)}})
        # Counted when it is resolved: once for each emptied cache in which the group asked first.
        self.assertEqual(self.it.counted("rule_shadow_hits_total", rule="trial"), before + 4)
        # Nobody is kept from it, so that it is kept as any other name.
        self.assertIn(("upu.int.", "A"), self.it.cached())

    def test_every_type(self):
        for rdtype in ("A", "AAAA", "TXT", "MX", "NS", "SOA", "DS", "DNSKEY", "CNAME", "HTTPS", "ANY"):
            self.empty()
            truth = self.ask("udp", NOBODY, "laposte.fr", rdtype)
            self.assertEqual(truth[0], "NOERROR")
            for source in (COUNTER, NOBODY, "::1", ANALYST, COUNTER):
                with self.subTest(rdtype, source=source):
                    self.assertEqual(self.ask("tcp", source, "laposte.fr", rdtype)[0],
                                     "NXDOMAIN" if source in (COUNTER, "::1") else "NOERROR")

    def test_told_by_explain(self):
        done = subprocess.run(
            [str(BUILD / "bin" / "postshield"), "explain", "--snapshot", str(self.it.state / "snapshot.ps"),
             "--client", COUNTER, "laposte.fr"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("in counters, by 127.2.0.0/16", done.stdout)


class InFlight(SharedCase):
    """Queries that are under way: nobody joins one whose answer is for others."""

    WALLED = Policy(GROUPS + f"""
answers:
  walled: {{sinkhole: {{cname: {LATE}}}}}
rules:
  - {{id: w, when: {{name: {{is: www.ups.com}}, client: counters}}, then: walled}}
""", exact=["www.ups.com"])

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Authority(f"{ZONE}.", {
            f"{LATE}.": [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")]}))
        cls.OPTIONS = {"threads": 1, "config": {
            "infra-host-ttl": 900, "serve-expired": "yes", "prefetch": "yes", "cache-max-ttl": 2},
                       "extra": f'stub-zone:\n  name: "{ZONE}"\n  stub-addr: {ADDRESS}@{cls.server.port}\n'}
        super().setUpClass()

    def setUp(self):
        self.it.publish(Policy.of(nxdomain=[ZONE]))
        self.it.publish(EMPTY)
        self.it.unbound.control("flush_infra", "all")
        self.addCleanup(self.server.release)

    def later(self, source, name=LATE, rdtype="A", **how):
        return self.it.query_later(name, rdtype, source=source, **{"timeout": 20, **how})

    def patiently(self, source):
        """Asks as clients do: again, when there is no answer."""
        def answer():
            try:
                return self.it.query(LATE, source=source, timeout=1)
            except NoAnswer:
                return None
        return await_(f"an answer for {source}", answer)

    def test_apart_from_others(self):
        """The exempt group waits; the others are answered at once, and do not wait with it."""
        self.it.publish(by_group(block={COUNTER: "nxdomain"}, under=ZONE))
        for how in ({}, {"tcp": True}):
            self.server.hold(f"{LATE}.")
            waiting = [self.later(source, **how) for source in (NOBODY, ANALYST, NOBODY)]
            self.server.await_held(f"{LATE}.")
            self.assertBlocked(self.it, LATE, source=COUNTER, **how)
            self.server.release()
            for reply in waiting:
                self.assertEqual(reply.result().data(), ["192.0.2.1"])
            self.assertBlocked(self.it, LATE, source=COUNTER, **how)

    def test_apart_while_a_sinkhole_waits(self):
        """The blocked group's CNAME waits for its target; others do not wait with it."""
        self.it.publish(self.WALLED)
        self.server.hold(f"{LATE}.")
        waiting = self.later(COUNTER, "www.ups.com")
        self.server.await_held(f"{LATE}.")
        truth = self.it.query("www.ups.com", source=NOBODY, timeout=5)
        self.assertNotIn(f"{LATE}.", truth.data("CNAME"))
        self.assertTrue(truth.data())
        self.server.release()
        self.assertEqual(waiting.result().data("CNAME"), [f"{LATE}."])
        self.assertEqual(waiting.result().data(), ["192.0.2.1"])

    def test_told_apart_while_they_wait(self):
        """They joined when nothing told them apart. Then a snapshot comes that does: none of them
        gets an answer that may be another's; asked again, each gets its own."""
        for blocked, free in ((COUNTER, NOBODY), (NOBODY, COUNTER)):
            for first, second in ((blocked, free), (free, blocked)):
                with self.subTest(blocked=blocked, first=first):
                    self.it.publish(EMPTY)
                    self.it.unbound.control("flush_zone", ZONE)
                    self.server.hold(f"{LATE}.")
                    asked = self.it.unbound.stats()["total.num.queries"]
                    waiting = {first: self.later(first, timeout=3)}
                    self.server.await_held(f"{LATE}.")
                    waiting[second] = self.later(second, timeout=3)
                    await_("both wait", lambda: self.it.unbound.stats()["total.num.queries"] >= asked + 2)
                    self.it.publish(by_group(block={blocked: "nxdomain"}, under=ZONE))
                    self.server.release()
                    for reply in waiting.values():
                        self.assertIsInstance(reply.exception(), NoAnswer)
                    self.assertBlocked(self.it, LATE, source=blocked)
                    self.assertResolves(self.it, LATE, source=free)
                    self.assertBlocked(self.it, LATE, source=blocked)

    def test_alone_when_the_snapshot_comes(self):
        for source, blocked in ((COUNTER, True), (NOBODY, False)):
            self.it.publish(EMPTY)
            self.it.unbound.control("flush_zone", ZONE)
            self.server.hold(f"{LATE}.")
            waiting = self.later(source)
            self.server.await_held(f"{LATE}.")
            self.it.publish(by_group(block={COUNTER: "nxdomain"}, under=ZONE))
            self.server.release()
            self.assertEqual(waiting.result().rcode, "NXDOMAIN" if blocked else "NOERROR")
            self.assertBlocked(self.it, LATE, source=COUNTER)

    def test_what_was_cached_before(self):
        """In the cache, expired or about to be fetched anew, when groups come: gone."""
        for age in ("fresh", "expired"):
            self.it.publish(EMPTY)
            self.it.unbound.control("flush_zone", ZONE)
            self.assertResolves(self.it, LATE, source=NOBODY)
            if age == "expired":
                self.server.hold(f"{LATE}.")
                await_("it is served stale", lambda: self.it.query(LATE, source=NOBODY).answer[0].split()[1] == STALE)
            self.it.publish(by_group(block={COUNTER: "nxdomain"}, under=ZONE))
            self.server.release()
            for source in (COUNTER, NOBODY, COUNTER):
                self.assertEqual(self.patiently(source).rcode, "NXDOMAIN" if source == COUNTER else "NOERROR")

    def test_a_target_that_the_resolver_finds(self):
        """An alias that all may see leads to what one group may not: not stored on the way."""
        alias, target = "a00007.unsigned.com", "n00007.bulk.top"
        self.it.publish(by_group(block={COUNTER: "nxdomain"}, exact=target))
        for source in (NOBODY, COUNTER):
            self.assertEqual(self.it.query(alias, source=source).data("CNAME"), [f"{target}."])
        # Who asks with CD is also given what nobody has validated yet.
        for cd in (True, False):
            self.assertBlocked(self.it, target, source=COUNTER, cd=cd)
            self.assertResolves(self.it, target, source=NOBODY, cd=cd)
        self.assertIn((f"{alias}.", "A"), self.it.cached())

    def test_a_prefetch_that_others_wait_for(self):
        """It began when nothing told them apart; who waits for it then is told to ask again."""
        self.assertResolves(self.it, LATE, source=NOBODY)
        self.server.hold(f"{LATE}.")
        # Stale by then: answered at once, and fetched anew.
        await_("it is fetched anew", lambda: self.it.query(LATE, source=NOBODY, timeout=20) and self.server.held)
        self.it.publish(by_group(block={COUNTER: "nxdomain"}, under=ZONE))
        asked = self.it.unbound.stats()["total.num.queries"]
        waiting = {source: self.later(source, timeout=3) for source in (COUNTER, NOBODY)}
        await_("both wait", lambda: self.it.unbound.stats()["total.num.queries"] >= asked + 2)
        self.server.release()
        for reply in waiting.values():
            self.assertIsInstance(reply.exception(), NoAnswer)
        for source in (COUNTER, NOBODY, COUNTER):
            self.assertEqual(self.patiently(source).rcode, "NXDOMAIN" if source == COUNTER else "NOERROR")


class Controls(unittest.TestCase):
    """The same tests, with the module whose protection is left out: each must find that out."""

    FINDS = {
        "apart": ("test_apart_from_others", "test_apart_while_a_sinkhole_waits"),
        "agree": ("test_told_apart_while_they_wait", "test_a_prefetch_that_others_wait_for"),
        "sweep": ("test_what_was_cached_before",),
        "response": ("test_a_target_that_the_resolver_finds",),
    }

    def test_each_is_found_out(self):
        for control, names in self.FINDS.items():
            for name in names:
                with self.subTest(control, test=name), \
                        unittest.mock.patch("stand.MODULE", BUILD / "tests" / f"clients_{control}.so"):
                    case = type(f"Without_{control}", (InFlight,), {"__module__": __name__})
                    result = unittest.TestResult()
                    unittest.TestSuite([case(name)]).run(result)
                    self.assertEqual(result.testsRun, 1)
                    found = [str(test) for test, _ in result.failures + result.errors]
                    self.assertTrue(any(name in test for test in found), found)


class NothingToPay(SharedCase):
    """Groups that no rule asks for, and names whose answer is everybody's, are as ever."""

    POLICY = by_group(block={COUNTER: "nxdomain"}, under="evil.top")

    def test_other_names_are_cached_and_joined(self):
        for source in (NOBODY, COUNTER, ANALYST):
            self.assertResolves(self.it, "www.ups.com", source=source)
        self.assertIn(("www.ups.com.", "A"), self.it.cached())
        misses = self.it.unbound.stats()["total.num.cachemiss"]
        for source in (NOBODY, COUNTER, ANALYST):
            self.assertResolves(self.it, "www.ups.com", source=source)
        self.assertEqual(self.it.unbound.stats()["total.num.cachemiss"], misses)

    def test_others_wait_together(self):
        with Authority(f"{ZONE}.", {f"{LATE}.": [("A", "192.0.2.1")]}) as server:
            it = self.shield(self.POLICY, extra=f'stub-zone:\n  name: "{ZONE}"\n'
                                                f'  stub-addr: {ADDRESS}@{server.port}\n')
            server.hold(f"{LATE}.")
            asked = it.unbound.stats()["total.num.queries"]
            waiting = [it.query_later(LATE, source=source, timeout=20) for source in (NOBODY, COUNTER, ANALYST)]
            server.await_held(f"{LATE}.")
            await_("all wait", lambda: it.unbound.stats()["total.num.queries"] >= asked + 3)
            server.release()
            for reply in waiting:
                self.assertEqual(reply.result().data(), ["192.0.2.1"])
            self.assertEqual(server.questions(f"{LATE}."), ["A"])

    def test_asked_again_it_is_resolved_again(self):
        """What is one group's alone is no message in the cache: it is resolved again for each who asks."""
        truth = self.assertResolves(self.it, "www.evil.top", source=NOBODY).data()
        sent = self.it.unbound.stats()["total.num.recursivereplies"]
        self.assertEqual(self.it.query("www.evil.top", source=NOBODY).data(), truth)
        self.assertGreater(self.it.unbound.stats()["total.num.recursivereplies"], sent)
        self.assertBlocked(self.it, "www.evil.top", source=COUNTER)


class Interleaved(Crossing):
    """Groups that ask the same 1,000 names 100,000 times, on four threads: no wrong answer."""

    COUNT = 20000 if SANITIZED else 100000

    def test_no_answer_crosses(self):
        tally = self.interleave(str(MODULE), self.COUNT)
        print(f"\n    {tally}", flush=True)
        self.assertEqual(tally.wrong, [])
        self.assertEqual(tally.lost, 0)
        self.assertEqual(tally.answered, self.COUNT)
        # Were they such that something could go wrong?
        self.assertGreater(tally.blocked, self.COUNT // 10)
        self.assertGreater(tally.free, self.COUNT // 10)
        self.assertGreater(tally.prefetches, 0)
        self.assertGreater(tally.expired, 0)

    def test_the_controls_cross(self):
        """The module with one protection left out each: the same questions find it out."""
        for control in ("by_client", "response"):
            with self.subTest(control):
                tally = self.interleave(str(BUILD / "tests" / f"clients_{control}.so"), self.COUNT // 5)
                print(f"\n    without {control}: {len(tally.wrong)} wrong of {tally.answered}", flush=True)
                self.assertGreater(len(tally.wrong), 0)


if __name__ == "__main__":
    unittest.main()
