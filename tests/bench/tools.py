"""What the bench needs besides the lab: helpers in C, the loader, the process's own clock and
memory, callgrind."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import typing

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lab"))

CFLAGS = ["-std=c17", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror"]


class BenchError(Exception):
    """Something could not be measured; the text is one line that says what."""


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run(*command, **how):
    """Runs a program; returns what it printed, or says how it failed."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False, **how)
    except FileNotFoundError:
        raise BenchError(f"{command[0]} is not installed: run contrib/setup bench") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        name = pathlib.Path(str(command[0])).name
        raise BenchError(f"{name} ended with {done.returncode}: {said[-1] if said else 'it said nothing'}")
    return done.stdout


def compile_helper(name, folder):
    """generate or load, from the C file beside this one."""
    program = folder / name
    source = HERE / f"{name}.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        run("cc", *CFLAGS, source, "-o", program)
    return program


def find_build():
    """The folder with postshield and postshield.so: POSTSHIELD_BUILD, or build/, made if need be."""
    build = pathlib.Path(os.environ.get("POSTSHIELD_BUILD", ROOT / "build")).resolve()
    if not all((build / "bin" / name).exists() for name in ("postshield", "postshield.so")):
        say(f"building PostShield in {build}")
        prefix = run(ROOT / "contrib" / "unbound" / "build").splitlines()[-1]
        run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
            f"-DUNBOUND_PREFIX={prefix}")
        run("cmake", "--build", build)
    return build


# --- asking ---------------------------------------------------------------------------


class Loader:
    """load.c's two ways of asking."""

    def __init__(self, program):
        self.program = str(program)

    def count(self, port, names, queries, *, rcode, window=32, edns=False, first=0):
        """Asks so many questions, from the first-th name on; every one must be answered with rcode
        (a number)."""
        words = [self.program, port, names, "count", "--queries", queries, "--window", window,
                 "--from", first]
        facts = json.loads(run(*words, *(["--edns"] if edns else [])))
        if facts["rcodes"][rcode] != queries:
            raise BenchError(f"of {queries} questions {facts['answered']} were answered, "
                             f"by rcode: {facts['rcodes']}")
        return facts

    @contextlib.contextmanager
    def pace(self, port, names, also, rate, seconds):
        """Asks at a steady rate while the body runs, and on to the end of the seconds unless
        the body calls facts["stop"](). Yields a dict: "began" at once (Unix time, ns), the
        figures after the body."""
        words = [self.program, port, names, "pace", "--rate", rate, "--seconds", seconds, "--also", also]
        facts = {}
        with subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True) as process:
            try:
                facts["began"] = int(process.stdout.readline())
                facts["stop"] = process.terminate
                yield facts
                facts.update(json.loads(process.stdout.read()))
            finally:
                process.kill()


# --- one process ----------------------------------------------------------------------


def cpu_seconds(pid):
    """The CPU time that all threads of a process have used so far, to the nanosecond: its
    CPU clock, as clock_getcpuclockid(3) names it."""
    return time.clock_gettime(~pid << 3 | 2)


def memory(pid, key="VmRSS"):
    """Its resident set, in octets; VmHWM: the most that it ever was. What it shares with others
    is counted whole: the same in every program that is compared."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(key + ":")) * 1024


def forget_peak(pid):
    """Makes VmHWM begin anew (proc(5), clear_refs)."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def memory_available():
    text = pathlib.Path("/proc/meminfo").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("MemAvailable")) * 1024


class Cost(typing.NamedTuple):
    seconds: float
    cpu_seconds: float
    peak_bytes: int  # resident


def measured_run(*command):
    """Runs a program to its end and says what that cost."""
    began = time.monotonic()
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        said = process.stdout.read().strip().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"{pathlib.Path(str(command[0])).name} ended with {process.returncode}: "
                         f"{said[0] if said else 'it said nothing'}")
    return Cost(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


# --- callgrind ------------------------------------------------------------------------


class Callgrind:
    """A program that runs under callgrind, which counts only what happens in count()."""

    def __init__(self, output):
        self.output = pathlib.Path(output)
        self.dumps = 0
        self.pid = None
        if not shutil.which("valgrind"):
            raise BenchError("valgrind is not installed: run contrib/setup bench")
        for old in self.output.parent.glob(self.output.name + "*"):
            old.unlink()

    @property
    def wrap(self):
        return ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--dump-instr=no",
                "--separate-threads=yes", f"--callgrind-out-file={self.output}", "--log-file=/dev/null"]

    def monitor(self, *words):
        run("vgdb", f"--pid={self.pid}", *words, timeout=600)

    def begin(self, pid):
        self.pid = pid
        self.monitor("instrumentation", "on")

    def count(self, action, *words, **how):
        """How many instructions its first thread, which is the one worker, executed during
        action(*words, **how). Other threads are left out: under valgrind, which makes a query
        fifty times longer, what they do once a second would fall upon far fewer queries."""
        self.monitor("zero")
        action(*words, **how)
        self.monitor("dump")
        self.dumps += 1
        path = self.output.with_name(f"{self.output.name}.{self.dumps}-01")
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("summary:"):
                return int(line.split()[1])
        raise BenchError(f"{path} has no summary")
