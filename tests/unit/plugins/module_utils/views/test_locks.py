# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A refusal because of management locks names them."""

from __future__ import annotations

import typing as t

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, is_passing
from ansible_collections.privatelink.azure.plugins.module_utils._views.locks import with_locks
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import GROUP, VAULT, ReadOnlyArm

LOCKS = "providers/Microsoft.Authorization/locks"


def refusal(verb: str, *scopes: str) -> ArmError:
    """Return Azure's refusal, as it was translated."""
    reported = ", ".join(f"'{scope}'" for scope in scopes)
    message = (
        f"The scope '{VAULT}' cannot perform {verb} operation because following scope(s) "
        f"are locked: {reported}. Please remove the lock and try again"
    )
    return ArmError(f"Could not change key vault 'payments-vault': {message}", code="ScopeLocked", status=409, request_id="r1")


def lock(scope: str, name: str, level: str = "CanNotDelete", notes: str | None = None) -> Document:
    return {"id": f"{scope}/{LOCKS}/{name}", "name": name, "properties": {"level": level, "notes": notes}}


def named(error: ArmError, **arm: t.Any) -> ArmError:
    return with_locks(error, Live(t.cast(t.Any, ReadOnlyArm(**arm))))


def test_the_locks_are_named() -> None:
    current = {
        f"{VAULT}/{LOCKS}": [lock(VAULT, "keep"), lock(GROUP, "above")],
        f"{GROUP}/{LOCKS}": [lock(GROUP, "group keep", notes="Mind it."), lock(VAULT, "keep")],
    }
    error = named(refusal("delete", VAULT.replace("/resourceGroups/", "/resourcegroups/"), GROUP), lists=current)
    assert error.message == (
        "Could not change key vault 'payments-vault': it is locked by management lock 'keep' (CanNotDelete) on "
        f"'{VAULT}' and 'group keep' (CanNotDelete, 'Mind it.') on '{GROUP}'"
    )
    assert error.hint is not None
    assert error.hint.endswith(f"{VAULT}/{LOCKS}/keep, {GROUP}/{LOCKS}/group keep")
    assert (error.code, error.status, error.request_id) == ("ScopeLocked", 409, "r1")


def test_only_read_only_locks_forbid_a_change() -> None:
    current = {f"{VAULT}/{LOCKS}": [lock(VAULT, "keep"), lock(VAULT, "frozen", "ReadOnly")]}
    assert "management lock 'frozen' (ReadOnly) on" in named(refusal("write", VAULT), lists=current).message


def test_a_refusal_stays_where_the_locks_cannot_be_read() -> None:
    error = refusal("delete", VAULT)
    assert named(error) is error
    assert named(error, errors={f"{VAULT}/{LOCKS}": ArmError("No.", status=403)}) is error
    assert named(refusal("delete", "nowhere")).message.startswith("Could not change key vault")


def test_other_errors_stay() -> None:
    error = ArmError("Could not read it", code="AuthorizationFailed", status=403)
    assert named(error) is error


def test_a_management_lock_is_not_waited_for() -> None:
    assert not is_passing(refusal("delete", VAULT))
