# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes of a run that write nothing: what needs them begins once they have let it."""

from __future__ import annotations

import typing as t

from .resource import Known, Observed, Plan, Resource

if t.TYPE_CHECKING:
    from .._azure.clock import Waiting
    from .._azure.world import World


class Gate(Resource):
    """Looks, may wait, and may refuse. It is judged when its needs are done; in check mode it is not judged at all."""

    def read(self, world: World, known: Known) -> Observed:
        """Look at nothing yet: what it is about may be written in this run."""
        return self.found(None)

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Write nothing."""
        return Plan("none")

    def diagnose(self, world: World, known: Known) -> Waiting[Observed]:
        """Return what was looked at, with pauses while it has to be waited for; raise a Problem to refuse."""
        raise NotImplementedError
