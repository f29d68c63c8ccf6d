"""How many steps a second, and a second of computing, AntMaze takes in plain Python: antmaze_speed.py FOLDER SECONDS"""

import sys
import time

sys.path.insert(0, sys.argv[1])
import numpy as np
from antmaze import AntMaze

env = AntMaze("umaze")
chance = np.random.default_rng(0)


def play(seconds):
    steps, start, computing = 0, time.perf_counter(), time.process_time()
    env.reset(seed=0)
    while time.perf_counter() - start < seconds:
        _, _, terminated, truncated, _ = env.step(chance.uniform(-1, 1, 8).astype("f4"))
        steps += 1
        if terminated or truncated:
            env.reset(seed=steps)
    return steps / (time.perf_counter() - start), steps / (time.process_time() - computing)


play(1)
print("{:.0f} ({:.0f})".format(*play(float(sys.argv[2]))))
