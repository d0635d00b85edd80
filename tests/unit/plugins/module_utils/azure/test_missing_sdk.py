# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Without a package of the Azure SDK everything can still be imported; the task fails with one sentence that says how to install it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure import arm, auth, sdk
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem


def imported_without(monkeypatch: pytest.MonkeyPatch, module: types.ModuleType, *packages: str) -> types.ModuleType:
    """Return a module as it is imported where packages are missing."""
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
    spec = importlib.util.spec_from_file_location(f"{module.__name__}_without", str(module.__file__))
    assert spec and spec.loader
    found = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, found.__name__, found)
    spec.loader.exec_module(found)
    return found


@pytest.mark.parametrize("package", ["azure.mgmt.network", "azure.mgmt.core", "azure.core.exceptions"])
def test_what_is_missing_of_the_sdk_is_remembered_and_nothing_else_breaks(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    without = imported_without(monkeypatch, sdk, package)
    assert package in without.IMPORT_ERROR
    assert without.FAILURES == without.NO_JSON == ()

    class Policy(without.RequestPolicy):  # type: ignore[name-defined,misc]
        """A class of ours whose base is missing."""

    assert Policy()


def test_without_azure_identity_the_sdk_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(importlib.import_module("azure"), "identity")
    without = imported_without(monkeypatch, auth, "azure.identity")
    assert "identity" in without.IMPORT_ERROR


def test_a_task_fails_with_the_command_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arm, "IMPORT_ERROR", imported_without(monkeypatch, sdk, "azure.mgmt.network").IMPORT_ERROR)
    with pytest.raises(Problem) as missing:
        arm.Arm(auth.Account({}, "secret"), Clock(60))
    assert missing.value.code == "MissingPackage" and "azure.mgmt.network" in missing.value.message
    assert "pip install -r" in str(missing.value.hint)
