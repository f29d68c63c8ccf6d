"""AntMaze as D4RL defines it (Farama-Foundation/D4RL, commit 89141a6), written anew on plain MuJoCo.

A four-legged ant looks for a goal that it does not see. Maze cells are 4 m wide; the start cell `R` has its centre at the
origin, x grows with the column and y with the row. Observations, 29 numbers: x, y, z, unit quaternion (w, x, y, z), the angles of
8 joints (hip and ankle of legs 1 to 4), 3 linear, 3 angular and 8 joint velocities. Actions, 8 numbers in [-1, 1]: hip and ankle
of legs 4, 1, 2, 3. A step takes 0.1 s. It earns 1, and the episode terminates, where it ends within 0.5 m of the goal; a fall
ends nothing.

MuJoCo 3 would leave the quaternion of a reset as the noise made it until the first step; here it has unit length at once.
"""

import functools

import gymnasium
import mujoco
import numpy as np

CELL = 4.0
GOAL_RADIUS = 0.5
CONTROL = 30.0  # what an action of 1 is to a motor
SUBSTEPS = 5  # of 0.02 s

MAZES = {  # step limit, rows
    "umaze": (700, "11111 1R001 11101 1G001 11111"),
    "medium-diverse": (1000, "11111111 1R011001 10010001 11000111 10010001 10100101 100010G1 11111111"),
}

# Per leg: the quadrant it points to, the axis of its ankle, and the ankle's range in degrees.
LEGS = {
    1: (+1, +1, "-1 1 0", "30 70"),
    2: (-1, +1, "1 1 0", "-70 -30"),
    3: (-1, -1, "-1 1 0", "-70 -30"),
    4: (+1, -1, "1 1 0", "30 70"),
}
MOTORS = (4, 1, 2, 3)

MODEL = """
<mujoco>
  <compiler angle="degree" inertiafromgeom="true"/>
  <option integrator="RK4" timestep="0.02"/>
  <default>
    <joint armature="1" damping="1" limited="true"/>
    <geom conaffinity="0" condim="3" density="5" friction="1 0.5 0.5" margin="0.01" solref="0.02 1" solimp="0.8 0.8 0.01"/>
    <motor ctrllimited="true" ctrlrange="-{control} {control}"/>
  </default>
  <worldbody>
    <geom type="plane" conaffinity="1" size="40 40 40"/>
    <body pos="0 0 0.75">
      <geom type="sphere" size="0.25"/>
      <joint type="free" limited="false" armature="0" damping="0" margin="0.01"/>
      {legs}
    </body>
    {walls}
  </worldbody>
  <actuator>{motors}</actuator>
</mujoco>
"""

LEG = """
<body>
  <geom type="capsule" size="0.08" fromto="0 0 0 {hip}"/>
  <body pos="{hip}">
    <joint name="hip{leg}" type="hinge" axis="0 0 1" range="-30 30"/>
    <geom type="capsule" size="0.08" fromto="0 0 0 {hip}"/>
    <body pos="{hip}">
      <joint name="ankle{leg}" type="hinge" axis="{axis}" range="{angles}"/>
      <geom type="capsule" size="0.08" fromto="0 0 0 {foot}"/>
    </body>
  </body>
</body>
"""

WALL = '<geom type="box" conaffinity="1" pos="{x} {y} 1" size="2 2 1"/>'


def centres(rows, kind):
    """Where the cells of a kind have their centres, [n, 2]."""
    cells = np.array([(column, row) for row, line in enumerate(rows) for column, cell in enumerate(line) if cell == kind])
    start = np.array([(line.index("R"), row) for row, line in enumerate(rows) if "R" in line])
    return (cells - start) * CELL


@functools.cache  # one for all instances: stepping does not change it
def model(maze):
    rows = MAZES[maze][1].split()
    legs = (
        LEG.format(leg=leg, hip=f"{0.2 * x} {0.2 * y} 0", foot=f"{0.4 * x} {0.4 * y} 0", axis=axis, angles=angles)
        for leg, (x, y, axis, angles) in LEGS.items()
    )
    walls = (WALL.format(x=x, y=y) for x, y in centres(rows, "1"))
    motors = (f'<motor joint="{joint}{leg}"/>' for leg in MOTORS for joint in ("hip", "ankle"))
    return mujoco.MjModel.from_xml_string(
        MODEL.format(control=CONTROL, legs="".join(legs), walls="".join(walls), motors="".join(motors))
    )


def place(goal):
    point = np.array(goal, float)
    if point.shape != (2,) or not np.all(np.isfinite(point)):
        raise ValueError(f"goal is {goal}; it must be x and y in metres, such as [0.75, 8.75]")
    return point


class AntMaze(gymnasium.Env):
    """The task.

    maze            umaze (700 steps) or medium-diverse (1000)
    reward_shift    is added to every reward; -1 is the convention in which a success after k steps returns -(k - 1)
    goal            x and y in metres, for all episodes (D4RL v0 and v1 have one goal); none: every episode draws its own (v2)

    The options of `reset` may set goal, qpos and qvel, which are taken without noise.
    """

    def __init__(self, maze, reward_shift=0.0, goal=None):
        if maze not in MAZES:
            raise ValueError(f"there is no maze {maze}; choose one of {', '.join(MAZES)}")
        limit, rows = MAZES[maze]
        self.max_episode_steps = limit
        self.reward_shift = reward_shift
        self.model = model(maze)
        self.data = mujoco.MjData(self.model)
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (self.model.nq + self.model.nv,), np.float64)
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (self.model.nu,), np.float32)
        self.goal_cells = centres(rows.split(), "G")
        self.only_goal = None if goal is None else place(goal)
        self.goal = self.only_goal
        self.steps = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        chance, data, given = self.np_random, self.data, options or {}
        mujoco.mj_resetData(self.model, data)
        data.qpos += chance.uniform(-0.1, 0.1, self.model.nq)
        data.qvel += 0.1 * chance.standard_normal(self.model.nv)
        goal = self.draw_goal(chance) if self.only_goal is None else self.only_goal
        self.goal = place(given.get("goal", goal))
        data.qpos[:] = given.get("qpos", data.qpos)
        data.qvel[:] = given.get("qvel", data.qvel)
        data.qpos[3:7] /= np.linalg.norm(data.qpos[3:7])
        mujoco.mj_forward(self.model, data)
        self.steps = 0
        return self.observation(), {"goal": self.goal.copy()}

    def step(self, action):
        self.data.ctrl[:] = CONTROL * np.clip(np.asarray(action, float), -1, 1)
        mujoco.mj_step(self.model, self.data, SUBSTEPS)
        self.steps += 1
        reached = bool(np.linalg.norm(self.data.qpos[:2] - self.goal) <= GOAL_RADIUS)
        late = not reached and self.steps >= self.max_episode_steps
        return self.observation(), float(reached) + self.reward_shift, reached, late, {"success": reached}

    def observation(self):
        return np.concatenate((self.data.qpos, self.data.qvel))

    def draw_goal(self, chance):
        cell = self.goal_cells[chance.integers(len(self.goal_cells))]
        return np.maximum(cell + chance.uniform(0, 1, 2) + chance.uniform(0, 0.5, 2), 0)
