"""`gridapp people` as a script meets it: one or many, each row accounted for, passwords never an argument."""

import csv

import openpyxl
import pytest
from sqlalchemy import text

from gridapp.db import session
from gridapp.services.auth import sign_in
from tests.support.command import gridapp_here as gridapp

HEADER = ("username", "name", "role", "scope", "unit", "phone", "titles", "password")
GOOD = ("li.na", "李娜", "chief", "511502001001", None, "13812345678", "网格长;党小组长", None)
OWN_WORD = ("wang.wei", "王伟", "handler", "511502001001", "unit_a", None, None, "Correct-Horse-8")
BAD_ROLE = ("zhao.min", "赵敏", "king", "511502001001", None, None, None, None)
BAD_SCOPE = ("sun.li", "孙丽", "chief", "999999", None, None, None, None)


@pytest.fixture
def staff(tmp_path):
    """The same rows as CSV and as XLSX."""
    rows = [HEADER, GOOD, BAD_ROLE, OWN_WORD, BAD_SCOPE]
    with (tmp_path / "staff.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "staff.xlsx")
    return tmp_path


def people(app):
    with app.app_context():
        return session.scalar(text("select count(*) from person"))


def may_sign_in(app, username, password):
    with app.app_context():
        return sign_in(app.extensions["settings"], username, password, device="test").person.username == username


def test_a_file_brings_people_in_once_and_names_each_row_that_it_refuses(live_app, staff):
    before = people(live_app)
    tried = gridapp(live_app, "people", "import", staff / "staff.csv", "--dry-run", "--json", terminal=True)
    assert (tried.status, people(live_app)) == (1, before), tried.err
    assert "Importing staff.csv  [" in tried.err
    assert {name: tried.document[name] for name in ("rows", "created")} == {"rows": 4, "created": 2}
    ran = gridapp(live_app, "people", "import", staff / "staff.xlsx", "--json")
    assert (ran.status, people(live_app)) == (1, before + 2), ran.err
    refused = {one["row"]: one["reason"] for one in ran.document["refused"]}
    assert refused == {one["row"]: one["reason"] for one in tried.document["refused"]}
    assert refused[3].startswith("role: ") and refused[5].startswith("scope: ")
    assert list(refused) == [3, 5]
    assert list(ran.document["passwords"]) == ["li.na"]
    assert may_sign_in(live_app, "li.na", ran.document["passwords"]["li.na"])
    assert may_sign_in(live_app, "wang.wei", "Correct-Horse-8")
    again = gridapp(live_app, "people", "import", staff / "staff.csv", LANG="zh_CN.UTF-8")
    assert (again.status, people(live_app)) == (1, before + 2)
    assert [line.partition(":")[0] for line in again.out.splitlines()[:-1]] == ["row 2", "row 3", "row 4", "row 5"]
    assert again.out.splitlines()[-1] == "rows 4, created 0, refused 4."


def test_a_file_with_other_columns_is_one_sentence_and_brings_nobody(live_app, staff):
    (staff / "staff.csv").write_text("username,name,rolle\nli.na,李娜,chief\n", encoding="utf-8")
    before = people(live_app)
    ran = gridapp(live_app, "people", "import", staff / "staff.csv", "--json")
    assert (ran.status, ran.out, people(live_app)) == (2, "", before)
    assert "staff.csv" in ran.err and "rolle" in ran.err and "Needed are username, name, role, scope" in ran.err
    assert "Traceback" not in ran.err


def test_one_is_added_with_a_password_from_standard_input(live_app):
    words = ("people", "add", "li.na", "--role", "chief", "--scope", "511502001001", "--json")
    ran = gridapp(live_app, *words, stdin="Correct-Horse-9\n")
    assert ran.status == 0, ran.err
    assert (ran.document["username"], ran.document["role"]) == ("li.na", "chief")
    assert may_sign_in(live_app, "li.na", "Correct-Horse-9")
    before = people(live_app)
    again = gridapp(live_app, *words, stdin="Correct-Horse-9\n")
    assert (again.status, again.out, people(live_app)) == (2, "", before)
    assert again.err == "Error: The user name is taken. Choose another.\n"
    silent = gridapp(live_app, *words)
    assert (silent.status, "standard input holds no password" in silent.err) == (2, True)
    lost = gridapp(live_app, *words[:-2], "999999", stdin="Correct-Horse-9\n")
    assert (lost.status, lost.err.startswith("Error: scope: ")) == (2, True)
