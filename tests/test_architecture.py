"""The rooms of the code: who may import whom, how long a module may be, and that every package explains itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 300
"""Lines of a module."""

LAYERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "gender_audio": (
        ("atomic_write", "audio", "calibration", "fingerprint", "synth", "weights"),
        ("models",),
        ("separation",),
        ("features",),
        ("gradcam",),
        ("systems",),
        ("plots", "report"),
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
"""Package to its rooms, the lowest layer first: a room imports from its own layer and from those below."""

ENTRANCES = {"__init__", "__main__"}
"""Modules of a package itself: they may import every room."""


def modules(package: str) -> Iterator[tuple[str, Path]]:
    """Dotted name and path of every module of a package."""
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


NAMES = {name: path for package in (*LAYERS, "bench") for name, path in modules(package)}


def imported(path: Path, top_level: bool = False) -> set[str]:
    """The modules of this repository that a module imports, also inside functions unless `top_level`."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    found = set()
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (submodules & NAMES.keys()) or {node.module}
    return found & NAMES.keys()


def room(module: str) -> str:
    """The second part of a dotted name; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("package", LAYERS)
def test_every_room_has_a_layer(package: str) -> None:
    rooms = {room(name) for name, _ in modules(package)} - {"", *ENTRANCES}
    assert rooms == {name for layer in LAYERS[package] for name in layer}


@pytest.mark.parametrize("package", LAYERS)
def test_imports_go_downwards(package: str) -> None:
    height = {name: number for number, layer in enumerate(LAYERS[package]) for name in layer}
    wrong = [
        f"{name} imports {other}"
        for name, path in modules(package)
        if room(name) in height
        for other in imported(path)
        if other.startswith(f"{package}.") and room(other) in height and height[room(other)] > height[room(name)]
    ]
    assert wrong == []


@pytest.mark.parametrize(("package", "others"), [("gender_audio", ("train", "bench")), ("train", ("bench",))])
def test_packages_do_not_import_those_that_use_them(package: str, others: tuple[str, ...]) -> None:
    wrong = [
        f"{name} imports {other}"
        for name, path in modules(package)
        for other in imported(path)
        if other.split(".")[0] in others
    ]
    assert wrong == []


def test_modules_do_not_import_in_circles() -> None:
    try:
        TopologicalSorter({name: imported(path) - {name} for name, path in NAMES.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_modules_are_short() -> None:
    paths = [*NAMES.values(), *(ROOT / "tests").rglob("*.py")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf8").splitlines()) for path in paths}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_modules_have_docstrings() -> None:
    without = [
        name for name, path in NAMES.items() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf8")))
    ]
    assert without == []
