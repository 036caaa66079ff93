"""Unbound's own dnstap beside the module: each query, and each answer that went out, blocked ones too."""

import collections
import contextlib
import unittest

import dns.flags
import dns.rcode
import dns.rdatatype

from dnstap import Listener
from stand import Case, NoAnswer, Policy, await_

POLICY = Policy("""
answers:
  page: {sinkhole: {a: 192.0.2.80}}
  walled: {sinkhole: {cname: block-page.lab}}
rules:
  - {id: nx, when: {name: {under: nx.evil.top}}, then: nxdomain, tell: {text: listed}}
  - {id: nodata, when: {name: {under: nodata.evil.top}}, then: nodata}
  - {id: refused, when: {name: {under: refused.evil.top}}, then: refused}
  - {id: drop, when: {name: {under: drop.evil.top}}, then: drop}
  - {id: tcp, when: {name: {under: tcp.evil.top}}, then: truncate}
  - {id: page, when: {name: {under: page.evil.top}}, then: page}
  - {id: walled, when: {name: {under: walled.evil.top}}, then: walled}
  - {id: logged, when: {name: {under: ups.com}}, then: log}
""", under=[f"{name}.evil.top" for name in ("nx", "nodata", "refused", "drop", "tcp", "page", "walled")])
# What is asked, and what goes out over UDP: rcode, TC, records in the answer, EDE; None: nothing.
ASKED = {
    "www.nx.evil.top": ("NXDOMAIN", False, 0, 15),
    "nodata.evil.top": ("NOERROR", False, 0, 15),
    "refused.evil.top": ("REFUSED", False, 0, 15),
    "page.evil.top": ("NOERROR", False, 1, 4),
    "walled.evil.top": ("NOERROR", False, 2, 4),
    "tcp.evil.top": ("NOERROR", True, 0, None),
    "drop.evil.top": None,
    "www.ups.com": ("NOERROR", False, 1, None),
    "laposte.fr": ("NOERROR", False, 1, None),
    "not-there.laposte.fr": ("NXDOMAIN", False, 0, None),
}
TURNS = 30


def seen(message):
    found = message.dns
    codes = [int(option.code) for option in found.options if int(option.otype) == 15]
    return (dns.rcode.to_text(found.rcode()), bool(found.flags & dns.flags.TC),
            sum(len(rrset) for rrset in found.answer if rrset.rdtype != dns.rdatatype.RRSIG),
            codes[0] if codes else None)


def name_of(message):
    return message.dns.question[0].name.to_text(omit_final_dot=True).lower()


class Dnstap(Case):
    def tapped(self):
        it = self.make(self.id().rsplit(".", 1)[1])
        path = it.unbound.folder / "tap"
        listener = Listener(path)
        self.addCleanup(listener.close)
        self.addCleanup(lambda: self.assertEqual(self.end(it), []))
        options = "".join(f"  dnstap-log-{kind}-messages: yes\n" for kind in (
            "client-query", "client-response", "resolver-query", "resolver-response"))
        # One thread: at the start of several each puts its queue on one list without a lock (dtstream.c,
        # dt_io_thread_register_queue(), in 1.17.1; ThreadSanitizer says so), and one may be lost.
        it.start(POLICY, threads=1, extra=(
            f'dnstap:\n  dnstap-enable: yes\n  dnstap-socket-path: "{path}"\n{options}'))
        return it, listener

    def ask_all(self, it):
        """{(name, over TCP): how often it was asked}"""
        asked = collections.Counter()
        for turn in range(TURNS):
            for name, answer in ASKED.items():
                tcp = turn % 3 == 0 and answer is not None
                with contextlib.suppress(NoAnswer):
                    it.query(name, tcp=tcp, timeout=0.1 if answer is None else 10)
                asked[name, tcp] += 1
        return asked

    def test_every_query_and_answer(self):
        it, listener = self.tapped()
        asked = self.ask_all(it)
        wanted = sum(asked.values()) * 2 - TURNS  # a query and an answer each; none for what is dropped

        def clients():
            return [m for m in list(listener.messages) if str(m.kind).startswith("CLIENT") and name_of(m) in ASKED]

        await_("dnstap has it all", lambda: len(clients()) >= wanted)
        self.assertEqual(it.unbound.stop(60), 0)
        await_("dnstap ended", lambda: listener.finished > 0)
        self.assertEqual(listener.faults, [])
        queries = collections.Counter((name_of(m), m.tcp) for m in clients() if m.kind == "CLIENT_QUERY")
        self.assertEqual(queries, asked)
        answers = collections.Counter((name_of(m), m.tcp, seen(m)) for m in clients() if m.kind == "CLIENT_RESPONSE")
        expected = collections.Counter()
        for (name, tcp), count in asked.items():
            answer = ASKED[name]
            if name == "tcp.evil.top" and tcp:
                answer = ("NXDOMAIN", False, 0, None)  # the name's own
            if answer is not None:
                expected[name, tcp, answer] = count
        self.assertEqual(answers, expected)
        # Nobody was asked about what is blocked; what passes was looked up.
        resolved = {name_of(m) for m in listener.messages if m.kind == "RESOLVER_QUERY"}
        self.assertEqual({name for name in resolved if POLICY.blocks(name)}, {"tcp.evil.top"})
        self.assertIn("www.ups.com", resolved)


if __name__ == "__main__":
    unittest.main()
