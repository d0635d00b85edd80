# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One ARM resource: how it should be, how it is, and the smallest step between the two."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from .._azure.kinds import Kind
from .._documents.compare import PLAIN, UNKNOWN, Document, Rules, at, difference, merge, overlay_tags, paths, prune, stripped
from .._documents.ids import ResourceId
from .._documents.limits import Claim
from .._documents.states import spelled
from .._errors import OptionError, Problem
from .step import Known, Observed, Plan, Step

if t.TYPE_CHECKING:
    import typing_extensions as te

    from .._azure.clock import Waiting
    from .._azure.world import World

__all__ = ["Known", "Leaving", "Observed", "Plan", "Resource", "Step", "below", "or_unknown", "rendered"]

_READ_ONLY = ("id", "name", "type", "etag", "systemData", "properties.provisioningState")


_Observation: t.TypeAlias = "type[Observed]"


class _Sealed(type):
    """Seal resources after construction: the desired state does not change, and observations are not part of it."""

    def __call__(cls, *arguments: t.Any, **keywords: t.Any) -> t.Any:
        """Make a resource."""
        made = super().__call__(*arguments, **keywords)
        object.__setattr__(made, "_made", True)
        return made


class Resource(metaclass=_Sealed):
    """Base of all resource types. Subclasses declare what they are and say how options become an ARM document.

    A resource holds the desired state and nothing observed; no attribute changes after construction.

    desired: the desired ARM document, None if the resource should be absent; parts that are None are left as they are.
    needs: resources that must be as asked before this one is written (and go after it when they are removed).
    after: resources that are done before this one, whatever becomes of them.
    leaving: other resources that the same run removes; they do not block the removal of this one.
    born: what a new resource gets in addition, while an existing one keeps its own.
    spelling: the options that set dotted paths of the document, and keywords of the class, for messages; see _spelling.
    """

    kind: t.ClassVar[Kind]
    type: t.ClassVar[str]  # of the kind
    title: t.ClassVar[str]  # of the kind
    key: t.ClassVar[str]
    observation: t.ClassVar[_Observation] = Observed
    # How properties compare, by dotted path; see compare.Rules. Sources of absent are next to each entry.
    ordered: t.ClassVar[tuple[str, ...]] = ()
    caseless: t.ClassVar[tuple[str, ...]] = ()
    absent: t.ClassVar[dict[str, t.Any]] = {}
    # Dotted paths with values that Azure returns but does not accept in an update, which leaves them out.
    refused: t.ClassVar[dict[str, t.Any]] = {}
    # Dotted paths of what Azure alone writes, in addition to what every resource has; a list on the way means each of its items. Azure has
    # refused bodies with such properties. Source: readOnly in the OpenAPI documents, and what recorded answers have beyond them.
    read_only: t.ClassVar[tuple[str, ...]] = ()
    # Dotted paths of other resources: only their ids are this one's.
    references: t.ClassVar[tuple[str, ...]] = ()
    # Where a write names the state it was made from: Microsoft.Network looks into the body, private DNS at If-Match.
    etag_in: t.ClassVar[t.Literal["body", "header"] | None] = None
    # Dotted paths that Azure cannot change in place.
    fixed: t.ClassVar[tuple[str, ...]] = ()
    replaceable: t.ClassVar[bool] = False
    # Whether a write locks others out, so that what allows it is read again right before it, and from no list of the run's beginning.
    proves: t.ClassVar[bool] = False
    # The api-version at which a replacement is validated beforehand, for types that can be replaced.
    validated_as: t.ClassVar[str | None] = None
    # Dotted paths that Azure takes and need not return, so that their absence says nothing.
    unreturned: t.ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **keywords: t.Any) -> None:
        super().__init_subclass__(**keywords)
        if "kind" in vars(cls):
            cls.type, cls.title = cls.kind.type, cls.kind.title

    def __init__(
        self,
        resource_id: ResourceId,
        desired: Document | None,
        *,
        tags: dict[str, str] | None = None,
        append_tags: bool = True,
        needs: t.Sequence[Resource] = (),
        after: t.Sequence[Resource] = (),
        leaving: t.Sequence[Leaving] = (),
        allow_replace: bool = False,
        born: Document | None = None,
        spelling: t.Mapping[str, str] | None = None,
    ) -> None:
        self.id = resource_id
        self.desired = None if desired is None else t.cast(Document, prune(desired))
        self.tags = tags
        self.append_tags = append_tags
        self.needs = tuple(needs)
        self.after = tuple(after)
        self.allow_replace = allow_replace
        self.born = born or {}
        self.spelling = dict(spelling or {})
        self.leaving = tuple(leaving)

    def __setattr__(self, name: str, value: t.Any) -> None:
        if "_made" in vars(self):
            raise AttributeError(f"a resource does not change once it is made: {name}")
        object.__setattr__(self, name, value)

    def having(self, **attributes: t.Any) -> te.Self:
        """Return the same desired resource with other attributes, such as the id of where it belongs, or its needs."""
        other = copy.copy(self)
        for name, value in attributes.items():
            object.__setattr__(other, name, value)
        return other

    # --- who it is ---

    @property
    def is_removal(self) -> bool:
        """Return whether the resource, or a part of it, is removed: its dependents are then removed first."""
        return self.desired is None

    @property
    def label(self) -> str:
        """Return the name of this resource in messages, as requested."""
        return self.label_of(self.id)

    def label_of(self, found: ResourceId) -> str:
        """Return the name of the resource in messages, at the place where it was found."""
        group = f" of resource group '{found.resource_group}'" if found.resource_group else ""
        return f"{self.title} '{found.name}'{group}"

    # --- how it is ---

    def found(self, document: Document | None, **beside: t.Any) -> Observed:
        """Return an observation of the resource at its requested id."""
        return self.observation(self.id, document, **beside)

    def read(self, world: World, known: Known) -> Observed:
        """Read the resource. known: the state of its needs, for those that are part of the run."""
        return self.found(self.fetch(world, self.id))

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read the resource again at the place where the first read of the run, first, found it."""
        return self.read(world, known)

    def fetch(self, world: World, resource_id: ResourceId) -> Document | None:
        """Return the ARM document at an id, None if there is none."""
        return world.get(self.kind, resource_id, doing=f"read {self.label_of(resource_id)}")

    def provisioning_state(self, document: Document | None) -> str:
        """Return the provisioning state of the resource, 'Succeeded' if Azure returns none."""
        return str(spelled(at(document, "properties.provisioningState")) or "Succeeded")

    # --- how it should be ---

    @classmethod
    def rules(cls) -> Rules:
        """Return how documents of this type compare."""
        return Rules(cls.ordered, cls.caseless, cls.absent)

    def wanted(self, observed: Observed) -> Document:
        """Return the desired document, given what exists. Only here may the desired document depend on what exists."""
        desired = copy.deepcopy(self.desired or {})
        tags = overlay_tags((observed.document or {}).get("tags"), self.tags, self.append_tags)
        if tags is not None and (tags or observed.document):
            desired["tags"] = tags
        return desired

    def defaults(self, observed: Observed) -> Document:
        """Return the defaults of a new resource; an existing one keeps its own settings."""
        return {}

    def defaults_hold(self, observed: Observed) -> bool:
        """Return whether a new resource has the values that defaults() sent; a recovered one keeps its own."""
        return True

    def canonical(self, observed: Observed) -> Document:
        """Return the existing document in the form that wanted() uses, for comparison only."""
        return observed.document or {}

    # --- the step between ---

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Return the smallest change from the current to the desired state."""
        actual = observed.document
        if self.desired is None:
            return Plan("delete", before=self.remains(observed), etag=actual.get("etag")) if actual else Plan("none")
        desired = self.wanted(observed)
        if actual is None:
            requested = merge(merge(self.defaults(observed), self.born), desired)
            return Plan("create", after=requested, body=self.body(requested))
        current = self.canonical(observed)
        before, after = self._tag_removals(current, desired, *difference(current, desired, self.rules()))
        if self.provisioning_state(actual) in ("Failed", "Canceled"):
            before = merge(before, {"properties": {"provisioningState": self.provisioning_state(actual)}})
            after = merge(after, {"properties": {"provisioningState": "Succeeded"}})
        if not after:
            return Plan("none")
        stuck = [path for path in self.fixed if any(f"{changed}.".startswith(f"{path}.") for changed in paths(after))]
        if stuck:
            return self._replacement(observed, current, desired, stuck)
        return Plan("update", before, after, self.body(_combined(current, desired, self.rules())), actual.get("etag"))

    def is_provisional(self, plan: Plan) -> bool:
        """Return whether a plan has to be made again after a need was written: it contains values that only Azure knows."""
        return UNKNOWN in str(plan.body)

    def renewal(self, observed: Observed, known: Known) -> Plan:
        """Return the step for a parent that is deleted and recreated: this resource is deleted with it and recreated as requested."""
        return self.plan(observed.with_document(None), known)

    def remains(self, observed: Observed) -> Document:
        """Return what a diff shows of a deleted resource: its id, and all that was set of it, without what only Azure writes."""
        document = observed.document or {}
        was_set = Resource.body(self, document) if document else {}
        return {
            "id": document.get("id", str(observed.id)),
            **{name: value for name, value in was_set.items() if value not in (None, {}, [])},
        }

    def left_by_deletion(self) -> Document:
        """Return what a diff shows otherwise of a resource whose deletion went half the way, such as one that was not purged."""
        return {}

    def is_leaving(self, resource_id: str) -> bool:
        """Return whether the same run removes another resource before this one: by itself or with its parent."""
        own, other = f"{self.id}/".casefold(), f"{resource_id}/".casefold()
        going = (f"{each.id}/".casefold() for each in self.leaving)
        return any(other.startswith(each) and not own.startswith(each) for each in going)

    def _tag_removals(self, current: Document, desired: Document, before: Document, after: Document) -> tuple[Document, Document]:
        """Tags are the only mapping that is replaced as a whole: an unwanted tag is a difference too."""
        gone = {name: value for name, value in (current.get("tags") or {}).items() if "tags" in desired and name not in desired["tags"]}
        if not gone:
            return before, after
        return merge(before, {"tags": gone}), merge({"tags": {}}, after)

    def body(self, document: Document) -> Document:
        """Return a merged document without the properties that only Azure writes. Everything else that was read stays, even if unknown."""
        refused = [path for path, value in self.refused.items() if at(document, path) == value]
        return stripped(document, (*_READ_ONLY, *self.read_only, *refused), self.references)

    def _replacement(self, observed: Observed, current: Document, desired: Document, stuck: list[str]) -> Plan:
        if self.replaceable and self.allow_replace and not observed.adopted:
            return self.replacement(observed, desired)
        parts = "; ".join(
            f"{self.option_of(path)} is {rendered(at(current, path))}, requested {rendered(at(desired, path))}" for path in stuck
        )
        hint = (
            self.adopted_hint(observed)
            if observed.adopted
            else f"Set {self.switch_of('allow_replace')} to delete and recreate it, or set the option to the current value."
            if self.replaceable
            else "Set the option to the current value, or delete it manually and run again."
        )
        raise Problem(
            f"Azure cannot change {self.label_of(observed.id)} in place: {parts}",
            code="CannotChangeInPlace",
            resource_id=str(observed.id),
            hint=hint,
        )

    def adopted_hint(self, observed: Observed) -> str:
        """Return the hint for an adopted resource that would have to be deleted although it was not named."""
        return f"It was found by its target and subnet, not by its name: set {self.option_of('name')} to '{observed.id.name}' to change it."

    def replacement(self, observed: Observed, desired: Document) -> Plan:
        """Return the plan that deletes and recreates the resource and keeps its other settings; the diff shows everything deleted."""
        actual = observed.document or {}
        kept = merge(self.defaults(observed), self.kept_when_replaced(observed))
        body = self.body(_combined(kept, self.replacement_document(desired), self.rules()))
        gone = stripped(actual, ("etag", "systemData"))
        return Plan("replace", gone, {"deletedAndCreatedAgain": True, **body}, body, actual.get("etag"), keeps=True)

    def option_of(self, what: str) -> str:
        """Return the option that sets a dotted path of the document or a keyword of the class; itself where no option does."""
        return self.spelling.get(what, what)

    def switch_of(self, what: str) -> str:
        """Return the setting that turns a keyword of the class on, such as allow_replace: true; a spelling may hold the value, too."""
        option = self.option_of(what)
        return option if ": " in option else f"{option}: true"

    def refusal(self, what: str, message: str, *, resource_id: str | None = None) -> OptionError:
        """Return the error for a value that cannot be right. what: its path or keyword; message: without the option's name."""
        return OptionError(self.option_of(what), message, resource_id=resource_id)

    def replacement_document(self, desired: Document) -> Document:
        """Return the desired document for a replacement, which is new."""
        return desired

    def kept_when_replaced(self, observed: Observed) -> Document:
        """Return what a replacement keeps of the resource it replaces."""
        tags = (observed.document or {}).get("tags")
        return {"tags": tags} if tags else {}

    # --- in Azure ---

    def check(self, world: World, observed: Observed, plan: Plan, rehearsal: bool) -> t.Sequence[Claim] | None:
        """Refuse a plan that cannot work, before the first write (in check mode needs may be missing); return its claims on limits."""
        return None

    def write(self, world: World, observed: Observed, plan: Plan) -> Waiting[Observed]:
        """Send the document, with pauses while the operation is in flight; return its answer, which may hold no document."""
        doing = f"{'create' if plan.action == 'replace' else plan.action} {self.label_of(observed.id)}"
        body = {**plan.body, "etag": plan.etag} if self.etag_in == "body" and plan.action == "update" and plan.etag else plan.body
        return observed.with_document((yield from world.put(self.kind, observed.id, body, doing=doing, headers=self.conditions(plan))))

    def delete(self, world: World, observed: Observed, plan: Plan) -> Waiting[None]:
        """Delete the resource, with pauses while the operation is in flight."""
        yield from world.delete(self.kind, observed.id, doing=f"delete {self.label_of(observed.id)}", headers=self.conditions(plan))

    def conditions(self, plan: Plan) -> dict[str, str]:
        """Return If-Match or If-None-Match headers, for types that several writers share."""
        if self.etag_in != "header" or plan.action == "replace":
            return {}
        return {"If-Match": plan.etag} if plan.etag else {"If-None-Match": "*"} if plan.action == "create" else {}

    def settled(self, observed: Observed) -> bool:
        """Return whether Azure has finished its work on the resource, beyond the long-running operation."""
        return self.provisioning_state(observed.document) in ("Succeeded", "Failed", "Canceled")

    # --- what a task returns ---

    def predicted(self, observed: Observed, plan: Plan) -> Document:
        """Return the document as it would be after the plan."""
        if plan.action == "delete" or self.desired is None:
            return {}
        if plan.action == "none":
            return observed.document or {}
        document = _combined({} if plan.action == "replace" else observed.document or {}, plan.body)
        return {"id": str(observed.id), "name": observed.id.name, "type": self.type, **document}

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return the facts that later tasks need besides the id; exists is False for a planned resource with a predicted document."""
        return {}


@dataclasses.dataclass(frozen=True)
class Leaving:
    """A resource that the same run removes. network: of a virtual network link that is found by its network, the network's id."""

    id: ResourceId
    network: str | None = None


def _combined(current: Document, desired: Document, rules: Rules = PLAIN) -> Document:
    """Merge the desired document over the current one; desired tags replace all tags."""
    document: Document = merge(current, desired, rules)
    return {**document, "tags": desired["tags"]} if "tags" in desired else document


def below(path: str, *paths_below: str) -> tuple[str, ...]:
    """Return dotted paths that begin at another one."""
    return tuple(f"{path}.{each}" for each in paths_below)


def rendered(value: t.Any) -> str:
    """Return a value as a message shows it."""
    return "not set" if value in (None, [], {}, "") else f"'{value}'" if isinstance(value, str) else repr(value)


def or_unknown(value: t.Any, exists: bool) -> t.Any:
    """Return a value, or the word for what only Azure can know where the resource does not exist yet."""
    return value if exists or value else UNKNOWN
