#!/usr/bin/python3
"""The tests of contrib/monitoring: its files by promtool, and Debian's own Prometheus and
node_exporter watching a resolver that is put out of order. The environment is that of
tests/unbound/run.py.

Arguments choose tests: run.py test_rules test_live.Live. Fails when nothing ran; skips none.
"""

import pathlib
import signal
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "unbound"), str(HERE.parent / "lab")]

import stand  # noqa: E402


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    loader = unittest.TestLoader()
    if sys.argv[1:]:
        tests = loader.loadTestsFromNames(sys.argv[1:])
    else:
        tests = loader.discover(str(HERE), "test_*.py")
    good = False
    try:
        result = unittest.TextTestRunner(verbosity=2).run(tests)
        good = result.wasSuccessful() and result.testsRun > 0 and not result.skipped
    finally:
        stand.stop_lab(keep=not good)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
