"""The statistics of agreement against published tables, an independent library, and simulated judges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liyi.agreement import concordance
from liyi.agreement.concordance import icc, limits_of_agreement, mean_squares, spearman, weighted_kappa

# Shrout & Fleiss (1979), table 2: six targets, four judges
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
# Bland & Altman (1986): peak flow by a large and a mini meter, l/min, 17 subjects
LARGE = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427], dtype=float)
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451], dtype=float)


def test_icc_of_shrout_and_fleiss():
    ms = mean_squares(SHROUT_FLEISS)
    assert (ms.subjects, ms.judges, ms.rest) == pytest.approx((11.24, 32.49, 1.02), abs=0.005)
    single, mean = icc(SHROUT_FLEISS)
    assert single.value == pytest.approx(0.29, abs=0.005)
    assert mean.value == pytest.approx(0.62, abs=0.005)
    # the intervals that R's psych::ICC prints for these data
    assert (single.low, single.high) == pytest.approx((0.019, 0.761), abs=0.001)
    assert (mean.low, mean.high) == pytest.approx((0.071, 0.927), abs=0.001)


def test_mean_squares_are_those_of_statsmodels():
    import pandas as pd
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    scores = np.random.default_rng(3).normal(size=(17, 3)) + np.arange(17)[:, None] / 5 + np.array([0, 0.5, -0.3])
    long = pd.DataFrame(
        [(i, j, scores[i, j]) for i in range(17) for j in range(3)], columns=["subject", "judge", "score"]
    )
    table = anova_lm(ols("score ~ C(subject) + C(judge)", data=long).fit())
    ms = mean_squares(scores)
    assert [ms.subjects, ms.judges, ms.rest] == pytest.approx(list(table["mean_sq"]))


def test_kappa_of_a_textbook_table():
    # Fleiss, Levin & Paik (2003), table 18.1: 100 subjects, three diagnoses. With weights (i - j)^2 the observed
    # disagreement is 0.23, the one by chance 0.52 + 0.095 + 0.325 = 0.94.
    table = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    grades = np.array([(i, j) for i in range(3) for j in range(3) for _ in range(table[i, j])])
    kappa = weighted_kappa(grades, 3)
    assert kappa.value == pytest.approx(1 - 0.23 / 0.94)
    assert kappa.low < kappa.value < kappa.high


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=30))
def test_the_resampled_kappa_is_that_of_statsmodels(pairs):
    grades = np.array(pairs)
    by_library = concordance._kappa(grades[:, 0], grades[:, 1], 5)
    assert concordance._mean_quadratic_kappa(grades[None].astype(float))[0] == pytest.approx(by_library, nan_ok=True)


def test_the_resampled_rank_correlation_is_that_of_scipy():
    from scipy.stats import spearmanr

    scores = np.random.default_rng(5).integers(0, 6, (12, 2)).astype(float)  # with ties
    assert concordance._mean_rank_correlation(scores[None])[0] == pytest.approx(spearmanr(*scores.T).statistic)


def test_several_judges_are_taken_pair_by_pair():
    grades = np.random.default_rng(6).integers(0, 5, (20, 3))
    pairs = [weighted_kappa(grades[:, [i, j]], 5).value for i, j in ((0, 1), (0, 2), (1, 2))]
    assert weighted_kappa(grades, 5).value == pytest.approx(np.mean(pairs))


def test_limits_of_bland_and_altman():
    limits = limits_of_agreement(LARGE - MINI)
    assert limits.bias.value == pytest.approx(-2.1, abs=0.05)
    assert limits.sd == pytest.approx(38.8, abs=0.05)
    assert (limits.bias.low, limits.bias.high) == pytest.approx((-22.0, 17.8), abs=0.1)
    # the paper takes 2 s and the rounded standard error: limits -79.7 (-114.3 to -45.1) and 75.5 (40.9 to 110.1)
    assert (limits.lower.value, limits.upper.value) == pytest.approx((-79.7, 75.5), abs=1.7)
    assert (limits.lower.low, limits.lower.high) == pytest.approx((-114.3, -45.1), abs=2.5)
    assert (limits.upper.low, limits.upper.high) == pytest.approx((40.9, 110.1), abs=2.5)


def test_perfect_judges_have_no_interval_and_judges_who_never_differ_no_figure():
    ladder = np.repeat(np.arange(5.0)[:, None], 2, axis=1)
    for estimate in (icc(ladder)[0], spearman(ladder), weighted_kappa(ladder.astype(int), 5)):
        assert estimate.value == pytest.approx(1)
        assert math.isnan(estimate.low)  # five alike do not prove that the sixth would be
        assert math.isnan(estimate.high)
    same = np.full((5, 2), 0.7)
    for estimate in (icc(same)[0], spearman(same), weighted_kappa(np.ones((5, 2), int), 3)):
        assert math.isnan(estimate.value)
        assert math.isnan(estimate.low)


def test_a_constant_shift_lowers_agreement_but_not_rank():
    truth = np.linspace(0, 100, 20)
    scores = np.column_stack([truth, truth + 30])
    assert spearman(scores).value == pytest.approx(1)
    assert icc(scores)[0].value < 0.8
    assert limits_of_agreement(scores[:, 1] - scores[:, 0]).bias.value == pytest.approx(30)


def test_too_few_subjects_give_no_figure():
    assert math.isnan(icc(SHROUT_FLEISS[:2])[0].value)
    assert math.isnan(limits_of_agreement(np.array([1.0, 2.0])).bias.value)


@pytest.mark.parametrize(("n", "k"), [(20, 3), (60, 4)])
def test_intervals_hold_the_truth_of_simulated_judges(n, k):
    """Simulation: judges of known bias and noise. The 95 % intervals hold the true values about 95 times in 100."""
    rng = np.random.default_rng(n)
    true_icc = 100 / (100 + 9 + 36)
    held = dict.fromkeys(("icc", "bias", "lower"), 0)
    runs = 300
    for _ in range(runs):
        subject, judge = rng.normal(0, 10, (n, 1)), rng.normal(0, 3, (1, k))
        single, _mean = icc(60 + subject + judge + rng.normal(0, 6, (n, k)))
        held["icc"] += single.low <= true_icc <= single.high
        limits = limits_of_agreement(rng.normal(4, 8, n))
        held["bias"] += limits.bias.low <= 4 <= limits.bias.high
        held["lower"] += limits.lower.low <= 4 - 1.96 * 8 <= limits.lower.high
    for name, hits in held.items():
        assert 0.91 <= hits / runs <= 0.985, (name, hits)


def test_the_same_numbers_give_the_same_interval():
    grades = np.random.default_rng(8).integers(0, 3, (15, 2))
    assert weighted_kappa(grades, 3) == weighted_kappa(grades, 3)
