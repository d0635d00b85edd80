# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The private paths of vaults as a virtual machine sees them, asked through Azure's run command: no login, only rights on the machine."""

from __future__ import annotations

import dataclasses
import ssl
import typing as t

from .._azure.clock import Pace, driven
from .._azure.kinds import INTERFACE, VIRTUAL_MACHINE
from .._documents import probe_scripts
from .._documents.compare import Document, at
from .._documents.ids import SUBNET, ResourceId
from .._errors import ArmError, Problem, WaitTimeout, echoed
from .._probe import NETWORK_INFO, Answer, Fault, probe
from .._probes import Target, summary, unproven

if t.TYPE_CHECKING:
    from .._azure.clock import Clock
    from .._azure.world import World

_COMMANDS: dict[str, tuple[str, t.Callable[[t.Sequence[str]], str]]] = {
    "linux": ("RunShellScript", probe_scripts.linux),
    "windows": ("RunPowerShellScript", probe_scripts.windows),
}
_LONGEST_REASON = 300
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 20.0


@dataclasses.dataclass(frozen=True)
class Machine:
    """A virtual machine that runs scripts. os_type: linux or windows. network_id: its virtual network, None if that cannot be read."""

    id: ResourceId
    os_type: str
    network_id: str | None = None

    @property
    def label(self) -> str:
        """Return how messages call it."""
        return f"virtual machine '{self.id.name}'"

    @property
    def command(self) -> str:
        """Return the id of the command that runs a script there."""
        return _COMMANDS[self.os_type][0]

    def script(self, targets: t.Sequence[Target]) -> str:
        """Return the script that probes vaults there."""
        return _COMMANDS[self.os_type][1]([target.host for target in targets])


def machine_of(world: World, vm_id: ResourceId) -> Machine:
    """Return a virtual machine, read to learn what it runs on."""
    document = world.get(VIRTUAL_MACHINE, vm_id)
    if document is None:
        raise Problem(
            f"Virtual machine '{vm_id}' was not found", code="ResourceNotFound", resource_id=str(vm_id), hint="Correct the option vm_id."
        )
    told = at(document, "properties.storageProfile.osDisk.osType")
    by_profile = next((name for name in _COMMANDS if at(document, f"properties.osProfile.{name}Configuration") is not None), None)
    os_type = told.casefold() if isinstance(told, str) else by_profile
    if os_type not in _COMMANDS:
        raise Problem(
            f"Virtual machine '{vm_id.name}' does not say whether it runs Linux or Windows",
            code="UnknownOperatingSystem",
            resource_id=str(vm_id),
            hint="Pass another virtual machine of the network.",
        )
    return Machine(vm_id, os_type, _network_id(world, document))


def _network_id(world: World, machine: Document) -> str | None:
    """Return the network of a machine's primary interface. It makes the result say more, and is no right that a probe needs."""
    interfaces = [each for each in at(machine, "properties.networkProfile.networkInterfaces") or [] if isinstance(each, dict)]
    chosen = [each for each in interfaces if at(each, "properties.primary") is True] or interfaces
    interface_id = ResourceId.parse(str(chosen[0].get("id"))) if len(chosen) == 1 else None
    if interface_id is None:
        return None
    try:
        interface = world.get(INTERFACE, interface_id)
    except ArmError as error:
        if error.status not in (401, 403):
            raise
        return None
    subnets = [ResourceId.parse(str(at(each, "properties.subnet.id"))) for each in at(interface, "properties.ipConfigurations") or []]
    networks = {str(subnet.parent) for subnet in subnets if subnet is not None and subnet.is_type(SUBNET)}
    return networks.pop() if len(networks) == 1 else None


class Probing:
    """Runs the scripts on one machine, one at a time, until there is a result for each vault."""

    def __init__(self, world: World, machine: Machine, targets: t.Sequence[Target]) -> None:
        self._world = world
        self._machine = machine
        self._targets = targets
        self._found: dict[int, Document] = {}
        self._commands = 0
        self._is_cut = False

    def report(self) -> Document:
        """Probe them all, and return what was found."""
        left, at_once = list(range(len(self._targets))), probe_scripts.AT_ONCE
        while left:
            asked = left[:at_once]
            answered, why = self._asked(asked)
            if not answered:
                self._give_up(left, why)
                break
            left = [number for number in left if number not in self._found]
            if missing := len(asked) - answered:
                self._is_cut = True
                at_once = max(1, min(missing, answered))
        results = [self._targets[number].shown(self._found[number]) for number in sorted(self._found)]
        network = self._machine.network_id
        results = [{**each, "virtual_network_id": network} for each in results]
        more = {"results": results, "virtual_network_id": network, "commands": self._commands, "truncated": self._is_cut}
        return {**summary(results, self._machine.label), **more}

    def _asked(self, numbers: t.Sequence[int]) -> tuple[int, str]:
        """Run one script; return how many of its vaults have a result now, and what else the script said."""
        targets = [self._targets[number] for number in numbers]
        try:
            text = probe_scripts.said(run_script(self._world, self._machine, self._machine.script(targets)))
        except WaitTimeout as error:
            if not self._found:
                raise
            return 0, error.message
        self._commands += 1
        found = probe_scripts.lines(text, len(targets))
        for index, line in found.items():
            self._found[numbers[index]] = judged(targets[index], line, self._world.clock, self._machine.label)
        return len(found), text

    def _give_up(self, numbers: t.Sequence[int], why: str) -> None:
        reason = " ".join(why.split())[-_LONGEST_REASON:] or "it wrote nothing"
        for number in numbers:
            what = f"The script on {self._machine.label} returned nothing about '{self._targets[number].host}' ({reason.rstrip('.')})"
            fault = Fault("NotProbed", what, "Check that the machine runs, that its agent is ready, and that it has python3 or curl.")
            self._found[number] = {**unproven(fault), "asked_with": None}


def run_script(world: World, machine: Machine, script: str) -> Document:
    """Run a script on a machine, after whatever else runs there by run command, and return the answer."""
    body: Document = {"commandId": machine.command, "script": script.splitlines()}
    pace = Pace(_FIRST_PAUSE, _LONGEST_PAUSE)
    while True:
        try:
            return driven(world.act(VIRTUAL_MACHINE, machine.id, "runCommand", body, doing=f"run a script on {machine.label}"), world.clock)
        except ArmError as error:
            error.resource_id = error.resource_id or str(machine.id)
            if error.code == "OperationNotAllowed":
                error.hint = "Start the virtual machine, and wait until its agent is ready."
            if error.status != 409 or error.code != "Conflict":
                raise
        world.clock.wait(pace.step(), f"another run command on {machine.label} to end")


def judged(target: Target, line: Document, clock: Clock, place: str) -> Document:
    """Return the result of a vault, judged as if this host had found what a line says."""
    answers = {answer["a"]: answer for answer in line.get("r", [])}

    def lookup(_host: str) -> Answer:
        if line.get("d") or not line.get("a"):
            raise OSError(str(line.get("d") or "no address"))
        return Answer(tuple(line["a"]), tuple(line.get("n", ())))

    def contact(_host: str, address: str, _seconds: float) -> tuple[int, t.Mapping[str, str]]:
        answer = answers.get(address, {"e": "net", "m": "it was not asked"})
        if "e" in answer:
            said = str(answer.get("m") or "no answer")
            raise ssl.SSLCertVerificationError(1, said) if answer["e"] == "tls" else ConnectionError(said)
        info = str(answer.get("i") or "")
        return answer["s"], {NETWORK_INFO: info} if info else {}

    found = probe(target.host, target.expected, clock, wait=False, lookup=lookup, asking=contact, place=place)
    return {**found, "asked_with": echoed(line.get("by") or "") or None}
