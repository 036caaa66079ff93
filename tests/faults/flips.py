"""M1, M2: the snapshot room's own exhaustive program, under AddressSanitizer, and its controls."""

import json
import subprocess

from harness import Broken, Outcome, tail


def flip(context, program, *options, long):
    path = context.builds.make("flip" if long else "address", program) / "tests" / program
    done = subprocess.run([str(path), *options, "--long" if long else "--quick", "--jobs", "2"],
                          capture_output=True, text=True, check=False, timeout=24 * 3600)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise Broken(f"{program} ended with {done.returncode}: {tail(done.stderr)}")
    return json.loads(lines[-1]), done.returncode, tail(done.stderr, 2)


def row(context, name):
    result, status, said = flip(context, "flip_snapshot", "--row", name, long=context.long)
    # Each crash costs a process: the control need not crash at every mutant to have failed.
    control, _, _ = flip(context, f"flip_snapshot_control_{name.lower()}", "--row", name, "--control", long=False)
    what = "lengths other than its own" if name == "M2" else "octets set to other values, sealed again and not"
    crashed = f"{result['crashed']} crashes" + (f" ({said})" if result["crashed"] else "")
    figure = (f"{result['mutations']:,} mutants of a snapshot of {result['octets']:,} octets ({what}), ASan: "
              f"{crashed}; not sealed again {result['accepted_unsealed']:,} accepted")
    if name == "M1":
        figure += (f", sealed again {result['refused_sealed']:,} refused and {result['accepted_sealed']:,} "
                   "asked everything")
    figure += f"; control: {control['crashed']} crashes, {control['accepted_unsealed']:,} accepted"
    return Outcome(figure, bool(result["held"]) and status == 0, not control["held"])


def m1(context):
    return row(context, "M1")


def m2(context):
    return row(context, "M2")
