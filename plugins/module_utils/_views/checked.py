# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks of a vault are asked and answer, as values, and how results show them."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .._documents.limits import Limits
from .check_catalogue import BY_ID, CHECKS, Check

Status = t.Literal["passed", "failed", "unknown", "skipped"]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What is asked about vaults.

    checks: ids of the checks to run, all where there are none. skip_checks: ids of those to leave out.
    subnet_ids, endpoint_network_ids: where private endpoints are meant to be. virtual_network_ids: networks that must resolve the vaults'
    names, in addition to the endpoints' own. zone_ids: zones of vaults in other subscriptions.
    proofs: results of keyvault_probe_info from hosts inside.
    limits: what Microsoft may have raised.
    """

    checks: tuple[str, ...] = ()
    skip_checks: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    endpoint_network_ids: tuple[str, ...] = ()
    virtual_network_ids: tuple[str, ...] = ()
    zone_ids: tuple[ResourceId, ...] = ()
    proofs: tuple[Document, ...] = ()
    limits: Limits = dataclasses.field(default_factory=Limits)

    @property
    def chosen(self) -> list[Check]:
        """Return the checks to run, in the order of the catalogue."""
        return [check for check in CHECKS if (not self.checks or check.id in self.checks) and check.id not in self.skip_checks]

    def asks(self, check: str) -> bool:
        """Return whether a check is to be run."""
        return (not self.checks or check in self.checks) and check not in self.skip_checks


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a check found. unknown: what it needs could not be read. skipped: it does not apply, message says why.

    fix: tasks as YAML text, empty where no task can choose what to change, which hint says, and where nothing failed.
    """

    status: Status = "passed"
    message: str = ""
    hint: str = ""
    resource_ids: tuple[str, ...] = ()
    fix: str = ""

    @property
    def found(self) -> bool:
        """Return whether this is a finding."""
        return self.status in ("failed", "unknown")


@dataclasses.dataclass(frozen=True)
class Checked:
    """A vault with the answers of the checks that were asked for, by check id, in the order of the catalogue.

    gates: how its public access is set. others: answers of checks of severity error that were left out, by check id.
    """

    id: str
    name: str
    location: str
    answers: t.Mapping[str, Answer]
    gates: Document = dataclasses.field(default_factory=dict)
    others: t.Mapping[str, Answer] = dataclasses.field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Return whether no check of severity error failed or stayed unknown, also of those that were left out."""
        answers = {**self.others, **self.answers}
        return not any(answer.found and BY_ID[check].severity == "error" for check, answer in answers.items())

    @property
    def findings(self) -> dict[str, Answer]:
        """Return the answers that need attention, by check id."""
        return {check: answer for check, answer in self.answers.items() if answer.found}

    def rendered(self) -> Document:
        """Return the vault as results show it."""
        verdicts = [_rendered(BY_ID[check], answer) for check, answer in self.answers.items()]
        return {
            "id": self.id,
            "name": self.name,
            "location": self.location,
            "private": self.private,
            "gates": self.gates,
            "verdicts": verdicts,
        }


def _rendered(check: Check, answer: Answer) -> Document:
    return {
        "check": check.id,
        "status": answer.status,
        "severity": check.severity,
        "title": check.title,
        "message": answer.message,
        "hint": answer.hint,
        "resource_ids": list(answer.resource_ids),
        "guide": check.guide,
        "policies": list(check.policies),
        "fix": answer.fix,
    }


def summary(vaults: t.Sequence[Checked]) -> Document:
    """Return counts: of vaults, of those that are private, of those with a finding of severity error, and of findings.

    A finding that several vaults share, such as a full zone, counts once.
    """
    found = {(check, answer.message, answer.resource_ids) for vault in vaults for check, answer in vault.findings.items()}
    counted = [BY_ID[check].severity for check, _message, _ids in found]
    private = sum(vault.private for vault in vaults)
    return {
        "vaults": len(vaults),
        "private": private,
        "failed": len(vaults) - private,
        "errors": counted.count("error"),
        "warnings": counted.count("warning"),
    }
