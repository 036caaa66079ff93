"""contrib/blockpage's files: valid HTML, nothing from elsewhere, every language whole, nginx's
configuration in step with the page."""

import pathlib
import re
import subprocess
import tempfile
import unicodedata
import unittest

from lab import LabError
from page import (BLOCKPAGE, CONF, LANGUAGES, MARKS, RIGHT_TO_LEFT, articles, conf_map, elements, outline, parse,
                  source, style_hash, words_of)
from servers import find_program
from stand import PROGRAM

# The Unicode name of a language's letters begins with one of these.
LETTERS = {"ru": ("CYRILLIC",), "ar": ("ARABIC",), "hi": ("DEVANAGARI",), "zh": ("CJK",),
           "ja": ("CJK", "HIRAGANA", "KATAKANA")}


# Elements that fetch, run or send something; attributes that do.
OTHERS = {"script", "link", "base", "iframe", "object", "embed", "img", "form", "video", "audio", "picture", "source",
          "use", "image", "template"}
LOADING = {"style", "src", "srcset", "action", "ping"}


def validate(text):
    """What Debian's tidy finds, as lines."""
    done = subprocess.run([find_program("tidy"), "-quiet", "-errors", "-utf8", "--warn-proprietary-attributes", "yes"],
                          input=text.encode(), capture_output=True, check=False, timeout=60)
    if done.returncode not in (0, 1, 2):
        raise LabError(f"tidy ended with {done.returncode}")
    return done.stderr.decode().splitlines()


class Html(unittest.TestCase):
    def test_valid(self):
        self.assertEqual(validate(source()), [])
        parse(source())

    def test_the_validators_find_faults(self):
        broken = source().replace("</address>", "", 1)
        self.assertNotEqual(validate(broken), [])
        with self.assertRaises(Exception):
            parse(source().replace("</nav>", "", 1))

    def test_nothing_from_elsewhere(self):
        """Nor a link but within the page: one that asked the address again, after the visitor left
        for another network, would open it."""
        for each in elements(parse(source())):
            with self.subTest(each.tag):
                self.assertNotIn(each.tag, OTHERS)
                for name, value in each.items():
                    self.assertFalse(name.startswith("on") or name in LOADING, name)
                    if name == "href":
                        self.assertRegex(value, r"^#[a-z]{2}$")
                if each.tag == "meta":
                    self.assertNotEqual((each.get("http-equiv") or "").lower(), "refresh")
        style = re.search(r"<style>(.*?)</style>", source(), re.S)[1]
        self.assertNotRegex(style, r"url\(|@import|@font-face|expression|\\")

    def test_size(self):
        """What a telephone loads, before compression."""
        self.assertLess(len(source().encode()), 64 * 1024)


class Languages(unittest.TestCase):
    def setUp(self):
        self.tree = parse(source())
        self.articles = articles(self.tree)

    def test_all_are_there_and_in_the_list(self):
        self.assertEqual(tuple(self.articles), LANGUAGES)
        links = elements(elements(self.tree, "nav")[0], "a")
        self.assertEqual([link.get("href") for link in links], [f"#{tag}" for tag in LANGUAGES])
        for tag, link in zip(LANGUAGES, links):
            self.assertEqual((link.get("lang"), link.get("hreflang")), (tag, tag))
            self.assertEqual(link.get("dir"), "rtl" if tag in RIGHT_TO_LEFT else "ltr")
        self.assertEqual(len({link.text for link in links}), len(LANGUAGES))

    def test_each_says_which_it_is(self):
        for tag, article in self.articles.items():
            self.assertEqual((article.get("lang"), article.get("dir"), article.get("aria-labelledby")),
                             (tag, "rtl" if tag in RIGHT_TO_LEFT else "ltr", f"{tag}-title"))
            self.assertEqual(elements(article, "h1")[0].get("id"), f"{tag}-title")

    def test_each_has_all_texts(self):
        english = outline(self.articles["en"])
        for tag, article in self.articles.items():
            with self.subTest(tag):
                self.assertEqual(outline(article), english)
                for each in elements(article):
                    if each.tag in ("h1", "h2", "p", "li", "strong", "code") and each.get("class") != "asked":
                        self.assertTrue("".join(words_of(each)).strip() or each.tag == "code" and each.text, each.tag)
                self.assertEqual(sorted(code.text for code in elements(article, "code")),
                                 sorted(code.text for code in elements(self.articles["en"], "code")))

    def test_none_is_left_in_english(self):
        def texts(tag):
            return [text.strip() for text in words_of(self.articles[tag]) if len(text.strip()) > 12]

        english = set(texts("en"))
        for tag in LANGUAGES[1:]:
            self.assertEqual(english & set(texts(tag)), set(), tag)
            self.assertEqual(len(set(texts(tag))), len(texts(tag)), f"{tag}: a text stands twice")

    def test_letters(self):
        """All letters outside code, but for https, are the language's own."""
        for tag in LANGUAGES:
            text = "".join(words_of(self.articles[tag])).replace("https", "")
            names = [unicodedata.name(each) for each in text if each.isalpha()]
            wanted = LETTERS.get(tag, ("LATIN",))
            strange = {name for name in names if not name.startswith(wanted) and "PROLONGED SOUND" not in name}
            self.assertEqual(strange, set(), tag)

    def test_text_is_in_nfc(self):
        self.assertEqual(unicodedata.normalize("NFC", source()), source())


class Configuration(unittest.TestCase):
    """blockpage.conf knows the page's marks, titles, languages and style."""

    def test_hash(self):
        self.assertEqual(re.findall(r"sha256-([^']+)'", CONF.read_text(encoding="utf-8")), [style_hash(source())])

    def test_marks(self):
        for what, mark in MARKS.items():
            self.assertEqual(source().count(mark), len(LANGUAGES), what)
        filters = dict(re.findall(r"^\s*sub_filter '([^']*)' '([^']*)';$", CONF.read_text(encoding="utf-8"), re.M))
        self.assertEqual(set(filters) - set(MARKS.values()),
                         {'<html lang="en" dir="ltr">', "<title>This address was not opened</title>"})
        for mark in filters:
            self.assertIn(mark, source())

    def test_languages(self):
        asked = next(key for key in conf_map("blockpage_asked") if key != "default")
        self.assertEqual(tuple(re.search(r"<tag>([a-z|]+)\)", asked)[1].split("|")), LANGUAGES)
        self.assertEqual(conf_map("blockpage_language"), {"default": "en", **{tag: tag for tag in LANGUAGES[1:]}})
        self.assertEqual(conf_map("blockpage_direction"), {"default": "ltr", **{tag: "rtl" for tag in RIGHT_TO_LEFT}})

    def test_titles(self):
        headings = {tag: elements(article, "h1")[0].text for tag, article in articles(parse(source())).items()}
        self.assertEqual(conf_map("blockpage_title"), {"default": headings.pop("en"), **headings})

    def test_style_shows_each_language(self):
        for tag in LANGUAGES:
            self.assertIn(f"html:lang({tag}) main:not(:has(> article:target)) #{tag}", source())


class Readme(unittest.TestCase):
    TEXT = (BLOCKPAGE / "README.md").read_text(encoding="utf-8")

    def test_policy(self):
        """The policy in it is one, and its tests pass."""
        policy = re.search(r"```yaml\n(.*?)```", self.TEXT, re.S)[1]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "page.postshield.yaml"
            path.write_text(policy, encoding="utf-8")
            for words in (["check", str(path)], ["test", "--policies", str(path)]):
                done = subprocess.run([str(PROGRAM), *words], capture_output=True, text=True, check=False,
                                      timeout=60)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_hash_command(self):
        """The command that it gives prints what blockpage.conf holds."""
        command = re.search(r"^    (sed .*sha256.*)$", self.TEXT, re.M)[1]
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=True,
                              cwd=BLOCKPAGE.parent.parent, timeout=60)
        self.assertEqual(done.stdout.strip(), style_hash(source()))

    def test_picture(self):
        name = re.search(r"!\[[^]]+\]\(([^)]+\.png)\)", self.TEXT)[1]
        self.assertLess((BLOCKPAGE / name).stat().st_size, 200_000)


if __name__ == "__main__":
    unittest.main()
