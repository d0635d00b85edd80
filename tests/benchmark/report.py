# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what was measured to a page with tables and a plot. What was not measured is extrapolated, and marked with ~."""

from __future__ import annotations

import dataclasses
import html
import math
import pathlib
import typing as t

OURS = "private_vaults"
_BURST, _A_SECOND = 200, 10  # writes that a subscription takes at once, and then a second
_COLUMNS = ("vaults", "run", "what", "CPU s", "wall s", "MiB", "requests", "writes")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 960, 460, 60, 340, 30, 50
_COLOURS = ("#0b5cad", "#b3541e", "#2e7d32", "#7b1fa2", "#555555")
_HEAD = """<!--
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Performance of many vaults

This page is made by `make benchmark`, which runs real `ansible-playbook` processes against the emulator of this collection: once from
nothing, and again with nothing to do. CPU seconds are those of `ansible-playbook`, or of the script of `az` commands, with all processes;
MiB is the largest process. `~` marks what was not measured but extrapolated in a straight line from the two largest sizes that were.
The floor is one task of this collection, and the time that Azure's own limit on writes takes (200 at once, then 10 a second). Where
operations take as long as in Azure, it also has those that come before and after all of these writes: the registration of a provider, the
last zone group, and the network's link, which waits for all records.
Up to 20 vaults each row is the median of three runs by CPU seconds, above that (and for `az` and azure.azcollection without Mitogen) it is
one run. A tenth more or less means nothing. Only figures of one table were taken in one run.

"""


@dataclasses.dataclass(frozen=True)
class Row:
    """One run: who did it, for how many vaults, whether first or with no change, and what it cost. estimated: it was not measured."""

    who: str
    size: int
    run: str
    processor: float
    clock: float
    memory: float
    requests: int
    writes: int
    estimated: bool = False

    def cells(self) -> list[str]:
        """Return the cells of a table."""
        mark = "~" if self.estimated else ""
        memory = "" if self.estimated or not self.memory else f"{self.memory:.0f}"
        numbers = [f"{mark}{self.processor:,.1f}", f"{mark}{self.clock:,.1f}", memory, f"{mark}{self.requests:,}", f"{mark}{self.writes:,}"]
        return [str(self.size), self.run, self.who, *numbers]


@dataclasses.dataclass(frozen=True)
class Section:
    """What was measured under the same conditions.

    empty, one: CPU seconds of an empty play, and of one task; clock: its wall seconds. around: seconds of the operations that come before
    and after all other writes of a first run.
    """

    title: str
    empty: float
    one: float
    clock: float
    rows: tuple[Row, ...]
    around: float = 0.0


def line(cells: t.Iterable[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def head() -> str:
    """Return the first two lines of the table of rows."""
    return f"{line(_COLUMNS)}\n{line(['--:', '---', '---', *['--:'] * 5])}"


def extrapolated(rows: t.Sequence[Row], sizes: t.Collection[int]) -> list[Row]:
    """Return estimates for the sizes that were not measured: a straight line through the two largest that were."""
    found = []
    for who, run in dict.fromkeys((row.who, row.run) for row in rows):
        known = sorted((row for row in rows if (row.who, row.run) == (who, run)), key=lambda row: row.size)
        if len(known) < 2:
            continue
        one, two = known[-2:]
        for size in sizes:
            if size > two.size:
                share = (size - one.size) / (two.size - one.size)
                found.append(_between(one, two, share, size))
    return found


def _between(one: Row, two: Row, share: float, size: int) -> Row:
    def at(name: str) -> float:
        first, second = float(getattr(one, name)), float(getattr(two, name))
        return max(0.0, first + share * (second - first))

    return Row(one.who, size, one.run, at("processor"), at("clock"), 0.0, round(at("requests")), round(at("writes")), estimated=True)


def floor(section: Section) -> list[Row]:
    """Return what the machine and Azure's limit on writes leave no way around, for each size."""
    rows = []
    for row in section.rows:
        if row.who == OURS:
            paced = max(0.0, (row.writes - _BURST) / _A_SECOND)
            clock = max(section.clock, paced) + (section.around if row.writes else 0.0)
            rows.append(Row("floor", row.size, row.run, section.one, clock, 0.0, 0, row.writes))
    return rows


def page(sections: t.Sequence[Section]) -> str:
    """Return the page."""
    parts = [_HEAD + "![CPU seconds by number of vaults](performance.svg)\n"]
    for section in sections:
        rows = _complete(section)
        parts.append(
            f"\n## {section.title}\n\nAn empty play took {section.empty:.1f} CPU seconds, one task of this collection {section.one:.1f}.\n"
        )
        parts.append("\n".join(["", head(), *(line(row.cells()) for row in rows), ""]))
    return "".join(parts)


def _complete(section: Section) -> list[Row]:
    sizes = sorted({row.size for row in section.rows if row.who == OURS})
    rows = [*section.rows, *extrapolated([row for row in section.rows if row.who != OURS], sizes), *floor(section)]
    return sorted(rows, key=lambda row: (row.size, row.run != "first"))  # stable: whoever was measured first comes first


def plot(section: Section) -> str:
    """Return an SVG picture of CPU seconds by number of vaults, both logarithmic; what is extrapolated is dotted."""
    rows = [row for row in _complete(section) if row.processor > 0]
    series: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        series.setdefault((row.who, row.run), []).append(row)
    sizes = sorted({row.size for row in rows})
    lowest = 10 ** math.floor(math.log10(min(row.processor for row in rows)))
    highest = 10 ** math.ceil(math.log10(max(row.processor for row in rows)))

    def x(size: float) -> float:
        whole = math.log10(max(sizes) / min(sizes)) or 1.0
        return _LEFT + math.log10(size / min(sizes)) / whole * (_WIDTH - _LEFT - _RIGHT)

    def y(seconds: float) -> float:
        return _HEIGHT - _BOTTOM - math.log10(seconds / lowest) / math.log10(highest / lowest) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [*_axes(sizes, lowest, highest, x, y)]
    who = list(dict.fromkeys(name for name, _run in series))
    ends: list[float] = []
    for (name, run), points in sorted(series.items(), key=lambda item: y(item[1][-1].processor)):
        colour = _COLOURS[who.index(name) % len(_COLOURS)]
        parts += _curve(points, colour, x, y, thin=run != "first")
        place = y(points[-1].processor)
        while any(abs(place - other) < 15 for other in ends):
            place += 15 - min(abs(place - other) for other in ends) + 0.1
        ends.append(place)
        parts.append(_text(_WIDTH - _RIGHT + 12, place + 4, f"{name}, {run}", fill=colour))
    return _svg(parts)


Scale = t.Callable[[float], float]


def _axes(sizes: t.Sequence[int], lowest: float, highest: float, x: Scale, y: Scale) -> t.Iterator[str]:
    yield _text(_LEFT, 18, "CPU seconds (logarithmic), by number of vaults", weight="bold")
    step = lowest
    while step <= highest * 1.001:
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(step):.1f}" y2="{y(step):.1f}" stroke="#ccc"/>'
        yield _text(_LEFT - 8, y(step) + 4, f"{step:g}", anchor="end")
        step *= 10
    for size in sizes:
        yield f'<line x1="{x(size):.1f}" x2="{x(size):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" stroke="#eee"/>'
        yield _text(x(size), _HEIGHT - _BOTTOM + 20, str(size), anchor="middle")
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, "vaults; dotted: extrapolated", anchor="middle")


def _curve(points: t.Sequence[Row], colour: str, x: Scale, y: Scale, *, thin: bool) -> t.Iterator[str]:
    for one, two in zip(points, points[1:], strict=False):
        dash = ' stroke-dasharray="2 5"' if two.estimated else ""
        ends = f'x1="{x(one.size):.1f}" y1="{y(one.processor):.1f}" x2="{x(two.size):.1f}" y2="{y(two.processor):.1f}"'
        yield f'<line {ends} stroke="{colour}" stroke-width="{1.2 if thin else 2.5}"{dash}/>'
    for point in points:
        fill = "#fff" if point.estimated else colour
        yield f'<circle cx="{x(point.size):.1f}" cy="{y(point.processor):.1f}" r="3" fill="{fill}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = "#222", weight: str = "normal") -> str:
    style = f'text-anchor="{anchor}" fill="{fill}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{html.escape(text)}</text>'


def _svg(parts: t.Iterable[str]) -> str:
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13" role="img" '
        'aria-label="CPU seconds by number of vaults">'
    )
    return "\n".join([opening, f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>', *parts, "</svg>", ""])


def write(sections: t.Sequence[Section], directory: pathlib.Path) -> None:
    """Write the page, and the plot of the first section, into a directory."""
    (directory / "performance.md").write_text(page(sections), encoding="utf-8")
    (directory / "performance.svg").write_text(plot(sections[0]), encoding="utf-8")
