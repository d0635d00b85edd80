# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counts how often the SDK is loaded, in whatever process Python starts: one line for each in the file that the environment names."""

from __future__ import annotations

import importlib.abc
import os
import sys
import typing as t

_WATCHED = "azure.mgmt.network"  # the largest part of the SDK
_FILE = os.environ.get("BENCHMARK_IMPORTS")


class _Counter(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, _path: t.Any = None, _target: t.Any = None) -> None:
        """Find nothing, but remember what was looked for."""
        if fullname == _WATCHED and _FILE:
            with open(_FILE, "a", encoding="utf-8") as file:
                file.write(f"{os.getpid()}\n")


sys.meta_path.insert(0, _Counter())
