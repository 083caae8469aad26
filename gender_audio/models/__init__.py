"""Plain networks; nothing here knows about training or files."""

from gender_audio.models.torchvision_compat import prepare

prepare()
