"""What the rows of tests/faults/run share: builds, a resolver in the lab, load, snapshots.

A row is a function that takes a Context and returns an Outcome. Whatever it raises makes the
row not held, with the error as its reason: a test that could not run is no success.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "lab"))

import zones  # noqa: E402
from lab import ADDRESS, Lab, LabError, NoAnswer, find_prefix  # noqa: E402
from servers import die_with_parent  # noqa: E402

__all__ = ["ADDRESS", "Broken", "Builds", "Context", "LabError", "Load", "NoAnswer", "Outcome", "ROOT"]


class Broken(Exception):
    """The row could not run to its end; the text is one line that says why."""


@dataclasses.dataclass
class Outcome:
    figure: str
    held: bool
    control_failed: bool


def tail(text, lines=3):
    return " / ".join(line.strip() for line in text.strip().splitlines()[-lines:])[-400:]


class Builds:
    """Build folders by kind: the release build's own name, with "-address" and the like behind
    it. Made when they are not there; brought up to date before they are used."""

    OPTIONS = {
        "": ["-DCMAKE_BUILD_TYPE=Release"],
        "address": ["-DCMAKE_BUILD_TYPE=Debug", "-DPOSTSHIELD_SANITIZE=address",
                    "-DCMAKE_C_COMPILER=clang"],
        "thread": ["-DCMAKE_BUILD_TYPE=Debug", "-DPOSTSHIELD_SANITIZE=thread",
                   "-DCMAKE_C_COMPILER=clang"],
        "fuzz": ["-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DPOSTSHIELD_SANITIZE=address",
                 "-DPOSTSHIELD_FUZZ=ON", "-DCMAKE_C_COMPILER=clang"],
        # Eight million mutants: five times as fast as "address", and as strict.
        "flip": ["-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DCMAKE_C_FLAGS_RELWITHDEBINFO=-O3 -g",
                 "-DPOSTSHIELD_SANITIZE=address", "-DCMAKE_C_COMPILER=clang"],
        "coverage": ["-DCMAKE_BUILD_TYPE=Debug", "-DPOSTSHIELD_COVERAGE=ON"],
    }
    # Fuzzing, flipping and coverage need no resolver.
    UNBOUND = {"": (), "address": ("--sanitize", "address"), "thread": ("--sanitize", "thread")}

    def __init__(self, log):
        self.release = pathlib.Path(os.environ.get("POSTSHIELD_BUILD") or ROOT / "build").resolve()
        self.log = log
        self.current = set()

    def folder(self, kind=""):
        return self.release.with_name(self.release.name + (f"-{kind}" if kind else ""))

    def prefix(self, kind=""):
        if not kind and os.environ.get("POSTSHIELD_UNBOUND"):
            return os.environ["POSTSHIELD_UNBOUND"]
        return find_prefix(*self.UNBOUND[kind])

    def _run(self, *command):
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"== {' '.join(map(str, command))}\n")
            log.flush()
            done = subprocess.run([str(word) for word in command], cwd=ROOT, stdin=subprocess.DEVNULL,
                                  stdout=log, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            said = [line for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines()
                    if "error" in line.lower() or "FAILED" in line] or [f"see {self.log}"]
            raise Broken(f"{' '.join(map(str, command[:6]))} failed: {said[-1].strip()[-400:]}")

    def configure(self, kind=""):
        folder = self.folder(kind)
        if not (folder / "build.ninja").exists():
            unbound = [f"-DUNBOUND_PREFIX={self.prefix(kind)}"] if kind in self.UNBOUND else []
            self._run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", *self.OPTIONS[kind], *unbound)
        return folder

    def make(self, kind, *targets):
        """Brings the targets up to date, once a run; returns the build folder."""
        if not {(kind, target) for target in targets} <= self.current:
            self._run("cmake", "--build", self.configure(kind), "--target", *targets)
            self.current |= {(kind, target) for target in targets}
        return self.folder(kind)

    def module(self, name="postshield", kind=""):
        """The path of a module: postshield.so, or a control of it."""
        if name == "postshield":
            return self.make(kind, "postshield_module") / "bin" / "postshield.so"
        return self.make(kind, f"faults_{name}") / "tests" / "faults" / f"{name}.so"

    def program(self, name, kind=""):
        return self.make(kind, f"faults_{name}") / "tests" / "faults" / f"faults_{name}"


class Load:
    """Questions at a steady rate in a process of its own; result() is what it saw."""

    def __init__(self, context, port, questions, *, seconds=3600, rate=1000, window=256, count=None):
        path = context.folder / f"questions-{time.monotonic_ns()}"
        path.write_text("\n".join(questions) + "\n", encoding="ascii")
        self.process = subprocess.Popen(
            [str(context.builds.program("load")), str(port), str(seconds), str(rate), str(window), str(path),
             *([] if count is None else [str(count)])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)

    def result(self, stop=True):
        if stop:
            self.process.terminate()
        out, err = self.process.communicate(timeout=3700)
        if self.process.returncode != 0:
            raise Broken(f"faults_load ended with {self.process.returncode}: {tail(err)}")
        return json.loads(out)


def flawless(result):
    return not any(result[key] for key in ("lost", "failed", "wrong", "mixed", "backwards"))


def words(result):
    """What a load saw, for a figure."""
    text = (f"{result['answered']:,} of {result['sent']:,} answered, {result['wrong']} wrong, "
            f"{result['mixed']} of two generations, {result['backwards']} out of order"
            + (f", {result['failed']} SERVFAIL" if result["failed"] else ""))
    return text + (f" ({result['first_wrong']})" if result["first_wrong"] else "")


class Context:
    """One run of tests/faults/run."""

    def __init__(self, long):
        self.long = long
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postshield-faults."))
        self.folder.chmod(0o755)
        self.builds = Builds(self.folder / "build.log")
        self.zone_folder = self.folder / "zones"
        self.made = {}
        self.peak_kib = 0  # what a resolver without a snapshot takes of its address space

    def close(self, keep):
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def say(text):
        if sys.stderr.isatty() or os.environ.get("PS_FAULTS_VERBOSE"):
            print(f"    {text}", file=sys.stderr, flush=True)

    def scratch(self, name):
        path = self.folder / f"{name}-{time.monotonic_ns()}"
        path.mkdir()
        return path

    def zones_once(self):
        if not (self.zone_folder / "root.ds").exists():
            zones.sign_all(self.zone_folder)
        return self.zone_folder

    @contextlib.contextmanager
    def lab(self, kind=""):
        """A lab whose zones are signed once for all rows."""
        with Lab(self.scratch("lab"), self.builds.prefix(kind), zone_folder=self.zones_once()) as lab:
            yield lab

    def snapshot(self, generation, names=2000, patterns=0):
        """The path of a good snapshot; see snapshot_maker.c."""
        key = (generation, names, patterns)
        if key not in self.made:
            path = self.folder / f"snapshot-{generation}-{names}-{patterns}.ps"
            done = subprocess.run([str(self.builds.program("snapshot")), str(path), str(generation),
                                   str(names), str(patterns)], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Broken(f"faults_snapshot: {tail(done.stderr)}")
            self.made[key] = path
        return self.made[key]

    @staticmethod
    def publish(path, state):
        """Puts a file in place as `postshield build` does: beside it, then by rename."""
        beside = pathlib.Path(state) / ".snapshot.new"
        shutil.copyfile(path, beside)
        os.rename(beside, pathlib.Path(state) / "snapshot.ps")


# What snapshot_maker.c lists, as questions for load.c.
BLOCKED = [f"B n{i:05}.bulk.top" for i in range(0, 100, 3)] + [
    f"B x{i:07}.listed.top" for i in range(0, 1000, 37)]
SINKHOLE = ["S canary.lab", "S parcel-123456.top", "S parcel-654321.bulk.top"]
PASSES = [f"P n{i:05}.bulk.top" for i in range(200, 300)]
NEW = ["N bulk.top"]


def mixed_questions():
    """Names of every kind, well mixed: half of them cached, a tenth never seen before."""
    out = []
    for i, name in enumerate(PASSES):
        out.append(name)
        out.append(BLOCKED[i % len(BLOCKED)])
        if i % 3 == 0:
            out.append(SINKHOLE[i % len(SINKHOLE)])
        if i % 5 == 0:
            out.append(NEW[0])
    return out


def generation(resolver, timeout=2.0):
    """The generation that the canary shows; None when it is not blocked or not answered."""
    try:
        data = resolver.query("canary.lab", "A", timeout=timeout).data("A")
    except NoAnswer:
        return None
    octets = [int(x) for x in data[0].split(".")] if data else [0]
    return octets[1] << 16 | octets[2] << 8 | octets[3] if octets[0] == 10 else None


def wait_generation(resolver, wanted, patience=10.0):
    """Asks the canary until it shows the generation; true when it does."""
    end = time.monotonic() + patience
    while resolver.running and time.monotonic() < end:
        if generation(resolver) == wanted:
            return True
        time.sleep(0.002)  # asked again, not hoped for
    return False


def died_of(resolver):
    """ "signal 7" or "status 1" when the resolver ended, else None."""
    status = resolver.process.poll() if resolver.process else resolver.exit_status
    if status is None:
        return None
    return f"signal {-status}" if status < 0 else f"status {status}"
