"""M7: the n-th allocation fails, for every n, at init, at the first query, in a swap, in a query."""

import mmap
import struct
import time

from harness import Broken, NoAnswer, Outcome, died_of, generation, wait_generation

NEVER = 0


class Faults:
    """The file that nthmalloc.so maps: which allocation fails."""

    def __init__(self, context, module):
        self.path = context.scratch("nth") / "control"
        self.path.write_bytes(bytes(32))
        library = context.builds.make("", "faults_nthmalloc") / "tests" / "faults" / "nthmalloc.so"
        self.env = {"LD_PRELOAD": str(library), "PS_NTH_CONTROL": str(self.path), "PS_NTH_MODULE": module.name}
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 32)

    def arm(self, nth, mode=1):
        self.map[8:32] = struct.pack("<3Q", nth, 0, 0)
        self.map[0:8] = struct.pack("<Q", mode)

    def disarm(self):
        """(allocations seen, of these failed) since arm()."""
        self.map[0:8] = bytes(8)
        return struct.unpack("<2Q", self.map[16:32])

    @property
    def seen(self):
        return struct.unpack("<Q", self.map[16:24])[0]


def short(unbound, name, rdtype="A", timeout=1.0):
    try:
        return unbound.query(name, rdtype, timeout=timeout).short
    except NoAnswer:
        return "nothing"


def resolves(unbound):
    return short(unbound, "n00200.bulk.top", timeout=5).startswith("NOERROR 198.18.")


def blocks(unbound):
    return short(unbound, "n00000.bulk.top", timeout=5) == "NXDOMAIN"


class Phase:
    """What was found in one phase: how many n there were, and what went wrong."""

    def __init__(self, name):
        self.name, self.tried, self.wrong = name, 0, []

    def check(self, n, holds, what):
        if not holds:
            self.wrong.append(f"{self.name}, n={n}: {what}")

    def __str__(self):
        return f"{self.name} {self.tried}"


def swap_works(context, unbound, number):
    context.publish(context.snapshot(number, 500), unbound.state)
    return wait_generation(unbound, number, 5)


def in_swap(context, module, stop_at_first=False):
    """A swap for every n, until one needs fewer allocations than n; then the same with the
    n-th and all after it."""
    phase, faults = Phase("swap"), Faults(context, module)
    with context.lab() as lab:
        unbound = lab.unbound
        context.publish(context.snapshot(1, 500), unbound.state)
        unbound.start(module=module, env=faults.env)
        if not swap_works(context, unbound, 2) or not resolves(unbound):
            raise Broken(f"the first snapshots were not taken: {unbound.complaint()}")
        number = 2
        for mode, step in ((1, 1), (2, 1 if context.long else 7)):
            n = 1
            while unbound.running:
                number += 1
                refused = unbound.log().count("snapshot refused")
                faults.arm(n, mode)
                context.publish(context.snapshot(number, 500), unbound.state)
                end = time.monotonic() + 3
                while (unbound.running and time.monotonic() < end and generation(unbound) != number
                       and unbound.log().count("snapshot refused") == refused):
                    time.sleep(0.002)
                time.sleep(0.02)  # the rest of the swap: the cache, the counters, the old one
                _, failed = faults.disarm()
                phase.tried += 1
                phase.check(n, unbound.running, f"ended by {died_of(unbound)}")
                if not unbound.running:
                    break
                phase.check(n, blocks(unbound), "a listed name was answered")
                phase.check(n, resolves(unbound), "a name did not resolve")
                if generation(unbound) != number:
                    number += 1
                    phase.check(n, swap_works(context, unbound, number), "the next good one was not taken")
                if not failed or (stop_at_first and phase.wrong):
                    break
                n += step
        if not stop_at_first:
            unbound.stop()
    return phase


QUESTIONS = [("n00000.bulk.top", "A"), ("n00100.bulk.top", "A"), ("n00101.bulk.top", "A"), ("n00103.bulk.top", "A"),
             ("n00104.bulk.top", "AAAA"), ("canary.lab", "A"), ("parcel-123456.bulk.top", "A")]


def leaks(name, said):
    """Was what the name really holds given away? A failure may be any other answer."""
    return said.startswith("NOERROR 198.18.") and name != "n00103.bulk.top"


def in_query(context, module):
    """Every kind of answer, for every n that it needs; and that a name that passes needs none."""
    phase, faults = Phase("query"), Faults(context, module)
    with context.lab() as lab:
        unbound = lab.unbound
        context.publish(context.snapshot(1, 500), unbound.state)
        unbound.start(module=module, env=faults.env)
        if not wait_generation(unbound, 1):
            raise Broken(f"the snapshot was not taken: {unbound.complaint()}")
        usual = {question: short(unbound, *question) for question in QUESTIONS}
        for mode in (1, 2):
            for question in QUESTIONS:
                for n in range(1, 200):
                    faults.arm(n, mode)
                    said = short(unbound, *question, timeout=0.5)
                    _, failed = faults.disarm()
                    if not failed:
                        break
                    phase.tried += 1
                    phase.check(n, unbound.running, f"ended by {died_of(unbound)}")
                    phase.check(n, not leaks(question[0], said), f"{question[0]}: {said}")
                    phase.check(n, short(unbound, *question, timeout=5) == usual[question], f"{question[0]} afterwards")
        faults.arm(NEVER)
        for i in range(300, 400):
            phase.check(i, short(unbound, f"n{i:05}.bulk.top", timeout=5).startswith("NOERROR"), "did not resolve")
        passing, _ = faults.disarm()
        # The watcher's own, once a second, may fall into this.
        phase.check(0, passing < 100, f"{passing} allocations for 100 names that pass")
        unbound.stop()
    return phase


def at_start(context, module, first_query):
    """A start for every n: names resolve at once; and, at the latest after a reload, what is
    listed is blocked."""
    phase = Phase("first query" if first_query else "init")
    with context.lab() as lab:
        def start(n, mode):
            faults = Faults(context, module)
            unbound = lab.add_unbound(f"{phase.name.replace(' ', '-')}-{n}-{mode}")
            context.publish(context.snapshot(1, 500), unbound.state)
            if not first_query:
                faults.arm(n, mode)
            unbound.start(module=module, env=faults.env)
            if first_query:
                faults.arm(n, mode)
                short(unbound, "n00000.bulk.top")
            return unbound, faults.disarm()

        unbound, (total, _) = start(NEVER, 1)
        unbound.stop()
        step = 1 if context.long or total < 30 else total / 30
        wanted = sorted({int(1 + i * step) for i in range(int(total / step) + 1)} & set(range(1, total + 1)))
        plan = [(n, 1) for n in wanted] + [(n, 2) for n in (wanted if context.long else wanted[::6])]
        for n, mode in plan:
            try:
                unbound, _ = start(n, mode)
            except Exception as error:  # pylint: disable=broad-except
                phase.check(n, False, str(error))
                continue
            phase.tried += 1
            phase.check(n, unbound.running, f"ended by {died_of(unbound)}: {unbound.complaint()}")
            if not unbound.running:
                continue
            phase.check(n, resolves(unbound), "a name did not resolve")
            if not blocks(unbound):
                unbound.reload()
                phase.check(n, wait_generation(unbound, 1, 5) and blocks(unbound), "nothing is blocked after a reload")
            unbound.stop()
    phase.name += f" ({total} allocations)"
    return phase


def m7(context):
    module = context.builds.module()
    phases = []
    for make in (lambda: at_start(context, module, False), lambda: at_start(context, module, True),
                 lambda: in_swap(context, module), lambda: in_query(context, module)):
        phases.append(make())
        context.say(f"M7 {phases[-1]} {phases[-1].wrong}")
    wrong = [each for phase in phases for each in phase.wrong]
    control = in_swap(context, context.builds.module("m7_control"), stop_at_first=True)
    return Outcome(
        f"allocations failed one by one, and from the n-th on: {', '.join(map(str, phases))}; resolution went on with "
        f"the last good{'; but ' + '; '.join(wrong[:4]) if wrong else ''}; control (one result not looked at): "
        f"{control.wrong[0] if control.wrong else 'nothing'}",
        not wrong and all(phase.tried for phase in phases[:3]), bool(control.wrong))
