# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Clients that others wrote, as the processes that their users start: Azure CLI, nslookup, and programs on an SDK. Nothing in them is changed.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import shlex
import subprocess
import typing as t

from integration.emulation import Emulation

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("CLIENTS_CACHE", ROOT / ".cache"))
"""Holds the environments that run.sh makes: azure-cli, azcollection and ends/oldest."""

TIMEOUT = 180


def count(kind: str, number: int = 1) -> None:
    """Note what ran in the file that run.sh adds up at the end: CLIENTS_JOURNAL."""
    if journal := os.environ.get("CLIENTS_JOURNAL"):
        with open(journal, "a", encoding="utf-8") as file:
            file.write(f"{number}\t{kind}\n")


def base_environment(home: pathlib.Path, program: pathlib.Path) -> dict[str, str]:
    """Return an environment in which a client finds its own interpreter, and nothing of the user's settings."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": os.pathsep.join([str(program.parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "AZURE_CONFIG_DIR": str(home / "azure"),
    }


class AzureCliError(AssertionError):
    """A command of Azure CLI failed; output is what it printed."""

    def __init__(self, command: str, output: str) -> None:
        super().__init__(f"az {command}\n{output}")
        self.output = output


class AzureCli:
    """Azure CLI with a configuration directory of its own. names fill the {placeholders} of commands, which run in environment_of_all."""

    def __init__(self, home: pathlib.Path, emulation: Emulation, **names: str) -> None:
        self.program = CACHE / "azure-cli" / "bin" / "az"
        self._facts = emulation.facts
        self.names = {"subscription": emulation.facts["subscription"], **names}
        self.environment_of_all = {
            **base_environment(home, self.program),
            **emulation.trust,
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "AZURE_CORE_ONLY_SHOW_ERRORS": "true",
            "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
        }

    def __call__(self, command: str) -> t.Any:
        """Run a command that has to succeed; return the JSON that it prints, or None."""
        words = [word.format(**self.names) for word in shlex.split(command)]
        done = subprocess.run(
            [str(self.program), *words],
            env=self.environment_of_all,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        count("az commands")
        if done.returncode:
            raise AzureCliError(shlex.join(words), done.stdout + done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    @property
    def environment(self) -> dict[str, str | None]:
        """Return the environment in which other programs find this Azure CLI and who is signed in, and no other credentials."""
        nobody = dict.fromkeys(("AZURE_TENANT", "AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_SUBSCRIPTION_ID", "AZURE_CLOUD_ENVIRONMENT"))
        return {**self.environment_of_all, **nobody}

    def refused(self, command: str) -> str:
        """Run a command that has to fail; return what it prints."""
        try:
            answer = self(command)
        except AzureCliError as error:
            return error.output
        raise AssertionError(f"az {command} did not fail, but printed {answer}")

    def register_cloud(self) -> None:
        """Make the emulator a cloud of this configuration, and the one in use."""
        self(f"cloud register -n AzureLocal --endpoint-resource-manager {self._facts['url']}")
        self("cloud set -n AzureLocal")

    def login(self) -> t.Any:
        """Sign in as the emulator's own application; return the subscriptions."""
        return self(f"login --service-principal -u {self._facts['client_id']} -p {self._facts['secret']} --tenant {self._facts['tenant']}")


@dataclasses.dataclass(frozen=True)
class Lookup:
    """What nslookup printed. aliases are the names on the way, in order, without those that stand for a region's front end."""

    found: bool
    name: str
    address: str
    aliases: list[str]
    output: str


def nslookup(emulation: Emulation, name: str, network: str | None = None) -> Lookup:
    """Ask for a name with Debian's nslookup, from the internet or from inside a virtual network."""
    view = emulation.control("GET", "dns")
    port = (view["networks"][network.lower()] if network else view["public"])["port"]
    done = subprocess.run(["nslookup", f"-port={port}", name, "127.0.0.1"], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    count("nslookup commands")
    output = done.stdout + done.stderr
    answer = output.partition("Non-authoritative answer:")[2]
    names, addresses = re.findall(r"^Name:\s*(\S+)$", answer, re.M), re.findall(r"^Address:\s*(\S+)$", answer, re.M)
    aliases = re.findall(r"^(\S+)\s+canonical name = ", answer, re.M)
    found = done.returncode == 0 and bool(addresses)
    return Lookup(found, names[0] if names else "", addresses[0] if addresses else "", aliases, output)
