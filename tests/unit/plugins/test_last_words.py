# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a worker says when it is interrupted reaches the terminal, although Ansible ends it at once."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.plugin_utils import _last_words as last_words
from ansible_collections.privatelink.azure.plugins.plugin_utils._last_words import on_interrupt

# A process that forks a worker as Ansible does, signals it as Ansible does, and ends.
PROGRAM = """
import multiprocessing, os, signal, sys, time
from ansible_collections.privatelink.azure.plugins.plugin_utils._last_words import listen, on_interrupt
from ansible.utils.display import Display

def words():
    time.sleep({slowly})
    return {words!r}

def work(ready):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: os._exit(1))
    with on_interrupt(words):
        ready.set()
        time.sleep(20)

context = multiprocessing.get_context("fork")
listen()
listen()
ready = context.Event()
worker = context.Process(target=work, args=(ready,))
worker.start()
ready.wait(20)
for number in {signals}:
    os.kill(worker.pid, number)
Display().display("the end", stderr=True)
"""


@pytest.mark.parametrize("slowly", [0, 0.3])
@pytest.mark.parametrize(
    ("signals", "words", "said"),
    [
        ([signal.SIGINT], "[keyvault] Interrupted", "the end\n[keyvault] Interrupted\n"),
        ([signal.SIGINT, signal.SIGTERM], "[keyvault] Interrupted", "the end\n[keyvault] Interrupted\n"),
        ([signal.SIGTERM], "[keyvault] Interrupted", "the end\n[keyvault] Interrupted\n"),
        ([signal.SIGINT], None, "the end\n"),
        ([signal.SIGINT], "long " * 2000, "the end\n" + ("long " * 2000)[-3999:] + "\n"),
    ],
)
def test_words_of_an_interrupted_worker_are_printed_by_the_process_that_forked_it(
    signals: list[signal.Signals], words: str | None, said: str, slowly: float, tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.format(words=words, slowly=slowly, signals=[int(number) for number in signals]), encoding="utf-8")
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, timeout=60, check=False, env=_environment())
    assert done.stderr == said, done.stderr


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_signals_are_handled_as_before_once_the_task_is_over() -> None:
    before = signal.default_int_handler
    signal.signal(signal.SIGINT, before)  # a shell ignores it in what it runs in the background
    with on_interrupt(lambda: None):
        assert signal.getsignal(signal.SIGINT) is not before
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


# --- in one process ---


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[list[int]]:
    """A process that listens; what it would do at its end is not registered."""
    ends: list[int] = []
    monkeypatch.setattr(last_words, "_PIPE", ends)
    monkeypatch.setattr(last_words.atexit, "register", lambda *_arguments: None)
    last_words.listen()
    yield ends
    for end in ends:
        os.close(end)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(last_words.Display, "display", lambda _self, line, **_more: lines.append(line))
    return lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_its_words_once_and_then_does_what_it_did(pipe: list[int], said: list[str], number: signal.Signals) -> None:
    taken: list[int] = []
    before = signal.signal(number, lambda number, _frame: taken.append(number))
    try:
        with on_interrupt(lambda: "[keyvault] Interrupted"):
            signal.raise_signal(number)
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)
    last_words._print(os.getpid())
    assert (taken, said) == ([number, number], ["[keyvault] Interrupted"])


def test_an_interrupt_that_was_ignored_is_ignored(pipe: list[int], said: list[str]) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with on_interrupt(lambda: None):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    last_words._print(os.getpid())
    assert said == [], "nothing was left"


def test_words_of_several_workers_are_lines_and_never_too_long_for_the_pipe(pipe: list[int], said: list[str]) -> None:
    for text in ("one", "long " * 2000, "two"):
        last_words.leave(text)
    last_words._print(os.getpid())
    assert (said[0], said[1], said[2]) == ("one", ("long " * 2000)[-3999:], "two")


def test_only_the_process_that_listened_prints(pipe: list[int], said: list[str]) -> None:
    last_words.leave("one")
    last_words._print(os.getpid() + 1)
    assert said == []
    last_words._print(os.getpid())
    assert said == ["one"]


def test_nobody_listening_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_words, "_PIPE", [])
    last_words.leave("one")


def test_a_thread_leaves_the_handling_of_signals_alone() -> None:
    before, seen = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        with on_interrupt(lambda: "[keyvault] Interrupted"):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert seen == [before]
