# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file ~/.azure/credentials, as azure.azcollection and people write it: read what can be read, and name the line of what cannot."""

from __future__ import annotations

import codecs
import dataclasses
import difflib
import json
import pathlib
import re
import stat
import typing as t

from .._errors import OptionError

DEFAULT = "default"
_COMMON = "DEFAULT"  # what Python's own reader of such files takes for all profiles
_ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LINES = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"\[([^\]]+)\]\s*(?:[#;].*)?\Z")
_QUOTES = ('""', "''", "\u201c\u201d", "\u2018\u2019")
_LARGEST = 1024 * 1024  # bytes
_JSON = re.compile(r"\s*(?:\{|\[\s*[{\]])")
_ENTRY = re.compile(r"(?:export\s+|[Ss][Ee][Tt]\s+|\$env:)?([^=:\s]+)\s*[=:]\s*(.*)\Z")
_QUOTED = re.compile(r"""(["'])(.*)\1\s*(?:[#;].*)?\Z""")
_COMMENT = re.compile(r"\s[#;].*\Z")
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060\u00ad"  # comes along when a value is copied from a page
_IDS = ("client_id", "tenant", "subscription_id")
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*\Z")
# Further spellings: those of the SDK, of 'az ad sp create-for-rbac', of Terraform, and what people make of them.
_SPELLINGS = {
    "app": "client_id",
    "appid": "client_id",
    "application": "client_id",
    "applicationid": "client_id",
    "auxiliarytenants": "auxiliary_tenant_ids",
    "certificatepath": "x509_certificate_path",
    "client": "client_id",
    "cloud": "cloud_environment",
    "directoryid": "tenant",
    "subscription": "subscription_id",
    "user": "ad_user",
}
# Azure's other tools and azure.azcollection keep them in such files; they say nothing of who signs in.
_STRANGERS = frozenset({"apiprofile", "logmode", "logpath", "name", "displayname", "description", "output", "location", "subscriptionname"})
_NO_EFFECT = {"auth_source": "ANSIBLE_AZURE_AUTH_SOURCE", "profile": "AZURE_PROFILE"}

Entries = dict[str, str]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of a profile."""

    number: int
    text: str


def clean(value: str) -> str:
    """Return a value without the blanks, invisible letters and quotes around it."""
    bare = value.strip().strip(_INVISIBLE).strip()
    return bare[1:-1].strip() if len(bare) > 1 and bare[0] + bare[-1] in _QUOTES else bare


def read(path: pathlib.Path, names: t.Mapping[str, t.Sequence[str]]) -> CredentialsFile | None:
    """Return a file's profiles, None where there is no file. names: the options, each with its environment variables."""
    try:
        found = path.stat()
        whole = stat.S_ISREG(found.st_mode) and found.st_size <= _LARGEST  # reading a pipe or a device may never end
        content = path.read_bytes() if whole else b""
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OptionError(
            "profile", f"{path} cannot be read ({error.strerror or type(error).__name__}); correct the file or its permissions."
        ) from None
    if not whole:
        what = f"it has more than {_LARGEST} bytes" if stat.S_ISREG(found.st_mode) else "it is no file"
        raise OptionError("profile", f"{path} cannot be read ({what}); replace it by a file with profiles.")
    encoding = next((name for mark, name in _ENCODINGS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
        if "\0" in text:
            raise UnicodeError
    except UnicodeError as error:
        number = content[: getattr(error, "start", 0)].count(b"\n") + 1
        raise OptionError("profile", f"{path}, line {number}: this is not UTF-8 text; correct the file.") from None
    return CredentialsFile(path, _profiles(path, text), names)


class CredentialsFile:
    """The profiles of a file. Only the one that is asked for has to make sense."""

    def __init__(self, path: pathlib.Path, profiles: dict[str, list[Entry]], names: t.Mapping[str, t.Sequence[str]]) -> None:
        self._path = path
        self._profiles = profiles
        self._options = {_plain(spelling): option for option, others in names.items() for spelling in (option, *others)}
        self._options.update({spelling: option for spelling, option in _SPELLINGS.items() if option in names})

    @property
    def names(self) -> list[str]:
        """Return the names of the profiles."""
        return [name for name in self._profiles if name != _COMMON]

    def profile(self, name: str) -> Entries | None:
        """Return the options of a profile, None if there is none of that name; another case will do."""
        known = {each.casefold(): each for each in reversed(self._profiles)}
        found = name if name in self._profiles else known.get(name.casefold())
        if found is None:
            return None
        return {**self._read(self._profiles.get(_COMMON, [])), **self._read(self._profiles[found])}

    def _read(self, entries: list[Entry]) -> Entries:
        values: Entries = {}
        lines: dict[str, int] = {}
        spelled = {}
        for entry in entries:
            match = _ENTRY.match(entry.text)
            if match is None:
                raise self._wrong(entry, "this is neither [a profile], nor a comment, nor key=value")
            option = self._option(match[1], entry)
            value = self._value(option, match[2], entry) if option else ""
            if not option or not value:
                continue
            if option in values and values[option] != value:
                raise self._wrong(entry, f"{option} is already set to another value in line {lines[option]}")
            values[option], lines[option], spelled[_plain(match[1])] = value, entry.number, option
        if "appid" in spelled and "secret" not in values and "ad_user" not in values and "password" in values:
            values["secret"] = values.pop("password")  # as 'az ad sp create-for-rbac' calls it
        return values

    def _option(self, key: str, entry: Entry) -> str | None:
        """Return the option that a key sets, None where it has nothing to do with signing in."""
        plain = _plain(key)
        option = self._options.get(plain)
        if option in _NO_EFFECT:
            raise self._wrong(entry, f"{option} has no effect in this file", f"remove it, or set {_NO_EFFECT[option]} in the environment")
        if option is None and plain not in _STRANGERS:
            near = difflib.get_close_matches(plain, self._options, 1, 0.8)
            if near:
                raise self._wrong(entry, f"'{key}' is not a valid key", f"did you mean {self._options[near[0]]}")
        return option

    def _value(self, option: str, text: str, entry: Entry) -> str:
        quoted = _QUOTED.match(text)
        value = quoted[2].strip() if quoted else text
        if not quoted and _COMMENT.search(value):
            if option == "password":
                raise self._wrong(
                    entry, "'#' or ';' after a space may be part of the password or start a comment", "put the password in quotes"
                )
            value = _COMMENT.sub("", value)
        value = value.strip().strip(_INVISIBLE).strip() if quoted or option == "password" else clean(value)
        if value and option in _IDS and not _ID.match(value):
            raise self._wrong(entry, f"this is not a valid {option}, which may contain only letters, digits, '-' and '.'")
        return value

    def _wrong(self, entry: Entry, message: str, advice: str = "correct the line") -> OptionError:
        """Return the refusal of a line. Its text is not reported: it may hold a secret."""
        return OptionError("profile", f"{self._path}, line {entry.number}: {message}; {advice}.")


def _plain(key: str) -> str:
    """Return a key without what spellings differ in: AZURE_CLIENT_ID, ARM_CLIENT_ID, client-id and clientId are one."""
    letters = re.sub(r"[^0-9a-z]", "", key.strip("\"'" + _INVISIBLE).casefold())
    return re.sub(r"\A(?:ansible)?(?:azure|arm)(?=[a-z0-9])", "", letters)


def _profiles(path: pathlib.Path, text: str) -> dict[str, list[Entry]]:
    """Return the lines of every profile. Lines before the first header belong to the default profile."""
    if _JSON.match(text):
        return _from_json(path, text)
    profiles: dict[str, list[Entry]] = {}
    current: list[Entry] | None = None
    for number, line in enumerate(_LINES.split(text), 1):
        bare = line.strip().strip(_INVISIBLE).strip()
        if not bare or bare[0] in "#;":
            continue
        header = _HEADER.match(bare)
        if header:
            current = profiles.setdefault(clean(header[1]), [])
            continue
        if current is None:
            current = profiles.setdefault(DEFAULT, [])
        current.append(Entry(number, bare))
    return profiles


def _from_json(path: pathlib.Path, text: str) -> dict[str, list[Entry]]:
    """
    Return the values of a JSON object, which 'az ad sp create-for-rbac' prints, as lines of the default profile; those of an object inside
    of it are the profile of its name.
    """
    try:
        found = json.loads(text, object_pairs_hook=tuple)
    except (ValueError, RecursionError) as error:
        raise OptionError("profile", f"{path}, line {getattr(error, 'lineno', 1)}: this is not valid JSON; correct the file.") from None
    if not isinstance(found, tuple):
        raise OptionError("profile", f"{path}, line 1: this is a list; write one JSON object, or sections with key=value.")
    inner = {name: _entries(value) for name, value in found if isinstance(value, tuple)}
    return {DEFAULT: _entries(found), **inner}


def _entries(pairs: t.Iterable[tuple[str, t.Any]]) -> list[Entry]:
    return [Entry(1, f'{name}="{value}"') for name, value in pairs if isinstance(value, str)]
