# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drawing of an audit: everything has its place, nothing lies on something else, and what is broken stands out."""

from __future__ import annotations

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._pages import words
from ansible_collections.privatelink.azure.plugins.module_utils._pages.topology import LARGEST, Box, Drawing, drawing_of
from ansible_collections.privatelink.azure.tests.unit.plugins.audits import ZONE, estate


def boxes(drawing: Drawing, *roles: str) -> list[Box]:
    return [box for box in drawing.boxes if box.role in roles]


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


@pytest.mark.parametrize(("count", "broken"), [(1, 1), (40, 0), (40, 10), (51, 0), (400, 14), (400, 300)])
def test_nothing_lies_on_something_else(count: int, broken: int) -> None:
    drawing = drawing_of(estate(count, broken))
    for layer in (("zone", "network", "vault", "group", "more", "none"), ("subnet",), ("endpoint",)):
        found = boxes(drawing, *layer)
        for number, one in enumerate(found):
            assert not [other for other in found[number + 1 :] if overlap(one, other)], one
    for box in drawing.boxes:
        assert box.x >= 0 and box.x + box.width <= drawing.width and box.y + box.height <= drawing.height
        assert all(box.y <= text.y <= box.y + box.height for text in box.texts)


def test_each_vault_and_endpoint_of_a_small_estate_has_a_box() -> None:
    audit = estate(LARGEST, 10)
    drawing = drawing_of(audit)
    assert not drawing.grouped
    assert sorted(box.texts[0].target or "" for box in boxes(drawing, "vault")) == sorted(f"vault-{n}" for n in range(1, LARGEST + 1))
    assert len(boxes(drawing, "endpoint")) == sum(len(vault["endpoints"]) for vault in audit["vaults"])


def test_a_large_estate_is_grouped_and_names_what_needs_attention() -> None:
    audit = estate(400, 14)
    drawing = drawing_of(audit)
    assert drawing.grouped and not boxes(drawing, "vault", "endpoint")
    named = {text.target for box in boxes(drawing, "group") for text in box.texts if text.target}
    bad = {f"vault-{number}" for number, vault in enumerate(audit["vaults"], 1) if vault["state"] in ("failed", "unknown")}
    assert named == bad
    counted = sum(int(box.texts[0].words.split()[0]) for box in boxes(drawing, "group"))
    assert counted == 400
    assert drawing.height < 3000


def test_a_healthy_estate_has_no_mark_of_trouble() -> None:
    for count in (1, 40, 400):
        drawing = drawing_of(estate(count))
        assert {box.state for box in drawing.boxes} == {line.state for line in drawing.lines} == {"private"}


def test_what_is_broken_is_told_by_words_and_state() -> None:
    drawing = drawing_of(estate(40, 10))
    said = {line.words: line.state for line in drawing.lines if line.words}
    assert said == {"Pending": "failed", "Rejected": "failed", "Disconnected": "failed", "not read": "unknown", "no link": "failed"}
    assert [box.state for box in boxes(drawing, "zone")] == ["failed"]
    assert [text.words for box in boxes(drawing, "vault") for text in box.texts if text.words.endswith(" · public")]
    assert [box.state for box in boxes(drawing, "none")] == ["private"]


def test_a_vault_with_two_endpoints_is_drawn_once() -> None:
    audit = estate(2)
    audit["vaults"][0]["endpoints"] += audit["vaults"].pop()["endpoints"]
    drawing = drawing_of(audit)
    assert len(boxes(drawing, "vault")) == 1 and len([line for line in drawing.lines if line.role == "connection"]) == 2


def test_many_zones_and_strange_ids_have_a_place() -> None:
    audit: Document = estate(2)
    audit["zones"] = [{"id": f"{ZONE}{number}", "links": audit["zones"][0]["links"]} for number in range(12)]
    audit["vaults"][0]["endpoints"][0] |= {"subnet_id": "nonsense", "name": None, "state": None, "private_ip_addresses": []}
    drawing = drawing_of(audit)
    assert [box.texts[0].words for box in boxes(drawing, "more")] == ["6 more zones"]


@pytest.mark.parametrize("width", range(1, 12))
def test_a_shortened_text_keeps_both_ends(width: int) -> None:
    found = words.shortened("vnet-payments-prod", width)
    assert len(found) == width and (width < 4 or (found[0] == "v" and found[-1] == "d"))


@pytest.mark.parametrize(
    ("access", "action", "perimeter", "word"),
    [
        ("Disabled", "Allow", False, "Closed"),
        ("Enabled", "Allow", False, "Open"),
        ("Enabled", "Deny", False, "Firewall"),
        ("SecuredByPerimeter", "Deny", True, "Perimeter"),
    ],
)
def test_gates_in_a_word(access: str, action: str, perimeter: bool, word: str) -> None:
    found = words.gates({"gates": {"public_network_access": access, "default_action": action, "perimeter": perimeter, "bypass": "None"}})
    assert found[0] == word and access in found[1]
