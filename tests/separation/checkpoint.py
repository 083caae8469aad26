"""Runs inside Spleeter's interpreter: writes the stems of Spleeter's own Separator, and a checkpoint of four stems.

Takes the path of worker.py and a folder that holds clip.npy, float32 [2, n]. Reads the checkpoint of two stems in
MODEL_PATH and writes a random one of four stems beside it. Writes into the folder stems.npy ([2, 2, n]: vocals,
accompaniment) and mismatches.json (how each checkpoint differs from two stems, by its name).
"""

import json
import os
import runpy
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from spleeter.model import EstimatorSpecBuilder, InputProviderFactory
from spleeter.separator import Separator
from spleeter.utils.configuration import load_configuration


def build(model):
    """Spleeter's network in the current graph."""
    parameters = load_configuration(f"spleeter:{model}")
    features = InputProviderFactory.get(parameters).get_input_dict_placeholders()
    return EstimatorSpecBuilder(features, parameters).outputs


def write(model, folder):
    """Write a checkpoint with random weights."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        build(model)
        session.run(tf.compat.v1.global_variables_initializer())
        folder.mkdir(parents=True)
        tf.compat.v1.train.Saver().save(session, str(folder / "model"))


script, place = sys.argv[1], Path(sys.argv[2])
models = Path(os.environ["MODEL_PATH"])
write("4stems", models / "4stems")
(models / "2stems" / ".probe").write_text("OK")  # tells Spleeter's Separator that the download is complete
stems = Separator("spleeter:2stems", multiprocess=False).separate(np.load(place / "clip.npy").T)
np.save(place / "stems.npy", np.stack([stems["vocals"].T, stems["accompaniment"].T]))
mismatch = runpy.run_path(script)["mismatch"]
with tf.Graph().as_default():
    build("2stems")
    mismatches = {name: mismatch(models / name) for name in ("2stems", "4stems", "no stems")}
(place / "mismatches.json").write_text(json.dumps(mismatches))
