"""What of a petitioner's form fields is an identity, and what of it names nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.intake.masking.use_cases import mask_for
from services.intake.petitions.domain.petition import Petitioner
from shared.reference.editions import Reference, packaged_editions


@pytest.fixture(scope="module")
def reference() -> Reference:
    editions = {each.kind: each for each in packaged_editions()}
    return Reference(editions, root_division="430000000000")


Hide = Callable[[str, Petitioner], str]


@pytest.fixture
def hide(reference: Reference) -> Hide:
    return lambda text, person: mask_for(reference, [person])(text)


@pytest.mark.parametrize(
    "field",
    [
        "张三、李四",
        "张三/李四等",
        "张三 李四",
        "张三，李四；",
        "张三和李四",
        "张三女士、李四先生",
        "张三（李四代）",
        "业主张三、李四（女）",
        "户主：张三\n李四",
        "张三13812345678李四",
    ],
)
def test_each_name_of_a_field_is_hidden(hide: Hide, field: str) -> None:
    assert hide("张三和李四都住这里。", Petitioner(name=field)) == "张**和李**都住这里。"


@pytest.mark.parametrize(
    "field",
    [
        "张三女士",
        "张三（代）",
        "张三(代签)",
        "张三老师",
        "张三等人",
        "张 三",
        "张\u3000三",
        "张三 男 汉族",
        "张三（业主代表）",
        "张三夫妇",
        "业主张三",
        "张三【女】",
        "张\u200b三",
        "张三、",
        "匿名（张三）",
        "张三一家",
    ],
)
def test_what_stands_around_a_name_hides_it_no_less(hide: Hide, field: str) -> None:
    assert (
        hide("张三家门口的灯坏了，匿名也行", Petitioner(name=field))
        == "张**家门口的灯坏了，匿名也行"
    )


@pytest.mark.parametrize(
    "name", ["扎西多吉", "古丽米热·艾比布力", "Ivan Petrov", "欧阳王小明", "湖南涂某公司", "𠮷田"]
)
def test_a_name_without_a_surname_is_hidden_from_a_field(hide: Hide, name: str) -> None:
    assert name not in hide(f"找{name}。", Petitioner(name=name))


def test_parts_of_a_dotted_name_are_names(hide: Hide) -> None:
    assert "艾比布力" not in hide("艾比布力说过", Petitioner(name="古丽米热·艾比布力"))


TEXT = "全体业主反映：业主委员会不作为，小区没有路灯，没有人管，群众匿名打12345，居民无法回家。"


@pytest.mark.parametrize(
    "person",
    [
        Petitioner(name="业主", phone="没有"),
        Petitioner(name="群众", phone="无"),
        Petitioner(name="居民", phone="不详", address="小区"),
        Petitioner(name="匿名", phone="12345"),
        Petitioner(name="全体业主", email="没有"),
        Petitioner(name="某小区3栋业主", id_number="无"),
        Petitioner(name="热心市民", address="不详"),
        Petitioner(name="业主委员会", address="路灯"),
        Petitioner(name="没有", id_number="不愿透露"),
        Petitioner(name="（匿名）", phone="没有电话", address="本小区"),
    ],
)
def test_what_names_nobody_hides_nothing(hide: Hide, person: Petitioner) -> None:
    assert hide(TEXT, person) == TEXT


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("13800123456、0731-88886666", "打13800123456或88886666"),
        ("13800123456 13900123456", "打１３９００１２３４５６"),
        ("①③⑧⓪⓪①②③④⑤⑥", "打一三八〇〇一二三四五六"),
        ("+86 138-0012-3456", "打138 0012 3456"),
        ("微信zhang_san88", "加zhang_san88"),
        ("座机（0731）88886666转12", "打88886666"),
    ],
)
def test_each_number_of_a_field_is_hidden(hide: Hide, field: str, written: str) -> None:
    shown = hide(f"请{written}。", Petitioner(name="张三", phone=field))
    assert shown in {"请打***。", "请加***。", "请打***或***。"}


@pytest.mark.parametrize(
    "spelt",
    [
        "四三〇一〇二一九九〇〇三〇七一二三四",
        "四三零幺零二幺九九零零三零七幺二三四",
        "④③⓪①⓪②①⑨⑨⓪⓪③⓪⑦①②③④",
    ],
)
def test_a_number_without_a_right_check_digit_is_found_in_any_digits(
    hide: Hide, spelt: str
) -> None:
    person = Petitioner(name="张三", id_number="430102199003071234")
    assert hide(f"证号{spelt}。", person) == "证号***。"
    assert hide("430102199003071234", Petitioner(name="张三", id_number=spelt)) == "***"


@pytest.mark.parametrize(
    ("address", "text", "shown"),
    [
        ("荷塘区月塘街道", "荷塘区月塘街道路灯不亮", "荷塘区月塘街道路灯不亮"),
        ("荷塘区月塘街道红星路", "荷塘区月塘街道红星路", "荷塘区月塘街道***"),
        (
            "湖南株洲荷塘区月塘街道月塘小区3栋201",
            "荷塘区月塘街道月塘小区灯坏",
            "荷塘区月塘街道月塘小区灯坏",
        ),
        ("荷塘区月塘街道月塘小区3栋201", "月塘街道月塘小区 3栋，201室", "月塘街道***室"),
        ("红星路5号月塘小区三栋二〇一", "住月塘小区3栋201", "住***"),
        ("株洲市", "株洲市政府", "株洲市政府"),
        ("长沙", "长沙的路灯", "长沙的路灯"),
        ("长沙路12号", "住长沙路12号", "住***"),
        (
            "户籍：荷塘区月塘街道红星路3号；现住：月塘街道新塘路9号",
            "红星路3号和新塘路9号",
            "***和***",
        ),
        ("荷塘区月塘街道附近", "附近没有路灯", "附近没有路灯"),
    ],
)
def test_divisions_stay_and_what_is_finer_is_hidden(
    hide: Hide, address: str, text: str, shown: str
) -> None:
    assert hide(text, Petitioner(name="张三", address=address)) == shown


def test_short_letters_are_hidden_as_words_only(hide: Hide) -> None:
    assert hide("Limited Li 先生", Petitioner(name="Li")) == "Limited *** 先生"
