# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clouds of Azure in one table: where to ask, for which audience, and how private link names its zones."""

from __future__ import annotations

import dataclasses
import typing as t

from .compare import at


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
    def scope(self) -> str:
        """Return the OAuth scope of a token for Azure Resource Manager."""
        return self.audience.rstrip("/") + "/.default"


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


def metadata_url(url: str) -> str:
    """Return the metadata address for what a user may give: an ARM address, or a whole metadata address."""
    if "/metadata/endpoints" in url:
        return url if "api-version=" in url else f"{url}?api-version={METADATA_VERSION}"
    return f"{url.rstrip('/')}{METADATA_PATH}?api-version={METADATA_VERSION}"


def from_metadata(answer: t.Any, url: str) -> Cloud | None:
    """Return the cloud that ARM's metadata describes (one object, or a list of them), or None where it does not.

    Source: GET /metadata/endpoints, api-versions 2019-05-01 (list) and 2022-09-01 (object).
    """
    clouds = answer if isinstance(answer, list) else [answer]
    host = url.partition("://")[2].partition("/")[0].casefold()
    described = [item for item in clouds if isinstance(item, dict) and at(item, "authentication.loginEndpoint")]
    chosen = next((item for item in described if host in str(item.get("resourceManager", "")).casefold()), described[0] if described else None)
    if chosen is None:
        return None
    authentication = chosen["authentication"]
    suffixes = chosen.get("suffixes") or {}
    manager = str(chosen.get("resourceManager") or f"{url.partition('://')[0]}://{host}").rstrip("/")
    audiences = authentication.get("audiences") or [manager]
    return Cloud(
        str(chosen.get("name") or host),
        manager,
        str(authentication.get("loginEndpoint", "")).rstrip("/"),
        str(audiences[0]),
        str(suffixes.get("keyVaultDns") or DEFAULT.vault_suffix).lstrip("."),
        str(suffixes.get("mhsmDns") or DEFAULT.hsm_suffix).lstrip("."),
        well_known=any(known.resource_manager == manager for known in _TABLE),
    )
