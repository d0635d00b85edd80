# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house: who imports what, what happens at import time, and that a module is complete."""

from __future__ import annotations

import ast
import functools
import importlib
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest
import yaml

from ansible_collections.privatelink.azure.plugins.module_utils import _options as options
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module
from ansible_collections.privatelink.azure.plugins.module_utils._recipes.vault_scope import OPTIONS as VAULTS

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLUGINS = ROOT / "plugins"
PACKAGE = "ansible_collections.privatelink.azure.plugins"
FILES = sorted(path.relative_to(PLUGINS).as_posix() for path in PLUGINS.rglob("*.py"))
UTILS = [name for name in FILES if name.startswith("module_utils/")]
# What runs on the controller alone: the whole of it is the action file, the module file is its documentation, and it takes no credentials.
CONTROLLER_ONLY = ["validate_variables"]
MODULES = sorted({path.stem for path in (PLUGINS / "modules").glob("*.py")} - set(CONTROLLER_ONLY))
# What a file may do when it is imported, beside defining things.
_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
# What an assignment at import time may call: makers of plain values.
_MAKERS = {
    *("Check", "Cloud", "ExtensionKind", "Kind", "Module", "Rules"),
    *("InSubscription", "Level", "Nested", "OnScope"),
    *("TypeVar", "casefold", "compile", "format_exc", "fromkeys", "frozenset", "object", "split", "tuple"),
}


@functools.cache
def tree(name: str) -> ast.Module:
    """Return a plugin's file, parsed once for all rules."""
    return ast.parse((PLUGINS / name).read_text(encoding="utf-8"))


@functools.cache
def imported(node: ast.AST) -> set[str]:
    """Return the names of all modules that are imported somewhere below a node, absolute ones only."""
    found: set[str] = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Import):
            found.update(alias.name for alias in item.names)
        elif isinstance(item, ast.ImportFrom) and not item.level and item.module:
            found.add(item.module)
    return found


def importing(node: ast.AST, package: str) -> set[str]:
    """Return the imports of a package or its parts."""
    return {name for name in imported(node) if name == package or name.startswith(f"{package}.")}


def load(kind: str, name: str) -> t.Any:
    """Return a plugin as Python sees it."""
    return importlib.import_module(f"{PACKAGE}.{kind}.{name}")


# --- imports ---


@pytest.mark.parametrize("name", [name for name in UTILS if name != "module_utils/_entry.py"])
def test_only_entry_imports_ansible(name: str) -> None:
    assert importing(tree(name), "ansible") == set()


# The only files that import the SDK; everything else in the wire's folder uses it through sdk.
_SDK = ("module_utils/_azure/auth.py", "module_utils/_azure/sdk.py")


# What ansible-core 2.22 warns of whenever it is used, and 2.25 takes away.
_LEAVING = {
    "get_all_subclasses",
    "get_platform",
    "heuristic_log_sanitize",
    "load_platform_subclass",
    "remove_values",
    "sanitize_keys",
    "six",
}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_used_that_ansible_takes_away(name: str) -> None:
    found = [node for node in ast.walk(tree(name)) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ansible.")]
    assert not _LEAVING.intersection(alias.name for node in found for alias in node.names)
    assert not [node.module for node in found if "_collections_compat" in str(node.module) or ".six" in str(node.module)]


@pytest.mark.parametrize("name", [name for name in FILES if name not in _SDK])
def test_only_sdk_and_auth_import_azure(name: str) -> None:
    assert not {found for library in ("azure", "msal", "msrest", "requests", "urllib3") for found in importing(tree(name), library)}


@pytest.mark.parametrize("name", _SDK)
def test_imports_of_azure_are_guarded(name: str) -> None:
    guarded = [node for node in tree(name).body if isinstance(node, ast.Try)]
    assert len(guarded) == 1
    assert importing(guarded[0], "azure") == importing(tree(name), "azure") != set()
    assert [ast.unparse(handler.type) for handler in guarded[0].handlers if handler.type] == ["ImportError"]


@pytest.mark.parametrize("name", FILES)
def test_plugins_know_no_tests(name: str) -> None:
    found = imported(tree(name))
    assert not {item for item in found if "tests" in item.split(".") or item.split(".")[0] in ("emulator", "pytest", "unit")}


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("doc_fragments/")])
def test_only_the_controllers_side_knows_the_controller(name: str) -> None:
    on_controller = importing(tree(name), "ansible.plugins") | importing(tree(name), f"{PACKAGE}.plugin_utils")
    assert not on_controller or name.startswith(("action/", "inventory/", "plugin_utils/"))


# The rooms of module_utils from the ground up: each imports only what is below it.
FLOORS = (
    *(
        "_masking",
        "_errors",
        "_files",
        "_hints",
        "_packages",
        "_documents",
        "_reporter",
        "_azure",
        "_pacing",
        "_values",
        "_options",
        "_spelling",
        "_texts",
        "_id_parts",
        "_variables",
        "_probe",
        "_dns_servers",
        "_probes",
    ),
    *(
        "_resources",
        "_views",
        "_pages",
        "_kept",
        "_preflight",
        "_writing",
        "_order",
        "_groups",
        "_converge",
        "_identity",
        "_module",
        "_recipes",
        "_entry",
    ),
)


def neighbours(name: str) -> set[str]:
    """Return the rooms of module_utils that a file imports when it runs; what only a type checker imports binds nothing."""
    place = name.removesuffix(".py").split("/")[1:]
    found: set[str] = set()
    for node in ast.walk(without_type_checking(tree(name))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = [*place[: len(place) - node.level], *(node.module.split(".") if node.module else [])]
        found |= {base[0]} if base else {alias.name for alias in node.names}
    return found - {place[0]}


def without_type_checking(body: ast.Module) -> ast.Module:
    """Return a file without the imports of its type checker."""
    return ast.Module([node for node in body.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "t.TYPE_CHECKING")], [])


@pytest.mark.parametrize("name", UTILS)
def test_nothing_imports_upwards(name: str) -> None:
    room = name.removesuffix(".py").split("/")[1]
    assert room in FLOORS, f"{room} has no floor yet"
    assert not {other for other in neighbours(name) if FLOORS.index(other) > FLOORS.index(room)}


def test_every_floor_is_there() -> None:
    assert {name.removesuffix(".py").split("/")[1] for name in UTILS} == set(FLOORS)


def test_what_is_internal_says_so() -> None:
    """Nobody outside builds on a name that begins with an underscore, so it may change."""
    utilities = [path.stem for path in (PLUGINS / "plugin_utils").glob("*.py")]
    assert [name for name in [*FLOORS, *utilities] if not name.startswith("_")] == []


LONGEST_FILE, LONGEST_FUNCTION = 400, 40


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("doc_fragments/")])
def test_a_file_is_read_in_one_sitting(name: str) -> None:
    """What a module says in its documentation is for other readers."""
    text = (PLUGINS / name).read_text(encoding="utf-8")
    documentation = [node for node in tree(name).body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)]
    lines = len(text.splitlines()) - sum((node.end_lineno or 0) - node.lineno for node in documentation)
    assert lines < LONGEST_FILE
    functions = [node for node in ast.walk(tree(name)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert not [node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 >= LONGEST_FUNCTION]


# --- import time ---


@pytest.mark.parametrize("name", FILES)
def test_importing_a_file_only_defines(name: str) -> None:
    for node in tree(name).body:
        if isinstance(node, ast.Expr):
            warms_up = name == "plugin_utils/_in_process.py" and ast.unparse(node) == "warm_up()"
            assert isinstance(node.value, ast.Constant) or warms_up, ast.unparse(node)
        elif isinstance(node, ast.If):
            assert ast.unparse(node.test) in ("t.TYPE_CHECKING", "__name__ == '__main__'")
        elif isinstance(node, ast.Try):
            inner = [*node.body, *node.orelse, *(line for handler in node.handlers for line in handler.body)]
            assert all(isinstance(line, _DEFINITIONS) for line in inner)
        else:
            assert isinstance(node, _DEFINITIONS), ast.unparse(node)
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                assert called(node) <= _MAKERS, ast.unparse(node)


def called(node: ast.AST) -> set[str]:
    """Return the names of what is called below a node, without their modules."""
    return {ast.unparse(item.func).rpartition(".")[2] for item in ast.walk(node) if isinstance(item, ast.Call)}


def test_the_first_request_of_a_worker_checks_no_types_anew() -> None:
    """An isinstance check of a type that warm_up left out walks every model of the SDK, in each task again."""
    script = f"""
import abc, io, requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse
import {PACKAGE}.plugin_utils._in_process
class Wire(BaseAdapter):
    def send(self, request, **settings):
        headers = {{"Content-Type": "application/json"}}
        return HTTPAdapter().build_response(request, HTTPResponse(io.BytesIO(b"{{}}"), headers, 200, preload_content=False))
    def close(self):
        pass
walked, check = [], abc.ABCMeta.__subclasscheck__
abc.ABCMeta.__subclasscheck__ = lambda kind, other: walked.append((kind, other)) or check(kind, other)
with requests.Session() as session:
    session.mount("https://", Wire())
    session.get("https://localhost/", headers={{"Accept": "a"}}, params={{"a": "b"}}, data=b"x", timeout=(1, 2)).json()
assert len(walked) < 100, [name for name in walked if name[0].__module__ != "abc"][:5]
"""
    alone(script)


def test_importing_all_action_plugins_opens_nothing() -> None:
    """No thread, socket or TLS context may cross the fork of a worker."""
    script = f"""
import importlib, ssl, socket, threading
def refuse(*_arguments, **_keywords):
    raise SystemExit("made at import time")
ssl.SSLContext.load_verify_locations = ssl.SSLContext.load_default_certs = refuse
socket.socket.connect = threading.Thread.start = refuse
for name in {MODULES!r}:
    importlib.import_module("{PACKAGE}.action." + name)
assert threading.active_count() == 1
"""
    alone(script)


def test_a_missing_sdk_is_no_error_at_import_time() -> None:
    """An action file that raises at its import would end the whole run, beyond any rescue."""
    script = f"""
import sys
sys.modules["azure"] = None
from {PACKAGE}.action import keyvault
from {PACKAGE}.module_utils import _errors as errors
from {PACKAGE}.module_utils._azure import arm, auth
assert "azure" in arm.IMPORT_ERROR and arm.IMPORT_ERROR and auth.IMPORT_ERROR
for use in (lambda: arm.Arm(None, None), lambda: auth.credential(None, None)):
    try:
        use()
    except errors.Problem as problem:
        assert problem.code == "MissingPackage" and "requirements.txt" in problem.hint
    else:
        raise SystemExit("no Problem")
"""
    alone(script)


def alone(script: str) -> None:
    """Run a script in a Python of its own, which imports from where this one does."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


# --- a module is complete ---


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_a_small_action_file_of_its_own(name: str) -> None:
    file = PLUGINS / "action" / f"{name}.py"
    assert not file.is_symlink()
    (action,) = [node for node in tree(f"action/{name}.py").body if isinstance(node, ast.ClassDef)]
    body = [node for node in action.body if not isinstance(node, ast.Expr)]
    assert [ast.unparse(node) for node in body] == ["module = MODULE"]
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 15
    assert load("action", name).ActionModule.module is load("modules", name).MODULE


def test_every_action_file_has_a_module() -> None:
    assert sorted(path.stem for path in (PLUGINS / "action").glob("*.py")) == sorted(MODULES + CONTROLLER_ONLY)


@pytest.mark.parametrize("name", CONTROLLER_ONLY)
def test_a_module_of_the_controller_is_documentation_alone(name: str) -> None:
    file = load("modules", name)
    documentation = yaml.safe_load(file.DOCUMENTATION)
    assert documentation["module"] == name and yaml.safe_load(file.EXAMPLES) and yaml.safe_load(file.RETURN)
    assert compared(documentation["options"]) == compared(load("action", name).OPTIONS)
    assert not [node for node in tree(f"modules/{name}.py").body if not isinstance(node, (ast.ImportFrom, ast.Assign))]
    assert not importing(tree(f"action/{name}.py"), f"{PACKAGE}.module_utils._entry")


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"] == {"azure": MODULES}
    assert "plugin_routing" not in runtime


@pytest.mark.parametrize("name", MODULES)
def test_a_module_maps_options_and_nothing_else(name: str) -> None:
    """No HTTP, no comparison, no waiting, no check mode beyond what an option's check needs."""
    body = tree(f"modules/{name}.py")
    functions = {node.name for node in body.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    assert functions <= {"main", "resources", "report", "read"}
    assert not importing(body, "ansible.module_utils")
    used = ("_azure.arm", "_documents.compare", "_converge")
    assert not {found for name in used for found in importing(body, f"{PACKAGE}.module_utils.{name}")}


# What has no tags in Azure.
_UNTAGGED = {
    "private_vaults",  # tags are a setting of each vault
    "decommission",  # it only removes
    "diagnostic_setting",
    "endpoint_connection_approval",
    "endpoint_connection_rules",
    "export",  # it writes nothing to Azure
    "keyvault_audit",  # it writes nothing to Azure
    "keyvault_private_link_check",  # nor does this
    "keyvault_public_network_access",  # it closes a vault and manages nothing else of it
    "management_lock",
    "private_dns_a_record",  # a record set has metadata instead
    "resource_provider",
    "role_assignment",
    "subnet",
}


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("_info")])
def test_what_carries_tags_takes_tags(name: str) -> None:
    takes = set(options.TAGS) & set(load("modules", name).MODULE.options)
    assert takes == (set() if name in _UNTAGGED else {"tags", "append_tags"})


# --- documentation equals options ---


def documented(documentation: str) -> dict[str, t.Any]:
    """Return the options of a YAML documentation."""
    return dict(yaml.safe_load(documentation)["options"])


def compared(spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what documentation must say of options."""
    kept = {}
    for name, option in spec.items():
        said = {key: option[key] for key in ("type", "elements", "choices", "default", "required", "aliases") if key in option}
        inner = option.get("options", option.get("suboptions"))
        kept[name] = {**said, **({"options": compared(inner)} if inner else {})}
        kept[name].setdefault("type", "str")
    return kept


@pytest.mark.parametrize(
    ("fragment", "group"),
    [("azure", {**options.AUTH, **options.WAIT}), ("state", options.STATE), ("tags", options.TAGS), ("vaults", VAULTS), ("attributes", {})],
)
def test_a_fragment_documents_its_group(fragment: str, group: options.Spec) -> None:
    assert compared(documented(load("doc_fragments", fragment).ModuleDocFragment.DOCUMENTATION)) == compared(group)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_documents_its_options(name: str) -> None:
    file = load("modules", name)
    documentation = yaml.safe_load(file.DOCUMENTATION)
    assert documentation["module"] == name
    reported = dict(documentation["options"])
    for fragment in documentation["extends_documentation_fragment"]:
        attribute = "DOCUMENTATION" if fragment.count(".") == 2 else fragment.rpartition(".")[2].upper()
        reported |= documented(getattr(load("doc_fragments", fragment.split(".")[2]).ModuleDocFragment, attribute))
    module: Module = file.MODULE
    assert compared(reported) == compared(module.spec["argument_spec"])


def test_what_modules_share_is_documented_once() -> None:
    """An option that two modules describe in the same words belongs into a fragment."""
    described: dict[str, set[str]] = {}
    for name in MODULES:
        for option, text in (yaml.safe_load(load("modules", name).DOCUMENTATION)["options"] or {}).items():
            described.setdefault(yaml.safe_dump({option: text}), set()).add(name)
    assert not {text: names for text, names in described.items() if len(names) > 1}


def test_both_modules_of_an_endpoint_document_the_same_result() -> None:
    """Fragments cannot share RETURN."""
    general, of_vaults = (yaml.safe_load(load("modules", name).RETURN) for name in ("private_endpoint", "keyvault_private_endpoint"))
    assert general == {key: value for key, value in of_vaults.items() if key != "vault_uri"}


# What is about many resources at once.
_WITHOUT_ID = {"decommission", "export", "keyvault_audit", "keyvault_private_link_check", "private_vaults"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_documents_what_it_returns(name: str) -> None:
    file = load("modules", name)
    returned = yaml.safe_load(file.RETURN)
    assert "id" in returned or name in _WITHOUT_ID
    assert yaml.safe_load(file.EXAMPLES)
    if file.MODULE.resources and not file.MODULE.report:
        assert {value["type"] for value in returned.values()} >= {"str", "dict"}


@pytest.mark.parametrize("fragment", ["azure", "endpoint", "state", "tags", "vaults", "attributes"])
def test_fragments_say_where_their_options_are(fragment: str) -> None:
    assert load("doc_fragments", fragment).__doc__


def test_no_section_of_a_fragment_bears_the_name_of_a_fragments_file() -> None:
    """Ansible looks for a file of the last part of the name first, and would document its options."""
    files = {path.stem for path in (PLUGINS / "doc_fragments").glob("*.py")}
    for name in files:
        sections = {section.casefold() for section in vars(load("doc_fragments", name).ModuleDocFragment) if section.isupper()}
        assert not sections & files - {name}
