# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Send recorded requests to the emulator and compare its answers with Azure's: python -m contract.replay [--verbose] [FOLDER] (`make replay`).
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from contract import assumptions, known, prerequisites
from contract.arm import Answer, Arm
from contract.compare import Difference, differences, settled, twins
from contract.recordings import ASYNC, BUSY, GUID, Exchange, Recording, goes_on, load, path_of
from contract.scope import Scope
from integration.emulation import TESTS, Emulation

VARIABLE = "RECORDINGS"
DIFFERENCES = "replay.yml"
STEP, STEPS = 5, 180
_TOKEN = re.compile(rf"{GUID.pattern}|\b[0-9a-fA-F]{{32}}\b", re.IGNORECASE)
UNREADABLE = "an exchange that the tool cannot read, see the top"
_ODD = (ValueError, KeyError, TypeError, AttributeError, IndexError, requests.RequestException)
_SENT_HEADERS = ("if-match", "if-none-match")


@dataclass(slots=True)
class Result:
    """What became of one exchange: ``why`` it is out of scope, or its differences with the rule that explains each."""

    exchange: Exchange
    why: str = ""
    found: list[tuple[Difference, str | None]] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Difference]:
        return [difference for difference, rule in self.found if rule is None]


class Replay:
    """One recording on an empty emulator. Its names for what varies (etags, guids, operations) are kept beside the emulator's."""

    def __init__(self, arm: Arm, recording: Recording, rules: known.Known) -> None:
        self._arm, self._recording, self._rules = arm, recording, rules
        self._names: dict[str, str] = {}
        self._urls: dict[str, str] = {}
        self._scope = Scope(recording)
        self._refused = assumptions.refused(recording)
        self._seen: set[str] = set()
        self.problems: list[str] = []
        """What could not be read, made or sent."""

    def run(self) -> Iterator[Result]:
        text = "\n".join(f"{each.path}\n{each.sent}\n{each.body}" for each in self._recording.exchanges)
        subscriptions = sorted(set(re.findall(rf"/subscriptions/({GUID.pattern})", text)))
        self._arm.fresh(timing="real", subscriptions=subscriptions)
        self.problems = [*self._recording.unread, *prerequisites.make(self._arm, self._recording, self._renamed, self._names)]
        for exchange in self._recording.exchanges:
            try:
                yield self._exchange(exchange)
            except _ODD as problem:
                self.problems.append(f"exchange {exchange.n} could not be sent or compared: {type(problem).__name__} {problem}")
                yield Result(exchange, UNREADABLE)

    def _exchange(self, exchange: Exchange) -> Result:
        why = self._scope.outside(exchange) or self._unknown_operation(exchange)
        if why:
            self._scope.skipped(exchange)
            return Result(exchange, why)
        answer = self._send(exchange)
        for _unused in range(STEPS):
            if exchange.unsettled or not _waits(exchange, answer):
                break
            self._arm.advance(STEP)
            answer = self._send(exchange)
        self._learn(exchange, answer)
        facts = {
            "type": exchange.type,
            "method": exchange.method,
            "status": str(exchange.status),
            "code": exchange.error_code,
            "version": self._recording.version(exchange),
            "proven": "yes" if self._recording.is_proven(exchange) else "no",
            "body": exchange.body or "",
            "sent": exchange.sent or "",
        }
        return Result(exchange, "", [(each, self._rules.explain(facts, each)) for each in self._compared(exchange, answer)])

    def _unknown_operation(self, exchange: Exchange) -> str:
        polled = re.search(r"/(operations|operationresults|operationstatuses|privatednsoperation\w+)/[^/]+$", exchange.path, re.IGNORECASE)
        if "$skiptoken" in {each.lower() for each in exchange.query} and _key(exchange.path, exchange.query) not in self._urls:
            return "a further page of a list that is long in Azure only"
        if polled and _key(exchange.path, exchange.query) not in self._urls:
            return "an operation whose start is out of scope or not in the recording"
        return ""

    def _send(self, exchange: Exchange) -> Answer:
        headers = {name: self._condition(exchange, value) for name, value in exchange.sent_headers.items() if name in _SENT_HEADERS}
        url = self._urls.get(_key(exchange.path, exchange.query))
        if url:
            return self._arm.call(exchange.method, url, {}, None, headers)
        version = self._recording.version(exchange)
        query = {**exchange.query, **({"api-version": version} if version else {})}
        return self._arm.call(exchange.method, self._renamed(exchange.path), query, self._renamed(exchange.sent), headers)

    def _condition(self, exchange: Exchange, etag: str) -> str:
        """An etag by the emulator's name; one from before the recording, which Azure accepted, is the present one."""
        marks = _TOKEN.findall(etag) or [etag]
        if etag == "*" or any(each in self._names or each in self._seen for each in marks) or exchange.label in self._refused:
            return str(self._renamed(etag))
        there = self._arm.call("GET", self._renamed(exchange.path), {"api-version": self._recording.version(exchange)})
        return str(there.body.get("etag", etag)) if isinstance(there.body, dict) else etag

    def _renamed(self, value: Any) -> Any:
        """A recorded value with the emulator's names in it."""
        if isinstance(value, str):
            return _TOKEN.sub(lambda match: self._names.get(match[0], match[0]), value)
        if isinstance(value, dict):
            return {
                name: self._arm.emulation.facts["tenant"] if name == "tenantId" else self._renamed(each) for name, each in value.items()
            }
        return [self._renamed(each) for each in value] if isinstance(value, list) else value

    def _learn(self, exchange: Exchange, answer: Answer) -> None:
        self._seen.update(_TOKEN.findall(str(exchange.body)))
        for left, right in twins(exchange.body, answer.body):
            ours, theirs = _TOKEN.findall(left), _TOKEN.findall(right)
            if len(ours) == len(theirs):
                self._names.update({old: new for old, new in zip(ours, theirs, strict=True) if old != new and old not in self._names})
                self._names.update({old: new for old, new in zip(ours, theirs, strict=True) if left.strip('W/"') == old})
        for name in (ASYNC, "location"):
            if name in exchange.headers and name in answer.headers:
                url = exchange.headers[name]
                self._urls[_key(path_of(url), parse_qs(urlsplit(url).query))] = answer.headers[name]
        if "etag" in exchange.headers and "etag" in answer.headers:
            for old, new in zip(_TOKEN.findall(exchange.headers["etag"]), _TOKEN.findall(answer.headers["etag"]), strict=False):
                self._names[old] = new
        if isinstance(exchange.body, dict) and isinstance(answer.body, dict) and "nextLink" in exchange.body and "nextLink" in answer.body:
            url = exchange.body["nextLink"] or ""
            self._urls[_key(path_of(url), parse_qs(urlsplit(url).query))] = answer.body["nextLink"]

    def _compared(self, exchange: Exchange, answer: Answer) -> Iterator[Difference]:
        if exchange.status != answer.status:
            yield Difference(
                "status", "status", exchange.status, f"{answer.status} {answer.body}" if answer.status >= 400 else answer.status
            )
            return
        yield from self._headers(exchange, answer)
        yield from differences(*self._scope.own(exchange, answer))

    def _headers(self, exchange: Exchange, answer: Answer) -> Iterator[Difference]:
        names = [ASYNC, "location", "etag", "canceled-by-azure-asyncoperation", *(["retry-after"] if self._recording.has_hints else [])]
        for name in names:
            wanted, got = exchange.headers.get(name), answer.headers.get(name)
            compared = name in (ASYNC, "location", "retry-after")
            if _place(wanted, whole=compared) != _place(got, whole=compared):
                yield Difference("header", name, wanted, got)


def _waits(exchange: Exchange, answer: Answer) -> bool:
    """Whether a client would have waited for Azure's answer: the emulator is not there yet."""
    if exchange.method in ("GET", "HEAD"):
        return answer.status != exchange.status or (goes_on(answer.body) and not goes_on(exchange.body))
    return answer.status != exchange.status and any(code in str(answer.body) for code in BUSY)


def _place(value: str | None, *, whole: bool) -> str | bool:
    """A header as it is compared: where a URL leads, without what names the one operation; of an etag only whether there is one."""
    if value is None or not whole:
        return value is not None
    return settled(path_of(value)) if value.startswith("https:") else value


def _key(path: str, query: dict[str, Any]) -> str:
    marks = [name for name in ("kv-operation", "$skiptoken") if name in {each.lower() for each in query}]
    return "?".join([path.lower(), *marks])


# The report


@dataclass(slots=True)
class Report:
    """The results of a folder."""

    results: list[Result]
    rules: known.Known
    problems: list[str]

    @property
    def compared(self) -> list[Result]:
        return [each for each in self.results if not each.why]

    @property
    def disagreeing(self) -> list[Result]:
        return [each for each in self.compared if each.unexplained]

    def lines(self, *, verbose: bool = False) -> Iterator[str]:
        yield from (f"not read, made or sent: {each}" for each in self.problems)
        for each in self.disagreeing:
            yield (
                f"{each.exchange.label} {each.exchange.method} "
                f"{each.exchange.path}?{each.exchange.query.get('api-version', '')} -> "
                f"{each.exchange.status}"
            )
            yield from (f"    {difference}" for difference in each.unexplained)
        outside = Counter(each.why for each in self.results if each.why)
        if verbose:
            yield from (
                f"{each.exchange.label} {each.exchange.method} {each.exchange.path}: out of scope, {each.why}"
                for each in self.results
                if each.why
            )
        yield "Out of scope:"
        yield from (f"  {count:5} {why}" for why, count in outside.most_common())
        yield "Different on purpose:"
        reasons = {rule.name: rule.reason for rule in self.rules.rules}
        yield from (f"  {count:5} {name}: {reasons[name]}" for name, count in self.rules.used.most_common())
        explained = [each for each in self.compared if each.found and not each.unexplained]
        same = len(self.compared) - len(explained) - len(self.disagreeing)
        yield (
            f"{len(self.results)} exchanges, {sum(outside.values())} out of scope, "
            f"{len(self.compared)} compared: {same} agree in everything, "
            f"{len(explained)} but for differences on purpose, {len(self.disagreeing)} disagree"
        )


def replay(where: Path, emulation: Emulation, chosen: str = "") -> Report:
    """Replay every recording of a folder, or those whose name contains a text."""
    arm, rules = Arm(emulation), known.load(DIFFERENCES)
    report = Report([], rules, [])
    for recording in load(where):
        if chosen in recording.file:
            results, problems = _replayed(arm, recording, rules)
            report.results.extend(results)
            report.problems.extend(f"{recording.file}: {each}" for each in problems)
    return report


def _replayed(arm: Arm, recording: Recording, rules: known.Known) -> tuple[list[Result], list[str]]:
    """One recording; where it is too odd to begin with, that is said of it and the others go on."""
    try:
        one = Replay(arm, recording, rules)
        return list(one.run()), one.problems
    except _ODD as problem:
        return [Result(each, UNREADABLE) for each in recording.exchanges], [
            *recording.unread,
            f"could not be replayed: {type(problem).__name__} {problem}",
        ]


def folder() -> Path:
    """Where the recordings are: $RECORDINGS, else beside the checkout."""
    return Path(os.environ.get(VARIABLE) or TESTS.parent.parent / "shared" / "reference" / "recordings")


def main() -> int:
    parser = argparse.ArgumentParser(prog="contract.replay", description="Compare the emulator's answers with recorded ones of Azure.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=folder(), help=f"of recordings, or one file; default: ${VARIABLE}, else %(default)s"
    )
    parser.add_argument("--only", default="", help="only recordings whose name contains this")
    parser.add_argument("--verbose", action="store_true", help="name each exchange that is out of scope")
    options = parser.parse_args()
    if not options.folder.is_file() and not any(options.folder.rglob("*.jsonl")):
        print(f"Nothing was compared: there are no recordings in {options.folder}.")
        return 0
    with tempfile.TemporaryDirectory() as directory:
        emulation = Emulation(Path(directory))
        try:
            report = replay(options.folder, emulation, options.only)
        finally:
            emulation.stop()
    print("\n".join(report.lines(verbose=options.verbose)))
    return 1 if report.disagreeing else 0


if __name__ == "__main__":
    sys.exit(main())
