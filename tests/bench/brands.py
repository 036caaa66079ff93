"""Protected names, any number, the same ones every time: for all benches that have lookalikes."""

import random

PER_FILE = 1000  # a file of a policy has its limits
RULE = 'rules:\n  - {id: lookalikes, when: {lookalike: {score: ">= 80"}}, then: nxdomain}\n'
WORDS = """\
keywords:
  en: {parcel: [parcel, package], track: [track, tracking], delivery: [delivery]}
abused-tlds: {top: 40, icu: 25}
"""


def word(chance, syllables):
    return "".join(chance.choice("bcdfghjklmnprstvwxz") + chance.choice("aeiou") + chance.choice(("", *"lmnrstx"))
                   for _ in range(syllables))


def write_policy(count, folder, rule=""):
    """Files of a policy with so many brands, of two names and two domains each; every twentieth has
    a weak one. As rare in other names as true ones are: of seven letters and more. rule: text that
    goes with them. Returns the first name of each."""
    chance = random.Random(count)
    lines, seen = [], set()
    while len(seen) < count:
        name = word(chance, chance.choice((3, 3, 4)))
        if len(name) < 7 or name in seen:
            continue
        number = len(seen)
        seen.add(name)
        weak = f", weak: [{name[:3]}]" if number % 20 == 0 else ""
        lines.append(f"  brand-{number}: {{names: [{name}, {name} {word(chance, 2)}]{weak}, "
                     f"domains: [{name}.com, {name}.co.uk]}}\n")
    for i in range(0, count, PER_FILE):
        text = "postshield: 1\nbrands:\n" + "".join(lines[i:i + PER_FILE])
        if i == 0:
            text += WORDS + rule
        (folder / f"part-{i // PER_FILE:02}.postshield.yaml").write_text(text, encoding="utf-8")
    return sorted(seen)
