"""What the sources ask to translate, found without gettext: calls of Python, tags of templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from crm_project import translations
from crm_project.translations import Entry

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
LEFT_OUT = {"tests", "bench", "staticfiles"}
Key = tuple[str, str]  # context and msgid

# How many texts a call takes, and whether a context stands before them.
_CALLS = {"gettext": False, "ngettext": False, "pgettext": True, "npgettext": True}
_LITERAL = r"u(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_TEMPLATE_CALL = re.compile(rf"\b(n?p?gettext)\(((?:{_LITERAL}(?:, )?)+)")


def entries() -> list[Entry]:
    """The entries of the Chinese catalogue without its head."""
    return [
        entry for entry in translations.entries(CATALOGUE.read_text("utf-8")) if entry.get("msgid")
    ]


def key_of(entry: Entry) -> Key:
    return entry.get("msgctxt", ""), entry["msgid"]


def asked() -> set[Key]:
    """Every text marked in the sources of the product."""
    found: set[Key] = set()
    for path in _sources(".py"):
        found |= set(_of_python(path.read_text("utf-8")))
    for path in _sources(".html"):
        found |= set(_of_template(path.read_text("utf-8")))
    return found


def _sources(suffix: str) -> Iterator[Path]:
    for folder in sorted(ROOT.iterdir()):
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in LEFT_OUT:
            yield from sorted(folder.rglob(f"*{suffix}"))


def _of_python(source: str) -> Iterator[Key]:
    if "gettext" not in source:
        return
    tree = ast.parse(source)
    names = dict(_imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            if texts:
                yield _key(names[node.func.id], texts)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Local name and plain name of each function that marks a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for alias in node.names:
                plain = alias.name.removesuffix("_lazy").removesuffix("_noop")
                if plain in _CALLS:
                    yield alias.asname or alias.name, plain


def _of_template(source: str) -> Iterator[Key]:
    for name, arguments in _TEMPLATE_CALL.findall(templatize(source)):
        yield _key(name, list(ast.literal_eval(f"({arguments.rstrip(', ')},)")))


def _key(name: str, texts: list[str]) -> Key:
    return (texts[0], texts[1]) if _CALLS[name] else ("", texts[0])
