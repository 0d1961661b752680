"""Codes of places: levels of divisions, and where a text names a place."""

from __future__ import annotations

from shared.vocabulary.term import NumberedTerm, Term


class Level(NumberedTerm):
    """Level of a division; a smaller number is a higher level."""

    PROVINCE = 1, "省级"
    PREFECTURE = 2, "市级"
    COUNTY = 3, "县级"
    TOWNSHIP = 4, "乡级"
    VILLAGE = 5, "村级"

    @property
    def width(self) -> int:
        """Significant digits of a code of this level."""
        return (2, 4, 6, 9, 12)[self - 1]


class PlaceField(Term):
    """Where something was written, most trusted first."""

    PLACE = "place", "填写的地点"
    SUBJECT = "subject", "标题"
    TEXT = "text", "正文"


class PlaceBasis(Term):
    """What a place rests on. `none`: nothing was named; `ambiguous`: several were."""

    DECLARED = "declared", "登记时选定"
    PLACE = "place", "填写的地点"
    SUBJECT = "subject", "标题"
    TEXT = "text", "正文"
    AMBIGUOUS = "ambiguous", "写到多个地点"
    NONE = "none", "没有写明地点"
