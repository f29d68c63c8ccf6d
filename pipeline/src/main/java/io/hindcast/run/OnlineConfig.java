package io.hindcast.run;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** How a run acts in the environment after its updates on the dataset, and learns from what it does. */
public record OnlineConfig(
        @Setting(value = "0", range = "[0, inf)", meaning = "steps in the environment; 0: the run stays offline")
        long steps,

        @Setting(value = "1", range = "[1, 1000]", meaning = "updates after a step")
        int updatesPerStep,

        @Setting(value = "0", range = "[0, inf)", meaning = "steps before the first of these updates")
        long warmUp,

        @Setting(value = "policy", meaning = "how it acts during warm-up: with the policy, or random")
        WarmUpActions warmUpActions,

        @Setting(
                value = "sampled",
                meaning = "sampled: actions are drawn from the policy's distribution, if it has one; greedy: the most"
                        + " probable action")
        Actions actions,

        @Setting(value = "0", range = "[0, 1]", meaning = "probability that an action is drawn uniformly instead")
        double epsilon,

        @Setting(
                value = "null",
                range = "[0, 1]",
                meaning = "epsilon at the last step; it changes linearly until then; null: epsilon stays the same")
        @Nullable Double epsilonFinal,

        @Setting(
                value = "0",
                range = "[0, inf)",
                meaning = "standard deviation of normal noise on continuous actions, in units in which their bounds"
                        + " are -1 and 1")
        double noise,

        @Setting(value = "0.3", range = "(0, inf)", meaning = "noise is clipped to [-noise-clip, noise-clip]")
        double noiseClip,

        @Setting(
                value = "1000000",
                range = "[1, 100000000]",
                meaning = "how many of its newest steps the run learns from, besides the whole dataset")
        int capacity,

        @Setting(
                value = "null",
                range = "[0, 1]",
                meaning =
                        "share of each batch that is from the dataset, to the nearest row, once there are steps of its own;"
                                + " null: all rows are drawn alike")
        @Nullable Double datasetShare)
        implements Serializable {

    /** How an agent acts before it learns from what it does. */
    public enum WarmUpActions {
        /** As afterwards. */
        POLICY,
        /** Every action is as likely as any other. */
        RANDOM
    }

    /** Which action of a policy is taken. */
    public enum Actions {
        SAMPLED,
        GREEDY
    }

    /** @throws UserException if nothing would be learned */
    public OnlineConfig {
        if (steps > 0 && warmUp >= steps) {
            throw new UserException("Cannot use online.warm-up = " + warmUp + " with online.steps = " + steps
                    + ": no step would be left to learn from; lower it");
        }
    }

    /** @throws UserException if these actions cannot be taken as this says */
    public void checkActions(ActionSpace actions) {
        if (noise > 0 && actions instanceof ActionSpace.Discrete) {
            throw new UserException("Cannot use online.noise = " + noise
                    + ": it is for continuous actions, and these are discrete; use online.epsilon");
        }
    }

    /** How many updates follow those on the dataset alone. */
    public long updates() {
        return (steps - warmUp) * updatesPerStep;
    }

    /** How many steps come before the update with that number, counted from 1, of those that follow. */
    long stepsBefore(long update) {
        return update < 1 ? 0 : warmUp + (update - 1) / updatesPerStep + 1;
    }

    /** The share of uniform actions at a step, counted from 0. */
    double epsilonAt(long step) {
        return epsilonFinal == null ? epsilon : epsilon + (epsilonFinal - epsilon) * step / Math.max(1, steps - 1);
    }
}
