"""Chinese first, English complete: every word of pages and code has its Chinese, and no Chinese is left over."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from gridapp.clocks import Step
from gridapp.errors.fields import FIELD_NAMES
from gridapp.jobs import PERIODIC
from gridapp.services.words.kinds import KINDS
from gridapp.web.admin.jobs import NAMES, STEPS

FIELD = re.compile(r"\bui\.(?:input|textarea|select|picker)\('(\w+)'.*problem=problem")
ROOT = Path(__file__).parents[2]
ROOMS = ROOT / "gridapp" / "translations"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
FILES = [("**/templates/**.html", "jinja2"), ("**.html", "jinja2"), ("**.py", "python")]
GAP = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def said() -> dict[str, str]:
    """Every msgid of pages and code, and where it is said."""
    found = {}
    for folder in ("gridapp", "mobile_api", "templates"):
        for file, line, message, *_ in extract_from_dir(
            ROOT / folder, method_map=FILES, keywords=KEYWORDS, comment_tags=()
        ):
            found[message if isinstance(message, str) else message[0]] = f"{folder}/{file}:{line}"
    return found


def translated() -> dict[str, list[tuple[str, Message]]]:
    """Every translation by its msgid, with the room that it lies in."""
    found: dict[str, list[tuple[str, Message]]] = {}
    for file in sorted(ROOMS.glob("*/zh_CN/LC_MESSAGES/messages.po")):
        with file.open("rb") as words:
            for message in read_po(words, locale="zh_CN"):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    found.setdefault(key, []).append((file.parts[-4], message))
    return found


def words_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


@pytest.fixture(scope="module")
def catalogue():
    return translated()


def test_every_word_has_its_chinese(catalogue) -> None:
    missing = {
        message: place
        for message, place in said().items()
        if not any(all(words_of(kept)) and not kept.fuzzy for _, kept in catalogue.get(message, []))
    }
    assert missing == {}


def test_every_room_knows_that_chinese_has_no_plural() -> None:
    for file in ROOMS.glob("*/zh_CN/LC_MESSAGES/messages.po"):
        with file.open("rb") as words:
            assert read_po(words).num_plurals == 1, file


def test_no_translation_is_left_over(catalogue) -> None:
    assert sorted(set(catalogue) - set(said())) == []


def test_rooms_that_share_a_word_translate_it_alike(catalogue) -> None:
    apart = {
        message: [(room, *words_of(kept)) for room, kept in places]
        for message, places in catalogue.items()
        if len({tuple(words_of(kept)) for _, kept in places}) > 1
    }
    assert apart == {}


def test_translations_keep_the_gaps_of_their_sentence(catalogue) -> None:
    def gaps(words: str) -> set[str]:
        return {a or b for a, b in GAP.findall(words)}

    wrong = {
        message: words
        for message, places in catalogue.items()
        for _, kept in places
        for words in words_of(kept)
        if gaps(words) != gaps(" ".join([kept.id] if isinstance(kept.id, str) else kept.id))
    }
    assert wrong == {}


def test_every_notice_has_its_sentences() -> None:
    shown = (ROOT / "templates" / "field" / "_words.html").read_text()
    assert sorted(set(re.findall(r"'notice_(\w+)'", shown)) - set(KINDS)) == []
    told = re.compile(r"(?:notices\.tell|notices\.leave|tell_\w+)\([^\n]*\"(\w+)\"")
    sources = [path.read_text() for path in (ROOT / "gridapp" / "services").rglob("*.py")]
    assert sorted({code for text in sources for code in told.findall(text)} - set(KINDS)) == []


def test_every_job_has_a_name_for_people() -> None:
    assert {job.name for job in PERIODIC} <= set(NAMES)


def test_every_step_of_a_clock_has_a_name_for_people() -> None:
    assert {step.value for step in Step} == set(STEPS)


def test_a_refusal_names_every_field_in_words():
    forms = "".join(page.read_text() for page in (ROOT / "templates").rglob("*.html"))
    rules = (ast.walk(ast.parse(rule.read_text())) for rule in (ROOT / "gridapp").rglob("*.py"))
    calls = (node for rule in rules for node in rule if isinstance(node, ast.Call))
    refused = {word.arg for call in calls if getattr(call.func, "id", "") == "invalid" for word in call.keywords}
    assert {*FIELD.findall(forms), *refused - {None}} - FIELD_NAMES.keys() == set()
