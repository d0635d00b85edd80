# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From Ansible's options to resources and back to a result: shared by the module files and the action plugins.

The only file of module_utils that imports Ansible.
"""

from __future__ import annotations

import os
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from . import _values as values
from ._azure import auth
from ._azure.account_values import origin
from ._azure.arm import Arm
from ._azure.clock import Clock
from ._converge import Outcome, converge
from ._documents.compare import Document
from ._errors import ArmError, OptionError, Problem, internal
from ._hints import hint_of
from ._kept import NotKept
from ._masking import LONG, masked, remember, secrets_in
from ._module import Module, Recipe, Task
from ._packages import OLDEST_PYTHON, OLDEST_PYTHON_OF_THE_HOST, old_python
from ._reporter import Reporter
from ._resources.resource import rendered
from ._variables import typed

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:  # before ansible-core 2.22, which masks them in whatever it prints

    def register_secrets(_values: t.Iterable[str], /) -> None:
        """Do nothing: only results are printed, and they are masked here."""


# Mappings whose keys are the user's own.
_USERS_KEYS = ["tags", "metadata"]


_UNVERIFIED = (
    "cert_validation_mode: ignore disables the validation of TLS certificates: anyone "
    "between this host and Azure can read and change all traffic, "
    "including the credentials. Trust the proxy's certificate authority with REQUESTS_CA_BUNDLE instead."
)
_SESSIONS: dict[tuple[t.Any, ...], Arm] = {}


def _session(account: auth.Account, clock: Clock) -> Arm:
    """Return this process's connection for an account: a loop's items share token and connections, a fork never does."""
    key = (os.getpid(), account.source, *sorted((name, str(value)) for name, value in account.values.items()))
    arm = _SESSIONS.get(key)
    if arm is None:
        arm = _SESSIONS[key] = Arm(account, clock)
    arm.clock = clock
    return arm


def forget_sessions() -> None:
    """Close the connections of this process, which is going to fork workers: none of them may inherit a socket."""
    while _SESSIONS:
        _SESSIONS.popitem()[1].close()


def perform(
    module: Module, params: t.Mapping[str, t.Any], *, check_mode: bool, diff_mode: bool, reporter: Reporter | None = None
) -> Document:
    """Run a task and return its result; a failure is a result too, with failed, msg and its fields. reporter: receives the progress."""
    secrets: list[str] = []
    warnings: list[str] = []
    try:
        clock = Clock(values.wait_timeout(params["wait_timeout"]), reporter=reporter)
        if module.local:
            return {"changed": False, **module.local(params, clock)}
        account = auth.account_for(params)
        secrets = [*account.secrets, *secrets_in(os.environ)]
        remember(*(secret for secret in secrets if len(secret) >= LONG))  # of these, messages are spared before they are shortened
        register_secrets(secrets)
        warnings += [] if account.verify else [_UNVERIFIED]
        if account["subscription_id"]:
            values.subscription(account["subscription_id"])
        task = Task(params, _session(account, clock), check_mode)
        making = _made_by(module.recipe(task), diff_mode) if module.recipe else None
        result = making or (_changed_result(module, task, diff_mode) if module.resources else _found_result(module, task, diff_mode))
    except Problem as problem:
        result = failure(_from_where(problem, params))
    except Exception as error:  # a defect of this collection, reported as one sentence instead of a traceback
        result = failure(internal(error, "the task"))
    if warnings:
        result["warnings"] = [*result.get("warnings", []), *warnings]
    return t.cast(Document, masked(result, secrets))


def _from_where(problem: Problem, params: t.Mapping[str, t.Any]) -> Problem:
    """Return a refusal with the environment variable that its value came from: who set that one does not look for an option."""
    names = auth.ENVIRONMENT.get(problem.option or "", ())
    variable = origin(problem, params, os.environ, names) if isinstance(problem, OptionError) else None
    if variable and not problem.hint:
        problem.hint = f"The value comes from the environment variable {variable}."
    return problem


def _found_result(module: Module, task: Task, diff_mode: bool) -> Document:
    """Return what a module read. One that keeps it in a file says changed itself, and diff, which only diff mode shows."""
    if module.read is None:
        raise TypeError("a module needs resources or read")
    found = {"changed": False, **module.read(task)}
    problem = module.failure(task, found) if module.failure else None
    found |= {**_fields(problem), "failed": True} if problem else {}
    return found if diff_mode else {name: value for name, value in found.items() if name != "diff"}


def _changed_result(module: Module, task: Task, diff_mode: bool) -> Document:
    if module.resources is None:
        raise TypeError("a module needs resources or read")
    outcomes = converge(module.resources(task), task.world, task.check_mode)
    failed = [outcome for outcome in outcomes if outcome.error]
    reported, problem = _reported(module, task, outcomes)
    result: Document = {"changed": any(outcome.changed for outcome in outcomes), **reported}
    if diff_mode:
        result["diff"] = {"before": _diff_side(module, outcomes, "before"), "after": _diff_side(module, outcomes, "after")}
    result.update(_noticed(outcomes))
    if failed:
        return {**result, **_failures(failed)}
    return {**result, **_fields(problem), "failed": True} if problem else result


def _made_by(recipe: Recipe, diff_mode: bool) -> Document:
    """Converge a recipe of many things, and return its result with one failure for all that failed."""
    outcomes = converge(recipe.resources, recipe.world, recipe.check_mode, recipe.groups)
    result: Document = {"changed": any(outcome.changed for outcome in outcomes), **recipe.report(outcomes)}
    if diff_mode:
        result["diff"] = recipe.diff(outcomes, lambda outcome, side: snake_cased(getattr(outcome.plan, side)))
    result.update(_noticed(outcomes))
    problem = recipe.failure(outcomes, result)
    lost = [snake_cased(outcome.lost) for outcome in outcomes if outcome.lost]
    return {**result, **({"lost": lost} if lost else {}), **({**_fields(problem), "failed": True} if problem else {})}


def _noticed(outcomes: t.Sequence[Outcome]) -> Document:
    """Return what Azure did not keep, and what to warn of."""
    result: Document = {}
    not_kept = [(outcome, item) for outcome in outcomes for item in outcome.not_kept]
    warnings = list(dict.fromkeys(sentence for outcome in outcomes for sentence in outcome.remarks))
    if not_kept:
        result["not_kept"] = [
            {"path": item.path, "asked": item.requested, "kept": item.kept, "resource_id": str(outcome.id)} for outcome, item in not_kept
        ]
        warnings.append(_not_kept_warning(not_kept, any(outcome.changed for outcome in outcomes)))
    if warnings:
        result["warnings"] = warnings
    return result


def _reported(module: Module, task: Task, outcomes: t.Sequence[Outcome]) -> tuple[Document, Problem | None]:
    """Return the result fields of the outcomes; a failure to make them must not hide what was written."""
    try:
        return module.report(task, outcomes) if module.report else _one_result(outcomes), None
    except Problem as problem:
        return {}, problem


def _not_kept_warning(not_kept: t.Sequence[tuple[Outcome, NotKept]], changed: bool) -> str:
    parts = [
        f"{_words(item.keys)} of {outcome.label} (requested {rendered(item.requested)}, stored {rendered(item.kept)})"
        for outcome, item in not_kept
    ]
    nothing = "" if changed else "; nothing was changed, and every run will repeat this warning"
    return (
        f"Azure accepted a write and did not keep {', '.join(parts)}{nothing}: check for an "
        "Azure Policy with the effect Modify, or leave the value out."
    )


def _words(keys: t.Sequence[str]) -> str:
    """Return the place of a value on the wire as options and results spell it."""
    document: t.Any = None
    for key in reversed(keys):
        document = {key: document}
    words, inner = [], snake_cased(document)
    while isinstance(inner, dict) and inner:
        word = next(iter(inner))
        inner = inner[word]
        words.append(word)
    return ".".join(words)


def _failures(failed: t.Sequence[Outcome]) -> Document:
    """Return the fields of a failed task: those of the first error, every one in errors where there are several, and what is lost."""
    causes = [outcome for outcome in failed if not outcome.skipped] or list(failed)
    others = [outcome for outcome in failed if outcome.skipped and outcome not in causes]
    gone = [outcome for outcome in others if outcome.lost]
    parts = {"deleted and not recreated": gone, "skipped": [outcome for outcome in others if outcome not in gone]}
    skipped = "".join(f"; {what} because of it: {', '.join(each.label for each in those)}" for what, those in parts.items() if those)
    errors = [_fields(outcome.error) for outcome in (*causes, *others) if outcome.error]
    lost = [snake_cased(outcome.lost) for outcome in failed if outcome.lost]
    first = t.cast(Problem, causes[0].error)
    hints = filter(None, [first.hint, *(outcome.error.hint for outcome in gone if outcome.error)])
    first.hint = " ".join(dict.fromkeys(hints)) or None
    return {
        **_fields(first, skipped),
        "failed": True,
        **({"errors": errors} if len(errors) > 1 else {}),
        **({"lost": lost} if lost else {}),
    }


def _one_result(outcomes: t.Sequence[Outcome]) -> Document:
    """Return the first resource's id, and every resource with its facts."""
    main = outcomes[0]
    result: Document = {"id": main.document.get("id") or str(main.id)}
    for outcome in outcomes:
        result[outcome.resource.key] = snake_cased(outcome.document)
        result.update(outcome.facts)
    return result


def _diff_side(module: Module, outcomes: t.Sequence[Outcome], side: t.Literal["before", "after"]) -> Document:
    """Return one document for the task: the first resource's own, the others under their names."""
    if module.diff_by_id:
        return {str(outcome.id): snake_cased(getattr(outcome.plan, side)) for outcome in outcomes if outcome.changed}
    if len({outcome.resource.key for outcome in outcomes}) < len(outcomes) or not outcomes:
        return {outcome.id.name: snake_cased(getattr(outcome.plan, side)) for outcome in outcomes if outcome.changed}
    first, *others = outcomes
    own = snake_cased(getattr(first.plan, side)) if first.changed else {}
    more = {outcome.resource.key: snake_cased(getattr(outcome.plan, side)) for outcome in others if outcome.changed}
    return {**own, **more}


def snake_cased(document: Document) -> Document:
    """Return an ARM document as results show it: snake_case, with 'properties' merged into the document."""
    return t.cast(Document, camel_dict_to_snake_dict(_flat(document), ignore_list=_USERS_KEYS))


def _flat(value: t.Any) -> t.Any:
    if isinstance(value, list):
        return [_flat(item) for item in value]
    if not isinstance(value, dict):
        return value
    flat = {key: item if key in _USERS_KEYS else _flat(item) for key, item in value.items()}
    inner = flat.get("properties")
    if not isinstance(inner, dict):
        return flat
    del flat["properties"]
    return {**inner, **flat}


def failure(problem: Problem) -> Document:
    """Return the result of a task that failed before anything was written."""
    return {"failed": True, "changed": False, **_fields(problem)}


def _fields(problem: Problem, more: str = "") -> Document:
    """Return one error as fields; more: what else its message says before the hint."""
    problem.hint = hint_of(problem)
    message = problem.message.rstrip(".")
    code = f" ({problem.code})" if isinstance(problem, ArmError) and problem.code else ""
    unforeseen = problem.__cause__ if problem.code == "InternalError" else None
    cause = {"exception": "".join(traceback.format_exception(unforeseen))} if unforeseen else {}
    return {"msg": f"{message}{code}{more}." + (f" {problem.hint}" if problem.hint else ""), **problem.fields(), **cause}


class _Process(AnsibleModule):
    """A module process that reads its options' texts before Ansible validates them."""

    problem: Problem | None = None

    def _load_params(self) -> None:
        super()._load_params()
        try:
            self.params = typed(self.argument_spec, self.params)
        except Problem as problem:
            # Reported by run(): here the module is not whole yet. Nothing is left to validate or, before no_log is known, to be shown.
            self.problem = problem
            self.params = {name: value for name, value in self.params.items() if name.startswith("_ansible_")}
            self.argument_spec = {}
            self.mutually_exclusive = self.required_together = self.required_one_of = self.required_if = self.required_by = None

    def fail_json(self, msg: str, **fields: t.Any) -> t.NoReturn:
        super().fail_json(Problem(msg).message, **fields)


def run(module: Module) -> None:
    """Run a module as an ordinary module process."""
    ansible = _Process(supports_check_mode=True, **module.spec)
    problem = ansible.problem or old_python(OLDEST_PYTHON_OF_THE_HOST if module.local else OLDEST_PYTHON)
    if problem:
        ansible.fail_json(**failure(problem))
    result = perform(module, ansible.params, check_mode=ansible.check_mode, diff_mode=ansible._diff)
    for warning in result.pop("warnings", []):
        ansible.warn(warning)
    if result.get("failed"):
        ansible.fail_json(**result)
    ansible.exit_json(**result)
