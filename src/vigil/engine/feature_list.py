"""The stager's numbers: a name, a unit and a meaning each, in the order of a row."""

from __future__ import annotations

from typing import NamedTuple


class FeatureSpec(NamedTuple):
    """A feature's name, unit and meaning, for the parameters file and for whoever asks why."""

    name: str
    unit: str
    meaning: str


FEATURES: tuple[FeatureSpec, ...] = tuple(
    FeatureSpec(*row)
    for row in (
        ("night_h", "h", "time since lights-out"),
        ("heart_now_over_low", "bpm", "mean of 30 s above the 10th percentile of the night so far"),
        ("heart_1m_rank", "1", "share of the night so far below the mean of 1 min"),
        ("heart_1m_over_usual", "bpm", "mean of 1 min above the median of the night so far"),
        ("heart_1m_scaled", "1", "the same in interquartile ranges (at least 1 bpm) of the night so far"),
        ("heart_now_5m", "bpm", "mean of 30 s less that of 5 min"),
        ("heart_10m_30m", "bpm", "mean of 10 min less that of 30 min"),
        ("heart_peak_2m", "bpm", "highest of 2.5 min less the mean of 10 min"),
        ("heart_5m_over_low_60m", "bpm", "mean of 5 min above its lowest of the last 60 min"),
        ("heart_5m_over_60m", "bpm", "mean of 5 min above the median of the last 60 min"),
        ("heart_5m_over_90m", "bpm", "mean of 5 min above the median of the last 90 min"),
        ("heart_change_20m", "bpm", "mean of 5 min less what it was 20 min ago"),
        ("heart_change_30m", "bpm", "mean of 5 min less what it was 30 min ago"),
        ("heart_change_40m", "bpm", "mean of 5 min less what it was 40 min ago"),
        ("heart_change_60m", "bpm", "mean of 5 min less what it was 60 min ago"),
        ("heart_change_80m", "bpm", "mean of 5 min less what it was 80 min ago"),
        ("wobble_2m", "bpm", "standard deviation of the looks of 2.5 min"),
        ("wobble_5m", "bpm", "standard deviation of the looks of 5 min"),
        ("wobble_10m", "bpm", "standard deviation of the looks of 10 min"),
        ("wobble_30m", "bpm", "standard deviation of the looks of 30 min"),
        ("slow_2m", "bpm", "standard deviation of the 30-s means of 2.5 min"),
        ("slow_5m", "bpm", "standard deviation of the 30-s means of 5 min"),
        ("slow_10m", "bpm", "standard deviation of the 30-s means of 10 min"),
        ("fast_30m", "bpm", "mean over 30 min of the standard deviation within 30 s"),
        ("swing_5m", "bpm", "highest less lowest of 5 min"),
        ("swing_10m", "bpm", "highest less lowest of 10 min"),
        ("quartiles_10m", "bpm", "interquartile range of the looks of 10 min"),
        ("peaks_10m", "1", "share of the looks of 10 min more than 4 bpm above their median"),
        ("top_10m", "bpm", "highest of 10 min less their median"),
        ("wobble_20m", "bpm", "standard deviation of the looks of 20 min"),
        ("peaks_20m", "1", "share of the looks of 20 min more than 4 bpm above their median"),
        ("top_20m", "bpm", "highest of 20 min less their median"),
        ("skew_20m", "1", "skewness of the looks of 20 min"),
        ("peaks_30m", "1", "share of the looks of 30 min more than 4 bpm above their median"),
        ("slide_20s_5m", "bpm", "root mean square over 5 min of the change between means of 20 s"),
        ("slide_40s_5m", "bpm", "the same, means of 40 s"),
        ("slide_40s_10m", "bpm", "the same, over 10 min"),
        ("slide_40s_30m", "bpm", "the same, over 30 min"),
        ("slide_40s_most_10m", "bpm", "largest rise between means of 40 s in 10 min"),
        ("slide_40s_most_30m", "bpm", "the same, in 30 min"),
        ("slide_160s_30m", "bpm", "root mean square over 30 min of the change between means of 160 s"),
        ("wobble_5m_rank", "1", "share of the night so far with less wobble_5m"),
        ("wobble_10m_rank", "1", "share of the night so far with less wobble_10m"),
        ("slow_5m_rank", "1", "share of the night so far with less slow_5m"),
        ("slow_10m_rank", "1", "share of the night so far with less slow_10m"),
        ("fast_10m_rank", "1", "share of the night so far with a smaller mean deviation within 30 s, over 10 min"),
        ("quartiles_10m_rank", "1", "share of the night so far with less quartiles_10m"),
        ("slide_40s_10m_rank", "1", "share of the night so far with less slide_40s_10m"),
        ("slide_160s_30m_rank", "1", "share of the night so far with less slide_160s_30m"),
        ("move_now", "log2", "movement of 30 s: log2 of the range over 50 mg, not below 0"),
        ("move_2m_most", "log2", "largest of 2.5 min"),
        ("move_5m", "log2", "mean of 5 min"),
        ("move_10m", "log2", "mean of 10 min"),
        ("move_30m", "log2", "mean of 30 min"),
        ("move_60m", "log2", "mean of 60 min"),
        ("move_10m_share", "1", "share of the last 10 min with 100 mg or more"),
        ("move_200_30m", "1", "share of the last 30 min with 200 mg or more"),
        ("move_500_20m", "1", "share of the last 20 min with 500 mg or more"),
        ("move_500_60m", "1", "share of the last 60 min with 500 mg or more"),
        ("since_move", "min", "since an epoch with 100 mg or more, or since movement was first known; at most 60"),
        ("since_200", "min", "since an epoch with 200 mg or more, likewise"),
        ("since_big_move", "min", "since an epoch with 500 mg or more, likewise"),
        ("since_1000", "min", "since an epoch with 1000 mg or more, likewise"),
        ("since_turn", "min", "since lying turned by more than 30 degrees, likewise"),
    )
)
