"""What is measured of the three programs, one function a figure."""

import contextlib
import statistics
import time

import tools

NOERROR, NXDOMAIN = 0, 3
LONGEST_RELOAD = 900  # seconds
PAIRS = [("cached", False), ("cached_edns", True), ("blocked", False), ("blocked_edns", True)]


class Plan:
    """How much of everything: the whole, or --quick, which is for trying out."""

    def __init__(self, quick):
        self.quick = quick
        self.instruction_queries = 5000 if quick else 20000  # and once more twice as many
        self.cpu_rounds = 3 if quick else 9
        self.cpu_queries = 20000 if quick else 100000
        self.starts = 1 if quick else 3
        self.swaps = 2 if quick else 6
        self.rate = 5000
        self.window_seconds = 3 if quick else 5


def ask(loader, program, what, queries, **how):
    """Queries of one kind, all of which must be answered as that kind is."""
    if what.startswith("cached"):
        return loader.count(program.port, program.names.popular, queries, rcode=NOERROR, **how)
    return loader.count(program.port, program.names.sample, queries, rcode=NXDOMAIN, **how)


def warm(loader, program):
    """Resolves the popular names, so that they are cached; then a little of everything."""
    loader.count(program.port, program.names.popular, 1000, rcode=NOERROR, window=4)
    for what, edns in PAIRS:
        if program.blocks or what.startswith("cached"):
            ask(loader, program, what, 2000, edns=edns)


# --- instructions ---------------------------------------------------------------------


def instructions(loader, program, plan, output):
    """Instructions a query, by kind of query. Two runs with n and 2n queries; their
    difference holds nothing but queries."""
    callgrind = tools.Callgrind(output)
    program.start(wrap=callgrind.wrap)
    n = plan.instruction_queries
    found = {}
    try:
        warm(loader, program)
        callgrind.begin(program.pid)
        for what, edns in PAIRS:
            if not program.blocks and what.startswith("blocked"):
                continue
            ask(loader, program, what, 1000, edns=edns)
            once, twice = (
                callgrind.count(ask, loader, program, what, queries, edns=edns)
                for queries in (n, 2 * n))
            found[what] = (twice - once) / n
    finally:
        program.stop()
    return found


# --- CPU time -------------------------------------------------------------------------


def cpu(loader, programs, plan):
    """Microseconds of the server's CPU a query, [round, ...] by program and kind; the
    programs take turns within each round, so that what the machine does besides hits all."""
    found = {(p.key, what): [] for p in programs for what in ("cached", "blocked")}
    for _ in range(plan.cpu_rounds):
        for what in ("cached", "blocked"):
            for program in programs:
                if what == "blocked" and not program.blocks:
                    continue
                before = tools.cpu_seconds(program.pid)
                ask(loader, program, what, plan.cpu_queries)
                used = tools.cpu_seconds(program.pid) - before
                found[program.key, what].append(used / plan.cpu_queries * 1e6)
    return found


def cpu_ratios(found, key, what):
    """Each round's CPU time over bare's cached one in the same round: (median, least, most)."""
    rounds = found.get((key, what))
    if not rounds:
        return None
    ratios = [mine / bare for mine, bare in zip(rounds, found["bare", "cached"])]
    return statistics.median(ratios), min(ratios), max(ratios)


# --- start, memory --------------------------------------------------------------------


def starts(program, count):
    """Milliseconds from exec to the first answer: the median of so many starts, or of one where
    that takes a minute. It runs afterwards."""
    times = []
    while len(times) < count and max(times, default=0) < 60_000:
        program.stop()
        times.append(program.start())
    return statistics.median(times)


# --- gaps -----------------------------------------------------------------------------


class Window:
    """A stretch of steady load and what happened in it."""

    def __init__(self, facts, renewed_at_ms):
        self.gap_ms = facts["longest_gap_ms"]
        self.gap_at_ms = facts["gap_at_ms"]
        self.send_gap_ms = facts["longest_send_gap_ms"]
        self.delay_ms = facts["delay_ms"]
        self.lost = facts["sent"] - facts["answered"]
        self.bins = facts["bins"]
        self.bin_ms = facts["bin_ms"]
        self.renewed_at_ms = renewed_at_ms

    def facts(self):
        return {"longest_gap_ms": self.gap_ms, "longest_send_gap_ms": self.send_gap_ms,
                "lost": self.lost, "delay_ms": self.delay_ms}


def window(loader, program, plan, renew):
    """Half cached, half listed names at a steady rate (bare: only cached ones); after a second,
    if renew says so, the program takes a new list. Ends two seconds after it has, at the earliest
    when the window is over."""
    also = program.names.sample if program.blocks else program.names.popular
    renewed_at = process = None
    seconds = LONGEST_RELOAD if program.slow_renewal and renew else plan.window_seconds
    if renew:
        program.prepare_renewal()
    with loader.pace(program.port, program.names.popular, also, plan.rate, seconds) as facts:
        if renew:
            time.sleep(1)
            renewed_at = (time.time_ns() - facts["began"]) / 1e6
            process = program.renew()
        if process:
            process.wait()
        if program.slow_renewal and renew:
            time.sleep(2)
            facts["stop"]()
    return Window(facts, renewed_at)


def gaps(loader, programs, plan):
    """Windows by program key: bare without a reload and PostShield with a swap by turns, then an
    RPZ reload (which takes as long as its start did), and bare's own reload."""
    bare, postshield = programs["bare"], programs["postshield"]
    rpz = programs.get("unbound_rpz")
    found = {"bare": [], "postshield": [], "unbound_rpz": [], "bare_reload": []}
    activations = []
    peak = 0
    for _ in range(plan.swaps):
        found["bare"].append(window(loader, bare, plan, renew=False))
        before = postshield.prom("snapshot_generation")
        tools.forget_peak(postshield.pid)
        found["postshield"].append(window(loader, postshield, plan, renew=True))
        postshield.await_generation(before)
        peak = max(peak, tools.memory(postshield.pid, "VmHWM"))
        activations.append(postshield.prom("snapshot_activation_seconds") * 1000)
    if rpz:
        found["unbound_rpz"].append(window(loader, rpz, plan, renew=True))
    found["bare_reload"].append(window(loader, bare, plan, renew=True))
    return found, activations, peak


# --- all of one size ------------------------------------------------------------------


def measure(loader, programs, plan, output):
    """Everything about one size. programs: those of the three that can run on this machine.
    Returns raw facts, which report.py puts into words."""
    by_key = {program.key: program for program in programs}
    facts = {"prepared": {}, "start_ms": {}, "memory": {}, "instructions": {}}
    try:
        for program in programs:
            tools.say(f"{program.title}: start")
            facts["prepared"][program.key] = program.prepare()
            facts["start_ms"][program.key] = starts(program, plan.starts)
            program.check()
            warm(loader, program)
            facts["memory"][program.key] = tools.memory(program.pid)
        tools.say(f"CPU time, {plan.cpu_rounds} rounds")
        facts["cpu_us"] = cpu(loader, programs, plan)
        tools.say(f"gaps, {plan.swaps} swaps")
        facts["windows"], facts["activation_ms"], facts["swap_peak"] = gaps(loader, by_key, plan)
    finally:
        for program in programs:
            with contextlib.suppress(OSError):
                program.stop()
    for program in programs:
        tools.say(f"{program.title}: instructions")
        if not can_count(program):
            facts["instructions"][program.key] = {}
            continue
        facts["instructions"][program.key] = instructions(
            loader, program, plan, output / f"callgrind.{program.key}.{program.names.count}")
    return facts


def can_count(program):
    """An RPZ of millions of names takes hours to load under valgrind."""
    return program.key != "unbound_rpz" or program.names.count <= 2_000_000
