"""The words of a filing without who wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.intake.masking.domain.division_names import division_names
from services.intake.masking.domain.form_fields import identities_of
from services.intake.masking.domain.masking import Mask
from services.intake.petitions.domain.petition import Filing, Petitioner
from services.intake.petitions.outgoing import MaskedWords
from shared.reference.editions import Reference


def mask_for(reference: Reference, people: Iterable[Petitioner]) -> Mask:
    """Hides these petitioners, what the text says of itself, and numbers of anybody."""
    return Mask(identities_of(people, division_names(reference.divisions)))


def mask_for_stored(reference: Reference, people: Iterable[Mapping[str, str]]) -> Mask:
    """The same for petitioners as the vault has them."""
    return mask_for(reference, (Petitioner(**person) for person in people))


def masked_words(reference: Reference, filing: Filing) -> MaskedWords:
    """The filing's words without identities."""
    hide = mask_for(reference, filing.petitioners)
    return MaskedWords(
        subject=hide(filing.subject), text=hide(filing.text), place=hide(filing.place) or None
    )
