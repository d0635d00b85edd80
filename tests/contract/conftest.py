# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator and the controller of the integration tests, and what they are compared with; tests are skipped where that is absent."""

from __future__ import annotations

import pathlib

import pytest

from contract import replay, specification
from contract.specification import Specifications
from integration.conftest import collections, controller, emulation, preloaded

__all__ = ["collections", "controller", "emulation", "preloaded"]


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
