"""LightGBM, one thread and one seed, and its trees as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.rows import NightRows, Numbers

CLASSES = 4

SETTINGS: dict[str, Any] = {
    "objective": "multiclass",
    "num_class": CLASSES,
    "num_leaves": 6,
    "learning_rate": 0.05,
    "min_data_in_leaf": 400,
    "lambda_l2": 50.0,
    "feature_fraction": 0.1,
    "bagging_fraction": 0.3,
    "bagging_freq": 1,
    "max_bin": 63,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
ROUNDS = 120


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows to fit on, binned once: the classes of `whose` people may then be left out cheaply."""

    data: Any
    group: NDArray[np.int64]

    @classmethod
    def of(
        cls, nights: Sequence[NightRows], x: Sequence[Numbers], weight: Sequence[float], group: Sequence[int]
    ) -> Table:
        """Every usable epoch of the nights. x: the rows of each. weight, group: of each night."""
        use = [night.usable for night in nights]
        data = lightgbm.Dataset(
            np.concatenate([rows[one] for rows, one in zip(x, use, strict=True)]),
            label=np.concatenate([night.labels[one] for night, one in zip(nights, use, strict=True)]),
            weight=np.concatenate([np.full(one.sum(), w) for w, one in zip(weight, use, strict=True)]),
            params=SETTINGS,
            free_raw_data=False,
        ).construct()
        return cls(data, np.concatenate([np.full(one.sum(), g) for g, one in zip(group, use, strict=True)]))

    def fit(self, without: int | None = None) -> Any:
        """A LightGBM booster, fitted without one group."""
        data = self.data if without is None else self.data.subset(np.flatnonzero(self.group != without))
        return lightgbm.train(SETTINGS, data, num_boost_round=ROUNDS)


def plain_trees(model: dict[str, Any], classes: int = CLASSES) -> dict[str, Any]:
    """A dumped LightGBM model as `{"bias", "trees"}`; numbers rounded, since the last digits carry nothing."""
    trees = []
    for index, info in enumerate(model["tree_info"]):
        if info["num_leaves"] > 1:
            trees.append([index % classes, *_flat(info["tree_structure"], info["num_leaves"])])
    bias = [
        sum(
            info["tree_structure"]["leaf_value"]
            for index, info in enumerate(model["tree_info"])
            if index % classes == of_class and info["num_leaves"] == 1
        )
        for of_class in range(classes)
    ]
    return {"bias": [round(value, 6) for value in bias], "trees": trees}


def _flat(root: dict[str, Any], leaves: int) -> list[Any]:
    feature, low, high = ([0] * (leaves - 1) for _ in range(3))
    bound = [0.0] * (leaves - 1)
    missing = ["0"] * (leaves - 1)
    leaf = [0.0] * leaves

    def place(node: dict[str, Any]) -> int:
        if "leaf_index" in node:
            leaf[node["leaf_index"]] = round(node["leaf_value"], 5)
            return ~int(node["leaf_index"])
        here = int(node["split_index"])
        feature[here] = node["split_feature"]
        bound[here] = float(f"{node['threshold']:.5g}")
        # LightGBM takes a missing value for 0 where it saw none missing in fitting.
        goes_low = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
        missing[here] = "1" if goes_low else "0"
        low[here], high[here] = place(node["left_child"]), place(node["right_child"])
        return here

    place(root)
    return [feature, bound, low, high, "".join(missing), leaf]
