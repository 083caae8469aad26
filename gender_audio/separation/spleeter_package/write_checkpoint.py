"""Runs inside the package's interpreter: writes variables as a TensorFlow checkpoint of Spleeter with two stems.

Takes a file of arrays (.npz: TensorFlow's name of a variable to its values) and the folder of the checkpoint. This
module must work with Python 3.8 and NumPy 1, and must not import anything from gender_audio.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from spleeter.model import EstimatorSpecBuilder, InputProviderFactory
from spleeter.utils.configuration import load_configuration


def main(arrays: Path, folder: Path) -> None:
    """Write the checkpoint; variables that the file does not have keep their initial values."""
    parameters = load_configuration("spleeter:2stems")
    values = dict(np.load(arrays))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.train.create_global_step()  # Spleeter's own Separator needs it
        features = InputProviderFactory.get(parameters).get_input_dict_placeholders()
        EstimatorSpecBuilder(features, parameters).build_predict_model()
        session.run(tf.compat.v1.global_variables_initializer())
        for variable in tf.compat.v1.global_variables():
            if variable.op.name in values:
                variable.load(values.pop(variable.op.name), session)
        if values:
            sys.exit(f"Spleeter's network has no {min(values)}.")
        tf.compat.v1.train.Saver().save(session, str(folder / "model"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
