"""What a reader noticed: what it mended by itself, and the faults that it let through for the checks to show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """The words for one kind of note; `finding` names the finding that a fault becomes, None where it was mended."""

    en: str
    zh: str
    finding: str | None = None


KINDS: dict[str, Kind] = {
    "ring_order": Kind("rings turned to run counter-clockwise outside, clockwise inside", "已调整环方向"),
    "z_dropped": Kind("heights and measures dropped", "已去除高程和测量值"),
    "bbox": Kind("the bbox written in the file is wrong and was not used", "文件中的 bbox 有误，未采用"),
    "precision": Kind("digits below a tenth of a millimetre dropped", "已去除 0.1 毫米以下的小数"),
    "size": Kind("vertices that change nothing by a centimetre dropped", "已去除影响不足 1 厘米的冗余节点"),
    "encoding": Kind("the text is not in the encoding that the file declares", "文字编码与声明不符，已按实际编码读取"),
    "crs_overridden": Kind(
        "the declared coordinates were set aside for the given ones", "已按指定坐标系读取，未采用文件声明"
    ),
    "unclosed": Kind("a ring that does not end where it began was closed", "环未闭合，已闭合", "self_intersection"),
    "invalid": Kind("the geometry is not valid", "几何无效", "self_intersection"),
    "repeated_vertex": Kind("a vertex comes twice in a row", "存在连续重复节点", "duplicate"),
    "antimeridian": Kind("an edge spans half the globe", "边跨越半个地球", "suspect_crs"),
    "empty": Kind("there is no geometry, or one without extent", "没有几何或几何无范围", "empty"),
}


@dataclass(frozen=True)
class Note:
    """One kind of note, and the positions (from 0, as in the frame) of its features; none where it is the layer."""

    kind: str
    positions: tuple[int, ...] = ()

    @property
    def finding(self) -> str | None:
        """The kind of finding that this fault becomes in a check; None for what was mended."""
        return KINDS[self.kind].finding

    def message(self, language: str) -> str:
        """The note in words, with the features counted from 1."""
        chinese = language.lower().startswith("zh")
        words = KINDS[self.kind].zh if chinese else KINDS[self.kind].en
        if not self.positions:
            return words
        count, first = len(self.positions), self.positions[0] + 1
        return (
            f"{words}（{count} 个要素，首个为第 {first} 个）"
            if chinese
            else f"{words} ({count} features, first {first})"
        )
