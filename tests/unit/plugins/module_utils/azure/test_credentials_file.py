# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials file in all the forms that people write it in."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._azure import credentials_file
from ansible_collections.privatelink.azure.plugins.module_utils._azure.auth import ENVIRONMENT
from ansible_collections.privatelink.azure.plugins.module_utils._errors import OptionError

WANTED = {"client_id": "c-1", "secret": "s~1=.x", "tenant": "t-1", "subscription_id": "u-1"}
PLAIN = "client_id=c-1\nsecret=s~1=.x\ntenant=t-1\nsubscription_id=u-1\n"


def profile(path: pathlib.Path, content: str | bytes, name: str = "default") -> dict[str, str] | None:
    """Write a file and return a profile of it."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    file = credentials_file.read(path, ENVIRONMENT)
    assert file is not None
    return file.profile(name)


@pytest.fixture(name="path")
def _path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "credentials"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"[default]\n{PLAIN}", id="as azure.azcollection documents it"),
        pytest.param("[default]\nclient_id : c-1\nsecret: s~1=.x\ntenant:t-1\nsubscription_id :u-1\n", id="colons"),
        pytest.param("[default]\nclient_id: \"c-1\"\nsecret: 's~1=.x'\ntenant='t-1'\nsubscription_id = \" u-1 \"\n", id="quotes"),
        pytest.param("\ufeff[default]\n" + PLAIN, id="byte order mark"),
        pytest.param(f"[default]\n{PLAIN}".encode("utf-16"), id="UTF-16, as PowerShell writes it"),
        pytest.param(f"[default]\n{PLAIN}".replace("\n", "\r\n"), id="CRLF"),
        pytest.param(f"[default]\n{PLAIN}".replace("\n", "\r"), id="CR"),
        pytest.param(f"[default]\n{PLAIN}".replace("\n", "\n  "), id="indented"),
        pytest.param(PLAIN, id="no header"),
        pytest.param(f"[DEFAULT]\n{PLAIN}", id="header in upper case"),
        pytest.param(f" [ default ]  # mine\n{PLAIN}", id="blanks and a comment at the header"),
        pytest.param(
            f"# mine\n; too\n\n[default]\n{PLAIN.replace('t-1', 't-1 # the tenant').replace('x', 'x ; the secret')}", id="comments"
        ),
        pytest.param("[default]\nclient_id=c-1\nclient_secret=s~1=.x\ntenant_id=t-1\nsubscription=u-1\n", id="spellings of the SDK"),
        pytest.param(
            "AZURE_CLIENT_ID=c-1\nAZURE_SECRET=s~1=.x\nAZURE_TENANT=t-1\nexport AZURE_SUBSCRIPTION_ID='u-1'\n", id="environment variables"
        ),
        pytest.param(
            "[default]\nARM_CLIENT_ID=c-1\nARM_CLIENT_SECRET=s~1=.x\nARM_TENANT_ID=t-1\nARM_SUBSCRIPTION_ID=u-1\n",
            id="Terraform's variables",
        ),
        pytest.param("[default]\nclientId=c-1\nclient-secret=s~1=.x\nTenantID=t-1\nSUBSCRIPTION_ID=u-1\n", id="other cases"),
        pytest.param(f"[default]\n{PLAIN}client_id=c-1\n[default]\ntenant=t-1\n", id="twice the same"),
        pytest.param(f"[other]\nclient_id=x\n[default]\n{PLAIN}log_path=/x\nregion=westeurope\n", id="beside other things"),
        pytest.param(
            json.dumps({"clientId": "c-1", "clientSecret": "s~1=.x", "tenantId": "t-1", "subscriptionId": "u-1", "x": 1}),
            id="az --sdk-auth",
        ),
        pytest.param(
            json.dumps({"appId": "c-1", "password": "s~1=.x", "tenant": "t-1", "subscription": "u-1", "displayName": "n"}),
            id="az create-for-rbac",
        ),
        pytest.param(
            "[default]\n\u200bclient_id=\u200bc-1\nsecret=s~1=.x\u200b\ntenant=\xa0t-1\nsubscription_id=u-1\n", id="invisible letters"
        ),
    ],
)
def test_what_can_be_read_is_read(path: pathlib.Path, content: str | bytes) -> None:
    assert profile(path, content) == WANTED


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("client_id c-1", "neither [a profile], nor a comment, nor key=value"),
        ("just-a-secret", "neither [a profile], nor a comment, nor key=value"),
        ("clinet_id=c-1", "'clinet_id' is not a valid key; did you mean client_id"),
        ("secrets=x", "'secrets' is not a valid key; did you mean secret"),
        ("passwd=x", "'passwd' is not a valid key; did you mean password"),
        ("tenant=t-2", "tenant is already set to another value in line 2"),
        ("AZURE_TENANT_ID=t-2", "tenant is already set to another value in line 2"),
        ('subscription_id="u-1', "this is not a valid subscription_id"),
        ("client_id=c 1", "this is not a valid client_id"),
        ("subscription_id=/subscriptions/u-1", "this is not a valid subscription_id"),
        ("password=a #b", "put the password in quotes"),
        ("auth_source=msi", "auth_source has no effect in this file; remove it, or set ANSIBLE_AZURE_AUTH_SOURCE"),
        ("profile=other", "profile has no effect in this file"),
    ],
)
def test_what_cannot_be_read_is_named(path: pathlib.Path, line: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        profile(path, f"[default]\ntenant=t-1\n\n{line}\n")
    assert caught.value.option == "profile"
    assert caught.value.message.startswith(f"profile: {path}, line 4: ") and words in caught.value.message
    assert not {"just-a-secret", "c 1", "u-1", "#b"}.intersection(caught.value.message.split())


def test_only_the_profile_that_is_asked_for_has_to_make_sense(path: pathlib.Path) -> None:
    content = f"[default]\n{PLAIN}[broken]\nnonsense\n[Prod]\ntenant=t-2\n"
    assert profile(path, content) == WANTED
    assert profile(path, content, "prod") == {"tenant": "t-2"}
    assert profile(path, content, "nobody") is None


def test_what_is_for_all_profiles(path: pathlib.Path) -> None:
    assert profile(path, "[DEFAULT]\ntenant=t-1\nclient_id=x\n[prod]\nclient_id=c-1\n", "prod") == {"tenant": "t-1", "client_id": "c-1"}


def test_quotes_hold_what_stands_in_them(path: pathlib.Path) -> None:
    assert profile(path, "[default]\npassword='a #b'  # mine\nsecret=#s\nad_user=\n") == {"password": "a #b", "secret": "#s"}


def test_no_file(tmp_path: pathlib.Path) -> None:
    assert credentials_file.read(tmp_path / "nowhere", ENVIRONMENT) is None
    with pytest.raises(OptionError, match="cannot be read"):
        credentials_file.read(tmp_path, ENVIRONMENT)


def test_the_line_of_what_is_no_text(path: pathlib.Path) -> None:
    with pytest.raises(OptionError, match="line 2: this is not UTF-8 text"):
        profile(path, b"[default]\nsecret=\xff\xfe\n")


_SPELLINGS = st.fixed_dictionaries(
    {option: st.sampled_from([option, *ENVIRONMENT[option], option.upper(), option.replace("_", "-")]) for option in WANTED}
)


@given(
    _SPELLINGS,
    st.sampled_from(["=", ":", " = ", ": ", "\t=\t"]),
    st.sampled_from(["", "'", '"']),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["", "  ", "\t"]),
    st.sampled_from(["", "[default]", "[DEFAULT]", "[ Default ]"]),
)
def test_every_form_says_the_same(
    spellings: dict[str, str], sign: str, quote: str, end: str, encoding: str, indent: str, header: str
) -> None:
    lines = [header, *(f"{indent}{spellings[option]}{sign}{quote}{value}{quote}" for option, value in WANTED.items())]
    with tempfile.TemporaryDirectory() as folder:
        assert profile(pathlib.Path(folder, "credentials"), end.join(lines).encode(encoding)) == WANTED


def test_json_by_profiles(path: pathlib.Path) -> None:
    content = json.dumps({"client_id": "c-0", "Prod": {"clientId": "c-1", "clientSecret": "s", "x": {"client_id": "no"}}})
    assert profile(path, content, "prod") == {"client_id": "c-1", "secret": "s"}
    assert profile(path, content) == {"client_id": "c-0"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"clientId": "a", "client_id": "b"}', "client_id is already set to another value"),
        ('{"clientId": "a", "clientId": "b"}', "client_id is already set to another value"),
        ('[{"clientId": "a"}]', "this is a list; write one JSON object"),
        (f"[default]\n{PLAIN}".encode("utf-16-le"), "line 1: this is not UTF-8 text"),
        (f"[default]\n{PLAIN}\0", "this is not UTF-8 text"),
        (b"#" * (1024 * 1024 + 1), "it has more than 1048576 bytes"),
    ],
)
def test_content_that_no_file_of_credentials_has(path: pathlib.Path, content: str | bytes, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        profile(path, content)
    assert words in caught.value.message and caught.value.message.isprintable()


def test_a_pipe_or_device_is_not_read(path: pathlib.Path) -> None:
    os.mkfifo(path)
    for odd in (path, pathlib.Path("/dev/zero")):
        with pytest.raises(OptionError, match="it is no file"):
            credentials_file.read(odd, ENVIRONMENT)


@pytest.mark.parametrize("prefix", ["export ", "set ", "$env:", "SET "])
def test_lines_of_shells(path: pathlib.Path, prefix: str) -> None:
    assert profile(path, f"{prefix}AZURE_CLIENT_ID=c-1\n") == {"client_id": "c-1"}
