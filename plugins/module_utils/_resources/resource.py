# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One ARM resource: how it should be, how it is, and the smallest step between the two."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from .._documents.compare import PLAIN, UNKNOWN, Document, Rules, at, difference, merge, overlay_tags, paths, prune, stripped
from .._documents.ids import ResourceId
from .._documents.states import spelled
from .._errors import Problem

if t.TYPE_CHECKING:
    from .._azure.arm import Arm

Action = t.Literal["none", "create", "update", "replace", "delete"]
_READ_ONLY = ("id", "name", "type", "etag", "systemData", "properties.provisioningState")


@dataclasses.dataclass(frozen=True)
class Plan:
    """What one run will do to a resource. before and after hold only what differs; body is the document to send.

    etag: the state of the resource that the plan was made from, for types that several writers share.
    """

    action: Action
    before: Document = dataclasses.field(default_factory=dict)
    after: Document = dataclasses.field(default_factory=dict)
    body: Document = dataclasses.field(default_factory=dict)
    etag: str | None = None

    @property
    def changed(self) -> bool:
        """Tell whether anything will be written."""
        return self.action != "none"


class Resource:
    """Base of all resource types. Subclasses declare what they are and say how options become an ARM document.

    desired: the ARM document asked for, None if the resource should be absent; parts that are None were not asked for.
    needs: resources that must be as asked before this one is written (and go after it when they are removed).
    """

    type: t.ClassVar[str]
    title: t.ClassVar[str]
    key: t.ClassVar[str]
    operations: t.ClassVar[str]
    get_verb: t.ClassVar[str] = "get"
    put_verb: t.ClassVar[str] = "begin_create_or_update"
    delete_verb: t.ClassVar[str] = "begin_delete"
    # How properties compare, by dotted path; see compare.Rules. Sources of absent are next to each entry.
    ordered: t.ClassVar[tuple[str, ...]] = ()
    caseless: t.ClassVar[tuple[str, ...]] = ()
    absent: t.ClassVar[dict[str, t.Any]] = {}
    # Dotted paths with the values that Azure answers and refuses to be told again; an update leaves them out.
    refused: t.ClassVar[dict[str, t.Any]] = {}
    # Dotted paths of what Azure alone writes, in addition to what every resource has; a list on the way means each of its items. Azure has refused
    # bodies with such properties. Source: readOnly in the OpenAPI documents, and what recorded answers have beyond them.
    read_only: t.ClassVar[tuple[str, ...]] = ()
    # Dotted paths of other resources: only their ids are this one's.
    references: t.ClassVar[tuple[str, ...]] = ()
    # Where a write names the state it was made from: Microsoft.Network looks into the body, private DNS at If-Match.
    etag_in: t.ClassVar[t.Literal["body", "header"] | None] = None
    # Dotted paths that Azure cannot change in place, with the option that sets each.
    fixed: t.ClassVar[dict[str, str]] = {}
    replaceable: t.ClassVar[bool] = False
    # The api-version at which a replacement is validated beforehand, for types that can be replaced.
    validated_as: t.ClassVar[str | None] = None
    # Dotted paths that Azure takes and need not return, so that their absence says nothing.
    unreturned: t.ClassVar[frozenset[str]] = frozenset()
    # Whether a new resource has what defaults() sent; a recovered one has its own.
    defaults_hold = True

    def __init__(
        self,
        resource_id: ResourceId,
        desired: Document | None,
        *,
        tags: dict[str, str] | None = None,
        append_tags: bool = True,
        needs: t.Sequence[Resource] = (),
        allow_replace: bool = False,
    ) -> None:
        self.id = resource_id
        self.desired = None if desired is None else t.cast(Document, prune(desired))
        self.tags = tags
        self.append_tags = append_tags
        self.needs = tuple(needs)
        self.allow_replace = allow_replace
        # What else goes in the same run, and so does not hold back the removal of this one.
        self.leaving: tuple[Resource, ...] = ()
        self.remarks: list[str] = []
        # Whether read() found the resource by what it relates to, under another name than was asked for.
        self.adopted = False
        self._again: Document | None = None

    # --- who it is ---

    @property
    def goes(self) -> bool:
        """Tell whether the resource, or a part of it, is to be removed: then what needs it goes first."""
        return self.desired is None

    @property
    def label(self) -> str:
        """Return how messages call this resource."""
        group = f" of resource group '{self.id.resource_group}'" if self.id.resource_group else ""
        return f"{self.title} '{self.id.name}'{group}"

    @property
    def lane(self) -> str:
        """Return what takes one write at a time: by default the resource itself."""
        return str(self.id).casefold()

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the positional arguments that the SDK's operations take before the body."""
        return self.arguments_for(self.id)

    @classmethod
    def arguments_for(cls, resource_id: ResourceId) -> tuple[str, ...]:
        """Return these arguments for any resource of the type."""
        return (str(resource_id.resource_group), *resource_id.names)

    def remark(self, sentence: str) -> None:
        """Have the task warn of something that is no failure, once."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    # --- how it is ---

    @classmethod
    def look(cls, arm: Arm, resource_id: ResourceId) -> Document | None:
        """Return the ARM document at an id of this type, None where there is none, for those who want nothing of it."""
        doing = f"read {cls.title} '{resource_id.name}'"
        return arm.find(resource_id.subscription, f"{cls.operations}.{cls.get_verb}", *cls.arguments_for(resource_id), doing=doing)

    def read(self, arm: Arm) -> Document | None:
        """Return the ARM document that exists, None where there is none."""
        return arm.find(self.id.subscription, f"{self.operations}.{self.get_verb}", *self.arguments, doing=f"read {self.label}")

    def provisioning_state(self, document: Document | None) -> str:
        """Return Azure's word for what it is doing to the resource, 'Succeeded' where it says nothing."""
        return str(spelled(at(document, "properties.provisioningState")) or "Succeeded")

    # --- how it should be ---

    @classmethod
    def rules(cls) -> Rules:
        """Return how documents of this type compare."""
        return Rules(cls.ordered, cls.caseless, cls.absent)

    def wanted(self, actual: Document | None) -> Document:
        """Return the document asked for, given what exists. Only here may the wish depend on what is there."""
        wish = copy.deepcopy(self.desired or {})
        tags = overlay_tags((actual or {}).get("tags"), self.tags, self.append_tags)
        if tags is not None and (tags or actual):
            wish["tags"] = tags
        return wish

    def defaults(self) -> Document:
        """Return what a new resource gets although nobody asked; an existing one keeps its own."""
        return {}

    def canonical(self, actual: Document) -> Document:
        """Return the existing document in the writing that wanted() uses, for comparison only."""
        return actual

    # --- the step between ---

    def plan(self, actual: Document | None) -> Plan:
        """Return the smallest step from what exists to what was asked for."""
        if self.desired is None:
            return Plan("delete", before=self.remains(actual), etag=actual.get("etag")) if actual else Plan("none")
        if actual is None and self._again is not None:  # the half of a replacement is done, and only that plan knows what to keep
            return Plan("create", after=self._again, body=self._again)
        wish = self.wanted(actual)
        if actual is None:
            asked = merge(self.defaults(), wish)
            return Plan("create", after=asked, body=self.body(asked))
        held = self.canonical(actual)
        before, after = self._tag_removals(held, wish, *difference(held, wish, self.rules()))
        if self.provisioning_state(actual) in ("Failed", "Canceled"):
            before = merge(before, {"properties": {"provisioningState": self.provisioning_state(actual)}})
            after = merge(after, {"properties": {"provisioningState": "Succeeded"}})
        if not after:
            return Plan("none")
        stuck = [path for path in self.fixed if any(f"{changed}.".startswith(f"{path}.") for changed in paths(after))]
        if stuck:
            return self._replacement(actual, held, wish, stuck)
        return Plan("update", before, after, self.body(_combined(held, wish, self.rules())), actual.get("etag"))

    def renewal(self, actual: Document | None) -> Plan:
        """Return the step where what this resource is nested in is deleted and made again: it goes too, and comes back as asked for."""
        return self.plan(None)

    def remains(self, actual: Document | None) -> Document:
        """Return what a diff shows of a resource that goes."""
        return {"id": (actual or {}).get("id", str(self.id))}

    def is_leaving(self, resource_id: str) -> bool:
        """Tell whether another resource goes in the same run before this one: by itself, or with what it is nested in."""
        own, other = f"{self.id}/".casefold(), f"{resource_id}/".casefold()
        going = (f"{each.id}/".casefold() for each in self.leaving if each.desired is None)
        return any(other.startswith(each) and not own.startswith(each) for each in going)

    def _tag_removals(self, held: Document, wish: Document, before: Document, after: Document) -> tuple[Document, Document]:
        """Tags are the one mapping that is replaced as a whole: a tag that is no longer wanted is a difference too."""
        gone = {name: value for name, value in (held.get("tags") or {}).items() if "tags" in wish and name not in wish["tags"]}
        if not gone:
            return before, after
        return merge(before, {"tags": gone}), merge({"tags": {}}, after)

    def body(self, document: Document) -> Document:
        """Return a merged document without what Azure alone writes. Whatever else was read stays, known here or not."""
        refused = [path for path, value in self.refused.items() if at(document, path) == value]
        return stripped(document, (*_READ_ONLY, *self.read_only, *refused), self.references)

    def _replacement(self, actual: Document, held: Document, wish: Document, stuck: list[str]) -> Plan:
        if self.replaceable and self.allow_replace and not self.adopted:
            return self.replacement(actual, wish)
        parts = "; ".join(f"{self.option_of(path)} is {told(at(held, path))}, requested {told(at(wish, path))}" for path in stuck)
        hint = (
            self.adopted_hint
            if self.adopted
            else "Set allow_replace: true to delete and recreate it, or set the option to the current value."
            if self.replaceable
            else "Set the option to the current value, or delete it manually and run again."
        )
        raise Problem(
            f"Azure cannot change {self.label} in place: {parts}",
            code="CannotChangeInPlace",
            resource_id=str(self.id),
            hint=hint,
        )

    @property
    def adopted_hint(self) -> str:
        """Return what to do where something adopted would have to be deleted, which nobody named."""
        return f"It was found by its target and subnet, not by its name: set name to '{self.id.name}' to change it."

    def replacement(self, actual: Document, wish: Document) -> Plan:
        """Return the plan that deletes the resource and creates it again with all that was not mentioned; its diff shows in full what goes."""
        kept = merge(self.defaults(), self.kept_when_replaced(actual))
        self._again = self.body(_combined(kept, self.replacement_wish(wish), self.rules()))
        gone = stripped(actual, ("etag", "systemData"))
        return Plan("replace", gone, {"deletedAndCreatedAgain": True, **self._again}, self._again, actual.get("etag"))

    def option_of(self, path: str) -> str:
        """Return the name of the option that sets a fixed path."""
        return self.fixed[path]

    def replacement_wish(self, wish: Document) -> Document:
        """Return the wish as it is told to a replacement, which is new."""
        return wish

    def kept_when_replaced(self, actual: Document) -> Document:
        """Return what a replacement keeps of the resource it replaces."""
        return {"tags": actual["tags"]} if actual.get("tags") else {}

    # --- in Azure ---

    def check(self, arm: Arm, actual: Document | None, plan: Plan, rehearsal: bool) -> None:
        """Refuse a plan that cannot work, before the first write of the run. In a rehearsal what it needs may not exist yet."""

    def write(self, arm: Arm, plan: Plan) -> Document | None:
        """Send the document and wait for the operation; return what the operation answered."""
        doing = f"{'create' if plan.action == 'replace' else plan.action} {self.label}"
        body = {**plan.body, "etag": plan.etag} if self.etag_in == "body" and plan.action == "update" and plan.etag else plan.body
        return arm.call(
            self.id.subscription, f"{self.operations}.{self.put_verb}", *self.arguments, body, doing=doing, headers=self.conditions(plan)
        )

    def delete(self, arm: Arm, plan: Plan) -> None:
        """Delete the resource and wait for the operation."""
        doing = f"delete {self.label}"
        arm.call(self.id.subscription, f"{self.operations}.{self.delete_verb}", *self.arguments, doing=doing, headers=self.conditions(plan))

    def conditions(self, plan: Plan) -> dict[str, str]:
        """Return If-Match or If-None-Match headers, for types that several writers share."""
        if self.etag_in != "header" or plan.action == "replace":
            return {}
        return {"If-Match": plan.etag} if plan.etag else {"If-None-Match": "*"} if plan.action == "create" else {}

    def settled(self, document: Document) -> bool:
        """Tell whether Azure is done with the resource, beyond its long-running operation."""
        return self.provisioning_state(document) in ("Succeeded", "Failed", "Canceled")

    # --- what a task returns ---

    def predicted(self, actual: Document | None, plan: Plan) -> Document:
        """Return the document as it would be after the plan."""
        if plan.action == "delete" or self.desired is None:
            return {}
        if plan.action == "none":
            return actual or {}
        document = _combined({} if plan.action == "replace" else actual or {}, plan.body)
        return {"id": str(self.id), "name": self.id.name, "type": self.type, **document}

    def facts(self, arm: Arm, document: Document, exists: bool) -> Document:
        """Return the few facts that later tasks need, in addition to the id; exists is False for what is only planned."""
        return {}


def _combined(held: Document, wish: Document, rules: Rules = PLAIN) -> Document:
    """Lay the wish over what is there; wished tags are all tags."""
    document: Document = merge(held, wish, rules)
    return {**document, "tags": wish["tags"]} if "tags" in wish else document


def below(path: str, *paths_below: str) -> tuple[str, ...]:
    """Return dotted paths that begin at another one."""
    return tuple(f"{path}.{each}" for each in paths_below)


def told(value: t.Any) -> str:
    """Return a value as a message shows it."""
    return "not set" if value in (None, [], {}, "") else f"'{value}'" if isinstance(value, str) else repr(value)


def or_unknown(value: t.Any, exists: bool) -> t.Any:
    """Return a value, or the word for what only Azure can know where the resource does not exist yet."""
    return value if exists or value else UNKNOWN
