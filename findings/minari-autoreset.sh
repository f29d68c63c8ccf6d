#!/usr/bin/env bash
# Minari 0.5.4 around Gymnasium's own Autoreset wrapper records episodes that begin with the end of the one before, and a step
# that no one took.
#
# Both wrappers are meant for a loop of steps, and DataCollector opens a new episode by itself when one ends. A good engineer
# expects the episodes that were played. Autoreset spends one more call of step on the reset: it ignores that call's action and
# returns the first observation of the next episode with reward 0. DataCollector has by then put the last observation of the old
# episode at the head of the new one. So from the second episode on, each has one transition too many: from a terminal state of
# another episode, with an action that did nothing and a reward of 0, not marked in any way; and no seed to replay it. Put
# together the other way round, Autoreset(DataCollector(...)), the two record what was played.
#
# Seen with minari 0.5.4, gymnasium 1.4.0, h5py 3.16.0, pillow 13.0.0, numpy 2.4.6, Python 3.11, in a world that counts 0, 1, 2
# (2 is terminal, each step pays 1):
#   DataCollector(Autoreset): episode 0: observations [0, 1, 2], rewards [1, 1], seed 7
#   DataCollector(Autoreset): episode 1: observations [2, 0, 1, 2], rewards [0, 1, 1], seed None
#   Autoreset(DataCollector): episode 0: observations [0, 1, 2], rewards [1, 1], seed 7
#   Autoreset(DataCollector): episode 1: observations [0, 1, 2], rewards [1, 1], seed given
# The script fails if the first order records what was played, or the second does not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  'minari[create]==0.5.4' gymnasium==1.4.0 h5py==3.16.0 pillow==13.0.0 numpy==2.4.6

export MINARI_DATASETS_PATH=$work/datasets
"$work/venv/bin/python" -W ignore - <<'PROGRAM'
import gymnasium
import minari
import numpy as np
from gymnasium.wrappers import Autoreset


class Count(gymnasium.Env):
    """Counts 0, 1, 2: the third is terminal. Each step pays 1."""

    observation_space = gymnasium.spaces.Box(0, 2, (1,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def observation(self):
        return np.array([self.count], np.float32)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return self.observation(), {}

    def step(self, action):
        self.count += 1
        return self.observation(), 1.0, self.count == 2, False, {}


def whole(values):
    return [int(value) for value in np.ravel(values)]


def play(name, slug, collector, environment):
    """Two episodes: two steps, the call that resets, two steps."""
    environment.reset(seed=7)
    for _ in range(5):
        environment.step(1)
    dataset = collector.create_dataset(dataset_id=f"demo/{slug}-v0", algorithm_name="none", description="two episodes",
                                       author="nobody", author_email="nobody@example.org", code_permalink="none")
    rows = []
    for index, episode in enumerate(dataset.iterate_episodes()):
        seed = next(iter(dataset.storage.get_episode_metadata([index]))).get("seed")
        observations, rewards = whole(episode.observations), whole(episode.rewards)
        told = seed if seed is None or seed == 7 else "given"
        print(f"{name}: episode {index}: observations {observations}, rewards {rewards}, seed {told}")
        rows.append((observations, rewards, seed is not None))
    return rows


outside = minari.DataCollector(Autoreset(Count()))
first = play("DataCollector(Autoreset)", "outside", outside, outside)
inside = minari.DataCollector(Count())
second = play("Autoreset(DataCollector)", "inside", inside, Autoreset(inside))
played = ([0, 1, 2], [1, 1], True)
assert first == [played, ([2, 0, 1, 2], [0, 1, 1], False)], "the collector outside records something else"
assert second == [played, played], "the collector inside does not record what was played"
PROGRAM
echo "as described"
