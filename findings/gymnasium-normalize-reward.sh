#!/usr/bin/env bash
# Gymnasium 1.4.0: NormalizeReward sums its discounted return across the ends of episodes, and leaves a terminal step's past out.
#
# The wrapper divides rewards by the deviation of a running discounted return. A good engineer expects the return of an episode,
# begun anew at each reset. reset does not touch it. A terminal step clears the sum before its own reward is added, not after:
# the last value of an episode is its last reward alone, and that reward starts the next episode's return. A truncated step (a
# time limit) clears nothing, so the sum runs on over all episodes. So the same rewards are scaled in two ways, by how an
# episode ended, and logs that were recorded behind the wrapper differ in scale for that reason alone.
#
# Seen with gymnasium 1.4.0, numpy 2.4.6, Python 3.11: three episodes of three steps, each step pays 1, gamma 1. The return so
# far is 1, 2, 3 in each of them; the wrapper's (discounted_reward) is:
#   last step terminal: [1, 2, 1] [2, 3, 1] [2, 3, 1]; the last reward as scaled: 1.273
#   last step truncated by TimeLimit: [1, 2, 3] [4, 5, 6] [7, 8, 9]; the last reward as scaled: 0.387
# The script fails if either is [1, 2, 3] in each episode, or both are alike.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check gymnasium==1.4.0 numpy==2.4.6

"$work/venv/bin/python" -W ignore - <<'PROGRAM'
import gymnasium
import numpy as np
from gymnasium.wrappers import NormalizeReward, TimeLimit


class Pay(gymnasium.Env):
    """Pays 1 a step; step `last` is terminal."""

    observation_space = gymnasium.spaces.Box(0, 9, (1,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, last):
        self.last = last

    def observation(self):
        return np.array([self.steps], np.float32)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.observation(), {}

    def step(self, action):
        self.steps += 1
        return self.observation(), 1.0, self.steps == self.last, False, {}


def number(value):
    return float(np.ravel(value)[0])


def play(name, environment):
    environment = NormalizeReward(environment, gamma=1.0)
    returns = []
    for _ in range(3):
        environment.reset()
        ended = False
        returns.append([])
        while not ended:
            _, reward, terminated, truncated, _ = environment.step(0)
            returns[-1].append(int(number(environment.discounted_reward)))
            ended = terminated or truncated
    print(f"{name}:", *returns, end=f"; the last reward as scaled: {number(reward):.3f}\n")
    return returns


terminal = play("last step terminal", Pay(3))
truncated = play("last step truncated by TimeLimit", TimeLimit(Pay(9), 3))
assert terminal == [[1, 2, 1], [2, 3, 1], [2, 3, 1]], "other returns where the last step is terminal"
assert truncated == [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "other returns where the last step is truncated"
PROGRAM
echo "as described"
