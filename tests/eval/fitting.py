"""Points for signs, fitted on one part of the names and tried on the other. fit has the words."""

import collections
import dataclasses
import hashlib
import math
import pathlib
import re
import subprocess
import tempfile

import judged
import tools

THRESHOLD = 80     # the score at which the shipped rule blocks
UNIT = 10.0        # points a logit
RATE = 0.00005     # of the benign names, that may be blocked
MARGIN = 3         # points that the others stay below THRESHOLD at least: unseen names score higher
STEPS = 400
SIGNS_C = tools.ROOT / "module" / "lookalike" / "signs.c"
# What is found: one of these is a sign of every find, so they take the place of a constant.
LENGTHS = ("short", "medium", "long")
BASE = ("short", "medium", "long", "weak", "word", "generic")
# Set by hand: the sample has too few of them, or what they say is a rule.
FIXED = {"covered": -60, "folded": -22, "idn": 31, "post": 20, "trusted": -100, "chance": -400,
         "run-on": -35, "trade": -40, "paper": -25, "home-tld": -20}
# What must not speak for a name, whatever the sample says by chance, and what not against it.
AGAINST = {"folded", "typo", "hyphenated", "back", "inside", "words", "country", "wrong-tld"}
FOR = {"idn", "label", "token", "keyword", "authority", "random", "subdomain", "embedded", "tld", "free",
       "keyword-elsewhere", "random-domain", "deep", "hyphens", "slight", "slightest"}


@dataclasses.dataclass
class Name:
    text: str
    bad: bool
    named: bool        # it bears a post's name: what is fitted on
    brand: str
    finds: tuple       # of (sign, how often); () where nothing is found, or the verdict does not ask
    group: str         # names of one group are all fitted on, or all held out
    weight: float = 1.0


# --- reading ----------------------------------------------------------------------------


def build_finds(folder):
    """The program that tells all finds, of this build's libraries."""
    build = tools.program().parent.parent
    program = pathlib.Path(folder) / "finds"
    libraries = sorted(str(path) for path in (build / "module").rglob("libps_*.a"))
    others = subprocess.run(["pkg-config", "--libs", "libcrypto", "libidn2"], capture_output=True, text=True,
                            check=True).stdout.split()
    subprocess.run(["cc", "-std=c17", "-O1", "-D_GNU_SOURCE", f"-I{tools.ROOT / 'module'}", str(tools.HERE / "finds.c"),
                    "-o", str(program), "-Wl,--wrap=ps_signs_score", "-Wl,--start-group", *libraries,
                    "-Wl,--end-group", *others], check=True)
    return program


def read_finds(names, policies):
    """({sign: points that ship}, [finds of each name])"""
    with tempfile.TemporaryDirectory(prefix="postshield-fit.") as folder:
        program = build_finds(folder)
        snapshot = pathlib.Path(folder) / "snapshot.ps"
        done = subprocess.run([str(tools.program()), "build", "--quiet", "--policies", str(policies), "--output",
                               str(snapshot)], capture_output=True, check=False)
        if not snapshot.exists():
            raise tools.EvalError(f"postshield build: {done.stderr.decode('utf-8', 'replace').strip()}")
        text = subprocess.run([str(program), str(snapshot)], input="".join(name + "\n" for name in names).encode(),
                              capture_output=True, check=True).stdout.decode("utf-8", "replace")
    words, shipped, found = [], {}, []
    for line in text.splitlines():
        if line.startswith("#sign "):
            _, _, word, points = line.split()
            words.append(word)
            shipped[word] = int(points)
            continue
        found.append(tuple(sorted({read_find(part, words) for part in line.split("\t")[1].split()})))
    return shipped, found


def read_find(text, words):
    bits, ratio = text.split(":")
    bits, ratio = int(bits, 16), int(ratio)
    return tuple((word, max(0, ratio.bit_length() - 1) if word == "tld" else 1)
                 for i, word in enumerate(words) if bits >> i & 1)


def sounds_random(letters):
    vowels = sum(letter in "aeiouy" for letter in letters)
    return len(letters) <= 3 or vowels * 4 < len(letters)


def campaign(name, brand, suffixes):
    """Near-duplicates of one campaign share it: the letters of the registrable domain's own
    label without digits and hyphens; where brand and letters that make no word are all of it,
    brand and suffix alone (uspsgcvs.top and uspsqkf.top are one)."""
    domain = suffixes.registrable(name)
    label, _, suffix = domain.partition(".")
    letters = re.sub(r"[^a-z]", "", label)
    token = re.sub(r"[^a-z]", "", brand.lower())
    rest = letters.replace(token, "", 1) if token else letters
    if sounds_random(rest):
        return f"{token}~.{suffix}"
    return letters


def read_names(folder, policies):
    sample = judged.Sample(folder, policies)
    suffixes = tools.Suffixes()
    shipped, finds = read_finds([bad.name for bad in sample.bad] + [name for name, _ in sample.benign], policies)
    brands = collections.Counter(bad.brand for bad in sample.bad if bad.named)
    finds = iter(finds)
    names = []
    for bad in sample.bad:
        names.append(Name(bad.name, True, bad.named, bad.brand, asked(next(finds), bad.row),
                          campaign(bad.name, bad.brand, suffixes),
                          min(3.0, max(0.5, math.sqrt(60 / brands[bad.brand]))) if bad.named else 0.0))
    for name, row in sample.benign:
        found = asked(next(finds), row)
        names.append(Name(name, False, False, "", found, suffixes.registrable(name),
                          0.0 if name in sample.disputes else 3.0))
    return shipped, names


def asked(finds, row):
    """An official, excepted or popular name is found in, but never judged."""
    return tuple(find for find in finds if ("chance", 1) not in find) if row["score"] > 0 else ()


# --- fitting ----------------------------------------------------------------------------


def value(find, weights):
    return sum(weights[sign] * count for sign, count in find)


def best_find(finds, weights):
    return max(finds, key=lambda find: value(find, weights))


def hold(sign, weight):
    """A weight within what its sign may say."""
    if sign in FIXED:
        return FIXED[sign] / UNIT
    if sign in AGAINST:
        return min(weight, 0.0)
    if sign in FOR:
        return max(weight, 0.0)
    return weight


def bound(weights):
    """A common word says no more than a name that is a word in some languages, and a longer protected name no
    less than a shorter one."""
    weights["generic"] = min(weights["generic"], weights["word"])
    short, medium, long = (weights[sign] for sign in LENGTHS)
    if short > medium:
        short = medium = (short + medium) / 2
    if medium > long:
        medium = long = (medium + long) / 2
    if short > medium:
        short = medium = long = (short + medium + long) / 3
    weights.update(zip(LENGTHS, (short, medium, long)))


def fit(names, signs):
    """{sign: points}: logistic regression by gradient descent (AdaGrad), within the signs' bounds;
    of each name the find counts that the weights of the moment say most of."""
    together = collections.Counter()
    for name in names:
        if name.finds and name.weight > 0:
            together[name.finds, name.bad] += name.weight
    weights = {sign: hold(sign, 0.0) for sign in signs}
    slopes = dict.fromkeys(weights, 1e-6)
    for step in range(STEPS):
        if step % 20 == 0:
            rows = collections.Counter()
            for (finds, bad), weight in together.items():
                rows[best_find(finds, weights), bad] += weight
        gradient = {sign: 0.3 * weight for sign, weight in weights.items()}
        for (find, bad), weight in rows.items():
            z = max(-30.0, min(30.0, value(find, weights)))
            error = (1 / (1 + math.exp(-z)) - bad) * weight
            for sign, count in find:
                gradient[sign] += error * count
        for sign, slope in gradient.items():
            slopes[sign] += slope * slope
            weights[sign] = hold(sign, weights[sign] - 0.3 * slope / math.sqrt(slopes[sign]))
        bound(weights)
    return to_points(weights, names)


def to_points(weights, names):
    """Whole points, moved so that no more of the benign names than RATE reach THRESHOLD."""
    points = {sign: FIXED.get(sign, round(UNIT * weight)) for sign, weight in weights.items()}
    benign = [name for name in names if not name.bad]
    scores = sorted((value(best_find(name.finds, points), points) for name in benign if name.finds and name.weight > 0),
                    reverse=True)
    allowed = int(RATE * len(benign))
    least = scores[allowed] + MARGIN if len(scores) > allowed else scores[-1]
    for sign in BASE:
        points[sign] += THRESHOLD - least
    return points


# --- trying -----------------------------------------------------------------------------


def reaches(name, points):
    return bool(name.finds) and value(best_find(name.finds, points), points) >= THRESHOLD


def figures(names, caught):
    """Of names, with the set of those that reach the threshold."""
    named = [name for name in names if name.named]
    bad = [name for name in names if name.bad]
    benign = [name for name in names if not name.bad]
    brands = collections.defaultdict(lambda: [0, 0])
    for name in named:
        brands[name.brand][0] += name.text in caught
        brands[name.brand][1] += 1
    return {
        "recall_named": ratio(sum(name.text in caught for name in named), len(named)),
        "recall_brand_mean": ratio(sum(got / all_ for got, all_ in brands.values()), len(brands)),
        "recall_all": ratio(sum(name.text in caught for name in bad), len(bad)),
        "false_positives": sum(name.text in caught for name in benign),
        "false_positives_undisputed": sum(name.text in caught for name in benign if name.weight > 0),
        "benign": len(benign),
        "named": len(named),
    }


def ratio(part, whole):
    return part / whole if whole else 0.0


def fold_of(group, folds, seed):
    digest = hashlib.sha256(f"{seed} {group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % folds


def cross_validate(names, shipped, folds, seed, key):
    """(figures of each fold held out, of each fitted on, pooled, the names caught): every name is judged once by
    points that were fitted without its group."""
    held, fitted, caught = [], [], set()
    for fold in range(folds):
        inside = [name for name in names if fold_of(key(name), folds, seed) != fold]
        outside = [name for name in names if fold_of(key(name), folds, seed) == fold]
        points = fit(inside, shipped)
        own = {name.text for name in outside if reaches(name, points)}
        caught |= own
        held.append(figures(outside, own))
        fitted.append(figures(inside, {name.text for name in inside if reaches(name, points)}))
    return held, fitted, figures(names, caught), caught


def write_points(points):
    """Into signs.c; what is fixed stays as it is there."""
    text = SIGNS_C.read_text(encoding="utf-8")
    for sign, number in points.items():
        if sign in FIXED:
            continue
        if sign == "tld":
            text, done = re.subn(r"(#define POINTS_A_DOUBLING )-?\d+", rf"\g<1>{number}", text)
        else:
            text, done = re.subn(rf"(\[PS_SIGN_{sign.upper().replace('-', '_')}\] = )-?\d+", rf"\g<1>{number}", text)
        if done != 1:
            raise tools.EvalError(f"{SIGNS_C.name} has no points of {sign}")
    SIGNS_C.write_text(text, encoding="utf-8")
