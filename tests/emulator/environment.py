# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment variables with which clients find an emulator, trust it and sign in; each client reads other ones."""

from __future__ import annotations

from pathlib import Path

from emulator.errors import Json

CLIENTS = ("az", "azcollection", "sdk")


def variables(facts: Json, client: str = "") -> dict[str, str | None]:
    """Return name and value; None: the variable must not be set. ``facts``: emulator.json. ``client``: one of ``CLIENTS``, or empty."""
    trust: dict[str, str | None] = {"REQUESTS_CA_BUNDLE": facts["ca"], "SSL_CERT_FILE": facts["ca"]}
    if client == "sdk":
        return {**trust, **_sdk(facts)}
    common: dict[str, str | None] = {
        "AZURE_TENANT": facts["tenant"],
        "AZURE_CLIENT_ID": facts["client_id"],
        "AZURE_SECRET": facts["secret"],
        "AZURE_SUBSCRIPTION_ID": facts["subscription"],
        "AZURE_CLOUD_ENVIRONMENT": facts["url"],
        "ARM_CLOUD_METADATA_URL": f"{facts['url']}/metadata/endpoints?api-version=2019-05-01",
        **trust,
    }
    # what a client caches of a cloud and of tokens is this emulator's alone
    own = {"AZURE_CONFIG_DIR": str(Path(facts["ca"]).parent / f"config-{client}")}
    if client == "azcollection":
        return {**common, **own, "AZURE_DISABLE_INSTANCE_DISCOVERY": "true"}
    if client == "az":
        # with the variable az takes the first cloud of that list; registering the cloud is the sounder way
        quiet = {"AZURE_CORE_INSTANCE_DISCOVERY": "false", "AZURE_CORE_COLLECT_TELEMETRY": "false"}
        return {**common, **own, **quiet, "ARM_CLOUD_METADATA_URL": None}
    return common


def _sdk(facts: Json) -> dict[str, str | None]:
    """What azure-identity's EnvironmentCredential reads, and where ARM is (a name of our own: no SDK has one)."""
    return {
        "AZURE_TENANT_ID": facts["tenant"],
        "AZURE_CLIENT_ID": facts["client_id"],
        "AZURE_CLIENT_SECRET": facts["secret"],
        "AZURE_SUBSCRIPTION_ID": facts["subscription"],
        "AZURE_AUTHORITY_HOST": facts["url"],
        "AZURE_EMULATOR_URL": facts["url"],
        "NODE_EXTRA_CA_CERTS": facts["ca"],
    }
