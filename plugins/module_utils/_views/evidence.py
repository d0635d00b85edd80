# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was read about the private path to a vault, as values: its gates, endpoints, zones and networks."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document

Dns = t.Literal["zone_group", "a_record", "policy", "none"]
AZURE_DNS = "168.63.129.16"


@dataclasses.dataclass(frozen=True)
class Gates:
    """The two gates of a vault's public access, and whom the second one lets through."""

    public_network_access: str = "Enabled"
    default_action: str = "Allow"
    bypass: str = "AzureServices"
    ip_rules: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()

    @property
    def by_perimeter(self) -> bool:
        """Return whether a network security perimeter decides, which is stricter than Disabled."""
        return self.public_network_access.casefold() == "securedbyperimeter"

    @property
    def closed(self) -> bool:
        """Return whether the vault has no public access; that overrides the firewall."""
        return self.by_perimeter or self.public_network_access.casefold() == "disabled"

    @property
    def denies(self) -> bool:
        """Return whether the firewall denies whom no rule names."""
        return self.default_action.casefold() == "deny"


@dataclasses.dataclass(frozen=True)
class Path:
    """One private endpoint of the vault, from both sides. error: why its own side cannot be read."""

    endpoint_id: str
    vault_state: str | None = None
    vault_provisioning: str | None = None
    exists: bool = True
    error: str | None = None
    endpoint_state: str | None = None
    endpoint_provisioning: str | None = None
    leads_to: str | None = None
    addresses: tuple[str, ...] = ()
    group_zone_ids: tuple[str, ...] | None = None
    group_error: str | None = None

    @property
    def label(self) -> str:
        """Return how messages call the endpoint."""
        return f"private endpoint '{self.endpoint_id.rpartition('/')[2]}'"

    @property
    def ids(self) -> tuple[str, ...]:
        """Return what is named as the resource at fault."""
        return (self.endpoint_id,)


@dataclasses.dataclass(frozen=True)
class Link:
    """A link between a zone and a virtual network."""

    network_id: str
    state: str | None
    provisioning: str | None


@dataclasses.dataclass(frozen=True)
class Zone:
    """A private DNS zone with the vault's record and its links. error: why it cannot be read. addresses: None without the record."""

    id: str
    exists: bool = True
    error: str | None = None
    addresses: tuple[str, ...] | None = None
    links: tuple[Link, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the zone."""
        return self.id.rstrip("/").rpartition("/")[2]


@dataclasses.dataclass(frozen=True)
class Shadow:
    """A zone that a network is linked to and that answers for the vault's name, or its alias, without the address of its endpoint.

    error: why its records cannot be read, so that it may answer so.
    """

    zone_id: str
    network_id: str
    link_id: str
    error: str | None = None


@dataclasses.dataclass(frozen=True)
class Network:
    """A virtual network whose machines use the vault. error: why it cannot be read."""

    id: str
    exists: bool = True
    error: str | None = None
    dns_servers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the network."""
        return self.id.rstrip("/").rpartition("/")[2]

    @property
    def asks_azure(self) -> bool | None:
        """Return whether the network's machines ask Azure's DNS alone; None where that is not known."""
        return None if self.error else all(server == AZURE_DNS for server in self.dns_servers)


@dataclasses.dataclass(frozen=True)
class Evidence:
    """All that was read. gates: None where there is no such vault. others: addresses of the vault's other approved endpoints.

    shadows: other zones of the networks that hide the vault's record, as far as these were looked for.
    proof: the registered result of a probe, None where none was requested.
    """

    vault_id: str
    host: str
    vault_zone: str
    dns: Dns
    gates: Gates | None
    paths: tuple[Path, ...] = ()
    zones: tuple[Zone, ...] = ()
    networks: tuple[Network, ...] = ()
    others: tuple[str, ...] = ()
    shadows: tuple[Shadow, ...] = ()
    zone_id: str | None = None
    proof: Document | None = None

    @property
    def record(self) -> str:
        """Return the name of the vault's record."""
        return self.vault_id.rstrip("/").rpartition("/")[2].casefold()

    @property
    def addresses(self) -> list[str]:
        """Return the addresses of the endpoints that have to work."""
        return list(dict.fromkeys(address for path in self.paths for address in path.addresses))

    @property
    def foreign_addresses(self) -> list[str]:
        """Return what the record holds in addition to addresses of approved endpoints of this vault, as far as these are known."""
        if not self.paths or not all(path.addresses for path in self.paths):
            return []
        own = {*self.addresses, *self.others}
        return list(dict.fromkeys(address for zone in self.zones for address in zone.addresses or () if address not in own))


def named(zone_id: str, name: str) -> bool:
    """Return whether an id is that of a zone of this name."""
    return zone_id.rstrip("/").rpartition("/")[2].casefold() == name.casefold()
