# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every role and every playbook has a scenario of molecule, and a scenario is small: what they share is in config.yml and shared/."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
MOLECULE = ROOT / "extensions" / "molecule"
PREFIX = "privatelink.azure."
SCENARIOS = {path.parent.name: path.parent for path in MOLECULE.glob("*/molecule.yml")}
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
PLAYBOOKS = {path.stem: path for path in sorted((ROOT / "playbooks").glob("*.yml"))}


def used_by(scenario: pathlib.Path) -> tuple[set[str], set[str]]:
    """Return the playbooks that a scenario imports, and the roles that it runs, through them too."""
    text = (scenario / "converge.yml").read_text(encoding="utf-8")
    playbooks = set(re.findall(rf"import_playbook: {re.escape(PREFIX)}(\w+)", text))
    sources = [text, *(PLAYBOOKS[name].read_text(encoding="utf-8") for name in playbooks)]
    return playbooks, {role for source in sources for role in re.findall(rf"(?:role|name): {re.escape(PREFIX)}(\w+)", source)}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_scenario_of_its_name_that_runs_it(role: str) -> None:
    assert role in SCENARIOS, f"Add extensions/molecule/{role}: molecule.yml, converge.yml and expected.yml, as in its neighbours."
    assert role in used_by(SCENARIOS[role])[1]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_playbook_is_run_by_a_scenario(playbook: str) -> None:
    users = [name for name, path in SCENARIOS.items() if playbook in used_by(path)[0]]
    assert users, f"Let the scenario of its role import the playbook {playbook}."


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_a_scenario_is_small_and_copies_nothing(scenario: str) -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in SCENARIOS[scenario].glob("*.yml")}
    assert {"create.yml", "destroy.yml", "prepare.yml"}.isdisjoint(files), "They are shared; see extensions/molecule/shared."
    own = "verify.yml" in files
    assert own or yaml.safe_load(files["expected.yml"])["expected_conditions"], "A scenario says what is there afterwards."
    assert own == ("verify" in (yaml.safe_load(files["molecule.yml"]) or {}).get("ansible", {}).get("playbooks", {}))
    assert len(files["converge.yml"].splitlines()) <= 32


def test_one_scenario_is_a_role_of_somebody_else() -> None:
    (tasks,) = MOLECULE.glob("*/roles/*/tasks/main.yml")
    included = [task["ansible.builtin.include_role"]["name"] for task in yaml.safe_load(tasks.read_text(encoding="utf-8"))]
    assert included and all(name.startswith(PREFIX) for name in included)
