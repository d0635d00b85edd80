# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/metadata/endpoints``: how clients learn the endpoints of a cloud from its ARM."""

from __future__ import annotations

from typing import Any

from emulator.clouds import Profile
from emulator.errors import Json


def endpoints(base: str, api_version: str, profile: Profile) -> Any:
    """The cloud of this emulator: a list before api-version 2022-09-01, one object from then on."""
    cloud = _cloud(base, profile)
    return cloud if api_version >= "2022-09-01" else [cloud]


def _cloud(base: str, profile: Profile) -> Json:
    return {
        "name": profile.name,
        "portal": "https://portal.azure.com",
        "authentication": {
            "loginEndpoint": f"{base}/",
            "audiences": list(profile.audiences),
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "media": "https://rest.media.azure.net",
        "graphAudience": f"{base}/",
        "graph": f"{base}/",
        "microsoftGraphResourceId": f"{base}/",
        "resourceManager": f"{base}/",
        "vmImageAliasDoc": f"{base}/aliases.json",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "gallery": "https://gallery.azure.com/",
        "batch": "https://batch.core.windows.net/",
        "suffixes": {
            "keyVaultDns": profile.vault,
            "mhsmDns": profile.hsm,
            "storage": "core.windows.net",
            "sqlServerHostname": "database.windows.net",
            "acrLoginServer": "azurecr.io",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
            "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            "mysqlServerEndpoint": "mysql.database.azure.com",
            "postgresqlServerEndpoint": "postgres.database.azure.com",
            "mariadbServerEndpoint": "mariadb.database.azure.com",
            "synapseAnalytics": "dev.azuresynapse.net",
            "attestationEndpoint": "attest.azure.net",
        },
    }
