"""F3, F4: what a feed must not make us block, and what it may do only after somebody looked."""

import json
import subprocess

from harness import Broken, Outcome, tail

FORMATS = ("plain", "hosts", "csv", "rpz", "stix", "misp")

POLICY = """postshield: 1
answers:
  block-page: {{sinkhole: {{cname: block.ours.net}}, ttl: 60}}
rules:
  - id: listed
    when: {{listed: any}}
    then: nxdomain
  - id: shown
    when: {{name: {{is: to-the-page.top}}}}
    then: block-page
never: [allowed.net, upu.int, register.post]
official:
  - {{name: laposte.fr, owner: La Poste, country: FR}}
popular: [usps.com]
feeds:
  load:
    format: {format}
    path: {path}
    publisher: https://isac.publisher.net/taxii/
{more}
"""

# What a careless, broken or bought feed lists: nothing of it may take anybody's name away.
DANGEROUS = [".", "/", "com", "co.uk", "allowed.net", "www.allowed.net", "block.ours.net", "isac.publisher.net",
             "publisher.net", "ours.net", "register.post", "www.register.post", "upu.int", "post", "github.io",
             "localhost", "*.com", "*.co.uk", "*.github.io", "*.post", "laposte.fr", "promo.swisspost.post", "arpa"]
# What is worth listing, beside it.
WORTHY = ["usps-pay.top", "evil.parcel-fee.icu", "xn--pst-ula.top"]

# Names that pass, whatever stands above in whatever format.
PASS = ["com", "innocent.com", "www.innocent.com", "uk", "co.uk", "innocent.co.uk", "allowed.net", "www.allowed.net",
        "deep.www.allowed.net", "block.ours.net", "isac.publisher.net", "www.publisher.net", "other.ours.net",
        "register.post", "www.register.post", "upu.int", "www.upu.int", "post", "swisspost.post", "www.swisspost.post",
        "innocent.github.io", "localhost", "www.laposte.fr", "www.promo.swisspost.post", "innocent.top", "top",
        "1.0.0.127.in-addr.arpa"]
BLOCKED = WORTHY + ["laposte.fr", "promo.swisspost.post"]


def lines_plain(names):
    return "\n".join(names) + "\n"


def lines_hosts(names):
    return "".join(f"0.0.0.0 {name}\n" for name in names)


def lines_csv(names):
    return "domain,type\n" + "".join(f"{name},phishing\n" for name in names)


def lines_rpz(names):
    head = "$TTL 60\n@ SOA localhost. root.localhost. 1 3600 600 604800 60\n  NS localhost.\n"
    owners = []
    for name in names:
        if name == ".":
            owners += ["*"]
        elif name.startswith("*."):
            owners += [name]
        elif name != "/":
            owners += [name, f"*.{name}"]
    return head + "".join(f"{owner} CNAME .\n" for owner in owners)


def lines_stix(names):
    objects = []
    for number, name in enumerate(names):
        objects.append({
            "type": "indicator", "spec_version": "2.1", "id": f"indicator--5c0a6b1e-0001-4000-8000-{number:012}",
            "created": "2026-01-05T08:00:00.000Z", "modified": "2026-01-05T08:00:00.000Z",
            "indicator_types": ["malicious-activity"], "confidence": 95,
            "pattern": f"[domain-name:value = '{name}']", "pattern_type": "stix", "valid_from": "2026-01-05T08:00:00Z"})
    return json.dumps({"type": "bundle", "id": "bundle--5c0a6b1e-0001-4000-8000-000000000001", "objects": objects})


def lines_misp(names):
    attributes = [{"uuid": f"5c0a6b1e-0002-4000-8000-{number:012}", "type": "domain", "category": "Network activity",
                   "to_ids": True, "value": name, "timestamp": "1767772800"} for number, name in enumerate(names)]
    return json.dumps({"Event": {"uuid": "5c0a6b1e-0002-4000-8000-999999999999", "info": "careless",
                                 "date": "2026-01-07", "Attribute": attributes}})


MORE = {
    "plain": "    scope: subtree",
    "hosts": "",
    "csv": "    columns: {name: domain, category: type}\n    scope: subtree",
    "rpz": "",
    "stix": "    scope: subtree",
    "misp": "    scope: subtree",
}


class Program:
    """One policy with one feed, and the program that makes a snapshot of it."""

    def __init__(self, context, program, form, names, more=""):
        self.program, self.form = program, form
        self.folder = context.scratch(f"policy-{form}")
        self.feed = self.folder / "feed"
        self.policy = self.folder / "one.postshield.yaml"
        self.policy.write_text(POLICY.format(format=form, path="feed", more=MORE[form] + more), encoding="utf-8")
        self.snapshot = self.folder / "snapshot.ps"
        self.offer(names)

    def offer(self, names):
        self.feed.write_text(globals()[f"lines_{self.form}"](names), encoding="utf-8")

    def run(self, *words):
        done = subprocess.run([str(self.program), *words], capture_output=True, text=True, check=False, cwd=self.folder)
        if done.returncode < 0 or done.returncode > 3:
            raise Broken(f"postshield {words[0]} ended with {done.returncode}: {tail(done.stderr)}")
        return done

    def build(self, *words):
        """(exit status, what it printed)."""
        done = self.run("build", "--policy", str(self.policy), "--output", str(self.snapshot), "--verbose", *words)
        if done.returncode >= 2:
            raise Broken(f"postshield build ended with {done.returncode}: {tail(done.stderr + done.stdout)}")
        return done.returncode, done.stdout + done.stderr

    def blocks(self, name):
        """By the resolver's own evaluator."""
        done = self.run("explain", "--snapshot", str(self.snapshot), name)
        if done.returncode > 1:
            raise Broken(f"postshield explain {name} ended with {done.returncode}: {tail(done.stderr)}")
        return done.returncode == 1


def careless(context, program):
    """(names asked, what was wrong) over every format."""
    asked, wrong = 0, []
    for form in FORMATS:
        one = Program(context, program, form, DANGEROUS + WORTHY)
        _, said = one.build()
        for names, wanted in ((PASS, False), (BLOCKED, True)):
            for name in names:
                asked += 1
                if one.blocks(name) != wanted:
                    wrong.append(f"{form}: {name} {'passes' if wanted else 'is blocked'}")
        if "root-or-tld" not in said and "public-suffix" not in said and "never" not in said:
            wrong.append(f"{form}: the build did not say what it refused")
    return asked, wrong


def f3(context):
    asked, wrong = careless(context, context.builds.make("", "postshield") / "bin" / "postshield")
    _, control = careless(context, context.builds.program("f3_control"))
    return Outcome(
        f"{len(DANGEROUS)} entries that must take nothing away, in {len(FORMATS)} formats, {asked} names explained: "
        f"{len(wrong)} wrong{' (' + '; '.join(wrong[:6]) + ')' if wrong else ''}; control (no guard): {len(control)} "
        f"wrong, such as {control[0] if control else 'none'}",
        not wrong, bool(control))


def jumps(context, program):
    """What was wrong when a feed jumps, shrinks, empties and lists a popular name."""
    wrong = []

    def check(holds, what):
        if not holds:
            wrong.append(what)

    old = [f"a{i}.listed.top" for i in range(200)]
    one = Program(context, program, "plain", old)
    status, _ = one.build()
    check(status == 0 and one.blocks("a0.listed.top"), "the first build")
    for what, names in (("a jump", old + [f"b{i}.listed.top" for i in range(1000)]), ("a shrink", old[:40]),
                        ("nothing left", [])):
        one.offer(names)
        status, said = one.build()
        check(status == 1, f"{what}: exit status {status}")
        check("held" in said.lower(), f"{what}: not shown as held")
        check(one.blocks("a199.listed.top"), f"{what}: the last good entries are gone")
        check(not one.blocks("b0.listed.top"), f"{what}: new entries went live")
    one.offer(old + [f"b{i}.listed.top" for i in range(1000)])
    status, _ = one.build("--accept", "load")
    check(status == 0 and one.blocks("b0.listed.top"), "--accept did not take the jump")
    one = Program(context, program, "plain", old + ["usps.com", "www.usps.com"])
    status, said = one.build()
    check("usps.com" in said, "a popular name: not shown")
    check(not one.blocks("usps.com") and not one.blocks("www.usps.com") and not one.blocks("tools.usps.com"),
          "a popular name: went live")
    shown = one.run("explain", "--snapshot", str(one.snapshot), "usps.com").stdout
    check("trial" in shown, "a popular name: explain does not speak of trial")
    check(one.blocks("a0.listed.top"), "beside a popular name nothing is blocked")
    return wrong


def f4(context):
    wrong = jumps(context, context.builds.make("", "postshield") / "bin" / "postshield")
    control = jumps(context, context.builds.program("f4_control"))
    return Outcome(
        "a feed of 200 names that grows by 500 %, shrinks by 80 %, becomes empty: held, shown, the last good entries "
        "serve, --accept takes it; a popular name is shown and on trial"
        f"{'; but ' + '; '.join(wrong) if wrong else ''}; control (no limits): {len(control)} wrong, such as "
        f"{control[0] if control else 'none'}",
        not wrong, bool(control))
