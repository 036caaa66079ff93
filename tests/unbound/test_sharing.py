"""No lock and no shared write on the query path: what workers touch while the module judges and
answers, seen by a module that tells of each access (sharing.c)."""

import functools
import mmap
import struct
import subprocess
import unittest

from stand import BUILD, SANITIZED, Case, Policy

THREADS = 4
HEAD = struct.Struct("<10Q")  # armed, workers, reads, writes, lines, counts[4], records
RECORD = struct.Struct("<4Q")
RECORDS = 8192
KINDS = {1: "shared", 2: "lock", 3: "allocation"}

# All that a verdict can be about, but for answers. Where one worker's counters end the next one's
# begin, so the first rule and one of the last things counted (clients in no group) are hit; there are 15
# (12 rules, a feed, two classes of clients), of which four fill a line.
TEXT = """\
clients:
  counters: [127.9.0.0/16]
answers:
  page: {sinkhole: {a: 192.0.2.80, aaaa: "2001:db8::80"}, ttl: 60}
  alias: {sinkhole: {cname: block-page.lab}}
brands:
  royal: {names: [royalmail], domains: [royalmail.com]}
keywords:
  en: {parcel: [parcel]}
rules:
  - {id: page, when: {name: {is: n00020.bulk.top}}, then: page}
  - {id: stricter, when: {name: {under: n00290.bulk.top}, client: counters}, then: refused}
  - {id: trial, mode: shadow, when: {name: {is: n00200.bulk.top}}, then: nxdomain}
  - {id: listed, when: {listed: {feeds: [abuse]}}, then: nxdomain, tell: {ede: blocked, text: listed}}
  - {id: partner, when: {name: {is: n00299.bulk.top}}, then: pass}
  - {id: others, when: {name: {below: n00298.bulk.top}}, then: refused}
  - {id: nothing, when: {name: {is: n00021.bulk.top}}, then: nodata}
  - {id: refused, when: {name: {is: n00022.bulk.top}}, then: refused}
  - {id: truncated, when: {name: {is: n00023.bulk.top}}, then: truncate}
  - {id: alias, when: {name: {is: n00024.bulk.top}}, then: alias}
  - {id: numbers, when: {name: {pattern: '^n0003[0-9]\\.'}}, then: nxdomain}
  - {id: lookalikes, when: {lookalike: {score: ">= 80"}}, then: nxdomain}
#LOG  - {id: logged, when: {name: {is: n00201.bulk.top}}, then: log}
#ANSWERS  - {id: cloaked, when: {answer: {leads-to: {name: {under: tracker.example}}}}, then: nxdomain}
#ANSWERS  - {id: hosted, when: {answer: {address: 198.51.100.0/24}}, then: nxdomain}
never: [n00203.bulk.top]
feeds:
  abuse: {format: plain, path: abuse.txt, scope: subtree, category: phishing, confidence: 80}
"""
LISTED = [f"n{n:05}.bulk.top" for n in range(10)]
BLOCKED = [(name, "NXDOMAIN") for name in LISTED + [f"www.{name}" for name in LISTED]] + [
    ("n00020.bulk.top", "NOERROR"), ("n00021.bulk.top", "NOERROR"), ("n00022.bulk.top", "REFUSED"),
    ("n00023.bulk.top", "NOERROR"), ("n00024.bulk.top", "NOERROR"),
    ("n00030.bulk.top", "NXDOMAIN"), ("n00031.bulk.top", "NXDOMAIN"), ("royalmail-parcel.top", "NXDOMAIN")]
OTHERS = "n00290.bulk.top"  # blocked for some, who do not ask here
PASSING = [(f"n{n:05}.bulk.top", "NOERROR") for n in range(200, 300) if f"n{n:05}.bulk.top" != OTHERS] + [
    (f"not-{n}.bulk.top", "NXDOMAIN") for n in range(20)]


def policy(more=""):
    """more: LOG or ANSWERS, with such rules as well."""
    text = TEXT.replace("#" + more, "") if more else TEXT
    return Policy(text, files={"abuse.txt": "\n".join(LISTED) + "\n"}, under=LISTED,
                  exact=["n00020.bulk.top", "n00021.bulk.top", "n00022.bulk.top"])


@functools.lru_cache(None)
def place(module, offset):
    """The function that stands there in the module."""
    done = subprocess.run(["addr2line", "-f", "-e", str(module), hex(offset)], capture_output=True, text=True,
                          check=True)
    return done.stdout.split("\n", 1)[0]


class Report:
    """The file in which sharing.so tells what it saw."""

    def __init__(self, folder, module):
        self.module = module
        self.path = folder / "sharing"
        self.path.write_bytes(bytes(HEAD.size + RECORDS * RECORD.size))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)

    def arm(self, on):
        self.map[:8] = struct.pack("<Q", on)

    def head(self):
        _, workers, reads, writes, lines, _, shared, locks, allocations, used = HEAD.unpack(self.map[:HEAD.size])
        return {"workers": workers.bit_count(), "reads": reads, "writes": writes, "lines": lines, "shared": shared,
                "locks": locks, "allocations": allocations, "records": min(used, RECORDS)}

    def found(self, pid):
        """[(kind, function, the other's function)]"""
        with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
            base = min(int(line.split("-")[0], 16) for line in maps if line.rstrip().endswith(str(self.module)))
        out = []
        for i in range(self.head()["records"]):
            kind, _, at, other = RECORD.unpack_from(self.map, HEAD.size + i * RECORD.size)
            out.append((KINDS[kind], place(self.module, at - base),
                        place(self.module, other - base) if other else ""))
        return out


if not SANITIZED:  # they need ThreadSanitizer's place, or have their own

    class Sharing(Case):
        def watch(self, module, *, more="", questions=tuple(BLOCKED + PASSING)):
            """What is seen while 4 workers are asked: (numbers, what was found)."""
            path = BUILD / "tests" / module
            it = self.idle_shield()
            it.put(policy(more))
            report = Report(it.unbound.folder, path)
            it.unbound.start(module=str(path), threads=THREADS, deadline=60,
                             env={"LD_PRELOAD": str(BUILD / "tests" / "sharing.so"),
                                  "PS_SHARING_FILE": str(report.path)})
            self.memory_is_read_only(it)
            # A worker's first question makes it one. Blocked names come to the module each time;
            # of 100 questions from as many ports, each of four sockets gets some.
            for n in range(100):
                self.assertBlocked(it, f"{n}.{LISTED[0]}")
            report.arm(1)
            for _ in range(3):
                for name, rcode in questions:
                    self.assertEqual(it.query(name).rcode, rcode, name)
            report.arm(0)
            head = report.head()
            print(f"\n    {module}: {head}", flush=True)
            self.assertEqual(head["workers"], THREADS)
            self.assertGreater(head["writes"], len(questions))
            self.assertGreater(head["reads"], 20 * len(questions))
            return head, report.found(it.unbound.pid)

        def memory_is_read_only(self, it):
            """The snapshot itself: nobody can write to it."""
            with open(f"/proc/{it.unbound.pid}/maps", encoding="utf-8") as maps:
                modes = {line.split()[1] for line in maps if "memfd:" in line}
            self.assertTrue(modes)
            self.assertTrue(all(mode.startswith("r--") for mode in modes), modes)

        def test_nothing_is_shared_locked_or_allocated(self):
            head, found = self.watch("sharing_watched.so")
            self.assertEqual(found, [])
            self.assertEqual((head["shared"], head["locks"], head["allocations"]), (0, 0, 0))

        def test_a_counter_of_all_is_found(self):
            """The control: a counter that all workers write."""
            head, found = self.watch("sharing_control.so")
            self.assertEqual({kind for kind, _, _ in found}, {"shared"})
            self.assertTrue(all("ps_operate_new" in function for _, function, _ in found), found)
            self.assertGreater(head["shared"], 0)

        def test_what_some_are_kept_from(self):
            """Its records are stored by us, in the iterator's place, since the answer is not: by
            Unbound's own functions, with the locks of its caches. And so a control: they are found."""
            head, found = self.watch("sharing_watched.so", questions=((OTHERS, "NOERROR"), *BLOCKED))
            self.assertEqual(head["shared"], 0)
            self.assertGreater(min(head["locks"], head["allocations"]), 0)
            self.assertEqual({function for _, function, _ in found}, {"ps_cache_store"})

        def test_rules_about_answers(self):
            """Likewise what they have to look up in Unbound's cache, and to keep there until it is judged."""
            head, found = self.watch("sharing_watched.so", more="ANSWERS")
            self.assertEqual(head["shared"], 0)
            self.assertEqual({function for _, function, _ in found},
                             {"has_chain", "ps_cache_store", "ps_cache_store_rrsets"})

        def test_a_lock_is_found(self):
            """The control: a rule that only logs takes the lock of Unbound's own log."""
            head, found = self.watch("sharing_watched.so", more="LOG",
                                     questions=(("n00201.bulk.top", "NOERROR"), *BLOCKED))
            self.assertGreater(head["locks"], 0)
            self.assertEqual({(kind, function) for kind, function, _ in found}, {("lock", "ps_line_write")})


if __name__ == "__main__":
    unittest.main()
