# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task tells of its progress while it runs. Here it says nothing, as in a module process; the action plugins print it."""

from __future__ import annotations

import collections
import contextlib
import threading
import typing as t

if t.TYPE_CHECKING:
    from ._pacing import Pacing


class Reporter:
    """Takes what happens in a task and prints none of it. Any thread may call it.

    pacing: the writes that the task plans and how long Azure's rate limits make them take; None until everything is planned.
    """

    pacing: Pacing | None = None

    def planned(self, pacing: Pacing) -> None:
        """Take what is planned, also in check mode."""
        self.pacing = pacing

    def started(self, groups: t.Collection[str], changes: int) -> None:
        """Take that the writes begin. groups: the names of what is counted, such as vaults. changes: the number of resources to write."""

    def advanced(self) -> None:
        """Record that one of the changes began or ended; each is reported twice."""

    def finished(self, group: str, *, changed: bool, failed: bool) -> None:
        """Take that nothing is left to do for a group."""

    @contextlib.contextmanager
    def waiting(self, awaited: str, *, detail: bool = False) -> t.Iterator[None]:
        """Take what is waited for inside the context, such as "Azure to create key vault 'x'". detail: worth telling only where nothing
        else is waited for."""
        yield


class Tally:
    """Counts what is left to do in each group of a run, and tells a reporter.

    groups: the group of each node that belongs to one. changing: the nodes with something to write.
    """

    def __init__(self, reporter: Reporter, groups: t.Mapping[t.Any, str], changing: t.Collection[t.Any]) -> None:
        self._reporter = reporter
        self._groups = groups
        self._changing = frozenset(changing)
        self._left = collections.Counter(groups.values())
        self._changed: set[str] = set()
        self._failed: set[str] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Tell what is to be done, before the first write."""
        self._reporter.started(self._left.keys(), len(self._changing))

    def began(self, node: t.Hashable) -> None:
        """Take that the work on a node began."""
        if node in self._changing:
            self._reporter.advanced()

    def ended(self, node: t.Hashable, *, changed: bool, failed: bool) -> None:
        """Take that the work on a node ended."""
        if node in self._changing:
            self._reporter.advanced()
        group = self._groups.get(node)
        if group is None:
            return
        with self._lock:
            self._left[group] -= 1
            over = self._left[group] == 0
            for reported, names in ((changed, self._changed), (failed, self._failed)):
                if reported:
                    names.add(group)
            changed, failed = group in self._changed, group in self._failed
        if over:
            self._reporter.finished(group, changed=changed, failed=failed)
