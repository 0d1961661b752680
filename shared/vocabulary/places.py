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


class DivisionKind(Term):
    """What stands behind a code.

    `placeholder` nodes exist in the statistics tree only (市辖区, 省直辖县级行政区划) and are never
    shown; `development_zone` codes have no administrative standing; `special` units exist but
    have no ordinary set of organs (农场, 特别行政区, 雄安新区).
    """

    ORDINARY = "ordinary", "行政区划"
    PLACEHOLDER = "placeholder", "统计用区划"
    DEVELOPMENT_ZONE = "development_zone", "开发区"
    SPECIAL = "special", "特殊区域"


class GuideBody(Term):
    """Where the petitioner is guided to instead of a petition procedure (Art. 31)."""

    LITIGATION = "litigation", "诉讼"
    ARBITRATION = "arbitration", "仲裁"
    RECONSIDERATION = "reconsideration", "行政复议"
    DISCIPLINE = "discipline", "纪检监察"
