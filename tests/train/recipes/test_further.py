"""Members that go on, or are calibrated again: whom they never heard stays who it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from gender_audio import weights
from gender_audio.separation import separator_fingerprint
from gender_audio.systems.ensemble import Ensemble
from train.__main__ import app
from train.data.folds import Bag, member_seed
from train.data.library import Library
from train.data.remix_cache import TRUE_STEMS, build_cache
from train.data.splits import SplitError
from train.engine.fit import average, blend
from train.recipes import distillation, history, singing, student
from train.recipes.out_of_bag import out_of_bag


@pytest.mark.usefixtures("one_process")
def test_members_are_calibrated_behind_a_separator_that_came_after_them(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[weights.Card] = []
    bags: list[Bag] = []

    def judge(ensemble: Ensemble, own: Sequence[Bag], count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        bags.extend(own)
        return out_of_bag(ensemble, own, count, seed)

    saved: list[dict[str, torch.nn.Module]] = []
    monkeypatch.setattr(weights, "save", lambda networks, card, *_: saved.append(networks) or kept.append(card))
    monkeypatch.setattr(singing, "out_of_bag", judge)
    recipe = singing.Recipe(corpus, tmp_path / "cache", n_midi=0, n_mbrola=0, calibrating=24)
    singing.ship(Ensemble.load(), recipe, weights.card("singing").data, "a command")
    assert [bag.seed for bag in bags] == [member_seed(recipe.seed, member) for member in range(len(bags))]
    learnt = replace(recipe, inputs="mixture", separator="none", remixes=24).remember()
    assert (bags[0].remixes.singers != learnt.singers).any(), "these are the remixes that the members learnt from"
    earlier = weights.card("student").command
    student.recalibrate(recipe, "another")
    assert [card.command for card in kept] == ["a command", f"{earlier}, then another"]
    for card in kept:
        assert card.separator == separator_fingerprint("unet")
        assert 0 < card.calibration["threshold"] <= 1  # all that these members never heard is silent
    (one,), (shipped,) = saved[1].values(), Ensemble.load("student").members
    for weight, other in zip(one.parameters(), shipped.parameters(), strict=True):
        torch.testing.assert_close(weight, other, atol=0, rtol=0)


@pytest.mark.usefixtures("one_process")
def test_members_go_on_without_the_voices_that_they_never_heard(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barely = replace(singing.FURTHER, samples=8, batch=4, rounds=1, rate=1e-9, half=False)
    monkeypatch.setattr(singing, "FURTHER", barely)
    monkeypatch.setattr(singing, "FURTHER_REMIXES", 24)
    first = singing.Recipe(corpus, tmp_path / "cache", separator=TRUE_STEMS, n_midi=0, n_mbrola=0)
    recipe = singing.further(first)
    assert "band" in singing.heard(recipe) and "band" not in singing.heard(first), "what they learnt from before counts"
    assert recipe.run(0) != replace(first, schedule=barely, remixes=24).run(0)
    build_cache(recipe.plan, processes=1)
    for member in range(2):
        assert recipe.bag(member).singers == replace(first, remixes=24).bag(member).singers
        network = singing.train_member(recipe, member)
        for one, other in zip(network.parameters(), Ensemble.load().members[member].parameters(), strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


@pytest.mark.usefixtures("one_process")
def test_a_member_is_taught_by_those_that_never_heard_the_same_voices(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barely = replace(student.SCHEDULE, samples=8, batch=4, rounds=1, half=False)
    monkeypatch.setattr(student, "SCHEDULE", barely)
    monkeypatch.setattr(singing, "FURTHER_REMIXES", 24)
    monkeypatch.setattr(distillation, "BLOCK", 10)  # the last of the blocks is a part of one
    first = singing.Recipe(corpus, tmp_path / "cache", "mixture", "none", n_midi=0, n_mbrola=0)
    recipe = student.taught(first)
    assert recipe.plan == singing.latest(first).plan, "the remixes that the calibration was not made on"
    packed, bag = recipe.remember(), recipe.bag(1)
    said = distillation.said(packed, recipe.plan.folder, fold=1)
    strangers = [member for member in range(20) if recipe.bag(member).fold == bag.fold]
    assert len(strangers) == 4 and 1 in strangers
    assert all(recipe.bag(member).singers == bag.singers for member in strangers)
    four = Ensemble.load()(packed.load(slice(None))).softmax(-1)[strangers].mean(0)
    np.testing.assert_allclose(said, four, atol=1e-5)
    for number in range(3):
        features, lesson = recipe.lessons(bag)[number]
        torch.testing.assert_close(features, packed.load(bag.row(number)))
        np.testing.assert_array_equal(lesson, said[bag.row(number)])
        assert not bag.held_out[bag.row(number)]
    taught, plain = (replace(recipe, start="", taught=taught) for taught in (True, False))
    assert taught.run(1) != plain.run(1)
    one, other = (singing.train_member(how, 1) for how in (taught, plain))
    assert any(not torch.equal(*pair) for pair in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.usefixtures("one_process")
def test_members_are_refitted_with_the_voices_of_every_fold_and_keep_their_calibration(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(singing, "FURTHER", replace(singing.FURTHER, samples=8, batch=4, rounds=1, half=False))
    monkeypatch.setattr(singing, "FURTHER_REMIXES", 24)
    kept: list[weights.Card] = []
    monkeypatch.setattr(weights, "save", lambda _, card: kept.append(card))
    first = singing.Recipe(corpus, tmp_path / "cache", n_midi=0, n_mbrola=0)
    recipe = singing.refit(first)
    assert recipe.plan == singing.latest(first).plan, "the remixes that the calibration was not made on"
    build_cache(recipe.plan, processes=1)
    assert recipe.bag(0).whole and not singing.latest(first).bag(0).whole
    network = singing.train_member(recipe, 0)
    before = Ensemble.load().members[0]
    pairs = zip(network.parameters(), before.parameters(), strict=True)
    assert any(not torch.equal(one, other) for one, other in pairs)
    ensemble = Ensemble([network])
    singing.ship(ensemble, recipe, singing.heard(recipe), "a command")
    shipped = weights.card("singing")
    assert (kept[0].metrics, kept[0].calibration) == (shipped.metrics, shipped.calibration)
    assert "leak" not in singing.story(recipe, ensemble)


def test_members_that_were_calibrated_behind_another_separator_are_not_refitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = replace(weights.card("singing"), separator="another")
    monkeypatch.setattr(weights, "card", lambda *_: card)
    with pytest.raises(SplitError, match="--recalibrate"):
        singing.refit(singing.Recipe(tmp_path, tmp_path))


@pytest.mark.parametrize("step", ["singer --recalibrate", "singer --further", "singer --refit", "student"])
def test_nothing_is_chosen_or_calibrated_with_refitted_members(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    card = weights.card("singing")
    refitted = replace(
        card, command="python -m train singer --everyone, then python -m train singer --refit --everyone"
    )
    monkeypatch.setattr(weights, "card", lambda *_: refitted)
    typed = [*step.split(), "--everyone", "--data", str(corpus), "--cache", str(tmp_path)]
    refused = CliRunner().invoke(app, typed)
    assert refused.exit_code == 2 and "nobody is left" in refused.stderr
    assert "anew by `python -m train singer --everyone`" in refused.stderr and weights.VARIABLE in refused.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("step", ["singer --recalibrate", "singer --further", "singer --refit", "student"])
@pytest.mark.parametrize("first", ["python -m train songs singer --out mine", "make toy", ""])
def test_members_that_somebody_s_songs_trained_do_not_go_on_with_the_corpora(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, first: str
) -> None:
    card = replace(weights.card("singing"), command=first)
    monkeypatch.setattr(weights, "card", lambda *_: card)
    monkeypatch.setattr(Library, "open", lambda *_: pytest.fail("too late"))
    refused = CliRunner().invoke(app, [*step.split(), "--data", str(corpus), "--cache", str(tmp_path)])
    assert refused.exit_code == 2 and f"were trained by `{first}`. Only of those" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_what_stands_before_the_name_of_a_command_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = replace(weights.card("singing"), command="python -m train --find-rate singer")
    monkeypatch.setattr(weights, "card", lambda *_: card)
    assert history.before(singing.Recipe(tmp_path, tmp_path)) == card.command


@pytest.mark.parametrize("command", ["singing", "student"])
def test_what_cannot_follow_a_refit_says_so_in_its_help(command: str) -> None:
    told = CliRunner(env={"COLUMNS": "300"}).invoke(app, [command, "--help"]).stdout
    lines = [line for line in told.splitlines() if "not refitted" in line]
    assert [sum(step in line for line in lines) for step in ("--further", "--recalibrate", "Distil")] == (
        [1, 1, 0] if command == "singing" else [0, 0, 1]
    )


@pytest.mark.parametrize("times", range(3))
def test_members_go_on_with_new_remixes_every_time_and_the_student_with_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    card = replace(weights.card("singing"), command="singing" + ", then singer --further" * times)
    monkeypatch.setattr(weights, "card", lambda *_: card)
    recipe = singing.Recipe(tmp_path, tmp_path)
    known = {recipe.seed, recipe.judged.drawn, *(2 + time for time in range(times))}
    assert singing.further(recipe).drawn not in known
    assert singing.latest(recipe).drawn == (1 + times if times else 2)
    assert singing.latest(recipe).remixes == singing.FURTHER_REMIXES


def test_a_blend_lies_between_what_was_and_what_is() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    for weight in network.state_dict().values():
        weight.add_(4)
    blend(network, before, 0.25)
    for name, weight in network.state_dict().items():
        moved = 3 if weight.is_floating_point() else 4  # how many batches there were is no weight
        torch.testing.assert_close(weight, before[name] + moved)


def test_the_mean_of_networks_has_their_mean_weights_and_leaves_them_alone() -> None:
    networks = [torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2)) for _ in range(3)]
    for number, network in enumerate(networks):
        for weight in network.state_dict().values():
            weight.fill_(2 * number)
    for weight in average(networks).state_dict().values():
        torch.testing.assert_close(weight, torch.full_like(weight, 2))
    assert [network[0].bias[0].item() for network in networks] == [0, 2, 4]


@pytest.mark.parametrize("option", ["--recalibrate", "--further"])
@pytest.mark.parametrize("other", [[], ["--everyone", "--seed", "1"]])
def test_members_are_not_calibrated_on_singers_that_they_may_have_heard(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: list[str], option: str
) -> None:
    card = replace(weights.card("singing"), command="python -m train singer --everyone")
    monkeypatch.setattr(weights, "card", lambda *_: card)
    typed = ["singing", option, "--data", str(corpus), "--cache", str(tmp_path)]
    refused = CliRunner().invoke(app, [*typed, *other])
    assert refused.exit_code == 2 and "`python -m train singer --everyone`" in refused.stderr
    assert not list(tmp_path.glob("packed-*"))


@pytest.mark.parametrize(
    ("command", "hears"),
    [
        ("singing", ("vocals", "unet")),
        ("singer --inputs=mixture", ("mixture", "none")),
        ("singer --inputs both --separator spleeter, then singer --further", ("both", "spleeter")),
    ],
)
def test_members_go_on_with_what_they_listen_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, hears: tuple[str, str]
) -> None:
    card = replace(weights.card("singing"), command=command)
    monkeypatch.setattr(weights, "card", lambda *_: card)
    for inputs, separator in (("vocals", "unet"), ("mixture", "none"), ("both", "spleeter")):
        recipe = singing.Recipe(tmp_path, tmp_path, inputs, separator)
        if (inputs, separator) == hears:
            assert history.before(recipe) == command
        else:
            with pytest.raises(SplitError, match="hear something else"):
                history.before(recipe)
