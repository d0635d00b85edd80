# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written as YAML is read again as it was, by YAML 1.1 too, and never as a template."""

from __future__ import annotations

import typing as t

import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents.yaml_text import yaml_text

SCALARS = st.one_of(st.text(), st.booleans(), st.integers(), st.none(), st.sampled_from(["no", "1.10", "2026-11-27", "0x1", "1e3", "~"]))
VALUES = st.recursive(SCALARS, lambda inner: st.dictionaries(st.text(), inner), max_leaves=10)


class Loader(yaml.SafeLoader):
    """Reads !unsafe as Ansible does."""


Loader.add_constructor("!unsafe", lambda loader, node: f"unsafe:{loader.construct_scalar(t.cast(yaml.ScalarNode, node))}")


def read(text: str) -> t.Any:
    return yaml.load(text, Loader)  # noqa: S506


@given(st.dictionaries(st.text(min_size=1), st.one_of(VALUES, st.lists(SCALARS))))
def test_is_read_again_as_it_was(value: dict[str, t.Any]) -> None:
    text = yaml_text(value)
    assert (read(text) or {}) == marked(value)


def marked(value: t.Any) -> t.Any:
    """Return a value with its templates marked as the loader marks them."""
    if isinstance(value, dict):
        return {name: marked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [marked(item) for item in value]
    return f"unsafe:{value}" if isinstance(value, str) and any(sign in value for sign in ("{{", "{%", "{#")) else value


def test_a_template_is_tagged_and_a_name_has_no_quotes() -> None:
    assert yaml_text({"vaults": {"payments-vault": {"tags": {"a": "{{ 1 }}"}, "ids": ["/a/b"], "endpoints": {}}}}) == (
        'vaults:\n  payments-vault:\n    tags:\n      a: !unsafe "{{ 1 }}"\n    ids:\n      - /a/b\n    endpoints: {}\n'
    )
