#!/usr/bin/env bash
# contextualbandits 0.3.30: evaluateDoublyRobust, called twice with the same arguments, gives two values.
#
# A good engineer expects an estimator to read its data. The one-number answer hides that it writes: the corrections are added
# into the first column of the caller's own array of reward estimates (reward_estimator), so the next policy, or the next value
# of pmin, is judged with estimates that hold the corrections of the last one. The docstring does not say so.
#
# By hand: the policy takes arm 0; rows 1 and 3 logged arm 0, each with probability 0.5 and reward 1, and every estimate is 0.5.
# The value is 0.5 + (2 x (1 - 0.5) / 0.5) / 4 = 1. Each further call adds those 0.5 again, past the greatest reward there is.
#
# Seen with contextualbandits 0.3.30, numpy 2.4.6, scipy 1.17.1, pandas 3.1.1, scikit-learn 1.9.1, Python 3.11 (a C compiler builds it):
#   three calls: 1.0, 1.5, 2.0
#   the caller's estimates for arm 0, before and after: [0.5, 0.5, 0.5, 0.5], [3.5, 0.5, 3.5, 0.5]
#   three calls, a copy for each: 1.0, 1.0, 1.0
# The script fails if three calls give one value, or the first of them is not 1.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  contextualbandits==0.3.30 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 scikit-learn==1.9.1

"$work/venv/bin/python" - <<'PROGRAM'
import numpy as np
from contextualbandits.evaluation import evaluateDoublyRobust

contexts = np.zeros((4, 1))
logged, chosen = np.array([0, 1, 0, 1]), np.array([0, 0, 0, 0])
rewards, probabilities = np.array([1.0, 0.0, 1.0, 0.0]), np.full(4, 0.5)


def value(estimates):
    return float(evaluateDoublyRobust(chosen, contexts, logged, rewards, probabilities, estimates))


def show(name, values):
    print(name + ":", ", ".join(map(str, values)))
    return values


estimates = np.full((4, 2), 0.5)  # of the arm chosen, of the arm logged
before = estimates[:, 0].tolist()
same = show("three calls", [value(estimates) for _ in range(3)])
show("the caller's estimates for arm 0, before and after", [before, estimates[:, 0].tolist()])
copies = show("three calls, a copy for each", [value(np.full((4, 2), 0.5)) for _ in range(3)])
assert same == [1.0, 1.5, 2.0], "three calls give other values"
assert copies == [1.0, 1.0, 1.0], "three calls with a copy each give other values"
PROGRAM
echo "as described"
