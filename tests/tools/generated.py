# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tools that write files of the repository have in common."""

from __future__ import annotations

import pathlib
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]


def stale(files: t.Mapping[pathlib.Path, str]) -> list[pathlib.Path]:
    """Return the files whose content differs from what it should be."""
    return [file for file, text in files.items() if not file.exists() or file.read_text(encoding="utf-8") != text]


def main(files: t.Mapping[pathlib.Path, str], arguments: t.Sequence[str]) -> int:
    """Name the files that differ, and write them; with --check only name them, and return 1 if any differs."""
    differing = stale(files)
    for file in differing:
        print(file.relative_to(ROOT))
        if "--check" not in arguments:
            file.write_text(files[file], encoding="utf-8")
    return 1 if differing and "--check" in arguments else 0
