#!/usr/bin/python3
"""Runs the stages of tests/run, counts what each one ran, and sums up in one line.

A stage is a name, what it needs, and a function that returns (passed, failed). A
stage that breaks off, or that ran nothing, counts as one failure: a test that could
not run is no success. Logs of every stage lie in build/test-logs.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(ROOT, "build", "test-logs")
STAGES = {}
TREES = {}  # what contrib/unbound/build printed, by variant


class Broken(Exception):
    """A stage that could not run to its end."""


def stage(name, text):
    def register(function):
        STAGES[name] = (function, text)
        return function

    return register


def log_path(name):
    os.makedirs(LOGS, exist_ok=True)
    return os.path.join(LOGS, name.replace("/", "-") + ".log")


def run(name, *command, env=None, timeout=2400):
    """Runs a command with its output in a log; returns (exit status, output)."""
    path = log_path(name)
    with open(path, "w+b") as log:
        try:
            done = subprocess.run(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})}, timeout=timeout, check=False)
            status = done.returncode
        except subprocess.TimeoutExpired:
            status = -1
            log.write(b"\nended: it ran over its time\n")
        log.seek(0)
        output = log.read().decode("utf-8", "replace")
    return status, output


def must(name, *command, **keywords):
    status, output = run(name, *command, **keywords)
    if status != 0:
        tail = "\n".join(output.splitlines()[-25:])
        raise Broken(f"{' '.join(command)} ended with {status}; {log_path(name)} ends:\n{tail}")
    return output


def unbound_tree(variant):
    """The folder of a built Unbound; built when it is not there."""
    options = {
        "host": [],
        "1.22.0": ["--release", "trixie", "--version", "1.22.0"],
        "address": ["--sanitize", "address"],
        "thread": ["--sanitize", "thread"],
    }[variant]
    if variant not in TREES:
        path = os.path.join(LOGS, f"unbound-{variant}.log")
        os.makedirs(LOGS, exist_ok=True)
        with open(path, "wb") as log:
            done = subprocess.run(
                [os.path.join(ROOT, "contrib/unbound/build"), *options], cwd=ROOT, stdout=subprocess.PIPE,
                stderr=log, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise Broken(f"contrib/unbound/build {' '.join(options)} failed: see {path}")
        TREES[variant] = done.stdout.decode().split("\n")[-2]
    return TREES[variant]


BUILDS = {
    # name: (Unbound variant, folder, CMake options)
    "release": ("host", "build", ["-DCMAKE_BUILD_TYPE=Release"]),
    "clang": ("host", "build-clang", ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_C_COMPILER=clang"]),
    "address": ("address", "build-address",
                ["-DCMAKE_BUILD_TYPE=Debug", "-DPOSTSHIELD_SANITIZE=address",
                 "-DCMAKE_C_COMPILER=clang"]),
    "thread": ("thread", "build-thread",
               ["-DCMAKE_BUILD_TYPE=Debug", "-DPOSTSHIELD_SANITIZE=thread",
                "-DCMAKE_C_COMPILER=clang"]),
    "1.22.0": ("1.22.0", "build-1.22.0", ["-DCMAKE_BUILD_TYPE=Release"]),
}
BUILT = set()


def build(name, warnings_are_errors=True):
    """Configures and builds one variant; returns its folder."""
    variant, folder, options = BUILDS[name]
    if name not in BUILT:
        tree = unbound_tree(variant)
        if warnings_are_errors:
            options = options + ["-DCMAKE_COMPILE_WARNING_AS_ERROR=ON"]
        must(f"configure-{name}", "cmake", "-S", ".", "-B", folder, "-G", "Ninja",
             f"-DUNBOUND_PREFIX={tree}", *options)
        must(f"build-{name}", "cmake", "--build", folder)
        BUILT.add(name)
    return os.path.join(ROOT, folder)


def ctest(name, folder, env=None, only=None):
    """Runs ctest and counts from its own report."""
    report = os.path.join(folder, "ctest.xml")
    if os.path.exists(report):
        os.unlink(report)
    command = ["ctest", "--test-dir", folder, "--output-on-failure", "--no-tests=error",
               "--timeout", "600", "-j2", "--output-junit", report]
    if only:
        command += ["-R", only]
    run(f"ctest-{name}", *command, env=env)
    if not os.path.exists(report):
        raise Broken(f"ctest made no report: see {log_path('ctest-' + name)}")
    suite = ElementTree.parse(report).getroot()
    total = int(suite.get("tests"))
    bad = [case.get("name") for case in suite.iter("testcase") if case.get("status") != "run"]
    for each in bad:
        print(f"    failed: {each}")
    return total - len(bad), len(bad)


def unittests(name, *command, env=None, timeout=2400):
    """Runs a Python unittest program and counts from its closing lines. What was
    skipped counts as failed."""
    status, output = run(name, *command, env=env, timeout=timeout)
    ran = re.search(r"^Ran (\d+) tests? in", output, re.M)
    if not ran or int(ran.group(1)) == 0:
        raise Broken(f"{' '.join(command)} ran no test (status {status}): see {log_path(name)}")
    bad = sum(int(n) for n in re.findall(r"(?:failures|errors|skipped|unexpected successes)=(\d+)",
                                         output.splitlines()[-1]))
    if status != 0 and bad == 0:
        bad = 1
    for each, said in re.findall(r"^(?:FAIL|ERROR): (.*)\n-+\n(?s:(.*?))\n\n", output, re.M):
        print(f"    failed: {each}")
        print("".join(f"        {line[:300]}\n" for line in said.splitlines()[-12:]), end="")
    return max(int(ran.group(1)) - bad, 0), bad


def lab_env(name):
    """What the integration tests need to know of one build."""
    variant, folder, _ = BUILDS[name]
    return {"POSTSHIELD_BUILD": os.path.join(ROOT, folder),
            "POSTSHIELD_UNBOUND": unbound_tree(variant),
            "POSTSHIELD_VARIANT": name}


# --- the stages -------------------------------------------------------------------


@stage("scripts", "shellcheck over every shell script")
def scripts():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split()
    shell = []
    for each in files:
        with open(os.path.join(ROOT, each), "rb") as file:
            first = file.readline()
        if re.match(rb"#!.*\b(ba)?sh\b", first):
            shell.append(each)
    if not shell:
        raise Broken("no shell script found")
    must("shellcheck", "shellcheck", *shell)
    return len(shell), 0


@stage("unit", "unit tests and corpora, release build by gcc")
def unit():
    return ctest("release", build("release"))


@stage("unit-clang", "the same built by clang, without a warning")
def unit_clang():
    return ctest("clang", build("clang"))


@stage("unit-address", "the same under AddressSanitizer and UndefinedBehaviorSanitizer")
def unit_address():
    return ctest("address", build("address"), env={"ASAN_OPTIONS": "detect_leaks=1"})


@stage("unit-thread", "the same under ThreadSanitizer")
def unit_thread():
    return ctest("thread", build("thread"), env={"TSAN_OPTIONS": "halt_on_error=1"})


def integration(name, env=None, timeout=2400):
    build(name)
    return unittests(f"integration-{name}", "/usr/bin/python3", "tests/unbound/run.py",
                     env={**lab_env(name), **(env or {})}, timeout=timeout)


@stage("integration", "the real Unbound and NSD, release build")
def integration_release():
    return integration("release")


@stage("integration-1.22.0", "the same with Debian 13's Unbound")
def integration_next():
    return integration("1.22.0")


@stage("integration-address", "the same, Unbound and module under ASan and UBSan")
def integration_address():
    return integration("address")


@stage("integration-thread", "the same, Unbound and module under TSan")
def integration_thread():
    return integration("thread")


@stage("quickstart", "contrib/quickstart --once: every answer as expected")
def quickstart():
    must("quickstart", "contrib/quickstart", "--once")
    return 1, 0


@stage("blockpage", "contrib/blockpage: served by nginx for a blocked name, shown by Chromium")
def blockpage():
    build("release")
    return unittests("blockpage", "/usr/bin/python3", "tests/blockpage/run.py", env=lab_env("release"))


@stage("monitoring", "contrib/monitoring: promtool, and the real Prometheus sees what goes wrong")
def monitoring():
    build("release")
    return unittests("monitoring", "/usr/bin/python3", "tests/monitoring/run.py", env=lab_env("release"))


@stage("faults", "RELIABILITY's rows in their quick form, each with its negative control")
def faults():
    build("release")
    build("address")
    build("thread")
    report = os.path.join(LOGS, "faults.json")
    if os.path.exists(report):
        os.unlink(report)
    status, _ = run("faults", "/usr/bin/python3", "tests/faults/run", "--json", report,
                    env=lab_env("release"), timeout=3000)
    if not os.path.exists(report):
        raise Broken(f"tests/faults/run made no report (status {status}): see {log_path('faults')}")
    with open(report, encoding="utf-8") as file:
        rows = json.load(file)["rows"]
    bad = [row["row"] for row in rows if not (row["held"] and row["control_failed"])]
    for each in bad:
        print(f"    failed: row {each}")
    if status != 0 and not bad:
        bad = ["?"]
    return len(rows) - len(bad), len(bad)


def main():
    parser = argparse.ArgumentParser(
        prog="tests/run", description="All set-up, build and every test.",
        epilog="stages: " + "; ".join(f"{n}: {t[1]}" for n, t in STAGES.items()))
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="run these only")
    parser.add_argument("--list", action="store_true", help="list the stages and end")
    arguments = parser.parse_args()
    if arguments.list:
        for name, (_, text) in STAGES.items():
            print(f"{name:22} {text}")
        return 0
    for name in arguments.stages:
        if name not in STAGES:
            parser.error(f"there is no stage '{name}': tests/run --list")
    passed = failed = 0
    for name in arguments.stages or STAGES:
        began = time.monotonic()
        print(f"{name}: {STAGES[name][1]}", flush=True)
        try:
            good, bad = STAGES[name][0]()
        except Broken as reason:
            good, bad = 0, 1
            print(f"    could not run: {reason}")
        print(f"    {good} passed, {bad} failed in {time.monotonic() - began:.0f} s", flush=True)
        passed += good
        failed += bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
