# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cloud the emulator plays: names, suffixes and audiences (source: ``az cloud show``, and Azure's private endpoint DNS tables)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """One cloud. ``hosts`` are those of its ARM and its Entra ID, beside the emulator's own address."""

    name: str
    vault: str
    hsm: str
    audiences: tuple[str, ...]
    hosts: tuple[str, ...] = ()

    @property
    def core(self) -> str:
        """Where the aliases of vaults are."""
        return "vaultcore." + self.vault.partition(".")[2]

    def localized(self, text: str) -> str:
        """A name of the public cloud as this one has it."""
        for public, own in ((LOCAL.core, self.core), (LOCAL.vault, self.vault), (LOCAL.hsm, self.hsm)):
            if text.endswith(public):
                return text[: -len(public)] + own
        return text

    def suffixes(self) -> dict[str, tuple[str, str, str]]:
        """By the suffix of names: the type of resource, its private zone, and the front ends' domain."""
        return {
            self.vault: ("microsoft.keyvault/vaults", f"privatelink.{self.core}", self.core),
            self.hsm: ("microsoft.keyvault/managedhsms", f"privatelink.{self.hsm}", self.hsm.replace("managedhsm.", "managedhsm-fe.", 1)),
        }


LOCAL = Profile(
    "AzureLocal", "vault.azure.net", "managedhsm.azure.net", ("https://management.core.windows.net/", "https://management.azure.com/")
)
"""The public cloud under another name: clients overwrite the login endpoint of ``AzureCloud``."""

PROFILES = {
    each.name: each
    for each in (
        LOCAL,
        Profile(
            "AzureCloud",
            LOCAL.vault,
            LOCAL.hsm,
            LOCAL.audiences,
            ("management.azure.com", "login.microsoftonline.com"),
        ),
        Profile(
            "AzureUSGovernment",
            "vault.usgovcloudapi.net",
            "managedhsm.usgovcloudapi.net",
            ("https://management.core.usgovcloudapi.net/", "https://management.usgovcloudapi.net/"),
            ("management.usgovcloudapi.net", "login.microsoftonline.us"),
        ),
        Profile(
            "AzureChinaCloud",
            "vault.azure.cn",
            "managedhsm.azure.cn",
            ("https://management.core.chinacloudapi.cn/", "https://management.chinacloudapi.cn/"),
            ("management.chinacloudapi.cn", "login.chinacloudapi.cn"),
        ),
    )
}
