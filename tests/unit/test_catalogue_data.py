"""The catalogue that comes with the program: whole, in both languages, true to the standard and to itself."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any

import pytest

from gridapp.catalogue import Kind, ServiceClass, load_catalogue
from gridapp.clocks import Limit, TimeUnit

CATALOGUE = load_catalogue()
MINORS = [category for category in CATALOGUE.categories if category.parent]
BY_CODE = {category.code: category for category in CATALOGUE.categories}
CHINESE = re.compile(r"[\u4e00-\u9fff]")

MATTERS_OF_THE_STANDARD = {
    "06": {*range(1, 31), *range(32, 53)} - {31},
    "07": {1, 2, 3, 4, 6, 7, 8},
    "08": set(range(1, 17)),
    "09": {*range(1, 7), *range(8, 16), 16, 17, 18, 19, 20, 21, 22} - {7},
    "10": {1, 2},
}


def texts(thing: Any, language: str) -> Iterator[tuple[str, str]]:
    """Every text of one language anywhere in an entry, with where it stands."""
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.name == language or field.name.endswith(f"_{language}"):
            yield f"{thing!r:.80}.{field.name}", value
        for inner in value if isinstance(value, tuple) else (value,):
            if is_dataclass(inner):
                yield from texts(inner, language)


def all_texts(language: str) -> list[tuple[str, str]]:
    entries = (*CATALOGUE.categories, *CATALOGUE.conditions, *CATALOGUE.duties, *CATALOGUE.units, *CATALOGUE.reasons)
    return [found for entry in entries for found in texts(entry, language)]


def test_it_names_its_version_and_standard() -> None:
    assert (CATALOGUE.version, CATALOGUE.standard) == ("2026.2", "GB/T 47678.5-2026")


def test_every_text_is_there_in_chinese_and_in_english() -> None:
    chinese, english = all_texts("zh"), all_texts("en")
    assert len(chinese) == len(english) > 1000
    assert [where for where, text in chinese if not CHINESE.search(text)] == []
    assert [where for where, text in english if CHINESE.search(text) or not re.search(r"[A-Za-z]", text)] == []


def test_names_are_not_shared_by_two_classes() -> None:
    for language in ("zh", "en"):
        names = Counter(getattr(category, language) for category in CATALOGUE.categories)
        assert [name for name, count in names.items() if count > 1] == []


def test_codes_are_unique() -> None:
    for entries in (CATALOGUE.categories, CATALOGUE.conditions, CATALOGUE.duties, CATALOGUE.units):
        codes = [entry.code for entry in entries]
        assert len(codes) == len(set(codes))
    reasons = [(reason.action, reason.code) for reason in CATALOGUE.reasons]
    assert len(reasons) == len(set(reasons))


def test_every_class_is_three_taps_away() -> None:
    reached = [minor for major in CATALOGUE.majors() for minor in CATALOGUE.children(major.code)]
    assert [*reached, *CATALOGUE.majors()] == [*MINORS, *CATALOGUE.children(None)]


@pytest.mark.parametrize(("major", "numbers"), MATTERS_OF_THE_STANDARD.items())
def test_the_matters_of_the_standard_have_its_codes(major: str, numbers: set[int]) -> None:
    listed = {int(minor.code[2:]) for minor in CATALOGUE.children(major) if not minor.local}
    assert listed == numbers


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("01001", "供水井盖异常"),
        ("01037", "路灯异常"),
        ("03005", "垃圾箱异常"),
        ("06010", "暴露垃圾"),
        ("07001", "非法小广告"),
        ("08011", "渣土车未密闭"),
        ("09012", "占用消防通道"),
        ("10002", "架空线缆脱落"),
    ],
)
def test_names_are_those_of_the_standard(code: str, name: str) -> None:
    assert BY_CODE[code].zh == BY_CODE[code].exchange_name == name


def test_components_mirror_the_standard_by_name() -> None:
    components = [minor for minor in MINORS if minor.kind is Kind.COMPONENT]
    assert len(components) > 70
    assert {component.parent for component in components} == {"01", "02", "03", "04", "05"}
    assert all(component.zh.endswith("异常") for component in components)


def test_local_classes_are_marked_and_counted_downward() -> None:
    governance = [category for category in CATALOGUE.categories if category.kind is Kind.GOVERNANCE]
    assert all(category.local for category in governance)
    assert BY_CODE["99999"].exchange_name == "邻里纠纷（自定义）"
    assert BY_CODE["10999"].local
    assert not BY_CODE["10"].local
    for major in {category.parent or category.code for category in governance}:
        numbers = sorted((int(minor.code[2:]) for minor in CATALOGUE.children(major)), reverse=True)
        assert numbers == list(range(999, 999 - len(numbers), -1))


@pytest.mark.parametrize(
    "name",
    ["矛盾纠纷", "安全隐患", "社会治安", "民生服务", "物业问题", "特殊人群", "突发事件", "食品药品", "劳动保障"],
)
def test_social_governance_is_covered(name: str) -> None:
    (major,) = [major for major in CATALOGUE.majors() if major.zh == name]
    assert len(CATALOGUE.children(major.code)) > 2


def test_every_minor_has_filing_conditions_whose_units_exist() -> None:
    units = {unit.code for unit in CATALOGUE.units}
    assert all(CATALOGUE.conditions_of(minor.code) for minor in MINORS)
    assert {condition.unit for condition in CATALOGUE.conditions} <= units
    assert {condition.category for condition in CATALOGUE.conditions} == {minor.code for minor in MINORS}


def test_every_unit_has_something_to_do_or_to_answer_for() -> None:
    busy = {condition.unit for condition in CATALOGUE.conditions} | {unit.superior for unit in CATALOGUE.units}
    assert {unit.code for unit in CATALOGUE.units} <= busy


def test_classes_limits_and_units_of_time_are_all_used() -> None:
    assert {condition.service_class for condition in CATALOGUE.conditions} == set(ServiceClass)
    limits = [limit for condition in CATALOGUE.conditions for limit in (condition.answer, condition.handle)]
    assert {limit.unit for limit in limits} == set(TimeUnit)


def test_nobody_has_longer_to_answer_than_to_handle() -> None:
    hours = {TimeUnit.WORKING_HOUR: 1, TimeUnit.WORKING_DAY: 8, TimeUnit.URGENT_HOUR: 1, TimeUnit.URGENT_DAY: 24}

    def length(limit: Limit) -> int:
        return limit.amount * hours[limit.unit]

    slow = [c.code for c in CATALOGUE.conditions if length(c.answer) > length(c.handle)]
    assert slow == []


def test_consultations_have_three_working_days() -> None:
    (consultation,) = [minor for minor in MINORS if minor.zh == "政策咨询"]
    assert CATALOGUE.conditions_of(consultation.code)[0].handle == Limit(3, TimeUnit.WORKING_DAY)


def test_a_missing_manhole_cover_runs_day_and_night() -> None:
    missing, damaged = CATALOGUE.conditions_of("01002")
    assert (missing.code, missing.unit, missing.handle) == ("01002-1", "drainage_office", Limit(1, TimeUnit.URGENT_DAY))
    assert damaged.handle == Limit(3, TimeUnit.WORKING_DAY)


@pytest.mark.parametrize(
    ("code", "unit"),
    [("99998", "st_justice"), ("95995", "d_market"), ("06013", "d_housing"), ("01037", "lighting_office")],
)
def test_the_first_condition_is_the_usual_case_and_runs_in_working_time(code: str, unit: str) -> None:
    usual, acute, *_ = CATALOGUE.conditions_of(code)
    assert (usual.unit, usual.handle.unit.urgent) == (unit, False)
    assert (usual.code, acute.code) == (f"{code}-1", f"{code}-2")


def test_the_ten_duties_are_all_admitted_for_something() -> None:
    assert len(CATALOGUE.duties) == 10
    assert {minor.duty for minor in MINORS if minor.admitted} == {duty.code for duty in CATALOGUE.duties}


def test_self_handling_is_for_admitted_classes_and_shows_before_and_after() -> None:
    self_handled = [minor for minor in MINORS if minor.self_handle]
    assert len(self_handled) > 30
    assert all(minor.admitted and minor.photos_before and minor.photos_after for minor in self_handled)
    assert all(0 < minor.sample_share <= 1 for minor in self_handled)


@pytest.mark.parametrize(("code", "number"), [("93999", "119"), ("09012", "119"), ("98996", "119"), ("97999", "110")])
def test_dangerous_matters_say_whom_to_call_first(code: str, number: str) -> None:
    notice = BY_CODE[code].stop
    assert notice is not None
    assert number in notice.zh
    assert number in notice.en


def test_key_persons_and_leads_are_sensitive() -> None:
    assert all(minor.sensitive for major in ("94", "90") for minor in CATALOGUE.children(major))
    assert not any(minor.sensitive for minor in MINORS if minor.kind is not Kind.GOVERNANCE)


@pytest.mark.parametrize(
    "action",
    ["dismiss", "return", "transfer", "escalate", "extend", "refuse_extension", "hold", "rework", "reopen", "withdraw"],
)
def test_each_action_with_a_typed_reason_has_several(action: str) -> None:
    codes = [reason.code for reason in CATALOGUE.reasons_for(action)]
    assert len(codes) > 3
    assert codes[-1] == "other"


def test_a_catalogue_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        CATALOGUE.version = "2"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        CATALOGUE.categories[0].zh = "x"  # type: ignore[misc]
