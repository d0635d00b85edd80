# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One verdict for each vault from what was checked in Azure and what hosts inside and outside the networks found. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._errors import Problem, echoed
from .proof import probed_host

_LONGEST_REASON = 500
_ANY = t.Mapping[str, t.Any]
# What is read of a vault, of a verdict on it, and of what a probe found of it.
_OF_VAULT, _OF_VERDICT, _OF_PROBE = (
    ("id", "name", "verdicts"),
    ("check", "status", "severity", "message"),
    ("proven", "msg", "ip_addresses"),
)


@dataclasses.dataclass
class _Probes:
    """Registered results of a loop over hosts or machines: what each found of each vault, by the vault's name, and who found nothing."""

    found: dict[str, list[tuple[str, _ANY]]] = dataclasses.field(default_factory=dict)
    unfinished: list[str] = dataclasses.field(default_factory=list)
    asked: list[str] = dataclasses.field(default_factory=list)

    def of(self, vault: str) -> list[tuple[str, _ANY | None]]:
        """Return who was asked about a vault, with the result; None where there is none although others have one."""
        by_name = dict(self.found.get(vault.casefold(), ()))
        return [(name, by_name.get(name)) for name in self.asked]


def validated(vaults: t.Sequence[_ANY], inside: t.Sequence[_ANY], outside: t.Sequence[_ANY]) -> Document:
    """Return a summary for each vault, with all that is wrong in sentences, and which vaults and probes failed.

    vaults: as keyvault_private_link_check returns them. inside, outside: results of loops whose items are probes of many vaults.
    """
    within, without = _read(inside), _read(outside)
    shown = [_vault(vault, within, without) for vault in vaults]
    failed = [each["id"] for each in shown if not each["private"]]
    return {
        "vaults": shown,
        "private": len(shown) - len(failed),
        "failed": failed,
        "unfinished": [*within.unfinished, *without.unfinished],
        "passed": not failed and not within.unfinished and not without.unfinished,
    }


def summary_of(checked: t.Any, inside: t.Any, outside: t.Any) -> Document:
    """Return the summary of registered results. What is none is refused by the name of the argument."""
    vaults = checked.get("vaults") if isinstance(checked, t.Mapping) else None
    if not _have(vaults, _OF_VAULT) or not all(_have(vault["verdicts"], _OF_VERDICT) for vault in t.cast("list[_ANY]", vaults)):
        raise Problem("the input is no result of keyvault_private_link_check; register that module's result, and pass it whole")
    for name, items in (("inside", inside), ("outside", outside)):
        if not _have(items) or not all(_are_probes(item.get("results")) for item in items):
            raise Problem(
                f"{name} is no list of results of keyvault_probe_info with vaults; register a loop over hosts, and pass its results"
            )
    return validated(t.cast("list[_ANY]", vaults), list(inside), list(outside))


def _have(items: t.Any, names: t.Collection[str] = ()) -> bool:
    """Return whether something is a list of mappings with these keys."""
    return isinstance(items, (list, tuple)) and all(isinstance(each, t.Mapping) and all(name in each for name in names) for each in items)


def _are_probes(results: t.Any) -> bool:
    """Return whether this is what a probe found of many vaults, or what a probe that failed has in its place."""
    return not isinstance(results, list) or _have(results, _OF_PROBE)


def _read(items: t.Sequence[_ANY]) -> _Probes:
    probes = _Probes()
    for item in items:
        name = _name(item)
        results = item.get("results")
        if isinstance(results, list) and not results and item.get("code") == "NotProbed":
            continue  # check mode, where no machine runs anything
        if item.get("failed") or item.get("unreachable") or item.get("skipped") or not isinstance(results, list):
            said = echoed(" ".join(str(item.get("msg") or "no result").split()), _LONGEST_REASON).rstrip(".")
            probes.unfinished.append(f"{name} could not probe ({said}).")
            continue
        probes.asked.append(name)
        for result in results:
            probes.found.setdefault(probed_host(result).partition(".")[0], []).append((name, result))
    return probes


def _name(item: _ANY) -> str:
    """Return the host or machine that an item of a loop is about; of an id its last name."""
    value = item.get(str(item.get("ansible_loop_var") or "item"))
    return str(value or "a host").rstrip("/").rpartition("/")[2]


def _vault(vault: _ANY, inside: _Probes, outside: _Probes) -> Document:
    """Return the summary of a vault. The check named probe says what the probes themselves say better."""
    findings = [each for each in vault["verdicts"] if each["status"] in ("failed", "unknown")]
    problems = [each["message"] for each in findings if each["severity"] == "error" and each["check"] != "probe"]
    within, without = inside.of(str(vault["name"])), outside.of(str(vault["name"]))
    problems += [sentence for name, result in within if (sentence := _not_let_in(name, result))]
    problems += [sentence for name, result in without if (sentence := _let_in(name, result))]
    return {
        "id": vault["id"],
        "name": vault["name"],
        "private": not problems,
        "problems": problems,
        "warnings": [each["message"] for each in findings if each["severity"] == "warning"],
        "inside": [{"from": name, "private": bool(result and result["proven"])} for name, result in within],
        "outside": [{"from": name, "kept_out": not _let_in(name, result)} for name, result in without],
    }


def _not_let_in(name: str, result: _ANY | None) -> str:
    """Return what is wrong with a result from inside, empty where it proves the private path."""
    if result is None:
        return f"{name} returned nothing about the vault."
    return "" if result["proven"] else f"From {name}: {result['msg']}"


def _let_in(name: str, result: _ANY | None) -> str:
    """Return what is wrong with a result from outside, empty where it shows no way in over a private endpoint.

    Whether the public side lets callers in is known from the vault's gates: without a token a vault answers 401, open or closed.
    """
    if result is None:
        return f"{name} returned nothing about the vault."
    came = "conn_type=privatelink" in str(result.get("network_info") or "").casefold()
    if result["proven"] or came:
        where = ", ".join(map(str, result.get("ip_addresses") or []))
        return f"From {name}, which should be outside, the vault is reached over its private endpoint ({where})."
    return ""
