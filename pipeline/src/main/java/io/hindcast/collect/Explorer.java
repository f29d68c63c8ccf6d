package io.hindcast.collect;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.OnlineReplay;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.Possible;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.Transition;
import io.hindcast.env.Behaviour.Choice;
import io.hindcast.env.Environment;
import io.hindcast.kernel.Kernels;
import io.hindcast.learn.Dqn;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.learn.Rnd;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Rule;
import io.hindcast.run.Seeds;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects by exploring new states: deep Q-learning on the bonus of random network distillation, after Berkeley's
 * CS285, homework 5. Every step of it:
 *
 * <pre>
 * a = uniform with probability epsilon, else argmax_a Q(s, a)
 * insert (s, a, r, s', terminated) into the buffer
 * batch = rows of the buffer, uniformly, from the first step on
 * r = reward-weight r + weight bonus(s')                     row by row, before anything learns from the batch
 * Q: one update of {@link Dqn} on batch
 * predictor: one step of {@link Rnd} on batch                on s, as the homework has it: rnd.distillation.learns-from
 * </pre>
 *
 * <p>Time-outs do not stop Q's bootstrap; in the homework they do, since its logs do not tell them from the goal. What is
 * logged is the environment's own reward, and the probability with which the action was chosen as Q stood then.
 *
 * <p>Episodes must be asked for in order: each step depends on all before it. All chance is a function of the seed and the
 * number of the episode or of the step, so a longer collection begins with a shorter one. One instance is used by one thread.
 */
public final class Explorer implements EpisodeSource {
    private final Environment environment;
    private final Config config;
    private final Seeds seeds;
    private final PolicyLearner critic;
    private final Rnd distillation;
    private final ReplayBuffer seen;
    private final Batch batch;
    private final Actor actor;
    private long step;

    /** How it explores. */
    public record Config(
            @Setting(value = "1", range = "[0, inf)", meaning = "what the bonus is multiplied by")
            double weight,

            @Setting(
                    value = "0",
                    range = "[0, inf)",
                    meaning = "what the environment's reward is multiplied by before the bonus is added;"
                            + " 0: explore only")
            double rewardWeight,

            @Setting(value = "0.3", range = "[0, 1]", meaning = "probability that a step is a uniformly random action")
            double epsilon,

            @Setting(
                    value = "128",
                    range = "[1, 65536]",
                    meaning = "transitions in the batch of the one update after each step")
            int batchSize,

            @Setting(
                    value = "{ discount = 0.95, critic { activation = tanh, learning-rate = 1e-3 } }",
                    meaning = "the critic whose values choose the actions")
            Dqn.Config qLearning,

            @Setting(
                    value = "{ learns-from = observations }",
                    meaning = "random network distillation, which gives the bonus")
            Rnd.Config distillation)
            implements Serializable {}

    /**
     * An explorer that owns {@code environment}.
     *
     * @param kernels where its networks compute; it does not close them
     * @param most how many steps it will take at most
     * @throws UserException if the environment's actions are not discrete, or {@code most} are too many
     */
    public Explorer(Environment environment, Config config, Seeds seeds, Kernels kernels, long most) {
        this.environment = environment;
        this.config = config;
        this.seeds = seeds;
        requireDiscrete(environment);
        if (most > Integer.MAX_VALUE) {
            throw new UserException("Cannot explore " + environment.name() + " for up to " + most
                    + " steps: all of them are kept in memory; set steps to less than " + Integer.MAX_VALUE);
        }
        var spaces = environment.spaces();
        critic = config.qLearning()
                .learner(new LearnerSetup(
                        spaces, config.batchSize(), most, kernels, seeds.generator("exploration critic", 0)));
        distillation = config.distillation()
                .learner(new LearnerSetup(
                        spaces, config.batchSize(), most, kernels, seeds.generator("distillation", 0)));
        seen = new ReplayBuffer(OnlineReplay.layout(RowLayout.of(spaces)), (int) most);
        batch = new Batch(seen.layout(), config.batchSize());
        actor = new Actor(kernels, critic.policy(), spaces, 1);
    }

    /** @throws UserException if the environment's actions are not discrete */
    static void requireDiscrete(Environment environment) {
        if (!(environment.actionSpace() instanceof ActionSpace.Discrete)) {
            throw new UserException("Cannot collect in " + environment.name()
                    + " with behaviour rnd: its critic is for discrete actions; use behaviour random");
        }
    }

    /** @throws UserException if an answer of the environment is none: what is explored later follows from all before */
    @Override
    public List<Transition> episode(long index, long most) {
        try {
            return explore(index, most);
        } catch (BrokenEpisode e) {
            throw new UserException(
                    "Cannot explore " + environment.name() + ": in step "
                            + e.sound().size() + " of episode " + index + " "
                            + e.fault().detail() + "; mend the environment",
                    e);
        }
    }

    private List<Transition> explore(long index, long most) {
        var log = new EpisodeLog(environment, seeds, index, most);
        var observation = log.begin(seeds.generator("episode", index));
        while (!log.ended()) {
            var possible = environment.possibleActions();
            var choice = choose(observation, possible);
            var result = environment.step(choice.action());
            log.add(observation, possible, choice, result);
            seen.append(
                    observation,
                    choice.action(),
                    result.reward(),
                    result.observation(),
                    result.terminated() ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP,
                    new Possible(possible, environment.possibleActions()));
            learn();
            step++;
            observation = result.observation();
        }
        return log.transitions();
    }

    private Choice choose(float[] observation, boolean @Nullable [] possible) {
        actor.show(observation, possible);
        var chosen = actor.choose(0, Rule.greedy(config.epsilon()), seeds.generator("exploration", step));
        return new Choice(chosen.action(), chosen.logProbability());
    }

    private void learn() {
        seen.sample(seeds.generator("batch", step), batch);
        var bonus = distillation.bonus(batch);
        var rewards = batch.rewards();
        for (var b = 0; b < rewards.length; b++) {
            rewards[b] = (float) (config.rewardWeight() * rewards[b] + config.weight() * bonus[b]);
        }
        var loss = critic.update(batch, Noise.none());
        var error = distillation.distil();
        if (!Double.isFinite(loss + error)) {
            throw new UserException("Cannot explore " + environment.name() + ": after step " + step
                    + " the critic's loss is " + loss + " and the predictor's " + error
                    + "; use a smaller learning-rate in rnd.q-learning.critic or rnd.distillation.predictor");
        }
    }

    /**
     * How new places still are: the Euclidean distance between predictor and random network, by what was learned so far.
     *
     * @param observations {@code [rows * observation size]}
     * @return {@code [rows]}
     */
    public float[] novelty(float[] observations) {
        return distillation.distances(observations, observations.length / environment.observationSize());
    }
}
