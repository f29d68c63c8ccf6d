package io.hindcast.report;

import io.hindcast.env.FloorPlan;
import io.hindcast.judge.Estimate.Interval;
import io.hindcast.report.chart.Histogram;
import io.hindcast.report.chart.NoveltyMap;
import io.hindcast.report.chart.StateMap;
import io.hindcast.score.Aggregate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data of a report; every number in it was measured.
 *
 * @param environment where the data was collected and policies are evaluated, if known
 * @param floor what agents move on there, if they move on a floor
 * @param results empty before anything was trained
 * @param published what results are to be compared with, by the name of the run, or by its name and subset:
 *     {@code NAME on SUBSET}
 * @param baselines what is to be compared with too, by falling return
 * @param judged how well the job judge told by the log alone what was played; null if it was not asked
 * @param dataset what is known of the data
 * @param links where more is
 */
public record ReportData(
        String title,
        @Nullable String environment,
        @Nullable FloorPlan floor,
        List<Result> results,
        Map<String, Published> published,
        List<Baseline> baselines,
        @Nullable Judged judged,
        Dataset dataset,
        Provenance provenance,
        Links links) {

    /**
     * What was estimated by the log alone, beside what was played.
     *
     * @param estimator whose estimates these are
     */
    public record Judged(String estimator, Agreement agreement) {}

    /** Whether any run was evaluated at more than one checkpoint. */
    boolean hasCurves() {
        return results.stream()
                .flatMap(result -> result.runs().stream())
                .anyMatch(run -> run.evaluations().size() > 1);
    }

    /**
     * The logged data.
     *
     * @param facts of everything first, then of each subset; empty if there is no table of episodes
     * @param endings how many episodes ended how
     * @param returns how episode returns spread, with each subset's share
     * @param states where the data was
     * @param novelty what an exploration had not seen enough of
     * @param statistics one row a dimension
     */
    public record Dataset(
            List<Facts> facts,
            Map<String, Long> endings,
            @Nullable Histogram returns,
            @Nullable StateMap states,
            @Nullable NoveltyMap novelty,
            List<Statistic> statistics) {}

    /**
     * The returns of a policy that was not trained.
     *
     * @param name {@code behaviour} or {@code uniform}, as in the job judge
     * @param what these returns are of, in words
     * @param standardDeviation of returns, over episodes; NaN where it is not known
     * @param episodes how many; 0 where only the mean is known
     * @param interval of the mean; NaN where it is not known
     */
    public record Baseline(
            String name, String what, double mean, double standardDeviation, long episodes, Interval interval) {
        /** With Student's t over the episodes, at least two of which must there be for an interval. */
        public static Baseline of(String name, String what, double mean, double standardDeviation, long episodes) {
            var interval = episodes < 2
                    ? Interval.NONE
                    : Interval.student(
                            mean, standardDeviation / Math.sqrt(episodes), episodes - 1, Aggregate.CONFIDENCE);
            return new Baseline(name, what, mean, standardDeviation, episodes, interval);
        }
    }

    /**
     * Size and episode returns of the dataset or a subset; returns are NaN where no rewards were logged.
     *
     * @param standardDeviation of the returns, over episodes; NaN below two
     */
    public record Facts(
            String name,
            long transitions,
            long episodes,
            double meanReturn,
            double standardDeviation,
            double bestReturn,
            double worstReturn) {
        /** The same of a log that has no rewards. */
        public Facts withoutReturns() {
            return new Facts(name, transitions, episodes, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }

        boolean hasReturns() {
            return !Double.isNaN(meanReturn);
        }
    }

    /** One dimension of one thing that was logged. */
    public record Statistic(String name, int dimension, long count, double mean, double std, double min, double max) {}

    /**
     * Where everything comes from.
     *
     * @param tables what was read
     * @param written with what and when the report was written, as names and values
     */
    public record Provenance(List<Source> tables, Map<String, String> written) {}

    /**
     * A published version of a table.
     *
     * @param fingerprint of its rows: whatever their order, equal rows have equal ones
     * @param created when, as an ISO instant
     */
    public record Source(String table, int version, long rows, String fingerprint, String created) {}
}
