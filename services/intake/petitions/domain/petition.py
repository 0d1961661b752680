"""What is filed, who receives it, and what follows from both."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from services.intake.petitions.domain.filing import FilingInvalid
from shared.kernel.plain_text import says_something
from shared.vocabulary.petitions import Channel, Origin, Purpose


@dataclass(frozen=True, slots=True)
class Petitioner:
    """A petitioner (信访人) or representative as written down; all of it goes into the vault."""

    name: str = ""
    id_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""

    @property
    def is_reachable(self) -> bool:
        """Whether name and a way to deliver a notice are known (Art. 23(2): 姓名、住址清楚)."""
        return bool(self.name and (self.address or self.phone or self.email))


@dataclass(frozen=True, slots=True)
class Filing:
    """The words and choices of a filer, not yet checked."""

    subject: str
    text: str
    channel: Channel = Channel.ONLINE
    origin: Origin = Origin.OWN
    purpose: Purpose = Purpose.UNCERTAIN
    place: str = ""
    division_code: str | None = None
    category_code: str | None = None
    complained_organ: str | None = None
    complained: str = ""
    petitioners: tuple[Petitioner, ...] = ()
    anonymous: bool = False
    head_count: int = 0
    representatives: int = 0
    repeat: bool = False
    received_on: date | None = None
    external_id: str | None = None
    retaliation_for: str | None = None
    """The number of the earlier petition, as typed, for which retaliation is reported."""

    @property
    def notice_owed(self) -> bool:
        """Whether a written notice is owed: not where name or address is unclear (Art. 23(2))."""
        return not self.anonymous and any(person.is_reachable for person in self.petitioners)


@dataclass(frozen=True, slots=True)
class Receiver:
    """The organ that receives a petition, and how it came.

    `entered`: somebody enters what arrived elsewhere, so the received date is theirs to state.
    `within`: the matter must lie in this division (a partner's own), which is also its default.
    """

    organ_code: str
    division_code: str
    tier: int
    petition_office: bool
    entered: bool
    within: str | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next, by when, by which article."""

    what: str
    by: date
    article: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the filer gets, once: the query code is stored nowhere."""

    number: str
    query_code: str
    received_on: date
    registered_at: datetime
    next_steps: tuple[NextStep, ...]


def check_petitioners(filing: Filing) -> None:
    """A petition has at least one named petitioner unless it is filed anonymously, then none.

    Raises FilingInvalid.
    """
    if filing.anonymous and filing.petitioners:
        raise FilingInvalid("匿名信访不登记身份", field="petitioners")
    if not filing.anonymous and not any(person.name for person in filing.petitioners):
        raise FilingInvalid("请填写信访人姓名，或者选择匿名", field="petitioners")


def check_visible(filing: Filing) -> None:
    """No field holds nothing but characters a page shows as nothing: they are no words.

    Raises FilingInvalid."""
    fields = {
        "place": filing.place,
        "complained": filing.complained,
        "retaliation_for": filing.retaliation_for or "",
        "external_id": filing.external_id or "",
    }
    for at, person in enumerate(filing.petitioners):
        fields |= {f"petitioners.{at}.{name}": value for name, value in asdict(person).items()}
    for field, value in fields.items():
        if value.strip() and not says_something(value):
            raise FilingInvalid("没有可见的文字", field=field)
