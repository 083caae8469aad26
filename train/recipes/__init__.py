"""Recipes: the settings, the training and the export of the weights of each system.

`singing`, `clips`, `student`, `speech_mfcc`, `speech_mfcc_raw`, `speech_mel`, `genre`, `separator` and `music_tagger`
each write one folder of weights; the other modules are shared by several of them. `evaluation`, `reports` and
`commands` may import this package. It imports only `gender_audio`, `train.engine`, `train.data` and
`train.run_records`.
"""
