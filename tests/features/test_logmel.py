"""The patches of the music tagger: values, positions and independence of level."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from gender_audio.features.logmel import LogMel

FEATURE = LogMel()


def noise(samples: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)


def test_patches_agree_with_the_published_feature() -> None:
    sound = noise(96_000)
    sound /= np.abs(sound).max()
    power = librosa.feature.melspectrogram(y=sound, sr=16_000, n_fft=512, hop_length=256, n_mels=96).T
    patches = FEATURE(sound)
    assert (patches.shape, patches.dtype) == ((3, 187, 96), np.float32)
    np.testing.assert_allclose(patches[1], np.log10(10_000 * power[187:374] + 1), atol=1e-4)
    np.testing.assert_allclose(patches[2], np.log10(10_000 * power[-187:] + 1), atol=1e-4)
    np.testing.assert_allclose(FEATURE(sound / 1000), patches, atol=1e-3)


@pytest.mark.parametrize("samples", [1, 500, 47_615, 47_616, 48_000])
def test_short_song_is_repeated(samples: int) -> None:
    sound = noise(samples)
    patches = FEATURE(sound)
    assert patches.shape[1:] == (187, 96) and len(patches) <= 2
    np.testing.assert_allclose(FEATURE(np.resize(sound, max(samples, 47_616)))[0], patches[0], atol=1e-3)


def test_silence_is_zero() -> None:
    assert not FEATURE(np.zeros(50_000, np.float32)).any()
