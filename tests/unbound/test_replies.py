"""Rules about the answer: what it leads to, the addresses in it, and who served it. Nobody gets such
an answer, from whatever the resolver has of it or has under way; all else is as without the rules."""

import concurrent.futures
import threading

from authority import Authority, Relay
from groups import ANALYST, COUNTER, GROUPS, NOBODY
from stand import ADDRESS, Case, NoAnswer, Policy, SANITIZED, SharedCase, await_
from test_cache import stub

ZONE = "slow.unsigned.com"
EMPTY = Policy.of()
BEFORE = """answers:
  page: {sinkhole: {a: 192.0.2.80, aaaa: "2001:db8::80"}, ttl: 60}
  walled: {sinkhole: {cname: block-page.lab}}
rules:
"""
RULES = Policy(BEFORE + f"""
  - {{id: known, when: {{name: {{is: [known.{ZONE}]}}}}, then: pass}}
  - id: cloaked
    when: {{answer: {{leads-to: {{name: {{under: [evil.top, usps-redelivery.top]}}}}}}}}
    then: nxdomain
    tell: {{ede: blocked, text: leads to a listed name}}
  - id: tracked
    when: {{answer: {{leads-to: {{name: {{under: [edge.hosting.net]}}}}}}}}
    then: page
  - id: taken
    when: {{answer: {{address: [203.0.113.66, "2001:db8:66::/48"]}}}}
    then: refused
  - id: watched
    when: {{answer: {{address: [198.51.100.11]}}}}
    then: log
  - id: tried
    mode: shadow
    when: {{answer: {{address: [198.51.100.10]}}}}
    then: nxdomain
  - id: walled
    when: {{answer: {{address: [192.0.2.99]}}}}
    then: walled
""")


def lists(it):
    """What the message cache has, as names."""
    return {name for name, _ in it.cached()}


class Blocked(SharedCase):
    """Each form of an answer, with an empty cache, again, and over TCP."""

    POLICY = RULES
    OPTIONS = {"threads": 2}

    def setUp(self):
        self.it.unbound.control("flush_zone", ".")

    def instead(self, rules):
        self.addCleanup(self.it.publish, RULES)
        self.it.publish(Policy(BEFORE + rules))
        self.it.unbound.control("flush_zone", ".")

    def refused_each_way(self, name, rdtype="A", rcode="NXDOMAIN", **how):
        for _ in range(3):
            for tcp in (False, True):
                self.assertBlocked(self.it, name, rdtype, rcode, tcp=tcp, **how)
        self.assertNotIn(f"{name}.", lists(self.it))

    def test_a_chain_that_leads_to_a_listed_name(self):
        for rdtype in ("A", "AAAA", "TXT", "HTTPS"):
            self.refused_each_way("cloaked.shop.com", rdtype)
            self.refused_each_way("deep.shop.com", rdtype)
        # The link itself is an answer, too.
        self.refused_each_way("deep3.shop.com", "CNAME")
        reply = self.it.query("cloaked.shop.com")
        self.assertEqual(reply.ede, [(15, "leads to a listed name")])
        self.assertEqual([line.split()[:3] for line in reply.authority], [["shop.com.", "30", "SOA"]])

    def test_what_is_not_meant_passes(self):
        for name, rdtype in (("www.shop.com", "A"), ("chain.shop.com", "A"), ("www.usps.com", "A"),
                             ("www.evil.top", "A"), ("deep2.shop.com", "CNAME"), ("shop.com", "AAAA")):
            for _ in range(2):
                self.assertResolves(self.it, name, rdtype)
            self.assertIn((f"{name}.", rdtype), self.it.cached(), "what passes is cached as ever")

    def test_by_dname(self):
        self.assertBlocked(self.it, "cloaked.moved.hosting.net")
        self.assertBlocked(self.it, "cloaked.moved.hosting.net")
        self.assertResolves(self.it, "www.moved.hosting.net")

    def test_addresses(self):
        self.refused_each_way("shared.hosting.net", rcode="REFUSED")
        self.assertResolves(self.it, "www.shop.com")

    def test_sinkholes(self):
        for _ in range(2):
            self.assertEqual(self.it.query("cdn.shop.com").data("A"), ["192.0.2.80"])
            self.assertEqual(self.it.query("cdn.shop.com", "AAAA").data("AAAA"), ["2001:db8::80"])
            reply = self.it.query("cdn.shop.com", "TXT")
            self.assertEqual((reply.rcode, reply.answer), ("NOERROR", []))
        self.assertNotIn("cdn.shop.com.", lists(self.it))

    def test_log_and_trial_let_it_through(self):
        before = self.it.counted("rule_hits_total", rule="watched") or 0
        self.assertResolves(self.it, "chain.shop.com")
        self.assertResolves(self.it, "shop.com")
        self.assertEqual(self.it.counted("rule_hits_total", rule="watched"), before + 1)
        self.assertIn("name=chain.shop.com. type=1 action=log rule=watched", self.it.log())
        self.assertIn(("shop.com.", "A"), self.it.cached())

    def test_bogus_stays_servfail(self):
        self.instead("""
  - {id: bogus, when: {answer: {address: [198.51.100.254]}}, then: nxdomain}
""")
        for _ in range(2):
            self.assertEqual(self.it.query("www.bogus.com").rcode, "SERVFAIL")
        # Who does not want it validated gets the data, if it were not for the rule.
        for _ in range(2):
            self.assertBlocked(self.it, "www.bogus.com", cd=True)
        self.assertEqual(self.it.query("www.bogus.com").rcode, "SERVFAIL")

    def test_many_addresses(self):
        """One among a hundred and more, whatever its place."""
        for last in (1, 119):
            self.instead(f"""
  - {{id: many, when: {{answer: {{address: [198.18.1.{last}]}}}}, then: refused}}
""")
            self.refused_each_way("many.big.com", rcode="REFUSED")
            self.assertResolves(self.it, "big.com")

    def test_who_served_it(self):
        self.instead(f"""
  - {{id: server, when: {{name: {{under: [shop.com]}}, server: {{name: {{is: [ns.lab]}}}}}}, then: nxdomain}}
  - {{id: from, when: {{name: {{under: [ups.com]}}, server: {{address: [{ADDRESS}]}}}}, then: refused}}
  - {{id: elsewhere, when: {{server: {{address: [192.0.2.77], name: {{is: [ns.elsewhere.lab]}}}}}}, then: nxdomain}}
""")
        self.refused_each_way("www.ups.com", rcode="REFUSED")
        self.refused_each_way("not-there.ups.com", rcode="REFUSED")
        # The lab's servers answer for all zones, so what is seen is the root's delegation, once it is
        # in the cache.
        self.it.query("www.usps.com")
        self.refused_each_way("www.shop.com")
        self.assertResolves(self.it, "www.usps.com")


    def test_an_alias_itself(self):
        """While rules about servers keep records out of the cache, as without them: Unbound needs what it has
        there to find out that it may not follow an alias that ANY, or its CNAME, is asked for."""
        asked = [("cloaked.shop.com", "ANY"), ("www.shop.com", "ANY"), ("cloaked.moved.hosting.net", "ANY"),
                 ("shop.com", "ANY"), ("adrift.shop.com", "CNAME"), ("deep.shop.com", "CNAME"), ("adrift.shop.com", "A")]

        nobody = Policy(BEFORE + "  - {id: nobody, when: {server: {name: {is: [ns.elsewhere.lab]}}}, then: nxdomain}\n")
        for strict in ("no", "yes"):  # yes: what is not there for the first question is not there
            without, with_rule = (
                [(name, reply.rcode, sorted(line.split()[2:] for line in reply.answer if " RRSIG " not in line))
                 for name, rdtype in asked * 2 for reply in [it.query(name, rdtype)]]
                for it in (self.shield(policy, config={"qname-minimisation-strict": strict}) for policy in (EMPTY, nobody)))
            self.assertEqual(without[0], ("cloaked.shop.com", "NOERROR", [["CNAME", "www.evil.top."]]))
            self.assertEqual(without[4], ("adrift.shop.com", "NOERROR", [["CNAME", "dangling.shop.com."]]))
            self.assertEqual(with_rule, without)


class Others(Case):
    """What an Authority of the test's own answers."""

    def resolver(self, names, policy=RULES, **options):
        server = Authority(f"{ZONE}.", {f"{name}.{ZONE}." if name else f"{ZONE}.": records
                                        for name, records in names.items()})
        self.addCleanup(server.__exit__)
        server.__enter__()
        return server, self.shield(policy, extra=stub(ZONE, server), **options)

    def test_https_and_its_hints(self):
        """RFC 9460: the target, and the addresses that come with it; in the cache as well."""
        _, it = self.resolver({
            "own": [("HTTPS", "1 . alpn=h2")], "alias": [("HTTPS", "0 www.evil.top.")],
            "svcb": [("SVCB", "1 www.evil.top. alpn=h3")], "four": [("HTTPS", "1 . ipv4hint=192.0.2.1,203.0.113.66")],
            "six": [("HTTPS", "1 . ipv6hint=2001:db8:66::7")]})
        for _ in range(2):
            self.assertResolves(it, f"own.{ZONE}", "HTTPS")
            self.assertBlocked(it, f"alias.{ZONE}", "HTTPS")
            self.assertBlocked(it, f"svcb.{ZONE}", "SVCB")
            self.assertBlocked(it, f"four.{ZONE}", "HTTPS", "REFUSED")
            self.assertBlocked(it, f"six.{ZONE}", "HTTPS", "REFUSED")
        self.assertEqual(lists(it) & {f"{name}.{ZONE}." for name in ("alias", "svcb", "four", "six")}, set())

    def test_a_rule_above_protects(self):
        """And what it leaves in the cache is no way around for others: put together from that, the
        answer is judged as any."""
        _, it = self.resolver({"known": [("CNAME", f"link.{ZONE}.")], "link": [("CNAME", "www.evil.top.")],
                               "other": [("CNAME", f"link.{ZONE}.")]})
        for _ in range(2):
            self.assertResolves(it, f"known.{ZONE}")
            self.assertBlocked(it, f"other.{ZONE}")
            self.assertBlocked(it, f"link.{ZONE}")
        self.assertEqual({f"other.{ZONE}.", f"link.{ZONE}."} & lists(it), set())

    def test_a_sinkhole_by_name(self):
        _, it = self.resolver({"host": [("A", "192.0.2.99")]})
        for _ in range(2):
            reply = it.query(f"host.{ZONE}")
            self.assertEqual(reply.data("CNAME"), ["block-page.lab."])
            self.assertEqual(reply.data("A"), ["192.0.2.80"])
        self.assertNotIn(f"host.{ZONE}.", lists(it))

    def test_a_failure_is_kept_as_ever(self):
        """A chain's target that cannot be resolved is not asked for anew by each question."""
        counts = []
        for policy in (EMPTY, RULES):
            server, it = self.resolver({"chain": [("CNAME", f"broken.{ZONE}.")], "broken": [("SERVFAIL", "")]}, policy)
            for _ in range(5):
                self.assertEqual(it.query(f"chain.{ZONE}").rcode, "SERVFAIL")
            counts.append(len(server.questions(f"chain.{ZONE}.")))
        self.assertEqual(counts[1], counts[0])

    def test_cached_answers_obey(self):
        """What was cached before the rules came goes when they come, and comes back with them gone."""
        _, it = self.resolver({"alias": [("HTTPS", "0 www.evil.top.")]}, EMPTY, threads=2,
                              config={"serve-expired": "yes"})
        asked = [("cloaked.shop.com", "A", "NXDOMAIN"), ("deep.shop.com", "A", "NXDOMAIN"),
                 ("shared.hosting.net", "A", "REFUSED"), (f"alias.{ZONE}", "HTTPS", "NXDOMAIN")]
        for _ in range(3):
            for name, rdtype, _ in asked:
                for cd in (False, True):
                    self.assertEqual(it.query(name, rdtype, cd=cd).rcode, "NOERROR")
            self.assertResolves(it, "www.shop.com")
            before = it.unbound.stats()["total.num.cachehits"]
            it.publish(RULES)
            for name, rdtype, rcode in asked:
                for cd in (False, True):
                    self.assertBlocked(it, name, rdtype, rcode, cd=cd)
            self.assertResolves(it, "www.shop.com")
            self.assertEqual(it.unbound.stats()["total.num.cachehits"], before + 1, "that one was still cached")
            it.publish(EMPTY)

    def test_no_moment_in_which_it_is_there(self):
        """Many ask at once, while others fetch the same chain for a name that is let through. Those with
        CD would find in the cache what waits there to be validated."""
        _, it = self.resolver({"known": [("CNAME", "cloaked.shop.com.")]}, threads=4)
        rounds = 20 if SANITIZED else 100
        start = threading.Barrier(12)

        def ask(number):
            name = f"known.{ZONE}" if number % 3 == 0 else "cloaked.shop.com" if number % 3 == 1 else "deep.shop.com"
            found = set()
            for turn in range(rounds):
                start.wait(60)
                if number == 0:
                    it.unbound.control("flush_zone", ".")
                for _ in range(6 if number % 2 else 2):
                    try:
                        found.add(it.query(name, source=f"127.0.0.{number + 2}", cd=number % 2 == 1).rcode)
                    except NoAnswer:
                        found.add("nothing")
            return name, found

        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            results = list(pool.map(ask, range(12)))
        for name, found in results:
            self.assertEqual(found, {"NOERROR" if name.startswith("known") else "NXDOMAIN"}, name)

    def test_put_together_while_its_keys_are_fetched(self):
        """Records that are all in the cache make an answer without any response that the module sees. Until
        the keys are there to validate it, nobody who asks with CD finds it."""
        policy = Policy("""answers:
  walled: {sinkhole: {cname: cloaked.shop.com}}
rules:
  - {id: walled, when: {name: {is: [walled.lab]}}, then: walled}
  - {id: cloaked, when: {answer: {leads-to: {name: {under: [evil.top]}}}}, then: nxdomain}
""")
        # A client asks for it; or a sinkhole leads there, which finds what its policy says.
        for first, rcode in (("cloaked.shop.com", "NXDOMAIN"), ("walled.lab", "NOERROR")):
            it = self.idle_shield()
            server = self.enterContext(Relay("evil.top.", it.lab.nsd.port))
            it.unbound.zones = [zone for zone in it.unbound.zones if zone.name != "evil.top."]
            it.start(policy, extra=stub("evil.top", server))
            # Both records come into the cache while no keys are wanted.
            it.unbound.control("insecure_add", "evil.top")
            self.assertResolves(it, "www.evil.top")
            self.assertBlocked(it, "cloaked.shop.com", "CNAME")
            it.unbound.control("insecure_remove", "evil.top")
            self.assertEqual(server.questions("evil.top."), [])
            server.hold("evil.top.")
            waiting = it.query_later(first, timeout=20)
            server.await_held("evil.top.")
            asked = it.unbound.stats()["total.num.queries"]
            beside = it.query_later("cloaked.shop.com", cd=True, timeout=20)
            await_("it was asked for", lambda: it.unbound.stats()["total.num.queries"] > asked)
            self.assertNotIn("cloaked.shop.com.", lists(it))
            server.release()
            self.assertEqual((beside.result().rcode, beside.result().answer), ("NXDOMAIN", []))
            self.assertEqual(waiting.result().rcode, rcode)

    def test_groups(self):
        """A rule for some: they are kept from it, the others are not, whoever asks first."""
        policy = Policy(GROUPS + """
rules:
  - {id: counters, when: {client: counters, answer: {leads-to: {name: {under: [evil.top]}}}}, then: nxdomain}
""")
        _, it = self.resolver({}, policy, threads=2, config={
            "prefetch": "yes", "serve-expired": "yes", "cache-max-ttl": 1})
        clients = [(COUNTER, "NXDOMAIN"), (ANALYST, "NOERROR"), (NOBODY, "NOERROR")]
        wrong = 0
        for turn in range(200):
            order = clients[turn % 3:] + clients[:turn % 3]
            later = [(it.query_later("cloaked.shop.com", source=source), rcode) for source, rcode in order * 2]
            wrong += sum(reply.result().rcode != rcode for reply, rcode in later)
        self.assertEqual(wrong, 0)
        self.assertNotIn("cloaked.shop.com.", lists(it))

    def test_events_say_what_it_was(self):
        _, it = self.resolver({})
        self.assertBlocked(it, "cloaked.shop.com")
        self.assertResolves(it, "shop.com")
        await_("counted", lambda: it.counted("events_total") == 2)
        self.assertEqual(it.sample("rule_hits_total", rule="cloaked"), 1)
        self.assertEqual(it.sample("rule_shadow_hits_total", rule="tried"), 1)
