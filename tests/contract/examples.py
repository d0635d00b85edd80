# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure's official examples: their requests sent to the emulator, the shape of its answers compared with the official ones.

What an example takes for granted is made first, as for recordings. A PUT is sent twice: it creates, then it updates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from contract import known, prerequisites
from contract.arm import Answer, Arm, served
from contract.compare import Difference, differences
from contract.recordings import Exchange, Json, Recording
from contract.specification import Operation, Specifications

DIFFERENCES = "examples.yml"
PATIENCE = 900
_NAMED = {"privateLinkServiceConnections", "manualPrivateLinkServiceConnections", "privateDnsZoneConfigs"}


@dataclass(slots=True)
class Case:
    """An example of an operation, ready to be sent. ``answers`` has the official body of each status."""

    operation: Operation
    file: str
    path: str
    query: dict[str, str]
    sent: Any
    answers: dict[int, Any]

    @property
    def label(self) -> str:
        return f"{self.operation.document.name} {self.file}"


@dataclass(slots=True)
class Result:
    case: Case
    found: list[tuple[Difference, str | None]] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Difference]:
        return [difference for difference, rule in self.found if rule is None]


def cases(specifications: Specifications, subscription: str, tenant: str) -> Iterator[Case]:
    """The examples of every operation that the emulator serves."""
    for operation in specifications.operations:
        for file in operation.examples.values():
            text = (operation.document.examples / file).read_text(encoding="utf-8-sig")
            example = json.loads(_at_home(text, subscription, tenant))
            case = _case(operation, file, example, subscription)
            if served(operation.method, case.path):
                yield case


def _at_home(text: str, subscription: str, tenant: str) -> str:
    """The example's text with the emulator's subscription and tenant; some names of parents are misspelt in it."""
    text = re.sub(r"/subscriptions/[^/\"]+", f"/subscriptions/{subscription}", text).replace("/provders/", "/providers/")
    text = text.replace("/applicationSecurityGroup/", "/applicationSecurityGroups/")
    return re.sub(r'("tenantId"\s*:\s*)"[^"]*"', rf'\1"{tenant}"', text)


def _case(operation: Operation, file: str, example: Json, subscription: str) -> Case:
    given = {**example["parameters"], "subscriptionId": subscription}
    path = operation.path
    query, sent = {"api-version": operation.fixed_version or operation.document.version}, None
    for parameter in operation.parameters:
        name, value = parameter["name"], given.get(parameter["name"])
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", str(value))
        elif parameter["in"] == "query" and name != "api-version" and value is not None:
            query[name] = str(value)
        elif parameter["in"] == "body":
            # a derived document may call it otherwise than the example, where it is the only object
            sent = _named(value if value is not None else next((each for each in given.values() if isinstance(each, dict)), None))
    answers = {int(status): answer.get("body") for status, answer in example["responses"].items()}
    return Case(operation, file, path, query, sent, answers)


def _named(value: Any) -> Any:
    """A request whose connections and configurations have the names that Azure asks for; the examples leave them out."""
    if isinstance(value, list):
        return [_named(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _named(each) for name, each in value.items()}
    for name in _NAMED & found.keys():
        found[name] = [{"name": f"{name}{number}", **each} for number, each in enumerate(found[name])]
    return found


class Examples:
    """Sends cases to an emulator, each to an empty Azure."""

    def __init__(self, arm: Arm, rules: known.Known) -> None:
        self._arm, self.rules = arm, rules
        self.problems: list[str] = []

    def run(self, case: Case) -> Result:
        self._arm.fresh(timing="real", subscriptions=[case.path.split("/")[2]])
        recording = Recording(case.label, [*_members(case), _exchange(case)])
        self.problems += [f"{case.label}: {each}" for each in prerequisites.make(self._arm, recording, _named, {})]
        self._arm.control("DELETE", "log")
        found = []
        for _unused in range(2 if case.operation.method == "PUT" else 1):
            answer = self._arm.call(case.operation.method, case.path, case.query, case.sent)
            found += [*self._headers(case, answer), *self._compared(case, answer)]
            self._arm.advance(PATIENCE)
        if case.operation.method in ("PUT", "PATCH") and 200 in case.answers and served("GET", case.path):
            final = self._arm.call("GET", case.path, case.query)
            found += self._compared(case, final)
        return Result(case, [(each, self.rules.explain(self._facts(case), each)) for each in {str(each): each for each in found}.values()])

    @staticmethod
    def _facts(case: Case) -> Json:
        return {"operation": case.operation.id, "file": case.file, "version": case.operation.document.version}

    @staticmethod
    def _headers(case: Case, answer: Answer) -> list[Difference]:
        """Headers that the specification declares for such an answer."""
        declared = case.operation.definition["responses"].get(str(answer.status), {}).get("headers", {})
        return [Difference("header", name.lower(), name, None) for name in declared if name.lower() not in answer.headers]

    def _compared(self, case: Case, answer: Answer) -> list[Difference]:
        if answer.status not in case.answers:
            declared = str(answer.status) in case.operation.definition["responses"]
            return [] if declared else [Difference("status", "status", sorted(case.answers), f"{answer.status} {answer.body}")]
        wanted = case.answers[answer.status]
        if wanted is None or answer.body in (None, {}):
            return []
        # what the emulator has beyond an example is the schema's business: examples are often shorter than Azure's answers
        return [each for each in differences(wanted, answer.body, values=False) if each.kind != "extra"]


def _exchange(case: Case) -> Exchange:
    """The example as a recorded exchange. Of a PUT the creation, so that its resource is not made beforehand."""
    statuses = sorted(case.answers, key=lambda status: (status != 202 if case.operation.method == "DELETE" else status != 201, status))
    status = statuses[0]
    body = case.answers[status] or case.answers.get(200)
    if case.operation.method == "PUT" and not case.operation.id.endswith("PrivateEndpointConnections_Put"):
        status = 201
    return Exchange(case.label, 1, case.operation.method, urlsplit(case.path).path, case.query, {}, case.sent, status, {}, body)


def _members(case: Case) -> list[Exchange]:
    """What an example's list shows, as if each had been read before: so it is made."""
    body = case.answers.get(200)
    members = body.get("value", []) if isinstance(body, dict) and case.operation.method == "GET" else []
    ids = {str(each.get("id", "")): each for each in members if isinstance(each, dict)}
    # some lists show what belongs elsewhere
    own = case.path.lower() + "/" if "/resourcegroups/" in case.path.lower() else "/subscriptions/"
    ids = {resource: each for resource, each in ids.items() if resource.lower().startswith(own) and served("PUT", resource)}
    return [Exchange(case.label, 0, "GET", resource, {}, {}, None, 200, {}, each) for resource, each in ids.items()]


@dataclass(slots=True)
class Report:
    results: list[Result]
    rules: known.Known
    problems: list[str]

    @property
    def disagreeing(self) -> list[Result]:
        return [each for each in self.results if each.unexplained]

    def lines(self) -> Iterator[str]:
        yield from (f"not made: {each}" for each in self.problems)
        for each in self.disagreeing:
            yield f"{each.case.operation} {each.case.file}: {each.case.operation.method} {each.case.path}"
            yield from (f"    {difference}" for difference in each.unexplained)
        yield "Different on purpose:"
        reasons = {rule.name: rule.reason for rule in self.rules.rules}
        yield from (f"  {count:5} {name}: {reasons[name]}" for name, count in self.rules.used.most_common())
        explained = sum(bool(each.found) and not each.unexplained for each in self.results)
        same = len(self.results) - explained - len(self.disagreeing)
        operations = len({str(each.case.operation) for each in self.results})
        yield (
            f"{len(self.results)} official examples of {operations} operations compared: {same} agree in everything, "
            f"{explained} but for differences on purpose, {len(self.disagreeing)} disagree"
        )


def run(arm: Arm, specifications: Specifications, log: list[Json] | None = None) -> Report:
    """Every example; what was sent and answered is added to a log, for the schemas."""
    examples = Examples(arm, known.load(DIFFERENCES))
    facts = arm.emulation.facts
    report = Report([], examples.rules, examples.problems)
    for case in cases(specifications, facts["subscription"], facts["tenant"]):
        report.results.append(examples.run(case))
        if log is not None:
            log += arm.control("GET", "log")["requests"]
    return report
