# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a role: which there are, and whether their values are what the role asks for. Pure functions: no Azure, no Ansible.

A specification is an argument specification of Ansible, as in a role's meta/argument_specs.yml; resource_types next to a text's
type makes it the id of a resource of one of these types. Every refusal is an OptionError that names the variable.
"""

from __future__ import annotations

import difflib
import fnmatch
import typing as t

from ._errors import OptionError, echoed
from ._texts import Spec, either, nearest, read
from ._values import resource_id

# What Ansible takes for a truth value.
_TRUE = frozenset({"y", "yes", "on", "1", "true", "t", "1.0"})
_FALSE = frozenset({"n", "no", "off", "0", "false", "f", "0.0"})
# How alike two names must be for one to be a misspelling of the other, where other people's variables have the same prefix.
_MISSPELLED = 0.85


def refuse_unknown(
    names: t.Iterable[str], known: t.Collection[str], role: str, *, prefixes: t.Sequence[str], results: t.Sequence[str], near: bool
) -> None:
    """Refuse variables that have a role's prefix and that the role does not know.

    results: shell patterns of the names that the role itself sets. near: refuse only what looks
    like a known name, since others use the prefix too.
    """
    spelled = {name.casefold(): name for name in known}
    unknown = sorted(
        name
        for name in names
        if (name.startswith(tuple(prefixes)) or name.casefold() in spelled)
        and not name.startswith("__")
        and name not in known
        and not any(fnmatch.fnmatchcase(name, item) for item in results)
    )
    meant = {
        name: found
        for name in unknown
        for found in [spelled.get(name.casefold()) or (_misspelled(name, known, prefixes) if near else nearest(name, known))]
        if found or not near
    }
    if not meant:
        return
    names_meant = list(dict.fromkeys(found for found in meant.values() if found))
    advice = f"use {' and '.join(names_meant)}" if names_meant else f"remove it, or use one listed by 'ansible-doc -t role {role}'"
    first = next(iter(meant))
    others = f" (nor has it {', '.join(list(meant)[1:])})" if len(meant) > 1 else ""
    raise OptionError(first, f"role {role} has no such variable{others}; {advice}.")


def _misspelled(name: str, known: t.Collection[str], prefixes: t.Sequence[str]) -> str | None:
    """Return the known name that a name is a misspelling of. A plural is no misspelling: it is what someone loops over."""
    prefix = max((prefix for prefix in prefixes if name.startswith(prefix)), key=len)
    own = name.removeprefix(prefix)
    for candidate in sorted(known):
        other = candidate.removeprefix(prefix)
        if not candidate.startswith(prefix) or own in (f"{other}s", f"{other}es") or own.rstrip("0123456789_") == other:
            continue
        same_signs = len(own) > 3 and sorted(own.replace("_", "").casefold()) == sorted(other.replace("_", "").casefold())
        if same_signs or difflib.SequenceMatcher(None, own, other).ratio() >= _MISSPELLED:
            return candidate
    return None


def checked(spec: Spec, values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """
    Return the values of all variables of a specification: texts read, types as requested, None or
    the default where a variable says nothing.
    """
    return _checked(spec, read(spec, values), "")


def typed(spec: Spec, values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """
    Return the options of a module that are given, texts read, and refuse those of another type; defaults and what is required are
    left to Ansible, whose own refusals of types name neither the entry of a list nor what to do.
    """
    given = read(spec, values)
    known = {name: option for main, option in spec.items() for name in (main, *option.get("aliases", ()))}
    for name, value in given.items():
        if name in known:
            _typed(known[name], value, name)
    return given


def _checked(spec: Spec, values: t.Mapping[str, t.Any], prefix: str) -> dict[str, t.Any]:
    result = {}
    for name, option in spec.items():
        path = f"{prefix}{name}"
        spellings = [spelling for spelling in (name, *option.get("aliases", ())) if values.get(spelling) is not None]
        value = values[spellings[0]] if spellings else option.get("default")
        if value is None and option.get("required"):
            raise OptionError(path, f"is required{_hint(option)}.")
        result[name] = None if value is None else _typed(option, value, path)
    return result


def _hint(option: t.Mapping[str, t.Any]) -> str:
    return f"; set it to {either(option['choices'])}" if option.get("choices") else ""


def _typed(option: t.Mapping[str, t.Any], value: t.Any, path: str) -> t.Any:
    kind = str(option.get("type", "str"))
    if kind == "list":
        return _list(option, value, path)
    if kind == "dict":
        return _mapping(option, value, path)
    if kind == "raw":
        return value
    if isinstance(value, (list, tuple, t.Mapping)):
        raise OptionError(path, f"{_shown(option, value)} is a {_what(value)}; pass {_wanted(option)}.")
    value = _SCALARS.get(kind, _text)(option, value, path)
    if option.get("resource_types"):
        return str(resource_id(value, path, *option["resource_types"]))
    if option.get("choices") and value not in option["choices"]:
        raise OptionError(path, f"{_shown(option, value)} is not one of {either(option['choices'])}; use one of them.")
    return value


def _what(value: t.Any) -> str:
    return "mapping" if isinstance(value, t.Mapping) else "list"


def _wanted(option: t.Mapping[str, t.Any]) -> str:
    """Return what a single value must be, as messages ask for it."""
    if option.get("choices"):
        return either(option["choices"])
    return (
        f"the id of a {either(option['resource_types'])}"
        if option.get("resource_types")
        else _WANTED.get(str(option.get("type")), "a text")
    )


def _shown(option: t.Mapping[str, t.Any], value: t.Any) -> str:
    return "the value" if option.get("no_log") else f"'{echoed(value)}'"


def _text(_option: t.Mapping[str, t.Any], value: t.Any, _path: str) -> str:
    return str(value)


def _truth(option: t.Mapping[str, t.Any], value: t.Any, path: str) -> bool:
    word = str(value).strip().casefold()
    if word not in _TRUE | _FALSE:
        raise OptionError(path, f"{_shown(option, value)} is not a valid boolean; use true or false.")
    return word in _TRUE


def _whole_number(option: t.Mapping[str, t.Any], value: t.Any, path: str) -> int:
    try:
        number = float(value)
        if isinstance(value, bool) or number != int(number):
            raise ValueError
        return int(number)
    except (TypeError, ValueError, OverflowError):
        raise OptionError(path, f"{_shown(option, value)} is not a valid integer; pass one like 60.") from None


_SCALARS: dict[str, t.Callable[[t.Mapping[str, t.Any], t.Any, str], t.Any]] = {"bool": _truth, "int": _whole_number}
_WANTED = {"bool": "true or false", "int": "a whole number"}


def _list(option: t.Mapping[str, t.Any], value: t.Any, path: str) -> list[t.Any]:
    if isinstance(value, t.Mapping):
        raise OptionError(path, f"{_shown(option, value)} is a mapping; pass a list.")
    element = {key: item for key, item in option.items() if key in ("choices", "options", "no_log", "resource_types")} | {
        "type": option.get("elements", "str")
    }
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    found = [_typed(element, item, f"{path}[{number}]" if element["type"] == "dict" else path) for number, item in enumerate(items)]
    # two spellings of one id are one resource
    return list({item.casefold(): item for item in reversed(found)}.values())[::-1] if element.get("resource_types") else found


def _mapping(option: t.Mapping[str, t.Any], value: t.Any, path: str) -> dict[str, t.Any]:
    if not isinstance(value, t.Mapping):
        raise OptionError(path, f"{_shown(option, value)} is not a mapping; pass one like {{name: value}}.")
    inner = option.get("options")
    if not inner:
        return dict(value)
    return _checked(inner, value, f"{path}.")
