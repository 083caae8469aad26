"""The label inside a recording itself: one tag, and no other is changed."""

from __future__ import annotations

from pathlib import Path

from gender_audio.collection.row import Row

TAG = "WHO_SINGS"
"""Name of the tag: a TXXX frame of ID3, a Vorbis comment, or a free-form atom of MP4."""
MISSING = "Writing tags needs the package mutagen: run `pip install 'gender-audio[collections]'`."


def check() -> None:
    """Check before any work that tags can be written.

    Raises:
        ValueError: mutagen is not installed.
    """
    try:
        import mutagen  # noqa: F401
    except ImportError as error:
        raise ValueError(MISSING) from error


def write_tag(row: Row) -> str:
    """Write the label of a row into its file.

    Returns:
        A sentence about why it was not written; empty if it was.
    """
    import mutagen
    from mutagen.id3 import TXXX
    from mutagen.mp4 import MP4Tags

    text = f"{row['label']} {row['probability']:.2f}" if row["sure"] else f"not sure ({row['label']})"
    try:
        file = mutagen.File(Path(row["path"]))
        if file is None:
            return "Tags cannot be written into files of this kind."
        if file.tags is None:
            file.add_tags()
        if isinstance(file.tags, MP4Tags):
            file.tags[f"----:com.apple.iTunes:{TAG}"] = [text.encode()]
        elif hasattr(file.tags, "getall"):
            file.tags.setall(f"TXXX:{TAG}", [TXXX(encoding=3, desc=TAG, text=[text])])
        else:
            file.tags[TAG] = [text]
        file.save()
    except (mutagen.MutagenError, OSError, NotImplementedError) as error:
        return f"The tag was not written ({error})."
    return ""
