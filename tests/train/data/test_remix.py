"""Remixes: those of the protocol are exact, random ones match their labels."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from gender_audio.features.filterbank import Filterbank
from gender_audio.systems.labels import SINGING
from tests.train.conftest import loudness
from train.__main__ import app
from train.data.corpus import licences, read_sources
from train.data.library import Library, Take
from train.data.remix import LENGTH, load_protocol, render_row
from train.data.remix_cache import RemixCacheConfig
from train.data.remix_config import RemixConfig
from train.data.remixer import Remixer
from train.data.synthesis import midi
from train.data.validation import LayoutError

SHARED = Path(__file__).resolve().parents[4] / "shared"
NEVER = RemixConfig(random_eq=0, noise=0, noise_only=0)


@pytest.fixture(scope="module")
def library(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.open(corpus, read_sources(corpus, "train"), tmp_path_factory.mktemp("cache"))


def test_read_sources_reads_one_split(corpus: Path, library: Library) -> None:
    assert {source.split for source in read_sources(corpus, "val")} == {"val"}
    assert {take.source.split for take in library.takes} == {"train"}
    assert licences(corpus) == {"mir1k": "CC0", "choral": "CC0", "librispeech": "CC0", "librosa": "CC0"}
    assert licences(corpus, {"mir1k", "unknown"}) == {"mir1k": "CC0"}


def test_speeds_change_the_pitch(library: Library) -> None:
    takes = [take for take in library.takes if take.source.path == "train-0.ogg"]
    for take in takes:
        spectrum = np.abs(np.fft.rfft(library.cut(take, 0, 48_000)))
        assert np.argmax(spectrum) / 3 == pytest.approx(120 * take.speed, rel=0.01)
    assert sorted(take.speed for take in takes) == [0.9, 0.95, 1.0, 1.05]


def test_library_open_is_repeatable(corpus: Path, library: Library, tmp_path: Path) -> None:
    first = Library.open(corpus, read_sources(corpus, "train"), tmp_path)
    again = Library.open(corpus, read_sources(corpus, "train"), tmp_path)
    assert again.takes == first.takes == library.takes
    np.testing.assert_array_equal(again.samples, library.samples)


def test_cache_keys_depend_on_file_contents(corpus: Path, tmp_path: Path) -> None:
    copy, other = tmp_path / "copy", tmp_path / "other"
    for folder in (copy, other):
        shutil.copytree(corpus, folder)
    sound = next(other.glob("train-0.*"))
    sound.write_bytes(sound.read_bytes()[:-1] + b"?")
    configs = [
        RemixCacheConfig(data, tmp_path, 1, 0, Filterbank(), ("mixture",), "none") for data in (corpus, copy, other)
    ]
    assert configs[0].folder == configs[1].folder != configs[2].folder
    opened = [Library.open(data, read_sources(data, "train")[1:2], tmp_path / "cache") for data in (corpus, copy)]
    np.testing.assert_array_equal(opened[0].samples, opened[1].samples)
    shutil.copy(corpus / "train-0.ogg", copy / "train-1.ogg")
    changed = Library.open(copy, read_sources(copy, "train")[1:2], tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 2
    assert not np.array_equal(changed.samples, opened[0].samples)


def test_library_is_written_atomically(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="no space"):
        patched.setattr("train.data.library.tqdm", full)
        Library.open(corpus, read_sources(corpus, "train")[:1], tmp_path)
    assert not list(tmp_path.iterdir())
    assert Library.open(corpus, read_sources(corpus, "train")[:1], tmp_path).takes


@pytest.mark.parametrize("label", SINGING.labels)
def test_random_remix_matches_its_label(library: Library, label: str) -> None:
    remixer = Remixer(library, NEVER)
    for seed in range(30):
        remix = remixer.draw(np.random.default_rng(seed), label)
        assert remix.label == label
        assert np.abs(remix.mixture).max() == pytest.approx(0.9, abs=1e-3)
        assert remix.vocals.any() == (label != "none")
        assert remix.accompaniment.any() == ("a cappella" not in remix.kind)
        if remix.vocals.any() and remix.accompaniment.any():
            assert -3.1 <= loudness(remix.vocals) - loudness(remix.accompaniment) <= 8.1


def test_multiple_has_two_singers(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    singers: list[str] = []

    def cut(self: Library, take: Take, start: int, length: int) -> np.ndarray:
        if length == LENGTH:
            singers.append(take.source.singer_id)
        return original(self, take, start, length)

    original = Library.cut
    monkeypatch.setattr(Library, "cut", cut)
    remixer = Remixer(library, RemixConfig(a_cappella=1))
    for seed in range(40):
        singers.clear()
        remix = remixer.draw(np.random.default_rng(seed), "multiple")
        assert len(singers) == len(set(singers)) == 2
        assert remix.singers == tuple(singers)


def test_extra_voices_make_up_to_four_singers(library: Library) -> None:
    remixer = Remixer(library, RemixConfig(extra_voice=1, a_cappella=1))
    choirs = [remixer.draw(np.random.default_rng(seed), "multiple").singers for seed in range(20)]
    assert {len(choir) for choir in choirs} == {2, 3, 4}  # two for speech: the corpus has only two speakers
    assert all(len(choir) == len(set(choir)) for choir in choirs)


def test_single_choir_singer_is_joined_by_other_singers(corpus: Path, tmp_path: Path) -> None:
    sources = [one for one in read_sources(corpus, "train") if (one.dataset, one.voice) != ("choral", "male")]
    remixer = Remixer(Library.open(corpus, sources, tmp_path), RemixConfig(spoken=0, same_recording=1))
    drawn = [remixer.draw(np.random.default_rng(seed), "multiple") for seed in range(20)]
    assert any("train-3" in remix.singers for remix in drawn)
    assert all(len(remix.singers) == 2 for remix in drawn)


def test_harmony_has_one_singer_and_label_multiple(library: Library) -> None:
    config = replace(NEVER, spoken=0, a_cappella=1, harmony=1, extra_voice=1)
    for seed in range(6):
        remix = Remixer(library, config).draw(np.random.default_rng(seed), "multiple")
        assert (len(remix.singers), remix.label, remix.kind) == (1, "multiple", "sung a cappella")
    spoken = replace(config, spoken=1)
    assert len(Remixer(library, spoken).draw(np.random.default_rng(0), "multiple").singers) == 2


def test_midi_sources_are_accompaniments(corpus: Path, tmp_path: Path) -> None:
    config = RemixCacheConfig(corpus, tmp_path, 1, 0, Filterbank(), ("mixture",), "none", n_midi=2)
    assert [source.path for source in config.sources if source.dataset == midi.DATASET] == ["0000", "0001"]
    assert config.folder != replace(config, n_midi=0).folder
    played = [source for source in config.sources if source.kind == "accompaniment" and source.dataset == midi.DATASET]
    remixer = Remixer(Library.open(corpus, played, tmp_path), NEVER)
    remix = remixer.draw(np.random.default_rng(0), "none")
    assert remix.label == "none" and not remix.vocals.any() and loudness(remix.accompaniment) > -40


@pytest.mark.parametrize(
    "effect",
    [
        "formant_shift",
        "pitch_shift",
        "operatic",
        "doubling",
        "harmoniser",
        "delay",
        "reverb",
        "compression",
        "bandwidth",
        "codec",
    ],
)
def test_effects_change_the_sound_but_not_the_label(library: Library, effect: str) -> None:
    for seed in range(5):
        plain, changed = (
            Remixer(library, replace(NEVER, a_cappella=1, **{effect: share})).draw(np.random.default_rng(seed), "male")
            for share in (0.0, 1.0)
        )
        assert (plain.label, plain.singers, plain.kind) == (changed.label, changed.singers, changed.kind)
        assert 0 < np.abs(changed.mixture - plain.mixture).max() < 1.8
        assert loudness(changed.vocals) > -40


@pytest.mark.parametrize("effect", ["random_eq", "delay", "reverb"])
def test_effects_apply_to_accompaniments(library: Library, effect: str) -> None:
    plain, changed = (
        Remixer(library, replace(NEVER, **{effect: share})).draw(np.random.default_rng(1), "none")
        for share in (0.0, 1.0)
    )
    assert np.abs(changed.mixture - plain.mixture).max() > 0.01 and loudness(changed.accompaniment) > -40
    assert not changed.vocals.any()


def test_draw_is_reproducible(library: Library) -> None:
    one, same, other = (Remixer(library).draw(np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.mixture, same.mixture)
    assert not np.array_equal(one.mixture, other.mixture)


def row(**fields: str) -> dict[str, str]:
    names = (
        "label kind voice1 voice1_at voice2 voice2_at gain2_db acc1 acc1_at acc2 acc2_at acc2_gain_db snr_db singers"
    )
    return {**dict.fromkeys(names.split(), ""), **fields}


def test_render_row_sets_levels(corpus: Path) -> None:
    voiced = {"voice1": "val-0.ogg", "voice1_at": "0", "acc1": "val-6.ogg", "acc1_at": "16000"}
    remix = render_row(row(label="male", kind="sung", snr_db="4.5", singers="val-0", **voiced), corpus)
    assert loudness(remix.vocals) - loudness(remix.accompaniment) == pytest.approx(4.5, abs=0.01)
    assert np.abs(remix.mixture).max() == pytest.approx(0.9)
    assert (remix.label, remix.kind, remix.group) == ("male", "sung", "val-0")


@pytest.mark.skipif(not SHARED.exists(), reason="the shared protocol is not beside this checkout")
def test_render_row_matches_the_reference_script() -> None:
    spec = importlib.util.spec_from_file_location("shared_remix", SHARED / "protocol" / "remix.py")
    assert spec and spec.loader
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    rows = reference.rows("remix_val.csv")[:40]
    for line in rows:
        np.testing.assert_allclose(render_row(line, SHARED / "data").mixture, reference.render(line), atol=1e-6)


def test_load_protocol_reads_all_rows(corpus: Path, tmp_path: Path) -> None:
    line = row(label="none", kind="instrumental", acc1="val-6.ogg", acc1_at="0")
    (tmp_path / "remix.csv").write_text(",".join(line) + "\n" + ",".join(line.values()) + "\n")
    assert [remix.label for remix in load_protocol(tmp_path / "remix.csv", corpus)] == ["none"]


@pytest.mark.parametrize("command", ["evaluate", "ablation"])
def test_commands_list_all_protocol_problems(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(soundfile, "read", lambda *_, **__: pytest.fail("decoding started"))
    file = tmp_path / "remix_test.csv"
    lines = [
        row(label="boy", kind="sung", voice1="val-0.ogg", voice1_at="0"),
        row(label="male", kind="sung", voice1="gone.ogg", voice1_at="0", acc1="val-6.ogg", acc1_at="soon"),
        row(label="none", kind="instrumental", snr_db="loud"),
    ]

    def problems(names: list[str], rows: list[dict[str, str]]) -> list[str]:
        file.write_text("\n".join([",".join(names), *(",".join(line[name] for name in names) for line in rows)]))
        arguments = [command, "--data", str(corpus), "--protocol", str(tmp_path)]
        arguments += ["--cache", str(tmp_path)] if command == "ablation" else []
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 2, result.exception
        return [line.removeprefix(str(file)) for line in result.stderr.splitlines() if str(file) in line]

    expected = [(2, "'boy' is not a label"), (3, "gone.ogg"), (3, "acc1_at is 'soon'"), (4, "voice1"), (4, "snr_db")]
    found = problems(list(row()), lines)
    assert len(found) == len(expected)
    for problem, (line, words) in zip(found, expected, strict=True):
        assert problem.startswith(f", line {line}: ") and words in problem
    assert len(problems(list(row()), [])) == 1
    missing = problems([name for name in row() if name not in ("acc2", "singers")], lines)
    assert len(missing) == 2 and "'acc2'" in missing[0] and "'singers'" in missing[1]


@pytest.mark.parametrize(
    ("channels", "start", "words"),
    [(1, "16000", "no samples from sample 16000 on"), (2, "0", r"has 2 channel\(s\) at 16000 Hz")],
)
def test_render_row_names_an_unusable_recording(tmp_path: Path, channels: int, start: str, words: str) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((16_000, channels)), 16_000)
    with pytest.raises(LayoutError, match=rf"a\.wav.* {words}"):
        render_row(row(label="none", kind="instrumental", acc1="a.wav", acc1_at=start), tmp_path)
