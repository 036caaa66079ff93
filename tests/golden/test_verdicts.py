#!/usr/bin/python3 -B
"""The verdicts of some hundred names under the shipped policies are those of verdicts.tsv.

    test_verdicts.py            tests (POSTSHIELD names the program)
    test_verdicts.py --write    writes verdicts.tsv anew: see update
"""

import difflib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAM = os.path.abspath(os.environ.get("POSTSHIELD", ROOT / "build" / "bin" / "postshield"))
VERDICTS = HERE / "verdicts.tsv"
HEAD = "name\taction\trule\tkind\ttechnique\tprotected\tscore\n"
NOW = "2026-01-01"  # exceptions end by themselves


def names():
    lines = (HERE / "names.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def verdicts():
    environment = {name: value for name, value in os.environ.items() if name != "POSTSHIELD_STATE"}
    done = subprocess.run([PROGRAM, "scan", "--strict", "--now", NOW, "--policies", ROOT / "policies"],
                          input="".join(name + "\n" for name in names()), stdout=subprocess.PIPE, text=True,
                          encoding="utf-8", env=environment, check=True)
    return HEAD + done.stdout


def main():
    asked = names()
    assert len(asked) == len(set(asked)), sorted(name for name in set(asked) if asked.count(name) > 1)
    found = verdicts()
    rows = [row.split("\t") for row in found.splitlines()[1:]]
    assert [row[0] for row in rows] == asked
    if sys.argv[1:] == ["--write"]:
        VERDICTS.write_text(found, "utf-8")
        return 0
    # What they are chosen for: something of each kind.
    assert {row[1] for row in rows} >= {"pass", "log", "nxdomain"}
    assert len({row[4] for row in rows}) >= 18, sorted({row[4] for row in rows})
    kept = VERDICTS.read_text("utf-8")
    changes = list(difflib.unified_diff(kept.splitlines(), found.splitlines(), "tests/golden/verdicts.tsv", "now",
                                        lineterm="", n=0))
    for line in changes:
        print(line)
    if changes:
        print("\nVerdicts changed. If that is meant, run tests/golden/update and commit what it wrote.")
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main())
