# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real sshd inside a network namespace, reached over a pair of virtual interfaces, with keys of its own and nothing left behind."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import shutil
import socket
import subprocess
import time

_SSHD = "/usr/sbin/sshd"
_SEPARATED = pathlib.Path("/run/sshd")
_SECONDS = 15
_CONFIG = """Port 22
ListenAddress {address}
HostKey {directory}/host
AuthorizedKeysFile {directory}/user.pub
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
Subsystem sftp internal-sftp
SetEnv SSL_CERT_FILE={ca}
"""


def why_not() -> str | None:
    """Return why there cannot be an sshd here, None where there can."""
    lacking = [name for name in ("ssh", "ssh-keygen") if shutil.which(name) is None]
    lacking += [] if pathlib.Path(_SSHD).exists() else ["sshd"]
    return f"Ansible over ssh needs {', '.join(lacking)} (packages openssh-client and openssh-server)" if lacking else None


@dataclasses.dataclass(frozen=True)
class Server:
    """An sshd that runs. variables: how Ansible reaches the host, in the words of an inventory."""

    process: subprocess.Popen[bytes]
    variables: str


def serve(namespace: str, number: int, directory: pathlib.Path, ca: str, closing: contextlib.ExitStack) -> Server:
    """Start an sshd in a namespace. number: of the machine in this process. closing: gets what removes everything again."""
    outer, inner = f"pl{os.getpid() % 100000}n{number % 1000}", f"pl{os.getpid() % 100000}m{number % 1000}"
    net = f"198.18.{os.getpid() % 256}.{number % 60 * 4}".rpartition(".")  # RFC 2544: never on the internet
    first, second = (f"{net[0]}.{int(net[2]) + host}" for host in (1, 2))
    _run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", namespace)
    closing.callback(subprocess.run, ["ip", "link", "del", outer], check=False, capture_output=True)
    for prefix, device, address in ((["ip"], outer, first), (["ip", "-n", namespace], inner, second)):
        _run(*prefix, "address", "add", f"{address}/30", "dev", device)
        _run(*prefix, "link", "set", device, "up")
    place = directory / f"ssh-{namespace}"
    place.mkdir(mode=0o700)
    closing.callback(shutil.rmtree, place)
    for key in ("host", "user"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(place / key))
    (place / "known").write_text(f"{second} {(place / 'host.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    (place / "config").write_text(_CONFIG.format(address=second, directory=place, ca=ca), encoding="utf-8")
    if not _SEPARATED.exists():
        _SEPARATED.mkdir(mode=0o755)
        closing.callback(_SEPARATED.rmdir)
    process = subprocess.Popen(["ip", "netns", "exec", namespace, _SSHD, "-D", "-e", "-f", str(place / "config")], stderr=subprocess.PIPE)
    closing.callback(_end, process)
    _wait(process, second)
    options = f"-F /dev/null -o UserKnownHostsFile={place / 'known'} -o StrictHostKeyChecking=yes -o ControlMaster=no -o ControlPersist=no"
    key = f"ansible_ssh_private_key_file={place / 'user'}"
    return Server(process, f"ansible_connection=ssh ansible_host={second} ansible_user=root {key} ansible_ssh_args='{options}'")


def _run(*line: str) -> None:
    subprocess.run(line, check=True, capture_output=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.communicate(timeout=_SECONDS)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    """Return once it answers."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"sshd ended: {process.stderr.read().decode() if process.stderr else ''}")
        with contextlib.suppress(OSError), socket.create_connection((address, 22), timeout=1) as there:
            if there.recv(4) == b"SSH-":
                return
        time.sleep(0.1)
    raise RuntimeError(f"sshd does not answer at {address}")
