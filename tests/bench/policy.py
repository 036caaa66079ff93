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


def build_snapshot(build, feed, output):
    """Runs `postshield build`: (its cost, what `postshield index info` says, the path)."""
    path = output.with_suffix(".postshield.yaml")
    path.write_text(TEXT % feed, encoding="utf-8")
    program = build / "bin" / "postshield"
    cost = tools.measured_run(program, "build", "--policy", path, "--output", output, "--quiet")
    info = json.loads(tools.run(program, "index", "info", "--json", "--snapshot", output))
    return cost, info, output
