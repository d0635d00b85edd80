# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure is asked before a replacement, and which of its answers refuse it."""

from __future__ import annotations

import typing as t

import hypothesis
import hypothesis.strategies as st
import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.compare import UNKNOWN, Document
from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, Problem
from ansible_collections.privatelink.azure.plugins.module_utils._preflight import refuse_beforehand
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_dns_zone_link import PrivateDnsZoneLink
from ansible_collections.privatelink.azure.plugins.module_utils._resources.private_endpoint import PrivateEndpoint
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource import Plan
from ansible_collections.privatelink.azure.plugins.module_utils._resources.resource_group import ResourceGroup
from ansible_collections.privatelink.azure.tests.unit.plugins.documents import ENDPOINT, GROUP, ZONE, parsed

BODY: Document = {"location": "westeurope", "properties": {"subnet": {"id": "/x"}}}
MAY: tuple[int, t.Any] = (200, {"value": [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/write"]}]})
VALID: tuple[int, t.Any] = (200, {"properties": {"validatedResources": []}})


class RequestKey:
    """Stands where Arm stands: answers the question about permissions, then the one about the new resource."""

    def __init__(self, permissions: tuple[int, t.Any] | Exception = MAY, validation: tuple[int, t.Any] | Exception = VALID) -> None:
        self.answers = {True: permissions, False: validation}
        self.questions: list[tuple[str, Document | None]] = []

    def ask(self, path: str, api_version: str, question: Document | None = None, *, doing: str) -> tuple[int, t.Any]:
        """Answer a question."""
        assert api_version and doing
        self.questions.append((path, question))
        answer = self.answers[question is None]
        if isinstance(answer, Exception):
            raise answer
        return answer


def refuse(arm: RequestKey, body: Document | None = None, resource: t.Any = None) -> None:
    """Ask about the replacement of an endpoint."""
    resource = resource or PrivateEndpoint(parsed(ENDPOINT), {})
    refuse_beforehand(resource, resource.found(None), Plan("replace", body=BODY if body is None else body), t.cast(t.Any, arm))


def refusal(*causes: Document, code: str = "ResourceValidationFailed") -> tuple[int, Document]:
    """Return the answer with these innermost causes."""
    inner = {"code": "PreflightValidationCheckFailed", "message": "See details.", "details": list(causes)}
    return 400, {"error": {"code": code, "message": "Validation failed.", "details": [inner]}}


def test_the_question_holds_the_whole_new_resource() -> None:
    arm = RequestKey()
    refuse(arm)
    (where, nothing), (path, question) = arm.questions
    assert (where, nothing) == (f"{GROUP}/providers/Microsoft.Authorization/permissions", None)
    assert path == "/providers/Microsoft.Resources/validateResources"
    assert question == {
        "provider": "Microsoft.Network",
        "type": "privateEndpoints",
        "location": "westeurope",
        "scope": GROUP,
        "resources": [{"name": "payments-endpoint", "apiVersion": PrivateEndpoint.validated_as, **BODY}],
        "performPreflightWithoutRbacWriteCheck": True,
    }


def test_a_nested_resource_is_named_with_what_it_is_nested_in() -> None:
    arm = RequestKey()
    refuse(arm, {}, PrivateDnsZoneLink(parsed(f"{ZONE}/virtualNetworkLinks/net"), {}))
    assert arm.questions[0][0] == f"{ZONE}/providers/Microsoft.Authorization/permissions"
    question = arm.questions[1][1] or {}
    assert (question["type"], question["resources"][0]["name"]) == (
        "privateDnsZones/virtualNetworkLinks",
        "privatelink.vaultcore.azure.net/net",
    )
    assert "location" not in question


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        ([{"actions": ["*/read"]}], False),
        ([{"actions": ["Microsoft.Network/*"], "notActions": ["microsoft.network/privateendpoints/WRITE"]}], False),
        ([{"actions": ["*/read"]}, {"actions": ["microsoft.network/*"], "notActions": []}], True),
        ([{"actions": ["Microsoft.Network/privateEndpoints/write"]}], True),
        ([], True),  # nothing is known
    ],
)
def test_a_right_that_is_missing_refuses(permissions: list[Document], allowed: bool) -> None:
    arm = RequestKey((200, {"value": permissions}))
    if allowed:
        return refuse(arm)
    with pytest.raises(Problem, match="was not deleted") as caught:
        refuse(arm)
    assert (caught.value.code, caught.value.resource_id) == ("AuthorizationFailed", ENDPOINT)
    assert len(arm.questions) == 1


def test_a_policy_that_forbids_the_new_resource_refuses() -> None:
    denied = {"code": "RequestDisallowedByPolicy", "message": "Disallowed\n by policy 'p'."}
    with pytest.raises(ArmError, match="so it was not deleted: Disallowed by policy 'p'") as caught:
        refuse(RequestKey(validation=refusal(denied)))
    assert (caught.value.code, caught.value.status) == ("RequestDisallowedByPolicy", 400)


@pytest.mark.parametrize(
    "answer",
    [
        refusal({"code": "PrivateIPAddressIsAllocated", "message": "The old one has it."}),
        refusal({"code": "RequestDisallowedByPolicy"}, code="InvalidRequestContent"),
        (403, {"error": {"code": "AuthorizationFailed"}}),
        (404, {}),
        (500, {"error": "x"}),
        ArmError("no", code="ConnectionFailed"),
    ],
)
def test_what_says_nothing_of_the_new_resource_refuses_nothing(answer: t.Any) -> None:
    refuse(RequestKey(validation=answer))
    refuse(RequestKey(permissions=answer))


def test_what_cannot_be_validated_is_not_asked() -> None:
    arm = RequestKey()
    refuse(arm, {"location": UNKNOWN})
    assert len(arm.questions) == 1
    refuse(arm, None, ResourceGroup(parsed(GROUP), {}))
    assert len(arm.questions) == 1


def _mappings(values: st.SearchStrategy[t.Any]) -> st.SearchStrategy[Document]:
    return st.dictionaries(
        st.sampled_from(["error", "code", "details", "message", "value", "actions", "notActions", "nextLink"]), values, max_size=4
    )


_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=2) | _mappings(inner), max_leaves=10
)


@hypothesis.given(st.sampled_from([200, 400, 404]), _mappings(_JSON))
@hypothesis.settings(max_examples=200, deadline=None)
def test_no_shape_of_an_answer_ends_in_a_traceback(status: int, body: Document) -> None:
    for arm in (RequestKey(validation=(status, body)), RequestKey(permissions=(status, body))):
        try:
            refuse(arm)
        except Problem as problem:
            assert "was not deleted" in problem.message
