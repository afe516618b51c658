"""Temperature and threshold are found again where they were put in."""

import numpy as np
import pytest

from export.calibration import (
    calibrate,
    calibrate_for_strangers,
    choose_strength,
    choose_threshold,
    choose_trusted,
    cross_fit,
    fit_temperature,
    fit_temperature_together,
    leave,
    share_labels,
    soften,
)
from export.development import Development, Sample
from fer_onnx.evaluation.metrics import score_answers


def test_the_temperature_that_was_put_in_is_found():
    rng = np.random.default_rng(0)
    honest = rng.dirichlet(np.full(7, 0.4), 20_000)
    answers = (honest.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    timid = soften(honest, 1.6)
    assert fit_temperature(timid, answers) == pytest.approx(1 / 1.6, rel=0.04)
    labels = tuple("abcdefg")
    after = soften(timid, fit_temperature(timid, answers))
    assert score_answers(after, answers, labels).ece < 0.015
    assert score_answers(timid, answers, labels).ece > 0.1


def test_faces_that_do_not_count_have_no_say():
    probabilities = np.array([[0.7, 0.3]] * 10 + [[0.001, 0.999]] * 10)
    answers = np.array([0] * 7 + [1] * 3 + [-1] * 10)
    assert fit_temperature(probabilities, answers) == pytest.approx(1, abs=0.01)


def test_the_threshold_leaves_85_percent_certain():
    top = np.linspace(0.5, 1, 1001)
    threshold = choose_threshold(np.stack([top, 1 - top], axis=1))
    assert (top >= threshold).mean() == pytest.approx(0.85, abs=0.003)


def make_shy(rng, count, sharp=1):
    """Make answers (n, 3) that a common label hides: two shares of 0.45, a rare one of 0.1.

    With `sharp` 2 they are as right as can be, and taking the prior out costs accuracy.
    """
    shares = np.array([0.45, 0.45, 0.1])
    answers = rng.choice(3, count, p=shares)
    logits = sharp * (np.eye(3)[answers] * 2 + rng.normal(0, 1, (count, 3))) + np.log(shares)
    return soften(np.exp(logits), 1.0), answers


def test_the_balance_finds_rare_labels_without_losing_more_than_it_gains():
    rng = np.random.default_rng(1)
    probabilities, answers = make_shy(rng, 20_000)
    shares = share_labels(answers, 3)
    strength = choose_strength(probabilities, answers, shares)
    assert 0.3 < strength <= 1
    before = score_answers(probabilities, answers, tuple("abc"))
    found = calibrate(probabilities, answers, shares)
    after = score_answers(found.apply(probabilities), answers, tuple("abc"))
    assert after.recall["c"] > before.recall["c"] + 0.1
    gained = after.mean_recall - before.mean_recall
    assert gained > before.accuracy - after.accuracy
    assert found.strength == strength
    assert after.ece < 0.03


def test_nothing_is_taken_out_unless_asked():
    probabilities, answers = make_shy(np.random.default_rng(2), 500)
    found = calibrate(probabilities, answers)
    assert (found.strength, found.prior.tolist()) == (0, [0, 0, 0])
    assert (found.apply(probabilities).argmax(axis=1) == probabilities.argmax(axis=1)).all()
    assert leave(3).apply(probabilities) == pytest.approx(probabilities)


def test_a_label_that_never_occurs_counts_as_once():
    assert share_labels(np.array([0, 0, 0, -1]), 2).tolist() == [0.75, 0.25]


def test_the_balance_costs_no_more_accuracy_than_is_allowed():
    probabilities, answers = make_shy(np.random.default_rng(3), 20_000, sharp=2)
    shares, labels = share_labels(answers, 3), tuple("abc")
    free = score_answers(
        calibrate(probabilities, answers, shares).apply(probabilities), answers, labels
    )
    before = score_answers(probabilities, answers, labels)
    cost = (before.accuracy - free.accuracy) / 2
    assert cost > 0.003
    found = calibrate(probabilities, answers, shares, cost)
    after = score_answers(found.apply(probabilities), answers, labels)
    assert 0 < found.strength < choose_strength(probabilities, answers, shares)
    assert before.accuracy - cost <= after.accuracy < before.accuracy
    assert before.mean_recall < after.mean_recall < free.mean_recall
    assert choose_strength(probabilities, answers, shares, 0) < found.strength


def test_what_was_done_can_be_undone():
    probabilities, answers = make_shy(np.random.default_rng(4), 500)
    found = calibrate(probabilities, answers, share_labels(answers, 3))
    assert found.strength > 0
    assert found.undo(found.apply(probabilities)) == pytest.approx(probabilities, abs=1e-12)


def test_no_face_has_a_say_in_its_own_calibration():
    probabilities, answers = make_shy(np.random.default_rng(5), 3000)
    answers[:100] = -1
    found = cross_fit(soften(probabilities, 2), answers, tuple("abc"), halvings=3)
    assert [scores.images for scores in found.scores] == [2900] * 3
    assert found.strengths == [0] * 6
    assert max(scores.ece for scores in found.scores) < 0.03
    # labels without rhyme or reason: what one half teaches does not help the other
    rng = np.random.default_rng(6)
    noise, labels = rng.dirichlet(np.ones(3), 40), rng.integers(0, 3, 40)
    fitted = score_answers(calibrate(noise, labels).apply(noise), labels, tuple("abc"))
    other = cross_fit(noise, labels, tuple("abc")).scores
    assert np.mean([scores.ece for scores in other]) > fitted.ece


def test_the_balance_is_chosen_anew_on_each_half():
    probabilities, answers = make_shy(np.random.default_rng(7), 4000)
    shares = share_labels(answers, 3)
    found = cross_fit(probabilities, answers, tuple("abc"), shares, halvings=2)
    assert len(found.strengths) == 4
    assert min(found.strengths) > 0.2
    before = score_answers(probabilities, answers, tuple("abc"))
    assert all(scores.mean_recall > before.mean_recall for scores in found.scores)


def make_sample(rng, count, sharpness, spread=0.4):
    """Make a sample whose probabilities are honest once softened by `sharpness`."""
    honest = rng.dirichlet(np.full(7, spread), count)
    answers = (honest.cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
    return Sample(soften(honest, 1 / sharpness), answers)


def test_data_sets_have_the_same_say_however_many_faces_they_have():
    rng = np.random.default_rng(2)
    large, small = make_sample(rng, 20_000, 0.8), make_sample(rng, 2_000, 1.6)
    together = fit_temperature_together([large, small])
    alone = fit_temperature(*large), fit_temperature(*small)
    assert alone[0] == pytest.approx(0.8, rel=0.05)
    assert alone[1] == pytest.approx(1.6, rel=0.05)
    assert alone[0] + 0.15 < together < alone[1] - 0.15
    assert fit_temperature_together([small, large]) == together


def test_certain_answers_are_right_to_85_percent_among_strangers():
    rng = np.random.default_rng(3)
    strangers = [make_sample(rng, 4_000, 1, 0.15), make_sample(rng, 2_000, 1.3, 0.15)]
    sets = Development(make_sample(rng, 4_000, 0.7), strangers, {})
    found = calibrate_for_strangers(sets, tuple("abcdefg"))
    shares = []
    for sample in strangers:
        scores = found.apply(sample.probabilities)
        certain = scores.max(axis=1) >= found.threshold
        shares.append((scores.argmax(axis=1) == sample.answers)[certain].mean())
    assert np.mean(shares) == pytest.approx(0.85, abs=0.01)
    assert found.strength == 0
    assert not found.prior.any()  # of labels that are not the seven


def test_where_no_score_can_be_trusted_no_answer_is_certain():
    wrong = Sample(np.array([[0.9, 0.1]] * 100), np.array([1] * 100))
    assert choose_trusted([wrong]) == 1.0
