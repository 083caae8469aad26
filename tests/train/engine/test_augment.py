"""Masks, filters, shifts, mixtures and noise on features."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from train.engine.augment import CepstralAugment, SpecAugment, StackSpecAugment, mask, mixup, noise, shift


def test_mask_width_is_limited() -> None:
    torch.manual_seed(0)
    masks = mask(500, 40, 5)
    widths = masks.sum(1)
    assert masks.shape == (500, 40)
    assert set(widths.tolist()) == {0, 1, 2, 3, 4, 5}
    edges = (masks[:, 1:] != masks[:, :-1]).sum(1)
    assert edges.max() <= 2
    assert masks.any(0).all()


def test_spec_augment_masks_and_filters() -> None:
    torch.manual_seed(0)
    features = torch.full((8, 2, 299, 40), 0.5)
    after = SpecAugment(bands=5, frames=40, filter=0.1)(features)
    assert after.shape == features.shape
    hidden = after == -2
    assert 0 < hidden.float().mean() < 0.35
    torch.testing.assert_close(after[:, 0], after[:, 1])
    assert (after[~hidden] - 0.5).abs().max() < 1


def test_spec_augment_keeps_silence() -> None:
    torch.manual_seed(0)
    assert (SpecAugment()(torch.full((4, 1, 299, 40), -2.0)) == -2).all()


def test_cepstral_augment_keeps_silence_and_sign() -> None:
    torch.manual_seed(0)
    images = torch.rand(16, 1, 12, 98) * 3
    images[:, :, :, :40] = 0
    after = CepstralAugment(shift=0, gain=0.2, offset=0.5)(images)
    assert (after >= 0).all()
    assert (after[..., :40] == 0).all()
    assert not torch.equal(after, images)


def test_shift_moves_frames_and_pads_with_zeros() -> None:
    torch.manual_seed(0)
    images = torch.arange(1.0, 21).expand(64, 1, 2, 20)
    for image in shift(images, 5)[:, 0]:
        remaining = image[0][image[0] > 0]
        assert len(remaining) >= 15
        assert (remaining.diff() == 1).all()
        assert torch.equal(image[0], image[1])


def test_mixup_mixes_targets_like_images() -> None:
    torch.manual_seed(0)
    targets = torch.nn.functional.one_hot(torch.arange(8) % 2, 2).float()
    images, mixed = mixup(targets[:, None, :, None].expand(8, 1, 2, 3), targets, 0.5)
    torch.testing.assert_close(images[:, 0, :, 0], mixed)
    torch.testing.assert_close(mixed.sum(1), torch.ones(8))
    assert mixup(images, targets, 0)[1] is targets


def test_stack_spec_augment_masks_rows_and_frames() -> None:
    torch.manual_seed(0)
    masked = StackSpecAugment()(torch.ones(16, 160, 216))
    rows = (masked == 0).all(2).sum(1)
    assert rows.max() > 0 and rows.max() <= 40
    assert ((masked == 0) == ((masked == 0).all(2)[:, :, None] | (masked == 0).all(1)[:, None])).all()


def test_noise_only_adds_energy() -> None:
    torch.manual_seed(0)
    images = torch.full((32, 1, 16, 50), -2.0)
    images[:, :, 4] = 1.9
    after = noise(images)
    assert (after >= images - 1e-6).all()
    assert after.max() <= 2
    assert 0.2 < (after == images).flatten(1).all(1).float().mean() < 0.8


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        (SpecAugment(), (4, 1, 299, 40)),
        (CepstralAugment(), (4, 1, 12, 98)),
        (StackSpecAugment(), (4, 96, 187)),
        (noise, (4, 1, 40, 96)),
        (lambda images: mixup(images, torch.ones(4, 2, device=images.device), 0.3)[0], (4, 1, 12, 98)),
    ],
)
def test_augmentation_stays_on_the_device(
    change: Callable[[torch.Tensor], torch.Tensor], shape: tuple[int, ...]
) -> None:
    # Tensors of this device have no values and cannot be combined with tensors of other devices.
    after = change(torch.empty(shape, device="meta"))
    assert after.device.type == "meta" and after.shape == shape
