"""The usual Python way to judge by decisions: judge_decisions.py LOG CONTEXT POSITIONS ACTIONS, with Open Bandit Pipeline.

A row of LOG is big-endian floats: context, position, action, reward, propensity. A linear softmax policy is judged, with a model of
rewards for each half of the rows, which was fitted on some rows of the other half.
"""
import importlib.util
import sys
import types

import numpy as np

if importlib.util.find_spec("torch") is None:
    # Only its learners need torch: take the estimators without them.
    root = importlib.util.find_spec("obp").submodule_search_locations[0]
    for name, where in (("obp", root), ("obp.ope", root + "/ope")):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [where]
    sys.modules["torch"] = types.ModuleType("torch")
    sys.modules["torch"].tensor = sys.modules["torch"].Tensor = object

from obp.ope.estimators import (  # noqa: E402
    DirectMethod,
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
)
from obp.ope.estimators_tuning import DoublyRobustWithShrinkageTuning, SwitchDoublyRobustTuning  # noqa: E402
from obp.ope.regression_model import RegressionModel  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402

FITTED_ON = 20000
SAMPLES = 100

context_size, positions, actions = (int(argument) for argument in sys.argv[2:5])
log = np.fromfile(sys.argv[1], dtype=">f4").reshape(-1, context_size + 4).astype(np.float64)
n = len(log)
context = log[:, :context_size]
position, action = log[:, context_size].astype(int), log[:, context_size + 1].astype(int)
reward, pscore = log[:, context_size + 2].copy(), log[:, context_size + 3].copy()
del log

scores = context @ np.random.default_rng(1).normal(size=(context_size, actions)) / context_size
scores = np.exp(scores - scores.max(axis=1, keepdims=True))
scores /= scores.sum(axis=1, keepdims=True)
policy = np.repeat(scores[:, :, np.newaxis], positions, axis=2)
del scores

said = np.empty((n, actions, positions))
for half in (0, 1):
    model = RegressionModel(base_model=LinearRegression(), n_actions=actions, len_list=positions)
    others = np.arange(1 - half, n, 2)[:FITTED_ON]
    model.fit(context=context[others], action=action[others], reward=reward[others], position=position[others])
    said[half::2] = model.predict(context[half::2])

rows = {"reward": reward, "action": action, "position": position, "pscore": pscore, "action_dist": policy}
models = {"position": position, "action_dist": policy, "estimated_rewards_by_reg_model": said}
switches = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
shrinkages = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]
for estimator, given in (
    (InverseProbabilityWeighting(), rows),
    (SelfNormalizedInverseProbabilityWeighting(), rows),
    (DirectMethod(), models),
    (DoublyRobust(), rows | models),
    (SwitchDoublyRobustTuning(lambdas=switches, tuning_method="slope"), rows | models),
    (DoublyRobustWithShrinkageTuning(lambdas=shrinkages, tuning_method="slope"), rows | models),
):
    interval = estimator.estimate_interval(**given, n_bootstrap_samples=SAMPLES, random_state=1)
    print(type(estimator).__name__, estimator.estimate_policy_value(**given), interval)
print(n)
