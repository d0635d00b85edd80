# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clouds of Azure in one table: where to ask, for which audience, and how private link names its zones."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from .._documents.compare import at


@dataclasses.dataclass(frozen=True)
class Cloud:
    """One cloud. vault_suffix and hsm_suffix are DNS suffixes without a leading dot (source: az cloud show)."""

    name: str
    resource_manager: str
    login: str
    audience: str
    vault_suffix: str
    hsm_suffix: str
    well_known: bool = True

    @property
    def vault_zone(self) -> str:
        """Return the private DNS zone of key vaults: vault.azure.net is served by privatelink.vaultcore.azure.net."""
        return "privatelink.vaultcore." + self.vault_suffix.partition(".")[2]

    @property
    def hsm_zone(self) -> str:
        """Return the private DNS zone of managed HSMs."""
        return "privatelink." + self.hsm_suffix

    @property
    def vault_domains(self) -> tuple[str, ...]:
        """Return the domains in which vaults and managed HSMs have their names, the public one and the one behind it."""
        return (self.vault_suffix, self.vault_zone.removeprefix("privatelink."), self.hsm_suffix)

    @property
    def scope(self) -> str:
        """Return the OAuth scope of a token for Azure Resource Manager."""
        return self.audience.rstrip("/") + "/.default"

    def trusts(self, url: str) -> bool:
        """Return whether an address belongs to the cloud's Resource Manager, itself or a region's below it: only there tokens may go."""
        own, there = address(self.resource_manager), address(url)
        if own is None or there is None or own == there:
            return own is not None and own == there
        return not is_number(own.host) and there.host.endswith(f".{own.host}") and there.port in (443, own.port)


class Address(t.NamedTuple):
    """Where an https address leads: host in small letters, and port."""

    host: str
    port: int


# Stricter than any client's own reading of an address: nothing that two of them could read in two ways.
_ADDRESS = re.compile(r"https://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?(?=[/?]|\Z)", re.IGNORECASE)
_LAST_PORT = 65535


def address(url: str) -> Address | None:
    """Return host and port of an https address; None for anything else, an impossible port or an invalid IPv6 address."""
    found = _ADDRESS.match(url)
    if found is None or not 0 < int(found[2] or 443) <= _LAST_PORT:
        return None
    try:
        host = f"[{ipaddress.IPv6Address(found[1][1:-1])}]" if found[1].startswith("[") else found[1].casefold()
    except ValueError:
        return None
    return Address(host, int(found[2] or 443))


def is_number(host: str) -> bool:
    """Return whether a host is an IP address, which has no names below it."""
    return host.startswith("[") or host.replace(".", "").isdigit()


_TABLE = (
    Cloud(
        "AzureCloud",
        "https://management.azure.com",
        "https://login.microsoftonline.com",
        "https://management.core.windows.net/",
        "vault.azure.net",
        "managedhsm.azure.net",
    ),
    Cloud(
        "AzureUSGovernment",
        "https://management.usgovcloudapi.net",
        "https://login.microsoftonline.us",
        "https://management.core.usgovcloudapi.net/",
        "vault.usgovcloudapi.net",
        "managedhsm.usgovcloudapi.net",
    ),
    Cloud(
        "AzureChinaCloud",
        "https://management.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "https://management.core.chinacloudapi.cn/",
        "vault.azure.cn",
        "managedhsm.azure.cn",
    ),
)
NAMES = tuple(cloud.name for cloud in _TABLE)
DEFAULT = _TABLE[0]
METADATA_PATH = "/metadata/endpoints"
METADATA_VERSION = "2022-09-01"


def by_name(name: str) -> Cloud | None:
    """Return the cloud of that name, in any case, or None."""
    return next((cloud for cloud in _TABLE if cloud.name.casefold() == name.casefold()), None)


def is_known_authority(url: str) -> bool:
    """Return whether an https address is where one of the table's clouds signs in."""
    there = address(url)
    return there is not None and there in [address(cloud.login) for cloud in _TABLE]


def metadata_url(url: str) -> str:
    """Return the metadata address for what a user may give: an ARM address, or a whole metadata address."""
    if "/metadata/endpoints" in url:
        return url if "api-version=" in url else f"{url}?api-version={METADATA_VERSION}"
    return f"{url.rstrip('/')}{METADATA_PATH}?api-version={METADATA_VERSION}"


def from_metadata(answer: t.Any, url: str) -> Cloud:
    """Return the cloud that ARM's metadata describes (one object, or a list of them); ValueError
    says why it does not describe the asked one.

    Source: GET /metadata/endpoints, api-versions 2019-05-01 (list) and 2022-09-01 (object). Azure
    Stack Hub leaves out name, resourceManager and suffixes.
    """
    wanted = address(url)
    described = [item for item in (answer if isinstance(answer, list) else [answer]) if _text(item, "authentication.loginEndpoint")]
    if not described or wanted is None:
        raise ValueError("does not describe a cloud")
    own = f"https://{url.partition('://')[2].partition('/')[0].partition('?')[0]}"
    managers = [(_text(item, "resourceManager") or own).rstrip("/") for item in described]
    chosen = next((number for number, manager in enumerate(managers) if address(manager) == wanted), None)
    if chosen is None:
        raise ValueError(f"returns the address of a different Resource Manager ({managers[0][:200]})")
    cloud, manager = described[chosen], managers[chosen]
    audiences = at(cloud, "authentication.audiences") or [manager]
    suffixes = cloud.get("suffixes") or {}
    texts = [cloud.get("name") or wanted.host, *(audiences if isinstance(audiences, list) else [None])]
    dns = [at(suffixes, "keyVaultDns") or DEFAULT.vault_suffix, at(suffixes, "mhsmDns") or DEFAULT.hsm_suffix]
    if not isinstance(suffixes, dict) or not all(isinstance(text, str) for text in (*texts, *dns)):
        raise ValueError("does not describe a cloud")
    vault_suffix, hsm_suffix = (suffix.lstrip(".") for suffix in dns)
    login = str(cloud["authentication"]["loginEndpoint"]).rstrip("/")
    well_known = any(known.resource_manager == manager for known in _TABLE)
    return Cloud(texts[0], manager, login, texts[1], vault_suffix, hsm_suffix, well_known=well_known)


def _text(document: t.Any, path: str) -> str | None:
    found = at(document, path)
    return found if isinstance(found, str) and found else None


# Who signs in for Microsoft: its tokens work at Microsoft's own services, and at whatever an Entra tenant registered.
_ENTRA = (
    "chinacloudapi.cn",
    "ciamlogin.com",
    "microsoft.com",
    "microsoftonline.cn",
    "microsoftonline.com",
    "microsoftonline.de",
    "microsoftonline.us",
    "windows.net",
)


def may_take_tokens(cloud: Cloud, authority: str, on_platform: bool) -> bool:
    """Return whether a cloud that described itself may be given tokens for the audience that it named.

    What Entra ID issues must be of use to this cloud alone: a stranger that names Azure's audience would get a token that opens Azure.
    Azure Stack Hub's audiences are management.TENANT.onmicrosoft.com, and management.adfs.DOMAIN where it signs in by itself.
    authority: who issues the tokens. on_platform: the Azure CLI or the host's identity asks Entra ID, whatever authority says.
    """
    own, there = address(cloud.resource_manager), address(cloud.audience)
    if own is None or any(known.trusts(cloud.resource_manager) for known in _TABLE):
        return own is not None
    domain = own.host.removeprefix("management.") if own.host.startswith("management.") else own.host
    if there is not None and (there.host in (own.host, domain) or there.host.endswith(f".{domain}")):
        return True
    if there is not None and there.host.startswith("management.") and there.host.endswith(".onmicrosoft.com"):
        return True
    if there is not None and there.host.startswith("management.adfs."):
        return True
    if on_platform:
        return is_loopback(own.host)
    issuer = address(authority)
    return issuer is not None and not any(issuer.host == name or issuer.host.endswith(f".{name}") for name in _ENTRA)


def is_loopback(host: str) -> bool:
    """Return whether a host is this one: what is sent there does not leave it."""
    return host in ("localhost", "[::1]") or (host.startswith("127.") and is_number(host))


def resembles_vault_zone(name: str, cloud: Cloud) -> bool:
    """
    Return whether a zone's name is a private link zone's, or lies in a domain of vaults in any cloud:
    who writes such a one means a vault's zone.
    """
    folded = name.casefold()
    domains = {domain for known in (*_TABLE, cloud) for domain in known.vault_domains}
    return folded.startswith("privatelink.") or any(f".{folded}".endswith(f".{domain}") for domain in domains)
