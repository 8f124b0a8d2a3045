"""The shape of the taxonomy's documents: every key known, every value checked where it stands."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from policy.errors import PolicyError
from policy.label import Level
from policy.regime import UNSETTLED, Basis, Certainty, Kind, Status
from policy.terms import term


def _level(text: str) -> str:
    try:
        return str(Level.parse(text))
    except PolicyError as error:
        raise ValueError(str(error)) from error


def _line(text: str) -> str:
    try:
        return term(text)
    except PolicyError as error:
        raise ValueError(str(error)) from error


def _sorted(texts: list[str]) -> list[str]:
    if len(set(texts)) != len(texts):
        raise ValueError("the list repeats a member")
    return texts


Id = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*\z")]
Ids = Annotated[list[Id], AfterValidator(_sorted)]
Code = Annotated[str, Field(pattern=r"^[A-Z]{2}\z")]
Codes = Annotated[list[Annotated[str, Field(pattern=r"^([A-Z]{2}|@[A-Z0-9-]{1,32})\z")]], Field()]
GroupId = Annotated[str, Field(pattern=r"^[A-Z0-9-]{1,32}\z")]
Line = Annotated[str, AfterValidator(_line)]
LevelText = Annotated[str, AfterValidator(_level)]
Threshold = Annotated[int, Field(ge=1, le=10**12)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TitleDoc(_Strict):
    """A title in both languages."""

    ja: Line
    en: Line


class TermDoc(_Strict):
    """An accreditation, obligation or count."""

    id: Id
    title: TitleDoc


class CategoryDoc(TermDoc):
    """A category with its floor, what it implies, and whether no record applies to it alone."""

    level: LevelText
    alone: bool = False
    implies: Ids = []


class GroupDoc(_Strict):
    """A named list of jurisdictions, written `@ID` in a bound."""

    id: GroupId
    title: TitleDoc
    codes: Annotated[list[Code], AfterValidator(_sorted), Field(min_length=1)]
    citation: Line
    certainty: Certainty


class GroundDoc(_Strict):
    """On what a constraint stands."""

    basis: Basis
    certainty: Certainty

    @model_validator(mode="after")
    def _unsettled_is_policy(self) -> Self:
        # "The law requires" must not be said of what nobody has read or what we inferred.
        if self.certainty in UNSETTLED and self.basis != "policy":
            raise ValueError(f"a constraint of certainty {self.certainty} has basis policy")
        return self


class ConstraintDoc(GroundDoc):
    """One constrained axis; without a citation of its own, the record's."""

    citation: Line | None = None


class BoundDoc(ConstraintDoc):
    """A constraint on jurisdictions; an empty `allowed` is nowhere."""

    allowed: Codes | None = None
    denied: Codes = []

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.allowed is None and not self.denied:
            raise ValueError("a bound allows or denies something")
        return self


class DemandDoc(ConstraintDoc):
    """A demand that any one of these accreditations meets."""

    one_of: Annotated[Ids, Field(min_length=1)]


class SuiteDoc(ConstraintDoc):
    """The least crypto suite."""

    floor: Literal["std", "gov"]


class EncryptionDoc(_Strict):
    """What encryption does to the scope of the regime."""

    effect: Literal["none", "mitigates", "removes_scope_if"]
    conditions: Ids = []

    @model_validator(mode="after")
    def _conditional(self) -> Self:
        if (self.effect == "none") == bool(self.conditions):
            raise ValueError("an effect other than none names its conditions, and none names none")
        return self


class RecordDoc(TermDoc):
    """One regime."""

    kind: Kind
    status: Status = "in-force"
    level: LevelText = "L0"
    integrity: Annotated[int, Field(ge=1, le=2)] = 1
    availability: Annotated[int, Field(ge=1, le=2)] = 1
    applies_to: Ids = []
    adds: Ids = []
    placement: BoundDoc | None = None
    transit: BoundDoc | None = None
    operators: BoundDoc | None = None
    key_holders: BoundDoc | None = None
    accreditations: list[DemandDoc] = []
    suite: SuiteDoc | None = None
    obligations: Ids = []
    encryption: EncryptionDoc = EncryptionDoc(effect="none")
    attests: Ids = []
    basis: Basis
    certainty: Certainty
    citation: Line
    review_required: bool = False
    note: Line | None = None

    @property
    def touches_labels(self) -> bool:
        """Whether anything in the record would change a label."""
        bounds = (self.placement, self.transit, self.operators, self.key_holders, self.suite)
        sets = (self.applies_to, self.adds, self.accreditations, self.obligations)
        high = self.integrity > 1 or self.availability > 1 or self.level != "L0"
        return high or any(sets) or any(bound is not None for bound in bounds)

    @model_validator(mode="after")
    def _effect_fits_kind(self) -> Self:
        if (self.kind != "data" or self.status == "watch") and self.touches_labels:
            raise ValueError("only data records in force may have an effect on labels")
        if self.kind != "provider" and self.attests:
            raise ValueError("only a provider record attests an accreditation")
        if self.status == "in-force" and self.certainty in UNSETTLED and self.basis != "policy":
            raise ValueError(f"a record in force of certainty {self.certainty} has basis policy")
        return self

    @model_validator(mode="after")
    def _refused_goes_nowhere(self) -> Self:
        bounds = (self.placement, self.transit, self.operators, self.key_holders)
        if self.level == "L5" and not all(bound and bound.allowed == [] for bound in bounds):
            raise ValueError(
                "a record of level L5 allows no place, transit, operator or key holder"
            )
        return self


class WhenDoc(_Strict):
    """A conjunction: all these categories, and every count at least so high."""

    categories: Ids = []
    counts: dict[Id, Threshold] = {}

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.categories:
            raise ValueError("a rule asks for at least one category")
        return self


class ThenDoc(_Strict):
    """What is added."""

    categories: Ids = []
    regimes: Ids = []

    @model_validator(mode="after")
    def _adds_something(self) -> Self:
        if not self.categories and not self.regimes:
            raise ValueError("a rule adds a category or a regime")
        return self


class RuleDoc(GroundDoc):
    """One mosaic rule."""

    id: Id
    title: TitleDoc
    when: WhenDoc
    then: ThenDoc
    citation: Line


class Document(_Strict):
    """One file of the taxonomy; it holds any of these sections."""

    v: Literal[1]
    groups: list[GroupDoc] = []
    accreditations: list[TermDoc] = []
    counts: list[TermDoc] = []
    obligations: list[TermDoc] = []
    categories: list[CategoryDoc] = []
    records: list[RecordDoc] = []
    rules: list[RuleDoc] = []
