"""A day's traffic in one go: what must be flat meanwhile (memory, open files, threads), and where every
decision went. tests/bench/soak runs it long, the row SOAK short.
"""

import dataclasses
import itertools
import os
import pathlib
import random
import statistics
import subprocess
import threading
import time

from events_row import samples, spool_octets
from forms import COUNTER, NOBODY, OTHERS, Full
from harness import BLOCKED, SINKHOLE, Broken, Lab, Load, die_with_parent, died_of, tail, wait_generation, zones

SEED = 20261122
LINES = 20_000  # of questions, asked from the top again and again
WINDOW = 256  # questions that wait at once
STORM = 3 * WINDOW  # before all else, of new names: what Unbound needs for one that waits it keeps
WARM, WARM_SHORT = 0.25, 0.5  # of the rounds: until its caches are full, the resolver grows
SLOPE, SLOPE_SHORT = 0.01, 0.03  # RELIABILITY X2; and where a page more or less is as much as that
SEGMENT = 1 << 20  # the spool is bounded by what the policy says and the segment that is written
MIB = 1 << 20
KEEP = 4  # MiB
# Lives in the cache: short, so that what is asked often expires as often as in a day.
TTLS = (20, 10)
# Nothing is listed here, so each new name is resolved: signed, where the proof is of no use for another
# name (NSEC3), and unsigned.
ZONES = {"churn.net": ";lab: unsigned\n@ A 198.18.4.1\n* A 198.18.4.2\n* AAAA 2001:db8::4\n* TXT churned\n",
         "proof.net": ";lab: nsec3\n@ A 198.18.4.3\n*.w A 198.18.4.4\n"}
TYPES = ["A"] * 12 + ["AAAA"] * 5 + ["HTTPS"] * 2 + ["TXT", "MX", "NS", "SOA", "DS", "CAA", "SRV", "CNAME", "ANY"]
ERRORS = ("error", "warning", "fatal", "assert", "Sanitizer", "postshield: unexpected", "validation failure",
          "events are dropped")


def questions():
    """Shares of a hundred thousand: 5 in a hundred are blocked, 12 are of names never asked before."""
    pick = random.Random(SEED)
    popular = [f"n{i:05}.bulk.top" for i in (*range(200, 300), *range(340, 1000))]
    weights = [1 / (rank + 1) for rank in range(len(popular))]
    asked = iter(pick.choices(popular, weights, k=2 * LINES))
    groups = itertools.cycle([line for i in range(80) for line in Full.by_client(i)])
    answers = itertools.cycle([line for i in range(300) for line in Full.by_answer(i)])
    kinds = [
        (78_000, lambda: f"P {next(asked)} {pick.choice(TYPES)} {pick.choice(OTHERS)}"),
        (2_800, lambda: f"{pick.choice(BLOCKED)} {pick.choice(TYPES)} {pick.choice(OTHERS)}"),
        (500, lambda: f"{pick.choice(SINKHOLE)} {pick.choice(('A', 'AAAA'))} {pick.choice(OTHERS)}"),
        (200, lambda: f"X fresh.bulk.top A {pick.choice(OTHERS)}"),
        (2_500, lambda: next(groups)),  # of which half is blocked
        (1_600, lambda: next(answers)),  # likewise
        (8_000, lambda: f"W churn.net {pick.choice(('A', 'A', 'AAAA', 'TXT'))} {pick.choice(OTHERS)}"),
        (1_500, lambda: f"W w.proof.net A {pick.choice(OTHERS)}"),
        (1_500, lambda: f"N proof.net A {pick.choice((NOBODY, COUNTER))}"),
        (1_000, lambda: f"N com {pick.choice(('A', 'AAAA'))} {pick.choice(OTHERS)}"),
        (2_400, lambda: f"N bulk.top A {pick.choice(OTHERS)}"),
    ]
    return [make() for make in pick.choices([make for _, make in kinds], [share for share, _ in kinds], k=LINES)]


@dataclasses.dataclass
class Plan:
    queries: int
    rounds: int  # after each, all is looked at; and in each a new snapshot is taken
    names: int  # listed
    threads: int = 2
    rate: int = 0  # a second; 0: as fast as answers come
    small: bool = False  # caches that a short run fills
    bare: bool = False  # an Unbound without the module is asked the same, in turn: what grows there is not ours

    @property
    def slope(self):
        return SLOPE_SHORT if self.small else SLOPE

    @property
    def warm(self):
        return WARM_SHORT if self.small else WARM

    def config(self):
        sizes = ("1m", "2m") if self.small else ("16m", "32m")
        return {"msg-cache-size": sizes[0], "rrset-cache-size": sizes[1], "key-cache-size": "1m",
                "neg-cache-size": "1m", "infra-cache-numhosts": 1000, "so-rcvbuf": "4m",
                "prefetch": "yes", "serve-expired": "yes",
                "extended-statistics": "yes", "verbosity": 1}


@dataclasses.dataclass
class Sample:
    """Between two rounds, when nothing is under way."""

    queries: int
    memory: int  # resident octets of the resolver
    files: int  # open descriptors
    threads: int
    spool: int  # octets
    own_account: dict  # octets, by the resolver's own counting: mem.cache.rrset, mem.mod.dynlibmod ...
    reader_memory: int
    reader_files: int


def status(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    raise Broken(f"/proc/{pid}/status has no {key}")


def files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Reader:
    """`postshield events --follow` beside the resolver: counts the decisions that it is shown."""

    def __init__(self, context, state):
        program = context.builds.make("", "postshield") / "bin" / "postshield"
        self.process = subprocess.Popen(
            [str(program), "events", "--follow", "--tsv"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
            env={"POSTSHIELD_STATE": str(state), "PATH": "/usr/bin:/bin"})
        self.records = self.decisions = 0
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.records += 1
            self.decisions += int(line.split("\t")[2])

    def await_decisions(self, wanted, patience=30.0):
        """Until it has seen so many. It may see none that are not there, so it may also be too many."""
        end = time.monotonic() + patience
        while self.decisions < wanted and time.monotonic() < end:
            time.sleep(0.05)  # asked again, not hoped for
        time.sleep(0.6)  # longer than it sleeps: what should not be there has come by then

    def end(self):
        """What it complained of."""
        self.process.terminate()
        said = self.process.stderr.read()
        self.process.wait(30)
        self.thread.join(30)
        return said.strip()


class Watch:
    """The most that the spool has at any moment, looked at all the time."""

    def __init__(self, state):
        self.state = state
        self.most = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.ended.wait(0.1):
            self.most = max(self.most, spool_octets(self.state))

    def end(self):
        self.ended.set()
        self.thread.join()
        return self.most


def growth(values):
    """By how much a straight line through them rises from the first to the last, over their mean: the
    median of all slopes (Theil, Sen), so that one odd sample is none."""
    slopes = [(b - a) / (j - i) for (i, a), (j, b) in itertools.combinations(enumerate(values), 2)]
    return statistics.median(slopes) * (len(values) - 1) / statistics.mean(values) if slopes else 0.0


def climbs(values):
    """Do the last ones all lie above the first ones?"""
    part = max(1, len(values) // 4)
    return min(values[-part:]) > max(values[:part])


class Soak:
    def __init__(self, context, plan, module, say):
        self.context, self.plan, self.module, self.say = context, plan, module, say
        self.samples, self.loads, self.swaps = [], [], 0
        self.bare = []  # octets of the one without
        self.said = self.log = ""
        self.died = self.ended = None
        self.most = self.facts = self.reader = None
        self.seconds = 0.0

    def publish(self, unbound, generation):
        self.context.publish(Full.snapshot(self.context, generation, self.plan.names, f"{KEEP}MiB"), unbound.state)
        return wait_generation(unbound, generation, 60)

    def lab(self):
        sources, made = self.context.scratch("soak-sources"), self.context.scratch("soak-zones")
        for name, text in ZONES.items():
            (sources / f"{name}.zone").write_text(text, encoding="ascii")
        zones.sign_all(made, sources, ttls=TTLS)
        return Lab(self.context.scratch("soak"), self.context.builds.prefix(), zone_folder=made, zone_sources=(sources,))

    def sample(self, unbound):
        return Sample(sum(load["sent"] for load in self.loads), status(unbound.pid, "VmRSS") * 1024, files(unbound.pid),
                      status(unbound.pid, "Threads"), spool_octets(unbound.state),
                      {key: int(value) for key, value in unbound.stats().items() if key.startswith("mem.")},
                      status(self.reader.process.pid, "VmRSS") * 1024, files(self.reader.process.pid))

    def ask(self, unbound, asked, **how):
        return Load(self.context, unbound.port, asked, rate=self.plan.rate, **how)

    def storm(self, unbound):
        return self.ask(unbound, [f"W churn.net A {source}" for source in OTHERS], window=STORM,
                        count=20 * STORM).result(stop=False)

    def begin(self, unbound):
        """What comes once: the room for many that wait, and the files of the spool."""
        self.loads.append(self.storm(unbound))
        end = time.monotonic() + 60
        while self.reader.records == 0 and time.monotonic() < end:
            time.sleep(0.05)  # asked again, not hoped for

    def round(self, unbound, number, asked):
        load = self.ask(unbound, asked, window=WINDOW, count=self.plan.queries // self.plan.rounds)
        time.sleep(0.2)  # so that it is under way
        self.swaps += self.publish(unbound, number + 1)
        self.loads.append(load.result(stop=False))
        self.samples.append(self.sample(unbound))
        last = self.samples[-1]
        self.say(f"{last.queries:,} queries, {self.loads[-1]['rate']:,.0f} a second; {last.memory / MIB:.2f} MiB, "
                 f"{last.files} files, {last.threads} threads, spool {last.spool / MIB:.2f} MiB")

    def round_of_bare(self, bare, asked):
        self.ask(bare, asked, window=WINDOW, count=self.plan.queries // self.plan.rounds).result(stop=False)
        self.bare.append(status(bare.pid, "VmRSS") * 1024)

    def start_bare(self, lab):
        if not self.plan.bare:
            return None
        bare = lab.add_unbound("bare")
        bare.start(threads=self.plan.threads, config=self.plan.config())
        self.storm(bare)
        return bare

    def run(self):
        asked = questions()
        for generation in range(1, self.plan.rounds + 2):
            Full.snapshot(self.context, generation, self.plan.names, f"{KEEP}MiB")
        with self.lab() as lab:
            unbound = lab.unbound
            self.context.publish(Full.snapshot(self.context, 1, self.plan.names, f"{KEEP}MiB"), unbound.state)
            unbound.start(module=self.module, threads=self.plan.threads, config=self.plan.config())
            if not wait_generation(unbound, 1):
                raise Broken(f"the first snapshot was not taken: {unbound.complaint()}")
            bare = self.start_bare(lab)
            self.reader, watch = Reader(self.context, unbound.state), Watch(unbound.state)
            began = time.monotonic()
            try:
                self.begin(unbound)
                for number in range(1, self.plan.rounds + 1):
                    self.round(unbound, number, asked)
                    if bare:
                        self.round_of_bare(bare, asked)
                    if died_of(unbound):
                        break
                self.seconds = time.monotonic() - began
                self.died = died_of(unbound)
                self.ended = unbound.stop(60)
                self.facts = samples(unbound.state)
                self.reader.await_decisions(self.facts["events_total"] - self.facts["events_dropped_total"])
            finally:
                self.most = watch.end()
                self.said = self.reader.end()
            self.log = unbound.log()
        return self

    # --- what came of it ---

    def after_warmup(self, samples):
        return samples[max(1, int(len(samples) * self.plan.warm)) - 1:]

    def steady(self):
        return self.after_warmup(self.samples)

    def allowed(self):
        """By how much memory may grow."""
        return self.plan.slope + (max(0.0, growth(self.after_warmup(self.bare))) if self.bare else 0.0)

    def total(self, key):
        return sum(load[key] for load in self.loads)

    def by_kind(self):
        return {kind: sum(load["answered_by"][kind] for load in self.loads) for kind in self.loads[0]["answered_by"]}

    def errors(self):
        return [line for line in self.log.splitlines() if any(word.lower() in line.lower() for word in ERRORS)]

    def wrong_answers(self):
        first = next((load["first_wrong"] for load in self.loads if load["first_wrong"]), "")
        return [f"{self.total(key):,} answers {what} ({first})" for key, what in (
            ("lost", "never came"), ("failed", "were SERVFAIL"), ("wrong", "were wrong"), ("mixed", "of two generations"),
            ("backwards", "older than one before")) if self.total(key)]

    def grown(self):
        steady, found = self.steady(), []
        for what, key in (("the resolver's memory", "memory"), ("the reader's memory", "reader_memory")):
            by = growth([getattr(sample, key) for sample in steady])
            if by > self.allowed():
                found.append(f"{what} grew by {100 * by:.1f} %")
        for what, key in (("the resolver's open files", "files"), ("its threads", "threads"),
                          ("the reader's open files", "reader_files")):
            values = [getattr(sample, key) for sample in steady]
            if climbs(values):
                found.append(f"{what} grew from {values[0]} to {values[-1]}")
        return found

    def unaccounted(self):
        found = []
        total, dropped = int(self.facts["events_total"]), int(self.facts["events_dropped_total"])
        if self.reader.decisions + dropped != total:
            found.append(f"of {total:,} decisions {self.reader.decisions:,} in records, {dropped:,} counted as dropped")
        blocked = sum(self.by_kind()[kind] for kind in "BSX")
        if total < blocked:
            found.append(f"{blocked:,} were blocked by their names, and {total:,} decisions were noted")
        if self.most > KEEP * MIB + SEGMENT:
            found.append(f"the spool had {self.most:,} octets")
        return found

    def findings(self):
        """What is not as promised, but for what depends on time."""
        found = [*self.wrong_answers(), *self.grown(), *self.unaccounted()]
        if self.died or self.ended != 0:
            found.append(f"the resolver ended: {self.died or self.ended}")
        if self.swaps != self.plan.rounds:
            found.append(f"{self.swaps} of {self.plan.rounds} snapshots were taken")
        if self.errors():
            found.append(f"the log has {len(self.errors())} errors: {tail(self.errors()[0])}")
        if self.said:
            found.append(f"postshield events complains: {tail(self.said)}")
        return found

    def figures(self):
        steady, kinds = self.steady(), self.by_kind()
        return {
            "queries": self.total("sent"), "answered": self.total("answered"), "seconds": round(self.seconds, 1),
            "answered_by_kind": kinds, "blocked_share": sum(kinds[kind] for kind in "BCSX") / max(1, self.total("answered")),
            "lost": self.total("lost"), "servfail": self.total("failed"), "wrong": self.total("wrong"),
            "of_two_generations": self.total("mixed"), "out_of_order": self.total("backwards"),
            "swaps": self.swaps, "listed_names": self.plan.names,
            "memory_octets": {"first": self.samples[0].memory, "warm": steady[0].memory, "last": steady[-1].memory,
                              "least": min(s.memory for s in steady), "most": max(s.memory for s in steady),
                              "growth": growth([s.memory for s in steady])},
            "open_files": {"warm": steady[0].files, "last": steady[-1].files, "most": max(s.files for s in steady)},
            "threads": {"warm": steady[0].threads, "last": steady[-1].threads},
            "reader_memory_octets": {"warm": steady[0].reader_memory, "last": steady[-1].reader_memory,
                                     "growth": growth([s.reader_memory for s in steady])},
            "reader_open_files": {"warm": steady[0].reader_files, "last": steady[-1].reader_files},
            "spool_octets_most": self.most,
            "spool_segments_removed": int(self.facts["event_segments_removed_total"]),
            "decisions": int(self.facts["events_total"]), "decisions_in_records": self.reader.decisions,
            "records": self.reader.records, "decisions_dropped": int(self.facts["events_dropped_total"]),
            "growth_allowed": self.allowed(), "bare_memory_octets": self.bare,
            "bare_growth": growth(self.after_warmup(self.bare)) if self.bare else None, "log_errors": len(self.errors()),
            "samples": [dataclasses.asdict(sample) for sample in self.samples], "findings": self.findings()}
