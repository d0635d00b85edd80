# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README as Galaxy and Automation Hub render it; and nothing that it or a document names is missing: files, headings, targets."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
REPOSITORY = re.compile(r"https://github\.com/privatelink/azure/(?:blob|tree)/main/?")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (".", "docs", "roles", "tests")
    for path in (ROOT / folder).glob("**/*.md" if folder != "." else "*.md")
    if not {".venv", ".cache", "output"} & set(path.relative_to(ROOT).parts) and path.name != "CHANGELOG.md"
)
SECTIONS = (
    "Installation",
    "Use cases",
    "What is in it",
    "Requirements",
    "Testing",
    "Support",
    "Communication",
    "Release notes",
    "Versions and deprecation",
    "Contributing",
    "License",
)
# What is in backticks and begins like a file of this repository is one, unless it holds a placeholder.
FILE = re.compile(r"(?:\.ci|changelogs|docs|extensions|meta|playbooks|plugins|roles|tests)/[\w./-]*[\w/]")
MADE = {"docs/site"}


def text_of(page: str) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def links(page: str) -> list[str]:
    """Return where the links of a page lead."""
    return re.findall(r"\]\(([^)\s]+)\)", text_of(page))


def anchors(path: pathlib.Path) -> set[str]:
    """Return the names that the headings of a page get where it is rendered."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def missing(page: str, link: str) -> str | None:
    """Return what a link of a page leads to that is not there; None where it is there, or on another site."""
    here = REPOSITORY.sub("/", link, count=1)
    if re.match(r"[a-z]+:", here):
        return None
    file, _hash, anchor = here.partition("#")
    # the site's first page is built beside the guides
    folder = (ROOT / page.replace("docs/docsite/", "docs/")).parent
    path = ROOT / file.lstrip("/") if file.startswith("/") else folder / file if file else ROOT / page
    if not path.exists():
        return link
    return link if anchor and path.suffix == ".md" and anchor not in anchors(path) else None


def words(pattern: str, pages: t.Iterable[str] = PAGES) -> set[tuple[str, str]]:
    """Return what a pattern finds in backticks, or at the beginning of a line of code, with its page."""
    found = set()
    for page in pages:
        text = (ROOT / page).read_text(encoding="utf-8")
        found |= {(page, word) for word in re.findall(rf"(?:`|^ *){pattern}", text, re.MULTILINE)}
    return found


def test_readme_has_what_users_and_automation_hub_look_for() -> None:
    text = text_of("README.md")
    assert [section for section in SECTIONS if f"\n## {section}\n" not in text] == []
    assert not [word for word in ("pip install", "pipx", "uv tool") if word not in (ROOT / "README.md").read_text(encoding="utf-8")]


def test_readme_welcomes_to_the_forum_with_its_category_and_a_tag() -> None:
    section = text_of("README.md").partition("\n## Communication\n")[2].partition("\n## ")[0]
    assert "welcome" in section
    assert [link for link in ("https://forum.ansible.com/c/help/6", "https://forum.ansible.com/tag/") if f"]({link}" not in section] == []


def test_every_link_of_readme_holds_wherever_it_is_hosted() -> None:
    assert [link for link in links("README.md") if not link.startswith(("https://", "#"))] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page: str) -> None:
    assert [link for link in links(page) if missing(page, link)] == []


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_are_there(page: str) -> None:
    named = {word.rstrip("/") for word in re.findall(rf"`({FILE.pattern})`", text_of(page)) if not re.search(r"[A-Z]{3}", word)}
    assert [word for word in sorted(named - MADE) if not (ROOT / word).exists() and not ((ROOT / page).parent / word).exists()] == []


def test_targets_that_pages_name_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert [(page, word) for page, word in sorted(words(r"make ([a-z-]+)")) if word not in targets] == []


def shipped() -> set[str]:
    """Return the names of all that users can run or use: modules, other plugins, roles, playbooks."""
    files = [*ROOT.glob("plugins/modules/*.py"), *ROOT.glob("plugins/inventory/*.py"), *ROOT.glob("playbooks/*.yml")]
    return {file.stem for file in [*files, *ROOT.glob("plugins/filter/*.yml"), *ROOT.glob("plugins/test/*.yml"), *ROOT.glob("roles/*")]}


def test_readme_names_everything_that_is_in_the_collection() -> None:
    section = text_of("README.md").partition("\n## What is in it\n")[2].partition("\n## ")[0]
    assert sorted(shipped() - set(re.findall(r"`(\w+)`", section))) == []
