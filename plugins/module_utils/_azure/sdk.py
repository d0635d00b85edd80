# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this collection uses of the Azure SDK. The imports are guarded: a missing package must fail a task, not the whole run."""

from __future__ import annotations

import json
import traceback
import typing as t

from .._errors import Stopped
from . import auth

try:
    from azure.core.exceptions import (
        AzureError,
        ClientAuthenticationError,
        DecodeError,
        DeserializationError,
        HttpResponseError,
        ServiceRequestError,
        ServiceResponseError,
    )
    from azure.core.pipeline import policies
    from azure.core.pipeline.transport import RequestsTransport  # pylint: disable=no-name-in-module
    from azure.core.polling.base_polling import LocationPolling, OperationFailed, StatusCheckPolling
    from azure.core.rest import HttpRequest
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy, ARMHttpLoggingPolicy, AuxiliaryAuthenticationPolicy
    from azure.mgmt.core.polling.arm_polling import ARMPolling, AzureAsyncOperationPolling
    from azure.mgmt.keyvault import KeyVaultManagementClient
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.privatedns import PrivateDnsManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from requests.exceptions import ContentDecodingError
except ImportError:
    IMPORT_ERROR: str | None = traceback.format_exc()
    # Bases of our own classes, and what our code catches.
    Polling: t.Any = object
    RedirectPolicy: t.Any = object
    DecodePolicy: t.Any = object
    ChallengePolicy: t.Any = object
    NotDecoded: t.Any = ValueError
    Transport: t.Any = object
    AuxiliaryPolicy: t.Any = object
    RequestPolicy: t.Any = object
    FAILURES: tuple[type[Exception], ...] = ()
    NO_JSON: tuple[type[Exception], ...] = ()
else:
    IMPORT_ERROR = auth.IMPORT_ERROR
    Polling = ARMPolling
    RedirectPolicy = policies.RedirectPolicy
    DecodePolicy = policies.ContentDecodePolicy
    ChallengePolicy = ARMChallengeAuthenticationPolicy
    NotDecoded = ContentDecodingError
    Transport = RequestsTransport
    AuxiliaryPolicy = AuxiliaryAuthenticationPolicy
    RequestPolicy = policies.SansIOHTTPPolicy
    # By generation of the SDK and by operation; neither is text that cannot be decoded, nor JSON nested more deeply than Python reads.
    NO_JSON = (json.JSONDecodeError, DeserializationError, DecodeError, RecursionError, UnicodeError)
    # What a call ends with: the SDK's own errors, and what it stumbles over where a document is none of Azure's.
    FAILURES = (AzureError, *NO_JSON, Stopped, AttributeError, LookupError, TypeError, ValueError)

# Used through the module, as a missing package leaves most of them undefined: sdk.AzureError.
__all__ = [
    "FAILURES",
    "IMPORT_ERROR",
    "NO_JSON",
    "ARMHttpLoggingPolicy",
    "ARMPipelineClient",
    "AuxiliaryPolicy",
    "AzureAsyncOperationPolling",
    "AzureError",
    "ChallengePolicy",
    "ClientAuthenticationError",
    "DecodeError",
    "DecodePolicy",
    "HttpRequest",
    "HttpResponseError",
    "KeyVaultManagementClient",
    "LocationPolling",
    "NetworkManagementClient",
    "NotDecoded",
    "OperationFailed",
    "Polling",
    "PrivateDnsManagementClient",
    "RedirectPolicy",
    "RequestPolicy",
    "ResourceManagementClient",
    "ServiceRequestError",
    "ServiceResponseError",
    "StatusCheckPolling",
    "Transport",
    "policies",
]
