"""Meta-World's hammer as Stanford's CS224R sets it (HW2, spring 2026), on the package metaworld.

Observations, 39 numbers: hand (3), gripper opening, hammer (position 3, quaternion 4), nail (likewise), the same 18 one simulated
step before, and the goal. Actions, 4 numbers in [-1, 1]: how the hand moves, and the gripper. A step is two of Meta-World's with
one action. It earns 1 if the nail is in after it, which ends nothing: every episode has 50 steps.
"""

import functools

import gymnasium
import mujoco
import numpy as np
from metaworld.envs import SawyerHammerEnvV3

REPEAT = 2
STILL = 10
HAND = np.array([0.1, 0.5, 0.30])
HAND_SPREAD = 0.03


@functools.cache  # one for all instances, which set it to the same values: a model takes long to read, and much memory
def model(path):
    return mujoco.MjModel.from_xml_path(path)


class World(SawyerHammerEnvV3):
    def _initialize_simulation(self):
        return model(self.fullpath), mujoco.MjData(model(self.fullpath))


class Hammer(gymnasium.Env):
    """The task, without settings."""

    max_episode_steps = 50

    def __init__(self):
        self.world = World()
        # What set_task would do for a task whose goal is seen and whose hammer lies somewhere else in every episode.
        self.world._set_task_called = True
        self.world._freeze_rand_vec = False
        self.world.seeded_rand_vec = True
        self.world._partially_observable = False
        # Was computed when the goal was hidden, and would cut it to 0.
        self.world.__dict__.pop("sawyer_observation_space", None)
        space = self.world.sawyer_observation_space
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, space.shape, np.float64)
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (4,), np.float32)
        self.steps = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        # Meta-World leaves some of its state to the next episode; the generator is one for the hand and the hammer.
        self.world.np_random = self.np_random
        self.world.hand_init_pos = HAND + HAND_SPREAD * self.np_random.standard_normal(3)
        observation, _ = self.world.reset()
        for _ in range(STILL):
            observation = self.world.step(np.zeros(4))[0]
        self.steps = 0
        return observation, {}

    def step(self, action):
        action = np.clip(np.asarray(action, float), -1, 1)
        for _ in range(REPEAT):
            observation, _, _, _, info = self.world.step(action)
        self.steps += 1
        done = bool(info["success"])
        return observation, float(done), False, self.steps >= self.max_episode_steps, {"success": done}
