"""How well two scorings of the same epochs agree, from confusions of shape (..., C, C): rows scored, columns said.

Each function gives shape (...), NaN where the figure is not defined.
"""

from __future__ import annotations

from vigil.evidence.figures import FloatArray, over


def epochs(confusion: FloatArray) -> FloatArray:
    """How many epochs there are."""
    total: FloatArray = confusion.sum(axis=(-2, -1))
    return total


def _agreed(confusion: FloatArray) -> FloatArray:
    agreed: FloatArray = confusion.diagonal(axis1=-2, axis2=-1).sum(axis=-1)
    return agreed


def accuracy(confusion: FloatArray) -> FloatArray:
    """Share of epochs that agree."""
    return over(_agreed(confusion), epochs(confusion))


def kappa(confusion: FloatArray) -> FloatArray:
    """Agreement beyond chance (Cohen 1960); not defined where both say one and the same class throughout.

    In whole numbers up to the one division: (N a - c) / (N N - c), with a agreed and c the sum of products of margins.
    """
    total = epochs(confusion)
    chance = (confusion.sum(axis=-1) * confusion.sum(axis=-2)).sum(axis=-1)
    return over(total * _agreed(confusion) - chance, total * total - chance)


def sensitivity(confusion: FloatArray, of_class: int) -> FloatArray:
    """Share of the scored epochs of a class that were said to be of it."""
    return over(confusion[..., of_class, of_class], confusion[..., of_class, :].sum(axis=-1))


def precision(confusion: FloatArray, of_class: int) -> FloatArray:
    """Share of the epochs said to be of a class that were scored so."""
    return over(confusion[..., of_class, of_class], confusion[..., :, of_class].sum(axis=-1))


def f1(confusion: FloatArray, of_class: int) -> FloatArray:
    """Harmonic mean of sensitivity and precision (van Rijsbergen 1979)."""
    either = confusion[..., of_class, :].sum(axis=-1) + confusion[..., :, of_class].sum(axis=-1)
    return over(2 * confusion[..., of_class, of_class], either)
