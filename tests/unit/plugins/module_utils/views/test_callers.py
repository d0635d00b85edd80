# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who called a vault: what the log says is told, what it does not say is not known, and nobody is private on a guess."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.world import Live
from ansible_collections.privatelink.azure.plugins.module_utils._documents.audit_log import Row, query_of, rows_of
from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError
from ansible_collections.privatelink.azure.plugins.module_utils._views.callers import Accepted, Callers, callers_of, way_of
from ansible_collections.privatelink.azure.plugins.module_utils._views.callers_reading import read_callers
from ansible_collections.privatelink.azure.plugins.module_utils._views.evidence import Gates
from ansible_collections.privatelink.azure.plugins.module_utils._views.locked_out import CallersQuestion, LockedOut
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import VAULT, ReadOnlyArm, parsed

WORKSPACE = "/subscriptions/a0000000-0000-4000-8000-0000000000aa/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/all"
APPLICATION, OBJECT = "c0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000002"
NAMES = (
    *("Requests", "First", "Last", "Operation", "Status", "Address", "ObjectId", "ApplicationId", "Name"),
    *("How", "Subnet", "Endpoint", "Trusted"),
)
ROW = Row(
    3, "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z", "SecretGet", 200, "203.0.113.7", OBJECT, APPLICATION, "", "PublicIP", "", "", ""
)
SETTINGS = f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings"


def answer(*rows: Row) -> Document:
    """Return rows as the workspace answers them."""
    table = {"name": "PrimaryResult", "columns": [{"name": name, "type": "string"} for name in NAMES]}
    return {"tables": [{**table, "rows": [list(dataclasses.astuple(row)) for row in rows]}]}


def setting(workspace: str | None = WORKSPACE, **entry: t.Any) -> Document:
    """Return a diagnostic setting; Azure says null for what is not set."""
    logs = [{"category": None, "categoryGroup": "audit", "enabled": True, **entry}]
    return {"id": f"{SETTINGS}/audit", "properties": {"workspaceId": workspace, "logs": logs}}


class Asked(ReadOnlyArm):
    """An ARM with diagnostic settings, whose workspaces answer."""

    def __init__(self, answers: dict[str, t.Any], *settings: Document, **keywords: t.Any) -> None:
        super().__init__(lists={SETTINGS: list(settings)}, **keywords)
        self.answers = answers
        self.questions: list[tuple[str, str, Document]] = []

    def ask(self, path: str, api_version: str, question: Document | None = None, *, doing: str) -> tuple[int, Document]:
        """Answer a query."""
        assert doing
        self.questions.append((path, api_version, question or {}))
        found = self.answers[path.rpartition("/")[0]]
        if isinstance(found, Exception):
            raise found
        return t.cast("tuple[int, Document]", found)


def read(arm: Asked) -> Callers:
    """Read the callers of the vault."""
    return read_callers(Live(t.cast(t.Any, arm)), parsed(VAULT), 30)


# --- how a caller came in ---


@pytest.mark.parametrize(("changes", "way"), [
    ({}, "public"),
    ({"how": "Public IP"}, "public"),
    ({"how": ""}, "public"),  # the address is one of the internet
    ({"how": "", "address": ""}, "unknown"),
    ({"how": "", "address": "10.1.0.9"}, "unknown"),  # by a private endpoint or a service endpoint: nobody says which
    ({"how": "", "address": "fd00::1"}, "unknown"),
    ({"how": "PrivateIP", "address": "10.1.0.9"}, "unknown"),
    ({"how": "something new", "address": "not an address"}, "unknown"),
    ({"how": "Subnet", "address": "10.1.0.9"}, "service_endpoint"),
    ({"how": "", "subnet": "/subscriptions/1/subnets/a"}, "service_endpoint"),
    ({"how": "TrustedService"}, "trusted_service"),
    ({"how": "", "trusted": "Azure Backup"}, "trusted_service"),
    ({"how": "PublicIP", "trusted": "false"}, "public"),
    ({"how": "Private connection"}, "private_endpoint"),
    ({"how": "", "endpoint": "/subscriptions/1/privateEndpoints/pe"}, "private_endpoint"),
])  # fmt: skip
def test_the_record_says_how_a_caller_came_in(changes: dict[str, str], way: str) -> None:
    address = {"address": "203.0.113.7"} if "how" not in changes else {}
    public = {"address": "20.50.2.51"} if changes.get("how") == "" and "address" not in changes else {}
    assert way_of(dataclasses.replace(ROW, **{**address, **public, **changes})) == way


def test_only_those_are_callers_whom_the_firewall_let_in() -> None:
    others = [
        *(dataclasses.replace(ROW, status=status) for status in (401, 403)),
        *(
            dataclasses.replace(ROW, operation=name)
            for name in ("VaultGet", "VaultPatch", "Authentication", "GetPrivateLinkResources", "PutPrivateEndpointConnectionProxy")
        ),
        dataclasses.replace(ROW, operation="SecretNearExpiryEventGridNotification"),
    ]
    assert callers_of(others) == ()
    kept = callers_of([*others, ROW, dataclasses.replace(ROW, status=404), dataclasses.replace(ROW, status=0, operation="KeySign")])
    assert [(each.requests, each.operations) for each in kept] == [(9, ("KeySign", "SecretGet"))]


def test_callers_are_grouped_and_those_without_a_private_way_come_first() -> None:
    later = dataclasses.replace(ROW, first="2026-11-21T00:00:00Z", last="2026-11-22T00:00:00Z", operation="SecretList", requests=1)
    private = dataclasses.replace(ROW, address="10.1.0.9", how="Private connection", requests=900)
    often = dataclasses.replace(ROW, address="203.0.113.8", requests=50)
    found = callers_of([private, ROW, later, often])
    assert [each.address for each in found] == ["203.0.113.8", "203.0.113.7", "10.1.0.9"]
    assert found[1].rendered() == {
        "address": "203.0.113.7",
        "identity": APPLICATION,
        "object_id": OBJECT,
        "application_id": APPLICATION,
        "kind": "public",
        "requests": 4,
        "first_seen": ROW.first,
        "last_seen": "2026-11-22T00:00:00Z",
        "operations": ["SecretGet", "SecretList"],
    }


def test_trusted_services_lose_access_where_the_firewall_makes_no_exception() -> None:
    rows = [dataclasses.replace(ROW, how=how) for how in ("TrustedService", "Private connection", "Subnet")]
    found = Callers(30, callers_of(rows))
    assert [each.way for each in found.losing("azureservices")] == ["service_endpoint"]
    assert [each.way for each in found.losing("None")] == ["service_endpoint", "trusted_service"]


# --- who is accepted ---


@pytest.mark.parametrize(("accepted", "yes"), [
    (["203.0.113.7"], True),
    (["198.51.100.0/24", "203.0.113.0/24"], True),
    ([APPLICATION.upper()], True),
    ([OBJECT], True),
    (["Ann@Example.com"], True),
    (["198.51.100.0/24"], False),
    (["2001:db8::/32"], False),
    (["bob@example.com"], False),
    (["c0000000-0000-4000-8000-000000000003"], False),
    ([], False),
])  # fmt: skip
def test_callers_are_accepted_by_range_or_name(accepted: list[str], yes: bool) -> None:
    caller = callers_of([dataclasses.replace(ROW, name="ann@example.com")])[0]
    assert Accepted.of(accepted).has(caller) is yes


def test_a_name_accepts_a_caller_without_an_address_and_a_range_does_not() -> None:
    caller = callers_of([dataclasses.replace(ROW, address="")])[0]
    assert Accepted.of([APPLICATION]).has(caller) and not Accepted.of(["0.0.0.0/0"]).has(caller)
    nobody = callers_of([dataclasses.replace(ROW, object_id="", application_id="")])[0]
    assert not Accepted.of([APPLICATION]).has(nobody)


@pytest.mark.parametrize("text", ["203.0.113.0/33", "203.0.113.7/24", "203.0.113", "", " ", "10.0.0/8", "a/b"])
def test_what_is_meant_as_a_range_has_to_be_one(text: str) -> None:
    with pytest.raises(ValueError):
        Accepted.of([text])


# --- reading ---


def test_the_workspace_that_gets_the_audit_log_is_asked_once() -> None:
    arm = Asked({WORKSPACE: (200, answer(ROW))}, setting(), setting(WORKSPACE.upper().replace("SUBSCRIPTIONS", "subscriptions")))
    found = read(arm)
    assert found.known and found.workspace_id == WORKSPACE and found.since == ROW.first and len(found.callers) == 1
    assert [(path, version) for path, version, _question in arm.questions] == [(f"{WORKSPACE}/query", "2017-10-01")]
    query = arm.questions[0][2]["query"]
    assert query == query_of(VAULT, 30) and f'"{VAULT}"' in query and "ago(30d)" in query


UNKNOWN: dict[str, tuple[Asked, str]] = {
    "no setting": (Asked({}), "no diagnostic setting of the vault"),
    "another destination": (Asked({}, setting(None)), "no diagnostic setting of the vault"),
    "switched off": (Asked({}, setting(enabled=False)), "no diagnostic setting of the vault"),
    "another category": (
        Asked({}, setting(categoryGroup=None, category="AzurePolicyEvaluationDetails")),
        "no diagnostic setting of the vault",
    ),
    "settings not readable": (Asked({}, errors={SETTINGS: ArmError("no", status=403, code="AuthorizationFailed")}), "not readable"),
    "not allowed": (Asked({WORKSPACE: (403, {"error": {"code": "InsufficientAccessError"}})}, setting()), "is not readable"),
    "other tenant": (Asked({WORKSPACE: ArmError("no", status=401, code="InvalidAuthenticationTokenTenant")}, setting()), "is not readable"),
    "gone": (Asked({WORKSPACE: (404, {"error": {"code": "ResourceNotFound"}})}, setting()), "was not found"),
    "no data at all": (Asked({WORKSPACE: (204, {})}, setting()), "no audit log of any key vault"),
    "no table": (
        Asked(
            {WORKSPACE: (400, {"error": {"code": "BadArgumentError", "innererror": {"innererror": {"code": "SEM0100", "message": "x"}}}})},
            setting(),
        ),
        "no audit log of any key vault",
    ),
    "no record": (Asked({WORKSPACE: (200, answer())}, setting()), "has no record of this vault"),
    "half an answer": (
        Asked({WORKSPACE: (200, {**answer(ROW), "error": {"code": "PartialError", "message": "Too much."}})}, setting()),
        "PartialError",
    ),
    "out of order": (Asked({WORKSPACE: (500, {})}, setting()), "HTTP 500"),
    "no table in the answer": (Asked({WORKSPACE: (200, {"value": []})}, setting()), "answered something else"),
    "other columns": (Asked({WORKSPACE: (200, {"tables": [{"columns": [], "rows": []}]})}, setting()), "answered something else"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_known_is_never_nobody(name: str) -> None:
    arm, told = UNKNOWN[name]
    found = read(arm)
    shown = found.result("AzureServices")
    assert not found.known and not shown["known"] and told in found.reason and found.hint
    assert shown["reason"][0].isupper() and shown["reason"].endswith(".") and ".." not in shown["reason"]
    assert bool(found.task) is ("no diagnostic setting" in found.reason)
    assert [each.id for each in LockedOut(found, Accepted.of(["0.0.0.0/0"]), "AzureServices").reasons] == ["callers_unknown"]


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (407, "Http407", "HTTPS_PROXY"),
        (None, "UnexpectedAnswer", "NO_PROXY"),
        (None, "ConnectionFailed", "network"),
        (504, "X", "fewer days"),
    ],
)
def test_the_next_step_fits_the_trouble(status: int | None, code: str, words: str) -> None:
    found = read(Asked({WORKSPACE: ArmError("Could not ask: m", status=status, code=code)}, setting()))
    assert words in str(found.hint)
    assert "Could not ask" not in found.reason


def test_another_workspace_may_know() -> None:
    other = f"{WORKSPACE}2"
    found = read(Asked({WORKSPACE: (403, {}), other: (200, answer(ROW))}, setting(), setting(other)))
    assert found.known and found.workspace_id == other
    found = read(Asked({WORKSPACE: (403, {}), other: (200, answer())}, setting(), setting(other)))
    assert not found.known and found.workspace_id == WORKSPACE


def test_any_other_error_of_reading_the_settings_is_the_tasks() -> None:
    with pytest.raises(ArmError):
        read(Asked({}, errors={SETTINGS: ArmError("no", status=500, code="InternalServerError")}))


def test_rows_are_read_by_the_names_of_their_columns() -> None:
    whole = answer(ROW)
    table = whole["tables"][0]
    table["columns"].reverse()
    table["rows"][0].reverse()
    assert rows_of(whole) == [ROW]
    table["rows"][0][NAMES[::-1].index("Trusted")] = None
    assert rows_of(whole) == [ROW]


# --- the gate ---


def asked(gates: Gates | None, days: int = 30, accepted: t.Sequence[str] = ()) -> LockedOut | None:
    """Ask for a vault with these gates."""
    arm = Asked({WORKSPACE: (200, answer(ROW))}, setting())
    return CallersQuestion(days, Accepted.of(accepted)).read(Live(t.cast(t.Any, arm)), parsed(VAULT), gates)


def test_nobody_is_asked_where_nothing_can_be_lost() -> None:
    assert asked(Gates(), 0) is asked(None) is asked(Gates("Disabled")) is asked(Gates("SecuredByPerimeter")) is None


def test_callers_that_are_not_accepted_are_named() -> None:
    found = asked(Gates())
    assert found
    (reason,) = found.reasons
    assert reason.kind == "fixed" and "203.0.113.7" in reason.message and APPLICATION in reason.message and "30 days" in reason.message
    assert found.result()["public_callers"][0]["accepted"] is False
    accepted = asked(Gates(), accepted=["203.0.113.0/24"])
    assert accepted and not accepted.reasons and accepted.result()["public_callers"][0]["accepted"] is True


def test_a_message_names_a_few() -> None:
    rows = [dataclasses.replace(ROW, address=f"203.0.113.{number}") for number in range(9)]
    (reason,) = LockedOut(Callers(30, callers_of(rows)), Accepted(), "None").reasons
    assert reason.message.endswith("and 4 more") and "203.0.113.4" in reason.message and "203.0.113.5" not in reason.message
