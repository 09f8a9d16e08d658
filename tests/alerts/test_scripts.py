"""Call scripts: the language, the check, and every shipped text with every fact and with none."""

import itertools
import re
from pathlib import Path

import pytest

from alerts import wording
from alerts.choices import Reason, TaskKind
from alerts.rules.facts import ALWAYS, BY_NAME, FACTS, MAX_LENGTH, Problem, problems
from alerts.rules.templates import Part, fill, plain, read
from tests.alerts.facts_of_somebody import EVERYTHING

HANDBOOK = Path(__file__).resolve().parents[2] / "docs" / "scripts.md"


def said(text: str, **facts: str) -> str | None:
    parts = fill(text, facts)
    return None if parts is None else plain(parts)


@pytest.mark.parametrize(
    ("text", "facts", "heard"),
    [
        pytest.param("Hello {name}.", {"name": "Ms Wu"}, "Hello Ms Wu.", id="a fact"),
        pytest.param("Hello[ {plate}].", {"plate": "A1"}, "Hello A1.", id="a known part"),
        pytest.param("Hello[ {plate}].", {}, "Hello.", id="a part falls away"),
        pytest.param("[{slot}|Any day]?", {}, "Any day?", id="the other words"),
        pytest.param("[{slot}|Any day]?", {"slot": "Monday"}, "Monday?", id="the first words"),
        pytest.param("[{slot}|{habit}|Any day]?", {"habit": "Fridays"}, "Fridays?", id="a second"),
        pytest.param("[{slot}[ or {slot2}]]", {"slot": "Mon"}, "Mon", id="an inner part alone"),
        pytest.param("[{slot}[ or {slot2}]]", {"slot2": "Tue"}, "", id="no inner without outer"),
        pytest.param("A [{plate} ] b", {}, "A b", id="no double blank"),
        pytest.param("A [{plate}] , b", {}, "A, b", id="no blank before a comma"),
        pytest.param("[{plate}] A", {}, "A", id="no blank at the start"),
        pytest.param("A [{plate}]", {}, "A", id="no blank at the end"),
        pytest.param("A\n[{plate}]\nB", {}, "A\nB", id="no empty line"),
        pytest.param("A \r\n B", {}, "A\nB", id="lines of another system"),
        pytest.param("你好{name}　。", {"name": "王先生"}, "你好王先生。", id="a wide blank"),
        pytest.param("｛name｝［，{plate}］", {"name": "王"}, "王", id="wide signs"),
        pytest.param("【{name}】", {"name": "王"}, "【王】", id="brackets of words stay"),
        pytest.param("{ name }", {"name": "Wu"}, "Wu", id="blanks in braces"),
        pytest.param("Hello {plate}", {}, None, id="an unguarded fact is missing"),
        pytest.param("Hello {plate}", {"plate": ""}, None, id="an empty fact is missing"),
    ],
)
def test_a_text_is_said_with_what_is_known(
    text: str, facts: dict[str, str], heard: str | None
) -> None:
    assert said(text, **facts) == heard


def test_facts_are_marked_in_what_is_said() -> None:
    parts = fill("Hello {name}, your {car}[ of {plate}].", {"name": "Wu", "car": "L7"})
    assert parts == [
        Part("Hello "), Part("Wu", True), Part(", your "), Part("L7", True), Part(".")
    ]  # fmt: skip


def test_a_fact_that_looks_like_the_language_is_said_as_it_is() -> None:
    assert said("You said “{last_words}”.", last_words="[ok] {name} | no") == (
        "You said “[ok] {name} | no”."
    )


SOUND = "{name}, your {car}[ on {slot}| soon]."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(SOUND, [], id="sound"),
        pytest.param("  \n", [Problem("empty")], id="nothing"),
        pytest.param("{car} [{slot}", [Problem("unclosed", 1, "[")], id="open bracket"),
        pytest.param("{car}\n{slot", [Problem("unclosed", 2, "{slot")], id="open brace"),
        pytest.param("{car}]", [Problem("stray", 1, "]")], id="closed and not opened"),
        pytest.param("{car}\n}", [Problem("stray", 2, "}")], id="brace closed and not opened"),
        pytest.param("{car} | or", [Problem("stray", 1, "|")], id="other words outside"),
        pytest.param("[{slot} } x] {car}", [Problem("stray", 1, "}")], id="brace in a bracket"),
        pytest.param("{car} {}", [Problem("unnamed", 1, "{}")], id="no name"),
        pytest.param("{car} {weather}", [Problem("unknown", 1, "weather")], id="unknown"),
        pytest.param("{car} {nmae}", [Problem("unknown", 1, "nmae", "name")], id="mistyped"),
        pytest.param("[{slot} {wether}] {car}", [Problem("unknown", 1, "wether")], id="inside"),
        pytest.param("{car}\n\n{plate}", [Problem("unguarded", 3, "plate")], id="unguarded"),
        pytest.param("{car} [or so]", [Problem("factless", 1)], id="brackets without a fact"),
        pytest.param("[{car} a|b] {car}", [Problem("factless", 1)], id="can never fall away"),
        pytest.param("[a|{slot}] {car}", [Problem("factless", 1)], id="the other way round"),
        pytest.param("{name}, {advisor}", [Problem("impersonal")], id="nobody in particular"),
        pytest.param("[{plate}]", [Problem("vanishes")], id="nothing left"),
    ],
)
def test_the_check_names_what_is_wrong_and_where(text: str, found: list[Problem]) -> None:
    assert problems(text) == found


def test_several_mistakes_are_told_at_once_by_line() -> None:
    found = problems("{plate}\n{nmae}\n[{slot}")
    assert [(one.line, one.code) for one in found] == [
        (1, "unguarded"), (2, "unknown"), (3, "unclosed")
    ]  # fmt: skip


@pytest.mark.parametrize(("length", "codes"), [(MAX_LENGTH, []), (MAX_LENGTH + 1, ["too_long"])])
def test_a_text_has_six_hundred_characters_at_most(length: int, codes: list[str]) -> None:
    assert [one.code for one in problems("{car}".ljust(length, "x"))] == codes


def test_every_broken_text_is_still_read_to_its_end() -> None:
    for signs in itertools.product("{}[]|a", repeat=5):
        nodes, marks = read("".join(signs))
        assert isinstance(nodes, tuple)
        assert isinstance(marks, list)


# What we ship.

TEXTS = [
    pytest.param(language, words.text, id=f"{language}-{words.kind}-{words.level}-{words.tier}")
    for language in wording.LANGUAGES
    for kind in wording.kinds()
    for words in wording.cases(kind, language)
] + [
    pytest.param(language, answer.text, id=f"{language}-answer-{answer.reason}")
    for language in wording.LANGUAGES
    for answer in wording.answers(language)
]
HOLES = {
    "a stray sign": r"[{}\[\]|｛｝［］]",
    "a double blank": r" {2}|\n\n",
    "a blank before a sign": r" [,.;:?!，。；：？！]",
    "two signs": r"[,，、;；:：][,，、;；:：.。]|[.。?？!！][,，。;；]",
    "empty quotes": r"“\s*”",
    "a blank at an end": r"^\s|\s$",
}


def holes(text: str) -> list[str]:
    return [name for name, pattern in HOLES.items() if re.search(pattern, text)]


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_a_shipped_text_passes_its_own_check(language: str, text: str) -> None:
    found = problems(text)
    # An answer to a refusal is said in a conversation that has been personal already.
    assert [one.code for one in found if one.code != "impersonal"] == []


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_a_shipped_text_is_whole_with_every_fact_and_with_none(language: str, text: str) -> None:
    everything = EVERYTHING[language]
    nothing = {name: everything[name] for name in ALWAYS}
    for facts in (everything, nothing):
        heard = said(text, **facts)
        assert heard
        assert holes(heard) == [], heard


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_a_shipped_text_is_whole_with_any_one_fact_missing_or_alone(
    language: str, text: str
) -> None:
    everything = EVERYTHING[language]
    for name in set(everything) - ALWAYS:
        without = {key: words for key, words in everything.items() if key != name}
        alone = {key: everything[key] for key in {*ALWAYS, name}}
        for facts in (without, alone):
            heard = said(text, **facts)
            assert heard is not None
            assert holes(heard) == [], heard


def test_both_languages_have_the_same_cases() -> None:
    for kind in wording.kinds():
        chinese, english = (
            [(one.level, one.tier, one.offer_cost) for one in wording.cases(kind, language)]
            for language in wording.LANGUAGES
        )
        assert chinese == english


def test_every_kind_but_the_reminder_has_words_to_say_and_to_write() -> None:
    assert {*wording.kinds()} == {*TaskKind} - {TaskKind.REMINDER}
    for kind, language in itertools.product(wording.kinds(), wording.LANGUAGES):
        level = "red" if kind == "due_call" else "phone" if kind == "correct_data" else ""
        for case in (level, wording.WRITTEN):
            assert wording.shipped(kind, case, "low", language), (kind, case)


def test_the_five_refusals_have_an_answer_each() -> None:
    for language in wording.LANGUAGES:
        reasons = [answer.reason for answer in wording.answers(language)]
        assert reasons == ["price", "convenience", "competitor", "waiting", "other"]
        assert {*reasons} <= {*Reason.values}


def test_chinese_texts_are_punctuated_in_chinese() -> None:
    texts = [text.values[1] for text in TEXTS if text.values[0] == "zh-hans"]
    half_width = re.compile(r"[\u3400-\u9fff}][,:;?!(]")
    assert [text for text in texts if half_width.search(str(text))] == []


def test_every_fact_has_a_place_in_the_sample_of_somebody_known() -> None:
    for language in wording.LANGUAGES:
        assert {*EVERYTHING[language]} == {fact.name for fact in FACTS} == {*BY_NAME}


def test_the_handbook_explains_every_fact_and_no_other() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", HANDBOOK.read_text("utf-8"), re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(rows)) == [fact.name for fact in FACTS]
