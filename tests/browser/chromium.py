# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chromium without a window, spoken to over its DevTools protocol on loopback; nothing but aiohttp, which the emulator needs too."""

from __future__ import annotations

import asyncio
import base64
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import typing as t

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
_LISTENS = re.compile(r"DevTools listening on (ws://127\.0\.0\.1:\d+/\S+)")
Json = dict[str, t.Any]


def installed() -> str | None:
    """Return the path of a Chromium, None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One Chromium with a profile of its own, to be used as a context manager."""

    def __init__(self, path: str) -> None:
        self._profile = tempfile.mkdtemp(prefix="browser-")
        arguments = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--remote-debugging-port=0",
        )
        self._process = subprocess.Popen(
            [path, *arguments, f"--user-data-dir={self._profile}", "about:blank"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.address = self._listening()

    def _listening(self) -> str:
        assert self._process.stderr
        for line in self._process.stderr:
            if found := _LISTENS.search(line):
                return found[1]
        raise RuntimeError("Chromium ended before it listened")

    def close(self) -> None:
        """End the browser, which this process started."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        if self._process.stderr:
            self._process.stderr.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    def look(self, file: pathlib.Path, script: str, **view: t.Any) -> Seen:
        """Open a page and return the value of a script in it. view: as View."""
        return asyncio.run(asyncio.wait_for(_look(self.address, file, script, View(**view)), 90))


class View(t.NamedTuple):
    """How a page is looked at. scripts: whether its own script runs. before: a script that the browser runs, whatever the page's policy."""

    width: int = 1400
    height: int = 1000
    dark: bool = False
    media: str = ""
    scripts: bool = True
    before: str = ""
    picture: bool = False


class Seen(t.NamedTuple):
    """What the script returned, which addresses the page asked for, what the console said, and a picture where one was wanted."""

    value: t.Any
    requests: list[str]
    complaints: list[str]
    picture: bytes


class _Session:
    """A tab, its commands and its events."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.session: str | None = None
        self.events: list[Json] = []

    async def call(self, method: str, **parameters: t.Any) -> Json:
        """Send a command and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **({"sessionId": self.session} if self.session else {})}
        await self._socket.send_json(message)
        while True:
            answer = await self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return t.cast(Json, answer["result"])

    async def until(self, method: str) -> None:
        """Wait for an event."""
        while not any(event.get("method") == method for event in self.events):
            await self._next()

    async def _next(self) -> Json:
        answer = t.cast(Json, json.loads((await self._socket.receive()).data))
        if "method" in answer:
            self.events.append(answer)
        return answer


async def _look(address: str, file: pathlib.Path, script: str, view: View) -> Seen:
    async with aiohttp.ClientSession() as client, client.ws_connect(address, max_msg_size=0) as socket:
        tab = _Session(socket)
        target = (await tab.call("Target.createTarget", url="about:blank"))["targetId"]
        tab.session = (await tab.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            await tab.call(f"{domain}.enable")
        await tab.call("Emulation.setDeviceMetricsOverride", width=view.width, height=view.height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if view.dark else "light"}
        await tab.call("Emulation.setEmulatedMedia", media=view.media, features=[scheme])
        await tab.call("Emulation.setScriptExecutionDisabled", value=not view.scripts)
        await tab.call("Page.navigate", url=file.as_uri())
        await tab.until("Page.loadEventFired")
        if view.before:
            await tab.call("Runtime.evaluate", expression=view.before)
        answer = await tab.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        picture = b""
        if view.picture:
            shot = await tab.call("Page.captureScreenshot", captureBeyondViewport=True, format="png")
            picture = base64.b64decode(shot["data"])
        tab_events = tab.events
        tab.session = None
        await tab.call("Target.closeTarget", targetId=target)
    requests = [event["params"]["request"]["url"] for event in tab_events if event["method"] == "Network.requestWillBeSent"]
    complaints = [str(event["params"]["entry"]["text"]) for event in tab_events if event["method"] == "Log.entryAdded"]
    complaints += [str(event["params"]["exceptionDetails"]) for event in tab_events if event["method"] == "Runtime.exceptionThrown"]
    return Seen(answer["result"].get("value"), requests, complaints, picture)
