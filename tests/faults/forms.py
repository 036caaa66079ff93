"""The two forms in which a row runs that asks under load: with rules about names alone, and with
groups of clients, rules about answers, and events that keep who asked.

A form makes snapshots by generation, whose answers show it (see load.c), and has the questions for
them. The second one's snapshots are made by `postshield build`, from YAML.
"""

import subprocess

import events_row
from harness import ADDRESS, BLOCKED, NEW, PASSES, Broken, SINKHOLE, mixed_questions, tail

NOBODY, ANALYST, COUNTER = ADDRESS, "127.1.0.1", "127.2.0.1"
OTHERS = (NOBODY, COUNTER, "127.2.0.2", "127.3.0.1")  # all but analysts
TTL_BASE = 1000  # as load.c has it

POLICY = """postshield: 1
events: {{client: prefix, keep: {keep}}}
clients:
  analysts: [127.1.0.0/16]
  counters: [127.2.0.0/16]
answers:
  gone: {{nxdomain: {{}}, ttl: {ttl}}}
  page: {{sinkhole: {{a: {address}, aaaa: "2001:db8::80"}}, ttl: {ttl}}}
rules:
  - {{id: analysts-exempt, when: {{name: {{is: [{exempt}]}}, client: analysts}}, then: log}}
  - {{id: counters-stricter, when: {{name: {{is: [{strict}]}}, client: counters}}, then: gone, {tell}}}
  - {{id: counters-page, when: {{name: {{is: [{paged}]}}, client: counters}}, then: page, {tell}}}
  - {{id: trial, mode: shadow, when: {{name: {{pattern: '^n0020[0-9][.]'}}}}, then: gone}}
  - {{id: canary, when: {{name: {{is: canary.lab}}}}, then: page, {tell}}}
  - {{id: parcel, when: {{name: {{pattern: '^parcel-[0-9]{{6}}[.]'}}}}, then: page, {tell}}}
  - {{id: fresh, when: {{name: {{under: fresh.bulk.top}}}}, then: gone, {tell}}}
  - {{id: listed, when: {{listed: any}}, then: gone, {tell}}}
  - {{id: cloaked, when: {{answer: {{leads-to: {{listed: {{feeds: load}}}}}}}}, then: gone, {tell}}}
  - {{id: hosting, when: {{answer: {{address: 203.0.113.66}}}}, then: gone, {tell}}}
  - {{id: counters-hosting, when: {{answer: {{address: 198.51.100.32}}, client: counters}}, then: gone, {tell}}}
  - {{id: served, when: {{name: {{under: ups.com}}, server: {{address: {server}}}}}, then: gone, {tell}}}
  - {{id: for-rent, when: {{server: {{name: {{under: ns-for-rent.example}}}}}}, then: gone, {tell}}}
feeds:
  load: {{format: plain, path: load.txt, scope: exact, category: phishing, confidence: 90}}
"""


class Plain:
    """Rules about names: snapshot_maker.c."""

    title = "rules about names"

    @staticmethod
    def snapshot(context, generation, names=2000):
        return context.snapshot(generation, names)

    @staticmethod
    def questions():
        return mixed_questions()

    @staticmethod
    def recursions():
        """Each is a recursion or is blocked: cached answers pass the module by."""
        return ["N bulk.top", "N big.com", "B n00000.bulk.top", "N bulk.top", "S canary.lab", "N hosting.net",
                "S parcel-111111.top", "N bulk.top", "B x0000001.listed.top", "N laposte.fr"]

    @staticmethod
    def account(_context, _unbound):
        """Nobody asks what became of the events: that is M9's."""
        return "", True


def bulk(first, count):
    return [f"n{i:05}.bulk.top" for i in range(first, first + count)]


class Full:
    """Groups, answers, name servers, events."""

    title = "with groups, rules about answers and name servers, and events"
    EXEMPT, STRICT, PAGED = bulk(0, 10), bulk(300, 20), bulk(320, 20)

    @classmethod
    def snapshot(cls, context, generation, names=2000, keep="64MiB"):
        key = ("full", generation, names, keep)
        if key not in context.made:
            folder = context.scratch(f"full-{generation}")
            (folder / "load.txt").write_text(
                "\n".join(bulk(0, 100) + [f"x{i:07}.listed.top" for i in range(names)]) + "\n", encoding="ascii")
            (folder / "row.postshield.yaml").write_text(POLICY.format(
                ttl=TTL_BASE + generation, tell=f"tell: {{ede: blocked, text: generation {generation}}}",
                address=f"10.{generation >> 16 & 255}.{generation >> 8 & 255}.{generation & 255}",
                exempt=", ".join(cls.EXEMPT), strict=", ".join(cls.STRICT), paged=", ".join(cls.PAGED),
                server=ADDRESS, keep=keep), encoding="utf-8")
            program = context.builds.make("", "postshield") / "bin" / "postshield"
            done = subprocess.run([str(program), "build", "--quiet", "--policies", str(folder),
                                   "--output", str(folder / "snapshot.ps")], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Broken(f"postshield build ended with {done.returncode}: {tail(done.stderr)}")
            (folder / "load.txt").unlink()
            context.made[key] = folder / "snapshot.ps"
        return context.made[key]

    @classmethod
    def by_client(cls, i):
        """What one group is kept from, asked by it and by others, close together."""
        strict, paged, exempt = (them[i % len(them)] for them in (cls.STRICT, cls.PAGED, cls.EXEMPT))
        return [[f"B {strict} A {COUNTER}", f"P {strict} A {NOBODY}", f"P {strict} A {ANALYST}"],
                [f"S {paged} A {COUNTER}", f"S {paged} AAAA 127.2.0.2", f"P {paged} A {NOBODY}"],
                [f"P {exempt} A {ANALYST}", f"B {exempt} A {COUNTER}", f"P {exempt} TXT {ANALYST}"],
                [f"C x{i % 7}.pages.hosting.net A {COUNTER}", f"P x{i % 7}.pages.hosting.net A {NOBODY}"]][i % 4]

    @staticmethod
    def by_answer(i):
        """Chains that lead to what is listed, and some that do not; an address; a name server."""
        source = OTHERS[i % len(OTHERS)]
        return [[f"C a{i % 100:05}.unsigned.com A {source}", f"P a{200 + i % 100:05}.unsigned.com A {source}"],
                [f"C shared.hosting.net A {source}", f"P www.shop.com A {source}"],
                [f"C www.ups.com A {source}", f"P a{100 + i % 100:05}.unsigned.com AAAA {source}"]][i % 3]

    @classmethod
    def questions(cls):
        """As mixed_questions(), from several clients, with those in between that need a client or an answer."""
        out = []
        for i, name in enumerate(PASSES):
            source = OTHERS[i % len(OTHERS)]
            out += [f"{name} A {source}", f"{BLOCKED[i % len(BLOCKED)]} A {source}",
                    f"{PASSES[i // 2]} {('A', 'AAAA', 'TXT', 'MX')[i % 4]} {ANALYST}"]
            if i % 3 == 0:
                out.append(f"{SINKHOLE[i % len(SINKHOLE)]} A {source}")
            if i % 5 == 0:
                out += [f"{NEW[0]} A {source}", f"X fresh.bulk.top A {source}"]
            if i % 4 == 1:
                out += cls.by_client(i // 4)
            if i % 10 == 7:
                out += cls.by_answer(i // 10)
        return out

    @classmethod
    def recursions(cls):
        out = []
        for i, question in enumerate(Plain.recursions()):
            out += [f"{question} A {OTHERS[i % len(OTHERS)]}", *cls.by_client(i), *cls.by_answer(i)]
        return out

    @staticmethod
    def account(context, unbound):
        """Of a resolver that has ended: (what became of the events, as words; whether it adds up)"""
        facts = events_row.samples(unbound.state)
        total, dropped = int(facts["events_total"]), int(facts["events_dropped_total"])
        records, decisions, _, _ = events_row.read_events(context, unbound.state)
        text = f"; {total:,} decisions = {decisions:,} in {records:,} records + {dropped:,} dropped and counted"
        return text, total > 0 and decisions + dropped == total


FORMS = (Plain, Full)
