"""The page as a tree, and what blockpage.conf says of it: for the tests that compare the two."""

import base64
import hashlib
import re

import html5lib

from blockpage import BLOCKPAGE

INDEX = BLOCKPAGE / "index.html"
CONF = BLOCKPAGE / "blockpage.conf"
LANGUAGES = ("en", "fr", "es", "pt", "de", "it", "pl", "ru", "ar", "hi", "zh", "ja")
RIGHT_TO_LEFT = {"ar"}
MARKS = {"name": "<!--name-->", "contact": "<!--contact-->"}


def source():
    return INDEX.read_text(encoding="utf-8")


def parse(text):
    """The tree, without namespaces; raises on what HTML's own grammar calls an error."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def elements(tree, name=None):
    """All elements (comments are none), or those of one name."""
    return [each for each in tree.iter() if isinstance(each.tag, str) and name in (None, each.tag)]


def articles(tree):
    return {each.get("id"): each for each in elements(tree, "article")}


def outline(element):
    """Tags, classes and which pieces of text are there: what all languages must have alike."""
    def filled(text):
        return bool((text or "").strip())

    inner = [outline(each) if isinstance(each.tag, str) else "comment " + each.text for each in element]
    tails = [] if any(each.tag == "code" for each in element) else [filled(each.tail) for each in element]
    return [element.tag, element.get("class"), filled(element.text) if not inner else None, tails, inner]


def words_of(element):
    """Its text without comments, and without what stands in code."""
    found = [element.text or ""]
    for each in element:
        if isinstance(each.tag, str) and each.tag != "code":
            found += words_of(each)
        found.append(each.tail or "")
    return found


def style_hash(text):
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def conf_map(variable):
    """A map of blockpage.conf as {key: value}; quotes are taken off."""
    text = re.search(rf"^map \$\w+ \${variable} \{{(.*?)^\}}", CONF.read_text(encoding="utf-8"), re.M | re.S)[1]
    text = re.sub(r"(^|\s)#.*", "", text)
    pairs = re.findall(r'\s*("[^"]*"|\S+)\s+("[^"]*"|\S+?);', text)
    return {key.strip('"'): value.strip('"') for key, value in pairs}


__all__ = ["BLOCKPAGE", "CONF", "INDEX", "LANGUAGES", "MARKS", "RIGHT_TO_LEFT", "articles", "conf_map",
           "elements", "outline", "parse", "source", "style_hash", "words_of"]
