"""What people write when they report: a place, what is the matter, and a wish, in Chinese."""

from typing import Final

import numpy as np

MATTERS: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    ("垃圾", "渣土", "不洁", "满溢", "弃料", "环卫"): (
        "有一堆生活垃圾没有清走，已经有异味",
        "垃圾桶满了，垃圾散落一地",
        "装修垃圾堆在路边，占了半边人行道",
    ),
    ("井盖", "破损", "缺损", "路面", "损坏", "设施"): (
        "有破损，行人容易绊倒",
        "坏了有好几天，晚上经过很危险",
        "损坏松动，车辆经过时响声很大",
    ),
    ("车", "停放", "单车"): (
        "车辆乱停，堵住了人行道",
        "车辆停在消防通道上，喊人挪车没人应",
        "共享单车倒了一片，盲道走不通",
    ),
    ("占道", "游商", "店外", "摊", "经营"): (
        "摊点占道经营，行人只能走到车道上",
        "店家把货物摆到了门外",
        "流动摊贩聚集，通行困难",
    ),
    ("广告", "宣传", "标语"): ("墙面贴满了小广告", "电线杆上又贴了新的小广告", "横幅破损脱落，影响市容"),
    ("噪声", "扰民", "油烟", "污染"): (
        "晚上十点以后声音还很大，居民休息不好",
        "油烟直排，楼上住户不敢开窗",
        "附近居民反映多次仍未改善",
    ),
    ("安全", "隐患", "消防", "燃气", "用电", "电动"): (
        "楼道里有电动车充电，存在隐患",
        "楼道堆放杂物，堵了疏散通道",
        "线路老化裸露，需要尽快处理",
    ),
    ("纠纷", "矛盾", "邻里"): (
        "两户因漏水发生争执，请协助调解",
        "因停车位起了争执，情绪比较激动",
        "物业费问题引起争议，希望协调",
    ),
    ("绿", "树", "园林"): ("树枝折断，压在电线上", "绿化带被踩踏，黄土裸露", "行道树倾斜，有倒伏危险"),
    ("民生", "服务", "老人", "走访"): ("独居老人需要上门看望", "居民咨询社保办理，请协助", "有住户需要代办证件"),
}
OTHERWISE: Final = ("请到现场看一看", "情况需要核实处理", "居民反映多次，请尽快处理")
PLACES: Final = (
    "{street}靠近{place}的地方",
    "{place}门口（{street}）",
    "{street}{number}号附近",
    "{place}{number}栋楼下",
)
WISHES: Final = ("。", "，请尽快处理。", "，麻烦安排人看一下。", "，已拍照。", "，影响居民出行。")
NOTES: Final = (
    "已到现场处理完毕，恢复原状。",
    "已清理并告知当事人，后续加强巡查。",
    "已修复，现场照片见附件。",
    "已协调双方，达成一致。",
)


def matters_of(category: str) -> tuple[str, ...]:
    """Sentences that suit the name of a category."""
    for keywords, sentences in MATTERS.items():
        if any(word in category for word in keywords):
            return sentences
    return OTHERWISE


def describe(categories: list[str], streets: list[str], places: list[str], rng: np.random.Generator) -> list[str]:
    """A description each: category name, street and place of the same index."""
    count = len(categories)
    matters = {name: matters_of(name) for name in set(categories)}
    chance = rng.random((3, count)).tolist()
    numbers = rng.integers(1, 30, count).tolist()
    rows = zip(categories, streets, places, numbers, *chance, strict=True)
    return [
        PLACES[int(where * len(PLACES))].format(street=street, place=place, number=number)
        + _pick(matters[name], what)
        + _pick(WISHES, wish)
        for name, street, place, number, where, what, wish in rows
    ]


def _pick(sentences: tuple[str, ...], chance: float) -> str:
    return sentences[int(chance * len(sentences))]


def notes(count: int, rng: np.random.Generator) -> list[str]:
    """What handlers write when they feed back."""
    return [_pick(NOTES, chance) for chance in rng.random(count).tolist()]
