# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A text file that a task keeps as it should be."""

from __future__ import annotations

import os
import pathlib
import tempfile
import typing as t

from ._errors import OptionError


def read_text(path: str, option: str) -> str | None:
    """Return the content of a file, None if there is none."""
    try:
        return pathlib.Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise OptionError(option, f"'{path}' cannot be read ({type(error).__name__}); correct the path, or remove the file.") from None


def write_text(path: str, text: str, option: str) -> None:
    """Replace the content of a file in one step; who reads it meanwhile sees the old or the new one. Its permissions stay."""
    target = pathlib.Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(name, mode)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OptionError(option, f"'{path}' cannot be written ({reason}); correct the path, or create the directory.") from None


def kept_text(path: str, text: str, option: str, *, check_mode: bool) -> dict[str, t.Any] | None:
    """Write a file where its content differs, in check mode not even then; return the diff, None where it does not differ."""
    before = read_text(path, option)
    if before == text:
        return None
    if not check_mode:
        write_text(path, text, option)
    return {"before_header": path, "after_header": path, "before": before or "", "after": text}


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
