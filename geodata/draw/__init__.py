"""Drawing grids: balanced by households, along streets, in one piece each, and no building cut.

`draw` takes a boundary, streets and buildings and answers with the grids and a result sheet. The method is told in
`docs/drawing.md`.
"""

from geodata.draw.drawing import Drawing, draw
from geodata.draw.report import Outside, Sheet

__all__ = ["Drawing", "Outside", "Sheet", "draw"]
