package io.hindcast.report;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
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
 * @param gaps the checkpoints that were to be evaluated and were not, or not in all episodes, by rising step
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
        List<Path> paths,
        List<Gap> gaps) {
    /** Of so many checkpoints at the end means are shown too, which luck moves less than one. */
    public static final int LAST_THREE = 3;

    /**
     * The {@code episodes} evaluation episodes after {@code step} updates.
     *
     * @param success the share of them that succeeded; NaN where the environment knows no such thing
     * @param score their mean normalised score; NaN without reference scores
     * @param played the episodes one by one, or the first thousand; those of the last three checkpoints are enough
     */
    public record Evaluation(
            long step, double meanReturn, int episodes, double success, double score, List<Played> played) {
        /** Of which the episodes are not known. */
        public Evaluation(long step, double meanReturn, int episodes, double success, double score) {
            this(step, meanReturn, episodes, success, score, List.of());
        }

        /** Of an environment that knows neither success nor reference scores. */
        public Evaluation(long step, double meanReturn, int episodes) {
            this(step, meanReturn, episodes, Double.NaN, Double.NaN);
        }
    }

    /**
     * An evaluation episode; all policies play the episode of a number with the same chance.
     *
     * @param success 1 or 0; NaN where the environment knows no such thing
     * @param score NaN without reference scores
     */
    public record Played(int episode, double episodeReturn, double success, double score) {}

    /**
     * A checkpoint of which evaluation episodes are missing.
     *
     * @param played how many there are
     * @param asked how many were asked for, more than these
     * @param fault what the environment did wrong in the others; null if the checkpoint was damaged or missing
     */
    public record Gap(
            long step, int played, int asked, @Nullable String fault) {
        private String words() {
            return played > 0
                    ? "has " + played + " of " + asked + " episodes after " + step + " updates"
                    : "was not evaluated after " + step + " updates";
        }

        private String reason() {
            return fault == null
                    ? "the checkpoint was damaged or missing; run train again, which writes it again, and then evaluate"
                    : fault + "; mend the environment and evaluate again, which plays what is missing";
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

    /** The figure at the last checkpoint that was to be evaluated, if it was measured: one before it does not stand for it. */
    public Optional<Double> finalOf(Figure figure) {
        if (evaluations.isEmpty()) {
            return Optional.empty();
        }
        var last = evaluations.get(evaluations.size() - 1);
        return isAfter(last.step())
                ? Optional.empty()
                : Optional.of(figure.of(last)).filter(Double::isFinite);
    }

    /** The figure at each evaluated checkpoint. */
    List<Logged> curve(Figure figure) {
        return evaluations.stream()
                .map(evaluation -> new Logged(evaluation.step(), figure.of(evaluation)))
                .toList();
    }

    /** What was logged of a metric. */
    List<Logged> metric(String metric) {
        return metrics.getOrDefault(metric, List.of());
    }

    private boolean isAfter(long step) {
        return gaps.stream().anyMatch(gap -> gap.step() > step);
    }

    /** What was not evaluated of it, and why, in words; empty if nothing. */
    public Optional<String> gapText() {
        if (gaps.isEmpty()) {
            return Optional.empty();
        }
        var last = gaps.get(gaps.size() - 1);
        return Optional.of(last.words() + (gaps.size() == 1 ? "" : " (and " + (gaps.size() - 1) + " more)") + ": "
                + last.reason());
    }

    /** What is missing at the last checkpoint that was to be evaluated. */
    Optional<Gap> lastGap() {
        var last = evaluations.isEmpty()
                ? -1
                : evaluations.get(evaluations.size() - 1).step();
        return gaps.stream().filter(gap -> gap.step() >= last).reduce((earlier, later) -> later);
    }

    /** The figure at the checkpoint where it is best, if it was measured. */
    public Optional<Double> bestOf(Figure figure) {
        return evaluations.stream().map(figure::of).filter(Double::isFinite).reduce(Math::max);
    }

    /** The mean of the figure at the last three checkpoints that were to be evaluated, of those that were. */
    public Optional<Double> lastThree(Figure figure) {
        var three = last(LAST_THREE, figure);
        return three.getCount() == 0 ? Optional.empty() : Optional.of(three.getAverage());
    }

    /** The figure at the last checkpoints that were to be evaluated, of those that were. */
    DoubleSummaryStatistics last(int checkpoints, Figure figure) {
        return last(checkpoints)
                .mapToDouble(figure::of)
                .filter(Double::isFinite)
                .summaryStatistics();
    }

    /** The figure in each episode, by its number, as the mean over the same checkpoints; of episodes that all of them played. */
    Map<Integer, Double> episodes(int checkpoints, Figure figure) {
        var evaluated = last(checkpoints).toList();
        var sums = new TreeMap<Integer, DoubleSummaryStatistics>();
        for (var evaluation : evaluated) {
            for (var episode : evaluation.played()) {
                if (Double.isFinite(figure.of(episode))) {
                    sums.computeIfAbsent(episode.episode(), number -> new DoubleSummaryStatistics())
                            .accept(figure.of(episode));
                }
            }
        }
        var means = new TreeMap<Integer, Double>();
        sums.forEach((number, sum) -> {
            if (sum.getCount() == evaluated.size()) {
                means.put(number, sum.getAverage());
            }
        });
        return means;
    }

    private Stream<Evaluation> last(int checkpoints) {
        var steps = Stream.concat(
                        evaluations.stream().map(Evaluation::step),
                        gaps.stream().map(Gap::step))
                .distinct()
                .sorted()
                .toList();
        var first = steps.isEmpty() ? 0 : steps.get(Math.max(0, steps.size() - checkpoints));
        return evaluations.stream().filter(evaluation -> evaluation.step() >= first);
    }
}
