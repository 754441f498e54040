import ast
import os
from pathlib import Path

import pytest

from bot.launcher.fingerprint import TRAINED_FROM, fingerprint

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "config.yml",
        "domain.yml",
        "uv.lock",
        "data/nlu/a.yml",
        "data/nlu/b.yml",
        "bot/nlu/components/c.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return tmp_path


@pytest.mark.parametrize("changed", ["config.yml", "uv.lock", "data/nlu/a.yml", "bot/nlu/components/c.py"])
def test_a_changed_file_changes_it(project: Path, changed: str) -> None:
    before = fingerprint(project)
    (project / changed).write_text("something else")
    assert fingerprint(project) != before


def test_file_times_do_not_matter(project: Path) -> None:
    before = fingerprint(project)
    os.utime(project / "config.yml", (0, 0))
    assert fingerprint(project) == before


def test_a_renamed_file_changes_it(project: Path) -> None:
    before = fingerprint(project)
    (project / "data/nlu/a.yml").rename(project / "data/nlu/z.yml")
    assert fingerprint(project) != before


def test_text_moved_from_one_file_to_the_next_changes_it(project: Path) -> None:
    (project / "data/nlu/a.yml").write_text("one two")
    (project / "data/nlu/b.yml").write_text("")
    before = fingerprint(project)
    (project / "data/nlu/a.yml").write_text("one ")
    (project / "data/nlu/b.yml").write_text("two")
    assert fingerprint(project) != before


@pytest.mark.parametrize(
    "noise",
    ["bot/nlu/components/__pycache__/c.cpython-310.pyc", "data/nlu/.a.yml.swp", "data/pages/p.yml", "README.md"],
)
def test_what_training_does_not_read_does_not_matter(project: Path, noise: str) -> None:
    before = fingerprint(project)
    (project / noise).parent.mkdir(parents=True, exist_ok=True)
    (project / noise).write_text("noise")
    assert fingerprint(project) == before


def test_everything_that_the_components_import_counts() -> None:
    covered = {file for entry in TRAINED_FROM for file in [ROOT / entry, *(ROOT / entry).rglob("*.py")]}
    for file in sorted(file for file in covered if file.suffix == ".py"):
        for module in _imported(file):
            path = ROOT / module.replace(".", "/")
            module_file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            assert module_file in covered, f"{file.relative_to(ROOT)} imports {module}: add it to TRAINED_FROM"


def _imported(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            modules |= {name for name in submodules if (ROOT / (name.replace(".", "/") + ".py")).is_file()}
    return {module for module in modules if module.startswith("bot.")}
