"""The reasons of the advice in words, in both languages, as a dispatcher would say them."""

from __future__ import annotations

from gridapp.services.advice.candidates import Candidate
from gridapp.services.advice.walking import FACTOR, Walk

Reason = dict[str, str]


def _reason(en: str, zh: str) -> Reason:
    return {"en": en, "zh": zh}


def of_person(one: Candidate, way: Walk | None) -> list[Reason]:
    """Duty, way, responsibility, load and skill, in this order."""
    found = [_reason("on duty", "在岗") if one.on_duty else _reason("not on duty", "不在岗")]
    found += _way(way)
    if one.own:
        deputy = _reason("deputy of this grid", "本网格代理网格员")
        found.append(deputy if one.deputy else _reason("worker of this grid", "本网格网格员"))
    elif one.community:
        found.append(_reason("of the same community", "同社区网格员"))
    found.append(_load(one))
    if one.experience:
        found.append(_skill(one))
    if one.mock:
        found.append(_reason("the position is simulated", "定位为模拟位置"))
    return found


def _way(way: Walk | None) -> list[Reason]:
    if way is None:
        return [_reason("position not known", "位置未知")]
    if way.by_streets:
        return [_reason(f"{way.metres} m on foot along streets", f"沿道路步行 {way.metres} 米")]
    return [
        _reason(f"about {way.metres} m (straight line x {FACTOR})", f"约 {way.metres} 米（直线距离×{FACTOR} 估算）")
    ]


def _load(one: Candidate) -> Reason:
    if not one.load:
        return _reason("nothing on hand", "手头无任务")
    if one.overdue:
        return _reason(f"{one.load} on hand, {one.overdue} overdue", f"手头 {one.load} 件，其中超时 {one.overdue} 件")
    return _reason(f"{one.load} on hand", f"手头 {one.load} 件")


def _skill(one: Candidate) -> Reason:
    en, zh = f"settled {one.experience} of this kind in a year", f"一年内办结同类 {one.experience} 件"
    if one.quality is not None:
        return _reason(f"{en}, quality {one.quality}", f"{zh}，质量 {one.quality} 分")
    return _reason(en, zh)


def of_unit(*, named: bool, admitted: bool) -> list[Reason]:
    """Why a unit."""
    why = [_reason("the catalogue names this unit", "事项目录指定的责任单位")] if named else []
    if not why:
        why = [_reason("the unit that answers for this area", "该区域的责任单位")]
    if not admitted:
        why.append(_reason("the item is not admitted for grid workers", "该事项未准入网格"))
    return why
