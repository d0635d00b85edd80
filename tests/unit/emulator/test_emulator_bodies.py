# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of requests: names in any case, values of the right kind, and nothing that is not understood."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.client import Client
from emulator.members import BODIES, MEMBERS
from emulator.understood import Misread, read

NETWORK = "/providers/Microsoft.Network/virtualNetworks/vnet"
SPACE = {"addressPrefixes": ["10.0.0.0/16"]}


def refused(arm: Client, path: str, body: Any, method: str = "PUT") -> tuple[str, str]:
    """The code and the innermost message of a refusal, which is Azure's 400."""
    answer = arm.call(method, arm.rg + path, body)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    return error["code"], (error.get("details") or [error])[0]["message"]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"bogusMember": 1}, "Could not find member 'bogusMember' on object of type 'VirtualNetworkPropertiesFormat'."),
        ({"enableDdosProtection": "perhaps"}, "Could not convert string to boolean: perhaps."),
        ({"enableDdosProtection": []}, "Error converting value of 'properties.enableDdosProtection' to boolean."),
        ({"flowTimeoutInMinutes": "soon"}, "Could not convert string to integer: soon."),
        ({"flowTimeoutInMinutes": 4.5}, "Error converting value of 'properties.flowTimeoutInMinutes' to integer."),
        ({"privateEndpointVNetPolicies": "maybe"}, "Error converting value \"maybe\" to type 'PrivateEndpointVNetPolicies'."),
        ({"subnets": {}}, "Error converting value of 'properties.subnets' to a list."),
        ({"subnets": ["snet"]}, "Error converting an entry of 'properties.subnets[0]' to an object."),
        ({"subnets": [{"name": "s", "properties": {"natGateway": "x"}}]}, "Path 'properties.subnets[0].properties.natGateway'."),
        ({"dhcpOptions": {"dnsServers": [None]}}, "Error converting an entry of 'properties.dhcpOptions.dnsServers[0]' to a text."),
        ({"dhcpOptions": {"dnsServer": []}}, "Could not find member 'dnsServer' on object of type 'DhcpOptions'."),
    ],
)
def test_the_network_provider_refuses_what_it_does_not_understand(arm: Client, properties: Any, text: str) -> None:
    body = {"location": "westeurope", "properties": {"addressSpace": SPACE, **properties}}
    code, message = refused(arm, NETWORK, body)
    assert code == "InvalidRequestFormat"
    assert text in message and "Path 'properties." in message
    assert arm.call("GET", arm.rg + NETWORK).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"location": "westeurope", "colour": "blue"}),
        ("/providers/Microsoft.KeyVault/vaults/kv-one", {"location": "westeurope", "properties": {"publicNetwork": "Disabled"}}),
        ("/providers/Microsoft.Network/privateDnsZones/a.example", {"location": "global", "properties": {"odd": 1}}),
        ("/providers/Microsoft.Authorization/locks/l", {"properties": {"level": "ReadOnly", "note": "n"}}),
    ],
)
def test_others_refuse_it_too(arm: Client, path: str, body: Any) -> None:
    code, message = refused(arm, path, body)
    assert code == "InvalidRequestContent"
    assert "Could not find member '" in message


def test_a_value_that_no_vault_has_is_refused(arm: Client) -> None:
    own = {"tenantId": arm.facts["tenant"], "sku": {"family": "A", "name": "standard"}, "publicNetworkAccess": "maybe"}
    path = "/providers/Microsoft.KeyVault/vaults/kv-one"
    assert refused(arm, path, {"location": "westeurope", "properties": own})[0] == "BadRequest"


def test_an_update_of_tags_takes_nothing_else(arm: Client) -> None:
    arm.network()
    code, message = refused(arm, NETWORK, {"tags": {}, "properties": {}}, "PATCH")
    assert (code, "'properties' on object of type 'TagsObject'" in message) == ("InvalidRequestFormat", True)


def test_names_and_values_are_read_without_regard_to_case(arm: Client) -> None:
    vault = f"{arm.rg}/providers/Microsoft.KeyVault/vaults/kv-one"
    own = {"TenantId": arm.facts["tenant"], "SKU": {"Family": "A", "NAME": "standard"}, "enablerbacauthorization": "True"}
    arm.do("PUT", vault, {"LOCATION": "westeurope", "Properties": own, "TAGS": {"Env": "x"}})
    found = arm.get(vault)
    assert (found["location"], found["tags"]) == ("westeurope", {"Env": "x"})
    assert found["properties"]["enableRbacAuthorization"] is True
    network = arm.do("PUT", arm.rg + NETWORK, {"location": "westeurope", "properties": {"addressspace": SPACE}})
    assert network["properties"]["addressSpace"] == SPACE
    body = {"properties": {"ADDRESSPREFIX": "10.0.1.0/24", "privateEndpointNetworkPolicies": "enabled"}}
    subnet = arm.do("PUT", f"{arm.rg}{NETWORK}/subnets/s", body)
    assert subnet["properties"]["privateEndpointNetworkPolicies"] == "Enabled"


@pytest.mark.parametrize("kind", sorted(set(BODIES.values())))
def test_every_type_is_read_to_its_last_member(kind: str) -> None:
    """A body with each member in capitals comes out as the table spells it; one more member is one too many."""
    samples: dict[str, Any] = {"text": "x", "bool": True, "int": 1, "any": {"a": [1]}, "reference": {"id": "/x"}, "texts": {"a": "b"}}

    def sample(name: str) -> Any:
        if name.startswith("["):
            return [sample(name[1:-1])]
        if name in MEMBERS:
            return {member: sample(each) for member, each in MEMBERS[name].items()}
        return name.partition("|")[0] if "|" in name else samples[name]

    def shouted(value: Any, name: str) -> Any:
        if isinstance(value, list):
            return [shouted(each, name[1:-1]) for each in value]
        return {key.upper(): shouted(each, MEMBERS[name][key]) for key, each in value.items()} if name in MEMBERS else value

    whole = sample(kind)
    assert read(shouted(whole, kind), kind) == whole
    with pytest.raises(Misread, match="Could not find member 'odd'"):
        read({**whole, "odd": 1}, kind)
