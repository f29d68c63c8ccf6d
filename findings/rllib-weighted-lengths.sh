#!/usr/bin/env bash
# Ray 2.60.0: RLlib's weighted importance sampling forgets episodes once they have ended, so it pays a policy that ends early for
# what the few that go on earn.
#
# A good engineer expects the weighted estimate to move towards the unweighted one as the log grows. RLlib divides the weights of
# step t by their mean over the episodes that reach step t, so it estimates what is earned at t by those still running, in the
# log's share of them, whatever the policy's share is. No amount of data mends it. Only where all episodes are of one length does
# it do what its name says.
#
# By hand: in the first step "stop" ends an episode with 0, "go" leads to a second step, which pays 1. The log goes half of the
# time, the policy with 0.1, so it earns 0.1. Each second step has weight 0.2, and 0.2 is their mean, so each counts 1: 0.5.
#
# Seen with ray 2.60.0, numpy 2.4.6, pandas 3.1.1, Python 3.11 (RLlib without a framework; the policy is a table):
#   2 episodes: importance sampling 0.1; weighted 0.5
#   2000 episodes: importance sampling 0.1; weighted 0.5
#   2000 episodes, 'stop' waits a second step too: importance sampling 0.1; weighted 0.1
# The script fails if the weighted estimate of the first two is not 0.5, or any other is not 0.1.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'ray[rllib]==2.60.0' numpy==2.4.6 pandas==3.1.1

"$work/venv/bin/python" -W ignore - 2>"$work/log" <<'PROGRAM' || { tail -n 5 "$work/log"; exit 1; }
import numpy as np
from ray.rllib.offline.estimators import ImportanceSampling, WeightedImportanceSampling
from ray.rllib.policy.sample_batch import SampleBatch, concat_samples

STOP, GO = 0, 1


class Table:
    """Goes with 0.1 in the first step (observation 0); has one action in the second."""

    config = {}

    def compute_log_likelihoods(self, actions, obs_batch, **others):
        first = np.where(np.asarray(actions) == GO, 0.1, 0.9)
        return np.log(np.where(np.asarray(obs_batch)[:, 0] == 0, first, 1.0))


def episode(number, actions, rewards):
    steps = len(actions)
    return SampleBatch(eps_id=np.full(steps, number), obs=np.arange(steps, dtype=np.float32)[:, None], actions=np.array(actions),
                       rewards=np.array(rewards), action_prob=np.array([0.5, 1.0])[:steps])


def estimates(episodes, waits):
    stop = ([STOP, STOP], [0.0, 0.0]) if waits else ([STOP], [0.0])
    go = ([GO, GO], [0.0, 1.0])
    log = concat_samples([episode(number, *(go if number % 2 else stop)) for number in range(episodes)])
    plain, weighted = (float(method(policy=Table(), gamma=1.0).estimate(log)["v_target"])
                       for method in (ImportanceSampling, WeightedImportanceSampling))
    name = f"{episodes} episodes" + (", 'stop' waits a second step too" if waits else "")
    print(f"{name}: importance sampling {plain:.3g}; weighted {weighted:.3g}")
    return plain, weighted


for found, expected in ((estimates(2, False), 0.5), (estimates(2000, False), 0.5), (estimates(2000, True), 0.1)):
    assert abs(found[0] - 0.1) < 1e-6, "importance sampling is not 0.1"
    assert abs(found[1] - expected) < 1e-6, "the weighted estimate is not as seen"
PROGRAM
echo "as described"
