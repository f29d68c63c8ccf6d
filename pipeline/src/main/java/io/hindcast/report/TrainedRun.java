package io.hindcast.report;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run as its tables tell it: one learner trained on one subset with one configuration and one seed.
 *
 * @param name its entry in the conf file
 * @param config what differs from the learner's defaults
 * @param resolvedConfig every setting
 * @param outcome finished, diverged or failed
 * @param reason why it did not finish
 * @param updates gradient steps done
 * @param evaluations one a checkpoint that was evaluated, by rising step
 * @param metrics what was logged, by rising step
 */
public record TrainedRun(
        String runId,
        String name,
        String subset,
        String learner,
        Map<String, Object> config,
        Map<String, Object> resolvedConfig,
        long seed,
        String outcome,
        @Nullable String reason,
        long updates,
        double updatesPerSecond,
        List<Evaluation> evaluations,
        Map<String, List<Logged>> metrics) {
    /** The mean return over the {@code episodes} evaluation episodes after {@code step} updates. */
    public record Evaluation(long step, double meanReturn, int episodes) {}

    /** A metric's value after {@code step} updates; NaN and infinity happen. */
    public record Logged(long step, double value) {}

    /** The mean return at the last evaluated checkpoint. */
    public Optional<Double> finalReturn() {
        return evaluations.isEmpty()
                ? Optional.empty()
                : Optional.of(evaluations.get(evaluations.size() - 1).meanReturn());
    }

    /** The mean return at the best evaluated checkpoint. */
    public Optional<Double> bestReturn() {
        return evaluations.stream().map(Evaluation::meanReturn).max(Comparator.naturalOrder());
    }
}
