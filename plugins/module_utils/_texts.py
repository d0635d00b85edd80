# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options as they are handed in: surveys and extra variables know only texts, also for lists and
mappings, and a blank text for what was left out.

read() runs once, before Ansible validates the options, in both ways of execution. Pure functions: no Azure, no Ansible.
"""

from __future__ import annotations

import difflib
import itertools
import json
import re
import string
import typing as t
import unicodedata

from ._documents.approval_rules import CONDITIONS
from ._documents.compare import ascii_lower
from ._errors import OptionError, echoed

try:
    import yaml
except ImportError:
    HAS_YAML = False
else:
    HAS_YAML = True

Spec = t.Mapping[str, t.Mapping[str, t.Any]]

# No property of the resources that are managed here is longer; the longest is the condition of a role assignment.
LONGEST = 32_768
# Resource Manager takes requests of up to 4 MB.
LONGEST_DOCUMENT = 4 * 1024 * 1024
LONGEST_PATH = 4096
# Reading YAML takes seconds beyond this, and much longer where it is nested without end; JSON has neither bound.
LONGEST_YAML = 128 * 1024
DEEPEST = 32
# What is one of few words, a number or yes and no.
LONGEST_WORD = 256
# Texts that people write, in which lines may break.
_PROSE = frozenset({"condition", "description", "notes", "request_message"})
# YAML 1.2's core without floats: 1.10, 010, no and dates stay texts, as they were written. By the first sign, as PyYAML looks them up.
_NULL = ("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"))
_BOOL = ("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"))
_INT = ("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z"))
_RESOLVERS = {"": [_NULL], **{sign: [rule] for rule, signs in ((_NULL, "~nN"), (_BOOL, "tTfF"), (_INT, "-0123456789")) for sign in signs}}
_DOCUMENT = re.compile(r"[\[{]|-(?:\s|$)")
_BLOCK_MAPPING = re.compile(r"""(?:[^\n=:'"{}\[\],]+|"[^"\n]*"|'[^'\n]*')\s*:(?:\s|$)""")
# What may precede a YAML document: comments, and the line that begins it.
_HEAD = re.compile(r"(?:[ \t]*(?:#[^\n]*|---[ \t\r]*)?\n)*")
# An item in quotes, which may hold commas, or what stands before the next comma or line break.
_ITEM = re.compile(
    r"""[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|\u201c([^\u201d\n]*)\u201d|\u2018([^\u2019\n]*)\u2019)[ \t\r]*(?:[,\n]|\Z)|([^,\n]*)(?:[,\n]|\Z)"""
)
# Comes along when a value is copied from a page or a file, and nobody sees it. Two of them join letters and emoji, and may stand inside.
_JOINERS = "\u200c\u200d"
_UNSEEN = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_SPACES = (
    string.whitespace + "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_AROUND = _UNSEEN + _JOINERS + _SPACES


def read(spec: Spec, params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options with every text read as what its specification asks for, and without those that say nothing.

    spec: an argument specification of Ansible. Options that it does not know are kept as they are, for Ansible to refuse; those inside of
    another option are refused here, where it is known which of several entries has them.
    """
    return _options(spec, params, "")


def is_blank(value: t.Any) -> bool:
    """Return whether a value says nothing: none, or a text of spaces and of what nobody sees."""
    return value is None or (isinstance(value, str) and not value.strip(_AROUND))


def _visible(text: str) -> str:
    """Return a text without what nobody sees at its ends; one that has nothing of it stays as it is, with its spaces."""
    bare = text.strip(_AROUND)
    return text if bare == text.strip() else bare


def _options(spec: Spec, params: t.Mapping[str, t.Any], prefix: str) -> dict[str, t.Any]:
    known = {name: (main, option) for main, option in spec.items() for name in (main, *option.get("aliases", ()))}
    result = {}
    for key, value in params.items():
        name = str(key)
        if name not in known:
            if prefix:
                raise unknown_option(f"{prefix}{echoed(name)}", name, known)
            result[name] = value
            continue
        main, option = known[name]
        found = _value(option, value, f"{prefix}{name}", lines=main in _PROSE)
        if found is not None:
            result[name] = found
    return result


def unknown_option(path: str, name: str, known: t.Collection[str]) -> OptionError:
    """Return why a name inside of an option is refused, with the one that was meant where it resembles one."""
    return OptionError(path, f"is not a valid option; use {nearest(name, known) or either(sorted(known))}.")


def nearest(name: str, known: t.Collection[str]) -> str | None:
    """Return the known name that resembles a name most, None where none does."""
    return next(iter(difflib.get_close_matches(name, sorted(map(str, known)), 1)), None)


def either(choices: t.Iterable[t.Any]) -> str:
    """Return choices as a sentence lists them."""
    *others, last = (str(choice) for choice in choices)
    return f"{', '.join(others)} or {last}" if others else last


def _value(option: t.Mapping[str, t.Any], value: t.Any, path: str, *, lines: bool) -> t.Any:
    """Return an option's value, None where it says nothing."""
    if is_blank(value):
        return None
    kind = option.get("type", "str")
    if isinstance(value, str) and not option.get("no_log"):
        value = _visible(value)
    if kind == "list":
        return _list(option, value, path)
    if kind == "dict":
        return _mapping(option, value, path)
    if isinstance(value, str):
        return _scalar(option, value, path, lines=lines)
    return value


def _scalar(option: t.Mapping[str, t.Any], text: str, path: str, *, lines: bool) -> str:
    kind = option.get("type", "str")
    word = kind in ("bool", "int", "float") or "choices" in option
    _check(option, text, path, _longest(kind, word), lines=lines or bool(option.get("no_log")) or kind == "raw")
    return text.strip() if word else text


def _longest(kind: t.Any, word: bool) -> int:
    if kind == "raw":
        return LONGEST_DOCUMENT
    return LONGEST_WORD if word else LONGEST_PATH if kind == "path" else LONGEST


def _list(option: t.Mapping[str, t.Any], value: t.Any, path: str) -> t.Any:
    of_mappings = option.get("elements") == "dict"
    if isinstance(value, str):
        value = _listed(option, value, path)
    if of_mappings and isinstance(value, t.Mapping):
        value = _by_name(option, value)
    if not isinstance(value, (list, tuple)):
        return value
    element = {key: item for key, item in option.items() if key in ("choices", "options", "no_log")} | {
        "type": option.get("elements", "str")
    }
    items = [item.strip() if isinstance(item, str) else item for item in value if not is_blank(item)]
    if value and not items and path.rpartition(".")[2] not in CONDITIONS:
        # "".split(",") names nothing, which is not the same as an explicit empty list; an empty condition matches nothing, though
        return None
    items = [_value(element, item, f"{path}[{number}]" if of_mappings else path, lines=False) for number, item in enumerate(items)]
    return _each_once(items)


def _each_once(items: list[t.Any]) -> list[t.Any]:
    """
    Return a list in which each text is named once, whatever its case: Azure takes both for one, and refuses a list that names it twice.
    Case is ignored in ASCII alone.
    """
    found: dict[str | int, t.Any] = {}
    for number, item in enumerate(items):
        found.setdefault(ascii_lower(item) if isinstance(item, str) else number, item)
    return list(found.values())


def _by_name(option: t.Mapping[str, t.Any], value: t.Mapping[str, t.Any]) -> list[t.Any]:
    """Return the entries of a mapping by name, each with its name; a mapping that is one entry is a list of one."""
    inner = option.get("options") or {}
    entries = all(is_blank(item) or isinstance(item, t.Mapping) for item in value.values())
    if "name" not in inner or not entries or any(key in inner for key in value):
        return [value]
    return [{"name": name, **({} if is_blank(item) else item)} for name, item in value.items()]


def _listed(option: t.Mapping[str, t.Any], text: str, path: str) -> t.Any:
    """Return what a text lists: the items of a JSON or YAML list, else what stands between commas or on lines."""
    of_mappings = option.get("elements") == "dict"
    text = text.strip()
    _check(option, text, path, LONGEST_DOCUMENT, lines=True)
    if _DOCUMENT.match(_without_head(text)):
        found = _document(option, text, path)
        if isinstance(found, list) or (of_mappings and isinstance(found, dict)):
            return found
    elif not of_mappings:
        return [next((part for part in found.groups() if part is not None), "") for found in _ITEM.finditer(text)]
    else:
        return _mapped(option, text, path)
    raise _unreadable(option, text, path)


def _mapping(option: t.Mapping[str, t.Any], value: t.Any, path: str) -> t.Any:
    if isinstance(value, str):
        text = value.strip()
        _check(option, text, path, LONGEST_DOCUMENT, lines=True)
        value = _mapped(option, text, path)
    inner = option.get("options")
    if isinstance(value, t.Mapping):
        if inner:
            return _options(inner, value, f"{path}.")
        _check_all(option, value, path)
    return value


def _mapped(option: t.Mapping[str, t.Any], text: str, path: str) -> dict[t.Any, t.Any]:
    """Return the mapping that a text holds: JSON, YAML, or Ansible's own 'a=b, c=d'."""
    body = _without_head(text)
    if _DOCUMENT.match(body) or _BLOCK_MAPPING.match(body):
        found = _document(option, text, path)
        if isinstance(found, dict):
            return found
        raise _unreadable(option, text, path)
    pairs = [field.split("=", 1) for field in _fields(text)]
    if not pairs or any(len(pair) < 2 or not pair[0] for pair in pairs):
        raise _unreadable(option, text, path)
    try:
        return _once((name, value) for name, value in pairs)
    except _Twice as twice:
        raise _named_twice(option, text, path, twice) from None


def _without_head(text: str) -> str:
    head = _HEAD.match(text)
    return text[head.end() :].lstrip() if head else text


class _Twice(Exception):
    """A mapping gives two values to one name; which of them was meant is not known."""


def _once(pairs: t.Iterable[tuple[t.Any, t.Any]]) -> dict[t.Any, t.Any]:
    found: dict[t.Any, t.Any] = {}
    for name, value in pairs:
        if name in found and found[name] != value:
            raise _Twice(name)
        found[name] = value
    return found


def _fields(text: str) -> list[str]:
    """
    Return what stands between commas and blanks, as Ansible takes a=b apart: quotes hold together, a backslash takes what follows as it is.
    """
    fields: list[str] = []
    field, quote, escaped = "", "", False
    for sign in text:
        if escaped:
            field, escaped = field + sign, False
        elif sign == "\\":
            escaped = True
        elif (not quote and sign in "'\"") or (quote and sign == quote):
            quote = "" if quote else sign
        elif not quote and sign in ", \t\r\n":
            fields, field = [*fields, field], ""
        else:
            field += sign
    return [item for item in (*fields, field) if item]


def _document(option: t.Mapping[str, t.Any], text: str, path: str) -> t.Any:
    """Return what a text holds as JSON, else as YAML."""
    try:
        found = _json(text)
    except (ValueError, RecursionError):
        found = _yaml(option, text, path)
    except _Twice as twice:
        raise _named_twice(option, text, path, twice) from None
    if isinstance(found, (list, dict)):
        _check_all(option, found, path)
    return found


def _json(text: str) -> t.Any:
    """Return what a text holds as JSON: 1.10 stays a text, as it was written; what JSON does not know, such as NaN, is a ValueError."""
    return json.loads(text, object_pairs_hook=_once, parse_float=str, parse_constant=int)


def _yaml(option: t.Mapping[str, t.Any], text: str, path: str) -> t.Any:
    if not HAS_YAML:
        raise _unreadable(option, text, path, " as JSON, and PyYAML is not installed in the Python that runs this task to read it as YAML")
    if len(text) > LONGEST_YAML:
        raise _unreadable(option, text, path, f" as JSON, and as YAML it is too long with more than {LONGEST_YAML} characters")
    if _depth(text) > DEEPEST:
        raise _unreadable(option, text, path)
    try:
        if any(isinstance(token, (yaml.AliasToken, yaml.TagToken)) for token in yaml.scan(text, yaml.SafeLoader)):
            raise _unreadable(option, text, path, ", since aliases and tags of YAML are not accepted here")
        loader = yaml.SafeLoader(text)
        loader.yaml_implicit_resolvers = _RESOLVERS
        node = loader.get_single_node()
        _refuse_twice(node)
        return None if node is None else loader.construct_document(node)
    except _Twice as twice:
        raise _named_twice(option, text, path, twice) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise _unreadable(option, text, path) from None


def _refuse_twice(node: t.Any) -> None:
    """Refuse a name that a mapping of a YAML document has twice, of which PyYAML takes the last."""
    if isinstance(node, yaml.MappingNode):
        _once((key.value if isinstance(key, yaml.ScalarNode) else number, item.value) for number, (key, item) in enumerate(node.value))
    parts = () if node is None or isinstance(node, yaml.ScalarNode) else node.value
    for part in parts:
        for inner in part if isinstance(part, tuple) else (part,):
            _refuse_twice(inner)


def _depth(text: str) -> int:
    """Return how deep a text is nested at most; brackets inside quotes count too."""
    return max(itertools.accumulate(1 if found[0] in "[{" else -1 for found in re.finditer(r"[\[\]{}]", text)), default=0)


# --- what no option may hold ---


def _check_all(option: t.Mapping[str, t.Any], value: t.Any, path: str, depth: int = 0) -> None:
    """Check the texts of a mapping or list of which no more is known; lines may break in them."""
    if depth > DEEPEST:
        raise _unreadable(option, "...", path, f", since it is nested more than {DEEPEST} levels deep")
    if isinstance(value, str):
        _check(option, value, path, LONGEST, lines=True)
    elif isinstance(value, t.Mapping):
        for name, item in value.items():
            _check_all(option, name, path, depth + 1)
            _check_all(option, item, path, depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_all(option, item, path, depth + 1)


def _check(option: t.Mapping[str, t.Any], text: str, path: str, longest: int, *, lines: bool) -> None:
    shown = "the value" if option.get("no_log") else f"'{echoed(text)}'"
    if len(text) > longest:
        raise OptionError(path, f"{shown} has {len(text)} characters, more than the {longest} that it may have; shorten it.")
    bad = next((sign for sign in text if _is_refused(sign, lines)), None)
    if bad is not None:
        kind = "control" if _is_control(bad) else "invisible"
        name = {"\n": "a line break", "\r": "a line break", "\t": "a tab"}.get(bad, f"the {kind} character U+{ord(bad):04X}")
        raise OptionError(path, f"{shown} contains {name}; remove it.")


def _is_refused(sign: str, lines: bool) -> bool:
    """Return whether a text may not hold a sign. lines: whether people write it, in lines, and in whatever language."""
    return not (lines and sign in "\t\r\n") if _is_control(sign) else not lines and sign in _UNSEEN


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs")


# --- what is said of a text that cannot be read ---


def _unreadable(option: t.Mapping[str, t.Any], text: str, path: str, why: str = "") -> OptionError:
    mappings = option.get("type") == "dict" or option.get("elements") == "dict"
    several = option.get("type") == "list"
    what = ("a list of mappings" if several else "a mapping") if mappings else "a list"
    ways = "as JSON or YAML" if mappings else "as JSON or YAML, or as items separated by commas"
    shown = "the text" if option.get("no_log") else f"'{echoed(text)}'"
    return OptionError(path, f"{shown} cannot be read as {what}{why}; pass it {ways}, like {_example(option)}.")


def _named_twice(option: t.Mapping[str, t.Any], text: str, path: str, twice: _Twice) -> OptionError:
    shown = "the text" if option.get("no_log") else f"'{echoed(text)}'"
    return OptionError(path, f"{shown} gives '{echoed(twice.args[0])}' two values; keep one of them.")


def _example(option: t.Mapping[str, t.Any]) -> str:
    inner = option.get("options") or {}
    if option.get("type") == "list" and option.get("elements") != "dict":
        return json.dumps((option.get("choices") or ["one", "two"])[:2])
    names = sorted(inner, key=lambda name: not inner[name].get("required"))[:2]
    mapping = {name: _sample(inner[name]) for name in names} or {"name": "value"}
    return json.dumps([mapping] if option.get("type") == "list" else mapping)


def _sample(option: t.Mapping[str, t.Any]) -> t.Any:
    kind = option.get("type", "str")
    samples = {"bool": True, "int": 1, "list": [], "dict": {}}
    return option["choices"][0] if option.get("choices") else samples.get(kind, "...")
