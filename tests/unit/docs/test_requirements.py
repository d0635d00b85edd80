# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of requirements names evidence that is there, and what it says of the repository's own files is so."""

from __future__ import annotations

import fnmatch
import pathlib
import re
import typing as t

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
STATES = {"met", "met in part", "met, not tested", "open"}
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
# Folders that Ansible, or its rules for collections, know.
FOLDERS = {"action", "become", "cache", "callback", "cliconf", "connection", "doc_fragments", "filter", "httpapi", "inventory", "lookup"}
FOLDERS |= {"module_utils", "modules", "netconf", "plugin_utils", "shell", "strategy", "sub_plugins", "terminal", "test", "vars"}


def rows() -> list[tuple[str, str, str]]:
    """Return requirement, state and evidence of each row."""
    lines = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8").splitlines()
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")]
    return [t.cast("tuple[str, str, str]", row) for row in cells if row[0] not in ("requirement", "---")]


def gates() -> list[str]:
    """Return the steps of make gates."""
    named = re.findall(r"^\w+_gates=\((.*)\)$", (ROOT / "tests" / "run.sh").read_text(encoding="utf-8"), re.MULTILINE)
    return " ".join(named).split()


def named_gates(evidence: str) -> list[str]:
    """Return the gates that a text names: gate `a`; gates `a`, `b` and `c`."""
    lists = re.findall(r"gates? ((?:`[^`]+`(?:, | and )?)+)", evidence)
    return [gate for each in lists for gate in re.findall(r"`([^`]+)`", each)]


def named_files(evidence: str) -> list[str]:
    """Return the files of the repository that a text names in backticks."""
    return [word for word in re.findall(r"`([^` ]+)`", evidence) if "/" in word or re.search(r"\.(txt|yml|md|py)$", word)]


def described(name: str) -> t.Any:
    """Return what a YAML file of the repository says."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_the_evidence_of_a_requirement_is_there(row: tuple[str, str, str]) -> None:
    _requirement, state, evidence = row
    gone = [gate for gate in named_gates(evidence) if not fnmatch.filter(gates(), gate)]
    gone += [file for file in named_files(evidence) if not (ROOT / file).exists()]
    gone += [target for target in re.findall(r"`make ([a-z-]+)", evidence) if target not in TARGETS]
    assert (gone, state in STATES) == ([], True)


@pytest.mark.parametrize("row", [row for row in rows() if row[1] == "met"], ids=lambda row: row[0])
def test_what_is_met_is_proven_by_what_a_machine_runs(row: tuple[str, str, str]) -> None:
    evidence = row[2]
    assert named_gates(evidence) or "`make " in evidence or "`tests/" in evidence


def test_the_metadata_is_what_is_asked_for() -> None:
    galaxy = described("galaxy.yml")
    assert galaxy["dependencies"] == {}
    assert [key for key in ("tags", "repository", "issues", "documentation", "homepage") if not galaxy[key]] == []
    assert galaxy["namespace"] not in galaxy["name"]
    assert described("meta/runtime.yml")["requires_ansible"] == ">=2.16.0"


def test_only_folders_that_ansible_knows_hold_plugins() -> None:
    assert {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir() and path.name != "__pycache__"} - FOLDERS == set()


def test_no_module_queries_by_a_state() -> None:
    """Reading has modules of its own, whose names end with info, facts or what they fail for: no state asks for it."""
    files = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "plugins" / "modules").glob("*.py")}
    documented = {name: yaml.safe_load(re.findall(r'DOCUMENTATION = r?"""(.*?)"""', text, re.DOTALL)[0]) for name, text in files.items()}
    states = {name: set((each.get("options") or {}).get("state", {}).get("choices") or ()) for name, each in documented.items()}
    assert {name: found for name, found in states.items() if found & {"get", "list", "query", "info"}} == {}
    assert [name for name, found in states.items() if found and name.endswith("_info")] == []


def test_nothing_is_ignored_by_sanity_or_skipped_by_lint() -> None:
    assert list((ROOT / "tests" / "sanity").glob("ignore*")) == []
    assert not {"skip_list", "warn_list"} & set(described(".ansible-lint"))
    assert list(ROOT.glob(".ansible-lint-ignore")) == []
