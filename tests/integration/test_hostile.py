# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Tasks against clouds that are silent, slow or endless, lead elsewhere, or answer nonsense; inside Ansible's worker and as module processes.
"""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from unit.plugins import hostile
from unit.plugins.hostile import Server

from integration.running import Controller, Run, task

pytestmark = pytest.mark.long

SECONDS = 2
SUBSCRIPTION = "a0000000-0000-4000-8000-0000000000aa"
# what the task is called: where the cloud is unpleasant, how, and code and words of the failure
CASES: dict[str, tuple[str, hostile.Behaviour, str, str]] = {
    "silent metadata": ("/metadata/", hostile.silence, "WaitTimeout", "timed out after 2 seconds"),
    "silent sign-in": ("/token", hostile.silence, "WaitTimeout", "timed out after 2 seconds"),
    "silent": ("/subscriptions", hostile.silence, "WaitTimeout", "timed out after 2 seconds without a response from"),
    "drip": ("/subscriptions", hostile.drip_body, "WaitTimeout", "timed out after 2 seconds"),
    "pages permanently": ("/subscriptions", hostile.pages_for_ever, "WaitTimeout", "timed out after 2 seconds"),
    "503": ("/subscriptions", hostile.refusal(503, "ServerBusy", "Busy."), "ServerBusy", "the last response was HTTP 503: Busy"),
    "throttle": (
        "/subscriptions",
        hostile.refusal(429, "TooManyRequests", "Slow.", Retry_After="60"),
        "TooManyRequests",
        "a pause of 60 seconds",
    ),
    "nothing": ("/subscriptions", lambda connection: connection.answer({}), "UnexpectedAnswer", "not one of Azure"),
    "a list": ("/subscriptions", lambda connection: connection.answer([5]), "UnexpectedAnswer", "not one of Azure"),
    "elsewhere": (
        "/subscriptions",
        lambda connection: connection.answer({}, 302, Location="https://localhost:1/x"),
        "UntrustedAddress",
        "nothing was sent there",
    ),
    "echo": (
        "/subscriptions",
        hostile.refusal(403, "AuthorizationFailed", f"Who is {hostile.TOKEN}?"),
        "AuthorizationFailed",
        "Who is ********",
    ),
}


@pytest.fixture(scope="module", params=["1", "0"], ids=["in-process", "module-process"])
def run(request: pytest.FixtureRequest, controller: Controller, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Run]:
    """Run all cases in one play, each against a cloud of its own."""
    directory = tmp_path_factory.mktemp("hostile")
    with hostile.servers(directory, len(CASES)) as found:
        tasks = [_look(name, server) for name, server in zip(CASES, found, strict=True)]
        tasks.append(_look("unchecked", found[-1], cert_validation_mode="ignore"))
        yield controller.tasks(*tasks, env=_environment(directory, request.param))


def _look(name: str, server: Server, **options: t.Any) -> dict[str, t.Any]:
    if name in CASES:
        server.behaviours = {CASES[name][0]: CASES[name][1], "/pages": hostile.pages_for_ever}
    who = {"client_id": "c", "secret": "s3cr3t", "tenant": hostile.TENANT, "subscription_id": SUBSCRIPTION, "cloud_environment": server.url}
    return task("private_dns_zone_info", name, wait_timeout=SECONDS, **who, **options, keywords={"ignore_errors": True})


def _environment(directory: pathlib.Path, direct: str) -> dict[str, str]:
    return {
        "REQUESTS_CA_BUNDLE": str(directory / "bundle.pem"),
        "SSL_CERT_FILE": str(directory / "bundle.pem"),
        "ANSIBLE_PRIVATELINK_DIRECT": direct,
    }


@pytest.mark.parametrize("name", CASES, ids=lambda name: name.replace(" ", "-"))
def test_a_task_ends_in_time_and_in_one_sentence(name: str, run: Run, request: pytest.FixtureRequest) -> None:
    done, (_place, _behaviour, code, said) = run.task(name), CASES[name]
    assert (done.failed, done["code"]) == (True, code), done.shown
    assert said in done["msg"] and "\n" not in done["msg"], done.shown
    assert "Traceback" not in str(done.result.get("exception"))
    # a module process has to start first, which takes long on a busy machine
    assert done.seconds < SECONDS + 4 or request.node.callspec.params["run"] == "0", done.seconds


def test_no_token_is_printed(run: Run) -> None:
    assert hostile.TOKEN not in run.output


def test_unchecked_certificates_are_warned_of(run: Run) -> None:
    assert [line for line in run.task("unchecked")["warnings"] if line.startswith("cert_validation_mode: ignore")]
    assert not any("warnings" in done.result for done in run.tasks if done.name != "unchecked")
