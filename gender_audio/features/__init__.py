"""Features: each module has one feature, a frozen dataclass of its parameters that is called with samples.

- `filterbank`: log mel filter bank of the singing system (system A)
- `mfcc`, `mel_image`: images for speech (systems B and C)
- `stack`, `texture`: mel bands, MFCC and chroma of music (system D), and statistics of a whole song
- `logmel`: input of the music tagger
- `pitch`: median fundamental frequency
- `framing`, `axes`: how a clip is cut into snippets, and what the rows and frames of a feature stand for
- `mel`, `tuning`: spectrograms, filter banks and the tuning of music, which the features share
"""
