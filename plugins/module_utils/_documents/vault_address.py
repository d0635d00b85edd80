# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the data plane of a vault is. Pure functions."""

from __future__ import annotations

from .compare import Document, at


def vault_uri(vault: Document | None, name: str, suffix: str) -> str:
    """Return the URI of a vault: what Azure says, else what follows from its name. suffix: of the cloud, such as vault.azure.net."""
    return str(at(vault, "properties.vaultUri") or f"https://{name.casefold()}.{suffix}/")


def host_of_uri(uri: str) -> str:
    """Return the host name of a URI in lower case, empty for an empty text."""
    return uri.removeprefix("https://").partition("/")[0].casefold()


def vault_host(vault: Document | None, name: str, suffix: str) -> str:
    """Return the host name of a vault's data plane, in lower case."""
    return host_of_uri(vault_uri(vault, name, suffix))
