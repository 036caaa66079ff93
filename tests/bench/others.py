"""BIND and PowerDNS Recursor from Debian's packages, bare and with the same names as a response
policy zone: what such a filter costs elsewhere. Both validate, ask the lab's NSD for everything,
and run one thread for queries, without a log, on loopback, as children of this process."""

import os
import shutil
import time

import programs
from tools import BenchError

from servers import ADDRESS, LabError, Server, find_program

NXDOMAIN = 3
DAY = 86400


def wire_question(name):
    """A query for A with RD set, in wire form."""
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return b"\0\7\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"


class Other(Server):
    """One such server. rpz: the zone file that it reads, if any; listed: names all over it."""

    def __init__(self, folder, lab, rpz, listed):
        super().__init__(folder)
        self.lab, self.rpz, self.listed = lab, rpz, listed
        self.identity = f"bench-{os.getpid()}-{self.title}"
        self.start_ms = None

    def wait_ready(self, deadline=programs.START_PATIENCE):
        """Until it answers and, where there is a list, goes by all of it: BIND serves before it does."""
        began = time.monotonic()
        ready = programs.first_answer(self, programs.WHO, lambda got: self.identity.encode() in got, deadline)
        for name in self.listed if self.rpz else ():
            for question in (wire_question(name), wire_question("www." + name)):
                ready = ready and programs.first_answer(
                    self, question, lambda got: len(got) > 3 and got[3] & 15 == NXDOMAIN, deadline)
        self.start_ms = (time.monotonic() - began) * 1000
        return ready

    def anchor(self):
        """The root's DS: (key tag, algorithm, digest type, digest)"""
        words = (self.lab.zone_folder / "root.ds").read_text(encoding="ascii").split(";")[0].split()
        fields = words[words.index("DS") + 1:]
        return (*fields[:3], "".join(fields[3:]))


class Named(Other):
    title = "named"
    taken = "address in use"

    def write_config(self):
        tag, algorithm, kind, digest = self.anchor()
        policy = zone = ""
        if self.rpz:
            policy = 'response-policy { zone "rpz.bench"; } qname-wait-recurse no;'
            zone = f'zone "rpz.bench" {{ type primary; file "{self.rpz}"; allow-query {{ none; }}; notify no; }};'
        (self.folder / "named.conf").write_text(f"""\
options {{
  directory "{self.folder}"; pid-file none; session-keyfile none; managed-keys-directory "{self.folder}";
  lock-file none; server-id "{self.identity}";
  listen-on port {self.port} {{ {ADDRESS}; }}; listen-on-v6 {{ none; }};
  allow-query {{ {ADDRESS}; }}; recursion yes; querylog no; empty-zones-enable no; notify no;
  forwarders {{ {ADDRESS} port {self.lab.nsd.port}; }}; forward only; dnssec-validation yes;
  {policy}
}};
controls {{ }};
trust-anchors {{ "." static-ds {tag} {algorithm} {kind} "{digest}"; }};
logging {{
  channel quiet {{ file "{self.log_path}"; severity error; }};
  category default {{ quiet; }}; category queries {{ null; }}; category rpz {{ null; }};
}};
{zone}
""", encoding="ascii")

    def start(self):
        # A copy: AppArmor lets the one in /usr/sbin read in a few folders alone.
        program = self.folder / "named"
        shutil.copy(find_program("named"), program)
        self.start_program([str(program), "-f", "-n", "1", "-c", str(self.folder / "named.conf")],
                           deadline=programs.START_PATIENCE)


class Recursor(Other):
    title = "pdns_recursor"

    def write_config(self):
        lua = f'clearTA(".")\naddTA(".", "{" ".join(self.anchor())}")\n'
        if self.rpz:
            lua += f'rpzFile("{self.rpz}", {{policyName="rpz.bench"}})\n'
        (self.folder / "recursor.lua").write_text(lua, encoding="ascii")
        options = {
            "local-address": ADDRESS, "local-port": self.port, "allow-from": ADDRESS, "dont-query": "",
            "forward-zones": f".={ADDRESS}:{self.lab.nsd.port}", "dnssec": "validate",
            "lua-config-file": self.folder / "recursor.lua", "socket-dir": self.folder,
            "server-id": self.identity, "threads": 1, "pdns-distributes-queries": "no", "daemon": "no",
            "write-pid": "no", "disable-syslog": "yes", "loglevel": 3, "quiet": "yes",
            "export-etc-hosts": "no", "max-cache-ttl": DAY,
            "security-poll-suffix": "",  # it would ask the Internet for advisories
        }
        (self.folder / "recursor.conf").write_text(
            "".join(f"{key}={value}\n" for key, value in options.items()), encoding="ascii")

    def start(self):
        self.start_program([find_program("pdns_recursor"), f"--config-dir={self.folder}"],
                           deadline=programs.START_PATIENCE)


class OtherProgram(programs.Program):
    """One that is compared. own_bare: the key of the same without a list."""

    server = None
    own_bare = ""
    is_unbound = False

    def start(self, wrap=()):
        if wrap:
            raise BenchError(f"{self.title} is not counted under callgrind")
        self.fresh_asked = {}
        resolver = self.server(self.folder / self.key, self.lab, self.names.rpz if self.blocks else None,
                               self.names.listed())
        resolver.start()
        self.resolver = resolver
        return resolver.start_ms


class Bind(OtherProgram):
    key = own_bare = "bind"
    title = "BIND, no filter"
    server = Named


class BindRpz(Bind):
    key = "bind_rpz"
    title = "BIND RPZ"
    blocks = True


class PowerDns(OtherProgram):
    key = own_bare = "powerdns"
    title = "PowerDNS Recursor, no filter"
    server = Recursor


class PowerDnsRpz(PowerDns):
    key = "powerdns_rpz"
    title = "PowerDNS Recursor RPZ"
    blocks = True


KINDS = {"named": (Bind, BindRpz), "pdns_recursor": (PowerDns, PowerDnsRpz)}


def missing():
    """Programs that are not installed."""
    found = []
    for name in KINDS:
        try:
            find_program(name)
        except LabError:
            found.append(name)
    return found


def all_programs(lab, names, folder):
    return [kind(lab, names, folder) for name, kinds in KINDS.items() if name not in missing()
            for kind in kinds]
