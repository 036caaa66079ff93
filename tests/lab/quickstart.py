#!/usr/bin/python3
"""The quickstart's second half: a snapshot, the lab with the module, a dozen questions, a table.

Run by contrib/quickstart, which has installed and built what this needs.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from lab import Lab, LabError, NoAnswer, ask, end_on_signals

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@dataclasses.dataclass(frozen=True)
class Question:
    """answer: rcode, then data, as Reply.short gives it. rule: None when none decides."""

    name: str
    rdtype: str
    answer: str
    rule: str | None


QUESTIONS = [
    # Innocent names, signed: as ever.
    Question("www.usps.com", "A", "NOERROR 192.0.2.10", None),
    Question("track.swisspost.post", "A", "NOERROR 192.0.2.31", None),
    # STIX: a domain and all below it; one host of an official domain, and its sibling.
    Question("usps-redelivery.top", "A", "NXDOMAIN", "isac-phishing"),
    Question("pay.usps-redelivery.top", "A", "NXDOMAIN", "isac-phishing"),
    Question("promo.poste-test.post", "A", "NXDOMAIN", "isac-phishing"),
    Question("www.poste-test.post", "A", "NOERROR 192.0.2.40", None),
    # STIX whose time is over; MISP meant for detection, and not.
    Question("www.ups.com", "A", "NOERROR 192.0.2.15", None),
    Question("usps.com-track83.top", "A", "NXDOMAIN", "isac-phishing"),
    Question("shop.com", "A", "NOERROR 198.51.100.10", None),
    # RPZ, CSV, a pattern with a sinkhole; what no list blocks and looks like a post's.
    Question("a.b.c.d.e.f.evil.top", "A", "NODATA", "malware"),
    Question("laposte-suivi.com", "A", "REFUSED", "abuse-desk"),
    Question("blog.laposte-suivi.com", "A", "NXDOMAIN", "lookalikes"),
    Question("parcel-482913.top", "A", "NOERROR 192.0.2.80", "parcel-pattern"),
    Question("parcel-482913.top", "AAAA", "NOERROR 2001:db8::80", "parcel-pattern"),
    Question("track-lnpost.top", "A", "NXDOMAIN", "lookalikes"),
    # What no feed may block: a public suffix, the operator's own list.
    Question("royal-shop.co.uk", "A", "NOERROR 198.51.100.20", None),
    Question("www.upu.int", "A", "NOERROR 192.0.2.50", None),
    # A broken signature stays broken.
    Question("www.bogus.com", "A", "SERVFAIL", None),
]
# What to try by hand, from the questions above.
SHOWN = ["usps-redelivery.top", "promo.poste-test.post", "www.poste-test.post", "parcel-482913.top"]


@dataclasses.dataclass(frozen=True)
class Row:
    question: Question
    answer: str
    rule: str | None
    reason: str

    @property
    def ok(self):
        return (self.answer, self.rule) == (self.question.answer, self.question.rule)


class Unexpected(LabError):
    """An answer or a rule was not the expected one."""


class Screen:
    """Short lines for people; quiet colours at a terminal, none elsewhere or with NO_COLOR."""

    def __init__(self, stream):
        self.stream = stream
        self.colour = stream.isatty() and "NO_COLOR" not in os.environ
        self.width = min(shutil.get_terminal_size((100, 24)).columns, 100) if stream.isatty() else 100

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def say(self, text=""):
        print(text, file=self.stream, flush=True)

    def step(self, label, text):
        self.say(f"  {label:11} {text}")

    def table(self, rows):
        names = [label(row.question) for row in rows]
        widths = [max(map(len, column)) for column in
                  (["answer", *(row.answer for row in rows)], ["name", *names],
                   ["rule", *(row.rule or "-" for row in rows)])]
        room = max(self.width - sum(widths) - 2 - 3 * 2, 12)
        head = "  ".join(word.ljust(width) for word, width in zip(("answer", "name", "rule"), widths))
        self.say()
        self.say("  " + self.paint("1", f"{head}  reason"))
        for row, name in zip(rows, names):
            answer = self.paint("33" if row.rule else "32", row.answer.ljust(widths[0]))
            reason = row.reason if len(row.reason) <= room else row.reason[:room - 1] + "…"
            rule = (row.rule or "-").ljust(widths[2])
            self.say(f"  {answer}  {name.ljust(widths[1])}  {rule}  {reason}".rstrip())
            if not row.ok:
                wanted = f"expected: {row.question.answer}, rule {row.question.rule or '-'}"
                self.say("  " + self.paint("31", wanted))
        self.say()


def label(question):
    return question.name if question.rdtype == "A" else f"{question.name} {question.rdtype}"


def gather_policy(folder):
    """The shipped policies and the demo's own as one folder, for a policy is one folder."""
    policy = folder / "policy"
    shipped = ROOT / "policies"
    if shipped.is_dir():
        shutil.copytree(shipped, policy)
    policy.mkdir(exist_ok=True)
    for path in sorted((ROOT / "tests/lab/policy").glob("*.postshield.yaml")):
        shutil.copy(path, policy)
    shutil.copytree(ROOT / "tests/lab/feeds", folder / "feeds")
    return policy


def run(what, command, log, good=(0,)):
    """Runs one of our programs; what it prints goes to the log, its standard output is returned."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    with open(log, "a", encoding="utf-8") as out:
        out.write(f"== {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    if done.returncode not in good:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise LabError(f"{what} failed: {said[0].strip() if said else 'it said nothing'} (log: {log})")
    return done.stdout


def explain(postshield, snapshot, question, log):
    """Rule (None if none decides) and reason, from the program that the operator would ask."""
    command = [postshield, "explain", "--json", "--snapshot", snapshot,
               "--type", question.rdtype, question.name]
    told = json.loads(run("explain", command, log, good=(0, 1)))  # 1: the name is blocked
    # A rule that is not answered (pass, log) leaves the decision at PASS.
    return told["rule"]["id"] if told["rule"] else None, in_short(told)


def in_short(told):
    """The reason in as few words as a table has room for; `postshield explain` says it whole."""
    decided = [each for each in told["evidence"] if each["decided"]]
    if decided and decided[0]["feed"]:
        which = decided[0]
        return f"{which['feed']}: {which['category']}, confidence {which['confidence']}"
    if decided:
        return f"never blocked: {decided[0]['listed']}"
    if told["rule"] and told["ede"] and told["ede"]["text"]:
        return told["ede"]["text"]
    return "no rule, no feed" if not told["rule"] else told["reason"]


def ask_all(lab, postshield, snapshot, log):
    rows = []
    for question in QUESTIONS:
        rule, reason = explain(postshield, snapshot, question, log)
        try:
            reply = lab.query(question.name, question.rdtype)
            answer = reply.short
            if reply.rcode == "SERVFAIL" and reply.ede:  # the resolver's own reason, not ours
                reason = f"{ask.ede_words(reply.ede[0][0])}, says the validator"
        except NoAnswer:
            answer = "no answer"
        rows.append(Row(question, answer, rule, reason))
    return rows


def as_json(rows, port):
    return json.dumps({
        "ok": all(row.ok for row in rows),
        "port": port,
        "rows": [{"answer": row.answer, "name": row.question.name, "type": row.question.rdtype,
                  "rule": row.rule, "reason": row.reason, "ok": row.ok,
                  "expected": {"answer": row.question.answer, "rule": row.question.rule}} for row in rows],
    }, indent=2)


def stay(screen, port):
    screen.say("  It stays up for questions of yours; Ctrl-C ends it. Try:")
    for name in SHOWN:
        screen.say(f"    dig @127.0.0.1 -p {port} {name}")
    while True:
        signal.pause()


def show(options, screen, folder):
    binaries = options.build / "bin"
    log = folder / "postshield.log"
    state = folder / "state"
    state.mkdir()
    snapshot = state / "snapshot.ps"
    run("building the snapshot", [binaries / "postshield", "build", "--policy", gather_policy(folder),
                                  "--output", snapshot], log)
    feeds = len(list((folder / "feeds").iterdir()))
    screen.step("snapshot", f"{snapshot.stat().st_size:,} octets from {feeds} feeds")
    with Lab(folder / "lab", options.prefix) as lab:
        lab.unbound.start(module=binaries / "postshield.so", state=state, threads=2)
        screen.step("lab", f"NSD with {len(lab.zones)} zones; Unbound on 127.0.0.1, port {lab.unbound.port}")
        rows = ask_all(lab, binaries / "postshield", snapshot, log)
        if options.json:
            print(as_json(rows, lab.unbound.port), flush=True)
        else:
            screen.table(rows)
        wrong = [label(row.question) for row in rows if not row.ok]
        if wrong:
            raise Unexpected(f"not as expected: {', '.join(wrong)} (log: {lab.unbound.log_path})")
        screen.say(f"  {len(rows)} of {len(rows)} answers as expected.")
        if not options.once:
            stay(screen, lab.unbound.port)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prefix", required=True, help="folder made by contrib/unbound/build")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build",
                        help="PostShield's build folder")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    screen = Screen(sys.stderr if options.json else sys.stdout)
    end_on_signals()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="postshield-quickstart."))
    keep = False
    try:
        show(options, screen, folder)
        return 0
    except LabError as error:
        keep = True  # the line names a log in it
        print(f"quickstart: {error}", file=sys.stderr)
        return 1 if isinstance(error, Unexpected) else 3
    except SystemExit as ended:
        if ended.code == 128 + signal.SIGINT:
            screen.say("\n  Ended; nothing of it is left.")
            return 0
        raise
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
