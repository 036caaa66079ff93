#!/usr/bin/python3 -B
"""postshield top: one frame where there is no terminal, and a screen where there is one."""

import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
import unittest

import program

SPOOL_LIFE = os.environ["SPOOL_LIFE"]
HEARTBEAT = 1763726400  # program.NOW
NOW = "2025-11-21T12:00:10Z"
BEGIN, END = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"


class Screen:
    """A terminal of its own on which the program runs."""

    def __init__(self, case, *arguments, columns=80, lines=24):
        self.case, self.octets = case, b""
        self.ours, self.theirs = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.theirs)
        case.addCleanup(self.close)
        self.process = subprocess.Popen(
            [program.PROGRAM, "top", *arguments], cwd=case.folder, stdin=self.theirs, stdout=self.theirs,
            stderr=self.theirs, start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=program.environment(POSTSHIELD_STATE=case.path("state"), TERM="xterm"))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(60)
        os.close(self.ours)
        os.close(self.theirs)

    def resize(self, columns, lines):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def frames(self):
        """Whole frames so far, as lists of lines without styles."""
        text = re.sub(rb"\x1b\[[0-9;]*m", b"", self.octets).decode()
        whole = re.findall(r"\x1b\[H((?:(?!\x1b\[H).)*)\x1b\[J", text, re.S)
        return [[line.replace("\x1b[K", "") for line in re.split("\r+\n", frame)] for frame in whole]

    def await_(self, what, condition):
        end = time.monotonic() + 60
        while not condition():
            self.case.assertLess(time.monotonic(), end, f"{what}: {self.octets[-2000:]!r}")
            if select.select([self.ours], [], [], 0.05)[0]:
                try:
                    self.octets += os.read(self.ours, 65536)
                except OSError:
                    pass
        return self

    def shows(self, text):
        return self.await_(text, lambda: self.frames() and text in "\n".join(self.frames()[-1]))

    def ends(self):
        self.await_("an end", lambda: self.process.poll() is not None)
        self.await_("its last words", lambda: not select.select([self.ours], [], [], 0)[0])
        return self.process.returncode


class Top(program.Case):
    def setUp(self):
        super().setUp()
        self.counters()
        self.sample()

    def sample(self):
        subprocess.run([SPOOL_LIFE, "sample", self.path("state/events"), f"{'0' * 16} 0"], check=True, timeout=60,
                       env=program.environment())

    def counters(self, heartbeat=HEARTBEAT, nxdomain=17, start=HEARTBEAT - 7200, running=1):
        self.write("state/.new", f"""\
postshield_build_info{{version="0.1.0"}} 1
postshield_start_time_seconds {start}
postshield_heartbeat_timestamp_seconds {heartbeat}
postshield_running {running}
postshield_snapshot_activation_timestamp_seconds {HEARTBEAT - 3600}
postshield_snapshot_names 1204
postshield_snapshot_info{{digest="{'0123456789abcdef' * 4}"}} 1
postshield_decisions_total{{action="pass"}} 12000
postshield_decisions_total{{action="nxdomain"}} {nxdomain}
postshield_unjudged_total{{reason="no-snapshot"}} 2
postshield_unjudged_total{{reason="no-worker"}} 1
postshield_events_dropped_total 5
""")
        os.rename(self.path("state/.new"), self.path("state/module.prom"))

    def screen(self, *arguments, **keywords):
        return Screen(self, "--now", NOW, "--interval", "0.1", *arguments, **keywords)

    def test_one_frame_into_a_pipe(self):
        self.assertEqual(self.must(0, "top", "--now", NOW).out, """\
resolver  alive, up 2 h, version 0.1.0   2025-11-21T12:00:10Z
snapshot  0123456789ab, in use for 60 min, 1,204 names
blocked   -/s (17)   of judged  -/s (12,017)   in 5 min: 12,046
lost      3 let through unjudged, 5 events dropped, 0 unreadable

    count  blocked name
   12,046  n1.123456789012345678901234567890.evil.top         nxdomain  rule

    count  rule
   12,046  rule
        1  rule (logs)
        1  rule (on trial)

    count  feed
   12,045  main
""")

    def looks(self, *options, **keywords):
        return [json.loads(line) for line in self.must(0, "top", "--json", *options, **keywords).out.splitlines()]

    def test_one_look_as_json(self):
        (look,) = self.looks("--now", NOW)
        self.assertEqual({key: look[key] for key in (
            "seen", "alive", "version", "judged", "blocked", "judged_per_second", "blocked_per_second", "unjudged",
            "events_dropped", "events_unreadable", "window_seconds", "blocked_in_window", "now", "problems")},
            {"seen": True, "alive": True, "version": "0.1.0", "judged": 12017, "blocked": 17,
             "judged_per_second": None, "blocked_per_second": None, "unjudged": 3, "events_dropped": 5,
             "events_unreadable": 0, "window_seconds": 300, "blocked_in_window": 12046, "now": NOW, "problems": []})
        (name,) = look["names"]
        self.assertEqual((name["count"], name["action"], name["rule"]), (12046, "nxdomain", "rule"))
        self.assertTrue(name["name"].endswith(".evil.top"))
        self.assertEqual(look["rules"], [
            {"id": "rule", "count": 12046, "mode": "enforce", "blocks": True},
            {"id": "rule", "count": 1, "mode": "enforce", "blocks": False},
            {"id": "rule", "count": 1, "mode": "shadow", "blocks": False}])
        self.assertEqual(look["feeds"], [{"id": "main", "count": 12045}])

    def test_looks_as_json_lines(self):
        self.assertEqual(len(self.looks("-n", "3", "--interval", "0.1", "--now", NOW)), 3)
        (look,) = self.looks(env={"POSTSHIELD_STATE": self.path("nowhere")})
        self.assertEqual((look["seen"], look["names"]), (False, []))

    def test_json_goes_on_when_told(self):
        with subprocess.Popen([program.PROGRAM, "top", "--json", "--follow", "--interval", "0.1", "--now", NOW],
                              stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                              env=program.environment(POSTSHIELD_STATE=self.path("state"))) as process:
            self.assertIsNone(json.loads(process.stdout.readline())["blocked_per_second"])
            self.counters(heartbeat=HEARTBEAT + 2, nxdomain=42)
            rates = {json.loads(process.stdout.readline())["blocked_per_second"] for _ in range(20)}
            self.assertIn(12.5, rates)
            process.send_signal(signal.SIGTERM)
            for line in process.stdout:
                json.loads(line)
            self.assertEqual(process.wait(60), 0)

    def test_json_on_a_terminal_is_no_screen(self):
        it = self.screen("--json")
        self.assertEqual(it.ends(), 0)
        self.assertNotIn(b"\x1b", it.octets)
        self.assertEqual(json.loads(it.octets)["blocked"], 17)

    def test_frames_into_a_pipe(self):
        out = self.must(0, "top", "--now", NOW, "-n", "3", "--interval", "0.1").out
        self.assertEqual(out.count("resolver  alive"), 3)
        self.assert_terminal_safe(out)

    def test_wrong_options(self):
        for options in (("-n", "0"), ("-n", "x"), ("-n", "-1"), ("--interval", "0"), ("--interval", "nan"),
                        ("--interval", "1x"), ("--now", "never"), ("argument",)):
            with self.subTest(options):
                self.must(2, "top", *options)

    def test_a_folder_that_is_not_there(self):
        out = self.must(0, "top", env={"POSTSHIELD_STATE": self.path("nowhere")}).out
        self.assertIn("resolver  not seen", out)

    def test_what_cannot_be_read_is_told(self):
        self.write("state/module.prom", "what is this {\n")
        self.assertIn("problem:  ", self.must(0, "top").out)
        self.counters()
        shutil.rmtree(self.path("state/events"))
        self.write("state/events", "a file")
        self.assertIn("problem:  cannot open the folder", self.must(0, "top").out)

    def test_a_stopped_and_a_silent_resolver(self):
        self.counters(running=0)
        self.assertIn("resolver  stopped for 10 s", self.must(0, "top", "--now", NOW).out)
        self.counters()
        self.assertIn("resolver  silent for 60 min", self.must(0, "top", "--now", "2025-11-21T13:00:00Z").out)

    def test_old_events_are_left_out(self):
        out = self.must(0, "top", "--now", "2025-11-21T12:20:00Z").out
        self.assertIn("blocked name: none in the last 5 minutes", out)

    def test_the_terminal_is_as_it_was(self):
        for end in ("q", "\x03", signal.SIGTERM, signal.SIGHUP, "-n"):
            with self.subTest(end):
                it = self.screen(*(("-n", "2") if end == "-n" else ())).shows("resolver  alive")
                if isinstance(end, signal.Signals):
                    it.process.send_signal(end)
                elif end != "-n":
                    self.assertFalse(termios.tcgetattr(it.theirs)[3] & termios.ECHO)
                    os.write(it.ours, b"x" + end.encode())
                self.assertEqual(it.ends(), 0)
                self.assertTrue(it.octets.startswith(BEGIN), it.octets[:40])
                self.assertTrue(it.octets.endswith(END), it.octets[-40:])
                self.assertEqual(termios.tcgetattr(it.theirs), it.before)

    def test_it_stops_and_goes_on(self):
        """Ctrl-Z gives the terminal back, fg takes it again."""
        it = self.screen().shows("resolver  alive")
        os.write(it.ours, b"\x1a")
        it.await_("stopped", lambda: ") T " in pathlib.Path(f"/proc/{it.process.pid}/stat").read_text("ascii"))
        it.await_("given back", lambda: it.octets.endswith(END))
        self.assertEqual(termios.tcgetattr(it.theirs), it.before)
        before = len(it.frames())
        it.process.send_signal(signal.SIGCONT)
        it.await_("goes on", lambda: len(it.frames()) > before + 2)
        self.assertFalse(termios.tcgetattr(it.theirs)[3] & termios.ICANON)
        os.write(it.ours, b"q")
        self.assertEqual(it.ends(), 0)

    def test_every_size_fits(self):
        for columns, lines in ((80, 24), (20, 5), (1, 1), (40, 9), (300, 100), (500, 7)):
            with self.subTest((columns, lines)):
                it = self.screen("-n", "1", columns=columns, lines=lines)
                self.assertEqual(it.ends(), 0)
                (frame,) = it.frames()
                self.assertLessEqual(len(frame), lines)
                self.assertLessEqual(max(map(len, frame)), columns)
                self.assertTrue(frame[0].startswith("resolver  alive"[:columns]))

    def test_a_new_size_is_taken_at_once(self):
        it = Screen(self, "--now", NOW, "--interval", "3600").shows("count  feed")
        it.resize(30, 6)
        it.await_("smaller", lambda: max(map(len, it.frames()[-1])) == 30 and len(it.frames()[-1]) <= 6)
        os.write(it.ours, b"q")
        self.assertEqual(it.ends(), 0)

    def test_rates(self):
        it = self.screen().shows("blocked   -/s (17)")
        self.counters(heartbeat=HEARTBEAT + 2, nxdomain=42)
        it.shows("blocked   12.5/s (42)   of judged  12.5/s (12,042)")
        # Another start: nothing is known of it until it has written twice.
        self.counters(heartbeat=HEARTBEAT + 3, nxdomain=50, start=HEARTBEAT + 1)
        it.shows("blocked   -/s (50)")
        self.counters(heartbeat=HEARTBEAT + 5, nxdomain=60, start=HEARTBEAT + 1)
        it.shows("blocked   5.0/s (60)")
        self.counters(heartbeat=HEARTBEAT + 6, nxdomain=60, start=HEARTBEAT + 1, running=0)
        it.shows("blocked   -/s (60)")

    def write_until(self, number):
        """Events of 2023, up to at least so many."""
        with subprocess.Popen([SPOOL_LIFE, "write", self.path("state/events"), "1"], stdout=subprocess.PIPE,
                              env=program.environment()) as writer:
            while int(writer.stdout.readline()) < number:
                pass
            writer.kill()

    def test_the_state_folder_goes_and_comes_again(self):
        it = self.screen().shows("12,046")
        shutil.rmtree(self.path("state"))
        it.shows("resolver  not seen").shows("12,046")
        os.mkdir(self.path("state"))
        self.counters()
        # The clock was set back meanwhile: what is new has a smaller number.
        self.write_until(1000)
        it.shows("resolver  alive").shows("blocked name: none in")
        self.sample()
        it.shows("12,046")


if __name__ == "__main__":
    program.main()
