"""What the integration tests stand on: the lab, our programs, and what must hold after each test.

The environment says which build is under test (see run.py). Snapshots are made by
`postshield build` from YAML, as an operator makes them.
"""

import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lab"))

import dns.name  # noqa: E402

from lab import ADDRESS, Lab, LabError, NoAnswer, ask, find_prefix, free_port  # noqa: E402

__all__ = ["ADDRESS", "ASKERS", "BUILD", "Case", "LabError", "MODULE", "NoAnswer", "Policy", "PREFIX", "SANITIZED",
           "Shield", "VARIANT", "ask", "await_", "complaints", "find_prefix", "free_port", "run_lab", "stop_lab"]

BUILD = pathlib.Path(os.environ.get("POSTSHIELD_BUILD", HERE.parent.parent / "build")).resolve()
PREFIX = pathlib.Path(os.environ.get("POSTSHIELD_UNBOUND") or find_prefix()).resolve()
VARIANT = os.environ.get("POSTSHIELD_VARIANT", "release")
SANITIZED = VARIANT in ("address", "thread")
MODULE = BUILD / "bin" / "postshield.so"
PROGRAM = BUILD / "bin" / "postshield"
# Of one that is built here: its runtime must be the one that Unbound has.
SANITIZER_ENV = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
DIGEST_OFFSET = 544  # in a snapshot: FORMAT.md, header

LAB = None
ASKERS = concurrent.futures.ThreadPoolExecutor(16)


def run_lab():
    """One NSD and one set of signed zones for all tests; Unbound is each test's own."""
    global LAB
    if LAB is None:
        LAB = Lab(tempfile.mkdtemp(prefix="postshield-integration."), str(PREFIX)).start()
    return LAB


def stop_lab(keep=False):
    global LAB
    if LAB is not None:
        LAB.stop()
        if keep:
            print(f"logs and configurations: {LAB.folder}", file=sys.stderr)
        else:
            shutil.rmtree(LAB.folder, ignore_errors=True)
        LAB = None


def await_(what, condition, deadline=20.0):
    """Returns the condition's first true value; asks again every few milliseconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:.0f} s: {what}")
        time.sleep(0.005)


def complaints(text):
    """What no log of a resolver may hold: a sanitizer's report, a fault that the module noticed,
    a crash that Unbound noticed."""
    words = ("WARNING: ThreadSanitizer", "ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
             "runtime error:", "postshield: unexpected", "fatal error", "Assertion")
    return [line for line in text.splitlines() if any(word in line for word in words)]


class Policy:
    """A policy in YAML, the files that its feeds name, and the names that it blocks."""

    def __init__(self, text="", *, files=None, exact=(), under=(), below=()):
        """exact, under, below: what it blocks, for the check that nothing of it is in the cache."""
        self.text = "postshield: 1\n" + text
        self.files = files or {}
        self.names = {dns.name.from_text(name) for name in (*exact, *under)}
        self.parents = {dns.name.from_text(name) for name in (*under, *below)}

    def blocks(self, name):
        name = dns.name.from_text(name)
        blocked = name in self.names
        while not blocked and name != dns.name.root:
            name = name.parent()
            blocked = name in self.parents
        return blocked

    @classmethod
    def of(cls, **rules):
        """Rules by answer: Policy.of(nxdomain={"is": [...], "under": [...]}). A list means 'under'."""
        text, blocked = "rules:\n", {"is": [], "under": [], "below": []}
        for number, (then, names) in enumerate(rules.items()):
            names = names if isinstance(names, dict) else {"under": names}
            for key, them in names.items():
                text += (f"  - {{id: rule-{number}-{key}, when: {{name: {{{key}: [{', '.join(them)}]}}}}, "
                         f"then: {then}}}\n")
                if then not in ("pass", "log"):
                    blocked[key].extend(them)
        return cls(text if rules else "rules: []\n", exact=blocked["is"], under=blocked["under"],
                   below=blocked["below"])

    def build(self, folder, name="snapshot.ps", options=(), good=(0,)):
        """Makes folder/name; returns its path."""
        policy = folder / f"{name}.policy"
        shutil.rmtree(policy, ignore_errors=True)
        policy.mkdir(parents=True)
        (policy / "test.postshield.yaml").write_text(self.text, encoding="utf-8")
        for file, text in self.files.items():
            (policy / file).write_text(text, encoding="utf-8")
        output = folder / name
        done = subprocess.run(
            [str(PROGRAM), "build", "--quiet", "--policy", str(policy), "--output", str(output), *options],
            capture_output=True, text=True, check=False, env={**SANITIZER_ENV, **os.environ}, timeout=120)
        if done.returncode not in good:
            raise AssertionError(f"postshield build ended with {done.returncode}:\n{done.stderr}{self.text}")
        return output


def digest_of(path):
    data = pathlib.Path(path).read_bytes()
    return data[DIGEST_OFFSET:DIGEST_OFFSET + 32].hex()


class Shield:
    """One Unbound with the module, its state folder, and what is published into it."""

    def __init__(self, lab, name):
        self.lab = lab
        self.unbound = lab.add_unbound(name)
        self.state = self.unbound.state
        self.policies = []  # published since the cache was last empty, newest last
        self.numbers = itertools.count()

    def start(self, policy=None, **options):
        """Publishes the policy (None: no snapshot) and starts Unbound."""
        if policy is not None:
            self.put(policy)
        self.unbound.start(module=str(MODULE), deadline=60, **options)
        return self

    def prepare(self, policy, **options):
        """Builds beside the state folder, so that only put() and publish() are seen."""
        return policy.build(self.unbound.folder / "built", f"{next(self.numbers)}.ps", **options)

    def put(self, policy):
        """Renames a new snapshot into place and does not wait."""
        path = policy if isinstance(policy, pathlib.Path) else self.prepare(policy)
        temp = self.state / ".incoming"
        shutil.copyfile(path, temp)
        os.rename(temp, self.state / "snapshot.ps")
        if isinstance(policy, Policy):
            self.policies.append(policy)
        return path

    def publish(self, policy):
        """Puts it there and waits until the module goes by it and has gone over the cache."""
        before = self.generation()
        path = self.put(policy)
        self.await_active(path, before)
        return path

    def generation(self):
        return self.sample("snapshot_generation") or 0

    def await_active(self, path, after=0, deadline=20.0):
        """Until the module says that it goes by this file, loaded later than a generation."""
        digest = digest_of(path)

        def active():
            samples = self.samples()
            return (samples.get(("snapshot_info", digest)) == 1 and
                    samples.get(("snapshot_generation", None), 0) > after)

        await_(f"snapshot {digest[:12]} is active ({self.unbound.log_path})", active, deadline)

    def samples(self):
        """module.prom as {(name, the first label's value or None): number}, a sum over other labels."""
        found = {}
        try:
            text = (self.state / "module.prom").read_text(encoding="ascii")
        except FileNotFoundError:
            return found
        for line in text.splitlines():
            match = re.fullmatch(r'postshield_(\w+)(?:\{\w+="((?:[^"\\]|\\.)*)"(?:,[^}]*)?\})? (\S+)', line)
            if match:
                found[match[1], match[2]] = found.get((match[1], match[2]), 0) + float(match[3])
        return found

    def sample(self, name, **label):
        return self.samples().get((name, *label.values()) if label else (name, None))

    def counted(self, name, **label):
        """A counter that holds all that was asked so far. The module writes at most once a second,
        and at once when somebody closes the snapshot after writing; the second such writing began
        after this call."""
        for _ in range(2):
            before = os.stat(self.state / "module.prom").st_ino, self.sample("heartbeat_timestamp_seconds")
            with open(self.state / "snapshot.ps", "ab"):
                pass
            await_("the counters are written",
                   lambda: (os.stat(self.state / "module.prom").st_ino,
                            self.sample("heartbeat_timestamp_seconds")) != before)
        return self.sample(name, **label)

    def status(self, *options):
        """(exit status, what `postshield status --json` says)"""
        done = subprocess.run([str(PROGRAM), "status", "--json", *options], capture_output=True, text=True,
                              check=False, timeout=60,
                              env={**SANITIZER_ENV, **os.environ, "POSTSHIELD_STATE": str(self.state)})
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else done.stderr

    def query(self, name, rdtype="A", **how):
        return self.unbound.query(name, rdtype, **how)

    def query_later(self, name, rdtype="A", **how):
        """Asks in a thread of its own; .result() is the reply, or raises NoAnswer."""
        return ASKERS.submit(self.query, name, rdtype, **how)

    def log(self):
        return self.unbound.log()

    def said(self):
        """The log after a question that reaches the module, which then writes what its watcher has
        to say: module/unbound/say.h."""
        self.query(f"said-{next(self.numbers)}.usps.com")
        return self.log()

    def cached(self):
        """The questions in the message cache: [("www.usps.com.", "A"), ...]."""
        dump = self.unbound.control("dump_cache")
        return [(words[1], words[3]) for words in map(str.split, dump.splitlines())
                if words and words[0] == "msg"]

    def blocked_in_cache(self):
        """Names in the cache that the newest policy blocks: always none."""
        if not self.policies:
            return []
        return [entry for entry in self.cached() if self.policies[-1].blocks(entry[0])]


class Case(unittest.TestCase):
    """A test case whose resolvers are checked and stopped when it ends."""

    maxDiff = None
    serial = itertools.count()

    @classmethod
    def make(cls, name=None):
        lab = run_lab()
        return Shield(lab, f"{name or cls.__name__.lower()}-{next(Case.serial)}")

    @classmethod
    def end(cls, shield):
        """Stops it; returns what is wrong, as lines."""
        unbound = shield.unbound
        wrong = []
        if unbound.running:
            with contextlib.suppress(LabError):
                wrong += [f"in the cache: {entry}" for entry in shield.blocked_in_cache()]
        if unbound.process is not None:
            status = unbound.stop(60)
            if status != 0:
                wrong.append(f"unbound ended with {status}")
        wrong += complaints(shield.log())
        return [f"{line} ({unbound.log_path})" for line in wrong]

    def shield(self, policy=None, **options):
        """A resolver of this test's own, running."""
        it = self.make(self.id().rsplit(".", 1)[1])
        self.addCleanup(lambda: self.assertEqual(self.end(it), []))
        return it.start(policy, **options)

    def idle_shield(self):
        """The same, not started."""
        it = self.make(self.id().rsplit(".", 1)[1])
        self.addCleanup(lambda: self.assertEqual(self.end(it), []))
        return it

    def assertBlocked(self, shield, name, rdtype="A", rcode="NXDOMAIN", **how):
        reply = shield.query(name, rdtype, **how)
        self.assertEqual((reply.rcode, reply.answer), (rcode, []), f"{name} {rdtype} {how}")
        return reply

    def assertResolves(self, shield, name, rdtype="A", **how):
        reply = shield.query(name, rdtype, **how)
        self.assertEqual(reply.rcode, "NOERROR", f"{name} {rdtype} {how}")
        self.assertTrue(reply.data(rdtype), f"{name} {rdtype} {how}")
        return reply


class SharedCase(Case):
    """One resolver for all tests of the class: POLICY, OPTIONS."""

    POLICY = None
    OPTIONS = {}

    @classmethod
    def setUpClass(cls):
        cls.it = cls.make()
        cls.addClassCleanup(cls.finish)
        cls.it.start(cls.POLICY, **cls.OPTIONS)

    @classmethod
    def finish(cls):
        wrong = cls.end(cls.it)
        if wrong:
            raise AssertionError("\n".join(wrong))

    def tearDown(self):
        self.assertEqual(self.it.blocked_in_cache(), [])
