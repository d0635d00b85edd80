# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of hypothesis: few and repeatable examples, nothing left in the checkout. No test knows another one's secrets or throttles."""

from __future__ import annotations

import pathlib
import tempfile

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from ansible_collections.privatelink.azure.plugins.module_utils import _masking as masking
from ansible_collections.privatelink.azure.plugins.module_utils._azure import throttle

# It keeps tables of characters and constants that it found, also without a database.
set_hypothesis_home_dir(pathlib.Path(tempfile.gettempdir()) / "hypothesis")
settings.register_profile("repeatable", max_examples=50, deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _no_secrets_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_KNOWN", {})


@pytest.fixture(autouse=True)
def _no_throttles_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_GATES", {})
