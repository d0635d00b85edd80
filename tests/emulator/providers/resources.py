# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscriptions, tenants, resource groups, providers, the list of resources (wire facts 11)."""

from __future__ import annotations

import re

from emulator import filters, ids
from emulator.core import Emulator
from emulator.errors import ArmError, Json, group_not_found, not_served
from emulator.operations import FAILURES, Clock, Operation, effect
from emulator.providers import lro
from emulator.providers.common import LOCATIONS, displayed, listed, location_of, normalized, paged, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

GROUP_TYPE = "microsoft.resources/subscriptions/resourcegroups"
_GROUP_NAME = re.compile(r"^[-\w._()]{0,89}[-\w_()]$")
PROVIDERS = {
    "microsoft.network": (
        "Microsoft.Network",
        "virtualNetworks virtualNetworks/subnets networkInterfaces privateEndpoints "
        "privateEndpoints/privateDnsZoneGroups privateLinkServices privateDnsZones "
        "privateDnsZones/virtualNetworkLinks privateDnsZones/A networkSecurityGroups routeTables applicationSecurityGroups",
    ),
    "microsoft.keyvault": (
        "Microsoft.KeyVault",
        "vaults vaults/privateEndpointConnections managedHSMs deletedVaults "
        "deletedManagedHSMs locations locations/deletedVaults operations",
    ),
    "microsoft.resources": ("Microsoft.Resources", "subscriptions resourceGroups tenants providers resources deployments tags"),
    "microsoft.storage": ("Microsoft.Storage", "storageAccounts storageAccounts/privateEndpointConnections"),
    "microsoft.operationalinsights": ("Microsoft.OperationalInsights", "workspaces"),
    "microsoft.compute": ("Microsoft.Compute", "virtualMachines disks"),
    "microsoft.authorization": ("Microsoft.Authorization", "roleAssignments roleDefinitions locks"),
}


_OTHERS = """
    Advisor AlertsManagement ApiManagement App AppConfiguration Attestation Automation Batch Blueprint Cache Capacity Cdn ChangeAnalysis
    ClassicCompute ClassicInfrastructureMigrate ClassicNetwork ClassicStorage CloudShell CognitiveServices Communication
    ContainerInstance ContainerRegistry ContainerService CostManagement DataBricks DataFactory DataLakeStore DataProtection DBforMariaDB
    DBforMySQL DBforPostgreSQL DesktopVirtualization Devices DevTestLab DocumentDB EventGrid EventHub Features GuestConfiguration
    HDInsight HealthcareApis HybridCompute ImportExport Insights KubernetesConfiguration Kusto Logic MachineLearningServices Maintenance
    ManagedIdentity ManagedServices Management Maps Media Migrate MixedReality NetApp NotificationHubs
    OperationsManagement PolicyInsights Portal PowerBIDedicated Purview Quota RecoveryServices Relay ResourceGraph ResourceHealth Search
    Security SecurityInsights ServiceBus ServiceFabric SignalRService Solutions Sql SqlVirtualMachine StorageCache StorageSync
    StreamAnalytics Support Synapse VirtualMachineImages Web"""
OTHER_PROVIDERS = {f"microsoft.{each.lower()}": f"Microsoft.{each}" for each in _OTHERS.split()}
"""Providers that can be registered, and of which nothing is served."""


def _subscriptions(call: Call) -> Reply:
    mine = [each for each in call.emulator.subscriptions.values() if each["tenant"] == call.principal.tenant]
    seen = [each for each in mine if call.principal.may("Microsoft.Resources/subscriptions/read", f"/subscriptions/{each['id']}")]
    reply = paged(call, seen, _subscription_body)
    reply.body["count"] = {"type": "Total", "value": len(seen)}
    return reply


def _subscription(call: Call) -> Reply:
    return Reply(200, _subscription_body(call.emulator.subscriptions[call.subscription.lower()]))


def _subscription_body(entry: Json) -> Json:
    return {
        "id": f"/subscriptions/{entry['id']}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": entry["id"],
        "tenantId": entry["tenant"],
        "displayName": entry["name"],
        "state": "Enabled",
        "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
    }


def _tenants(call: Call) -> Reply:
    domain = call.emulator.tenants[call.principal.tenant]
    entry = {
        "id": f"/tenants/{call.principal.tenant}",
        "tenantId": call.principal.tenant,
        "countryCode": "DE",
        "displayName": "Emulator",
        "domains": [domain],
        "tenantCategory": "Home",
        "defaultDomain": domain,
        "tenantType": "AAD",
    }
    return Reply(200, {"value": [entry]})


def _locations(call: Call) -> Reply:
    """Every region; there are no edge zones that ``includeExtendedLocations`` could add."""
    prefix = f"/subscriptions/{call.subscription}/locations"
    shown = {each: displayed(each) for each in sorted(LOCATIONS)}
    named = [{"id": f"{prefix}/{each}", "name": each, "type": "Region", "displayName": name} for each, name in shown.items()]
    more = {"metadata": {"regionType": "Physical"}}
    return Reply(200, {"value": [{**each, "regionalDisplayName": each["displayName"], **more} for each in named]})


def _group_put(call: Call) -> Reply:
    body, name = call.document(), call.parameters["group"]
    if not _GROUP_NAME.match(name):
        raise ArmError(
            400,
            "InvalidResourceGroup",
            f"The provided resource group name '{name}' has these invalid characters or ends "
            "with a period. The name can only be a letter, digit, '-', "
            "'.', '(', "
            "')' or '_' and at most 90 characters long.",
        )
    location = normalized(location_of(call))
    existing = call.emulator.store.get(call.id)
    if existing and existing.state == "Deleting":
        raise _being_deleted(name)
    if existing and existing.document["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already "
            f"exists in location '{existing.document['location']}'.",
        )
    document: Json = {"id": call.id, "name": name, "type": "Microsoft.Resources/resourceGroups", "location": location}
    if existing:
        document |= {"id": existing.id, "name": existing.name}
    document |= {**({"managedBy": body["managedBy"]} if body.get("managedBy") else {}), **tags_of(body)}
    document["properties"] = {"provisioningState": "Succeeded"}
    call.emulator.store.put(call.id, document)
    return Reply(200 if existing else 201, _group_shown(call, document))


def _group_shown(call: Call, document: Json) -> Json:
    """A group as an api-version shows it (recorded: 2018-05-01 has no type)."""
    return {name: each for name, each in document.items() if name != "type" or call.api_version >= "2019-05-01"}


def _group_patch(call: Call) -> Reply:
    existing = _group(call)
    existing.document = {**existing.document, **tags_of(call.document())}
    return Reply(200, existing.document)


def _group(call: Call) -> Record:
    found = call.emulator.store.get(call.id)
    if found is None:
        raise group_not_found(call.parameters["group"])
    return found


def _group_get(call: Call) -> Reply:
    return Reply(200, _group_shown(call, _group(call).document))


def _group_head(call: Call) -> Reply:
    return Reply(204 if call.id in call.emulator.store else 404)


def _groups(call: Call) -> Reply:
    text = call.query.get("$filter", "")
    test = filters.parsed(text, frozenset({filters.TAG, "name", "location"})) if text.strip() else None
    found = call.emulator.store.collection(f"/subscriptions/{call.subscription}/resourceGroups")
    return listed(call, found, lambda record: record.document, keep=test and (lambda record: test(_facts(record))))


def _group_delete(call: Call) -> Reply:
    record = _group(call)
    record.properties["provisioningState"] = "Deleting"
    emulator = call.emulator
    token = lro.group_token(record.name, record.document["location"])
    seconds = emulator.settings.seconds("group.delete")
    operation = emulator.operations.begin(token, lro.GROUP, record.id, "group.delete", seconds=seconds)
    return Reply(202, None, lro.group_headers(call, operation))


@effect("group.delete")
def _delete_group(emulator: Emulator, operation: Operation) -> Json | None:
    """Everything in the group goes, endpoints first; vaults are deleted softly."""
    from emulator.providers import key_vault, private_endpoint

    scope = operation.target
    for record in emulator.store.below(scope):
        parsed = ids.parse(record.id)
        if parsed and parsed.type == "microsoft.network/privateendpoints":
            private_endpoint.remove(emulator, record)
    for record in emulator.store.below(scope):
        parsed = ids.parse(record.id)
        if parsed and parsed.type == "microsoft.keyvault/vaults":
            key_vault.soft_delete(emulator, record)
    emulator.store.delete(scope)
    return None


def _being_deleted(name: str) -> ArmError:
    return ArmError(
        409, "ResourceGroupBeingDeleted", f"The resource group '{name}' is in deprovisioning state and cannot perform this operation."
    )


def _providers(call: Call) -> Reply:
    return paged(call, [*PROVIDERS, *OTHER_PROVIDERS], lambda namespace: _provider_body(call, namespace))


def _provider(call: Call) -> Reply:
    return Reply(200, _provider_body(call, _known(call)))


def _known(call: Call) -> str:
    namespace = call.parameters["namespace"].lower()
    if namespace not in PROVIDERS and namespace not in OTHER_PROVIDERS:
        raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{call.parameters['namespace']}' is invalid.")
    return namespace


def _provider_body(call: Call, namespace: str) -> Json:
    name, kinds = PROVIDERS.get(namespace) or (OTHER_PROVIDERS[namespace], "")
    state = call.emulator.subscriptions[call.subscription.lower()]["providers"].get(namespace, "NotRegistered")
    return {
        "id": f"/subscriptions/{call.subscription}/providers/{name}",
        "namespace": name,
        "resourceTypes": [
            {"resourceType": kind, "locations": _places(kind), "apiVersions": ["2024-06-01"], "capabilities": "None"}
            for kind in kinds.split()
        ],
        "registrationState": state,
        "registrationPolicy": "RegistrationFree" if name in ("Microsoft.Resources", "Microsoft.Authorization") else "RegistrationRequired",
    }


def _places(kind: str) -> list[str]:
    """Where resources of a type can be."""
    return ["global"] if kind.startswith("privateDnsZones") else [displayed(each) for each in sorted(LOCATIONS)]


def _registration(call: Call, now: str, then: str) -> Reply:
    namespace = _known(call)
    providers = call.emulator.subscriptions[call.subscription.lower()]["providers"]
    if providers.get(namespace) != then:
        providers[namespace] = now
        arguments = {"subscription": call.subscription.lower(), "namespace": namespace, "state": then}
        seconds = call.emulator.settings.seconds("provider.register")
        target = f"/subscriptions/{call.subscription}/providers/{namespace}"
        call.emulator.operations.begin(lro.new_token(), "change", target, "provider.state", arguments, seconds=seconds)
    return Reply(200, _provider_body(call, namespace))


def _register(call: Call) -> Reply:
    return _registration(call, "Registering", "Registered")


def _unregister(call: Call) -> Reply:
    return _registration(call, "Unregistering", "Unregistered")


@effect("provider.state")
def _provider_state(emulator: Emulator, operation: Operation) -> Json | None:
    requested = operation.arguments
    emulator.subscriptions[requested["subscription"]]["providers"][requested["namespace"]] = requested["state"]
    return None


def _provider_failed(emulator: Emulator, operation: Operation) -> None:
    """A registration that fails is over all the same. unrecorded: the state from before it comes back."""
    requested = operation.arguments
    before = "NotRegistered" if requested["state"] == "Registered" else "Registered"
    emulator.subscriptions[requested["subscription"]]["providers"][requested["namespace"]] = before


FAILURES["provider.state"] = _provider_failed
_FACTS = frozenset({"resourcetype", "name", "resourcegroup", "location", filters.TAG})
_EXPANDED = frozenset({"createdTime", "changedTime", "provisioningState"})


def _resources(call: Call) -> Reply:
    """All resources of a subscription or group, in ARM's short form."""
    scope = call.route.fill(call.parameters).removesuffix("/resources")
    text, expanded = call.query.get("$filter", ""), [each for each in call.query.get("$expand", "").split(",") if each]
    for each in expanded:
        if each not in _EXPANDED:
            raise not_served(f"'{each}' in $expand")
    test = filters.parsed(text, _FACTS) if text.strip() else None
    found = call.emulator.store.top_level(scope)
    return listed(call, found, lambda record: _short(record, expanded), keep=test and (lambda record: test(_facts(record))))


def _facts(record: Record) -> Json:
    parsed = ids.parse(record.id)
    return {
        "resourcetype": parsed.type if parsed else "",
        "name": record.name.lower(),
        "resourcegroup": parsed.group.lower() if parsed else "",
        "location": normalized(record.document.get("location")),
        filters.TAG: filters.tags(record.document),
    }


def _short(record: Record, expanded: list[str]) -> Json:
    """A resource as a list shows it, and what was asked for beside. A write that changes a record in place leaves changedTime as it was."""
    more = {
        "createdTime": Clock.written(record.created, digits=7),
        "changedTime": Clock.written(record.changed, digits=7),
        "provisioningState": record.state or None,
    }
    shown: Json = {name: record.document[name] for name in ("id", "name", "type", "location", "tags") if name in record.document}
    return {**shown, **{name: value for name, value in more.items() if name in expanded and value}}


_S = "/subscriptions/{subscription}"
_G = _S + "/resourceGroups/{group}"
_P = _S + "/providers/{namespace}"

ROUTES = [
    route("GET", "/subscriptions", _subscriptions, ""),
    route("GET", "/tenants", _tenants, ""),
    route("GET", _S, _subscription),
    route("GET", f"{_S}/locations", _locations, query=("includeextendedlocations",)),
    route("GET", f"{_S}/resourceGroups", _groups, "Microsoft.Resources/subscriptions/resourceGroups/read", ("$filter",)),
    route("GET", f"{_S}/resources", _resources, "Microsoft.Resources/subscriptions/resources/read", ("$filter", "$expand")),
    route("GET", f"{_G}/resources", _resources, "Microsoft.Resources/subscriptions/resourceGroups/resources/read", ("$filter", "$expand")),
    route("PUT", _G, _group_put),
    route("PATCH", _G, _group_patch),
    route("GET", _G, _group_get),
    route("HEAD", _G, _group_head),
    route("DELETE", _G, _group_delete, query=("forcedeletiontypes",)),  # of machines, of which there are none
    route("GET", f"{_S}/providers", _providers, "Microsoft.Resources/subscriptions/providers/read"),
    route("GET", _P, _provider, "Microsoft.Resources/subscriptions/providers/read"),
    route("POST", f"{_P}/register", _register, "Microsoft.Resources/subscriptions/providers/register/action"),
    route("POST", f"{_P}/unregister", _unregister, "Microsoft.Resources/subscriptions/providers/unregister/action"),
]
