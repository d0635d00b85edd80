# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What checks and probes mean together: a vault is private only if all of them say so."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.privatelink.azure.plugins.filter.validation import FilterModule, validation_summary
from ansible_collections.privatelink.azure.plugins.module_utils._views.validation import validated

IDS = {name: f"/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/{name}" for name in ("pay", "till")}
MACHINE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/app"


def vault(name: str, *verdicts: tuple[str, str, str, str]) -> dict[str, t.Any]:
    """A checked vault; verdicts: check, status, severity, message."""
    keys = ("check", "status", "severity", "message")
    passed = {"check": "zone_exists", "status": "passed", "severity": "error", "message": ""}
    return {"id": IDS[name], "name": name, "verdicts": [passed, *(dict(zip(keys, each, strict=True)) for each in verdicts)]}


def probed(name: str, proven: bool = True, **more: t.Any) -> dict[str, t.Any]:
    msg = f"'{name}' is wrong." if not proven else "fine."
    return {
        "id": f"https://{name}.vault.azure.net/healthstatus",
        "proven": proven,
        "msg": msg,
        "ip_addresses": ["10.1.0.4"],
        "network_info": None,
        **more,
    }


def item(where: str, *results: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    return {"ansible_loop_var": "__validation_host", "__validation_host": where, "results": list(results), **more}


def test_all_is_well() -> None:
    found = validated(
        [vault("pay"), vault("till")],
        [item("app1", probed("pay"), probed("TILL")), item(MACHINE, probed("pay"), probed("till"))],
        [item("laptop", probed("pay", False), probed("till", False))],
    )
    assert found["passed"] and found["private"] == 2 and not found["failed"] and not found["unfinished"]
    assert found["vaults"][0]["inside"] == [{"from": "app1", "private": True}, {"from": "app", "private": True}]
    assert found["vaults"][0]["outside"] == [{"from": "laptop", "kept_out": True}] and not found["vaults"][0]["problems"]


@pytest.mark.parametrize(
    ("said", "verdicts", "inside", "outside"),
    [
        ("the gate is open", [("public_network_access", "failed", "error", "the gate is open")], [], []),
        ("no rights", [("zone_linked", "unknown", "error", "no rights")], [], []),
        ("From app1: 'pay' is wrong.", [], [item("app1", probed("pay", False))], []),
        ("app1 returned nothing about the vault.", [], [item("app1", probed("till"))], []),
        ("From laptop, which should be outside", [], [], [item("laptop", probed("pay"))]),
        (
            "over its private endpoint (10.1.0.4)",
            [],
            [],
            [item("laptop", probed("pay", False, network_info="conn_type=PrivateLink;addr=10.1.0.9;"))],
        ),
        ("laptop returned nothing about the vault.", [], [], [item("laptop", probed("till"))]),
    ],
)
def test_each_problem_is_named_once(said: str, verdicts: t.Any, inside: t.Any, outside: t.Any) -> None:
    found = validated([vault("pay", *verdicts)], inside, outside)
    (problem,) = found["vaults"][0]["problems"]
    assert said in problem and not found["passed"] and found["failed"] == [IDS["pay"]]


def test_what_may_hurt_later_is_no_problem_and_a_probe_speaks_for_itself() -> None:
    verdicts = (("purge_protection", "failed", "warning", "off"), ("probe", "failed", "error", "said twice"))
    found = validated([vault("pay", *verdicts)], [item("app1", probed("pay", False))], [])
    assert found["vaults"][0]["warnings"] == ["off"] and found["vaults"][0]["problems"] == ["From app1: 'pay' is wrong."]


@pytest.mark.parametrize(
    "unfinished",
    [
        {"unreachable": True, "msg": "no route"},
        {"failed": True, "msg": "no Python"},
        {"skipped": True},
        {"msg": "Virtual machine 'app' was not found", "failed_when_result": False},
    ],
)
def test_a_probe_that_did_not_finish_is_no_success(unfinished: dict[str, t.Any]) -> None:
    one = {"ansible_loop_var": "__validation_vm", "__validation_vm": MACHINE, **unfinished}
    for inside, outside in (([one], []), ([], [one])):
        found = validated([vault("pay")], inside, outside)
        assert not found["passed"] and not found["failed"]
        assert found["unfinished"][0].startswith("app could not probe (")


def test_a_script_that_check_mode_did_not_run_says_nothing() -> None:
    found = validated([vault("pay")], [item(MACHINE, code="NotProbed", proven=False)], [])
    assert found["passed"] and not found["vaults"][0]["inside"]


ODD = (
    None,
    7,
    True,
    "vaults",
    [],
    [1],
    {},
    {"vaults": None},
    {"vaults": {}},
    {"vaults": [{}]},
    {"vaults": [{"id": 1, "name": 2, "verdicts": [3]}]},
)


@pytest.mark.parametrize("value", ODD)
def test_the_filter_refuses_what_is_no_result(value: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="the input is no result of keyvault_private_link_check; register") as caught:
        validation_summary(value)
    assert "Error:" not in str(caught.value) and "object has no" not in str(caught.value)


@pytest.mark.parametrize("name", ["inside", "outside"])
@pytest.mark.parametrize("items", [None, 7, "app", {}, ["app"], [{"results": [1]}], [{"results": [{"proven": True}]}]])
def test_the_filter_refuses_what_are_no_probes(name: str, items: t.Any) -> None:
    assert FilterModule().filters()["validation_summary"]({"vaults": []})["passed"] is True
    with pytest.raises(AnsibleFilterError, match=f"{name} is no list of results of keyvault_probe_info"):
        validation_summary({"vaults": []}, **{name: items})
