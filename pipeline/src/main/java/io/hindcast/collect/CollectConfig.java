package io.hindcast.collect;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.Behaviour;
import io.hindcast.env.Environment;
import io.hindcast.env.PointMass;
import io.hindcast.env.RandomBehaviour;
import io.hindcast.env.Wanderer;
import io.hindcast.kernel.Kernels;
import io.hindcast.run.ActingPolicy;
import io.hindcast.run.Seeds;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What to collect and by which behaviour policy; the environment is named elsewhere. One of episodes and steps is null. */
public record CollectConfig(
        @Setting(value = "random", meaning = "behaviour policy: random, wanderer, rnd or policy")
        String behaviour,

        @Setting(
                value = "null",
                range = "[1, 100000]",
                meaning = "how many episodes to collect; null: 100, unless steps is set")
        @Nullable Integer episodes,

        @Setting(
                value = "null",
                range = "[1, 1e9]",
                meaning = "how many transitions to collect, in place of episodes: one task plays one episode after the"
                        + " other, and the last episode is cut at this number")
        @Nullable Long steps,

        @Setting(value = "0", range = "[0, inf)", meaning = "seed of the collected episodes")
        long seed,

        @Setting(value = "{}", meaning = "settings of the wanderer")
        Wanderer.Config wanderer,

        @Setting(
                value = "{}",
                meaning =
                        "settings of exploration by random network distillation, which learns as it goes, in one task")
        Explorer.Config rnd,

        @Setting(value = "null", meaning = "the trained policy that acts, for behaviour = policy") @Nullable ActingPolicy policy)
        implements Serializable {
    private static final int EPISODES = 100;
    private static final String POLICY = "policy";

    /**
     * @throws UserException on a value out of range, an unknown behaviour, if both episodes and steps are set, or if a policy is named
     *     that would not act, or none that would
     */
    public CollectConfig {
        var known = List.of("random", "wanderer", "rnd", POLICY);
        if (!known.contains(behaviour)) {
            throw Settings.unknown("behaviour", behaviour, known, "");
        }
        if (episodes != null && steps != null) {
            throw new UserException("Cannot collect both episodes = " + episodes + " and steps = " + steps
                    + ": one says when to end; remove the other");
        }
        if (behaviour.equals(POLICY) && policy == null) {
            throw new UserException("Cannot collect with behaviour policy: none is named; add policy { run ="
                    + " OUT/checkpoints/RUN_ID }");
        }
        if (!behaviour.equals(POLICY) && policy != null) {
            throw new UserException("Cannot collect by run = " + policy.run() + " with behaviour " + behaviour
                    + ": that acts by itself; set behaviour = policy, or remove policy");
        }
        if (steps == null) {
            episodes = Objects.requireNonNullElse(episodes, EPISODES);
        }
    }

    /** Whether each episode depends on those before it, or on how many transitions they have. */
    public boolean isSequential() {
        return steps != null || isExploration();
    }

    /** Whether the behaviour is {@link Explorer}'s. */
    public boolean isExploration() {
        return behaviour.equals("rnd");
    }

    /** Whether log-probabilities are those of actions given a plan that no observation shows. */
    public boolean hasPlan() {
        return behaviour.equals("wanderer") && wanderer.tellsProbabilities();
    }

    /** How much is to be collected, in words: {@code 20 episodes}. */
    public String amount() {
        return steps != null ? String.format("%,d transitions", steps) : episodes + " episodes";
    }

    /** All that is to be collected, from {@code source} in its order. */
    public EpisodeSequence sequence(EpisodeSource source) {
        return new EpisodeSequence(
                source, episodes == null ? Long.MAX_VALUE : episodes, steps == null ? Long.MAX_VALUE : steps);
    }

    /**
     * Makes sure that the behaviour can act in {@code environment}; of a trained policy {@link TrainedBehaviour#requireFit} does.
     *
     * @throws UserException if it cannot
     */
    public void check(Environment environment) {
        if (isExploration()) {
            Explorer.requireDiscrete(environment);
        } else if (policy == null) {
            behaviourIn(environment);
        }
    }

    /**
     * A fresh explorer, which owns {@code environment}; of behaviour {@code rnd} only.
     *
     * @throws UserException if it cannot act in it
     */
    public Explorer explorerIn(Environment environment, Kernels kernels) {
        var most = episodes == null
                ? Objects.requireNonNull(steps)
                : Long.valueOf((long) episodes * environment.maxEpisodeSteps());
        return new Explorer(environment, rnd, new Seeds(seed), kernels, most);
    }

    /**
     * A fresh behaviour policy for {@code environment}; of behaviours {@code random} and {@code wanderer}.
     *
     * @throws UserException if the behaviour cannot act in it
     */
    public Behaviour behaviourIn(Environment environment) {
        if (behaviour.equals("random")) {
            return new RandomBehaviour(environment.actionSpace());
        }
        if (environment instanceof PointMass pointMass) {
            return new Wanderer(wanderer, pointMass);
        }
        throw new UserException("Cannot collect in " + environment.name()
                + " with behaviour wanderer: it walks in mazes only; use behaviour random or a pointmass environment");
    }
}
