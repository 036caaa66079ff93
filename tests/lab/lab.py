#!/usr/bin/python3
"""A self-contained lab on loopback: signed zones, NSD, and Unbound that trusts them.

    with Lab(folder, prefix) as lab:              # zones and NSD; Unbound is made, not started
        lab.unbound.start(module=None, threads=4)
        reply = lab.query("www.usps.com", "A", do=True)
        assert reply.rcode == "NOERROR" and "AD" in reply.flags

Needs no privilege, no network and no fixed port; labs run side by side.
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

try:
    import ask
    from ask import NoAnswer, Reply
    from servers import ADDRESS, LabError, Nsd, Server, Unbound, free_port
except ModuleNotFoundError as missing:
    sys.exit(f"lab: Python has no module {missing.name}: run contrib/setup lab, and use /usr/bin/python3")
import zones

__all__ = ["ADDRESS", "Lab", "LabError", "NoAnswer", "Nsd", "Reply", "Server", "Unbound", "ask",
           "find_prefix", "free_port"]

BUILD = HERE.parent.parent / "contrib" / "unbound" / "build"


def find_prefix(*options):
    """The Unbound that contrib/unbound/build has at hand, made with these options; with none,
    the folder that the environment's UNBOUND_PREFIX names goes first."""
    if not options and os.environ.get("UNBOUND_PREFIX"):
        return os.environ["UNBOUND_PREFIX"]
    done = subprocess.run([str(BUILD), "--print", *options], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"no Unbound at hand: run contrib/unbound/build {' '.join(options)}".rstrip())
    return done.stdout.splitlines()[-1]


class Lab:
    """Zones, NSD, and one Unbound, in one folder; a temporary one if none is given.

    unbound: started by the caller, who knows what to start it with. add_unbound() makes more.
    zone_folder: zones made before by another lab, to save a second where many labs are started.
    zone_sources: folders of more zones' sources that those were made from, see zones.sign_all().
    """

    def __init__(self, folder=None, prefix=None, *, zone_folder=None, zone_sources=()):
        self.temporary = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="postshield-lab.")).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prefix = prefix or find_prefix()
        self.zone_folder = pathlib.Path(zone_folder).resolve() if zone_folder else self.folder / "zones"
        self.zone_sources = zone_sources
        self.zones = []
        self.nsd = None
        self.unbound = None
        self.resolvers = []

    def start(self):
        """Makes the zones unless there are some, starts NSD, makes (but does not start) Unbound."""
        try:
            if (self.zone_folder / "root.ds").exists():
                self.zones = zones.load(*self.zone_sources)
            else:
                self.zones = zones.sign_all(self.zone_folder, *self.zone_sources)
            self.nsd = Nsd(self.folder / "nsd", self.zones, self.zone_folder)
            self.nsd.start()
        except zones.ZoneError as error:
            raise LabError(f"zones: {error}") from error
        self.unbound = self.add_unbound("unbound")
        return self

    def add_unbound(self, name, prefix=None):
        """Another resolver of the same lab, in a folder of its own; not started."""
        resolver = Unbound(self.folder / name, prefix or self.prefix, authority=self.nsd.port,
                           zones=self.zones, anchor=self.zone_folder / "root.ds")
        self.resolvers.append(resolver)
        return resolver

    def query(self, name, rdtype="A", **how):
        """One question to the first Unbound; see ask.ask()."""
        return self.unbound.query(name, rdtype, **how)

    def stop(self):
        """Ends what was started; a temporary folder goes (unless something failed), a given one stays."""
        for server in [*self.resolvers, *([self.nsd] if self.nsd else [])]:
            server.stop()
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.temporary = False  # the error names a log in it
            self.stop()
            raise

    def __exit__(self, kind, *_):
        if kind is not None and issubclass(kind, Exception):
            self.temporary = False  # somebody will want to read the logs
        self.stop()


def raise_exit(signum, _frame):
    raise SystemExit(128 + signum)


def end_on_signals():
    """Lets a signal end the program in order, so that its servers end too."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, raise_exit)


def command_up(options):
    end_on_signals()
    with Lab(options.folder, options.prefix) as lab:
        lab.unbound.start(module=options.module, threads=options.threads, state=options.state)
        print(f"port={lab.unbound.port}\npid={lab.unbound.pid}\nauthority={lab.nsd.port}\n"
              f"config={lab.unbound.config_path}\nlog={lab.unbound.log_path}", flush=True)
        if options.once:
            reply = lab.query("www.usps.com", do=True)
            return 0 if reply.rcode == "NOERROR" and "AD" in reply.flags else 1
        while True:
            signal.pause()


def command_zones(options):
    made = zones.sign_all(options.folder)
    print(f"{len(made)} zones in {options.folder}")


def command_names(_options):
    print("\n".join(zones.bulk_names()))


def main():
    parser = argparse.ArgumentParser(description="A self-contained DNS lab on loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start zones, NSD and Unbound; stay until a signal")
    up.add_argument("--folder", help="where everything goes (default: a temporary folder)")
    up.add_argument("--prefix", help="folder made by contrib/unbound/build (default: the one at hand)")
    up.add_argument("--module", help="postshield.so (default: none, the bare resolver)")
    up.add_argument("--state", help="state folder of the module (default: unbound/state in the folder)")
    up.add_argument("--threads", type=int, default=1)
    up.add_argument("--once", action="store_true", help="ask one signed name and end: 0 when it validates")
    up.set_defaults(run=command_up)
    make = commands.add_parser("zones", help="make the signed zones only")
    make.add_argument("folder")
    make.set_defaults(run=command_zones)
    names = commands.add_parser("names", help="print the names that exist for load")
    names.set_defaults(run=command_names)
    options = parser.parse_args()
    try:
        return options.run(options) or 0
    except (LabError, zones.ZoneError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
