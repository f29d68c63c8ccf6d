#!/usr/bin/env bash
# offline-evaluation 0.0.6 (Bandit ML): the bootstrap of the doubly robust estimate judges each row with the context of another row.
#
# A good engineer expects of num_bootstrap_samples what the estimate itself does, for each resample. The resample keeps the labels of
# the rows that were drawn, and its contexts are looked up by these labels as if they were places. So the estimate of a row comes from
# the context of whatever row stands there now. The correction still makes the mean right, so nothing looks wrong; but the interval is
# that of a model that knows nothing of the contexts, which is what the doubly robust estimate is there to avoid.
#
# By hand: the reward is the context (0 or 1, half each), the arm does not matter, and the model learns that exactly. So the estimate of
# a resample is its mean reward: of 100 rows, 0.5 +- 1.96 * 0.5 / 10, half a width of 0.098. With a context x' of another row, one row
# gives x' + 2 (x - x') if the policy's arm was logged (half of the time) and x' if not: variance 0.75, half a width of 0.170.
#
# Seen with offline-evaluation 0.0.6, scikit-learn 1.2.2, pandas 2.0.3, numpy 1.26.4, scipy 1.11.4, Python 3.11 (it asks for
# scikit-learn 0.24, which Python 3.11 has not; it uses nothing that changed since):
#   half a width of 60 resamples, by the library: 0.18
#   the same resamples, each given to the library as a log of its own: 0.10
# The script fails if the first is not at least 1.4 times the second.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==1.26.4 scipy==1.11.4 scikit-learn==1.2.2 pandas==2.0.3
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps offline-evaluation==0.0.6 2>"$work/log"

"$work/venv/bin/python" -W ignore - <<'PROGRAM'
import numpy as np
import pandas as pd
from ope.methods.doubly_robust import evaluate_raw
from ope.training.predictor import Predictor

rows, resamples = 100, 60
log = pd.DataFrame(
    {
        "context": [{"x": i % 2} for i in range(rows)],
        "action": [i // 2 % 2 for i in range(rows)],
        "reward": [float(i % 2) for i in range(rows)],
        "action_prob": 0.5,
    }
)
model = Predictor()
model.fit(log)


def policy(context):
    return {0: 1.0, 1: 0.0}


def estimate(frame, sample):
    """As evaluate() calls it, which rounds what it returns to two digits."""
    return evaluate_raw(frame, policy, sample=sample, reward_model=model)["new_policy"]


def half_width(values):
    return 1.96 * np.std(values, ddof=1)


assert abs(estimate(log, False) - 0.5) < 1e-3, "the model did not learn the reward"
np.random.seed(1)
own = half_width([estimate(log, True) for _ in range(resamples)])
np.random.seed(1)
anew = half_width([estimate(log.sample(rows, replace=True).reset_index(drop=True), False) for _ in range(resamples)])
print(f"half a width of {resamples} resamples, by the library: {own:.2f}")
print(f"the same resamples, each given to the library as a log of its own: {anew:.2f}")
assert own > 1.4 * anew, "the interval is as narrow as that of the resamples themselves"
PROGRAM
echo "as described"
