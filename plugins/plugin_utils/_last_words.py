# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an interrupted task says. Ansible ends its worker at once and no longer takes lines from it, so Ansible's own process prints them
when it ends."""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import signal
import threading
import typing as t

from ansible.utils.display import Display

if t.TYPE_CHECKING:
    import types

_LONGEST = 4000  # bytes: what a pipe takes whole
_MOST = 65536  # bytes: what a pipe holds
_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # Ansible sends its workers the second one, too, moments after the first
_ENDING_SECONDS = 5.0  # for workers to end, which Python waits for at the end of a process anyway
_PIPE: list[int] = []


def listen() -> None:
    """Open the way from the workers that this process forks later. What they leave is printed when this process ends."""
    if not _PIPE:
        with contextlib.suppress(OSError):
            _PIPE.extend(os.pipe())  # no other program inherits it
            for end in _PIPE:
                os.set_blocking(end, False)
            atexit.register(_print, os.getpid())


def _print(owner: int) -> None:
    if os.getpid() != owner:
        return
    for worker in multiprocessing.active_children():
        worker.join(_ENDING_SECONDS)
    with contextlib.suppress(OSError):  # nothing was left
        for line in os.read(_PIPE[0], _MOST).decode(errors="replace").splitlines():
            Display().display(line, stderr=True)


def leave(text: str) -> None:
    """Leave a line for the process that forked this one."""
    with contextlib.suppress(OSError):
        if _PIPE:
            os.write(_PIPE[1], f"{text}\n".encode()[-_LONGEST:])


@contextlib.contextmanager
def on_interrupt(words: t.Callable[[], str | None]) -> t.Iterator[None]:
    """Leave what words returns, if anything, when the task is interrupted inside the context; then let Ansible do what it does."""
    if threading.current_thread() is not threading.main_thread():  # which alone may handle signals
        yield
        return
    before = {number: signal.getsignal(number) or signal.SIG_DFL for number in _SIGNALS}
    left: list[str] = []

    def interrupted(number: int, frame: types.FrameType | None) -> None:
        text = None if left else words()
        if text:
            leave(text)
            left.append(text)
        signal.signal(number, before[signal.Signals(number)])
        handler = signal.getsignal(number)
        if callable(handler):
            handler(number, frame)
        else:
            signal.raise_signal(signal.Signals(number))

    for number in _SIGNALS:
        signal.signal(number, interrupted)
    try:
        yield
    finally:
        for number in _SIGNALS:
            signal.signal(number, before[number])
