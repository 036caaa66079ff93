"""The policy under which PostShield is measured, and the snapshot made from it."""

import json

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


def build_snapshot(build, feed, output, zone=None):
    """Runs `postshield build`: (its cost, what `postshield index info` says, the path). zone: with
    rules for some clients, one of them about this zone."""
    path = output.with_suffix(".postshield.yaml")
    text = TEXT % feed
    path.write_text(with_clients(text, zone) if zone else text, encoding="utf-8")
    program = build / "bin" / "postshield"
    cost = tools.measured_run(program, "build", "--policy", path, "--output", output, "--quiet")
    info = json.loads(tools.run(program, "index", "info", "--json", "--snapshot", output))
    return cost, info, output
