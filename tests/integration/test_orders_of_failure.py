# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cut-over in which requests fail in any order, and whose failures may be ignored, never closes an open vault without a private path.

What a machine in the network gets for the vault's name is asked of the emulator's DNS, which knows nothing of what the collection read.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import pathlib
import random
import re
import typing as t

import pytest

from integration.emulation import Json
from integration.landscape import GROUP, VAULT, Landscape
from integration.running import Controller, Run, task

pytestmark = pytest.mark.long

LOOKUPS = {"ANSIBLE_LOOKUP_PLUGINS": str(pathlib.Path(__file__).resolve().parent / "plugins" / "lookup")}
ORDERS = 30
PLAYS = 3
NAME = "live-vault"
WAYS: dict[str, Json] = {
    "zone group": {"existing_dns": "zone_group"},
    "record": {"existing_dns": "a_record"},
    "request": {"existing_dns": "zone_group", "existing_manual_request": True, "existing_approve": True},
}
# Azure's answers that nobody tries again.
ANSWERS = (
    (403, "AuthorizationFailed"),
    (403, "RequestDisallowedByPolicy"),
    (400, "BadRequest"),
    (404, "ResourceNotFound"),
    (409, "Conflict"),
)


@dataclasses.dataclass(frozen=True)
class Order:
    """A cut-over that meets faults, in a landscape that someone has changed."""

    number: int
    way: str
    faults: list[Json]
    changes: dict[str, Json]
    variables: Json
    ignores: bool


@pytest.fixture(scope="module")
def live(controller: Controller, landscape: Landscape, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """
    Return the variables of a cut-over, and the file with the state that it begins with: an open vault, and a zone that nobody sees yet.
    """
    azure = landscape.use().emulation
    acls = {"default_action": "Allow", "bypass": "None", "ip_rules": ["203.0.113.0/24"]}
    controller.tasks(
        task("keyvault", resource_group=GROUP, name=NAME, location="westeurope", public_network_access="Enabled", network_acls=acls)
    ).succeeded()
    state = tmp_path_factory.mktemp("orders") / "state.json"
    state.write_text(json.dumps(azure.control("GET", "state")), encoding="utf-8")
    return {
        "state": str(state),
        "variables": {
            "existing_vault_id": azure.id(GROUP, VAULT, NAME),
            "existing_subnet_id": landscape.subnet,
            "existing_zone_id": landscape.zone,
        },
    }


def steps(order: Order, landscape: Landscape, live: Json) -> list[Json]:
    """Return the tasks that bring the landscape back, set the faults, cut over, and read what became of it."""
    directory = pathlib.Path(live["state"]).parent
    requested = ["POST reset", f"PUT state {live['state']}"]
    for number, (resource, document) in enumerate(order.changes.items()):
        file = directory / f"change-{order.number}-{number}.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        requested.append(f"PATCH resource?id={resource} {file}")
    faults = directory / f"faults-{order.number}.json"
    faults.write_text(json.dumps(order.faults), encoding="utf-8")
    requested.append(f"POST faults {faults}")
    include: Json = {
        "name": "Cut over",
        "ansible.builtin.include_role": {
            "name": "privatelink.azure.existing_vault",
            **({"apply": {"ignore_errors": True}} if order.ignores else {}),
        },
        "vars": {**live["variables"], **WAYS[order.way], **order.variables},
    }
    vault = live["variables"]["existing_vault_id"]
    read = [f"GET resource?id={vault}", f"GET lookup?name={NAME}.vault.azure.net&network={landscape.network}", "GET state"]
    return [
        {"name": "Prepare", "ansible.builtin.debug": {"msg": f"{{{{ lookup('emulator', {', '.join(map(repr, requested))}) }}}}"}},
        {"name": "Try", "block": [include], "rescue": [{"name": "Go on", "ansible.builtin.debug": {"msg": f"{order.number} failed"}}]},
        *(
            {"name": name, "ansible.builtin.debug": {"msg": f"{{{{ lookup('emulator', {one!r}) }}}}"}}
            for name, one in zip(("Vault", "Lookup", "State"), read, strict=True)
        ),
    ]


def requests_of(run: Run) -> list[tuple[str, str, int]]:
    """Return the requests of a run to Resource Manager: method, path, and how many of the same came before."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for request in run.requests:
        path = request["path"].partition("?")[0]
        if path.startswith("/subscriptions/") and "/operations" not in path.casefold():
            number = seen.get((request["method"], path), 0)
            seen[request["method"], path] = number + 1
            found.append((request["method"], path, number))
    return found


def orders(landscape: Landscape, requests: dict[str, list[tuple[str, str, int]]]) -> list[Order]:
    """Return the orders: each request of a cut-over has its turn, spread evenly; the rest is drawn."""
    drawn = random.Random(8)
    made = []
    ways = itertools.cycle(WAYS)
    for number in range(ORDERS):
        way = next(ways)
        chosen = requests[way][(number * 7) % len(requests[way])]
        several = [chosen, *drawn.sample(requests[way], k=drawn.choice([0, 0, 1, 2]))]
        faults = []
        for method, path, before in several:
            status, code = drawn.choice(ANSWERS)
            match = {"method": method, "path_regex": f"{re.escape(path)}$", "count": drawn.choice([0, 1]), "after": before}
            faults.append({"match": match, "status": status, "code": code, "message": "No."})
        changes: dict[str, Json] = drawn.choice(
            [{}, {}, {}, {landscape.network: {"properties": {"dhcpOptions": {"dnsServers": ["10.1.200.4"]}}}}]
        )
        variables: Json = drawn.choice([{}, {}, {}, {"existing_link": False}, {"existing_dns": "none"}, {"existing_probe_host": "nowhere"}])
        made.append(Order(number, way, faults if number % 6 else [], changes, variables, ignores=number % 2 == 1))
    return made


def test_no_order_of_failure_closes_a_vault_without_a_private_path(controller: Controller, landscape: Landscape, live: Json) -> None:
    azure = landscape.emulation
    state = json.loads(pathlib.Path(live["state"]).read_text(encoding="utf-8"))
    requests = {}
    for way, variables in WAYS.items():
        azure.reset()
        azure.control("PUT", "state", state)
        run = controller.run("privatelink.azure.existing_vault", "-e", json.dumps({**live["variables"], **variables})).succeeded()
        assert azure.resource(live["variables"]["existing_vault_id"])["properties"]["publicNetworkAccess"] == "Disabled"
        requests[way] = requests_of(run)
    made = orders(landscape, requests)
    closed = []
    for part in range(PLAYS):
        tasks = [
            {
                "name": "Know a host that nobody reaches",
                "ansible.builtin.add_host": {
                    "name": "nowhere",
                    "ansible_host": "192.0.2.1",
                    "ansible_ssh_common_args": "-o ConnectTimeout=1",
                },
            }
        ]
        chosen = made[part::PLAYS]
        run = controller.tasks(*tasks, *(step for order in chosen for step in steps(order, landscape, live)), env=LOOKUPS)
        found = {name: [done["msg"] for done in run.tasks if done.name == name] for name in ("Vault", "Lookup", "State")}
        assert len(found["Vault"]) == len(chosen), run.output[-3000:]
        for order, vault, answer, after in zip(chosen, found["Vault"], found["Lookup"], found["State"], strict=True):
            if vault["properties"]["publicNetworkAccess"] == "Enabled":
                continue
            closed.append(order.number)
            addresses = [record[3] for record in answer["records"] if record[1] == "A"]
            assert answer["rcode"] == "NOERROR" and addresses == address_of(after), f"{order}: {answer}"
    assert closed and len(closed) <= ORDERS - 10, closed  # both ends were met


def address_of(state: Json) -> list[str]:
    """Return the addresses of the vault's endpoint, where its connection is approved on both sides."""
    documents: list[Json] = [item["document"] for item in state["resources"]] if "document" in state["resources"][0] else state["resources"]
    approved = [
        item
        for item in documents
        if "/privateendpoints/live-vault-endpoint" in item["id"].lower() and "privateLinkServiceConnections" in item["properties"]
    ]
    states = [
        connection["properties"]["privateLinkServiceConnectionState"]["status"]
        for endpoint in approved
        for slot in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
        for connection in endpoint["properties"].get(slot) or []
    ]
    if states != ["Approved"]:
        return []
    nics = [
        item
        for endpoint in approved
        for nic in endpoint["properties"]["networkInterfaces"]
        for item in documents
        if item["id"].lower() == nic["id"].lower()
    ]
    return [t.cast(str, one["properties"]["privateIPAddress"]) for nic in nics for one in nic["properties"]["ipConfigurations"]]
