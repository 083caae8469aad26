"""No system compiles code with numba, so classification works with empty or damaged caches."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import librosa
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]

EVERY_SYSTEM = """
import sys
from pathlib import Path
from gender_audio.audio import read
from gender_audio.plots import timeline
from gender_audio.systems.genre import GenreClassifier
from gender_audio.systems.singing import SingingClassifier
from gender_audio.systems.speech_mel import MelSpeechClassifier
from gender_audio.systems.speech_mfcc import MfccSpeechClassifier
clip = read(Path(sys.argv[1]))
for system in (MfccSpeechClassifier, MelSpeechClassifier, GenreClassifier):
    system.load()(clip)
timeline.spectrogram(SingingClassifier.load()(clip))
sys.exit(", ".join({"librosa", "numba", "llvmlite"} & set(sys.modules)) or 0)
"""


@pytest.fixture
def empty_caches(tmp_path: Path) -> dict[str, str]:
    """Environment variables of a user with empty caches."""
    folders = {"HOME": "home", "XDG_CACHE_HOME": "cache", "NUMBA_CACHE_DIR": "numba", "MPLCONFIGDIR": "matplotlib"}
    for name in folders.values():
        (tmp_path / name).mkdir()
    paths = {variable: str(tmp_path / name) for variable, name in folders.items()}
    return {**os.environ, **paths, "OMP_NUM_THREADS": "1"}


def classify(song: Path, system: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gender_audio", "classify", str(song), "--system", system, "--json"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("path", sorted((ROOT / "gender_audio").rglob("*.py")), ids=lambda path: path.name)
def test_no_module_imports_a_compiler(path: Path) -> None:
    assert not re.search(r"^\s*(from|import) (librosa|numba)\b", path.read_text(encoding="utf8"), re.MULTILINE)


def test_concurrent_processes_with_empty_caches_classify(song: Path, empty_caches: dict[str, str]) -> None:
    systems = ("speech-mel", "speech-mel", "genre", "genre")
    processes = [classify(song, system, empty_caches) for system in systems]
    for process, system in zip(processes, systems, strict=True):
        output, errors = process.communicate()
        assert process.returncode == 0, errors.decode()
        assert json.loads(output)[0]["system"] == system
    assert not list(Path(empty_caches["NUMBA_CACHE_DIR"]).iterdir())


def test_no_system_imports_a_compiler(song: Path, empty_caches: dict[str, str]) -> None:
    command = [sys.executable, "-c", EVERY_SYSTEM, str(song)]
    process = subprocess.run(command, cwd=ROOT, env=empty_caches, capture_output=True, check=False)
    assert process.returncode == 0, process.stderr.decode()


def test_damaged_numba_cache_is_ignored(song: Path, empty_caches: dict[str, str]) -> None:
    """The folders are named as numba names them for librosa's modules."""
    for module in ("core/pitch", "util/utils"):
        source = Path(librosa.__file__).parent / f"{module}.py"
        folder = Path(empty_caches["NUMBA_CACHE_DIR"]) / f"{source.parent.name}_{'0' * 40}"
        folder.mkdir(exist_ok=True)
        for suffix in (".nbi", ".1.nbc"):
            (folder / f"{source.stem}._pi_wrapper-430.py311{suffix}").write_bytes(b"garbage")
    process = classify(song, "speech-mel", empty_caches)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
