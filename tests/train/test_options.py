"""Options that nothing could come of are refused at once, not after hours."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from train.__main__ import app


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("singer --members 0", "--members"),
        ("singer --inputs vocal", "--inputs"),
        ("songs there --out gone --members 0", "--members"),
        ("voice --trunk imagenet", "--trunk"),
        ("explain genre --protocol .", "choose from singer"),
    ],
)
def test_the_option_is_named(typed: str, named: str) -> None:
    refused = CliRunner().invoke(app, [*typed.split(), *(() if "songs" in typed else ("--data", "."))])
    assert refused.exit_code == 2 and "Invalid value" in refused.stderr and named in refused.stderr
