# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options, environment and profile to a credential. The only file that knows azure-identity."""

from __future__ import annotations

import configparser
import dataclasses
import json
import os
import pathlib
import re
import threading
import time
import traceback
import typing as t

from .._errors import OptionError
from .._masking import remember
from .._packages import missing_packages
from . import account_values, credentials_file
from .clouds import Cloud, is_known_authority
from .credentials_file import clean

try:
    from azure import identity
except ImportError:
    IMPORT_ERROR: str | None = traceback.format_exc()
else:
    IMPORT_ERROR = None

# Names of azure.azcollection (AWX injects AZURE_TENANT, AZURE_SECRET and an empty AZURE_SUBSCRIPTION_ID), then azure-identity's own.
ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "auth_source": ("ANSIBLE_AZURE_AUTH_SOURCE",),
    "profile": ("AZURE_PROFILE",),
    "subscription_id": ("AZURE_SUBSCRIPTION_ID",),
    "client_id": ("AZURE_CLIENT_ID",),
    "secret": ("AZURE_SECRET", "AZURE_CLIENT_SECRET"),
    "tenant": ("AZURE_TENANT", "AZURE_TENANT_ID"),
    "auxiliary_tenant_ids": ("AZURE_AUXILIARY_TENANT_IDS",),
    "ad_user": ("AZURE_AD_USER", "AZURE_USERNAME"),
    "password": ("AZURE_PASSWORD",),
    "x509_certificate_path": ("AZURE_X509_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"),
    "thumbprint": ("AZURE_THUMBPRINT",),
    "oidc_token": ("AZURE_FEDERATED_TOKEN",),
    "oidc_token_file_path": ("AZURE_FEDERATED_TOKEN_FILE",),
    "cloud_environment": ("AZURE_CLOUD_ENVIRONMENT",),
    "adfs_authority_url": ("AZURE_ADFS_AUTHORITY_URL", "AZURE_AUTHORITY_HOST"),
    "cert_validation_mode": ("AZURE_CERT_VALIDATION_MODE", "AZURE_CERT_VALIDATION"),  # the latter is in azure.azcollection's documentation
    "disable_instance_discovery": ("AZURE_DISABLE_INSTANCE_DISCOVERY",),
}
SECRETS = ("secret", "password", "oidc_token")
# What proves an identity, strongest first: an explicit secret outranks a token file that a platform mounts without being asked.
_PROOFS = ("secret", "x509_certificate_path", "oidc_token", "oidc_token_file_path", "password")
_AZURE_CLI_APP = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"  # the public client that the Azure CLI signs users in with
_WAYS = (
    "pass client_id, secret and tenant as options, set AZURE_CLIENT_ID, AZURE_SECRET and AZURE_TENANT, "
    "write them to ~/.azure/credentials, or sign in with 'az login'"
)
_CORRECT = {"x509_certificate_path": "pass a PEM file with a certificate and its RSA private key that no password locks"}
_CLI_SECONDS = 60.0
_LONGEST_ASSERTION = 64 * 1024  # characters
_RENEWED_SECONDS = 300  # before its end; the SDK asks for another token then
MANAGED_IDENTITY_SECONDS = 2  # its address is on the host
# The sources of each auth_source, the first to prove an identity is taken; cli and msi are proven by the host.
_LAYERS: dict[str, tuple[str, ...]] = {
    "auto": ("task", "env", "credential_file"),
    "cli": (),
    "credential_file": ("credential_file",),
    "env": ("env",),
    "msi": (),
}
_LOOKED = {
    "auto": "looked in task options, environment, ~/.azure/credentials and the Azure CLI",
    "env": "looked only in the environment, because of auth_source",
    "credential_file": "looked only in ~/.azure/credentials, because of auth_source",
}

_MOST_AUXILIARY_TENANTS = 3  # Resource Manager takes no more tokens in addition to the request's own
_TENANT = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?\Z")

Values = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Account:
    """Who acts, where: the options of every source laid over one another, the task's own first.

    source: which way the identity is proven: one of _PROOFS, "cli" or "msi". cli_tenant: the one that the Azure CLI is signed in to.
    """

    values: Values
    source: str
    cli_tenant: str | None = None

    def __getitem__(self, option: str) -> t.Any:
        return self.values.get(option)

    @property
    def cloud_environment(self) -> str | None:
        """Return the cloud's name or metadata address, where one was given."""
        return self.values.get("cloud_environment")

    @property
    def secrets(self) -> list[str]:
        """Return what must never be printed, whatever source it came from."""
        return [self.values[name] for name in SECRETS if self.values.get(name)]

    @property
    def principal(self) -> str:
        """Return a text that identifies whose requests count together, without secrets."""
        known = ("cloud_environment", "tenant", "client_id", "ad_user")
        return " ".join([self.source, *(f"{name}={self.values[name]}" for name in known if self.values.get(name))])

    @property
    def auxiliary_tenants(self) -> list[str]:
        """Return the auxiliary tenants whose resources a request may link, each once: Azure refuses two tokens of one tenant."""
        said = self.values.get("auxiliary_tenant_ids") or []
        names = re.split(r"[\s,;]+", said) if isinstance(said, str) else [str(item).strip() for item in said]
        own = str(self.values.get("tenant") or "").casefold()
        return list({name.casefold(): name for name in names if name and name.casefold() != own}.values())

    @property
    def verify(self) -> bool:
        """Return whether servers' certificates are checked."""
        return self.values.get("cert_validation_mode") != "ignore"


def _given(values: t.Mapping[str, t.Any]) -> Values:
    """Drop what is unset, and quotes that came along; AWX sets variables that the user left empty to an empty string."""
    bare = {
        name: (value.strip() if name == "password" else clean(value)) if isinstance(value, str) else value for name, value in values.items()
    }
    return account_values.spelled({name: value for name, value in bare.items() if value not in (None, "")})


def from_environment(environ: t.Mapping[str, str]) -> Values:
    """Return the options that environment variables set."""
    return _given(
        {option: next((environ[name] for name in names if environ.get(name, "").strip()), None) for option, names in ENVIRONMENT.items()}
    )


def resolve(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str], home: pathlib.Path) -> Account:
    """Return the account that options, environment and profile describe, with checked tenants. No token has been requested yet."""
    account = _found(options, environ, home)
    account_values.refuse_wrong(account.values)
    further = account.auxiliary_tenants
    if len(further) > _MOST_AUXILIARY_TENANTS:
        raise OptionError(
            "auxiliary_tenant_ids",
            f"{len(further)} further tenants are more than the {_MOST_AUXILIARY_TENANTS} that Azure accepts in one request; pass fewer.",
        )
    for option, names in (("tenant", [account["tenant"] or "organizations"]), ("auxiliary_tenant_ids", further)):
        wrong = next((name for name in names if not _TENANT.match(name)), None)
        if wrong:
            raise OptionError(option, f"'{wrong}' is not a valid tenant; pass its id, or one of its domains.")
    if further and account.source == "msi":
        raise OptionError(
            "auxiliary_tenant_ids",
            "a managed identity has no permissions in other tenants; use an application "
            "that is registered in all of them, or leave this out.",
        )
    return account


def _found(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str], home: pathlib.Path) -> Account:
    """Look through the sources.

    auth_source auto takes the first source that proves an identity: task options, environment, profile, Azure CLI. A field that this
    source leaves out is taken from the next one, so a task may name its client_id and leave the secret to the environment.
    """
    task = _given({name: options.get(name) for name in ENVIRONMENT})
    env = from_environment(environ)
    wanted = task.get("auth_source") or env.get("auth_source") or "auto"
    account_values.refuse_wrong({"auth_source": wanted})
    signed_in = cli_defaults(environ, home) if wanted in ("auto", "cli") else {}
    if wanted == "cli" and not signed_in:
        raise OptionError(
            "auth_source", "the Azure CLI is not signed in on this host, and auth_source: cli takes its credentials; run 'az login'."
        )
    if wanted in ("cli", "msi"):
        return Account({**signed_in, **env, **task}, wanted, signed_in.get("tenant"))
    file, trouble = _file(
        task.get("profile") or env.get("profile"), home, needed=wanted == "credential_file" or (wanted == "auto" and not _proven(task, env))
    )
    sources = {"task": task, "env": env, "credential_file": file}
    layers = [sources[name] for name in _LAYERS[wanted]]
    if wanted == "auto" and "profile" in task:
        layers = [task, file, env]
    values: Values = {}
    for layer in reversed([task, *layers]):
        values.update(layer)
    for layer in layers:
        proof = _proven(layer)
        if proof:
            return _complete(Account(values, proof), trouble)
    if signed_in:
        return Account({**signed_in, **values}, "cli", signed_in.get("tenant"))
    raise OptionError("client_id", f"no credentials were found ({_LOOKED[wanted]}); {_WAYS}.")


def _proven(*layers: Values) -> str | None:
    """Return what proves an identity, strongest first within each source."""
    return next((name for layer in layers for name in _PROOFS if name in layer), None)


def _file(profile: str | None, home: pathlib.Path, needed: bool) -> tuple[Values, OptionError | None]:
    """Return the content of the credentials file. An unrequested file may be broken: the error is reported when its values are missing."""
    try:
        return _profile(profile, home), None
    except OptionError as error:
        if profile or needed:
            raise
        return {}, error


def _profile(name: str | None, home: pathlib.Path) -> Values:
    """Return a named profile, which must exist, or the default one, which may not."""
    path = home / ".azure" / "credentials"
    file = credentials_file.read(path, ENVIRONMENT)
    found = file.profile(name or credentials_file.DEFAULT) if file else None
    if name and not found and re.search(r"[/\\~]", name):
        raise OptionError(
            "profile", f"'{name}' is a path, but a profile is one of the sections of {path}; pass the section's name, or leave it out."
        )
    if name and not found:
        there = f"it contains {', '.join(file.names) or 'none'}" if file else "the file does not exist"
        raise OptionError("profile", f"profile '{name}' was not found in {path} ({there}); add it, or use another profile.")
    return _given(found or {})


def _complete(account: Account, trouble: OptionError | None) -> Account:
    """Refuse an incomplete identity. trouble: why the credentials file, which may contain the missing part, was not read."""
    needed = ("ad_user",) if account.source == "password" else ("client_id", "tenant")
    missing = [name for name in needed if not account[name]]
    if missing and trouble:
        raise trouble
    if missing:
        names = " and ".join(missing)
        variables = " and ".join(ENVIRONMENT[name][0] for name in missing)
        raise OptionError(missing[0], f"{names} is required with {account.source}; pass it as an option or set {variables}.")
    path = account[account.source] if account.source in ("x509_certificate_path", "oidc_token_file_path") else None
    if path and not pathlib.Path(path).is_file():
        raise OptionError(account.source, f"file '{path}' was not found; correct the path.")
    return account


def cli_defaults(environ: t.Mapping[str, str], home: pathlib.Path) -> Values:
    """Return subscription, tenant and cloud that the Azure CLI is signed in to, empty where it is not.

    Source: azureProfile.json in the CLI's configuration folder, which 'az account show' prints from.
    """
    folder = pathlib.Path(environ.get("AZURE_CONFIG_DIR") or home / ".azure")
    try:
        profile = json.loads((folder / "azureProfile.json").read_text(encoding="utf-8-sig"))
        current = next(item for item in profile["subscriptions"] if item.get("isDefault"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration):
        return {}
    cloud = current.get("environmentName")
    return _given(
        {"subscription_id": current.get("id"), "tenant": current.get("tenantId"), "cloud_environment": _registered(cloud, folder) or cloud}
    )


def _registered(cloud: str | None, folder: pathlib.Path) -> str | None:
    """Return the Resource Manager of a cloud that 'az cloud register' made known to the Azure CLI alone."""
    config = configparser.RawConfigParser()
    try:
        config.read(folder / "clouds.config", encoding="utf-8")
        return config.get(cloud or "", "endpoint_resource_manager", fallback=None)
    except (UnicodeError, configparser.Error):
        return None


def _discovery_off(account: Account, cloud: Cloud, authority: str) -> bool:
    """
    Return whether to skip instance discovery: Microsoft does not know the authorities of private clouds, and its own need none.
    authority: the https address to sign in at.
    """
    said = account["disable_instance_discovery"]
    if said is None:
        return not cloud.well_known or is_known_authority(authority)
    return bool(said)


def auxiliary_credentials(account: Account, cloud: Cloud, **settings: t.Any) -> dict[str, t.Any]:
    """Return the same identity's credential in each further tenant, by tenant. No token is fetched before one is requested."""
    there = {tenant: dataclasses.replace(account, values={**account.values, "tenant": tenant}) for tenant in account.auxiliary_tenants}
    return {tenant: credential(each, cloud, **settings) for tenant, each in there.items()}


def credential(account: Account, cloud: Cloud, seconds: t.Callable[[], float] | None = None, **transport: t.Any) -> t.Any:
    """
    Return an azure-identity credential. transport: keywords for its HTTP pipeline, such as
    connection_verify. seconds: returns how many are left.
    """
    if IMPORT_ERROR:
        raise missing_packages(IMPORT_ERROR)
    authority = account_values.https_address(account["adfs_authority_url"] or cloud.login)
    common = {"authority": authority, "disable_instance_discovery": _discovery_off(account, cloud, authority), **transport}
    principal = {"tenant_id": account["tenant"], "client_id": account["client_id"]}
    try:
        return _build(account, principal, common, seconds or (lambda: _CLI_SECONDS))
    except (OSError, TypeError, ValueError) as error:  # TypeError: a private key that is locked with a password
        said = getattr(error, "strerror", None) or " ".join(str(error).split()).rstrip(".?")
        raise OptionError(
            account.source, f"the credential cannot be used ({said}); {_CORRECT.get(account.source, 'correct it')}."
        ) from None


class _AzureCli:
    """The Azure CLI's credential, given no more time than the task has left at each call, and run once for each answer.

    azure-identity keeps no token of it, and each client of the SDK asks: without this, az would run for each of them.
    """

    def __init__(self, seconds: t.Callable[[], float], **settings: t.Any) -> None:
        self._seconds = seconds
        self._settings = settings
        self._asking = threading.Lock()
        self._tokens: dict[tuple[t.Any, ...], t.Any] = {}

    def get_token(self, *scopes: str, **options: t.Any) -> t.Any:
        """Return the token that the Azure CLI gave, or gives now."""
        waited = self._asking.acquire(timeout=self._seconds_left())  # after a timeout ask anyway: no thread waits longer than the task may
        try:
            return self._cached(scopes, options) or self._fetch(scopes, options)
        finally:
            if waited:
                self._asking.release()

    def _seconds_left(self) -> int:
        return max(1, int(min(_CLI_SECONDS, self._seconds())))

    def _cached(self, scopes: tuple[str, ...], options: Values) -> t.Any:
        """Return a token that still lasts, None if there is none, or where Azure wants one with more claims."""
        token = None if options.get("claims") else self._tokens.get((scopes, options.get("tenant_id")))
        return token if token and token.expires_on - time.time() > _RENEWED_SECONDS else None

    def _fetch(self, scopes: tuple[str, ...], options: Values) -> t.Any:
        token = identity.AzureCliCredential(process_timeout=self._seconds_left(), **self._settings).get_token(*scopes, **options)
        self._tokens[scopes, options.get("tenant_id")] = token
        return token


def _build(account: Account, principal: Values, common: Values, seconds: t.Callable[[], float]) -> t.Any:
    if account.source == "cli":
        other = {} if account["tenant"] == account.cli_tenant else {"tenant_id": account["tenant"]}  # some logins take no --tenant
        return _AzureCli(seconds, **other)
    if account.source == "msi":
        # On a host without managed identities nothing answers at their address; the SDK itself waits half a minute there.
        return identity.ManagedIdentityCredential(client_id=account["client_id"], retry_connect=1, **common)
    if account.source == "secret":
        return identity.ClientSecretCredential(client_secret=account["secret"], **principal, **common)
    if account.source == "x509_certificate_path":
        return identity.CertificateCredential(certificate_path=account["x509_certificate_path"], **principal, **common)
    if account.source == "password":
        user = {"username": account["ad_user"], "password": account["password"], "client_id": account["client_id"] or _AZURE_CLI_APP}
        return identity.UsernamePasswordCredential(tenant_id=account["tenant"] or "organizations", **user, **common)
    return identity.ClientAssertionCredential(func=_assertion(account), **principal, **common)


def _no_assertion(text: str) -> str:
    """Return why a text is no federated token, empty where it may be one. Never its words."""
    if not text or len(text) > _LONGEST_ASSERTION:
        return "it is longer than a token" if text else "it is empty"
    return "" if text.isprintable() else "it holds more than a token"


def _assertion(account: Account) -> t.Callable[[], str]:
    """Return what reads the federated token again each time: platforms rotate the file."""
    if account["oidc_token"] and account.source == "oidc_token":
        return lambda: str(account["oidc_token"])

    def read() -> str:
        path, reason = account["oidc_token_file_path"], ""
        try:
            with open(path, "rb") as file:
                content = file.read(_LONGEST_ASSERTION + 1)
            token = content.decode("utf-8-sig").strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
        else:
            reason = _no_assertion(token)
        if reason:
            raise OptionError("oidc_token_file_path", f"'{path}' cannot be read ({reason}); correct the path or the file.")
        remember(token)
        return token

    return read


def account_for(options: t.Mapping[str, t.Any]) -> Account:
    """Return the account for a task's options in this process."""
    return resolve(options, os.environ, pathlib.Path(os.path.expanduser("~")))
