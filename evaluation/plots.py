"""Plots of the report, as SVG: what is noticed at which price, and how far scores hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from evaluation.columns import Finding, has_scores
from evaluation.messages import LabelledMessage

# Text stays text, and two runs with the same result write the same file.
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "asksafe"})


def price(
    rows: Sequence[LabelledMessage], findings: Mapping[str, Sequence[Finding]], path: Path
) -> None:
    """Share of risk noticed against false alarms, over all thresholds; a point where it stands."""
    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot()
    risky = [row.label.risk for row in rows]
    for name, found in findings.items():
        pairs = zip((f.score for f in found), risky, strict=True)
        # Of those that score the same the harmless come first: the worse reading counts.
        ordered = sorted(pairs, key=lambda pair: (-pair[0], pair[1]))
        hits, alarms, line = 0, 0, [(0.0, 0.0)]
        for _, risk in ordered:
            hits, alarms = hits + risk, alarms + (not risk)
            line.append((alarms / max(risky.count(False), 1), hits / max(risky.count(True), 1)))
        if has_scores(found):
            axes.plot(*zip(*line, strict=True), label=name)
        noticed = [f.noticed for f in found]
        point = (
            sum(n and not r for n, r in zip(noticed, risky, strict=True)) / risky.count(False),
            sum(n and r for n, r in zip(noticed, risky, strict=True)) / risky.count(True),
        )
        axes.plot(*point, "o", label=f"{name}, as it is set")
    axes.set(xlim=(0, 0.25), ylim=(0, 1), xlabel="false alarms", ylabel="risk noticed")
    axes.legend(fontsize="small", loc="lower right")
    figure.savefig(path, metadata={"Date": None})


def calibration(points: Sequence[tuple[float, float, int]], path: Path) -> None:
    """Share that held a risk against the share expected; on the line is right."""
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    axes.plot([x for x, _, _ in points], [y for _, y, _ in points], "o-")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="expected", ylabel="held a risk")
    figure.savefig(path, metadata={"Date": None})
