"""Runs inside Spleeter's interpreter: writes random checkpoints and the stems that Spleeter computes with them.

Takes the path of worker.py and a folder that holds clip.npy, float32 [2, n]. Writes checkpoints of two and of four
stems into MODEL_PATH and, into the folder, stems.npy ([2, 2, n]: vocals, accompaniment) and mismatches.json
(how each checkpoint differs from two stems, by its name).
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
    """Write a checkpoint with random weights and random batch statistics."""
    rng = np.random.default_rng(0)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.set_random_seed(0)
        tf.compat.v1.train.create_global_step()  # Spleeter's Separator needs it
        build(model)
        session.run(tf.compat.v1.global_variables_initializer())
        for variable in tf.compat.v1.global_variables():
            if "moving" in variable.op.name:
                variable.load(rng.uniform(0.5, 1.5, variable.shape).astype(np.float32), session)
        folder.mkdir(parents=True)
        tf.compat.v1.train.Saver().save(session, str(folder / "model"))
    (folder / ".probe").write_text("OK")


script, place = sys.argv[1], Path(sys.argv[2])
models = Path(os.environ["MODEL_PATH"])
for name in ("2stems", "4stems"):
    write(name, models / name)
stems = Separator("spleeter:2stems", multiprocess=False).separate(np.load(place / "clip.npy").T)
np.save(place / "stems.npy", np.stack([stems["vocals"].T, stems["accompaniment"].T]))
mismatch = runpy.run_path(script)["mismatch"]
with tf.Graph().as_default():
    build("2stems")
    mismatches = {name: mismatch(models / name) for name in ("2stems", "4stems", "no stems")}
(place / "mismatches.json").write_text(json.dumps(mismatches))
