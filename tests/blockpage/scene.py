"""One resolver whose module sends a name to the page, and one nginx with the page, for all tests."""

import http.client

from blockpage import CONTACT, PAGE_ADDRESS, Nginx
from stand import Case, Policy, run_lab

# What the lab knows and the policy blocks; and what lies elsewhere.
BLOCKED = "pay.usps-redelivery.top"
ELSEWHERE = "www.usps.com"
POLICY = Policy(f"answers:\n  block-page: {{sinkhole: {{a: {PAGE_ADDRESS}}}, ttl: 60}}\n"
                "rules:\n  - {id: to-the-page, when: {name: {under: usps-redelivery.top}}, then: block-page}\n",
                under=["usps-redelivery.top"])


class SiteCase(Case):
    """resolver and web: running."""

    CONTACT = CONTACT

    @classmethod
    def setUpClass(cls):
        cls.resolver = cls.make()
        cls.addClassCleanup(cls.finish)
        cls.resolver.start(POLICY)
        cls.web = cls.serve(contact=cls.CONTACT)

    @classmethod
    def serve(cls, **options):
        """Another nginx, until the class ends."""
        web = Nginx(run_lab().folder / f"nginx-{next(cls.serial)}", **options)
        cls.addClassCleanup(cls.finish_web, web)
        web.start()
        return web

    @classmethod
    def finish(cls):
        wrong = cls.end(cls.resolver)
        if wrong:
            raise AssertionError("\n".join(wrong))

    @staticmethod
    def finish_web(web):
        status = web.stop()
        said = web.log() + (web.page_errors.read_text(encoding="utf-8") if web.page_errors.exists() else "")
        if status not in (0, None) or said:
            raise AssertionError(f"nginx ended with {status} and said: {said}")

    def ask(self, method="GET", path="/", *, name=BLOCKED, headers=(), body=None, host=None, web=None):
        """One request by a plain client that asks the resolver where the name lies: (response, text)."""
        web = web or self.web
        address = self.resolver.query(name).data("A")
        self.assertEqual(address, [web.address])
        connection = http.client.HTTPConnection(address[0], web.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for key, value in (("Host", name if host is None else host), *dict(headers).items()):
                connection.putheader(key, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return response, response.read().decode("utf-8")
        finally:
            connection.close()
