"""Networks without any knowledge of training or files.

- `resnet`: members of the singing ensemble and of both speech systems (system A)
- `speech_cnn`: small networks for images of speech (systems B and C)
- `genre_snippet`, `sequence`, `genre_song`: snippets of a song, their aggregation, and whole songs (system D)
- `tagger`: the published music tagger MSD_musicnn
- `unet`: mask network of the embedded separator
"""

from gender_audio.models.torchvision_compat import prepare

prepare()
