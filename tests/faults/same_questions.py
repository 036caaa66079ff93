"""What M10 asks: zones of its own beside the lab's, a policy that has much to do and blocks none of
what is asked, and questions of many kinds. The same every time: nothing here is random but by SEED.
"""

import dataclasses
import random
import struct

import dns.name
import dns.rdatatype

SEED = 20261122
NOBODY, ANALYST, COUNTER, SNOOPER = "127.0.0.1", "127.1.0.1", "127.2.0.1", "127.0.0.2"
SOURCES = NOBODY, ANALYST, COUNTER, SNOOPER
TYPES = {name: int(dns.rdatatype.from_text(name)) for name in (
    "A NS CNAME SOA PTR MX TXT AAAA SRV NAPTR DS SSHFP RRSIG NSEC DNSKEY NSEC3 NSEC3PARAM TLSA SVCB HTTPS CAA "
    "ANY LOC DNAME").split()}
USUAL = ["A"] * 8 + ["AAAA"] * 4 + ["HTTPS", "HTTPS", "TXT", "MX", "NS", "SOA", "DS", "DNSKEY", "CNAME", "ANY", "CAA",
                                    "SRV", "PTR", "SVCB", "TLSA", "NAPTR", "RRSIG", "NSEC", "DNAME"]
IN, CH, HS, ANY_CLASS = 1, 3, 4, 255
LISTED = 50_000

# --- zones ---------------------------------------------------------------------------------


def zones(size):
    """{file: source}; size: of how many names of a kind there are."""
    mixed = []
    for i in range(size):
        mixed += [f"n{i} A 198.18.{i >> 8 & 255}.{i & 255}", f"n{i} AAAA 2001:db8::{i:x}"][:1 + i % 2]
        mixed += [[f"n{i} MX 10 n{i + 1}", f"n{i} MX 5 mx.far.net."], [f"n{i} TXT \"text {i}\" \"and more\""],
                  [f'n{i} CAA 0 issue "ca{i}.lab"'], [f"_x._tcp.n{i} SRV 0 1 {i} n{i}"],
                  [f"n{i} A 198.19.0.{i % 250}", f"n{i} A 198.19.1.1"], [f"below.n{i} TXT deep"],
                  [f"n{i} HTTPS 1 . alpn=h2"], [f"n{i} NAPTR 1 1 \"u\" \"E2U\" \"!.*!sip:a@b!\" ."]][i % 8]
    # Listed are l00000 and so on, they alone: what is below, beside and above is not.
    near = []
    for i in range(size):
        near += [f"l{i:05} A 203.0.113.9", f"www.l{i:05} A 203.0.113.10", f"a.b.l{i:05} TXT below",
                 f"l{i:05}x A 203.0.113.11", f"xl{i:05} A 203.0.113.12"][:3 + i % 3]
    goals = ["n{}.many.net.", "www.l{:05}.near.top.", "l{:05}.near.top.", "x{}.w.wild.net.", "not-there-{}.near.top.",
             "n{}.plain.com.", "www.bogus.com.", "not-there-{}.many.net.", "x{}.cut.alias.net.", "expired.com."]
    alias = ["cut DNAME w.wild.net.", "past DNAME near.top.", "away DNAME plain.com.", "astray DNAME bogus.com.",
             "round DNAME round.alias.net."]
    for i in range(size):
        alias += [f"c{i} CNAME {goals[i % len(goals)].format(i)}", f"d{i} CNAME c{i}", f"e{i} CNAME d{i}"]
    return {
        "many.net": "\n".join(mixed) + "\nmx A 198.18.0.1\n",
        "near.top": ";lab: nsec3\n" + "\n".join(near) + "\n",
        "alias.net": "\n".join(alias) + "\n",
        "plain.com": ";lab: unsigned\n" + "\n".join(
            line for i in range(10 * size) for line in [f"n{i} A 198.18.200.{i % 250}", f"n{i} TXT \"{i}\""][:1 + i % 2]
        ) + "\n*.any A 198.18.0.3\n*.any MX 10 n0\n",
        "wild.net": "*.w A 198.18.0.4\n*.w AAAA 2001:db8::4\n*.w TXT wild\n*.c CNAME n0.many.net.\n"
                    "*.l CNAME l00000.near.top.\nthere.w A 198.18.0.5\n",
        "kept-from-some.net": "@ A 198.18.0.12\n*.any A 198.18.0.12\n*.any MX 10 mx.far.net.\n"
                              + "".join(f"n{i} A 198.18.0.13\nn{i} TXT kept\n" for i in range(size)),
        "logged.net": "@ A 198.18.0.6\n*.any A 198.18.0.6\nwww CNAME @\n",
        "far.net": ";lab: nsec3\nmx A 198.18.0.7\n0 0 A 198.18.0.8\nday 86400 A 198.18.0.9\n"
                   "hour 3600 TXT hour\nmixed 7200 A 198.18.0.10\nmixed 7200 A 198.18.0.11\n",
    }


# --- policy --------------------------------------------------------------------------------

POLICY = f"""postshield: 1
clients:
  analysts: [{ANALYST}/32]
  counters: [{COUNTER}/32]
rules:
  - {{id: row-counters, when: {{name: {{under: kept-from-some.net}}, client: counters}}, then: nxdomain}}
  - {{id: row-trial, mode: shadow, when: {{name: {{pattern: '^[a-z]*[0-9]*7[.]'}}}}, then: nxdomain}}
  - {{id: row-log, when: {{name: {{under: logged.net}}}}, then: log}}
  - {{id: row-sinkhole, when: {{name: {{pattern: '^parcel-[0-9]{{6}}[.]'}}}}, then: row-page}}
answers:
  row-page: {{sinkhole: {{a: 192.0.2.80}}, ttl: 60}}
feeds:
  row-sure: {{format: csv, path: feeds/row-sure.csv, scope: exact,
    columns: {{name: name, category: category, confidence: confidence}}}}
  row-unsure: {{format: csv, path: feeds/row-unsure.csv, scope: subtree,
    columns: {{name: name, category: category, confidence: confidence}}}}
  row-trial: {{format: csv, path: feeds/row-trial.csv, scope: subtree, trial: yes,
    columns: {{name: name, category: category, confidence: confidence}}}}
"""

# Nothing has these, so they decide nothing; but every answer is held back until they were asked, and since
# rules above them are for some clients, no two questions wait for one lookup.
ABOUT_ANSWERS = """
  - {id: row-leads, when: {answer: {leads-to: {name: {under: nobody.example}}}}, then: nxdomain}
  - {id: row-lives, when: {answer: {address: [192.0.2.199, "2001:db8:ffff::/48"]}}, then: nxdomain}"""
# Likewise of name servers, beside the others.
ABOUT_SERVERS = ABOUT_ANSWERS + """
  - {id: row-served, when: {server: {name: {under: nobody.example}}}, then: nxdomain}
  - {id: row-server, when: {server: {address: [192.0.2.199, "2001:db8:ffff::/48"]}}, then: nxdomain}"""


def feeds():
    head = "name,category,confidence\n"
    return {"row-sure.csv": head + "".join(f"l{i:05}.near.top,phishing,90\n" for i in range(LISTED)),
            "row-unsure.csv": head + "".join(f"n{i}.many.net,suspicious,30\n" for i in range(0, 5000, 5)),
            "row-trial.csv": head + "".join(f"n{i}.plain.com,malware,90\n" for i in range(0, 5000, 5))}


# --- questions -----------------------------------------------------------------------------


@dataclasses.dataclass
class Question:
    kind: str
    name: bytes  # on the wire, in its case
    rdtype: int
    rdclass: int = IN
    rd: bool = True
    cd: bool = False
    ad: bool = False
    do: bool = False
    payload: int = 1232  # 0: no EDNS
    version: int = 0
    options: bytes = b""
    opcode: int = 0
    source: str = NOBODY
    tcp: bool = False
    raw: bytes = b""  # sent as it is: the resolver may keep silent

    def wire(self):
        if self.raw:
            return self.raw
        flags = self.opcode << 11 | self.rd << 8 | self.ad << 5 | self.cd << 4
        wire = struct.pack("!HHHHHH", 0, flags, 1, 0, 0, 1 if self.payload else 0) + self.name
        wire += struct.pack("!HH", self.rdtype, self.rdclass)
        if self.payload:
            wire += b"\0" + struct.pack("!HHBBHH", 41, self.payload, 0, self.version, self.do << 15,
                                        len(self.options)) + self.options
        return wire

    def snooped(self):
        """The same without recursion, from one who may look into the cache."""
        return dataclasses.replace(self, rd=False, source=SNOOPER)

    @property
    def text(self):
        """The name, as the policy's programs read it."""
        return dns.name.from_wire(self.name, 0)[0].to_text()

    def __str__(self):
        if self.raw:
            return f"{self.kind}: octets {self.raw.hex()}"
        words = [f"{self.kind}: {self.text} class {self.rdclass} type {dns.rdatatype.to_text(self.rdtype)}"]
        words += [word for word in ("cd", "ad", "do", "tcp") if getattr(self, word)]
        words += [f"rd={int(self.rd)}", f"edns={self.payload}" if self.payload else "no edns", f"from {self.source}"]
        words += [f"opcode {self.opcode}"] if self.opcode else []
        words += [f"version {self.version}"] if self.version else []
        return " ".join(words + ([f"options {self.options.hex()}"] if self.options else []))


def to_wire(name):
    return name if isinstance(name, bytes) else dns.name.from_text(name).to_wire()


class Maker:
    """Makes names of one kind after another, none of them twice."""

    BRANDS = ["usps", "dhl", "laposte", "poste", "inpost", "ups", "fedex", "hermes", "correos", "post", "swisspost"]
    WORDS = ["track", "parcel", "mail", "shop", "office", "pay", "secure", "my", "the", "garden", "poster", "outpost",
             "cups", "groups", "compost", "posture", "signpost", "imposter", "pups", "lapostrophe"]
    ENDS = ["com", "net", "top", "fr", "co.uk", "int", "post", "lab", "shop.com", "hosting.net", "upu.int",
            "swisspost.post", "usps.com", "laposte.fr", "many.net", "plain.com"]

    def __init__(self, size):
        self.size = size
        self.random = random.Random(SEED)
        self.kinds = [  # how many of a hundred, and how
            (12, "exists", lambda: self.numbered("n{}.many.net", "n{}.plain.com", "n{}.plain.com", "n{}.plain.com")),
            (5, "exists in the lab", lambda: self.pick("n{:05}.bulk.top", "a{:05}.unsigned.com").format(
                self.random.randrange(1000))),
            (18, "is not there", lambda: self.letters() + "." + self.pick(
                "many.net", "plain.com", "com", "top", "near.top", "far.net", "shop.com", "unsigned.com", "big.com")),
            (4, "deep and not there", lambda: ".".join(self.letters() for _ in range(self.random.randrange(2, 8)))
             + "." + self.pick("many.net", "plain.com", "com", "near.top", "usps.com")),
            (10, "wildcard", lambda: self.letters() + "." + self.pick(
                "w.wild.net", "any.plain.com", "pages.hosting.net", "c.wild.net", "l.wild.net", "there.w.wild.net")),
            (12, "near a listed name", lambda: self.numbered(
                "www.l{:05}.near.top", "a.b.l{:05}.near.top", "b.l{:05}.near.top", "l{:05}x.near.top",
                "xl{:05}.near.top", "l{}.near.top", "not.l{:05}.near.top", "l{:05}.far.net", "l{:05}.top")),
            (8, "alias", lambda: self.numbered("c{}.alias.net", "d{}.alias.net", "e{}.alias.net")),
            (6, "DNAME", lambda: self.pick("x{}.cut.alias.net", "www.l{:05}.past.alias.net", "n{}.away.alias.net",
                                           "l{:05}.past.alias.net", "w{}.astray.alias.net", "x{}.moved.hosting.net",
                                           "y{}.round.alias.net").format(self.random.randrange(10 * self.size))),
            (12, "almost a lookalike", self.almost),
            (4, "bogus", lambda: self.letters() + "." + self.pick("bogus.com", "expired.com", "a.expired.com")),
            (3, "listed, to log or on trial", lambda: self.pick("", "x{}.").format(self.random.randrange(9999)) +
             self.numbered("n{}.many.net", "n{}.plain.com", "x{}.any.logged.net", "z{}.logged.net")),
            (2, "kept from some", lambda: self.numbered(
                "n{}.kept-from-some.net", "x{}.any.kept-from-some.net", "not{}.kept-from-some.net")),
            (3, "odd octets", self.odd),
            (2, "long", self.long),
            (1, "local", lambda: self.letters() + "." + self.pick(
                "localhost", "10.in-addr.arpa", "test", "invalid", "onion", "127.in-addr.arpa", "home.arpa",
                "d.f.ip6.arpa", "in-addr.arpa", "arpa")),
        ]

    def pick(self, *them):
        return self.random.choice(them)

    def letters(self):
        return "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=self.random.randrange(5, 14)))

    def numbered(self, *forms):
        # A little over what there is, so that some are not there.
        form = self.pick(*forms)
        most = 11 * self.size if "plain" in form or "." not in form else self.size + self.size // 8
        return form.format(self.random.randrange(most))

    def almost(self):
        words = self.random.sample(self.WORDS, 2)
        form = self.pick("{w}{b}", "{w}-{v}", "{w}{n}", "{v}.{w}", "{b}.{w}{n}", "{x}{w}", "{b}{n}{x}", "{w}{x}.{v}")
        return form.format(w=words[0], v=words[1], b=self.pick(*self.BRANDS), n=self.random.randrange(10_000),
                           x=self.letters()) + "." + self.pick(*self.ENDS)

    def odd(self):
        octets = [0, 32, 34, 40, 42, 46, 59, 64, 92, 127, 128, 195, 255] + list(range(65, 91))
        label = bytes(self.random.choices(octets, k=self.random.randrange(1, 20)))
        below = to_wire(self.pick("many.net", "plain.com", "w.wild.net", "l00001.near.top", "usps.com", "com"))
        return bytes([len(label)]) + label + below

    def long(self):
        below = to_wire(self.pick("many.net", "plain.com", "w.wild.net", "near.top", "cut.alias.net"))
        wire = b""
        while len(wire) + len(below) < 254:
            room = min(63, 254 - len(wire) - len(below), self.pick(1, 5, 63))
            wire += bytes([room]) + bytes(self.random.choices(b"abcdefgh01234567-_", k=room))
        return wire + below

    def case(self, wire):
        """Some in mixed case. Octets that are a label's length are below 64."""
        if self.random.randrange(5):
            return wire
        return bytes(octet ^ 32 if (65 <= octet <= 90 or 97 <= octet <= 122) and self.random.randrange(2) else octet
                     for octet in wire)

    def way(self):
        """How it is asked."""
        which = self.random.randrange(100)
        how = {"source": self.pick(NOBODY, NOBODY, NOBODY, NOBODY, ANALYST, COUNTER, SNOOPER)}
        if which < 35:
            pass
        elif which < 65:
            how.update(do=True)
        elif which < 75:
            how.update(payload=0, ad=bool(which % 2))
        elif which < 80:
            how.update(do=True, payload=512)
        elif which < 85:
            how.update(do=True, payload=self.pick(4096, 65535, 600, 1))
        elif which < 91:
            how.update(cd=True, do=bool(which % 2))
        elif which < 94:
            how.update(ad=True)
        elif which < 96:
            how.update(tcp=True, do=bool(which % 2))
        elif which < 98:
            how.update(rd=False)
        else:
            how.update(options=self.pick(b"\0\3\0\0", b"\0\12\0\10abcdefgh", b"\0\10\0\7\0\1\30\0\300\0\2",
                                         b"\0\14\0\3\0\0\0", b"\377\0\0\1x", b"\0\13\0\0"))
        return how

    def question(self):
        kind, make = self.random.choices([(kind, make) for _, kind, make in self.kinds],
                                         [weight for weight, _, _ in self.kinds])[0]
        rdtype = TYPES[self.pick(*USUAL)] if self.random.randrange(50) else self.random.randrange(256, 65280)
        return Question(kind, self.case(to_wire(make())), rdtype, **self.way())


def special():
    """Of every type, and what a resolver refuses, truncates or passes over."""
    out = []

    def add(kind, name, rdtype="A", **how):
        out.append(Question(kind, to_wire(name), rdtype if isinstance(rdtype, int) else TYPES[rdtype], **how))

    for name in ("usps.com", "shop.com", "com", ".", "many.net", "near.top", "unsigned.com", "bogus.com", "expired.com",
                 "hosting.net", "moved.hosting.net", "loop.shop.com", "cloaked.shop.com", "deep.shop.com",
                 "chain.shop.com", "dangling.shop.com", "n0.many.net", "wild.net", "0.far.net", "mixed.far.net",
                 "day.far.net", "hour.far.net", "www.l00000.near.top", "upu.int", "laposte.fr", "lab", "localhost"):
        for rdtype in TYPES:
            add("every type", name, rdtype, do=len(out) % 2 == 0)
    for name, rdtype in (("many.big.com", "A"), ("text.big.com", "TXT"), ("big.com", "ANY"), ("many.big.com", "ANY")):
        for how in ({}, {"do": True}, {"payload": 0}, {"payload": 512}, {"payload": 4096},
                    {"payload": 65535, "do": True}, {"tcp": True}, {"cd": True}, {"tcp": True, "payload": 0}):
            add("large", name, rdtype, **how)
    for name in ("www.bogus.com", "mail.bogus.com", "expired.com", "www.expired.com"):
        for how in ({}, {"do": True}, {"cd": True}, {"cd": True, "do": True}, {"payload": 0}, {"payload": 512}):
            add("bogus", name, **how)
    for rdclass in (CH, HS, ANY_CLASS, 254, 0, 2, 65535):
        for name in ("n0.many.net", "id.server", "version.bind", "hostname.bind", "www.l00000.near.top"):
            for rdtype in ("A", "TXT", "ANY"):
                add("another class", name, rdtype, rdclass=rdclass)
    for opcode in range(1, 16):
        add("another opcode", "n0.many.net", opcode=opcode)
    for rdtype in (0, 41, 249, 250, 251, 252, 253, 254, 128, 256, 32768, 65535):
        for tcp in (False, True):
            add("a meta-type", "n1.many.net", rdtype, tcp=tcp)
    for version in (1, 2, 255):
        add("another EDNS", "n1.many.net", version=version)
    head = struct.pack("!HHHHHH", 0, 0x100, 1, 0, 0, 0)
    name = to_wire("n1.many.net") + b"\0\1\0\1"
    for raw in (struct.pack("!HHHHHH", 0, 0x8100, 1, 0, 0, 0) + name, struct.pack("!HHHHHH", 0, 0x100, 0, 0, 0, 0),
                struct.pack("!HHHHHH", 0, 0x100, 2, 0, 0, 0) + name + name, head, head + name[:5], head[:11],
                struct.pack("!HHHHHH", 0, 0x300, 1, 0, 0, 0) + name, head + b"\300\14\0\1\0\1", head + b"\77a\0",
                struct.pack("!HHHHHH", 0, 0x100, 1, 0, 0, 1) + name + b"\0\0\51\4\320\0\0\0\0\0\4",
                struct.pack("!HHHHHH", 0, 0x100, 1, 1, 0, 0) + name, head[:2]):
        out.append(Question("not well made", b"\0", 1, raw=raw))
    return out


def questions(names, size):
    """So many different names, each in one question, and beside them what is special, shuffled."""
    maker = Maker(size)
    out, seen = special(), set()
    while len(seen) < names:
        question = maker.question()
        if question.name.lower() not in seen:
            seen.add(question.name.lower())
            out.append(question)
    maker.random.shuffle(out)
    return out
