#!/usr/bin/python3
"""The lab itself, with a bare Unbound: what the tests on top of it take for granted."""

import os
import select
import shutil
import signal
import tempfile
import unittest

from lab import Lab, LabError, zones
import servers  # after lab, which says how to get a missing module

ZONES = tempfile.TemporaryDirectory(prefix="postshield-lab-zones.")


def setUpModule():
    zones.sign_all(ZONES.name)


def tearDownModule():
    ZONES.cleanup()


class BareResolver(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab(zone_folder=ZONES.name))
        cls.lab.unbound.start(threads=2)

    def ask(self, name, rdtype="A", **how):
        return self.lab.query(name, rdtype, **how)

    def test_every_zone_resolves_and_validates(self):
        for zone in self.lab.zones:
            with self.subTest(zone.name):
                reply = self.ask(zone.name, "SOA", do=True)
                if zone.expired:
                    self.assertEqual(reply.rcode, "SERVFAIL")
                else:
                    self.assertEqual((reply.rcode, len(reply.data("SOA"))), ("NOERROR", 1))
                    self.assertEqual("AD" in reply.flags, not zone.unsigned)

    def test_every_bulk_name_resolves(self):
        names = zones.bulk_names()
        self.assertEqual(len(names), 1000)
        for name in names[::100]:
            self.assertEqual(len(self.ask(name).data()), 1)

    def test_record_types(self):
        for rdtype in ("A", "AAAA", "MX", "TXT", "CAA"):
            reply = self.ask("usps.com", rdtype, do=True)
            self.assertEqual(len(reply.data(rdtype)), 1, rdtype)
            self.assertIn("AD", reply.flags)
            self.assertTrue(reply.data("RRSIG"))

    def test_absence_is_proven(self):
        for name, rdtype, rcode in (("not-there.usps.com", "A", "NXDOMAIN"), ("www.ups.com", "MX", "NOERROR"),
                                    ("not-there.com", "A", "NXDOMAIN"), ("not-there", "A", "NXDOMAIN")):
            reply = self.ask(name, rdtype, do=True)
            self.assertEqual((reply.rcode, reply.answer), (rcode, []))
            self.assertIn("AD", reply.flags, name)
            self.assertTrue(any(" SOA " in line for line in reply.authority))

    def test_chains_and_wildcards(self):
        self.assertEqual(self.ask("chain.shop.com").data(), ["198.51.100.11"])
        self.assertEqual(len(self.ask("chain.shop.com").data("CNAME")), 4)
        self.assertEqual(self.ask("cloaked.shop.com").data(), ["203.0.113.20"])
        self.assertEqual(self.ask("deep.shop.com").data(), ["203.0.113.10"])
        self.assertEqual(self.ask("dangling.shop.com").rcode, "NXDOMAIN")
        self.assertEqual(self.ask("whatever.pages.hosting.net").data(), ["198.51.100.32"])
        self.assertEqual(self.ask("www.moved.hosting.net").data(), ["198.51.100.10"])

    def test_bogus_stays_bogus(self):
        for name in ("www.bogus.com", "expired.com"):
            reply = self.ask(name)
            self.assertEqual((reply.rcode, reply.answer), ("SERVFAIL", []))
            self.assertTrue(self.ask(name, cd=True).data(), "checking disabled shows it")
        self.assertEqual(self.ask("mail.bogus.com").rcode, "NOERROR")

    def test_large_answers_need_tcp(self):
        for rdtype in ("A", "TXT"):
            name = {"A": "many.big.com", "TXT": "text.big.com"}[rdtype]
            self.assertIn("TC", self.ask(name, rdtype).flags)
            reply = self.ask(name, rdtype, tcp=True)
            self.assertNotIn("TC", reply.flags)
            self.assertEqual(len(reply.data(rdtype)), {"A": 120, "TXT": 1}[rdtype])

    def test_asking_for_name_servers_does_no_harm(self):
        self.assertEqual(self.ask("laposte.fr", "NS").data("NS"), ["ns.lab."])
        self.assertEqual(self.ask("suivi.laposte.fr").data(), ["192.0.2.20"])

    def test_question_options(self):
        self.assertFalse(self.ask("www.usps.com", edns=False).edns)
        self.assertTrue(self.ask("www.usps.com").edns)
        self.assertEqual(self.ask("www.usps.com", source="127.0.0.9").rcode, "NOERROR")

    def test_control(self):
        self.assertIn("is running", self.lab.unbound.control("status"))
        self.assertGreater(self.lab.unbound.stats()["total.num.queries"], 0)
        with self.assertRaises(LabError):
            self.lab.unbound.control("no-such-command")


class Lifecycle(unittest.TestCase):
    def test_reload_hangup_restart_and_end(self):
        with Lab(zone_folder=ZONES.name) as lab:
            unbound = lab.unbound
            unbound.start()
            first = unbound.pid
            unbound.reload()
            unbound.hangup()
            self.assertEqual(lab.query("www.usps.com").rcode, "NOERROR")
            self.assertEqual(unbound.pid, first)
            unbound.restart(threads=4)
            self.assertNotEqual(unbound.pid, first)
            self.assertEqual(lab.query("www.usps.com").rcode, "NOERROR")
            processes = [unbound.pid, lab.nsd.pid]
            self.assertEqual(unbound.stop(), 0)
            self.assertEqual(unbound.sanitizer_reports(), [])
        for pid in processes:
            with self.assertRaises(ProcessLookupError):
                os.kill(pid, 0)
        self.assertFalse(lab.folder.exists())

    def test_two_labs_side_by_side(self):
        with Lab(zone_folder=ZONES.name) as one, Lab(zone_folder=ZONES.name) as two:
            for lab in (one, two):
                lab.unbound.start()
                self.assertEqual(lab.query("www.usps.com").rcode, "NOERROR")
            one.unbound.kill()
            self.assertFalse(one.unbound.running)
            self.assertEqual(two.query("www.ups.com").rcode, "NOERROR")

    def test_a_failed_start_says_why_and_where(self):
        with Lab(zone_folder=ZONES.name) as lab:
            with self.assertRaisesRegex(LabError, r"unbound ended with status 1: .*no-such-option.* \(log: /"):
                lab.unbound.start(config={"no-such-option": "yes"})
            self.assertFalse(lab.unbound.running)

    def test_a_taken_port_is_no_failure(self):
        with Lab(zone_folder=ZONES.name) as lab, Lab(zone_folder=ZONES.name) as other:
            other.unbound.start()
            ports = iter([other.unbound.port, servers.free_port()])
            real, servers.free_port = servers.free_port, lambda: next(ports)
            try:
                lab.unbound.start(config={"so-reuseport": "no"})
            finally:
                servers.free_port = real
            self.assertEqual(lab.query("www.usps.com").rcode, "NOERROR")

    def test_a_long_folder_name(self):
        with tempfile.TemporaryDirectory() as parent:
            with Lab(os.path.join(parent, "x" * 120), zone_folder=ZONES.name) as lab:
                lab.unbound.start()
                self.assertIn("is running", lab.unbound.control("status"))

    def test_servers_end_with_a_killed_parent(self):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            lab = Lab(zone_folder=ZONES.name).start()
            lab.unbound.start()
            os.write(writer, f"{lab.unbound.pid} {lab.nsd.pid} {lab.folder}".encode())
            signal.pause()
        os.close(writer)
        unbound, nsd, folder = os.read(reader, 4096).decode().split()
        # A process that is gone makes its descriptor readable.
        watched = [os.pidfd_open(int(pid)) for pid in (unbound, nsd)]
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for descriptor in watched:
            self.assertTrue(select.select([descriptor], [], [], 20)[0], "still there")
            os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    unittest.main()
