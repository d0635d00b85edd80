# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the end of a long-running operation is told, whatever shape Azure gives it."""

from __future__ import annotations

import typing as t

import hypothesis
import hypothesis.strategies as st
import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._documents.operations import end_of_operation, reason_in

REASON = {"code": "QuotaExceeded", "message": "Too many\n  of them."}

SHAPES: list[tuple[t.Any, str, str, str | None]] = [
    ({"status": "Failed", "error": REASON}, "Failed", ": Too many of them", "QuotaExceeded"),
    ({"error": REASON, "status": "Canceled"}, "Canceled", ": Too many of them", "QuotaExceeded"),
    ({"status": "Failed"}, "Failed", " and gave no reason", None),
    ({"status": "Failed", "error": None}, "Failed", " and gave no reason", None),
    ({"status": "Failed", "error": {}}, "Failed", " and gave no reason", None),
    ({"status": "failed", "error": {"code": "X", "message": None}}, "failed", "", "X"),
    ({"status": "Failed", "error": "It broke."}, "Failed", ": It broke", None),
    ({"status": "Failed", "error": {"error": REASON}}, "Failed", ": Too many of them", "QuotaExceeded"),
    ({"status": "Failed", "properties": {"statusMessage": {"error": REASON}}}, "Failed", ": Too many of them", "QuotaExceeded"),
    ({"status": "Failed", "properties": {"statusMessage": "It broke."}}, "Failed", ": It broke", None),
    ({"id": "/x", "properties": {"provisioningState": "Failed"}}, "Failed", " and gave no reason", None),
    ({"id": "/x", "properties": {"provisioningState": "Canceled", "error": REASON}}, "Canceled", ": Too many of them", "QuotaExceeded"),
    ({"code": "X", "message": "It broke"}, "Failed", ": It broke", "X"),
    (None, "Failed", " and gave no reason", None),
    ([], "Failed", " and gave no reason", None),
    ("Failed", "Failed", " and gave no reason", None),
]


@pytest.mark.parametrize(("body", "state", "because", "code"), SHAPES)
def test_the_end_is_told_with_state_and_reason(body: t.Any, state: str, because: str, code: str | None) -> None:
    assert end_of_operation(body) == (f"Azure ended the operation as '{state}'{because}", f"Provisioning{state}")
    assert reason_in(body).get("code") == code


def _mappings(values: st.SearchStrategy[t.Any]) -> st.SearchStrategy[t.Any]:
    return st.dictionaries(
        st.sampled_from(["status", "error", "code", "message", "properties", "provisioningState", "statusMessage"]), values, max_size=5
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | _mappings(inner),
    max_leaves=12,
)


@hypothesis.given(JSON)
@hypothesis.settings(max_examples=300, deadline=None)
def test_any_shape_is_told_in_one_line(body: t.Any) -> None:
    said, code = end_of_operation(body)
    assert said.startswith("Azure ended the operation as '") and "\n" not in said
    assert code.startswith("Provisioning")
