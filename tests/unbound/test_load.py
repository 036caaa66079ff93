"""Snapshots swapped under load: nothing lost, nothing late, nothing answered by no rules at all."""

import re
import shutil
import subprocess
import time
import unittest

from questioner import Exchange, Questioner
from stand import ADDRESS, SANITIZED, Case, Policy

SWAPS = 20 if SANITIZED else 100
RATE = 250 if SANITIZED else 1500
DNSPERF_RATE = 400 if SANITIZED else 2000
# How much later than without swaps the slowest answer may come. Two busy cores stand still for
# tens of milliseconds now and then; Unbound's own reload of an RPZ stops it for seconds.
LATER = 4.0 if SANITIZED else 0.25

BULK = [f"n{n:05}.bulk.top" for n in range(300)]
EVEN, ODD, FREE = BULK[:100], BULK[100:200], BULK[200:]
ALWAYS = [f"h{n}.evil.top" for n in range(50)]
NAMES = [name for group in zip(EVEN, ODD, FREE, ALWAYS * 2) for name in group]
POLICIES = [Policy.of(nxdomain={"is": EVEN}, refused={"under": ["evil.top"]}),
            Policy.of(nxdomain={"is": ODD}, refused={"under": ["evil.top"]})]
EVEN_SET, ODD_SET = set(EVEN), set(ODD)
NOERROR, NXDOMAIN, REFUSED = 0, 3, 5


class Dnsperf:
    """dnsperf beside whatever else happens; report() ends it."""

    def __init__(self, folder, port, names, seconds):
        data = folder / "dnsperf.names"
        data.write_text("".join(f"{name} A\n" for name in names), encoding="ascii")
        self.process = subprocess.Popen(
            [shutil.which("dnsperf"), "-s", ADDRESS, "-p", str(port), "-d", str(data), "-l", str(seconds),
             "-c", "4", "-Q", str(DNSPERF_RATE), "-t", "8"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def running(self):
        return self.process.poll() is None

    def report(self):
        """{"sent", "completed", "lost", "max" (seconds)}"""
        text, _ = self.process.communicate(timeout=120)
        numbers = {}
        for key, pattern in (("sent", r"Queries sent:\s+(\d+)"), ("completed", r"Queries completed:\s+(\d+)"),
                             ("lost", r"Queries lost:\s+(\d+)"), ("max", r"Average Latency.*max ([0-9.]+)"),
                             ("noerror", r"NOERROR (\d+)")):
            match = re.search(pattern, text)
            if not match:
                raise AssertionError(f"dnsperf said no {key}:\n{text}")
            numbers[key] = float(match[1])
        return numbers


class Swaps(Case):
    @staticmethod
    def expected(name, parity):
        if name in EVEN_SET:
            return NXDOMAIN if parity == 0 else NOERROR
        if name in ODD_SET:
            return NXDOMAIN if parity == 1 else NOERROR
        return REFUSED if name.endswith(".evil.top") else NOERROR

    def wrong(self, exchanges, swaps):
        """Exchanges whose answer agrees with no snapshot that was active in between. swaps:
        [(put, seen active, parity), ...]: a snapshot may decide from the moment it was put
        there until the next was seen to be active."""
        lives = [(put, swaps[i + 1][1] if i + 1 < len(swaps) else float("inf"), parity)
                 for i, (put, _, parity) in enumerate(swaps)]
        out, first = [], 0
        for exchange in sorted(exchanges, key=lambda e: e.asked):
            while first + 1 < len(lives) and lives[first][1] < exchange.asked:
                first += 1
            allowed = set()
            for put, gone, parity in lives[first:]:
                if put > exchange.answered:
                    break
                if gone >= exchange.asked:
                    allowed.add(self.expected(exchange.name, parity))
            if exchange.rcode not in allowed or (exchange.rcode == NOERROR) != (exchange.addresses == 1):
                out.append((exchange, allowed))
        return out

    def test_swaps_under_load(self):
        it = self.shield(POLICIES[0], threads=4, config={"num-queries-per-thread": 2048})
        files = [it.prepare(policy) for policy in POLICIES]
        for name in NAMES:
            it.query(name)
        quiet = Dnsperf(it.unbound.folder, it.unbound.port, FREE, 3).report()
        self.assertEqual(quiet["lost"], 0)

        questioner = Questioner(it.unbound.port, NAMES, rate=RATE).start()
        busy = Dnsperf(it.unbound.folder, it.unbound.port, FREE, 6)
        swaps = [(0.0, 0.0, 0)]
        generation = it.generation()
        while len(swaps) <= SWAPS or busy.running():
            parity = len(swaps) % 2
            put = time.monotonic()
            it.put(files[parity])
            it.await_active(files[parity], generation, deadline=60)
            generation += 1
            swaps.append((put, time.monotonic(), parity))
            time.sleep(0.03)  # most answers then have one snapshot to agree with
        it.policies = [POLICIES[swaps[-1][2]]]
        report = busy.report()
        exchanges = questioner.stop()
        lost = [exchange for exchange in exchanges if exchange.answered is None]
        answered = [exchange for exchange in exchanges if exchange.answered is not None]
        slowest = max(exchange.answered - exchange.asked for exchange in answered)
        flipped = {e.name for e in answered if e.rcode == NXDOMAIN} & {e.name for e in answered if e.rcode == NOERROR}
        print(f"\n    {len(swaps) - 1} swaps, {len(exchanges)} questions of ours (slowest {slowest * 1e3:.0f} ms), "
              f"{report['completed']:.0f} of dnsperf (slowest {report['max'] * 1e3:.0f} ms, "
              f"without swaps {quiet['max'] * 1e3:.0f} ms)", flush=True)

        self.assertEqual(lost, [])
        self.assertEqual(self.wrong(answered, swaps), [])
        # Were the questions such that they could go wrong?
        self.assertGreater(len(answered), 500 if SANITIZED else 4000)
        self.assertGreater(len(flipped), 100)
        self.assertEqual(report["lost"], 0)
        self.assertEqual(report["noerror"], report["completed"])
        self.assertLess(report["max"], quiet["max"] + LATER)
        self.assertEqual(it.sample("snapshots_rejected_total"), 0)
        self.assertEqual(it.counted("snapshot_generation"), len(swaps))

    def test_the_check_finds_what_is_wrong(self):
        """The control: answers that agree with no snapshot of their time are found."""
        swaps = [(0.0, 0.0, 0), (10.0, 11.0, 1), (20.0, 21.0, 0)]
        name = EVEN[0]
        good = [Exchange(name, 5, 6, NXDOMAIN, 0), Exchange(name, 12, 13, NOERROR, 1),
                Exchange(name, 9, 10.5, NXDOMAIN, 0), Exchange(name, 9, 10.5, NOERROR, 1),
                Exchange(name, 10.5, 10.6, NXDOMAIN, 0), Exchange(name, 5, 25, NOERROR, 1),
                Exchange(name, 22, 23, NXDOMAIN, 0), Exchange(ALWAYS[0], 5, 6, REFUSED, 0),
                Exchange(FREE[0], 5, 6, NOERROR, 1)]
        bad = [Exchange(name, 5, 6, NOERROR, 1), Exchange(name, 12, 13, NXDOMAIN, 0),
               Exchange(name, 22, 23, NOERROR, 1), Exchange(ALWAYS[0], 5, 6, NXDOMAIN, 0),
               Exchange(FREE[0], 5, 6, NXDOMAIN, 0), Exchange(FREE[0], 5, 6, NOERROR, 0),
               Exchange(FREE[0], 15, 16, 2, 0)]
        self.assertEqual(self.wrong(good, swaps), [])
        self.assertEqual(sorted(e for e, _ in self.wrong(bad, swaps)), sorted(bad))


if __name__ == "__main__":
    unittest.main()
