# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine inside a virtual network of the emulator: a network namespace of Linux whose DNS and private addresses lead to the emulator."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import typing as t

from integration import ssh
from integration.emulation import Emulation
from integration.name_server import NameServer

VIRTUAL_MACHINE = "Microsoft.Compute/virtualMachines"
_NUMBERS = itertools.count(1)
# Opens the sockets inside, where their numbers are free, and hands them out; what they serve is outside.
_OPENER = """
import socket, sys
here = socket.socket(fileno=int(sys.argv[1]))
opened = []
for kind, address, port in (each.split("/") for each in sys.argv[2:]):
    one = socket.socket(socket.AF_INET, getattr(socket, kind))
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((address, int(port)))
    if kind == "SOCK_STREAM":
        one.listen(16)
    opened.append(one)
socket.send_fds(here, [b"."], [one.fileno() for one in opened])
"""


def why_not() -> str | None:
    """Return why there cannot be such a machine here, None where there can."""
    if not sys.platform.startswith("linux") or shutil.which("ip") is None:
        return "network namespaces need Linux and the command ip (package iproute2)"
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"probe{os.getpid()}try"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"this machine makes no network namespaces: {tried.stderr.strip()}"
    inside = subprocess.run(["ip", "netns", "exec", name, "true"], capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "del", name], check=False)
    return f"this machine lets nobody into a network namespace: {inside.stderr.strip()}" if inside.returncode else None


class Machine:
    """A namespace of its own, removed by close(). inventory is a file with one host, whose Python runs in the namespace."""

    def __init__(
        self,
        emulation: Emulation,
        directory: pathlib.Path,
        network: str,
        addresses: t.Sequence[str],
        door: str = "",
        *,
        host: str = "inside",
        over_ssh: bool = False,
        name_server: NameServer | None = None,
    ) -> None:
        """network: id of the virtual network whose DNS is asked, empty for the internet's; addresses: what private endpoints have in it.

        door: "public" takes connections to the internet's side of the vaults although the name leads to a private address.
        host: its name in the inventory. name_server: of the network's own, which it asks instead of Azure's.
        over_ssh: whether Ansible connects to an sshd there, instead of starting Python in the namespace.
        """
        number = next(_NUMBERS)
        self.name = f"probe{os.getpid()}n{number}"
        self.host = host
        self._closing = contextlib.ExitStack()
        try:
            asked = name_server.address if name_server else "127.0.0.1"
            self._make([*addresses, *([asked] if name_server else [])], asked)
            views = emulation.control("GET", "dns")
            view = views["networks"][network.lower()] if network else views["public"]
            doors = emulation.control("GET", "doors")
            door_port = doors["public"] if not network or door == "public" else doors["networks"][network.lower()]
            self._serve(name_server.served_at if name_server else (view["host"], view["port"]), asked, addresses, door_port)
            connection = self._started_here(directory)
            if over_ssh:
                there = ssh.serve(self.name, number, directory, emulation.facts["ca"], self._closing)
                connection = f"{there.variables} ansible_python_interpreter={sys.executable}"
            self.inventory = directory / f"inventory-{self.name}"
            self.inventory.write_text(f"{host} {connection}\n", encoding="utf-8")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the namespace and what served it."""
        self._closing.close()

    def _make(self, addresses: t.Sequence[str], asked: str) -> None:
        _ip("netns", "add", self.name)
        self._closing.callback(_ip, "netns", "del", self.name)
        settings = pathlib.Path("/etc/netns") / self.name
        settings.mkdir(parents=True)
        self._closing.callback(_remove, settings)
        (settings / "resolv.conf").write_text(f"nameserver {asked}\noptions timeout:2 attempts:1\n", encoding="utf-8")
        (settings / "nsswitch.conf").write_text("hosts: files dns\n", encoding="utf-8")
        _ip("-n", self.name, "link", "set", "lo", "up")
        for address in addresses:
            _ip("-n", self.name, "address", "add", f"{address}/32", "dev", "lo")

    def _serve(self, dns: tuple[str, int], asked: str, addresses: t.Sequence[str], door: int) -> None:
        """Take questions at one address to a DNS server, and connections to the private addresses to a door of the emulator."""
        ours, theirs = socket.socketpair()
        opened = [f"SOCK_DGRAM/{asked}/53", f"SOCK_STREAM/{asked}/53", *(f"SOCK_STREAM/{address}/443" for address in addresses)]
        with ours, theirs:
            command = ["ip", "netns", "exec", self.name, sys.executable, "-c", _OPENER, str(theirs.fileno()), *opened]
            subprocess.run(command, pass_fds=[theirs.fileno()], check=True, timeout=30)
            _data, handed, _flags, _address = socket.recv_fds(ours, 1, 2 + len(addresses))
        udp, *listeners = (socket.socket(fileno=number) for number in handed)
        for one in (udp, *listeners):
            self._closing.callback(_shut, one)
        threading.Thread(target=_answer, args=(udp, dns), daemon=True).start()
        for number, listener in enumerate(listeners):
            target = dns if number == 0 else ("127.0.0.1", door)
            threading.Thread(target=_relay, args=(listener, target), daemon=True).start()

    def runs_commands(self, emulation: Emulation, network: str) -> None:
        """Let scripts that run command sends to virtual machines of a network run here."""
        emulation.control("PUT", "runners", {"network": network, "namespace": self.name})

    def _started_here(self, directory: pathlib.Path) -> str:
        """Return how Ansible runs Python in the namespace without a connection."""
        python = directory / f"python-{self.name}"
        python.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {sys.executable} "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        return f"ansible_connection=local ansible_python_interpreter={python}"


def virtual_machine(emulation: Emulation, group: str, subnet: str, name: str = "app") -> str:
    """Return the id of an existing virtual machine in a subnet."""
    nic = emulation.id(group, "Microsoft.Network/networkInterfaces", f"{name}-nic")
    address = {"name": "one", "properties": {"subnet": {"id": subnet}, "privateIPAddress": "10.1.1.20"}}
    kind = {"type": "Microsoft.Network/networkInterfaces", "etag": "1"}
    interface = {"id": nic, "name": f"{name}-nic", "location": "westeurope", **kind, "properties": {"ipConfigurations": [address]}}
    emulation.control("PUT", "resource", interface, id=nic)
    made = emulation.id(group, VIRTUAL_MACHINE, name)
    disk = {"osDisk": {"osType": "Linux"}, "imageReference": {"publisher": "Canonical", "sku": "22_04-lts"}}
    properties = {"storageProfile": disk, "networkProfile": {"networkInterfaces": [{"id": nic}]}, "provisioningState": "Succeeded"}
    document = {"id": made, "name": name, "type": VIRTUAL_MACHINE, "location": "westeurope", "properties": properties}
    emulation.control("PUT", "resource", document, id=made)
    return made


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _remove(settings: pathlib.Path) -> None:
    """Remove a namespace's settings, and the directory of all such settings once it is empty."""
    shutil.rmtree(settings)
    with contextlib.suppress(OSError):
        settings.parent.rmdir()


def _shut(one: socket.socket) -> None:
    """Close a socket and wake the thread that waits on it."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def _answer(udp: socket.socket, server: tuple[str, int]) -> None:
    """Take each question to the server and its answer back."""
    with contextlib.suppress(OSError):
        while True:
            question, asker = udp.recvfrom(4096)
            if not asker:
                return
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there, contextlib.suppress(TimeoutError):
                there.settimeout(5)
                there.sendto(question, server)
                udp.sendto(there.recv(65535), asker)


def _relay(listener: socket.socket, server: tuple[str, int]) -> None:
    """Take each connection to the server."""
    with contextlib.suppress(OSError):
        while True:
            here, _asker = listener.accept()
            there = socket.create_connection(server, timeout=10)
            for source, sink in ((here, there), (there, here)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
