# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's own certificate authority and its server certificate, kept in the directory so that a restart keeps them."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterable
from pathlib import Path

import trustme
from cryptography import x509

from emulator.clouds import PROFILES

NAMES = (
    "127.0.0.1",
    "localhost",
    *dict.fromkeys(f"*.{suffix}" for each in PROFILES.values() for suffix in (each.vault, each.hsm)),
    *(host for each in PROFILES.values() for host in each.hosts),
)
"""
ARM and Entra ID on loopback, and by the names of the clouds that can be played; vaults by their names (never by ``privatelink`` names, as
in Azure).
"""


def server_context(directory: Path, host: str) -> ssl.SSLContext:
    """A TLS context with the certificate of this directory; ``ca.pem`` is what clients trust."""
    names = dict.fromkeys((*NAMES, host))
    server = directory / "server.pem"
    if not ((directory / "ca.pem").exists() and server.exists() and _covers(server, names)):
        authority = trustme.CA(organization_name="Private Link emulator")
        authority.cert_pem.write_to_path(str(directory / "ca.pem"))
        server.touch(mode=0o600)
        authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(str(server))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(server)
    return context


def _covers(path: Path, wanted: Iterable[str]) -> bool:
    """Whether a kept certificate has all names of this version."""
    text = path.read_bytes()
    certificate = x509.load_pem_x509_certificate(text[text.index(b"-----BEGIN CERTIFICATE") :])
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = {*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))}
    return all(str(ipaddress.ip_address(each)) in names if each[0].isdigit() else each in names for each in wanted)
