"""M11: instructions, not seconds: a judgement's cost at its worst, counted by callgrind."""

import re
import subprocess

from harness import Broken, Outcome, tail

# Declared bounds, in instructions. A look-up: at most 128 suffixes, each a hash and a bucket
# of at most 64 entries. Rows: each looked at once for each condition. A pattern: at most
# PS_PATTERN_MATCH_LIMIT steps, each of which may look at the whole name a time or ten.
FIND = 100_000
A_ROW = 128
A_STEP = 10


def count(context, program, only=None):
    """{case: (instructions, patterns that hit a limit)}, and the limits that it was built with."""
    folder = context.scratch("steps")
    command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=ps_verdict_judge",
               f"--callgrind-out-file={folder}/out", str(program), *([only] if only else [])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900, cwd=folder)
    except FileNotFoundError:
        raise Broken("valgrind is not installed: run contrib/setup bench") from None
    except subprocess.TimeoutExpired:
        raise Broken("a judgement did not end in 900 s") from None
    if done.returncode != 0:
        raise Broken(f"faults_steps ended with {done.returncode}: {tail(done.stderr)}")
    instructions = {}
    for path in folder.glob("out*"):
        text = path.read_text(encoding="ascii", errors="replace")
        case = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.M)
        total = re.search(r"^totals: (\d+)$", text, re.M)
        if case and total:
            instructions[case.group(1)] = int(total.group(1))
    lines = done.stdout.splitlines()
    limits = dict(pair.split("=") for pair in lines[0].split()[1:])
    out = {}
    for line in lines[1:]:
        case, _, failures = line.split()
        if case not in instructions:
            raise Broken(f"callgrind did not count {case}")
        out[case] = (instructions[case], int(failures))
    return out, {key: int(value) for key, value in limits.items()}


def bounds(limits):
    return {"find": FIND, "rows": FIND + A_ROW * limits["rows"],
            "pattern": FIND + A_STEP * limits["steps"] * limits["text"]}


def m11(context):
    cases, limits = count(context, context.builds.program("steps"))
    bound = bounds(limits)
    worst = {}
    over = []
    for case, (cost, _) in cases.items():
        kind = case.split("/")[0]
        worst[kind] = max(worst.get(kind, (0, "")), (cost, case))
        if cost > bound[kind]:
            over.append(case)
    limited = sum(failures for _, failures in cases.values())
    control, _ = count(context, context.builds.program("steps_control"), "pattern/quartic/short-quartic")
    unlimited = max(cost for cost, _ in control.values())
    figure = "; ".join(f"{kind}: at most {worst[kind][0]:,} instructions ({worst[kind][1].split('/', 1)[1]}), "
                       f"bound {bound[kind]:,}" for kind in ("find", "rows", "pattern"))
    return Outcome(
        f"{len(cases)} judgements of names up to 255 octets, {limited} patterns stopped at a limit; {figure}"
        f"{'; over the bound: ' + ', '.join(over) if over else ''}; control (limits off): {unlimited:,}",
        not over and len(worst) == 3 and limited > 0, unlimited > bound["pattern"])
