# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many vaults in one task: how they are named, how many are asked at a time, and what is returned for each."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clouds import DEFAULT
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._probe import NETWORK_INFO, Answer
from ansible_collections.privatelink.azure.plugins.module_utils._probes import AT_ONCE, Asking, Target, probe_all, summary
from ansible_collections.privatelink.azure.plugins.module_utils._recipes import keyvault_probe_info
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.probe_targets import targets
from ansible_collections.privatelink.azure.plugins.module_utils._views.proof import proof_fault

INFO = "conn_type=PrivateLink;addr=10.1.0.9;"
HEALTHY: tuple[int, dict[str, str]] = (200, {NETWORK_INFO: INFO})
ID = "/subscriptions/a0000000-0000-4000-8000-0000000000aa/resourceGroups/pay/providers/Microsoft.KeyVault"


def looked_up(host: str) -> Answer:
    """Each vault has its number's address; what is called public- has a public one."""
    return Answer(("52.1.2.3",) if host.startswith("public") else ("10.1.0.4",), ("x.privatelink.vaultcore.azure.net",))


def asking(**keywords: t.Any) -> Asking:
    return Asking(**{"lookup": looked_up, "contact": lambda *_: HEALTHY, **keywords})


def test_vaults_are_named_in_every_way() -> None:
    found = targets(
        [
            "Payments-Vault",
            "https://ledger.vault.azure.net/",
            f"{ID}/vaults/shop",
            f"{ID}/managedHSMs/safe",
            {"vault": "till", "private_ip_addresses": ["10.1.0.4"]},
            {"vault": "desk.vault.usgovcloudapi.net", "private_ip_addresses": "10.1.0.5, 10.1.0.6"},
            "payments-vault",
        ],
        DEFAULT,
    )
    assert [(target.host, target.expected) for target in found] == [
        ("payments-vault.vault.azure.net", ()),
        ("ledger.vault.azure.net", ()),
        ("shop.vault.azure.net", ()),
        ("safe.managedhsm.azure.net", ()),
        ("till.vault.azure.net", ("10.1.0.4",)),
        ("desk.vault.usgovcloudapi.net", ("10.1.0.5", "10.1.0.6")),
    ]


@pytest.mark.parametrize(
    "value",
    [
        [],
        ["a b"],
        ["x"],
        ["name; rm -rf"],
        ["https://vault.azure.net/$(id)"],
        [7],
        [{"host": "a"}],
        [{"vault": "pay", "private_ip_addresses": ["ten"]}],
        [{"vault": "pay", "private_ip_addresses": 7}],
        [{"vault": "pay", "port": 1}],
        ["pay-vault", {"vault": "pay-vault", "private_ip_addresses": ["10.1.0.4"]}],
        [f"{ID}/vaults"],
        [f"{ID}/vaults/shop".replace("KeyVault/vaults", "Network/virtualNetworks")],
    ],
)
def test_what_names_no_vault_is_refused(value: list[t.Any]) -> None:
    with pytest.raises(OptionError, match="vaults"):
        targets(value, DEFAULT)


def test_a_cloud_of_unknown_suffix_needs_host_names() -> None:
    assert targets(["pay.vault.local.example"], None)[0].host == "pay.vault.local.example"
    for named in ("pay-vault", f"{ID}/vaults/pay"):
        with pytest.raises(OptionError, match="host name"):
            targets([named], None)


def test_each_vault_has_its_result() -> None:
    vaults = [Target(name, f"{name}.vault.azure.net") for name in ("pay", "public-one", "till")]
    results = probe_all(vaults, Clock(5), asking(), wait=False)
    assert [(each["vault"], each["proven"], each["code"]) for each in results] == [
        ("pay", True, None),
        ("public-one", False, "ZoneNotSeen"),
        ("till", True, None),
    ]
    assert results[0]["id"] == "https://pay.vault.azure.net/healthstatus" and "dns_servers" not in results[0]
    said = summary(results, "this host")
    assert (said["proven"], said["code"]) == (False, "ZoneNotSeen")
    assert said["msg"].startswith("1 of 3 vaults are not proven to be private from this host (public-one): ")
    assert summary(results[:1], "this host")["proven"] is True


def test_no_more_than_some_are_asked_at_a_time() -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def slow(host: str) -> Answer:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1
        return looked_up(host)

    vaults = [Target(f"v{number}", f"v{number}.vault.azure.net") for number in range(60)]
    results = probe_all(vaults, Clock(30), asking(lookup=slow), wait=False)
    assert [each["vault"] for each in results] == [target.named for target in vaults] and all(each["proven"] for each in results)
    assert 1 < most[0] <= AT_ONCE


def test_the_time_is_for_all_of_them() -> None:
    clock = Clock(0.1)
    vaults = [Target(f"v{number}", f"v{number}.vault.azure.net") for number in range(100)]
    begun = time.monotonic()
    results = probe_all(vaults, clock, asking(lookup=lambda _host: threading.Event().wait(1) or looked_up("")), wait=True)
    assert time.monotonic() - begun < 5
    assert {each["code"] for each in results} >= {"NotProbed"} and not any(each["proven"] for each in results)


def test_waiting_asks_only_for_what_is_left() -> None:
    asked: list[str] = []
    now = [0.0]

    def lookup(host: str) -> Answer:
        asked.append(host)
        return looked_up("public" if asked.count(host) < 3 and host.startswith("late") else host)

    clock = Clock(30, lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))
    results = probe_all([Target("a", "a.x.y"), Target("late", "late.x.y")], clock, asking(lookup=lookup), wait=True)
    assert all(each["proven"] for each in results) and asked.count("a.x.y") == 1 and asked.count("late.x.y") == 3


def test_a_server_that_leads_elsewhere_takes_the_proof_away() -> None:
    def question(host: str, server: str, _seconds: float) -> Answer:
        return looked_up("public" if server == "10.0.0.5" else host)

    (result,) = probe_all(
        [Target("pay", "pay.vault.azure.net")], Clock(5), asking(servers=("10.0.0.4", "10.0.0.5"), question=question), wait=False
    )
    assert [(each["server"], each["private"], each["code"]) for each in result["dns_servers"]] == [
        ("10.0.0.4", True, None),
        ("10.0.0.5", False, "ZoneNotSeen"),
    ]
    assert result["proven"] is False and result["code"] == "ZoneNotSeen" and "DNS server 10.0.0.5" in result["msg"]
    assert result["ip_addresses"] == ["10.1.0.4"] and result["network_info"] == INFO


def test_a_probe_of_many_proves_each_of_them() -> None:
    results = probe_all([Target(name, f"{name}.vault.azure.net") for name in ("pay", "public")], Clock(5), asking(), wait=False)
    many = {**summary(results, "this host"), "results": results}
    assert proof_fault(many, "PAY.vault.azure.net", ["10.1.0.4"]) is None
    for proof, host, addresses in (
        (many, "pay.vault.azure.net", ["10.1.0.9"]),
        (many, "public.vault.azure.net", ["52.1.2.3"]),
        (many, "till.vault.azure.net", ["10.1.0.4"]),
        ({**many, "failed": True}, "pay.vault.azure.net", ["10.1.0.4"]),
        ({"results": [many, {"skipped": True}]}, "pay.vault.azure.net", ["10.1.0.4"]),
        ({**many, "results": []}, "pay.vault.azure.net", ["10.1.0.4"]),
    ):
        assert proof_fault(proof, host, addresses), (proof, host)
    assert proof_fault({"results": [many, many]}, "pay.vault.azure.net", ["10.1.0.4"]) is None


def test_one_vault_stays_as_it_was() -> None:
    given = {"host": "no-such-vault.invalid", "private_ip_addresses": None, "wait": False}
    found = keyvault_probe_info.read(given, Clock(5))
    assert set(found) == {"id", "proven", "code", "msg", "hint", "ip_addresses", "aliases", "network_info"}
    with_server = keyvault_probe_info.read({**given, "dns_servers": ["127.0.0.1"]}, Clock(0.5))
    assert set(with_server) == {*found, "dns_servers"} and with_server["dns_servers"][0]["private"] is False


NETWORK = "/subscriptions/a0000000-0000-4000-8000-0000000000aa/resourceGroups/pay/providers/Microsoft.Network/virtualNetworks/net"


@pytest.mark.parametrize("vaults", [None, ["no-such-vault.invalid"]])
def test_a_result_names_the_network_of_its_host(vaults: list[str] | None) -> None:
    host = None if vaults else "no-such-vault.invalid"
    given = {"host": host, "vaults": vaults, "private_ip_addresses": None, "wait": False, "virtual_network_id": f"{NETWORK}/"}
    found = keyvault_probe_info.read(given, Clock(5))
    assert {each["virtual_network_id"] for each in (found, *found.get("results", []))} == {NETWORK}
    with pytest.raises(OptionError, match="virtualNetworks"):
        keyvault_probe_info.read({**given, "virtual_network_id": f"{NETWORK}/subnets/one"}, Clock(5))
