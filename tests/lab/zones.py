#!/usr/bin/python3
"""Signed zones for the lab, made from the files in zones/.

sign_all(folder) writes one signed master file a zone, each with new keys, and
the root's DS record as Unbound's trust anchor. The content is the same every
time; keys, signatures and their dates are not.

Needs ldns-keygen and ldns-signzone (package ldnsutils).
"""

import concurrent.futures
import datetime
import pathlib
import shlex
import subprocess

SOURCES = pathlib.Path(__file__).resolve().parent / "zones"
ALGORITHM = "ECDSAP256SHA256"
# The stand-in hosts every zone, under one name.
NAMESERVER = "ns.lab."
TTL = 300
NEGATIVE_TTL = 60


class ZoneError(Exception):
    """A zone could not be made; the text is one line that says why."""


class Zone:
    """One zone as its source file describes it."""

    def __init__(self, path):
        self.name = "." if path.stem == "root" else path.stem + "."
        self.text = path.read_text(encoding="ascii")
        self.unsigned = self.nsec3 = self.expired = False
        self.spoil = None
        self.bulk = self.aliases = 0
        self.aliased = None
        for line in self.text.splitlines():
            if line.startswith(";lab:"):
                self._directive(path, shlex.split(line[5:]))

    def _directive(self, path, words):
        if words[0] in ("unsigned", "nsec3", "expired") and len(words) == 1:
            setattr(self, words[0], True)
        elif words[0] == "spoil" and len(words) == 2:
            self.spoil = words[1]
        elif words[0] == "bulk" and len(words) == 2:
            self.bulk = int(words[1])
        elif words[0] == "aliases" and len(words) == 3:
            self.aliases, self.aliased = int(words[1]), words[2]
        else:
            raise ZoneError(f"{path}: unknown ';lab: {' '.join(words)}'")

    @property
    def stem(self):
        return "root" if self.name == "." else self.name[:-1]

    def is_below(self, other):
        return self is not other and (other.name == "." or self.name.endswith("." + other.name))

    def bulk_names(self):
        return [f"n{i:05}.{self.name}" for i in range(self.bulk)]


def load(*more):
    """All zones, and those of more folders of sources, parents before children."""
    zones = [Zone(path) for folder in (SOURCES, *more) for path in sorted(pathlib.Path(folder).glob("*.zone"))]
    return sorted(zones, key=lambda zone: (zone.name != ".", zone.name.count("."), zone.name))


def bulk_names():
    """The names of the zones that exist for load, in a fixed order."""
    return [name for zone in load() for name in zone.bulk_names()]


def parent_of(zone, zones):
    above = [other for other in zones if zone.is_below(other)]
    return max(above, key=lambda other: len(other.name.strip("."))) if above else None


def run(command, folder):
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ZoneError(f"{command[0]} is not installed (package ldnsutils)") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ZoneError(f"{' '.join(command)}: {said[-1] if said else 'failed'}")
    return done.stdout.strip()


def make_key(zone, folder):
    """A combined signing key; the base name of its files."""
    return None if zone.unsigned else run(["ldns-keygen", "-a", ALGORITHM, "-k", zone.name], folder)


def ds_of(key, folder):
    return (folder / f"{key}.ds").read_text(encoding="ascii").strip()


def plain_text(zone, zones, keys, folder, ttls):
    """The zone's master file before it is signed."""
    lines = [
        f"$ORIGIN {zone.name}",
        f"$TTL {ttls[0]}",
        f"@ SOA {NAMESERVER} hostmaster.lab. 1 3600 600 604800 {ttls[1]}",
        f"@ NS {NAMESERVER}",
        zone.text,
    ]
    lines += [f"{name} A 198.18.0.{i % 250 + 1}" for i, name in enumerate(zone.bulk_names())]
    lines += [f"a{i:05} CNAME n{i:05}.{zone.aliased}" for i in range(zone.aliases)]
    for child in zones:
        if parent_of(child, zones) is zone:
            lines.append(f"{child.name} NS {NAMESERVER}")
            if keys[child.name]:
                lines.append(ds_of(keys[child.name], folder))
    return "\n".join(lines) + "\n"


def spoil(text, owner):
    """Changes the address of one A record, so that its signature fits no more."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        fields = line.split("\t")
        if fields[0] == owner and fields[3] == "A":
            fields[4] = "198.51.100.254"
            lines[i] = "\t".join(fields)
            return "\n".join(lines) + "\n"
    raise ZoneError(f"{owner} has no A record to spoil")


def sign(zone, zones, keys, folder, ttls):
    plain = folder / f"{zone.stem}.plain"
    signed = folder / f"{zone.stem}.zone"
    plain.write_text(plain_text(zone, zones, keys, folder, ttls), encoding="ascii")
    if zone.unsigned:
        plain.rename(signed)
        return
    now = datetime.datetime.now(datetime.timezone.utc)
    # Unbound forgives a day (val-sig-skew-max): expired means well past that.
    begin, end = (-40, -10) if zone.expired else (-1, 30)
    dates = [(now + datetime.timedelta(days=d)).strftime("%Y%m%d%H%M%S") for d in (begin, end)]
    nsec3 = ["-n", "-a", "1", "-t", "0"] if zone.nsec3 else []
    run(["ldns-signzone", *nsec3, "-i", dates[0], "-e", dates[1], "-o", zone.name,
         "-f", signed.name, plain.name, keys[zone.name]], folder)
    if zone.spoil:
        text = spoil(signed.read_text(encoding="ascii"), f"{zone.spoil}.{zone.name}")
        signed.write_text(text, encoding="ascii")


def sign_all(folder, *more, ttls=(TTL, NEGATIVE_TTL)):
    """Makes every zone in folder, and those of more folders of sources; returns the zones. root.ds
    is the trust anchor. ttls: of what is there and of what is not, in seconds."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    zones = load(*more)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda zone: make_key(zone, folder), zones)
        keys = {zone.name: key for zone, key in zip(zones, made)}
        list(pool.map(lambda zone: sign(zone, zones, keys, folder, ttls), zones))
    (folder / "root.ds").write_text(ds_of(keys["."], folder) + "\n", encoding="ascii")
    return zones
