"""SOAK: tests/bench/soak in its short form, and that it finds what is left in for it."""

import soaking
from harness import Outcome


def soak(context):
    plan = soaking.Plan(2_000_000 if context.long else 200_000, 20, 20_000, small=True)
    short = soaking.Plan(40_000, 20, 20_000, small=True)
    run = soaking.Soak(context, plan, context.builds.module(), context.say).run()
    leak = soaking.Soak(context, short, context.builds.module("m5_leak"), context.say).run()
    uncounted = soaking.Soak(context, short, context.builds.module("m9_uncounted"), context.say).run()
    figures = run.figures()
    memory = figures["memory_octets"]
    text = (f"{figures['queries']:,} queries, {100 * figures['blocked_share']:.1f} % blocked, {figures['swaps']} swaps: "
            f"memory {100 * memory['growth']:+.2f} % over {len(run.steady())} looks when warm "
            f"({memory['warm'] / soaking.MIB:.1f} to {memory['last'] / soaking.MIB:.1f} MiB), open files "
            f"{figures['open_files']['warm']} to {figures['open_files']['last']}, threads {figures['threads']['last']}, "
            f"spool at most {figures['spool_octets_most']:,} octets, {figures['decisions']:,} decisions = "
            f"{figures['decisions_in_records']:,} in records + {figures['decisions_dropped']:,} dropped and counted")
    if figures["findings"]:
        text += "; WRONG: " + "; ".join(figures["findings"])
    found = {"leak": [each for each in leak.findings() if "resolver's memory" in each],
             "uncounted": [each for each in uncounted.findings() if "decisions" in each]}
    text += "; controls: " + "; ".join(f"{what}: {(them or ['nothing found'])[0]}" for what, them in found.items())
    return Outcome(text, not figures["findings"], all(found.values()))
