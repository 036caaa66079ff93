"""M4: every fuzz target by libFuzzer under AddressSanitizer, and the branches that tests reach."""

import collections
import concurrent.futures
import gzip
import json
import os
import re
import subprocess

from harness import ROOT, Broken, Outcome, tail

QUICK_RUNS, QUICK_SECONDS = 20_000, 5
LONG_RUNS, LONG_LEAST = 20_000_000, 200_000  # over all targets, and of each
LONG_SECONDS, LONG_ROUNDS = 120, 20


def targets(context):
    folder = context.builds.configure("fuzz")
    said = subprocess.run(["ninja", "-C", str(folder), "-t", "targets", "all"], capture_output=True, text=True,
                          check=False).stdout
    found = sorted(set(re.findall(r"^(fuzz_\w+):", said, re.M)))
    if not found:
        raise Broken("no fuzz target was found")
    return found


def fuzz(context, path, name, runs, seconds, longest=4096, seed=1, own=None):
    """(executions, exit status, the line that says what was found). name: of its corpus; own: the
    folder that what is found new is added to, another one each time unless it is given."""
    own = own or context.scratch(f"corpus-{name}")
    artifacts = context.scratch(f"found-{name}")
    command = [str(path), f"-runs={runs}", f"-seed={seed}", "-print_final_stats=1", f"-max_len={longest}",
               "-timeout=60", "-rss_limit_mb=4096", f"-artifact_prefix={artifacts}/", str(own)]
    if seconds:
        command.insert(1, f"-max_total_time={seconds}")
    corpus = ROOT / "tests" / "fuzz" / "corpus" / name
    if corpus.is_dir():
        command.append(str(corpus))
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=1"}, cwd=artifacts)
    count = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    if done.returncode == 0 and count is None:
        raise Broken(f"{name} did not say how much it ran: {tail(done.stderr)}")
    found = re.search(r"^(?:SUMMARY|==\d+==ERROR): .*$", done.stderr, re.M)
    return int(count.group(1)) if count else 0, done.returncode, found.group(0) if found else tail(done.stderr, 1)


def gcov_files(context, folder):
    """gcov's JSON for every object of module/ that a test ran."""
    work = context.scratch("gcov")
    objects = [path for path in (folder / "module").rglob("*.gcda")]
    if not objects:
        raise Broken("no test left coverage data")
    for path in objects:
        subprocess.run(["gcov", "--branch-probabilities", "--json-format", str(path)], cwd=work, capture_output=True,
                       check=False)
        for made in work.glob("*.gcov.json.gz"):
            with gzip.open(made) as file:
                yield from json.load(file)["files"]
            made.unlink()


def branch_coverage(context):
    """(reached, all) branches of module/, over the unit tests and corpora; and by room."""
    folder = context.builds.configure("coverage")
    context.builds.make("coverage", "all")
    for path in folder.rglob("*.gcda"):
        path.unlink()
    subprocess.run(["ctest", "--test-dir", str(folder), "-j2", "--timeout", "1800"], capture_output=True, check=False)
    branches = collections.defaultdict(bool)
    for file in gcov_files(context, folder):
        path = os.path.realpath(os.path.join(ROOT, file["file"]))
        if not path.startswith(str(ROOT / "module") + os.sep):
            continue
        for line in file["lines"]:
            for number, branch in enumerate(line["branches"]):
                if not branch.get("throw"):
                    branches[path, line["line_number"], number] |= branch["count"] > 0
    if not branches:
        raise Broken("gcov names no file of module/")
    rooms = collections.defaultdict(lambda: [0, 0])
    for (path, _, _), reached in branches.items():
        room = os.path.relpath(path, ROOT / "module").split(os.sep)[0]
        rooms[room][0] += reached
        rooms[room][1] += 1
    return sum(branches.values()), len(branches), rooms


def fuzz_shortly(context, folder, names):
    """({target: executions}, what was found)"""
    runs, found = {}, []
    for target in names:
        name = target.removeprefix("fuzz_")
        runs[name], status, said = fuzz(context, folder / "fuzz" / target, name, QUICK_RUNS, QUICK_SECONDS)
        context.say(f"M4 {name}: {runs[name]:,} {said if status else ''}")
        if status != 0:
            found.append(f"{name}: {said}")
    return runs, found


def fuzz_long(context, folder, names):
    """The same, all processors busy: rounds in which every target has the same time, until the sum is
    reached, and then those that have too few. By runs alone the slowest, a hundred times as slow as the fastest,
    would take nearly all of it."""
    runs, found = collections.Counter(), {}
    own = {target: context.scratch(f"corpus-{target.removeprefix('fuzz_')}") for target in names}

    def once(target, seed):
        name = target.removeprefix("fuzz_")
        count, status, said = fuzz(context, folder / "fuzz" / target, name, -1, LONG_SECONDS, seed=seed,
                                   own=own[target])
        context.say(f"M4 {name}: {count:,} {said if status else ''}")
        runs[name] += count
        if status != 0:
            found[name] = said

    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for seed in range(1, LONG_ROUNDS + 1):
            is_enough = sum(runs.values()) >= LONG_RUNS
            left = [target for target, name in ((each, each.removeprefix("fuzz_")) for each in names)
                    if name not in found and (not is_enough or runs[name] < LONG_LEAST)]
            list(pool.map(once, left, [seed] * len(left)))
    return runs, [f"{name}: {said}" for name, said in sorted(found.items())]


def m4(context):
    names = targets(context)
    folder = context.builds.make("fuzz", *names, "faults_fuzz_planted")
    runs, found = (fuzz_long if context.long else fuzz_shortly)(context, folder, names)
    total, least = sum(runs.values()), min(runs, key=runs.get)
    _, status, said = fuzz(context, folder / "tests" / "faults" / "faults_fuzz_planted", "none", 5_000_000, 60,
                           longest=64)
    figure = (f"{total:,} executions of {len(names)} targets (least {least}: {runs[least]:,}) under ASan and UBSan: "
              f"{len(found)} found")
    figure += f" ({'; '.join(found)})" if found else ""
    held = not found and total >= (LONG_RUNS if context.long else 1000 * len(names))
    held = held and (not context.long or runs[least] >= LONG_LEAST)
    if context.long:
        reached, of, rooms = branch_coverage(context)
        figure += (f"; {100 * reached / of:.1f} % of {of:,} branches (aim: 95): "
                   + ", ".join(f"{room} {100 * a / b:.0f}" for room, (a, b) in sorted(rooms.items())))
        held = held and reached >= 0.95 * of
    return Outcome(f"{figure}; control (planted read beyond the end): {said[:120]}", held,
                   status != 0 and "heap-buffer-overflow" in said)
