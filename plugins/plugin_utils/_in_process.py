# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module inside Ansible's own worker, where the SDK is already loaded, whenever that is the same thing."""

from __future__ import annotations

import contextlib
import gc
import os
import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

from ansible_collections.privatelink.azure.plugins.module_utils._azure.arm import IMPORT_ERROR
from ansible_collections.privatelink.azure.plugins.module_utils._entry import failure, perform
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.module_utils._masking import masked
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._reporter import Reporter
from ansible_collections.privatelink.azure.plugins.module_utils._variables import typed
from ansible_collections.privatelink.azure.plugins.plugin_utils._hosts import explain_host_failure, explain_unreachable
from ansible_collections.privatelink.azure.plugins.plugin_utils._last_words import on_interrupt
from ansible_collections.privatelink.azure.plugins.plugin_utils._progress import Printed
from ansible_collections.privatelink.azure.plugins.plugin_utils._role_variables import in_words_of_the_role
from ansible_collections.privatelink.azure.plugins.plugin_utils._warm_up import warm_up

warm_up()

ENVIRONMENT = "ANSIBLE_PRIVATELINK_DIRECT"
VARIABLE = "ansible_privatelink_direct"
PROGRESS_ENVIRONMENT = "ANSIBLE_PRIVATELINK_PROGRESS"
PROGRESS_VARIABLE = "ansible_privatelink_progress"


class InProcessAction(NormalAction):
    """Base of this collection's action plugins; a subclass names its module."""

    module: t.ClassVar[Module]

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task here, or as an ordinary module process where that would differ."""
        return in_words_of_the_role(self._result(tmp, task_vars), self._task._role, task_vars or {})

    def _result(self, tmp: str | None, task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        try:
            self._task.args = self._options()
        except Problem as problem:
            return failure(problem)
        if not self._same_as_a_module_process(task_vars or {}):
            return self._as_a_module_process(tmp, task_vars or {})
        gc.freeze()  # the worker ends with its task: collecting what it inherited would only copy the parent's memory
        spec = dict(self.module.spec)
        checked = ArgumentSpecValidator(spec.pop("argument_spec"), **spec).validate(self._task.args)
        if checked.error_messages:
            # The words of AnsibleModule, which tells the first error only.
            unsupported = isinstance(checked.errors[0], UnsupportedError)
            prefix = f"Unsupported parameters for ({self._task.resolved_action or self._task.action}) module: " if unsupported else ""
            return {
                "failed": True,
                "changed": False,
                "msg": Problem(masked(prefix + checked.error_messages[0], checked._no_log_values)).message,
            }
        params = checked.validated_parameters
        with self._reporter(task_vars or {}, checked._no_log_values) as reporter:
            result = perform(self.module, params, check_mode=self._task.check_mode, diff_mode=self._task.diff, reporter=reporter)
        result["invocation"] = {"module_args": params}
        return t.cast("dict[str, t.Any]", masked(result, checked._no_log_values))

    def _as_a_module_process(self, tmp: str | None, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        try:
            result = t.cast("dict[str, t.Any]", super().run(tmp, task_vars))
        except AnsibleConnectionFailure as error:
            explained = explain_unreachable(error, str(self._task.delegate_to or task_vars.get("inventory_hostname")))
            if explained is error:
                raise
            raise explained from None  # it says what the first one said
        return explain_host_failure(result, local=self.module.local is not None)

    @contextlib.contextmanager
    def _reporter(self, task_vars: dict[str, t.Any], secrets: t.Collection[str]) -> t.Iterator[Reporter]:
        """Return what prints the task's progress; nothing does where that is switched off, or where nothing of the task may be shown."""
        if self._task.no_log or not self._switched_on(task_vars, PROGRESS_VARIABLE, PROGRESS_ENVIRONMENT):
            yield Reporter()
            return
        name = (self._task.resolved_action or self._task.action).rpartition(".")[2]
        several = len(task_vars.get("ansible_play_hosts_all") or ()) > 1
        title = f"{name} on {task_vars.get('inventory_hostname')}" if several else name
        # To the standard error, so that standard output holds nothing but results, such as JSON.
        printed = Printed(title, lambda line: Display().display(masked(line, secrets), stderr=True))
        with printed, on_interrupt(lambda: masked(printed.interrupted(), secrets)):
            yield printed

    def _options(self) -> dict[str, t.Any]:
        """Return the task's options, read from texts. One that is blank or omitted does not hide
        what module_defaults say, as if it were not written.

        What module_defaults say gives way to what the task itself says where only one of both may
        be set, such as a resource group to an id.
        """
        spec = self.module.spec
        given = typed(spec["argument_spec"], self._task.args)
        defaults = typed(spec["argument_spec"], self._module_defaults())
        mains = {alias: main for main, option in spec["argument_spec"].items() for alias in option.get("aliases", ())}
        said = {mains.get(name, name) for name in given}
        options = {**{name: value for name, value in defaults.items() if mains.get(name, name) not in said}, **given}
        for group in spec.get("mutually_exclusive", ()):
            own = [name for name in group if name in options and options[name] != defaults.get(name)]
            options = {name: value for name, value in options.items() if not own or name in own or name not in group}
        return options

    def _module_defaults(self) -> dict[str, t.Any]:
        """
        Return what module_defaults say for this module, of its groups and then of itself. Ansible
        drops them for every option that a task writes.
        """
        name, play = self._task.resolved_action, getattr(self._task._parent, "_play", None)
        by_key = {key: value for mapping in self._task.module_defaults or [] for key, value in mapping.items()}
        groups = [f"group/{group}" for group in (getattr(play, "_action_groups", None) or {}).get(name, ())]
        wanted = [value for key, value in by_key.items() if key in groups] + ([by_key[name]] if name in by_key else [])
        return {option: value for mapping in self._templar.template(wanted) for option, value in (mapping or {}).items()}

    def _same_as_a_module_process(self, task_vars: dict[str, t.Any]) -> bool:
        """
        Only a plain local task is: no other host, user, environment or background job. What asks the host itself runs as its host says.
        """
        if self.module.local:
            return False
        task, connection = self._task, self._connection
        plain = connection.transport == "local" and not connection.become and not task.async_val and not any(task.environment or [])
        return plain and not IMPORT_ERROR and self._switched_on(task_vars, VARIABLE, ENVIRONMENT)

    def _switched_on(self, task_vars: dict[str, t.Any], variable: str, environment: str) -> bool:
        """Return whether a variable, or without it an environment variable, leaves something switched on."""
        wanted = self._templar.template(task_vars[variable]) if variable in task_vars else os.environ.get(environment, "1")
        return bool(boolean(wanted, strict=False))
