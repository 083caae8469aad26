"""Invalid options and missing data are rejected before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from train.__main__ import app


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("singing --members 0", "--members"),
        ("singing --inputs vocal", "--inputs"),
        ("songs there --out gone --members 0", "--members"),
        ("songs there --out gone --samples 0", "--samples"),
        ("ablation --protocol . --samples 0", "--samples"),
        ("ablation --protocol . --remixes 0", "--remixes"),
        ("speech-mel --trunk imagenet", "--trunk"),
        ("explain genre --protocol .", "choose from singing"),
        ("singing --seed -1", "--seed"),
        ("speech-mel --seed 4294967296", "--seed"),
        ("explain singing --protocol . --rows 0", "--rows"),
    ],
)
def test_invalid_option_is_named(command: str, option: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), *(() if "songs" in command else ("--data", "."))])
    assert result.exit_code == 2 and option in result.stderr


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("separator", "remix_val.csv"),
        ("ablation", "remix_test.csv"),
        ("evaluate", "remix_test.csv"),
        ("explain singing", "remix_test.csv"),
        ("singing", "manifest.csv"),
        ("speech-mfcc", "audiomnist_mfcc.npz"),
        ("speech-mel", "manifest.csv"),
        ("genre", "manifest.csv"),
        ("eda", "manifest.csv"),
    ],
)
def test_missing_data_file_is_named(command: str, missing: str, tmp_path: Path) -> None:
    folders = ["--data", str(tmp_path)]
    folders += ["--protocol", str(tmp_path)] if missing.startswith("remix") else []
    folders += [] if command.startswith(("evaluate", "eda", "explain")) else ["--cache", str(tmp_path / "cache")]
    result = CliRunner().invoke(app, [*command.split(), *folders])
    assert result.exit_code == 2, result.exception
    assert str(tmp_path / missing) in result.stderr and "Traceback" not in result.output
