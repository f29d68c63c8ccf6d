package io.hindcast.run;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** A trained policy that a conf file names, and how it acts. */
public record ActingPolicy(
        @Setting(
                meaning =
                        "the checkpoints of the run whose policy it is: OUT/checkpoints/RUN_ID, or RUN_ID where OUT is this --out")
        String run,

        @Setting(value = "null", range = "[0, inf)", meaning = "after how many updates; absent: at its last checkpoint")
        @Nullable Long step,

        @Setting(
                value = "greedy",
                meaning =
                        "greedy: it takes the likeliest action, as in evaluate; sampled: actions are drawn from it, where it has"
                                + " probabilities")
        Preference actions,

        @Setting(value = "0", range = "[0, 1]", meaning = "with this probability an action is drawn uniformly instead")
        double epsilon)
        implements Serializable {
    /** @throws UserException if no run is named */
    public ActingPolicy {
        if (run.isBlank()) {
            throw new UserException("Cannot use a policy: its run is empty; name OUT/checkpoints/RUN_ID");
        }
    }

    /** The rule by which its actions are chosen. */
    public Rule rule() {
        return new Rule(actions, epsilon, 0, 0);
    }
}
