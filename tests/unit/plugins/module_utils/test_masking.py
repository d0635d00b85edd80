# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results hold no secrets, with every ansible-core."""

from __future__ import annotations

import json
import typing as t

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._masking import PART, WHOLE, masked

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
