"""What those who ask see of every action: kdig, dig and ldns' drill, with and without DO and the client's
network (ECS, RFC 7871), and a validating Unbound that forwards to ours."""

import itertools
import re
import unittest

import dns.edns

from stand import ADDRESS, ASKERS, Case, NoAnswer, Policy, SharedCase, await_
from stubs import ALL

TYPES = ("A", "AAAA", "ANY", "DS", "HTTPS", "TXT", "MX")
ANSWERS = """
answers:
  page: {sinkhole: {a: 192.0.2.80, aaaa: "2001:db8::80"}, ttl: 60}
  walled: {sinkhole: {cname: block-page.lab}, ttl: 63}
"""


def rules(parent):
    """Names under it that each action answers: nx.PARENT, ..."""
    return "".join(
        f"  - {{id: {name}-{parent.replace('.', '-')}, when: {{name: {{under: {name}.{parent}}}}}, "
        f"then: {then}{tell}}}\n" for name, then, tell in (
            ("nx", "nxdomain", ", tell: {text: listed by the ISAC}"), ("nodata", "nodata", ", tell: {ede: filtered}"),
            ("refused", "refused", ", tell: {ede: prohibited}"), ("drop", "drop", ""), ("tcp", "truncate", ""),
            ("page", "page", ""), ("walled", "walled", "")))


ACTIONS = ("nx", "nodata", "refused", "drop", "tcp", "page", "walled")
SIGNED, UNSIGNED = "evil.top", "unsigned.com"
POLICY = Policy(ANSWERS + "rules:\n" + rules(SIGNED) + rules(UNSIGNED) + """
  - {id: whole-signed, when: {name: {under: parcel-482913.top}}, then: nxdomain}
  - {id: logged, when: {name: {under: ups.com}}, then: log}
""", under=[f"{name}.{parent}" for name in ACTIONS for parent in (SIGNED, UNSIGNED)] + ["parcel-482913.top"])

# What is seen of names below each: rcode, EDE, and the answer's data by type.
SEEN = {
    "nx": ("NXDOMAIN", [(15, "listed by the ISAC")], {}),
    "nodata": ("NOERROR", [(17, "")], {}),
    "refused": ("REFUSED", [(18, "")], {}),
    "page": ("NOERROR", [(4, "")], {"A": ["192.0.2.80"], "AAAA": ["2001:db8::80"],
                                    "ANY": ["192.0.2.80", "2001:db8::80"]}),
    "walled": ("NOERROR", [(4, "")], {
        rdtype: ["block-page.lab."] + {"A": ["192.0.2.80"], "AAAA": ["2001:db8::80"]}.get(rdtype, [])
        for rdtype in TYPES}),
}


DNSSEC = {6, 9, 10, 12}  # EDE of a validator: which of them depends on its version


def unsigned(seen):
    return [data for _, _, rdtype, data in seen.answer if rdtype != "RRSIG"]


class Stubs(SharedCase):
    POLICY = POLICY
    OPTIONS = {"threads": 2}

    def each_way(self, types=TYPES, **more):
        for (title, program), rdtype, do, subnet in itertools.product(
                ALL.items(), types, (False, True), (None, "198.51.100.0/24", "2001:db8:7::/48")):
            if subnet and title == "drill":
                continue
            with self.subTest(program=title, type=rdtype, do=do, subnet=subnet):
                yield rdtype, lambda name, p=program, t=rdtype, d=do, s=subnet, **how: p(
                    self.it.unbound.port, name, t, do=d, subnet=s, **more, **how)

    def check(self, action):
        rcode, ede, data = SEEN[action]
        for parent in (SIGNED, UNSIGNED):
            for rdtype, ask in self.each_way():
                seen = ask(f"www.{action}.{parent}")
                self.assertEqual((seen.rcode, unsigned(seen)), (rcode, data.get(rdtype, [])), seen.text)
                self.assertEqual(seen.ede, ede, seen.text)
                self.assertTrue({"qr", "ra"} <= seen.flags and not seen.flags & {"aa", "ad", "tc"}, seen.text)

    def test_nxdomain(self):
        self.check("nx")

    def test_nodata(self):
        self.check("nodata")

    def test_refused(self):
        self.check("refused")

    def test_sinkhole_by_addresses(self):
        self.check("page")

    def test_sinkhole_by_cname(self):
        self.check("walled")

    def test_drop(self):
        """Nobody answers, and each gives up; drill has a patience of its own, and asks over TCP, where to
        drop is to close."""
        for title, program in ALL.items():
            seen = program(self.it.unbound.port, "www.drop.evil.top", "A", patience=1, tcp=title == "drill")
            self.assertIsNone(seen.rcode, seen.text)

    def test_truncate(self):
        """Over UDP as it is; by themselves kdig and dig go on over TCP, and get the name's own."""
        for rdtype, ask in self.each_way(("A", "TXT", "DS", "ANY")):
            self.assertEqual(ask("tcp.evil.top", tcp=True).rcode, "NXDOMAIN")
        for parent, program in itertools.product((SIGNED, UNSIGNED), ALL.values()):
            seen = program(self.it.unbound.port, f"tcp.{parent}", "A", tcp=True, do=True)
            self.assertEqual((seen.rcode, seen.answer, seen.ede), ("NXDOMAIN", [], []), seen.text)
        reply = self.it.query("tcp.evil.top")
        self.assertEqual((reply.rcode, reply.answer), ("NOERROR", []))
        self.assertIn("TC", reply.flags)

    def test_pass_and_log(self):
        """As a resolver without the module answers, DNSSEC and all."""
        for rdtype, ask in self.each_way(("A", "TXT", "DS", "MX", "HTTPS")):
            for name in ("www.ups.com", "laposte.fr", "www.unsigned.com"):
                seen = ask(name)
                self.assertEqual((seen.rcode, seen.ede), ("NOERROR", []), seen.text)
                if rdtype == "A":
                    self.assertTrue(seen.data("A"), seen.text)
        for program in ALL.values():
            seen = program(self.it.unbound.port, "www.ups.com", "A", do=True)
            self.assertIn("ad", seen.flags)
            self.assertTrue(seen.data("RRSIG"))


class Subnets(Case):
    """ECS with Unbound's own module for it behind ours: nothing of a blocked name goes out or is kept."""

    def test_with_subnetcache(self):
        it = self.shield(POLICY, modules="dynlib subnetcache validator iterator", config={
            "send-client-subnet": "127.0.0.1", "client-subnet-always-forward": "yes", "max-client-subnet-ipv4": 24})
        for turn, subnet in itertools.product(range(2), ("198.51.100.0", "203.0.113.0", "0.0.0.0")):
            option = dns.edns.ECSOption(subnet, 24 if subnet != "0.0.0.0" else 0)
            for action, (rcode, ede, data) in SEEN.items():
                for rdtype in TYPES:
                    with self.subTest(turn=turn, subnet=subnet, action=action, type=rdtype):
                        reply = it.query(f"www.{action}.{SIGNED}", rdtype, options=[option], do=True)
                        self.assertEqual((reply.rcode, reply.ede), (rcode, ede))
                        self.assertEqual([line.split(" ", 3)[3] for line in reply.answer if " RRSIG " not in line],
                                         data.get(rdtype, []))
            reply = self.assertResolves(it, "www.ups.com", options=[option], do=True)
            self.assertEqual(reply.ede, [])


class Forwarder(Case):
    """An Unbound that sends all it is asked to ours, as an office's router or a host's own resolver may.
    One that validates holds what we answer under a signed zone for bogus; policies/README.md says so."""

    # What the clients of a forwarder see that believes us, by action: rcode, and data by type.
    BELIEVED = {
        "nx": ("NXDOMAIN", {}), "nodata": ("NOERROR", {}), "page": SEEN["page"][::2], "walled": SEEN["walled"][::2],
        "refused": ("SERVFAIL", {}),  # as of any server that refuses
        "tcp": ("NXDOMAIN", {}),  # it asks again over TCP: the name's own
    }

    def forwarder(self, it, modules=None, **config):
        forwarder = it.lab.add_unbound(f"{it.unbound.folder.name}-forwarder-{next(self.serial)}")
        forwarder.zones = []  # it asks nobody but ours
        self.addCleanup(forwarder.stop)
        # Each name by itself: an NXDOMAIN that is proven answers for its neighbours, too (RFC 8198).
        forwarder.start(modules=modules, config={"aggressive-nsec": "no", **config}, extra=(
            f'forward-zone:\n  name: "."\n  forward-addr: {ADDRESS}@{it.unbound.port}\n'))
        return forwarder

    def check(self, forwarder, parent, bogus=()):
        """bogus: actions whose answers it does not believe."""
        for action, (rcode, data) in self.BELIEVED.items():
            for rdtype, how in itertools.product(TYPES, ({}, {"do": True}, {"tcp": True}, {"edns": False})):
                with self.subTest(parent=parent, action=action, type=rdtype, **how):
                    reply = forwarder.query(f"www.{action}.{parent}", rdtype, timeout=20, **how)
                    codes = {code for code, _ in reply.ede}
                    if action in bogus:
                        self.assertEqual((reply.rcode, reply.answer), ("SERVFAIL", []))
                        self.assertTrue(codes <= DNSSEC and bool(codes) == reply.edns, reply.ede)
                    else:
                        self.assertEqual(reply.rcode, rcode)
                        self.assertEqual([line.split(" ", 3)[3] for line in reply.answer if " RRSIG " not in line],
                                         data.get(rdtype, []))
                        self.assertEqual(codes, set())  # no Unbound hands on another's EDE
                        self.assertTrue("AD" not in reply.flags or action == "tcp")

    def test_one_that_validates(self):
        it = self.shield(POLICY, threads=2)
        forwarder = self.forwarder(it)
        self.check(forwarder, SIGNED, bogus=("nx", "nodata", "page", "walled"))
        self.check(forwarder, UNSIGNED)
        for name in ("www.ups.com", "laposte.fr"):
            reply = forwarder.query(name, do=True)
            self.assertEqual((reply.rcode, "AD" in reply.flags), ("NOERROR", True))
        # Who asks it not to validate sees what we say.
        reply = forwarder.query("cd.page.evil.top", cd=True)
        self.assertEqual(reply.data(), ["192.0.2.80"])

    def test_whole_domains(self):
        """What decides is the zone above: whether the domain is signed is asked of us as well, and we
        block that question, too."""
        it = self.shield(Policy.of(nxdomain=[UNSIGNED, "parcel-482913.top"]))
        forwarder = self.forwarder(it)
        for name in (UNSIGNED, f"www.{UNSIGNED}", "parcel-482913.top", "www.parcel-482913.top"):
            reply = forwarder.query(name, timeout=20)
            self.assertEqual((reply.rcode, reply.answer), ("SERVFAIL", []))
            self.assertTrue({code for code, _ in reply.ede} & DNSSEC, reply.ede)
            self.assertEqual(forwarder.query(name, cd=True).rcode, "NXDOMAIN")

    def test_one_that_leaves_it_to_ours(self):
        """Without a validator of its own, or told that a domain is not to be validated."""
        it = self.shield(POLICY, threads=2)
        forwarder = self.forwarder(it, modules="iterator")
        self.check(forwarder, SIGNED)
        self.check(forwarder, UNSIGNED)
        forwarder = self.forwarder(it, **{"domain-insecure": f'"{SIGNED}"'})
        self.check(forwarder, SIGNED)

    def test_one_that_lets_bogus_through(self):
        """val-permissive-mode: what is blocked is as we say, and so is what is bogus for other reasons."""
        it = self.shield(POLICY, threads=2)
        forwarder = self.forwarder(it, **{"val-permissive-mode": "yes"})
        self.check(forwarder, SIGNED)
        self.assertEqual(forwarder.query("www.ups.com", do=True).flags & {"AD"}, {"AD"})

    def test_the_module_on_the_forwarder(self):
        """There its own answers are not validated, and the EDE reaches the client."""
        it = self.shield(POLICY, modules="dynlib validator iterator")
        for action, (rcode, ede, _) in SEEN.items():
            reply = it.query(f"www.{action}.{SIGNED}")
            self.assertEqual((reply.rcode, reply.ede), (rcode, ede))

    def test_drop(self):
        """Nothing is what a dead server answers: the forwarder waits longer and longer for ours, for all
        names, and after some more would ask it no more."""
        it = self.shield(POLICY, threads=2)
        forwarder = self.forwarder(it)

        def patience():
            """Milliseconds that it gives ours."""
            found = re.search(r" rto (\d+) ", forwarder.control("dump_infra"))
            return int(found[1]) if found else 0

        self.assertEqual(forwarder.query("www.ups.com").rcode, "NOERROR")
        before = patience()
        later = [ASKERS.submit(self.give_up, forwarder, f"n{n}.drop.evil.top") for n in range(4)]
        await_("it loses patience", lambda: patience() >= before * 4)
        self.assertLessEqual({asked.result() for asked in later}, {None, "SERVFAIL"})  # by its version

    @staticmethod
    def give_up(forwarder, name):
        try:
            return forwarder.query(name, timeout=5).rcode
        except NoAnswer:
            return None


if __name__ == "__main__":
    unittest.main()
