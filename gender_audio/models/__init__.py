"""Networks. They do not depend on features, weight files or training.

- `resnet`: members of the singing ensemble and of both speech systems (system A)
- `speech_cnn`: small networks for images of speech (systems B and C)
- `genre_snippet`, `sequence`, `genre_song`: snippets of a song, their aggregation, and whole songs (system D)
- `tagger`: the published music tagger MSD_musicnn
- `unet`: mask network of the embedded separator
- `torchvision_compat`: makes torchvision importable on a computer without CUDA

`separation`, `systems` and every other layer above may import it.
"""

from gender_audio.models.torchvision_compat import prepare

prepare()
