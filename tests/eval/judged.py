"""The sample, judged: real names with what is known of them, and what became of each."""

import dataclasses

import tools

NAMED = "ABCDE"  # tiers whose names bear a post's name


@dataclasses.dataclass(frozen=True)
class Bad:
    """One host of postal phishing."""

    name: str
    brand: str
    tier: str
    sources: tuple
    row: dict

    @property
    def caught(self):
        return tools.blocks(self.row)

    @property
    def named(self):
        return self.tier[0] in NAMED


@dataclasses.dataclass(frozen=True)
class Dispute:
    nature: str
    reason: str


def read_disputes():
    found = {}
    for line in tools.read_lines(tools.HERE / "disputed.tsv"):
        fields = line.split("\t")
        if len(fields) != 3 or not all(fields):
            raise tools.EvalError(f"disputed.tsv: three fields are needed: {line!r}")
        found[fields[0]] = Dispute(*fields[1:])
    return found


def read_hard():
    """[(name, why it is hard)]"""
    return [tuple(part.strip() for part in line.partition("#")[::2])
            for line in tools.read_lines(tools.HERE / "hard.txt")]


class Sample:
    """What stands in the data folder, and what postshield scan says of it in one go."""

    def __init__(self, folder, policies):
        listed = [line.split("\t") for line in tools.read_lines(folder / "lookalike-dev.tsv")]
        listed = [fields for fields in listed if fields[3] == "strong"]
        benign = [line.strip() for line in tools.read_lines(folder / "benign-dev.txt")]
        hard = read_hard()
        rows = iter(tools.scan([fields[0] for fields in listed] + benign + [name for name, _ in hard], policies))
        self.bad = [Bad(fields[0], fields[1], fields[2], tuple(fields[4].split("+")), next(rows)) for fields in listed]
        self.benign = [(name, next(rows)) for name in benign]
        self.hard = [(name, why, next(rows)) for name, why in hard]
        self.disputes = read_disputes()

    def names(self):
        return [bad.name for bad in self.bad] + [name for name, _ in self.benign]

    def undisputed(self):
        return [(name, row) for name, row in self.benign if name not in self.disputes]
