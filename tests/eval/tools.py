"""What the evaluation works with: data, names, policies, and the program that judges."""

import json
import os
import pathlib
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SUFFIX_LIST = pathlib.Path("/usr/share/publicsuffix/public_suffix_list.dat")
BLOCKING = {"nxdomain", "nodata", "refused", "drop", "truncate", "sinkhole"}


class EvalError(Exception):
    """Something could not be measured; the text is one line that says what."""


def say(text):
    print(f"eval: {text}", file=sys.stderr, flush=True)


def program():
    build = pathlib.Path(os.environ.get("POSTSHIELD_BUILD", ROOT / "build")).resolve()
    path = build / "bin" / "postshield"
    if not path.exists():
        raise EvalError(f"{path} is not there: build PostShield, or say where in POSTSHIELD_BUILD")
    return path


def data_folder():
    """None where there is no data."""
    folder = pathlib.Path(os.environ.get("POSTSHIELD_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


def read_lines(path):
    """Lines without those that are empty or begin with #; a comment may stand behind a blank and a #."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.strip() and not line.startswith("#"):
                yield line


def scan(names, policies):
    """One row (a dict, as scan --json has it) for each name, in order."""
    names = list(names)
    done = subprocess.run([str(program()), "scan", "--json", "--policies", str(policies)],
                          input="".join(name + "\n" for name in names).encode(), capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EvalError(f"postshield scan ended with {done.returncode}: {said[-1] if said else 'it said nothing'}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    if len(rows) != len(names):
        raise EvalError(f"postshield scan gave {len(rows)} rows for {len(names)} names")
    return rows


def blocks(row):
    return row["action"] in BLOCKING


def brands(policies):
    """[(id, brand)] of every policy file below the folder, sorted."""
    found = {}
    for path in sorted(pathlib.Path(policies).rglob("*.postshield.yaml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
        found.update(document.get("brands") or {})
    return sorted(found.items())


def official_domains(policies):
    """Sorted, as A-labels in lower case."""
    return sorted({str(domain).lower().encode("idna").decode()
                   for _, brand in brands(policies) for domain in brand.get("domains") or []})


class Suffixes:
    """The ICANN part of the public suffix list: where a name's owner begins."""

    def __init__(self):
        self.rules = set()
        with open(SUFFIX_LIST, encoding="utf-8") as file:
            for line in file:
                if "END ICANN" in line:
                    break
                line = line.strip()
                if line and not line.startswith("//"):
                    self.rules.add(line.encode("idna").decode() if not line.isascii() else line)

    def registrable(self, name):
        """The suffix and one label more; the name itself where it has no more."""
        labels = name.lower().rstrip(".").split(".")
        count = 1
        for start in range(len(labels)):
            rest = ".".join(labels[start:])
            if "!" + rest in self.rules:
                count = len(labels) - start - 1
                break
            if rest in self.rules or "*." + ".".join(labels[start + 1:]) in self.rules:
                count = len(labels) - start
                break
        return ".".join(labels[-count - 1:])
