"""Small environments for tests of the bridge."""

import os
import signal
import sys
import time

import gymnasium
import numpy as np
from gymnasium import spaces


class Echo(gymnasium.Env):
    """Shows the action it was given; bounds differ by dimension. Never ends by itself."""

    def __init__(self, low=(-1.0, 0.0), high=(3.0, 10.0), dtype="float32"):
        self.action_space = spaces.Box(np.array(low, dtype), np.array(high, dtype), dtype=np.dtype(dtype).type)
        self.observation_space = spaces.Box(-np.inf, np.inf, (len(low),), np.float64)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.np_random.uniform(size=self.observation_space.shape), {}

    def step(self, action):
        return np.array(action, "f8"), float(action[0]), False, False, {}


class Mixed(Echo):
    """An observation of many parts: a flag, one of three, a matrix. Even steps succeed."""

    def __init__(self):
        self.action_space = spaces.Discrete(3, start=5)
        self.observation_space = spaces.Dict(
            {
                "b": spaces.Tuple((spaces.Discrete(3), spaces.MultiBinary(2))),
                "a": spaces.Box(-1, 1, (2, 2), np.float32),
            }
        )

    def reset(self, *, seed=None, options=None):
        self.steps = 0
        return self.seen(0), {}

    def step(self, action):
        self.steps += 1
        return self.seen(action - 5), int(action), False, False, {"is_success": self.steps % 2 == 0}

    def seen(self, one):
        return {"a": np.array([[0.25, 0.5], [0.75, 1]], "f4"), "b": (int(one), np.array([1, 0], "i1"))}


class Several(Echo):
    """Shows the whole numbers it was given: two of a MultiDiscrete, or so many flags."""

    def __init__(self, flags=0):
        self.action_space = spaces.MultiBinary(flags) if flags else spaces.MultiDiscrete([3, 2], start=[1, 0])
        self.observation_space = spaces.Box(-np.inf, np.inf, (flags or 2,), np.float64)

    def step(self, action):
        assert self.action_space.contains(action), action
        return super().step(action)


class Moody(Echo):
    """Walks at random, and at its fifth step does `what`; only the first of all lives if `once` names a file that is missing."""

    def __init__(self, what, once=None):
        super().__init__(low=(-1.0,), high=(1.0,))
        self.what, self.once = what, once

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps, self.place = 0, 0.0
        return np.array([self.place]), {}

    def step(self, action):
        self.steps += 1
        if self.steps == 5 and self.first():
            getattr(self, self.what)()
        self.place += float(action[0]) + self.np_random.normal()
        return np.array([self.place]), self.place, False, self.steps == 9, {}

    def first(self):
        if self.once is None:
            return True
        if os.path.exists(self.once):
            return False
        open(self.once, "w").close()
        return True

    def dies(self):
        print("out of memory, or so", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    def hangs(self):
        time.sleep(3600)

    def raises(self):
        raise ValueError("the motor\nis hot")

    def prints(self):
        print("HCGY, a library is talkative")
        os.system("echo and so is a program of its")

    def garbles(self):
        for fd in range(3, 64):  # one of them is the worker's answer
            try:
                os.write(fd, b"no frame at all")
            except OSError:
                pass


class Forgetful(Moody):
    """Its chance does not follow its seed."""

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=int.from_bytes(os.urandom(4), "little"))


class Evil(Echo):
    """
    From its step `at` on (0 is the reset) it says `what`, in a `share` of its episodes; in none once the file `mended` is there. An
    episode has five steps. Its actions are real vectors, or so many indices.
    """

    SAYS = {
        "nan": ("observation", [float("nan"), 0.0]),
        "inf": ("observation", [0.0, float("-inf")]),
        "huge": ("observation", np.array([0, 1e300])),
        "none": ("observation", None),
        "none in part": ("observation", [None, 1.0]),
        "text": ("observation", ["1", "2"]),
        "three": ("observation", [1.0, 2.0, 3.0]),
        "scalar": ("observation", 1.0),
        "reward nan": ("reward", float("nan")),
        "reward inf": ("reward", np.float64("inf")),
        "reward huge": ("reward", 1e300),
        "reward vast": ("reward", 10**400),
        "reward none": ("reward", None),
        "reward text": ("reward", "1"),
        "reward pair": ("reward", np.zeros(2)),
        "flag none": ("terminated", None),
        "flag text": ("truncated", "False"),
        "flag two": ("truncated", 2),
        "info none": ("info", None),
        "rounded": ("observation", np.array([0.1, 3.4e38])),
        "reward array": ("reward", np.array([0.5])),
        "flag array": ("terminated", np.array([False])),
        "success nan": ("info", {"success": float("nan")}),
    }

    def __init__(self, what, at=3, share=1.0, mended=None, actions=0):
        super().__init__(low=(-1.0, -1.0), high=(1.0, 1.0))
        self.what, self.at, self.share, self.mended = what, at, share, mended
        if actions:
            self.action_space = spaces.Discrete(actions)

    def reset(self, *, seed=None, options=None):
        gymnasium.Env.reset(self, seed=seed)
        self.steps, self.evil = 0, self.np_random.random() < self.share
        if self.mended and os.path.exists(self.mended):
            self.evil = False
        said = self.said(0.0)
        return said["observation"] if self.what == "alone" else (said["observation"], {})

    def step(self, action):
        self.steps += 1
        said = self.said(float(np.ravel(action)[0]))
        answer = tuple(said[key] for key in ("observation", "reward", "terminated", "truncated", "info"))
        return answer[:4] if self.what == "four" and self.steps >= self.at else answer

    def said(self, reward):
        said = {
            "observation": np.array([self.steps, 0.5]),
            "reward": reward,
            "terminated": False,
            "truncated": self.steps == 5,
            "info": {},
        }
        if self.evil and self.steps >= self.at:
            if self.what == "raises":
                raise ValueError("\x1b[31mthe motor\nis hot\x07")
            if self.what in self.SAYS:
                key, value = self.SAYS[self.what]
                said[key] = value
        return said


class Stepping(Echo):
    """
    Shows its step, which is to be from 0 to `most`, and a number without bounds; each is multiplied by `unit`. An episode has five
    steps. Where `once` names a file that is missing, its fourth step makes it and dies.
    """

    def __init__(self, most=3.0, first=0.0, unit=1.0, form="box", once=None):
        super().__init__(low=(-1.0,), high=(1.0,))
        box = spaces.Box(np.array([0, -np.inf]), np.array([most, np.inf]), dtype=np.float64)
        self.form, self.first, self.unit, self.once = form, first, unit, once
        if form == "bytes":
            box = spaces.Box(0, 255, (2,), np.uint8)
        self.observation_space = spaces.Dict({"a": spaces.Discrete(2), "b": box}) if form == "dict" else box

    def reset(self, *, seed=None, options=None):
        gymnasium.Env.reset(self, seed=seed)
        self.steps = 0
        return self.seen(self.first), {}

    def step(self, action):
        self.steps += 1
        if self.steps == 4 and self.once and not os.path.exists(self.once):
            open(self.once, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.seen(self.steps), 1.0, False, self.steps == 5, {}

    def seen(self, steps):
        box = np.array([steps, 255], "u1") if self.form == "bytes" else np.array([steps * self.unit, -7 * self.unit])
        return {"a": 1, "b": box} if self.form == "dict" else box


class Stepped(Stepping):
    """The same under another name."""


class Places(Echo):
    """Its observation is one of three, in a tuple with a number; it says the place it was given."""

    def __init__(self, place, tuple=False, number=0.0):
        self.action_space = spaces.Discrete(2)
        one = spaces.Discrete(3, start=1)
        self.observation_space = spaces.Tuple((one, spaces.Box(-1, 1, (1,), np.float32))) if tuple else one
        self.seen = (place, [number]) if tuple else place

    def reset(self, *, seed=None, options=None):
        return self.seen, {}


class Parent(Moody):
    """Starts two programs in sessions of their own, of which one has no parent, and writes down their process ids."""

    def __init__(self, folder, what="prints"):
        super().__init__(what)
        import subprocess

        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        fork = f"import os\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0:\n  open({folder!r} + '/orphan', 'w').write(str(os.getpid()))\n  os.execvp('sleep', ['sleep', '600'])"
        subprocess.run([sys.executable, "-c", fork], check=True)
        with open(folder + "/child", "w") as file:
            file.write(str(child.pid))


class Shop(Echo):
    """Sells one of three things after the other, and says in its info which: whoever asks for another is told off. Four steps long."""

    def __init__(self, says="masks", steps=4):
        self.says, self.length = says, steps
        self.action_space = spaces.MultiDiscrete([2, 2]) if says == "several" else spaces.Discrete(3)
        self.observation_space = spaces.Box(-np.inf, np.inf, (1,), np.float64)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.step_number = 0
        return np.zeros(1), self.info()

    def step(self, action):
        assert self.says != "masks" or action == self.step_number % 3, f"{action} is not sold"
        self.step_number += 1
        return np.array([self.step_number], "f8"), -1.0, self.step_number == self.length, False, self.info()

    def info(self):
        mask = np.zeros(3, np.int8)
        if self.step_number < self.length:
            mask[self.step_number % 3] = 1
        return {
            "masks": {"action_mask": mask},
            "nothing": {},
            "several": {"action_mask": (np.array([1, 0], np.int8), np.array([1, 1], np.int8))},
            "none": {"action_mask": np.zeros(3, np.int8)},
            "two": {"action_mask": [1, 0]},
            "words": {"action_mask": ["yes", "no", "no"]},
        }[self.says]
