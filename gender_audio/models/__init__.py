"""Plain networks; nothing here knows about training or files."""

from gender_audio.models.vision import prepare

prepare()
