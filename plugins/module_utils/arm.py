# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Resource Manager through its SDK: clients, calls, long-running operations, errors. Speaks wire JSON in both directions.

With auth.py the only file that imports Azure. The imports are guarded: a missing package must fail a task, not the whole run.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
import typing as t
import warnings

from . import auth, clouds
from .clock import Clock, Pace
from .compare import Document
from .errors import ANSWER_LOST, ArmError, OptionError, Problem, is_missing
from .hints import HINTS

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
    from azure.core.polling.base_polling import LocationPolling, StatusCheckPolling
    from azure.core.rest import HttpRequest
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy, ARMHttpLoggingPolicy, AuxiliaryAuthenticationPolicy
    from azure.mgmt.core.polling.arm_polling import ARMPolling, AzureAsyncOperationPolling
    from azure.mgmt.keyvault import KeyVaultManagementClient
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.privatedns import PrivateDnsManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient
except ImportError:
    IMPORT_ERROR: str | None = traceback.format_exc()
    _Polling: t.Any = object
    _Transport: t.Any = object
    _Auxiliary: t.Any = object
    _FAILURES: tuple[type[Exception], ...] = ()
    _NO_JSON: tuple[type[Exception], ...] = ()
else:
    IMPORT_ERROR = auth.IMPORT_ERROR
    _Polling = ARMPolling
    _Transport = RequestsTransport
    _Auxiliary = AuxiliaryAuthenticationPolicy
    _NO_JSON = (json.JSONDecodeError, DeserializationError, DecodeError)  # by generation of the SDK and by operation
    _FAILURES = (AzureError, *_NO_JSON)

USER_AGENT = "privatelink.azure"
# How urllib3 names a connection, and how it did before its version 2.
_HOST = re.compile(r"HTTPS?Connection(?:Pool)?\(host='([^']*)', port=(\d+)\): ?")
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")
_SENTENCES = re.compile(r"\. (?=[A-Z])")


class _BoundedPolling(_Polling):
    """The SDK's polling on our clock: the server's Retry-After if it sends one, else fast first; never beyond the bound."""

    def __init__(self, clock: Clock, awaited: str, **settings: t.Any) -> None:
        super().__init__(**settings)
        self._bound = clock
        self._pace = Pace()
        self._awaited = awaited

    def _delay(self) -> None:
        hinted = _retry_after(self._pipeline_response.http_response.headers)
        self._bound.wait(hinted or self._pace.step(), self._awaited)


class _BoundedTransport(_Transport):
    """The SDK's transport, whose pauses between its own retries (throttles, gateways' trouble) count against the bound too."""

    def __init__(self, pause: t.Callable[[float], None], **settings: t.Any) -> None:
        super().__init__(**settings)
        self._pause = pause

    def sleep(self, duration: float) -> None:
        """Wait before a retry."""
        self._pause(duration)


class _AuxiliaryTokens(_Auxiliary):
    """The SDK's policy, for writes alone: only they link resources, so a run that changes nothing signs in nowhere else."""

    def __init__(self, credentials: dict[str, t.Any], scope: str) -> None:
        super().__init__(list(credentials.values()), scope)
        self._credentials = credentials

    def on_request(self, request: t.Any) -> None:
        """Add the tokens to a request that may write."""
        if request.http_request.method not in ("GET", "HEAD"):
            super().on_request(request)

    def _get_auxiliary_tokens(self, *scopes: str, **keywords: t.Any) -> list[t.Any]:
        """Fetch the tokens, and say which tenant refuses one."""
        tokens = []
        for tenant, credential in self._credentials.items():
            try:
                tokens.append(credential.get_token(*scopes, **keywords))
            except ClientAuthenticationError as error:
                error.message = f"Authentication failed: auxiliary tenant '{tenant}' refused: {_login_cause(error)}"
                raise
        return tokens


class Arm:
    """One account's view of one cloud. Cheap to make; clients, connections and the token come with the first call.

    Not to be kept across a fork: it holds sockets.
    """

    def __init__(self, account: auth.Account, clock: Clock) -> None:
        if IMPORT_ERROR:
            raise Problem(
                "A Python package of the Azure SDK is missing: " + IMPORT_ERROR.strip().rpartition("\n")[2],
                code="MissingPackage",
                hint="Install the packages of this collection's requirements.txt into the Python that runs this task.",
            )
        for library in ("azure", "msal"):  # their warnings would go to stderr, past Ansible, beside the error that we return
            if not logging.getLogger(library).handlers:
                logging.getLogger(library).addHandler(logging.NullHandler())
        if not account.verify:  # as the user said; urllib3's warning of every request would go to stderr, too
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        self.clock = clock
        self._account = account
        self._transport = _BoundedTransport(self._pause, connection_verify=account.verify, connection_timeout=20, read_timeout=120)
        self._clients: dict[tuple[str, str], t.Any] = {}
        self.cloud = self._find_cloud(account.cloud_environment)
        near = {"connection_timeout": auth.MANAGED_IDENTITY_SECONDS, "read_timeout": 30}
        local = _BoundedTransport(self._pause, connection_verify=account.verify, **near) if account.source == "msi" else self._transport
        self._credential = auth.credential(account, self.cloud, transport=local)
        self._auxiliary = auth.auxiliary_credentials(account, self.cloud, transport=self._transport)
        self.subscription_id: str = account["subscription_id"] or self._only_subscription()

    def _pause(self, seconds: float) -> None:
        self.clock.wait(seconds, "Azure to take a request that it had put off")

    @property
    def tenant_id(self) -> str | None:
        """Return the tenant of the credentials, where they name one."""
        return t.cast("str | None", self._account["tenant"])

    def _find_cloud(self, wanted: str | None) -> clouds.Cloud:
        known = clouds.by_name(wanted) if wanted else clouds.DEFAULT
        if known:
            return known
        if not wanted or not wanted.startswith("https://"):
            names = ", ".join(clouds.NAMES)
            raise OptionError("cloud_environment", f"'{wanted}' is no known cloud; use {names}, or the https address of a cloud's Resource Manager.")
        url = clouds.metadata_url(wanted)
        pipeline: t.Any = ARMPipelineClient(base_url=wanted, policies=_policies([]), transport=self._transport)
        try:
            answer = pipeline.send_request(HttpRequest("GET", url))
            found = clouds.from_metadata(answer.json(), url) if answer.status_code == 200 else None
        except (AzureError, ValueError) as error:
            raise OptionError("cloud_environment", f"{url} could not be read ({_reason(error)}); correct the address or the trusted certificates.") from None
        if found is None:
            raise OptionError("cloud_environment", f"{url} does not describe a cloud; pass the https address of a cloud's Resource Manager.")
        return found

    def _only_subscription(self) -> str:
        listed = self.list_at("/subscriptions", "2022-12-01", doing="list subscriptions")
        if len(listed) == 1:
            return str(listed[0]["subscriptionId"])
        number = "no subscription" if not listed else f"{len(listed)} subscriptions"
        raise OptionError("subscription_id", f"these credentials can see {number}; name the one to use, or set AZURE_SUBSCRIPTION_ID.")

    def list_at(self, path: str, api_version: str, *, doing: str, where: str | None = None) -> list[Document]:
        """List a collection that no client serves, follow its pages, and return wire documents; empty where what it is nested in does not exist.

        path: such as /subscriptions or ID/providers/Microsoft.Authorization/locks. where: an OData filter.
        """
        pipeline: t.Any = ARMPipelineClient(base_url=self.cloud.resource_manager, policies=self._authenticated(), transport=self._transport)
        query = {"api-version": api_version, **({"$filter": where} if where else {})}
        request = HttpRequest("GET", self.cloud.resource_manager + path, params=query)
        found: list[Document] = []
        try:
            while True:
                answer = pipeline.send_request(request)
                answer.raise_for_status()
                page = answer.json()
                found += page.get("value") or []
                if not page.get("nextLink"):
                    return found
                request = HttpRequest("GET", page["nextLink"])
        except _FAILURES as error:
            translated = translate(error, doing, None)
            if is_missing(translated):
                return []
            raise translated from None

    def _authenticated(self) -> list[t.Any]:
        further = [_AuxiliaryTokens(self._auxiliary, self.cloud.scope)] if self._auxiliary else []
        return _policies([ARMChallengeAuthenticationPolicy(self._credential, self.cloud.scope), *further])

    def _client(self, kind: str, subscription: str) -> t.Any:
        key = (kind, subscription)
        if key not in self._clients:
            makers = {
                "keyvault": KeyVaultManagementClient,
                "network": NetworkManagementClient,
                "privatedns": PrivateDnsManagementClient,
                "resource": ResourceManagementClient,
            }
            self._clients[key] = makers[kind](
                self._credential,
                subscription,
                base_url=self.cloud.resource_manager,
                credential_scopes=[self.cloud.scope],
                policies=self._authenticated(),
                transport=self._transport,
            )
        return self._clients[key]

    def _operation(self, subscription: str, operation: str) -> tuple[t.Any, str]:
        kind, group, verb = operation.split(".")
        return getattr(getattr(self._client(kind, subscription), group), verb), verb

    def call(self, subscription: str, operation: str, *args: t.Any, doing: str, headers: t.Mapping[str, str] | None = None) -> Document | None:
        """Call an SDK operation and return the wire JSON of its answer, None where it has no body.

        operation: client.group.verb, such as "network.private_endpoints.get"; a verb that begins with begin_ is awaited within the clock.
        Verbs that end in _by_id serve every type, also those without a client of their own; they take id, api-version and body.
        doing: what the call is for, in the words of an error: "create private endpoint 'pe'".
        """
        method, verb = self._operation(subscription, operation)
        # Bodies go out as they are: given a mapping, older packages send only the properties that their models know and may write.
        args = tuple(json.dumps(arg).encode() if isinstance(arg, dict) else arg for arg in args)
        keywords: dict[str, t.Any] = {"cls": _wire, "headers": dict(headers or {})}
        settings: dict[str, t.Any] = {}
        if verb.endswith("_by_id"):  # the generations of the SDK differ in the order of the rest
            keywords.update(zip(("api_version", "parameters"), args[1:], strict=False))
            args = args[:1]
            # An answer that names no operation is final: the resource itself may not be readable yet.
            settings = {"lro_algorithms": [AzureAsyncOperationPolling(), LocationPolling(), StatusCheckPolling()]}
        if headers:
            keywords["retry_read"] = 0  # a conditional write whose answer was lost would meet its own result; converge looks first
        if verb.startswith("get") and hasattr(self._client(operation.partition(".")[0], subscription), "send_request"):
            keywords["stream"] = True  # the newer generation of clients then builds no model, which nobody would look at
        try:
            if not verb.startswith("begin_"):
                return t.cast("Document | None", method(*args, **keywords))
            poller = method(*args, polling=_BoundedPolling(self.clock, f"Azure to {doing}", **settings), **keywords)
            return t.cast("Document | None", poller.result())
        except _FAILURES as error:
            raise translate(error, doing, None) from None

    def find(self, subscription: str, operation: str, *args: t.Any, doing: str) -> Document | None:
        """Like call, for a read: None where the resource, or what it is nested in, does not exist."""
        try:
            return self.call(subscription, operation, *args, doing=doing)
        except ArmError as error:
            if is_missing(error):
                return None
            raise

    def list(self, subscription: str, operation: str, *args: t.Any, doing: str) -> list[Document]:
        """Call an operation that lists, follow its pages, and return wire documents; empty where the parent does not exist."""
        method, _verb = self._operation(subscription, operation)
        found: list[Document] = []
        try:
            # The pages are taken as they come over the wire: models of older packages lose properties that they do not know.
            for _model in method(*args, raw_response_hook=lambda response: found.extend(_taken(response.http_response))):
                pass
            return found
        except _FAILURES as error:
            translated = translate(error, doing, None)
            if is_missing(translated):
                return []
            raise translated from None


def _policies(authentication: list[t.Any]) -> list[t.Any]:
    """Return the SDK's own pipeline but for one policy: it registers resource providers unasked, and waits for that without bound."""
    return [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy(base_user_agent=USER_AGENT),
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        policies.RedirectPolicy(),
        policies.RetryPolicy(),
        *authentication,
        policies.CustomHookPolicy(),
        policies.NetworkTraceLoggingPolicy(),
        policies.DistributedTracingPolicy(),
        policies.SensitiveHeaderCleanupPolicy(),
        ARMHttpLoggingPolicy(),
    ]


def _wire(response: t.Any, _model: t.Any, _headers: t.Any) -> Document | None:
    """The cls= callback of an SDK operation: hand on the JSON that came over the wire."""
    http = response.http_response
    http.read()
    return t.cast(Document, http.json()) if http.text().strip() else None


def _taken(response: t.Any) -> list[Document]:
    """Take the documents out of a page of a list, so that the newer generation of clients builds no models of them, which takes most of a list's time."""
    try:
        page = response.json() if response.status_code == 200 else None
    except ValueError:  # the SDK's own error tells it better
        return []
    if not isinstance(page, dict) or not page.get("value"):
        return []
    documents, page["value"] = page["value"], []  # in the answer's own copy, which it keeps
    return t.cast("list[Document]", documents)


def _retry_after(headers: t.Mapping[str, str]) -> float | None:
    """Return the pause that a server asks for in seconds, from either of the headers that Azure uses."""
    for name, unit in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("Retry-After", 1.0)):
        try:
            return float(headers[name]) * unit
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _reason(error: BaseException) -> str:
    """Return the cause of a failed connection in words, without the Python around them."""
    said = ": ".join(part.strip().rstrip(".") for part in _told(getattr(error, "inner_exception", None) or error) if part.strip())
    return _OBJECT.sub("", _HOST.sub(r"\1:\2: ", " ".join(said.split()))) or type(error).__name__


def _told(error: BaseException) -> t.Iterator[str]:
    """Return what an error and the one inside it say, outermost first; requests and urllib3 keep the inner one among their arguments."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):  # of retries that ended, whose own words repeat it
        yield from _told(reason)
        return
    inner = next((item for item in error.args if isinstance(item, BaseException)), None)
    if inner is None:
        yield str(error)
        return
    yield from (item for item in error.args if isinstance(item, str))
    yield from _told(inner)


def translate(error: t.Any, doing: str, resource_id: str | None) -> Problem:
    """Return any error of the SDK as a value with Azure's code, status and request id."""
    if isinstance(error, _NO_JSON) and (getattr(error, "status_code", None) or 200) < 400:  # a gateway's error may be no JSON either
        return ArmError(f"Could not {doing}: what answered is not Azure, which would send JSON", code="UnexpectedAnswer", resource_id=resource_id)
    if isinstance(error, HttpResponseError) and error.response is not None and not _from_login(error):
        return _answered(error, doing, resource_id)
    unavailable = type(error).__name__ == "CredentialUnavailableError"  # azure-identity's: the host's own identities, not a cloud that is out of reach
    causes = () if unavailable else (error, error.__cause__)
    lost = next((cause for cause in causes if isinstance(cause, (ServiceRequestError, ServiceResponseError))), None)
    if lost is not None:
        details = (ANSWER_LOST,) if isinstance(lost, ServiceResponseError) else ()
        message = f"Could not {doing}: no answer came from Azure ({_reason(lost)})"
        return ArmError(message, code="ConnectionFailed", resource_id=resource_id, details=details)
    text = " ".join(str(error.message or error).split())
    if isinstance(error, ClientAuthenticationError):
        kind = "CredentialUnavailable" if unavailable else "AuthenticationFailed"
        code = next((word.rstrip(":") for word in text.split() if word.startswith("AADSTS")), kind)
        cause = _login_cause(error)
        if code in HINTS:  # which tells what to do better than Entra ID's further sentences, which guess
            cause = _SENTENCES.split(cause)[0]
        return ArmError(f"Could not sign in to Azure to {doing}: {cause}", code=code, status=getattr(error, "status_code", None))
    return ArmError(f"Could not {doing}: {text}", code=type(error).__name__, resource_id=resource_id)


def _login_cause(error: t.Any) -> str:
    """Return what Entra ID or the host's identity endpoint says, without its trace ids and the SDK's guesses."""
    said = " ".join(str(error.message or error).split()).partition(" Trace ID")[0].rpartition("Authentication failed: ")[2]
    before, refused, reason = said.partition("Token request error: ")
    return f"the managed identity endpoint refused: {reason}" if refused else before


def _from_login(error: t.Any) -> bool:
    return isinstance(error, ClientAuthenticationError) and "AADSTS" in str(error.message)


def _answered(error: t.Any, doing: str, resource_id: str | None) -> ArmError:
    response = error.response
    try:
        body = response.json()
    except (ValueError, AzureError):
        body = None
    told: Document = body if isinstance(body, dict) else {}
    inner: Document = told["error"] if isinstance(told.get("error"), dict) else told  # record sets answer without the wrapper
    code = inner.get("code") or (f"Http{response.status_code}" if not getattr(error, "error", None) else getattr(error.error, "code", None))
    said = inner.get("message") or inner.get("Message") or f"Azure answered HTTP {response.status_code} without a reason"
    headers = response.headers
    return ArmError(
        f"Could not {doing}: {_one_line(str(said))}",
        code=code,
        status=response.status_code,
        request_id=headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id"),
        resource_id=resource_id,
        retry_after=_retry_after(headers),
        details=tuple(_detail_codes(inner)),
    )


def _detail_codes(inner: Document) -> t.Iterator[str]:
    for detail in inner.get("details") or []:
        if isinstance(detail, dict):
            if detail.get("code"):
                yield str(detail["code"])
            yield from _detail_codes(detail)


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
