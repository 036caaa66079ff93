"""From judged names to figures, and from figures to tables."""

import collections
import statistics

import tools

# (figure, words, at least or at most, limit)
AIMS = [
    ("recall_named", "name-bearing tiers A to E", ">=", 0.95),
    ("recall_brand_mean", "mean over brands", ">=", 0.85),
    ("recall_all", "all, with campaigns that bear no name", ">=", 0.65),
    ("false_positive_rate", "false positives", "<=", 0.0002),
    ("false_positive_rate_disputed_removed", "false positives without disputed names", "<=", 0.00005),
    ("hard_cases_blocked", "hard cases blocked", "<=", 0),
    ("hard_cases_blocked_disputed_removed", "hard cases blocked without disputed names", "<=", 0),
]
FEW = 5  # brands with fewer names are told apart


def share(part, whole):
    return part / whole if whole else None


def percent(value, digits=1):
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def by(items, key):
    """{key: (caught, all)}, most first."""
    count = collections.Counter(key(item) for item in items)
    caught = collections.Counter(key(item) for item in items if item.caught)
    return {name: (caught[name], number) for name, number in sorted(count.items(), key=lambda i: (-i[1], i[0]))}


def brand_mean(brands, least=1):
    rates = [caught / number for caught, number in brands.values() if number >= least]
    return statistics.mean(rates) if rates else None


def figures(sample):
    named = [bad for bad in sample.bad if bad.named]
    undisputed = sample.undisputed()
    brands = by(named, lambda bad: bad.brand)
    return {
        "recall_named": share(sum(bad.caught for bad in named), len(named)),
        "recall_brand_mean": brand_mean(brands),
        f"recall_brand_mean_of_{FEW}": brand_mean(brands, FEW),
        "recall_all": share(sum(bad.caught for bad in sample.bad), len(sample.bad)),
        "false_positive_rate": share(sum(tools.blocks(row) for _, row in sample.benign), len(sample.benign)),
        "false_positive_rate_disputed_removed":
            share(sum(tools.blocks(row) for _, row in undisputed), len(undisputed)),
        "false_positives": sum(tools.blocks(row) for _, row in sample.benign),
        "false_positives_disputed_removed": sum(tools.blocks(row) for _, row in undisputed),
        "hard_cases_blocked": sum(tools.blocks(row) for _, _, row in sample.hard),
        "hard_cases_blocked_disputed_removed":
            sum(tools.blocks(row) for name, _, row in sample.hard if name not in sample.disputes),
        "names": {"phishing": len(sample.bad), "named": len(named), "benign": len(sample.benign)},
        "tiers": rates_of(by(sample.bad, lambda bad: bad.tier)),
        "brands": rates_of(brands),
        "techniques": rates_of(by(named, lambda bad: bad.row["technique"] or "none")),
        "sources": rates_of(by_source(sample.bad)),
    }


def by_source(items):
    """A name that two sources have counts in both."""
    found = collections.defaultdict(lambda: [0, 0])
    for bad in items:
        for source in bad.sources:
            found[source][0] += bad.caught
            found[source][1] += 1
    return {name: tuple(found[name]) for name in sorted(found, key=lambda name: -found[name][1])}


def rates_of(counts):
    return {name: {"caught": caught, "names": number} for name, (caught, number) in counts.items()}


def peer_figures(peer, sample):
    named = [bad for bad in sample.bad if bad.named]
    return {
        "title": peer.title,
        "words": peer.words(),
        "recall_named": share(sum(peer.catches(bad.name) for bad in named), len(named)),
        "recall_all": share(sum(peer.catches(bad.name) for bad in sample.bad), len(sample.bad)),
        "false_positive_rate": share(sum(peer.catches(name) for name, _ in sample.benign), len(sample.benign)),
    }


# --- tables ----------------------------------------------------------------------------


def aligned(rows, numbers=()):
    """Lines of cells; columns in `numbers` to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.rjust(width) if i in numbers else cell.ljust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip()


def section(title, lines):
    return "\n".join(["", title, "-" * len(title), *lines])


def aim_rows(found):
    yield ["", "got", "aim", ""]
    for figure, words, sign, limit in AIMS:
        got = found[figure]
        if figure.startswith("hard_cases_blocked"):
            shown, aim = str(got), "none"
        else:
            digits = 1 if sign == ">=" else 3
            shown, aim = percent(got, digits), f"{'at least' if sign == '>=' else 'at most'} {percent(limit, digits)}"
        kept = got is not None and (got >= limit if sign == ">=" else got <= limit)
        yield [words, shown, aim, "kept" if kept else "MISSED"]


def count_rows(title, counts, most=None):
    yield [title, "caught", "of", "recall"]
    shown = list(counts.items())[:most]
    for name, (caught, number) in shown:
        yield [name, f"{caught:,}", f"{number:,}", percent(share(caught, number))]


def peer_rows(found, others):
    yield ["", "recall, all", "recall, named", "false positives"]
    for title, one in [("PostShield", found), *((other["title"], other) for other in others)]:
        yield [title, percent(one["recall_all"], 2), percent(one["recall_named"], 2),
               percent(one["false_positive_rate"], 3)]


def table(sample, found, others):
    named = [bad for bad in sample.bad if bad.named]
    brands = by(named, lambda bad: bad.brand)
    few = {name: counts for name, counts in brands.items() if counts[1] < FEW}
    many = {name: counts for name, counts in brands.items() if counts[1] >= FEW}
    many[f"{len(few)} brands with fewer than {FEW}"] = tuple(map(sum, zip(*few.values()))) if few else (0, 0)
    title = f"{len(sample.bad):,} names of postal phishing, {len(named):,} of them name-bearing; " \
            f"{len(sample.benign):,} benign"
    parts = [section(title, aligned(list(aim_rows(found)), (1,)))]
    for words, counts in (("tier", by(sample.bad, lambda bad: bad.tier)), ("brand", many),
                          ("technique told, name-bearing", by(named, lambda bad: bad.row["technique"] or "none")),
                          ("source, name-bearing", by_source(named)),
                          ("source, bearing no name", by_source([bad for bad in sample.bad if not bad.named]))):
        parts.append(section(f"By {words}", aligned(list(count_rows("", counts)), (1, 2, 3))))
    parts.append(section("Hard cases that do not pass", [
        f"{name}  {row['technique']} {row['protected']} {row['score']}  ({why})" + hard_dispute(sample, name)
        for name, why, row in sample.hard if tools.blocks(row)] or [f"none of {len(sample.hard)}"]))
    if others:
        parts.append(section("Beside others, given the same official domains", [
            *aligned(list(peer_rows(found, others)), (1, 2, 3)),
            *(f"{other['title']}: {other['words']}" for other in others)]))
    return "\n".join(parts)


def hard_dispute(sample, name):
    one = sample.disputes.get(name)
    return f"; disputed: {one.nature}: {one.reason}" if one else ""


def row_words(name, row):
    parts = " ".join(f"{part['sign']}{part['points']:+d}" for part in row["parts"])
    return [name, row["rule"] or "-", row["technique"] or "-", row["protected"] or "-", str(row["score"]), parts]


def false_positives(sample):
    """All of them by name, disputed ones with what they are in truth."""
    blocked = [(name, row) for name, row in sample.benign if tools.blocks(row)]
    disputed = [(name, row) for name, row in blocked if name in sample.disputes]
    plain = [(name, row) for name, row in blocked if name not in sample.disputes]
    parts = [section(f"Benign names that are blocked: {len(plain)}",
                     aligned([row_words(*one) for one in plain], (4,)) if plain else ["none"])]
    parts.append(section(f"Blocked, but disputed: {len(disputed)} (of {len(sample.disputes)} in disputed.tsv)", aligned([
        [*row_words(name, row)[:5], f"{sample.disputes[name].nature}: {sample.disputes[name].reason}"]
        for name, row in disputed], (4,)) if disputed else ["none"]))
    return "\n".join(parts)


def missed(sample, number):
    """Evenly through what was missed, in the order of tiers and brands; a quarter as many of the
    campaigns that bear no name."""
    parts = []
    for title, named, most in (("name-bearing", True, number), ("bearing no name", False, (number + 3) // 4)):
        found = sorted((bad for bad in sample.bad if not bad.caught and bad.named == named),
                       key=lambda bad: (bad.tier, bad.brand, bad.name))
        chosen = [found[i * len(found) // most] for i in range(most)] if len(found) > most else found
        parts.append(section(f"Missed, {title}: {len(found):,}, of which these", aligned(
            [[bad.tier, bad.brand, *row_words(bad.name, bad.row)] for bad in chosen], (6,)) if found else ["none"]))
    return "\n".join(parts)


# --- names made on purpose --------------------------------------------------------------


def is_named(row):
    return row["score"] > 0 and row["technique"] not in (None, "none")


def tally(rows):
    """{key: {"named": n, "names": n}} of (key, row)."""
    found = collections.defaultdict(lambda: {"named": 0, "names": 0})
    for key, row in rows:
        found[key]["named"] += is_named(row)
        found[key]["names"] += 1
    return dict(sorted(found.items()))


def generator_figures(made, homographs):
    kinds = tally((kind, row) for kind, _, row in homographs)
    return {
        "generators": tally(made),
        "homographs": kinds,
        "generators_named": share(sum(is_named(row) for _, row in made), len(made)),
        "homographs_named": share(sum(is_named(row) for _, _, row in homographs), len(homographs)),
        "homographs_named_right": share(
            sum(is_named(row) and row["protected"] == brand for _, brand, row in homographs), len(homographs)),
    }


def generator_table(found):
    rows = [["", "named", "of", "share", ""]]
    for name, one in found["generators"].items():
        rate = share(one["named"], one["names"])
        rows.append([name, f"{one['named']:,}", f"{one['names']:,}", percent(rate), "kept" if rate >= 0.98 else "MISSED"])
    parts = [section("dnstwist's generators on 50 protected domains; aim 98 % each", aligned(rows, (1, 2, 3)))]
    rows = [["", "named", "of", "share", ""]]
    for name, one in found["homographs"].items():
        rows.append([name, f"{one['named']:,}", f"{one['names']:,}", percent(share(one["named"], one["names"])), ""])
    rate = found["homographs_named"]
    rows.append(["all", "", "", percent(rate), "kept" if rate >= 0.95 else "MISSED"])
    rows.append(["all, and the brand is the right one", "", "", percent(found["homographs_named_right"]), ""])
    parts.append(section("Homographs of general brands, when those are protected; aim 95 %", aligned(rows, (1, 2, 3))))
    return "\n".join(parts)


def generator_misses(made, homographs, most=6):
    shown = collections.defaultdict(list)
    for key, row in [*made, *((kind, row) for kind, _, row in homographs)]:
        if not is_named(row):
            shown[key].append(row["name"])
    return section("Not named, some of each", [
        f"{key}: {', '.join(names[::max(1, len(names) // most)][:most])}" for key, names in sorted(shown.items())]
        or ["none"])
