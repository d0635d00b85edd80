# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error that Azure is known to give on the way to a private vault has a next step."""

from __future__ import annotations

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._errors import ArmError, OptionError, Problem, WaitTimeout
from ansible_collections.privatelink.azure.plugins.module_utils._hints import HINTS, TEXTS, hint_for

# The codes that Azure was seen to answer for vaults, endpoints, zones, links, records, networks and groups.
KNOWN_CODES = [
    "AnotherOperationInProgress",
    "AuthorizationFailed",
    "BadRequest",
    "CannotDeleteResource",
    "Conflict",
    "ConflictError",
    "DuplicateResourceName",
    "Forbidden",
    "ForbiddenByConnection",
    "ForbiddenByFirewall",
    "ForbiddenByRbac",
    "InUseSubnetCannotBeDeleted",
    "InvalidPrivateDnsZoneIds",
    "InvalidPrivateLinkServiceId",
    "InvalidRequestFormat",
    "InvalidResource",
    "InvalidResourceReference",
    "LinkedAuthorizationFailed",
    "LocationNotAvailableForResourceGroup",
    "MethodNotAllowed",
    "MissingSubscriptionRegistration",
    "ParentResourceNotFound",
    "PreconditionFailed",
    "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled",
    "PrivateEndpointConnectionStatusNotPending",
    "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
    "PrivateEndpointNetworkPoliciesCannotBeEnabledOnPrivateEndpointSubnet",
    "PrivateEndpointWithIpConfigurationsCannotHaveGroupIdsOrMemberNames",
    "PrivateIPAddressIsAllocated",
    "ReferencedResourceNotProvisioned",
    "RequestDisallowedByPolicy",
    "ResourceGroupNotFound",
    "ResourceNotFound",
    "ResourceRequestsThrottled",
    "RetryableError",
    "RetryableErrorDueToAnotherOperation",
    "SoftDeletedVaultDoesNotExist",
    "SubnetsHaveNoServiceEndpointsConfigured",
    "SubscriptionRequestsThrottled",
    "TooManyRequests",
    "Unauthorized",
    "VaultAlreadyExists",
]


@pytest.mark.parametrize("code", KNOWN_CODES)
def test_a_known_code_has_a_hint(code: str) -> None:
    assert hint_for((code,), "what Azure said")


# The same error code, or one that nobody wrote down, means what its words say.
KNOWN_TEXTS = {
    "A vault with the same name already exists in deleted state.": ("ConflictError", "recover: true"),
    "Cannot create more than one private dns zone groups in the private endpoint": ("BadRequest", "only one DNS zone group"),
    "Call to Microsoft.KeyVault/vaults failed. Error message: connection one is missing required parameter 'group Id'.": (
        "Unknown",
        "group_ids",
    ),
    "Value found at properties.networkAcls.ipRules[0].value: 192.168.1.0/24 belongs to forbidden range 192.168.0.0-192.168.255.255": (
        "BadRequest",
        "public",
    ),
    "Private zone 'Z' is already linked to the virtual network 'V'.": ("Conflict", "virtual_network_id"),
    "A virtual network cannot be linked to multiple zones with overlapping namespaces.": ("BadRequest", "another zone of this name"),
    "Virtual network resource identity 'V' already in use.": ("Conflict", "deleted network"),
}


@pytest.mark.parametrize("message", KNOWN_TEXTS)
def test_known_words_tell_more_than_their_code(message: str) -> None:
    code, part = KNOWN_TEXTS[message]
    assert part in (hint_for((code,), message) or "")
    assert hint_for((code,), message) in TEXTS.values()


@pytest.mark.parametrize("code", HINTS)
def test_a_hint_is_a_sentence(code: str) -> None:
    assert HINTS[code][0].isupper()
    assert HINTS[code].endswith(".")
    assert "\n" not in HINTS[code]


def test_the_deepest_known_code_tells_the_most() -> None:
    codes = ("RetryableError", "ReferencedResourceNotProvisioned", "Unknown")
    assert hint_for(codes, "") == HINTS["ReferencedResourceNotProvisioned"]
    assert hint_for(("Forbidden", "ForbiddenByFirewall"), "") == HINTS["ForbiddenByFirewall"]


def test_a_deleted_vault_that_holds_the_name_is_no_lock() -> None:
    message = "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault."
    hint = hint_for(("ConflictError",), message)
    assert hint is not None
    assert "recover: true" in hint
    assert hint != hint_for(("ConflictError",), "A conflict occurred.")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("however the current tenant 'T' is not authorized to access linked subscription 'S'.", "auxiliary_tenant_ids"),
        (
            "it does not have permission to perform action 'PrivateEndpointConnectionsApproval/action' on the linked scope(s) 'V'",
            "on the vault",
        ),
        (
            "it does not have permission to perform action 'privateDnsZones/join/action' on the linked scope(s) 'Z'",
            "that the message names",
        ),
    ],
)
def test_what_is_linked_decides_the_hint(message: str, words: str) -> None:
    hint = hint_for(("LinkedAuthorizationFailed",), message)
    assert hint is not None
    assert words in hint


@pytest.mark.parametrize("code", ["AnotherOperationInProgress", "RetryableError", "ConflictError", "Conflict"])
def test_a_read_is_told_of_no_wait_and_of_no_other_name(code: str) -> None:
    """A read that is refused waited for nothing, and asked for nothing that could be there already."""
    read, write = hint_for((code,), "refused", reading=True), hint_for((code,), "refused")
    assert read and write and read != write
    assert "whole wait" not in read
    assert "another name" not in write + read


def test_a_token_that_may_not_go_over_plain_http() -> None:
    said = "Bearer token authentication is not permitted for non-TLS protected (non-https) URLs."
    assert "only sent over https" in (hint_for(("ConnectionFailed",), said) or "")


def test_an_unknown_code_has_none() -> None:
    assert hint_for((), "something") is None
    assert hint_for(("SomethingNew",), "something") is None


def test_a_problem_is_fields() -> None:
    problem = Problem("It broke", code="Broken", status=409, request_id="r", resource_id="/subscriptions/s", hint="Mend it.")
    assert str(problem) == "It broke"
    assert problem.fields() == {"code": "Broken", "status": 409, "request_id": "r", "resource_id": "/subscriptions/s", "hint": "Mend it."}
    assert Problem("It broke").fields() == dict.fromkeys(("code", "status", "request_id", "resource_id", "hint"))


def test_a_wrong_option_names_itself() -> None:
    error = OptionError("vault_id", "is wrong.", hint="Pass another.", resource_id="x")
    assert error.fields() == {
        "code": "InvalidOption",
        "status": None,
        "request_id": None,
        "resource_id": "x",
        "hint": "Pass another.",
        "option": "vault_id",
    }
    assert error.message == "vault_id: is wrong."


def test_codes_of_an_answer_go_from_the_outside_in() -> None:
    error = ArmError("no", code="RetryableError", details=("Inner", "Innermost"), retry_after=3.0, status=429)
    assert error.codes == ("RetryableError", "Inner", "Innermost")
    assert (error.retry_after, error.status) == (3.0, 429)
    assert ArmError("no").codes == ()
    assert isinstance(WaitTimeout("late"), Problem)
