"""Synthesised sources: MIDI accompaniments, MBROLA and PSOLA singing, speech in the style of AudioMNIST, a toy corpus.

They belong to `train.data`: the same packages may import them.
"""
