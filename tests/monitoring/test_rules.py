"""What ships in contrib/monitoring, by promtool; and that it names no metric that is not there."""

import json
import pathlib
import re
import subprocess
import tempfile

import yaml

from scene import LISTED, Watched
from servers import find_program
from watchers import ALERTS, DASHBOARD, FOLDER, rules

TESTS = FOLDER / "alerts_test.yml"
README = FOLDER / "README.md"
NEVER, ALWAYS = "vector(1) > 2", 'label_replace(label_replace(vector(1), "instance", "r1", "", ""), "job", "x", "", "")'


def promtool(*words, data=None, folder=FOLDER):
    """(exit status, all that it said)"""
    done = subprocess.run([find_program("promtool"), *words], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd=folder, timeout=120, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def named(text):
    """The metrics of ours that a text names, without a histogram's endings."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bpostshield_[a-z_]+\b", text)}


class Rules(Watched):
    RESOLVERS = 1

    def test_promtool_is_content(self):
        for words in (("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml"),
                      ("check", "config", "--syntax-only", "prometheus.yml")):
            status, said = promtool(*words)
            self.assertEqual(status, 0, said)
            self.assertRegex(said, "SUCCESS")

    def test_each_alert_is_whole(self):
        headings = re.findall(r"(?m)^#+ (.*)$", README.read_text(encoding="utf-8"))
        for name, rule in rules().items():
            with self.subTest(name):
                self.assertEqual(set(rule), {"alert", "expr", "for", "labels", "annotations"})
                self.assertIn(rule["labels"]["severity"], ("critical", "warning"))
                self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook"})
                self.assertEqual(rule["annotations"]["runbook"], f"contrib/monitoring/README.md#{name.lower()}")
                self.assertIn(name, headings)

    def test_the_tests_would_find_each_alert_broken(self):
        """Each has a case in which it fires and one in which it does not: one that never fires
        fails its tests, and so does one that always does."""
        whole = yaml.safe_load(TESTS.read_text(encoding="utf-8"))
        for name, rule in rules().items():
            own = [each for each in whole["tests"] if each["name"].startswith(f"{name}: ")]
            checks = [check for each in own for check in each["promql_expr_test"]]
            self.assertTrue(any(check["exp_samples"] for check in checks), name)
            self.assertFalse(all(check["exp_samples"] for check in checks), name)
            for expression, good in ((rule["expr"], True), (NEVER, False), (ALWAYS, False)):
                with self.subTest(name, expression=expression), tempfile.TemporaryDirectory() as folder:
                    changed = {"groups": [{"name": "postshield", "rules": [{**rule, "expr": expression}]}]}
                    (pathlib.Path(folder) / "alerts.yml").write_text(yaml.safe_dump(changed), encoding="utf-8")
                    tests = {**whole, "tests": own}
                    (pathlib.Path(folder) / "t.yml").write_text(yaml.safe_dump(tests), encoding="utf-8")
                    status, said = promtool("test", "rules", "t.yml", folder=folder)
                    self.assertEqual(status == 0, good, said)

    def test_metrics(self):
        """What a real run tells is all that dashboard, alerts and README name, and is described as
        promtool wants it. After a refused snapshot, so that every family is there."""
        it = self.resolver()
        self.build(it)
        it.start()
        broken = it.unbound.folder / "broken.ps"
        broken.write_bytes(b"PSSNAP\r\n")
        it.put(broken)
        self.assertBlocked(it, f"a.{LISTED}")
        it.counted("rule_hits_total", rule="listed")
        texts = [(it.state / name).read_bytes() for name in ("module.prom", "build.prom")]
        for text in texts:
            self.assertEqual(promtool("check", "metrics", data=text), (0, ""))
        told = named(b"".join(texts).decode("ascii"))
        self.assertIn("postshield_snapshot_rejection_info", told)
        readme = README.read_text(encoding="utf-8")
        for path in (DASHBOARD, ALERTS, TESTS, README):
            text = path.read_text(encoding="utf-8")
            self.assertTrue(named(text))
            self.assertEqual(named(text) - told, set(), path)
        self.assertEqual(told - named(readme), set(), "not in the README")

    def test_a_metric_without_description_is_found(self):
        status, said = promtool("check", "metrics", data=b"# TYPE postshield_x counter\npostshield_x 1\n")
        self.assertNotEqual((status, said), (0, ""))


class Dashboard(Watched):
    """What Grafana 10 and later import."""

    @classmethod
    def setUpClass(cls):
        cls.board = json.loads(DASHBOARD.read_text(encoding="utf-8"))

    def test_the_datasource_is_asked_for(self):
        (asked,) = self.board["__inputs"]
        self.assertEqual((asked["type"], asked["pluginId"]), ("datasource", "prometheus"))
        source = {"type": "prometheus", "uid": f"${{{asked['name']}}}"}
        for panel in self.board["panels"]:
            if panel["type"] != "row":
                self.assertEqual([panel["datasource"], *(target["datasource"] for target in panel["targets"])],
                                 [source] * (1 + len(panel["targets"])), panel["title"])
        self.assertEqual({each["datasource"]["uid"] for each in self.board["templating"]["list"]}, {source["uid"]})
        self.assertIsNone(self.board["id"])
        self.assertEqual({each["id"] for each in self.board["__requires"] if each["type"] == "panel"},
                         {panel["type"] for panel in self.board["panels"]} - {"row"})

    def test_panels_are_apart(self):
        taken = set()
        for panel in self.board["panels"]:
            place = panel["gridPos"]
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertLess(x, 24)
                    self.assertNotIn((x, y), taken, panel["title"])
                    taken.add((x, y))
        ids = [panel["id"] for panel in self.board["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
