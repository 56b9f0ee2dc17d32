"""Boosted trees as plain data, walked by our own code: nothing to install, nothing to unpickle.

A missing value (NaN) goes the way that was learned for it. To spare a test at every node, a row is laid out twice:
once with NaN as minus infinity, for nodes where missing goes low, and once as it is, for the others: NaN is never at
or below a bound.
All trees are walked at once: every node of every tree answers first, then all walks go down a level at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree. Inner node i asks whether row[asked[i]] <= bound[i]; `low` and `high` say where to go.

    A target of 0 or more is an inner node; a negative target t is leaf ~t, whose value is added to the class.
    """

    of_class: int
    asked: tuple[int, ...]
    bound: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    leaf: tuple[float, ...]

    @property
    def depth(self) -> int:
        """Questions on the longest way to a leaf. Children come after their parent, so one pass tells."""
        below = [1] * len(self.asked)
        for node in range(len(self.asked)):
            for child in (self.low[node], self.high[node]):
                if child >= 0:
                    below[child] = below[node] + 1
        return max(below)


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Boosted trees for several classes, in flat arrays, and what each class scores before any tree.

    Places 0 to n - 1 are the inner nodes of all trees, the places after them the leaves. asked, bound, high: of shape
    (n,), as in `Tree`, with places for targets; lower: from `high` to `low`. roots: a row for each class, where its
    trees begin; before them a leaf that is its bias, after them leaves of 0, so that rows are of one length. value: of
    each place, 0 where it is no leaf. stay: every place, itself, so that a walk that has met its leaf stays there.
    depth: questions on the longest way.
    """

    asked: NDArray[np.intp]
    bound: NDArray[np.float64]
    high: NDArray[np.intp]
    lower: NDArray[np.intp]
    roots: NDArray[np.intp]
    value: NDArray[np.float64]
    stay: NDArray[np.intp]
    depth: int

    @classmethod
    def of(cls, trees: Sequence[Tree], bias: Sequence[float]) -> Forest:
        """From trees in the order in which the leaves of a class are to be added."""
        nodes = sum(len(tree.asked) for tree in trees)
        low: list[int] = []
        high: list[int] = []
        value = [0.0] * nodes
        roots: list[list[int]] = []
        for score in bias:
            roots.append([len(value)])
            value.append(float(score))
        for tree in trees:
            first, first_leaf = len(low), len(value)
            low += [first_leaf + ~to if to < 0 else first + to for to in tree.low]
            high += [first_leaf + ~to if to < 0 else first + to for to in tree.high]
            roots[tree.of_class].append(first)
            value += tree.leaf
        nothing, longest = len(value), max(map(len, roots))
        return cls(
            asked=np.array([name for tree in trees for name in tree.asked], np.intp),
            bound=np.array([bound for tree in trees for bound in tree.bound]),
            high=np.array(high, np.intp),
            lower=np.array(low, np.intp) - np.array(high, np.intp),
            roots=np.array([row + [nothing] * (longest - len(row)) for row in roots], np.intp),
            value=np.array([*value, 0.0]),
            stay=np.arange(nothing + 1),
            depth=max(tree.depth for tree in trees),
        )

    def probabilities(self, features: Sequence[float]) -> list[float]:
        """Softmax of the summed leaves, one per class, summing to 1. `features`: floats, NaN where not known."""
        scores = self.scores(features)
        top = max(scores)
        weights = [math.exp(score - top) for score in scores]
        total = math.fsum(weights)
        return [weight / total for weight in weights]

    def scores(self, features: Sequence[float]) -> list[float]:
        """The summed leaves, one per class, on the scale of log-odds."""
        given = np.array(features)
        row = np.concatenate([np.where(np.isnan(given), -np.inf, given), given])
        onward = self.stay.copy()
        onward[: len(self.asked)] = self.high + self.lower * (row[self.asked] <= self.bound)
        places = self.roots
        for _ in range(self.depth):
            places = onward[places]
        scores: list[float] = np.add.accumulate(self.value[places], axis=1)[:, -1].tolist()  # one after another
        return scores


def forest_from_plain(plain: Any, *, features: int, classes: int) -> Forest:
    """From `{"bias": [...], "trees": [[class, feature, bound, low, high, missing_low, leaf], ...]}`.

    Each tree is seven parts, all but the first lists; `missing_low` is a text of 0 and 1, a digit a node.
    Raises ValueError saying which tree is wrong.
    """
    if not isinstance(plain, dict):
        plain = {}
    bias, trees = plain.get("bias"), plain.get("trees")
    if not isinstance(bias, list) or len(bias) != classes or not all(_is_number(value) for value in bias):
        message = f"bias must be {classes} numbers"
        raise ValueError(message)
    if not isinstance(trees, list) or not trees:
        message = "there are none"
        raise ValueError(message)
    return Forest.of([_tree(index, tree, features, classes) for index, tree in enumerate(trees)], _floats(bias))


def _tree(index: int, plain: Any, features: int, classes: int) -> Tree:
    if not isinstance(plain, list) or len(plain) != 7 or not all(isinstance(part, list | str) for part in plain[1:]):
        message = f"tree {index} does not have its seven parts"
        raise ValueError(message)
    of_class, feature, bound, low, high, missing_low, leaf = plain
    nodes = len(feature)
    sizes_fit = nodes > 0 and {len(bound), len(low), len(high), len(missing_low)} == {nodes} and len(leaf) == nodes + 1
    if not (sizes_fit and type(of_class) is int and 0 <= of_class < classes):
        message = f"tree {index}: its parts do not fit together"
        raise ValueError(message)
    if not all(type(name) is int and 0 <= name < features for name in feature):
        message = f"tree {index} asks for a feature that there is not"
        raise ValueError(message)
    if not all(_is_number(value) for value in (*bound, *leaf)) or not set(missing_low) <= {"0", "1"}:
        message = f"tree {index} holds something that is not a number"
        raise ValueError(message)
    _check_targets(index, nodes, low, high)
    asked = tuple(name if left == "1" else name + features for name, left in zip(feature, missing_low, strict=True))
    return Tree(of_class, asked, _floats(bound), tuple(low), tuple(high), _floats(leaf))


def _check_targets(index: int, nodes: int, low: Sequence[Any], high: Sequence[Any]) -> None:
    """Children come after their parent, and every node and leaf is reached once: so every walk ends."""
    reached: list[int] = []
    for node in range(nodes):
        for target in (low[node], high[node]):
            if type(target) is not int or not (target < 0 or target > node):
                message = f"tree {index} leads back to itself"
                raise ValueError(message)
            reached.append(target)
    if sorted(reached) != [*range(-(nodes + 1), 0), *range(1, nodes)]:
        message = f"tree {index} has nodes that are not reached once"
        raise ValueError(message)


def _is_number(value: object) -> bool:
    """A number that a float holds with room; NaN fails both comparisons, and so does an integer without end."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e300 <= value <= 1e300


def _floats(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
