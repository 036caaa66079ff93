"""What the module counts, as module.prom tells it: by action, policy, rule, feed and group; how
long decisions take; and that no count falls when snapshots come and go."""

import itertools

from groups import COUNTER, GROUPS, NOBODY
from stand import Case, Policy

NAME = "www.laposte.fr"
OTHER = "www.usps.com"
TIMED_EVERY = 1024  # of a worker's queries: event/counters.h


def rules(*texts):
    return "rules:\n" + "".join(f"  - {{{text}}}\n" for text in texts)


def by_policy(shield):
    """{(action, the policy's file): decisions}"""
    found = {}
    for line in (shield.state / "module.prom").read_text(encoding="ascii").splitlines():
        if line.startswith("postshield_decisions_total{"):
            labels, number = line.split("{")[1].split("} ")
            action, policy = (part.split('"')[1] for part in labels.split(","))
            found[action, policy.rsplit("/", 1)[-1]] = int(number)
    return found


class Metrics(Case):
    def test_decisions_by_action_and_policy(self):
        policy = Policy(rules(f"id: no, when: {{name: {{is: {NAME}}}}}, then: nxdomain",
                              "id: seen, when: {name: {is: www.ups.com}}, then: log"), exact=[NAME],
                        files={"more.postshield.yaml": "postshield: 1\n" + rules(
                            f"id: yes, when: {{name: {{is: {OTHER}}}}}, then: pass")})
        it = self.shield(policy)
        for _ in range(3):
            self.assertBlocked(it, NAME)
        for name in (OTHER, "www.ups.com", "www.upu.int", "www.upu.int"):  # the last from the cache
            it.query(name)
        self.assertEqual(it.counted("rule_hits_total", rule="no"), 3)
        found = by_policy(it)
        self.assertEqual({key: value for key, value in found.items() if value > 0}, {
            ("nxdomain", "test.postshield.yaml"): 3, ("log", "test.postshield.yaml"): 1,
            ("pass", "more.postshield.yaml"): 1, ("pass", ""): 1})
        self.assertEqual({action for action, policy in found if policy == ""},
                         {"pass", "log", "nxdomain", "nodata", "refused", "drop", "sinkhole", "truncate"})

    def test_no_count_falls_when_rules_change(self):
        """The same rule blocks otherwise, then is gone, then back; decisions stay what they were."""
        blocks = rules(f"id: no, when: {{name: {{is: {NAME}}}}}, then: nxdomain")
        it = self.shield(Policy(blocks, exact=[NAME]))
        self.assertBlocked(it, NAME)
        it.publish(Policy(blocks.replace("nxdomain", "refused"), exact=[NAME]))
        for _ in range(2):
            self.assertBlocked(it, NAME, rcode="REFUSED")
        self.assertEqual(it.counted("decisions_total", action="refused"), 2)
        self.assertEqual((it.sample("decisions_total", action="nxdomain"), it.sample("rule_hits_total", rule="no")),
                         (1, 3))
        it.publish(Policy("rules: []\n"))
        self.assertResolves(it, NAME)
        self.assertEqual(it.counted("decisions_total", action="pass"), 1)
        self.assertEqual((it.sample("decisions_total", action="refused"),
                          it.sample("decisions_total", action="nxdomain"), it.sample("rule_hits_total", rule="no")),
                         (2, 1, None))
        it.publish(Policy(blocks, exact=[NAME]))
        self.assertBlocked(it, NAME)
        self.assertEqual(it.counted("rule_hits_total", rule="no"), 4)
        self.assertEqual(it.sample("decisions_total", action="nxdomain"), 2)

    def test_groups(self):
        policy = Policy(GROUPS + rules(f"id: no, when: {{name: {{is: {NAME}}}, client: counters}}, then: nxdomain"),
                        exact=[NAME])
        it = self.shield(policy)
        for _ in range(2):
            self.assertBlocked(it, NAME, source=COUNTER)
        self.assertResolves(it, NAME, source=NOBODY)
        self.assertResolves(it, OTHER, source=COUNTER)
        self.assertEqual(it.counted("group_queries_total", group="counters"), 3)
        samples = it.samples()
        self.assertEqual({group: (samples[name, group], samples["group_blocked_total", group])
                          for name, group in samples if name == "group_queries_total"},
                         {"": (1, 0), "counters": (3, 2), "analysts": (0, 0), "trial": (0, 0),
                          "everybody-else": (0, 0)})

    def test_no_groups_where_no_rule_asks(self):
        it = self.shield(Policy(GROUPS + rules(f"id: no, when: {{name: {{is: {NAME}}}}}, then: nxdomain"),
                                exact=[NAME]))
        self.assertBlocked(it, NAME)
        self.assertEqual(it.counted("rule_hits_total", rule="no"), 1)
        self.assertFalse([name for name, _ in it.samples() if name.startswith("group_")])

    def test_durations_of_one_query_in_1024(self):
        it = self.shield(Policy.of(nxdomain={"is": [NAME]}))
        self.assertResolves(it, OTHER)
        self.assertEqual(it.counted("decision_duration_seconds_count"), 0)
        for _ in range(TIMED_EVERY):  # from the cache: none of them is a query for the module
            it.query(OTHER)
        self.assertEqual(it.counted("decision_duration_seconds_count"), 0)
        for asked, timed in ((TIMED_EVERY - 2, 0), (1, 1), (TIMED_EVERY - 1, 1), (1, 2)):
            for _ in range(asked):
                it.query(NAME)
            self.assertEqual(it.counted("decision_duration_seconds_count"), timed)
        samples = it.samples()
        buckets = [samples["decision_duration_seconds_bucket", le] for le in (
            "1e-06", "2.5e-06", "5e-06", "1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025", "0.001", "0.01", "+Inf")]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], 2)
        self.assertGreater(samples["decision_duration_seconds_sum", None], 0)

    def test_rules_beyond_the_limit_are_one(self):
        """A policy of 300 rules, the third called "other" as well."""
        ids = [f"r{number:03}" for number in range(300)]
        ids[2] = "other"
        policy = Policy(rules(*(f"id: {name}, when: {{name: {{is: n{number}.bulk.top}}}}, then: nxdomain"
                                for number, name in enumerate(ids))),
                        exact=[f"n{number}.bulk.top" for number in range(300)])
        it = self.shield(policy)
        for round_of in itertools.count(1):
            for number in (1, 2, 255, 256, 299):
                self.assertBlocked(it, f"n{number}.bulk.top")
            self.assertEqual(it.counted("rule_hits_total", rule="other"), 3 * round_of)
            samples = it.samples()
            hits = {rule: value for (name, rule), value in samples.items() if name == "rule_hits_total"}
            self.assertEqual((len(hits), hits["r001"], hits["r255"], sum(hits.values())),
                             (256, round_of, round_of, 5 * round_of))
            lines = (it.state / "module.prom").read_text(encoding="ascii").splitlines()
            self.assertEqual(len(lines), len({line.rsplit(" ", 1)[0] for line in lines}))
            if round_of == 2:
                break
            it.publish(policy)

    def test_the_snapshots_age_and_refusal(self):
        it = self.shield(Policy.of(nxdomain={"is": [NAME]}))
        written = int((it.state / "snapshot.ps").stat().st_mtime)
        self.assertEqual(it.counted("snapshot_timestamp_seconds"), written)
        it.unbound.reload()
        self.assertEqual(it.counted("snapshot_timestamp_seconds"), written)
        self.assertEqual(it.sample("snapshot_refused"), 0)
