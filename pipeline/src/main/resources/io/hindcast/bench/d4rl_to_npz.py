"""The usual Python way: load a D4RL file with h5py, pair rows as D4RL's qlearning_dataset does, save as npz."""
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "r") as file:
    data = {key: file[key][()] for key in ("observations", "actions", "rewards", "terminals", "timeouts")}

observations, actions, next_observations, rewards, terminals = [], [], [], [], []
for i in range(data["rewards"].shape[0] - 1):
    if bool(data["timeouts"][i]):
        continue
    observations.append(data["observations"][i].astype(np.float32))
    next_observations.append(data["observations"][i + 1].astype(np.float32))
    actions.append(data["actions"][i].astype(np.float32))
    rewards.append(data["rewards"][i].astype(np.float32))
    terminals.append(bool(data["terminals"][i]))

np.savez(
    sys.argv[2],
    observations=np.array(observations),
    actions=np.array(actions),
    next_observations=np.array(next_observations),
    rewards=np.array(rewards),
    terminals=np.array(terminals),
)
print(len(rewards))
