"""Why an edit is refused. A refused edit changes nothing."""

from __future__ import annotations

from geodata.errors import GeodataError


class EditRefused(GeodataError):
    """Base of all refusals."""

    code = "edit_refused"


class GridUnknown(EditRefused):
    """The layer has no grid of that code."""

    code = "grid_unknown"
    en = "there is no grid {grid} in this layer."
    zh = "图层中没有网格{grid}。"
    remedy_en = "Load the layer again; somebody may have retired it."
    remedy_zh = "请重新加载图层；该网格可能已注销。"


class NodeUnknown(EditRefused):
    """No vertex of the layer is there."""

    code = "node_unknown"
    en = "no vertex of any grid is at {x}, {y}."
    zh = "{x}、{y}处没有任何网格的节点。"
    remedy_en = "Pick a vertex of a border."
    remedy_zh = "请选择边界上的节点。"


class NotOneArea(EditRefused):
    """The new outline is not one area: empty, several parts, not a polygon."""

    code = "not_one_area"
    en = "the new outline of {grid} is not one area."
    zh = "网格{grid}的新边界不是一个完整区域。"
    remedy_en = "Draw one closed outline."
    remedy_zh = "请绘制一条闭合边界。"


class SelfCrossing(EditRefused):
    """An outline would cross or touch itself."""

    code = "self_crossing"
    en = "the outline of {grid} would cross itself."
    zh = "网格{grid}的边界会自相交。"
    remedy_en = "Drag the vertex so that no two sides cross."
    remedy_zh = "请调整节点，使边线互不相交。"


class SwallowsNeighbour(EditRefused):
    """A neighbour would have no ground left."""

    code = "swallows_neighbour"
    en = "grid {neighbour} would vanish under {grid}."
    zh = "网格{neighbour}会被网格{grid}完全吞并。"
    remedy_en = "Leave it some ground, or merge the two."
    remedy_zh = "请为其保留范围，或改用合并。"


class SplitsNeighbour(EditRefused):
    """A neighbour would fall into parts."""

    code = "splits_neighbour"
    en = "grid {neighbour} would fall into {parts} parts."
    zh = "网格{neighbour}会被分成{parts}块。"
    remedy_en = "Draw the border so that each grid stays in one piece."
    remedy_zh = "请调整边界，使每个网格保持连片。"


class OuterEdge(EditRefused):
    """The outer edge of all grids together would change: that is the border of the area above."""

    code = "outer_edge"
    en = "the outer edge of the area above {grid} would change."
    zh = "网格{grid}上级区域的外边界会被改变。"
    remedy_en = (
        "Move inner borders only, and end them at present vertices of the outer edge; change the area above first."
    )
    remedy_zh = "仅可移动内部边界，其端点应为外边界上的已有节点；如需调整，请先修改上级区域。"


class BordersCross(EditRefused):
    """Borders of other grids would cross."""

    code = "borders_cross"
    en = "borders of {grids} would cross."
    zh = "网格{grids}的边界会相互交叉。"
    remedy_en = "Move the vertex less far."
    remedy_zh = "请缩短移动距离。"


class EditStale(EditRefused):
    """The layer is not the one that the edit was made for."""

    code = "edit_stale"
    en = "grid {grid} is not as it was when the edit was made."
    zh = "网格{grid}已不是编辑时的形状。"
    remedy_en = "Load the layer again and repeat the edit."
    remedy_zh = "请重新加载图层后再编辑。"


class CodeTaken(EditRefused):
    """A new grid would have the code of another."""

    code = "code_taken"
    en = "the code {grid} is taken."
    zh = "网格编码{grid}已被占用。"
    remedy_en = "Give a code that no grid has."
    remedy_zh = "请指定未使用的编码。"


class LineMisses(EditRefused):
    """A line does not divide a grid."""

    code = "line_misses"
    en = "the line does not divide {grid}."
    zh = "该线没有分割网格{grid}。"
    remedy_en = "Draw it from border to border."
    remedy_zh = "请从边界画到边界。"


class PartsUnnamed(EditRefused):
    """A grid would fall into more or fewer parts than there are codes for."""

    code = "parts_unnamed"
    en = "{grid} would fall into {parts} parts, but {codes} new codes are given."
    zh = "网格{grid}会分成{parts}块，但只给出{codes}个新编码。"
    remedy_en = "Give one code fewer than there are parts, or draw another line."
    remedy_zh = "新编码数应比块数少一，或改画分割线。"


class NotBeside(EditRefused):
    """Grids, or a grid and what it is to get, do not border one another."""

    code = "not_beside"
    en = "{grids} would not be one area."
    zh = "网格{grids}合起来不是一个完整区域。"
    remedy_en = "Begin with what lies between them."
    remedy_zh = "请先处理两者之间的区域。"


class CutsBuilding(EditRefused):
    """A building that stood in one grid would stand in several."""

    code = "cuts_building"
    en = "building {building} would be cut by the border of {grids}."
    zh = "第{building}号建筑会被网格{grids}的边界切开。"
    remedy_en = "Lead the border around it."
    remedy_zh = "请让边界绕开该建筑。"


class NodeNeeded(EditRefused):
    """Without the vertex a grid would have no area."""

    code = "node_needed"
    en = "{grid} would have no area without this vertex."
    zh = "去掉该节点后网格{grid}将没有面积。"
    remedy_en = "Merge the grid with a neighbour instead."
    remedy_zh = "请改为与相邻网格合并。"
