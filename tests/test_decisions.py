"""What is cited as a decision exists as a record, and every record has its date and its status."""

from collections.abc import Callable, Iterator

import pytest

from tests.decision_rules import (
    INDEX,
    Texts,
    badly_headed,
    index_of,
    missing_documents,
    missing_places,
    missing_records,
    old_forms,
)
from tests.test_house import tracked_texts

EXAMPLES = tuple(
    f"tests/{name}.py"
    for name in ("decision_rules", "test_decisions", "test_docs_site", "test_house")
)
"""Files that show broken citations on purpose."""

Check = Callable[[Texts], Iterator[str]]

RECORD = "docs/decisions/0001-one.md"
GOOD = "# 0001 One\n\nDate: 2026-01-02\nStatus: accepted\n\n## Context\n"
BAD: list[tuple[Check, Texts]] = [
    (missing_records, {"a.py": "why (decision 0002)"}),
    (missing_records, {"a.py": "why (decisions 0001 and 0002)"}),
    (missing_records, {"a.py": "see docs/decisions/0002"}),
    (missing_records, {"docs/decisions/README.md": "| 0002 |"}),
    (old_forms, {"a.py": "why (decisions 4)"}),
    (old_forms, {"a.py": "why (trap 4)"}),
    (old_forms, {"a.py": "the second checker (DL14)"}),
    (old_forms, {"a.py": "as promised (P11)"}),
    (old_forms, {"a.py": "(reliability 3.1)"}),
    (old_forms, {"a.py": "the design notes say so"}),
    (missing_documents, {"a.py": "the rules of product.md"}),
    (missing_places, {"a.md": "see `services/routing/gone.py`"}),
    (missing_places, {"a.md": "see `shared/{a,b}.py`", "shared/a.py": ""}),
    (badly_headed, {RECORD: "# 0001 One\n\n## Context\n"}),
    (badly_headed, {RECORD: GOOD.replace("0001", "0002")}),
    (badly_headed, {RECORD: GOOD.replace("2026-01-02", "today")}),
    (badly_headed, {RECORD: GOOD.replace("accepted", "perhaps")}),
    (badly_headed, {RECORD: GOOD.replace("accepted", "superseded by 0002")}),
]
CHECKS: list[Check] = [
    missing_records, old_forms, missing_documents, missing_places, badly_headed,
]  # fmt: skip


def cited_texts() -> Texts:
    return {
        path: "" if path in EXAMPLES or path.endswith(".lock") else text
        for path, text in tracked_texts().items()
    }


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_repository_cites_records_that_exist(check: Check) -> None:
    assert list(check(cited_texts())) == []


@pytest.mark.parametrize(("check", "texts"), BAD, ids=lambda each: getattr(each, "__name__", ""))
def test_the_check_can_fail(check: Check, texts: Texts) -> None:
    assert len(list(check({RECORD: GOOD, **texts}))) == 1


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_record_and_its_citations_pass(check: Check) -> None:
    texts = {
        RECORD: GOOD,
        "docs/decisions/0003-three.md": GOOD.replace("0001 One", "0003 Three"),
        "b.md": "`shared/{a,b}/`, `shared/*/one.py`",
        "shared/a/one.py": "",
        "shared/b/two.py": "",
        "a.py": "decisions 0001 and 0003, docs/decisions/0001, [0003](decisions/0003-three.md)",
    }
    assert list(check(texts)) == []


def test_the_index_is_that_of_the_records() -> None:
    assert tracked_texts()[INDEX] == index_of(tracked_texts()), "run `make decisions`"
