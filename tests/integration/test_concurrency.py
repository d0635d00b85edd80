# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other writers at the same time, locks, throttles, and answers that get lost."""

from __future__ import annotations

import typing as t

import pytest

from integration.emulation import Emulation, Json
from integration.landscape import GROUP, NETWORK, ZONE_NAME, Landscape
from integration.running import Controller, Run, task

pytestmark = pytest.mark.long

RECORDS = r"/privateDnsZones/[^/]+/A/"


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def addresses(landscape: Landscape, name: str) -> list[str]:
    """Return the addresses that a record set holds, sorted."""
    document = landscape.emulation.resource(f"{landscape.zone}/A/{name}")
    return sorted(record["ipv4Address"] for record in document["properties"].get("aRecords", []))


def test_two_writers_of_record_sets_lose_no_address(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Each process adds, one after the other, nine addresses to each of three sets; the first writes of each set wait for each other."""
    names = ("one", "two", "three")
    for name in names:
        azure.fault("PUT", f"{RECORDS}{name}$", gather=2)
    writers = []
    for writer in (1, 2):
        items = [{"name": name, "address": f"10.1.{writer}.{number}"} for number in range(1, 10) for name in names]
        options = {"resource_group": GROUP, "name": "{{ item.name }}", "ipv4_addresses": ["{{ item.address }}"]}
        writers.append(
            [
                {
                    "name": "Add",
                    "hosts": "localhost",
                    "gather_facts": False,
                    "tasks": [task("private_dns_a_record", keywords={"loop": items}, **options)],
                }
            ]
        )
    started = [controller.start(plays) for plays in writers]
    runs = [each.wait() for each in started]
    for run in runs:
        run.succeeded()
        assert all(item["changed"] for item in run.task("private_dns_a_record")["results"])
    wanted = sorted(f"10.1.{writer}.{number}" for writer in (1, 2) for number in range(1, 10))
    for name in names:
        assert addresses(landscape, name) == wanted
    statuses = [request["status"] for request in azure.requests() if request["method"] == "PUT"]
    assert statuses.count(412) >= len(names), statuses


def test_another_writer_comes_between_reading_and_writing(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """The set is made by someone else while ours is on its way: both addresses are there in the end."""
    azure.fault(
        "PUT",
        RECORDS,
        status=412,
        body={"code": "PreconditionFailed", "message": "The Record set meet exists already and hence cannot be created again."},
    )
    run = controller.tasks(task("private_dns_a_record", "add", resource_group=GROUP, name="meet", ipv4_addresses=["10.1.0.9"])).succeeded()
    assert run.task("add").changed
    assert [request["status"] for request in run.task("add").writes] == [412, 201]
    assert addresses(landscape, "meet") == ["10.1.0.9"]


LOCKS: dict[str, Json] = {
    "another-operation": {
        "status": 429,
        "code": "AnotherOperationInProgress",
        "message": "Another operation on this or dependent resource is in progress.",
    },
    "retryable": {"status": 429, "code": "RetryableError", "message": "A retryable error occurred.", "headers": {"Retry-After": "0"}},
    "conflict": {"status": 409, "code": "ConflictError", "message": "Another operation is in progress on the selected vault."},
    "unavailable": {"status": 503},
    "gateway": {"status": 504},
    "reset": {"reset": True},
}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_waited_out(lock: str, controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    azure.fault("PUT", "/vaults/shop-vault$", **LOCKS[lock])
    options = {"resource_group": GROUP, "name": "shop-vault", "tags": {"lock": lock}}
    run = controller.tasks(task("keyvault", "write", **options), task("keyvault", "again", **options)).succeeded()
    assert run.task("write").changed and run.task("write")["keyvault"]["tags"] == {"lock": lock}
    assert len(run.task("write").writes) == 2
    assert not run.task("again").changed


def test_lock_inside_an_operation_that_answered_with_success(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    error = {
        "code": "RetryableError",
        "message": "A retryable error occurred.",
        "details": [{"code": "ReferencedResourceNotProvisioned", "message": "Not yet."}],
    }
    azure.fault("PUT", "/virtualNetworks/shop-net$", lro_error=error)
    run = controller.tasks(task("virtual_network", "write", resource_group=GROUP, name="shop-net", tags={"tried": "twice"})).succeeded()
    assert run.task("write").changed and len(run.task("write").writes) == 2
    assert azure.resource(landscape.network)["tags"] == {"tried": "twice"}


@pytest.mark.parametrize(("method", "path", "module", "options"), [
    (
        "PUT", "/virtualNetworks/new-net$", "virtual_network",
        {"name": "new-net", "location": "westeurope", "address_prefixes": ["10.7.0.0/16"]},
    ),
    ("PUT", f"{RECORDS}lost$", "private_dns_a_record", {"name": "lost", "ipv4_addresses": ["10.1.0.77"]}),
    ("DELETE", f"/privateDnsZones/{ZONE_NAME}$", "private_dns_zone", {"state": "absent"}),
])  # fmt: skip
def test_answer_that_got_lost_is_no_second_write(
    method: str, path: str, module: str, options: Json, controller: Controller, azure: Emulation
) -> None:
    """Azure did it, and nobody heard: the task still ends well, says that it changed something, and the next one is quiet."""
    azure.fault(method, path, lost=True)
    run = controller.tasks(
        task(module, "write", resource_group=GROUP, **options), task(module, "again", resource_group=GROUP, **options)
    ).succeeded()
    assert run.task("write").changed, run.task("write").shown
    assert not run.task("again").changed and not run.task("again").writes


def test_lock_that_outlasts_the_wait_is_told(controller: Controller, azure: Emulation) -> None:
    azure.fault(
        "PUT",
        "/vaults/shop-vault$",
        count=0,
        status=409,
        code="ConflictError",
        message="Another operation is in progress on the selected vault.",
    )
    options: dict[str, t.Any] = {"resource_group": GROUP, "name": "shop-vault", "tags": {"a": "b"}, "wait_timeout": 2}
    run: Run = controller.tasks(task("keyvault", "write", keywords={"ignore_errors": True}, **options))
    done = run.task("write")
    assert done.failed and not done.changed, done.shown
    assert "Another operation is in progress" in done["msg"] and "wait_timeout" in done["hint"], done.shown


def test_throttle_is_obeyed_as_azure_asks(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    azure.fault("GET", "/vaults/shop-vault$", status=429, headers={"Retry-After": "1"})
    run = controller.tasks(task("keyvault_private_endpoint_info", "look", resource_group=GROUP, vault_name="shop-vault")).succeeded()
    times = [request["time"] for request in run.task("look").requests if request["path"].endswith("/vaults/shop-vault")]
    assert len(times) == 2 and times[1] - times[0] >= 1


def test_network_changed_meanwhile_is_not_overwritten(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """A write of a network names the state that it was made from; where Azure refuses it, it is recreated."""
    azure.fault(
        "PUT",
        f"{NETWORK}/shop-net$".replace("Microsoft.Network", ""),
        status=412,
        code="PreconditionFailed",
        message="Precondition failed.",
    )
    run = controller.tasks(task("virtual_network", "write", resource_group=GROUP, name="shop-net", tags={"a": "b"})).succeeded()
    sent = [request["request_body"].get("etag") for request in run.task("write").writes]
    assert len(sent) == 2 and all(sent)
