# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: start, serve, stop, env, lookup, state. It imports the server only where it runs it."""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import shlex
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from emulator import __version__, environment

START_SECONDS = 20.0
STOP_SECONDS = 5.0
STATE_SECONDS = 120.0
"""How long an answer may take: the state of a fleet has many megabytes."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 where it did what it says."""
    options = _parser().parse_args(arguments)
    options.directory = options.directory.expanduser().resolve()
    result: int = options.run(options)
    return result


def _parser() -> argparse.ArgumentParser:
    name = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(prog=name if name == "azure-emulator" else "python -m emulator", description=__doc__)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("start", _start, "start in the background and return once it is ready"),
        ("serve", _serve, "run in the foreground"),
        ("stop", _stop, "end what was started for this directory"),
        ("env", _env, "print exports for a shell"),
        ("lookup", _lookup, "ask the DNS server, as the internet or as a virtual network sees a name"),
        ("save", _save, "write the whole state to a file"),
        ("load", _load, "read a state from a file"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--directory", type=Path, required=True, metavar="DIR", help="where emulator.json, keys and certificates are")
        command.set_defaults(run=run)
        if name in ("start", "serve"):
            command.add_argument("--host", type=_loopback, default="127.0.0.1", help="loopback address of HTTPS (default: %(default)s)")
            command.add_argument("--port", type=int, default=0, help="HTTPS port (default: a free one)")
            command.add_argument("--dns-port", type=int, default=0, help="port of the public DNS view (default: a free one)")
            command.add_argument(
                "--timing", choices=("none", "fast", "real"), default="fast", help="how long operations take (default: %(default)s)"
            )
            command.add_argument("--state", type=Path, help="a state file to begin with")
        if name == "env":
            reported = "where this host's managed identities are found, on plain HTTP, instead of a secret"
            command.add_argument("--managed-identity", action="store_true", help=reported)
            through = "with HTTPS_PROXY, through which vaults are reached by their names, from the internet or a virtual network (its id)"
            command.add_argument("--proxy", nargs="?", const="", metavar="NETWORK", help=through)
            command.add_argument("--client", choices=environment.CLIENTS, default="", help="with what this client needs besides")
        if name == "lookup":
            command.add_argument("name", help="the name to look up")
            command.add_argument("--network", default="", metavar="ID", help="the virtual network to ask from (default: the internet)")
        if name in ("save", "load"):
            command.add_argument("file", type=Path)
    return parser


def _loopback(value: str) -> str:
    """An IPv4 address that only this host reaches."""
    if not ipaddress.IPv4Address(value).is_loopback:
        raise ValueError(value)
    return value


def _start(options: argparse.Namespace) -> int:
    directory: Path = options.directory
    directory.mkdir(parents=True, exist_ok=True)
    if _health(directory):
        print(f"The emulator of {directory} runs already.")
        return 0
    (directory / "emulator.json").unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "emulator",
        "serve",
        "--directory",
        str(directory),
        "--host",
        options.host,
        "--port",
        str(options.port),
    ]
    command += ["--dns-port", str(options.dns_port), "--timing", options.timing]
    command += ["--state", str(options.state.resolve())] if options.state else []
    package = str(Path(__file__).resolve().parent.parent)
    python_path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    with (directory / "emulator.out").open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": python_path},
            cwd=directory,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (directory / "emulator.json").exists():
            print(json.loads((directory / "emulator.json").read_text())["url"])
            return 0
        if process.poll() is not None:
            break
        time.sleep(0.02)
    print(
        f"The emulator did not start; see {directory / 'emulator.out'}. {_last_line(directory / 'emulator.out')}".rstrip(), file=sys.stderr
    )
    return 1


def _last_line(path: Path) -> str:
    lines = [each.strip() for each in path.read_text(errors="replace").splitlines() if each.strip()] if path.exists() else []
    return lines[-1] if lines else ""


def _serve(options: argparse.Namespace) -> int:
    import asyncio

    from emulator.run import run

    options.directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(
        run(options.directory, host=options.host, port=options.port, dns_port=options.dns_port, timing=options.timing, state=options.state)
    )
    return 0


def _stop(options: argparse.Namespace) -> int:
    """End the process of this directory; its pid is trusted only when the emulator itself confirms it."""
    directory: Path = options.directory
    health = _health(directory)
    if not health:
        (directory / "emulator.json").unlink(missing_ok=True)
        print(f"No emulator of {directory} is running.")
        return 0
    os.kill(health["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if not (directory / "emulator.json").exists() and not _alive(health["pid"]):
            return 0
        time.sleep(0.02)
    print(f"The emulator with pid {health['pid']} did not stop.", file=sys.stderr)
    return 1


def _env(options: argparse.Namespace) -> int:
    facts = _facts(options.directory)
    values = environment.variables(facts, options.client)
    if options.proxy is not None:
        proxy = _call(facts, "POST", "proxy", {"network": options.proxy})["url"]
        values |= {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
    if options.managed_identity:
        for name in ("AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_CLIENT_SECRET"):
            values.pop(name, None)
        values |= {
            "ANSIBLE_AZURE_AUTH_SOURCE": "msi",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST": _call(facts, "POST", "managed-identity")["imds"],
        }
    for name, value in values.items():
        print(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")
    return 0


def _lookup(options: argparse.Namespace) -> int:
    """An answer in the form of nslookup, asked over DNS itself."""
    from emulator.lookup import lookup

    ports = _call(_facts(options.directory), "GET", "dns")
    view = ports["networks"].get(options.network.lower()) if options.network else ports["public"]
    if view is None:
        print(f"There is no virtual network {options.network}.", file=sys.stderr)
        return 1
    text, found = lookup(options.name, view["host"], view["port"])
    print(text)
    return 0 if found else 1


def _save(options: argparse.Namespace) -> int:
    options.file.write_text(json.dumps(_call(_facts(options.directory), "GET", "state"), indent=1) + "\n")
    return 0


def _load(options: argparse.Namespace) -> int:
    facts = _facts(options.directory)
    try:
        _call(facts, "PUT", "state", json.loads(options.file.read_text()))
    except urllib.error.HTTPError as problem:
        sys.exit(f"The state of {options.file} was not loaded: {_reason(problem)}")
    except ValueError as problem:
        sys.exit(f"The state of {options.file} was not loaded: it is not JSON ({problem}).")
    except OSError as problem:
        sys.exit(f"The state of {options.file} was not loaded: {problem}")
    return 0


def _reason(problem: urllib.error.HTTPError) -> str:
    """What an error answer says, whatever its form."""
    text = problem.read().decode(errors="replace")
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return f"{problem} {text[:200]}".strip()


def _facts(directory: Path) -> Any:
    path = directory / "emulator.json"
    if not path.exists():
        sys.exit(f"No emulator of {directory} is running.")
    return json.loads(path.read_text())


def _health(directory: Path) -> Any:
    """What the emulator of a directory says about itself; None if there is none."""
    if not (directory / "emulator.json").exists():
        return None
    facts = json.loads((directory / "emulator.json").read_text())
    try:
        health = _call(facts, "GET", "health")
    except OSError:
        return None
    return health if health.get("pid") == facts["pid"] and health.get("directory") == str(directory) else None


def _call(facts: Any, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{facts['url']}/_emulator/{path}", data, {"Content-Type": "application/json"}, method=method)
    handler = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=facts["ca"]))
    with urllib.request.build_opener(urllib.request.ProxyHandler({}), handler).open(request, timeout=STATE_SECONDS) as answer:
        return json.load(answer)


def _alive(pid: int) -> bool:
    """Whether a process runs; one that has ended but is not yet collected does not."""
    try:
        done, _unused = os.waitpid(pid, os.WNOHANG)
        return not done
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[-1].split()[0] == "Z")
