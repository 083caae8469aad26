"""The architecture: which part of a package may import which, the length of modules, and their docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 300
"""Largest number of lines of a module."""

LAYERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "gender_audio": (
        ("atomic_write", "audio", "calibration", "fingerprint", "synth", "weights"),
        ("models",),
        ("separation",),
        ("features",),
        ("gradcam",),
        ("systems",),
        ("plots", "report"),
        ("collection", "export", "live"),
        ("cli", "ui"),
    ),
    "train": (
        ("engine", "run_records"),
        ("data",),
        ("recipes",),
        ("evaluation",),
        ("reports",),
        ("commands",),
    ),
}
"""Package to its parts (packages and modules), the lowest layer first. A part may import its own and lower layers."""

ENTRY_POINTS = {"__init__", "__main__"}
"""Modules that may import every part of their package."""


def modules(package: str) -> Iterator[tuple[str, Path]]:
    """Dotted name and path of every module of a package."""
    for path in sorted((ROOT / package).rglob("*.py")):
        names = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(names[:-1] if names[-1] == "__init__" else names), path


NAMES = {name: path for package in (*LAYERS, "bench") for name, path in modules(package)}


def imported(path: Path) -> set[str]:
    """The modules of this repository that a module imports, also inside functions."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= (submodules & NAMES.keys()) or {node.module}
    return names & NAMES.keys()


def part_of(module: str) -> str:
    """The second part of a dotted name; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("package", LAYERS)
def test_every_part_has_a_layer(package: str) -> None:
    parts = {part_of(name) for name, _ in modules(package)} - {"", *ENTRY_POINTS}
    assert parts == {name for layer in LAYERS[package] for name in layer}


@pytest.mark.parametrize("package", LAYERS)
def test_imports_go_downwards(package: str) -> None:
    level = {name: number for number, layer in enumerate(LAYERS[package]) for name in layer}
    violations = [
        f"{name} imports {other}"
        for name, path in modules(package)
        if part_of(name) in level
        for other in imported(path)
        if other.startswith(f"{package}.") and part_of(other) in level and level[part_of(other)] > level[part_of(name)]
    ]
    assert violations == []


@pytest.mark.parametrize(("package", "forbidden"), [("gender_audio", ("train", "bench")), ("train", ("bench",))])
def test_packages_do_not_import_their_users(package: str, forbidden: tuple[str, ...]) -> None:
    violations = [
        f"{name} imports {other}"
        for name, path in modules(package)
        for other in imported(path)
        if other.split(".")[0] in forbidden
    ]
    assert violations == []


def test_modules_do_not_import_in_circles() -> None:
    try:
        TopologicalSorter({name: imported(path) - {name} for name, path in NAMES.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_modules_are_short() -> None:
    paths = [*NAMES.values(), *(ROOT / "tests").rglob("*.py")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf8").splitlines()) for path in paths}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_modules_have_docstrings() -> None:
    trees = {name: ast.parse(path.read_text(encoding="utf8")) for name, path in NAMES.items()}
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []
