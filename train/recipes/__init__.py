"""Recipes: the settings, the training and the export of the weights of each system.

`singing`, `clips`, `combination`, `speech_mfcc`, `speech_mfcc_raw`, `speech_mel`, `genre`, `separator`, `music_tagger`
and `published_networks` write one folder of weights each; the other modules are shared by several of them.
`evaluation`, `reports` and
`commands` may import this package. It imports only `gender_audio`, `train.engine`, `train.data` and
`train.run_records`.
"""
