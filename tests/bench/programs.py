"""The three Unbounds that are compared, alike but for who judges names; others.py has other
resolvers."""

import os
import shutil
import socket
import subprocess
import time

import policy
import tools
from tools import BenchError

from lab import Lab, Unbound  # noqa: E402  (tools has put the lab on the path)
import zones  # noqa: E402

LAB_ZONES = zones.SOURCES
ZONE = "bench.top"
FRESH_ZONE, SIGNED_ZONE = "fresh.top", "fresh-signed.top"
SAMPLE = 1000  # names that are asked for, popular ones and listed ones each
# No log line may cost anything, and what is cached must stay so as long as this runs, with room
# for all of it.
QUIET = {"verbosity": 0, "val-log-level": 0, "cache-min-ttl": 86400, "serve-expired": "no",
         "msg-cache-size": "128m", "rrset-cache-size": "256m"}
START_PATIENCE = 3600.0
# Whatever stands below the listed names' top-level domains exists, so that only who blocks a listed
# name says NXDOMAIN.
CATCH_ALL = "*  A  198.18.2.1\n"


class Fresh:
    """Names that were never asked for, until they are: each is good for one question a start."""

    def __init__(self, path, count, zone):
        self.path, self.count, self.zone = path, count, zone


class Names:
    """The files of one size: what is listed, and what is asked for."""

    def __init__(self, generate, folder, count, fresh=(0, 0)):
        """fresh: how many names there are for uncached answers, in a zone without and in one with
        signatures."""
        self.count = count
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.plain = folder / "abuse.txt"
        self.rpz = folder / "rpz.zone"
        self.sample = folder / "listed.txt"
        self.popular = folder / "popular.txt"
        self.fresh = {"uncached": Fresh(folder / "fresh.txt", fresh[0], FRESH_ZONE),
                      "uncached_signed": Fresh(folder / "fresh-signed.txt", fresh[1], SIGNED_ZONE)}
        self.fresh = {what: them for what, them in self.fresh.items() if them.count}
        more = [word for them in self.fresh.values() for word in ("--popular", them.count, them.zone, them.path)]
        tools.run(generate, count, "--plain", self.plain, "--rpz", self.rpz,
                  "--sample", SAMPLE, self.sample, "--popular", SAMPLE, ZONE, self.popular, *more)

    def leave_out(self, build, protected):
        """Drops names to be resolved that look like one of so many made-up brands by chance."""
        files = [self.popular, *(them.path for them in self.fresh.values())]
        chance = policy.blocked_by_chance(build, self.folder, protected, files)
        for path in files:
            lines = path.read_text(encoding="ascii").splitlines(keepends=True)
            path.write_text("".join(line for line in lines if line.split()[0] not in chance), encoding="ascii")
        for them in self.fresh.values():
            them.count = len(them.path.read_text(encoding="ascii").splitlines())

    def listed(self):
        return self.sample.read_text(encoding="ascii").split()

    def first_popular(self):
        return self.popular.read_text(encoding="ascii").split()[0]


def make_lab(folder, prefix, names):
    """The lab, with only the zones that lead to the names that are asked for."""
    sources = folder / "zone-sources"
    sources.mkdir(parents=True, exist_ok=True)
    for stem in ("root", "lab"):
        shutil.copy(LAB_ZONES / f"{stem}.zone", sources)
    for tld in {name.rsplit(".", 1)[1] for name in names.listed()} | {"top"}:
        head = ";lab: nsec3\n" if tld == "top" else ";lab: unsigned\n"
        (sources / f"{tld}.zone").write_text(head + CATCH_ALL, encoding="ascii")
    shutil.copy(names.popular, sources / f"{ZONE}.zone")
    for them in names.fresh.values():
        head = ";lab: unsigned\n" if them.zone == FRESH_ZONE else ""
        (sources / f"{them.zone}.zone").write_text(head + them.path.read_text(encoding="ascii"), encoding="ascii")
    zones.SOURCES = sources
    return Lab(folder / "lab", prefix)


# id.server. CH TXT: answered by the daemon itself
WHO = b"\0\7\1\0\0\1\0\0\0\0\0\0\2id\6server\0\0\x10\0\3"


def first_answer(server, question, accept, deadline):
    """Asks, as often as may cost nothing, until accept(answer) holds: whether it did. Finer than the
    lab's own way of waiting."""
    began = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", server.port))
        while server.running and time.monotonic() - began < deadline:
            # What is asked while it loads waits in its socket, where the first real
            # questions need room: so no more than one in five seconds.
            try:
                sock.send(question)
                sock.settimeout(5)
                if accept(sock.recv(4096)):
                    return True
            except (ConnectionError, TimeoutError):
                pass
            time.sleep(0.0005)
    return False


class Resolver(Unbound):
    """Times its own start, from exec to the first answer."""

    start_ms = None

    def wait_ready(self, deadline=START_PATIENCE):
        began = time.monotonic()
        # Somebody else's resolver may have taken the port before ours could.
        identity = self.settings["config"]["identity"].strip('"').encode()
        ready = first_answer(self, WHO, lambda answer: identity in answer, deadline)
        self.start_ms = (time.monotonic() - began) * 1000
        return ready


class Program:
    """One that is compared. bare: what the others are compared with."""

    key = title = modules = ""
    blocks = False
    slow_renewal = False  # renew() may take as long as a start
    is_unbound = True

    def __init__(self, lab, names, folder):
        self.lab = lab
        self.names = names
        self.folder = folder
        self.resolver = None
        self.fresh_asked = {}  # since the start, by kind

    def take_fresh(self, what, count):
        """So many names that this process was not asked for yet: the number of the first."""
        first = self.fresh_asked.get(what, 0)
        if first + count > self.names.fresh[what].count:
            raise BenchError(f"{self.title}: no more names for {what} answers")
        self.fresh_asked[what] = first + count
        return first

    def prepare(self):
        """Makes what it reads at its start; facts for the table, if that has any."""
        return {}

    def options(self):
        return {}

    def start(self, wrap=()):
        """Milliseconds from exec to the first answer."""
        self.fresh_asked = {}
        resolver = Resolver(self.folder / self.key, self.lab.prefix, authority=self.lab.nsd.port,
                            zones=self.lab.zones, anchor=self.lab.zone_folder / "root.ds")
        identity = f'"bench-{os.getpid()}-{self.key}"'
        resolver.start(modules=self.modules, config={**QUIET, "identity": identity}, wrap=wrap,
                       deadline=START_PATIENCE, **self.options())
        self.resolver = resolver
        return resolver.start_ms

    def stop(self):
        if self.resolver:
            self.resolver.stop(patience=120)
        self.resolver = None

    @property
    def port(self):
        return self.resolver.port

    @property
    def pid(self):
        return self.resolver.pid

    def control(self, *words):
        """unbound-control, begun but not waited for: an RPZ takes its time to reload."""
        return subprocess.Popen(
            [self.resolver.program("unbound-control"), "-c", str(self.resolver.config_path), *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def prepare_renewal(self):
        """What must lie ready before renew()."""

    def renew(self):
        """Takes a new list while it runs; returns what wait() is to be called for."""
        raise NotImplementedError

    def check(self):
        """Answers what is measured, and answers it right."""
        popular = self.names.first_popular()
        reply = self.resolver.query(popular, "A", timeout=60)
        if reply.short != "NOERROR 198.18.1.1":
            raise BenchError(f"{self.title}: {popular} is answered with {reply.short}")
        for name in (self.names.listed()[0], "www." + self.names.listed()[-1]):
            reply = self.resolver.query(name, "A", timeout=60)
            if (reply.rcode == "NXDOMAIN") != self.blocks:
                raise BenchError(f"{self.title}: {name} is answered with {reply.short}")
            if self.blocks:
                self.check_block(name, reply)

    def check_block(self, name, reply):
        """More about the answer for a listed name."""


class Bare(Program):
    key = "bare"
    title = "Unbound, no filter"
    modules = "validator iterator"

    def renew(self):
        return self.control("reload")


class Rpz(Program):
    key = "unbound_rpz"
    title = "Unbound RPZ"
    modules = "respip validator iterator"
    blocks = True
    slow_renewal = True

    def options(self):
        return {"extra": f'rpz:\n  name: "rpz.bench"\n  zonefile: "{self.names.rpz}"\n'}

    def renew(self):
        return self.control("auth_zone_reload", "rpz.bench")


class PostShield(Program):
    key = "postshield"
    title = "PostShield"
    modules = "dynlib validator iterator"
    blocks = True

    def __init__(self, lab, names, folder, build, protected=0):
        """protected: how many brands stand in its snapshot."""
        super().__init__(lab, names, folder)
        self.build = build
        self.protected = protected
        self.module = build / "bin" / "postshield.so"
        self.state = folder / "state"
        self.snapshot = self.state / "snapshot.ps"
        self.others = []

    def prepare(self):
        """Two snapshots, the second with one name more, so that a swap has something new."""
        self.state.mkdir(parents=True, exist_ok=True)
        first, second = self.folder / "first.ps", self.folder / "second.ps"
        cost, info, _ = policy.build_snapshot(self.build, self.names.plain, first, protected=self.protected)
        more = self.folder / "more.txt"
        shutil.copy(self.names.plain, more)
        with open(more, "a", encoding="ascii") as file:
            file.write("one-more-parcel.top\n")
        policy.build_snapshot(self.build, more, second, protected=self.protected)
        more.unlink()
        shutil.copy(first, self.snapshot)
        self.others = [second, first]
        return {"build_seconds": cost.seconds, "build_cpu_seconds": cost.cpu_seconds,
                "build_peak_bytes": cost.peak_bytes, "index": info}

    def options(self):
        return {"module": str(self.module), "state": str(self.state)}

    def prepare_renewal(self):
        other = self.others.pop(0)
        self.others.append(other)
        shutil.copy(other, self.state / "next.ps")

    def renew(self):
        (self.state / "next.ps").rename(self.snapshot)

    def prom(self, name):
        """A figure of the module's own, from its counters file."""
        for line in (self.state / "module.prom").read_text(encoding="ascii").splitlines():
            if line.startswith(f"postshield_{name} "):
                return float(line.split()[1])
        raise BenchError(f"module.prom has no postshield_{name}")

    def await_generation(self, more_than, patience=60.0):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.prom("snapshot_generation") > more_than:
                return
            time.sleep(0.02)
        raise BenchError(f"PostShield took no new snapshot within {patience:.0f} s")

    def check_block(self, name, reply):
        if not any(" SOA " in line for line in reply.authority) or not reply.ede:
            raise BenchError(f"PostShield: {name} is blocked without SOA or EDE")


def all_programs(lab, names, folder, build, protected):
    return [Bare(lab, names, folder), Rpz(lab, names, folder), PostShield(lab, names, folder, build, protected)]
