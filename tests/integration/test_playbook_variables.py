# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
The variables of the playbooks' roles: wrong ones are refused in one sentence before any request,
texts of surveys are read, blank ones are unset.
"""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml

from integration.emulation import TESTS, Emulation, Json, reported
from integration.running import Controller, Run, is_sentence, play_of

pytestmark = pytest.mark.long

ROLES = ("approve", "audit", "await_approval", "decommission", "export", "orphans", "request", "status")
SCOPE = "/subscriptions/a0000000-0000-4000-8000-0000000000aa/resourceGroups/nowhere"
NETWORK = f"{SCOPE}/providers/Microsoft.Network/virtualNetworks/net"
SUBNET = f"{NETWORK}/subnets/endpoints"
ENDPOINT = f"{SCOPE}/providers/Microsoft.Network/privateEndpoints/endpoint"
ZONE = f"{SCOPE}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
RECORD = f"{ZONE}/A/payments"
LINK = f"{ZONE}/virtualNetworkLinks/net"
VAULT = f"{SCOPE}/providers/Microsoft.KeyVault/vaults/payments"
LOCK = f"{VAULT}/providers/Microsoft.Authorization/locks/keep"
EVERY = (SCOPE, NETWORK, SUBNET, ENDPOINT, ZONE, RECORD, LINK, VAULT, LOCK)
# What else each role needs where one variable is tried.
REQUIRED: dict[str, Json] = {
    "approve": {"approve_vault_id": VAULT},
    "audit": {},
    "await_approval": {"await_endpoint_id": ENDPOINT, "await_zone_id": ZONE},
    "decommission": {},
    "export": {},
    "orphans": {},
    "request": {"request_vault_id": VAULT, "request_subnet_id": SUBNET, "request_resource_group": "nowhere"},
    "status": {"status_vault_id": VAULT},
}
# Every variable that takes ids, of which type, and whether it is a list.
IDS: list[tuple[str, str, str, bool]] = [
    ("approve", "approve_vault_id", VAULT, False),
    ("approve", "approve_endpoint_ids", ENDPOINT, True),
    ("approve", "reject_endpoint_ids", ENDPOINT, True),
    ("audit", "audit_vault_ids", VAULT, True),
    ("audit", "audit_zone_ids", ZONE, True),
    ("await_approval", "await_endpoint_id", ENDPOINT, False),
    ("await_approval", "await_vault_id", VAULT, False),
    ("await_approval", "await_zone_id", ZONE, False),
    ("await_approval", "await_network_ids", NETWORK, True),
    ("decommission", "decommission_locks", LOCK, True),
    ("decommission", "decommission_endpoint_ids", ENDPOINT, True),
    ("decommission", "decommission_zone_ids", ZONE, True),
    ("decommission", "decommission_subnet_ids", SUBNET, True),
    ("decommission", "decommission_network_ids", NETWORK, True),
    ("decommission", "decommission_vault_ids", VAULT, True),
    ("export", "export_vault_ids", VAULT, True),
    ("export", "export_zone_ids", ZONE, True),
    ("orphans", "orphans_zone_id", ZONE, False),
    ("request", "request_vault_id", VAULT, False),
    ("request", "request_subnet_id", SUBNET, False),
    ("status", "status_vault_id", VAULT, False),
]


def wrong() -> t.Iterator[tuple[str, str, Json, str]]:
    """Yield name, role, variables and how the refusal begins."""
    for number, (role, variable, right, many) in enumerate(IDS):
        other = [each for each in EVERY if each != right][number % (len(EVERY) - 1)]
        yield f"{variable} of another type", role, {variable: f"{right},{other}" if many else other}, f"{variable}: "
    yield "two ids where there is one", "approve", {"approve_vault_id": f"{VAULT},{VAULT}"}, "approve_vault_id: "
    yield "half an id", "orphans", {"orphans_zone_id": "privatelink.vaultcore.azure.net"}, "orphans_zone_id: "
    yield "more than an id", "decommission", {"decommission_vault_ids": f"{VAULT}?api-version=1"}, "decommission_vault_ids: "
    for role, variable in (("approve", "approve_vault_id"), ("await_approval", "await_endpoint_id"), ("request", "request_vault_id")):
        yield f"no {variable}", role, {variable: ""}, f"{variable}: is required"
    yield "request_subnet_id missing", "request", {"request_subnet_id": ""}, "request_subnet_id: is required"
    yield "request_resource_group missing", "request", {"request_resource_group": ""}, "request_resource_group: is required"
    yield "no zone", "await_approval", {"await_zone_id": ""}, "await_zone_id: required"
    yield (
        "no zone to link",
        "await_approval",
        {"await_zone_id": "", "await_dns": "none", "await_network_ids": NETWORK},
        "await_zone_id: required",
    )
    yield "unknown way", "await_approval", {"await_dns": "magic"}, "await_dns: 'magic'"
    yield "no number", "await_approval", {"await_timeout": "soon"}, "await_timeout: 'soon'"
    yield "vault without a group", "status", {"status_vault_id": "", "status_vault_name": "payments"}, "status_resource_group: required"
    yield "typo of approve", "approve", {"approve_endpoint_id": ENDPOINT}, "approve_endpoint_id: "
    yield "typo of reject", "approve", {"reject_endpoint_id": ENDPOINT}, "reject_endpoint_id: "
    yield "typo of decommission", "decommission", {"decommission_id": VAULT}, "decommission_id: "
    yield "typo of audit", "audit", {"audit_vaults_ids": VAULT}, "audit_vaults_ids: "
    yield "no file to publish", "audit", {"audit_publish_page": "yes"}, "audit_dest: required"
    yield "typo of export", "export", {"export_vaults_ids": VAULT}, "export_vaults_ids: "
    yield "typo of request", "request", {"request_tag": {}}, "request_tag: "
    yield "typo of status", "status", {"status_vaultid": VAULT}, "status_vaultid: "
    yield "typo of orphans", "orphans", {"orphans_zone_ids": ZONE}, "orphans_zone_ids: "
    yield "typo of await", "await_approval", {"await_zoneid": ZONE}, "await_zoneid: "
    yield "no truth", "orphans", {"orphans_remove": "perhaps"}, "orphans_remove: 'perhaps'"
    yield (
        "unknown type",
        "decommission",
        {"decommission_ids": f"{VAULT}, {SCOPE}/providers/Microsoft.Network/natGateways/n"},
        "decommission_ids: ",
    )
    yield (
        "record of nobody",
        "decommission",
        {"decommission_records": json.dumps([{"zone_id": ZONE, "name": "a"}])},
        "decommission_records.ipv4_addresses: ",
    )
    yield (
        "record in a vault",
        "decommission",
        {"decommission_records": [{"zone_id": VAULT, "name": "a"}]},
        "decommission_records[0].zone_id: ",
    )
    yield (
        "link of a subnet",
        "decommission",
        {"decommission_links": [{"zone_id": ZONE, "virtual_network_id": SUBNET}]},
        "decommission_links[0].virtual_network_id",
    )
    yield (
        "connection of no vault",
        "decommission",
        {"decommission_connections": "- endpoint_id: x"},
        "decommission_connections[0].vault_id: is required",
    )
    yield "rules that are none", "approve", {"approve_rules": "[1"}, "approve_rules: "
    yield "two decisions", "approve", {"approve_endpoint_ids": ENDPOINT, "reject_endpoint_ids": ENDPOINT.upper()}, "reject_endpoint_ids: "


def case(name: str, role: str, variables: Json) -> Json:
    """Return a block that includes a role and ends well, whatever it does."""
    include = {
        "name": f"Include {role}",
        "ansible.builtin.include_role": {"name": f"privatelink.azure.{role}"},
        "vars": {**REQUIRED[role], **variables},
    }
    failed = "{{ ansible_failed_result.msg }}"
    return {"name": name, "block": [include], "rescue": [{"name": name, "ansible.builtin.debug": {"msg": failed}}]}


@pytest.fixture(scope="module")
def refused(controller: Controller, emulation: Emulation) -> Run:
    """Every wrong case in one run."""
    emulation.reset()
    return controller.run([play_of(*(case(name, role, variables) for name, role, variables, _words in wrong()))])


def test_wrong_variables_are_refused_in_one_sentence_that_names_them(refused: Run) -> None:
    for name, _role, _variables, words in wrong():
        message = refused.task(name)["msg"]
        assert message.startswith(words), (name, message)
        assert is_sentence(message), message


def test_wrong_variables_are_refused_before_any_request(refused: Run) -> None:
    assert refused.rc == 0, refused.output
    assert not refused.writes, reported(refused.writes)
    assert not [request for request in refused.requests if "/providers/" in request["path"]], reported(refused.requests)


def variables_of(role: str) -> dict[str, Json]:
    """Return the options of a role's argument specification."""
    file = TESTS.parent / "roles" / role / "meta" / "argument_specs.yml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])


# What each list may look like in a survey.
SPELLINGS: dict[str, t.Callable[[list[str]], t.Any]] = {
    "commas": ", ".join,
    "lines": "\n".join,
    "JSON": json.dumps,
    "YAML": yaml.safe_dump,
    "list": list,
}


def right() -> t.Iterator[tuple[str, str, Json]]:
    """Yield name, role and variables that are as good as none, or texts."""
    for role in ROLES:
        optional = [name for name in variables_of(role) if name not in REQUIRED[role]]
        yield f"{role} blank", role, dict.fromkeys(optional, "")
        yield f"{role} spaces", role, dict.fromkeys(optional, "  ")
    for spelling, spelled in SPELLINGS.items():
        yield (
            f"ids as {spelling}",
            "decommission",
            {"decommission_ids": spelled(list(EVERY)), "decommission_locks": spelled([LOCK]), "decommission_purge": "no"},
        )
        yield f"endpoints as {spelling}", "approve", {"approve_endpoint_ids": spelled([ENDPOINT, f"{ENDPOINT}2"])}
    records = [{"zone_id": ZONE, "name": "a", "ipv4_addresses": "10.0.0.4, 10.0.0.5"}]
    for name, text in (("JSON", json.dumps(records)), ("YAML", yaml.safe_dump(records)), ("a mapping", records[0])):
        yield f"records as {name}", "decommission", {"decommission_records": text}


@pytest.fixture(scope="module")
def taken(controller: Controller, emulation: Emulation) -> Run:
    """Every case that is taken, in one rehearsal of an Azure that holds nothing."""
    emulation.reset()
    return controller.run([play_of(*(case(name, role, variables) for name, role, variables in right()))], "--check")


def test_blank_variables_are_unset_and_texts_are_read(taken: Run) -> None:
    """What fails then fails because there is nothing in Azure."""
    assert taken.rc == 0, taken.output
    rescued = {done.name: done["msg"] for done in taken.tasks if done.name in {name for name, _role, _variables in right()}}
    assert {name.partition(" ")[0] for name in rescued} == {"await_approval", "status"}, rescued
    assert all("was not found" in message for message in rescued.values()), rescued
    assert not taken.writes
    removals = [done for done in taken.tasks if done.name.endswith(": Delete the resources")]
    sizes = [len(done["absent"]) for done in removals]
    assert sizes == [0, 0, *[len(EVERY)] * len(SPELLINGS), 1, 1, 1]
