"""The tools: what to install, what each takes, gives and leaves undone, as their own documents and code say."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    key: of its module in `runs`, of its constraints in `pins`, and of its environment's folder. requires: what pip
    installs; empty for Vigil, which runs where this runs. variables: set for its run.
    """

    key: str
    name: str
    requires: tuple[str, ...]
    takes: str
    gives: str
    knows_ahead: str
    leaves: str
    variables: dict[str, str] = field(default_factory=dict)


VIGIL = Tool(
    key="vigil",
    name="Vigil",
    requires=(),
    takes="raw acceleration at 50 Hz, and beats (or a heart rate)",
    gives="wake, light, deep, REM at each epoch's end; suspicions; a decision with its reasons; a digest of the night",
    knows_ahead="nothing",
    leaves="R peaks, EEG, frequency-domain HRV, endpoints of many days",
)

PEERS = (
    Tool(
        key="skdh",
        name="skdh Sleep",
        requires=("scikit-digital-health==0.17.18",),
        takes="raw acceleration",
        gives="the sleep window of a day, sleep or wake by minute in it, 23 endpoints",
        knows_ahead="the whole day: the window is the longest of it",
        leaves="heart, stages, episodes, anything live",
        variables={"MPLBACKEND": "Agg"},
    ),
    Tool(
        key="yasa",
        name="YASA",
        requires=("yasa==0.8.1",),
        takes="EEG (EOG and EMG if there are)",
        gives="W, N1, N2, N3, REM by epoch; spindles, slow waves and more besides",
        knows_ahead="some four minutes (a centred mean of 7.5), and the scale of the whole night",
        leaves="heart and movement, episodes, anything live",
        variables={"MPLBACKEND": "Agg"},
    ),
    Tool(
        key="sleepecg",
        name="SleepECG",
        requires=("sleepecg==0.6.0", "keras==3.15.1", "torch==2.15.0", "joblib==1.6.0"),
        takes="beats (finds them in an ECG)",
        gives="wake, NREM, REM by epoch; R peaks, HRV features",
        knows_ahead="150 s for its features, and the whole record both ways",
        leaves="movement, deep sleep, episodes, anything live",
        variables={"KERAS_BACKEND": "torch", "TF_CPP_MIN_LOG_LEVEL": "3"},
    ),
    Tool(
        key="neurokit2",
        name="NeuroKit2",
        requires=("neurokit2==0.2.13",),
        takes="ECG, or R peaks",
        gives="R peaks, and some 90 measures of heart-rate variability of a window",
        knows_ahead="nothing beyond the window and its filters",
        leaves="movement, stages, episodes; it measures, and leaves the saying to others",
        variables={"MPLBACKEND": "Agg"},
    ),
)
