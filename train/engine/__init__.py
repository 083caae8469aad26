"""The training loop and what every recipe shares: schedules, learning-rate finder, devices, augmentation of features,
calibration, bootstrap and metrics. It knows no corpus and no recipe.

Every other package of `train` may import it. It imports only `gender_audio` and `train.run_records`.
"""
