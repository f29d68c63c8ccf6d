"""Environments around hindcast's own, for tests: they show what the bridge alone does not."""

import json

import numpy as np


def antmaze():
    from antmaze import AntMaze

    class Seen(AntMaze):
        """Shows the goal of the episode instead of the state."""

        def observation(self):
            return np.concatenate((self.goal, np.zeros(27)))

    class Replayed(AntMaze):
        """Takes the actions of a recorded trajectory, whatever it is told, and shows how far it is from what was recorded."""

        def __init__(self, maze, file, index):
            super().__init__(maze)
            with open(file) as source:
                self.recorded = json.load(source)["trajectories"][index]

        def reset(self, *, seed=None, options=None):
            given = self.recorded
            return super().reset(
                options={"qpos": given["initial_qpos"], "qvel": given["initial_qvel"], "goal": given["goal"]}
            )

        def step(self, action):
            t = self.steps
            seen, reward, terminated, _, info = super().step(self.recorded["actions"][t])
            expected = np.array(self.recorded["observations"][t])
            # Relative to the size of the number: nine digits are what was recorded.
            away = (np.abs(seen - expected) / np.maximum(1, np.abs(expected))).max()
            flags = [reward == self.recorded["rewards"][t], terminated == self.recorded["terminated"][t]]
            last = self.steps == len(self.recorded["actions"])
            return np.array([away, *flags] + [0] * 26), reward, False, last, info

    return Seen, Replayed


def hammer():
    from hammer import Hammer
    from metaworld.policies import SawyerHammerV3Policy

    class Scripted(Hammer):
        """Follows Meta-World's own policy, whatever it is told."""

        def reset(self, *, seed=None, options=None):
            self.seen, info = super().reset(seed=seed)
            self.policy = SawyerHammerV3Policy()
            return self.seen, info

        def step(self, action):
            self.seen, *rest = super().step(self.policy.get_action(self.seen))
            return self.seen, *rest

    return Scripted


def SeenAntMaze(**kwargs):
    return antmaze()[0](**kwargs)


def ReplayedAntMaze(**kwargs):
    return antmaze()[1](**kwargs)


def ScriptedHammer():
    return hammer()()
