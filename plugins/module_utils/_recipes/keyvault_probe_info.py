# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a probe to the questions that this host asks, about one vault or many."""

from __future__ import annotations

import typing as t

from .._azure import clouds
from .._azure.clock import Clock
from .._dns_servers import require_package
from .._documents.compare import Document
from .._documents.ids import NETWORK
from .._options import Spec
from .._probe import THIS_HOST, probe
from .._probes import Asking, Target, probe_all, summary
from .._values import host_name, ipv4, resource_id
from .probe_targets import targets

OPTIONS: Spec = {
    "host": {"type": "str"},
    "private_ip_addresses": {"type": "list", "elements": "str"},
    "vaults": {"type": "list", "elements": "raw"},
    "dns_servers": {"type": "list", "elements": "str"},
    "virtual_network_id": {"type": "str"},
    "wait": {"type": "bool", "default": False},
}
RULES: t.Mapping[str, t.Any] = {
    "mutually_exclusive": [("host", "vaults"), ("private_ip_addresses", "vaults")],
    "required_one_of": [("host", "vaults")],
}


def read(params: t.Mapping[str, t.Any], clock: Clock) -> Document:
    """Try the way from this host."""
    servers = tuple(dict.fromkeys(ipv4(item, "dns_servers") for item in params.get("dns_servers") or []))
    if servers:
        require_package()
    asking = Asking(servers)
    named = params.get("virtual_network_id")
    network = {"virtual_network_id": str(resource_id(named, "virtual_network_id", NETWORK))} if named else {}
    if params.get("vaults") is not None:
        results = [{**each, **network} for each in probe_all(targets(params["vaults"], _cloud(params)), clock, asking, wait=params["wait"])]
        return {**summary(results, THIS_HOST), "results": results, **network}
    host = host_name(params["host"], "host")
    target = Target(host, host, tuple(ipv4(item, "private_ip_addresses") for item in params["private_ip_addresses"] or []))
    if servers:
        (result,) = probe_all([target], clock, asking, wait=params["wait"])
        return {**{key: value for key, value in result.items() if key not in ("vault", "host")}, **network}
    return {"id": target.id, **probe(host, target.expected, clock, wait=params["wait"]), **network}


def _cloud(params: t.Mapping[str, t.Any]) -> clouds.Cloud | None:
    """Return the cloud that gives names of vaults their suffix; a host asks nobody what the suffix of another one is."""
    named = params.get("cloud_environment")
    return clouds.by_name(named) if named else clouds.DEFAULT
