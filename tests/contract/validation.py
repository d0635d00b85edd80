# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchanges of the emulator's log against the specifications: requests of the modules and of the tests, and every answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract import known
from contract.arm import Arm, served
from contract.compare import Difference
from contract.specification import Operation, Specifications

Json = dict[str, Any]
DIFFERENCES = "specifications.yml"


@dataclass(slots=True)
class Result:
    """An exchange of ``source`` (modules, examples, direct) that the documents know."""

    source: str
    operation: Operation
    entry: Json
    found: list[tuple[Difference, str | None]]

    @property
    def unexplained(self) -> list[Difference]:
        return [difference for difference, rule in self.found if rule is None]


@dataclass(slots=True)
class Validation:
    """What was validated so far."""

    specifications: Specifications
    rules: known.Known
    results: list[Result] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)

    def add(self, source: str, log: list[Json]) -> None:
        for entry in log:
            operation = self.specifications.find(entry["method"], entry["path"], entry["query"].get("api-version", ""))
            if operation is None:
                self.unknown[_kind(entry)] += 1
            else:
                facts = {"operation": operation.id, "version": operation.document.version, "status": str(entry["status"]), "source": source}
                problems = {str(each): each for each in _problems(operation, entry)}.values()
                self.results.append(Result(source, operation, entry, [(each, self.rules.explain(facts, each)) for each in problems]))

    @property
    def disagreeing(self) -> list[Result]:
        return [each for each in self.results if each.unexplained]

    @property
    def unused(self) -> list[Operation]:
        """Operations that the emulator serves and nothing asked for."""
        used = {_identity(each.operation) for each in self.results}
        return [each for each in self.specifications.operations if _identity(each) not in used and served(each.method, each.path)]

    def lines(self) -> Iterator[str]:
        operations = self.specifications.operations
        for each in self.disagreeing:
            yield f"{each.operation} {each.source}: {each.entry['method']} {each.entry['path']} -> {each.entry['status']}"
            yield from (f"    {difference.kind} {difference.path}: {difference.got}" for difference in each.unexplained)
        yield from (f"not served: {each}" for each in operations if not served(each.method, each.path))
        yield from (f"served, but not asked for: {each}" for each in self.unused)
        yield "In no document (and so not validated):"
        yield from (f"  {count:5} {kind}" for kind, count in self.unknown.most_common())
        yield "Different on purpose:"
        reasons = {rule.name: rule.reason for rule in self.rules.rules}
        yield from (f"  {count:5} {name}: {reasons[name]}" for name, count in self.rules.used.most_common())
        by_source = ", ".join(f"{count} {source}" for source, count in Counter(each.source for each in self.results).items())
        explained = sum(bool(each.found) and not each.unexplained for each in self.results)
        used = len({str(each.operation) for each in self.results})
        yield (
            f"{len(operations)} operations of {len(self.specifications.documents)} documents, "
            f"{used} asked for; {len(self.results)} exchanges validated "
            f"({by_source}): {len(self.results) - explained - len(self.disagreeing)} agree in "
            f"everything, {explained} but for differences on purpose, "
            f"{len(self.disagreeing)} disagree"
        )


def start(specifications: Specifications) -> Validation:
    return Validation(specifications, known.load(DIFFERENCES))


def _identity(operation: Operation) -> tuple[str, str]:
    """An operation with one fixed api-version is the same one in every document."""
    return operation.id, operation.fixed_version or operation.document.name


def _problems(operation: Operation, entry: Json) -> Iterator[Difference]:
    # a request that is refused is often one that is wrong on purpose
    if entry["status"] < 400:
        yield from _differences("request", operation.request_problems(entry["path"], entry["query"], entry["request_body"]))
    yield from _differences("response", operation.response_problems(entry["status"], entry["response_body"]))


def _differences(kind: str, problems: Iterator[str]) -> Iterator[Difference]:
    for problem in problems:
        place, colon, message = problem.partition(": ")
        yield Difference(kind, place if colon else "", "", message if colon else problem)


def _kind(entry: Json) -> str:
    """What an exchange without a document is, by its place."""
    path, provider = entry["path"].lower(), entry["provider"]
    if "operation" in path.rsplit("/", 2)[-2] or path.rsplit("/", 1)[-1].startswith("operation"):
        return "polls of operations"
    if provider == "entra":
        return "sign-in"
    if provider == "metadata":
        return "metadata of the cloud"
    return f"{entry['method']} {provider} at {entry['query'].get('api-version', 'no api-version')}"


VERSIONS = {
    "network": ("2024-03-01", "2026-03-01"),
    "keyvault": ("2023-07-01", "2026-05-15"),
    "privatedns": ("2024-06-01",),
    "resources": ("2022-09-01", "2024-07-01"),
}


def direct(arm: Arm) -> list[Json]:
    """Requests for what has no official example, and for refusals of many kinds; the log of them."""
    subscription = f"/subscriptions/{arm.emulation.facts['subscription']}"
    group = f"{subscription}/resourceGroups/contract-direct"
    provider = f"{group}/providers"
    arm.fresh(timing="fast", subscriptions=[])
    for version in VERSIONS["resources"]:
        requested = {"api-version": version}
        for method, path, body in (
            ("PUT", group, {"location": "westeurope"}),
            ("PUT", group, {"location": "westeurope", "tags": {"a": "b"}}),
            ("PATCH", group, {"tags": {"c": "d"}}),
            ("HEAD", group, None),
            ("HEAD", f"{group}-missing", None),
            ("GET", f"{group}-missing", None),
            ("GET", f"{subscription}/resourcegroups", None),
            ("GET", f"{group}/resources", None),
            ("POST", f"{subscription}/providers/Microsoft.KeyVault/register", None),
            ("POST", f"{subscription}/providers/Microsoft.Nothing/register", None),
        ):
            arm.call(method, path, requested, body)
    missing = {
        "network": (
            "virtualNetworks/missing",
            "virtualNetworks/missing/subnets/missing",
            "privateEndpoints/missing",
            "networkInterfaces/missing",
        ),
        "privatedns": (
            "privateDnsZones/missing.example",
            "privateDnsZones/missing.example/virtualNetworkLinks/missing",
            "privateDnsZones/missing.example/A/missing",
        ),
        "keyvault": (
            "vaults/missing-vault",
            "vaults/missing-vault/privateEndpointConnections/missing",
            "vaults/missing-vault/privateLinkResources",
        ),
    }
    for service, places in missing.items():
        namespace = "Microsoft.KeyVault" if service == "keyvault" else "Microsoft.Network"
        for version in VERSIONS[service]:
            for place in places:
                for method, body in (("GET", None), ("DELETE", None), ("PUT", {})):
                    if served(method, f"{provider}/{namespace}/{place}"):
                        arm.call(method, f"{provider}/{namespace}/{place}", {"api-version": version}, body)
    log: list[Json] = arm.control("GET", "log")["requests"]
    return log
