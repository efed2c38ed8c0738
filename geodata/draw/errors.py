"""What can be missing or wrong in what a drawing is asked for."""

from geodata.errors import GeodataError


class NoGround(GeodataError):
    """Nothing to divide: a boundary without an area."""

    code = "no_ground"
    en = "the boundary has no polygon, so there is no ground to divide."
    zh = "边界中没有面要素，没有可划分的范围。"
    remedy_en = "Give a layer of polygons, or leave the boundary out: then it is the hull of the buildings."
    remedy_zh = "请提供面图层，或不指定边界（以建筑物外包线为界）。"


class NoBuildings(GeodataError):
    """No households to share out: no building, or none inside."""

    code = "no_buildings"
    en = "{why}, so there are no households to share out."
    zh = "{why}，没有可分配的户数。"
    remedy_en = "Give the polygons of the buildings; check that both files mean the same place and coordinates."
    remedy_zh = "请提供建筑物面图层，并检查两个文件的位置和坐标系是否一致。"


class LimitsWrong(GeodataError):
    """Limits that no grid can keep."""

    code = "limits_wrong"
    en = "a grid cannot hold at least {low} and at most {high} households."
    zh = "网格户数不可能既不少于 {low} 又不多于 {high}。"
    remedy_en = "Give whole numbers with 0 < min ≤ max."
    remedy_zh = "请给出整数，且 0 < 最小值 ≤ 最大值。"


class ColumnWrong(GeodataError):
    """A column of numbers that is not there, or holds something else."""

    code = "column_wrong"
    en = "column “{column}” {why}; the columns are: {columns}."
    zh = "列“{column}”{why_zh}；可选列：{columns}。"
    remedy_en = "Name a column of numbers that are not negative."
    remedy_zh = "请指定一个非负数值列。"


class CountWrong(GeodataError):
    """More grids than there are pieces of ground."""

    code = "count_wrong"
    en = "{count} grids cannot be drawn here: {why}."
    zh = "无法在此划分 {count} 个网格：{why_zh}。"
    remedy_en = "Ask for fewer, or leave the number to the drawing."
    remedy_zh = "请减少数量，或不指定数量。"


class NoStreets(GeodataError):
    """A layer of streets that holds no lines."""

    code = "no_streets"
    en = "there are no lines among the streets."
    zh = "道路图层中没有线要素。"
    remedy_en = "Give the centre lines of the streets; a layer without any feature is taken as it is."
    remedy_zh = "请提供道路中心线；空图层则按无道路处理。"


class BoundaryUnknown(GeodataError):
    """No boundary of the name asked for."""

    code = "boundary_unknown"
    en = "there is no boundary named “{name}”; there are: {names}."
    zh = "没有名为“{name}”的边界；可选：{names}。"
    remedy_en = "Name one of these with --boundary-name, or give a layer with --boundary."
    remedy_zh = "请用 --boundary-name 指定其中之一，或用 --boundary 提供图层。"


class AllLocked(GeodataError):
    """Nothing left to draw."""

    code = "all_locked"
    en = "the locked grids cover the whole boundary."
    zh = "锁定的网格已覆盖全部范围。"
    remedy_en = "Lock fewer grids, or give a larger boundary."
    remedy_zh = "请减少锁定的网格，或扩大边界。"
