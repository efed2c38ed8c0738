"""Photos drawn for the purpose: a street and what is wrong with it, before and after. Nobody takes them for real."""

import io
import zlib
from collections.abc import Callable
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Phase = Literal["before", "after"]
Draw = ImageDraw.ImageDraw

SIZE: Final = (800, 600)
GROUND: Final = 330
KERB: Final = 470
WALLS: Final = ("#d9c7ae", "#c9d2d9", "#e0b9a3", "#cfd8b8", "#d8c3d6")


def draw_photo(category: str, seed: int, phase: Phase = "before") -> bytes:
    """A JPEG of 800 x 600: the same street for both phases, the matter only before.

    Args:
        category: name (Chinese or English) or code of the category; words in it choose the scene.
        seed: another street for another seed.
        phase: `before` with the matter, `after` without.
    """
    rng = np.random.default_rng([seed, zlib.crc32(category.encode())])
    image = Image.new("RGB", SIZE, "#bcdcf2")
    draw = ImageDraw.Draw(image)
    _street(draw, rng)
    if phase == "before":
        _scene(category)(draw, rng)
    else:
        _tidy(draw)
    _caption(draw, phase, seed)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _street(draw: Draw, rng: np.random.Generator) -> None:
    x = -int(rng.integers(0, 80))
    while x < SIZE[0]:
        width, top = int(rng.integers(110, 200)), int(rng.integers(40, 180))
        _house(draw, (x, top, x + width, GROUND), WALLS[int(rng.integers(len(WALLS)))])
        x += width + int(rng.integers(4, 26))
    draw.rectangle((0, GROUND, SIZE[0], KERB), fill="#c8c3ba")
    for x in range(0, SIZE[0], 50):
        draw.line((x, GROUND, x - 40, KERB), fill="#b3aea5")
    draw.rectangle((0, KERB, SIZE[0], SIZE[1]), fill="#6d6f73")
    draw.rectangle((0, KERB, SIZE[0], KERB + 9), fill="#e4e2dd")
    for x in range(int(rng.integers(0, 60)), SIZE[0], 130):
        draw.rectangle((x, 548, x + 70, 556), fill="#f2f0e6")
    _tree(draw, int(rng.integers(40, 140)))
    _tree(draw, int(rng.integers(640, 760)))


def _house(draw: Draw, box: tuple[int, int, int, int], colour: str) -> None:
    x0, y0, x1, y1 = box
    draw.rectangle(box, fill=colour, outline="#8d8678")
    for y in range(y0 + 16, y1 - 60, 38):
        for x in range(x0 + 12, x1 - 22, 34):
            draw.rectangle((x, y, x + 18, y + 22), fill="#7fa3ba", outline="#66707a")
    draw.rectangle((x0 + 14, y1 - 48, x0 + 44, y1), fill="#7a5b44")
    draw.rectangle((x0 + 54, y1 - 44, x1 - 12, y1 - 8), fill="#9db8c4", outline="#66707a")


def _tree(draw: Draw, x: int) -> None:
    draw.rectangle((x - 6, 260, x + 6, 380), fill="#6b4b2f")
    for dx, dy, r in ((-30, 245, 42), (28, 240, 46), (0, 205, 52)):
        draw.ellipse((x + dx - r, dy - r, x + dx + r, dy + r), fill="#4f8a4b")


def _rubbish(draw: Draw, rng: np.random.Generator) -> None:
    for _ in range(9):
        x, y, r = int(rng.integers(260, 520)), int(rng.integers(385, 450)), int(rng.integers(22, 42))
        colour = ("#2f3437", "#3f4a52", "#1f5a46", "#7c7f45")[int(rng.integers(4))]
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline="#15181a")
        draw.polygon([(x - 8, y - r - 10), (x + 8, y - r - 10), (x, y - r + 6)], fill=colour)
    for _ in range(14):
        x, y = int(rng.integers(230, 560)), int(rng.integers(440, 468))
        draw.rectangle((x, y, x + 12, y + 6), fill=("#ffffff", "#d8b04c", "#c86b5a")[int(rng.integers(3))])


def _hole(draw: Draw, rng: np.random.Generator) -> None:
    x, y = int(rng.integers(330, 470)), 525
    edge = [
        (x + float(r * np.cos(a)) * 1.7, y + float(r * np.sin(a)) * 0.5)
        for a, r in zip(np.linspace(0, 2 * np.pi, 14, endpoint=False), rng.uniform(48, 78, 14), strict=True)
    ]
    draw.polygon(edge, fill="#3a3632", outline="#26231f")
    draw.ellipse((x - 50, y - 10, x + 40, y + 14), fill="#24211e")
    for _ in range(16):
        sx, sy = x + int(rng.integers(-150, 150)), y + int(rng.integers(-40, 40))
        draw.ellipse((sx, sy, sx + 9, sy + 6), fill="#55504a")


def _bikes(draw: Draw, rng: np.random.Generator) -> None:
    for i in range(7):
        x, y = 210 + i * 58 + int(rng.integers(-12, 12)), 425 + int(rng.integers(-14, 14))
        colour = ("#f2c200", "#2f8fd0", "#3fae5a")[int(rng.integers(3))]
        for wheel in (x - 26, x + 26):
            draw.ellipse((wheel - 18, y - 18, wheel + 18, y + 18), outline="#1e1e1e", width=4)
        frame = [(x - 26, y), (x - 8, y - 30), (x + 18, y - 30), (x + 26, y), (x, y), (x - 8, y - 30)]
        draw.line(frame, fill=colour, width=6)
        draw.line((x + 18, y - 30, x + 14, y - 46, x + 28, y - 48), fill="#1e1e1e", width=4)
        draw.line((x - 16, y - 38, x, y - 38), fill="#1e1e1e", width=6)


def _stall(draw: Draw, rng: np.random.Generator) -> None:
    x = int(rng.integers(270, 380))
    for i in range(8):
        draw.rectangle((x + i * 28, 330, x + i * 28 + 28, 362), fill=("#d94f3d", "#f6f2e6")[i % 2])
    for leg in (x + 6, x + 214):
        draw.line((leg, 360, leg, 462), fill="#777777", width=6)
    draw.rectangle((x - 8, 412, x + 232, 440), fill="#9a6a3f")
    for i in range(13):
        colour = ("#e8772e", "#4f9a3d", "#c4332b")[int(rng.integers(3))]
        draw.ellipse((x + i * 17, 394, x + i * 17 + 18, 414), fill=colour)


def _posters(draw: Draw, rng: np.random.Generator) -> None:
    for _ in range(18):
        x, y = int(rng.integers(200, 580)), int(rng.integers(215, 310))
        colour = ("#fff4a8", "#ffffff", "#f7b2b2", "#b8e0f7")[int(rng.integers(4))]
        draw.rectangle((x, y, x + 34, y + 44), fill=colour, outline="#888888")
        for line in range(4):
            draw.line((x + 5, y + 9 + line * 9, x + 28, y + 9 + line * 9), fill="#b03030", width=2)


def _fallen(draw: Draw, rng: np.random.Generator) -> None:
    x = int(rng.integers(240, 320))
    draw.line((x, 452, x + 250, 420), fill="#6b4b2f", width=16)
    for i in range(9):
        r = int(rng.integers(22, 44))
        cx, cy = x + 150 + i * 16, 425 - int(rng.integers(-16, 20))
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=("#4f8a4b", "#5f9c53")[i % 2])


def _hazard(draw: Draw, rng: np.random.Generator) -> None:
    x = int(rng.integers(340, 440))
    draw.polygon([(x, 352), (x - 52, 446), (x + 52, 446)], fill="#f2c200", outline="#222222", width=6)
    draw.rectangle((x - 5, 382, x + 5, 418), fill="#222222")
    draw.ellipse((x - 6, 424, x + 6, 436), fill="#222222")


SCENES: Final[tuple[tuple[tuple[str, ...], Callable[[Draw, np.random.Generator], None]], ...]] = (
    (("垃圾", "渣土", "不洁", "满溢", "弃料", "杂物", "rubbish", "garbage", "waste", "litter"), _rubbish),
    (("单车", "车", "停放", "bike", "bicycle", "vehicle", "parking"), _bikes),
    (("占道", "游商", "店外", "摊", "经营", "stall", "vendor", "hawker"), _stall),
    (("广告", "宣传", "标语", "招牌", "poster", "advert"), _posters),
    (("绿", "树", "园林", "tree", "green"), _fallen),
    (("路", "井", "破损", "缺损", "损坏", "road", "manhole", "pothole", "damage", "broken"), _hole),
)


def _scene(category: str) -> Callable[[Draw, np.random.Generator], None]:
    words = category.lower()
    return next((scene for keywords, scene in SCENES if any(word in words for word in keywords)), _hazard)


def _tidy(draw: Draw) -> None:
    """A tick on the clean pavement."""
    draw.ellipse((360, 370, 440, 450), fill="#3fae5a")
    draw.line((380, 412, 396, 430, 422, 394), fill="#ffffff", width=9, joint="curve")


def _caption(draw: Draw, phase: Phase, seed: int) -> None:
    draw.rectangle((0, 566, SIZE[0], 600), fill="#1d2b3a")
    draw.text((14, 571), f"SAMPLE, DRAWN  |  {phase}  |  {seed}", fill="#ffffff", font=ImageFont.load_default(20))
