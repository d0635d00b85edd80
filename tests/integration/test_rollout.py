# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook privatelink.azure.rollout: from nothing to a private vault, and nothing to do from then on."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from integration.emulation import TESTS, Emulation, Json, reported
from integration.running import Controller, Done, Run

pytestmark = pytest.mark.new_interpreter

PLAYBOOK = "privatelink.azure.rollout"
VARIABLES: Json = yaml.safe_load((TESTS / "demo" / "vars.yml").read_text(encoding="utf-8"))
GROUP = VARIABLES["private_vault_resource_group"]
NAME = VARIABLES["private_vault_name"]
HOST = f"{NAME}.vault.azure.net"
MODULE = "privatelink.azure.private_vaults"
# With records of its own a rollout differs in few steps.
WAYS = (pytest.param("a_record", marks=pytest.mark.long), "zone_group")
UNKNOWN = "(known after apply)"


class Rolled(t.NamedTuple):
    """One way of DNS: rehearsed on an empty emulator, rolled out, and rolled out again; the state that this left."""

    way: str
    rehearsal: Run
    first: Run
    second: Run
    state: Json

    def run(self, controller: Controller, *arguments: str) -> Run:
        return roll_out(controller, self.way, *arguments)


def roll_out(controller: Controller, way: str, *arguments: str) -> Run:
    return controller.run(PLAYBOOK, "-e", f"@{TESTS / 'demo' / 'vars.yml'}", "-e", f"private_vault_dns={way}", *arguments)


def made(run: Run) -> Done:
    """Return the one task that does it all."""
    (found,) = [done for done in run.tasks if done.action == MODULE and done.status != "skipped"]
    return found


def of_the_vault(run: Run) -> Json:
    """Return the result of the vault."""
    return t.cast(Json, made(run)["vaults"][NAME])


def drifts(run: Run) -> dict[str, Json]:
    """Return the differences that a run showed, by the id of the resource in lower case."""
    shown = made(run).result.get("diff", [])
    return {place.lower(): {"before": before, "after": each["after"][place]} for each in shown for place, before in each["before"].items()}


def written(run: Run) -> list[str]:
    """Return the ids of what a run wrote, in lower case and in this order; a provider without the action that registers it."""
    return [request["path"].lower().removesuffix("/register") for request in run.writes]


@pytest.fixture(scope="module", params=WAYS)
def rolled(request: pytest.FixtureRequest, controller: Controller, emulation: Emulation) -> Rolled:
    emulation.reset()
    emulation.read_only()
    rehearsal = roll_out(controller, request.param, "--check", "--diff")
    emulation.read_only(enabled=False)
    first, second = roll_out(controller, request.param, "--diff"), roll_out(controller, request.param, "--diff")
    return Rolled(request.param, rehearsal, first, second, emulation.control("GET", "state"))


@pytest.fixture
def azure(rolled: Rolled, emulation: Emulation) -> Emulation:
    """The emulator as the second run left it."""
    emulation.reset()
    emulation.control("PUT", "state", rolled.state)
    return emulation


def kind_of(place: str) -> str:
    """Return the last type in an id in lower case, without the names; resource groups and providers have one segment of their own."""
    kinds = place.rpartition("/providers/")[2].split("/")[1::2] if "/providers/" in place else ["resourcegroups"]
    return kinds[-1] if kinds else "providers"


def test_first_run_writes_everything_in_the_order_that_it_needs(rolled: Rolled) -> None:
    """Each resource once; an endpoint after what it connects, the record after its endpoint, and a network is linked last."""
    rolled.first.succeeded()
    paths = [path for path in written(rolled.first) if not path.endswith("/microsoft.keyvault")]
    order = {kind_of(path): number for number, path in enumerate(paths)}
    record = "a" if rolled.way == "a_record" else "privatednszonegroups"
    needs = [
        ("resourcegroups", "vaults"),
        ("resourcegroups", "virtualnetworks"),
        ("virtualnetworks", "subnets"),
        ("vaults", "privateendpoints"),
        ("subnets", "privateendpoints"),
        ("privatednszones", "privateendpoints"),
        ("privateendpoints", record),
        (record, "virtualnetworklinks"),
    ]
    assert set(order) == {kind for pair in needs for kind in pair}, paths
    assert len(paths) == len(set(paths)) == len(order), paths
    assert [(one, other) for one, other in needs if order[one] > order[other]] == []
    assert set(drifts(rolled.first)) == set(written(rolled.first))


def test_second_run_changes_nothing(rolled: Rolled) -> None:
    rolled.second.succeeded()
    assert not rolled.second.changed
    assert not rolled.second.writes, reported(rolled.second.writes)
    assert not drifts(rolled.second)
    assert " changed=0 " in rolled.second.stdout


def test_rehearsal_from_nothing_plans_the_whole_rollout(rolled: Rolled) -> None:
    """Every resource that the real run makes is planned, with its id; nothing is sent that a read-only Azure would have to refuse."""
    rolled.rehearsal.succeeded()
    assert not rolled.rehearsal.writes, reported(rolled.rehearsal.writes)
    assert set(drifts(rolled.rehearsal)) == set(drifts(rolled.first)) == set(written(rolled.first))
    assert made(rolled.rehearsal)["changed_vaults"] == made(rolled.first)["changed_vaults"] == [NAME]


def test_rehearsal_says_what_only_azure_knows(rolled: Rolled) -> None:
    vault = of_the_vault(rolled.rehearsal)
    assert (vault["private_ip_address"], vault["connection_state"], vault["vault_uri"]) == (UNKNOWN, "Approved", f"https://{HOST}/")
    if rolled.way == "a_record":
        (record,) = [shown["after"] for place, shown in drifts(rolled.rehearsal).items() if kind_of(place) == "a"]
        assert record["a_records"] == [{"ipv4_address": UNKNOWN}]


def test_vault_is_born_closed(rolled: Rolled) -> None:
    """It never listens on its public address, not even between two steps."""
    bodies = [
        request["request_body"]
        for request in rolled.first.writes
        if request["method"] == "PUT" and request["path"].endswith(f"/vaults/{NAME}")
    ]
    assert bodies and all(body["properties"]["publicNetworkAccess"] == "Disabled" for body in bodies)
    assert bodies[0]["properties"]["enableRbacAuthorization"] is True


# What goes over the wire is the collection's own choice, the same with every release of the SDK.
ON_THE_WIRE = {"vaults": "2026-02-01", "privateDnsZones": "2024-06-01", "virtualNetworks": "2026-03-01", "privateEndpoints": "2026-03-01"}


def test_every_release_of_the_sdk_asks_in_the_same_versions(rolled: Rolled) -> None:
    """Of the addresses of operations under way nothing is asked: they are Azure's own."""
    requested: dict[str, set[str]] = {}
    for request in [*rolled.first.requests, *rolled.second.requests]:
        kind = request["path"].partition("/providers/")[2].partition("/")[2].partition("/")[0]
        if kind in ON_THE_WIRE and "kv-operation" not in request["query"]:
            requested.setdefault(kind, set()).add(request["query"]["api-version"])
    assert requested == {kind: {version} for kind, version in ON_THE_WIRE.items()}


def test_name_leads_to_the_private_address_inside_only(rolled: Rolled, azure: Emulation) -> None:
    address = of_the_vault(rolled.first)["private_ip_address"]
    inside = azure.lookup(HOST, VARIABLES["demo_network_id"])
    outside = azure.lookup(HOST)
    assert address.startswith("10.1.0.") and address in inside, inside
    assert address not in outside and f"{NAME}.privatelink.vaultcore.azure.net" in outside, outside


def test_rehearsal_shows_exactly_what_drifted(rolled: Rolled, controller: Controller, azure: Emulation) -> None:
    """Someone changed the subnet's policy, the vault's public access and the record; once that is repaired, a rehearsal shows nothing."""
    names = VARIABLES["private_vault_network_name"], VARIABLES["private_vault_subnet_name"]
    subnet = azure.id(GROUP, "Microsoft.Network/virtualNetworks/subnets", *names)
    vault = azure.id(GROUP, "Microsoft.KeyVault/vaults", NAME)
    azure.overlay(subnet, {"properties": {"privateEndpointNetworkPolicies": "Enabled"}})
    azure.overlay(vault, {"properties": {"publicNetworkAccess": "Enabled"}})
    policies, access = "private_endpoint_network_policies", "public_network_access"
    expected: Json = {
        subnet.lower(): {"before": {policies: "Enabled"}, "after": {policies: "Disabled"}},
        vault.lower(): {"before": {access: "Enabled"}, "after": {access: "Disabled"}},
    }
    if rolled.way == "a_record":
        record = azure.id(GROUP, "Microsoft.Network/privateDnsZones/A", "privatelink.vaultcore.azure.net", NAME)
        address = azure.resource(record)["properties"]["aRecords"]
        azure.overlay(record, {"properties": {"aRecords": [{"ipv4Address": "10.1.0.200"}]}})
        before, after = [{"ipv4_address": "10.1.0.200"}], [{"ipv4_address": address[0]["ipv4Address"]}]
        expected[record.lower()] = {"before": {"a_records": before}, "after": {"a_records": after}}
    # a vault whose record holds someone else's address is not closed
    replacing = ("-e", "private_vault_record_mode=replace") if rolled.way == "a_record" else ()
    run = rolled.run(controller, "--check", "--diff", *replacing).succeeded()
    assert not run.writes, reported(run.writes)
    assert drifts(run) == expected
    repaired = rolled.run(controller, "--diff", *replacing).succeeded()
    assert drifts(repaired) == expected
    assert sorted(written(repaired)) == sorted(expected) and written(repaired)[-1] == vault.lower()  # it is closed last
    again = rolled.run(controller, "--check", "--diff").succeeded()
    assert not again.changed and not drifts(again) and not again.writes


WRONG: list[tuple[str, str]] = [
    ("private_vault_name", "1vault"),
    ("private_vault_subnet_id", "/subscriptions/x/resourceGroups/y/providers/Microsoft.KeyVault/vaults/z"),
    ("private_vault_zone_name", "privatelink.blob.core.windows.net"),
    ("private_vault_private_ip_address", "ten"),
    ("private_vault_private_ip_address", "10.1.1.4"),
    ("private_vault_private_ip_address", "10.1.0.3"),
    ("private_vault_request_message", "Please"),
    ("private_vault_dns", "hosts_file"),
]


def names(failed: Json, variable: str) -> bool:
    """Tell whether a failure is about a variable, by its message or by the module's option of that name."""
    return variable in failed["msg"] or variable.endswith((failed.get("option") or "(none)").rpartition(".")[2])


def test_wrong_variables_are_refused_before_the_first_write(controller: Controller, emulation: Emulation) -> None:
    """All of them as variables of the role, in one run."""
    emulation.reset()
    tasks = [
        {
            "name": f"Case {number}",
            "block": [
                {
                    "name": "Roll out",
                    "ansible.builtin.include_role": {"name": "privatelink.azure.private_vault"},
                    "vars": {**VARIABLES, variable: value},
                }
            ],
            "rescue": [{"name": f"Refused {number}", "ansible.builtin.debug": {"var": "ansible_failed_result"}}],
        }
        for number, (variable, value) in enumerate(WRONG)
    ]
    run = controller.tasks(*tasks)
    assert run.rc == 0 and not run.writes and "Traceback" not in run.output, run.output
    for number, (variable, value) in enumerate(WRONG):
        failed = run.task(f"Refused {number}")["ansible_failed_result"]
        assert names(failed, variable), (variable, value, failed["msg"])


def test_a_wrong_extra_variable_ends_the_playbook_before_the_first_write(controller: Controller, emulation: Emulation) -> None:
    emulation.reset()
    run = controller.run(PLAYBOOK, "-e", f"@{TESTS / 'demo' / 'vars.yml'}", "-e", "private_vault_private_ip_address=10.1.0.3")
    (failed,) = [done for done in run.tasks if done.status == "failed"]
    assert run.rc == 2 and names(failed.result, "private_vault_private_ip_address"), failed["msg"]
    assert not run.writes and "Traceback" not in run.output
