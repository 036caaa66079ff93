"""The plot, as SVG text: bars for cost, start and memory, and what clients saw while a new list
was taken. Every bar carries its number and its name, so that it reads without colours."""

import html
import math

WIDTH = 1060
PANEL = 306  # of three side by side
MARGIN = 34
BAR = 17
FILLS = {"bare": "#c9c9c9", "unbound_rpz": "#e39a3b", "postshield": "#21406f", "bind": "#cfdccf",
         "bind_rpz": "#5f8f63", "powerdns": "#e2d2e0", "powerdns_rpz": "#96598e"}
NAMES = {"bare": "no filter", "unbound_rpz": "Unbound RPZ", "postshield": "PostShield"}
# With other resolvers, where those were measured.
ALL_NAMES = {"bare": "Unbound", "unbound_rpz": "Unbound RPZ", "postshield": "PostShield", "bind": "BIND",
             "bind_rpz": "BIND RPZ", "powerdns": "PowerDNS", "powerdns_rpz": "PowerDNS RPZ"}
NO_LIST = ("bare", "bind", "powerdns")
STYLE = """
  text { font-family: 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif; font-size: 12px; fill: #1a1a1a }
  .title { font-size: 18px; font-weight: bold } .head { font-size: 13px; font-weight: bold }
  .small { font-size: 11px; fill: #444 } .axis { stroke: #555; stroke-width: 1; fill: none }
  .grid { stroke: #ddd; stroke-width: 1 } .mark { stroke: #a00; stroke-width: 1.5; stroke-dasharray: 5 3 }
"""


class Drawing:
    """SVG elements, in order."""

    def __init__(self):
        self.parts = []

    def text(self, x, y, words, anchor="start", kind=None, turn=None):
        attributes = f' class="{kind}"' if kind else ""
        if turn is not None:
            attributes += f' transform="rotate({turn} {x:.1f} {y:.1f})"'
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{attributes}>'
                          f"{html.escape(words)}</text>")

    def line(self, x1, y1, x2, y2, kind="axis"):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>')

    def box(self, x, y, width, height, fill):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" '
                          f'height="{height:.1f}" fill="{fill}"/>')

    def area(self, points, fill):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polygon points="{path}" fill="{fill}"/>')

    def finish(self, height):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
                f'width="{WIDTH}" height="{height:.0f}">\n<style>{STYLE}</style>\n'
                f'<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


def in_words(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def size_title(names):
    return f"{names // 1_000_000} million names" if names % 1_000_000 == 0 else f"{names:,} names"


# --- bars -----------------------------------------------------------------------------


def bar_groups(summaries, figures, keys=tuple(NAMES)):
    """[(heading, [(program, value or None)])] for the figures of every size."""
    for names, of_size in summaries.items():
        for figure, words in figures:
            values = [(key, of_size[key][figure]) for key in keys]
            if figure.startswith("blocked") or figure == "resident_bytes_per_name":
                values = [(key, value) for key, value in values if key not in NO_LIST]
            values = [(key, value) for key, value in values if value is not None or key in NAMES]
            yield f"{words}{size_title(int(names))}", values


def bars(drawing, x, y, title, unit, groups, *, log=False, mark=None):
    """One panel of horizontal bars; returns where it ends."""
    label_width, room = 100, PANEL - 100 - 56
    known = [value for _, values in groups for _, value in values if value is not None]
    top = max(known + ([mark] if mark else []), default=1)
    least = min(known, default=1)

    def length(value):
        if log:
            floor = math.floor(math.log10(least)) if least > 0 else 0
            return (math.log10(max(value, 10 ** floor)) - floor + 0.05) / (
                math.log10(top) - floor + 0.05) * room
        return value / top * room

    drawing.text(x, y, title, kind="head")
    drawing.text(x, y + 16, unit, kind="small")
    y += 28
    for heading, values in groups:
        drawing.text(x, y + 13, heading, kind="small")
        y += 20
        first = y
        for key, value in values:
            drawing.text(x + label_width - 6, y + BAR - 5, ALL_NAMES[key], anchor="end")
            if value is None:
                drawing.text(x + label_width + 5, y + BAR - 5, "-", kind="small")
            else:
                drawing.box(x + label_width, y, length(value), BAR - 3, FILLS[key])
                drawing.text(x + label_width + length(value) + 5, y + BAR - 5, in_words(value))
            y += BAR + 2
        drawing.line(x + label_width, first - 3, x + label_width, y)
        if mark:
            at = x + label_width + length(mark)
            drawing.line(at, first - 3, at, y, kind="mark")
        y += 6
    return y


# --- the timeline ---------------------------------------------------------------------


def strip(drawing, x, y, width, height, span, window, key, rate):
    """Answers a second over time, 100 ms a step, zero where the list is renewed."""
    step = 10  # bins
    renewed = window.renewed_at_ms if window.renewed_at_ms is not None else 1000.0
    points = []
    top = rate * 1.5
    for i in range(0, len(window.bins) - step + 1, step):
        answers = sum(window.bins[i:i + step]) / (step * window.bin_ms / 1000)
        seconds = (i * window.bin_ms - renewed) / 1000
        left = x + (seconds + 1) / span * width
        right = left + step * window.bin_ms / 1000 / span * width
        level = y + height - min(answers, top) / top * height
        points += [(left, level), (right, level)]
    points = [(min(max(px, x), x + width), py) for px, py in points]
    drawing.area([(points[0][0], y + height), *points, (points[-1][0], y + height)], FILLS[key])
    drawing.line(x, y + height, points[-1][0], y + height)
    drawing.line(x, y, x, y + height)
    for value in (0, rate):
        level = y + height - value / top * height
        drawing.text(x - 5, level + 4, f"{value:,}", anchor="end", kind="small")
    drawing.line(x + width / span, y, x + width / span, y + height, kind="mark")


def timeline(drawing, y, facts, summary, names, rate):
    """Three strips below one another; returns where it ends."""
    windows = {key: facts["windows"][key] for key in NAMES if facts["windows"].get(key)}
    worst = {key: max(found, key=lambda w: w.gap_ms) for key, found in windows.items()}
    span = max((len(w.bins) * w.bin_ms / 1000 for w in worst.values()), default=5)
    x, width, height = MARGIN + 62, WIDTH - 2 * MARGIN - 70, 52
    drawing.text(MARGIN, y, f"What clients see while a new list of {size_title(names)} is taken",
                 kind="head")
    drawing.text(MARGIN, y + 16, f"answers a second, of {rate:,} questions a second asked at a steady pace",
                 kind="small")
    y += 30
    for key, window in worst.items():
        words = f"{NAMES[key]}: longest gap {in_words(summary[key]['longest_gap_ms'])} ms"
        words += f", {window.lost:,} questions lost" if window.lost else ", none lost"
        if key == "bare":
            words += " (takes no list; observed for as long as the strip is)"
        drawing.text(x + 6, y + 12, words)
        strip(drawing, x, y + 18, width, height, span, window, key, rate)
        y += height + 32
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if span / step <= 14 or step == 100)
    for second in range(0, int(span), step):
        left = x + (second + 1) / span * width
        drawing.line(left, y - 14, left, y - 9)
        drawing.text(left, y + 4, str(second), anchor="middle", kind="small")
    drawing.text(x + width / 2, y + 22, "seconds since the new list was handed over (dashed line)",
                 anchor="middle", kind="small")
    return y + 36


def draw(all_facts, summaries, rate=5000):
    """The whole plot. all_facts, summaries: by size, as run has them."""
    drawing = Drawing()
    drawing.text(MARGIN, 34, "PostShield beside no filter, and beside RPZ in Unbound, BIND and PowerDNS", kind="title")
    drawing.text(MARGIN, 53, "one run, one thread, the same names and questions; shorter bars are better; "
                 "-: not measured", kind="small")
    y, step, keys = 84, PANEL + 36, tuple(ALL_NAMES)
    ends = [
        bars(drawing, MARGIN, y, "Work for one answer", "instructions, no filter's answer = 1 (dashed)",
             list(bar_groups(summaries, [("cached_instructions_ratio", "cached, "),
                                         ("uncached_instructions_ratio", "uncached, "),
                                         ("blocked_instructions_ratio", "blocked, ")])), mark=1),
        bars(drawing, MARGIN + step, y, "CPU time for one answer", "dashed: Unbound's cached answer, no filter",
             list(bar_groups(summaries, [("cached_cpu_ratio", "cached, "), ("blocked_cpu_ratio", "blocked, ")],
                             keys)), mark=1),
        bars(drawing, MARGIN + 2 * step, y, "Start to first answer", "milliseconds, logarithmic",
             list(bar_groups(summaries, [("start_ms", "")], keys)), log=True),
    ]
    ends.append(bars(drawing, MARGIN + 2 * step, ends[-1] + 14, "Memory", "resident bytes a listed name, linear",
                     list(bar_groups(summaries, [("resident_bytes_per_name", "")], keys))))
    y = max(ends) + 24
    names = next(iter(all_facts))
    y = timeline(drawing, y, all_facts[names], summaries[str(names)], names, rate)
    return drawing.finish(y)
