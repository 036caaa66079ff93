"""The policy under which PostShield is measured, and the snapshot made from it."""

import json
import shutil

import brands
import tools

# Four rules of a kind that an operator has; the feed's is the third that is asked. With a
# text for EDE, a never list, and a condition on confidence: nothing is left out to be quick.
TEXT = """\
postshield: 1
rules:
  - id: partners
    when: {name: {under: parcels.example}}
    then: pass
  - id: own-list
    when: {name: {is: [parcel-fee.example, track-fee.example]}}
    then: refused
  - id: abuse
    when: {listed: {feeds: [abuse], confidence: ">= 60"}}
    then: nxdomain
    tell: {ede: blocked, text: on the sector's abuse list}
  - id: doubtful
    when: {listed: {feeds: [abuse]}}
    then: log
never: [upu.int, "*.upu.post"]
feeds:
  abuse: {format: plain, path: %s, scope: subtree, category: phishing, confidence: 80}
"""


# The fifth, where there are protected names.
LOOKALIKES = """\
  - id: lookalikes
    when: {lookalike: {score: ">= 80"}}
    then: nxdomain
"""

# The same with rules for some clients: 1,000 prefixes, a group that is exempt and one that is
# kept from a zone that others see.
CLIENTS = """\
clients:
  analysts: [%s]
  counters: [127.2.0.0/16, "2001:db8:20::/48"]
"""
CLIENT_RULES = """\
  - id: analysts-see-all
    when: {client: analysts}
    then: pass
  - id: counters-stricter
    when: {name: {under: %s}, client: counters}
    then: nxdomain
"""


def with_clients(text, zone):
    prefixes = ", ".join(f"10.{i // 250}.{i % 250}.0/24" for i in range(1000))
    text = text.replace("rules:\n", CLIENTS % prefixes + "rules:\n" + CLIENT_RULES % zone, 1)
    return text


def write(folder, feed, zone=None, protected=0, rules=""):
    """Makes the policy's folder: its rules about the feed, and so many brands. zone: with rules for
    some clients, one of them about this zone. rules: more of them, which stand first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = (TEXT % feed).replace("rules:\n", "rules:\n" + rules, 1)
    if protected:
        text = text.replace("never:", LOOKALIKES + "never:", 1)
        brands.write_policy(protected, folder)
    if zone:
        text = with_clients(text, zone)
    (folder / "bench.postshield.yaml").write_text(text, encoding="utf-8")


def build_snapshot(build, feed, output, zone=None, protected=0, rules=""):
    """Runs `postshield build` with the policy that write() makes: (its cost, what `postshield index
    info` says, the path)."""
    folder = output.with_suffix(".policy")
    write(folder, feed, zone, protected, rules)
    program = build / "bin" / "postshield"
    cost = tools.measured_run(program, "build", "--policy", folder, "--output", output, "--quiet")
    info = json.loads(tools.run(program, "index", "info", "--json", "--snapshot", output))
    return cost, info, output


def blocked_by_chance(build, folder, protected, files):
    """Which of the names in these files a policy with so many brands takes for lookalikes."""
    folder = folder / "chance.policy"
    nothing = folder.parent / "nothing.txt"
    nothing.write_text("", encoding="ascii")
    write(folder, nothing, protected=protected)
    names = folder.parent / "chance.txt"
    names.write_text("".join(line.split()[0] + "\n" for path in files for line in open(path, encoding="ascii")),
                     encoding="ascii")
    rows = tools.run(build / "bin" / "postshield", "scan", "--policies", folder, "--only-findings", names)
    return {row.split("\t")[0] for row in rows.splitlines()}
