"""M10: the same questions to Unbound with the module and without, answer for answer.

All resolvers are asked the same question at the same time, and the next one when all have
answered: so what each has in its cache by then depends on nothing but the questions. What would
depend on the clock is kept from happening: no record lives shorter than a part of the run takes.
"""

import collections
import contextlib
import dataclasses
import enum
import re
import shutil
import socket
import struct
import subprocess
import time

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

import same_questions
import zones
from harness import ROOT, Broken, Outcome, tail
from lab import ADDRESS, Lab

NAMES, NAMES_LONG = 2_500, 100_000
MORE = 1.04  # as many are made, for some of them are blocked
PART = 13_000  # questions, between two starts with empty caches
BLOCK = 400  # questions: first uncached, then without recursion, then cached
SHOWN = 20
TTLS = (86400, 3600)  # of what is there, and of what is not
CONFIG = {
    "access-control": [f"{ADDRESS}/8 allow", f"{same_questions.SNOOPER}/32 allow_snoop"],
    # What is evicted depends on the hash's seed, which differs from process to process.
    "msg-cache-size": "512m", "rrset-cache-size": "1024m", "key-cache-size": "64m", "neg-cache-size": "64m",
    "msg-cache-slabs": 1, "rrset-cache-slabs": 1, "key-cache-slabs": 1, "infra-cache-slabs": 1,
    # Lives of what has no TTL of its own.
    "val-bogus-ttl": TTLS[1], "infra-host-ttl": TTLS[1], "infra-keep-probing": "yes",
    # A busy machine is no server that is down.
    "unknown-server-time-limit": 10_000,
    "nsid": "ascii_row", "deny-any": "no", "prefetch": "no", "serve-expired": "no",
}

# --- messages ------------------------------------------------------------------------------


def past_name(wire, at):
    while wire[at]:
        if wire[at] >= 0xc0:
            return at + 2
        at += 1 + wire[at]
    return at + 1


def without_times(wire):
    """(the message without its number and its TTLs, the TTLs)"""
    out, ttls = bytearray(wire), []
    out[0:2] = b"\0\0"
    counts = struct.unpack_from("!HHHH", wire, 4)
    at = 12
    for _ in range(counts[0]):
        at = past_name(wire, at) + 4
    for _ in range(sum(counts[1:])):
        at = past_name(wire, at)
        rdtype, _, ttl, length = struct.unpack_from("!HHIH", wire, at)
        if rdtype != dns.rdatatype.OPT:  # there it is flags
            ttls.append(ttl)
            out[at + 4:at + 8] = b"\0\0\0\0"
        at += 10 + length
    return bytes(out), ttls


def read(wire):
    return dns.message.from_wire(wire, ignore_trailing=False, one_rr_per_rrset=False)


def meaning(message):
    """What must be the same: all but the order of records in their sets, and how names were
    compressed."""
    sections = [[(rrset.name.labels, rrset.rdclass, dns.rdatatype.to_text(rrset.rdtype),
                  sorted(rdata.to_text() for rdata in rrset)) for rrset in section]
                for section in (message.question, message.answer, message.authority, message.additional)]
    return [f"flags {message.flags:04x} {dns.rcode.to_text(message.rcode())}",
            f"EDNS {message.edns} {message.payload} {message.ednsflags:08x} {[o.to_wire() for o in message.options]}",
            *sections]


def names_of(question, *messages):
    """The names that an answer leads over: those that stand in it, and those above them and above the
    one asked for, which the resolver asks for first (RFC 9156)."""
    names = {dns.name.from_wire(question.name, 0)[0]}
    for message in messages:
        for rrset in message.answer:
            names |= {rrset.name} | {rdata.target for rdata in rrset if rdata.rdtype == dns.rdatatype.CNAME}
    return {name.split(depth)[1].to_text().lower() for name in names for depth in range(2, len(name.labels) + 1)}


class Nature(enum.Enum):
    """Of a difference. What is found under a blocked name is never in the cache where a client could
    find it, so of an answer that leads over one (an alias of it, a name below it) three things may
    be otherwise, and nothing else; of all other answers, nothing. Where a rule asks about answers or name
    servers, all are kept out of the cache until it was asked, so there it is so of any; and where it asks
    about name servers, records are as well, so what goes in a circle fails for another reason."""

    YOUNGER = "with TTLs of their own"  # longer by what the one in the cache had aged
    ORDER = "in another order"  # as the authority gave it, not put together from the cache
    CACHE = "in the cache otherwise"  # seen by who asks for no recursion
    REASON = "SERVFAIL with another EDE"  # each time, and nothing else is otherwise
    OTHER = "other"


@dataclasses.dataclass
class Difference:
    nature: Nature
    text: str
    names: set


def seconds_apart(ttls, others):
    return max(map(abs, map(int.__sub__, ttls, others)), default=0)


def difference(question, one, other, allowed):
    """(what the second answers otherwise, or None; how many seconds apart the TTLs are, if they may be)"""
    if one is None or other is None:
        words = " / ".join("no answer" if each is None else "an answer" for each in (one, other))
        return (None if one is other else Difference(Nature.OTHER, words, set())), 0
    if one[2:] == other[2:]:
        return None, 0
    try:
        (first, ttls), (second, others) = without_times(one), without_times(other)
        if first == second and seconds_apart(ttls, others) <= allowed:
            return None, seconds_apart(ttls, others)
        messages = read(one), read(other)
        names = set() if question.raw else names_of(question, *messages)
        parts = list(zip(*map(meaning, messages)))
    except (dns.exception.DNSException, IndexError, struct.error):
        return Difference(Nature.OTHER, f"octets {one.hex()} / {other.hex()}", set()), 0
    other = [(left, right) for left, right in parts if left != right]
    words = "; ".join(f"{left} / {right}" for left, right in other)
    if question.rd and words and messages[0].rcode() == dns.rcode.SERVFAIL and other == parts[1:2]:
        return Difference(Nature.REASON, words, names), 0
    if words:
        sets = all(left == right if isinstance(left, str) else sorted(left) == sorted(right) for left, right in parts)
        nature = Nature.CACHE if not question.rd else Nature.ORDER if sets else Nature.OTHER
        return Difference(nature, words, names), 0
    if first != second:  # compressed otherwise, or a set in another order: a set's TTLs are all one
        ttls, others = sorted(ttls), sorted(others)
    if seconds_apart(ttls, others) <= allowed:
        return None, seconds_apart(ttls, others)
    younger = all(b >= a - allowed for a, b in zip(ttls, others))
    nature = Nature.CACHE if not question.rd else Nature.YOUNGER if younger else Nature.OTHER
    return Difference(nature, f"TTLs {ttls} / {others}, {allowed} s apart at most", names), 0


# --- asking --------------------------------------------------------------------------------


class Asker:
    """Asks all resolvers one question; what they said, and between which two seconds."""

    SENTINEL = b"\2id\6server\0" + struct.pack("!HH", 16, 3)  # answered by the daemon at once

    def __init__(self, resolvers):
        self.resolvers = resolvers
        self.sockets = {}
        self.number = 0
        self.asked = 0

    def close(self):
        for each in self.sockets.values():
            each.close()

    def socket(self, resolver, source):
        key = resolver.port, source
        if key not in self.sockets:
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind((source, 0))
            one.connect((ADDRESS, resolver.port))
            one.settimeout(30)
            self.sockets[key] = one
        return self.sockets[key]

    def send(self, sockets, wire):
        self.number = self.number % 65535 + 1
        number = struct.pack("!H", self.number)
        for one in sockets:
            one.send(number + wire[2:])
        return number

    @staticmethod
    def receive(one, number, until=None):
        """The answer with this number; with until, None when that one's comes first."""
        while True:
            wire = one.recv(65535)
            if wire[:2] == number and (wire[2] & 0x80):
                return wire
            if until is not None and wire[:2] == until:
                return None

    def udp(self, wire, source, maybe_silent):
        sockets = [self.socket(resolver, source) for resolver in self.resolvers]
        number = self.send(sockets, wire)
        until = None
        if maybe_silent:
            # One thread reads what comes in order, and none of these questions needs recursion.
            until = self.send(sockets, struct.pack("!HHHHHH", 0, 0x100, 1, 0, 0, 0) + self.SENTINEL)
        answers = []
        for one in sockets:
            answers.append(self.receive(one, number, until))
            if until is not None and answers[-1] is not None:
                self.receive(one, until)
        return answers

    def tcp(self, wire, source):
        answers = []
        with contextlib.ExitStack() as stack:
            streams = []
            for resolver in self.resolvers:
                one = stack.enter_context(socket.create_connection(
                    (ADDRESS, resolver.port), 30, source_address=(source, 0)))
                one.sendall(struct.pack("!H", len(wire)) + wire)
                streams.append(stack.enter_context(one.makefile("rb")))
            for stream in streams:
                try:
                    head = stream.read(2)
                    answers.append(stream.read(struct.unpack("!H", head)[0]) if len(head) == 2 else None)
                except ConnectionResetError:
                    answers.append(None)
        return answers

    def ask(self, question, tcp=None):
        self.asked += 1
        wire, began = question.wire(), int(time.time())
        try:
            answers = (self.tcp(wire, question.source) if (question.tcp if tcp is None else tcp) else
                       self.udp(wire, question.source, bool(question.raw)))
        except TimeoutError as error:
            raise Broken(f"no answer in 30 s: {question}") from error
        return answers, int(time.time()) - began


@dataclasses.dataclass
class Findings:
    """What one resolver answered otherwise than the first."""

    open: list = dataclasses.field(default_factory=list)
    total: int = 0
    shown: list = dataclasses.field(default_factory=list)
    over: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    apart: int = 0  # seconds that TTLs were apart at most, of those that may be
    held: bool = False  # all answers are held back until they were judged, not those of some names alone
    bare: bool = False  # and their records, too

    def settle(self, blocked):
        """Sets apart what leads over a name that is blocked. blocked: of which of these names."""
        blocked = blocked({name for each in self.open for name in each.names})
        for each in self.open:
            by_design = self.bare if each.nature is Nature.REASON else (
                each.nature is not Nature.OTHER and (self.held or not blocked.isdisjoint(each.names)))
            if by_design:
                self.over[each.nature] += 1
                continue
            self.total += 1
            if len(self.shown) < SHOWN:
                self.shown.append(each.text)
        self.open = []


class Comparison:
    """One part of a run: all resolvers with empty caches, and all its questions."""

    def __init__(self, asker, findings, kinds):
        self.asker = asker
        self.findings = findings  # of all resolvers but the first
        self.kinds = kinds
        self.spread = 0
        self.truncated = 0

    def ask(self, how, question, tcp=None):
        """TTLs are whole seconds that are left. What two resolvers were told in one go they may have
        put down so many seconds apart as that took, and they answer so many apart as this takes."""
        answers, seconds = self.asker.ask(question, tcp)
        allowed = self.spread + seconds
        self.spread = max(self.spread, seconds)
        for findings, answer in zip(self.findings, answers[1:]):
            found, apart = difference(question, answers[0], answer, allowed)
            findings.apart = max(findings.apart, apart)
            if found is not None:
                found.text = f"{how}: {question}: {found.text}"
                findings.open.append(found)
        self.kinds[question.kind] += 1
        if tcp is None and any(answer and len(answer) > 2 and answer[2] & 2 for answer in answers) \
                and not question.tcp and not question.raw:
            self.truncated += 1
            self.ask(how + ", again by TCP", question, tcp=True)

    def run(self, questions):
        for first in range(0, len(questions), BLOCK):
            block = questions[first:first + BLOCK]
            for question in block:
                self.ask("uncached", question)
            for question in block:
                if not question.raw:
                    self.ask("from the cache alone", question.snooped())
            for question in block:
                self.ask("again", question)


# --- the run -------------------------------------------------------------------------------


def make_policy(context, more=""):
    """The snapshot of the shipped policies with the row's rules, groups and feeds."""
    folder = context.scratch("policy")
    shutil.copytree(ROOT / "policies", folder / "policies")
    (folder / "policies" / "a-row.postshield.yaml").write_text(
        same_questions.POLICY.replace("\nanswers:", more + "\nanswers:"), encoding="utf-8")
    for name, text in same_questions.feeds().items():
        (folder / "policies" / "feeds" / name).write_text(text, encoding="utf-8")
    run(context, "build", "--quiet", "--policies", folder / "policies", "--output", folder / "snapshot.ps")
    return folder / "snapshot.ps"


def run(context, *words, **how):
    program = context.builds.make("", "postshield") / "bin" / "postshield"
    done = subprocess.run([str(program), *map(str, words)], capture_output=True, text=True, check=False, timeout=600,
                          **how)
    if done.returncode != 0:
        raise Broken(f"postshield {words[0]} ended with {done.returncode}: {tail(done.stderr)}")
    return done.stdout


def blocked_of(context, snapshot, names, source):
    """Those of the names that the policy blocks for who asks from there."""
    rows = run(context, "scan", "--snapshot", snapshot, "--client", source, "--only-findings",
               input="\n".join(sorted(names)) + "\n")
    return {row[0] for row in (line.split("\t") for line in rows.splitlines()) if row[1] not in ("pass", "log")}


def samples(resolver):
    """{name or (name, first label): number} of the module's counters."""
    text = (resolver.state / "module.prom").read_text(encoding="ascii")
    found = collections.Counter()
    for name, label, value in re.findall(r'^postshield_(\w+)(?:\{\w+="([^"]*)"[^}]*\})? (\S+)$', text, re.M):
        found[(name, label) if label else name] += float(value)
    return found


def await_snapshot(resolver, patience=60.0):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with contextlib.suppress(FileNotFoundError):
            if samples(resolver)["snapshot_generation"] >= 1:
                return
        time.sleep(0.02)  # asked again, not hoped for
    raise Broken(f"the snapshot was not taken: {resolver.complaint()}")


class Run:
    def __init__(self, context):
        self.context = context
        self.findings = collections.defaultdict(Findings)
        self.findings["asking"].held = self.findings["serving"].held = self.findings["serving"].bare = True
        self.kinds = collections.Counter()
        self.counted = collections.Counter()
        self.asked = self.truncated = self.missed = 0
        self.snapshot = make_policy(context)
        self.others = {"asking": make_policy(context, same_questions.ABOUT_ANSWERS),
                       "serving": make_policy(context, same_questions.ABOUT_SERVERS)}
        self.size = 3000 if context.long else 150
        self.wanted = NAMES_LONG if context.long else NAMES
        made = same_questions.questions(int(self.wanted * MORE), self.size)
        names = {question.text for question in made if not question.raw}
        blocked = {source: blocked_of(context, self.snapshot, names, source) for source in same_questions.SOURCES}
        self.questions = [each for each in made if each.raw or each.text not in blocked[each.source]]
        self.left_out = len(made) - len(self.questions)
        self.names = len({question.name.lower() for question in self.questions if not question.raw})

    def blocked_names(self, names):
        """Those of the names that are blocked for anybody."""
        return set().union(*(blocked_of(self.context, self.snapshot, names, source)
                             for source in same_questions.SOURCES))

    def part(self, lab, modules, questions):
        """modules: {what: path or None}, the first without."""
        resolvers = []
        for what, module in modules.items():
            resolver = lab.add_unbound(f"{what}-{self.asked}")
            if module is not None:
                shutil.copyfile(self.others.get(what, self.snapshot), resolver.state / "snapshot.ps")
            resolver.start(module=module, config=CONFIG, deadline=60)
            resolvers.append(resolver)
            if module is not None:
                await_snapshot(resolver)
        findings = [self.findings[what] for what in list(modules)[1:]]
        asker = Asker(resolvers)
        with contextlib.closing(asker):
            comparison = Comparison(asker, findings, self.kinds)
            comparison.run(questions)
        self.asked += asker.asked
        self.truncated += comparison.truncated
        self.missed += int(resolvers[1].stats()["total.num.cachemiss"])
        for what, resolver in zip(modules, resolvers):
            status = resolver.stop()
            if status != 0:
                self.findings[what].open.append(
                    Difference(Nature.OTHER, f"the resolver ended with {status}", set()))
        for each in self.findings.values():
            each.settle(self.blocked_names)
        self.counted += samples(resolvers[1])

    def all(self):
        builds = self.context.builds
        plain = {"without": None, **{what: builds.module() for what in ("module", "asking", "serving")}}
        controls = {**plain, "again without": None,
                    **{what: builds.module(f"m10_{what}") for what in ("altered", "unstored")}}
        sources, made = self.context.scratch("sources"), self.context.scratch("zones")
        for name, text in same_questions.zones(self.size).items():
            (sources / f"{name}.zone").write_text(text, encoding="ascii")
        zones.sign_all(made, sources, ttls=TTLS)
        with Lab(self.context.scratch("lab"), builds.prefix(), zone_folder=made, zone_sources=(sources,)) as lab:
            for number, first in enumerate(range(0, len(self.questions), PART)):
                part = self.questions[first:first + PART]
                if number == 0:
                    # The controls and Unbound beside itself only where it does not take long.
                    self.part(lab, controls, part[:4000])
                    part = part[4000:]
                if part:
                    self.part(lab, plain, part)
                self.context.say(f"{first + len(part):,} questions, {self.findings['module'].total} differences")

    def blocked(self):
        """Decisions of the module that were no answers by the resolver."""
        return int(sum(value for key, value in self.counted.items()
                       if isinstance(key, tuple) and key[0] == "decisions_total" and key[1] not in ("pass", "log")))

    def itself(self):
        """How often Unbound without the module differed from another one. Wherever it led over."""
        other = self.findings["again without"]
        return self.findings["without"].total + other.total + sum(other.over.values())

    def beside(self, what):
        over = self.findings[what].over
        return ", ".join(f"{count:,} {nature.value}" for nature, count in over.items()) or "none"

    def figure(self):
        module, counted = self.findings["module"], self.counted
        over = self.beside("module")
        return (f"{self.names:,} different names, each uncached, cached and without recursion, {self.asked:,} "
                f"questions of {len(self.kinds)} kinds ({self.missed:,} looked up, {self.truncated:,} again by TCP): "
                f"{module.total} differences, with rules about answers {self.findings['asking'].total} (beside them "
                f"{self.beside('asking')}), about name servers as well {self.findings['serving'].total} "
                f"({self.beside('serving')}); TTLs at most {module.apart} s apart; answers that lead over a blocked "
                f"name: {over}; the module judged "
                f"{int(counted[('decisions_total', 'pass')] + counted[('decisions_total', 'log')]):,} of them, "
                f"{int(counted[('decisions_total', 'log')]):,} by rules that log, "
                f"{int(sum(v for k, v in counted.items() if k[0] == 'rule_shadow_hits_total')):,} times on trial, kept "
                f"{int(counted['responses_unstored_total']):,} of its own lookups' answers out of the cache, blocked "
                f"{self.blocked()}; left out for they are blocked: {self.left_out:,}; Unbound beside itself: "
                f"{self.itself()} differences; controls: one answer in 250 without its first records "
                f"{self.findings['altered'].total}, not cached {self.findings['unstored'].total}")


def m10(context):
    it = Run(context)
    it.all()
    for what in ("without", "module", "asking", "serving", "again without"):
        for text in it.findings[what].shown:
            print(f"    {what}: {text}")
    module, counted = it.findings["module"], it.counted
    # Where the module had nothing to do, nothing was shown.
    busy = (counted[("decisions_total", "log")] > 0 and counted["responses_unstored_total"] > 0 and
            counted["never_hits_total"] > 0 and any(k[0] == "rule_shadow_hits_total" and v for k, v in counted.items()))
    same = all(it.findings[what].total == 0 for what in ("module", "asking", "serving"))
    held = (same and it.itself() == 0 and it.blocked() == 0 and
            not any(v for k, v in counted.items() if k[0] == "unjudged_total") and busy and it.names >= it.wanted)
    failed = all(it.findings[what].total > module.total for what in ("altered", "unstored"))
    return Outcome(it.figure(), held, failed)
