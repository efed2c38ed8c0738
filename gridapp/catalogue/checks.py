"""What must hold between the entries of a catalogue; each entry alone is checked by its shape."""

from collections.abc import Iterator, Mapping

from gridapp.catalogue.faults import Fault
from gridapp.catalogue.shape import Catalogue, Category, Unit


def reference_faults(catalogue: Catalogue, files: Mapping[str, str]) -> Iterator[Fault]:
    """Every entry that names another one which is not there, or contradicts it; ``files`` says where entries stand."""
    duties = {duty.code for duty in catalogue.duties}
    for category in catalogue.categories:
        for en, zh in [*_numbering(category), *_handling(category, duties), *_missing_conditions(category, catalogue)]:
            yield _fault(files, f"categories {category.code}", en, zh)
    units = {unit.code: unit for unit in catalogue.units}
    for condition in catalogue.conditions:
        if condition.unit not in units:
            en, zh = f"unit {condition.unit!r} is not in units: add it there", f"责任单位 {condition.unit!r} 不存在"
            yield _fault(files, f"conditions {condition.code}", en, zh)
    for unit in catalogue.units:
        for en, zh in _superiors(unit, units):
            yield _fault(files, f"units {unit.code}", en, zh)


def _fault(files: Mapping[str, str], entry: str, en: str, zh: str) -> Fault:
    return Fault(files[entry], entry, en, zh)


def _numbering(category: Category) -> Iterator[tuple[str, str]]:
    if len(category.code) != (2 if category.parent is None else 5):
        yield "a major has two digits, a minor five", "大类编码两位，小类编码五位"
    if category.parent is not None and not category.code.startswith(category.parent):
        yield f"must begin with its major's {category.parent}", f"必须以大类编码 {category.parent} 开头"


def _handling(category: Category, duties: set[str]) -> Iterator[tuple[str, str]]:
    if category.admitted != (category.duty is not None):
        yield "is admitted under a duty, or not admitted and without one", "准入事项必须对应职责，未准入的不得对应"
    if category.duty is not None and category.duty not in duties:
        yield f"duty {category.duty!r} is not in duties: add it there", f"职责 {category.duty!r} 不存在"
    if category.self_handle and not (category.admitted and category.photos_before and category.photos_after):
        yield (
            "is self-handled only when admitted, with a photo before and one after",
            "自行处置须已准入，并要求处置前、后照片",
        )
    if category.sample_share and not category.self_handle:
        yield "has a sample share but is never self-handled", "不能自行处置的事项不需要抽查比例"


def _missing_conditions(category: Category, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if category.parent is not None and not catalogue.conditions_of(category.code):
        yield "has no filing condition: add one", "没有立案条件，请至少添加一条"
    if category.parent is None and not catalogue.children(category.code):
        yield "has no minor class: add one", "没有小类，请至少添加一个"


def _superiors(unit: Unit, units: Mapping[str, Unit]) -> Iterator[tuple[str, str]]:
    if unit.superior is None:
        return
    superior = units.get(unit.superior)
    if superior is None:
        yield f"superior {unit.superior!r} is not in units: add it there", f"上级单位 {unit.superior!r} 不存在"
    elif superior.level != "district" or unit.level != "street":
        yield "only a street unit has a superior, and that is a district unit", "只有街道单位有上级，且上级为区级单位"
