import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata import codes

COMMUNITY = "511599001001"


def test_a_code_says_its_level_and_its_chain():
    assert codes.level_of("511599001001002003") == "building"
    assert codes.parent_of("511599001001002") == COMMUNITY
    assert codes.parent_of("511599") is None
    assert codes.chain_of("511599001001002") == ("511599", "511599001", COMMUNITY, "511599001001002")
    assert codes.is_below("511599001001002", "511599001")
    assert not codes.is_below(COMMUNITY, COMMUNITY)


@pytest.mark.parametrize(
    "wrong", ["", "51159900100100", "5115990010010012", "51159900100100a", "511599001001000", "５１１５９９"]
)
def test_other_forms_are_refused_in_both_languages(wrong):
    with pytest.raises(codes.CodeForm) as caught:
        codes.level_of(wrong)
    assert "not a grid code" in caught.value.message_en
    assert "不是网格编码" in caught.value.message_zh


def test_numbered_as_one_reads_a_page():
    boxes = [shapely.box(x, y + x / 50, x + 1, y + 1 + x / 50) for y in range(3) for x in range(4)]
    numbers = [int(code[-3:]) for code in codes.number(COMMUNITY, boxes)]
    assert numbers == [9, 10, 11, 12, 5, 6, 7, 8, 1, 2, 3, 4]
    assert codes.number(COMMUNITY, []) == []


def test_a_retired_code_is_never_given_again():
    ever = [f"{COMMUNITY}001", f"{COMMUNITY}007", "511599002001009", "ward-4"]
    assert codes.next_free(COMMUNITY, ever) == f"{COMMUNITY}008"


def test_gaps_are_used_only_when_the_end_is_reached():
    assert codes.take(COMMUNITY, 2, [f"{COMMUNITY}999", f"{COMMUNITY}001"]) == [f"{COMMUNITY}002", f"{COMMUNITY}003"]


def test_used_up_is_said():
    with pytest.raises(codes.CodesUsedUp, match="never given again"):
        codes.next_free(COMMUNITY, [f"{COMMUNITY}{n:03d}" for n in range(1, 1000)])


def test_nothing_is_numbered_under_a_building_grid():
    with pytest.raises(codes.CodeForm):
        codes.next_free("511599001001002003", [])


@given(st.sets(st.integers(1, 999), max_size=990), st.integers(0, 9))
def test_new_codes_are_new_and_distinct(used, count):
    ever = {f"{COMMUNITY}{n:03d}" for n in used}
    fresh = codes.take(COMMUNITY, count, ever)
    assert len(set(fresh)) == count
    assert not set(fresh) & ever
    assert all(codes.parent_of(code) == COMMUNITY for code in fresh)
