"""What the tests of client groups share: the groups, policies that tell them apart, and many
questions from several groups at once, each answer held against what its group may see."""

import collections
import random
import selectors
import socket
import struct
import time

from stand import ADDRESS, Case, Policy, ask

NOBODY, ANALYST, COUNTER, TRIAL = "127.0.0.1", "127.1.0.1", "127.2.0.1", "127.3.0.1"
GROUPS = """
clients:
  everybody-else: [127.9.0.0/16]
  analysts: [127.1.0.0/16]
  counters: [127.2.0.0/16, "::1"]
  trial: ["::ffff:127.3.0.0/112"]
"""
IDS = {ANALYST: "analysts", COUNTER: "counters", TRIAL: "trial"}


def by_group(block, **names):
    """A policy: block {source: answer} for the names, {"under": "a.example"} or {"exact": ...}.
    NOBODY: for all but the named groups."""
    (how, name), = names.items()
    which = f"name: {{{'is' if how == 'exact' else how}: {name}}}"
    text = GROUPS + "rules:\n"
    for source, answer in block.items():
        if source == NOBODY:
            text += f"  - {{id: known, when: {{{which}, client: [analysts, counters, trial]}}, then: pass}}\n"
            text += f"  - {{id: others, when: {{{which}}}, then: {answer}}}\n"
        else:
            text += f"  - {{id: of-{IDS[source]}, when: {{{which}, client: {IDS[source]}}}, then: {answer}}}\n"
    return Policy(text, **{how: [name]})


# --- many questions --------------------------------------------------------------------

ZONE = "bulk.top"
NAMES = [f"n{i:05}.{ZONE}" for i in range(700)]
ALIASES = [f"a{i:05}.unsigned.com" for i in range(300)]  # each a CNAME of the name with its number
A, AAAA, CNAME, TXT, MX, HTTPS, ANY = 1, 28, 5, 16, 15, 65, 255
TYPES = (A, A, A, AAAA, TXT, MX, HTTPS, ANY, CNAME)
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
PAGE = bytes((192, 0, 2, 80))

# How the 700 names are told apart, by number modulo 7: {source: what it gets}.
KINDS = (
    {COUNTER: "nxdomain"},
    {NOBODY: "nxdomain", ANALYST: "nxdomain"},
    {COUNTER: "page"},
    {COUNTER: "walled", ANALYST: "refused"},
    {},
    {NOBODY: "nxdomain", ANALYST: "nxdomain", COUNTER: "nxdomain"},
    {ANALYST: "nxdomain", COUNTER: "page"},
)
SOURCES = (NOBODY, ANALYST, COUNTER)


def policy():
    """All kinds in one policy."""
    rules = ""
    for kind, answers in enumerate(KINDS):
        named = ", ".join(NAMES[kind::len(KINDS)])
        which = f"name: {{is: [{named}]}}"
        if len(set(answers.values())) == 1 and len(answers) == len(SOURCES):
            rules += f"  - {{id: k{kind}, when: {{{which}}}, then: {next(iter(answers.values()))}}}\n"
            continue
        for source, answer in answers.items():
            if source != NOBODY:
                rules += f"  - {{id: k{kind}-{IDS[source]}, when: {{{which}, client: {IDS[source]}}}, then: {answer}}}\n"
        if NOBODY in answers:
            rules += f"  - {{id: k{kind}-known, when: {{{which}, client: [analysts, counters]}}, then: pass}}\n"
            rules += f"  - {{id: k{kind}-others, when: {{{which}}}, then: {answers[NOBODY]}}}\n"
    text = GROUPS + ("answers:\n  page: {sinkhole: {a: 192.0.2.80}, ttl: 60}\n"
                     "  walled: {sinkhole: {cname: block-page.lab}}\n"
                     "rules:\n" + rules)
    return Policy(text, exact=[name for number, name in enumerate(NAMES) if KINDS[number % len(KINDS)]])


def last_address(wire):
    """The answer section's last A record's data, or None; and whether there is a CNAME."""
    answers, = struct.unpack_from("!H", wire, 6)
    at, found, cnames = 12, None, 0
    while wire[at]:
        at += wire[at] + 1
    at += 5
    for _ in range(answers):
        while wire[at] and wire[at] < 0xc0:
            at += wire[at] + 1
        at += 2 if wire[at] >= 0xc0 else 1
        rdtype, _, _, length = struct.unpack_from("!HHIH", wire, at)
        at += 10
        if rdtype == A:
            found = wire[at:at + length]
        cnames += rdtype == CNAME
        at += length
    return found, cnames


def fault(wire, source, number, rdtype):
    """What is wrong with the answer to a question for the number-th name; None: nothing."""
    rcode = wire[3] & 15
    alias = number >= len(NAMES)
    kind = {} if alias else KINDS[number % len(KINDS)]
    answer = kind.get(source, "pass")
    address, cnames = last_address(wire)
    if answer in ("nxdomain", "refused"):
        wanted = NXDOMAIN if answer == "nxdomain" else REFUSED
        return None if rcode == wanted and address is None else f"{answer} for {source}"
    if rcode != NOERROR:
        return f"rcode {rcode} for {source}, who may see it"
    if answer == "page":
        return None if address == (PAGE if rdtype in (A, ANY) else None) else f"no page for {source}"
    if answer == "walled":
        return None if cnames and (rdtype != A or address) and (address or b"\0")[0] != 198 else \
            f"not walled for {source}"
    # The zone's own addresses are in 198.18.0.0/24.
    if address is not None and address[:3] != bytes((198, 18, 0)):
        return f"somebody's page for {source}"
    if cnames and not alias:
        return f"somebody's wall for {source}"
    if rdtype == A and address is None:
        return f"no address for {source}"
    return None


Tally = collections.namedtuple("Tally", "answered lost failed wrong blocked free prefetches expired seconds")


class Crowd:
    """Asks from every source at once, a window of questions each; what is lost is asked again."""

    WINDOW = 24
    PATIENCE = 2.0

    def __init__(self, port, seed=1, sockets=6):
        self.random = random.Random(seed)
        # Also with CD: such a client is given what nobody has validated yet.
        self.packets = {(rdtype, cd): [ask.make_query(name, rdtype, edns=False, cd=cd).to_wire()[2:]
                                       for name in NAMES + ALIASES] for rdtype in set(TYPES) for cd in (False, True)}
        self.ends = []
        for source in SOURCES:
            for _ in range(sockets):
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
                one.bind((source, 0))
                one.connect((ADDRESS, port))
                one.setblocking(False)
                self.ends.append((one, source, {}))
        self.wrong, self.answered, self.lost, self.failed, self.blocked, self.free = [], 0, 0, 0, 0, 0

    def close(self):
        for one, _, _ in self.ends:
            one.close()

    def questions(self, count):
        """The same few names from all groups close together, the types mixed."""
        while count > 0:
            near = self.random.sample(range(len(NAMES) + len(ALIASES)), 40)
            kinds = [(self.random.choice(TYPES), self.random.random() < 0.25) for _ in near]
            for _ in range(min(count, 400)):
                at = self.random.randrange(len(near))
                yield near[at], kinds[at]
            count -= min(count, 400)

    def send(self, end, number, kind):
        one, _, waiting = end
        key = self.random.randrange(65536)
        while key in waiting:
            key = (key + 1) % 65536
        waiting[key] = (number, kind, time.monotonic())
        one.send(struct.pack("!H", key) + self.packets[kind][number])

    def take(self, end, wire):
        _, source, waiting = end
        key, = struct.unpack_from("!H", wire)
        number, kind, _ = waiting.get(key, (0, None, 0))
        asked = self.packets[kind][number][10:] if kind else b"?"
        if wire[12:12 + len(asked)] != asked:
            return  # to a question that was taken for lost
        del waiting[key]
        if wire[3] & 15 == SERVFAIL:  # no answer, whoever asked: the lab's name server was late
            self.failed += 1
            self.send(end, number, kind)
            return
        wrong = fault(wire, source, number, kind[0])
        self.answered += 1
        self.blocked += wire[3] & 15 != NOERROR
        self.free += wire[3] & 15 == NOERROR
        if wrong:
            self.wrong.append(f"{(NAMES + ALIASES)[number]} {kind}: {wrong}")

    def run(self, count, patience=120.0):
        selector = selectors.DefaultSelector()
        for end in self.ends:
            selector.register(end[0], selectors.EVENT_READ, end)
        source, more, turn = self.questions(count), True, 0
        until = time.monotonic() + patience
        while (more or any(end[2] for end in self.ends)) and time.monotonic() < until:
            while more and min(len(end[2]) for end in self.ends) < self.WINDOW:
                question = next(source, None)
                more = question is not None
                if more:
                    turn += 1
                    end = self.ends[turn % len(self.ends)]
                    self.send(end, *question)
            for key, _ in selector.select(0.05):
                try:
                    while True:
                        self.take(key.data, key.fileobj.recv(4096))
                except BlockingIOError:
                    pass
            self.ask_again()
        selector.close()
        self.lost += sum(len(end[2]) for end in self.ends)

    def ask_again(self):
        now = time.monotonic()
        for end in self.ends:
            late = [key for key, (_, _, asked) in end[2].items() if now - asked > self.PATIENCE]
            for key in late:
                number, kind, _ = end[2].pop(key)
                self.send(end, number, kind)


class Crossing(Case):
    def interleave(self, module, count):
        """Asks an Unbound with this module; its cache is small in time, so that answers expire,
        are served stale and are fetched anew all the while."""
        it = self.idle_shield()
        it.put(policy())
        it.policies = []  # of a control, what is in the cache is what is looked for
        it.unbound.start(module=module, deadline=60, threads=4, config={
            "prefetch": "yes", "serve-expired": "yes", "cache-max-ttl": 1, "cache-max-negative-ttl": 1,
            "num-queries-per-thread": 1024, "outgoing-range": 2048, "extended-statistics": "yes", "log-servfail": "yes"})
        crowd = Crowd(it.unbound.port)
        began = time.monotonic()
        try:
            crowd.run(count)
        finally:
            crowd.close()
        stats = it.unbound.stats()
        if "clients_" not in module:
            it.policies = [policy()]
        return Tally(crowd.answered, crowd.lost, crowd.failed, crowd.wrong, crowd.blocked, crowd.free,
                     int(stats["total.num.prefetch"]), int(stats["total.num.expired"]),
                     round(time.monotonic() - began, 1))
