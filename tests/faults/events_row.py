"""M9: a flood of names under a blocked zone, and what is kept of it."""

import pathlib
import re
import statistics
import subprocess
import time

from harness import PASSES, Broken, Load, NoAnswer, Outcome, flawless, tail, wait_generation, words

OCTETS_A_MINUTE = 1_000_000
RECORDS_A_SECOND = 1_000
HEADER = 64
# Every name is of the same length, so every record is, and the spool's octets tell their number.
FLOOD = [f"S parcel-{number:06}.flood{number % 7}.top" for number in range(150_000)]
RECORD = 136
# What else is blocked meanwhile, one at a time: by the feed, and by the flood's own rule elsewhere.
RARE = [name for number in range(200) for name in (f"x{number:07}.listed.top", f"parcel-9{number:05}.rare{number}.com")]


def spool_octets(state):
    total = 0
    for path in (pathlib.Path(state) / "events").glob("*.pse"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def samples(state):
    text = (pathlib.Path(state) / "module.prom").read_text(encoding="ascii")
    return {name: float(value) for name, value in re.findall(r"^postshield_(\S+) (\S+)$", text, re.M)}


def watch(unbound, load, seconds):
    """[(when, octets that the spool has)] while it floods, and the rare names that were asked, one every
    half a second."""
    state, seen, asked = unbound.state, [], []
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        if time.monotonic() - start > (1 + len(asked)) / 2 and len(asked) < len(RARE):
            asked.append(RARE[len(asked)])
            try:
                unbound.query(asked[-1])
            except NoAnswer:
                asked.pop()  # a socket that the flood filled; it is asked again
        before = time.monotonic()
        octets = spool_octets(state)
        # Written at the latest when the look ended, and at the earliest when the last one began.
        seen.append((before, time.monotonic(), octets))
        time.sleep(0.02)
        if load.process.poll() is not None:
            raise Broken(f"faults_load ended: {tail(load.process.stderr.read())}")
    return seen, asked


def worst(seen, span):
    """The most octets written in any stretch of at most so many seconds."""
    most, first = 0, 0
    for began, ended, octets in seen:
        while ended - seen[first][0] > span:
            first += 1
        most = max(most, octets - seen[first][2])
        del began
    return most


def read_events(context, state):
    """(records, decisions, names that have a record of their own, decisions in records of many names) that
    postshield events shows."""
    program = context.builds.make("", "postshield") / "bin" / "postshield"
    done = subprocess.run([str(program), "events", "--tsv"], capture_output=True, text=True, check=False,
                          env={"POSTSHIELD_STATE": str(state), "PATH": "/usr/bin:/bin"}, timeout=300)
    if done.returncode != 0:
        raise Broken(f"postshield events ended with {done.returncode}: {tail(done.stderr)}")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    own = {row[3] for row in rows if row[21] == "name"}
    return len(rows), sum(int(row[2]) for row in rows), own, sum(int(row[2]) for row in rows if row[21] == "subtree")


def flood(context, module, seconds):
    """What is wrong, as words; and a figure."""
    with context.lab() as lab:
        unbound = lab.unbound
        state = unbound.state
        context.publish(context.snapshot(1), state)
        unbound.start(module=module, threads=2)
        if not wait_generation(unbound, 1):
            raise Broken(f"the first snapshot was not taken: {unbound.complaint()}")
        load = Load(context, unbound.port, FLOOD, seconds=seconds + 30, rate=10_000, window=100)
        seen, asked = watch(unbound, load, seconds)
        result = load.result()
        unbound.stop()
        facts = samples(state)
        records, decisions, own, many = read_events(context, state)
    minute, second = worst(seen, 60), worst(seen, 1) / RECORD
    total = int(facts["events_total"])
    dropped = int(facts["events_dropped_total"])
    wrong = []
    if not flawless(result):
        wrong.append("answers: " + words(result))
    if minute > OCTETS_A_MINUTE:
        wrong.append(f"{minute:,} octets in a minute")
    if second > RECORDS_A_SECOND:
        wrong.append(f"{second:,.0f} records in a second")
    if decisions + dropped != total:
        wrong.append(f"{total:,} decisions, {decisions:,} in records, {dropped:,} counted as dropped")
    if total < result["answered"] or records == 0 or records > total / 10:
        wrong.append(f"no flood: {total:,} decisions, {records:,} records, {dropped:,} dropped")
    lost = [name for name in asked if name not in own]
    if lost or not asked:
        wrong.append(f"of {len(asked)} rare names {len(lost)} lost in the flood")
    figure = (f"{seconds} s of {result['answered'] / seconds:,.0f} blocked names a second: {total:,} decisions = "
              f"{decisions:,} in {records:,} records ({many:,} of them in those of many names) + {dropped:,} dropped "
              f"and counted; at most {minute:,} octets a minute and {second:,.0f} records a second; each of "
              f"{len(asked)} rare names has its own")
    return wrong, figure


def others(context, module, seconds):
    """Cached names answered a second while it floods."""
    with context.lab() as lab:
        unbound = lab.unbound
        context.publish(context.snapshot(1), unbound.state)
        unbound.start(module=module, threads=2)
        if not wait_generation(unbound, 1):
            raise Broken(f"the first snapshot was not taken: {unbound.complaint()}")
        Load(context, unbound.port, PASSES, seconds=1, rate=2_000).result(stop=False)
        storm = Load(context, unbound.port, FLOOD, seconds=seconds + 30, rate=5_000, window=100)
        result = Load(context, unbound.port, PASSES, seconds=seconds, rate=0, window=64).result(stop=False)
        stormed = storm.result()
        unbound.stop()
    # As fast as it can: what a full socket loses is asked again by nobody, and is not the point.
    if any(each[what] for each in (result, stormed) for what in ("failed", "wrong", "mixed", "backwards")):
        raise Broken(f"answers: {words(result)}; {words(stormed)}")
    return result["answered"] / seconds


def slower(context, rounds, seconds):
    """How much slower other queries are than where no events are kept, in percent: the median of
    interleaved pairs, and their spread."""
    kept, silent = context.builds.module(), context.builds.module("m9_silent")
    shares = []
    for number in range(rounds):
        order = (kept, silent) if number % 2 else (silent, kept)
        rates = {module: others(context, module, seconds) for module in order}
        shares.append(100 * (rates[silent] / rates[kept] - 1))
    return statistics.median(shares), max(shares) - min(shares)


def m9(context):
    wrong, figure = flood(context, context.builds.module(), 60 if context.long else 10)
    percent, spread = slower(context, *((9, 10) if context.long else (2, 2)))
    figure += f"; other queries {percent:+.1f} % slower (spread {spread:.1f})"
    if context.long and percent > 5:
        wrong.append("other queries are over 5 % slower")
    if wrong:
        figure += "; WRONG: " + "; ".join(wrong)
    uncounted, _ = flood(context, context.builds.module("m9_uncounted"), 3)
    unbounded, _ = flood(context, context.builds.module("m9_unbounded"), 12)
    unfair, _ = flood(context, context.builds.module("m9_unfair"), 5)
    failed = (any("counted as dropped" in each for each in uncounted) and
              any("octets in a minute" in each for each in unbounded) and
              any("lost in the flood" in each for each in unfair))
    return Outcome(figure, not wrong, failed)
