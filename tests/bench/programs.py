"""The three resolvers that are compared, alike but for who judges names."""

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
SAMPLE = 1000  # names that are asked for, popular ones and listed ones each
# No log line may cost anything, and what is cached must stay so as long as this runs.
QUIET = {"verbosity": 0, "val-log-level": 0, "cache-min-ttl": 86400, "serve-expired": "no"}
START_PATIENCE = 3600.0

class Names:
    """The files of one size: what is listed, and what is asked for."""

    def __init__(self, generate, folder, count):
        self.count = count
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.plain = folder / "abuse.txt"
        self.rpz = folder / "rpz.zone"
        self.sample = folder / "listed.txt"
        self.popular = folder / "popular.txt"
        tools.run(generate, count, "--plain", self.plain, "--rpz", self.rpz,
                  "--sample", SAMPLE, self.sample, "--popular", SAMPLE, ZONE, self.popular)

    def listed(self):
        return self.sample.read_text(encoding="ascii").split()


def make_lab(folder, prefix, names):
    """The lab, with only the zones that lead to the popular names."""
    sources = folder / "zone-sources"
    sources.mkdir(parents=True, exist_ok=True)
    for stem in ("root", "lab", "top"):
        shutil.copy(LAB_ZONES / f"{stem}.zone", sources)
    shutil.copy(names.popular, sources / f"{ZONE}.zone")
    zones.SOURCES = sources
    return Lab(folder / "lab", prefix)


class Resolver(Unbound):
    """Times its own start, from exec to the first answer: the lab's own way of waiting is too
    coarse for that."""

    start_ms = None

    def wait_ready(self, deadline=START_PATIENCE):
        began = time.monotonic()
        # id.server. CH TXT: answered by the daemon itself
        question = b"\0\7\1\0\0\1\0\0\0\0\0\0\2id\6server\0\0\x10\0\3"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", self.port))
            while self.running and time.monotonic() - began < deadline:
                # What is asked while it loads waits in its socket, where the first real
                # questions need room: so no more than one in five seconds.
                try:
                    sock.send(question)
                    sock.settimeout(5)
                    # Somebody else's resolver may have taken the port before ours could.
                    if self.settings["config"]["identity"].strip('"').encode() in sock.recv(512):
                        self.start_ms = (time.monotonic() - began) * 1000
                        return True
                except (ConnectionError, TimeoutError):
                    time.sleep(0.0005)
        return False


class Program:
    """One of the three. bare: what the others are compared with."""

    key = title = modules = ""
    blocks = False
    slow_renewal = False  # renew() may take as long as a start

    def __init__(self, lab, names, folder):
        self.lab = lab
        self.names = names
        self.folder = folder
        self.resolver = None

    def prepare(self):
        """Makes what it reads at its start; facts for the table, if that has any."""
        return {}

    def options(self):
        return {}

    def start(self, wrap=()):
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
        popular = self.names.popular.read_text(encoding="ascii").split()[0]
        reply = self.resolver.query(popular, "A", timeout=60)
        if reply.short != "NOERROR 198.18.1.1":
            raise BenchError(f"{self.title}: {popular} is answered with {reply.short}")
        if not self.blocks:
            return
        for name in (self.names.listed()[0], "www." + self.names.listed()[-1]):
            reply = self.resolver.query(name, "A", timeout=60)
            if reply.rcode != "NXDOMAIN":
                raise BenchError(f"{self.title}: {name} is answered with {reply.short}")
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

    def __init__(self, lab, names, folder, build):
        super().__init__(lab, names, folder)
        self.build = build
        self.module = build / "bin" / "postshield.so"
        self.state = folder / "state"
        self.snapshot = self.state / "snapshot.ps"
        self.others = []

    def prepare(self):
        """Two snapshots, the second with one name more, so that a swap has something new."""
        self.state.mkdir(parents=True, exist_ok=True)
        first, second = self.folder / "first.ps", self.folder / "second.ps"
        cost, info, _ = policy.build_snapshot(self.build, self.names.plain, first)
        more = self.folder / "more.txt"
        shutil.copy(self.names.plain, more)
        with open(more, "a", encoding="ascii") as file:
            file.write("one-more-parcel.top\n")
        policy.build_snapshot(self.build, more, second)
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


def all_programs(lab, names, folder, build):
    return [Bare(lab, names, folder), Rpz(lab, names, folder), PostShield(lab, names, folder, build)]
