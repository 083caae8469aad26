"""What training needs of Debian beside the corpora, looked up before hours are spent on decoding these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from train.data.library import Source
from train.data.synthesis import mbrola, midi
from train.data.validation import LayoutError


def check(heard: Iterable[Source]) -> None:
    """Make sure that what is played and sung among these sources can be.

    Raises:
        LayoutError: something is not installed; the text names all of it, and how it gets there.
    """
    counts = Counter(source.dataset for source in heard)
    packages = [*midi.missing_packages(counts[midi.DATASET]), *mbrola.missing_packages(counts[mbrola.DATASET])]
    if packages:
        raise LayoutError(
            "Soundfonts and synthesised voices that training needs are not installed. On Debian, with contrib and "
            f"non-free among its sources:\napt install {' '.join(packages)}\n"
            f"Elsewhere, soundfonts belong into {midi.SOUNDFONT_FOLDER}, and MBROLA's voices "
            f"into {mbrola.VOICE_FOLDER}."
        )
