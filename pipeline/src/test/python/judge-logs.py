"""What other judges make of logs of single decisions: judge-logs.py FOLDER writes NAME.csv, a log, and NAME.json, what they say of it.

A row of a log: the probability of its action as logged and under the policy, its reward, what a model says of the action, and of the
state. The judges are Open Bandit Pipeline and vw-estimators. The logs are a generated one, and those that Open Bandit Pipeline ships.
"""

import csv
import importlib.util
import json
import pathlib
import sys
import types

import numpy as np
from scipy import stats


def only_estimators():
    """Takes the estimators without what the rest of the package needs, torch above all."""
    for name in ("obp", "obp.ope"):
        package = types.ModuleType(name)
        where = importlib.util.find_spec("obp").submodule_search_locations[0] if name == "obp" else root + "/ope"
        package.__path__ = [where]
        root = where
        sys.modules[name] = package
    sys.modules["torch"] = types.ModuleType("torch")
    sys.modules["torch"].tensor = sys.modules["torch"].Tensor = object


only_estimators()
from estimators.bandits import cressieread, gaussian, ips, snips  # noqa: E402
from obp.ope.estimators import (  # noqa: E402
    DirectMethod,
    DoublyRobust,
    DoublyRobustWithShrinkage,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
    SubGaussianDoublyRobust,
    SubGaussianInverseProbabilityWeighting,
    SwitchDoublyRobust,
)
from obp.ope.estimators_tuning import (  # noqa: E402
    DoublyRobustWithShrinkageTuning,
    InverseProbabilityWeightingTuning,
    SwitchDoublyRobustTuning,
)
from obp.ope.helper import estimate_bernstein_lower_bound, estimate_student_t_lower_bound  # noqa: E402

LAMBDAS = [0.5, 1.0, 2.0, 4.0, 8.0]
CLIP = 4.0


def generated():
    """Contexts, two policies that depend on them, rewards within [0, 1], and a model that is wrong."""
    random = np.random.default_rng(20)
    n, actions = 3000, 5
    context = random.normal(size=(n, 3))

    def softmax(scores):
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    behaviour = softmax(context @ random.normal(size=(3, actions)))
    policy = softmax(context @ random.normal(size=(3, actions)) * 1.5)
    mean = 1 / (1 + np.exp(-context @ random.normal(size=(3, actions))))
    action = (behaviour.cumsum(axis=1) < random.random((n, 1))).sum(axis=1)
    reward = (random.random(n) < mean[np.arange(n), action]) * random.choice([0.5, 1.0], size=n)
    return action, behaviour[np.arange(n), action], reward.astype(float), policy, 0.6 * mean + 0.1


def open_bandit(campaign, actions):
    """Logged by Thompson sampling; the uniform policy is judged, and the model is any."""
    folder = pathlib.Path(sys.modules["obp"].__path__[0]) / "dataset" / "obd" / "bts" / campaign
    with open(folder / (campaign + ".csv")) as file:
        rows = list(csv.DictReader(file))
    action = np.array([int(row["item_id"]) for row in rows])
    logged = np.array([float(row["propensity_score"]) for row in rows])
    reward = np.array([float(row["click"]) for row in rows])
    model = np.tile((np.arange(actions) + 1) / (200.0 * actions), (len(rows), 1))
    return action, logged, reward, np.full((len(rows), actions), 1 / actions), model


def judged(action, logged, reward, policy, model):
    places = {"position": np.zeros(len(reward), dtype=int), "action_dist": policy[:, :, np.newaxis]}
    rows = places | {"reward": reward, "action": action, "pscore": logged}
    models = {"estimated_rewards_by_reg_model": model[:, :, np.newaxis]}

    judges = {
        "is": (InverseProbabilityWeighting(), rows),
        "wis": (SelfNormalizedInverseProbabilityWeighting(), rows),
        "dm": (DirectMethod(), places | models),
        "dr": (DoublyRobust(), rows | models),
    }
    for index, size in enumerate(LAMBDAS):
        judges["clipped-ips/%d" % index] = (InverseProbabilityWeighting(lambda_=size), rows)
        judges["switch-dr/%d" % index] = (SwitchDoublyRobust(lambda_=size), rows | models)
        judges["dr-os/%d" % index] = (DoublyRobustWithShrinkage(lambda_=size), rows | models)
        judges["sub-gaussian/%d" % index] = (SubGaussianInverseProbabilityWeighting(lambda_=size / 10), rows)
        judges["sub-gaussian-dr/%d" % index] = (SubGaussianDoublyRobust(lambda_=size / 10), rows | models)
    said = {"lambdas": LAMBDAS, "clip": CLIP, "value": {}, "lower": {}, "slope": {}}
    for name, (estimator, given) in judges.items():
        said["value"][name] = float(estimator.estimate_policy_value(**given))
        if name != "wis":  # its values of rows are divided by a mean that they share
            values = estimator._estimate_round_rewards(**given)
            said["lower"][name] = float(estimate_student_t_lower_bound(values, delta=0.025))
    for name, tuning, given in (
        ("clipped-ips", InverseProbabilityWeightingTuning, rows),
        ("switch-dr", SwitchDoublyRobustTuning, rows | models),
        ("dr-os", DoublyRobustWithShrinkageTuning, rows | models),
    ):
        tuned = tuning(lambdas=list(LAMBDAS), tuning_method="slope", delta=0.025)  # it sorts the list that it is given
        tuned.estimate_policy_value(**given)
        said["slope"][name] = LAMBDAS.index(tuned.best_hyperparam)
    weight = policy[np.arange(len(reward)), action] / logged
    said["bernstein"] = float(estimate_bernstein_lower_bound(np.minimum(weight * reward, CLIP), CLIP, delta=0.05))

    vowpal = {
        "is": ips.Estimator(),
        "wis": snips.Estimator(),
        "gaussian": gaussian.Interval(),
        "cressie-read": cressieread.Interval(),
        "cressie-read of bounded weights": cressieread.Interval(wmin=0, wmax=float(2 * weight.max())),
    }
    for row in zip(logged, reward, policy[np.arange(len(reward)), action]):
        for judge in vowpal.values():
            judge.add_example(*(float(number) for number in row))
    low, high = vowpal["gaussian"].get(0.05)
    said["vw"] = {
        "is": vowpal["is"].get(),
        "wis": vowpal["wis"].get(),
        "error of is": (high - low) / 2 / stats.norm.ppf(0.975),
        "cressie-read": vowpal["cressie-read"].get(0.05),
        "largest weight": float(2 * weight.max()),
        "cressie-read of bounded weights": vowpal["cressie-read of bounded weights"].get(0.05),
    }
    return said


def write(folder, name, log):
    action, logged, reward, policy, model = log
    n = np.arange(len(reward))
    with open(folder / (name + ".csv"), "w") as file:
        for row in zip(logged, policy[n, action], reward, model[n, action], (policy * model).sum(axis=1)):
            file.write(",".join(repr(float(number)) for number in row) + "\n")
    (folder / (name + ".json")).write_text(json.dumps(judged(*log), indent=1))


if __name__ == "__main__":
    out = pathlib.Path(sys.argv[1])
    write(out, "generated", generated())
    for campaign, actions in (("all", 80), ("men", 34), ("women", 46)):
        write(out, "open-bandit-" + campaign, open_bandit(campaign, actions))
