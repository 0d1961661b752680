"""Labelled passages for measuring masking in free text: invented, seeded, with ugly ones by hand.

`⟦…⟧` marks what leads to a person; all else must stay. `python -m tests.intake.masking_sample`
prints recall and precision with what was missed and what was hidden in vain.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.masking.domain.masking import mask

SEED, GENERATED = 20261130, 400
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘蒋蔡余涂麦仝冼"
)
COMPOUND = ["欧阳", "司马", "上官", "诸葛", "皇甫"]
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞刚桂英建国志明梓涵子轩浩宇欣怡思雨佳琪㛃䶮𬽎"
OTHERS = [
    "扎西多吉",
    "卓玛",
    "古丽米热·艾比布力",
    "买买提‧艾力",
    "Иван Петров",
    "木呷",
    "乌云其其格",
    "岩温",
    "旦增旺姆",
]
SAID = [
    "我叫{name}，{matter}",
    "我的名字叫{name}，{matter}",
    "{matter}姓名：{name}",
    "姓 名: {name}\n{matter}",
    "投诉人：{name}，{matter}",
    "{matter}落款：{name}",
    "反映人:{name} 电话{phone}。{matter}",
    "{matter}联系人 {name}，{phone}",
    "签名：{name}。{matter}",
    "{matter}此致敬礼！举报人：{name}\n{phone}",
    "【姓名】{name}【电话】{phone}【内容】{matter}",
    "户主{name}，{matter}",
    "{name}，男，1968年生，{matter}",
    "本人{name}，身份证号{id}，{matter}",
    "您好，我叫{name}。{matter}请联系{phone}。",
    "申请人：{name}、{name2}。{matter}",
    "业主：{name}（{phone}）{matter}",
    "真实姓名（必填）：{name}；{matter}",
]
NUMBERS = [
    "{matter}电话{phone}。",
    "{matter}请打{landline}找我",
    "{matter}（手机{phone}，微信同号）",
    "身份证{id}，{matter}",
    "{matter}卡号{card}，请打款",
    "车牌{plate}的车主，{matter}",
    "{matter}邮箱{email}",
    "加微信{account}说，{matter}",
    "QQ：{qq}。{matter}",
    "{matter}护照{passport}",
]
MATTERS = [
    "荷塘区月塘街道路灯坏了半个月，打12345没人管。",
    "小区物业收了2019-10-12到2020/1/3的费用共1,380,000元。",
    "我叫停车场的人来，他不来，3栋1单元。",
    "1、路灯 2、水费 3、电费，都在2013、2014、2015年涨价。",
    "我叫他们物业经理出来，全体业主反映业主委员会不作为。",
    "签字盖章后方可办理，电话400-810-0000打不通。",
    "公交147、226、262路早上7:30-8:30不停靠。",
    "按〔2019〕12号文，补偿13.5-14.5万元一亩。",
    "姓名和电话都登记了，联系人一栏写无。",
    "0731-12345说转给社区，95598说不归他们。",
    "学生是祖国的花朵，学校门口没有红绿灯。",
    "本人是马王堆社区居民，申请人：社区全体居民。",
    "合同号20190012345，面积120.55平方米。",
    "经理签字才退款，被投诉人：某某公司。",
]
UGLY = [
    "我叫⟦张\u200b三\u2060丰⟧，电话⟦1\ufe0f3800000000⟧",
    "姓\u3000名：⟦王　㛃⟧ 电话：⟦一三八 〇〇〇〇 〇〇〇〇⟧",
    "(⟦138)1234-5678⟧打这个",
    "打⟦138，1234，5678⟧都行",
    "我⟦①③⑧⓪⓪①②③④⑤⑥⟧",
    "⟦¹³⁸⁰⁰¹²³⁴⁵⁶⟧",
    "证⟦四三〇一〇二一九九〇〇三〇七一二三三⟧",
    "V信⟦zhang_san88⟧",
    "加微⟦zhang_san88⟧",
    "扣扣⟦123456789⟧",
    "威信号⟦zhang_san88⟧",
    "座机⟦+86 731 8888 0000⟧。",
    "座机⟦0731/88880000⟧",
    "电话⟦138\t0000\t0000⟧。",
    "电话⟦138\n0000\n0000⟧",
    "我叫⟦扎西次仁⟧",
    "我叫⟦刀玉罕⟧",
    "我叫⟦Иван Петров⟧",
    "我叫⟦古丽米热﹣艾比布力⟧，路灯坏了",
    "姓名——⟦李⿰火木⟧，路灯坏了",
    "信访人⟦李建国⟧家住月塘街道",
    "我是⟦李建国⟧，家住月塘街道",
    "此致敬礼\n⟦李建国⟧\n2019年3月5日",
    "⟦李建国⟧：138开头的号打不通",
    "联系⟦李建国⟧⟦13800001234⟧",
    "我姓⟦李⟧名⟦建国⟧",
    "找老⟦李建国⟧要钱",
    "电话⟦壹叁捌零零零零壹贰叁肆⟧",
    "⟦138零零零零1234⟧",
    "电话138xxxx1234已打码",
    "张先生说路灯坏了",
    "我叫外卖的人别停这里",
    "我叫高三学生让路",
    "投诉人：小区居民",
    "姓名：无",
    "负责人不在",
    "GB0016-2006的要求",
    "房号3-1-1204",
]
_MARKED = re.compile("⟦(.*?)⟧", re.DOTALL)
_SEPARATORS = ["", " ", "-", "—", "·", "/", ".", "\u2011", "\u3000"]


@dataclass(frozen=True)
class Result:
    """Counts of marked identities, of those hidden, and of passages with something else hidden."""

    identities: int
    hidden: int
    passages: int
    spoilt: int
    missed: list[str]
    in_vain: list[str]

    @property
    def recall(self) -> float:
        """Share of identities nothing of which but a surname can be read."""
        return self.hidden / self.identities

    @property
    def precision(self) -> float:
        """Share of hidings that hid an identity."""
        return self.hidden / (self.hidden + self.spoilt)


def passages() -> Iterator[str]:
    """All labelled passages, always the same."""
    chance = random.Random(SEED)
    yield from UGLY
    for _ in range(GENERATED):
        template = chance.choice(SAID if chance.random() < 0.6 else NUMBERS)
        values = {key: f"⟦{value}⟧" for key, value in _values(chance).items()}
        yield template.format(matter=chance.choice(MATTERS), **values)


def measure() -> Result:
    """Mask every passage and compare with its marks."""
    identities = hidden = spoilt = 0
    missed, in_vain = [], []
    every = list(passages())
    for marked in every:
        shown = mask(_MARKED.sub(r"\1", marked), identities=())
        said = [each.group(1) for each in _MARKED.finditer(marked)]
        pieces = _MARKED.split(marked)[::2]
        identities += len(said)
        found = [_is_hidden(one, shown) for one in said]
        hidden += sum(found)
        missed += [
            f"{one!r} in {shown!r}"
            for one, is_hidden in zip(said, found, strict=True)
            if not is_hidden
        ]
        lost = [piece for piece in pieces if _bare(piece) not in _bare(shown)]
        spoilt += len(lost)
        in_vain += [f"{piece!r} in {shown!r}" for piece in lost]
    return Result(identities, hidden, len(every), spoilt, missed, in_vain)


def _is_hidden(identity: str, shown: str) -> bool:
    """Whether neither it nor its end, a given name or six digits, stands in the masked text."""
    plain = _bare(identity)
    end = plain[-6:] if any(c.isdigit() for c in plain) else plain[-2:]
    return plain not in _bare(shown) and end not in _bare(shown)


def _bare(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _values(chance: random.Random) -> dict[str, str]:
    def digits(count: int) -> str:
        return "".join(chance.choice("0123456789") for _ in range(count))

    def parted(*groups: str) -> str:
        return chance.choice(_SEPARATORS).join(groups)

    def spelt(number: str) -> str:
        alphabet = chance.choice(
            ["0123456789"] * 4 + ["０１２３４５６７８９", "〇一二三四五六七八九", "⓪①②③④⑤⑥⑦⑧⑨"]
        )
        return number.translate({ord(str(d)): c for d, c in enumerate(alphabet)})

    def name() -> str:
        if chance.random() < 0.1:
            return chance.choice(OTHERS)
        surname = chance.choice(COMPOUND) if chance.random() < 0.05 else chance.choice(SURNAMES)
        return surname + "".join(chance.choice(GIVEN) for _ in range(chance.choice([1, 2, 2])))

    day = f"{chance.randint(1950, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    return {
        "name": name(),
        "name2": chance.choice(SURNAMES) + chance.choice(GIVEN),
        "phone": spelt(parted("1" + chance.choice("3456789") + digits(1), digits(4), digits(4))),
        "landline": spelt(parted("0731", chance.choice("2345678") + digits(7))),
        "id": spelt(parted("430102", day, digits(4))),
        "card": "62" + digits(17),
        "plate": "湘" + chance.choice("ABCD") + digits(5),
        "email": f"u{digits(5)}@qq.com",
        "account": f"wx_{digits(6)}",
        "qq": chance.choice("123456789") + digits(8),
        "passport": "E" + digits(8),
    }


def main() -> None:
    """Print the figures of docs/masking.md."""
    result = measure()
    lines = [
        f"passages {result.passages}, identities {result.identities}",
        f"recall {result.recall:.3f}, precision {result.precision:.3f}",
        "missed:", *result.missed, "hidden in vain:", *result.in_vain,
    ]  # fmt: skip
    sys.stdout.write("\n".join((*lines, "")))


if __name__ == "__main__":
    main()
