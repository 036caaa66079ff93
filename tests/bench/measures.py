"""What is measured of the programs, one function a figure."""

import contextlib
import statistics
import time

import tools

NOERROR, NXDOMAIN = 0, 3
LONGEST_RELOAD = 900  # seconds
PAIRS = [("cached", False), ("cached_edns", True), ("blocked", False), ("blocked_edns", True)]
FRESH = ("uncached", "uncached_signed")
CPU_KINDS = ("cached", "blocked", "uncached")
FRESH_WINDOW = 8  # in flight at once where time is measured: so few that none is lost
FRESH_WARM = 300


class Plan:
    """How much of everything: the whole, or --quick, which is for trying out."""

    def __init__(self, quick):
        self.quick = quick
        self.instruction_queries = 5000 if quick else 20000  # and once more twice as many
        self.cpu_rounds = 3 if quick else 9
        self.cpu_queries = 20000 if quick else 100000
        # Uncached ones: the same, of a name each; under callgrind n and 2n of them, so many times.
        # Before that so many that Unbound's tables (4 of 1,024 places each, twice as many when they are
        # full) are as large as they get: what moving a table costs is no answer's.
        self.fresh_tries = 3
        self.fresh_queries = {"uncached": 400 if quick else 1000, "uncached_signed": 120 if quick else 400}
        self.fresh_first = 8000 if quick else 16800
        self.fresh_cpu_queries = 2000 if quick else 10000
        self.starts = 1 if quick else 3
        self.swaps = 2 if quick else 6
        self.rate = 5000
        self.window_seconds = 3 if quick else 5

    def fresh(self):
        """How many names must be there that nobody has asked for, by kind of answer; with some to
        spare, see Names.leave_out()."""
        counted = {what: FRESH_WARM + 3 * n * self.fresh_tries for what, n in self.fresh_queries.items()}
        timed = FRESH_WARM + self.cpu_rounds * self.fresh_cpu_queries
        return (max(counted["uncached"] + self.fresh_first, timed) * 11 // 10,
                counted["uncached_signed"] * 11 // 10)


def ask(loader, program, what, queries, **how):
    """Queries of one kind, all of which must be answered as that kind is."""
    if what in FRESH:
        fresh = program.names.fresh[what]
        return loader.count(program.port, fresh.path, queries, rcode=NOERROR,
                            first=program.take_fresh(what, queries), **how)
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
        ask(loader, program, "uncached", plan.fresh_first, window=FRESH_WINDOW)
        callgrind.begin(program.pid)
        for what, edns in PAIRS:
            if not program.blocks and what.startswith("blocked"):
                continue
            ask(loader, program, what, 1000, edns=edns)
            once, twice = (
                callgrind.count(ask, loader, program, what, queries, edns=edns)
                for queries in (n, 2 * n))
            found[what] = (twice - once) / n
        for what in FRESH:
            found[what] = uncached_instructions(loader, program, plan, callgrind, what)
    finally:
        program.stop()
    return found


def uncached_instructions(loader, program, plan, callgrind, what):
    """Each name is asked for once and never again, one at a time, and the way to its zone is known
    by then: so every question is one question to the authority, and one answer stored. (Where
    instead nothing may stay in the cache, what a question finds there of the ones before hangs on
    how many fall into one second: TTLs are counted in those.) Median of the tries."""
    ask(loader, program, what, FRESH_WARM, window=1)
    n, found = plan.fresh_queries[what], []
    for _ in range(plan.fresh_tries):
        once, twice = (callgrind.count(ask, loader, program, what, queries, window=1)
                       for queries in (n, 2 * n))
        found.append((twice - once) / n)
    return statistics.median(found)


# --- CPU time -------------------------------------------------------------------------


def cpu(loader, programs, plan, kinds):
    """Microseconds of the server's CPU a query, [round, ...] by program and kind; the
    programs take turns within each round, so that what the machine does besides hits all."""
    found = {(p.key, what): [] for p in programs for what in kinds}
    for _ in range(plan.cpu_rounds):
        for what in kinds:
            fresh = what in FRESH
            queries = plan.fresh_cpu_queries if fresh else plan.cpu_queries
            how = {"window": FRESH_WINDOW} if fresh else {}
            for program in programs:
                if what == "blocked" and not program.blocks:
                    continue
                before = tools.cpu_seconds(program.pid)
                ask(loader, program, what, queries, **how)
                used = tools.cpu_seconds(program.pid) - before
                found[program.key, what].append(used / queries * 1e6)
    return found


def cpu_ratios(found, key, what, base="bare"):
    """Each round's CPU time over the base's in the same round, of an uncached answer or else of a
    cached one: (median, least, most)."""
    rounds = found.get((key, what))
    if not rounds:
        return None
    below = found[base, "uncached" if what == "uncached" else "cached"]
    ratios = [mine / bare for mine, bare in zip(rounds, below)]
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


def events(postshield):
    """What was kept of the blocked answers: (records, octets of the spool)."""
    return postshield.prom("event_records_total"), postshield.prom("event_spool_bytes")


def measure(loader, programs, plan, output):
    """Everything about one size. programs: those that can run on this machine, bare, PostShield and
    more. Returns raw facts, which report.py puts into words."""
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
        facts["cpu_us"] = cpu(loader, programs, plan, ("cached", "blocked"))
        tools.say(f"gaps, {plan.swaps} swaps")
        facts["windows"], facts["activation_ms"], facts["swap_peak"] = gaps(loader, by_key, plan)
        # After these, since it leaves caches full of names.
        tools.say(f"CPU time of uncached answers, {plan.cpu_rounds} rounds")
        for program in programs:
            warm(loader, program)
            ask(loader, program, "uncached", FRESH_WARM, window=1)
        facts["cpu_us"].update(cpu(loader, programs, plan, ("uncached",)))
        facts["events"] = events(by_key["postshield"])
    finally:
        for program in programs:
            with contextlib.suppress(OSError):
                program.stop()
    for program in programs:
        facts["instructions"][program.key] = {}
        if not can_count(program):
            continue
        tools.say(f"{program.title}: instructions")
        facts["instructions"][program.key] = instructions(
            loader, program, plan, output / f"callgrind.{program.key}.{program.names.count}")
    return facts


def can_count(program):
    """An RPZ of millions of names takes hours to load under valgrind. BIND and PowerDNS share a
    query among threads, or switch stacks: their instructions are not one thread's."""
    return program.is_unbound and (program.key != "unbound_rpz" or program.names.count <= 2_000_000)
