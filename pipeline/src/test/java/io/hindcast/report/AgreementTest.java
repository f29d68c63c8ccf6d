package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.judge.Difference;
import io.hindcast.judge.Estimate;
import io.hindcast.judge.Estimate.Interval;
import io.hindcast.judge.FittedValues;
import io.hindcast.judge.Gain;
import io.hindcast.judge.Judgement;
import io.hindcast.judge.ValueScore;
import io.hindcast.judge.WeightSummary;
import io.hindcast.report.chart.Numbers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rankings by a log, and how well they agree with what was played. */
class AgreementTest {
    private static final Map<String, double[]> PLAYED =
            Map.of("a 10", new double[] {4, 6}, "b 10", new double[] {9}, "c 10", new double[] {1, 1});

    @Test
    void theSurestIsFirstAndWhatCannotBeToldIsLast() {
        var ranking = Ranking.of(
                List.of(
                        judgement("behaviour", "wpdis", 3, 2.9, null),
                        judgement("a", "wpdis", 6, 2, null),
                        judgement("b", "wpdis", 5, 4, null),
                        judgement("c", "wpdis", 99, 98, "few episodes decide"),
                        judgement("a", "is", 7, 1, null)),
                List.of());

        assertThat(ranking.estimator()).isEqualTo("wpdis");
        assertThat(ranking.places()).extracting(Judgement::policy).containsExactly("b", "behaviour", "a", "c");
        assertThat(ranking.lines().get(0))
                .isEqualTo(
                        "b after 10 updates: wpdis 5.00, interval 4.00 to 6.00, at least 4.00 (logged 3.00), effective"
                                + " sample size 80 of 100");
        assertThat(ranking.lines().get(3))
                .isEqualTo("c after 10 updates: not usable (wpdis 99.0): few episodes decide");
    }

    @Test
    void whereNoEstimatorTellsOfTwoPoliciesTheModelOrdersThemAndNoneIsUsable() {
        var ranking = Ranking.of(
                List.of(
                        judgement("behaviour", "wpdis", 3, 2.9, null),
                        judgement("behaviour", "dm", Double.NaN, Double.NaN, "no model"),
                        judgement("a", "wpdis", 6, 2, "few episodes decide"),
                        judgement("a", "dm", 4, 3, "a model's error is unknown"),
                        judgement("b", "wpdis", 9, 2, "few episodes decide"),
                        judgement("b", "dm", 5, 1, "a model's error is unknown")),
                List.of());
        var agreement = Agreement.of(ranking.told(), PLAYED).orElseThrow();

        assertThat(ranking.estimator()).isEqualTo("dm");
        assertThat(ranking.places()).extracting(Judgement::policy).containsExactly("b", "a", "behaviour");
        assertThat(ranking.lines().get(2)).isEqualTo("behaviour: not usable: no model");
        assertThat(agreement.usable()).isZero();
        assertThat(agreement.regret()).isZero();
        assertThat(JudgePage.html(ranking.places(), ranking, Optional.of(agreement), Fitted.NOTHING, 0.95, Map.of()))
                .contains("Of 2 policies that were played the log can tell of 0; the others are compared too");
    }

    @Test
    void theModelAloneCountsAsLowAsTheLowestOfAPolicysModelsLessWhatItMayStillMoveBy() {
        var reason = "a model's error is unknown";
        var ranking = Ranking.of(
                List.of(
                        judgement("a", "dm", 6, 5, reason),
                        judgement("b", "dm", 5, 4, reason),
                        judgement("c", "dm", 5.5, 4, reason),
                        judgement("behaviour", "dm", Double.NaN, Double.NaN, "no model")),
                List.of(
                        model("a", 9, 0),
                        model("a", 3, 0),
                        model("b", 5.25, 0.5),
                        model("b", 4.75, 0.25),
                        model("c", Double.NaN, 1),
                        model("c", 2, Double.POSITIVE_INFINITY)));

        // a: 6 - (6 - 3); b: 5 - (5 - 4.5), as 4.75 - 0.25 is the lowest; of c no more is known than its value.
        assertThat(ranking.places()).extracting(Judgement::policy).containsExactly("c", "b", "a", "behaviour");
        assertThat(ranking.values().subList(0, 3)).containsExactly(5.5, 4.5, 3.0);
        assertThat(JudgePage.html(ranking.places(), ranking, Optional.empty(), Fitted.NOTHING, 0.95, Map.of()))
                .contains("a policy counts for what the lowest of its models says");
        assertThat(Agreement.of(ranking.told(), PLAYED).orElseThrow().pairs())
                .extracting(Agreement.Pair::estimated)
                .isEqualTo(ranking.values().subList(0, 3));
    }

    @Test
    void whatIsUsableIsRankedByItsLowerBoundWhateverModelsSay() {
        var ranking = Ranking.of(
                List.of(judgement("a", "wdr", 6, 5, null), judgement("b", "wdr", 5, 4, null)),
                List.of(model("a", 9, 4), model("a", -9, 4)));

        assertThat(ranking.places()).extracting(Judgement::policy).containsExactly("a", "b");
        assertThat(ranking.values()).containsExactly(6.0, 5.0);
    }

    @Test
    void linesForATerminalAreAscii() {
        assertThat(Ranking.of(List.of(judgement("a", "wpdis", -6, -7, null)), List.of())
                        .lines())
                .containsExactly(
                        "a after 10 updates: wpdis -6.00, interval -7.00 to -5.00, at least -7.00 (logged 3.00),"
                                + " effective sample size 80 of 100");
    }

    @Test
    void theEstimatorThatTellsOfMostPoliciesIsTaken() {
        var ranking = Ranking.of(
                List.of(
                        judgement("a", "wpdis", 1, 0, "no"),
                        judgement("b", "wpdis", 1, 0, null),
                        judgement("a", "wis", 1, 0, null),
                        judgement("b", "wis", 1, 0, null)),
                List.of());

        assertThat(ranking.estimator()).isEqualTo("wis");
    }

    @Test
    void regretIsAShareOfTheDistanceBetweenBestAndWorst() {
        var ranking = Ranking.of(
                List.of(
                        judgement("a", "wpdis", 6, 5, null),
                        judgement("b", "wpdis", 5, 4, null),
                        judgement("c", "wpdis", 2, 1, null),
                        judgement("uniform", "wpdis", 2, 1, null)),
                List.of());
        var agreement = Agreement.of(ranking.told(), PLAYED).orElseThrow();

        // By estimate a, b, c; played b, a, c: ranks differ by 1, 1 and 0.
        assertThat(agreement.rankCorrelation()).isEqualTo(1 - 6.0 * 2 / (3 * 8), within(1e-12));
        assertThat(agreement.regret()).isEqualTo((9 - 5) / 8.0);
        assertThat(JudgePage.html(ranking.places(), ranking, Optional.of(agreement), Fitted.NOTHING, 0.95, Map.of()))
                .contains("Rank correlation 0.500", "50 % of the distance", "Estimated and played return");
        assertThat(JudgeJson.json(
                        ranking.places(), ranking, Optional.of(agreement), Fitted.NOTHING, Map.of("subset", "all")))
                .contains("\"regret\" : 0.5")
                // One of means 1, 5 and 9.
                .containsPattern("\"best_of\" : \\[\\s*5\\.0");
    }

    @Test
    void onePolicyThatWasPlayedAgreesWithNothing() {
        var ranking = Ranking.of(
                List.of(judgement("a", "wpdis", 6, 5, null), judgement("b", "wpdis", Double.NaN, Double.NaN, "no")),
                List.of());

        assertThat(Agreement.of(ranking.told(), PLAYED)).isEmpty();
        assertThat(JudgeJson.json(ranking.places(), ranking, Optional.empty(), Fitted.NOTHING, Map.of()))
                .doesNotContain("agreement");
    }

    @Test
    void aPageOfNothingUsableSaysSo() {
        var ranking = Ranking.of(List.of(judgement("a", "wpdis", Double.NaN, Double.NaN, "no <log>")), List.of());

        assertThat(JudgePage.html(ranking.places(), ranking, Optional.empty(), Fitted.NOTHING, 0.95, Map.of()))
                .contains("This log cannot tell what any of the policies is worth", "no &lt;log&gt;")
                .contains(Numbers.ABSENT);
    }

    private static FittedValues model(String policy, double value, double rest) {
        return new FittedValues(policy, 10L, "run", "all-but-fold-1-of-2", 10, 0.1, value, rest, "");
    }

    private static Judgement judgement(
            String policy, String estimator, double value, double lowerBound, @Nullable String reason) {
        var isTrained = policy.length() == 1;
        return new Judgement(
                policy,
                isTrained ? policy : null,
                isTrained ? 10L : null,
                estimator,
                null,
                new Estimate(
                        estimator, 100, value, 0.5, 0, new Interval(value - 1, value + 1), new Interval(0, 0), null),
                3,
                new Difference(value - 3, new Interval(value - 4, value - 2)),
                Gain.none(Judgement.BEHAVIOUR),
                lowerBound,
                "student-t",
                ValueScore.NONE,
                new WeightSummary(100, 80, 0.02, new double[] {1}, new double[] {0.1}),
                Map.of(),
                "none",
                Judgement.Use.unless(reason),
                reason);
    }
}
