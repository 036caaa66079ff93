"""What the module shows of itself, which host it refuses, and that these tests notice."""

import os
import pathlib
import re
import subprocess
import unittest

from stand import MODULE, PREFIX, SANITIZED, VARIANT, Case, LabError, Policy, complaints, find_prefix

ENTRY_POINTS = {"init", "deinit", "operate", "inform_super", "clear", "get_mem"}
# The daemon that this variant's module was not built for.
OTHER = {"release": ("--release", "trixie", "--version", "1.22.0"), "1.22.0": ()}

REPORTS = (
    "WARNING: ThreadSanitizer: data race (pid=1)",
    "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x6",
    "==1==ERROR: LeakSanitizer: detected memory leaks",
    "services/mesh.c:1:2: runtime error: signed integer overflow",
    "unbound[1:0] error: postshield: unexpected event 9",
    "unbound[1:0] fatal error: bad fptr",
)


class Symbols(unittest.TestCase):
    def symbols(self, *options):
        done = subprocess.run(["nm", "-D", *options, str(MODULE)], capture_output=True, text=True, check=True)
        return [line.split() for line in done.stdout.splitlines()]

    def test_six_are_exported(self):
        self.assertEqual({words[-1] for words in self.symbols("--defined-only")}, ENTRY_POINTS)

    def test_nothing_of_libc_that_we_do_not_want(self):
        """What a resolver's module has no use for."""
        wanted_not = {"exit", "_exit", "abort", "system", "popen", "fork", "execve", "strcpy", "strcat",
                      "sprintf", "gets", "getaddrinfo", "socket", "connect"}
        if SANITIZED:
            wanted_not -= {"abort"}
        used = {words[-1].split("@")[0] for words in self.symbols("--undefined-only")}
        self.assertEqual(used & wanted_not, set())
        self.assertTrue({"dns_cache_store", "msg_cache_remove"} <= used)

    def test_libraries(self):
        """The resolver's process gets no parser of YAML, JSON or zone files, nor a network library."""
        done = subprocess.run(["readelf", "-d", str(MODULE)], capture_output=True, text=True, check=True)
        needed = set(re.findall(r"NEEDED.*\[(\w+)", done.stdout))
        self.assertTrue({"libpcre2", "libcrypto"} <= needed, needed)
        self.assertLessEqual(needed, {"libpcre2", "libcrypto", "libc", "libm", "libasan", "libubsan", "libtsan",
                                      "libgcc_s", "libresolv", "ld"})


class Host(Case):
    def test_its_own(self):
        it = self.shield(Policy.of())
        self.assertNotIn("was built for", it.log())


if VARIANT in OTHER:  # sanitized daemons exist in one version only

    class WrongHost(Case):
        def test_refuses_to_start(self):
            """The one start that fails: one line that names both builds."""
            it = self.make("wrong-host")  # it ends with a fatal error, as it must
            it.unbound.prefix = pathlib.Path(find_prefix(*OTHER[VARIANT]))
            self.assertNotEqual(it.unbound.prefix, PREFIX)
            with self.assertRaises(LabError):
                it.unbound.start(module=str(MODULE))
            ours, theirs = ("1.17.1", "1.22.0") if VARIANT == "release" else ("1.22.0", "1.17.1")
            lines = [line for line in it.log().splitlines() if "was built for" in line]
            self.assertEqual(len(lines), 1, it.log())
            self.assertRegex(lines[0], rf"postshield [0-9.]+ was built for unbound {ours} .*, "
                                       rf"this is unbound {theirs}: install")

        def test_refuses_another_configuration(self):
            """The same version, configured otherwise: the layouts may differ."""
            it = self.make("other-configuration")
            copy = it.unbound.folder / "prefix" / "sbin"
            copy.mkdir(parents=True)
            data = (PREFIX / "sbin" / "unbound").read_bytes()
            config = (PREFIX / "build" / "config.h").read_text(encoding="utf-8")
            line = re.search(r'#define CONFCMDLINE "(.*)"', config)[1].encode()
            self.assertEqual(data.count(line), 1)
            other = line.replace(b"--with-dynlibmodule", b"--with-dynlibmodulX")
            self.assertNotEqual(line, other)
            (copy / "unbound").write_bytes(data.replace(line, other))
            os.chmod(copy / "unbound", 0o755)
            it.unbound.prefix = copy.parent
            with self.assertRaises(LabError):
                it.unbound.start(module=str(MODULE))
            lines = [each for each in it.log().splitlines() if "was built for" in each]
            self.assertEqual(len(lines), 1, it.log())
            self.assertIn("with another configure line: install", lines[0])


class TheseTests(Case):
    """A test that cannot fail is a defect: the checks after each test, shown what they must find."""

    def test_reports_are_found(self):
        for report in REPORTS:
            self.assertEqual(complaints(f"info: fine\n{report}\n    #0 main\n"), [report])
        self.assertEqual(complaints("info: start of service\nerror: postshield: snapshot refused: x\n"), [])

    def test_a_planted_report_fails_the_test(self):
        for report in REPORTS[:2]:
            it = self.make("planted").start(Policy.of())
            with open(it.unbound.stderr_path, "a", encoding="utf-8") as out:
                out.write(report + "\n")
            self.assertIn(report, "".join(self.end(it)))

    def test_a_crash_fails_the_test(self):
        it = self.make("crashed").start(Policy.of())
        it.unbound.process.kill()
        it.unbound.process.wait()
        self.assertIn("unbound ended with -9", "".join(self.end(it)))

    def test_a_blocked_name_in_the_cache_fails_the_test(self):
        it = self.make("cached").start(Policy.of())
        self.assertResolves(it, "www.usps-redelivery.top")
        it.policies.append(Policy.of(nxdomain=["usps-redelivery.top"]))
        self.assertIn("in the cache: ('www.usps-redelivery.top.', 'A')", "".join(self.end(it)))


if __name__ == "__main__":
    unittest.main()
