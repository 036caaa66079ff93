"""The page in Chromium, which gets to it by the name, the resolver, and the address that it says."""

import json
import pathlib
import shutil
import tempfile

from browser import Browser
from page import INDEX, LANGUAGES, RIGHT_TO_LEFT, articles, elements, parse, source
from scene import BLOCKED, ELSEWHERE, SiteCase
from stand import BUILD, LabError, run_lab
from way import Socks

URL = f"http://{BLOCKED}/track?parcel=482913"
PHONE, DESKTOP = 320, 1280
SCHEMES = ("light", "dark")
PICTURES = BUILD / "blockpage"  # left for people to look at
HEADINGS = {tag: elements(article, "h1")[0].text for tag, article in articles(parse(source())).items()}

# Each piece of visible text with the colours that it has: [text, ratio, ratio wanted by WCAG 2.2, 1.4.3].
CONTRAST = """(() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = parts(colour).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      const alpha = parts(colour)[3];
      if (alpha !== undefined && alpha !== 0 && alpha !== 1) throw new Error('a colour that is half transparent');
      if (alpha !== 0) return colour;
    }
    throw new Error('no background');
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    const text = walker.currentNode.data.trim();
    if (!text || !element.checkVisibility()) continue;
    if (style.opacity !== '1') throw new Error('opacity');
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && +style.fontWeight >= 700;
    found.push([text.slice(0, 30), ratio(style.color, behind(element)), large ? 3 : 4.5]);
  }
  for (const [selector, property] of [['.stop', 'fill'], ['.line', 'stroke']]) {
    const colour = getComputedStyle(document.querySelector(selector))[property];
    found.push([selector, ratio(colour, behind(document.body)), 3]);
  }
  return found;
})()"""

# What reaches beyond a width. Not innerWidth: a telephone's grows with what is too wide.
TOO_WIDE = """(width => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && e.getClientRects().length &&
    (e.getBoundingClientRect().right > width + 0.5 || e.getBoundingClientRect().left < -0.5))
  .map(e => e.tagName + ' ' + e.className))"""

FACTS = """(() => {
  const shown = [...document.querySelectorAll('article')].filter(e => e.checkVisibility());
  const h1 = [...document.querySelectorAll('h1')].filter(e => e.checkVisibility());
  return {title: document.title, lang: document.documentElement.lang,
    dir: getComputedStyle(document.documentElement).direction,
    articles: shown.map(e => [e.id, e.lang, getComputedStyle(e).direction]), h1: h1.map(e => e.textContent),
    name: shown.map(e => e.querySelector('.asked').textContent), width: document.documentElement.scrollWidth,
    contact: shown.map(e => [...e.querySelectorAll('address a')].map(a => a.href)),
    side: shown.map(e => getComputedStyle(e.querySelector('h2')).textAlign)};
})()"""


class BrowserCase(SiteCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.socks = cls.enterClassContext(Socks(cls.resolver, {80: cls.web.port}))
        cls.browser = cls.enterClassContext(Browser(cls.web.folder, cls.socks.port))

    def open(self, url=URL, **how):
        page = self.browser.open(url, **how)
        self.addCleanup(page.close)
        return page

    def assertQuiet(self, page, url=URL):
        """No complaint but of the status itself, and no request but for the page: Chromium tries https
        first, is refused, and comes back."""
        said = [json.loads(each) for each in page.complaints]
        entries = [each.get("entry", {}) for each in said]
        self.assertEqual([(each.get("url"), "status of 403" in each.get("text", "")) for each in entries],
                         [(url, True)], said)
        self.assertLessEqual(set(page.requests), {url, url.replace("http:", "https:", 1)})
        self.assertEqual(page.requests[-1], url)
        self.assertEqual(self.strangers(), set())

    def strangers(self):
        """The lab's own names that somebody asked the proxy for, but for the page's. (Chromium has
        errands of its own; they end at the proxy.)"""
        return {name for name, _ in self.socks.asked if name == ELSEWHERE}

    def assertContrast(self, page):
        found = page.evaluate(CONTRAST)
        self.assertGreater(len(found), 40)
        self.assertEqual([each for each in found if each[1] < each[2]], [])


class Shown(BrowserCase):
    def test_each_language_at_each_width(self):
        for language in LANGUAGES:
            for width in (PHONE, DESKTOP):
                with self.subTest(language=language, width=width):
                    page = self.open(width=width, language=language)
                    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
                    self.assertEqual(page.evaluate(FACTS), {
                        "title": HEADINGS[language], "lang": language, "dir": direction,
                        "articles": [[language, language, direction]], "h1": [HEADINGS[language]], "name": [BLOCKED],
                        "contact": [[f"mailto:security@post.example?subject={BLOCKED}", "tel:+41001234567"]],
                        "side": ["start"], "width": width})
                    self.assertEqual(page.evaluate(f"{TOO_WIDE}({width})"), [])
                    self.assertQuiet(page)
                    for scheme in SCHEMES:
                        page.emulate(scheme=scheme)
                        self.assertContrast(page)
                        if language in ("en", "ar"):
                            page.picture(PICTURES / f"{language}-{width}-{scheme}.png")

    def test_schemes_differ(self):
        page = self.open()
        colour = "getComputedStyle(document.querySelector('article')).backgroundColor"
        light = page.evaluate(colour)
        page.emulate(scheme="dark")
        self.assertNotEqual(page.evaluate(colour), light)

    def test_the_longest_name(self):
        """A name of 253 octets breaks; the page does not get wider."""
        end = ".usps-redelivery.top"
        name = ".".join(["w" * 63, "x" * 63, "y" * 63, "z" * (253 - 3 * 64 - len(end))]) + end
        self.assertEqual(len(name), 253)
        page = self.open(f"http://{name}/", width=PHONE)
        facts = page.evaluate(FACTS)
        self.assertEqual((facts["name"], facts["width"], page.evaluate(f"{TOO_WIDE}({PHONE})")), ([name], PHONE, []))

    def test_text_twice_as_large(self):
        """WCAG 2.2, 1.4.4 and 1.4.10: 200 % on a window of 640 pixels."""
        page = self.open(width=640)
        page.call("Emulation.setDeviceMetricsOverride", width=PHONE, height=450, deviceScaleFactor=2, mobile=False)
        self.assertEqual((page.evaluate(FACTS)["width"], page.evaluate(f"{TOO_WIDE}({PHONE})")), (PHONE, []))

    def test_a_fragment_of_the_address_hides_nothing(self):
        for fragment in ("#pay", "#fr-title", "#:~:text=x", "#"):
            page = self.open(URL + fragment)
            self.assertEqual(page.evaluate(FACTS)["h1"], [HEADINGS["en"]], fragment)

    def test_https(self):
        """No page for https, and at once: nothing listens there, as README.md advises."""
        with self.assertRaisesRegex(LabError, "ERR_SOCKS_CONNECTION_FAILED|ERR_CONNECTION"):
            self.open(URL.replace("http:", "https:"))
        self.assertIn((BLOCKED, 443), self.socks.asked)

    def test_print(self):
        page = self.open(scheme="dark", media="print")
        self.assertFalse(page.evaluate("document.querySelector('nav').checkVisibility()"))
        self.assertEqual(page.evaluate(FACTS)["h1"], [HEADINGS["en"]])
        self.assertEqual(page.evaluate("getComputedStyle(document.querySelector('article')).backgroundColor"),
                         "rgb(255, 255, 255)")
        self.assertContrastOfPrint(page)

    def assertContrastOfPrint(self, page):
        found = [each for each in page.evaluate(CONTRAST) if not each[0].startswith(".")]
        self.assertEqual([each for each in found if each[1] < 7], [])

    def test_motion(self):
        page = self.open()
        self.assertEqual(page.evaluate("getComputedStyle(document.documentElement).scrollBehavior"), "smooth")
        page.emulate(motion=False)
        self.assertEqual(page.evaluate("getComputedStyle(document.documentElement).scrollBehavior"), "auto")
        self.assertEqual(page.evaluate("document.getAnimations().length"), 0)


class Used(BrowserCase):
    def test_another_language_by_keyboard(self):
        """The link shows it, the reader's place moves into it, and nothing is asked for."""
        page = self.open(motion=False, width=PHONE, height=640)
        requests = page.requests
        place = LANGUAGES.index("ar")
        for _ in range(place + 1):
            page.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.hash"), "#ar")
        # In the colour of the link, whose contrast another test computes.
        outline = page.evaluate("(s => [s.outlineStyle, parseFloat(s.outlineWidth) >= 2, s.outlineColor === s.color])"
                                "(getComputedStyle(document.activeElement))")
        self.assertEqual(outline, ["solid", True, True])
        page.press("Enter", text="\r")
        facts = page.evaluate(FACTS)
        self.assertEqual((facts["articles"], facts["h1"], facts["width"]),
                         ([["ar", "ar", "rtl"]], [HEADINGS["ar"]], PHONE))
        self.assertEqual(page.evaluate("document.activeElement.id"), "ar")
        self.assertEqual(page.evaluate("getComputedStyle(document.querySelector('#ar .asked')).textAlign"), "right")
        # The list stays in sight, for whoever chose wrongly.
        self.assertGreaterEqual(page.evaluate("document.querySelector('nav').getBoundingClientRect().top"), 0)
        self.assertEqual(page.requests, requests)
        # On to what else can be reached: the contact, in the language that is shown, and nothing hidden.
        reached = []
        for _ in range(2):
            page.press("Tab")
            reached.append(page.evaluate("(e => e.protocol + e.closest('article').id)(document.activeElement)"))
        self.assertEqual(reached, ["mailto:ar", "tel:ar"])

    def test_each_language_by_its_link(self):
        page = self.open(motion=False)
        for tag in LANGUAGES:
            page.click(f'a[href="#{tag}"]')
            self.assertEqual(page.evaluate(FACTS)["h1"], [HEADINGS[tag]])
        self.assertQuiet(page)

    def test_size_of_targets(self):
        """WCAG 2.2, 2.5.8: 24 by 24."""
        page = self.open(width=PHONE)
        small = page.evaluate("[...document.querySelectorAll('a')].filter(e => e.checkVisibility())"
                              ".map(e => [e.textContent, e.getBoundingClientRect().toJSON()])"
                              ".filter(([_, box]) => box.width < 24 || box.height < 24)")
        self.assertEqual(small, [])

    def test_what_a_screen_reader_gets(self):
        for language in ("en", "ar"):
            tree = self.open(language=language).accessible()
            roles = [role for role, _ in tree]
            for role, count in (("banner", 1), ("navigation", 1), ("main", 1), ("article", 1), ("list", 3),
                                ("link", 14)):
                self.assertEqual(roles.count(role), count, role)
            headings = [name for role, name in tree if role == "heading"]
            self.assertEqual((len(headings), headings[0]), (6, HEADINGS[language]))
            self.assertIn(("article", HEADINGS[language]), tree)
            self.assertNotIn("image", roles)
            self.assertFalse([name for role, name in tree if role == "link" and not name])

    def test_without_a_server(self):
        """The file by itself: English, with no empty frames where nginx would put something."""
        page = self.open(INDEX.as_uri(), width=PHONE)
        facts = page.evaluate(FACTS)
        self.assertEqual((facts["h1"], facts["width"]), ([HEADINGS["en"]], PHONE))
        for selector in (".asked", "address"):
            self.assertFalse(page.evaluate(f"document.querySelector('#en {selector}').checkVisibility()"), selector)
        self.assertEqual((page.complaints, page.requests), ([], [INDEX.as_uri()]))

    def test_without_has(self):
        """A browser that does not know :has() shows every language."""
        folder = tempfile.TemporaryDirectory(dir=run_lab().folder)
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "old.html"
        path.write_text(source().replace("selector(:has(*))", "selector(:never-heard-of(*))"), encoding="utf-8")
        page = self.open(path.as_uri(), width=PHONE)
        self.assertEqual(page.evaluate(FACTS)["h1"], list(HEADINGS.values()))


class Noticed(BrowserCase):
    """These tests notice: the same page with a fault in it."""

    FAULTS = {
        "a style that the policy does not name": ("--page: #eef1f4", "--page: #eef1f5"),
        "something from elsewhere": ("</main>", f'<img alt="" src="http://{ELSEWHERE}/x.png"></main>'),
        "a script": ("</main>", "<script>document.title = 'x'</script></main>"),
    }

    def faulty(self, old, new):
        self.assertIn(old, source())
        folder = pathlib.Path(tempfile.mkdtemp(dir=run_lab().folder))
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        (folder / "index.html").write_text(source().replace(old, new, 1), encoding="utf-8")
        web = self.serve(folder_of_page=folder)
        self.socks.ports[80] = web.port
        self.addCleanup(self.socks.ports.update, {80: self.web.port})

    def test_complaints(self):
        """The Content-Security-Policy stops it, and the console says so."""
        for what, (old, new) in self.FAULTS.items():
            with self.subTest(what):
                self.faulty(old, new)
                page = self.open()
                self.assertTrue([each for each in page.complaints if "Content Security Policy" in each or
                                 "ContentSecurityPolicy" in each])
                with self.assertRaises(AssertionError):
                    self.assertQuiet(page)
                self.assertEqual((self.strangers(), page.evaluate("document.title")), (set(), HEADINGS["en"]))

    def test_contrast(self):
        page = self.open()
        page.evaluate("document.documentElement.style.setProperty('--quiet', '#a0a0a0')")
        with self.assertRaises(AssertionError):
            self.assertContrast(page)

    def test_width(self):
        page = self.open(width=PHONE)
        page.evaluate("document.querySelector('#en .lead').style.width = '400px'")
        self.assertTrue(page.evaluate(f"{TOO_WIDE}({PHONE})"))
        self.assertGreater(page.evaluate(FACTS)["width"], PHONE)

    def test_another_name_is_not_the_page(self):
        """What is not blocked goes to its own address, where nothing listens in the lab."""
        self.assertEqual(self.resolver.query(ELSEWHERE).data("A"), ["192.0.2.10"])
