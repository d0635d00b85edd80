# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes that azure.azcollection 3.21.0 is proven to make with private vaults: where each is
tested here, and the tests that were still missing.

tests/clients/test_azcollection_defects.py shows some of them on the emulator, made by azure.azcollection itself.
"""

from __future__ import annotations

import ast
import copy
import pathlib

import pytest
import yaml

from integration.emulation import Emulation, Json
from integration.landscape import ENDPOINT, GROUP, SUBNET, Landscape
from integration.running import Controller, task

TESTS = pathlib.Path(__file__).resolve().parents[1]

# Mistake: where it is tested, as a Python test or as a task of a playbook.
MISTAKES: dict[str, tuple[str, ...]] = {
    # 1
    "nothing lists, approves, rejects or removes the connections of a vault": (
        "integration/modules/endpoint_connection_approval.yml::Verify what was approved",
        "integration/modules/endpoint_connection_approval.yml::Verify what was rejected",
        "integration/modules/endpoint_connection_approval.yml::Verify what was removed",
        "integration/modules/keyvault_private_endpoint_info.yml::Verify what was seen of the second",
    ),
    "what approves has no check mode": ("integration/modules/endpoint_connection_approval.yml::Check create",),
    # 2
    "of an endpoint nothing but tags is compared": (
        "integration/test_errors.py::test_every_drift_of_an_endpoint_is_noticed",
        "integration/test_errors.py::test_security_groups_of_an_endpoint_are_changed_in_place",
        "integration/test_peer_mistakes.py::test_another_group_of_a_target_is_noticed",
        "integration/test_drift.py::test_drift_is_repaired_in_place",
    ),
    "an endpoint that failed or was rejected is ok": (
        "integration/test_errors.py::test_failed_endpoint_is_not_ok_but_written_anew",
        "integration/test_errors.py::test_endpoint_without_a_connection_is_not_ok",
    ),
    "a change of an endpoint's tags sends it without subnet, connections, address, interface, groups": (
        "integration/test_errors.py::test_tags_of_an_endpoint_change_without_losing_the_rest",
        "integration/test_peer_mistakes.py::test_tags_change_and_nothing_else",
    ),
    "a manual request cannot carry a message": ("integration/modules/keyvault_private_endpoint.yml::Verify what was requested",),
    # 3
    "a 403 on approval or removal is told as a change": (
        "integration/test_errors.py::test_failure_carries_code_status_request_resource_and_hint",
    ),
    "a connection without actionsRequired is a crash": ("integration/test_errors.py::test_connection_without_actions_required_is_told",),
    # 4
    "firewall rules are changed permanently, and never taken away": (
        "integration/modules/keyvault.yml::Change again",
        "integration/modules/keyvault.yml::Verify what was closed",
        "integration/test_peer_mistakes.py::test_nothing_is_changed_for_ever",
    ),
    "a change of a vault's tags sends it without firewall and access policies": (
        "integration/modules/keyvault.yml::Verify what was kept",
        "integration/test_peer_mistakes.py::test_tags_change_and_nothing_else",
    ),
    "a region in other letters is changed permanently": (
        "integration/modules/keyvault.yml::Create again: the name and the region in other letters",
    ),
    "another sku is not noticed": ("integration/modules/keyvault.yml::Verify what was changed",),
    "purge protection that nobody mentions is written as false": (
        "integration/modules/keyvault.yml::Verify what was kept",
        "integration/modules/keyvault.yml::Refuse what Azure cannot undo",
    ),
    "the name of a deleted vault is refused without a next step": (
        "integration/modules/keyvault.yml::Verify what was refused",
        "integration/test_errors.py::test_deleted_vault_is_told_although_nobody_may_look_for_it",
    ),
    "the result is an id, and nothing in check mode": ("integration/modules/keyvault.yml::Verify what was created",),
    # 5
    "a 403 is an empty list": ("integration/test_peer_mistakes.py::test_what_may_not_be_listed_is_not_empty",),
    # 6
    "policies of a subnet flip back, gateway and route table are detached when they are left out": (
        "integration/modules/subnet.yml::Change again: what is left out stays as it is",
        "integration/modules/subnet.yml::Verify what was kept",
        "integration/test_peer_mistakes.py::test_tags_change_and_nothing_else",
    ),
    "a subnet with a service endpoint policy crashes": ("integration/modules/subnet.yml::Verify what was kept",),
    "ids in other letters are changed permanently": ("integration/test_errors.py::test_order_and_letters_mean_nothing",),
    "properties of a newer Azure are not sent back": (
        "unit/plugins/module_utils/resources/test_bodies.py::test_a_body_is_what_was_read_but_what_azure_alone_writes",
    ),
    # 7
    "tags of a zone are erased": ("integration/modules/private_dns_zone.yml::Verify what was kept",),
    "another network of a link is not noticed": ("integration/modules/private_dns_zone_link.yml::Verify what was refused",),
    "registration of a link is switched off when it is left out": ("integration/modules/private_dns_zone_link.yml::Verify what was kept",),
    "the order of a zone group's zones is a change": ("integration/test_errors.py::test_order_and_letters_mean_nothing",),
    "a tag without a value is changed permanently": ("integration/test_peer_mistakes.py::test_nothing_is_changed_for_ever",),
    "tags of a record set are taken and ignored": ("integration/test_peer_mistakes.py::test_a_record_set_takes_no_tags",),
    # 8
    "absent fails where a parent is gone": ("integration/test_errors.py::test_absent_is_quiet_wherever_a_parent_is_gone",),
    # 9
    "a provider cannot be registered, and registers itself never or permanently": (
        "integration/modules/resource_provider.yml::Verify what was registered",
        "integration/test_errors.py::test_failure_carries_code_status_request_resource_and_hint",
        "integration/test_limits.py::test_provider_that_is_not_registered",
    ),
    # 10
    "there is no diff, and check mode knows no outcome": (
        "integration/test_modules.py::test_check_mode_plans_and_writes_nothing",
        "integration/test_rollout.py::test_rehearsal_shows_exactly_what_drifted",
    ),
    "check mode passes where the real run fails": ("integration/test_errors.py::test_check_mode_fails_where_the_real_run_would",),
    # 11
    "every task imports the SDK again": (
        "integration/test_direct_execution.py::test_a_process_starts_only_where_one_is_asked_for",
        "integration/test_credentials.py::test_a_loop_signs_in_once",
    ),
    "present looks at everything in the group": ("integration/test_peer_mistakes.py::test_what_is_there_already_is_read_once",),
    # 12
    "an operation without Retry-After is asked every 30 seconds": (
        "unit/plugins/module_utils/azure/test_arm.py::test_an_operation_is_polled_where_and_when_the_server_says",
        "unit/plugins/module_utils/azure/test_arm.py::test_a_pause_that_nobody_can_read_is_ours",
    ),
    "locks and throttles fail at once": (
        "integration/test_concurrency.py::test_lock_is_waited_out",
        "integration/test_concurrency.py::test_throttle_is_obeyed_as_azure_asks",
    ),
    "writers undo one another": ("integration/test_concurrency.py::test_network_changed_meanwhile_is_not_overwritten",),
    # 13
    "the cloud of the task is ignored beside credentials of the environment": (
        "integration/test_credentials.py::test_options_win_over_the_environment",
    ),
    "cloud and subscription of the environment are ignored beside credentials of the task": (
        "integration/test_credentials.py::test_a_field_that_the_task_leaves_out_comes_from_the_environment",
    ),
    # 14
    "cert_validation_mode does nothing": ("integration/test_credentials.py::test_untrusted_certificate_is_told_and_can_be_ignored",),
    "variables are read under other names than documented, or not": (
        "integration/test_credentials.py::test_both_spellings_of_the_environment",
        "unit/plugins/module_utils/azure/test_auth.py::test_names_that_users_know",
    ),
    "AZURE_DISABLE_INSTANCE_DISCOVERY=false means true": ("unit/plugins/module_utils/azure/test_credentials.py::test_authorities",),
    # 15
    "failures carry no code, status, request or hint": (
        "integration/test_errors.py::test_failure_carries_code_status_request_resource_and_hint",
    ),
    "approving twice writes twice": ("integration/test_errors.py::test_pending_is_no_failure_and_approving_twice_is_one_write",),
}


def _names(file: pathlib.Path) -> set[str]:
    """Return the tests of a Python file, or the tasks of a playbook."""
    if file.suffix == ".yml":
        return {each["name"] for play in yaml.safe_load(file.read_text(encoding="utf-8")) for each in play["tasks"]}
    return {node.name for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.replace(" ", "-"))
def test_every_mistake_has_its_tests(mistake: str) -> None:
    assert [where for where in MISTAKES[mistake] if where.partition("::")[2] not in _names(TESTS / where.partition("::")[0])] == []


@pytest.fixture
def azure(landscape: Landscape) -> Emulation:
    return landscape.use().emulation


def _put(azure: Emulation, resource_type: str, name: str, **more: object) -> str:
    """Have a resource that no module here makes; return its id."""
    found = azure.id(GROUP, resource_type, name)
    azure.control("PUT", "resource", {"id": found, "name": name, "type": resource_type, "location": "westeurope", **more}, id=found)
    return found


def _lasting(document: Json) -> Json:
    """
    Return a document without its tags, and without ETags and empty lists at every depth: Azure shows some lists only when they were sent.
    """

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key not in ("etag", "systemData") and item != []}
        return [plain(item) for item in value] if isinstance(value, list) else value

    kept = plain(document)
    assert isinstance(kept, dict)
    return {key: item for key, item in kept.items() if key != "tags"}


@pytest.mark.long
def test_tags_change_and_nothing_else(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Every resource with all that may hang on it; only its tags are requested."""
    network = "Microsoft.Network"
    clients = _put(azure, f"{network}/applicationSecurityGroups", "clients")
    hanging: Json = {
        "networkSecurityGroup": {"id": _put(azure, f"{network}/networkSecurityGroups", "rules")},
        "routeTable": {"id": _put(azure, f"{network}/routeTables", "routes")},
        "natGateway": {"id": azure.id(GROUP, f"{network}/natGateways", "gateway")},
        "serviceEndpointPolicies": [{"id": azure.id(GROUP, f"{network}/serviceEndpointPolicies", "policy")}],
        "serviceEndpoints": [{"service": "Microsoft.KeyVault", "locations": ["*"], "provisioningState": "Succeeded"}],
    }
    full = {
        "vault_id": landscape.vault,
        "subnet_id": landscape.others,
        "private_ip_address": "10.1.1.40",
        "network_interface_name": "full-nic",
    }
    request = {
        "manual_request": True,
        "request_message": "Needed.",
        "connection_name": "asked",
        "application_security_group_ids": [clients],
    }
    controller.tasks(
        task("keyvault_private_endpoint", "endpoint", resource_group=GROUP, name="full", **full, **request),
        task("keyvault", "vault", resource_group=GROUP, name="shop-vault", network_acls={"ip_rules": ["203.0.113.7"]}),
        task(
            "private_dns_zone_link",
            "link",
            resource_group=GROUP,
            name="net",
            virtual_network_id=landscape.network,
            registration_enabled=True,
        ),
    ).succeeded()
    azure.overlay(landscape.others, {"properties": hanging})
    azure.overlay(
        landscape.vault,
        {
            "properties": {
                "accessPolicies": [
                    {"tenantId": azure.facts["tenant"], "objectId": azure.facts["client_id"], "permissions": {"keys": ["get"]}}
                ]
            }
        },
    )
    ids = {
        "endpoint": azure.id(GROUP, ENDPOINT, "full"),
        "network": landscape.network,
        "vault": landscape.vault,
        "link": f"{landscape.zone}/virtualNetworkLinks/net",
        "zone": landscape.zone,
    }
    before = {name: copy.deepcopy(azure.resource(each)) for name, each in ids.items()}
    subnets = {name: azure.resource(azure.id(GROUP, SUBNET, "shop-net", name)) for name in ("endpoints", "others")}
    tags: Json = {"resource_group": GROUP, "tags": {"owner": "shop"}}
    run = controller.tasks(
        task("keyvault_private_endpoint", "endpoint", name="full", **tags),
        task("virtual_network", "network", name="shop-net", **tags),
        task("keyvault", "vault", name="shop-vault", **tags),
        task("private_dns_zone_link", "link", name="net", **tags),
        task("private_dns_zone", "zone", **tags),
    ).succeeded()
    for name, each in ids.items():
        assert run.task(name).changed and len(run.task(name).writes) == 1, run.task(name).shown
        after = azure.resource(each)
        assert after["tags"] == {"owner": "shop"}
        assert _lasting(after) == _lasting(before[name])
    for name, current in subnets.items():
        assert _lasting(azure.resource(azure.id(GROUP, SUBNET, "shop-net", name))) == _lasting(current)


@pytest.mark.long
def test_another_group_of_a_target_is_noticed(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    account = _put(azure, "Microsoft.Storage/storageAccounts", "shopfiles", kind="StorageV2", sku={"name": "Standard_LRS"}, properties={})
    blobs = {"resource_group": GROUP, "name": "blobs", "target_id": account, "subnet_id": landscape.others}
    run = controller.tasks(
        task("private_endpoint", "blob", **blobs, group_ids=["blob"]),
        task("private_endpoint", "file", **blobs, group_ids=["file"], keywords={"ignore_errors": True}),
    )
    done = run.task("file")
    assert run.task("blob").changed and done.failed and done["code"] == "CannotChangeInPlace", done.shown
    assert "group_ids is ['blob'], requested ['file']" in done["msg"] and not done.writes


def test_nothing_is_changed_for_ever(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    """Values that Azure keeps in another form, and values that are false, each asked for twice."""
    tenant = azure.facts["tenant"]
    rules: Json = {"ip_rules": ["203.0.113.7", "198.51.100.0/24"]}
    twice: dict[str, tuple[str, Json]] = {
        "tag without a value": ("private_dns_zone", {"tags": {"empty": ""}}),
        "tag in other letters": ("virtual_network", {"name": "shop-net", "tags": {"owner": "", "Stage": "test"}}),
        "vault": (
            "keyvault",
            {"name": "shop-vault", "location": "West Europe", "vault_tenant": tenant, "network_acls": rules, "sku": "premium"},
        ),
        "subnet": ("subnet", {"virtual_network_name": "shop-net", "name": "others", "service_endpoints": ["Microsoft.KeyVault"]}),
    }
    other: dict[str, Json] = {
        "tag in other letters": {"name": "shop-net", "tags": {"OWNER": "", "stage": "test"}},
        "vault": {
            **twice["vault"][1],
            "location": "westeurope",
            "vault_tenant": tenant.upper(),
            "network_acls": {"ip_rules": ["198.51.100.0/24", "203.0.113.7/32"]},
        },
    }
    run = controller.tasks(
        *(task(module, name, resource_group=GROUP, **options) for name, (module, options) in twice.items()),
        *(task(module, f"{name} again", resource_group=GROUP, **other.get(name, options)) for name, (module, options) in twice.items()),
    ).succeeded()
    assert run.changed == list(twice)
    assert azure.resource(landscape.zone)["tags"] == {"empty": ""}


@pytest.mark.long
@pytest.mark.parametrize("refused", ["privateEndpoints", "vaults", "networkInterfaces", "A"])
def test_what_may_not_be_listed_is_not_empty(refused: str, controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    azure.fault("GET", f"/{refused}$", count=0, status=403, code="AuthorizationFailed", message="No.")
    done = controller.tasks(task("private_link_orphans_info", "list", zone_resource_group=GROUP, keywords={"ignore_errors": True})).task(
        "list"
    )
    assert done.failed and (done["code"], done["status"]) == ("AuthorizationFailed", 403), done.shown


@pytest.mark.long
def test_a_record_set_takes_no_tags(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    options = {"resource_group": GROUP, "name": "tagged", "ipv4_addresses": ["10.1.0.4"], "tags": {"a": "b"}}
    done = controller.tasks(task("private_dns_a_record", "tag", **options, keywords={"ignore_errors": True})).task("tag")
    assert done.failed and "tags" in done["msg"] and not done.writes, done.shown


def test_what_is_there_already_is_read_once(controller: Controller, landscape: Landscape, azure: Emulation) -> None:
    group = {"resource_group": GROUP}
    run = controller.tasks(
        task("resource_group", "group", name=GROUP, location="westeurope"),
        task("keyvault", "vault", **group, name="shop-vault", location="westeurope"),
        task("virtual_network", "network", **group, name="shop-net"),
        task("subnet", "subnet", **group, virtual_network_name="shop-net", name="endpoints"),
        task("private_dns_zone", "zone", **group),
    ).succeeded()
    for done in run.tasks:
        requested = [request["method"] for request in done.requests if request["path"].startswith("/subscriptions/")]
        assert (requested, done.changed) == (["GET"], False), f"{done.name}: {requested}"
