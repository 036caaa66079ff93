"""Resolvers, the node_exporters that show their state folders, and the Prometheus that asks them."""

import os
import subprocess

from stand import PROGRAM, SANITIZER_ENV, Case, await_, run_lab
from watchers import NodeExporter, Prometheus, Sight

NAME = "www.laposte.fr"
LISTED = "usps-redelivery.top"

# Feeds, groups and rules of every kind, so that every metric is there.
POLICY = f"""
clients:
  counters: [127.2.0.0/16]
rules:
  - {{id: listed, when: {{listed: {{feeds: [isac]}}}}, then: nxdomain}}
  - {{id: own, when: {{name: {{is: {NAME}}}, client: counters}}, then: refused}}
  - {{id: trial, mode: shadow, when: {{name: {{pattern: '^www[.]'}}}}, then: nxdomain}}
feeds:
  isac: {{format: plain, path: isac.txt, scope: subtree}}
"""


class Watched(Case):
    """resolver(), then watch() it. A Prometheus takes five seconds before it scrapes anything, so
    one is there for as many resolvers as the tests need."""

    RESOLVERS = 0

    @classmethod
    def setUpClass(cls):
        cls.folder = run_lab().folder / f"watch-{next(cls.serial)}"
        cls.idle = []
        for number in range(cls.RESOLVERS):
            it = cls.make()
            exporter = NodeExporter(cls.folder / f"exporter-{number}", it.state)
            cls.addClassCleanup(exporter.stop)
            exporter.start()
            cls.idle.append((it, exporter))
        cls.prometheus = cls.start_prometheus([exporter for _, exporter in cls.idle])

    @classmethod
    def start_prometheus(cls, exporters, **options):
        prometheus = Prometheus(cls.folder / f"prometheus-{next(cls.serial)}", exporters, **options)
        cls.addClassCleanup(prometheus.stop)
        prometheus.start()
        return prometheus

    def resolver(self):
        """One of them, not started."""
        it, self.exporter = self.idle.pop()
        self.addCleanup(lambda: self.assertEqual(self.end(it), []))
        return it

    def watch(self, prometheus=None):
        """Waits until the resolver is seen."""
        sight = Sight(prometheus or self.prometheus, self.exporter)
        await_("Prometheus sees the resolver",
               lambda: sight.query("postshield_running") and "PostshieldUnseen" not in sight.firing())
        return sight

    def build(self, it, entries=(LISTED,), *, age=0, feed_age=0, good=(0,)):
        """A build into the state folder, as an operator's; ages in seconds. entries None: the feed's
        file is gone."""
        feed = it.state / "policies" / "isac.txt"
        feed.parent.mkdir(exist_ok=True)
        (feed.parent / "main.postshield.yaml").write_text("postshield: 1\n" + POLICY, encoding="utf-8")
        feed.unlink(missing_ok=True)
        if entries is not None:
            feed.write_text("".join(f"{name}\n" for name in entries), encoding="utf-8")
            now = feed.stat().st_mtime
            os.utime(feed, (now - feed_age, now - feed_age))
        self.run_build(it, feed.parent, good)
        snapshot = it.state / "snapshot.ps"
        now = snapshot.stat().st_mtime
        os.utime(snapshot, (now - age, now - age))

    def run_build(self, it, folder, good):
        done = subprocess.run(
            [str(PROGRAM), "build", "--quiet", "--policy", str(folder), "--output", str(it.state / "snapshot.ps")],
            capture_output=True, text=True, check=False, env={**SANITIZER_ENV, **os.environ}, timeout=120)
        self.assertIn(done.returncode, good, done.stderr)

    def await_firing(self, sight, name, **labels):
        """Until it fires, with these labels; returns labels and annotations."""
        said = await_(f"{name} fires ({sight.prometheus.folder})", lambda: sight.firing().get(name))
        self.assertEqual({**said, **labels}, said)
        return said
