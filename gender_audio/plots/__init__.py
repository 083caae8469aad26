"""Plots of clips and verdicts, as SVG inside HTML.

- `timeline`: waveform, members, stems and spectrogram
- `saliency`: saliency maps and the features below them
- `genre`: the methods and the features of the genre system
- `svg`, `palette`: layout, conversion to HTML, and colours

Only `ui`, `cli` and the reports of `train` may import it.
"""
