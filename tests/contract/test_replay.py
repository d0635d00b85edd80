# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded traffic of Azure, replayed to the emulator."""

from __future__ import annotations

import pathlib
import typing as t

from contract.replay import replay
from contract.test_witnesses import WITNESSES
from integration.emulation import Emulation


def test_recorded_exchanges_agree(recordings: pathlib.Path, emulation: Emulation, show: t.Callable[[t.Iterable[str]], None]) -> None:
    report = replay(recordings, emulation)
    show(report.lines())
    assert report.compared, "\n".join(report.lines())
    assert not report.disagreeing, "\n".join(report.lines())
    assert not report.problems, "\n".join(report.problems)
    stale = {rule.name for rule in report.rules.rules if not report.rules.used[rule.name]} - set(WITNESSES)
    assert not stale, f"These rules explain nothing any more: {', '.join(sorted(stale))}"
