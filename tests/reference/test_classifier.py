"""The category suggestion: what it says, when it leaves the choice to a person, what it ignores."""

import csv
from importlib.resources import files
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.categories.domain.category_words import (
    CategoryWordsInvalid,
    first_level,
    read_category_words,
    refine,
)
from services.intake.categories.domain.classifier import Classifier
from services.intake.categories.domain.grams import characters, counted, gram_codes
from shared.reference.categories import packaged_categories

CLASSIFIER = Classifier.load_packaged()
TREE = packaged_categories()
HEADER = "category,word,points\n"

CLEAR = [
    (
        "城乡建设",
        "楼盘延期交房",
        "开发商逾期交房，房屋漏水，房产证也办不下来，住建局没有答复。",
    ),
    (
        "劳动和社会保障",
        "公司拖欠工资",
        "干了一年老板一直不发工资，没有签劳动合同、缴社保。",
    ),
    ("教育文体", "学校强制补课", "学校周末要求全体学生补课并收取补课费，孩子没有时间休息。"),
    ("环境保护", "化工厂排放废气", "村旁的化工厂夜里偷排刺鼻废气和污水，河水发黑，严重污染环境。"),
    ("卫生计生", "医院误诊", "在医院看病，医生误诊导致手术失败，卫生部门至今没有处理。"),
    ("交通运输", "快递公司丢件", "快递公司把包裹弄丢了不肯赔，出租车也经常拒载、不打表。"),
    (
        "商贸旅游",
        "商家虚假宣传",
        "买的家电是假冒伪劣产品，商家虚假宣传，拒绝退款。",
    ),
]
UNLABELLED = [
    ("政法", "请处理交通违法", "被电子警察误拍，交警队扣分罚款，驾驶证受影响，请交警核实。"),
    ("农村农业", "土地承包纠纷", "村委会把我家的承包地收走，土地承包经营权证还在我手里。"),
    ("民政", "申请低保", "家里困难，申请农村低保一直没有批，民政局说不符合条件。"),
    (
        "国土资源",
        "征地补偿款没有发放",
        "土地征收了两年，征地补偿款至今没有发到失地农民手里。",
    ),
]


@pytest.mark.parametrize(("name", "subject", "text"), CLEAR + UNLABELLED)
def test_a_clear_text_gets_its_first_level_category(name, subject, text):
    suggestion = CLASSIFIER.suggest(subject, text)
    assert suggestion.category_code is not None
    assert TREE.level1(suggestion.category_code).name == name
    assert suggestion.category_code == suggestion.best
    assert suggestion.edition == CLASSIFIER.edition


def test_words_name_the_third_level_where_they_agree():
    suggestion = CLASSIFIER.suggest("路灯不亮", "我们这条路的路灯坏了半年，晚上一片漆黑。")
    path = TREE.path_names(suggestion.category_code)
    assert path == ["城乡建设", "城市建设和市政管理", "路灯照明"]


@pytest.mark.parametrize(
    ("subject", "text"),
    [("", ""), ("hello", "12345 !!!"), ("您好", "您好，请领导看一下。"), ("龘", "龘龘龘")],
)
def test_a_text_that_says_little_is_left_to_a_person(subject, text):
    assert CLASSIFIER.suggest(subject, text).category_code is None


def test_below_the_threshold_the_best_guess_is_still_kept():
    suggestion = CLASSIFIER.suggest("请问", "请问领导，这个事情归哪个部门管？打了电话没有人接。")
    assert suggestion.category_code is None
    assert suggestion.best is not None
    assert 0 < suggestion.confidence < 0.6


PEOPLE = [
    ("张伟", "男", "先生", "430102198001011234"),
    ("李小红", "女", "女士", "430103199902024321"),
    ("欧阳江河", "男", "先生", "11010119550303001X"),
    ("钱医", "女", "小姐", "440101200004040009"),
]


@pytest.mark.parametrize(("name", "subject", "text"), CLEAR + UNLABELLED)
def test_who_writes_changes_nothing(name, subject, text):
    suggestions = {
        CLASSIFIER.suggest(
            subject,
            f"我叫{person}，{sex}，身份证号{number}，电话13{number[:9]}。{text}"
            f"联系人：{person}{address}",
        )
        for person, sex, address, number in PEOPLE
    }
    assert len(suggestions) == 1


@pytest.mark.parametrize("sample", ["petitions.csv", "history.csv"])
def test_who_writes_changes_no_sample(sample):
    """Name, sex, form of address and the region in the ID number swapped in each sample text."""
    path = files("shared.reference") / "data" / "samples" / sample
    rows = list(csv.DictReader(StringIO(path.read_text(encoding="utf-8"))))
    assert rows
    for row in rows:
        suggestions = {
            CLASSIFIER.suggest(
                row["subject"],
                f"我叫{person}，{sex}，身份证号{number}。{row['text']}联系人：{person}{address}",
            )
            for person, sex, address, number in PEOPLE
        }
        assert len(suggestions) == 1, row["message_id"]


@given(st.text(max_size=300), st.text(max_size=600))
def test_any_text_gets_an_answer_in_bounds(subject, text):
    suggestion = CLASSIFIER.suggest(subject, text)
    assert 0.0 <= suggestion.confidence <= 1.0
    for code in (suggestion.category_code, suggestion.best, suggestion.runner_up):
        assert code is None or TREE.get(code) is not None
    assert CLASSIFIER.suggest(subject, text) == suggestion


def test_grams_are_counted_and_the_beginning_counts_twice():
    codes, counts = counted("路灯", "路灯")
    by_code = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    (road,) = gram_codes("路").tolist()
    assert by_code[road] == 4
    assert len(gram_codes("路灯路灯")) == 4 + 3 + 2


def test_digits_letters_and_identity_are_no_characters():
    assert characters("A市B3区 我叫王五，男，13800138000 abc") == "市区"


def test_a_long_text_is_read_only_so_far():
    start = "小区物业乱收费。" * 800
    longer = start + "学校强制补课，教师招聘。" * 500
    assert CLASSIFIER.suggest("反映", longer) == CLASSIFIER.suggest("反映", start)


def test_the_shipped_model_has_no_pickle_and_ascending_grams():
    path = files("shared.reference") / "data" / "classifier.npz"
    assert len(path.read_bytes()) < 5_000_000
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        grams = stored["grams"]
        assert (grams[1:] > grams[:-1]).all()
        assert stored["weights"].shape == (len(grams), 7)


def test_a_word_in_the_subject_counts_twice_and_once_only():
    words = read_category_words(HEADER + "081000,红绿灯,3\n", TREE)
    assert words.points("红绿灯坏了", "红绿灯红绿灯")["081000"] == 6
    assert words.points("坏了", "红绿灯红绿灯")["081000"] == 3
    assert words.points("坏了", "路灯") == {}


def test_first_level_sums_what_lies_below():
    assert first_level({"030601": 3, "030000": 1, "081000": 2}) == {"030000": 4, "080000": 2}


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({}, "030000"),
        ({"030601": 3}, "030601"),
        ({"030601": 3, "030602": 2}, "030600"),
        ({"030601": 2, "030501": 1}, "030000"),
        ({"030600": 5}, "030600"),
        ({"081000": 9}, "030000"),
    ],
)
def test_refining_stops_where_the_words_disagree(points, expected):
    assert refine(points, "030000", lead=2) == expected


@pytest.mark.parametrize(
    "rows", ["000001,词,1\n", "030000,词,4\n", "030000,词,x\n", "030000,,1\n", "030000,词\n"]
)
def test_a_bad_word_table_is_refused(rows):
    with pytest.raises(CategoryWordsInvalid):
        read_category_words(HEADER + rows, TREE)
