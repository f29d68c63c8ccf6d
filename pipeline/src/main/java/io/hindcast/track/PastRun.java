package io.hindcast.track;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run that is over and published.
 *
 * @param outcome the word of its {@link Outcome}
 * @param reason why it did not finish; null if it did
 * @param metrics all that it logged, in the order of their steps
 */
public record PastRun(
        RunSpec spec, String outcome, @Nullable String reason, List<Metric> metrics) {
    /** The list is copied. */
    public PastRun {
        metrics = List.copyOf(metrics);
    }
}
