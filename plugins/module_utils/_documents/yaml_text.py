# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables as the text of a file that Ansible reads as they are. Without PyYAML, which the host of a module process may lack."""

from __future__ import annotations

import json
import re
import typing as t

# Needs no quotes in YAML: begins with a letter or a slash, and is no word that YAML 1.1 takes for something else.
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*\Z", re.ASCII)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# Ansible would render it.
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")


class Variable(str):
    """The name of a variable whose value Ansible is to put there; any other text stays as it is."""

    __slots__ = ()


def yaml_text(value: t.Mapping[str, t.Any]) -> str:
    """Return a mapping of texts, numbers, truth values, lists and mappings as YAML. What looks like a template is tagged !unsafe."""
    return "".join(_lines(value, ""))


def _lines(value: t.Mapping[str, t.Any], indent: str) -> t.Iterator[str]:
    for name, item in value.items():
        if isinstance(item, dict) and item:
            yield f"{indent}{_text(str(name))}:\n"
            yield from _lines(item, f"{indent}  ")
        elif isinstance(item, list) and item:
            yield f"{indent}{_text(str(name))}:\n"
            yield from (f"{indent}  - {_scalar(each)}\n" for each in item)
        else:
            yield f"{indent}{_text(str(name))}: {_scalar(item)}\n"


def _scalar(value: t.Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, Variable):
        return f'"{{{{ {value} }}}}"'
    return f"!unsafe {_quoted(value)}" if _TEMPLATE.search(value) else _text(value)


def _text(value: str) -> str:
    return value if _PLAIN.match(value) and value.casefold() not in _WORDS else _quoted(value)


def _quoted(value: str) -> str:
    """Return a text in double quotes, as JSON has it. YAML has no pairs of surrogates, and wants what is not printable escaped."""
    return "".join(
        sign if sign.isprintable() or ord(sign) < 0x7F else f"\\U{ord(sign):08x}" for sign in json.dumps(value, ensure_ascii=False)
    )
