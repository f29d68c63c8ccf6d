package io.hindcast.report;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
 * @param switchedAt after how many updates it went on with data that it collected itself; empty if it never did
 * @param evaluations one a checkpoint that was evaluated, by rising step
 * @param metrics what was logged, by rising step
 * @param paths some episodes of the last checkpoint that was evaluated, on the floor
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
        OptionalLong switchedAt,
        List<Evaluation> evaluations,
        Map<String, List<Logged>> metrics,
        List<Path> paths) {
    private static final int LAST = 5;

    /**
     * The {@code episodes} evaluation episodes after {@code step} updates.
     *
     * @param success the share of them that succeeded; NaN where the environment knows no such thing
     * @param score their mean normalised score; NaN without reference scores
     */
    public record Evaluation(long step, double meanReturn, int episodes, double success, double score) {
        /** Of an environment that knows neither success nor reference scores. */
        public Evaluation(long step, double meanReturn, int episodes) {
            this(step, meanReturn, episodes, Double.NaN, Double.NaN);
        }
    }

    /** A metric's value after {@code step} updates; NaN and infinity happen. */
    public record Logged(long step, double value) {}

    /**
     * The way of one episode.
     *
     * @param success whether it reached what it was to reach; null where the environment knows no such thing
     * @param points x and y in turn, from start to end
     */
    public record Path(int episode, @Nullable Boolean success, List<Float> points) {}

    /** The figure at the last evaluated checkpoint, if it was measured. */
    public Optional<Double> finalOf(Figure figure) {
        return evaluations.isEmpty()
                ? Optional.empty()
                : Optional.of(figure.of(evaluations.get(evaluations.size() - 1)))
                        .filter(Double::isFinite);
    }

    /** The figure at the checkpoint where it is best, if it was measured. */
    public Optional<Double> bestOf(Figure figure) {
        return evaluations.stream().map(figure::of).filter(Double::isFinite).reduce(Math::max);
    }

    /** The figure at the last five evaluated checkpoints, or at as many as there are. */
    DoubleSummaryStatistics lastFive(Figure figure) {
        return evaluations.stream()
                .skip(Math.max(0, evaluations.size() - LAST))
                .mapToDouble(figure::of)
                .filter(Double::isFinite)
                .summaryStatistics();
    }
}
