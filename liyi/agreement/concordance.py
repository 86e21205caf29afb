"""How well two or more judges agree: the statistics alone, on plain arrays.

What belongs here: intraclass correlation, weighted kappa, Spearman's rank correlation and the limits of agreement, each
with its 95 % confidence interval. Nothing here knows who the judges are. Resampling has a fixed seed, so the same
numbers give the same result.

References
----------
Shrout & Fleiss (1979), Intraclass correlations: uses in assessing rater reliability. Psychol. Bull. 86, 420-428.
McGraw & Wong (1996), Forming inferences about some intraclass correlation coefficients. Psychol. Methods 1, 30-46.
Cohen (1968), Weighted kappa. Psychol. Bull. 70, 213-220; Light (1971), Psychol. Bull. 76, 365-377 (several raters).
Bland & Altman (1986), Lancet 327, 307-310; (1999), Stat. Methods Med. Res. 8, 135-160.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.core.trace import FloatArray

    Statistic = Callable[[FloatArray], FloatArray]

IntArray = npt.NDArray[np.intp]

CONFIDENCE = 0.95
RESAMPLES = 1000
SEED = 20240601
_MOST_UNDEFINED = 0.1  # of the resamples; with more, their percentiles say nothing
_CELLS_AT_ONCE = 2_000_000  # numbers that are resampled together: 16 MB


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % confidence interval; NaN where it is not defined."""

    value: float
    low: float = math.nan
    high: float = math.nan


UNDEFINED = Estimate(math.nan)


@dataclass(frozen=True)
class MeanSquares:
    """Two-way analysis of variance of ``n`` subjects by ``k`` judges: of subjects, of judges, and the rest."""

    subjects: float
    judges: float
    rest: float
    n: int
    k: int


@dataclass(frozen=True)
class Limits:
    """Bland & Altman's figures of the differences: their mean (bias), its standard deviation and the 95 % limits."""

    bias: Estimate
    sd: float
    lower: Estimate
    upper: Estimate


def mean_squares(scores: FloatArray) -> MeanSquares:
    """Mean squares of a complete two-way table without repetition.

    Parameters
    ----------
    scores : array, shape (n, k)
        One row a subject, one column a judge; no NaN.
    """
    n, k = scores.shape
    grand = scores.mean()
    subjects, judges = scores.mean(axis=1), scores.mean(axis=0)
    rest = scores - subjects[:, None] - judges[None, :] + grand
    return MeanSquares(
        subjects=k * float(((subjects - grand) ** 2).sum()) / (n - 1),
        judges=n * float(((judges - grand) ** 2).sum()) / (k - 1),
        rest=float((rest**2).sum()) / ((n - 1) * (k - 1)),
        n=n,
        k=k,
    )


def icc(scores: FloatArray) -> tuple[Estimate, Estimate]:
    """ICC(2,1) and ICC(2,k): absolute agreement of one judge, and of the mean of the k judges.

    Shrout & Fleiss's cases 2,1 and 2,k (McGraw & Wong's A,1 and A,k), with the F-based interval of the single judge
    (McGraw & Wong 1996, table 7) stepped up by Spearman-Brown for the mean.

    Parameters
    ----------
    scores : array, shape (n, k)
        One row a subject, one column a judge; no NaN.

    Returns
    -------
    single, mean : Estimate
        Undefined for fewer than 3 subjects or 2 judges, or where no score differs from another.
    """
    n, k = scores.shape
    if n < 3 or k < 2 or float(np.ptp(scores)) == 0:
        return UNDEFINED, UNDEFINED
    ms = mean_squares(scores)
    below = ms.subjects + (k - 1) * ms.rest + k * (ms.judges - ms.rest) / n
    below_mean = ms.subjects + (ms.judges - ms.rest) / n
    if below <= 0 or below_mean <= 0:
        return UNDEFINED, UNDEFINED
    value = (ms.subjects - ms.rest) / below
    low, high = _icc_interval(ms, value)
    single = Estimate(value, low, high)
    return single, Estimate((ms.subjects - ms.rest) / below_mean, _stepped_up(low, k), _stepped_up(high, k))


def _icc_interval(ms: MeanSquares, value: float) -> tuple[float, float]:
    from scipy.stats import f

    n, k = ms.n, ms.k
    if value >= 1 or ms.rest <= 1e-12 * ms.subjects:  # no scatter was seen, so how much there is cannot be told
        return math.nan, math.nan
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    freedom = (a * ms.judges + b * ms.rest) ** 2 / (
        (a * ms.judges) ** 2 / (k - 1) + (b * ms.rest) ** 2 / ((n - 1) * (k - 1))
    )
    tail = 1 - (1 - CONFIDENCE) / 2
    lower, upper = float(f.ppf(tail, n - 1, freedom)), float(f.ppf(tail, freedom, n - 1))
    others = k * ms.judges + (k * n - k - n) * ms.rest
    low = n * (ms.subjects - lower * ms.rest) / (lower * others + n * ms.subjects)
    high = n * (upper * ms.subjects - ms.rest) / (others + n * upper * ms.subjects)
    return low, high


def _stepped_up(single: float, k: int) -> float:
    """Reliability of the mean of ``k`` judges from that of one (Spearman-Brown)."""
    below = 1 + (k - 1) * single
    return k * single / below if below > 0 else math.nan


def weighted_kappa(grades: IntArray, categories: int) -> Estimate:
    """Cohen's kappa with quadratic weights; for more than two judges the mean over their pairs (Light).

    Parameters
    ----------
    grades : array, shape (n, k)
        Ordered categories 0 .. ``categories`` - 1, one column a judge.
    categories : int
        How many there are, used or not.

    Returns
    -------
    Estimate
        With a bootstrap interval over the subjects; undefined where a pair gave all subjects one and the same grade.
    """
    if grades.shape[0] < 3:
        return UNDEFINED
    pairs = list(combinations(range(grades.shape[1]), 2))
    value = float(np.mean([_kappa(grades[:, i], grades[:, j], categories) for i, j in pairs]))
    return _bootstrap(grades.astype(np.float64), value, _mean_quadratic_kappa)


def _kappa(first: IntArray, second: IntArray, categories: int) -> float:
    from statsmodels.stats.inter_rater import cohens_kappa

    table = np.zeros((categories, categories))
    np.add.at(table, (first, second), 1)
    if np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) < 2:
        return math.nan
    return float(cohens_kappa(table, wt="quadratic", return_results=False))


def _mean_quadratic_kappa(grades: FloatArray) -> FloatArray:
    """`weighted_kappa` of many tables at once, shape (m, n, k) -> (m,): with quadratic weights it needs only moments.

    1 - E(a - b)^2 / (Var a + Var b + (mean a - mean b)^2), which is Cohen's definition written out.
    """
    mean, variance = grades.mean(axis=1), grades.var(axis=1)
    total = np.zeros(grades.shape[0])
    pairs = list(combinations(range(grades.shape[2]), 2))
    for i, j in pairs:
        apart = ((grades[:, :, i] - grades[:, :, j]) ** 2).mean(axis=1)
        by_chance = variance[:, i] + variance[:, j] + (mean[:, i] - mean[:, j]) ** 2
        total += 1 - np.divide(apart, by_chance, out=np.full_like(apart, np.nan), where=by_chance > 0)
    return total / len(pairs)


def spearman(scores: FloatArray) -> Estimate:
    """Spearman's rank correlation; for more than two judges the mean over their pairs.

    Parameters
    ----------
    scores : array, shape (n, k)
        One column a judge; no NaN.

    Returns
    -------
    Estimate
        With a bootstrap interval over the subjects; undefined where a judge gave all subjects the same score.
    """
    from scipy.stats import spearmanr

    if scores.shape[0] < 3 or (np.ptp(scores, axis=0) == 0).any():
        return UNDEFINED
    pairs = list(combinations(range(scores.shape[1]), 2))
    value = float(np.mean([spearmanr(scores[:, i], scores[:, j]).statistic for i, j in pairs]))
    return _bootstrap(scores, value, _mean_rank_correlation)


def _mean_rank_correlation(scores: FloatArray) -> FloatArray:
    """`spearman` of many tables at once, shape (m, n, k) -> (m,)."""
    from scipy.stats import rankdata

    ranks = rankdata(scores, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    norm = np.sqrt((ranks**2).sum(axis=1))
    total = np.zeros(scores.shape[0])
    pairs = list(combinations(range(scores.shape[2]), 2))
    for i, j in pairs:
        product, below = (ranks[:, :, i] * ranks[:, :, j]).sum(axis=1), norm[:, i] * norm[:, j]
        total += np.divide(product, below, out=np.full_like(product, np.nan), where=below > 0)
    return total / len(pairs)


def limits_of_agreement(differences: FloatArray) -> Limits:
    """Bias and 95 % limits of agreement, with intervals from Student's t.

    The standard error of a limit is s * sqrt(1/n + 1.96^2 / (2 (n - 1))), of which Bland & Altman's sqrt(3/n) s is the
    rounded form.

    Parameters
    ----------
    differences : array, shape (n,)
        One judge less the other; no NaN.
    """
    from scipy.stats import norm, t

    n = differences.size
    if n < 3:
        return Limits(UNDEFINED, math.nan, UNDEFINED, UNDEFINED)
    bias, sd = float(differences.mean()), float(differences.std(ddof=1))
    z = float(norm.ppf(1 - (1 - CONFIDENCE) / 2))
    reach = float(t.ppf(1 - (1 - CONFIDENCE) / 2, n - 1)) * sd
    of_bias, of_limit = reach / math.sqrt(n), reach * math.sqrt(1 / n + z**2 / (2 * (n - 1)))
    low, high = bias - z * sd, bias + z * sd
    return Limits(
        bias=Estimate(bias, bias - of_bias, bias + of_bias),
        sd=sd,
        lower=Estimate(low, low - of_limit, low + of_limit),
        upper=Estimate(high, high - of_limit, high + of_limit),
    )


def _bootstrap(table: FloatArray, value: float, statistic: Statistic) -> Estimate:
    """Percentile interval of ``statistic`` over resampled rows of ``table``, shape (n, k)."""
    if not math.isfinite(value):
        return UNDEFINED
    rng = np.random.default_rng(SEED)
    n = table.shape[0]
    at_once = max(1, _CELLS_AT_ONCE // table.size)
    drawn: list[FloatArray] = []
    for first in range(0, RESAMPLES, at_once):
        rows = rng.integers(n, size=(min(at_once, RESAMPLES - first), n))
        drawn.append(statistic(table[rows]))
    found = np.concatenate(drawn)
    defined = found[np.isfinite(found)]
    if defined.size < (1 - _MOST_UNDEFINED) * found.size:
        return Estimate(value)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, (tail, 1 - tail))
    if high - low < 1e-12:  # perfect agreement in every resample: they cannot tell how far it would be kept
        return Estimate(value)
    return Estimate(value, float(low), float(high))
