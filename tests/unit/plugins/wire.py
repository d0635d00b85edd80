# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SDK's clients as they are, on a wire whose answers a test writes down, and a clock that never really waits."""

from __future__ import annotations

import dataclasses
import io
import json
import typing as t

import pytest
import requests
import urllib3
from azure.core.credentials import AccessToken
from requests.adapters import BaseAdapter, HTTPAdapter

from ansible_collections.privatelink.azure.plugins.module_utils._azure import auth
from ansible_collections.privatelink.azure.plugins.module_utils._azure.arm import Arm
from ansible_collections.privatelink.azure.plugins.module_utils._azure.clock import Clock

SUBSCRIPTION = "a0000000-0000-4000-8000-0000000000aa"
ARM = "https://management.azure.com"


@dataclasses.dataclass
class Answer:
    """An HTTP answer: body is JSON, or text as it is; an exception breaks the connection instead."""

    status: int = 200
    body: t.Any = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    broken: Exception | None = None

    @property
    def content(self) -> bytes:
        """Return the bytes of the body."""
        if self.body is None:
            return b""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


class Wire(BaseAdapter):
    """Answers requests in turn and remembers them; the last answer is given again and again."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self._answers = list(answers)
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_settings: t.Any, **_more: t.Any) -> requests.Response:
        """Return the next answer."""
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if answer.broken:
            raise answer.broken
        kind = {"Content-Type": "text/html" if isinstance(answer.body, str) else "application/json"}
        raw = urllib3.HTTPResponse(io.BytesIO(answer.content), {**kind, **answer.headers}, answer.status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    @property
    def reported(self) -> list[str]:
        """Return method and path of every request."""
        return [f"{request.method} {str(request.url).removeprefix(ARM).partition('?')[0]}" for request in self.requests]


class Time:
    """A clock whose sleeps pass at once."""

    def __init__(self, seconds: float = 1800) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.clock = Clock(seconds, lambda: self.now, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class _Token:
    def get_token(self, *_scopes: str, **_options: t.Any) -> AccessToken:
        return AccessToken("token", 2**31)


def arm_on(monkeypatch: pytest.MonkeyPatch, wire: Wire, time: Time, **values: str) -> Arm:
    """Return Azure Resource Manager on a wire."""
    monkeypatch.setattr(auth, "credential", lambda *_arguments, **_keywords: _Token())
    monkeypatch.setattr(requests.Session, "get_adapter", lambda *_arguments, **_keywords: wire)
    return Arm(auth.Account({"subscription_id": SUBSCRIPTION, **values}, "secret"), time.clock)
