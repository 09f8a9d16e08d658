"""Every template compiles and keeps the Content-Security-Policy; components say what they take."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "templates", *sorted(ROOT.glob("*/templates"))]
TEMPLATES = sorted(
    path.relative_to(folder).as_posix() for folder in FOLDERS for path in folder.rglob("*.html")
)
FORBIDDEN = {
    "a style attribute": r"\sstyle\s*=",
    "an inline style": r"<style\b",
    "an inline script": r"<script\b(?![^>]*\bsrc=)",
    "an event handler": r"<[^>]*\son[a-z]+\s*=",
    "a javascript: address": r"javascript:",
    "htmx that evaluates text": r"\bhx-on\b|\bhx-vals\s*=\s*[\"']js:",
    "a foreign host": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
    "unescaped output": r"\|\s*safe\b|\{%\s*autoescape\s+off",
    "a translated sentence in pieces": r"%\}\s*\+\s*\{%\s*trans",
}


def source(name: str) -> str:
    text = next(f / name for f in FOLDERS if (f / name).exists()).read_text("utf-8")
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)


def lapses(text: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_nothing_inline_and_nothing_foreign(name: str) -> None:
    assert lapses(source(name)) == []


COMPONENTS = [name for name in TEMPLATES if name.startswith("components/")]


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_says_first_what_it_takes(name: str) -> None:
    text = next(f / name for f in FOLDERS if (f / name).exists()).read_text("utf-8")
    assert re.match(r"(\{% load [^%]*%\}\s*)*\{# inputs:", text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_component_is_given_what_it_takes_and_no_more(name: str) -> None:
    includes = re.findall(r"\{% include [\"']components/[^%]*%\}", source(name))
    assert [include for include in includes if not include.endswith(" only %}")] == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>alert(1)</script>",
        '<button onclick="go()">',
        '<a href="javascript:go()">',
        '<div hx-on:click="go()">',
        '<img src="https://example.com/a.png">',
        '<link href="//example.com/a.css">',
        "{{ name|safe }}",
    ],
)
def test_a_lapse_is_seen(text: str) -> None:
    assert len(lapses(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<script src="{% static "a.js" %}" defer></script>',
        '<a href="/cars/" data-on="x">',
        '<input name="style" value="online=1">',
    ],
)
def test_what_is_allowed_is_let_through(text: str) -> None:
    assert lapses(text) == []
