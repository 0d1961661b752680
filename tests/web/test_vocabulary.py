"""The vocabulary as clients read it: by name, with labels, cacheable."""

from __future__ import annotations

import pytest

from shared.vocabulary.lists import LISTS
from shared.web.problems import COMMON
from tests.support.service import ServiceUnderTest

AT = "/shop/v1/vocabulary"


async def test_anybody_reads_every_list_with_its_labels(shared_shop: ServiceUnderTest) -> None:
    answer = await shared_shop.client.get(AT)
    assert answer.status_code == 200
    lists = answer.json()["lists"]
    assert set(lists) == {*LISTS, "problem_code"}
    assert lists["channel"]["title"] == "信访形式"
    assert lists["channel"]["terms"][0] == {
        "code": "letter",
        "label": "来信",
        "public_label": "来信",
    }
    assert lists["level"]["terms"][0]["code"] == "1"


async def test_a_petitioners_wording_differs_where_it_must(shared_shop: ServiceUnderTest) -> None:
    answer = await shared_shop.client.get(AT, params={"list": "grant_purpose"})
    terms = {each["code"]: each for each in answer.json()["lists"]["grant_purpose"]["terms"]}
    assert terms["unseal"]["label"] == "解除密封"
    assert terms["unseal"]["public_label"] == "阅看来件"


async def test_lists_are_given_by_name(shared_shop: ServiceUnderTest) -> None:
    answer = await shared_shop.client.get(AT, params={"list": ["purpose", "origin"]})
    assert list(answer.json()["lists"]) == ["purpose", "origin"]
    unknown = await shared_shop.client.get(AT, params={"list": "weather"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_error_codes_are_those_of_the_service(shared_shop: ServiceUnderTest) -> None:
    answer = await shared_shop.client.get(AT, params={"list": "problem_code"})
    terms = answer.json()["lists"]["problem_code"]["terms"]
    own = shared_shop.service.spec.problems
    assert {each["code"]: each["label"] for each in terms} == {
        code: title for code, (_, title) in (COMMON | own).items()
    }


@pytest.mark.parametrize("shown", ["{tag}", "W/{tag}", '"other", {tag}'])
async def test_what_has_not_changed_is_not_sent_again(
    shared_shop: ServiceUnderTest, shown: str
) -> None:
    first = await shared_shop.client.get(AT)
    assert "max-age" in first.headers["cache-control"]
    headers = {"If-None-Match": shown.format(tag=first.headers["etag"])}
    again = await shared_shop.client.get(AT, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_every_selection_has_a_tag_of_its_own(shared_shop: ServiceUnderTest) -> None:
    one, other = [
        await shared_shop.client.get(AT, params={"list": name}) for name in ("purpose", "origin")
    ]
    assert one.headers["etag"] != other.headers["etag"]
    stale = {"If-None-Match": one.headers["etag"]}
    answer = await shared_shop.client.get(AT, params={"list": "origin"}, headers=stale)
    assert answer.status_code == 200
