#!/usr/bin/env bash
# obp 0.5.7: the bootstrapped interval of a self-normalised estimate is wide where every reward is the same, and passes the
# greatest reward.
#
# Self-normalised importance weighting (SNIPW) is a weighted mean of the logged rewards: where all are 1, it is 1 in each
# resample, so a good engineer expects of the bootstrap 1 to 1, and never more than the greatest reward. obp divides by the mean
# weight of the whole log first, and resamples the quotients: what the division is there for (that weights vary) comes back as
# width. The self-normalised doubly robust estimate divides in the same way.
#
# By hand: the policy takes arm 0 with 0.9, the log half of the time, so the weights are 1.8 and 0.2: mean 1, deviation 0.8. With
# 100 rows the interval of their mean is 1 +- 1.96 * 0.8 / 10, 0.843 to 1.157; of the estimate itself, 1 to 1.
#
# Seen with obp 0.5.7, numpy 1.26.4, scipy 1.11.4, scikit-learn 1.3.2, pandas 2.1.4, Python 3.10 (obp 0.5.7 is for 3.10 at most):
#   estimate of 100 rewards of 1: 1.00; 95 % interval: 0.84 to 1.16
#   the same log, each resample estimated anew: 1.00 to 1.00
# The script fails if obp's interval is narrower than 0.3 or ends at the greatest reward.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=
for candidate in python3.10 "$HOME"/.pyenv/versions/3.10*/bin/python3.10; do
  if "$candidate" -c '' 2>/dev/null; then python=$candidate && break; fi
done
[ -n "$python" ] || { echo "this finding needs Python 3.10: put python3.10 on the PATH" >&2; exit 1; }
"$python" -m venv "$work/venv"
# Without its dependencies: of them the estimators need these only, and not PyTorch (see below).
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps obp==0.5.7
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==1.26.4 scipy==1.11.4 scikit-learn==1.3.2 pandas==2.1.4 \
  pyyaml==6.0.1 tqdm==4.66.1 matplotlib==3.8.2 seaborn==0.13.2 2>"$work/log"

"$work/venv/bin/python" -W ignore - <<'PROGRAM'
import importlib.abc
import importlib.machinery
import sys
import types

import numpy as np


class Torch(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """obp's other modules name PyTorch's classes when they are imported, the estimators do not use it: empty classes do."""

    class Empty(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (), {})

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.split(".")[0] == "torch" else None

    def create_module(self, spec):
        return Torch.Empty(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, Torch())
import torch.nn.functional  # noqa: E402
import torch.optim  # noqa: E402
import torch.utils.data  # noqa: E402
from obp.ope.estimators import SelfNormalizedInverseProbabilityWeighting  # noqa: E402

rows = 100
reward, action, logged = np.ones(rows), np.tile([0, 1], rows // 2), np.full(rows, 0.5)
policy = np.tile([[0.9], [0.1]], (rows, 1, 1))  # of each row, arm and position
estimator = SelfNormalizedInverseProbabilityWeighting()


def estimate(i):
    return estimator.estimate_policy_value(reward=reward[i], action=action[i], action_dist=policy[i], pscore=logged[i])


interval = estimator.estimate_interval(reward=reward, action=action, action_dist=policy, pscore=logged, random_state=1)
lower, upper = interval["95.0% CI (lower)"], interval["95.0% CI (upper)"]
print(f"estimate of {rows} rewards of 1: {estimate(np.arange(rows)):.2f}; 95 % interval: {lower:.2f} to {upper:.2f}")
anew = [estimate(np.random.default_rng(seed).integers(rows, size=rows)) for seed in range(200)]
print(f"the same log, each resample estimated anew: {min(anew):.2f} to {max(anew):.2f}")
assert upper - lower > 0.3, "the interval is narrower"
assert upper > reward.max() + 0.1, "the interval does not pass the greatest reward"
assert max(abs(value - 1) for value in anew) < 1e-12, "a resample is not 1"
PROGRAM
echo "as described"
