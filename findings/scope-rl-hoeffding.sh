#!/usr/bin/env bash
# scope-rl 0.2.1: the interval by Hoeffding's inequality grows as the data grows, and is upside down when all rewards are below 0.
#
# A good engineer expects of 100 times the data an interval a tenth as wide, as the docstring's own formula says:
# X_max * sqrt(log(1/alpha) / (2n)). The code multiplies by n where that divides by it, so the interval is ten times as wide. It
# takes the greatest sample for the range of the values as well: where values lie in -1..0 and one is 0, the interval is one
# point; where all are -1, its lower end is above its upper end. (OffPolicyEvaluation offers it as ci="hoeffding".)
#
# Seen with scope-rl 0.2.1, gym 0.26.2, numpy 1.26.4, scipy 1.15.3, scikit-learn 1.6.1, Python 3.11 (the half width by the
# textbook, for values in a range of 1: 0.136 and 0.0136):
#   100 values, half of them 1 and half 0: -13.0810 to 14.0810
#   10000 values, half of them 1 and half 0: -135.3102 to 136.3102
#   100 values, half of them -1 and half 0: -0.5000 to -0.5000
#   100 values, all -1: 12.5810 to -14.5810
# The script fails if more data no longer widens the interval tenfold, or the last two are an interval with an inside.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
# Without its dependencies: of them the module of the intervals needs these four only, and not PyTorch.
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps scope-rl==0.2.1
"$work/venv/bin/pip" install --quiet --disable-pip-version-check gym==0.26.2 numpy==1.26.4 scipy==1.15.3 scikit-learn==1.6.1 2>"$work/log"

"$work/venv/bin/python" - 2>>"$work/log" <<'PROGRAM' || { tail -n 5 "$work/log"; exit 1; }
import numpy as np
from scope_rl.utils import estimate_confidence_interval_by_hoeffding


def interval(name, values):
    result = estimate_confidence_interval_by_hoeffding(np.array(values))
    lower, upper = result["95.0% CI (lower)"], result["95.0% CI (upper)"]
    print(f"{len(values)} values, {name}: {lower:.4f} to {upper:.4f}")
    return lower, upper


few = interval("half of them 1 and half 0", [1.0, 0.0] * 50)
many = interval("half of them 1 and half 0", [1.0, 0.0] * 5000)
costs = interval("half of them -1 and half 0", [-1.0, 0.0] * 50)
losses = interval("all -1", [-1.0] * 100)
assert abs((many[1] - many[0]) / (few[1] - few[0]) - 10) < 1e-9, "more data does not widen the interval tenfold"
assert costs[0] == costs[1], "the interval of costs is not one point"
assert losses[0] > losses[1], "the interval of losses is not upside down"
PROGRAM
echo "as described"
