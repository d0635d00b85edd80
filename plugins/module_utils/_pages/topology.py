# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drawing of an audit's vaults: zones, networks with subnets and endpoints, and vaults, as boxes and lines in pixels.

Nothing here is markup: the template writes the SVG. Up to LARGEST vaults each has a box; more are grouped by subnet.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._views.audit import PRIVATE, STATES, WARNING
from . import words
from .topology_estate import Connected, Network, Subnet, Topology, Zone

LARGEST = 50  # vaults
WIDTH = 1060
_ZONE_X, _ZONE_WIDTH, _ZONE_HEIGHT = 10, 262, 66
_TRUNK_X, _TRUNK_GAP = 288, 9  # where the links of the first zone run down, and how far that of the next zone is
_NETWORK_X, _NETWORK_WIDTH = 370, 310
_VAULT_X, _VAULT_WIDTH, _VAULT_HEIGHT = 780, 270, 30
_TOP, _GAP, _HEAD, _ROW = 34, 18, 30, 38
_CHARACTER = 6.9  # pixels of a character of 12 px, on average and a little more
_NAMED, _NETWORKS, _SUBNETS, _ZONES = 6, 20, 8, 6  # how many are drawn at most: vaults of a group that need attention, and so on
_HEALTHY = 4  # how many networks and subnets without a finding are drawn at most beside those that need attention


@dataclasses.dataclass(frozen=True)
class Text:
    """A line of text. role: strong, plain or small. target: the anchor that it leads to. state: whose mark stands before it."""

    x: float
    y: float
    words: str
    role: str = "plain"
    target: str | None = None
    state: str | None = None


@dataclasses.dataclass(frozen=True)
class Box:
    """A resource, or several. role: zone, network, subnet, endpoint, vault, group or more. name: all of it, which a pointer shows."""

    x: float
    y: float
    width: float
    height: float
    role: str
    state: str
    name: str
    texts: tuple[Text, ...]


@dataclasses.dataclass(frozen=True)
class Line:
    """A connection or link, as the path of an SVG, with the words in its middle where it is not as it should be."""

    path: str
    role: str
    state: str
    name: str
    x: float = 0.0
    y: float = 0.0
    words: str = ""


@dataclasses.dataclass
class Drawing:
    """All of it; lines are below boxes."""

    height: float
    boxes: list[Box] = dataclasses.field(default_factory=list)
    lines: list[Line] = dataclasses.field(default_factory=list)
    heads: list[Text] = dataclasses.field(default_factory=list)
    grouped: bool = False
    width: float = WIDTH


def drawing_of(audit: Document) -> Drawing:
    """Return the drawing of an audit."""
    topology = Topology(audit)
    grouped = len(audit["vaults"]) > LARGEST
    sketch = _Sketch(topology, grouped)
    sketch.draw()
    return sketch.drawing


class _Sketch:
    """The drawing while it is made, from the top down."""

    def __init__(self, topology: Topology, grouped: bool) -> None:
        self.drawing = Drawing(0, grouped=grouped)
        self._topology = topology
        self._y: float = _TOP
        self._middles: dict[str, float] = {}  # of a network's head, by its id in lower case
        self._vaults: dict[str, float] = {}  # of a vault's box, by its id in lower case

    def draw(self) -> None:
        """Draw everything."""
        heads = ((_ZONE_X, "Private DNS zones"), (_NETWORK_X, "Networks, subnets, private endpoints"), (_VAULT_X, "Key vaults"))
        self.drawing.heads += [Text(x, 18, text, "head") for x, text in heads]
        networks = self._topology.networks
        drawn = _drawn(networks, _NETWORKS) if self.drawing.grouped else len(networks)
        for network in networks[:drawn]:
            self._network(network)
        self._more_networks(networks[drawn:])
        self._lonely()
        self._zones()
        self.drawing.height = self._y + 6

    def _network(self, network: Network) -> None:
        top, inner = self._y, self._y + _HEAD
        self._middles[network.key] = top + _HEAD / 2
        shown = network.subnets[: _drawn(network.subnets, _SUBNETS)] if self.drawing.grouped else network.subnets
        place = len(self.drawing.boxes)
        for subnet in shown:
            inner = self._group(subnet, inner) if self.drawing.grouped else self._subnet(subnet, inner)
        left = network.subnets[len(shown) :]
        if left:
            inner = self._group(Subnet.of_several(left), inner)
        text = Text(_NETWORK_X + 10, top + 20, _fitted(network.name, _NETWORK_WIDTH), "strong", state=_marked(network.own_state))
        box = Box(_NETWORK_X, top, _NETWORK_WIDTH, inner - top + 4, "network", network.own_state, network.title, (text,))
        self.drawing.boxes.insert(place, box)
        self._y = inner + 4 + _GAP

    def _subnet(self, subnet: Subnet, top: float) -> float:
        """Draw a subnet with a row for each endpoint, and the vault of each at its right; return where it ends."""
        head = Text(
            _NETWORK_X + 18, top + 16, _fitted(f"subnet {subnet.name}", _NETWORK_WIDTH - 20), "small", state=_marked(subnet.own_state)
        )
        height = 24 + _ROW * len(subnet.endpoints)
        place = (_NETWORK_X + 8, top, _NETWORK_WIDTH - 16, height)
        self.drawing.boxes.append(Box(*place, "subnet", subnet.own_state, subnet.title, (head,)))
        for number, each in enumerate(subnet.endpoints):
            self._endpoint(each, top + 22 + _ROW * number)
        return top + height + 6

    def _endpoint(self, each: Connected, top: float) -> None:
        x, width = _NETWORK_X + 16, _NETWORK_WIDTH - 32
        address = ", ".join(each.endpoint["private_ip_addresses"]) or "no address"
        texts = (
            Text(x + 8, top + 14, _fitted(str(each.endpoint["name"] or "private endpoint"), width), "plain", state=_marked(each.state)),
            Text(x + 8, top + 28, _fitted(f"{address} · {words.dns_in_short(each.endpoint)}", width + 30), "small"),
        )
        self.drawing.boxes.append(Box(x, top, width, _ROW - 5, "endpoint", each.state, str(each.endpoint["id"]), texts))
        middle = top + (_ROW - 5) / 2
        end = self._vault(each.vault, middle)
        said = words.connection(each.endpoint)
        label = words.connection_in_short(each.endpoint)
        path, at_x, at_y = _curve(x + width, middle, _VAULT_X, end)
        self.drawing.lines.append(Line(path, "connection", each.connection, f"Connection: {said.words}", at_x, at_y, label))

    def _vault(self, vault: Document, middle: float) -> float:
        """Draw a vault where it is not drawn yet; return its middle."""
        key = str(vault["id"]).casefold()
        if key in self._vaults:
            return self._vaults[key]
        self._vaults[key] = middle
        top = middle - _VAULT_HEIGHT / 2
        open_to_all = words.gates(vault)[0] == "Open"
        suffix = " · public" if open_to_all else ""
        text = _fitted(str(vault["name"]), _VAULT_WIDTH - (60 if open_to_all else 10)) + suffix
        line = Text(_VAULT_X + 10, top + 20, text, "strong", self._topology.anchors[key], vault["state"])
        title = f"{vault['name']}: {words.STATE_WORDS[vault['state']]}"
        self.drawing.boxes.append(Box(_VAULT_X, top, _VAULT_WIDTH, _VAULT_HEIGHT, "vault", vault["state"], title, (line,)))
        return middle

    def _group(self, subnet: Subnet, top: float) -> float:
        """Draw a subnet as one row, and its vaults as one box with their counts and those that need attention; return where it ends."""
        x, width = _NETWORK_X + 8, _NETWORK_WIDTH - 16
        vaults = self._box_of(list(subnet.vaults()), top)
        count = words.counted(len(subnet.endpoints), "private endpoint")
        texts = (
            Text(x + 10, top + 18, _fitted(f"subnet {subnet.name}", width), "plain", state=_marked(subnet.own_state)),
            Text(x + 10, top + 34, count, "small"),
        )
        self.drawing.boxes.append(Box(x, top, width, 42, "subnet", subnet.own_state, subnet.title, texts))
        path, middle, y = _curve(x + width, top + 21, _VAULT_X, top + 21)
        state, label = subnet.connections()
        self.drawing.lines.append(Line(path, "connection", state, f"{count}: {label or 'all Approved'}", middle, y, label))
        return top + max(42, vaults) + 8

    def _box_of(self, vaults: list[Document], top: float) -> float:
        """Draw several vaults as one box; return its height."""
        states = [str(vault["state"]) for vault in vaults]
        bad = [vault for vault in vaults if vault["state"] not in (PRIVATE, WARNING)]
        named = bad[:_NAMED]
        counts = [(state, states.count(state)) for state in STATES if states.count(state)]
        said = ", ".join(f"{number:,} {words.STATE_WORDS[state].casefold()}" for state, number in counts)
        texts = [Text(_VAULT_X + 10, top + 18, words.counted(len(vaults), "vault"), "strong", state=words.worst(states))]
        texts.append(Text(_VAULT_X + 10, top + 34, _fitted(said, _VAULT_WIDTH + 30), "small"))
        for number, vault in enumerate(named):
            anchor = self._topology.anchors[str(vault["id"]).casefold()]
            text = _fitted(str(vault["name"]), _VAULT_WIDTH - 10)
            texts.append(Text(_VAULT_X + 10, top + 54 + 19 * number, text, "plain", anchor, vault["state"]))
        height = 42 + 19 * len(named) + (6 if named else 0)
        if len(bad) > len(named):
            texts.append(Text(_VAULT_X + 10, top + height + 12, f"and {len(bad) - len(named):,} more in the table", "small"))
            height += 20
        self.drawing.boxes.append(Box(_VAULT_X, top, _VAULT_WIDTH, height, "group", words.worst(states), said, tuple(texts)))
        return height

    def _more_networks(self, networks: t.Sequence[Network]) -> None:
        """Draw networks that have no place of their own as one."""
        if not networks:
            return
        top = self._y
        merged = Subnet.of_several([subnet for network in networks for subnet in network.subnets])
        title = words.counted(len(networks), "more network")
        self.drawing.boxes.append(
            Box(
                _NETWORK_X,
                top,
                _NETWORK_WIDTH,
                42,
                "more",
                words.worst(network.state for network in networks),
                ", ".join(network.name for network in networks),
                (
                    Text(_NETWORK_X + 10, top + 18, title, "strong"),
                    Text(_NETWORK_X + 10, top + 34, words.counted(len(merged.endpoints), "private endpoint"), "small"),
                ),
            )
        )
        state, label = merged.connections()
        path, x, y = _curve(_NETWORK_X + _NETWORK_WIDTH, top + 21, _VAULT_X, top + 21)
        self.drawing.lines.append(Line(path, "connection", state, label or "all Approved", x, y, label))
        self._y = top + max(42, self._box_of(list(merged.vaults()), top)) + _GAP

    def _lonely(self) -> None:
        """Draw the vaults that no endpoint leads to."""
        vaults = self._topology.lonely
        if not vaults:
            return
        top = self._y
        if self.drawing.grouped:
            height = self._box_of(vaults, top)
        else:
            for number, vault in enumerate(vaults):
                self._vault(vault, top + _VAULT_HEIGHT / 2 + _ROW * number)
            height = _ROW * len(vaults) - (_ROW - _VAULT_HEIGHT)
        text = Text(_NETWORK_X + 10, top + 20, "No private endpoint leads to these vaults", "plain")
        self.drawing.boxes.append(Box(_NETWORK_X, top, _NETWORK_WIDTH, 30, "none", PRIVATE, text.words, (text,)))
        self._y = top + max(30, height) + _GAP

    def _zones(self) -> None:
        """Draw the zones beside the networks that they are linked to, one below the other, and the links."""
        y: float = _TOP
        zones = self._topology.zones
        for number, zone in enumerate(zones[:_ZONES]):
            self._zone(zone, y, _TRUNK_X + _TRUNK_GAP * number)
            y += _ZONE_HEIGHT + _GAP
        if len(zones) > _ZONES:
            text = Text(_ZONE_X + 10, y + 20, f"{len(zones) - _ZONES:,} more zones", "plain")
            self.drawing.boxes.append(Box(_ZONE_X, y, _ZONE_WIDTH, 30, "more", PRIVATE, text.words, (text,)))
            y += 30 + _GAP
        self._y = max(self._y, y)

    def _zone(self, zone: Zone, top: float, trunk: float) -> None:
        """Draw a zone and its links: each runs down a trunk that they share, and from there into its network."""
        middle = top + _ZONE_HEIGHT / 2
        shown = [link for link in zone.links if link.key in self._middles]
        linked = len([link for link in zone.links if link.exists])
        hidden = linked - len([link for link in shown if link.exists])
        texts = (
            Text(_ZONE_X + 10, top + 19, _fitted(zone.name, _ZONE_WIDTH), "strong", state=_marked(zone.state)),
            Text(_ZONE_X + 10, top + 37, _fitted(f"resource group {zone.group}", _ZONE_WIDTH + 20), "small"),
            Text(_ZONE_X + 10, top + 54, words.counted(linked, "linked network") + (f", {hidden:,} not drawn" if hidden else ""), "small"),
        )
        self.drawing.boxes.append(Box(_ZONE_X, top, _ZONE_WIDTH, _ZONE_HEIGHT, "zone", zone.state, zone.id, texts))
        places = [self._middles[link.key] for link in shown]
        if places:
            ends = f"M{trunk:g} {min(middle, *places):g}V{max(middle, *places):g}"
            self.drawing.lines.append(
                Line(f"M{_ZONE_X + _ZONE_WIDTH} {middle:g}H{trunk:g}{ends}", "link", PRIVATE, f"Links of {zone.name}")
            )
        for link, place in zip(shown, places, strict=True):
            label = "" if link.exists else "no link"
            path = f"M{trunk:g} {place:g}H{_NETWORK_X}"
            self.drawing.lines.append(Line(path, "link", link.state, link.title, (trunk + _NETWORK_X) / 2, place, label))


def _drawn(items: t.Sequence[Network] | t.Sequence[Subnet], most: int) -> int:
    """Return how many of networks or subnets are drawn: those that need attention, and a few others; the rest becomes one."""
    bad = len([each for each in items if each.state != PRIVATE])
    number = min(most, max(bad, _HEALTHY))
    return len(items) if len(items) == number + 1 else number


def _curve(x: float, y: float, to_x: float, to_y: float) -> tuple[str, float, float]:
    """Return a path between two points, and its middle."""
    middle = (x + to_x) / 2
    path = f"M{x:g} {y:g}H{to_x:g}" if y == to_y else f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"
    return path, middle, (y + to_y) / 2


def _fitted(text: str, width: float) -> str:
    return words.shortened(text, int((width - 36) / _CHARACTER))


def _marked(state: str) -> str | None:
    """Return the state whose mark a box bears: what is as it should be has none, so that the rest stands out."""
    return None if state == PRIVATE else state
