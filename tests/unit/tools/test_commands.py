# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the commands of contributors answer at once: wrong names are refused with the list and the nearest of them."""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


def answer(*command: str) -> tuple[int, str, str]:
    """Run a command in the checkout, and return its code and what it printed."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["make", "tset"], ["no target tset", "did you mean test?", "demo"]),
        (["make", "qqq"], ["no target qqq. There are:", "demo"]),
        (["make", "tests"], ["no target tests", "did you mean test?"]),
        (["make", "roles"], ["no target roles"]),
        (["tests/tools/release_check.sh", "/nowhere", "v1.0.0"], ["VERSION=v1.0.0 is not a semantic version", "VERSION=1.0.0"]),
        (["tests/tools/release_check.sh", "/nowhere", "1.0"], ["VERSION=1.0 is not a semantic version"]),
        (["make", "test-module", "MODULE=keyvalt"], ["no module keyvalt", "did you mean keyvault?", "subnet"]),
        (["make", "test-module"], ["There is no module", "subnet"]),
        (["tests/run.sh", "mypi"], ["no step mypi", "did you mean mypy?", "gates", "molecule"]),
        (["tests/run.sh", "yamllint", "sanity-2.15"], ["no step sanity-2.15", "did you mean sanity-2."]),
    ],
    ids=" ".join,
)
def test_a_wrong_name_is_refused_with_the_list(command: list[str], words: list[str]) -> None:
    code, _out, error = answer(*command)
    assert code == 2
    assert [word for word in words if word not in error] == []


def test_help_lists_each_target_once_and_begins_with_what_users_want() -> None:
    _code, out, _error = answer("make", "help")
    listed = re.findall(r"^  make ([a-z-]+) ", out, re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert (listed, listed[0]) == (targets, "demo")
    assert answer("make")[1] == out


def test_every_lock_has_its_wish_and_is_written_by_make_lock() -> None:
    requirements = ROOT / "tests" / "requirements"
    written = (requirements / "lock.sh").read_text(encoding="utf-8")
    # a wheel that is only unpacked is named with its hash, by hand
    locks = {path.stem for path in requirements.glob("*.txt") if "--hash" not in path.read_text(encoding="utf-8")}
    assert [lock for lock in sorted(locks) if not (requirements / f"{lock}.in").exists() or f" {lock}" not in written] == []
