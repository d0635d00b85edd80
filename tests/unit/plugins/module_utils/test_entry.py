# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task returns: documents in Ansible's writing, failures as fields, never a secret."""

from __future__ import annotations

import base64
import json
import pathlib
import types
import typing as t
import urllib.parse

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils import _entry as entry
from ansible_collections.privatelink.azure.plugins.module_utils import _options as options
from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock, Waiting
from ansible_collections.privatelink.azure.plugins.module_utils._azure.kinds import Kind
from ansible_collections.privatelink.azure.plugins.module_utils._azure.tokens import Credential
from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import World
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._documents.ids import ResourceId
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Known, Observed, Plan, Resource
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import endpoint, record_set, vault

SECRET = "s3cr3t-value"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
PARAMS: dict[str, t.Any] = {"client_id": "c", "secret": SECRET, "tenant": "t", "subscription_id": SUBSCRIPTION, "wait_timeout": 60}


class Kept(Resource):
    """A resource that exists already, or not."""

    kind = Kind("Test/things", "thing", "test.things")
    key = "thing"
    current: t.ClassVar[Document | None] = None

    def read(self, world: World, known: Known) -> Observed:
        """Return what exists."""
        return self.found(self.current)

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return a fact."""
        return {"a_fact": exists}


class Second(Kept):
    """Another one."""

    kind = Kind("Test/others", "thing", "test.others")
    key = "second_thing"


@pytest.fixture(autouse=True)
def _no_azure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "_SESSIONS", {})
    monkeypatch.setattr(auth, "credential", lambda *_arguments, **_keywords: None)


def perform(module: entry.Module, check_mode: bool = True, diff_mode: bool = False, **params: t.Any) -> Document:
    """Do a task in check mode."""
    return entry.perform(module, {**PARAMS, **params}, check_mode=check_mode, diff_mode=diff_mode)


def things(*kinds: type[Kept], **desired: t.Any) -> entry.Module:
    """Return a module of such resources."""
    return entry.Module({}, lambda task: [kind(ResourceId("s", "rg", kind.type, ("x",)), desired or None) for kind in kinds])


def raising(error: Exception) -> entry.Module:
    """Return a module that only reads, and fails."""

    def read(_task: entry.Task) -> Document:
        raise error

    return entry.Module({}, read=read)


# --- documents ---


def test_documents_are_flat_and_in_snake_case() -> None:
    shown = entry.snake_cased(endpoint())
    assert shown["custom_network_interface_name"] == ""
    assert shown["name"] == "payments-endpoint"
    assert shown["private_link_service_connections"][0]["private_link_service_connection_state"]["actions_required"] == "None"
    assert "properties" not in shown
    assert entry.snake_cased(record_set("10.1.0.4"))["a_records"] == [{"ipv4_address": "10.1.0.4"}]
    assert entry.snake_cased(vault())["enable_soft_delete"] is True
    assert entry.snake_cased({}) == {}


@pytest.mark.parametrize("key", ["tags", "metadata"])
def test_what_the_user_named_keeps_its_writing(key: str) -> None:
    assert entry.snake_cased({"properties": {key: {"costCenter": "x", "properties": "y"}}}) == {key: {"costCenter": "x", "properties": "y"}}


def test_what_a_resource_is_wins_over_its_properties() -> None:
    assert entry.snake_cased({"name": "mine", "properties": {"name": "other"}}) == {"name": "mine"}


# --- results ---


def test_a_result_holds_every_resource_under_its_name() -> None:
    result = perform(things(Kept, Second, location="here", properties={"someValue": 1}))
    assert result["changed"] is True
    assert result["id"] == "/subscriptions/s/resourceGroups/rg/providers/Test/things/x"
    assert result["thing"]["some_value"] == result["second_thing"]["some_value"] == 1
    assert result["a_fact"] is False
    assert "diff" not in result


def test_a_diff_names_what_a_second_resource_changes() -> None:
    diff = perform(things(Kept, Second, properties={"someValue": 1}), diff_mode=True)["diff"]
    assert diff == {"before": {"second_thing": {}}, "after": {"some_value": 1, "second_thing": {"some_value": 1}}}


def test_a_result_without_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Kept, "current", {"id": "/subscriptions/s/resourceGroups/RG/providers/Test/things/X", "properties": {"someValue": 1}}
    )
    result = perform(things(Kept, properties={"someValue": 1}), diff_mode=True)
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})
    assert result["id"].endswith("/X")


def test_a_module_may_report_its_outcomes_itself() -> None:
    several = entry.Module(
        {},
        lambda task: [Kept(ResourceId("s", "rg", Kept.type, (name,)), {"properties": {"someValue": 1}}) for name in ("x", "y")],
        report=lambda task, outcomes: {"names": [outcome.id.name for outcome in outcomes]},
    )
    result = perform(several, diff_mode=True)
    assert (result["changed"], result["names"]) == (True, ["x", "y"])
    assert result["diff"] == {"before": {"x": {}, "y": {}}, "after": {"x": {"some_value": 1}, "y": {"some_value": 1}}}
    nothing = entry.Module({}, lambda task: [], report=lambda task, outcomes: {"names": []})
    assert perform(nothing, diff_mode=True) == {"changed": False, "names": [], "diff": {"before": {}, "after": {}}}


def test_what_only_looks_never_changes() -> None:
    assert perform(entry.Module({}, read=lambda task: {"found": task["subscription_id"]})) == {"changed": False, "found": SUBSCRIPTION}


# --- failures ---


def test_a_failure_is_fields_and_one_sentence() -> None:
    error = ArmError("Could not read it: No right", code="AuthorizationFailed", status=403, request_id="r", resource_id="/x")
    result = perform(raising(error))
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["msg"] == f"Could not read it: No right (AuthorizationFailed). {result['hint']}"
    assert (result["code"], result["status"], result["request_id"], result["resource_id"]) == ("AuthorizationFailed", 403, "r", "/x")
    assert "option" not in result


def test_a_hint_of_its_own_is_kept() -> None:
    assert perform(raising(Problem("It broke.", code="AuthorizationFailed", hint="Mend it.")))["msg"] == "It broke. Mend it."
    assert perform(raising(ArmError("It broke", code="New")))["msg"] == "It broke (New)."


def test_the_deepest_code_gives_the_hint() -> None:
    result = perform(raising(ArmError("x", code="RetryableError", details=("PrivateIPAddressIsAllocated",))))
    assert "private_ip_address" in result["hint"]


def test_a_wrong_option_is_named() -> None:
    result = perform(raising(OptionError("vault_id", "is wrong; pass another.")))
    assert (result["option"], result["code"], result["msg"]) == ("vault_id", "InvalidOption", "vault_id: is wrong; pass another.")


@pytest.mark.parametrize(
    ("params", "option"),
    [({"wait_timeout": 0}, "wait_timeout"), ({"cloud_environment": "Nowhere"}, "cloud_environment"), ({"client_id": None}, "client_id")],
)
def test_what_is_wrong_before_azure_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any, params: dict[str, t.Any], option: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in auth.ENVIRONMENT["client_id"]:
        monkeypatch.delenv(name, raising=False)
    assert perform(raising(AssertionError()), **params)["option"] == option


def test_a_secret_is_never_told() -> None:
    result = perform(raising(ArmError(f"Azure echoed {SECRET}", code="Odd")))
    assert SECRET not in str(result)
    assert SECRET not in str(perform(entry.Module({}, read=lambda task: {"found": [SECRET]})))


def test_a_secret_of_the_environment_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_PASSWORD", "p4ssw0rd-value")
    assert "p4ssw0rd-value" not in str(perform(raising(ArmError("Azure echoed p4ssw0rd-value"))))


# --- sessions and options ---


def remembering(seen: list[t.Any]) -> entry.Module:
    """Return a module that keeps its connections."""

    def read(task: entry.Task) -> Document:
        seen.append(task.arm)
        return {}

    return entry.Module({}, read=read)


def test_items_of_a_loop_share_a_connection_and_accounts_do_not() -> None:
    seen: list[t.Any] = []
    module = remembering(seen)
    perform(module)
    perform(module, wait_timeout=5)
    perform(module, client_id="other")
    assert seen[0] is seen[1]
    assert seen[0] is not seen[2]
    assert seen[1].clock.seconds == 5


def test_a_fork_shares_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[t.Any] = []
    module = remembering(seen)
    perform(module)
    monkeypatch.setattr("os.getpid", lambda: -1)
    perform(module)
    assert seen[0] is not seen[1]


def test_what_a_task_reads_of_its_options() -> None:
    found: dict[str, t.Any] = {}

    def read(task: entry.Task) -> Document:
        found.update(absent=task.absent, tagging=task.tagging, id=str(task.id("Test/things", "x")), missing=task["nothing"])
        return {}

    perform(entry.Module({}, read=read), resource_group="rg", state="absent", tags={"a": 1}, append_tags=False)
    assert found == {
        "absent": True,
        "tagging": {"tags": {"a": "1"}, "append_tags": False},
        "id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Test/things/x",
        "missing": None,
    }


def test_every_module_takes_the_options_of_all() -> None:
    spec = entry.Module({"name": {"type": "str"}}, rules={"required_if": []}).spec
    assert spec["required_if"] == []
    assert spec["argument_spec"].keys() == {"name", *options.AUTH, *options.WAIT}


def test_a_plan_changes_something_unless_it_does_nothing() -> None:
    assert not Plan("none").changed
    assert all(Plan(action).changed for action in t.get_args(t.get_type_hints(Plan)["action"]) if action != "none")


# --- partial results ---


class Writable(Kept):
    """A resource that can be written, or fails."""

    replaceable = True
    fixed: t.ClassVar[dict[str, str]] = {"location": "location"}
    error: t.ClassVar[Problem | None] = None
    keeps: t.ClassVar[Document] = {}

    def write(self, world: World, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Keep the body, with what Azure makes of it."""
        yield from ()
        if self.error:
            raise self.error
        type(self).current = {"id": str(self.id), **plan.body, **self.keeps}
        return observed.with_document(self.current)

    def delete(self, world: World, observed: Observed, plan: Plan) -> Waiting[None]:
        """Forget it."""
        yield from ()
        type(self).current = None


class Dependent(Writable):
    """Another one, which needs the first."""

    kind = Kind("Test/others", "thing", "test.others")
    key = "second_thing"


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> entry.Module:
    """Return a module of a resource and one that needs it; neither is there."""
    for kind in (Writable, Dependent):
        for name, value in (("current", None), ("error", None), ("keeps", {})):
            monkeypatch.setattr(kind, name, value, raising=False)

    def resources(task: entry.Task) -> list[Resource]:
        requested = {"location": task["location"] or "here", "properties": {"someValue": 1}}
        first = Writable(ResourceId("s", "rg", Writable.type, ("x",)), requested, allow_replace=True, tags=task["tags"])
        return [first, Dependent(ResourceId("s", "rg", Dependent.type, ("x",)), requested, needs=[first])]

    return entry.Module({}, resources)


def forbidden() -> ArmError:
    """Return a refusal."""
    return ArmError("Could not write it: no", code="AuthorizationFailed", status=403, request_id="r")


def test_a_failure_after_a_write_tells_what_was_written(monkeypatch: pytest.MonkeyPatch, pair: entry.Module) -> None:
    monkeypatch.setattr(Dependent, "error", forbidden())
    result = perform(pair, check_mode=False, diff_mode=True)
    assert (result["failed"], result["changed"], result["code"], result["request_id"]) == (True, True, "AuthorizationFailed", "r")
    assert str(result["resource_id"]).endswith("Test/others/x")
    assert (result["thing"]["some_value"], result["a_fact"], result["second_thing"]) == (1, True, {})
    assert result["diff"] == {"before": {}, "after": {"location": "here", "some_value": 1}}
    assert "errors" not in result


def test_a_failure_names_what_was_skipped_and_every_error(monkeypatch: pytest.MonkeyPatch, pair: entry.Module) -> None:
    monkeypatch.setattr(Writable, "error", forbidden())
    result = perform(pair, check_mode=False, diff_mode=True)
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})
    assert "; skipped because of it: thing 'x' of resource group 'rg'." in result["msg"]
    assert [(error["code"], error["resource_id"].rpartition("/providers/")[2]) for error in result["errors"]] == [
        ("AuthorizationFailed", "Test/things/x"),
        ("Skipped", "Test/others/x"),
    ]


def test_a_replacement_that_failed_half_way_returns_what_is_lost(monkeypatch: pytest.MonkeyPatch, pair: entry.Module) -> None:
    perform(pair, check_mode=False, tags={"costCenter": "1"})
    monkeypatch.setattr(Writable, "error", forbidden())
    result = perform(pair, check_mode=False, diff_mode=True, location="there")
    assert (result["changed"], result["thing"]) == (True, {})
    assert result["lost"][0]["tags"] == {"costCenter": "1"}
    assert result["diff"]["before"]["location"] == "here" and "location" not in result["diff"]["after"]
    assert "does not exist now" in result["msg"] and "'lost'" in result["hint"]


def test_what_azure_did_not_keep_is_a_warning_and_no_change(monkeypatch: pytest.MonkeyPatch, pair: entry.Module) -> None:
    monkeypatch.setattr(Writable, "keeps", {"properties": {"someValue": 2}, "tags": {}})
    first = perform(pair, check_mode=False, tags={"Cost Center": "1"})
    assert first["changed"] is True
    second = perform(pair, check_mode=False, diff_mode=True, tags={"Cost Center": "1"})
    assert (second["changed"], second["diff"]) == (False, {"before": {}, "after": {}})
    assert second["not_kept"] == [
        {"path": path, "asked": requested, "kept": kept, "resource_id": "/subscriptions/s/resourceGroups/rg/providers/Test/things/x"}
        for path, requested, kept in (("properties.someValue", 1, 2), ("tags.Cost Center", "1", None))
    ]
    (warning,) = second["warnings"]
    assert "some_value of thing 'x'" in warning and "tags.Cost Center" in warning and "nothing was changed" in warning


def test_a_report_that_fails_too_does_not_hide_the_failure(monkeypatch: pytest.MonkeyPatch, pair: entry.Module) -> None:
    def report(_task: entry.Task, _outcomes: t.Any) -> Document:
        raise Problem("also", code="Other")

    monkeypatch.setattr(Dependent, "error", forbidden())
    result = perform(entry.Module({}, pair.resources, report), check_mode=False)
    assert (result["changed"], result["code"]) == (True, "AuthorizationFailed")


@pytest.mark.parametrize(
    "value", ["..", "s", "my subscription", f"/subscriptions/{SUBSCRIPTION}", f"{SUBSCRIPTION}?x", f"{SUBSCRIPTION}/resourceGroups/rg"]
)
@pytest.mark.parametrize("source", ["option", "environment"])
def test_a_subscription_is_a_guid_wherever_it_comes_from(monkeypatch: pytest.MonkeyPatch, source: str, value: str) -> None:
    if source == "environment":
        monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", value)
    result = perform(things(Kept), subscription_id=value if source == "option" else None)
    assert (result["failed"], result["option"], result["code"]) == (True, "subscription_id", "InvalidOption")
    assert result["msg"].startswith(f"subscription_id: '{value}' is not the ID of a subscription; pass a GUID")
    told = "The value comes from the environment variable AZURE_SUBSCRIPTION_ID." in result["msg"]
    assert told == (source == "environment")


# --- what leaves a task ---


def test_unchecked_certificates_are_warned_of_in_results_and_failures() -> None:
    for module in (things(Kept, properties={"someValue": 1}), raising(Problem("No"))):
        (warning,) = perform(module, cert_validation_mode="ignore")["warnings"]
        assert warning.startswith("cert_validation_mode: ignore ")
        assert "warnings" not in perform(module)


def test_an_error_that_nobody_foresaw_is_one_sentence() -> None:
    result = perform(raising(KeyError("id")))
    assert (result["failed"], result["changed"], result["code"]) == (True, False, "InternalError")
    assert result["msg"].startswith("An internal error ended the task (KeyError: 'id'). Please report it")
    assert "Traceback" in result["exception"]


_WEB_TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwcm9kIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "echo",
    [
        "client_assertion=%s",
        '{"error": "%s"}',
        "Bearer %s",
        "%s",
    ],
)
def test_whatever_the_other_side_echoes_is_masked(echo: str, tmp_path: pathlib.Path) -> None:
    """A federated token that was read from a file, and every token, whoever read it."""
    secret = "federated/secret+of=a file"
    (tmp_path / "token").write_text(f"{secret}\n", encoding="utf-8")
    account = auth.Account({"oidc_token_file_path": str(tmp_path / "token")}, "oidc_token_file_path")
    assert auth._assertion(account)() == secret
    for form in (
        secret,
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        base64.b64encode(secret.encode()).decode(),
        _WEB_TOKEN,
    ):
        result = perform(raising(ArmError(echo % form, code="invalid_client", hint=echo % form)))
        assert form.rstrip("=") not in json.dumps(result)
        assert result["msg"]


def test_a_token_is_a_secret_from_the_moment_it_comes() -> None:
    class Source:
        def get_token(self, *_scopes: str) -> t.Any:
            return types.SimpleNamespace(token="opaque~token")

    Credential(Source(), lambda: Clock(60)).get_token("scope")
    assert "opaque~token" not in json.dumps(perform(raising(Problem("The other side said opaque~token"))))
