"""What can be wrong with coordinates, files and tables: typed, in both languages, with the place and the remedy."""

from __future__ import annotations

from typing import ClassVar


class GeodataError(Exception):
    """Base of all; a subclass has a code that never changes and sentences with ``{names}`` of parameters.

    `file`, `layer`, `feature` and `row` say where: features and rows are counted from 1, as people count; in CSV
    and XLSX a row is the row of the spreadsheet, the header being row 1.
    """

    code: ClassVar[str] = "geodata"
    en: ClassVar[str] = "{why}"
    zh: ClassVar[str] = "{why}"
    remedy_en: ClassVar[str] = ""
    remedy_zh: ClassVar[str] = ""

    def __init__(
        self,
        *,
        file: str | None = None,
        layer: str | None = None,
        feature: int | None = None,
        row: int | None = None,
        **params: object,
    ) -> None:
        self.file = file
        self.layer = layer
        self.feature = feature
        self.row = row
        self.params = params
        super().__init__()

    def __str__(self) -> str:
        return self.message("en")

    def message(self, language: str) -> str:
        """One sentence or two in `language` (`zh…`, else English): where, what, and what to do about it."""
        chinese = language.lower().startswith("zh")
        what, remedy = (self.zh, self.remedy_zh) if chinese else (self.en, self.remedy_en)
        filled = [part.format_map(self._words(chinese=chinese)) for part in (what, remedy) if part]
        return self._where(chinese=chinese) + ("" if chinese else " ").join(filled)

    @property
    def message_en(self) -> str:
        """The English sentence."""
        return self.message("en")

    @property
    def message_zh(self) -> str:
        """The Chinese sentence."""
        return self.message("zh")

    @property
    def remedy(self) -> str:
        """What to do about it, in English."""
        return self.remedy_en.format_map(self._words(chinese=False))

    def _words(self, *, chinese: bool) -> dict[str, object]:
        """The parameters, those with an own text per language (`x_zh` beside `x`) in the language asked for."""
        return {name: self.params.get(f"{name}_zh", value) if chinese else value for name, value in self.params.items()}

    def _where(self, *, chinese: bool) -> str:
        names = ("文件", "图层", "要素", "行") if chinese else ("file", "layer", "feature", "row")
        places = (None if self.file is None else self.file, self.layer, self.feature, self.row)
        told = [
            str(place) if name in {"file", "文件"} else f"{name} {place}"
            for name, place in zip(names, places, strict=True)
            if place is not None
        ]
        return (("，" if chinese else ", ").join(told) + ("：" if chinese else ": ")) if told else ""


class FileMissing(GeodataError):
    """Nothing is there under that name."""

    code = "file_missing"
    en = "there is no such file."
    zh = "文件不存在。"
    remedy_en = "Check the path; addresses of the network are not read."
    remedy_zh = "请检查路径；不支持网络地址。"


class NotAFile(GeodataError):
    """A directory, a device or a pipe where a file is expected."""

    code = "not_a_file"
    en = "this is a directory or a device, not a file."
    zh = "这是目录或设备，不是文件。"
    remedy_en = "Name one file; zip a Shapefile with all its parts."
    remedy_zh = "请指定单个文件；Shapefile 请将全部组成文件压缩为 zip。"


class FileEmpty(GeodataError):
    """No bytes."""

    code = "file_empty"
    en = "the file has no content."
    zh = "文件为空。"
    remedy_en = "Export it again from where it comes."
    remedy_zh = "请从来源系统重新导出。"


class FileTooLarge(GeodataError):
    """More bytes than allowed, packed or unpacked."""

    code = "file_too_large"
    en = "{size_mb} MB is more than the {limit_mb} MB allowed."
    zh = "{size_mb} MB 超过上限 {limit_mb} MB。"
    remedy_en = "Split it by area, or leave out attributes and vertices that are not needed."
    remedy_zh = "请按区域拆分，或去掉不需要的属性和节点。"


class FeaturesTooMany(GeodataError):
    """More features or rows than are taken in one file."""

    code = "features_too_many"
    en = "there are more than {limit} features or rows."
    zh = "要素或行数超过上限 {limit}。"
    remedy_en = "Split it by area or by time."
    remedy_zh = "请按区域或时间拆分。"


class PiecesTooMany(GeodataError):
    """A text of more coordinates, members and entries than are held in memory."""

    code = "pieces_too_many"
    en = "there are more than {limit} coordinates, members and entries."
    zh = "坐标、成员和条目总数超过上限 {limit}。"
    remedy_en = "Split it by area, or leave out attributes and vertices that are not needed."
    remedy_zh = "请按区域拆分，或去掉不需要的属性和节点。"


class UnsafeArchive(GeodataError):
    """A zip that would fill the disk, climb out of its folder, or hide its content."""

    code = "unsafe_archive"
    en = "the archive is refused: {why}."
    zh = "压缩包被拒绝：{why}。"
    remedy_en = "Pack the parts of the layer again, plainly, in one zip."
    remedy_zh = "请将图层的组成文件重新直接压缩为一个 zip。"


class UnknownFormat(GeodataError):
    """The content is no format that is read here, whatever its ending says."""

    code = "unknown_format"
    en = "the content is {found}, not a format that is read here."
    zh = "文件内容为{found}，不是可读取的格式。"
    remedy_en = "Give {known}."
    remedy_zh = "请提供 {known}。"


class FileBroken(GeodataError):
    """The format is known, but the content does not keep to it."""

    code = "file_broken"
    en = "{format} that cannot be read: {why}."
    zh = "无法读取的 {format}：{why}。"
    remedy_en = "Export it again, or mend it where it is named."
    remedy_zh = "请重新导出，或在指出的位置修正。"


class LayerUnknown(GeodataError):
    """Several layers and none named, or one named that is not there."""

    code = "layer_unknown"
    en = "{why}; the layers are: {layers}."
    zh = "{why}；可选图层：{layers}。"
    remedy_en = "Name one with --layer."
    remedy_zh = "请用 --layer 指定一个。"


class CrsMissing(GeodataError):
    """Nothing says which coordinates these are."""

    code = "crs_missing"
    en = "the file does not declare its coordinates; {guess}."
    zh = "文件没有声明坐标系；{guess}。"
    remedy_en = "Say what they are with --crs (convert: --from): an EPSG code, gcj02 or bd09."
    remedy_zh = "请用 --crs（convert 用 --from）指定：EPSG 代码、gcj02 或 bd09。"


class CrsWrong(GeodataError):
    """The numbers cannot be what the file declares, or what was said of them."""

    code = "crs_wrong"
    en = "{claim}, but the numbers (x {x}, y {y}) cannot be that; {guess}."
    zh = "{claim}，但坐标值（x {x}，y {y}）不符；{guess}。"
    remedy_en = "Say what they really are with --crs (convert: --from): an EPSG code, gcj02 or bd09."
    remedy_zh = "请用 --crs（convert 用 --from）指明实际坐标系：EPSG 代码、gcj02 或 bd09。"


class CrsUnknown(GeodataError):
    """A name of coordinates that nobody knows."""

    code = "crs_unknown"
    en = "“{crs}” is no coordinate system that is known here."
    zh = "“{crs}” 不是已知的坐标系。"
    remedy_en = "Give an EPSG code (4326, EPSG:4544), wgs84, cgcs2000, gcj02 or bd09."
    remedy_zh = "请给出 EPSG 代码（4326、EPSG:4544）、wgs84、cgcs2000、gcj02 或 bd09。"


class CrsLegacy(GeodataError):
    """A datum whose shift to CGCS2000 is local and not public, so that a formula would be off by up to 100 m."""

    code = "crs_legacy"
    en = "{crs} stands on {datum}, which no public formula takes to WGS 84."
    zh = "{crs} 基于 {datum}，没有公开公式可转换为 WGS 84。"
    remedy_en = "Ask the surveying office for an export in CGCS2000."
    remedy_zh = "请向测绘部门索取 CGCS2000 坐标的成果。"


class CoordinateOutOfRange(GeodataError):
    """A longitude beyond 180, a latitude beyond 90, or no number at all."""

    code = "coordinate_out_of_range"
    en = "longitude {lon}, latitude {lat} is no place on Earth."
    zh = "经度 {lon}、纬度 {lat} 不是有效位置。"
    remedy_en = "Longitude comes first and lies within ±180, latitude within ±90."
    remedy_zh = "经度在前，范围 ±180；纬度在后，范围 ±90。"


class CannotWrite(GeodataError):
    """The format cannot hold this layer, or the place cannot be written."""

    code = "cannot_write"
    en = "this cannot be written: {why}."
    zh = "无法写出：{why}。"
    remedy_en = "{hint}"
    remedy_zh = "{hint}"


class RowBroken(GeodataError):
    """One row of a table does not fit its header; the others are read."""

    code = "row_broken"
    en = "{why}."
    zh = "{why}。"
    remedy_en = "Mend the row."
    remedy_zh = "请修正该行。"
