#!/usr/bin/python3
"""Servers of the lab: NSD and Unbound, each in a folder of its own.

A server is started in the foreground as a child of this process, on a free
port of 127.0.0.1; start() returns when it answers a question, stop() when it
is gone. Nothing outside the folder is written, nothing else is stopped, and no
privilege is needed.
"""

import contextlib
import ctypes
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import ask

ADDRESS = "127.0.0.1"
START_TRIES = 5
SERVING = "start of service"  # what Unbound logs at each start and reload
PR_SET_PDEATHSIG = 1
# For daemons of contrib/unbound/build --sanitize; others pass over them.
SANITIZER_ENV = {
    "TSAN_OPTIONS": f"suppressions={pathlib.Path(__file__).resolve().parent}/thread.supp",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}
SANITIZER_WORDS = ("WARNING: ThreadSanitizer", "ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
                   "runtime error:")
LIBC = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """Something in the lab failed; the text is one line that says what, and which log to read."""


def free_port():
    """A port that nobody holds, for UDP and TCP. Somebody may take it before we do: start() tries
    again. Below the range that the kernel hands out by itself."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                stack.enter_context(socket.socket(socket.AF_INET, kind)).bind((ADDRESS, port))
            return port
    raise LabError("no free port on 127.0.0.1")


def die_with_parent():
    """Runs in the child before its program: should this process be killed outright, it ends too.
    (More exactly, when the thread that started it ends: start servers from one that stays.)"""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Server:
    """What NSD and Unbound have in common."""

    title = "server"
    taken = "ddress already in use"  # what its log says when somebody else has the port

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log_path = self.folder / f"{self.title}.log"
        self.stderr_path = self.folder / f"{self.title}.stderr"
        self.port = None
        self.process = None
        self.exit_status = None

    @property
    def pid(self):
        return self.process.pid if self.process else None

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        """All that it wrote: its log, then what went to standard error (sanitizers write there)."""
        return "".join(
            path.read_text(encoding="utf-8", errors="replace")
            for path in (self.log_path, self.stderr_path)
            if path.exists()
        )

    def complaint(self):
        """The line of its log that says most: the first error, or the last line."""
        said = [line.strip() for line in self.log().splitlines() if line.strip()]
        errors = [line for line in said if "error" in line.lower()]
        return errors[0] if errors else (said or ["it said nothing"])[-1]

    def sanitizer_reports(self):
        """The headlines of what sanitizers found so far; leaks show after stop()."""
        return [line for line in self.log().splitlines() if any(word in line for word in SANITIZER_WORDS)]

    def start_program(self, command, env=None, deadline=20.0, wrap=()):
        """Tries ports until the program answers on one; write_config() is asked anew for each."""
        if self.running:
            raise LabError(f"{self.title} runs already")
        for _ in range(START_TRIES):
            self.port = free_port()
            self.write_config()
            for path in (self.log_path, self.stderr_path):
                path.unlink(missing_ok=True)
            with open(self.stderr_path, "wb") as stderr:
                self.process = subprocess.Popen(
                    [*wrap, *command], stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
                    env=env, cwd=self.folder, start_new_session=True, preexec_fn=die_with_parent)
            if self.wait_ready(deadline):
                return
            if self.taken not in self.log():
                break
        status = self.process.poll()
        self.stop()
        what = "does not answer" if status is None else f"ended with status {status}"
        raise LabError(f"{self.title} {what}: {self.complaint()} (log: {self.log_path})")

    def wait_ready(self, deadline=20.0):
        """Asks until it answers; false when it ended or the deadline (seconds) is over."""
        end = time.monotonic() + deadline
        while self.running and time.monotonic() < end:
            try:
                self.ready_question()
                return True
            except ask.NoAnswer:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(0.01)
        return False

    def stop(self, patience=20.0):
        """Ends it; returns its exit status (0 when it ended as asked), or None if it never ran."""
        if self.process is None:
            return self.exit_status
        if self.running:
            self.process.terminate()
        try:
            self.exit_status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.exit_status = self.process.wait()
        self.process = None
        return self.exit_status

    def kill(self):
        """Ends it as a crash would."""
        if self.running:
            self.process.kill()
        return self.stop()

    def cpu_seconds(self):
        """User and system time of the process so far, in seconds."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def query(self, name, rdtype="A", **how):
        """One question to this server; see ask.ask() for tcp, do, cd, source, timeout, ..."""
        return ask.ask(ADDRESS, self.port, name, rdtype, **how)

    def write_config(self):
        raise NotImplementedError

    def ready_question(self):
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def find_program(name):
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin:" + os.environ.get("PATH", ""))
    if not found:
        raise LabError(f"{name} is not installed")
    return found


class Nsd(Server):
    """One authoritative server for all the zones whose files lie in one folder."""

    title = "nsd"

    def __init__(self, folder, zones, zone_folder):
        super().__init__(folder)
        self.zones = zones
        self.zone_folder = pathlib.Path(zone_folder).resolve()

    def write_config(self):
        options = {
            "ip-address": f"{ADDRESS}@{self.port}", "port": self.port, "username": '""',
            "chroot": '""', "database": '""', "server-count": 1, "do-ip6": "no",
            "zonesdir": f'"{self.zone_folder}"', "pidfile": f'"{self.folder}/nsd.pid"',
            "zonelistfile": f'"{self.folder}/nsd.zonelist"', "xfrdfile": f'"{self.folder}/xfrd.state"',
            "xfrdir": f'"{self.folder}"', "logfile": f'"{self.log_path}"', "verbosity": 1,
            "tcp-count": 200, "hide-version": "yes",
            # Debian's drops what is over 200 answers a second of a kind to one network.
            "rrl-ratelimit": 0,
            # No NS records beside an answer: Unbound would take them for its next question, and
            # the address behind them has no port of ours.
            "minimal-responses": "yes",
        }
        text = "server:\n" + "".join(f"  {key}: {value}\n" for key, value in options.items())
        text += "remote-control:\n  control-enable: no\n"
        for zone in self.zones:
            text += f'zone:\n  name: "{zone.name}"\n  zonefile: "{zone.stem}.zone"\n'
        (self.folder / "nsd.conf").write_text(text, encoding="utf-8")

    def start(self):
        self.start_program([find_program("nsd"), "-d", "-c", str(self.folder / "nsd.conf")])

    def ready_question(self):
        ask.ask(ADDRESS, self.port, ".", "SOA", timeout=0.2)


class Unbound(Server):
    """A validating resolver that asks the lab's NSD only."""

    title = "unbound"
    taken = "could not open ports"

    def __init__(self, folder, prefix, *, authority, zones, anchor):
        """prefix: a folder of contrib/unbound/build. authority: NSD's port. anchor: a DS file."""
        super().__init__(folder)
        self.prefix = pathlib.Path(prefix).resolve()
        self.authority = authority
        self.zones = zones
        self.anchor = pathlib.Path(anchor).resolve()
        self.config_path = self.folder / "unbound.conf"
        self.state = self.folder / "state"
        self.state.mkdir(exist_ok=True)
        self.settings = {}
        self.socket_path = self.folder / "control.sock"
        self.socket_folder = None

    def program(self, name):
        return str(self.prefix / "sbin" / name)

    def start(self, *, module=None, modules=None, threads=1, config=None, extra="", env=None,
              state=None, wrap=(), deadline=20.0):
        """Starts and waits until it answers.

        module: path of postshield.so, or None for the bare resolver. modules: module-config,
        if not "[dynlib ]validator iterator". config: server options {"name": value or [values]},
        which replace the lab's own. extra: text put after all. env: more environment.
        state: the module's state folder (POSTSHIELD_STATE); default: state/ beside the
        configuration. wrap: a command before Unbound's, such as ["valgrind", ...].
        """
        self.settings = dict(module=module, modules=modules, threads=threads, config=config or {},
                             extra=extra, env=env, state=state, wrap=wrap, deadline=deadline)
        # The name of a socket may have 107 octets; a folder's may have more.
        if len(os.fsencode(self.folder / "control.sock")) > 100:
            self.socket_folder = tempfile.mkdtemp(prefix="postshield-lab.")
            self.socket_path = pathlib.Path(self.socket_folder) / "control.sock"
        environment = {**SANITIZER_ENV, **os.environ, "POSTSHIELD_STATE": str(state or self.state),
                       **(env or {})}
        self.start_program([self.program("unbound"), "-d", "-c", str(self.config_path)],
                           env=environment, deadline=deadline, wrap=wrap)

    def restart(self, **changes):
        """Stops, and starts as before but for what changes."""
        self.stop()
        self.start(**{**self.settings, **changes})

    def server_options(self):
        module = self.settings["module"]
        modules = self.settings["modules"] or ("dynlib " if module else "") + "validator iterator"
        options = {
            "directory": f'"{self.folder}"', "username": '""', "chroot": '""',
            "pidfile": f'"{self.folder}/unbound.pid"', "logfile": f'"{self.log_path}"',
            "use-syslog": "no", "log-time-ascii": "yes", "verbosity": 1, "val-log-level": 1,
            "interface": ADDRESS, "port": self.port, "access-control": f"{ADDRESS}/8 allow",
            "num-threads": self.settings["threads"], "module-config": f'"{modules}"',
            "trust-anchor-file": f'"{self.anchor}"', "identity": '"postshield-lab"',
            "do-not-query-localhost": "no", "do-ip6": "no", "ede": "yes",
            # Enough for the lab within an ordinary user's 1,024 files.
            "outgoing-range": 450, "num-queries-per-thread": 1024, "incoming-num-tcp": 100,
            # The same answer every time.
            "rrset-roundrobin": "no", "target-fetch-policy": '"0 0 0 0 0"',
        }
        return {**options, **self.settings["config"]}

    def write_config(self):
        text = "server:\n"
        for key, value in self.server_options().items():
            for one in value if isinstance(value, (list, tuple)) else [value]:
                text += f"  {key}: {one}\n"
        text += (f"remote-control:\n  control-enable: yes\n  control-use-cert: no\n"
                 f'  control-interface: "{self.socket_path}"\n')
        if self.settings["module"]:
            text += f'dynlib:\n  dynlib-file: "{pathlib.Path(self.settings["module"]).resolve()}"\n'
        # A stub for each zone, not only the root's: NS records that a client asked for would
        # lead to port 53 otherwise.
        for zone in self.zones:
            text += f'stub-zone:\n  name: "{zone.name}"\n  stub-addr: {ADDRESS}@{self.authority}\n'
        self.config_path.write_text(text + self.settings["extra"], encoding="utf-8")

    def ready_question(self):
        # Answered by the daemon itself, before any module is asked.
        ask.ask(ADDRESS, self.port, "id.server.", "TXT", rdclass="CH", timeout=0.5)

    def control(self, *words, check=True):
        """unbound-control: what it printed. check: raise LabError unless it succeeded."""
        done = subprocess.run([self.program("unbound-control"), "-c", str(self.config_path), *words],
                              capture_output=True, text=True, check=False, timeout=60)
        if check and done.returncode != 0:
            said = (done.stdout + done.stderr).strip().splitlines()
            raise LabError(f"unbound-control {' '.join(words)}: {said[-1] if said else 'failed'}"
                           f" (log: {self.log_path})")
        return done.stdout

    def stats(self):
        """Its counters, as numbers: {"total.num.queries": 12.0, ...}."""
        pairs = (line.split("=", 1) for line in self.control("stats_noreset").splitlines())
        return {key: float(value) for key, value in pairs}

    def reload(self, *, keep_cache=False):
        """Reloads and waits until it is done and answers again."""
        self.await_restart("reload", lambda: self.control("reload_keep_cache" if keep_cache else "reload"))

    def hangup(self):
        """The same by signal."""
        self.await_restart("SIGHUP", lambda: os.kill(self.pid, signal.SIGHUP))

    def await_restart(self, what, ask, deadline=20.0):
        """Only the log tells when it is done: "ok" comes before, and threads that are still to be
        ended answer until then."""
        started = self.log().count(SERVING)
        ask()
        end = time.monotonic() + deadline
        while self.running and self.log().count(SERVING) == started and time.monotonic() < end:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.01)
        self.await_answer(what)

    def await_answer(self, after):
        if not self.wait_ready():
            raise LabError(
                f"unbound does not answer after {after}: {self.complaint()} (log: {self.log_path})")

    def stop(self, patience=20.0):
        status = super().stop(patience)
        if self.socket_folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)
            self.socket_folder = None
        return status
