# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of the emulator's Containerfile, each run in a fresh environment, and what its entry point does then."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import time
import typing as t

import pytest
import tomllib
from packaging.specifiers import SpecifierSet

from clients.containerfile import CONTEXT, ROOT, UNTESTED, Image, instructions, of, words
from clients.processes import base_environment

FOUND = instructions((CONTEXT / "Containerfile").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((CONTEXT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (CONTEXT / "README.md").read_text(encoding="utf-8")
SECONDS = 30


def test_instructions() -> None:
    """Known ones, in an order in which they work: files before commands, and from then on a user that is not root."""
    names = [name for name, _rest in FOUND]
    assert set(names) <= {"FROM", "COPY", "RUN", "USER", "EXPOSE", "ENTRYPOINT", "CMD"} and names[0] == "FROM"
    assert names.index("COPY") < names.index("RUN") < names.index("USER") < names.index("ENTRYPOINT")
    assert all(user.isdigit() and int(user) for user in of("USER", FOUND))
    image, _colon, tag = of("FROM", FOUND)[0].rpartition(":")
    version = re.match(r"[\d.]+", tag)
    assert image.endswith("/python") and version and SpecifierSet(PROJECT["requires-python"]).contains(version[0])


def test_sources_entry_point_and_port() -> None:
    for *sources, _target in map(str.split, of("COPY", FOUND)):
        assert all((CONTEXT / each).resolve().is_relative_to(CONTEXT) and (CONTEXT / each).exists() for each in sources)
    (program,) = words(of("ENTRYPOINT", FOUND)[0])
    assert program in PROJECT["scripts"]
    section = README.partition("## In a container")[2].partition("\n## ")[0]
    assert f"uid={of('USER', FOUND)[0]}" in section
    ports = set(re.findall(r"--port (\d+)", section))
    assert ports and all(port in ports for port in of("EXPOSE", FOUND)), "the network is the host's: what is exposed is what it listens on"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """What a build makes."""
    directory = tmp_path_factory.mktemp("image")
    cached = {"PIP_CACHE_DIR": str(ROOT / ".cache" / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    pinned = {"PIP_CONSTRAINT": str(ROOT / "tests" / "requirements" / "tools.txt")}
    made = Image(directory, {**base_environment(directory / "home", pathlib.Path("/usr/bin/env")), **cached, **pinned})
    targets = [each.split()[-1] for each in of("COPY", FOUND)]
    for name, rest in FOUND:
        if name == "COPY":
            made.copy(rest)
        elif name == "RUN":
            made.run(rest, targets)
    return made


def test_build_leaves_no_sources(image: Image) -> None:
    assert not [each for each in image.files.rglob("*") if each.is_file()]
    assert image.run("azure-emulator --version", []).startswith("azure-emulator ")


def test_command_without_arguments(image: Image) -> None:
    printed = image.run(" ".join([*words(of("ENTRYPOINT", FOUND)[0]), *words(of("CMD", FOUND)[0])]), [])
    assert "serve" in printed


def test_entry_point_serves_and_ends(image: Image, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `podman run` starts and stops it: in the foreground, in a directory that the host shares, ended by SIGTERM."""
    line = [str(image.programs / words(of("ENTRYPOINT", FOUND)[0])[0]), "serve", "--directory", str(tmp_path / "emulator")]
    environment = {**image.environment, "HOME": "/nonexistent"}  # the image's user has none
    process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        facts = started(tmp_path / "emulator" / "emulator.json", process)
        context = ssl.create_default_context(cafile=facts["ca"])
        connection = http.client.HTTPSConnection(facts["url"].removeprefix("https://"), context=context, timeout=SECONDS)
        connection.request("GET", "/metadata/endpoints?api-version=2022-09-01")
        answer = connection.getresponse()
        assert answer.status == 200 and "resourceManager" in json.loads(answer.read())
    finally:
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=SECONDS)[0]
    assert process.returncode in (0, -signal.SIGTERM) and "Traceback" not in output
    with capsys.disabled():
        print("", "Of the Containerfile only an engine can show:", *(f"- {each}" for each in UNTESTED), sep="\n")


def started(file: pathlib.Path, process: subprocess.Popen[str]) -> dict[str, t.Any]:
    """Return what the emulator writes once it listens."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        if file.exists() and os.path.getsize(file):
            found: dict[str, t.Any] = json.loads(file.read_text(encoding="utf-8"))
            return found
        time.sleep(0.1)
    pytest.fail(f"It did not start: {process.poll()}")
