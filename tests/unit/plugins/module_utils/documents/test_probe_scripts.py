# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripts for run command: they run in a real shell here, take hosts literally, and what they write is read back whatever it is."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.privatelink.azure.plugins.module_utils._documents import probe_scripts

HOSTS = ["no-such-vault.invalid", "localhost.localdomain.invalid"]
_TOOLS = ("getent", "curl", "sed", "cut", "head", "tr", "grep", "cat")


def ran(script: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script as run command does: by a shell, from a file."""
    return subprocess.run(
        ["/bin/sh", "-s"], input=script, text=True, capture_output=True, check=False, timeout=60, env={"PATH": path or "/usr/bin:/bin"}
    )


def without_python(directory: pathlib.Path, *tools: str) -> str:
    """Return a PATH that has these tools and no Python."""
    for tool in tools:
        found = shutil.which(tool)
        if found is None:
            pytest.skip(f"there is no {tool}")
        (directory / tool).symlink_to(found)
    return str(directory)


def test_the_script_runs_in_a_plain_shell() -> None:
    done = ran(probe_scripts.linux(HOSTS))
    found = probe_scripts.lines(done.stdout, 2)
    assert done.returncode == 0 and not done.stderr, done
    assert [(found[number]["by"], bool(found[number]["d"])) for number in (0, 1)] == [("python3", True), ("python3", True)]


def test_without_python_getent_and_curl_ask(tmp_path: pathlib.Path) -> None:
    done = ran(probe_scripts.linux(HOSTS), without_python(tmp_path, *_TOOLS))
    found = probe_scripts.lines(done.stdout, 2)
    assert done.returncode == 0, done
    assert [found[number] for number in (0, 1)] == [{"v": number, "by": "curl", "d": "getent has no address"} for number in (0, 1)]


def test_what_a_machine_lacks_is_said(tmp_path: pathlib.Path) -> None:
    done = ran(probe_scripts.linux(HOSTS), without_python(tmp_path, "sed", "cat"))
    assert done.returncode == 1 and not done.stdout and "neither python3 nor both getent and curl" in done.stderr


@pytest.mark.parametrize("make", [probe_scripts.linux, probe_scripts.windows])
@pytest.mark.parametrize(
    "host", ["a'b.example", "$(id).example", "a b.example", "a;b.example", "`id`.example", "vault", "a.example\n", 'a".example']
)
def test_no_text_but_a_host_gets_into_a_script(make: t.Callable[[t.Sequence[str]], str], host: str) -> None:
    with pytest.raises(ValueError, match="not a host name"):
        make([host])


@pytest.mark.parametrize("make", [probe_scripts.linux, probe_scripts.windows])
def test_hosts_are_quoted(make: t.Callable[[t.Sequence[str]], str]) -> None:
    script = make(["pay.vault.azure.net", "a-1.vault.azure.net"])
    assert "'pay.vault.azure.net'" in script and "'a-1.vault.azure.net'" in script
    assert script.count("vault.azure.net") == 2 and "changes nothing" in script


def test_the_script_for_windows_asks_the_same() -> None:
    """It is tested as text alone."""
    script = probe_scripts.windows(["pay.vault.azure.net"])
    for word in ("Resolve-DnsName", "AuthenticateAsClient($name", "/healthstatus", "x-ms-keyvault-network-info", "ConvertTo-Json"):
        assert word in script
    assert script.count("{") == script.count("}") and script.count("(") == script.count(")")


def test_a_full_batch_fits_into_the_output() -> None:
    """As a vault of Azure answers."""
    line = {
        "v": 11,
        "by": "python3",
        "n": ["a-vault-with-a-long-name.privatelink.vaultcore.azure.net"],
        "a": ["10.100.100.100"],
        "r": [{"a": "10.100.100.100", "s": 200, "i": "conn_type=PrivateLink;addr=10.100.100.101;act_addr_fam=InterNetwork;"}],
    }
    written = json.dumps(line, separators=(",", ":")) + "\n"
    assert len(written) * probe_scripts.AT_ONCE + len("Enable succeeded: \n[stdout]\n\n[stderr]\n") < probe_scripts.LONGEST_OUTPUT


LINUX = "Enable succeeded: \n[stdout]\n{}\n\n[stderr]\n"


@pytest.mark.parametrize(
    "answer",
    [
        {"value": [{"code": "ProvisioningState/succeeded", "level": "Info", "message": LINUX.format('{"v":0,"d":"x"}')}]},
        {
            "value": [
                {"code": "ComponentStatus/StdOut/succeeded", "message": '{"v":0,"d":"x"}\r\n'},
                {"code": "ComponentStatus/StdErr/succeeded", "message": ""},
            ]
        },
        {"status": "Succeeded", "properties": {"output": {"value": [{"message": LINUX.format('{"v":0,"d":"x"}')}]}}},
        {"value": [{"message": '"d":"cut"}\n{"v":0,"d":"x"}\n{"v":1,"a":["10.'}]},
    ],
)
def test_what_azure_returns_is_read(answer: dict[str, t.Any]) -> None:
    assert probe_scripts.lines(probe_scripts.said(answer), 3) == {0: {"v": 0, "d": "x"}}


@pytest.mark.parametrize(
    "line",
    [
        '{"v":true}x',
        '{"v":-1}',
        '{"v":9}',
        '{"v":"0"}',
        "[]",
        "null",
        '{"v":0,"a":"10.1.0.4"}',
        '{"v":0,"a":[1]}',
        '{"v":0,"n":{}}',
        '{"v":0,"r":[{}]}',
        '{"v":0,"r":[{"a":"10.1.0.4"}]}',
        '{"v":0,"r":[{"a":"10.1.0.4","s":"200"}]}',
        '{"v":0,"r":7}',
    ],
)
def test_a_line_that_is_none_of_ours_is_left_out(line: str) -> None:
    assert not probe_scripts.lines(line, 3)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["v", "a", "n", "r", "s", "value", "properties", "output", "message"]), inner)
    ),
)


@given(st.dictionaries(st.sampled_from(["value", "properties", "x"]), anything), anything)
def test_any_answer_can_be_read(answer: dict[str, t.Any], line: t.Any) -> None:
    assert isinstance(probe_scripts.said(answer), str)
    for number, found in probe_scripts.lines(json.dumps(line), 3).items():
        assert 0 <= number < 3 and found["v"] == number


def test_lines_of_a_hostile_machine_are_none() -> None:
    deep = "[" * 100_000
    bad = [
        '{"v":true}',
        '{"v":0,"a":["1"],"r":[{"a":"1","s":true}]}',
        '{"v":0,"a":"1"}',
        '{"v":-1}',
        '{"v":0.0}',
        f'{{"v":0,"a":{deep}',
        "{\x1b",
    ]
    assert probe_scripts.lines("\n".join(bad), 1) == {}
