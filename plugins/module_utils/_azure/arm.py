# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Resource Manager through its SDK: clients, calls, long-running operations, errors. Speaks wire JSON in both directions."""

from __future__ import annotations

import functools
import json
import logging
import typing as t
import urllib.parse
import warnings

from .._documents.compare import Document
from .._documents.ids import ResourceId, is_segment
from .._errors import ArmError, OptionError, Problem, Stopped, WaitTimeout, is_missing
from .._packages import missing_packages
from . import auth, sdk
from .answers import Pages, checked, mapping, written
from .clock import Clock, Waiting, driven, no_time_for
from .discovery import find_cloud
from .kinds import API_VERSIONS, Kind
from .operation import Operation, in_flight
from .pipeline import ApiVersion, Challenge, Throttle, TrustedAddresses, policies
from .sdk import IMPORT_ERROR
from .sign_in import LastAnswer
from .throttle import RequestKey, gate
from .tokens import AuxiliaryTokens, Credential
from .translate import of_a_write, translate
from .transport import CONNECT_SECONDS, READ_SECONDS, BoundedTransport

__all__ = ["IMPORT_ERROR", "Arm", "translate"]


def _repeats(conditional: bool, once: bool) -> dict[str, int]:
    """Return how often the SDK may repeat a write: after a lost answer a conditional one would meet its own result; converge looks then."""
    return {"retry_read": 0, "retry_status": 0} if once else {"retry_read": 0} if conditional else {}


class Arm:
    """One account's view of one cloud. Cheap to make; clients, connections and the token come with the first call.

    Must not be kept across a fork: it holds sockets.
    """

    def __init__(self, account: auth.Account, clock: Clock) -> None:
        if IMPORT_ERROR:
            raise missing_packages(IMPORT_ERROR)
        for library in ("azure", "msal"):  # their warnings would go to stderr, past Ansible, in addition to the error that we return
            if not logging.getLogger(library).handlers:
                logging.getLogger(library).addHandler(logging.NullHandler())
        if not account.verify:  # as the user said; urllib3's warning of every request would go to stderr, too
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        self.clock = clock
        self._account = account
        self._transport = self._new_transport(CONNECT_SECONDS, READ_SECONDS)
        self._clients: dict[tuple[str, str], t.Any] = {}
        self.cloud = find_cloud(account, self._transport)
        local = self._new_transport(auth.MANAGED_IDENTITY_SECONDS, 30) if account.source == "msi" else self._transport
        settings: dict[str, t.Any] = {"seconds": self._seconds_left, "raw_response_hook": (last := LastAnswer())}
        self._credential = Credential(auth.credential(account, self.cloud, transport=local, **settings), self._clock, account.source, last)
        further = auth.auxiliary_credentials(account, self.cloud, transport=self._transport, **settings)
        self._auxiliary = {tenant: Credential(each, self._clock, account.source, last) for tenant, each in further.items()}
        self._subscription_id: str | None = account["subscription_id"] or None

    def close(self) -> None:
        """Close its connections; a later call would open new ones."""
        self._transport.close()

    @property
    def subscription_id(self) -> str:
        """Return the subscription to act in. It is only looked up on demand, because ids contain their own."""
        if self._subscription_id is None:
            self._subscription_id = self._only_subscription()
        return self._subscription_id

    def _new_transport(self, connect: float, read: float) -> BoundedTransport:
        return BoundedTransport(self._clock, connection_verify=self._account.verify, connection_timeout=connect, read_timeout=read)

    def _clock(self) -> Clock:
        """Return the clock of the task that runs now: a loop's items share the connection."""
        return self.clock

    def _seconds_left(self) -> float:
        return self.clock.remaining()

    @property
    def tenant_id(self) -> str | None:
        """Return the tenant of the credentials, where they name one."""
        return t.cast("str | None", self._account["tenant"])

    def _only_subscription(self) -> str:
        listed = self.list_at("/subscriptions", "2022-12-01", doing="list subscriptions")
        if len(listed) == 1:
            return str(listed[0]["subscriptionId"])
        number = "no subscription" if not listed else f"{len(listed)} subscriptions"
        raise OptionError("subscription_id", f"these credentials can see {number}; name the one to use, or set AZURE_SUBSCRIPTION_ID.")

    def list_at(self, path: str, api_version: str, *, doing: str, where: str | None = None) -> list[Document]:
        """List a collection that no client serves, follow its pages, and return wire documents;
        empty where what it is nested in does not exist.

        path: such as /subscriptions or ID/providers/Microsoft.Authorization/locks. where: an OData filter.
        """
        pipeline = self._pipeline()
        query = {
            "api-version": api_version,
            **({"$filter": urllib.parse.quote(where, safe="'")} if where else {}),
        }  # which no other layer quotes
        request = sdk.HttpRequest("GET", self.cloud.resource_manager + _quoted(path), params=query)
        pages = Pages(named="subscriptionId" if path == "/subscriptions" else "id")
        try:
            while True:
                answer = pipeline.send_request(request)
                answer.raise_for_status()
                link = pages.take(answer.json())
                if not link:
                    return pages.documents
                request = sdk.HttpRequest("GET", link)
        except sdk.FAILURES as error:
            return _nothing_or_raise(error, doing)

    def ask(self, path: str, api_version: str, question: Document | None = None, *, doing: str) -> tuple[int, Document]:
        """Ask something that is no resource, with a question by POST; return status and body of the answer, whatever it is.

        The body is empty where there is none, or where that of a refusal is no mapping.
        """
        pipeline = self._pipeline()
        sent: t.Any = {"params": {"api-version": api_version}, **({"json": question} if question else {})}
        try:
            answer = pipeline.send_request(
                sdk.HttpRequest("POST" if question else "GET", self.cloud.resource_manager + _quoted(path), **sent)
            )
            body = answer.json() if answer.text().strip() else {}
            if answer.status_code < 400:
                mapping(body)
        except sdk.FAILURES as error:
            if isinstance(error, Stopped):
                error.in_flight = False  # a question changes nothing, whatever its method
            raise translate(error, doing, None) from None
        return answer.status_code, body if isinstance(body, dict) else {}

    def act(self, kind: Kind, resource_id: ResourceId, action: str, body: Document, *, doing: str) -> Waiting[Document]:
        """Let a resource do something by POST, yield pauses while the operation is in flight, and return its last answer.

        The answer is empty where it is no mapping.
        """
        path = f"{resource_id}/{action}"
        sent: t.Any = {"params": {"api-version": kind.api_version}, "json": body}
        yield from self.turn("POST", path, doing)
        try:
            client = self._pipeline()
            request = sdk.HttpRequest("POST", self.cloud.resource_manager + _quoted(path), **sent)
            answer = client.send_request(request, _return_pipeline_response=True)
            answer.http_response.raise_for_status()
            begun = Operation()
            begun.initialize(client, answer, lambda response: response.http_response.json())
            ended = yield from in_flight(begun, self.clock, f"Azure to {doing}", action)
        except sdk.FAILURES as error:
            raise translate(error, doing, str(resource_id)) from None
        return ended if isinstance(ended, dict) else {}

    def _pipeline(self) -> t.Any:
        return sdk.ARMPipelineClient(base_url=self.cloud.resource_manager, policies=self._authenticated(), transport=self._transport)

    def _authenticated(self) -> list[t.Any]:
        further = [AuxiliaryTokens(self._auxiliary, self.cloud.scope)] if self._auxiliary else []
        addresses = TrustedAddresses(self.cloud.trusts, f"the Resource Manager of this cloud ({self.cloud.resource_manager})")
        throttle = Throttle(gate(), self._account.principal, self._clock)
        return policies(addresses, [throttle, Challenge(self._credential, self.cloud.scope), *further])

    def _client(self, kind: str, subscription: str) -> t.Any:
        key = (kind, subscription)
        if key not in self._clients:
            makers = {
                "keyvault": sdk.KeyVaultManagementClient,
                "network": sdk.NetworkManagementClient,
                "privatedns": sdk.PrivateDnsManagementClient,
                "resource": sdk.ResourceManagementClient,
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

    def call(
        self, subscription: str, operation: str, *args: t.Any, doing: str, headers: t.Mapping[str, str] | None = None
    ) -> Document | None:
        """Like calling, and wait in this thread for an operation to end."""
        return driven(self.calling(subscription, operation, *args, doing=doing, headers=headers), self.clock)

    def calling(
        self, subscription: str, operation: str, *args: t.Any, doing: str, headers: t.Mapping[str, str] | None = None, once: bool = False
    ) -> Waiting[Document | None]:
        """Call an SDK operation and return the wire JSON of its answer, None where it has no body;
        yield pauses while an operation is in flight.

        operation: client.group.verb, such as "network.private_endpoints.get"; a verb that begins with begin_ is awaited within the clock.
        Verbs that end in _by_id serve every type, also those without a client of their own; they take id, api-version and body.
        doing: what the call is for, in the words of an error: "create private endpoint 'pe'". once: see World.put.
        """
        method, verb = self._operation(subscription, operation)
        _require_segments((subscription, *(args[1:] if verb.endswith("_by_id") else args)))
        # Bodies go out as they are: given a mapping, older packages send only the properties that their models know and may write.
        args = tuple(json.dumps(arg).encode() if isinstance(arg, dict) else arg for arg in args)
        keywords: dict[str, t.Any] = {"cls": _wire, "headers": dict(headers or {}), **_repeats(bool(headers), once)}
        settings: dict[str, t.Any] = {}
        if verb.endswith("_by_id"):  # the generations of the SDK differ in the order of the rest
            keywords.update(zip(("api_version", "parameters"), args[1:], strict=False))
            args = (_quoted(args[0]),)  # the SDK quotes every other argument
            # An answer that names no operation is final: the resource itself may not be readable yet.
            settings = {"lro_algorithms": [sdk.AzureAsyncOperationPolling(), sdk.LocationPolling(), sdk.StatusCheckPolling()]}
        else:
            keywords[ApiVersion.OPTION] = API_VERSIONS[operation.partition(".")[0]]
        if verb.startswith("get") and hasattr(self._client(operation.partition(".")[0], subscription), "send_request"):
            keywords["stream"] = True  # the newer generation of clients then builds no model, which is not needed
        if not verb.startswith("get"):
            return (yield from self._writing(operation, functools.partial(method, *args, **keywords), settings, doing))
        try:
            return checked(method(*args, **keywords))
        except sdk.FAILURES as error:
            raise translate(error, doing) from None

    def _writing(self, operation: str, method: t.Callable[..., t.Any], settings: dict[str, t.Any], doing: str) -> Waiting[Document | None]:
        """Call a method that writes, and return what answered; an error says whether Azure may carry the write out all the same.

        settings: of the polling of an operation.
        """
        accepted, deleting = False, "delete" in operation
        try:
            if ".begin_" in operation:
                method(polling=(begun := Operation(**settings)))
                accepted = True
                answer = yield from in_flight(begun, self.clock, f"Azure to {doing}", operation)
            else:
                answer = method()
            return None if deleting else written(answer)
        except WaitTimeout as late:
            late.in_flight = accepted
            raise
        except sdk.FAILURES as error:
            problem = translate(error, doing)
            if deleting and problem.status == 204:  # nothing was there, which not every client of the SDK knows
                return None
            raise of_a_write(problem, error, accepted=accepted) from None

    def turn(self, method: str, path: str, doing: str) -> Waiting[None]:
        """Wait for room in Azure's rate limits before a write, without a thread. The write that follows in this thread is counted by then.

        method, path: of the request. doing: what it is for, in the words of an error.
        """
        request, clock = RequestKey(self._account.principal, method, path), self.clock
        wait, answer = gate().reserve(request, clock.now())
        if wait and wait >= clock.remaining():
            raise translate(no_time_for(round(wait, 1), clock, answer), doing) from None
        until = clock.now() + wait
        while (left := until - clock.now()) > 0:
            yield clock.pause(left, "Azure's rate limits to allow another request")
        gate().admit(request)

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
        _require_segments((subscription, *args))
        pages = Pages(mixed=operation.startswith("resource.resources."))
        version = {ApiVersion.OPTION: API_VERSIONS[operation.partition(".")[0]]}
        try:
            # The pages are taken as they come over the wire: models of older packages lose properties that they do not know.
            for _model in method(*args, raw_response_hook=lambda response: _take(response.http_response, pages), **version):
                pass
            return pages.documents
        except sdk.FAILURES as error:
            return _nothing_or_raise(error, doing)


def _quoted(path: str) -> str:
    """Return the path of an id, or of a list below one, as it is sent."""
    _require_segments(path.removeprefix("/").split("/"))
    return urllib.parse.quote(path)


def _require_segments(names: t.Iterable[t.Any]) -> None:
    """
    Refuse what no id can hold, so that no request goes to another resource: not every SDK quotes
    all that it is given. Options are checked before.
    """
    wrong = [name for name in names if isinstance(name, str) and not is_segment(name, spaces=True)]
    if wrong:
        raise Problem(
            f"{wrong[0]!r} is not a valid part of a resource id", code="InvalidPath", hint="Correct the names and ids of the task."
        )


def _nothing_or_raise(error: Exception, doing: str) -> list[Document]:
    """Return an empty list where what is listed is in nothing that exists; else raise what went wrong."""
    translated = translate(error, doing)
    if isinstance(translated, ArmError) and is_missing(translated):
        return []
    raise translated from None


def _wire(response: t.Any, _model: t.Any, _headers: t.Any) -> t.Any:
    """The cls= callback of an SDK operation: pass on the JSON that came over the wire."""
    http = response.http_response
    http.read()
    return http.json() if http.text().strip() else None


def _take(response: t.Any, pages: Pages) -> None:
    """
    Take the documents out of a page of a list, so that the newer generation of clients builds no
    models of them, which takes most of a list's time.
    """
    if response.status_code != 200:
        return
    try:
        page = response.json()
    except ValueError:  # the SDK's own error tells it better
        return
    pages.take(page)
    page["value"] = []  # in the answer's own copy, which it keeps
