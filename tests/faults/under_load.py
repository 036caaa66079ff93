"""M3, M5, M6: what happens to the snapshot file while questions flow. Each runs in both forms of forms.py."""

import contextlib
import os
import pathlib
import random
import statistics
import time

from forms import FORMS
from harness import Broken, Load, Outcome, died_of, flawless, generation, wait_generation, words


def in_each_form(row):
    """A row that runs in every form: held when each held, and the controls failed in each. row(context, form)
    gives an Outcome."""
    def run(context):
        outcomes = [(form, row(context, form)) for form in FORMS]
        return Outcome("; ".join(f"{form.title}: {outcome.figure}" for form, outcome in outcomes),
                       all(outcome.held for _, outcome in outcomes),
                       all(outcome.control_failed for _, outcome in outcomes))
    return run


# --- M3: the file ------------------------------------------------------------------------


def write_in_place(path, data, at=0):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(fd, data, at)
    finally:
        os.close(fd)


class Vandal:
    """Does to a snapshot file what editors, disks, scripts and people do."""

    def __init__(self, context, form, state, seed):
        self.context = context
        self.form = form
        self.path = pathlib.Path(state) / "snapshot.ps"
        self.state = pathlib.Path(state)
        self.random = random.Random(seed)
        self.good = form.snapshot(context, 1).read_bytes()
        self.acts = [self.truncate, self.truncate_to_nothing, self.truncate_to_header, self.grow, self.scribble,
                     self.zeros, self.halves, self.unlink, self.replace_cut, self.replace_garbage, self.replace_link,
                     self.replace_fifo, self.replace_folder]

    def somewhere(self):
        return self.random.randrange(1, len(self.good))

    def truncate(self):
        os.truncate(self.path, self.somewhere())

    def truncate_to_nothing(self):
        os.truncate(self.path, 0)

    def truncate_to_header(self):
        os.truncate(self.path, 512)

    def grow(self):
        with open(self.path, "ab") as file:
            file.write(b"\0" * self.random.choice([1, 64, 4096]))

    def scribble(self):
        for _ in range(20):
            write_in_place(self.path, self.random.randbytes(64), self.somewhere())

    def zeros(self):
        write_in_place(self.path, b"\0" * len(self.good))

    def halves(self):
        """A copy over it in place, seen half way."""
        other = self.form.snapshot(self.context, 1, 1900).read_bytes()
        write_in_place(self.path, other[: len(other) // 2])
        time.sleep(0.01)

    def unlink(self):
        self.path.unlink()

    def beside(self, data):
        beside = self.state / ".vandal"
        beside.write_bytes(data)
        os.rename(beside, self.path)

    def replace_cut(self):
        self.beside(self.good[: self.somewhere()])

    def replace_garbage(self):
        self.beside(self.random.randbytes(len(self.good)))

    def replace_link(self):
        self.path.unlink()
        self.path.symlink_to("snapshot.ps")

    def replace_fifo(self):
        self.path.unlink()
        os.mkfifo(self.path)

    def replace_folder(self):
        self.path.unlink()
        self.path.mkdir()

    def clear(self):
        if self.path.is_dir() and not self.path.is_symlink():
            self.path.rmdir()

    def round(self):
        self.clear()
        if not self.path.is_file():
            self.beside(self.good)
        self.random.choice(self.acts)()


def vandalise(context, form, module, rounds, seed):
    """The load's result, how often a good one was put back and taken, what the resolver died
    of, how many it refused, and what became of its events (a form's account())."""
    with context.lab() as lab:
        unbound = lab.unbound
        state = unbound.state
        context.publish(form.snapshot(context, 1), state)
        unbound.start(module=module, threads=2)
        if not wait_generation(unbound, 1):
            raise Broken(f"the first snapshot was not taken: {unbound.complaint()}")
        load = Load(context, unbound.port, form.questions(), rate=2000)
        vandal = Vandal(context, form, state, seed)
        current, restored = 1, 0
        for number in range(1, rounds + 1):
            vandal.round()
            time.sleep(vandal.random.choice([0.0, 0.005, 0.02, 0.05]))
            if not unbound.running:
                break
            if number % 6 == 0 or number == rounds:
                current += 1
                vandal.clear()
                context.publish(form.snapshot(context, current), state)
                if wait_generation(unbound, current, 5):
                    restored += 1
                vandal.good = form.snapshot(context, current).read_bytes()
        died = died_of(unbound)
        result = load.result()
        expected = current - 1
        unbound.stop()
        refused = unbound.log().count("postshield: snapshot refused")
        account = form.account(context, unbound) if died is None else ("", False)
    return result, restored, expected, died, refused, account


@in_each_form
def m3(context, form):
    rounds = 1000 if context.long else 60
    result, restored, expected, died, refused, (events, adds_up) = vandalise(
        context, form, context.builds.module(), rounds, seed=3)
    held = flawless(result) and died is None and restored == expected and refused > 0 and adds_up
    bad, _, _, bad_died, _, _ = vandalise(context, form, context.builds.module("m3_control"), 60, seed=3)
    return Outcome(
        f"{rounds} times damaged under {result['rate']:.0f} questions/s: {words(result)}; {refused} "
        f"files refused, {restored} of {expected} good ones taken, resolver {died or 'alive'}{events}; control (file "
        f"mapped): {bad_died or 'alive'}, {bad['wrong']} wrong, {bad['lost']} lost",
        held, bad_died is not None or not flawless(bad))


# --- M5: swaps ----------------------------------------------------------------------------

NAMES = 100000
QUICK_RATE = 8000
WINDOW = 2048  # questions that wait at once, at most


def memory_kib(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    raise Broken(f"/proc/{pid}/status has no {key}")


def forget_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def resident_kib(unbound):
    """Octets that the module holds for its snapshot, by its own counters."""
    for line in (unbound.state / "module.prom").read_text(encoding="ascii").splitlines():
        if line.startswith("postshield_snapshot_resident_bytes"):
            return float(line.split()[-1]) / 1024
    raise Broken("module.prom has no postshield_snapshot_resident_bytes")


def half_load(context, form, unbound):
    """Half of what it answers when asked as fast as it answers. The quick form asks no more than
    QUICK_RATE a second: it also runs where other programs take the processors away."""
    load = Load(context, unbound.port, form.questions(), seconds=2, rate=0, window=64)
    half = max(200, int(load.result(stop=False)["rate"] / 2))
    return half if context.long else min(half, QUICK_RATE)


def stretch(context, form, unbound, generations, rate, per_second, swaps):
    """One stretch of load, with the generations published evenly during it; or, with none, the
    same copying and asking beside it, so that the only difference is the swaps: the canary is
    asked when the next one is due, so once a swap, as without. Returns the load's result and how
    many of the generations were seen to serve."""
    load = Load(context, unbound.port, form.questions(), rate=rate, window=WINDOW)
    began = time.monotonic()
    decoy = context.folder / "decoy"
    decoy.mkdir(exist_ok=True)
    seen = 0
    for n in range(swaps):
        if generations:
            context.publish(form.snapshot(context, generations[n], NAMES), unbound.state)
        else:
            context.publish(form.snapshot(context, 2, NAMES), decoy)
        time.sleep(max(0.0, began + (n + 1) / per_second - time.monotonic()))
        if generations:
            seen += wait_generation(unbound, generations[n])
        else:
            generation(unbound)
    return load.result(), seen


def later(run, key="p999_us"):
    """How much longer the slowest thousandth of the answers took with swaps, in ms: the median
    over the pairs of stretches, each compared with its neighbour in time."""
    return statistics.median(busy[key] - still[key] for still, busy in zip(run["still"], run["busy"])) / 1000


def noise(run):
    """How far the stretches without swaps differ among themselves, in ms: the middle half."""
    first, _, third = statistics.quantiles([result["p999_us"] for result in run["still"]], n=4)
    return (third - first) / 1000


def allowed(context, run):
    """1 ms, or in the quick form, which does not hold it, what this machine does by itself,
    where that is more."""
    return 1.0 if context.long else max(1.0, noise(run))


@contextlib.contextmanager
def processors_apart(apart):
    """Gives (the resolver's processors, those of questions and copying): the last one is kept
    from the resolver, where there are two or more. Where both share them, "half load" is three
    quarters of the machine, and the slowest thousandth is made by their queue."""
    every = sorted(os.sched_getaffinity(0))
    if not apart or len(every) < 2:
        yield None
        return
    os.sched_setaffinity(0, every[-1:])  # and whatever is started from here on
    try:
        yield every[:-1]
    finally:
        os.sched_setaffinity(0, every)


def put_on(pid, processors):
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), processors)


def settle(context, form, unbound, rate, per_second, swaps):
    """Load until the resolver's own caches are full and it grows no more. They fill for a million
    questions and more (from 17 to 22 MiB without one swap), and it keeps the room that it once
    needed for as many questions as may wait; none of it is the module's."""
    Load(context, unbound.port, form.questions(), seconds=5, rate=0, window=WINDOW).result(stop=False)
    before, now = 0, memory_kib(unbound.pid, "VmRSS")
    for _ in range(20):
        if now <= before * 1.003:
            break
        stretch(context, form, unbound, [], rate, per_second, swaps)
        before, now = now, memory_kib(unbound.pid, "VmRSS")


def stretches(context, form, module, pairs, swaps, per_second):
    """Stretches without and with swaps by turns, on one resolver. Where other programs keep the
    machine busy the slowest thousandth is theirs: up to three times as many pairs are then run.
    Every stretch has the same generations, made before, so that making them is no part of it."""
    out = dict(still=[], busy=[], seen=0, wanted=0)
    generations = list(range(2, 2 + swaps))
    for each in generations:
        form.snapshot(context, each, NAMES)
    with context.lab() as lab, processors_apart(context.long) as processors:
        unbound = lab.unbound
        context.publish(form.snapshot(context, 1, 1000), unbound.state)
        unbound.start(module=module, threads=max(2, len(processors or ())), config={"so-rcvbuf": "8m"})
        if processors:
            put_on(unbound.pid, processors)
        if not wait_generation(unbound, 1):
            raise Broken(f"the first snapshot was not taken: {unbound.complaint()}")
        out["rate"] = half_load(context, form, unbound)
        if context.long:
            settle(context, form, unbound, out["rate"], per_second, swaps)
        while len(out["busy"]) < pairs or (context.long and later(out) > allowed(context, out)
                                           and len(out["busy"]) < 3 * pairs):
            context.publish(form.snapshot(context, 1, 1000), unbound.state)
            if not wait_generation(unbound, 1):
                raise Broken(f"the first snapshot was not taken again: {unbound.complaint()}")
            out["still"].append(stretch(context, form, unbound, [], out["rate"], per_second, swaps)[0])
            if not out["busy"]:
                out["empty"] = memory_kib(unbound.pid, "VmRSS")
                forget_peak(unbound.pid)
            result, taken = stretch(context, form, unbound, generations, out["rate"], per_second, swaps)
            out["busy"].append(result)
            out["seen"] += taken
            out["wanted"] += swaps
        out["peak"] = memory_kib(unbound.pid, "VmHWM")
        time.sleep(1.2)  # the counters file is written once a second
        out["snapshot"] = resident_kib(unbound)
        out["died"] = died_of(unbound)
        unbound.stop()
        out["events"], out["adds_up"] = form.account(context, unbound) if out["died"] is None else ("", False)
    return out


def memory_bound(run):
    return (run["empty"] + 2 * run["snapshot"]) * 1.05


def slow_readers(context, form, name, swaps):
    """Swaps under workers that sleep in the middle of a judgement, under AddressSanitizer."""
    with context.lab("address") as lab:
        unbound = lab.unbound
        context.publish(form.snapshot(context, 1), unbound.state)
        unbound.start(module=context.builds.module(name, "address"), threads=4)
        if not wait_generation(unbound, 1):
            raise Broken(f"the first snapshot was not taken: {unbound.complaint()}")
        load = Load(context, unbound.port, [q for q in form.questions() if q[0] != "P"], rate=600, window=64)
        for number in range(2, 2 + swaps):
            context.publish(form.snapshot(context, number), unbound.state)
            if not wait_generation(unbound, number, 5):
                break
        died = died_of(unbound)
        result = load.result()
        unbound.stop()
        return result, died, unbound.sanitizer_reports()


def p999(results):
    return statistics.median(result["p999_us"] for result in results) / 1000


def sums(results):
    total = {key: sum(result[key] for result in results)
             for key in ("sent", "answered", "lost", "failed", "wrong", "mixed", "backwards")}
    total["first_wrong"] = next((r["first_wrong"] for r in results if r["first_wrong"]), "")
    return total


@in_each_form
def m5(context, form):
    pairs, swaps, per_second = (40, 250, 20.0) if context.long else (4, 25, 10.0)
    run = stretches(context, form, context.builds.module(), pairs, swaps, per_second)
    total, bound, limit = sums(run["still"] + run["busy"]), memory_bound(run), allowed(context, run)
    late = "" if later(run) <= limit else ": NOT KEPT" + ("" if context.long else ", which the quick form does not hold")
    slow, slow_died, slow_reports = slow_readers(context, form, "m5_slow", 20)
    held = (flawless(total) and run["seen"] == run["wanted"] and run["died"] is None and run["adds_up"]
            and run["peak"] <= bound
            # Shown in the quick form, which stands in tests/run beside whatever else the machine
            # does; held in the long one, which is for a quiet machine.
            and (later(run) <= limit or not context.long)
            and flawless(slow) and not slow_died and not slow_reports)
    unmarked, unmarked_died, unmarked_reports = slow_readers(context, form, "m5_control", 20)
    leak = stretches(context, form, context.builds.module("m5_leak"), 2, 10, per_second)
    caught = bool(unmarked_reports or unmarked_died or not flawless(unmarked))
    return Outcome(
        f"{run['seen']} of {run['wanted']} swaps of {NAMES:,} names at {run['rate']} questions/s "
        f"({'half load' if context.long else 'at most half load'}): {words(total)}; p99.9 "
        f"{p999(run['still']):.2f} ms without, {p999(run['busy']):.2f} ms with swaps (medians of {len(run['busy'])} "
        f"stretches each), by neighbours {later(run):+.2f} ms, allowed {limit:.2f}"
        f"{late} (of answers that need no other server {later(run, 'own_p999_us'):+.2f}); memory peak "
        f"{run['peak'] / 1024:.1f} MiB, bound {bound / 1024:.1f} (without names {run['empty'] / 1024:.1f}, a snapshot "
        f"{run['snapshot'] / 1024:.1f}){run['events']}; 20 swaps under readers that sleep, ASan: {len(slow_reports)} reports, "
        f"{words(slow)}; controls: freed at once: {(unmarked_reports or [unmarked_died or 'nothing'])[0][:80]}; "
        f"leaked: peak {leak['peak'] / 1024:.1f} MiB over {memory_bound(leak) / 1024:.1f}",
        held, caught and leak["peak"] > memory_bound(leak))


# --- M6: ThreadSanitizer --------------------------------------------------------------------


def races(unbound, module):
    """(headlines of reports with the module in one of their stacks, how many there are without).
    What two threads of Unbound do to each other is not ours; what a thread of ours does to
    Unbound's data has a frame of ours in it. A stack that was lost counts as ours."""
    ours, others = [], 0
    for report in unbound.log().split("==================\n"):
        if "WARNING: ThreadSanitizer" not in report:
            continue
        if module.name in report or "failed to restore the stack" in report:
            ours += [line for line in report.splitlines() if line.startswith("SUMMARY")] or ["a report without summary"]
        else:
            others += 1
    return ours, others


def watched_by_tsan(context, form, name, recursions, swaps):
    module = context.builds.module(name, "thread")
    with context.lab("thread") as lab:
        unbound = lab.unbound
        context.publish(form.snapshot(context, 1), unbound.state)
        unbound.start(module=module, threads=4, deadline=60)
        if not wait_generation(unbound, 1, 30):
            raise Broken(f"the first snapshot was not taken: {unbound.complaint()}")
        load = Load(context, unbound.port, form.recursions(), rate=0, window=48)
        number, done, end = 1, 0.0, time.monotonic() + (3600 if context.long else 150)
        while unbound.running and time.monotonic() < end:
            if number <= swaps:
                number += 1
                context.publish(form.snapshot(context, number), unbound.state)
                if not wait_generation(unbound, number, 20):
                    break
                if number % 10 == 0:
                    unbound.control("reload_keep_cache" if number % 20 == 0 else "stats_noreset", check=False)
            done = unbound.stats()["total.num.recursivereplies"]
            if number > swaps and done >= recursions:
                break
            time.sleep(0.05)
        result = load.result()
        seen = number - 1
        unbound.stop(60)
        return result, done, seen, *races(unbound, module)


@in_each_form
def m6(context, form):
    recursions, swaps = (30000, 100) if context.long else (3000, 20)
    result, done, seen, reports, others = watched_by_tsan(context, form, "postshield", recursions, swaps)
    *_, planted, _ = watched_by_tsan(context, form, "m6_control", 300, 2)
    return Outcome(
        f"{done:,.0f} recursions by 4 threads, {seen} swaps under TSan: {len(reports)} reports"
        f"{' (' + reports[0][:120] + ')' if reports else ''}, {others} of Unbound alone; {words(result)}; "
        f"control (a plain counter): {len(planted)} reports",
        not reports and done >= recursions and seen == swaps
        # What waits when Unbound reloads is never answered.
        and flawless({**result, "lost": 0}),
        bool(planted))

