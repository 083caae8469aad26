"""The weights of the repository as TensorFlow's variables."""

from __future__ import annotations

import torch

from gender_audio.separation.spleeter import load_networks
from gender_audio.separation.spleeter_package.variables import checkpoint_variables, variable_names


def test_every_tensor_becomes_one_variable() -> None:
    networks, variables = load_networks(), checkpoint_variables()
    for stem, network in enumerate(networks):
        tensors = {name for name in network.state_dict() if not name.endswith("num_batches_tracked")}
        assert sorted(ours for ours, _ in variable_names(stem)) == sorted(tensors)
    assert sorted(variables) == sorted(theirs for stem in range(2) for _, theirs in variable_names(stem))


def test_axes_and_numbers_are_those_of_tensorflow() -> None:
    (vocals, accompaniment), variables = load_networks(), checkpoint_variables()
    assert variables["conv2d/kernel"].shape == (5, 5, 2, 16)
    assert variables["conv2d_transpose/kernel"].shape == (5, 5, 256, 512)
    assert variables["conv2d_13/kernel"].shape == (4, 4, 1, 2)
    assert variables["conv2d_1/kernel"][4, 2, 3, 7] == vocals.down[1].weight[7, 3, 4, 2]
    assert variables["conv2d_transpose_6/kernel"][1, 0, 5, 9] == accompaniment.up[0].weight[9, 5, 1, 0]
    for number, norm in ((0, vocals.down_norm[0]), (6, vocals.up_norm[0]), (23, accompaniment.up_norm[5])):
        name = f"batch_normalization_{number}" if number else "batch_normalization"
        torch.testing.assert_close(torch.from_numpy(variables[f"{name}/gamma"]), norm.weight.detach())
    assert not any(name.startswith("batch_normalization_5/") for name in variables)
