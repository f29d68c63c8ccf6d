package io.hindcast.track;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run that is over and published.
 *
 * @param outcome the word of its {@link Outcome}
 * @param reason why it did not finish; null if it did
 * @param count how many metrics it logged
 * @param metrics them, in the order of their steps; asked only if some are to be written, and by the thread that writes them
 */
public record PastRun(
        RunSpec spec, String outcome, @Nullable String reason, long count, Supplier<List<Metric>> metrics) {}
