# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the emulator under the names that Azure's own hosts have."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """An HTTPS proxy that takes whoever asks for whatever host to the emulator, which has certificates of all clouds' hosts."""

    def __init__(self, port: int) -> None:
        self.hosts: set[str] = set()
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            requested = b""
            while b"\r\n\r\n" not in requested:
                requested += client.recv(4096)
            self.hosts.add(requested.split()[1].decode().partition(":")[0])
            with socket.create_connection(("127.0.0.1", self._port)) as emulator:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(emulator, client), daemon=True)
                back.start()
                _pump(client, emulator)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
