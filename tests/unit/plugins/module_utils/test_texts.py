# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts for options: a blank one is unset, lists and mappings are read from text, in every option and suboption of every module."""

from __future__ import annotations

import importlib
import json
import pathlib
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils import _options as options
from ansible_collections.privatelink.azure.plugins.module_utils import _texts as texts
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError, Problem, printable
from ansible_collections.privatelink.azure.plugins.module_utils._module import Module

PACKAGE = "ansible_collections.privatelink.azure.plugins.modules"
FILES = (pathlib.Path(__file__).resolve().parents[4] / "plugins" / "modules").glob("*.py")
SPECS: dict[str, t.Any] = {
    file.stem: file_module.MODULE.spec["argument_spec"]
    for file in sorted(FILES)
    if isinstance(getattr(file_module := importlib.import_module(f"{PACKAGE}.{file.stem}"), "MODULE", None), Module)
}
Path = tuple[str, ...]


def everything(spec: t.Mapping[str, t.Any], path: Path = ()) -> t.Iterator[tuple[Path, t.Any]]:
    """Yield every option and suboption of a specification, aliases as options of their own."""
    for name, option in spec.items():
        for spelling in (name, *option.get("aliases", ())):
            yield (*path, spelling), option
        yield from everything(option.get("options", {}), (*path, name))


def options_of(module: str, *kinds: str) -> t.Iterator[tuple[Path, t.Any]]:
    """Yield a module's options of some types, or of all; what all modules share is tried with one."""
    for path, option in everything(SPECS[module]):
        if (not kinds or option.get("type") in kinds) and (path[0] not in options.AUTH or module == "keyvault"):
            yield path, option


def sample(option: t.Mapping[str, t.Any], *, seed: int = 1) -> t.Any:
    """Return a value of an option's own type."""
    kind = option.get("type", "str")
    if kind == "list":
        return [sample({**option, "type": option.get("elements", "str")}, seed=number) for number in (1, 2)]
    if kind == "dict":
        inner = option.get("options")
        return (
            {name: sample(part, seed=seed) for name, part in inner.items()}
            if inner
            else {"owner": f"team {seed}", "cost center": "4711", "empty": ""}
        )
    if option.get("choices"):
        return option["choices"][0]
    return {"bool": True, "int": seed}.get(kind, f"text-{seed}")


def nested(spec: t.Mapping[str, t.Any], path: Path, value: t.Any) -> dict[str, t.Any]:
    """Return options that set one option or suboption, and what is required beside it."""
    name, *rest = path
    option = next(option for main, option in spec.items() if name in (main, *option.get("aliases", ())))
    if rest:
        inner = option["options"]
        beside = {part: sample(given) for part, given in inner.items() if given.get("required") and part != rest[0]}
        value = {**beside, **nested(inner, tuple(rest), value)}
        value = [value] if option["type"] == "list" else value
    return {name: value}


def without(options: t.Any, path: Path) -> t.Any:
    """Return options without one option or suboption."""
    name, *rest = path
    if isinstance(options, list):
        return [without(item, path) for item in options]
    if not rest:
        return {key: value for key, value in options.items() if key != name}
    return {**options, name: without(options[name], tuple(rest))}


def validated(module: str, options: t.Mapping[str, t.Any]) -> tuple[t.Any, list[str]]:
    """Return what a module works with after the texts were read, and Ansible's objections."""
    done = ArgumentSpecValidator(SPECS[module]).validate(texts.read(SPECS[module], options))
    return done.validated_parameters, done.error_messages


def refused(spec: t.Any, **options: t.Any) -> str:
    """Return the one sentence that refuses options."""
    with pytest.raises(OptionError) as failure:
        texts.read(spec, options)
    message = failure.value.message
    assert message.isprintable() and len(message) < 600, message
    for word in ("Traceback", "Expecting", "JSONDecodeError", "while parsing", "Error("):
        assert word not in message
    return message


# --- every option and suboption of every module ---


@pytest.mark.parametrize("module", SPECS)
def test_a_blank_text_and_none_equal_leaving_the_option_out(module: str) -> None:
    for path, _option in options_of(module):
        left_out = without(nested(SPECS[module], path, ""), path)
        expected = validated(module, left_out)
        for blank in ("", "  ", None):
            assert validated(module, nested(SPECS[module], path, blank)) == expected, (path, blank)


@pytest.mark.parametrize("module", SPECS)
def test_text_equals_the_list_or_mapping(module: str) -> None:
    for path, option in options_of(module, "list", "dict"):
        value = sample(option)
        expected = validated(module, nested(SPECS[module], path, value))
        for text in spellings(option, value):
            assert validated(module, nested(SPECS[module], path, text)) == expected, (path, text)
        if option.get("elements") == "dict":
            one = validated(module, nested(SPECS[module], path, value[:1]))
            for single in (value[0], json.dumps(value[0]), yaml.safe_dump(value[0])):
                assert validated(module, nested(SPECS[module], path, single)) == one, (path, single)


def spellings(option: t.Mapping[str, t.Any], value: t.Any) -> t.Iterator[t.Any]:
    """Yield a list or mapping in all the ways in which texts may spell it."""
    yield from (json.dumps(value), json.dumps(value, indent=2), f"  {json.dumps(value)}\n")
    yield from (yaml.safe_dump(value), yaml.safe_dump(value, default_flow_style=True))
    if option.get("elements") == "dict":
        yield json.dumps([json.dumps(item) for item in value])
    elif option["type"] == "list":
        yield from (",".join(value), f" {' , '.join(value)}, ", "\n".join(value))


@pytest.mark.parametrize("module", SPECS)
def test_a_text_that_cannot_be_read_is_refused_in_one_sentence(module: str) -> None:
    for path, _option in options_of(module, "list", "dict"):
        for text in (
            '["a"',
            "{a: [",
            "- a\n  b: c\n -d",
            "[" * 5000,
            "&a [*a]" if _option["type"] == "dict" else "[&a b, *a]",
            "- !!python/object:os.system x",
        ):
            with pytest.raises(OptionError) as failure:
                texts.read(SPECS[module], nested(SPECS[module], path, text))
            message = failure.value.message
            assert path[-1] in str(failure.value.option) and "cannot be read as" in message and "like " in message, (path, message)
            assert message.isprintable() and len(message) < 500 and "Expecting" not in message and "while" not in message, (path, message)


@pytest.mark.parametrize("module", SPECS)
def test_what_no_value_can_hold_is_refused_and_shown_shortened(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "LONGEST_DOCUMENT", 2 * texts.LONGEST)  # megabytes for each option take half a minute
    huge = "x" * (texts.LONGEST_DOCUMENT + 1)
    for path, option in options_of(module):
        for text in ("a\x00b", "a\x1b[31mb", "a\x9bb", "a\ud800b", huge):
            with pytest.raises(OptionError) as failure:
                texts.read(SPECS[module], nested(SPECS[module], path, text))
            message = failure.value.message
            assert message.isprintable() and len(message) < 400, (path, message)
            if option.get("no_log"):
                assert "a\\x" not in message and "xxx" not in message


# --- single rules ---

LIST = {"ids": {"type": "list", "elements": "str"}}
LISTS = {
    "rules": {
        "type": "list",
        "elements": "dict",
        "options": {"name": {}, "hosts": {"type": "list", "elements": "str"}, "on": {"type": "bool"}},
    }
}
TAGS: t.Any = {"tags": {"type": "dict"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ["a"]),
        ("a, b ,,c,", ["a", "b", "c"]),
        ("a\nb\r\n\nc", ["a", "b", "c"]),
        ("[]", []),
        ('["a,b", "c"]', ["a,b", "c"]),
        ("[a, b]", ["a", "b"]),
        ("- 1.10\n- 010\n- no\n- 2024-01-01", ["1.10", "010", "no", "2024-01-01"]),
        ("-a,-b", ["-a", "-b"]),
        ("100%, {{x}}", ["100%", "{{x}}"]),
        (["a", "", " b ", None, "c,d"], ["a", "b", "c,d"]),
        (("a", "b"), ["a", "b"]),
        ([], []),
        (7, 7),
    ],
)
def test_lists(text: t.Any, expected: t.Any) -> None:
    assert texts.read(LIST, {"ids": text}) == {"ids": expected}


@pytest.mark.parametrize("text", ["", " ", ",", " , ,", [""], ["", None], None, "\n"])
def test_a_list_of_nothing_is_unset(text: t.Any) -> None:
    """ "".split(",") is a list with one blank text; an empty list, which may mean to remove all, is written as []."""
    assert texts.read(LIST, {"ids": text}) == {}


@pytest.mark.parametrize("text", [[""], ",", []])
def test_a_condition_of_nothing_stays_one_that_fits_nobody(text: t.Any) -> None:
    spec = SPECS["endpoint_connection_rules"]
    rules = [{"endpoint_names": "*", "subscriptions": text}]
    assert texts.read(spec, {"rules": rules}) == {"rules": [{"endpoint_names": ["*"], "subscriptions": []}]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: '', b: null, c: 1.10, d: yes, e: 5, f: true}", {"a": "", "b": None, "c": "1.10", "d": "yes", "e": 5, "f": True}),
        ("a: b\nc: 'd: e'", {"a": "b", "c": "d: e"}),
        ("a=b, c=d", {"a": "b", "c": "d"}),
        ("a=b c='d e' f=", {"a": "b", "c": "d e", "f": ""}),
        ("url=https://example.org:8080/?a=b", {"url": "https://example.org:8080/?a=b"}),
        ("{}", {}),
        ({"a": "", "b": "  ", "c": None, "d": "[1]"}, {"a": "", "b": "  ", "c": None, "d": "[1]"}),
        ({"share": "100%", "why": "a\nb"}, {"share": "100%", "why": "a\nb"}),
    ],
)
def test_mappings(text: t.Any, expected: t.Any) -> None:
    assert texts.read(TAGS, {"tags": text}) == {"tags": expected}


@given(st.text(alphabet="ab=,' \"\\:", max_size=12))
def test_pairs_are_taken_apart_as_ansible_does(text: str) -> None:
    try:
        found = texts.read(TAGS, {"tags": text}).get("tags")
    except Problem:
        return
    if found is not None and not texts._BLOCK_MAPPING.match(text.strip()):
        assert found == check_type_dict(text)


@pytest.mark.parametrize(
    "text",
    [
        "{name: a, hosts: 'x, y', on: 'yes'}",
        '{"name": "a", "hosts": ["x", "y"], "on": "yes"}',
        "name: a\nhosts: [x, y]\non: yes",
        "name=a hosts='x,y' on=yes",
    ],
)
def test_one_mapping_is_a_list_of_one(text: str) -> None:
    done = ArgumentSpecValidator(LISTS).validate(texts.read(LISTS, {"rules": text}))
    assert (done.error_messages, done.validated_parameters) == ([], {"rules": [{"name": "a", "hosts": ["x", "y"], "on": True}]})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": {"on": True}, "b": None, "c": ""}, [{"name": "a", "on": True}, {"name": "b"}, {"name": "c"}]),
        ('{"a": {"on": true}, "b": {}}', [{"name": "a", "on": True}, {"name": "b"}]),
        ("a: {on: yes}\nb:", [{"name": "a", "on": True}, {"name": "b"}]),
    ],
)
def test_a_mapping_by_name_is_a_list_of_its_entries(given: t.Any, expected: list[dict[str, t.Any]]) -> None:
    done = ArgumentSpecValidator(LISTS).validate(texts.read(LISTS, {"rules": given}))
    found = [{key: value for key, value in each.items() if value is not None} for each in done.validated_parameters["rules"]]
    assert (done.error_messages, found) == ([], expected)


def test_items_that_are_texts_are_read_and_blank_ones_dropped() -> None:
    given = ["{name: a}", "", {"name": "b", "hosts": "", "on": " "}, None, "name: c"]
    assert texts.read(LISTS, {"rules": given}) == {"rules": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}


@pytest.mark.parametrize("text", ["a", "a, b", "5", "[1, 2", "=b", "a=b c"])
def test_what_is_no_mapping_is_told_with_an_example(text: str) -> None:
    assert "cannot be read as a mapping; pass it as JSON or YAML, like " in refused(TAGS, tags=text)
    assert '[{"name": "...", "hosts": []}]' in refused(LISTS, rules=text)


def test_the_message_names_the_place() -> None:
    assert refused(LISTS, rules=[{"name": "a"}, {"name": "b\x00"}]).startswith(
        "rules[1].name: 'b\\x00' contains the control character U+0000"
    )
    assert refused({"name": {}}, name="a\nb").startswith("name: 'a\\nb' contains a line break")


def test_without_pyyaml_json_is_read_and_yaml_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "HAS_YAML", False)
    assert texts.read(TAGS, {"tags": '{"a": "b"}'}) == {"tags": {"a": "b"}}
    assert "PyYAML is not installed" in refused(TAGS, tags="{a: b}")


def test_secrets_are_never_repeated() -> None:
    spec = {
        "secret": {"no_log": True},
        "hidden": {"type": "dict", "no_log": True},
        "keys": {"type": "list", "elements": "str", "no_log": True},
    }
    for option, text in (("secret", "s3cret\x00"), ("hidden", "s3cret"), ("keys", "[s3cret"), ("keys", ["s3cret\x00"])):
        assert "s3cret" not in refused(spec, **{option: text})
    assert texts.read(spec, {"secret": "line\nline\n"}) == {"secret": "line\nline\n"}


def test_what_the_specification_does_not_know_is_kept_for_ansible_to_refuse() -> None:
    assert texts.read(LIST, {"idz": "", "_ansible_check_mode": False}) == {"idz": "", "_ansible_check_mode": False}


def test_a_path_has_a_length_of_its_own() -> None:
    assert "4096" in refused({"file": {"type": "path"}}, file="/" * 5000)
    assert "256" in refused({"count": {"type": "int"}}, count="1" * 300)


# --- properties ---

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé %", min_size=1, max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcé %", min_size=1, max_size=4), VALUES, max_size=4))
def test_json_of_a_mapping_is_the_mapping(value: dict[str, t.Any]) -> None:
    assert texts.read(TAGS, {"tags": json.dumps(value)}) == texts.read(TAGS, {"tags": value}) == {"tags": value}


@given(
    st.dictionaries(st.text("abcé %", min_size=1, max_size=4), st.text(st.characters(categories=["L", "N", "P"]), max_size=8), max_size=4)
)
def test_yaml_of_texts_is_the_texts(value: dict[str, str]) -> None:
    assert texts.read(TAGS, {"tags": yaml.safe_dump(value, allow_unicode=True)}) == {"tags": value}


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8), max_size=4, unique_by=str.casefold))
def test_json_of_a_list_is_the_list(value: list[str]) -> None:
    assert texts.read(LIST, {"ids": json.dumps(value)}) == texts.read(LIST, {"ids": value}) == {"ids": value}


@pytest.mark.parametrize("given_twice", [["/a/B", "/A/b", "c"], "/a/B,/A/b,c", '["/a/B", "/A/b", "c"]'])
def test_a_list_names_each_thing_once_as_azure_compares(given_twice: t.Any) -> None:
    assert texts.read(LIST, {"ids": given_twice}) == {"ids": ["/a/B", "c"]}
    assert texts.read(LIST, {"ids": ["strasse", "straße"]}) == {"ids": ["strasse", "straße"]}, "two names to Azure"


HUBS: t.Any = {"endpoints": {"type": "list", "elements": "dict", "options": {"name": {"type": "str"}, "dns": {"type": "str"}}}}


@pytest.mark.parametrize(
    "text", [{"hub": {"dns": "none"}, "spoke": None}, '{"hub": {"dns": "none"}, "spoke": {}}', "hub: {dns: none}\nspoke:\n"]
)
def test_a_list_of_mappings_may_be_a_mapping_by_name(text: t.Any) -> None:
    assert texts.read(HUBS, {"endpoints": text}) == {"endpoints": [{"name": "hub", "dns": "none"}, {"name": "spoke"}]}


@given(st.sampled_from(sorted(SPECS)), st.data())
def test_any_text_anywhere_is_read_or_refused(module: str, data: st.DataObject) -> None:
    """Nothing but a Problem ever comes out of a text."""
    path = data.draw(st.sampled_from([path for path, _option in everything(SPECS[module])]))
    text = data.draw(st.text() | st.text("[]{}-:,'\"ab \n&*!=\\%#|>"))
    try:
        once = texts.read(SPECS[module], nested(SPECS[module], path, text))
    except Problem as problem:
        assert problem.message.isprintable()
    else:
        assert texts.read(SPECS[module], once) == once


@given(st.text(max_size=300))
def test_a_message_is_printable_and_bounded_whatever_it_repeats(text: str) -> None:
    problem = OptionError("name", f"'{text * 100}' is not a name; use letters.")
    assert problem.message.isprintable() and len(problem.message) < 2100 and problem.message.startswith("name: '")
    assert problem.message.endswith("is not a name; use letters.")
    assert printable(printable(text)) == printable(text)


OF_ITEMS: dict[str, t.Any] = {"o": {"type": "list", "elements": "str"}}
OF_ENTRIES: dict[str, t.Any] = {"o": {"type": "list", "elements": "dict", "options": {"name": {"type": "str"}, "n": {"type": "int"}}}}


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("\"a, b\", 'c', d", ["a, b", "c", "d"]),
        ("\u201ca\u201d, \u2018b\u2019", ["a", "b"]),
        ('"a"\r\n"b"\r\n', ["a", "b"]),
        ('a "b" c, "d', ['a "b" c', '"d']),
        ("---\n- a\n- b\n", ["a", "b"]),
        ("# those of the shop\n---\n[a, b]", ["a", "b"]),
        ("# 1", ["# 1"]),
    ],
)
def test_quotes_and_what_begins_a_document_are_no_part_of_the_items(text: str, items: list[str]) -> None:
    assert texts.read(OF_ITEMS, {"o": text}) == {"o": items}


@pytest.mark.parametrize("unseen", ["\ufeff", "\u200b", "\u200e", "\u2060", "\u202a"])
def test_what_nobody_sees_is_taken_off_the_ends_and_refused_inside(unseen: str) -> None:
    plain: dict[str, t.Any] = {"o": {"type": "str"}}
    assert texts.read(plain, {"o": unseen}) == texts.read(plain, {"o": f" {unseen} {unseen}"}) == {}
    assert texts.read(plain, {"o": f"{unseen}kv{unseen}"}) == {"o": "kv"}
    assert (
        texts.read(OF_ITEMS, {"o": f'{unseen}["a", "b{unseen}", "{unseen}"]'})
        == texts.read(OF_ITEMS, {"o": f"a{unseen},{unseen}b"})
        == {"o": ["a", "b"]}
    )
    for spec, text in ((plain, f"k{unseen}v"), (OF_ITEMS, f"a, k{unseen}v")):
        with pytest.raises(OptionError) as refusal:
            texts.read(spec, {"o": text})
        assert refusal.value.message.endswith(f"contains the invisible character U+{ord(unseen):04X}; remove it.")
        assert refusal.value.message.isprintable()


def test_people_write_what_they_like_in_prose_and_tags() -> None:
    spec: dict[str, t.Any] = {"notes": {"type": "str"}, "tags": {"type": "dict"}}
    text = "\u05e9\u200f x"
    assert texts.read(spec, {"notes": text, "tags": {"a": text}}) == {"notes": text, "tags": {"a": text}}
    assert texts.read(OF_ITEMS, {"o": ["\U0001f469\u200d\U0001f4bb"]}) == {"o": ["\U0001f469\u200d\U0001f4bb"]}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"o": {"type": "dict"}}, '{"a": 1, "a": 2}'),
        ({"o": {"type": "dict"}}, "a: 1\na: 2"),
        ({"o": {"type": "dict"}}, "x: {a: 1, a: [1]}"),
        ({"o": {"type": "dict"}}, "a=1, a=2"),
        (OF_ENTRIES, '{"a": {"n": 1}, "a": {"n": 2}}'),
        (OF_ENTRIES, "- name: x\n  a: 1\n  a: 2"),
    ],
)
def test_a_name_with_two_values_is_refused(spec: dict[str, t.Any], text: str) -> None:
    with pytest.raises(OptionError, match=r"^o: '.*' gives 'a' two values; keep one of them\.$"):
        texts.read(spec, {"o": text})
    hidden = {"o": {**spec["o"], "no_log": True}}
    with pytest.raises(OptionError, match=r"^o: the text gives 'a' two values"):
        texts.read(hidden, {"o": text})


def test_a_number_with_a_point_stays_as_it_was_written() -> None:
    found = texts.read({"o": {"type": "dict"}}, {"o": '{"version": 1.10, "huge": 1e400, "same": 1, "same": 1, "not": NaN}'})
    assert found == {"o": {"version": "1.10", "huge": "1e400", "same": 1, "not": "NaN"}}
