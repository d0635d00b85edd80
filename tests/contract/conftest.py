# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator and the controller of the integration tests, and what they are compared with; tests are skipped where that is absent."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from contract import replay, specification
from contract.specification import Specifications
from integration.conftest import collections, controller, emulation, preloaded

__all__ = ["collections", "controller", "emulation", "preloaded"]

REPORT = "report"


@pytest.fixture
def show(record_property: t.Callable[[str, object], None]) -> t.Callable[[t.Iterable[str]], None]:
    """Return what takes the lines that are shown at the end of the run, whether the test passes or not, in whatever process it runs."""
    return lambda lines: record_property(REPORT, "\n".join(lines))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the reports of the tests."""
    for result in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in result.user_properties:
            if name == REPORT:
                terminalreporter.write_line(str(value))


@pytest.fixture(scope="session")
def specifications() -> Specifications:
    """Azure's OpenAPI documents."""
    folder = specification.folder()
    if not (folder / "bundles").is_dir():
        pytest.skip(f"There are no specifications in {folder}; {specification.VARIABLE} says where they are.")
    return specification.load(folder)


@pytest.fixture(scope="session")
def recordings() -> pathlib.Path:
    """The folder of recorded exchanges."""
    folder = replay.folder()
    if not any(folder.rglob("*.jsonl")):
        pytest.skip(f"There are no recordings in {folder}; {replay.VARIABLE} says where they are.")
    return folder
