"""Makes the folders beside it: python make.py, with minari 0.5.4 (pip install "minari[create]" pyarrow pillow)."""

import os
import pathlib
import shutil
import tempfile

import gymnasium as gym
import numpy as np

HERE = pathlib.Path(__file__).parent


class Demo(gym.Env):
    """Observations {at: [t, -t], goal: [episode]}, actions 1 and 2 in turn, rewards t; two steps, then three, and so on."""

    observation_space = gym.spaces.Dict(
        goal=gym.spaces.Box(-9, 9, (1,), np.float32), at=gym.spaces.Box(-9, 9, (2,), np.float64))
    action_space = gym.spaces.Discrete(2, start=1)
    episode = -1

    def seen(self):
        return {"goal": np.array([self.episode], np.float32), "at": np.array([self.t, -self.t], np.float64)}

    def reset(self, seed=None, options=None):
        self.episode, self.t = self.episode + 1, 0
        return self.seen(), {}

    def step(self, action):
        self.t += 1
        over = self.t == self.episode + 2
        return self.seen(), float(self.t), over and self.episode == 0, over and self.episode > 0, {}


with tempfile.TemporaryDirectory() as root:
    os.environ["MINARI_DATASETS_PATH"] = root
    from minari import DataCollector

    for storage in ("arrow", "parquet"):
        collector = DataCollector(Demo(), data_format=storage)
        for episode in range(2):
            collector.reset(seed=episode)
            over, t = False, 0
            while not over:
                _, _, terminated, truncated, _ = collector.step(1 + t % 2)
                over, t = terminated or truncated, t + 1
        collector.create_dataset(f"demo/{storage}-v0")
        shutil.rmtree(HERE / storage, ignore_errors=True)
        shutil.copytree(pathlib.Path(root) / "demo" / f"{storage}-v0", HERE / storage)
