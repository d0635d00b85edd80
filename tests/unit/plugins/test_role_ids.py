# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every variable of a role that takes ids takes those of its types alone, and every variable of that name says of which."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.privatelink.azure.plugins.module_utils import _variables as variables
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"
GROUP = "/subscriptions/a0000000-0000-4000-8000-0000000000aa/resourceGroups/payments"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/payments-vault"
IDS = {
    "Microsoft.Resources/resourceGroups": GROUP,
    "Microsoft.KeyVault/vaults": VAULT,
    "Microsoft.KeyVault/managedHSMs": f"{GROUP}/providers/Microsoft.KeyVault/managedHSMs/payments-hsm",
    "Microsoft.KeyVault/vaults/privateEndpointConnections": f"{VAULT}/privateEndpointConnections/c",
    "Microsoft.Network/privateEndpoints": f"{GROUP}/providers/Microsoft.Network/privateEndpoints/e",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": (
        f"{GROUP}/providers/Microsoft.Network/privateEndpoints/e/privateDnsZoneGroups/default"
    ),
    "Microsoft.Network/virtualNetworks": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net",
    "Microsoft.Network/virtualNetworks/subnets": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/endpoints",
    "Microsoft.Network/privateDnsZones": f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net",
    "Microsoft.Network/privateDnsZones/A": (
        f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net/A/payments"
    ),
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": (
        f"{GROUP}/providers/Microsoft.Network/privateDnsZones/z.net/virtualNetworkLinks/l"
    ),
    "Microsoft.Network/networkSecurityGroups": f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/rules",
    "Microsoft.Network/routeTables": f"{GROUP}/providers/Microsoft.Network/routeTables/routes",
    "Microsoft.Network/applicationSecurityGroups": f"{GROUP}/providers/Microsoft.Network/applicationSecurityGroups/web",
    "Microsoft.Compute/virtualMachines": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/inside",
    "Microsoft.Authorization/locks": f"{VAULT}/providers/Microsoft.Authorization/locks/keep",
    "Microsoft.Authorization/roleAssignments": (
        f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/a0000000-0000-4000-8000-000000000009"
    ),
    "Microsoft.Insights/diagnosticSettings": f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit",
}
# A role of several steps would otherwise refuse a later step's id after the earlier ones have written. The module of the others reads
# everything before its first request.
CHECKED = sorted({file.parent.parent.name for file in ROLES.glob("*/meta/argument_specs.yml")} - {"private_vault", "private_vaults"})


def types_of(role: str) -> dict[str, dict[str, t.Any]]:
    """Return the types of a role's variables, as its tasks say them."""
    tasks = yaml.safe_load((ROLES / role / "tasks" / "main.yml").read_text(encoding="utf-8"))
    return dict(
        next(task["privatelink.azure.validate_variables"]["types"] for task in tasks if "privatelink.azure.validate_variables" in task)
    )


TAKING = [(role, name) for role in CHECKED for name, option in types_of(role).items() if "resource_types" in option]


@pytest.mark.parametrize("role", CHECKED)
def test_every_variable_of_ids_says_their_types(role: str) -> None:
    options = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"][
        "options"
    ]
    named = {name for name in options if re.search(r"_(ids?|locks)$", name) and not name.endswith(("subscription_id", "subscription_ids"))}
    assert {name for known, name in TAKING if known == role} == named


@pytest.mark.parametrize(("role", "name"), TAKING)
def test_ids_of_other_types_are_refused(role: str, name: str) -> None:
    option = types_of(role)[name]
    for kind, value in IDS.items():
        for spelled in (value, f"{value}/", value.upper()):
            if kind in option["resource_types"]:
                found = variables.checked({name: option}, {name: spelled})[name]
                assert str(found if isinstance(found, str) else found[0]).casefold() == value.casefold()
            else:
                refuse(option, name, spelled)
        for broken in (f"{value}?x", f"{value}#", f"{value}/..", f"{value}%2f", value.rpartition("/")[0], f"{value}\\", f"{value}/{value}"):
            if broken not in IDS.values():
                refuse(option, name, broken)


def refuse(option: dict[str, t.Any], name: str, value: str) -> None:
    """Require that a value is refused, alone and in a list."""
    given = [value] if option["type"] == "str" else [value, [value], f"{IDS[option['resource_types'][0]]},{value}"]
    for each in given:
        with pytest.raises(OptionError) as caught:
            variables.checked({name: option}, {name: each})
        assert caught.value.option == name
