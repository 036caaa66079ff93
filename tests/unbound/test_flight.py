"""A snapshot that comes while a recursion is on its way: the answer that arrives late is judged by
the rules of its arrival, and not kept when they block it."""

import contextlib
import socket
import struct
import time
import unittest

import dns.message
import dns.rcode

from authority import Authority
from stand import ADDRESS, Policy, SharedCase, ask, await_

EMPTY = Policy.of()
ZONE = "slow.unsigned.com"
NAMES = {
    f"late.{ZONE}.": [("A", "192.0.2.1"), ("AAAA", "2001:db8::1"), ("TXT", '"late"')],
    f"other.{ZONE}.": [("A", "192.0.2.2")],
    f"alias1.{ZONE}.": [("CNAME", f"far1.{ZONE}.")],
    f"far1.{ZONE}.": [("A", "192.0.2.3")],
    f"alias2.{ZONE}.": [("CNAME", f"far2.{ZONE}.")],
    f"far2.{ZONE}.": [("A", "192.0.2.3")],
    f"away.{ZONE}.": [("CNAME", f"target.elsewhere.{ZONE}.")],
    f"target.elsewhere.{ZONE}.": [("A", "192.0.2.4")],
    f"a.b.c.{ZONE}.": [("A", "192.0.2.5")],
}
LATE = f"late.{ZONE}"


class InFlight(SharedCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Authority(f"{ZONE}.", NAMES))
        cls.OPTIONS = {"threads": 2, "config": {"infra-host-ttl": 900, "serve-expired": "yes"},
                       "extra": f'stub-zone:\n  name: "{ZONE}"\n  stub-addr: {ADDRESS}@{cls.server.port}\n'}
        super().setUpClass()

    def setUp(self):
        self.forget()
        self.it.unbound.control("flush_infra", "all")
        self.addCleanup(self.server.release)

    def forget(self):
        """Empties the cache of the zone: flush_zone leaves stale answers, which are served."""
        self.it.publish(Policy.of(nxdomain=[ZONE]))
        self.it.publish(EMPTY)

    def ask_slowly(self, *questions, held=LATE, **how):
        """The replies that are to come; all of them wait for the authority."""
        self.server.hold(held + ".")
        how = {"timeout": 20, **how}
        replies = [self.it.query_later(name, rdtype, **how) for name, rdtype in questions]
        self.server.await_held(held + ".")
        return replies

    def assertNotCached(self):
        self.assertEqual(self.it.blocked_in_cache(), [])

    def test_blocked_meanwhile(self):
        late = self.it.counted("late_blocks_total")
        unstored = self.it.counted("responses_unstored_total")
        for answer, rcode in (("nxdomain", "NXDOMAIN"), ("nodata", "NOERROR"), ("refused", "REFUSED")):
            for how in ({}, {"tcp": True}, {"cd": True}, {"do": True}):
                with self.subTest(answer, **how):
                    self.it.publish(EMPTY)
                    reply, = self.ask_slowly((LATE, "A"), **how)
                    self.it.publish(Policy.of(**{answer: [ZONE]}))
                    self.server.release()
                    self.assertEqual((reply.result().rcode, reply.result().answer), (rcode, []))
                    self.assertEqual(reply.result().ede, [(15, "")])
                    self.assertNotCached()
                    self.assertBlocked(self.it, LATE, rcode=rcode)
        self.assertEqual(self.it.counted("late_blocks_total"), late + 12)
        # Judged before it was stored, each time: what is stored and then removed was there.
        self.assertEqual(self.it.counted("responses_unstored_total"), unstored + 12)

    def test_blocked_by_a_sinkhole_meanwhile(self):
        sinks = Policy("answers:\n  page: {sinkhole: {a: 192.0.2.80}}\n  walled: {sinkhole: {cname: block-page.lab}}\n"
                       f"rules:\n  - {{id: r, when: {{name: {{is: {LATE}}}}}, then: page}}\n"
                       f"  - {{id: s, when: {{name: {{is: other.{ZONE}}}}}, then: walled}}\n",
                       exact=[LATE, f"other.{ZONE}"])
        replies = self.ask_slowly((LATE, "A"), (LATE, "AAAA"))
        other, = self.ask_slowly((f"other.{ZONE}", "A"), held=f"other.{ZONE}")
        self.it.publish(sinks)
        self.server.release()
        self.assertEqual(replies[0].result().data(), ["192.0.2.80"])
        self.assertEqual(replies[1].result().short, "NODATA")
        self.assertEqual(other.result().data("CNAME"), ["block-page.lab."])
        self.assertEqual(other.result().data(), ["192.0.2.80"])
        self.assertNotCached()

    def test_dropped_meanwhile(self):
        for how in ({}, {"tcp": True}):
            self.it.publish(EMPTY)
            self.server.hold(LATE + ".")
            replies = [self.it.query_later(LATE, timeout=1.5, **how) for _ in range(3)]
            self.server.await_held(LATE + ".")
            self.it.publish(Policy.of(drop=[ZONE]))
            self.server.release()
            for reply in replies:
                self.assertIsNotNone(reply.exception())
            self.assertNotCached()
        self.assertResolves(self.it, "www.usps.com", tcp=True)

    def test_dropped_meanwhile_twice_on_one_connection(self):
        """To drop is to close the connection, which Unbound does once too often then: refused."""
        query = ask.make_query(LATE).to_wire()
        before = self.it.unbound.stats()["total.num.queries"]
        self.server.hold(LATE + ".")
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(socket.create_connection((ADDRESS, self.it.unbound.port), 10))
                           for _ in range(2)]
            for number in range(3):
                for connection in connections:
                    # Other ids: the same question, but not the same packet.
                    wire = struct.pack("!HH", len(query), number) + query[2:]
                    connection.sendall(wire)
                self.server.await_held(LATE + ".")
            await_("six wait", lambda: self.it.unbound.stats()["total.num.queries"] >= before + 6)
            self.it.publish(Policy.of(drop=[ZONE]))
            self.server.release()
            for connection in connections:
                file = connection.makefile("rb")
                for _ in range(3):
                    length, = struct.unpack("!H", file.read(2))
                    message = dns.message.from_wire(file.read(length))
                    self.assertEqual((message.rcode(), message.answer), (dns.rcode.REFUSED, []))
        for _ in range(20):
            self.assertResolves(self.it, "www.usps.com", tcp=True)

    def test_many_that_wait_for_one(self):
        replies = self.ask_slowly(*[(LATE, "A")] * 12)
        self.it.publish(Policy.of(nxdomain=[LATE]))
        self.server.release()
        self.assertEqual({reply.result().rcode for reply in replies}, {"NXDOMAIN"})
        self.assertNotCached()

    def test_unblocked_meanwhile(self):
        self.it.publish(Policy.of(nxdomain=[LATE]))
        self.assertBlocked(self.it, LATE)
        self.it.publish(EMPTY)
        reply, = self.ask_slowly((LATE, "A"))
        self.it.publish(Policy.of(nxdomain=["evil.top"]))
        self.server.release()
        self.assertEqual(reply.result().data(), ["192.0.2.1"])
        self.assertIn((LATE + ".", "A"), self.it.cached())

    def test_blocked_and_unblocked_meanwhile(self):
        reply, = self.ask_slowly((LATE, "A"))
        self.it.publish(Policy.of(nxdomain=[LATE]))
        self.it.publish(EMPTY)
        self.server.release()
        self.assertEqual(reply.result().data(), ["192.0.2.1"])

    def test_many_snapshots_meanwhile(self):
        reply, = self.ask_slowly((LATE, "A"))
        for n in range(9):
            self.it.publish(EMPTY if n % 2 else Policy.of(nxdomain=[LATE]))
        self.server.release()
        self.assertEqual(reply.result().rcode, "NXDOMAIN")
        self.assertNotCached()

    def test_alias_blocked_while_its_target_is_asked_for(self):
        reply, = self.ask_slowly((f"alias1.{ZONE}", "A"), held=f"far1.{ZONE}")
        self.it.publish(Policy.of(nxdomain={"is": [f"alias1.{ZONE}"]}))
        self.server.release()
        self.assertEqual(reply.result().rcode, "NXDOMAIN")
        self.assertNotCached()
        self.assertBlocked(self.it, f"alias1.{ZONE}")

    def test_target_blocked_while_its_alias_is_asked_for(self):
        reply, = self.ask_slowly((f"alias2.{ZONE}", "A"), held=f"alias2.{ZONE}")
        self.it.publish(Policy.of(nxdomain={"is": [f"far2.{ZONE}"]}))
        self.server.release()
        self.assertEqual(reply.result().data(), ["192.0.2.3"])
        self.assertNotCached()
        self.assertBlocked(self.it, f"far2.{ZONE}")

    def test_target_of_another_zone_blocked(self):
        reply, = self.ask_slowly((f"away.{ZONE}", "A"), held=f"target.elsewhere.{ZONE}")
        self.it.publish(Policy.of(nxdomain=[f"elsewhere.{ZONE}"]))
        self.server.release()
        self.assertEqual(reply.result().data(), ["192.0.2.4"])
        self.assertNotCached()
        self.assertBlocked(self.it, f"target.elsewhere.{ZONE}")
        self.assertIn((f"away.{ZONE}.", "A"), self.it.cached())

    def test_ancestor_blocked(self):
        reply, = self.ask_slowly((f"a.b.c.{ZONE}", "A"), held=f"c.{ZONE}")
        self.it.publish(Policy.of(nxdomain={"is": [f"c.{ZONE}", f"b.c.{ZONE}"]}))
        self.server.release()
        self.assertEqual(reply.result().data(), ["192.0.2.5"])
        self.assertNotCached()

    def test_lost_packets(self):
        self.server.drop(LATE + ".", 2)
        reply = self.it.query_later(LATE, timeout=20)
        await_("the question was lost once", lambda: self.server.questions(LATE + "."))
        self.it.publish(Policy.of(nxdomain=[LATE]))
        self.assertEqual(reply.result().rcode, "NXDOMAIN")
        self.assertNotCached()

    def test_first_snapshot_meanwhile(self):
        """No snapshot at all when the question came."""
        it = self.shield(None, **self.OPTIONS)
        self.server.hold(LATE + ".")
        reply = it.query_later(LATE, timeout=20)
        self.server.await_held(LATE + ".")
        it.publish(Policy.of(nxdomain=[LATE]))
        self.server.release()
        self.assertEqual(reply.result().rcode, "NXDOMAIN")
        self.assertEqual(it.blocked_in_cache(), [])

    def test_reload_meanwhile(self):
        reply, = self.ask_slowly((LATE, "A"), timeout=2)
        self.it.publish(Policy.of(nxdomain=[LATE]))
        self.it.unbound.reload()
        self.server.release()
        # Unbound forgets what waits when it reloads: the client asks again.
        self.assertBlocked(self.it, LATE)
        if reply.exception() is None:
            self.assertEqual(reply.result().rcode, "NXDOMAIN")

    def test_begins_to_hold_meanwhile(self):
        begin = int(time.time()) + 4
        self.it.publish(listed_from(LATE, begin))
        # Unbound 1.22 answers nobody who waits for 1.9 seconds (discard-timeout).
        time.sleep(max(0, begin - 1 - time.time()))
        unstored = self.it.counted("responses_unstored_total")
        reply, = self.ask_slowly((LATE, "A"))
        while time.time() < begin + 0.05:  # by the resolver's clock of whole seconds
            time.sleep(0.05)
        self.it.query("www.example.com")  # so that it looks at the clock
        self.server.release()
        self.assertEqual(reply.result().rcode, "NXDOMAIN")
        self.assertGreater(self.it.counted("responses_unstored_total"), unstored)


def listed_from(name, begin):
    """A policy that blocks the name from a Unix time on."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin))
    return Policy("rules:\n  - {id: r, when: {listed: any}, then: nxdomain}\n"
                  "feeds:\n  f: {format: csv, path: f.csv, columns: {name: name, valid-from: from}}\n",
                  files={"f.csv": f"name,from\n{name},{stamp}\n"})


class BeginsToHold(SharedCase):
    """A listing whose time begins: no snapshot comes, and still the cached answer goes."""

    def test_valid_from(self):
        begin = int(time.time()) + 4
        policy = listed_from("www.usps-redelivery.top", begin)
        self.it.publish(policy)
        while time.time() < begin - 1:
            self.assertResolves(self.it, "www.usps-redelivery.top")
        await_("it is blocked", lambda: self.it.query("www.usps-redelivery.top").rcode == "NXDOMAIN")
        self.assertGreaterEqual(int(time.time()), begin)
        policy.names |= Policy.of(nxdomain={"is": ["www.usps-redelivery.top"]}).names


if __name__ == "__main__":
    unittest.main()
