# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vault's own door: what its two gates say to a caller of one side (documented texts); behind them are its secrets."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from emulator import tokens, vault_keys, vault_objects, vault_secrets
from emulator.core import Emulator
from emulator.dns import public_address
from emulator.errors import Json, read_json
from emulator.journal import Entry
from emulator.providers import log_analytics
from emulator.store import Record
from emulator.wire import Reply

SERVICE_VERSION = "1.9.2000.1"
HANDLERS = {**vault_secrets.HANDLERS, **vault_keys.HANDLERS}


def is_vault(emulator: Emulator, host: str) -> bool:
    return any(host.endswith("." + suffix) for suffix in emulator.cloud.suffixes())


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came to a vault's name."""

    host: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    data: bytes


def answer(emulator: Emulator, asked: Asked, network: str, entry: Entry) -> Reply:
    """An answer to a caller in a virtual network (``network``: its id) or on the internet (empty).

    ``x-emulator-address`` may name the caller's public address, for IP rules; with ``x-emulator-trusted-service`` the
    caller is one of Azure's own services, which the firewall lets by where its bypass is AzureServices.
    """
    emulator.settle()
    entry.provider = "vault"
    host, path, headers = asked.host, asked.path, asked.headers
    vault = _find(emulator, host)
    if vault is None:
        return Reply(404, {"error": {"code": "NotFound", "message": f"There is no vault '{host}'."}})
    address = _private_address(emulator, vault, network)
    seen = address or headers.get("x-emulator-address", "") or public_address("caller")
    if not _is_address(seen):
        return Reply(400, {"error": {"code": "BadRequest", "message": f"x-emulator-address: '{seen}' is no IP address."}})
    shared = {
        "x-ms-keyvault-region": str(vault.document["location"]),
        "x-ms-keyvault-service-version": SERVICE_VERSION,
        "x-ms-keyvault-network-info": f"conn_type={'PrivateLink' if address else 'Ipv4'};addr={seen};act_addr_fam=InterNetwork;",
    }
    if path.lower() == "/healthstatus":
        return Reply(200, None, shared)
    inner = None
    reply = _authentication(emulator, vault, headers)
    if reply is None:
        inner = _gates(emulator, vault, headers, network, seen, private=bool(address))
        reply = Reply(403, inner) if inner else _behind(emulator, vault, asked)
    told: Json = {"operation": log_analytics.operation_of(asked.method, path, reply.status), "uri": f"https://{asked.host}{path}"}
    told |= {"status": reply.status, "authorized": inner is None}
    log_analytics.record_call(emulator, vault, {**told, **_caller(emulator, vault, headers, network, seen, private=bool(address))})
    return Reply(reply.status, reply.body, {**shared, **reply.headers})


def _caller(emulator: Emulator, vault: Record, headers: Mapping[str, str], network: str, seen: str, *, private: bool) -> Json:
    """Who called and from where, as the audit log has it: by an endpoint, a service endpoint, as a trusted service, or public."""
    try:
        claims = _claims(emulator, headers)
    except tokens.TokenError:
        claims = {}
    rules = (vault.properties.get("networkAcls") or {}).get("virtualNetworkRules", [])
    subnet = next((str(each["id"]) for each in rules if network and str(each["id"]).lower().startswith(network.lower() + "/subnets/")), "")
    trusted = "" if private else headers.get("x-emulator-trusted-service", "")
    how = "PrivateEndpoint" if private else "TrustedService" if trusted else "Subnet" if subnet else "PublicIP"
    endpoint = _endpoint(emulator, vault, network) if private else None
    return {
        "address": seen,
        "claims": claims,
        "how": how,
        "trusted": trusted,
        "subnet": "" if private else subnet,
        "endpoint": endpoint.id if endpoint else "",
    }


def _behind(emulator: Emulator, vault: Record, asked: Asked) -> Reply:
    """What a caller is answered whom the doors let in."""
    try:
        body = read_json(asked.data) if asked.data.strip() else None
    except ValueError:
        return Reply(400, {"error": {"code": "BadParameter", "message": "The request body is no JSON."}})  # unrecorded: the text
    parts = [unquote(each) for each in asked.path.split("/") if each]
    claims = _claims(emulator, asked.headers)
    ask = vault_objects.Ask(emulator, vault, asked.method, parts, asked.query, body, claims, f"https://{asked.host}")
    return vault_objects.answer(ask, HANDLERS)


def _claims(emulator: Emulator, headers: Mapping[str, str]) -> Json:
    """Who the bearer of a token is; TokenError where it opens no vault."""
    audience = f"https://{emulator.cloud.vault}"
    return emulator.tokens.verify(tokens.bearer(headers.get("Authorization")) or "", (audience, f"{audience}/"))


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _find(emulator: Emulator, host: str) -> Record | None:
    for suffix, (kind, _unused, _ignored) in emulator.cloud.suffixes().items():
        if host.endswith("." + suffix):
            name = host[: -len(suffix) - 1]
            return next(iter(emulator.store.referring("name", kind, name)), None)
    return None


def _endpoint(emulator: Emulator, vault: Record, network: str) -> Record | None:
    """An approved endpoint in the caller's network."""
    for connection in emulator.store.children(f"{vault.id}/privateEndpointConnections") if network else ():
        endpoint = emulator.store.get(connection.hidden.get("endpoint"))
        approved = connection.properties["privateLinkServiceConnectionState"]["status"] == "Approved"
        if endpoint and approved and endpoint.properties["subnet"]["id"].lower().startswith(network.lower() + "/"):
            return endpoint
    return None


def _private_address(emulator: Emulator, vault: Record, network: str) -> str:
    """The address of an approved endpoint in the caller's network; empty if there is none."""
    endpoint = _endpoint(emulator, vault, network)
    nics = [emulator.store.get(each["id"]) for each in endpoint.properties["networkInterfaces"]] if endpoint else []
    return next((str(each["properties"]["privateIPAddress"]) for nic in nics if nic for each in nic.properties["ipConfigurations"]), "")


def _authentication(emulator: Emulator, vault: Record, headers: Mapping[str, str]) -> Reply | None:
    """401 with the challenge that clients learn the tenant from."""
    tenant = vault.properties["tenantId"]
    challenge = {
        "WWW-Authenticate": f'Bearer authorization="https://login.microsoftonline.com/{tenant}", resource="https://{emulator.cloud.vault}"'
    }
    token = tokens.bearer(headers.get("Authorization"))
    if token is None:
        return Reply(401, {"error": {"code": "Unauthorized", "message": "AKV10000: Request is missing a Bearer or PoP token."}}, challenge)
    try:
        claims = _claims(emulator, headers)
    except tokens.TokenError as problem:
        return Reply(401, {"error": {"code": "Unauthorized", "message": f"AKV10022: {problem}"}}, challenge)
    if claims["tid"] != tenant:
        message = f"AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{tenant}/, found {claims['iss']}."
        return Reply(401, {"error": {"code": "Unauthorized", "message": message}}, challenge)
    return None


def _gates(emulator: Emulator, vault: Record, headers: Mapping[str, str], network: str, seen: str, *, private: bool) -> Json | None:
    """ForbiddenByConnection while public access is off, ForbiddenByFirewall while the rules do not let the caller in."""
    acls = vault.properties.get("networkAcls") or {}
    access = str(vault.properties.get("publicNetworkAccess") or "Enabled").lower()
    bypass = str(acls.get("bypass", "AzureServices")).lower() == "azureservices"
    # No rule of a perimeter is served, so that one admits nobody, trusted services neither.
    trusted = "x-emulator-trusted-service" in headers and bypass and access != "securedbyperimeter"
    if private or trusted:
        return None
    claims = _claims(emulator, headers)
    caller = (
        "Caller: "
        f"appid={claims['appid']};oid={claims['oid']};iss={claims['iss']}\r\nVault: "
        f"{vault.name};location={vault.document['location']}"
    )
    if access != "enabled":
        message = (
            f"Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\n{caller}"
        )
        return _forbidden("ForbiddenByConnection", message)
    if str(acls.get("defaultAction", "Allow")).lower() == "allow" or _allowed(acls, network, seen):
        return None
    reason = "caller is not a trusted service" if acls.get("bypass") != "None" else "caller was ignored because bypass is set to None"
    return _forbidden("ForbiddenByFirewall", f"Client address is not authorized and {reason}.\r\nClient address: {seen}\r\n{caller}")


def _allowed(acls: Json, network: str, seen: str) -> bool:
    address = ipaddress.ip_address(seen)
    if any(address in ipaddress.ip_network(each["value"]) for each in acls.get("ipRules", [])):
        return True
    return bool(network) and any(
        str(each["id"]).lower().startswith(network.lower() + "/subnets/") for each in acls.get("virtualNetworkRules", [])
    )


def _forbidden(inner: str, message: str) -> Json:
    return {"error": {"code": "Forbidden", "message": message, "innererror": {"code": inner}}}
