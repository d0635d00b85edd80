# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A text file that a task keeps as it should be."""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import stat
import tempfile
import typing as t

from ._errors import OptionError

_LARGEST = 256 * 1024 * 1024  # bytes; the audit of 400 vaults has one hundredth of that


def require_writable(paths: t.Mapping[str, str | None], *, check_mode: bool = False) -> None:
    """Refuse files that cannot be written, before a task does anything else. paths: by option, None where none is.

    check_mode: a directory may be missing that an earlier task would create.
    """
    options: dict[str, str] = {}
    for option, path in paths.items():
        if not path:
            continue
        if path.endswith(os.sep) and not os.path.isdir(path):
            raise _not_written(path, option, "it names a directory")
        target = os.path.realpath(path)
        other = options.setdefault(target, option)
        if other != option:
            raise OptionError(option, f"'{path}' is the file of {other} too; name another one.")
        try:
            reason = _unwritable(pathlib.Path(target), check_mode=check_mode)
        except OSError as error:
            reason = _reason(error)
        if reason:
            raise _not_written(path, option, reason)


def _unwritable(target: pathlib.Path, *, check_mode: bool) -> str | None:
    """Return why a file cannot be replaced, None where it can."""
    if not target.parent.exists() and check_mode:
        return None
    if not target.parent.is_dir():
        return os.strerror(errno.ENOTDIR if target.parent.exists() else errno.ENOENT)
    with contextlib.suppress(FileNotFoundError):
        if what := _irregular(target.stat().st_mode):
            return what
    return None if os.access(target.parent, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)


def _irregular(mode: int) -> str | None:
    """Return what a path leads to where that is no file: reading a pipe or a device may never end, and none may be replaced by a file."""
    if stat.S_ISREG(mode):
        return None
    return "it is a directory" if stat.S_ISDIR(mode) else "it is a device, a pipe or a socket"


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def _not_written(path: str, option: str, reason: str) -> OptionError:
    return OptionError(option, f"'{path}' cannot be written ({reason}); pass the path of a file in a directory that exists.")


def read_text(path: str, option: str) -> str | None:
    """Return the content of a file, None if there is none."""
    try:
        found = os.stat(path)
        reason = _irregular(found.st_mode) or ("it is too large" if found.st_size > _LARGEST else None)
        text = "" if reason else pathlib.Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        reason = _reason(error)
    if reason:
        raise OptionError(option, f"'{path}' cannot be read ({reason}); correct the path, or remove the file.")
    return text


def write_text(path: str, text: str, option: str) -> None:
    """Replace the content of a file in one step; who reads it meanwhile sees the old or the new one. Its permissions stay."""
    require_writable({option: path})
    target = pathlib.Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(name, mode)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise _not_written(path, option, _reason(error)) from None


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
