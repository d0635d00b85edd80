# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks in this process: a module's recipe on documents of a test, or an action plugin as Ansible's worker runs it."""

from __future__ import annotations

import importlib
import os
import types
import typing as t

import pytest
from ansible import template as templates
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.privatelink.azure.plugins.module_utils import _entry as entry
from ansible_collections.privatelink.azure.plugins.module_utils import _module as modules
from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.tests.unit.plugins.private_estate import SUBSCRIPTION, Documents

PLUGINS = "ansible_collections.privatelink.azure.plugins"
ACCOUNT = {"client_id": "c", "secret": "s3cr3t-value", "tenant": "t", "subscription_id": SUBSCRIPTION}


def module_of(name: str) -> t.Any:
    """Return a module by its short name."""
    return importlib.import_module(f"{PLUGINS}.modules.{name}")


def on_documents(monkeypatch: pytest.MonkeyPatch, world: Documents) -> None:
    """Let tasks read these documents instead of Azure's."""
    monkeypatch.setattr(entry, "_SESSIONS", {})
    monkeypatch.setattr(auth, "credential", lambda *_arguments, **_keywords: None)
    monkeypatch.setattr(modules, "Live", lambda _arm: world)


def looked(
    monkeypatch: pytest.MonkeyPatch, world: Documents, module: str, /, *, check: bool = False, diff: bool = False, **options: t.Any
) -> Document:
    """Return the result of a module that reads these documents."""
    on_documents(monkeypatch, world)
    spec = dict(module_of(module).MODULE.spec)
    checked = ArgumentSpecValidator(spec.pop("argument_spec"), **spec).validate({**ACCOUNT, **options})
    if checked.error_messages:
        return {"failed": True, "changed": False, "msg": checked.error_messages[0]}
    return entry.perform(module_of(module).MODULE, checked.validated_parameters, check_mode=check, diff_mode=diff)


def trusted(value: t.Any) -> t.Any:
    """Return a value as if it were written in a playbook, where templates are rendered."""
    if isinstance(value, dict):
        return {name: trusted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return getattr(templates, "trust_as_template", str)(value) if isinstance(value, str) else value


def action(name: str, *, variables: Document | None = None, **task: t.Any) -> t.Any:
    """Return an action plugin for a task on this host. task: what differs from a plain one, like args=, check_mode= or async_val=."""
    full, loader, play = f"privatelink.azure.{name}", DataLoader(), PlayContext()
    plain = {"action": full, "resolved_action": full, "args": {}, "check_mode": False, "diff": False, "no_log": False, "async_val": 0}
    plain |= {"environment": None, "module_defaults": [], "delegate_to": None, "_parent": None, "_role": None}
    return importlib.import_module(f"{PLUGINS}.action.{name}").ActionModule(
        task=types.SimpleNamespace(**{**plain, **task}),
        connection=connection_loader.get("local", play, os.devnull),
        play_context=play,
        loader=loader,
        templar=templates.Templar(loader=loader, variables=trusted(variables or {})),
        shared_loader_obj=None,
    )


def acted(module: str, /, *, check: bool = False, **options: t.Any) -> Document:
    """Return the result of a task with these options, with the diff."""
    return t.cast(Document, action(module, args=options, check_mode=check, diff=True).run(task_vars={}))
