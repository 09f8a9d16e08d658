"""Our `.mo` files are what gettext reads, and the Chinese catalogue is complete."""

import gettext
import io
import os
import re
from pathlib import Path

from crm_project import translations
from tests.tooling import catalogue

SOURCE = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

# a comment
#: some/file.html:3
msgid "Due today"
msgstr "今天到期"

msgctxt "button"
msgid "Call"
msgstr "拨打"

#, fuzzy
#| msgid "Old"
msgid "Guessed"
msgstr "猜的"

msgid "Not translated"
msgstr ""

msgid ""
"A long line\n"
"with a \"quote\""
msgstr ""
"一行\n"
"两行"

#, python-format
msgid "%(n)d car"
msgid_plural "%(n)d cars"
msgstr[0] "%(n)d 辆"
msgstr[1] "%(n)d 辆车"
#~ msgid "Gone"
#~ msgstr "没了"
"""


def read(source: str) -> gettext.GNUTranslations:
    packed = translations.pack(translations.catalogue(source))
    return gettext.GNUTranslations(io.BytesIO(packed))


def test_texts_contexts_plurals_and_long_lines_are_found() -> None:
    texts = read(SOURCE)
    assert texts.gettext("Due today") == "今天到期"
    assert texts.pgettext("button", "Call") == "拨打"
    assert texts.gettext('A long line\nwith a "quote"') == "一行\n两行"
    assert texts.ngettext("%(n)d car", "%(n)d cars", 1) == "%(n)d 辆"
    assert texts.ngettext("%(n)d car", "%(n)d cars", 5) == "%(n)d 辆车"


def test_guessed_empty_and_obsolete_texts_stay_in_the_original() -> None:
    texts = read(SOURCE)
    for original in ("Guessed", "Not translated", "Gone"):
        assert texts.gettext(original) == original


def test_only_what_is_older_than_its_source_is_compiled(tmp_path: Path) -> None:
    source = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE, encoding="utf-8")
    assert translations.compile_all(tmp_path) == [source.with_suffix(".mo")]
    assert translations.compile_all(tmp_path) == []
    later = source.with_suffix(".mo").stat().st_mtime + 1
    os.utime(source, (later, later))
    assert translations.compile_all(tmp_path) == [source.with_suffix(".mo")]
    assert [path.suffix for path in sorted(source.parent.iterdir())] == [".mo", ".po"]


# The Chinese catalogue.

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|</?\w+>")
CHINESE = re.compile(r"[\u3400-\u9fff]")
# A half-width sign after a Chinese character comes from a Western keyboard.
HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,:;?!(]")


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_every_text_is_translated_and_none_is_guessed() -> None:
    entries = catalogue.entries()
    assert [entry["msgid"] for entry in entries if entry.is_fuzzy or not entry.text.strip()] == []


def test_each_translation_keeps_the_placeholders() -> None:
    differing = [
        entry["msgid"]
        for entry in catalogue.entries()
        # Chinese has one form: it says what the plural says.
        if placeholders(entry.text) != placeholders(entry.get("msgid_plural", entry["msgid"]))
    ]
    assert differing == []


def test_the_catalogue_has_what_the_sources_ask_for_and_nothing_else() -> None:
    asked, known = catalogue.asked(), {catalogue.key_of(entry) for entry in catalogue.entries()}
    assert sorted(asked - known) == [], "run `make messages` and translate"
    assert sorted(known - asked) == [], "no source asks for these"


def test_chinese_is_punctuated_in_chinese() -> None:
    texts = [entry.text for entry in catalogue.entries()]
    assert [text for text in texts if HALF_WIDTH.search(text)] == []


def test_the_catalogue_names_no_person_and_no_machine() -> None:
    head = catalogue.CATALOGUE.read_text("utf-8").split("\n\n")[0]
    assert "@" not in head
    assert "nplurals=1; plural=0;" in head
