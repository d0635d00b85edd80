# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run command over the wire: what is sent, what is waited for, what of its output becomes a result, and what a cut output means."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents import probe_scripts
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError, Problem, WaitTimeout
from ansible_collections.privatelink.azure.plugins.module_utils._module import Task
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.keyvault_vm_probe_info import read
from ansible_collections.privatelink.azure.tests.unit.plugins.wire import ARM, SUBSCRIPTION, Answer, Time, Wire, arm_on

VM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/pay/providers/Microsoft.Compute/virtualMachines/app"
STATE = f"{ARM}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/operations/1"
ACCEPTED = Answer(202, None, {"Azure-AsyncOperation": f"{STATE}?api-version=2024-07-01", "Location": f"{STATE}?p=1&api-version=2024-07-01"})
OVER = Answer(200, {"status": "Succeeded"})
INFO = "conn_type=PrivateLink;addr=10.1.0.9;"


def machine(os_type: str | None = "Linux", **properties: t.Any) -> Answer:
    """A virtual machine as Azure shows it, with an image whose sku is a text."""
    disk = {
        "osDisk": {"osType": os_type} if os_type else {},
        "imageReference": {"publisher": "Canonical", "sku": "22_04-lts", "version": "latest"},
    }
    return Answer(200, {"id": VM, "name": "app", "location": "westeurope", "properties": {"storageProfile": disk, **properties}})


def line(number: int, address: str = "10.1.0.4", **more: t.Any) -> str:
    answers = [{"a": address, "s": 200, "i": INFO}]
    return json.dumps({"v": number, "by": "python3", "a": [address], "n": ["x.privatelink.vaultcore.azure.net"], "r": answers, **more})


def output(*lines: str) -> Answer:
    text = "Enable succeeded: \n[stdout]\n" + "\n".join(lines) + "\n\n[stderr]\n"
    return Answer(200, {"value": [{"code": "ProvisioningState/succeeded", "level": "Info", "message": text}]})


def probed(
    monkeypatch: pytest.MonkeyPatch, *answers: Answer, time: Time | None = None, check_mode: bool = False, **options: t.Any
) -> tuple[t.Any, Wire]:
    wire = Wire(*answers)
    arm = arm_on(monkeypatch, wire, time or Time())
    return read(Task({"vm_id": VM, "vaults": ["pay-vault"], **options}, arm, check_mode)), wire


def scripts(wire: Wire) -> list[str]:
    """Return the scripts that were sent."""
    bodies = [json.loads(t.cast(bytes, request.body)) for request in wire.requests if request.method == "POST"]
    return ["\n".join(body["script"]) for body in bodies]


def test_a_script_runs_and_its_lines_are_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (line(0), line(1, "52.1.2.3"), json.dumps({"v": 2, "by": "python3", "d": "Name or service not known"}))
    found, wire = probed(monkeypatch, machine(), ACCEPTED, OVER, output(*lines), vaults=["pay", "open-vault", "gone"])
    assert wire.reported == [f"GET {VM}", f"POST {VM}/runCommand", f"GET {STATE.removeprefix(ARM)}", f"GET {STATE.removeprefix(ARM)}"]
    assert all("api-version=2024-07-01" in str(request.url) for request in wire.requests)
    body = json.loads(t.cast(bytes, wire.requests[1].body))
    assert set(body) == {"commandId", "script"} and body["commandId"] == "RunShellScript"
    assert "\n".join(body["script"]) + "\n" == found["script"] and "'open-vault.vault.azure.net'" in found["script"]
    assert [(each["vault"], each["code"], each["asked_with"]) for each in found["results"]] == [
        ("pay", None, "python3"),
        ("open-vault", "ZoneNotSeen", "python3"),
        ("gone", "NameNotFound", "python3"),
    ]
    assert "On virtual machine 'app'" in found["results"][1]["msg"] and found["results"][0]["network_info"] == INFO
    assert (found["id"], found["os_type"], found["commands"], found["truncated"], found["proven"]) == (VM, "linux", 1, False, False)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("NotTheVault", {"r": [{"a": "10.1.0.4", "e": "tls", "m": "self-signed certificate"}]}),
        ("NotReachable", {"r": [{"a": "10.1.0.4", "e": "net", "m": "curl 28"}]}),
        ("NotReachable", {"r": []}),
        ("NotTheVault", {"r": [{"a": "10.1.0.4", "s": 200, "i": ""}]}),
        ("NotHealthy", {"r": [{"a": "10.1.0.4", "s": 503, "i": INFO}]}),
        ("NotPrivate", {"r": [{"a": "10.1.0.4", "s": 200, "i": "conn_type=Ipv4;addr=52.1.1.1;"}]}),
        ("NameNotFound", {"a": [], "r": []}),
    ],
)
def test_every_finding(monkeypatch: pytest.MonkeyPatch, code: str, given: dict[str, t.Any]) -> None:
    found, _wire = probed(monkeypatch, machine(), ACCEPTED, OVER, output(line(0, **given)))
    assert found["code"] == code and found["msg"].endswith(".") and found["hint"]


def test_the_expected_address_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    vault = {"vault": "pay-vault", "private_ip_addresses": ["10.1.0.9"]}
    found, _wire = probed(monkeypatch, machine(), ACCEPTED, OVER, output(line(0)), vaults=[vault])
    assert found["code"] == "WrongAddress"


@pytest.mark.parametrize(
    ("os_type", "profile", "command"),
    [
        ("Windows", {}, "RunPowerShellScript"),
        (None, {"osProfile": {"windowsConfiguration": {}}}, "RunPowerShellScript"),
        (None, {"osProfile": {"linuxConfiguration": {}}}, "RunShellScript"),
    ],
)
def test_the_machine_says_which_script(monkeypatch: pytest.MonkeyPatch, os_type: str | None, profile: t.Any, command: str) -> None:
    _found, wire = probed(monkeypatch, machine(os_type, **profile), ACCEPTED, OVER, output(line(0)))
    assert json.loads(t.cast(bytes, wire.requests[1].body))["commandId"] == command


def test_check_mode_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found, wire = probed(monkeypatch, machine(), check_mode=True)
    assert wire.reported == [f"GET {VM}"] and not found["proven"] and found["code"] == "NotProbed"
    assert found["diff"]["after"] == found["script"] == probe_scripts.linux(["pay-vault.vault.azure.net"])


def test_another_command_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Answer(409, {"error": {"code": "Conflict", "message": "Run command extension execution is in progress."}})
    time = Time()
    found, wire = probed(monkeypatch, machine(), busy, busy, ACCEPTED, OVER, output(line(0)), time=time)
    assert found["proven"] and len(scripts(wire)) == 3 and sum(time.slept) >= 4
    with pytest.raises(WaitTimeout, match="another run command on virtual machine 'app' to end"):
        probed(monkeypatch, machine(), busy, time=Time(60))


def test_a_machine_that_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = Answer(409, {"error": {"code": "OperationNotAllowed", "message": "The operation requires the VM to be running."}})
    with pytest.raises(ArmError, match="run a script on virtual machine 'app'") as refused:
        probed(monkeypatch, machine(), stopped)
    assert refused.value.hint == "Start the virtual machine, and wait until its agent is ready." and refused.value.resource_id == VM


def test_no_such_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match="was not found"):
        probed(monkeypatch, Answer(404, {"error": {"code": "ResourceNotFound", "message": "gone"}}))
    with pytest.raises(Problem, match="does not say whether"):
        probed(monkeypatch, machine(None))
    with pytest.raises(OptionError, match="vm_id"):
        probed(monkeypatch, machine(), vm_id=VM.replace("Compute/virtualMachines", "Network/virtualNetworks"))


def test_many_vaults_take_several_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"vault-{number}" for number in range(probe_scripts.AT_ONCE + 3)]
    answers = (output(*map(line, range(probe_scripts.AT_ONCE))), ACCEPTED, OVER, output(*map(line, range(3))))
    found, wire = probed(monkeypatch, machine(), ACCEPTED, OVER, *answers, vaults=names)
    assert found["proven"] and (found["commands"], found["truncated"]) == (2, False)
    assert [each["vault"] for each in found["results"]] == names and scripts(wire)[1].count(".vault.azure.net'") == 3


def test_what_a_cut_output_lost_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = output(line(1)[7:], line(2), line(3))
    found, wire = probed(
        monkeypatch, machine(), ACCEPTED, OVER, cut, ACCEPTED, OVER, output(line(0), line(1)), vaults=["va1", "vb1", "vc1", "vd1"]
    )
    assert found["proven"] and found["truncated"] and found["commands"] == 2
    assert "'va1.vault.azure.net' 'vb1.vault.azure.net'" in scripts(wire)[1] and "vc1" not in scripts(wire)[1]


def test_a_script_that_says_nothing_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Answer(200, {"value": [{"message": "[stderr]\nThis machine has neither python3 nor both getent and curl."}]})
    names = [f"vault-{number}" for number in range(30)]
    found, wire = probed(monkeypatch, machine(), ACCEPTED, OVER, nothing, vaults=names)
    assert len(scripts(wire)) == 1 and {each["code"] for each in found["results"]} == {"NotProbed"} and len(found["results"]) == 30
    assert "neither python3 nor both" in found["msg"] and not found["proven"]


NIC = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/pay/providers/Microsoft.Network/networkInterfaces"
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/pay/providers/Microsoft.Network/virtualNetworks/net"


def connected(*interfaces: dict[str, t.Any]) -> Answer:
    return machine(networkProfile={"networkInterfaces": list(interfaces)})


def interface(*subnets: str) -> Answer:
    configurations = [{"properties": {"subnet": {"id": each}}} for each in subnets]
    return Answer(200, {"id": f"{NIC}/a", "name": "a", "location": "westeurope", "properties": {"ipConfigurations": configurations}})


@pytest.mark.parametrize(
    ("first", "then", "network"),
    [
        (connected({"id": f"{NIC}/a"}), [interface(f"{NETWORK}/subnets/one", f"{NETWORK}/subnets/two")], NETWORK),
        (
            connected({"id": f"{NIC}/b"}, {"id": f"{NIC}/a", "properties": {"primary": True}}),
            [interface(f"{NETWORK}/subnets/one")],
            NETWORK,
        ),
        (connected({"id": f"{NIC}/a"}, {"id": f"{NIC}/b"}), [], None),  # which of them asks for names is not known
        (connected({"id": f"{NIC}/a"}), [Answer(403, {"error": {"code": "AuthorizationFailed", "message": "No."}})], None),
        (connected({"id": f"{NIC}/a"}), [Answer(404, {"error": {"code": "ResourceNotFound", "message": "No."}})], None),
        (connected({"id": f"{NIC}/a"}), [interface(f"{NETWORK}/subnets/one", f"{NETWORK}-2/subnets/one")], None),
    ],
)
def test_the_result_names_the_network_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, first: Answer, then: list[Answer], network: str | None
) -> None:
    found, wire = probed(monkeypatch, first, *then, ACCEPTED, OVER, output(line(0)))
    assert found["virtual_network_id"] == found["results"][0]["virtual_network_id"] == network
    assert [each for each in wire.reported if "networkInterfaces" in each] == [f"GET {NIC}/a"] * len(then)
