#!/usr/bin/python3 -B
"""postshield events, on a spool that tests/event/spool_life.c wrote."""

import json
import os
import subprocess
import unittest

import program

SPOOL_LIFE = os.environ["SPOOL_LIFE"]
COLUMNS = ("first last count name type action mode rule kind technique protected score feed listed reference ede "
           "snapshot group client case serial scope found_kind found").split()
VERSION_1 = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "events-version-1.pse")


class Events(program.Case):
    def setUp(self):
        super().setUp()
        self.build()
        digest = self.must(0, "index", "verify", "--json").json["digest"]
        # Entry 1's number: which one is evil.com's is for the snapshot to say.
        self.digest = digest[:16]
        self.sample(0)

    def sample(self, entry):
        for name in self.files("state/events") if os.path.isdir(self.path("state/events")) else ():
            os.unlink(self.path("state/events", name))
        subprocess.run([SPOOL_LIFE, "sample", self.path("state/events"), f"{self.digest} {entry}"], check=True,
                       timeout=60, env=program.environment())

    def segment(self):
        (name,) = (name for name in self.files("state/events") if name.endswith(".pse"))
        return f"state/events/{name}"

    def rows(self, *options, code=0):
        return [dict(zip(COLUMNS, line.split("\t"), strict=True))
                for line in self.must(code, "events", "--tsv", *options).out.splitlines()]

    def objects(self, *options, code=0):
        return [json.loads(line) for line in self.must(code, "events", "--json", *options).out.splitlines()]

    def test_for_people(self):
        result = self.must(0, "events")
        lines = result.out.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertTrue(lines[0].startswith("2025-11-21T12:00:00Z  12045x  nxdomain n1.1234567890"), lines[0])
        self.assertIn(" A  rule rule  main: phishing, confidence 90", lines[0])
        self.assertTrue(lines[0].endswith("  from 192.0.2.0/24 and others"), lines[0])
        self.assertIn(r"log      \027[31mx\009.top A  rule rule", lines[1])
        self.assertTrue(lines[2].endswith("rule rule on trial"), lines[2])
        self.assertIn("  1x  nxdomain *.n1.1234567890", lines[2])
        self.assertTrue(lines[3].endswith(r"rule rule  it leads to u\027ps.top  looks like usps: leet, score 93  "
                                          "group counters"), lines[3])
        self.assert_terminal_safe(result.out)
        code, octets = self.run_on_terminal("events")
        self.assertEqual(code, 0)
        self.assertNotIn(b"\x1b[31mx", octets)

    def test_columns_and_objects_say_the_same(self):
        rows, objects = self.rows(), self.objects()
        self.assertEqual(len(rows), 4)
        for row, found in zip(rows, objects, strict=True):
            for key in COLUMNS:
                if key == "client":
                    self.assertEqual(row[key], (found[key] or "-") + ("+" if found["clients_differ"] else ""))
                else:
                    self.assertEqual(row[key], "-" if found[key] is None else str(found[key]), key)
        self.assertEqual(rows[0]["first"], "2025-11-21T12:00:00.250Z")
        self.assertEqual(rows[0]["last"], "2025-11-21T12:00:04.250Z")
        self.assertEqual((rows[0]["listed"], rows[0]["ede"], rows[0]["snapshot"]), ("evil.top", "15", self.digest))
        self.assertEqual([found["mode"] for found in objects], ["enforce", "enforce", "shadow", "enforce"])
        self.assertEqual((objects[3]["group"], objects[3]["case"], objects[3]["technique"]),
                         ("counters", "PS-2025-7", "leet"))
        self.assertEqual((objects[3]["found_kind"], objects[3]["found"]), ("target", r"u\027ps.top"))
        self.assertEqual([found["scope"] for found in objects], ["name", "name", "subtree", "name"])
        self.assertEqual((objects[0]["group"], objects[0]["found"], rows[0]["group"]), (None, None, "-"))
        self.assertEqual([found["serial"] for found in objects], [0, 1, 2, 3])
        self.assertEqual((objects[0]["category"], objects[0]["tlp"], objects[1]["category"]),
                         ("phishing", "clear", None))

    def test_the_feeds_reference(self):
        """Of the snapshot that decided alone, and of an entry that it has."""
        found = set()
        for entry in range(12):
            self.sample(entry)
            found.add(self.objects()[0]["reference"])
        self.assertLessEqual({"case 1", "case 2", "case 4", None}, found)
        self.digest = "0" * 16
        self.sample(0)
        self.assertIsNone(self.objects()[0]["reference"])

    def test_since(self):
        self.assertEqual(len(self.rows("--since", "2025-11-21T12:00:04.250Z")), 2)
        self.assertEqual(len(self.rows("--since", "2025-11-21T12:00:04.251Z")), 1)
        self.assertEqual(len(self.rows("--since", "2025-11-21")), 4)
        self.assertEqual(len(self.rows("--since", "30s", "--now", "2025-11-21T12:01:20Z")), 1)
        self.assertEqual(len(self.rows("--since", "3m", "--now", "2025-11-21T12:01:20Z")), 4)
        self.assertEqual(len(self.rows("--since", "1h", "--now", "2025-11-21T13:01:20Z")), 0)
        self.assertEqual(len(self.rows("--since", "999999d", "--now", "2025-11-21T13:01:20Z")), 4)
        self.assertEqual(len(self.rows("--since", "1969-12-31T23:59:59Z")), 4)
        for bad in ("5x", "h", "1hh", "-1h", "1234567s", "yesterday", ""):
            self.assertIn("neither a time nor a span", self.must(2, "events", "--since", bad).err, bad)

    def test_damage_is_told(self):
        whole = self.read(self.segment())
        self.write(self.segment(), whole[:300] + b"\xff" + whole[301:])
        result = self.must(1, "events", "--tsv")
        self.assertEqual(len(result.out.splitlines()), 3)
        self.assertIn("1 damaged place", result.err)
        self.assertIn("events missing: 1\n", result.err)
        self.assert_terminal_safe(result.err)

    def test_rubbish(self):
        self.write(self.segment(), b"rubbish")
        self.assertEqual(self.rows(), [])  # the newest may be on its way

    def test_version_1(self):
        """What a module wrote before records had group names and what was found."""
        with open(VERSION_1, "rb") as file:
            octets = file.read()
        os.unlink(self.path(self.segment()))
        self.write("state/events/events-0000000069205440.pse", octets)
        objects = self.objects()
        self.assertEqual([found["serial"] for found in objects], [0, 1, 2, 3])
        self.assertEqual([found["count"] for found in objects], [12045, 1, 1, 1])
        self.assertEqual([found["group"] for found in objects], [None, None, None, "#4"])
        self.assertEqual({(found["scope"], found["found"], found["found_kind"]) for found in objects},
                         {("name", None, None)})
        self.assertEqual((objects[0]["listed"], objects[3]["protected"]), ("evil.top", "usps"))

    def test_a_file_without_a_header_is_told(self):
        """But for the newest, which may be on its way."""
        number = int(self.segment()[-20:-4], 16)
        self.write(f"state/events/events-{number - 1:016x}.pse", b"rubbish" * 20)
        self.write("state/events/events-zzzzzzzzzzzzzzzz.pse", b"another's")
        result = self.must(1, "events", "--tsv")
        self.assertEqual(len(result.out.splitlines()), 4)
        self.assertEqual(result.err, "postshield events: warning: 1 file without a good header: skipped\n")

    def test_no_snapshot_any_more(self):
        os.remove(self.path("state/snapshot.ps"))
        self.assertEqual([found["reference"] for found in self.objects()], [None] * 4)
        self.write("state/snapshot.ps", b"rubbish")
        self.assertEqual([found["reference"] for found in self.objects()], [None] * 4)

    def test_none_yet(self):
        self.must(0, "events", env={"POSTSHIELD_STATE": self.path("nowhere")})
        self.write("state/file", "")
        self.must(3, "events", env={"POSTSHIELD_STATE": self.path("state/file")})

    def test_options_that_do_not_go_together(self):
        self.assertIn("--json and --tsv", self.must(2, "events", "--json", "--tsv").err)

    def test_follow(self):
        with subprocess.Popen([program.PROGRAM, "events", "--follow", "--json"], stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True,
                              env=program.environment(POSTSHIELD_STATE=self.path("state"))) as process:
            for serial in range(4):
                self.assertEqual(json.loads(process.stdout.readline())["serial"], serial)
            subprocess.run([SPOOL_LIFE, "sample", self.path("state/events"), f"{self.digest} 0"], check=True,
                           timeout=60, env=program.environment())
            for serial in range(4, 8):
                self.assertEqual(json.loads(process.stdout.readline())["serial"], serial)
            process.kill()

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([program.PROGRAM, "events"], stdout=full, stderr=subprocess.PIPE, timeout=60,
                                  check=False, env=program.environment(POSTSHIELD_STATE=self.path("state")))
        self.assertEqual(done.returncode, 3, done.stderr)


if __name__ == "__main__":
    program.main()
