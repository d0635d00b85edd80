# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether callers of the last days speak against closing a vault: evidence beside the private path, which may work for others only."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .callers import Accepted, Caller, Callers
from .callers_reading import read_callers
from .evidence import Gates
from .private_path import Reason

if t.TYPE_CHECKING:
    from .._azure.world import World

_NAMED = 5  # callers in a message; the result has them all


@dataclasses.dataclass(frozen=True)
class LockedOut:
    """callers: of the last days. accepted: who may lose access. bypass: the firewall's exception for trusted services."""

    callers: Callers
    accepted: Accepted
    bypass: str

    @property
    def refused(self) -> list[Caller]:
        """Return who would be locked out without being accepted."""
        return [each for each in self.callers.losing(self.bypass) if not self.accepted.has(each)]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return what speaks against closing. No other task of the run can mend it."""
        if not self.callers.known:
            hint = f"{self.callers.hint} Or set callers_days to 0, which does not ask who calls."
            return (Reason("callers_unknown", f"who calls the vault is not known: {self.callers.reason}", hint, "fixed"),)
        refused = self.refused
        if not refused:
            return ()
        message = f"callers of the last {self.callers.days} days would lose access: {_named(refused)}"
        hint = "Move them to the private path, or name in accepted_callers who may lose access, by address, range, user or application."
        return (Reason("callers", message, hint, "fixed"),)

    @property
    def summary(self) -> str:
        """Say who loses access, or why that is not known."""
        losing = self.callers.losing(self.bypass)
        if self.reasons:
            return self.reasons[0].message
        asked = f"of the last {self.callers.days} days, recorded since {(self.callers.since or '')[:10]}"
        return f"accepted {asked}: {_named(losing)}" if losing else f"none {asked}, loses access"

    def result(self) -> Document:
        """Return it as a result shows it."""
        losing = [{**each.rendered(), "accepted": self.accepted.has(each)} for each in self.callers.losing(self.bypass)]
        return {**self.callers.result(self.bypass), "public_callers": losing, "summary": self.summary}


def _named(callers: list[Caller]) -> str:
    """Name the first few of many callers."""
    more = f" and {len(callers) - _NAMED} more" if len(callers) > _NAMED else ""
    return ", ".join(each.label for each in callers[:_NAMED]) + more


@dataclasses.dataclass(frozen=True)
class CallersQuestion:
    """Which callers matter to a closing. days: how far to look back, 0 not to ask. accepted: who may lose access."""

    days: int = 0
    accepted: Accepted = dataclasses.field(default_factory=Accepted)

    def read(self, world: World, vault: ResourceId, gates: Gates | None) -> LockedOut | None:
        """Return who called, None where it is not asked, or where there is no public access to lose."""
        if not self.days or gates is None or gates.closed:
            return None
        return LockedOut(read_callers(world, vault, self.days), self.accepted, gates.bypass)
