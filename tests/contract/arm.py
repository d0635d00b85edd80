# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain ARM client of a running emulator, and what is served there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from emulator.providers import ROUTES
from emulator.wire import Router
from integration.emulation import Emulation

Json = dict[str, Any]
TOKEN_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case; an empty body is None, one that is not JSON a text."""

    status: int
    headers: dict[str, str]
    body: Any


class Arm:
    """Requests with the token of the emulator's own application, over one connection."""

    def __init__(self, emulation: Emulation) -> None:
        self.emulation = emulation
        self._session = requests.Session()
        self._session.verify, self._session.trust_env = emulation.facts["ca"], False
        self._passed = 0.0

    def fresh(
        self, *, timing: str, subscriptions: list[str], registered: tuple[str, ...] = ("Microsoft.KeyVault", "Microsoft.Storage")
    ) -> None:
        """An empty Azure with these subscriptions, in which the providers are registered."""
        self.control("POST", "reset")
        self.control("PUT", "settings", {"timing": timing})
        self._sign_in()
        for each in subscriptions:
            self.control("POST", "subscriptions", {"id": each, "tenant": self.emulation.facts["tenant"], "name": each})
            for namespace in registered:
                self.call("POST", f"/subscriptions/{each}/providers/{namespace}/register", {"api-version": "2022-09-01"})
        self.advance(600)
        self.control("DELETE", "log")

    def advance(self, seconds: float) -> None:
        """Let time pass, and with it what was going on (and, in the end, the token)."""
        self.control("PUT", "clock", {"advance": seconds})
        self._passed += seconds
        if self._passed > TOKEN_SECONDS:
            self._sign_in()

    def _sign_in(self) -> None:
        token, self._passed = self.emulation.token("https://management.azure.com/.default"), 0.0
        self._session.headers["Authorization"] = f"Bearer {token}"

    def control(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Ask the emulator's own control API; an error answer raises."""
        answer = self._session.request(method, f"{self.emulation.facts['url']}/_emulator/{path}", params=query, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def call(self, method: str, path: str, query: dict[str, str], body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One request; path may be a whole URL with its query."""
        url = path if path.startswith("https://") else f"{self.emulation.facts['url']}{quote(path, safe='/@:$=()')}"
        answer = self._session.request(method, url, params=query, json=body, headers=headers, timeout=30)
        named = {name.lower(): value for name, value in answer.headers.items()}
        if not answer.content.strip():
            return Answer(answer.status_code, named, None)
        try:
            return Answer(answer.status_code, named, answer.json())
        except ValueError:
            return Answer(answer.status_code, named, answer.text)

    def finish(self, answer: Answer, *, patience: float = 30.0) -> Any:
        """Poll an operation to its end, as it goes on by the clock; its last body."""
        url, until = answer.headers.get("azure-asyncoperation") or answer.headers.get("location"), time.monotonic() + patience
        while url and time.monotonic() < until:
            polled = self.call("GET", url, {})
            if polled.status != 202 and not (isinstance(polled.body, dict) and polled.body.get("status") == "InProgress"):
                return polled.body
            self.advance(15)
        return None


ROUTER = Router()
ROUTER.add(ROUTES)


def served(method: str, path: str) -> bool:
    """Whether the emulator has this operation (a HEAD is one of its own)."""
    return ROUTER.find(method, path)[0] is not None
