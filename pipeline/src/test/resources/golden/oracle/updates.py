"""The learning updates of hindcast in float64, by JAX's automatic differentiation: an oracle that shares no code with the learners.

An update reads like the box in its learner's class comment. `Run` holds networks, Adam's moments and what a step gave.
"""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

FORBIDDEN = -1e30
ACTIVATIONS = {
    "relu": lambda z: jnp.maximum(z, 0),
    "tanh": jnp.tanh,
    "gelu": lambda z: z / 2 * (1 + jnp.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
}


def linear(layer, h):
    return h @ layer["weight"].T + layer["bias"]


def normalised(z, norm, epsilon):
    centred = z - z.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return norm["gain"] * centred / jnp.sqrt(variance + epsilon) + norm["bias"]


def forward(architecture, parameters, *inputs):
    """What a network gives for rows that stand in the last axis of its inputs."""
    h = jnp.concatenate(inputs, axis=-1)
    has_norm, place = architecture["layer_norm"], architecture.get("layer_norm_place", "before-activation")
    for i, layer in enumerate(parameters["layers"][:-1]):
        h = linear(layer, h)
        if has_norm and place == "before-activation":
            h = normalised(h, parameters["layer_norm"][i], architecture["layer_norm_epsilon"])
        h = ACTIVATIONS[architecture["activation"]](h)
        if has_norm and place == "after-activation":
            h = normalised(h, parameters["layer_norm"][i], architecture["layer_norm_epsilon"])
    return linear(parameters["layers"][-1], h)


def pick(values, actions):
    return jnp.take_along_axis(values, actions[:, None], axis=-1)[:, 0]


def masked(values, mask):
    return values if mask is None else jnp.where(mask == 1, values, FORBIDDEN)


class Run:
    """A learner in the middle of a run; every method takes the networks `p` to use, so that gradients can be taken in them."""

    def __init__(self, fixture, dtype=jnp.float64):
        self.dtype = dtype
        self.algorithm = fixture["algorithm"]
        self.config = fixture["config"]
        self.architecture = fixture["architecture"]
        self.discrete = fixture["action_space"]["type"] == "discrete"
        self.networks = jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), fixture["networks"], is_leaf=is_array)
        self.adam = {}
        self.steps = 0

    def step(self, step):
        """One update; returns what the fixture calls `expected`."""
        self.steps += 1
        self.losses, self.intermediates, self.gradients, self.norms = {}, {}, {}, {}
        batch = {name: jnp.asarray(rows, self.dtype) for name, rows in step["batch"].items()}
        if self.discrete:
            batch["actions"] = jnp.asarray(step["batch"]["actions"], int)
        noise = {
            name: jnp.asarray(draws, int if name == "critic_indices" else self.dtype)
            for name, draws in step["noise"].items()
        }
        UPDATES[step.get("type", self.algorithm)](self, batch, noise)
        return {
            "losses": self.losses,
            "intermediates": self.intermediates,
            "gradients": self.gradients,
            "gradient_norm": self.norms,
            "networks": dict(self.networks),
        }

    def note(self, **numbers):
        self.intermediates.update(numbers)

    def lose(self, **numbers):
        self.losses.update(numbers)

    # Optimisers

    def gradient(self, optimiser, loss):
        """Notes the gradient of `loss`, a function of all networks, in those of the optimiser; the optimiser stands still."""
        trained = {name: self.networks[name] for name in self.config["optimizers"][optimiser]["networks"]}
        gradients = jax.grad(lambda own: loss({**self.networks, **own}))(trained)
        self.gradients.update(gradients)
        leaves = jax.tree.leaves(gradients)
        self.norms[optimiser] = jnp.sqrt(sum((leaf**2).sum() for leaf in leaves))

    def move(self, optimiser):
        """One step of Adam with decoupled weight decay along the gradients noted."""
        o = self.config["optimizers"][optimiser]
        zeros = jax.tree.map(jnp.zeros_like, {name: self.networks[name] for name in o["networks"]})
        m, v, t = self.adam.get(optimiser, (zeros, zeros, 0))
        limit = o["max_gradient_norm"]
        scale = 1.0 if limit is None else jnp.minimum(1, limit / (self.norms[optimiser] + 1e-6))
        g = jax.tree.map(lambda leaf: scale * leaf, {name: self.gradients[name] for name in o["networks"]})
        beta1, beta2, rate, t = o["adam_beta1"], o["adam_beta2"], o["learning_rate"], t + 1
        m = jax.tree.map(lambda old, new: beta1 * old + (1 - beta1) * new, m, g)
        v = jax.tree.map(lambda old, new: beta2 * old + (1 - beta2) * new**2, v, g)
        self.adam[optimiser] = m, v, t

        def moved(x, m, v):
            decayed = x - rate * o.get("weight_decay", 0.0) * x
            return decayed - rate * (m / (1 - beta1**t)) / (jnp.sqrt(v / (1 - beta2**t)) + o["adam_epsilon"])

        for name in o["networks"]:
            self.networks[name] = jax.tree.map(moved, self.networks[name], m[name], v[name])

    def minimise(self, optimiser, loss):
        self.gradient(optimiser, loss)
        self.move(optimiser)

    def follow(self, target, online):
        rate = self.config["target_rate"]
        self.networks[target] = jax.tree.map(lambda old, new: (1 - rate) * old + rate * new, self.networks[target], online)

    def critics_follow(self):
        for i in range(self.config["num_critics"]):
            self.follow(f"target_critic_{i}", self.networks[f"critic_{i}"])

    def copy_critic(self):
        if self.steps % self.config["target_period"] == 0:
            self.networks["target_critic_0"] = self.networks["critic_0"]

    # Networks

    def out(self, p, name, *inputs):
        return forward(self.architecture[name], p[name], *inputs)

    def v(self, p, s):
        return self.out(p, "value", s)[..., 0]

    def q(self, p, name, s, a):
        """Q(s, a) of one critic; of K actions a row if `a` has them."""
        if self.discrete:
            return pick(self.out(p, name, s), a)
        if a.ndim > s.ndim:
            s = jnp.broadcast_to(s[:, None], (*a.shape[:-1], s.shape[-1]))
        return self.out(p, name, s, a)[..., 0]

    def q_all(self, p, s, a, prefix="critic_"):
        return jnp.stack([self.q(p, f"{prefix}{i}", s, a) for i in range(self.config["num_critics"])])

    def q_min(self, p, s, a, prefix="critic_"):
        return self.q_all(p, s, a, prefix).min(axis=0)

    def q_min_by_action(self, p, s, prefix="critic_"):
        return jnp.stack([self.out(p, f"{prefix}{i}", s) for i in range(self.config["num_critics"])]).min(axis=0)

    def gaussian(self, p, s, name="actor"):
        """The mean and log standard deviation; the latter is a setting where a policy climbs its critics."""
        log_std = jnp.clip(p[name]["log_std"], self.config["log_std_min"], self.config["log_std_max"])
        if self.config.get("extraction") == "ddpg-bc":
            log_std = jnp.full_like(log_std, np.log(self.config["std"]))
        return jnp.tanh(self.out(p, name, s)), log_std

    def categorical(self, p, s, mask, name="actor"):
        """log pi(b|s) of all b."""
        return jax.nn.log_softmax(masked(self.out(p, name, s), mask), axis=-1)

    def log_probability(self, p, batch):
        if self.discrete:
            return pick(self.categorical(p, batch["observations"], batch.get("action_mask")), batch["actions"])
        mean, log_std = self.gaussian(p, batch["observations"])
        scaled = (batch["actions"] - mean) / jnp.exp(log_std)
        return (-(scaled**2) / 2 - log_std - np.log(2 * np.pi) / 2).sum(axis=-1)

    def note_policy(self, batch):
        s = batch["observations"]
        if self.discrete:
            self.note(logits=self.out(self.networks, "actor", s))
        else:
            self.note(mean=self.gaussian(self.networks, s)[0])
        self.note(log_probability=self.log_probability(self.networks, batch))

    def squashed(self, p, s, e):
        """Actions and their log probabilities for noise e, [B][n] or [B][K][n]."""
        mean, log_std = jnp.split(self.out(p, "actor", s), 2, axis=-1)
        log_std = jnp.clip(log_std, self.config["log_std_min"], self.config["log_std_max"])
        if e.ndim > mean.ndim:
            mean, log_std = mean[:, None], log_std[:, None]
        u = mean + jnp.exp(log_std) * e
        squash = 2 * (np.log(2) - u - jax.nn.softplus(-2 * u))
        return jnp.tanh(u), (-(e**2) / 2 - log_std - np.log(2 * np.pi) / 2 - squash).sum(axis=-1)

    def tanh_action(self, p, name, s):
        return jnp.tanh(self.out(p, name, s))

    # Parts of updates that several have

    def target(self, batch, value_next):
        target = batch["rewards"] + self.config["discount"] * (1 - batch["terminated"]) * value_next
        self.note(value_next=value_next, target=target)
        return target

    def errors(self, p, batch, target):
        """Every critic's mean squared error."""
        return ((self.q_all(p, batch["observations"], batch["actions"]) - target) ** 2).mean(axis=-1)

    def lose_errors(self, batch, target):
        errors = self.errors(self.networks, batch, target)
        self.losses.update({f"critic_{i}": error for i, error in enumerate(errors)})
        return errors.sum()

    def regress(self, batch, target):
        self.lose(critic=self.lose_errors(batch, target))
        self.minimise("critic", lambda p: self.errors(p, batch, target).sum())

    def weighted_likelihood(self, batch, advantage):
        c = self.config
        weight = jnp.minimum(jnp.exp(advantage / c["temperature"]), c["max_weight"])
        self.note(advantage=advantage, weight=weight)

        def loss(p):
            return -(weight * self.log_probability(p, batch)).mean()

        self.lose(actor=loss(self.networks))
        self.minimise("actor", loss)

    def delayed_target_action(self, batch, noise):
        c = self.config
        disturbance = jnp.clip(c["policy_noise"] * noise["target_policy"], -c["noise_clip"], c["noise_clip"])
        mean = self.tanh_action(self.networks, "target_actor", batch["next_observations"])
        action = jnp.clip(mean + disturbance, -1, 1)
        self.note(next_action=action)
        return action

    def conservative_candidates(self, batch, noise):
        p, s = self.networks, batch["observations"]
        policy, policy_log = self.squashed(p, s, noise["policy_actions"])
        later, later_log = self.squashed(p, batch["next_observations"], noise["next_policy_actions"])
        self.note(policy_actions=policy, policy_log_probability=policy_log)
        self.note(next_policy_actions=later, next_policy_log_probability=later_log)
        return noise["uniform_actions"], policy, policy_log, later, later_log


def is_array(node):
    return isinstance(node, list) and not (node and isinstance(node[0], dict))


def bc(run, batch, noise):
    def loss(p):
        return -run.log_probability(p, batch).mean()

    run.note_policy(batch)
    run.lose(actor=loss(run.networks))
    run.minimise("actor", loss)


def policy_value(run, batch, prefix, rows, mask, draw):
    """The policy's value of the states in `rows`, by the least critic; the action drawn where actions are real."""
    s = batch[rows]
    if run.discrete:
        shares = jnp.exp(run.categorical(run.networks, s, batch.get(mask)))
        return (shares * run.q_min_by_action(run.networks, s, prefix)).sum(axis=-1), None
    mean, log_std = run.gaussian(run.networks, s)
    action = mean + jnp.exp(log_std) * draw
    return run.q_min(run.networks, s, action, prefix), action


def awac(run, batch, noise):
    run.note_policy(batch)
    value_next, action = policy_value(
        run, batch, "target_critic_", "next_observations", "next_action_mask", noise.get("next_action")
    )
    if action is not None:
        run.note(next_action=action)
    run.regress(batch, run.target(batch, value_next))
    q_data = run.q_min(run.networks, batch["observations"], batch["actions"])
    value, action = policy_value(run, batch, "critic_", "observations", "action_mask", noise.get("policy_action"))
    if action is not None:
        run.note(policy_action=action)
    run.note(q_data=q_data, value=value)
    run.weighted_likelihood(batch, q_data - value)
    run.critics_follow()


def iql(run, batch, noise):
    """In order = simultaneous all losses are of the networks before the update, and the advantage is of the target critics."""
    c, s, a, s2 = run.config, batch["observations"], batch["actions"], batch["next_observations"]
    before = dict(run.networks)
    simultaneous = c.get("order", "sequential") == "simultaneous"
    q_target_data = run.q_min(before, s, a, "target_critic_")
    value = run.v(before, s)
    u = q_target_data - value
    expectile_weight = jnp.abs(c["expectile"] - (u < 0))

    def value_loss(p):
        return (expectile_weight * (q_target_data - run.v(p, s)) ** 2).mean()

    run.note_policy(batch)
    run.lose(value=value_loss(before))
    run.minimise("value", value_loss)
    value_updated = run.v(before if simultaneous else run.networks, s)
    q_data = run.q_min(before, s, a)
    run.note(q_target_data=q_target_data, value=value, expectile_weight=expectile_weight)
    run.note(value_updated=value_updated, q_data=q_data)
    if c.get("extraction", "awr") == "ddpg-bc":
        ascend(run, batch)
    else:
        run.weighted_likelihood(batch, (q_target_data if simultaneous else q_data) - value_updated)
    run.regress(batch, run.target(batch, run.v(before if simultaneous else run.networks, s2)))
    run.critics_follow()


def ascend(run, batch):
    """The policy up the gradient of the critics, held to the data."""
    s = batch["observations"]

    def q_of(p):
        return run.q_min({**run.networks, "actor": p["actor"]}, s, run.gaussian(p, s)[0])

    q_actor = q_of(run.networks)
    scale = 1 / (jnp.abs(q_actor).mean() + 1e-6)

    def loss(p):
        return -scale * q_of(p).mean() - run.config["bc_coefficient"] * run.log_probability(p, batch).mean()

    run.note(q_actor=q_actor)
    run.lose(actor=loss(run.networks))
    run.minimise("actor", loss)


def q_learning(run, batch):
    """target of DQN and CQL."""
    s2, mask = batch["next_observations"], batch.get("next_action_mask")
    judges = run.out(run.networks, "target_critic_0", s2)
    choosers = run.out(run.networks, "critic_0", s2) if run.config["double_q"] else judges
    next_action = masked(choosers, mask).argmax(axis=-1)
    q_data = run.q(run.networks, "critic_0", batch["observations"], batch["actions"])
    run.note(next_action=next_action, q_data=q_data)
    return run.target(batch, pick(judges, next_action))


def dqn(run, batch, noise):
    target = q_learning(run, batch)

    def loss(p):
        return run.errors(p, batch, target).sum()

    run.lose(critic=loss(run.networks))
    run.minimise("critic", loss)
    run.copy_critic()


def cql(run, batch, noise):
    (cql_discrete if run.discrete else cql_continuous)(run, batch, noise)


def cql_discrete(run, batch, noise):
    target = q_learning(run, batch)
    s, a = batch["observations"], batch["actions"]

    def conservative(p):
        values = run.out(p, "critic_0", s)
        everything = jax.nn.logsumexp(masked(values, batch.get("action_mask")), axis=-1)
        return (everything - pick(values, a)).mean()

    def loss(p):
        return run.errors(p, batch, target).sum() + run.config["alpha"] * conservative(p)

    p = run.networks
    run.lose(temporal_difference=run.errors(p, batch, target).sum(), conservative=conservative(p), critic=loss(p))
    run.minimise("critic", loss)
    run.copy_critic()


def cql_continuous(run, batch, noise):
    c, s, s2 = run.config, batch["observations"], batch["next_observations"]
    next_action, next_log = run.squashed(run.networks, s2, noise["next_action"])
    run.note(next_action=next_action, next_log_probability=next_log)
    target = run.target(batch, run.q_min(run.networks, s2, next_action, "target_critic_"))
    uniform, policy, policy_log, later, later_log = run.conservative_candidates(batch, noise)
    candidates = jnp.concatenate([uniform, policy, later], axis=1)
    density = jnp.full(uniform.shape[:2], -uniform.shape[-1] * np.log(2), run.dtype)
    density = jnp.concatenate([density, policy_log, later_log], axis=1)

    def sums(p):
        return jax.nn.logsumexp(run.q_all(p, s, candidates) - density, axis=-1)

    def conservative(p):
        return (sums(p) - run.q_all(p, s, batch["actions"])).mean(axis=-1).sum()

    def loss(p):
        return run.errors(p, batch, target).sum() + c["alpha"] * conservative(p)

    p = run.networks
    run.intermediates.update({f"logsumexp_{i}": row for i, row in enumerate(sums(p))})
    run.lose(temporal_difference=run.lose_errors(batch, target), conservative=conservative(p), critic=loss(p))
    run.minimise("critic", loss)
    soft_actor(run, batch, noise, c["entropy_coefficient"])
    run.move("actor")
    run.critics_follow()


def soft_actor(run, batch, noise, coefficient):
    """The policy's loss and gradient; its optimiser has yet to move."""
    s = batch["observations"]

    def parts(p):
        action, log = run.squashed(p, s, noise["actor_action"])
        return action, log, run.q_min(run.networks, s, action)

    def loss(p):
        _, log, q = parts(p)
        return (coefficient * log - q).mean()

    action, log, q = parts(run.networks)
    run.note(actor_action=action, actor_log_probability=log, q_actor=q)
    run.lose(actor=loss(run.networks))
    run.gradient("actor", loss)
    return log


def calql(run, batch, noise):
    """All losses are of the networks before the update."""
    c, s, s2 = run.config, batch["observations"], batch["next_observations"]
    old = dict(run.networks)
    coefficient = jnp.exp(old["log_entropy_coefficient"]["value"][0])
    run.note(entropy_coefficient=coefficient[None])
    log = soft_actor(run, batch, noise, coefficient)

    def entropy_loss(p):
        return -(p["log_entropy_coefficient"]["value"][0] * (log + c["target_entropy"])).mean()

    run.lose(entropy_coefficient=entropy_loss(old))
    run.gradient("entropy_coefficient", entropy_loss)

    actions, _ = run.squashed(old, s2, noise["target_actions"])
    run.note(target_actions=actions)
    target = run.target(batch, run.q_min(old, s2, actions, "target_critic_").max(axis=-1))
    uniform, policy, policy_log, later, later_log = run.conservative_candidates(batch, noise)
    earned = batch["return_to_go"][:, None]
    t = c["logsumexp_temperature"]

    def sums(p):
        everywhere = run.q_all(p, s, uniform) + uniform.shape[-1] * np.log(2)
        here = jnp.maximum(run.q_all(p, s, policy), earned) - policy_log
        there = jnp.maximum(run.q_all(p, s, later), earned) - later_log
        return t * jax.nn.logsumexp(jnp.concatenate([everywhere, here, there], axis=-1) / t, axis=-1)

    def differences(p):
        return jnp.maximum(sums(p) - run.q_all(p, s, batch["actions"]), c["difference_min"])

    def excess(p):
        means = differences(p).mean(axis=-1)
        return (means - c["target_action_gap"]).sum() if c["lagrange"] else means.sum()

    multiplier = jnp.exp(old["log_multiplier"]["value"][0]) if c["lagrange"] else 1.0

    def critic_loss(p):
        return run.errors(p, batch, target).sum() + multiplier * c["alpha"] * excess(p)

    for i, (total, difference) in enumerate(zip(sums(old), differences(old))):
        run.intermediates.update({f"logsumexp_{i}": total, f"difference_{i}": difference})
    conservative = differences(old).mean(axis=-1).sum()
    run.lose(temporal_difference=run.lose_errors(batch, target), conservative=conservative, critic=critic_loss(old))
    run.gradient("critic", critic_loss)
    if c["lagrange"]:
        now = excess(old)

        def multiplier_loss(p):
            return -jnp.exp(p["log_multiplier"]["value"][0]) * c["alpha"] * now / 2

        run.note(multiplier=multiplier[None])
        run.lose(multiplier=multiplier_loss(old))
        run.gradient("multiplier", multiplier_loss)
    for optimiser in c["optimizers"]:
        run.move(optimiser)
    run.critics_follow()


def awr(run, batch, noise):
    s = batch["observations"]
    run.note_policy(batch)
    target = run.target(batch, run.v(run.networks, batch["next_observations"]))
    value = run.v(run.networks, s)
    run.note(value=value)

    def loss(p):
        return ((run.v(p, s) - target) ** 2).mean()

    run.lose(value=loss(run.networks))
    run.minimise("value", loss)
    run.weighted_likelihood(batch, target - value)


def bounded(run, mean, e):
    """The gradient is that of the identity in mean."""
    c = run.config
    action = jnp.clip(mean + jnp.clip(c["std"] * e, -c["noise_clip"], c["noise_clip"]), -(1 - 1e-6), 1 - 1e-6)
    return mean + jax.lax.stop_gradient(action - mean)


def redq_cloning(run, batch, noise):
    std = run.config["std"]

    def log_probability(p):
        scaled = (batch["actions"] - run.tanh_action(p, "actor", batch["observations"])) / std
        return (-(scaled**2) / 2 - np.log(std) - np.log(2 * np.pi) / 2).sum(axis=-1)

    def loss(p):
        return -log_probability(p).mean()

    mean = run.tanh_action(run.networks, "actor", batch["observations"])
    run.note(mean=mean, log_probability=log_probability(run.networks))
    run.lose(behavior_cloning=loss(run.networks))
    run.minimise("actor", loss)


def redq_critic(run, batch, noise):
    s2 = batch["next_observations"]
    next_action = bounded(run, run.tanh_action(run.networks, "actor", s2), noise["next_action"])
    judged = run.q_all(run.networks, s2, next_action, "target_critic_")[noise["critic_indices"]]
    run.note(next_action=next_action)
    run.regress(batch, run.target(batch, judged.min(axis=0)))
    run.critics_follow()


def redq_actor(run, batch, noise):
    s = batch["observations"]

    def parts(p):
        mean = run.tanh_action(p, "actor", s)
        action = bounded(run, mean, noise["action"])
        return mean, action, run.q_all(run.networks, s, action).mean(axis=0)

    def loss(p):
        return -parts(p)[2].mean()

    mean, action, value = parts(run.networks)
    run.note(mean=mean, action=action, value=value)
    run.lose(actor=loss(run.networks))
    run.minimise("actor", loss)


def td3_bc(run, batch, noise):
    c, s = run.config, batch["observations"]
    next_action = run.delayed_target_action(batch, noise)
    value_next = run.q_min(run.networks, batch["next_observations"], next_action, "target_critic_")
    run.regress(batch, run.target(batch, value_next))
    if run.steps % c["policy_delay"]:
        return

    def parts(p):
        action = run.tanh_action(p, "actor", s)
        return action, run.q(run.networks, "critic_0", s, action), ((action - batch["actions"]) ** 2).mean()

    action, q_actor, imitation = parts(run.networks)
    scale = c["alpha"] / jnp.abs(q_actor).mean()

    def loss(p):
        _, q, distance = parts(p)
        return -scale * q.mean() + distance

    run.note(**{"action": action, "q_actor": q_actor, "lambda": scale})
    run.lose(actor=loss(run.networks), imitation=imitation)
    run.minimise("actor", loss)
    run.critics_follow()
    run.follow("target_actor", run.networks["actor"])


def rebrac(run, batch, noise):
    c, s = run.config, batch["observations"]
    next_action = run.delayed_target_action(batch, noise)
    value_next = run.q_min(run.networks, batch["next_observations"], next_action, "target_critic_")
    penalty = batch["next_action_known"] * ((next_action - batch["next_actions"]) ** 2).sum(axis=-1)
    target = run.target(batch, value_next - c["critic_bc_coefficient"] * penalty)
    run.note(penalty=penalty, value_next=value_next)
    run.regress(batch, target)
    if (run.steps - 1) % c["policy_delay"]:
        return

    def parts(p):
        action = run.tanh_action(p, "actor", s)
        return action, run.q_min(run.networks, s, action), ((action - batch["actions"]) ** 2).sum(axis=-1).mean()

    action, q_actor, imitation = parts(run.networks)
    scale = 1 / jnp.abs(q_actor).mean()

    def loss(p):
        _, q, distance = parts(p)
        return c["actor_bc_coefficient"] * distance - scale * q.mean()

    run.note(**{"action": action, "q_actor": q_actor, "lambda": scale})
    run.lose(actor=loss(run.networks), imitation=imitation)
    before = run.networks["actor"]
    run.minimise("actor", loss)
    run.critics_follow()
    run.follow("target_actor", before if c["actor_target"] == "before" else run.networks["actor"])


def rnd(run, batch, noise):
    s2 = batch["next_observations"]

    def error(p):
        return ((run.out(p, "predictor", s2) - run.out(p, "random_target", s2)) ** 2).mean(axis=-1)

    now = error(run.networks)
    centred = now - now.mean()
    deviation = jnp.sqrt((centred**2).mean())
    run.note(error=now, bonus=centred / (deviation + run.config["normalization_epsilon"]))
    run.lose(predictor=now.mean())
    run.minimise("predictor", lambda p: error(p).mean())


def fqe(run, batch, noise):
    p, s2 = run.networks, batch["next_observations"]
    if run.discrete:
        shares = jnp.exp(run.categorical(p, s2, batch.get("next_action_mask"), "policy"))
        value_next = (shares * run.out(p, "target_critic_0", s2)).sum(axis=-1)
    else:
        mean, log_std = run.gaussian(p, s2, "policy")
        action = mean + jnp.exp(log_std) * noise["next_action"]
        run.note(next_action=action)
        value_next = run.q(p, "target_critic_0", s2, action)
    run.note(q_data=run.q(p, "critic_0", batch["observations"], batch["actions"]))
    run.regress(batch, run.target(batch, value_next))
    run.critics_follow()


def bcq(run, batch, noise):
    c, p, s, s2 = run.config, run.networks, batch["observations"], batch["next_observations"]
    shares = jnp.exp(run.categorical(p, s2, batch.get("next_action_mask"), "imitation"))
    allowed = shares / shares.max(axis=-1, keepdims=True) > c["threshold"]
    next_action = jnp.where(allowed, run.out(p, "critic_0", s2), FORBIDDEN).argmax(axis=-1)
    target = run.target(batch, pick(run.out(p, "target_critic_0", s2), next_action))

    def critic_loss(p):
        x = run.q(p, "critic_0", s, batch["actions"]) - target
        return jnp.where(jnp.abs(x) < 1, x**2 / 2, jnp.abs(x) - 0.5).mean()

    def log_probability(p):
        return pick(run.categorical(p, s, batch.get("action_mask"), "imitation"), batch["actions"])

    def logit_square(p):
        return (run.out(p, "imitation", s) ** 2).mean()

    def imitation_loss(p):
        return -log_probability(p).mean() + c["logit_penalty"] * logit_square(p)

    run.note(imitation_probability=shares, allowed=allowed, next_action=next_action)
    run.note(q_data=run.q(p, "critic_0", s, batch["actions"]), logits=run.out(p, "imitation", s))
    run.note(log_probability=log_probability(p))
    run.lose(critic=critic_loss(p), imitation=imitation_loss(p))
    run.lose(cross_entropy=-log_probability(p).mean(), logit_square=logit_square(p))
    run.gradient("critic", critic_loss)
    run.gradient("imitation", imitation_loss)
    run.move("critic")
    run.move("imitation")
    run.copy_critic()


UPDATES = {
    "bc": bc,
    "awac": awac,
    "iql": iql,
    "dqn": dqn,
    "cql": cql,
    "awr": awr,
    "behavior-cloning": redq_cloning,
    "critic": redq_critic,
    "actor": redq_actor,
    "td3-bc": td3_bc,
    "rnd": rnd,
    "fqe": fqe,
    "rebrac": rebrac,
    "calql": calql,
    "bcq": bcq,
}
