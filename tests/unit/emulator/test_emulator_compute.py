# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual machines, and run command in a network namespace of this host."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.client import Client
from emulator.errors import NOT_SERVED
from integration import inside

VERSION = "2024-07-01"
_REASON = inside.why_not()


def machine(arm: Client, name: str = "app", **properties: Any) -> str:
    """A machine in the network vnet; what its interface is, another client has written."""
    arm.call("POST", f"{arm.subscription}/providers/Microsoft.Compute/register", version="2022-09-01")
    network, subnet = arm.network()
    nic = f"{arm.rg}/providers/Microsoft.Network/networkInterfaces/{name}-nic"
    address = {"name": "one", "properties": {"subnet": {"id": subnet}, "privateIPAddress": "10.0.0.20"}}
    document = {"id": nic, "name": f"{name}-nic", "location": "westeurope", "properties": {"ipConfigurations": [address]}}
    arm.control("PUT", f"resource?id={nic}", document)
    path = f"{arm.rg}/providers/Microsoft.Compute/virtualMachines/{name}"
    own = {
        "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}, "imageReference": {"sku": "22_04-lts"}},
        "osProfile": {"computerName": name, "adminUsername": "azure", "adminPassword": "hidden-from-all", "linuxConfiguration": {}},
        "networkProfile": {"networkInterfaces": [{"id": nic}]},
        **properties,
    }
    arm.do("PUT", path, {"location": "westeurope", "properties": own}, version=VERSION)
    return path


def ran(arm: Client, path: str, *lines: str, **more: Any) -> Any:
    return arm.call("POST", f"{path}/runCommand", {"commandId": "RunShellScript", "script": list(lines), **more}, version=VERSION)


@pytest.fixture
def namespace() -> Iterator[str]:
    if _REASON:
        pytest.skip(_REASON)
    subprocess.run(["ip", "netns", "add", "emulator-run"], check=True)
    yield "emulator-run"
    subprocess.run(["ip", "netns", "del", "emulator-run"], check=True)


def test_a_machine_is_stored_without_its_password(arm: Client) -> None:
    path = machine(arm)
    found = arm.get(path, version=VERSION)
    assert found["properties"]["storageProfile"]["osDisk"]["osType"] == "Linux" and found["properties"]["provisioningState"] == "Succeeded"
    assert "hidden-from-all" not in str(found)
    listed = arm.get(f"{arm.subscription}/providers/Microsoft.Compute/virtualMachines", version=VERSION)["value"]
    assert [each["name"] for each in listed] == ["app"]
    assert arm.call("DELETE", path, version=VERSION).status_code == 200 and arm.call("DELETE", path, version=VERSION).status_code == 204
    assert ran(arm, path, "true").json()["error"]["code"] == "ResourceNotFound"


def test_what_is_not_served_is_refused(arm: Client) -> None:
    path = machine(arm)
    for answer in (
        ran(arm, path, "true"),
        ran(arm, path, "true", commandId="RunPowerShellScript"),
        ran(arm, path, "true", parameters=[{"name": "a", "value": "b"}]),
        arm.call("PUT", path, {"location": "westeurope", "properties": {"licenseType": "x"}}, version=VERSION),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, NOT_SERVED), answer.text
    gone = {"networkProfile": {"networkInterfaces": [{"id": f"{path}-nic"}]}, "storageProfile": {"osDisk": {"osType": "Linux"}}}
    assert arm.call("PUT", f"{path}2", {"location": "westeurope", "properties": gone}, version=VERSION).status_code == 404
    assert ran(arm, path, commandId="").status_code == 400
    assert arm.connection.request("PUT", "/_emulator/runners", b'{"network": "x", "namespace": "-n ../x"}').status_code == 400


def test_a_script_runs_in_the_namespace_of_its_network(arm: Client, namespace: str) -> None:
    path = machine(arm)
    network = f"{arm.rg}/providers/Microsoft.Network/virtualNetworks/vnet"
    arm.control("PUT", "runners", {"network": network, "namespace": namespace})
    lines = ("sleep 0.5", "ip netns identify $$", "echo problem >&2", "seq 1 2000")
    if not shutil.which("seq"):
        pytest.skip("there is no seq")
    begun = ran(arm, path, *lines)
    assert (begun.status_code, begun.text) == (202, "")
    again = ran(arm, path, "true")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "Conflict")
    assert arm.call("GET", begun.headers["location"]).status_code == 202
    state = arm.wait(begun.headers["azure-asyncoperation"])
    final = arm.get(begun.headers["location"])
    assert state["status"] == "Succeeded" and state["properties"]["output"] == final
    message = final["value"][0]["message"]
    assert message.startswith("Enable succeeded: \n[stdout]\n") and message.endswith("2000\n\n[stderr]\nproblem\n")
    assert len(message) < 4096 + 60 and namespace not in message, "only the last bytes come back"
    named = ran(arm, path, "ip netns identify $$")
    assert arm.wait(named.headers["azure-asyncoperation"])["properties"]["output"]["value"][0]["message"].split()[3] == namespace
    failed = ran(arm, path, "exit 3")
    assert "exit status=3" in str(arm.wait(failed.headers["azure-asyncoperation"]))
    arm.control("PUT", "runners", {"network": network, "namespace": ""})
    assert ran(arm, path, "true").status_code == 501
