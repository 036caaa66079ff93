"""What is blocked is never in the cache, nor comes from it; and what is not is cached as ever."""

import re
import unittest

from authority import Authority
from stand import ADDRESS, Case, Policy, SharedCase, run_lab

EMPTY = Policy.of()
LISTED = ("www.usps-redelivery.top", "usps-redelivery.top")


def stub(zone, server, host=None):
    """An unsigned zone below unsigned.com that the Authority answers for."""
    where = f"stub-host: {host}@{server.port}" if host else f"stub-addr: {ADDRESS}@{server.port}"
    return f'stub-zone:\n  name: "{zone}"\n  {where}\n'


class BlockedWhileCached(SharedCase):
    """The answer changes at once when a snapshot comes that blocks what is cached."""

    OPTIONS = {"threads": 2, "config": {
        "serve-expired": "yes", "serve-expired-client-timeout": 1800, "prefetch": "yes", "prefetch-key": "yes"}}

    def setUp(self):
        self.it.publish(EMPTY)
        self.it.unbound.control("flush_zone", ".")

    def cached_then_blocked(self, name, rdtype="A", policy=None, rcode="NOERROR", **how):
        first = self.it.query(name, rdtype, **how)
        self.assertEqual(first.rcode, rcode)
        self.assertIn((name.rstrip(".") + ".", rdtype), self.it.cached())
        self.it.publish(policy or Policy.of(nxdomain=[name]))
        for _ in range(3):
            reply = self.assertBlocked(self.it, name, rdtype, **how)
            self.assertEqual(reply.ede, [(15, "")])
        return first

    def test_address(self):
        self.cached_then_blocked("www.usps-redelivery.top")

    def test_each_type(self):
        for rdtype in ("AAAA", "TXT", "MX", "SOA", "NS", "DS", "DNSKEY"):
            self.it.publish(EMPTY)
            self.cached_then_blocked("laposte.fr", rdtype)

    def test_checking_disabled(self):
        # Unbound keeps an AAAA with CD apart from one without: both go.
        name = "laposte.fr"
        for rdtype in ("A", "AAAA"):
            self.it.publish(EMPTY)
            self.it.query(name, rdtype, cd=True)
            self.it.query(name, rdtype, cd=False)
            self.it.publish(Policy.of(nxdomain=[name]))
            self.assertBlocked(self.it, name, rdtype, cd=True)
            self.assertBlocked(self.it, name, rdtype, cd=False)

    def test_owner_of_a_cname_chain(self):
        self.cached_then_blocked("chain.shop.com", policy=Policy.of(nxdomain={"is": ["chain.shop.com"]}))
        # A link within the chain is a name as any other.
        self.assertResolves(self.it, "chain1.shop.com")

    def test_what_does_not_exist(self):
        self.cached_then_blocked("not-there.usps.com", rcode="NXDOMAIN")
        self.it.publish(EMPTY)
        self.cached_then_blocked("www.ups.com", "MX")

    def test_bogus_stays_bogus_until_blocked(self):
        self.assertEqual(self.it.query("www.bogus.com").rcode, "SERVFAIL")
        self.it.publish(Policy.of(nodata=["www.bogus.com"]))
        self.assertBlocked(self.it, "www.bogus.com", rcode="NOERROR")
        self.it.publish(EMPTY)
        self.assertEqual(self.it.query("www.bogus.com").rcode, "SERVFAIL")

    def test_all_below(self):
        names = [f"n{i:05}.bulk.top" for i in range(200)]
        for name in names:
            self.it.query(name)
        self.assertGreaterEqual(len([n for n, _ in self.it.cached() if n.endswith(".bulk.top.")]), 200)
        self.it.publish(Policy.of(nxdomain={"below": ["bulk.top"]}, nodata={"is": ["laposte.fr"]}))
        for name in names[::20]:
            self.assertBlocked(self.it, name)
        self.assertResolves(self.it, "bulk.top")

    def test_by_pattern(self):
        self.it.query("n00007.bulk.top")
        self.it.query("n00008.bulk.top")
        self.it.publish(Policy("rules:\n  - {id: p, when: {name: {pattern: '^n0000[0-7]\\.'}}, then: refused}\n",
                               exact=["n00007.bulk.top"]))
        self.assertBlocked(self.it, "n00007.bulk.top", rcode="REFUSED")
        self.assertResolves(self.it, "n00008.bulk.top")

    def test_counted(self):
        before = self.it.counted("cached_answers_removed_total")
        self.cached_then_blocked("www.usps-redelivery.top")
        self.assertGreaterEqual(self.it.counted("cached_answers_removed_total") - before, 1)

    def test_what_is_not_blocked_stays(self):
        self.assertResolves(self.it, "www.ups.com")
        cached = self.it.cached()
        self.it.publish(Policy.of(nxdomain=["evil.top"]))
        self.assertEqual(set(self.it.cached()), set(cached))
        misses = self.it.unbound.stats()["total.num.cachemiss"]
        self.assertResolves(self.it, "www.ups.com")
        self.assertEqual(self.it.unbound.stats()["total.num.cachemiss"], misses)


class Unblocked(SharedCase):
    POLICY = EMPTY

    def test_at_once(self):
        self.it.publish(Policy.of(nxdomain=list(LISTED)))
        for name in LISTED:
            self.assertBlocked(self.it, name)
        self.it.publish(EMPTY)
        for name in LISTED:
            self.assertResolves(self.it, name)
            self.assertResolves(self.it, name, do=True)

    def test_cached_as_ever(self):
        self.it.publish(EMPTY)
        self.assertResolves(self.it, "www.ups.com")
        self.assertIn(("www.ups.com.", "A"), self.it.cached())


class ServedExpired(Case):
    """Stale answers: a name that is blocked after its TTL ended."""

    def test_expired_and_blocked(self):
        for client_timeout in (0, 1800):
            with self.subTest(client_timeout), Authority("slow.unsigned.com.", {
                    "stale.slow.unsigned.com.": [("A", "192.0.2.1")]}) as server:
                it = self.shield(EMPTY, extra=stub("slow.unsigned.com", server), config={
                    "serve-expired": "yes", "serve-expired-client-timeout": client_timeout,
                    "cache-max-ttl": 0, "cache-min-ttl": 0})
                self.assertResolves(it, "stale.slow.unsigned.com")
                server.hold("stale.slow.unsigned.com.")
                it.publish(Policy.of(nxdomain=["slow.unsigned.com"]))
                self.assertBlocked(it, "stale.slow.unsigned.com")
                server.release()

    def test_failing_servers_do_not_bring_it_back(self):
        with Authority("slow.unsigned.com.", {"stale.slow.unsigned.com.": [("A", "192.0.2.1")]}) as server:
            it = self.shield(EMPTY, extra=stub("slow.unsigned.com", server), config={"serve-expired": "yes"})
            self.assertResolves(it, "stale.slow.unsigned.com")
            server.hold("stale.slow.unsigned.com.")
            it.publish(Policy.of(refused=["slow.unsigned.com"]))
            for _ in range(5):
                self.assertBlocked(it, "stale.slow.unsigned.com", rcode="REFUSED")
            server.release()


class OtherWaysIn(SharedCase):
    """Answers that the resolver needs for something else, under names that are blocked."""

    POLICY = Policy.of(nxdomain={"is": ["www.evil.top", "f.evil.top", "d.e.f.evil.top", "ns.lab",
                                        "chain2.shop.com", "usps-redelivery.top", "laposte.fr", "hosting.net",
                                        "www.usps-redelivery.top"]})
    OPTIONS = {"config": {"aggressive-nsec": "yes"}}

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Authority("hosted.unsigned.com.", {
            "www.hosted.unsigned.com.": [("A", "192.0.2.1")],
            "mail.hosted.unsigned.com.": [("A", "192.0.2.2"), ("AAAA", "2001:db8::2")]}))
        # Its name server's host is ns.lab, which has to be looked up.
        cls.OPTIONS = {**cls.OPTIONS, "extra": stub("hosted.unsigned.com", cls.server, host="ns.lab")}
        super().setUpClass()

    def setUp(self):
        self.it.unbound.control("flush_zone", ".")

    def assertNothingServed(self, *questions):
        self.assertEqual(self.it.blocked_in_cache(), [])
        for name, rdtype in questions:
            for how in ({}, {"cd": True}, {"do": True}, {"tcp": True}):
                self.assertBlocked(self.it, name, rdtype, **how)

    def test_target_of_a_cname(self):
        reply = self.assertResolves(self.it, "cloaked.shop.com")
        self.assertEqual(reply.data("CNAME"), ["www.evil.top."])
        self.assertNothingServed(("www.evil.top", "A"), ("www.evil.top", "AAAA"))
        # The chain itself is no blocked name, so it is cached like any other.
        self.assertIn(("cloaked.shop.com.", "A"), self.it.cached())
        self.assertResolves(self.it, "chain.shop.com")
        self.assertNothingServed(("chain2.shop.com", "A"))
        self.assertResolves(self.it, "deep.shop.com")
        self.assertNothingServed(("www.usps-redelivery.top", "A"))

    def test_target_that_is_not_there(self):
        self.it.publish(Policy.of(nxdomain={"is": ["not-there.hosting.net"]}))
        self.addCleanup(self.it.publish, self.POLICY)
        self.assertEqual(self.it.query("dangling.shop.com").rcode, "NXDOMAIN")
        reply = self.it.query("not-there.hosting.net")
        self.assertEqual((reply.rcode, reply.ede), ("NXDOMAIN", [(15, "")]))
        self.assertEqual(self.it.blocked_in_cache(), [])

    def test_ancestor_by_qname_minimisation(self):
        self.assertResolves(self.it, "a.b.c.d.e.f.evil.top")
        self.assertNothingServed(("f.evil.top", "A"), ("f.evil.top", "NS"), ("d.e.f.evil.top", "A"))

    def test_apex_of_a_zone_below_which_names_resolve(self):
        for name, apex in (("pay.usps-redelivery.top", "usps-redelivery.top"),
                           ("www.laposte.fr", "laposte.fr"), ("edge.hosting.net", "hosting.net")):
            reply = self.assertResolves(self.it, name, do=True)
            self.assertIn("AD", reply.flags)
            self.assertNothingServed(*((apex, t) for t in ("A", "NS", "DS", "DNSKEY", "SOA")))

    def test_host_of_a_name_server(self):
        self.assertResolves(self.it, "www.hosted.unsigned.com")
        self.assertNothingServed(("ns.lab", "A"), ("ns.lab", "AAAA"))
        # And it goes on serving, also after a client asked for it.
        self.assertResolves(self.it, "mail.hosted.unsigned.com")
        self.assertResolves(self.it, "mail.hosted.unsigned.com", "AAAA")

    def test_address_of_a_name_server_is_kept_as_such(self):
        """Its RRset stays, where delegations find it and clients do not."""
        self.assertResolves(self.it, "www.hosted.unsigned.com")
        rrsets = [line.split()[0] + line.split()[3] for line in self.it.unbound.control("dump_cache").splitlines()
                  if re.match(r"\S+\t\d+\tIN\t", line)]
        self.assertIn("ns.lab.A", rrsets)
        self.assertNothingServed(("ns.lab", "A"))
        self.assertGreater(self.it.counted("responses_unstored_total"), 0)

    def test_proofs_of_absence(self):
        self.it.publish(Policy.of(nodata={"is": ["aab.usps.com"]}))
        self.addCleanup(self.it.publish, self.POLICY)
        # The NSEC that is fetched for the one proves the absence of the other.
        self.assertEqual(self.it.query("aaa.usps.com", do=True).rcode, "NXDOMAIN")
        reply = self.it.query("aab.usps.com", do=True)
        self.assertEqual((reply.rcode, len(reply.authority)), ("NOERROR", 1))

    def test_class_any(self):
        self.assertBlocked(self.it, "www.evil.top", "A", rdclass="ANY")

    def test_without_recursion_desired(self):
        self.assertResolves(self.it, "cloaked.shop.com")
        reply = self.it.query("www.evil.top", rd=False)
        self.assertEqual(reply.answer, [])


class Denials(Case):
    """What is proven not to be serves other names (RFC 8198), wherever the proof was found."""

    def check(self, policy, first, then, **how):
        it = self.shield(policy, config={"extended-statistics": "yes"})
        self.assertEqual(it.query(first, **how).rcode, "NXDOMAIN")
        before = it.unbound.stats()["num.query.aggressive.NXDOMAIN"]
        self.assertEqual(it.query(then).rcode, "NXDOMAIN")
        self.assertEqual(it.unbound.stats()["num.query.aggressive.NXDOMAIN"], before + 1)

    def test_below_a_blocked_name(self):
        self.check(Policy.of(nxdomain={"is": ["x.hosting.net"]}), "below.x.hosting.net", "xy.hosting.net")

    def test_alias_of_a_blocked_name(self):
        self.check(Policy.of(nxdomain={"is": ["not-there.hosting.net"]}), "dangling.shop.com", "not-here.hosting.net")

    def test_of_a_name_that_others_do_not_get(self):
        self.check(Policy("""
clients: {counters: [127.2.0.1]}
rules:
  - {id: counters, when: {name: {under: x.hosting.net}, client: counters}, then: nxdomain}
""", under=["x.hosting.net"]), "x.hosting.net", "xy.hosting.net")


class Chains(Case):
    """Other modules beside ours, and other sources of answers than authorities."""

    TARGET = Policy.of(nxdomain={"is": ["www.evil.top"], "under": ["usps-redelivery.top"]})

    def check(self, it, signed=True):
        for _ in range(2):
            self.assertResolves(it, "www.usps.com", do=True)
            self.assertEqual(self.assertResolves(it, "cloaked.shop.com").data("CNAME"), ["www.evil.top."])
            for name in ("www.evil.top", "www.usps-redelivery.top"):
                for rdtype in ("A", "AAAA"):
                    for how in ({}, {"cd": True}, {"do": True, "tcp": True}):
                        self.assertBlocked(it, name, rdtype, **how)
            self.assertEqual(it.blocked_in_cache(), [])
        if signed:
            self.assertIn("AD", it.query("www.usps.com", do=True).flags)
        it.publish(EMPTY)
        self.assertResolves(it, "www.evil.top")
        it.publish(self.TARGET)
        self.assertBlocked(it, "www.evil.top")

    def test_modules(self):
        for modules in ("respip validator iterator", "subnetcache validator iterator", "iterator",
                        "dns64 validator iterator"):
            with self.subTest(modules):
                it = self.shield(self.TARGET, modules=f"dynlib {modules}")
                if modules.startswith("dns64"):
                    self.assertTrue(self.assertResolves(it, "www.ups.com", "AAAA").data("AAAA"))
                self.check(it, signed="validator" in modules)

    def test_local_copy_of_a_zone(self):
        lab = run_lab()
        it = self.shield(self.TARGET, extra="".join(
            f'auth-zone:\n  name: "{zone}"\n  zonefile: "{lab.zone_folder}/{zone}.zone"\n'
            "  for-downstream: no\n  for-upstream: yes\n" for zone in ("evil.top", "shop.com")))
        self.check(it)

    def test_forwarder(self):
        other = run_lab().add_unbound("forwarder")
        self.addCleanup(other.stop)
        other.start()
        it = self.shield(self.TARGET)
        for zone in ("shop.com", "evil.top", "usps-redelivery.top"):
            it.unbound.control("stub_remove", zone)
            it.unbound.control("forward_add", zone, f"{ADDRESS}@{other.port}")
        self.check(it)

    def test_without_minimisation(self):
        it = self.shield(self.TARGET, config={"qname-minimisation": "no"})
        self.check(it)
        it = self.shield(self.TARGET, config={"qname-minimisation": "yes", "qname-minimisation-strict": "yes",
                                              "harden-below-nxdomain": "yes", "harden-referral-path": "yes"})
        self.check(it)


class Prefetched(Case):
    def test_a_prefetch_of_a_blocked_name(self):
        """A refresh that began before the snapshot, and one that would begin after it."""
        with Authority("slow.unsigned.com.", {"hot.slow.unsigned.com.": [("A", "192.0.2.1")]}) as server:
            it = self.shield(EMPTY, extra=stub("slow.unsigned.com", server), config={
                "prefetch": "yes", "serve-expired": "yes", "cache-max-ttl": 1})
            name = "hot.slow.unsigned.com"
            self.assertResolves(it, name)
            server.hold(name + ".")
            # Served stale or fresh, until one starts the refresh, which hangs.
            while not server.held:
                self.assertResolves(it, name)
            it.publish(Policy.of(nxdomain=[name]))
            # It joins the refresh, for that is what Unbound does, and is told when that ends.
            joined = it.query_later(name)
            other = it.query_later(name, "AAAA")
            self.assertEqual(other.result().rcode, "NXDOMAIN")
            server.release()
            self.assertEqual(joined.result().rcode, "NXDOMAIN")
            for _ in range(20):
                self.assertBlocked(it, name)
            self.assertEqual(it.blocked_in_cache(), [])


if __name__ == "__main__":
    unittest.main()
