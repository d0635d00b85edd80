# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask the emulator's control API from within a play, without a process for each question."""

from __future__ import annotations

import json
import os
import pathlib
import ssl
import typing as t
import urllib.request

from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: emulator
short_description: Ask the emulator's control API
description:
  - Sends requests in turn, each one text of method, path and, for a body, the name of a JSON file, and returns the last answer.
options:
  _terms:
    description: The requests.
    required: true
"""


class LookupModule(LookupBase):
    """Requests of the form "PUT state /tmp/state.json"; the emulator is the one of the environment's credentials."""

    def run(self, terms: list[str], variables: t.Any = None, **_options: t.Any) -> list[t.Any]:
        """Return the last answer."""
        handler = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"]))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)
        found: t.Any = None
        for term in terms:
            method, path, *file = term.split(" ")
            data = pathlib.Path(file[0]).read_bytes() if file else None
            url = f"{os.environ['AZURE_CLOUD_ENVIRONMENT']}/_emulator/{path}"
            with opener.open(urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method), timeout=30) as answer:
                found = json.load(answer)
        return [found]
