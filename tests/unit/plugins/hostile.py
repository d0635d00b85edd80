# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cloud of its own on loopback, over TLS, which signs in whoever asks and is as unpleasant as a test wants at any of its addresses."""

from __future__ import annotations

import contextlib
import json
import pathlib
import socket
import ssl
import threading
import time
import typing as t

import trustme

TENANT = "a0000000-0000-4000-8000-000000000001"
TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl"


class Connection:
    """One request of a client, to be answered as a test likes."""

    def __init__(self, server: Server, stream: ssl.SSLSocket, method: str, path: str, headers: dict[str, str]) -> None:
        self.server = server
        self.stream = stream
        self.method = method
        self.path = path
        self.headers = headers

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.stream.sendall(data)

    def answer(self, body: t.Any, status: int = 200, **headers: str) -> None:
        """Answer with JSON, or with bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} Said", "Content-Type: application/json", f"Content-Length: {len(content)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode() + content)


Behaviour = t.Callable[[Connection], None]


class Server:
    """The cloud. behaviours: by a part of the path, the first that fits; seen: method, path and headers of every request."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.connections = 0
        self.silent = False  # not even a handshake
        self.closed = threading.Event()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let everybody go."""
        self.closed.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _address = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        if self.silent:
            self.closed.wait(60)
        with (
            contextlib.suppress(OSError, ValueError),
            self._context.wrap_socket(plain, server_side=True) as stream,
            stream.makefile("rb") as lines,
        ):
            while request := lines.readline().decode().split():
                headers = dict(line.decode().strip().split(": ", 1) for line in iter(lines.readline, b"\r\n"))
                lines.read(int(headers.get("Content-Length", 0)))
                self.seen.append((request[0], request[1], headers))
                connection = Connection(self, stream, request[0], request[1], headers)
                self.behaviours.get(next((part for part in self.behaviours if part in request[1]), ""), own_answer)(connection)

    def tokens_for(self, part: str) -> list[str | None]:
        """Return what authorised each request to an address that holds a text."""
        return [headers.get("Authorization") for _method, path, headers in self.seen if part in path]


def own_answer(connection: Connection) -> None:
    """Answer as a well-behaved cloud: with its metadata, its keys, a token, an empty list."""
    url, path = connection.server.url, connection.path
    if "/metadata/endpoints" in path:
        connection.answer({"name": "Own", "resourceManager": url, "authentication": {"loginEndpoint": url, "audiences": [f"{url}/"]}})
    elif "openid-configuration" in path:
        login = f"{url}/{TENANT}/oauth2/v2.0"
        connection.answer(
            {"issuer": f"{url}/{TENANT}/v2.0", "authorization_endpoint": f"{login}/authorize", "token_endpoint": f"{login}/token"}
        )
    elif path.endswith("/token"):
        connection.answer({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})
    else:
        connection.answer({"value": []})


# --- ways to be unpleasant ---


def silence(connection: Connection) -> None:
    """Take the request and say nothing."""
    connection.server.closed.wait(60)


def _drip(connection: Connection, data: t.Iterable[bytes]) -> None:
    for piece in data:
        if connection.server.closed.wait(0.05):
            return
        connection.send(piece)


def drip_headers(connection: Connection) -> None:
    """Send one byte of the headers at a time, without end."""
    connection.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    _drip(connection, iter(lambda: b"a", None))


def drip_body(connection: Connection) -> None:
    """Send one byte of the body at a time."""
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    _drip(connection, iter(lambda: b" ", None))


def drip_chunks(connection: Connection) -> None:
    """Send a body in chunks of one byte, without end."""
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    _drip(connection, iter(lambda: b"1\r\n \r\n", None))


def continue_for_ever(connection: Connection) -> None:
    """Say that an answer will come, again and again."""
    while not connection.server.closed.is_set():
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.01)


def pages_for_ever(connection: Connection) -> None:
    """Answer a list that has always one more page."""
    connection.answer({"value": [], "nextLink": f"{connection.server.url}/pages?{time.monotonic_ns()}"})


def redirects_for_ever(connection: Connection) -> None:
    """Lead from one address of the cloud to the next."""
    time.sleep(0.05)
    connection.answer({}, 307, Location=f"{connection.server.url}/redirects?{time.monotonic_ns()}")


def refusal(status: int, code: str, said: str, **headers: str) -> Behaviour:
    """Answer with an error of Azure."""
    return lambda connection: connection.answer({"error": {"code": code, "message": said}}, status, x_ms_request_id="r1", **headers)


@contextlib.contextmanager
def servers(directory: pathlib.Path, number: int) -> t.Iterator[list[Server]]:
    """Yield servers that a bundle of certificates in that folder, bundle.pem, makes trusted."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    authority.cert_pem.write_to_path(directory / "bundle.pem")
    certificate = authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)
    found = [Server(certificate) for _number in range(number)]
    try:
        yield found
    finally:
        for server in found:
            server.close()
