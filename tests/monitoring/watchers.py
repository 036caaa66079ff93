"""Debian's node_exporter and Prometheus on loopback, set up as contrib/monitoring's README says."""

import json
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request

import yaml

import ask
from servers import ADDRESS, LabError, Server, find_program

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "contrib" / "monitoring"
ALERTS = FOLDER / "alerts.yml"
DASHBOARD = FOLDER / "grafana.json"
FILES = {"postshield-module.prom": "module.prom", "postshield-build.prom": "build.prom"}
# What a browser would go through, if the environment names one, is nothing for loopback.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def rules():
    """{name of an alert: the rule}"""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


class Watcher(Server):
    ready_path = "/"

    def __init__(self, folder):
        super().__init__(folder)
        self.command = []  # made by write_config(), which knows the port

    def start(self):
        self.start_program(self.command)

    def get(self, path, timeout=10, **query):
        url = f"http://{ADDRESS}:{self.port}{path}?{urllib.parse.urlencode(query)}"
        try:
            with OPENER.open(url, timeout=timeout) as response:
                return response.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            raise LabError(f"{url}: {error.code}: {error.read().decode('utf-8', 'replace')}") from error

    def ready_question(self):
        try:
            self.get(self.ready_path, timeout=1)
        except (OSError, LabError) as error:
            raise ask.NoAnswer(str(error)) from error


class NodeExporter(Watcher):
    """Shows what lies in the state folder, through links in its own."""

    title = "node-exporter"

    def __init__(self, folder, state):
        super().__init__(folder)
        self.texts = self.folder / "texts"
        self.texts.mkdir()
        for link, file in FILES.items():
            (self.texts / link).symlink_to(state / file)

    @property
    def instance(self):
        return f"{ADDRESS}:{self.port}"

    def write_config(self):
        self.command[:] = [find_program("prometheus-node-exporter"), f"--web.listen-address={ADDRESS}:{self.port}",
                           "--collector.disable-defaults", "--collector.textfile",
                           f"--collector.textfile.directory={self.texts}"]



class Prometheus(Watcher):
    """Scrapes node_exporters four times a second, with every `for` of the alert rules a second. change:
    what else is done to their text."""

    title = "prometheus"
    ready_path = "/-/ready"

    def __init__(self, folder, exporters, *, change=lambda text: text):
        super().__init__(folder)
        self.exporters = exporters
        self.change = change

    def write_config(self):
        text = ALERTS.read_text(encoding="utf-8")
        text = self.change(re.sub(r"(?m)^( *for:) .*$", r"\1 1s", text))
        (self.folder / "alerts.yml").write_text(text, encoding="utf-8")
        text = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
        for old, new in (("scrape_interval: 15s", "scrape_interval: 250ms"),
                         ("evaluation_interval: 15s", "evaluation_interval: 250ms"),
                         ("/etc/prometheus/postshield-alerts.yml", str(self.folder / "alerts.yml")),
                         ('"127.0.0.1:9100"', ", ".join(f'"{each.instance}"' for each in self.exporters))):
            if text.count(old) != 1:
                raise LabError(f"prometheus.yml has {old} {text.count(old)} times")
            text = text.replace(old, new)
        (self.folder / "prometheus.yml").write_text(text, encoding="utf-8")
        self.command[:] = [find_program("prometheus"), f"--config.file={self.folder}/prometheus.yml",
                           f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address={ADDRESS}:{self.port}"]

    def api(self, path, **query):
        answer = json.loads(self.get(f"/api/v1/{path}", **query))
        if answer["status"] != "success":
            raise LabError(f"{path} {query}: {answer}")
        return answer["data"]


class Sight:
    """What one Prometheus says of one resolver."""

    def __init__(self, prometheus, exporter):
        self.prometheus = prometheus
        self.exporter = exporter

    def is_of_it(self, labels):
        return labels.get("instance", self.exporter.instance) == self.exporter.instance

    def query(self, expression):
        """[(labels, number), ...]"""
        found = self.prometheus.api("query", query=expression)["result"]
        return [(each["metric"], float(each["value"][1])) for each in found if self.is_of_it(each["metric"])]

    def firing(self):
        """{name of an alert: its labels and annotations}"""
        return {alert["labels"]["alertname"]: {**alert["annotations"], **alert["labels"]}
                for alert in self.prometheus.api("alerts")["alerts"]
                if alert["state"] == "firing" and self.is_of_it(alert["labels"])}

    def states(self):
        """{name of an alert: (its health, all that Prometheus has active of it)}"""
        return {rule["name"]: (rule["health"], [each for each in rule["alerts"] if self.is_of_it(each["labels"])])
                for group in self.prometheus.api("rules")["groups"] for rule in group["rules"]}
