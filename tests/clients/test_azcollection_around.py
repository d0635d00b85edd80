# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure.azcollection around the job: locks, tags, rules, routes, a storage account, roles, and the secrets of a vault."""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from clients.peer import Peer, task
from integration.emulation import Emulation, Json

VAULT = "Microsoft.KeyVault/vaults"
GROUP = {"resource_group": "beside"}
URI = "https://beside-vault.vault.azure.net/"
SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


@pytest.fixture(scope="module")
def vault(peer: Peer, emulation: Emulation) -> str:
    """The id of a vault in a group of its own; vaults are reached from the internet."""
    subscription = f"/subscriptions/{emulation.facts['subscription']}/providers"
    peer.environment.update(HTTPS_PROXY=emulation.control("POST", "proxy")["url"], NO_PROXY="127.0.0.1")
    registered = [
        task("resource", name, method="POST", url=f"{subscription}/{name}/register", api_version="2024-11-01")
        for name in ("Microsoft.KeyVault", "Microsoft.Storage")
    ]
    sku = {"family": "A", "name": "standard"}
    properties = {"tenantId": emulation.facts["tenant"], "sku": sku, "enableRbacAuthorization": True}
    body = {"location": "westeurope", "properties": properties}
    found = emulation.id("beside", VAULT, "beside-vault")
    peer.works(
        *registered,
        task("resourcegroup", name="beside", location="westeurope"),
        task("resource", "vault", url=found, api_version="2026-02-01", body=body),
    )
    return found


def twice(*tasks: Json) -> list[Json]:
    """Return the tasks, and the same once more."""
    return [*tasks, *({**each, "name": f"{each['name']} again"} for each in tasks)]


def role(vault: str, emulation: Emulation) -> Json:
    definition = f"/subscriptions/{emulation.facts['subscription']}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_OFFICER}"
    me = emulation.control("GET", "principals")["principals"][0]["object_id"]
    return task("roleassignment", scope=vault, assignee_object_id=me, role_definition_id=definition)


def test_everything_twice(peer: Peer, emulation: Emulation, vault: str) -> None:
    """Made by the first of two identical tasks, and found by the second."""
    rule: Json = {"name": "https", "protocol": "Tcp", "destination_port_range": 443, "access": "Allow", "priority": 100}
    hop: Json = {"address_prefix": "10.0.0.0/8", "next_hop_type": "virtual_appliance", "next_hop_ip_address": "10.9.0.4"}
    tasks = twice(
        task("lock", managed_resource_id=vault, name="keep", level="can_not_delete"),
        task("securitygroup", **GROUP, name="rules", rules=[{**rule, "direction": "Inbound"}]),
        task("routetable", **GROUP, name="routes"),
        task("route", **GROUP, name="firewall", route_table_name="routes", **hop),
        task("storageaccount", **GROUP, name="besidestore", type="Standard_ZRS"),
        role(vault, emulation),
    )
    done = peer.works(*tasks)
    assert done == {name: not name.endswith(" again") for name in done}
    (assignment,) = [each for each in emulation.resources() if "roleassignments" in each]
    assert emulation.resource(assignment)["properties"]["principalType"] == "ServicePrincipal"
    (kept,) = emulation.resource(emulation.id("beside", "Microsoft.Network/routeTables", "routes"))["properties"]["routes"]
    assert kept["properties"]["nextHopIpAddress"] == "10.9.0.4"


def test_tags(peer: Peer, emulation: Emulation, vault: str) -> None:
    put = task("tags", "make", scope=vault, tags={"a": "1"})
    merge = task("tags", "merge", scope=vault, tags={"b": "2"}, operation="Merge")
    run = peer.run(put, merge, task("tags_info", scope=vault))
    assert [done.status for done in run.tasks] == ["ok"] * 3, run.output
    assert emulation.resource(vault)["tags"] == {"a": "1", "b": "2"}


def test_a_lock_holds(peer: Peer, emulation: Emulation, vault: str) -> None:
    (refused,) = peer.run(task("resource", "delete", state="absent", url=vault, api_version="2026-02-01")).tasks
    assert (refused.status, "ScopeLocked" in str(refused.result)) == ("failed", True)
    assert peer.works(task("lock", managed_resource_id=vault, name="keep", state="absent")) == {"lock": True}


def secret(label: str, **options: t.Any) -> Json:
    return task("keyvaultsecret", label, keyvault_uri=URI, secret_name="db", **options)


def test_secrets(peer: Peer, emulation: Emulation, vault: str) -> None:
    python = peer.environment["ANSIBLE_PYTHON_INTERPRETER"]
    if subprocess.run([python, "-c", "import azure.keyvault.secrets"], env=peer.environment, capture_output=True, check=False).returncode:
        pytest.skip("azure-keyvault-secrets is not installed with azure.azcollection; tests/clients/run.sh does that")
    run = peer.run(
        secret("set", secret_value="value-one"),
        secret("again", secret_value="value-one"),
        secret("other", secret_value="value-two"),
        task("keyvaultsecret_info", "versions", vault_uri=URI, name="db", version="all"),
        secret("delete", state="absent"),
        secret("in the way", secret_value="value-three"),
        secret("recover", recover_if_need=True),
    )
    assert {done.name: (done.status, done.changed) for done in run.tasks if done.name != "versions"} == {
        "set": ("ok", True),
        "again": ("ok", False),
        "other": ("ok", True),
        "delete": ("ok", True),
        "in the way": ("failed", False),
        "recover": ("ok", True),
    }, run.output
    assert len(run.task("versions").result["secrets"]) == 2
    assert "value-two" not in str(emulation.control("GET", "log"))
