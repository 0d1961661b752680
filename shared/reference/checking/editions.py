"""All that is wrong with an edition, in itself and for the editions that stand on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from shared.reference.checking.calendar import check_calendar
from shared.reference.checking.casework import check_casework
from shared.reference.checking.divisions import FILE as DIVISIONS
from shared.reference.checking.divisions import check_divisions, read_divisions, short
from shared.reference.checking.faults import Faults
from shared.reference.checking.limits import check_limits
from shared.reference.checking.organs import check_organs
from shared.reference.checking.specs import FILES, ORGAN_EXCEPTIONS, ORGAN_KINDS
from shared.reference.checking.subjects import check_categories, check_competence
from shared.reference.divisions import normalise_code
from shared.reference.editions import Edition, Reference, packaged_id

STAND_ON: Final = {
    "divisions": ("organs", "limits"),
    "organs": ("competence", "casework"),
    "categories": ("competence",),
}
"""Kinds whose editions name rows of the kind."""


def check_edition(reference: Reference, edition: Edition, *, today: date) -> Faults:
    """Everything that is wrong with an edition in this deployment, and what of the other editions
    in force would no longer fit it. Never raises for a content, whatever it is."""
    faults = Faults()
    wanted = FILES.get(edition.kind)
    if wanted is None:
        faults.add(edition.kind, 0, "没有这类参考数据")
    elif _named(edition) != set(wanted):
        faults.add(edition.kind, 0, f"文件应为 {'、'.join(wanted)}，给出的是 "
                                    f"{'、'.join(sorted(edition.files)) or '空'}")  # fmt: skip
    else:
        _alone(edition.kind, reference.with_edition(edition), faults, today)
        if not faults:
            _of_others(reference, edition, faults, today)
    return faults


def faults_in_force(reference: Reference, *, today: date) -> Mapping[str, Faults]:
    """Kind -> what is wrong with its edition in force, where anything is: editions published
    before a check existed are used as they are, but told."""
    found: dict[str, Faults] = {}
    for kind in FILES:
        faults = Faults()
        if kind == "divisions" and reference.ids[kind] == packaged_id(kind):
            continue  # the longest of all, and tests look at it
        _alone(kind, reference, faults, today)
        if faults:
            found[kind] = faults
    return found


def _of_others(reference: Reference, edition: Edition, faults: Faults, today: date) -> None:
    changed = reference.with_edition(edition)
    for kind in STAND_ON.get(edition.kind, ()):
        before, after = Faults(), Faults()
        _alone(kind, reference, before, today)
        _alone(kind, changed, after, today)
        for each in after.found:
            if each not in before.found:
                faults.add(each.file, each.line, each.reason)


def _alone(kind: str, reference: Reference, faults: Faults, today: date) -> None:
    files = reference.files(kind)
    checks: dict[str, Callable[[], None]] = {
        "divisions": lambda: _divisions(reference, faults),
        "organs": lambda: _organs(reference, faults),
        "categories": lambda: check_categories(files["categories.csv"], faults),
        "competence": lambda: check_competence(
            files["competence.csv"],
            faults,
            categories={each.code for each in reference.categories},
            kinds=reference.organs.kinds,
        ),
        "calendar": lambda: check_calendar(files["calendar.csv"], faults, today=today),
        "limits": lambda: check_limits(
            files["limits.csv"],
            faults,
            divisions=reference.divisions,
            root=reference.root_division,
        ),
        "casework": lambda: check_casework(
            files["casework.toml"], faults, kinds=reference.organs.kinds
        ),
    }
    checks[kind]()


def _organs(reference: Reference, faults: Faults) -> None:
    files = reference.files("organs")
    check_organs(
        files[ORGAN_KINDS.name],
        files[ORGAN_EXCEPTIONS.name],
        faults,
        divisions=reference.divisions,
        root=reference.root_division,
    )
    if not faults and reference.organs.petition_office(reference.root_division) is None:
        root = short(reference.root_division)
        faults.add(ORGAN_KINDS.name, 0, f"本平台的根区划 {root} 没有信访工作机构")


def _divisions(reference: Reference, faults: Faults) -> None:
    (text,) = reference.files("divisions").values()
    rows = read_divisions(text, faults)
    tree = {row.code: row for _, row in rows}
    root = normalise_code(reference.root_code) if reference.root_code else None
    tops = [code for code, row in tree.items() if row.parent_code is None]
    check_divisions(rows, tree, faults, top=root or (tops[0] if len(tops) == 1 else None))
    if root is not None and root not in tree:
        faults.add(DIVISIONS, 0, f"没有本平台的根区划 {short(root)}")


def _named(edition: Edition) -> set[str]:
    """The names of the files; a division table, of which there is one, may have any."""
    if edition.kind == "divisions" and len(edition.files) == 1:
        return set(FILES["divisions"])
    return set(edition.files)
