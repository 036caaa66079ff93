"""What nginx answers for a name that the resolver sends to it, asked by a plain client."""

import gzip
import http.client
import socket

from page import LANGUAGES, RIGHT_TO_LEFT, articles, conf_map, elements, parse, source, style_hash
from scene import BLOCKED, SiteCase
from stand import await_

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
NEVER = ("Retry-After", "Set-Cookie", "Access-Control-Allow-Origin", "Location", "ETag", "Last-Modified",
         "Strict-Transport-Security", "Refresh", "Accept-Ranges")


def shown(text):
    """What stands in the place of the name, once a language."""
    return [element.text or "" for element in elements(parse(text)) if element.get("class") == "asked"]


class Served(SiteCase):
    def assertPage(self, response, text, language="en"):
        self.assertEqual(response.status, 403)
        for name, value in HEADERS.items():
            self.assertEqual(response.headers.get_all(name), [value], name)
        self.assertEqual(response.headers.get_all("Content-Language"), [language])
        for name in NEVER:
            self.assertNotIn(name, response.headers)
        self.assertEqual(response.headers["Content-Security-Policy"],
                         f"default-src 'none'; style-src 'sha256-{style_hash(text)}'; base-uri 'none'; "
                         "form-action 'none'; frame-ancestors 'none'")
        root = parse(text)
        self.assertEqual((root.get("lang"), root.get("dir")), (language, "rtl" if language in RIGHT_TO_LEFT else "ltr"))
        self.assertEqual(elements(root, "title")[0].text, elements(articles(root)[language], "h1")[0].text)
        self.assertEqual(len(shown(text)), len(LANGUAGES))

    def test_configuration(self):
        status, said = self.web.check_config()
        self.assertEqual(status, 0, said)
        self.assertNotIn("warn", said)

    def test_the_name_that_was_asked(self):
        for name in (BLOCKED, "usps-redelivery.top", "xn--80ak6aa92e.usps-redelivery.top", "a_b.usps-redelivery.top"):
            response, text = self.ask(name=name)
            self.assertPage(response, text)
            self.assertEqual(shown(text), [name] * len(LANGUAGES))

    def test_only_the_marks_change(self):
        """What is served is the file, but for its marks."""
        text = self.ask()[1]
        contact = ('<span>Network security, Example Post</span>'
                   f'<a href="mailto:security@post.example?subject={BLOCKED}" dir="ltr">security@post.example</a>'
                   '<a href="tel:+41001234567" dir="ltr">+41001234567</a>')
        self.assertEqual(text, source().replace("<!--name-->", BLOCKED).replace("<!--contact-->", contact))
        self.assertNotIn("<!--contact-->", text)

    def test_languages(self):
        for tag in LANGUAGES:
            self.assertPage(*self.ask(headers={"Accept-Language": tag}), tag)
        for asked, tag in (("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"), ("PT-br", "pt"),
                           ("zh-Hant-TW,en", "zh"), ("nl,sv;q=0.9,pl;q=0.1", "pl"), ("fr;q=0, it", "it"),
                           ("fr;q=0.000 , it", "it"),
                           ("fr ; q=0.001", "fr"), ("fro, french, x-fr, en-fr", "en"), ("*", "en"), ("", "en"),
                           (",,;", "en"),
                           ("ar\"><script>", "en"), ("de,ar", "de"), ("nl,  AR-eg;q=0.5", "ar"), ("x" * 8000, "en"),
                           ("nl," * 2000 + "ja", "ja")):
            with self.subTest(asked[:60]):
                self.assertPage(*self.ask(headers={"Accept-Language": asked}), tag)
        self.assertPage(*self.ask())

    def test_paths(self):
        for path in ("/", "/index.html", "/a/b?c=d", "/..%2f..%2fetc/passwd", "/.git/config", "/operator.conf",
                     "/blockpage.conf", "/blockpage.png", "/README.md", "/%00", "/robots.txt", "//", "/%e4",
                     "/.well-known/acme-challenge/x",
                     "/" + "long/" * 200, "/" + "a" * 15000, "/" + "b" * 100_000, f"http://{BLOCKED}/absolute"):
            with self.subTest(path[:60]):
                response, text = self.ask(path=path)
                if path in ("/%00", "/..%2f..%2fetc/passwd"):
                    self.assertEqual((response.status, "root" in text), (400, False))
                else:
                    self.assertPage(response, text)
        self.assertPage(*self.ask(headers={"Cookie": "c=" + "d" * 100_000}))

    def test_icon(self):
        response, text = self.ask(path="/favicon.ico")
        self.assertEqual((response.status, text), (204, ""))

    def test_hostile_hosts(self):
        """A Host header is a name or it is not shown; it is nowhere else either."""
        for host in ("\"><img/src=x>", "'onload=1", "a&b", "evil$blockpage_mail", "${host}", "[::1]", "-a", "a-",
                     "x" * 254, "<!--name-->", "<!--contact-->", "a,b", "\xe4.example", "a;b", "a=b", "a@b", "(a)",
                     "`id`", "."):
            with self.subTest(host):
                response, text = self.ask(host=host)
                if response.status == 400:  # nginx itself took offence
                    self.assertNotIn(host, text)
                    continue
                self.assertPage(response, text)
                self.assertEqual(set(shown(text)), {""})
                self.assertEqual(text, self.ask(host="-")[1])
        for host in ("<script>alert(1)</script>", "a/b", "a b", "a..b", "a\tb", ""):
            with self.subTest(host):
                response, text = self.ask(host=host)
                self.assertEqual(response.status, 400)
                self.assertNotIn("script", text)
        for host, name in ((f"{BLOCKED}:8080", BLOCKED), (BLOCKED.upper(), BLOCKED), (f"{BLOCKED}.", BLOCKED),
                           ("a:<script>", "a"), ("192.0.2.1", "192.0.2.1"), ("x" * 253, "x" * 253)):
            with self.subTest(host):
                response, text = self.ask(host=host)
                self.assertPage(response, text)
                self.assertEqual(set(shown(text)), {name})

    def test_without_a_host(self):
        """HTTP/1.0, and what is no HTTP."""
        for request, begin in ((b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.1 403 "),
                               (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 "),
                               (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"HTTP/1.1 400 "),
                               (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"HTTP/1.1 400 ")):
            with socket.create_connection((self.web.address, self.web.port), timeout=60) as connection:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
            self.assertEqual(answer[:len(begin)], begin)

    def test_methods(self):
        response, text = self.ask("HEAD")
        self.assertEqual((response.status, text), (403, ""))
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertPage(*self.ask("POST", "/pay", body=b"card=4111111111111111"))
        self.assertPage(*self.ask("POST", "/pay", body=b"4" * 100_000))
        for method in ("PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "TRACE", "MADE-UP"):
            with self.subTest(method):
                response, text = self.ask(method, headers={"Origin": "http://example.com"})
                self.assertEqual((response.status, text), (405, "GET, HEAD or POST\n"))
                self.assertEqual((response.headers["Content-Type"], response.headers["Allow"]),
                                 ("text/plain", "GET, HEAD, POST"))
                for name in NEVER:
                    self.assertNotIn(name, response.headers)

    def test_no_range_and_no_condition(self):
        self.assertPage(*self.ask(headers={"Range": "bytes=0-9", "If-None-Match": "*",
                                           "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}))

    def test_compressed(self):
        connection = http.client.HTTPConnection(self.web.address, self.web.port, timeout=60)
        connection.request("GET", "/", headers={"Host": BLOCKED, "Accept-Encoding": "gzip"})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        self.assertEqual(response.headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(data).decode(), self.ask()[1])
        self.assertLess(len(data), 20 * 1024)

    def test_log(self):
        """When, status, method, name: nothing of who it was, nor what was sent."""
        web = self.serve()
        secret = "4111111111111111"
        for method, path in (("GET", f"/{secret}?{secret}"), ("POST", "/"), ("MADE-UP", "/")):
            self.ask(method, path, body=secret.encode() if method == "POST" else None, web=web,
                     headers={"User-Agent": secret, "Referer": secret, "Cookie": secret, "X-Forwarded-For": secret})
        self.ask(web=web, host='"><b>')
        self.ask(web=web, path="/favicon.ico")
        self.ask(web=web, path="/" + secret * 8000)
        await_("nginx has written its log", lambda: len(web.visits()) >= 5)
        lines = [line.split(" ", 1) for line in web.visits()]
        self.assertEqual([line[1] for line in lines], [f"403 GET {BLOCKED}", f"403 POST {BLOCKED}",
                                                       f"405 other {BLOCKED}", "403 GET -", "403 GET -"])
        for when, _ in lines:
            self.assertRegex(when, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")


class NobodyToTurnTo(SiteCase):
    """operator.conf as it ships: nothing stands where the contact would."""

    CONTACT = {}

    def test_no_contact(self):
        response, text = self.ask()
        self.assertEqual(response.status, 403)
        self.assertEqual([("".join(each.itertext()), len(each)) for each in elements(parse(text), "address")],
                         [("", 0)] * len(LANGUAGES))
        self.assertNotIn("mailto:", text)
        self.assertEqual(conf_map("blockpage_contact_mail")[""], "")
