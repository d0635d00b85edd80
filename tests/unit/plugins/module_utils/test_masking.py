# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results hold no secrets, with every ansible-core."""

from __future__ import annotations

import base64
import html
import json
import re
import typing as t
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._masking import PART, WHOLE, masked, secrets_in, unspoken

SECRETS = st.lists(st.text("abc\"\\'ü*", min_size=1, max_size=6), min_size=1, max_size=3)
TEXTS = st.text("abc\"\\'ü xyz", max_size=20)


def texts(value: t.Any) -> t.Iterator[str]:
    """Return every text of a result, but for the keys of mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def test_whole_and_part() -> None:
    result = {"secret": "s3cret", "msg": "refused 's3cret'", "items": ["s3cret!", 3, None, True, {"deep": ("s3cret",)}], "s3cret": "key"}
    assert masked(result, ["s3cret"]) == {
        "secret": WHOLE,
        "msg": f"refused '{PART}'",
        "items": [f"{PART}!", 3, None, True, {"deep": [WHOLE]}],
        "s3cret": "key",
    }


def test_the_longest_first() -> None:
    assert masked("abcdef", ["abc", "abcdef"]) == WHOLE
    assert masked("-abcdef-abc", ["abc", "abcdef"]) == f"-{PART}-{PART}"


def test_nothing_to_hide() -> None:
    result: dict[str, object] = {"msg": "text"}
    assert masked(result, []) == masked(result, [""]) == result


@given(
    SECRETS,
    st.recursive(TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)),
)
def test_no_text_holds_a_secret(secrets: list[str], value: t.Any) -> None:
    reported = masked(value, secrets)
    for text in texts(reported):
        left = text.replace(WHOLE, "").split(PART)
        assert not [secret for secret in secrets for piece in left if secret in piece]
    assert json.dumps(reported)


LONG = "aZ8~Q'x&\"/+ü%<\\k1-longer.Secret"


def test_every_form_of_a_long_secret() -> None:
    quoted = urllib.parse.quote(LONG, safe="")
    forms = [
        *(LONG, json.dumps(LONG)[1:-1], json.dumps(LONG, ensure_ascii=False)[1:-1], repr(LONG)[1:-1]),
        *(html.escape(LONG), html.escape(LONG).replace("&#x27;", "&#39;"), LONG.encode().hex(), LONG.encode().hex().upper()),
        *(
            quoted,
            urllib.parse.quote_plus(LONG),
            urllib.parse.quote(quoted, safe=""),
            re.sub("%..", lambda found: found[0].lower(), quoted),
        ),
    ]
    for form in forms:
        assert masked(f"before {form} after", [LONG]) == f"before {PART} after", form


def test_base64_of_what_holds_a_secret() -> None:
    for before in ("", "c", "id", "app", "client:"):
        for after in ("", ":", "&x", "..."):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                coded = encode(f"{before}{LONG}{after}".encode()).decode()
                left = masked(f"Basic {coded}", [LONG])
                assert PART in left and len(left) - len("Basic ") - len(PART) <= 16, (before, after, left)


def test_keys_hold_no_long_secret() -> None:
    assert masked({"tags": {f"x{LONG}": "y"}, "name": 1}, [LONG, "name"]) == {"tags": {f"x{PART}": "y"}, "name": 1}


def test_nothing_is_cut_before_it_is_masked() -> None:
    from ansible_collections.privatelink.azure.plugins.module_utils import _errors as errors
    from ansible_collections.privatelink.azure.plugins.module_utils import _masking as masking

    masking.remember(LONG)
    try:
        for start in range(60, 100, 7):
            assert LONG[:8] not in errors.echoed("x" * start + LONG + "y" * 200)
        assert LONG[:8] not in errors.Problem("x" * 3990 + LONG + "y" * 9000).message
        assert unspoken(f"{LONG}!") == f"{PART}!"
    finally:
        masking._KNOWN.pop(LONG)


NAMED = [
    '{"access_token": "%s", "expires_in": 1}',
    '{\\"refresh_token\\": \\"%s\\"}',
    "client_secret=%s&grant_type=x",
    "client_assertion%%3D%s",
    "https://x.example/op?api-version=1&sig=%s",
    "you sent Authorization: Bearer %s",
    "Proxy-Authorization: Basic %s",
    "{'accessToken': '%s'}",
]


@pytest.mark.parametrize("text", NAMED)
def test_what_the_other_side_names_a_secret_is_one(text: str) -> None:
    """Of a secret that nobody here was given, such as a token in an answer that was not taken."""
    secret = "opaque-0123456789/abc+D"
    for found in (masked({"msg": text % secret})["msg"], unspoken(text % secret)):
        assert secret not in found
        assert PART in found or found == WHOLE


def test_words_are_no_secrets() -> None:
    for text in ("basic authentication is disabled", "the access token expired", "client_secret is required", "sig=short", "Bearer token"):
        assert masked(text) == text


def test_secrets_of_the_environment() -> None:
    environ = {
        "HTTPS_PROXY": "http://user:pass%2Fword@proxy.example:3128",
        "no_proxy": "a@b",
        "IDENTITY_HEADER": "header-1",
        "MSI_SECRET": "",
        "HTTP_PROXY": "http://proxy.example",
        "X": "http://user:other@x",
    }
    assert secrets_in(environ) == ["header-1", "pass%2Fword", "pass/word", "user:pass/word"]


def test_a_text_without_end_is_cut_before_it_is_searched() -> None:
    from ansible_collections.privatelink.azure.plugins.module_utils import _masking as masking

    masking.remember(LONG)
    try:
        found = unspoken(LONG * 100_000)
        assert LONG[:6] not in found
    finally:
        masking._KNOWN.pop(LONG)
