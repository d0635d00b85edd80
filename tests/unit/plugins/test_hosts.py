# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that lack something: an old Python, a missing package. The message names the interpreter, what is missing, and the command."""

from __future__ import annotations

import ast
import collections
import importlib.util
import itertools
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils import _packages as packages
from ansible_collections.privatelink.azure.plugins.plugin_utils._hosts import explain_host_failure

PLUGINS = pathlib.Path(__file__).resolve().parents[3] / "plugins"
SHIPPED = sorted(path for folder in ("module_utils", "modules") for path in (PLUGINS / folder).rglob("*.py"))
PROBE = "ansible_collections.privatelink.azure.plugins.modules.keyvault_probe_info"
# What the probe runs, beside what it only imports.
RUN_BY_THE_PROBE = (
    "modules/keyvault_probe_info.py",
    *(f"module_utils/_{name}.py" for name in ("entry", "errors", "masking", "module", "options", "packages", "probe", "texts", "values")),
    *(f"module_utils/_{name}.py" for name in ("dns_servers", "probes")),
    *(f"module_utils/_recipes/{name}.py" for name in ("keyvault_probe_info", "probe_targets")),
    "module_utils/_azure/clock.py",
)
OPTIONS_OF_THE_PROBE = ("host_name", "ipv4", "resource_id", "vault_name", "wait_timeout")
ABSENT = "Traceback (most recent call last):\n  ...\nModuleNotFoundError: No module named 'azure.mgmt'"


# --- packages ---


def test_all_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"azure.core", "azure.identity", "azure.mgmt.core"}

    def found(name: str) -> object:
        if name in there:
            return object()
        if name == "azure.mgmt.network":
            return None
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib.util, "find_spec", found)
    problem = packages.missing_packages(ABSENT)
    names = "azure-mgmt-keyvault, azure-mgmt-network, azure-mgmt-privatedns, azure-mgmt-resource"
    assert (
        problem.message
        == f"The Python packages {names} are missing in {sys.executable} (ModuleNotFoundError: No module named 'azure.mgmt')"
    )
    file = PLUGINS.parent / "requirements.txt"
    assert problem.hint == f"Install the missing packages with: {sys.executable} -m pip install -r {file}"
    assert problem.code == "MissingPackage"


def test_a_package_that_cannot_be_loaded() -> None:
    problem = packages.missing_packages("Traceback\nImportError: cannot import name 'x' from 'azure.core'")
    assert problem.message == f"The Azure SDK in {sys.executable} cannot be loaded (ImportError: cannot import name 'x' from 'azure.core')"


def test_the_packages_are_those_of_the_requirements() -> None:
    lines = (PLUGINS.parent / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = {line.partition(">")[0] for line in lines if line and line[0] != "#"}
    assert named == {
        *packages._PACKAGES.values(),
        *packages._OPTIONAL.values(),
    }
    assert not [line for line in lines if "<" in line and line[0] != "#"], "Automation Hub refuses upper bounds"


def test_the_controller_knows_where_the_file_is() -> None:
    failed = {
        "failed": True,
        "code": "MissingPackage",
        "msg": f"x. Install with: /p -m pip install -r {packages.REQUIREMENTS}",
        "hint": packages.REQUIREMENTS,
    }
    path = shlex.quote(str(PLUGINS.parent / "requirements.txt"))
    assert explain_host_failure(failed, local=False) == {**failed, "msg": f"x. Install with: /p -m pip install -r {path}", "hint": path}


# --- old Pythons ---


def test_a_python_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    assert packages.old_python((3, 10)) is None
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    assert packages.old_python((3, 9)) is None
    problem = packages.old_python((3, 10))
    assert problem is not None
    assert (
        problem.message
        == f"This module needs Python 3.10 or later on the host that the task runs on, but {sys.executable} is Python 3.9.18"
    )
    assert "ansible_python_interpreter" in str(problem.hint)


@pytest.mark.parametrize(
    "failed",
    [
        {"module_stderr": '  File "AnsiballZ.py", line 3\nSyntaxError: future feature annotations is not defined\n', "module_stdout": ""},
        {"module_stderr": "", "module_stdout": "TypeError: 'type' object is not subscriptable"},
        {"exception": "TypeError: unsupported operand type(s) for |: 'type' and 'type'"},
        {"msg": "Module failed: zip() takes no keyword arguments"},
    ],
)
def test_a_python_that_is_too_old_to_load_a_module(failed: dict[str, t.Any]) -> None:
    result = {
        "failed": True,
        "rc": 1,
        "msg": "MODULE FAILURE",
        "ansible_facts": {"discovered_interpreter_python": "/usr/bin/python3.6"},
        **failed,
    }
    reported = explain_host_failure(result, local=True)
    assert reported["msg"].startswith(
        "This module needs Python 3.9 or later on the host that the task runs on, but /usr/bin/python3.6 is older. Set "
    )
    assert (reported["failed"], reported["code"], reported["rc"]) == (True, "UnsupportedPython", 1)
    assert "needs Python 3.10 or later" in explain_host_failure(result, local=False)["msg"]


@pytest.mark.parametrize(
    "result",
    [
        {"changed": True},
        {"failed": True, "msg": "Could not read it", "code": "AuthorizationFailed"},
        {"failed": True, "msg": "MODULE FAILURE", "module_stderr": "sudo: a password is required"},
        {"failed": True, "code": None, "msg": "'type' object is not subscriptable"},
    ],
)
def test_other_results_stay(result: dict[str, t.Any]) -> None:
    assert explain_host_failure(result, local=False) is result


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(PLUGINS).as_posix())
def test_python_3_9_loads_every_file(path: pathlib.Path) -> None:
    """So that it can say what it lacks: its grammar, and no union of types that is worked out when the file is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    loaded: collections.deque[ast.AST] = collections.deque(tree.body)
    while loaded:
        node = loaded.popleft()
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            loaded.extend(node.args.defaults)
            continue
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and _is_of_types(node)), f"line {node.lineno}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("dataclass"):
            assert not {"slots", "kw_only"}.intersection(str(keyword.arg) for keyword in node.keywords), f"line {node.lineno}"
        children = ast.iter_child_nodes(node)
        loaded.extend(child for child in children if not (isinstance(node, ast.AnnAssign) and child is node.annotation))


def _is_of_types(node: ast.BinOp) -> bool:
    """Tell a union of types from one of sets and flags: names of classes begin with a capital."""
    sides = [ast.unparse(side).rpartition(".")[2] for side in (node.left, node.right)]
    return any(
        (side[:1].isupper() and not side.isupper()) or side in ("None", "str", "int", "float", "bool", "dict", "list") for side in sides
    )


@pytest.mark.parametrize("name", RUN_BY_THE_PROBE)
def test_python_3_9_runs_the_probe(name: str) -> None:
    tree = ast.parse((PLUGINS / name).read_text(encoding="utf-8"), feature_version=(3, 9))
    run = [node for node in tree.body if getattr(node, "name", None) in OPTIONS_OF_THE_PROBE] if name.endswith("/_values.py") else [tree]
    assert run
    for node in itertools.chain.from_iterable(map(ast.walk, run)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            assert called not in ("pairwise", "bit_count", "aiter", "anext", "get_annotations"), f"line {node.lineno}"
            assert called != "zip" or "strict" not in [keyword.arg for keyword in node.keywords], f"line {node.lineno}"
            assert called != "isinstance" or not isinstance(node.args[1], ast.BinOp), f"line {node.lineno}"


def test_a_real_python_3_9_loads_the_probe() -> None:
    beside = pathlib.Path(sys.base_prefix).parent.glob(
        "3.9.*/bin/python3.9"
    )  # pyenv keeps them side by side, and puts a name on PATH that may not work
    found = [shutil.which("python3.9"), *map(str, beside)]
    python = next(
        (path for path in found if path and not subprocess.run([path, "-c", ""], check=False, capture_output=True).returncode), None
    )
    if python is None:
        pytest.skip("there is no Python 3.9")
    library = next(path for path in map(pathlib.Path, sys.path) if (path / "ansible" / "module_utils" / "basic.py").is_file())
    script = f"""
import importlib, sys, types
package = types.ModuleType("ansible")  # of which a host gets module_utils alone
package.__path__ = [{str(library / "ansible")!r}]
package.__file__ = {str(library / "ansible" / "__init__.py")!r}
sys.modules["ansible"] = package
importlib.import_module("{PROBE}")
"""
    collections_path = next(path for path in sys.path if pathlib.Path(path, "ansible_collections", "privatelink", "azure").is_dir())
    environment = {**os.environ, "PYTHONPATH": collections_path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
