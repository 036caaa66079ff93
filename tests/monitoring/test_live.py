"""The real Prometheus sees a resolver that is put out of order in earnest, and says so."""

import itertools
import json
import re
import threading

from groups import COUNTER, NOBODY
from scene import LISTED, NAME, Watched
from stand import await_
from watchers import DASHBOARD, rules


def expressions(instance):
    """[(panel, expression as a query of one moment), ...]"""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            text = target["expr"].replace("$instance", instance)
            yield panel["title"], re.sub(r"\$__(rate_interval|range|interval)", "1m", text)
    for each in board["annotations"]["list"]:
        if "expr" in each:
            yield each["name"], each["expr"].replace("$instance", instance).replace("$__rate_interval", "1m")


class Asking:
    """Questions, again and again, until the block ends."""

    def __init__(self, it, *questions):
        self.it, self.questions = it, questions
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.failure = None

    def run(self):
        for number, (name, source) in enumerate(itertools.cycle(self.questions)):
            try:
                # A label that nobody asked for before: what is in the cache is not judged.
                self.it.query(f"n{number}.{name}" if name != NAME else name, source=source)
            except Exception as error:  # told in __exit__
                self.failure = error
                return
            if self.over.wait(0.02):
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(30)
        if self.failure:
            raise self.failure


class Live(Watched):
    RESOLVERS = 10

    def test_all_is_well(self):
        """No alert, every rule evaluates, and every panel has something to show."""
        it = self.resolver()
        self.build(it)
        it.start()
        sight = self.watch()
        self.build(it, [LISTED, "evil.top"])
        with Asking(it, (LISTED, NOBODY), (NAME, COUNTER), (NAME, NOBODY), ("shop.com", NOBODY)):
            for title, text in expressions(self.exporter.instance):
                with self.subTest(title):
                    if "histogram_quantile" in text:  # of one query in 1,024
                        sight.query(text)
                    else:
                        await_(f"{title}: {text}", lambda text=text: sight.query(text))
        self.assertEqual(sight.states(), dict.fromkeys(rules(), ("ok", [])))
        for action, name in (("nxdomain", "main.postshield.yaml"), ("refused", "main.postshield.yaml"), ("pass", "")):
            await_(f"{action} is counted", lambda: sight.query(
                f'postshield_decisions_total{{action="{action}",policy=~"(.*/)?{name}"}} > 0'))
        ours = {labels["__name__"] for labels, _ in sight.query('{__name__=~"postshield_.*"}')}
        told = {name for name in re.findall(r"^(postshield_\w+)", (it.state / "module.prom").read_text() +
                                            (it.state / "build.prom").read_text(), re.M)}
        self.assertEqual(ours, told)
        self.assertEqual(sight.query("node_textfile_scrape_error")[0][1], 0)

    def test_no_snapshot(self):
        """Let through and said, by this alert alone; then there is one."""
        it = self.resolver().start(None)
        sight = self.watch()
        self.assertNotIn("PostshieldLettingThrough", sight.firing())
        with Asking(it, ("shop.com", NOBODY)):
            said = self.await_firing(sight, "PostshieldLettingThrough", severity="critical")
        self.assertRegex(said["description"], r"^\d+ queries of the last five minutes")
        self.assertIn("resolves without protection", said["summary"])
        self.assertEqual(set(sight.firing()), {"PostshieldLettingThrough"})
        self.build(it)
        await_("the snapshot is seen", lambda: sight.query("postshield_snapshot_generation == 1"))
        expression = rules()["PostshieldLettingThrough"]["expr"].replace("[5m]", "[3s]")
        with Asking(it, ("shop.com", NOBODY)):
            await_("nothing is let through", lambda: not sight.query(expression))

    def test_more_threads_than_most_have(self):
        """Each of three hundred has a worker: all that it is asked is judged, and nothing fires."""
        it = self.resolver()
        self.build(it)
        it.start(threads=300, config={"outgoing-range": 16, "num-queries-per-thread": 16, "incoming-num-tcp": 1,
                                      "outgoing-num-tcp": 1})
        sight = self.watch()
        # Each question from another port, so that all threads get some.
        waiting = [it.query_later(f"n{number}.{LISTED}") for number in range(3000)]
        self.assertEqual({each.result().rcode for each in waiting}, {"NXDOMAIN"})
        await_("all are counted", lambda: sight.query('sum(postshield_decisions_total{action="nxdomain"}) >= 3000'), 60)
        self.assertFalse(sight.query("postshield_unjudged_total > 0"))
        self.assertEqual(sight.firing(), {})

    def test_stopped(self):
        it = self.resolver()
        self.build(it)
        it.start()
        sight = self.watch()
        await_("evaluated", lambda: sight.query("count_over_time(postshield_running[1m]) > 3"))
        self.assertEqual(sight.firing(), {})
        it.unbound.stop()
        self.await_firing(sight, "PostshieldResolverDown", severity="critical")
        it.unbound.start(**it.unbound.settings)
        await_("it is over", lambda: not sight.firing())

    def test_killed(self):
        """It had no time for a last word: its heartbeat tells. Older than 12 seconds here, not 90."""
        it = self.resolver()
        self.build(it)
        it.start()
        sight = self.watch(self.start_prometheus(
            [self.exporter], change=lambda text: text.replace("_seconds > 90", "_seconds > 12")))
        beat = sight.query("postshield_heartbeat_timestamp_seconds")
        await_("the next heartbeat", lambda: sight.query("postshield_heartbeat_timestamp_seconds") != beat)
        self.assertEqual(sight.firing(), {})
        it.unbound.kill()
        self.await_firing(sight, "PostshieldResolverDown")
        self.assertEqual(sight.query("postshield_running")[0][1], 1)

    def test_unseen(self):
        it = self.resolver()
        self.build(it)
        it.start()
        sight = self.watch(self.start_prometheus([self.exporter]))
        self.assertEqual(sight.firing(), {})
        self.exporter.stop()
        self.await_firing(sight, "PostshieldUnseen", severity="critical")

    def test_refused_snapshot(self):
        it = self.resolver()
        self.build(it)
        it.start()
        sight = self.watch()
        broken = it.unbound.folder / "broken.ps"
        broken.write_bytes(b"PSSNAP\r\n" + bytes(1000))
        it.put(broken)
        self.await_firing(sight, "PostshieldSnapshotRejected")
        self.assertEqual(set(sight.firing()), {"PostshieldSnapshotRejected"})
        it.query(f"a.{LISTED}")
        self.build(it)
        await_("it is over", lambda: not sight.firing())

    def test_old_snapshot_and_feed(self):
        it = self.resolver()
        self.build(it, age=27 * 3600, feed_age=27 * 3600)
        it.start()
        sight = self.watch()
        said = self.await_firing(sight, "PostshieldSnapshotOld")
        self.assertRegex(said["summary"], r"from 1d 3h \d+m \d+s ago$")
        self.await_firing(sight, "PostshieldFeedStale", feed="isac")
        self.build(it, age=25 * 3600, feed_age=25 * 3600)
        await_("it is over", lambda: not sight.firing())

    def test_feed_that_is_gone(self):
        it = self.resolver()
        self.build(it)
        it.start()
        sight = self.watch()
        self.build(it, None, good=(1,))
        self.await_firing(sight, "PostshieldFeedHeld", feed="isac")
        self.assertEqual(sight.query("postshield_feed_failures_total")[0][1], 1)
        self.assertBlocked(it, f"a.{LISTED}")
        self.build(it)
        await_("it is over", lambda: "PostshieldFeedHeld" not in sight.firing())

    def test_events_that_cannot_be_kept(self):
        it = self.resolver()
        self.build(it)
        (it.state / "events").write_text("in the way", encoding="ascii")
        it.start()
        sight = self.watch()
        self.assertEqual(sight.firing(), {})
        self.assertBlocked(it, f"a.{LISTED}")
        self.await_firing(sight, "PostshieldEventsDropped")
        self.assertTrue(sight.query("postshield_event_spool_failing == 1"))
        self.assertTrue(sight.query("postshield_events_dropped_total > 0"))
        self.assertEqual(set(sight.firing()), {"PostshieldEventsDropped"})
