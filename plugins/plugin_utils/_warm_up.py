# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Do once, before Ansible forks its workers, what each worker would do again. Nothing here opens a connection or starts a thread."""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import importlib
import typing as t

from ansible_collections.privatelink.azure.plugins.plugin_utils._last_words import listen

# Imported by the SDK at its first request. Private names may change, and then are only imported later again.
_LAZY = (
    "azure.core.pipeline.transport._requests_basic",
    "azure.core.rest._http_response_impl",
    "azure.core.rest._requests_basic",
    "encodings.utf_8_sig",
    "msal_extensions.token_cache",
    "netrc",
)


def warm_up() -> None:
    """Import what the SDK imports lazily, fill the caches of isinstance, and open the way for what an interrupted worker says.

    Each model of the SDK registers with MutableMapping, so the first isinstance check of every type walks more than a thousand classes.
    """
    listen()
    for name in _LAZY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    samples: tuple[t.Any, ...] = (None, "", True, 1, 0.5, b"", (), [], {}, set(), collections.OrderedDict())
    for sample in samples:
        for kind in (collections.abc.Mapping, collections.abc.MutableMapping, collections.abc.Iterable):
            isinstance(sample, kind)
    with contextlib.suppress(ImportError, AttributeError):
        _prepare_a_request()


def _prepare_a_request() -> None:
    """Let requests make a request ready, and merge a session's settings, as for every one that is sent; both check types of their own."""
    requests: t.Any = importlib.import_module("requests")
    with requests.Session() as session:
        session.trust_env = False  # neither the user's proxies nor a .netrc file is read
        prepared = session.prepare_request(
            requests.Request("POST", "https://localhost/", headers={"Accept": "*/*"}, params={"a": "b"}, data=b"{}")
        )
        session.merge_environment_settings(prepared.url, {}, None, True, None)
        prepared.copy()
