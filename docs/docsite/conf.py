# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx: how `make docs` turns the guides of docs/ and the reference that antsibull-docs writes into HTML."""

from __future__ import annotations

import re
import typing as t

project = "privatelink.azure"
author = "privatelink.azure maintainers"
copyright = author  # pylint: disable=redefined-builtin  # Sphinx' name
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "furo"
html_title = "privatelink.azure"
html_show_sphinx = False
html_copy_source = False
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
# Ansible's own documents, which the reference names, are not read: the site builds without a network.
nitpick_ignore_regex = [
    ("std:ref", r"action_plugins|common_return_values|ansible_configuration_settings|ansible_collections\.ansible\..*"),
    ("envvar", "ANSIBLE_CACHE_.*"),
]

_REPOSITORY = "https://github.com/privatelink/azure/blob/main/"
_ROLE = re.compile(r"\]\(\.\./roles/(\w+)/README\.md(#[^)]*)?\)")
_CONTENTS = re.compile(r"^\.\. contents::\n(?:   .*\n)*", re.MULTILINE)
_OUTSIDE = re.compile(r"\]\(\.\./([^)]+)\)")


def _read(_app: t.Any, name: str, source: list[str]) -> None:
    """Let links to roles lead to the reference, and other links out of docs/ to the repository. The theme has its own table of contents."""
    if name.startswith("reference/"):
        source[0] = _CONTENTS.sub("", source[0])
        return
    text = _ROLE.sub(r"](reference/\1_role.rst)", source[0])
    source[0] = _OUTSIDE.sub(lambda found: f"]({_REPOSITORY}{found[1]})", text)


def setup(app: t.Any) -> None:
    """Register the above."""
    app.connect("source-read", _read)
