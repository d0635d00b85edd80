# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles around a closing do and say where a probe says no, where a play ignores errors, and in check mode by keyword."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import typing as t

import pytest

from integration import test_public_access
from integration.emulation import Json
from integration.landscape import GROUP, Landscape
from integration.running import Controller, Done, Run, task
from integration.test_public_access import LOOKUPS, NO, PYTHON, YES

pytestmark = pytest.mark.long

working = test_public_access.working
IGNORED: Json = {"ignore_errors": True}
REHEARSED: Json = {"check_mode": True}
PERIMETER = "SecuredByPerimeter"
OWN_DNS: Json = {"properties": {"dhcpOptions": {"dnsServers": ["10.1.200.4"]}}}


@dataclasses.dataclass(frozen=True)
class Case:
    """A role with what is put around it, what the probe host says each time, and what is true afterwards.

    public: how public access is then. told: words of the summary. untold: words that would not be true.
    """

    role: str
    public: str
    told: tuple[str, ...]
    untold: tuple[str, ...] = ()
    apply: Json = dataclasses.field(default_factory=dict)
    says: tuple[Json, ...] | None = None
    variables: Json = dataclasses.field(default_factory=dict)
    servers: bool = False


LOST = ("does not resolve on this host",)
CASES = {
    "rollout, no": Case("private_vault", "Enabled", ("public access     Enabled", *LOST), apply=IGNORED, says=(NO, NO)),
    "rollout, no, own servers": Case("private_vault", "Enabled", ("public access     Enabled", *LOST), (), IGNORED, (NO, NO), servers=True),
    "rollout, lost": Case(
        "private_vault", "Enabled", ("public access     Enabled", "not proven: ", *LOST), ("reached",), IGNORED, (YES, NO)
    ),
    "rollout, yes": Case("private_vault", "Disabled", ("public access     Disabled", "is reached"), says=(YES, YES), servers=True),
    "rollout, perimeter, no": Case("private_vault", "Enabled", LOST, (PERIMETER,), IGNORED, (NO, NO), {"public_network_access": PERIMETER}),
    "rollout, perimeter, yes": Case(
        "private_vault", PERIMETER, (f"public access     {PERIMETER}",), says=(YES, YES), variables={"public_network_access": PERIMETER}
    ),
    "rollout, rehearsed": Case(
        "private_vault", "Enabled", ("would be Disabled", "check mode, nothing was written"), apply=REHEARSED, says=()
    ),
    "cut-over, no": Case("existing_vault", "Enabled", ("would lose access:",), ("lost access",), IGNORED, (NO, NO)),
    "cut-over, lost": Case(
        "existing_vault", "Enabled", ("public access:    Enabled", "proof:            not proven: "), ("lost access",), IGNORED, (YES, NO)
    ),
    "cut-over, yes": Case("existing_vault", "Disabled", ("public access:    Disabled, Enabled before", "lost access:"), says=(YES, YES)),
    "cut-over, rehearsed": Case("existing_vault", "Enabled", ("would be Disabled", "would lose access:"), apply=REHEARSED, says=()),
    "request, rehearsed": Case("request", "Enabled", ("would be Pending", "check mode, nothing was written"), apply=REHEARSED),
    "waiting, rehearsed": Case("await_approval", "Enabled", ("check mode, nothing was written",), apply=REHEARSED),
    "fleet of none": Case("private_vaults", "Enabled", ("no vault to prove",), ("proven for all",)),
    "fleet that goes": Case(
        "private_vaults",
        "Enabled",
        ("1 would be changed", "no vault to prove"),
        ("not proven",),
        REHEARSED,
        None,
        {"vaults": {"shop-till": {"state": "absent"}}},
    ),
    "fleet, rehearsed": Case(
        "private_vaults", "Enabled", ("1 would be changed", "not proven yet for 1"), (), REHEARSED, None, {"vaults": {"new-vault": {}}}
    ),
}


def variables_of(case: Case, landscape: Landscape, probe: str) -> Json:
    """Return the variables of the role, with its prefix."""
    settings = {"resource_group": GROUP, "location": "westeurope", "subnet_id": landscape.subnet, "zone_id": landscape.zone}
    probed = {"probe_host": probe, "probe_timeout": 1} if case.says is not None else {}
    given: dict[str, tuple[str, Json]] = {
        "private_vault": ("private_vault_", {**settings, "name": "shop-vault", "endpoint_name": "shop-endpoint", **probed}),
        "existing_vault": (
            "existing_",
            {
                "vault_id": landscape.vault,
                "subnet_id": landscape.subnet,
                "zone_id": landscape.zone,
                "endpoint_name": "shop-endpoint",
                **probed,
            },
        ),
        "request": ("request_", {"vault_id": landscape.vault, "subnet_id": landscape.others, "resource_group": GROUP, "name": "another"}),
        "await_approval": ("await_", {"endpoint_id": landscape.endpoint, "zone_id": landscape.zone}),
        "private_vaults": ("private_vaults_", {"defaults": settings, "vaults": {}}),
    }
    prefix, values = given[case.role]
    return {f"{prefix}{name}": value for name, value in {**values, **case.variables}.items()}


def steps(name: str, case: Case, landscape: Landscape, working: pathlib.Path) -> t.Iterator[Json]:
    """Return the tasks of a case: bring the landscape back, run the role, and read the vault."""
    directory = working.parent / name.replace(" ", "-").replace(",", "")
    (directory / "says").mkdir(parents=True)
    for turn, said in enumerate(case.says or ()):
        (directory / "says" / str(turn)).write_text(json.dumps(said), encoding="utf-8")
    (directory / "python").write_text(PYTHON.format(directory=directory / "says"), encoding="utf-8")
    (directory / "python").chmod(0o755)
    (directory / "change").write_text(json.dumps(OWN_DNS), encoding="utf-8")
    host = {"name": directory.name, "ansible_connection": "local", "ansible_python_interpreter": str(directory / "python")}
    prepared = ["POST reset", f"PUT state {working}"]
    prepared += [f"PATCH resource?id={landscape.network} {directory / 'change'}"] if case.servers else []
    include = {"name": f"privatelink.azure.{case.role}", **({"apply": case.apply} if case.apply else {})}
    rescue = [{"name": "Go on", "ansible.builtin.debug": {"msg": "It failed."}}]
    included = {"name": "Include", "ansible.builtin.include_role": include, "vars": variables_of(case, landscape, directory.name)}
    yield {"name": "Name the host", "ansible.builtin.add_host": host}
    yield {"name": name, "ansible.builtin.debug": {"msg": f"{{{{ lookup('emulator', {', '.join(map(repr, prepared))}) }}}}"}}
    yield {"name": "Try", "block": [included], "rescue": rescue}
    yield {"name": "Vault", "ansible.builtin.debug": {"msg": f"{{{{ lookup('emulator', 'GET resource?id={landscape.vault}') }}}}"}}


@pytest.fixture(scope="module")
def run(controller: Controller, landscape: Landscape, working: pathlib.Path) -> Run:
    """All cases in one play: what a case registers is there in the next one, and must not be taken for its own."""
    return controller.tasks(*(step for name, case in CASES.items() for step in steps(name, case, landscape, working)), env=LOOKUPS)


def tasks_of(run: Run, name: str) -> list[Done]:
    """Return the tasks of a case."""
    first = next(number for number, done in enumerate(run.tasks) if done.name == name)
    last = next(number for number, done in enumerate(run.tasks) if number > first and done.name == "Vault")
    return run.tasks[first : last + 1]


@pytest.mark.parametrize("name", CASES)
def test_only_what_a_probe_proves_is_closed_and_nothing_is_told_that_is_not_so(name: str, run: Run) -> None:
    case, tasks = CASES[name], tasks_of(run, name)
    assert tasks[-1]["msg"]["properties"]["publicNetworkAccess"] == case.public, run.output[-3000:]
    (shown,) = [done["msg"] for done in tasks if done.name.endswith(": Show the summary")]
    summary = "\n".join(shown)
    assert all(words in summary for words in case.told), summary
    assert not any(words in summary for words in case.untold), summary
    published = [done["ansible_stats"]["data"] for done in tasks if done.name.endswith(": Publish workflow statistics")]
    assert len(published) == 1
    if "privatelink_public_network_access" in published[0]:
        assert published[0]["privatelink_public_network_access"] == ("Disabled" if case.apply == REHEARSED else case.public)
    if case.says and NO in case.says:
        assert published[0]["privatelink_proven"] is False
    if case.apply == REHEARSED:
        assert not any(done.writes for done in tasks)


def test_an_address_of_an_endpoint_that_one_side_rejected_is_foreign(
    controller: Controller, landscape: Landscape, working: pathlib.Path
) -> None:
    """Half of the callers would get an address at which nobody listens."""
    azure = landscape.emulation
    azure.control("PUT", "state", json.loads(working.read_text(encoding="utf-8")))
    second = landscape.endpoint.replace("shop-endpoint", "shop-second")
    closing = {"vault_id": landscape.vault, "endpoint_id": landscape.endpoint}
    controller.tasks(task("keyvault_private_endpoint", id=second, vault_id=landscape.vault, subnet_id=landscape.others)).succeeded()
    addresses = [{"ipv4Address": address} for address in ("10.1.0.4", "10.1.1.4")]
    azure.overlay(f"{landscape.zone}/A/shop-vault", {"properties": {"aRecords": addresses}})
    both = controller.tasks(task("keyvault_public_network_access", **closing, keywords={"check_mode": True})).succeeded()
    assert both.tasks[0]["proven"] and not both.tasks[0]["foreign_addresses"]
    connection = azure.resource(second)["properties"]["privateLinkServiceConnections"][0]
    connection["properties"]["privateLinkServiceConnectionState"]["status"] = "Rejected"
    azure.overlay(second, {"properties": {"privateLinkServiceConnections": [connection]}})
    refused = controller.tasks(task("keyvault_public_network_access", **closing))
    assert refused.rc == 2 and refused.tasks[0]["foreign_addresses"] == ["10.1.1.4"]
    assert azure.resource(landscape.vault)["properties"]["publicNetworkAccess"] == "Enabled"
