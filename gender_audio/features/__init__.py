"""Features, the inputs of the networks. Each is a frozen dataclass of parameters that is called with samples.

- `filterbank`: log mel filter bank of the singing system (system A)
- `mfcc`, `mel_image`: images for speech (systems B and C)
- `stack`, `texture`: mel bands, MFCC and chroma of music (system D), and statistics of a whole song
- `logmel`: input of the music tagger
- `pitch`: median fundamental frequency
- `framing`: windows that cut a clip into snippets
- `axes`: the frequencies and times of the rows and frames of a feature
- `mel`, `tuning`: shared spectrograms and filter banks, and the tuning of music

`gradcam`, `systems` and the layers above them may import it.
"""
