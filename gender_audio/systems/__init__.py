"""The classifiers: each takes a clip and returns a verdict.

- `base`: `Verdict` and the `Classifier` protocol
- `labels`: names and labels of the systems; `registry`: load a system by its name
- `singing`, `singing_features`, `ensemble`, `aggregation`: the singing system (after system A)
- `speech`, `speech_features`, `speech_mfcc`, `speech_mel`: the speech systems (after systems B and C)
- `genre`, `genre_features`, `genre_models`, `music_embedding`: the genre system (after system D)

`report`, `plots`, `cli` and `ui` may import it.
"""
