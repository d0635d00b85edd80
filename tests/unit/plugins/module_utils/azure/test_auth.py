# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who acts: which source of credentials wins, and what an incomplete one is told."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from ansible_collections.privatelink.azure.plugins.module_utils._azure.auth import (
    ENVIRONMENT,
    Account,
    account_for,
    cli_defaults,
    from_environment,
    resolve,
)
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError
from ansible_collections.privatelink.azure.plugins.module_utils._options import AUTH

TASK = {"client_id": "task-client", "secret": "task-secret", "tenant": "task-tenant", "subscription_id": "task-subscription"}
# What AWX's credential "Microsoft Azure Resource Manager" injects; the subscription is always set, maybe to nothing.
AWX = {"AZURE_CLIENT_ID": "awx-client", "AZURE_SECRET": "awx-secret", "AZURE_TENANT": "awx-tenant", "AZURE_SUBSCRIPTION_ID": ""}
PROFILE = "[default]\nclient_id=file-client\nsecret=file-secret\ntenant=file-tenant\nsubscription_id=file-subscription\n"
CLI = {"id": "cli-subscription", "tenantId": "cli-tenant", "environmentName": "AzureUSGovernment", "isDefault": True}


class Home:
    """A home directory with files of Azure's tools."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.folder = path / ".azure"

    def __call__(self, *, profile: str | None = None, cli: object = None) -> pathlib.Path:
        """Write the credentials file and the Azure CLI's profile."""
        self.folder.mkdir(exist_ok=True)
        if profile is not None:
            (self.folder / "credentials").write_text(profile, encoding="utf-8")
        if cli is not None:
            (self.folder / "azureProfile.json").write_text(json.dumps(cli), encoding="utf-8-sig")
        return self.path


@pytest.fixture(name="home")
def _home(tmp_path: pathlib.Path) -> Home:
    return Home(tmp_path)


def identity(account: Account) -> tuple[str | None, ...]:
    """Return who an account is and where it acts."""
    return tuple(account[name] for name in ("client_id", "secret", "tenant", "subscription_id"))


def refused(option: str, options: dict[str, t.Any], environ: dict[str, str], home: pathlib.Path) -> str:
    """Return the message with which credentials are refused."""
    with pytest.raises(OptionError) as caught:
        resolve(options, environ, home)
    assert caught.value.option == option
    return caught.value.message


# --- which source wins ---


@pytest.mark.parametrize(
    ("options", "environ", "files", "source", "expected"),
    [
        pytest.param(
            TASK, AWX, True, "secret", ("task-client", "task-secret", "task-tenant", "task-subscription"), id="the task before all"
        ),
        pytest.param(
            {}, AWX, True, "secret", ("awx-client", "awx-secret", "awx-tenant", "file-subscription"), id="the environment before the file"
        ),
        pytest.param(
            {}, {}, True, "secret", ("file-client", "file-secret", "file-tenant", "file-subscription"), id="the file before the CLI"
        ),
        pytest.param({}, AWX, False, "secret", ("awx-client", "awx-secret", "awx-tenant", None), id="AWX's empty subscription is none"),
        pytest.param(
            {"client_id": "task-client"},
            AWX,
            False,
            "secret",
            ("task-client", "awx-secret", "awx-tenant", None),
            id="a task's part over the environment",
        ),
        pytest.param(
            {"subscription_id": "task-subscription"},
            AWX,
            True,
            "secret",
            ("awx-client", "awx-secret", "awx-tenant", "task-subscription"),
            id="the subscription of the task, the rest of the environment",
        ),
        pytest.param(
            {"secret": "task-secret"},
            {},
            True,
            "secret",
            ("file-client", "task-secret", "file-tenant", "file-subscription"),
            id="a task's secret over the file",
        ),
        pytest.param(
            {"auth_source": "credential_file"},
            AWX,
            True,
            "secret",
            ("file-client", "file-secret", "file-tenant", "file-subscription"),
            id="only the file, told by the task",
        ),
        pytest.param(
            {},
            {**AWX, "ANSIBLE_AZURE_AUTH_SOURCE": "credential_file"},
            True,
            "secret",
            ("file-client", "file-secret", "file-tenant", "file-subscription"),
            id="only the file, told by the environment",
        ),
        pytest.param(
            {"auth_source": "env"}, AWX, True, "secret", ("awx-client", "awx-secret", "awx-tenant", None), id="only the environment"
        ),
        pytest.param(
            {"auth_source": "env", "subscription_id": "s"},
            AWX,
            True,
            "secret",
            ("awx-client", "awx-secret", "awx-tenant", "s"),
            id="and the task's own",
        ),
        pytest.param(
            {"auth_source": "auto"}, AWX, True, "secret", ("awx-client", "awx-secret", "awx-tenant", "file-subscription"), id="auto by name"
        ),
        pytest.param(
            {"auth_source": "env"},
            {**AWX, "ANSIBLE_AZURE_AUTH_SOURCE": "credential_file"},
            True,
            "secret",
            ("awx-client", "awx-secret", "awx-tenant", None),
            id="the task's auth_source before the environment's",
        ),
    ],
)
def test_precedence(
    home: Home, options: dict[str, str], environ: dict[str, str], files: bool, source: str, expected: tuple[str | None, ...]
) -> None:
    account = resolve(options, environ, home(profile=PROFILE if files else None, cli={"subscriptions": [CLI]} if files else None))
    assert account.source == source
    assert identity(account) == expected


@pytest.mark.parametrize("option", [name for name, names in ENVIRONMENT.items() if len(names) > 1])
def test_both_spellings_of_a_variable(option: str) -> None:
    ours, theirs = ENVIRONMENT[option]
    assert from_environment({ours: "a"}) == {option: "a"}
    assert from_environment({theirs: "b"}) == {option: "b"}
    assert from_environment({ours: "a", theirs: "b"}) == {option: "a"}
    assert from_environment({ours: "", theirs: "b"}) == {option: "b"}
    assert from_environment({ours: " ", theirs: "b"}) == {option: "b"}


@pytest.mark.parametrize(
    ("variable", "option"),
    [
        ("AZURE_SECRET", "secret"),
        ("AZURE_CLIENT_SECRET", "secret"),
        ("AZURE_TENANT", "tenant"),
        ("AZURE_TENANT_ID", "tenant"),
        ("AZURE_CLIENT_ID", "client_id"),
        ("AZURE_SUBSCRIPTION_ID", "subscription_id"),
        ("AZURE_AUXILIARY_TENANT_IDS", "auxiliary_tenant_ids"),
        ("AZURE_AD_USER", "ad_user"),
        ("AZURE_USERNAME", "ad_user"),
        ("AZURE_PASSWORD", "password"),
        ("AZURE_PROFILE", "profile"),
        ("AZURE_CLOUD_ENVIRONMENT", "cloud_environment"),
        ("AZURE_ADFS_AUTHORITY_URL", "adfs_authority_url"),
        ("AZURE_AUTHORITY_HOST", "adfs_authority_url"),
        ("AZURE_CERT_VALIDATION_MODE", "cert_validation_mode"),
        ("AZURE_X509_CERTIFICATE_PATH", "x509_certificate_path"),
        ("AZURE_CLIENT_CERTIFICATE_PATH", "x509_certificate_path"),
        ("AZURE_THUMBPRINT", "thumbprint"),
        ("AZURE_DISABLE_INSTANCE_DISCOVERY", "disable_instance_discovery"),
        ("AZURE_FEDERATED_TOKEN", "oidc_token"),
        ("AZURE_FEDERATED_TOKEN_FILE", "oidc_token_file_path"),
        ("ANSIBLE_AZURE_AUTH_SOURCE", "auth_source"),
    ],
)
def test_names_that_users_know(variable: str, option: str) -> None:
    assert from_environment({variable: " value "}) == {option: "value"}


def test_every_option_has_a_variable() -> None:
    assert set(ENVIRONMENT) == set(AUTH) - {"api_profile", "log_path", "log_mode"}  # which have no effect


def test_what_is_empty_is_unset(home: Home) -> None:
    assert from_environment(dict.fromkeys((name for names in ENVIRONMENT.values() for name in names), "")) == {}
    account = resolve(dict.fromkeys(AUTH), {**AWX, "AZURE_CLOUD_ENVIRONMENT": "", "AZURE_PASSWORD": " "}, home(profile=PROFILE))
    assert identity(account) == ("awx-client", "awx-secret", "awx-tenant", "file-subscription")


# --- how an identity is proven ---


@pytest.mark.parametrize(
    ("environ", "source"),
    [
        ({"AZURE_SECRET": "x"}, "secret"),
        ({"AZURE_FEDERATED_TOKEN": "x"}, "oidc_token"),
        ({"AZURE_FEDERATED_TOKEN_FILE": "{home}/token"}, "oidc_token_file_path"),
        ({"AZURE_CLIENT_CERTIFICATE_PATH": "{home}/token"}, "x509_certificate_path"),
        ({"AZURE_SECRET": "x", "AZURE_FEDERATED_TOKEN_FILE": "{home}/token"}, "secret"),
        ({"AZURE_SECRET": "x", "AZURE_AD_USER": "u", "AZURE_PASSWORD": "p"}, "secret"),
    ],
)
def test_proofs_of_a_service_principal(home: Home, environ: dict[str, str], source: str) -> None:
    (home.path / "token").write_text("token", encoding="utf-8")
    given = {name: value.format(home=home.path) for name, value in environ.items()}
    assert resolve({}, {"AZURE_CLIENT_ID": "c", "AZURE_TENANT": "t", **given}, home()).source == source


def test_the_source_that_proves_first_decides_how(home: Home) -> None:
    options = {"client_id": "c", "tenant": "t", "oidc_token": "task-token"}
    account = resolve(options, AWX, home())
    assert account.source == "oidc_token"
    assert account["client_id"] == "c"


def test_a_user_needs_no_client(home: Home) -> None:
    account = resolve({}, {"AZURE_AD_USER": "user", "AZURE_PASSWORD": "p"}, home())
    assert account.source == "password"
    assert account.secrets == ["p"]


@pytest.mark.parametrize(
    ("environ", "option", "words"),
    [
        ({"AZURE_SECRET": "s"}, "client_id", ("client_id and tenant", "AZURE_CLIENT_ID and AZURE_TENANT")),
        ({"AZURE_SECRET": "s", "AZURE_CLIENT_ID": "c"}, "tenant", ("tenant is required with secret", "AZURE_TENANT")),
        ({"AZURE_SECRET": "s", "AZURE_TENANT": "t"}, "client_id", ("client_id is required with secret", "AZURE_CLIENT_ID")),
        ({"AZURE_PASSWORD": "p"}, "ad_user", ("ad_user is required with password", "AZURE_AD_USER")),
        ({"AZURE_FEDERATED_TOKEN": "x", "AZURE_CLIENT_ID": "c"}, "tenant", ("tenant is required with oidc_token",)),
        (
            {"AZURE_FEDERATED_TOKEN_FILE": "/nowhere/token", "AZURE_CLIENT_ID": "c", "AZURE_TENANT": "t"},
            "oidc_token_file_path",
            ("file '/nowhere/token' was not found",),
        ),
        (
            {"AZURE_X509_CERTIFICATE_PATH": "/nowhere/pem", "AZURE_CLIENT_ID": "c", "AZURE_TENANT": "t"},
            "x509_certificate_path",
            ("file '/nowhere/pem' was not found",),
        ),
    ],
)
def test_an_identity_that_lacks_a_part(home: Home, environ: dict[str, str], option: str, words: tuple[str, ...]) -> None:
    message = refused(option, {}, environ, home())
    assert all(word in message for word in words)


@pytest.mark.parametrize(
    ("options", "environ", "looked"),
    [
        ({}, {}, "task options, environment, ~/.azure/credentials and the Azure CLI"),
        ({}, {"AZURE_CLIENT_ID": "c", "AZURE_TENANT": "t"}, "task options, environment, ~/.azure/credentials and the Azure CLI"),
        ({"auth_source": "env"}, {}, "looked only in the environment"),
        ({"auth_source": "env", **TASK}, {}, "looked only in the environment"),
        ({"auth_source": "credential_file"}, AWX, "looked only in ~/.azure/credentials"),
    ],
)
def test_no_credentials_at_all(home: Home, options: dict[str, str], environ: dict[str, str], looked: str) -> None:
    message = refused("client_id", options, environ, home())
    assert looked in message
    assert "AZURE_CLIENT_ID, AZURE_SECRET and AZURE_TENANT" in message


def test_an_unknown_source(home: Home) -> None:
    message = refused("auth_source", {}, {"ANSIBLE_AZURE_AUTH_SOURCE": "vault"}, home())
    assert "auto, cli, credential_file, env or msi" in message


# --- the host's own identities ---


def test_a_managed_identity(home: Home) -> None:
    account = resolve({"auth_source": "msi", "client_id": "user-assigned"}, {**AWX, "AZURE_SUBSCRIPTION_ID": "s"}, home(profile=PROFILE))
    assert account.source == "msi"
    assert (account["client_id"], account["subscription_id"]) == ("user-assigned", "s")


@pytest.mark.parametrize("options", [{}, {"auth_source": "cli"}])
def test_the_azure_cli_brings_subscription_tenant_and_cloud(home: Home, options: dict[str, str]) -> None:
    other = {"id": "other", "tenantId": "other", "isDefault": False}
    account = resolve(options, {}, home(cli={"subscriptions": [other, CLI]}))
    assert account.source == "cli"
    assert (account["subscription_id"], account["tenant"], account.cloud_environment) == (
        "cli-subscription",
        "cli-tenant",
        "AzureUSGovernment",
    )


def test_the_task_may_name_another_subscription_than_the_cli(home: Home) -> None:
    account = resolve({"subscription_id": "task"}, {"AZURE_SUBSCRIPTION_ID": "env"}, home(cli={"subscriptions": [CLI]}))
    assert (account.source, account["subscription_id"], account["tenant"]) == ("cli", "task", "cli-tenant")


def test_the_cli_keeps_its_profile_elsewhere(home: Home, tmp_path: pathlib.Path) -> None:
    home(cli={"subscriptions": [CLI]})
    assert cli_defaults({"AZURE_CONFIG_DIR": str(home.folder)}, tmp_path / "nobody")["subscription_id"] == "cli-subscription"
    assert cli_defaults({}, tmp_path / "nobody") == {}


def test_a_cloud_that_was_registered_with_the_cli(home: Home) -> None:
    home(cli={"subscriptions": [{**CLI, "environmentName": "AzureLocal"}]})
    assert cli_defaults({}, home.path)["cloud_environment"] == "AzureLocal"
    (home.folder / "clouds.config").write_text("[AzureLocal]\nendpoint_resource_manager = https://arm.example\n", encoding="utf-8")
    assert cli_defaults({}, home.path)["cloud_environment"] == "https://arm.example"
    (home.folder / "clouds.config").write_text("rubbish", encoding="utf-8")
    assert cli_defaults({}, home.path)["cloud_environment"] == "AzureLocal"


@pytest.mark.parametrize(
    "profile", [{}, [], {"subscriptions": []}, {"subscriptions": None}, {"subscriptions": ["x"]}, {"subscriptions": [{"id": "x"}]}]
)
def test_a_cli_that_is_not_signed_in(home: Home, profile: object) -> None:
    assert "az login" in refused("auth_source", {"auth_source": "cli"}, AWX, home(cli=profile))


# --- the credentials file ---


@pytest.mark.parametrize(
    ("options", "environ"),
    [({"profile": "work"}, {}), ({}, {"AZURE_PROFILE": "work"}), ({"profile": "work"}, {**AWX, "AZURE_PROFILE": "default"})],
)
def test_a_named_profile(home: Home, options: dict[str, str], environ: dict[str, str]) -> None:
    account = resolve(options, environ, home(profile=PROFILE + "[work]\nclient_id=w\nsecret=ws%x\ntenant=wt\n"))
    assert identity(account)[:3] == ("w", "ws%x", "wt")


def test_a_profile_that_is_not_there(home: Home) -> None:
    message = refused("profile", {"profile": "work"}, {}, home(profile=PROFILE + "[prod]\n"))
    assert "'work'" in message and "it contains default, prod" in message
    assert "the file does not exist" in refused("profile", {"profile": "work"}, {}, home.path / "nowhere")


@pytest.mark.parametrize("name", ["~/.azure/credentials", "/home/ansible/.azure/credentials", "C:\\Users\\me"])
def test_a_path_is_not_a_profile(home: Home, name: str) -> None:
    assert f"'{name}' is a path" in refused("profile", {"profile": name}, {}, home(profile=PROFILE))


@pytest.mark.parametrize("content", [b"[default]\nsecret=\xff\xfe\n", b"[default]\nsecret\n", b"[default]\nclinet_id=c\n", b"{"])
def test_a_file_that_cannot_be_read(home: Home, content: bytes) -> None:
    """It stops whoever needs it, and nobody else."""
    (home() / ".azure" / "credentials").write_bytes(content)
    message = refused("profile", {}, {}, home())
    assert f"{home.folder / 'credentials'}, line " in message
    assert "xff" not in message
    assert identity(resolve({}, AWX, home()))[:3] == ("awx-client", "awx-secret", "awx-tenant")
    assert refused("profile", {"secret": "s", "client_id": "c"}, {}, home()) == message  # the tenant may be in there
    refused("profile", {"profile": "default"}, AWX, home())
    assert "AZURE_CLIENT_ID" in refused("client_id", {"auth_source": "env"}, {}, home())


@pytest.mark.parametrize("quote", ["'", '"'])
def test_quotes_and_line_ends_in_the_environment(home: Home, quote: str) -> None:
    environ = {name: f" {quote}{value}{quote}\r\n" for name, value in AWX.items() if value}
    assert identity(resolve({}, environ, home()))[:3] == ("awx-client", "awx-secret", "awx-tenant")
    assert resolve({}, {"AZURE_AD_USER": "u", "AZURE_PASSWORD": f"{quote}p{quote}"}, home())["password"] == f"{quote}p{quote}"


@pytest.mark.parametrize("tenant", ["'tenant", "a b", "a/b", "tenant;", "https://login.microsoftonline.com/t"])
def test_a_tenant_that_cannot_be(home: Home, tenant: str) -> None:
    assert "is not a valid tenant" in refused("tenant", {**TASK, "tenant": tenant}, {}, home())


# --- further tenants ---


@pytest.mark.parametrize(
    ("said", "tenants"),
    [
        (None, []),
        ([], []),
        (["other"], ["other"]),
        ("one,two;three", ["one", "two", "three"]),
        (" one ; two ", ["one", "two"]),
        (["TASK-tenant", "other", "OTHER", ""], ["OTHER"]),
    ],
)
def test_each_further_tenant_stands_once(home: Home, said: object, tenants: list[str]) -> None:
    assert resolve({**TASK, "auxiliary_tenant_ids": said}, {}, home()).auxiliary_tenants == tenants


def test_a_task_may_do_without_the_tenants_of_the_environment(home: Home) -> None:
    environ = {"AZURE_AUXILIARY_TENANT_IDS": "other"}
    assert resolve(TASK, environ, home()).auxiliary_tenants == ["other"]
    assert resolve({**TASK, "auxiliary_tenant_ids": []}, environ, home()).auxiliary_tenants == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"auxiliary_tenant_ids": ["a", "b", "c", "d"]}, "4 further tenants"),
        ({"auxiliary_tenant_ids": ["a/b"]}, "'a/b' is not a valid tenant"),
        ({"auxiliary_tenant_ids": ["other"], "auth_source": "msi"}, "managed identity"),
    ],
)
def test_further_tenants_that_cannot_be(home: Home, options: dict[str, t.Any], words: str) -> None:
    assert words in refused("auxiliary_tenant_ids", {**TASK, **options}, {}, home())


# --- the account ---


def test_secrets_of_every_source_are_known(home: Home) -> None:
    account = resolve({"secret": "s1"}, {**AWX, "AZURE_PASSWORD": "s2", "AZURE_FEDERATED_TOKEN": "s3"}, home())
    assert set(account.secrets) == {"s1", "s2", "s3"}


def test_certificates_are_checked_unless_told_otherwise(home: Home) -> None:
    assert resolve(TASK, {}, home()).verify
    assert resolve(TASK, {"AZURE_CERT_VALIDATION_MODE": "validate"}, home()).verify
    assert not resolve(TASK, {"AZURE_CERT_VALIDATION_MODE": "ignore"}, home()).verify
    assert resolve({**TASK, "cert_validation_mode": "validate"}, {"AZURE_CERT_VALIDATION_MODE": "ignore"}, home()).verify


def test_the_account_of_this_process(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for names in ENVIRONMENT.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home(profile=PROFILE)))
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "env")
    assert identity(account_for({})) == ("file-client", "file-secret", "file-tenant", "env")


# --- what values must be, whichever source they come from ---


@pytest.mark.parametrize("source", ["environment", "file"])
@pytest.mark.parametrize(
    ("option", "written", "meant"),
    [
        ("cert_validation_mode", "IGNORE", "ignore"),
        ("disable_instance_discovery", "Yes", True),
        ("disable_instance_discovery", "0", False),
        ("x509_certificate_path", "~/x.pem", None),
        ("tenant", "\u201ct-1\u201d", "t-1"),
        ("client_id", "\u2018c-1\u2019", "c-1"),
    ],
)
def test_values_are_read_as_they_are_meant(
    home: Home, monkeypatch: pytest.MonkeyPatch, source: str, option: str, written: str, meant: object
) -> None:
    monkeypatch.setenv("HOME", str(home.path))
    (home.path / "x.pem").touch()
    lines = "".join(f"{name}={value}\n" for name, value in TASK.items() if name != option)
    own = f"{option}={written}\n"
    environ = {ENVIRONMENT[option][0]: written} if source == "environment" else {}
    account = resolve({}, environ, home(profile=f"[default]\n{lines}{own if source == 'file' else ''}"))
    assert account[option] == (str(home.path / "x.pem") if meant is None else meant)


@pytest.mark.parametrize(
    ("option", "written", "words"),
    [
        ("cert_validation_mode", "none", "'none' is not one of ignore or validate; use one of them."),
        ("disable_instance_discovery", "maybe", "'maybe' is not a valid boolean; use true or false."),
        ("client_id", "a b", "'a b' is not a valid client_id"),
        ("client_id", "a\nb", "'a\\nb' is not a valid client_id"),
        ("adfs_authority_url", "not a url", "'not a url' is not an https address; pass one like https://login.microsoftonline.com."),
        ("adfs_authority_url", "https://", "'https://' is not an https address"),
    ],
)
def test_values_that_cannot_be(home: Home, option: str, written: str, words: str) -> None:
    assert words in refused(option, {}, {**AWX, ENVIRONMENT[option][0]: written}, home())
    assert words in refused(option, {**TASK, option: written}, {}, home())
    assert resolve({**TASK, **({option: TASK[option]} if option in TASK else {})}, {}, home()).source == "secret"
