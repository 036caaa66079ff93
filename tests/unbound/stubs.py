"""Programs that people ask with, and what they print, in plain values: kdig, dig, drill."""

import re
import subprocess

from stand import ADDRESS


class Seen:
    """What one program said: rcode, "NXDOMAIN"; flags, {"aa"}; answer, [(owner, ttl, type, data)];
    ede, [(code, text)]; None for an rcode: it got no answer."""

    def __init__(self, text):
        self.text = text
        head = re.search(r"->>HEADER<<-.*?(?:status|rcode): (\w+)", text)
        self.rcode = head[1] if head else None
        flags = re.search(r"^;; [Ff]lags: ([a-z ]*?) *;", text, re.MULTILINE)
        self.flags = set(flags[1].split()) if flags else set()
        self.answer = self.section(text, "ANSWER")
        self.authority = self.section(text, "AUTHORITY")
        # drill writes the text's octets before it.
        self.ede = [(int(code), said or "") for code, said in re.findall(
            r"""EDE: (\d+) \([^)]*\)(?:: (?:[0-9a-f]{2} )*[('"](.*)['")])?""", text)]

    @staticmethod
    def section(text, name):
        found = re.search(rf"^;; {name} SECTION:\n(.*?)(?:^$|^;;|\Z)", text, re.MULTILINE | re.DOTALL)
        lines = [line.split(None, 4) for line in (found[1] if found else "").splitlines() if line and line[0] != ";"]
        return [(owner.lower(), int(ttl), rdtype, data) for owner, ttl, _, rdtype, data in lines]

    def data(self, *types):
        return [data for _, _, rdtype, data in self.answer if not types or rdtype in types]


def run(command, good=(0,)):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode not in good:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return Seen(done.stdout)


def kdig(port, name, rdtype, *, do=False, subnet=None, tcp=False, cd=False, patience=5):
    return run(["kdig", f"@{ADDRESS}", "-p", str(port), name, rdtype, "+edns", f"+timeout={patience}", "+retry=0",
                *(["+dnssec"] if do else []), *([f"+subnet={subnet}"] if subnet else []),
                *(["+tcp"] if tcp else []), *(["+cd"] if cd else [])], good=(0, 1))


def dig(port, name, rdtype, *, do=False, subnet=None, tcp=False, cd=False, patience=5):
    return run(["dig", f"@{ADDRESS}", "-p", str(port), name, rdtype, "+nocookie", f"+timeout={patience}", "+tries=1",
                *(["+dnssec"] if do else []),
                *([f"+subnet={subnet}"] if subnet else []), *(["+tcp"] if tcp else ["+notcp"]),
                *(["+cd"] if cd else [])], good=(0, 9))


def drill(port, name, rdtype, *, do=False, subnet=None, tcp=False, cd=False, patience=5):
    """It knows no ECS: asked without; and no patience of less than its own."""
    del subnet, patience
    return run(["drill", "-p", str(port), "-b", "1232", *(["-D"] if do else []), *(["-t"] if tcp else ["-u"]),
                *(["-o", "CD"] if cd else []), name, f"@{ADDRESS}", rdtype], good=(0, 1))


ALL = {"kdig": kdig, "dig": dig, "drill": drill}
