"""An environment that takes a secret, and quotes it whenever something goes wrong."""

import hashlib
import json
import os
import pathlib
import signal
import sys

import gymnasium
import numpy as np
from gymnasium import spaces


class Keeper(gymnasium.Env):
    """Writes into the file `told` the hash of its token, and where in /proc the token is to be seen."""

    def __init__(self, token, told, fails="never"):
        self.action_space = spaces.Discrete(2)
        self.observation_space = spaces.Box(-1, 1, (1,), np.float32)
        self.token, self.fails = token, fails
        lines = [hashlib.sha256(token.encode()).hexdigest(), *seen(token)]
        pathlib.Path(told).write_text("\n".join(lines), encoding="utf-8")
        self.may_fail("to open")

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        self.may_fail("to reset")
        return np.zeros(1, "f4"), {}

    def step(self, action):
        self.steps += 1
        self.may_fail("to step")
        place = self.np_random.uniform(-1, 1, 1).astype("f4")
        return place, float(action), self.steps == 4, False, {}

    def may_fail(self, when):
        if self.fails == when:
            raise ValueError(f"no account for {self.token}", {"token": self.token}, json.dumps({"token": self.token}))
        if self.fails == "by dying" and when == "to step":
            print(f"no account for {self.token} or {self.token!r}", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)


def seen(token):
    for file in [*pathlib.Path("/proc").glob("[0-9]*/cmdline"), *pathlib.Path("/proc").glob("[0-9]*/environ")]:
        try:
            if token.encode() in file.read_bytes():
                yield str(file)
        except OSError:
            pass  # gone, or somebody else's
