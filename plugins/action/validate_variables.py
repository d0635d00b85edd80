# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a role's variables on the controller: their names, and what texts say; the documentation is the module of the same name."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.privatelink.azure.plugins.module_utils import _texts as texts
from ansible_collections.privatelink.azure.plugins.module_utils import _variables as variables
from ansible_collections.privatelink.azure.plugins.module_utils._errors import Problem
from ansible_collections.privatelink.azure.plugins.plugin_utils._rendering import not_rendered

OPTIONS: dict[str, t.Any] = {
    "types": {"type": "dict", "default": {}},
    "prefixes": {"type": "list", "elements": "str", "aliases": ["prefix"]},
    "results": {"type": "list", "elements": "str", "default": []},
    "only_near_misses": {"type": "bool", "default": False},
    "entry_point": {"type": "str", "default": "main"},
}
_KEPT = ("type", "elements", "choices", "default", "required", "options", "aliases", "no_log", "resource_types")
_OMITTED = "__omit_place_holder__"  # what stands for an omitted value before ansible-core 2.19


class ActionModule(ActionBase):
    """Action of the module of the same name."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the role's variables by their names without the first prefix, or the failure."""
        super().run(tmp, task_vars)
        # not what ansible_check_mode says: that is the command line's --check alone, and a play or an include may have the keyword
        common = {"changed": False, "check_mode": bool(self._task.check_mode)}
        try:
            return {**common, "variables": self._values(task_vars or {})}
        except Problem as problem:
            # what goes on after a failure, with ignore_errors, finds no variable in there
            return {**common, "failed": True, "variables": {}, "msg": problem.message, **problem.fields()}

    def _values(self, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        given = ArgumentSpecValidator(OPTIONS).validate(texts.read(OPTIONS, self._task.args))
        if given.error_messages:
            raise Problem(given.error_messages[0], code="InvalidOption")
        options, role = given.validated_parameters, self._task._role
        if role is None:
            raise Problem("validate_variables checks the variables of a role; use it in a task of a role.", code="InvalidOption")
        prefixes = options["prefixes"] or [f"{os.path.basename(role.get_role_path())}_"]
        documented = self._documented(role, options["entry_point"])
        spec = {name: {**documented.get(name, {}), **_kept(options["types"].get(name, {}))} for name in (*documented, *options["types"])}
        results = [*options["results"], *(f"{prefix}{ending}" for prefix in prefixes for ending in ("result", "*_result"))]
        variables.refuse_unknown(
            task_vars,
            {*spec, *role.get_default_vars()},
            role.get_name(),
            prefixes=prefixes,
            results=results,
            near=options["only_near_misses"],
        )
        found = variables.checked(spec, self._found(spec, task_vars, role.get_default_vars()))
        return {_without(prefixes, name): value for name, value in found.items()}

    def _documented(self, role: t.Any, entry_point: str) -> dict[str, t.Any]:
        """Return the options of an entry point in a role's meta/argument_specs.yml."""
        for ending in ("yml", "yaml"):
            file = os.path.join(role.get_role_path(), "meta", f"argument_specs.{ending}")
            if os.path.exists(file):
                specs = self._loader.load_from_file(file)["argument_specs"]
                return {name: _kept(option) for name, option in (specs.get(entry_point, {}).get("options") or {}).items()}
        raise Problem(f"Role {role.get_name()} has no meta/argument_specs.yml; write one.", code="InvalidOption")

    def _found(self, spec: t.Mapping[str, t.Any], task_vars: dict[str, t.Any], defaults: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """
        Return the variables that say something. One that is blank counts as left out, so the role's
        default holds, and what refers to it sees that, too.
        """
        found = {name: self._templated(name, task_vars[name], self._templar) for name in spec if name in task_vars}
        blank = [name for name, value in found.items() if texts.is_blank(value)]
        if not blank:
            return found
        seen = {name: value for name, value in task_vars.items() if name not in blank}
        seen.update({name: defaults[name] for name in blank if name in defaults})
        templar = self._templar.copy_with_new_env(available_variables=seen)
        for name in spec:
            if name in blank or (name in found and name in defaults and task_vars[name] == defaults[name]):
                found[name] = self._default(name, defaults.get(name), templar)
        return found

    def _default(self, name: str, value: t.Any, templar: t.Any) -> t.Any:
        try:
            return self._templated(name, value, templar)
        except Problem:
            return None  # it refers to another variable that says nothing; who needs it will say so

    def _templated(self, name: str, value: t.Any, templar: t.Any) -> t.Any:
        try:
            return _without_omitted(templar.template(value))
        except AnsibleError as error:
            if type(error).__name__ == "AnsibleValueOmittedError":
                return None
            raise not_rendered(name, error) from None


def _kept(option: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {key: option[key] for key in _KEPT if key in option}


def _without(prefixes: t.Sequence[str], name: str) -> str:
    return name.removeprefix(prefixes[0])


def _without_omitted(value: t.Any) -> t.Any:
    """Return a value without what was omitted in it; ansible-core 2.19 and later do that themselves."""
    if isinstance(value, str) and value.startswith(_OMITTED):
        return None
    if isinstance(value, dict):
        return {name: _without_omitted(item) for name, item in value.items() if not (isinstance(item, str) and item.startswith(_OMITTED))}
    if isinstance(value, list):
        return [_without_omitted(item) for item in value if not (isinstance(item, str) and item.startswith(_OMITTED))]
    return value
