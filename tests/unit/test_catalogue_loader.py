"""A district's own catalogue loads, and a wrong one is refused with file, entry and remedy."""

import re
import shutil
from pathlib import Path

import pytest

from gridapp.catalogue import Catalogue, CatalogueError, load_catalogue
from gridapp.catalogue.loader import DATA

CHINESE = re.compile(r"[\u4e00-\u9fff]")

WHOLE = """
units = [
  { code = "st_a", level = "street", zh = "甲", en = "A", superior = "d_b" },
  { code = "d_b", level = "district", zh = "乙", en = "B" },
]
duties = [{ code = "care", zh = "关爱", en = "Care", about_zh = "走访", about_en = "Visits" }]
reasons = [{ action = "return", code = "other", zh = "其他", en = "Other" }]

[catalogue]
version = "7"
standard = "local"

[severities]
two = [{ code = "low", zh = "低", en = "Low" }, { code = "high", zh = "高", en = "High" }]

[[majors]]
code = "11"
zh = "大类"
en = "Major"
kind = "governance"

[majors.defaults]
near_metres = 10

[majors.condition_defaults]
class = "committed"
unit = "st_a"
answer = { amount = 1, unit = "working_hour" }
handle = { amount = 2, unit = "working_day" }

[[majors.minors]]
code = "11999"
zh = "小类"
en = "Minor"
severity = "two"
conditions = [{ no = 2, zh = "有", en = "Some" }]
"""


def load_text(folder: Path, text: str) -> Catalogue:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return load_catalogue(file)


def test_a_district_loads_its_own_file(tmp_path: Path) -> None:
    own = load_text(tmp_path, WHOLE)
    (condition,) = own.conditions
    assert (own.version, condition.code, condition.unit) == ("7", "11999-2", "st_a")
    (minor,) = own.children("11")
    assert (minor.near_metres, [level.code for level in minor.severities]) == (10, ["low", "high"])


def test_a_district_loads_its_own_edited_folder(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(DATA, folder)
    shared = folder / "00_head.toml"
    version = load_catalogue(folder).version
    own = shared.read_text(encoding="utf-8").replace(f'"{version}"', f'"{version}-cuiping"')
    shared.write_text(own, encoding="utf-8")
    assert load_catalogue(folder).version == f"{version}-cuiping"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('code = "11999"', 'code = "12999"', "categories 12999: must begin with its major's 11"),
        ('code = "11999"', 'code = "1199"', "categories 1199 › code"),
        ('code = "11999"\n', "", "own.toml, majors › 11 › minors › 1 › code: Field required"),
        ('\nzh = "小类"', "", "categories 11999 › zh"),
        ('zh = "小类"', 'zh = ""', "categories 11999 › zh"),
        ('zh = "小类"', 'zh = "小类"\nphotos = 3', "categories 11999 › photos: Unexpected keyword argument"),
        ('zh = "小类"', 'zh = "小类"\nphotos_before = "2"', "categories 11999 › photos_before"),
        ('zh = "小类"', 'zh = "小类"\nsample_share = 0.2', "sample share but is never self-handled"),
        ('zh = "小类"', 'zh = "小类"\nself_handle = true', "self-handled only when admitted"),
        ('zh = "小类"', 'zh = "小类"\nadmitted = true', "admitted under a duty"),
        ('zh = "小类"', 'zh = "小类"\nadmitted = true\nduty = "sleep"', "duty 'sleep' is not in duties"),
        ('zh = "小类"', 'zh = "小类"\nstop = "fire"', "[stops] has no 'fire'"),
        ('zh = "小类"', 'zh = "小类"\nfields = ["plate"]', "[fields] has no 'plate'"),
        ('severity = "two"', 'severity = "three"', "[severities] has no 'three'"),
        ('severity = "two"', 'condition_set = "x"', "[condition_sets] has no 'x'"),
        ('conditions = [{ no = 2, zh = "有", en = "Some" }]', "conditions = []", "11999: has no filing condition"),
        ("{ no = 2,", "{ no = 12,", "majors › 11 › minors › 11999 › conditions › 1 › no"),
        ("{ no = 2,", '{ no = 2, unit = "d_x",', "conditions 11999-2: unit 'd_x' is not in units"),
        ('class = "committed"', 'class = "soon"', "conditions 11999-2 › service_class"),
        ("amount = 2", "amount = 0", "conditions 11999-2 › handle"),
        ("amount = 2", "amount = 1000000000000000000000", "conditions 11999-2 › handle"),
        ("near_metres = 10", "near_metres = nan", "categories 11999 › near_metres"),
        ("near_metres = 10", "near_metres = inf", "categories 11999 › near_metres"),
        ("near_metres = 10", "near_metres = 2026-01-01", "categories 11999 › near_metres"),
        ("amount = 2", "amount = 2.5", "conditions 11999-2 › handle › amount"),
        ('unit = "working_day"', 'unit = "week"', "conditions 11999-2 › handle › unit"),
        ('superior = "d_b"', 'superior = "d_x"', "units st_a: superior 'd_x' is not in units"),
        ('superior = "d_b"', 'superior = "st_a"', "units st_a: only a street unit has a superior"),
        ('code = "d_b"', 'code = "st_a"', "units st_a: is also in own.toml"),
        ('version = "7"', 'version = "7 8"', "catalogue › version"),
        ('kind = "governance"', 'kind = "other"', "categories 11 › kind"),
        ("[severities]", "[colours]\n[severities]", "own.toml, colours: Extra inputs"),
        ("units = [", "units = 3 #", "own.toml: is not TOML"),
    ],
)
def test_a_fault_is_named_by_file_and_entry(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in WHOLE
    with pytest.raises(CatalogueError) as refused:
        load_text(tmp_path, WHOLE.replace(old, new, 1))
    assert says in str(refused.value)
    assert str(refused.value).startswith("own.toml")
    assert all(CHINESE.search(fault.zh) for fault in refused.value.faults)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as refused:
        load_text(tmp_path, WHOLE.replace('zh = "小类"', 'zh = ""').replace('zh = "甲"', 'zh = ""'))
    assert {fault.entry for fault in refused.value.faults} == {"categories 11999 › zh", "units st_a › zh"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "[catalogue] must be there once, not 0 times"),
        (b"\xff\xfe[", "is not UTF-8"),
        (b"a = ", "is not TOML"),
        (b"a = \x00", "is not TOML"),
        (b"a = " + b"[" * 100_000, "own.toml"),
        (b"# " + b"x" * (1 << 20), "split it"),
        (b"units = [1, 2]", "units"),
        (b"majors = 3", "majors"),
        (b"[[majors]]\ncode = 3", "majors"),
    ],
)
def test_what_is_no_catalogue_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(content)
    with pytest.raises(CatalogueError, match=re.escape(says)):
        load_catalogue(file)


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.toml: cannot be read"):
        load_catalogue(tmp_path / "none.toml")
    with pytest.raises(CatalogueError, match=r"files \*.toml are needed"):
        load_catalogue(tmp_path)
