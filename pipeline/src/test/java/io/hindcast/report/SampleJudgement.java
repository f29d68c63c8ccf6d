package io.hindcast.report;

import io.hindcast.judge.Difference;
import io.hindcast.judge.Estimate;
import io.hindcast.judge.Estimate.Interval;
import io.hindcast.judge.Gain;
import io.hindcast.judge.Judgement;
import io.hindcast.judge.ValueScore;
import io.hindcast.judge.WeightSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Made-up judgements of what a page can have; its {@code main} writes the page to look at. */
final class SampleJudgement {
    private static final double LOGGED = -103.4;

    private SampleJudgement() {}

    public static void main(String[] arguments) throws Exception {
        var judgements = judgements();
        var ranking = Ranking.of(judgements, List.of());
        var played = Map.of(
                "iql-1 50000", new double[] {-30, -22.2},
                "iql-2 50000", new double[] {-40, -8},
                "bc-1 50000", new double[] {-95.2},
                "bc-2 50000", new double[] {-88, -20, -156});
        var html = JudgePage.html(
                judgements,
                ranking,
                Agreement.of(ranking.told(), played),
                Fitted.NOTHING,
                0.95,
                Map.of("transitions", "transitions v1"));
        Files.writeString(Path.of(arguments[0]), html);
    }

    static List<Judgement> judgements() {
        var all = new ArrayList<Judgement>();
        for (var estimator : List.of("wpdis", "wis")) {
            var reason =
                    estimator.equals("wis") ? "few logs show how large the weights of whole episodes can be" : null;
            all.add(judgement("behaviour", estimator, LOGGED, 4.1, 3000, reason));
            all.add(judgement("uniform", estimator, -141.2, 3.2, 410, reason));
            all.add(judgement("iql-1", estimator, -31.5, 6.2, 152, reason));
            all.add(judgement("iql-2", estimator, -27.9, 3.8, 240, reason));
            all.add(judgement(
                    "iql-3",
                    estimator,
                    12.4,
                    44,
                    21.4,
                    "the effective sample size is 21.4 of 3000 episodes; at least 50 are needed"));
            all.add(judgement("bc-1", estimator, -97.2, 4.4, 2410, reason));
            all.add(judgement("bc-2", estimator, -92.5, 5.1, 2230, reason));
            all.add(judgement(
                    "a policy whose name is long enough to need shortening",
                    estimator,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    "no logged episode does what the policy does"));
        }
        return all;
    }

    /** Of a run's last checkpoint if its name ends with a seed. */
    static Judgement judgement(
            String policy, String estimator, double value, double error, double size, @Nullable String reason) {
        return judgement(policy, 50_000, estimator, value, error, size, reason);
    }

    static Judgement judgement(
            String policy,
            long step,
            String estimator,
            double value,
            double error,
            double size,
            @Nullable String reason) {
        return judgement(policy, step, estimator, value, error, size, Gain.none(Judgement.BEHAVIOUR), reason);
    }

    static Judgement judgement(
            String policy,
            long step,
            String estimator,
            double value,
            double error,
            double size,
            Gain gain,
            @Nullable String reason) {
        var isTrained = policy.matches(".*-\\d");
        return new Judgement(
                policy,
                isTrained ? policy : null,
                isTrained ? (Long) step : null,
                estimator,
                null,
                new Estimate(
                        estimator,
                        3000,
                        value,
                        error,
                        0,
                        new Interval(value - 2 * error, value + 2 * error),
                        new Interval(value - 2 * error, value + 2 * error),
                        null),
                LOGGED,
                new Difference(value - LOGGED, new Interval(value - LOGGED - 2 * error, value - LOGGED + 2 * error)),
                gain,
                value - 3 * error,
                "student-t",
                isTrained ? new ValueScore(error / 10, error / 4) : ValueScore.NONE,
                new WeightSummary(3000, size, 0.02, new double[] {1, 0.98}, new double[] {0.1, 0.1}),
                Map.of(),
                "none",
                Judgement.Use.unless(reason),
                reason);
    }

    static String html() {
        var judgements = judgements();
        return JudgePage.html(
                judgements, Ranking.of(judgements, List.of()), Optional.empty(), Fitted.NOTHING, 0.95, Map.of());
    }
}
