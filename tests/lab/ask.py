#!/usr/bin/python3
"""One DNS question over the wire, and what came back, in plain values.

Needs dnspython (package python3-dnspython).
"""

import dataclasses
import socket
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype


class NoAnswer(Exception):
    """Nothing usable came back in time."""


@dataclasses.dataclass
class Reply:
    """rcode: "NOERROR"; flags: {"QR", "AD"}; sections: "owner ttl type data" lines."""

    rcode: str
    flags: set
    answer: list
    authority: list
    additional: list
    ede: list  # (code, text), as RFC 8914 has them
    edns: bool  # an OPT record came back
    seconds: float
    message: dns.message.Message

    def data(self, rdtype="A"):
        """The data of the answer's records of one type: ["192.0.2.1"]."""
        return [line.split(" ", 3)[3] for line in self.answer if line.split(" ", 3)[2] == rdtype]

    @property
    def short(self):
        """The answer in a few words, rcode first."""
        last = self.answer[-1].split(" ", 3) if self.answer else None
        if last is None:
            return "NODATA" if self.rcode == "NOERROR" else self.rcode
        return f"{self.rcode} {last[3]}"


def lines(section):
    return [
        f"{rrset.name} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)} {rdata.to_text()}"
        for rrset in section
        for rdata in rrset
    ]


def extended_errors(message):
    found = []
    for option in message.options:
        if isinstance(option, dns.edns.EDEOption):
            found.append((int(option.code), option.text or ""))
    return found


def ede_words(code):
    """6: "DNSSEC bogus", as RFC 8914 names it."""
    try:
        return dns.edns.EDECode(code).name.replace("_", " ").capitalize().replace("Dnssec", "DNSSEC")
    except ValueError:
        return f"EDE {code}"


def make_query(name, rdtype="A", *, rdclass="IN", rd=True, do=False, cd=False, ad=False,
               edns=True, payload=1232, options=()):
    """A query message; edns=False leaves the OPT record out."""
    query = dns.message.make_query(name, rdtype, rdclass)
    query.use_edns(0 if edns else -1, dns.flags.DO if do else 0, payload, options=list(options))
    for flag, wanted in ((dns.flags.RD, rd), (dns.flags.CD, cd), (dns.flags.AD, ad)):
        query.flags = query.flags | flag if wanted else query.flags & ~flag
    return query


def ask(address, port, name, rdtype="A", *, tcp=False, timeout=10, source=None, **how):
    """Asks once. UDP answers that do not fit come back as they are, with TC among the flags."""
    query = make_query(name, rdtype, **how)
    send = dns.query.tcp if tcp else dns.query.udp
    began = time.monotonic()
    try:
        message = send(query, address, timeout=timeout, port=port, source=source)
    except (dns.exception.DNSException, OSError, EOFError, socket.timeout) as error:
        raise NoAnswer(f"{name} {rdtype}: {type(error).__name__}") from error
    return Reply(
        rcode=dns.rcode.to_text(message.rcode()),
        flags=set(dns.flags.to_text(message.flags).split()),
        answer=lines(message.answer),
        authority=lines(message.authority),
        additional=lines(message.additional),
        ede=extended_errors(message),
        edns=message.edns >= 0,
        seconds=time.monotonic() - began,
        message=message,
    )
