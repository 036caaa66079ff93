"""What the operator does beside building: going back, letting through for a while."""

import json
import os
import subprocess
import unittest

from stand import PROGRAM, SANITIZER_ENV, Case, Policy

EMPTY = Policy.of()
BLOCKS = Policy.of(nxdomain=["evil.top", "usps-redelivery.top"])
NAME = "www.usps-redelivery.top"


class OperatorCase(Case):
    def run_program(self, shield, *arguments, code=0):
        """The program on the shield's state folder."""
        done = subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=120,
                              env={**SANITIZER_ENV, **os.environ, "POSTSHIELD_STATE": str(shield.state)})
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def build(self, shield, policy):
        """Into the state folder, as an operator does it; waits until it is active."""
        before = shield.generation()
        folder = shield.unbound.folder / "policies"
        folder.mkdir(exist_ok=True)
        (folder / "test.postshield.yaml").write_text(policy.text, encoding="utf-8")
        self.run_program(shield, "build", "--quiet", "--policies", str(folder))
        shield.policies.append(policy)
        shield.await_active(shield.state / "snapshot.ps", before)


class Rollback(OperatorCase):
    def test_the_resolver_takes_it(self):
        it = self.shield(None)
        self.build(it, EMPTY)
        self.build(it, BLOCKS)
        self.assertBlocked(it, NAME)
        before = it.generation()
        self.run_program(it, "rollback")
        it.policies.append(EMPTY)
        it.await_active(it.state / "snapshot.ps", before)
        self.assertResolves(it, NAME)
        self.assertEqual(it.generation(), before + 1)
        self.assertEqual(it.status()[0], 0)
        # And forward again: what was cached meanwhile is blocked.
        digest = next(row["digest"] for row in self.generations(it) if row["state"] == "rolled back from")
        self.run_program(it, "rollback", digest)
        it.policies.append(BLOCKS)
        it.await_active(it.state / "snapshot.ps", before + 1)
        self.assertBlocked(it, NAME)

    def generations(self, shield):
        return json.loads(self.run_program(shield, "rollback", "--list", "--json"))["generations"]


if __name__ == "__main__":
    unittest.main()
