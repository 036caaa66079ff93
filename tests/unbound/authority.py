"""A name server that answers when it is told to: for queries that are in flight while something
else happens. UDP only, unsigned, on a port of its own.

    with Authority({"late.slow.example.": [("A", "192.0.2.1")]}) as server:
        server.hold("late.slow.example.")       # from now on it keeps such questions
        ...                                     # ask the resolver
        server.await_held("late.slow.example.") # the resolver's question is here
        server.release()                        # answer it
"""

import socket
import threading

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

ADDRESS = "127.0.0.1"
TTL = 300


class Authority:
    """names: {owner: [(type, data), ...]}; owners are absolute. Others are NXDOMAIN, and names
    above an owner NODATA; [("SERVFAIL", "")] is that. zone: for the SOA."""

    def __init__(self, zone, names):
        self.zone = dns.name.from_text(zone)
        self.names = {dns.name.from_text(owner): records for owner, records in names.items()}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, 0))
        self.port = self.socket.getsockname()[1]
        self.condition = threading.Condition()
        self.holding = set()
        self.held = []
        self.dropping = {}
        self.asked = []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with self.condition:
            self.held = []
        # An empty datagram ends the thread; it is no question.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", (ADDRESS, self.port))
        self.thread.join(10)
        self.socket.close()

    def hold(self, *names):
        """Questions for these names, too, wait until release()."""
        with self.condition:
            self.holding |= {dns.name.from_text(name) for name in names}

    def drop(self, name, times):
        """The next so many questions for the name are lost."""
        with self.condition:
            self.dropping[dns.name.from_text(name)] = times

    def await_held(self, name, deadline=20.0):
        wanted = dns.name.from_text(name)
        with self.condition:
            if not self.condition.wait_for(
                    lambda: any(query.question[0].name == wanted for query, _ in self.held), deadline):
                raise AssertionError(f"nobody asked for {name}; asked for was {self.asked}")

    def release(self):
        with self.condition:
            self.holding = set()
            held, self.held = self.held, []
        for query, source in held:
            self.answer(query, source)

    def questions(self, name):
        wanted = dns.name.from_text(name)
        with self.condition:
            return [rdtype for owner, rdtype in self.asked if owner == wanted]

    def run(self):
        while True:
            packet, source = self.socket.recvfrom(4096)
            if not packet:
                return
            query = dns.message.from_wire(packet)
            name = query.question[0].name
            with self.condition:
                self.asked.append((name, dns.rdatatype.to_text(query.question[0].rdtype)))
                if self.dropping.get(name, 0) > 0:
                    self.dropping[name] -= 1
                    continue
                if name in self.holding:
                    self.held.append((query, source))
                    self.condition.notify_all()
                    continue
            self.answer(query, source)

    def answer(self, query, source):
        question = query.question[0]
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        name = question.name
        if ("SERVFAIL", "") in self.names.get(name, ()):
            response.set_rcode(dns.rcode.SERVFAIL)
            self.socket.sendto(response.to_wire(), source)
            return
        for _ in range(8):
            records = [(kind, data) for kind, data in self.names.get(name, ())
                       if kind in (dns.rdatatype.to_text(question.rdtype), "CNAME")]
            for kind, data in records:
                response.answer.append(dns.rrset.from_text(name, TTL, "IN", kind, data))
            if not records or records[0][0] != "CNAME" or question.rdtype == dns.rdatatype.CNAME:
                break
            name = dns.name.from_text(records[0][1])
            if not name.is_subdomain(self.zone):
                break
        if not response.answer:
            response.authority.append(dns.rrset.from_text(
                self.zone, TTL, "IN", "SOA", f"ns.{self.zone} host.{self.zone} 1 3600 600 86400 60"))
            if not any(owner.is_subdomain(name) for owner in self.names):
                response.set_rcode(dns.rcode.NXDOMAIN)
        self.socket.sendto(response.to_wire(), source)


class Relay(Authority):
    """Asks another server, on a port of this machine, what it is asked: to hold what that one says."""

    def __init__(self, zone, port):
        super().__init__(zone, {})
        self.other = port

    def answer(self, query, source):
        self.socket.sendto(dns.query.udp(query, ADDRESS, timeout=10, port=self.other).to_wire(), source)
