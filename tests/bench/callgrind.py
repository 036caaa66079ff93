"""Where instructions go: reads what callgrind wrote (its format: valgrind's manual, "Callgrind
Format Specification"), of two runs whose difference is so many queries."""

import collections
import pathlib
import re
import typing

NAME = re.compile(r"(?P<key>ob|fl|fi|fe|fn|cob|cfi|cfl|cfn)=\((?P<number>\d+)\)(?: (?P<text>.*))?$")
COST = re.compile(r"[+\-*]?\d*(?: |$)")


class Place(typing.NamedTuple):
    """Where an instruction stands; file: of the source, that of inlined functions their own."""

    object: str
    file: str
    function: str


class Profile:
    """self_cost: instructions by Place. calls: with those of all that is called from there, by
    (calling object, called object, called function)."""

    def __init__(self):
        self.self_cost = collections.Counter()
        self.calls = collections.Counter()

    def minus(self, other, queries):
        """A query's share of what self has more than other, which asked for as many less."""
        out = Profile()
        for mine, theirs, into in ((self.self_cost, other.self_cost, out.self_cost),
                                   (self.calls, other.calls, out.calls)):
            for key in mine.keys() | theirs.keys():
                into[key] = (mine[key] - theirs[key]) / queries
        return out

    @property
    def total(self):
        return sum(self.self_cost.values())

    def inside(self, name):
        """Instructions in the object of this name, and in all that it called."""
        return sum(cost for (caller, called, _), cost in self.calls.items()
                   if called == name != caller)


def read(path):
    """The profile that one of callgrind's files holds."""
    profile = Profile()
    names = collections.defaultdict(dict)  # what (number) stands for, by the space of numbers
    at = {"ob": "", "fl": "", "fn": ""}
    called, awaited = {}, False
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        match = NAME.match(line)
        if match:
            key = match["key"]
            space = "fn" if key.endswith("fn") else "ob" if key.endswith("ob") else "fl"
            if match["text"] is not None:
                names[space][match["number"]] = match["text"]
            text = names[space][match["number"]]
            if key[0] == "c":
                called[space] = text
            else:
                at[space] = text
        elif line.startswith("calls="):
            awaited = True
        elif COST.match(line) and line[:1] in "+-*0123456789" and line:
            cost = int(line.split()[1])
            if awaited:
                profile.calls[short(at["ob"]), short(called.get("ob", at["ob"])), called["fn"]] += cost
                called, awaited = {}, False
            else:
                profile.self_cost[Place(short(at["ob"]), short(at["fl"]), at["fn"])] += cost
    return profile


def short(path):
    return pathlib.PurePath(path).name
