#!/usr/bin/python3
"""The integration tests: the module in the real Unbound, before the lab's NSD, with DNSSEC.

    POSTSHIELD_BUILD    build folder: bin/postshield.so, bin/postshield   (default: build)
    POSTSHIELD_UNBOUND  a folder of contrib/unbound/build                 (default: the one at hand)
    POSTSHIELD_VARIANT  release, address, thread or 1.22.0                (default: release)

Arguments choose tests, as unittest names them: run.py test_cache test_life.Reload. Fails when
nothing ran. No test is ever skipped: what cannot run fails.
"""

import pathlib
import signal
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import stand  # noqa: E402


class Result(unittest.TextTestResult):
    """Says how long each test took when it took long."""

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        took = time.monotonic() - self.began
        if took > 2:
            self.stream.writeln(f"    {took:.1f} s")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    loader = unittest.TestLoader()
    if sys.argv[1:]:
        tests = loader.loadTestsFromNames(sys.argv[1:])
    else:
        tests = loader.discover(str(HERE), "test_*.py")
    print(f"variant {stand.VARIANT}: {stand.BUILD}, {stand.PREFIX}", file=sys.stderr)
    good = False
    try:
        result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(tests)
        good = result.wasSuccessful() and result.testsRun > 0 and not result.skipped
    finally:
        stand.stop_lab(keep=not good)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
