# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of an audit: complete, escaped, the same for the same audit, and from nowhere else."""

from __future__ import annotations

import base64
import functools
import hashlib
import html.parser
import re
import sys
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils._pages.audit_page import page_of, spoken_time, time_of_page
from ansible_collections.privatelink.azure.plugins.module_utils._views.audit_comparison import comparison_of
from ansible_collections.privatelink.azure.tests.unit.plugins.audits import BREAKS, TIME, compared, estate

_VOID = {"meta", "input", "br"}


class Page(html.parser.HTMLParser):
    """A page as its tags, in order, with their attributes, and the text of each kind of tag."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def attributes(self, tag: str, name: str) -> list[str]:
        """Return the values of an attribute of all tags of a kind."""
        return [str(attributes[name]) for each, attributes in self.tags if each == tag and name in attributes]

    @property
    def structure(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return what markup there is, without values."""
        return [(tag, tuple(attributes)) for tag, attributes in self.tags]


@pytest.mark.parametrize(("count", "broken"), [(0, 0), (1, 0), (1, 1), (40, 0), (40, 10), (50, 3), (51, 3), (400, 14)])
def test_every_vault_is_in_the_table_with_its_findings(count: int, broken: int) -> None:
    audit = estate(count, broken)
    page = Page(page_of(audit))
    assert page.open == []
    rows = [attributes for tag, attributes in page.tags if tag == "tr" and "data-state" in attributes]
    assert len(rows) == count
    ranks = [("failed", "unknown", "warning", "private").index(str(row["data-state"])) for row in rows]
    assert ranks == sorted(ranks)
    found = [each for vault in audit["vaults"] for each in vault["verdicts"] if each["status"] in ("failed", "unknown")]
    assert len(page.texts.get("summary", [])) == len(found) == broken
    for verdict in found:
        assert any(verdict["message"] in text for text in page.texts["details"])
        assert all(policy in "".join(page.texts["details"]) for policy in verdict["policies"])
        assert not verdict["fix"] or verdict["fix"] in page.texts["code"]
    ids = page.attributes("tr", "id")
    assert len(set(ids)) == count
    assert {each[1:] for each in page.attributes("a", "href")} <= {*ids, *page.attributes("section", "id")}


def test_the_numbers_of_the_head_are_those_of_the_audit() -> None:
    page = Page(page_of(estate(40, 10)))
    numbers = [text.split() for text in page.texts["li"] if text.strip()[0].isdigit()]
    assert [each[0] for each in numbers] == ["32", "7", "1", "8", "2"]
    assert "7 of 40 vaults are not private, 1 is not proven; 32 are private." in page.texts["strong"]


@pytest.mark.parametrize(
    ("audit", "words"),
    [
        (estate(1), "The vault is private."),
        (estate(1, 1), "The vault is not private."),
        (estate(40), "All 40 vaults are private."),
        (estate(0), "No key vault was found: nothing is proven."),
    ],
)
def test_the_headline_says_it(audit: Document, words: str) -> None:
    assert words in Page(page_of(audit)).texts["strong"]


def test_the_same_audit_is_the_same_page() -> None:
    assert page_of(estate(60, 9)) == page_of(estate(60, 9))
    assert time_of_page(page_of(estate(1))) == TIME and time_of_page("<html>") is None
    assert page_of(estate(1)).count("2026-11-27 04:36 UTC") == 2 and spoken_time(TIME) == "2026-11-27 04:36 UTC"


def test_it_loads_nothing_and_runs_only_its_own_script() -> None:
    text = page_of(compared(40, 7, 10))
    page = Page(text)
    policy = page.attributes("meta", "content")[0]
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
    for kind in ("style", "script"):
        (content,) = page.texts[kind]
        assert f"{kind}-src 'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'" in policy
    assert not {"link", "img", "iframe", "object", "embed", "base", "image"} & {tag for tag, _attributes in page.tags}
    names = {name for _tag, attributes in page.tags for name in attributes}
    assert not [name for name in names if name in ("src", "style", "srcset", "action", "xlink:href") or name.startswith("on")]
    assert all(each.startswith("#") for tag in ("a", "use") for each in page.attributes(tag, "href"))
    assert not re.search(r"url\(|@import|https?://", page.texts["style"][0] + page.texts["script"][0])


def test_the_comparison_has_a_list_for_each_direction() -> None:
    page = Page(page_of(compared(40, 7, 10)))
    assert "Changes since 2026-11-20 04:30 UTC" in page.texts["h2"]
    assert [text.split(":")[0] for text in page.texts["h3"]] == ["Worse", "Better", "New", "Gone"]
    same = estate(3)
    assert "No vault is new, gone, better or worse." in Page(page_of({**same, "comparison": comparison_of(same, same)})).texts["p"]


# --- what others call their resources ---

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "</title></svg><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "<!--", "]]>", "&lt;b&gt;", "\u202egro.live\u202c", "\x00\x1b[31m", "\ud800", "javascript:alert(1)",
)  # fmt: skip


def hostile(text: str) -> Document:
    """Return an audit in which a text is in every place that others write."""
    audit = estate(len(BREAKS) * 2, len(BREAKS), tags={text: text})

    def swapped(value: t.Any, key: str = "") -> t.Any:
        if isinstance(value, dict):
            return {name: swapped(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [swapped(inner, key) for inner in value]
        written = key in ("name", "location", "message", "hint", "fix", "title", "resource_group", "private_ip_addresses", "guide")
        return text if written and isinstance(value, str) else value

    return {**t.cast(Document, swapped(audit)), "title": text}


def expected(text: str) -> str:
    """Return a text as a page shows it."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]", "\ufffd", text).replace("\r\n", "\n")


@functools.cache
def harmless() -> Page:
    return Page(page_of(hostile("a")))


def assert_harmless(text: str) -> None:
    page = page_of(hostile(text))
    page.encode("utf-8")
    parsed = Page(page)
    plain = harmless()
    assert parsed.structure == plain.structure
    assert parsed.texts["script"] == plain.texts["script"] and parsed.texts["style"] == plain.texts["style"]
    assert parsed.texts["title"][0].replace("\r", "\n") == expected(text).replace("\r", "\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_stays_text(text: str) -> None:
    assert_harmless(text)


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(codec=None), min_size=1, max_size=40))
def test_any_text_stays_text(text: str) -> None:
    assert_harmless(text)


def test_a_host_without_jinja2_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(Problem, match="needs the Python package Jinja2") as refused:
        page_of(estate(1))
    assert refused.value.code == "MissingPackage" and "delegate_to: localhost" in refused.value.hint
