# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of an audit in a browser: accessible by axe-core's rules, the same without script, readable at any width, on its own."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from browser.chromium import Browser

Pages = dict[str, pathlib.Path]
NAMES = ("none", "one", "one broken", "forty", "forty broken", "hundreds", "hundreds broken")
OPEN = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
AXE = """axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(each =>
  [each.id, each.impact, each.nodes.length, each.nodes[0].html.slice(0, 160), (each.nodes[0].any[0] || {}).message || '']))"""
VISIBLE = "Array.from(document.querySelectorAll('#table tbody tr')).filter(row => row.getClientRects().length)"


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("hundreds")])
@pytest.mark.parametrize(("dark", "width"), [(False, 1400), (True, 1400), (False, 420)])
def test_axe_core_finds_nothing(browser: Browser, axe_script: str, pages: Pages, name: str, dark: bool, width: int) -> None:
    seen = browser.look(pages[name], AXE, dark=dark, width=width, before=f"{axe_script};{OPEN}")
    assert seen.value == []


@pytest.mark.parametrize("name", ["hundreds", "hundreds broken"])
def test_axe_core_finds_nothing_in_a_page_of_hundreds(browser: Browser, axe_script: str, pages: Pages, name: str) -> None:
    assert browser.look(pages[name], AXE, before=axe_script).value == []


def test_axe_core_finds_nothing_where_vaults_are_grouped(browser: Browser, axe_script: str, pages: Pages) -> None:
    assert browser.look(pages["sixty broken"], AXE, before=axe_script).value == []


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_for_nothing_and_complains_of_nothing(browser: Browser, pages: Pages, name: str) -> None:
    seen = browser.look(pages[name], "getComputedStyle(document.querySelector('.headline')).borderLeftWidth")
    assert seen.requests == [pages[name].as_uri()] and seen.complaints == []
    assert seen.value == "6px"  # the policy lets its own style in


def test_a_script_of_others_does_not_run(browser: Browser, pages: Pages, tmp_path: pathlib.Path) -> None:
    """Even if markup came in, the policy would stop it."""
    page = tmp_path / "injected.html"
    text = (
        pages["one"]
        .read_text(encoding="utf-8")
        .replace("<main>", "<main><script>window.ours = 1</script><img src=x onerror='window.ours = 1'>")
    )
    page.write_text(text, encoding="utf-8")
    seen = browser.look(page, "window.ours === undefined && !document.getElementById('filters').hidden")
    assert seen.value is True and any("Content Security Policy" in each for each in seen.complaints)


@pytest.mark.parametrize("name", ["one", "forty broken", "hundreds broken"])
@pytest.mark.parametrize("width", [360, 420, 800, 1400, 2000])
def test_no_page_scrolls_sideways(browser: Browser, pages: Pages, name: str, width: int) -> None:
    script = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    needed, there = browser.look(pages[name], script, width=width, before=OPEN).value
    assert needed <= there


def test_without_script_the_table_is_complete_and_has_no_filters(browser: Browser, pages: Pages) -> None:
    script = (
        f"[{VISIBLE}.length, document.getElementById('filters').getClientRects().length, document.querySelectorAll('th button').length]"
    )
    assert browser.look(pages["hundreds broken"], script, scripts=False).value == [400, 0, 0]


PUT = """function put(id, value) { const field = document.getElementById(id); field.value = value;
  field.dispatchEvent(new Event('input', {bubbles: true})); }"""


def filtered(browser: Browser, page: pathlib.Path, script: str) -> t.Any:
    """Return what is to be seen after a script used the filters."""
    return browser.look(page, f"{script}; [{VISIBLE}.length, document.getElementById('shown').textContent]", before=PUT).value


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("put('by-state', 'failed')", 11),
        ("put('by-state', 'warning')", 2),
        ("put('by-check', 'zone_linked')", 2),
        ("put('by-text', 'KV-payments-000')", 1),
        ("put('by-text', 'team=search')", 45),
        ("put('by-text', 'nobody')", 0),
        ("put('by-state', 'failed'); put('by-text', 'pending')", 2),
    ],
)
def test_filters_leave_what_fits(browser: Browser, pages: Pages, script: str, count: int) -> None:
    assert filtered(browser, pages["hundreds broken"], script) == [count, f"showing {count} of 400"]


def test_everything_comes_back(browser: Browser, pages: Pages) -> None:
    script = """put('by-text', 'nobody'); document.getElementById('filters').reset();
      new Promise(done => setTimeout(() => done([document.querySelectorAll('#table tbody tr:not([hidden])').length,
        document.getElementById('shown').textContent]), 50))"""
    assert browser.look(pages["forty broken"], script, before=PUT).value == [40, "showing 40 of 40"]


def test_a_head_sorts_and_says_so(browser: Browser, pages: Pages) -> None:
    script = """(() => { const head = document.querySelectorAll('#table thead th')[1], found = [];
      const names = () => Array.from(document.querySelectorAll('#table .name')).map(each => each.textContent);
      for (let turn = 0; turn < 2; turn++) { head.querySelector('button').click(); found.push([head.getAttribute('aria-sort'), names()]); }
      return found; })()"""
    (up, names), (down, reverse) = browser.look(pages["forty broken"], script).value
    assert (up, down) == ("ascending", "descending") and names == sorted(names) and reverse == names[::-1]


def test_a_vault_of_the_drawing_leads_to_its_row_and_opens_it(browser: Browser, pages: Pages) -> None:
    script = """new Promise(done => { const link = document.querySelector('.box.vault.failed a');
      window.addEventListener('hashchange', () => setTimeout(() => {
        const row = document.querySelector(link.getAttribute('href'));
        done([row.querySelector('.name').textContent === link.textContent.trim(), row.querySelector('details').open]); }, 50));
      link.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true})); })"""
    assert browser.look(pages["forty broken"], script).value == [True, True]


@pytest.mark.parametrize("scripts", [True, False])
def test_print_shows_every_finding_on_white(browser: Browser, pages: Pages, scripts: bool) -> None:
    script = """[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.getElementById('filters')).display,
      Array.from(document.querySelectorAll('.finding')).filter(each => each.getClientRects().length && each.checkVisibility(
        {contentVisibilityAuto: true})).length]"""
    ground, filters, findings = browser.look(pages["forty broken"], script, media="print", dark=True, scripts=scripts).value
    assert (ground, filters, findings) == ("rgb(255, 255, 255)", "none", 10)
