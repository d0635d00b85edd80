# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences on purpose: rules in a data file, each with its reason.

A rule says ``where`` (type, method, status, code, body, proven: regular expressions for the whole text; version_before,
version_from) and ``what`` (kind, path, wanted, got: regular expressions for the whole text). All that it names has to fit.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from contract.compare import Difference

HERE = Path(__file__).resolve().parent


@dataclass(slots=True)
class Rule:
    name: str
    reason: str
    where: dict[str, str]
    what: dict[str, str]

    def fits(self, facts: dict[str, Any], difference: Difference) -> bool:
        version = str(facts.get("version", ""))
        if version >= self.where.get("version_before", "9999") or version < self.where.get("version_from", ""):
            return False
        place = {name: pattern for name, pattern in self.where.items() if not name.startswith("version_")}
        if not all(_fits(pattern, facts.get(name, "")) for name, pattern in place.items()):
            return False
        return all(_fits(pattern, getattr(difference, name)) for name, pattern in self.what.items())


def _fits(pattern: str, value: Any) -> bool:
    text = value if isinstance(value, str) else json.dumps(value)
    return re.fullmatch(str(pattern), text, re.IGNORECASE | re.DOTALL) is not None


@dataclass(slots=True)
class Known:
    """The rules of a file, and how often each was needed."""

    rules: list[Rule]
    used: Counter[str] = field(default_factory=Counter)

    def explain(self, facts: dict[str, Any], difference: Difference) -> str | None:
        """The name of the rule that a difference falls under."""
        for rule in self.rules:
            if rule.fits(facts, difference):
                self.used[rule.name] += 1
                return rule.name
        return None


def load(name: str) -> Known:
    entries = yaml.safe_load((HERE / name).read_text(encoding="utf-8")) or []
    return Known([Rule(each["name"], " ".join(each["reason"].split()), each.get("where", {}), each["what"]) for each in entries])
