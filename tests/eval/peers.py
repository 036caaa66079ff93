"""Others given the same official domains: dnstwist's permutations, and a rule like AdGuard DNS's."""

import functools
import multiprocessing

import tools

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-."


def load_dnstwist():
    try:
        import dnstwist  # pylint: disable=import-outside-toplevel
    except ImportError:
        raise tools.EvalError("dnstwist is not installed: run contrib/setup eval") from None
    return dnstwist


def words(name):
    """A dictionary that Debian's package brings."""
    path = f"/usr/share/dnstwist/dictionaries/{name}.dict"
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def permutations(domain, fuzzers=()):
    """{(generator, name)} for one domain, with every generator and dictionary there is."""
    made = load_dnstwist().Fuzzer(domain, dictionary=words("english"),
                                  tld_dictionary=sorted(set(words("abused_tlds") + words("common_tlds"))))
    made.generate(fuzzers=list(fuzzers))
    return {(p["fuzzer"], p["domain"]) for p in made.domains if p["fuzzer"] != "*original"}


def parents(name):
    labels = name.lower().split(".")
    return [".".join(labels[i:]) for i in range(len(labels) - 1)]


def met(domain, wanted):
    """How many permutations a domain has, and those of them that are wanted."""
    made = {name for _, name in permutations(domain)}
    return len(made), made & wanted


class Dnstwist:
    """Catches a name that is one of the permutations, or stands below one. They are millions, and
    most of the time of an evaluation: only those that a name of the sample could meet are kept."""

    title = "dnstwist"

    def __init__(self, domains, _suffixes, names):
        load_dnstwist()
        self.official = set(domains)
        self.made = set()
        self.count = 0
        wanted = {parent for name in names for parent in parents(name)} - self.official
        with multiprocessing.Pool() as pool:
            for count, found in pool.imap_unordered(functools.partial(met, wanted=wanted), sorted(domains), 8):
                self.count += count
                self.made |= found

    def catches(self, name):
        own = parents(name)
        return not self.official.intersection(own) and not self.made.isdisjoint(own)

    def words(self):
        return f"{self.count:,} permutations of {len(self.official):,} domains"


class AdGuard:
    """Catches a name whose registrable domain is at a Damerau-Levenshtein distance of one (optimal
    string alignment) from an official one."""

    title = "distance one"

    def __init__(self, domains, suffixes, _names):
        self.suffixes = suffixes
        self.official = set(domains)
        self.near = set()
        for domain in domains:
            self.near.update(neighbours(domain))
        self.near -= self.official

    def catches(self, name):
        return not self.official.intersection(parents(name)) and self.suffixes.registrable(name) in self.near

    def words(self):
        return f"whole registrable domains, as AdGuard DNS compares them, {len(self.official):,} domains"


def neighbours(text):
    for i in range(len(text) + 1):
        head, tail = text[:i], text[i:]
        for letter in ALPHABET:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
