# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write every task's result as one line of JSON, for tests to read."""

from __future__ import annotations

import json
import os
import time
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: notification
short_description: Write results of tasks as lines of JSON
description:
  - Appends one JSON object for each finished task to the file that E(INTEGRATION_RECORD) names.
"""


class CallbackModule(CallbackBase):
    """
    Lines of name, action, host, status, ignored, began and ended (seconds since 1970, from when the
    task began on its first host) and result.
    """

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._began = time.time()

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._began = time.time()

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self._began = time.time()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write("failed", result, ignored=ignore_errors)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._write("skipped", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._write("unreachable", result)

    def _write(self, status: str, outcome: t.Any, ignored: bool = False) -> None:
        # ansible-core 2.19 made public what had an underscore before
        task, host, result = (getattr(outcome, name, None) or getattr(outcome, f"_{name}") for name in ("task", "host", "result"))
        line = {
            "name": task.get_name(),
            "action": task.resolved_action or task.action,
            "host": host.get_name(),
            "status": status,
            "ignored": ignored,
            "began": self._began,
            "ended": time.time(),
            "result": result,
        }
        with open(os.environ["INTEGRATION_RECORD"], "a", encoding="utf-8") as record:
            record.write(json.dumps(line, default=str) + "\n")
