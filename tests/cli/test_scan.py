#!/usr/bin/python3 -B
"""postshield scan: rows in the order of the input, whatever the input is."""

import json
import os
import random
import signal
import subprocess
import threading
import time
import unittest

import program

LOOKALIKE = """\
postshield: 1
brands:
  inpost: {owner: InPost, names: [inpost], domains: [inpost.pl]}
  laposte: {owner: La Poste, names: [laposte], domains: [laposte.fr]}
abused-tlds:
  top: 150
rules:
  - id: known
    when: {name: {is: [known.com]}}
    then: log
  - id: parcel
    when: {name: {pattern: '^parcel-[0-9]{6}\\.'}}
    then: refused
  - id: sure
    when: {lookalike: {score: ">= 80"}}
    then: nxdomain
"""
PASSES = "\tpass\t-\tnone\t-\t-\t0\n"


class Scan(program.Case):
    def scan(self, given, *arguments, code=0, now=program.NOW, env=None, **keywords):
        """Output and messages of a scan of these octets; both as octets."""
        changes = {"POSTSHIELD_STATE": self.path("state"), **(env or {})}
        done = subprocess.run([program.PROGRAM, "scan", "--now", now, *arguments], input=given, cwd=self.folder,
                              env=program.environment(**changes), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=120, check=False, **keywords)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr

    def rows(self, given, *arguments, **keywords):
        out, err = self.scan(given, *arguments, **keywords)
        self.assertEqual(err, b"")
        return out.decode()

    def start(self, *arguments, **keywords):
        return subprocess.Popen([program.PROGRAM, "scan", *arguments], cwd=self.folder, env=program.environment(),
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **keywords)

    # --- columns ------------------------------------------------------------------------

    def test_columns(self):
        self.assertEqual(self.rows(b"evil.com\nquiet.com\nportal.shop.com\nparcel-123456.com\nwww.upu.int\n"), (
            "evil.com\tnxdomain\tphishing\tlisted\t-\t-\t0\n"
            "quiet.com" + PASSES +
            "portal.shop.com\tlog\tstaff-portal\tlisted\t-\t-\t0\n"
            "parcel-123456.com\tsinkhole\tparcel\tpattern\t-\t-\t0\n"
            "www.upu.int" + PASSES))

    def test_lookalikes(self):
        self.write("policies/main.postshield.yaml", LOOKALIKE)
        rows = [row.split("\t") for row in self.rows(
            b"inpost-paczka.top\nlaposte.example.top\nknown.com\nparcel-123456.top\nwww.laposte.fr\nquiet.com\n"
        ).splitlines()]
        self.assertEqual(rows[0][1:4], ["nxdomain", "sure", "lookalike"])
        self.assertEqual(rows[0][5], "inpost")
        self.assertGreaterEqual(int(rows[0][6]), 80)
        self.assertEqual(rows[2], ["known.com", "log", "known", "listed", "-", "-", "0"])
        self.assertEqual(rows[3][1:4], ["refused", "parcel", "pattern"])
        for row in rows[4:]:
            self.assertEqual("\t".join(row[1:]) + "\n", PASSES[1:])

    def test_what_passes_but_looks_like_something_is_told(self):
        self.write("policies/main.postshield.yaml", LOOKALIKE.replace(">= 80", ">= 100"))
        name, action, rule, kind, technique, protected, score = self.rows(b"inp0st.com\n").rstrip("\n").split("\t")
        self.assertEqual((name, action, rule, kind, protected), ("inp0st.com", "pass", "-", "none", "inpost"))
        self.assertNotIn(technique, ("-", "none"))
        self.assertTrue(0 < int(score) < 100)

    def test_json(self):
        self.write("policies/main.postshield.yaml", LOOKALIKE)
        out = self.rows(b"inpost-paczka.top\nquiet.com\n", "--json").splitlines()
        first, second = map(json.loads, out)
        self.assertEqual((first["action"], first["rule"], first["kind"], first["protected"]),
                         ("nxdomain", "sure", "lookalike", "inpost"))
        self.assertTrue(all(set(part) == {"sign", "points"} for part in first["parts"]) and first["parts"])
        self.assertEqual(second, {"name": "quiet.com", "action": "pass", "rule": None, "kind": "none",
                                  "technique": None, "protected": None, "score": 0, "parts": []})

    def test_explain_agrees(self):
        self.write("policies/main.postshield.yaml", LOOKALIKE)
        self.build()
        for name in ("inpost-paczka.top", "lnpost.top", "laposte.fr", "quiet.com", "known.com"):
            row = json.loads(self.rows(name.encode(), "--json"))
            told = self.run_program("explain", "--json", "--now", program.NOW, name).json
            self.assertEqual(row["action"], told["action"], name)
            self.assertEqual(row["rule"], told["rule"] and told["rule"]["id"], name)

    def test_only_findings(self):
        self.assertEqual(self.rows(b"a.com\nevil.com\nb.com\nportal.shop.com\n", "--only-findings"),
                         "evil.com\tnxdomain\tphishing\tlisted\t-\t-\t0\n"
                         "portal.shop.com\tlog\tstaff-portal\tlisted\t-\t-\t0\n")

    # --- lines ------------------------------------------------------------------------------

    def test_lines_as_they_come(self):
        self.assertEqual(self.rows(b""), "")
        for given in (b"a.com\nevil.com\n", b"a.com\nevil.com", b"a.com\r\nevil.com\r\n", b"\xef\xbb\xbfa.com\nevil.com\n",
                      b" a.com\t\nevil.com \n"):
            with self.subTest(given):
                self.assertEqual(self.rows(given), "a.com" + PASSES + "evil.com\tnxdomain\tphishing\tlisted\t-\t-\t0\n")

    def test_names_stand_as_given(self):
        given = "EVIL.com.\nbücher.de\nXN--BCHER-KVA.de\ne\\118il.com\n"
        self.assertEqual([row.split("\t")[0] for row in self.rows(given.encode()).splitlines()],
                         given.splitlines())
        self.assertEqual([row.split("\t")[1] for row in self.rows(given.encode()).splitlines()],
                         ["nxdomain", "pass", "pass", "nxdomain"])

    def test_octets_that_would_command_are_escaped(self):
        out, err = self.scan(b"a\tb.com\na\x1b[31m.com\na\x00b.com\na\xff.com\na\xc2\x85.com\na\xe2\x80\xae.com\na\rb.com\n")
        self.assertEqual([row.split("\t")[0] for row in out.decode().splitlines()],
                         ["a\\x09b.com", "a\\x1B[31m.com", "a\\x00b.com", "a\\xFF.com", "a\\u{85}.com", "a\\u{202E}.com",
                          "a\\x0Db.com"])
        self.assert_terminal_safe(err.decode())
        rows = self.scan(b"a\x1b.com\na\xff.com\na\xf0\x9f\x98\x80\x7f.com\n", "--json")[0].decode()
        self.assert_terminal_safe(rows)
        self.assertEqual([json.loads(row)["name"] for row in rows.splitlines()],
                         ["a\x1b.com", "a\\xFF.com", "a\U0001f600\x7f.com"])

    def test_lines_that_hold_no_name(self):
        given = b"a.com\n\na..b\n" + b"x" * 64 + b".com\n" + b"y" * 9000 + b"\nb.com\n"
        out, err = self.scan(given)
        rows = out.decode().splitlines(keepends=True)
        self.assertEqual(rows[:4] + rows[5:], ["a.com" + PASSES, PASSES, "a..b" + PASSES, "x" * 64 + ".com" + PASSES,
                                               "b.com" + PASSES])
        self.assertEqual(rows[4], "y" * 1024 + "..." + PASSES)
        self.assertEqual(err.decode(), "postshield scan: warning: 4 lines hold no names: 1 empty, 1 too long, 2 not "
                         "formed as names are; the first: standard input:2: it is empty\n")
        self.scan(given, "--strict", code=1)
        self.scan(b"a.com\n", "--strict")
        self.assertIn("label", json.loads(self.scan(b"x" * 64, "--json")[0])["error"])

    def test_places_count_on_through_batches_and_start_anew_in_files(self):
        self.write("one", b"a.com\n" * 50000)
        self.write("two", b"a.com\n" * 60000 + b"a..b\n")
        _, err = self.scan(b"", "--jobs", "4", "one", "two")
        self.assertIn(b"the first: two:60001: ", err)

    def test_files(self):
        self.write("one", b"a.com\nb.com")
        self.write("two", b"")
        self.write("three", b"c.com\n")
        out = self.rows(b"in.com", "one", "two", "-", "three")
        self.assertEqual([row.split("\t")[0] for row in out.splitlines()], ["a.com", "b.com", "in.com", "c.com"])

    def test_files_that_cannot_be_read(self):
        self.write("one", b"a.com\n")
        out, err = self.scan(b"", "one", "nowhere", code=2)
        self.assertEqual(out, b"a.com" + PASSES.encode())
        self.assertIn(b"nowhere: no such file", err)
        self.assertIn(b"cannot be read", self.scan(b"", self.path("state"), code=3)[1])

    # --- many of them ------------------------------------------------------------------------

    def test_order_is_kept_with_many_threads(self):
        names = [f"{'x' * (i * 7919 % 50)}n{i}.com" if i % 11 else f"a{i}.evil.com" for i in range(200000)]
        given = "".join(name + "\n" for name in names).encode()
        one = self.rows(given, "--jobs", "1")
        self.assertEqual([row.split("\t", 1)[0] for row in one.splitlines()], names)
        for jobs in ("2", "3", "16"):
            self.assertEqual(self.rows(given, "--jobs", jobs), one, jobs)

    def test_memory_stays_the_same(self):
        def peak(octets, line):
            with self.start("--jobs", "2") as process:
                threading.Thread(target=self.feed, args=(process.stdin, octets, line), daemon=True).start()
                shown = 0
                for row in iter(lambda: process.stdout.read(1 << 20), b""):
                    shown += row.count(b"\n")
                process.stderr.read()
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0)
            return usage.ru_maxrss, shown

        small, _ = peak(1 << 20, b"some-name.example.com\n")
        large, _ = peak(100 << 20, b"some-name.example.com\n")
        endless, shown = peak(1 << 30, b"x" * 4096)
        self.assertEqual(shown, 1)
        if not program.SANITIZED:
            self.assertLess(large, small + 4096)  # KiB
            self.assertLess(endless, small + 4096)

    @staticmethod
    def feed(stream, octets, line):
        piece = line * max(1, (1 << 20) // len(line))
        with stream:
            for _ in range(0, octets, len(piece)):
                stream.write(piece)

    def test_what_comes_through_a_pipe_is_answered_at_once(self):
        with self.start("--jobs", "2") as process:
            for name in (b"a.com", b"b.com"):
                process.stdin.write(name + b"\n")
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), name + PASSES.encode())
            process.stdin.close()
            self.assertEqual(process.wait(60), 0)

    # --- ends ------------------------------------------------------------------------------------

    def test_broken_pipe_ends_quietly(self):
        self.write("many", b"some-name.example.com\n" * 200000)
        with self.start("many") as process:
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            self.assertEqual(process.wait(60), -signal.SIGPIPE)

    def test_interrupt_ends_with_whole_rows(self):
        for jobs in ("1", "4"):
            with self.start("--jobs", jobs) as process:
                process.stdin.write(b"a.com\nb.c")
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), b"a.com" + PASSES.encode())
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(60), -signal.SIGINT)
                self.assertEqual((process.stdout.read(), process.stderr.read()), (b"", b""))

    def test_a_second_interrupt_ends_it_though_nobody_reads(self):
        self.write("many", b"some-name.example.com\n" * 200000)
        with self.start("many") as process:
            process.stdout.readline()
            for _ in range(6000):  # the first of them is seen, but a full pipe is waited for
                process.send_signal(signal.SIGINT)
                if process.poll() is not None:
                    break
                time.sleep(0.01)
            self.assertEqual(process.wait(0), -signal.SIGINT)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([program.PROGRAM, "scan"], input=b"a.com\n", cwd=self.folder, stdout=full,
                                  stderr=subprocess.PIPE, env=program.environment(), check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"cannot write the output (No space left", done.stderr)

    def test_progress_is_for_terminals(self):
        _, err = self.scan(b"a.com\n" * 100000)
        self.assertEqual(err, b"")
        self.write("many", b"some-name.example.com\n" * 20000)
        code, shown = self.run_on_terminal("scan", "many")
        self.assertEqual((code, shown.count(b"\r\n"), shown.count(b"judged")), (0, 20000, 0))

    # --- formats ----------------------------------------------------------------------------------

    def test_zone(self):
        zone = (b"$ORIGIN com.\n$TTL 60\n@ IN SOA ns hostmaster 1 2 3 4 5\nevil 60 IN NS ns.evil\n IN NS ns2.evil\n"
                b"evil IN A 192.0.2.1\nb\\.c IN NS x.org.\n; evil2 IN NS x\nABSOLUTE.net. NS (\n x.org.\n )\n$ORIGIN sub\n"
                b"deep NS ns\n")
        out = self.rows(zone, "--format", "zone")
        self.assertEqual([row.split("\t")[:2] for row in out.splitlines()],
                         [["com", "pass"], ["evil.com", "nxdomain"], ["b\\.c.com", "pass"], ["absolute.net", "pass"],
                          ["deep.sub.com", "pass"]])

    def test_zone_with_what_is_not_understood(self):
        out, err = self.scan(b"good.com. IN NS x.\nnonsense\n$INCLUDE other\nevil.com. IN NS x.\n\xff. IN NS x.\n",
                             "--format", "zone")
        self.assertEqual([row.split(b"\t")[0] for row in out.splitlines()], [b"good.com", b"evil.com"])
        self.assertIn(b"3 lines hold no names: 3 not understood; the first: standard input:2: ", err)
        _, err = self.scan(b"a. IN NS (x.\n", "--format", "zone", code=2)
        self.assertIn(b"parenthesis", err)

    def test_zone_that_breaks_off_far_behind(self):
        """Another thread meets the error than the one that opened the file."""
        self.write("far.zone", b"".join(b"a%d.com. NS x.\n" % i for i in range(100000)) + b"b. NS (x.\n")
        out, err = self.scan(b"", "--format", "zone", "--jobs", "4", "far.zone", code=2)
        self.assertEqual(out.count(b"\n"), 100000)
        self.assertIn(b"far.zone:100001:", err)
        self.assertIn(b"parenthesis", err)

    def test_certificates(self):
        lines = [
            {"message_type": "certificate_update",
             "data": {"leaf_cert": {"all_domains": ["evil.com", "*.evil.com", "a.com"]}, "seen": 1.5}},
            {"message_type": "heartbeat", "timestamp": 1},
            {"message_type": "dns_entries", "data": ["b.com"]},
            {"issuer_ca_id": 1, "common_name": "c.com", "name_value": "c.com\n*.c.com"},
            {"dns_names": ["d.com", 7, None]},
            [{"name_value": "e.com"}, {"dns_names": ["f.com"]}, [{"name_value": "too-deep.com"}]],
        ]
        given = "".join(json.dumps(line) + "\n" for line in lines).encode() + b"\n"
        out = self.rows(given, "--format", "ct")
        self.assertEqual([row.split("\t")[0] for row in out.splitlines()],
                         ["evil.com", "*.evil.com", "a.com", "b.com", "c.com", "*.c.com", "d.com", "e.com", "f.com"])
        self.assertEqual([row.split("\t")[1] for row in out.splitlines()][:3], ["nxdomain", "nxdomain", "pass"])

    def test_certificates_that_are_no_json(self):
        given = b'{"dns_names": ["a.com"]}\n{"dns_names": [\nevil.com\n' + b'["' + b"x" * (2 << 20) + b'"]\n' + \
                b"[" * 100000 + b'\n{"dns_names": ["b.com"]}\n'
        out, err = self.scan(given, "--format", "ct")
        rows = [row.split(b"\t") for row in out.splitlines()]
        self.assertEqual([row[1] for row in rows], [b"pass"] * 6)
        self.assertEqual((rows[0][0], rows[2][0], rows[5][0]), (b"a.com", b"evil.com", b"b.com"))
        self.assertIn(b"4 lines hold no names: 1 too long, 3 no JSON; the first: standard input:2: it is no JSON object", err)

    @staticmethod
    def certificates(count):
        """Rows as crt.sh has them, with strings that look like an array's end; and their names."""
        rows, names = [], []
        for i in range(count):
            mine = [f"{'evil' if i % 7 == 0 else 'a'}.n{i}.com", f"*.n{i}.com"][:1 + i % 2]
            rows.append({"issuer_ca_id": i, "note": '\\"],[{' * (i % 3) + "\\" * (i % 4), "name_value": "\n".join(mine),
                         "nested": [[{"name_value": "too-deep.com"}]] if i % 5 == 0 else {"]": "["}})
            names += mine
        return rows, names

    def test_one_array_in_a_line_longer_than_a_batch(self):
        """crt.sh answers with one line of any length."""
        rows, names = self.certificates(60000)
        given = (" " + json.dumps(rows) + " \n" + json.dumps({"dns_names": ["behind.com"]})).encode()
        self.assertGreater(len(given), 3 << 20)
        self.write("crt.json", given)
        for arguments in (["--jobs", "1", "crt.json"], ["--jobs", "4", "crt.json"], ["--jobs", "3"]):
            out = self.rows(given if len(arguments) == 2 else b"", "--format", "ct", *arguments)
            self.assertEqual([row.split("\t")[0] for row in out.splitlines()], [*names, "behind.com"])

    def test_arrays_come_in_pieces(self):
        rows, names = self.certificates(300)
        given = (json.dumps(rows) + "\n" + json.dumps(rows, separators=(",", ":"))).encode()
        chance = random.Random(7)
        process = self.start("--format", "ct")
        rows = []
        reader = threading.Thread(target=lambda: rows.extend(process.stdout.read().splitlines()))
        reader.start()
        at = 0
        while at < len(given):
            size = chance.choice((1, 2, 3, 7, 400))
            process.stdin.write(given[at:at + size])
            process.stdin.flush()
            at += size
        process.stdin.close()
        reader.join()
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual((process.wait(), process.stdout.close(), process.stderr.close()), (0, None, None))
        self.assertEqual([row.split(b"\t")[0].decode() for row in rows], names * 2)

    def test_arrays_that_are_broken(self):
        """What is wrong in an array is told, and the rest of it judged; a line's end ends it."""
        for given, names, fault in (
                (b'[{"dns_names": ["a.com"]}, 7, {"dns_names": ["b.com"]}]\n', [b"a.com", b"7", b"b.com"], 1),
                (b'[{"dns_names": ["a.com"]}} , {"dns_names": ["b.com"]}]\n',
                 [b'{"dns_names": ["a.com"]}}', b"b.com"], 1),
                (b'[{"dns_names": ["a.com"]}] x\n{"dns_names": ["b.com"]}\n', [b"a.com", b"x", b"b.com"], 1),
                (b'\n[{"dns_names": ["a.com\n{"dns_names": ["b.com"]}\n', [b'{"dns_names": ["a.com', b"b.com"], 2),
                (b'{"dns_names": ["a.com"]}\n[{"dns_names": ["b.com"]},\n{"dns_names": ["c.com"]}\n[}\n',
                 [b"a.com", b"b.com", b"c.com", b"}"], 4),
                (b'[{"dns_names": ["' + b"x" * (3 << 20) + b'"]},{"dns_names": ["a.com"]}]\n{}\nx\n',
                 [b'{"dns_names": ["' + b"x" * 1000, b"a.com", b"x"], 1),
        ):
            with self.subTest(given=given[:80]):
                out, err = self.scan(given, "--format", "ct")
                found = [row.split(b"\t")[0] for row in out.splitlines()]
                self.assertEqual([name[:len(wanted)] for name, wanted in zip(found, names, strict=True)], names)
                self.assertIn(b"standard input:%d: it is" % fault, err)

    def test_lines_are_counted_behind_long_arrays(self):
        """An element is no line."""
        long = b'{"dns_names": ["' + b"x" * (2 << 20) + b'"]}'
        _, err = self.scan(b"[{},\n" * 3 + b"[" + b"{}," * 500000 + b"{}]\n\nx\n", "--format", "ct")
        self.assertIn(b"standard input:6: it is no JSON object", err)
        _, err = self.scan(b"\n[" + long + b"," + long + b",{}]\n\nx\n", "--format", "ct")
        self.assertIn(b"3 lines hold no names: 2 too long, 1 no JSON; the first: standard input:2: it is too long", err)

    # --- what it goes by ---------------------------------------------------------------------------

    def test_snapshot(self):
        self.build(0, "--output", "trial.ps")
        self.write("policies/main.postshield.yaml", "postshield: 1\nrules: []\n")
        self.assertIn("nxdomain", self.rows(b"evil.com\n", "--snapshot", "trial.ps"))
        self.assertNotIn("nxdomain", self.rows(b"evil.com\n"))
        self.scan(b"", "--snapshot", "nowhere.ps", code=2)
        self.scan(b"", "--snapshot", "trial.ps", "--policies", "policies", code=2)

    def test_policies(self):
        os.rename(self.path("policies"), self.path("elsewhere"))
        for option in ("--policies", "--policy", "-p"):
            self.assertIn("nxdomain", self.rows(b"evil.com\n", option, "elsewhere"))
        self.write("elsewhere/main.postshield.yaml", "postshield: 1\nrules: [{}]\n")
        out, err = self.scan(b"evil.com\n", "-p", "elsewhere", code=2)
        self.assertEqual(out, b"")
        self.assertIn(b"error[PS", err)

    def test_a_feed_that_cannot_be_read_is_told(self):
        os.remove(self.path("feeds/main.csv"))
        out, err = self.scan(b"evil.com\n")
        self.assertEqual(out, b"evil.com" + PASSES.encode())
        self.assertIn(b"the feed 'main' cannot be read and lists nothing here", err)

    def test_options_that_are_wrong(self):
        for arguments in (("--jobs", "0"), ("--jobs", "257"), ("--jobs", "2x"), ("--jobs", "-1"), ("--format", "csv"),
                          ("--now", "soon"), ("--nope",)):
            with self.subTest(arguments):
                self.assert_terminal_safe(self.scan(b"", *arguments, code=2)[1].decode())

    def test_nothing_is_written(self):
        before = [sorted(files) for _, _, files in os.walk(self.folder)]
        self.rows(b"evil.com\n")
        self.assertEqual([sorted(files) for _, _, files in os.walk(self.folder)], before)


if __name__ == "__main__":
    program.main()
