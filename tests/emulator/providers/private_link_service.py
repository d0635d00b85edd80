# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private link services: someone's own service that endpoints lead to by id or by alias (recorded: test_network_private_endpoints)."""

from __future__ import annotations

import uuid

from emulator.core import Emulator
from emulator.errors import Json, network_error, network_not_found
from emulator.operations import Operation, effect
from emulator.providers import endpoint_parts, lro
from emulator.providers.common import check_network_name, collection, listed, location_of, new_etag, normalized, tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Network/privateLinkServices"
SENT = ("visibility", "autoApproval", "enableProxyProtocol", "destinationIPAddress")


def _put(call: Call) -> Reply:
    name, existing, location = (
        check_network_name(call, "privateLinkServices"),
        call.emulator.store.get(call.id),
        normalized(location_of(call)),
    )
    sent, before = call.properties(), existing.properties if existing else {}
    fronts = sent.get("loadBalancerFrontendIpConfigurations") or []
    if bool(fronts) == bool(sent.get("destinationIPAddress")):
        raise network_error(
            400,
            "EitherOneLoadBalancerFrontendIpConfigurationOrDestinationIPAddressRequiredOnPrivateLinkService",
            f"Private Link Service {name} requires either one LoadBalancerFrontendIpConfiguration "
            "if PLS with LB based scenario or DestinationIPAddress if PLS "
            "UDR and NSG scenario.",
        )
    properties: Json = {
        "provisioningState": "Updating",
        "resourceGuid": before.get("resourceGuid", str(uuid.uuid4())),
        "fqdns": sent.get("fqdns") or [],
    }
    properties["alias"] = before.get("alias", f"{name}.{uuid.uuid4()}.{location}.azure.privatelinkservice")
    properties |= {key: sent[key] for key in SENT if sent.get(key) is not None}
    properties.setdefault("enableProxyProtocol", False)
    properties["loadBalancerFrontendIpConfigurations"] = [
        {"id": str(each["id"]).replace("/frontendIpConfigurations/", "/frontendIPConfigurations/")} for each in fronts
    ]
    properties["ipConfigurations"] = [_ip_configuration(call.id, each) for each in sent.get("ipConfigurations") or []]
    nic = f"{call.id.rsplit('/', 2)[0]}/networkInterfaces/{name}.nic.{uuid.uuid4()}"
    properties["networkInterfaces"] = before.get("networkInterfaces", [{"id": nic}])
    document: Json = {
        "name": name,
        "id": call.id,
        "etag": new_etag(),
        "type": TYPE,
        "location": location,
        **tags_of(call.document()),
        "properties": properties,
    }
    if call.document().get("extendedLocation"):
        document["extendedLocation"] = call.document()["extendedLocation"]
    record = call.emulator.store.put(call.id, document)
    operation = lro.begin_network(call, record.id, "network.provisioned", "network.put", location)
    return lro.network_put(call, operation, _rendered(call, record), created=existing is None)


def _ip_configuration(service: str, sent: Json) -> Json:
    properties = {
        "provisioningState": "Succeeded",
        "privateIPAllocationMethod": "Dynamic",
        "primary": True,
        "privateIPAddressVersion": "IPv4",
        **(sent.get("properties") or {}),
    }
    name = sent.get("name", "")
    return {"name": name, "id": f"{service}/ipConfigurations/{name}", "type": f"{TYPE}/ipConfigurations", "properties": properties}


def _rendered(call: Call, record: Record) -> Json:
    etag = record.document["etag"]
    connections = call.emulator.store.children(f"{record.id}/privateEndpointConnections")
    properties = {**record.properties, "privateEndpointConnections": [_shown(call, each, etag) for each in connections]}
    properties["ipConfigurations"] = [{**each, "etag": etag} for each in record.properties["ipConfigurations"]]
    return {**record.document, "properties": properties}


def _service(call: Call) -> Record:
    service = f"/subscriptions/{call.subscription}/resourceGroups/{call.group}/providers/{TYPE}/{call.parameters['service']}"
    record = call.emulator.store.get(service)
    if record is None:
        raise network_not_found(service)
    return record


def _get(call: Call) -> Reply:
    record = _service(call)
    return Reply(200, _rendered(call, record), {"ETag": record.document["etag"]})


def _list(call: Call) -> Reply:
    records = collection(call, TYPE)
    return listed(call, records, lambda record: _rendered(call, record))


def _delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)
    if call.emulator.store.children(f"{record.id}/privateEndpointConnections"):
        raise network_error(
            400,
            "PrivateLinkServiceWithPrivateEndpointConnectionsCannotBeDeleted",
            f"Private link service {record.id} has private endpoint connections and cannot be deleted.",
        )
    operation = lro.begin_network(call, record.id, "network.deleted", "network.delete", record.document["location"])
    return lro.network_delete(call, operation)


def _connection(call: Call) -> Record:
    connection = f"{_service(call).id}/privateEndpointConnections/{call.parameters['connection']}"
    record = call.emulator.store.get(connection)
    if record is None:
        raise network_not_found(connection)
    return record


def _shown(call: Call, record: Record, etag: str, state: str = "") -> Json:
    properties = {**record.properties, **({"provisioningState": state} if state else {})}
    if call.api_version < "2022-09-01":
        properties.pop("privateEndpointLocation", None)
    return {**record.document, "etag": etag, "properties": properties}


def _connection_get(call: Call) -> Reply:
    etag = _service(call).document["etag"]
    return Reply(200, _shown(call, _connection(call), etag), {"ETag": etag})


def _connections(call: Call) -> Reply:
    service = _service(call)
    records = call.emulator.store.children(f"{service.id}/privateEndpointConnections")
    return listed(call, records, lambda record: _shown(call, record, service.document["etag"]))


def _connection_put(call: Call) -> Reply:
    """The endpoint sees the new state within the same second (recorded: NPE#37)."""
    record, service = _connection(call), _service(call)
    sent = call.properties().get("privateLinkServiceConnectionState") or {}
    state = record.properties["privateLinkServiceConnectionState"]
    record.properties["privateLinkServiceConnectionState"] = {**state, **{key: value for key, value in sent.items() if value is not None}}
    service.document["etag"] = new_etag()
    endpoint = call.emulator.store.get(record.hidden.get("endpoint"))
    if endpoint:
        endpoint_parts.refresh(call.emulator, endpoint)
    operation = lro.begin_network(call, service.id, "network.provisioned", "network.put", service.document["location"])
    return lro.network_put(call, operation, _shown(call, record, service.document["etag"], "Updating"), created=False)


def _connection_delete(call: Call) -> Reply:
    record = call.emulator.store.get(call.id)
    if record is None:
        return Reply(204)
    operation = lro.begin_network(call, record.id, "service.disconnected", "network.delete", _service(call).document["location"])
    return lro.network_delete(call, operation)


@effect("service.disconnected")
def _disconnected(emulator: Emulator, operation: Operation) -> Json | None:
    record = emulator.store.get(operation.target)
    if record:
        endpoint_parts.disconnect(emulator, record, target_gone=False)
    return None


_S = "/subscriptions/{subscription}"
_N = f"{_S}/resourceGroups/{{group}}/providers/{TYPE}"
_ONE = _N + "/{service}"
_C = _ONE + "/privateEndpointConnections"

ROUTES = [
    route("GET", f"{_S}/providers/{TYPE}", _list),
    route("GET", _N, _list),
    route("PUT", _ONE, _put),
    route("GET", _ONE, _get),
    route("DELETE", _ONE, _delete),
    route("GET", _C, _connections),
    route("GET", _C + "/{connection}", _connection_get),
    route("PUT", _C + "/{connection}", _connection_put),
    route("DELETE", _C + "/{connection}", _connection_delete),
]
