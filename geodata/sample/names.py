"""Made-up names: places from words of weather, plants and virtues; people from common surnames and sequence words."""

from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple

import numpy as np


class Name(NamedTuple):
    """A name in Chinese and in English."""

    zh: str
    en: str


def _words(text: str) -> list[str]:
    return text.split()


FIRST: Final = tuple(
    zip(
        "云竹桂兰松梅柳荷枫杏翠青碧金玉银春秋晓明星月霞虹清和安宁泰康福瑞嘉锦华丰永长新文",
        _words(
            "Yun Zhu Gui Lan Song Mei Liu He Feng Xing Cui Qing Bi Jin Yu Yin Chun Qiu Xiao Ming "
            "Xing Yue Xia Hong Qing He An Ning Tai Kang Fu Rui Jia Jin Hua Feng Yong Chang Xin Wen"
        ),
        strict=True,
    )
)
SECOND: Final = tuple(
    zip(
        "溪林泉岭湖湾坪坝桥塘园台亭峰川洲石沙田井屏阁舟帆港渡坡谷原岸",
        _words(
            "xi lin quan ling hu wan ping ba qiao tang yuan tai ting feng chuan "
            "zhou shi sha tian jing ping ge zhou fan gang du po gu yuan an"
        ),
        strict=True,
    )
)
SIDES: Final = (
    Name("东", "East"),
    Name("南", "South"),
    Name("西", "West"),
    Name("北", "North"),
    Name("上", "Upper"),
    Name("下", "Lower"),
    Name("中", "Middle"),
    Name("小", "Little"),
)
COMPOUND_ENDINGS: Final = (
    Name("苑", " Court"),
    Name("花园", " Garden"),
    Name("小区", " Compound"),
    Name("新村", " New Village"),
    Name("家园", " Homes"),
    Name("雅居", " Residence"),
)
USE_NAMES: Final = {
    "mall": Name("购物中心", "Shopping Mall"),
    "campus": Name("学校", "School Campus"),
    "market": Name("农贸市场", "Farmers' Market"),
    "park": Name("公园", "Park"),
    "bank": Name("滨江绿带", "Riverside Green"),
}
NUMERALS: Final = "零一二三四五六七八九"
SURNAMES: Final = tuple(
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
GIVEN_FIRST: Final = tuple("样例虚拟演示测试")
GIVEN_SECOND: Final = tuple("安平宁康乐明清和文博雅静思远志诚嘉怡欣悦涛峰磊敏洁华丽军勇燕")


def numeral(number: int) -> str:
    """A counting number up to 999 in Chinese: 3 三, 10 十, 24 二十四, 105 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = f"{NUMERALS[hundreds]}百" if hundreds else ""
    if tens:
        words += "十" if tens == 1 and not hundreds else f"{NUMERALS[tens]}十"
    elif hundreds and ones:
        words += "零"
    return words + (NUMERALS[ones] if ones else "")


def places(rng: np.random.Generator) -> Iterator[Name]:
    """Names of places in a random order, none twice: 1,200 plain ones, then with a side, then numbered."""
    stems = [Name(a + b, an + bn) for (a, an), (b, bn) in product(FIRST, SECOND)]
    order = rng.permutation(len(stems)).tolist()
    yield from (stems[i] for i in order)
    yield from (Name(side.zh + stems[i].zh, f"{side.en} {stems[i].en}") for side in SIDES for i in order)
    for again in range(2, 1000):
        yield from (Name(stems[i].zh + numeral(again), f"{stems[i].en} {again}") for i in order)


def people(rng: np.random.Generator) -> Iterator[str]:
    """Names of people that nobody bears: the second character says that it is a sample."""
    names = [a + b + c for a, b, c in product(SURNAMES, GIVEN_FIRST, GIVEN_SECOND)]
    while True:
        yield from (names[i] for i in rng.permutation(len(names)).tolist())
