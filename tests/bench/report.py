"""From raw facts to figures: the JSON, the table, the aims."""

import statistics

import measures

FIGURES = ["cached_instructions_ratio", "cached_cpu_ratio", "uncached_instructions_ratio",
           "uncached_signed_instructions_ratio", "uncached_cpu_ratio", "blocked_instructions_ratio",
           "blocked_cpu_ratio", "start_ms", "activation_ms", "longest_gap_ms",
           "lookup_bytes_per_name", "resident_bytes_per_name", "event_record_bytes"]
PROGRAMS = {"bare": "no filter", "unbound_rpz": "RPZ", "postshield": "PostShield"}
TITLES = {
    "cached_instructions_ratio": "cached answer, instructions",
    "cached_cpu_ratio": "cached answer, CPU time",
    "uncached_instructions_ratio": "uncached answer, instructions",
    "uncached_signed_instructions_ratio": "uncached answer, validated, instructions",
    "uncached_cpu_ratio": "uncached answer, CPU time",
    "blocked_instructions_ratio": "blocked answer, instructions",
    "blocked_cpu_ratio": "blocked answer, CPU time",
    "start_ms": "start, ms",
    "activation_ms": "new list in use, ms",
    "longest_gap_ms": "longest gap, ms",
    "lookup_bytes_per_name": "lookup bytes a name",
    "resident_bytes_per_name": "resident bytes a name",
    "event_record_bytes": "bytes a kept event",
}
# Other resolvers: key, and the key of the same without a list.
OTHERS = {"bind": "bind", "bind_rpz": "bind", "powerdns": "powerdns", "powerdns_rpz": "powerdns"}
OTHER_TITLES = {"bare": "Unbound, no filter", "unbound_rpz": "Unbound RPZ", "postshield": "PostShield",
                "bind": "BIND, no filter", "bind_rpz": "BIND RPZ", "powerdns": "PowerDNS, no filter",
                "powerdns_rpz": "PowerDNS RPZ"}
CPU_KINDS = ("cached", "uncached", "blocked")


def rounded(value, digits=3):
    return None if value is None else round(value, digits)


def ratio(value, base):
    return None if value is None or not base else value / base


def median_ratio(facts, key, what, base="bare"):
    found = measures.cpu_ratios(facts["cpu_us"], key, what, base)
    return found[0] if found else None


def instruction_ratio(facts, key, what):
    """Over bare's answer of the same kind, a blocked one over its cached one."""
    base = what if what in measures.FRESH else "cached"
    return ratio(facts["instructions"].get(key, {}).get(what),
                 facts["instructions"].get("bare", {}).get(base))


def figures_of(facts, key, names):
    """The figures of one Unbound. None: does not apply, or was not measured."""
    gaps = [w.gap_ms for w in facts["windows"].get(key, [])]
    values = {
        **{f"{what}_instructions_ratio": instruction_ratio(facts, key, what)
           for what in ("cached", "blocked", *measures.FRESH)},
        **{f"{what}_cpu_ratio": median_ratio(facts, key, what) for what in CPU_KINDS},
        "start_ms": facts["start_ms"].get(key),
        "activation_ms": None,
        "longest_gap_ms": max(gaps) if gaps else None,
        "lookup_bytes_per_name": None,
        "resident_bytes_per_name": None,
        "event_record_bytes": None,
    }
    if key != "bare" and key in facts["memory"]:
        values["resident_bytes_per_name"] = (facts["memory"][key] - facts["memory"]["bare"]) / names
    if key == "postshield":
        values["activation_ms"] = statistics.median(facts["activation_ms"])
        values["lookup_bytes_per_name"] = facts["prepared"]["postshield"]["index"]["lookup_bytes_per_name"]
        records, octets = facts["events"]
        values["event_record_bytes"] = ratio(octets, records)
    return {figure: rounded(values[figure]) for figure in FIGURES}


def figures_of_other(facts, key, names):
    """Of another resolver: over bare Unbound, and over the same one without a list."""
    own = OTHERS[key]
    values = {"start_ms": facts["start_ms"].get(key), "resident_bytes_per_name": None}
    for what in CPU_KINDS:
        values[f"{what}_cpu_ratio"] = median_ratio(facts, key, what)
        values[f"{what}_cpu_own_ratio"] = median_ratio(facts, key, what, own)
    if key != own and key in facts["memory"]:
        values["resident_bytes_per_name"] = (facts["memory"][key] - facts["memory"][own]) / names
    return {figure: rounded(value) for figure, value in values.items()}


def summary(facts, names):
    """What --json holds of one size."""
    out = {key: figures_of(facts, key, names) for key in PROGRAMS}
    out.update((key, figures_of_other(facts, key, names)) for key in OTHERS)
    out["protected_names"] = facts["protected"]
    for key, reason in facts["reasons"].items():
        out[key]["reason"] = reason
    return out


# --- aims -----------------------------------------------------------------------------


def aims(summary_of_size, names):
    """[(figure, aim in words, limit or None, got)] for PostShield."""
    got = summary_of_size["postshield"]
    bare_gap = summary_of_size["bare"]["longest_gap_ms"]
    found = [("cached_instructions_ratio", "at most 1.02", 1.02),
             ("uncached_instructions_ratio", "at most 1.01", 1.01),
             ("uncached_signed_instructions_ratio", "at most 1.01", 1.01),
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


def spread(facts, key, what, base="bare"):
    found = measures.cpu_ratios(facts["cpu_us"], key, what, base)
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
    for what, title in (("cached", "a cached answer"), ("uncached", "an uncached answer"),
                        ("uncached_signed", "an uncached answer, validated"), ("blocked", "a blocked answer")):
        if base:
            yield [f"  instructions {title}",
                   *(number(facts["instructions"].get(key, {}).get(what)) for key in PROGRAMS), "", ""]
    yield ["  lost while the list was renewed",
           *(number_of_lost(facts["windows"].get(key)) for key in PROGRAMS), "", ""]
    reload_gap = [w.gap_ms for w in facts["windows"].get("bare_reload", [])]
    yield ["  longest gap at a whole reload, ms", number(max(reload_gap)) if reload_gap else "-", "-", "-",
           "", ""]
    peak = ratio(facts["swap_peak"] - facts["memory"]["bare"], facts["names"])
    yield ["  resident bytes a name, peak of a swap", "-", "-", number(peak), "", ""]
    prepared = facts["prepared"].get("postshield", {})
    yield ["  postshield build, s", "-", "-", number(prepared.get("build_seconds")), "", ""]
    yield ["  snapshot file, bytes a name", "-", "-",
           number(prepared.get("index", {}).get("file_bytes_per_name")), "", ""]


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


def other_rows(facts, summary_of_size):
    """A row a program, Unbound's among them: title, CPU time of each kind of answer over bare
    Unbound's and over its own without a list, start, memory."""
    for key, title in OTHER_TITLES.items():
        own = OTHERS.get(key, "bare")
        if not facts["cpu_us"].get((key, "cached")):
            continue
        cells = []
        for what in CPU_KINDS:
            over_own = median_ratio(facts, key, what, own)
            cells += [spread(facts, key, what), number(over_own)]
        yield [title, *cells, number(facts["start_ms"].get(key)),
               number(summary_of_size[key]["resident_bytes_per_name"]), "", ""]


def other_table(facts, summary_of_size):
    head = ["CPU time of an answer"]
    for what in CPU_KINDS:
        head += [f"{what}, over Unbound's", "over own"]
    rows = [[*head, "start, ms", "bytes a name", "", ""], *other_rows(facts, summary_of_size)]
    made = list(aligned(rows))
    return [made[0], "-" * max(len(line) for line in made), *made[1:]]


def table(all_facts, all_summaries):
    """The tables of every size, as text."""
    lines = []
    for names, facts in all_facts.items():
        head = [f"{names:,} names, {facts['protected']:,} protected", *PROGRAMS.values(), "PostShield's aim", "held"]
        rows = [head, *size_rows(facts, all_summaries[str(names)], names)]
        made = list(aligned(rows))
        lines += [made[0], "-" * max(len(line) for line in made), *made[1:], ""]
        lines += other_table(facts, all_summaries[str(names)])
        lines += [f"{OTHER_TITLES[key]}: {reason}" for key, reason in facts["reasons"].items()]
        lines.append("")
    lines.append("Ratios: an uncached answer over an uncached one of Unbound without a filter, any other over a "
                 "cached one; client without EDNS.")
    lines.append("CPU time: median of the rounds (least-most). Own: the same resolver without a list.")
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
        "events": facts["events"],
        "load": facts["load"],
        "reasons": facts["reasons"],
    }
