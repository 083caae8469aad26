"""Sources of all tables: who counts as one group, and what a model only guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from train.data.corpus import Source, corpus_digest, groups, read_recordings, read_sources, recordings_digest
from train.data.readers import manifest
from train.data.remix_cache import TRUE_STEMS, RemixCacheConfig
from train.data.validation import LayoutError
from train.recipes import singing

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
MORE = "path,dataset,kind,voice,singer_id,song_id,split,licence,label_source"
ROWS = (
    "m0.wav,new,singing,male,new:Tenor-1?,,train,CC0,named",
    "m1.wav,new,singing,female,new:Alto-?,,train,CC0,named",
    "m2.wav,new,singing,female,new:guess,,train,CC0,machine",
    "m3.wav,new,song,male,new:star,,train,CC BY,named",
    "m4.wav,new,singing,multiple,,new:choir,train,CC0,named",
    "m5.wav,new,accompaniment,none,,new:oboe,train,CC0,named",
)
SONGS = (
    "s0.wav,emotify,song,unknown,,,train,9,pop,Ann,CC0",
    "s1.wav,emotify,song,unknown,,,train,9,pop,Quiet,CC0",
    "s2.wav,emotify,song,unknown,,,train,9,pop,Perhaps,CC0",
)
ARTISTS = ("artist,voice,confidence", "Ann,female,medium", "Quiet,none,high", "Perhaps,none,medium")


@pytest.fixture
def data(corpus: Path, tmp_path: Path) -> Path:
    """The corpus with songs, and with all three tables."""
    for path in corpus.glob("*.ogg"):
        (tmp_path / path.name).symlink_to(path)
    for row in (*ROWS, *SONGS):
        soundfile.write(tmp_path / row.split(",")[0], np.zeros((100, 2)), 32_000)
    head = (corpus / "manifest.csv").read_text().rstrip()
    (tmp_path / "manifest.csv").write_text("\n".join([head, *SONGS]) + "\n")
    (tmp_path / "more.csv").write_text("\n".join([MORE, *ROWS]) + "\n")
    (tmp_path / "emotify_voices.csv").write_text("\n".join(ARTISTS) + "\n")
    return tmp_path


def test_other_tables_are_optional(corpus: Path) -> None:
    assert [source for source in read_recordings(corpus) if source.split == "train"] == read_sources(corpus, "train")
    assert not any(source.guessed for source in read_recordings(corpus))


def test_read_recordings_adds_songs_and_more_rows(data: Path) -> None:
    added = {source.path: source for source in read_recordings(data)[len(read_sources(data, "train")) * 2 :]}
    assert {path: source.voice for path, source in added.items()} == {
        "s0.wav": "female", "s1.wav": "none", "m0.wav": "male", "m1.wav": "female", "m2.wav": "female",
        "m3.wav": "male", "m4.wav": "multiple", "m5.wav": "none",
    }  # fmt: skip
    assert [path for path, source in added.items() if source.guessed] == ["m2.wav"]
    assert [path for path, source in added.items() if not source.certain] == ["s0.wav", "m2.wav"]
    assert not {source.path for source in read_sources(data, "train")} & added.keys()


def test_groups_are_artists_and_corpora_of_people_without_names(data: Path) -> None:
    of_path = groups(data)
    assert of_path["m0.wav"] == of_path["m1.wav"] == "new:?"
    assert (of_path["s0.wav"], of_path["s2.wav"]) == ("emotify:Ann", "emotify:Perhaps")
    assert (of_path["m3.wav"], of_path["m4.wav"], of_path["m5.wav"]) == ("new:star", "new:choir", "new:oboe")


def test_genre_and_speech_see_the_manifest_only(data: Path) -> None:
    songs = manifest.rows_of_kind(data, "song", "genre", "artist")
    assert [(row["path"], row["voice"]) for row in songs] == [(f"s{n}.wav", "unknown") for n in range(3)]
    before = corpus_digest(data), recordings_digest(data)
    (data / "more.csv").write_text((data / "more.csv").read_text().replace("machine", "named"))
    assert corpus_digest(data) == before[0] and recordings_digest(data) != before[1]


def test_problems_of_all_tables_are_listed(data: Path) -> None:
    def problems(name: str, old: str, new: str) -> str:
        file = data / name
        text = file.read_text()
        file.write_text(text.replace(old, new))
        with pytest.raises(LayoutError) as error:
            read_recordings(data)
        file.write_text(text)
        return str(error.value)

    assert problems("more.csv", "machine", "robot").endswith("'robot' is not a label_source; it is named or machine.")
    assert "no column 'label_source'" in problems("more.csv", "label_source", "source")
    assert "line 2: there is no file" in problems("more.csv", "m0.wav", "gone.wav")
    assert "'multiple' is not a voice of the kind accompaniment" in problems("more.csv", "none", "multiple")
    assert "line 2: 'alto' is not a voice" in problems("emotify_voices.csv", "female", "alto")
    assert "line 3: 'some' is not a confidence" in problems("emotify_voices.csv", "high", "some")
    assert "'multiple' is not a voice of the kind singing" in problems(
        "manifest.csv", "singing,male", "singing,multiple"
    )


def test_guessed_voices_train_but_do_not_calibrate(data: Path, tmp_path: Path) -> None:
    recipe = singing.Recipe(data, tmp_path, n_midi=0, n_mbrola=0, n_psola=0)
    assert recipe.guessed == {"new:guess"} and not recipe.for_calibration.guessed
    assert "new:guess" not in {source.group for source in recipe.for_calibration.cache_config.sources}
    assert recipe.for_calibration.strata == recipe.strata, "folds are the same"
    assert {"new:?", "new:star", "new:choir", "emotify:Ann", "emotify:Quiet"} <= recipe.strata.keys()
    assert recipe.cache_config.folder != recipe.for_calibration.cache_config.folder


def test_true_stems_need_no_songs(data: Path, tmp_path: Path) -> None:
    config = RemixCacheConfig(data, tmp_path, 1, 0, singing.FEATURE, ("vocals",), TRUE_STEMS)
    assert "song" not in {source.kind for source in config.sources}


def test_source_without_singer_is_its_own_group() -> None:
    assert Source("a.ogg", "new", "accompaniment", "none", "", "", "train").group == "a.ogg"


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpora are not beside this checkout")
def test_shared_groups_are_in_one_split_and_guessed_or_not() -> None:
    sides: dict[str, set[tuple[str, bool]]] = {}
    for source in read_recordings(SHARED):
        if source.kind != "accompaniment":
            sides.setdefault(source.group, set()).add((source.split, source.guessed))
    assert all(len(of_group) == 1 for of_group in sides.values())
    assert not {source for source in read_recordings(SHARED) if source.guessed and source.split == "val"}
