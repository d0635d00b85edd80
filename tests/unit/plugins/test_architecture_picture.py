# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of the layers is drawn from the rules of the house, by tests/tools/architecture.py, and can be read."""

from __future__ import annotations

from xml.etree import ElementTree

import architecture
import generated
from unit.plugins.test_architecture import FLOORS

_SVG = "{http://www.w3.org/2000/svg}"


def test_picture_and_table_are_current() -> None:
    files = {architecture.PICTURE: architecture.picture(), architecture.PAGE: architecture.page()}
    assert not generated.stale(files), "Run tests/tools/architecture.py and commit what it writes."


def test_every_floor_is_drawn_from_the_top_down_and_says_what_it_is_for() -> None:
    assert architecture.floors() == [*FLOORS][::-1]
    names = [item.text for item in ElementTree.fromstring(architecture.picture()).iter(f"{_SVG}text") if item.get("class") == "name"]
    assert [name for name in names if str(name).startswith("_")] == [architecture.title(floor) for floor in architecture.floors()]
    assert not [floor for floor in FLOORS if len(architecture.purpose(floor)) < 15]
    assert set(architecture.FOLDERS) == {path.name for path in architecture.UTILS.iterdir() if (path / "__init__.py").exists()}


def test_no_text_leaves_the_picture_and_no_box_covers_another() -> None:
    root = ElementTree.fromstring(architecture.picture())
    _left, _top, width, height = map(float, str(root.get("viewBox")).split())
    for item in root.iter(f"{_SVG}text"):
        assert float(str(item.get("x"))) + len(str(item.text)) * 6.5 <= width - 20, item.text
        assert float(str(item.get("y"))) <= height
    boxes = [(float(str(item.get("y"))), float(str(item.get("height")))) for item in root.iter(f"{_SVG}rect") if item.get("y")]
    assert all(upper + tall <= lower for (upper, tall), (lower, _height) in zip(boxes, boxes[1:], strict=False))
