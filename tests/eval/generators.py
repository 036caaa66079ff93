"""Names made on purpose: dnstwist's generators on protected domains, and homographs of brands
that are no post. What is asked is whether the technique is named, not whether a rule blocks."""

import collections
import hashlib
import json
import pathlib
import random
import subprocess
import tempfile

import peers
import tools

DOMAINS = 50
LETTERS_MIN = 6
HOMOGRAPHS = 3000
SEED = 20251121
BRANDS = """google paypal amazon microsoft apple facebook instagram netflix whatsapp youtube linkedin twitter
    dropbox adobe spotify airbnb booking ebay alibaba walmart target costco chase wellsfargo citibank barclays
    santander revolut coinbase binance kraken blockchain steam roblox epicgames twitch discord telegram signal
    zoom slack github gitlab bitbucket cloudflare godaddy namecheap wordpress shopify stripe mastercard visa
    americanexpress samsung huawei xiaomi nokia siemens mercedes volkswagen toyota""".split()


def chosen_domains(policies, suffixes):
    """Fifty, in the order of a hash: a domain more or less in the policies leaves the others. Not
    those under .post, where a post alone registers, so that nothing there is judged."""
    found = [domain for domain in tools.official_domains(policies)
             if suffixes.registrable(domain) == domain and sum(map(str.isalpha, domain.split(".")[0])) >= LETTERS_MIN
             and not domain.startswith("xn--") and not domain.endswith(".post")]
    found.sort(key=lambda domain: hashlib.sha256(f"{SEED} {domain}".encode()).digest())
    if len(found) < DOMAINS:
        raise tools.EvalError(f"the policy protects {len(found)} domains of {LETTERS_MIN} letters, not {DOMAINS}")
    return sorted(found[:DOMAINS])


def technique_named(row):
    return row["score"] > 0 and row["technique"] not in (None, "none")


def dnstwist_rows(policies, suffixes):
    """[(generator, row)] without what is an official domain after all."""
    official = set(tools.official_domains(policies))
    made = sorted({pair for domain in chosen_domains(policies, suffixes) for pair in peers.permutations(domain)
                   if not official.intersection(peers.parents(pair[1]))})
    return [(generator, row) for (generator, _), row
            in zip(made, tools.scan((name for _, name in made), policies))]


# --- homographs ------------------------------------------------------------------------


def look_alikes(folder):
    """{(kind, script): {letter: [characters]}} from Unicode's tables, by letters.c."""
    program = pathlib.Path(folder) / "letters"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "icu-i18n", "icu-uc"], capture_output=True,
                           text=True, check=True).stdout.split()
    subprocess.run(["cc", "-std=c17", "-O1", str(tools.HERE / "letters.c"), "-o", str(program), *flags], check=True)
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout.splitlines():
        code, letter, kind, script = line.split()
        found[kind, script][letter].append(chr(int(code, 16)))
    return found


def replaced(brand, table, count, chance):
    """The brand with up to count letters replaced; None: none can be."""
    places = [i for i, letter in enumerate(brand) if table.get(letter)]
    if not places:
        return None
    letters = list(brand)
    for i in chance.sample(places, min(count, len(places))):
        letters[i] = chance.choice(table[letters[i]])
    return "".join(letters)


def make_homographs(tables):
    """[(kind, brand, name)]: a third with confusable letters of any script, a third with those of
    one (all that can be replaced), a third with marks; one to three letters otherwise."""
    chance = random.Random(SEED)
    any_script = collections.defaultdict(list)
    marked = collections.defaultdict(list)
    for (kind, _), table in sorted(tables.items()):
        for letter, characters in table.items():
            (any_script if kind == "confusable" else marked)[letter].extend(characters)
    scripts = [table for (kind, script), table in sorted(tables.items())
               if kind == "confusable" and script in ("Cyrl", "Grek", "Latn", "Armn")]
    seen, made = set(), []
    while len(made) < HOMOGRAPHS:
        kind = ("confusable", "one script", "diacritic")[len(made) % 3]
        brand = chance.choice(BRANDS)
        if kind == "one script":
            label = replaced(brand, chance.choice(scripts), chance.choice((1, 2, 3, 99)), chance)
        else:
            label = replaced(brand, any_script if kind == "confusable" else marked, chance.randint(1, 3), chance)
        if label is None:
            continue
        name = f"xn--{label.encode('punycode').decode()}.{chance.choice(('com', 'net', 'org', 'top'))}"
        if name not in seen:
            seen.add(name)
            made.append((kind, brand, name))
    return made


def homograph_rows():
    """[(kind, brand, row)], judged by a policy that protects those brands alone."""
    policy = {"postshield": 1,
              "brands": {brand: {"owner": brand.capitalize(), "names": [brand], "domains": [f"{brand}.com"]}
                         for brand in BRANDS},
              "rules": [{"id": "lookalikes", "when": {"lookalike": {"score": ">= 80"}}, "then": "nxdomain"}]}
    with tempfile.TemporaryDirectory(prefix="postshield-eval.") as folder:
        path = pathlib.Path(folder) / "policies"
        path.mkdir()
        (path / "brands.postshield.yaml").write_text(json.dumps(policy, indent=1), encoding="utf-8")
        made = make_homographs(look_alikes(folder))
        rows = tools.scan((name for _, _, name in made), path)
    return [(kind, brand, row) for (kind, brand, _), row in zip(made, rows)]
