"""Writes a log as a machine might: CSV, one row a step, of a pole that a clumsy controller balances on a cart.

The equations are those of Barto, Sutton and Anderson (1983). Only Python's standard library is needed.
"""

import csv
import math
import random
import sys

random.seed(1)
with open(sys.argv[1], "w", newline="") as file:
    log = csv.writer(file)
    log.writerow(["run", "tick", "position", "speed", "angle", "angular_speed", "push", "reward", "fell", "stopped"])
    for run in range(400):
        x, v, angle, spin = (random.uniform(-0.05, 0.05) for _ in range(4))
        care = random.choice([0.3, 0.6, 0.9])  # how often it pushes to where the pole falls
        for tick in range(200):
            toward = 1 if angle + 0.3 * spin > 0 else 0
            push = toward if random.random() < care else random.randrange(2)
            row = [run, tick, x, v, angle, spin, push, 1]
            force = 10 if push == 1 else -10
            moved = (force + 0.05 * spin**2 * math.sin(angle)) / 1.1
            turn = (9.8 * math.sin(angle) - math.cos(angle) * moved) / (0.5 * (4 / 3 - 0.1 * math.cos(angle) ** 2 / 1.1))
            push_back = moved - 0.05 * turn * math.cos(angle) / 1.1
            x, v, angle, spin = x + 0.02 * v, v + 0.02 * push_back, angle + 0.02 * spin, spin + 0.02 * turn
            fell = abs(x) > 2.4 or abs(angle) > math.radians(12)
            log.writerow(row + [int(fell), int(tick == 199 and not fell)])
            if fell:
                break
