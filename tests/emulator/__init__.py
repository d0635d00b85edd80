# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator of Azure for Key Vault behind Private Link: ARM, Entra ID, DNS and the vault's own door, in one process."""

from __future__ import annotations

__version__ = "0.1.0"
