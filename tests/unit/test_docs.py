"""What docs, docstrings and comments name is there: files, folders, the tree of the README."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("bot", "actions", "tests", "tools", "data", "docs")
PAGES = [*ROOT.glob("*.md"), ROOT / "NOTICE", *(ROOT / "docs").rglob("*.md")]
SCRIPTS = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py") if "fake_project" not in file.parts]
OTHERS = [
    *(ROOT / name for name in ("Makefile", "pyproject.toml", "tools/setup.sh", "tools/browser.sh")),
    *ROOT.glob("*.yml"),
    *(ROOT / "data").rglob("*.yml"),
    *(file for kind in ("*.js", "*.css") for file in (ROOT / "bot").rglob(kind) if "vendor" not in file.parts),
]
NAMED_PATH = re.compile(rf"(?<![\w/.:-])(?:{'|'.join(FOLDERS)})/[\w./*<>{{}},-]*[\w*>}}/]")
NAMED_FILE = re.compile(r"(?<![\w/.-])[a-z_]\w*\.(?:py|yml|md|js|css|html|sh)\b(?!\()")
# What the website makes of its parts.
SERVED = {"widget.js"}
WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def prose(file: Path) -> str:
    """What is written for people: a page, or the docstrings and comments of a script."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        # What has been released stays as it was written.
        return text.split("\n## 0.")[0] if file.name == "CHANGELOG.md" else text
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, WITH_DOCSTRING))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return "\n".join([*(ast.get_docstring(node) or "" for node in nodes), *comments])


def one_by_one(path: str) -> list[str]:
    """The paths that ``{a,b}`` stands for, as patterns."""
    braces = re.search(r"{([^}]*)}", path)
    if not braces:
        # What stands for a name; mypy's patterns are regular expressions.
        return [re.sub(r"<\w+>|\.\*", "*", path).rstrip("/")]
    before, after = path[: braces.start()], path[braces.end() :]
    return [one for choice in braces[1].split(",") for one in one_by_one(before + choice + after)]


def missing(text: str, names: set[str]) -> Iterator[str]:
    for path in NAMED_PATH.findall(text):
        yield from (one for one in one_by_one(path) if not any(ROOT.glob(one)))
    yield from (name for name in NAMED_FILE.findall(text) if name not in names)


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Names of all files."""
    return (
        SERVED
        | {file.name for folder in FOLDERS for file in (ROOT / folder).rglob("*.*")}
        | {file.name for file in ROOT.iterdir()}
    )


def test_every_file_that_is_named_exists(names: set[str]) -> None:
    assert len(PAGES) > 15
    assert len(SCRIPTS) > 300
    named = {file: set(missing(prose(file), names)) for file in (*PAGES, *SCRIPTS, *OTHERS)}
    assert {str(file.relative_to(ROOT)): lost for file, lost in named.items() if lost} == {}


def test_the_tree_of_the_readme_is_the_tree() -> None:
    """Its paths exist (above), and every folder that holds something is in it."""
    tree = re.search(r"## Where things are\n\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert tree
    shown = {one for path in NAMED_PATH.findall(tree[1]) for one in one_by_one(path)}
    folders = [*packages(ROOT / "bot"), *packages(ROOT / "bot/nlu")]
    assert {str(folder.relative_to(ROOT)) for folder in folders} - {"bot/nlu"} - shown == set()


def packages(folder: Path) -> list[Path]:
    return [file.parent for file in folder.glob("*/__init__.py")]
