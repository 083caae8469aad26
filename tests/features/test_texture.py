"""The texture of a song: independent of repetition, finite for silence."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gender_audio.features.stack import Stack
from gender_audio.features.texture import Texture
from tests.features.test_stack import sound

STACK = Stack()


@settings(max_examples=5, deadline=None)
@given(times=st.integers(2, 4), seed=st.integers(0, 99))
def test_texture_is_independent_of_repetition(times: int, seed: int) -> None:
    song = STACK(sound(20, seed))
    texture = Texture()(song)
    assert texture.shape == (205,) == (Texture().size,)
    again = Texture()(np.tile(song, times))
    np.testing.assert_allclose(again[:93], texture[:93], atol=0.05)  # except one difference at each seam
    assert np.abs(again - texture)[93:].mean() < 0.5  # modulation in natural logarithms, which range over 10


def test_texture_of_silence_is_finite() -> None:
    assert np.isfinite(Texture()(STACK(np.zeros(10 * STACK.rate, np.float32)))).all()


def test_fingerprint_depends_on_every_parameter() -> None:
    raw = Texture(Stack(consistent=False))
    assert len({Texture().fingerprint, raw.fingerprint, Texture(segment=128).fingerprint}) == 3
