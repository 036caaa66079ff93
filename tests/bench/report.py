"""From raw facts to figures: the JSON, the table, the aims."""

import statistics

import measures

FIGURES = ["cached_instructions_ratio", "cached_cpu_ratio", "blocked_instructions_ratio",
           "blocked_cpu_ratio", "start_ms", "activation_ms", "longest_gap_ms",
           "lookup_bytes_per_name", "resident_bytes_per_name"]
PROGRAMS = {"bare": "no filter", "unbound_rpz": "RPZ", "postshield": "PostShield"}
TITLES = {
    "cached_instructions_ratio": "cached answer, instructions",
    "cached_cpu_ratio": "cached answer, CPU time",
    "blocked_instructions_ratio": "blocked answer, instructions",
    "blocked_cpu_ratio": "blocked answer, CPU time",
    "start_ms": "start, ms",
    "activation_ms": "new list in use, ms",
    "longest_gap_ms": "longest gap, ms",
    "lookup_bytes_per_name": "lookup bytes a name",
    "resident_bytes_per_name": "resident bytes a name",
}


def rounded(value, digits=3):
    return None if value is None else round(value, digits)


def ratio(value, base):
    return None if value is None or not base else value / base


def median_ratio(facts, key, what):
    found = measures.cpu_ratios(facts["cpu_us"], key, what)
    return found[0] if found else None


def figures_of(facts, key, names):
    """The nine figures of one program. None: does not apply, or was not measured."""
    base = facts["instructions"].get("bare", {}).get("cached")
    own = facts["instructions"].get(key, {})
    gaps = [w.gap_ms for w in facts["windows"].get(key, [])]
    values = {
        "cached_instructions_ratio": ratio(own.get("cached"), base),
        "cached_cpu_ratio": median_ratio(facts, key, "cached"),
        "blocked_instructions_ratio": ratio(own.get("blocked"), base),
        "blocked_cpu_ratio": median_ratio(facts, key, "blocked"),
        "start_ms": facts["start_ms"].get(key),
        "activation_ms": None,
        "longest_gap_ms": max(gaps) if gaps else None,
        "lookup_bytes_per_name": None,
        "resident_bytes_per_name": None,
    }
    if key != "bare" and key in facts["memory"]:
        values["resident_bytes_per_name"] = (facts["memory"][key] - facts["memory"]["bare"]) / names
    if key == "postshield":
        values["activation_ms"] = statistics.median(facts["activation_ms"])
        values["lookup_bytes_per_name"] = facts["prepared"]["postshield"]["index"]["lookup_bytes_per_name"]
    return {figure: rounded(values[figure]) for figure in FIGURES}


def summary(facts, names):
    """What --json holds of one size."""
    out = {key: figures_of(facts, key, names) for key in PROGRAMS}
    for key, reason in facts["reasons"].items():
        out[key]["reason"] = reason
    return out


# --- aims -----------------------------------------------------------------------------


def aims(summary_of_size, names):
    """[(figure, aim in words, limit or None, got)] for PostShield."""
    got = summary_of_size["postshield"]
    bare_gap = summary_of_size["bare"]["longest_gap_ms"]
    found = [("cached_instructions_ratio", "at most 1.02", 1.02),
             ("blocked_instructions_ratio", "at most 1.00", 1.00),
             ("longest_gap_ms", "at most 20 above no filter's", bare_gap + 20),
             ("lookup_bytes_per_name", "at most 24", 24)]
    activation = {1_000_000: 150, 10_000_000: 1500}.get(names)
    if activation:
        found.append(("activation_ms", f"at most {activation:,}", activation))
    return [(figure, words, limit, got[figure]) for figure, words, limit in found]


# --- the table ------------------------------------------------------------------------


def number(value):
    if value is None:
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def spread(facts, key, what):
    found = measures.cpu_ratios(facts["cpu_us"], key, what)
    return f"{found[0]:.2f} ({found[1]:.2f}-{found[2]:.2f})" if found else "-"


def size_rows(facts, summary_of_size, names):
    """Rows of text: title, one cell a program, aim, held."""
    wanted = {figure: (words, limit) for figure, words, limit, _ in aims(summary_of_size, names)}
    for figure in FIGURES:
        cells = []
        for key in PROGRAMS:
            if figure.endswith("_cpu_ratio"):
                cells.append(spread(facts, key, figure.split("_")[0]))
            else:
                cells.append(number(summary_of_size[key][figure]))
        words, limit = wanted.get(figure, ("", None))
        got = summary_of_size["postshield"][figure]
        held = "" if limit is None or got is None else "yes" if got <= limit else "NO"
        yield [TITLES[figure], *cells, words, held]
    yield from more_rows(facts)


def more_rows(facts):
    """What the JSON has no place for, but whoever reads the table will ask."""
    base = facts["instructions"].get("bare", {}).get("cached")
    for what, title in (("cached_edns", "  cached, instructions, client with EDNS"),
                        ("blocked_edns", "  blocked, the same (PostShield: with EDE)")):
        yield [title, *(number(ratio(facts["instructions"].get(key, {}).get(what), base))
                        for key in PROGRAMS), "", ""]
    if base:
        yield ["  instructions a cached answer",
               *(number(facts["instructions"].get(key, {}).get("cached")) for key in PROGRAMS), "", ""]
        yield ["  instructions a blocked answer",
               *(number(facts["instructions"].get(key, {}).get("blocked")) for key in PROGRAMS), "", ""]
    yield ["  lost while the list was renewed",
           *(number_of_lost(facts["windows"].get(key)) for key in PROGRAMS), "", ""]
    reload_gap = [w.gap_ms for w in facts["windows"].get("bare_reload", [])]
    yield ["  longest gap at a whole reload, ms", number(max(reload_gap)) if reload_gap else "-", "-", "-",
           "", ""]
    peak = ratio(facts["swap_peak"] - facts["memory"]["bare"], facts["names"])
    yield ["  resident bytes a name, peak of a swap", "-", "-", number(peak), "", ""]
    prepared = facts["prepared"].get("postshield", {})
    yield ["  postshield build, s", "-", "-", number(prepared.get("build_seconds")), "", ""]


def number_of_lost(windows):
    if not windows:
        return "-"
    return f"{sum(w.lost for w in windows):,}"


def aligned(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:-2], widths[1:-2])]
        cells += [row[-2].ljust(widths[-2]), row[-1]]
        yield "  ".join(cells).rstrip()


def table(all_facts, all_summaries):
    """The table of every size, as text."""
    lines = []
    for names, facts in all_facts.items():
        head = [f"{names:,} names", *PROGRAMS.values(), "PostShield's aim", "held"]
        rows = [head, *size_rows(facts, all_summaries[str(names)], names)]
        made = list(aligned(rows))
        lines += [made[0], "-" * max(len(line) for line in made), *made[1:]]
        lines += [f"{PROGRAMS[key]}: {reason}" for key, reason in facts["reasons"].items()]
        lines.append("")
    lines.append("Ratios: over a cached answer of Unbound without a filter, client without EDNS. CPU time: "
                 "median of the rounds (least-most).")
    return "\n".join(lines)


def details(facts):
    """Everything measured, for --output."""
    return {
        "instructions": facts["instructions"],
        "cpu_us": {f"{key} {what}": rounds for (key, what), rounds in facts["cpu_us"].items() if rounds},
        "start_ms": facts["start_ms"],
        "activation_ms": facts["activation_ms"],
        "rss_bytes": facts["memory"],
        "swap_peak_rss_bytes": facts["swap_peak"],
        "windows": {key: [w.facts() for w in windows] for key, windows in facts["windows"].items()},
        "prepared": facts["prepared"],
        "reasons": facts["reasons"],
    }
