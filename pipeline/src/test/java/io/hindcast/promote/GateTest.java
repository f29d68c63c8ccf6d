package io.hindcast.promote;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.judge.Gain;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rule of promotion, a sentence each. */
class GateTest {
    private static final Gate GATE = new Gate(List.of("wis", "is"), 0, 0.95);
    private static final String CHAMPION = "the champion, v1 (a-1)";

    @Test
    void whoIsSureToEarnMoreByEveryEstimatorIsPromoted() {
        var decision = GATE.decide(List.of(candidate("b-1", gain(0.1, 0.02), gain(0.12, 0.03))), CHAMPION);

        assertThat(decision.verdict()).isEqualTo(Verdict.PROMOTED);
        assertThat(decision.winner()).isNotNull();
        // t of 999 degrees that 95 % lie below is 1.64638.
        assertThat(decision.reason())
                .isEqualTo(
                        "b-1 earns more than the champion, v1 (a-1): by wis 0.1000 more, at least 0.06707, by is 0.1200"
                                + " more, at least 0.07061");
    }

    @Test
    void whoIsBetterByOneEstimatorOnlyIsNotPromoted() {
        var decision = GATE.decide(List.of(candidate("b-1", gain(0.1, 0.02), gain(0.01, 0.03))), CHAMPION);

        assertThat(decision.verdict()).isEqualTo(Verdict.KEPT);
        assertThat(decision.winner()).isNull();
        assertThat(decision.reason()).startsWith("b-1 is not sure to earn 0.000 more than the champion");
    }

    @Test
    void theGainMustBeSureToBeAboveTheMarginNotOnlyZero() {
        var better = List.of(candidate("b-1", gain(0.1, 0.02), gain(0.12, 0.02)));

        assertThat(new Gate(List.of("wis", "is"), 0.06, 0.95)
                        .decide(better, CHAMPION)
                        .verdict())
                .isEqualTo(Verdict.PROMOTED);
        assertThat(new Gate(List.of("wis", "is"), 0.07, 0.95)
                        .decide(better, CHAMPION)
                        .verdict())
                .isEqualTo(Verdict.KEPT);
    }

    @Test
    void theMoreCandidatesThereAreTheSurerOneMustBe() {
        // Two errors: enough for one candidate, not for the best of ten.
        var lucky = candidate("b-1", gain(0.04, 0.02), gain(0.04, 0.02));
        var others = new java.util.ArrayList<>(List.of(lucky));
        for (var i = 2; i <= 10; i++) {
            others.add(candidate("b-" + i, gain(-0.1, 0.02), gain(-0.1, 0.02)));
        }

        assertThat(GATE.decide(List.of(lucky), CHAMPION).verdict()).isEqualTo(Verdict.PROMOTED);
        assertThat(GATE.decide(others, CHAMPION).verdict()).isEqualTo(Verdict.KEPT);
    }

    @Test
    void ofSeveralThatAreBetterTheSurestWins() {
        var decision = GATE.decide(
                List.of(
                        candidate("much", gain(0.5, 0.2), gain(0.5, 0.2)),
                        candidate("sure", gain(0.3, 0.01), gain(0.3, 0.01))),
                CHAMPION);

        assertThat(decision.winner()).isNotNull().extracting(Candidate::policy).isEqualTo("sure");
        assertThat(decision.candidates())
                .extracting(weighed ->
                        weighed.candidate().policy() + " " + weighed.verdict().word())
                .containsExactly("much kept", "sure promoted");
        assertThat(decision.candidates().get(0).reason()).endsWith("; sure is ahead of it");
    }

    @Test
    void whatTheJudgeCannotRelyOnIsRefusedHoweverGoodItLooks() {
        var decision = GATE.decide(
                List.of(candidate(
                        "b-1",
                        gain(0.1, 0.02),
                        evidence("is", gain(0.9, 0.01), "it cannot be judged: one episode has 40 % of all weight"))),
                CHAMPION);

        assertThat(decision.verdict()).isEqualTo(Verdict.REFUSED);
        assertThat(decision.reason()).isEqualTo("b-1: by is it cannot be judged: one episode has 40 % of all weight");
    }

    @Test
    void whoHasAnObjectionOfItsOwnIsRefused() {
        var one = candidate("b-1", gain(0.1, 0.02), gain(0.12, 0.03));
        var suspect = new Candidate("b-1", "run", 10, "sha", "it may have learned from it", one.evidence());

        assertThat(GATE.decide(List.of(suspect), CHAMPION).reason()).isEqualTo("b-1: it may have learned from it");
    }

    @Test
    void anEstimatorThatIsMissingOrSaysNoGainRefuses() {
        assertThat(new Gate(List.of("wis", "dr"), 0, 0.95)
                        .decide(List.of(candidate("b-1", gain(0.1, 0.02), gain(0.1, 0.02))), CHAMPION)
                        .reason())
                .isEqualTo("b-1: it is not judged by all of wis, dr");
        assertThat(GATE.decide(List.of(candidate("b-1", gain(0.1, 0.02), Gain.none(""))), CHAMPION)
                        .reason())
                .isEqualTo("b-1: by is nothing tells how much more it earns");
    }

    @Test
    void aGainThatAFewEpisodesDecideIsRefused() {
        var decision = GATE.decide(List.of(candidate("b-1", gain(0.1, 0.02), new Gain("", 0.1, 0.02, 0.3))), CHAMPION);

        assertThat(decision.verdict()).isEqualTo(Verdict.REFUSED);
        assertThat(decision.reason())
                .isEqualTo(
                        "b-1: a few episodes decide how much more it earns than the champion, v1 (a-1): by is the skewness"
                                + " is 0.30, and bounds hold up to 0.2");
    }

    @Test
    void oneThatIsRefusedDoesNotHideAnotherThatIsMerelyNotBetter() {
        var decision = GATE.decide(
                List.of(
                        candidate("bad", gain(0.1, 0.02), evidence("is", gain(0.1, 0.02), "it cannot be judged")),
                        candidate("dull", gain(0, 0.02), gain(0, 0.02))),
                CHAMPION);

        assertThat(decision.verdict()).isEqualTo(Verdict.KEPT);
        assertThat(decision.reason()).startsWith("dull is not sure");
    }

    @Test
    void withoutAnybodyElseTheChampionStays() {
        assertThat(GATE.decide(List.of(), CHAMPION).verdict()).isEqualTo(Verdict.KEPT);
    }

    private static Gain gain(double value, double error) {
        return new Gain("champion", value, error, 0);
    }

    private static Candidate candidate(String name, Gain wis, Gain is) {
        return candidate(name, wis, evidence("is", is, null));
    }

    private static Candidate candidate(String name, Gain wis, Evidence is) {
        return new Candidate(name, "run", 10, "sha", null, List.of(evidence("wis", wis, null), is));
    }

    private static Evidence evidence(String estimator, Gain gain, @Nullable String objection) {
        return new Evidence(
                estimator,
                1000,
                1.0,
                0.9,
                1.1,
                known(gain.value()),
                known(gain.standardError()),
                known(gain.skewness()),
                objection);
    }

    private static @Nullable Double known(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
