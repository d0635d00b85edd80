# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One environment for each kind of credential, and what its sign-ins asked, counted."""

from __future__ import annotations

import collections
import datetime
import json
import pathlib
import typing as t

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integration.emulation import Emulation, Json
from integration.running import Run, task

Environment = dict[str, "str | None"]

TASKS = 10
CLIENT = "a0000000-0000-4000-8000-0000000000e1"
USER, PASSWORD = "user@emulator.onmicrosoft.example", "a password~9"
_ISSUER, _SUBJECT, _AUDIENCE = "https://issuer.example", "pipeline", "api://AzureADTokenExchange"
# What the end of a path asks for, the longer ends first.
_QUESTIONS = {
    "/metadata/identity/oauth2/token": "token",
    "/token": "token",
    "/.well-known/openid-configuration": "tenant metadata",
    "/discovery/instance": "instance discovery",
    "/metadata/endpoints": "cloud metadata",
}


def ways(emulation: Emulation, directory: pathlib.Path) -> dict[str, Environment]:
    """Make everyone known to the emulator who can sign in, and return the environments that do, by the kind of credential."""
    home = directory / "home"
    (home / ".azure").mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(65537, 2048)
    certificate = _certificate(key)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    trusted = {"issuer": _ISSUER, "subject": _SUBJECT, "audience": _AUDIENCE, "key": public}
    emulation.principal(client_id=CLIENT, object_id="application", secret="s~1", certificates=[certificate], federated=[trusted])
    emulation.principal(client_id="user", object_id="user", username=USER, password=PASSWORD)
    emulation.principal(client_id="host", object_id="host", managed="system")
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    (directory / "certificate.pem").write_text(private + certificate, encoding="utf-8")
    (directory / "federated").write_text(_federated(key), encoding="utf-8")
    facts = emulation.facts
    where: Environment = {
        "HOME": str(home),
        "AZURE_TENANT": None,
        "AZURE_CLIENT_ID": None,
        "AZURE_SECRET": None,
        "AZURE_SUBSCRIPTION_ID": facts["subscription"],
        "AZURE_CLOUD_ENVIRONMENT": "AzureCloud",
        "NO_PROXY": "127.0.0.1",
    }
    application = {**where, "AZURE_TENANT": facts["tenant"], "AZURE_CLIENT_ID": CLIENT}
    return {
        "secret": {**application, "AZURE_SECRET": "s~1"},
        "certificate": {**application, "AZURE_X509_CERTIFICATE_PATH": str(directory / "certificate.pem")},
        "federated token": {**application, "AZURE_FEDERATED_TOKEN_FILE": str(directory / "federated")},
        "user and password": {**where, "AZURE_TENANT": facts["tenant"], "AZURE_AD_USER": USER, "AZURE_PASSWORD": PASSWORD},
        "managed identity": {
            **where,
            "ANSIBLE_AZURE_AUTH_SOURCE": "msi",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST": emulation.control("POST", "managed-identity")["imds"],
        },
    }


def _certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "application")])
    today = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), today, today + datetime.timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _federated(key: rsa.RSAPrivateKey) -> str:
    now = int(datetime.datetime.now(datetime.timezone.utc).timestamp())
    claims = {"iss": _ISSUER, "sub": _SUBJECT, "aud": _AUDIENCE, "iat": now, "nbf": now - 5, "exp": now + 3600}
    return jwt.encode(claims, key, algorithm="RS256")


class AzureCli:
    """A program in the place of the Azure CLI that returns one token, and notes each time that it is asked."""

    def __init__(self, emulation: Emulation, directory: pathlib.Path, path: str) -> None:
        programs, home = directory / "bin", directory / "cli"
        programs.mkdir()
        (home / ".azure").mkdir(parents=True)
        facts = emulation.facts
        account = {"id": facts["subscription"], "tenantId": facts["tenant"], "environmentName": "AzureCloud", "isDefault": True}
        (home / ".azure" / "azureProfile.json").write_text(json.dumps({"subscriptions": [account]}), encoding="utf-8")
        answer = {
            "accessToken": emulation.token("https://management.core.windows.net/.default"),
            "expiresOn": "2099-01-01 00:00:00.000000",
            "expires_on": 4070908800,
            "tokenType": "Bearer",
        }
        self._calls = directory / "calls"
        (programs / "az").write_text(f"#!/bin/sh\necho >> '{self._calls}'\ncat <<'END'\n{json.dumps(answer)}\nEND\n", encoding="utf-8")
        (programs / "az").chmod(0o755)
        nobody = dict.fromkeys(("AZURE_TENANT", "AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_SUBSCRIPTION_ID"))
        self.environment: Environment = {
            **nobody,
            "HOME": str(home),
            "PATH": f"{programs}:{path}",
            "AZURE_CLOUD_ENVIRONMENT": "AzureCloud",
            "ANSIBLE_AZURE_AUTH_SOURCE": "cli",
        }

    @property
    def calls(self) -> int:
        """Return how many times it was asked for a token."""
        return len(self._calls.read_text(encoding="utf-8").splitlines()) if self._calls.exists() else 0


def play(count: int = TASKS) -> list[Json]:
    """Return the tasks of a play in which each asks several services of Resource Manager, with a client of the SDK for each."""
    return [task("private_link_orphans_info", f"look {number}") for number in range(count)]


def requested(run: Run) -> dict[str, int]:
    """Return what a run asked of who signs in, by kind of question; what it asked of Resource Manager is left out."""
    return dict(collections.Counter(_question(request) for request in run.requests if not request["path"].startswith("/subscriptions/")))


def _question(request: t.Mapping[str, t.Any]) -> str:
    path = str(request["path"])
    if "/userrealm/" in path:
        return "kind of user"
    return next((name for end, name in _QUESTIONS.items() if path.endswith(end)), path)
