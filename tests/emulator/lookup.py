# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DNS question over UDP and its answer as nslookup prints it."""

from __future__ import annotations

import socket

from dnslib import QTYPE, RCODE, DNSRecord

SECONDS = 5.0


def lookup(name: str, host: str, port: int) -> tuple[str, bool]:
    """The text, and whether the name has an address."""
    question = DNSRecord.question(name, "A")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(SECONDS)
        wire.sendto(question.pack(), (host, port))
        answer = DNSRecord.parse(wire.recvfrom(65535)[0])
    lines = [f"Server:\t\t{host}", f"Address:\t{host}#{port}", ""]
    if answer.header.rcode:
        lines.append(f"** server can't find {name}: {RCODE[answer.header.rcode]}")
        return "\n".join(lines), False
    lines.append("Non-authoritative answer:")
    addresses = []
    for record in answer.rr:
        kind = QTYPE[record.rtype]
        if kind == "CNAME":
            lines.append(f"{str(record.rname).rstrip('.')}\tcanonical name = {record.rdata}")
        elif kind == "A":
            addresses += [f"Name:\t{str(record.rname).rstrip('.')}", f"Address: {record.rdata}"]
    return "\n".join([*lines, *addresses]), bool(addresses)
