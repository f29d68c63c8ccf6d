"""Makes the files beside it: python make.py, with ray 2.60 (pip install "ray[rllib]" msgpack msgpack-numpy pyarrow)."""

import pathlib

import gymnasium as gym
import msgpack
import msgpack_numpy
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ray.rllib.env.single_agent_episode import SingleAgentEpisode

HERE = pathlib.Path(__file__).parent
GOAL = gym.spaces.Dict(goal=gym.spaces.Box(-1, 1, (1,), np.float32), at=gym.spaces.Box(0, 255, (2,), np.uint8))
MOVE = gym.spaces.Box(np.array([-1, -2], np.float32), np.array([1, 2], np.float32))


def write(name, items, compression="snappy"):
    packed = [msgpack.packb(item.get_state(), default=msgpack_numpy.encode) for item in items]
    pq.write_table(pa.table({"item": pa.array(packed, pa.binary())}), HERE / name, compression=compression)


def goal_episode(id_, steps, ending):
    """Observations {at: [t, 2t], goal: [t / 4]}, actions [t / 10, -t / 10], rewards t."""
    seen = lambda t: {"goal": np.array([t / 4], np.float32), "at": np.array([t, 2 * t], np.uint8)}
    episode = SingleAgentEpisode(id_=id_, observation_space=GOAL, action_space=MOVE)
    episode.add_env_reset(seen(0))
    for t in range(steps):
        episode.add_env_step(
            seen(t + 1),
            np.array([t / 10, -t / 10], np.float32),
            float(t),
            terminated=ending == "terminated" and t == steps - 1,
            truncated=ending == "truncated" and t == steps - 1,
            extra_model_outputs={"action_logp": np.float32(-0.5 - t)},
        )
    return episode


def discrete_episode(id_, steps):
    """Observations t, actions 1 and 2 in turn, of a space that begins with 1."""
    episode = SingleAgentEpisode(
        id_=id_, observation_space=gym.spaces.Discrete(16), action_space=gym.spaces.Discrete(2, start=1))
    episode.add_env_reset(0)
    for t in range(steps):
        episode.add_env_step(t + 1, 1 + t % 2, 1.0, terminated=t == steps - 1)
    return episode


first = goal_episode("a", 3, "open")
second = first.cut(len_lookback_buffer=2)  # goes on where the first ends, with two steps of it at its front
for t in (3, 4):
    second.add_env_step(
        {"goal": np.array([(t + 1) / 4], np.float32), "at": np.array([t + 1, 2 * t + 2], np.uint8)},
        np.array([t / 10, -t / 10], np.float32),
        float(t),
        terminated=t == 4,
        extra_model_outputs={"action_logp": np.float32(-0.5 - t)},
    )
write("goal.parquet", [second, first, goal_episode("b", 1, "truncated")])
write("goal-arrays.parquet", [goal_episode("c", 2, "terminated").to_numpy()], "zstd")
write("discrete.parquet", [discrete_episode("d", 2), discrete_episode("e", 1)], "none")
pq.write_table(pa.table({"item": pa.array([b"\x93\x01"], pa.binary())}), HERE / "no-episode.parquet")
