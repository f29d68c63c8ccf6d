package io.hindcast.learn;

import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.net.Adam;
import io.hindcast.net.Network;
import java.util.Map;
import java.util.Set;

/**
 * A learner in the middle of a run: one algorithm with its parameters and optimisers. Its whole state is in {@link
 * #networks} and {@link #optimisers}: restore those arrays and it continues as if it had never stopped.
 */
public interface Learner {
    /**
     * One update on {@code batch}, of the size the learner was made for.
     *
     * @param noise where it draws from
     * @return the sum of its losses, each taken just before the step it drives; not finite if the run has diverged
     */
    double update(Batch batch, Noise noise);

    /** As {@link #update(Batch, Noise)}, for a learner that takes more than one batch an update; most take one. */
    default double update(Batches batches, Noise noise) {
        return update(batches.replay(), noise);
    }

    /** What it is made of, always the same. */
    Parts parts();

    /** Every network by name, targets included: {@code actor}, {@code value}, {@code critic_0}, {@code target_critic_0}. */
    default Map<String, Network> networks() {
        return parts().networks();
    }

    /** Every optimiser by name: {@code actor}, {@code value}, {@code critic}. */
    default Map<String, Adam> optimisers() {
        return parts().optimisers();
    }

    /** The names of the optimisers that the last update stepped. */
    default Set<String> stepped() {
        return optimisers().keySet();
    }

    /** The losses of the last update by name, of what it stepped; {@code critic_0} is the loss of that critic alone. */
    Map<String, Double> losses();

    /** Numbers of the last update by name, one a row ({@code advantage}) or several ({@code logits}); live arrays. */
    Map<String, float[]> intermediates();

    /** What else tells how the last update went, by the names of metrics: {@code weight/clamped-share}, {@code policy/entropy}. */
    default Map<String, Double> diagnostics() {
        return Map.of();
    }
}
