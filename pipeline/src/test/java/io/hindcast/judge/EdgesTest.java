package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.config.UserException;
import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What estimators make of the edges of logs; numbers are worked out by hand. */
class EdgesTest {
    private static final double NONE = Double.NaN;

    private static final List<Estimator> ALL = List.of(
            new Is(),
            new Wis(),
            new Pdis(Tail.NOTHING),
            new Wpdis(Tail.NOTHING),
            new Pdis(Tail.MODEL),
            new Wpdis(Tail.MODEL),
            new Dr(),
            new Wdr(),
            new Magic());

    /** A step whose action the policy chooses {@code ratio} times as often as was logged. */
    private static Episode.Step step(double ratio, double reward) {
        return new Episode.Step(Math.log(0.25 * ratio), Math.log(0.25), reward);
    }

    private static Episode.Step step(double ratio, double reward, double duration, double q, double v) {
        return new Episode.Step(Math.log(0.25 * ratio), Math.log(0.25), reward, duration, q, v);
    }

    private static Episode episode(String id, Episode.Step... steps) {
        var fold = new Episode.Fold(id, 0.5);
        Arrays.stream(steps).forEach(fold::step);
        return fold.end(Ending.TERMINATED, NONE);
    }

    private static Estimate judge(Estimator estimator, Episode... log) {
        return judge(List.of(estimator), log).get(0);
    }

    private static List<Estimate> judge(List<Estimator> estimators, Episode... log) {
        var first = new FirstPass(estimators);
        Arrays.stream(log).forEach(first::add);
        var second = first.second(new Bootstrap(1, 50));
        Arrays.stream(log).forEach(second::add);
        return second.estimates(0.95);
    }

    private static WeightSummary weights(Episode... log) {
        var first = new FirstPass(List.of());
        Arrays.stream(log).forEach(first::add);
        return first.weights();
    }

    @Test
    void endedEpisodesStayInTheDenominatorWithTheirLastWeight() {
        // "stop" ends without a reward, "go" earns 1 one step later; half and half logged, the policy goes 1 time in
        // 10.
        var stop = episode("stop", step(1.8, 0));
        var go = episode("go", step(0.2, 0), step(1, 2));
        for (var estimator : List.of(new Is(), new Wis(), new Pdis(Tail.NOTHING), new Wpdis(Tail.NOTHING))) {
            assertThat(judge(estimator, stop, go).value()).isEqualTo(0.1, within(1e-15));
        }
        assertThat(weights(stop, go).mean()).containsExactly(new double[] {1, 1}, within(1e-15));
    }

    @Test
    void aCutEpisodeIsWorthWhatTheModelSaysOfItsLastState() {
        var fold = new Episode.Fold("cut", 0.5);
        fold.step(step(2, 3, 1, 0, 0));
        var cut = fold.end(Ending.TRUNCATED, 10);

        assertThat(judge(new Pdis(Tail.NOTHING), cut).value()).isEqualTo(6);
        assertThat(judge(new Pdis(Tail.MODEL), cut).value()).isEqualTo(2 * (3 + 0.5 * 10));
        assertThat(judge(new Wpdis(Tail.MODEL), cut).value()).isEqualTo(8);
        assertThat(judge(new Dr(), cut).value()).isEqualTo(16);
    }

    @Test
    void theModelEndsBeforeTheLastStepWhereWhatFollowsItWasNotLogged() {
        var fold = new Episode.Fold("open", 0.5);
        fold.step(step(1, 3, 1, 4, 5));
        fold.step(step(7, 100, 1, 60, 6));
        var open = fold.end(Ending.OPEN, NONE);

        assertThat(open.length()).isEqualTo(1);
        assertThat(judge(new Dr(), open).value()).isEqualTo(5 + (3 + 0.5 * 6 - 4));
    }

    @Test
    void withoutAModelAnOpenEpisodeKeepsAllSteps() {
        var fold = new Episode.Fold("open", 0.5);
        fold.step(step(1, 3));
        fold.step(step(1, 4));

        assertThat(judge(new Pdis(Tail.NOTHING), fold.end(Ending.OPEN, NONE)).value())
                .isEqualTo(5);
    }

    @Test
    void anOpenEpisodeOfOneStepTellsTheModelNothing() {
        var fold = new Episode.Fold("open", 0.5);
        fold.step(step(1, 3, 1, 4, 5));
        var first = new FirstPass(ALL).add(fold.end(Ending.OPEN, NONE));

        assertThat(first.leftOut(0)).containsExactly(Map.entry(Need.WEIGHTS, 1L));
    }

    @Test
    void aDurationDiscountsAsManyStepsOfTimeOne() {
        var slow = episode("slow", step(1, 1, 3, 0, 0), step(1, 8, 0, 0, 0), step(1, 8, 1, 0, 0));

        assertThat(slow.discountedReturn()).isEqualTo(1 + 8 / 8.0 + 8 / 8.0);
    }

    @Test
    void withoutPropensitiesTheModelAloneIsAsked() {
        var known = episode("known", step(2, 1, 1, 3, 4));
        var unknown = episode("unknown", new Episode.Step(Math.log(0.5), NONE, 1, 1, 3, 8));
        var first = new FirstPass(List.of(new Is(), new Dm())).add(known).add(unknown);

        assertThat(first.leftOut(0)).containsExactly(Map.entry(Need.WEIGHTS, 1L));
        assertThat(first.leftOut(1)).isEmpty();
        assertThat(judge(new Is(), known, unknown).value()).isEqualTo(2);
        assertThat(judge(new Is(), known, unknown).episodes()).isEqualTo(1);
        assertThat(judge(new Dm(), known, unknown).value()).isEqualTo(6);
    }

    @Test
    void anEpisodeWithoutARewardIsLeftOut() {
        var first = new FirstPass(List.of(new Is())).add(episode("a", step(1, NONE)));

        assertThat(first.leftOut(0)).containsExactly(Map.entry(Need.REWARDS, 1L));
        assertThat(Need.REWARDS.lack()).isEqualTo("a step without a reward");
    }

    @Test
    void aWeightOfZeroStaysZero() {
        var log = new Episode[] {episode("a", step(0, 5), step(3, 5)), episode("b", step(2, 1), step(1, 1))};

        assertThat(judge(new Wpdis(Tail.NOTHING), log).value()).isEqualTo(1.5);
        assertThat(judge(new Wis(), log).value()).isEqualTo(1.5);
    }

    @Test
    void aPolicyThatNeverDoesWhatWasLoggedHasNoEstimate() {
        var log = new Episode[] {episode("a", step(0, 5)), episode("b", step(0, 1))};

        assertThat(judge(new Wis(), log).value()).isNaN();
        assertThat(judge(new Is(), log).objection()).isEqualTo("no logged episode does what the policy does");
    }

    @Test
    void aPolicyWithMassOutsideTheLogShowsInTheMeanWeight() {
        var log = new ArrayList<Episode>();
        for (var i = 0; i < 400; i++) {
            log.add(episode("e" + i, step(i % 2 == 0 ? 0.5 : 0.7, 1)));
        }
        var first = new FirstPass(List.of(new Is()));
        log.forEach(first::add);

        assertThat(first.weights().mean()[0]).isEqualTo(0.6, within(1e-12));
        assertThat(first.weights().objection())
                .hasValueSatisfying(reason -> assertThat(reason)
                        .startsWith("the mean weight in step 0 is 0.600, more than 3.0 standard errors from 1:"));
    }

    @Test
    void massOutsideIsTheShareOfThePolicysEpisodesThatSomewhereDoWhatWasNeverLogged() {
        // One action alone was logged, and the policy takes it every other time: of its episodes of one step a half are
        // outside the log, of those of two steps three quarters.
        assertThat(weights(episode("one", step(0.5, 1)), episode("two", step(0.5, 1), step(0.5, 1)))
                        .massOutside())
                .isEqualTo((0.5 + 0.75) / 2, within(1e-12));
        // Here it is where the log is, and chance alone makes the mean 1.25.
        assertThat(weights(episode("rare", step(1.5, 1)), episode("other", step(1, 1)))
                        .massOutside())
                .isZero();
        assertThat(weights().massOutside()).isNaN();
    }

    @Test
    void oneEpisodeHasAValueAndNoError() {
        var estimate = judge(new Wis(), episode("only", step(3, 2)));

        assertThat(estimate.value()).isEqualTo(2);
        assertThat(estimate.standardError()).isNaN();
        assertThat(estimate.interval().low()).isNaN();
        assertThat(estimate.objection())
                .isEqualTo("the effective sample size is 1.0 of 1 episodes; at least 50 are needed");
        assertThat(Estimate.of("any", 1, 2, 0, 0, 0.95, Estimate.Interval.NONE).objection())
                .isEqualTo("an error needs two episodes, and there is one");
    }

    @Test
    void noEpisodesHaveNoValue() {
        for (var estimate : judge(ALL)) {
            assertThat(estimate.value()).isNaN();
            assertThat(estimate.episodes()).isZero();
        }
    }

    @Test
    void aConstantRewardIsKnownForSureByRatios() {
        var log = new Episode[] {episode("a", step(3, 0.1)), episode("b", step(0.2, 0.1)), episode("c", step(1, 0.1))};
        for (var estimator : List.of(new Wis(), new Wpdis(Tail.NOTHING))) {
            var estimate = judge(estimator, log);
            assertThat(estimate.value()).isEqualTo(0.1, within(1e-15));
            assertThat(estimate.standardError()).isLessThan(1e-15);
            assertThat(estimate.bootstrap().high() - estimate.bootstrap().low()).isLessThan(1e-12);
        }
        assertThat(judge(new Is(), log).standardError()).isGreaterThan(0.01);
    }

    @Test
    void equalPoliciesGiveTheMeanReturn() {
        var log = new Episode[] {episode("a", step(1, 4), step(1, 2)), episode("b", step(1, 1))};
        for (var estimator : List.of(new Is(), new Wis(), new Pdis(Tail.NOTHING), new Wpdis(Tail.NOTHING))) {
            assertThat(judge(estimator, log).value()).isEqualTo(3);
        }
        assertThat(weights(log).effectiveSampleSize()).isEqualTo(2);
    }

    @Test
    void weightsOfAnySizeHaveTheirRatios() {
        // e^3000 and three times that: no doubles.
        var steps = new Episode.Step[300];
        Arrays.fill(steps, new Episode.Step(5, -5, 0));
        var small = episode("small", steps);
        steps[0] = new Episode.Step(5 + Math.log(3), -5, 8);
        var large = episode("large", steps);
        var tiny = episode("tiny", new Episode.Step(-5000, 0, 1));

        assertThat(judge(new Wis(), small, large, tiny).value()).isEqualTo(6, within(1e-12));
        assertThat(weights(small, large, tiny).effectiveSampleSize()).isEqualTo(1.6, within(1e-12));
        assertThat(weights(small, large, tiny).largestShare()).isEqualTo(0.75, within(1e-12));
        var estimate = judge(new Is(), small, large, tiny);
        assertThat(estimate.value()).isInfinite();
        assertThat(estimate.objection())
                .isEqualTo("the effective sample size is 1.6 of 3 episodes; at least 50 are needed");
    }

    @Test
    void oneStepWithCounts() {
        // The example of SynapseML's tests, as counted by hand.
        var log = new Episode[] {
            episode("a", new Episode.Step(Math.log(0.3), Math.log(0.2), 1)),
            episode("b", new Episode.Step(Math.log(0.1), Math.log(0.2), 2)),
            episode("c", new Episode.Step(Math.log(0.1), Math.log(0.2), 2)),
            episode("d", new Episode.Step(Math.log(0.4), Math.log(0.2), 3))
        };

        assertThat(judge(new Is(), log).value()).isEqualTo(2.375, within(1e-12));
        assertThat(judge(new Wis(), log).value()).isEqualTo(19 / 9.0, within(1e-12));
    }

    @Test
    void estimatorsOfOneStepLeaveLongerEpisodesOut() {
        var first = new FirstPass(List.of(new ClippedIps(2))).add(episode("long", step(1, 1), step(1, 1)));

        assertThat(first.leftOut(0)).containsExactly(Map.entry(Need.ONE_STEP, 1L));
    }

    @Test
    void aFewEpisodesThatDecideAreAnObjection() {
        var log = new Episode[400];
        for (var i = 0; i < log.length; i++) {
            log[i] = episode("e" + i, step(i % 2 == 0 ? 0.5 : 1.5, i < 2 ? 1 : 0));
        }

        assertThat(weights(log).objection()).isEmpty();
        assertThat(judge(new Wis(), log).objection())
                .isEqualTo("a few episodes decide it: its skewness is 0.88, and intervals hold up to 0.2");
    }

    /**
     * None of 100 large weights earned anything, though 90 of 900 small ones did: the skewness of influences is 0.06. Of weights it is
     * 16,750 / 3,250^1.5, of rewards 78.31 / 83.93^1.5; times each other and the root of 1,000 that is 0.29.
     */
    @Test
    void aLogThatLacksRareRewardsOfLargeWeightDoesNotLookHarmless() {
        var log = new Episode[1000];
        for (var i = 0; i < log.length; i++) {
            log[i] = episode("e" + i, step(i < 900 ? 0.5 : 5.5, i < 90 ? 1 : 0));
        }
        var estimate = judge(new Wis(), log);

        assertThat(weights(log).objection()).isEmpty();
        assertThat(estimate.skewness()).isEqualTo(0.06, within(0.005));
        assertThat(estimate.objection())
                .isEqualTo(
                        "rare rewards of large weight decide it, and the log may lack some: by its weights and its rewards apart its"
                                + " skewness would be 0.29, and intervals hold up to 0.2");
    }

    @Test
    void theModelsOwnErrorIsAnObjection() {
        var log = new Episode[] {episode("a", step(1, 1, 1, 2, 3)), episode("b", step(1, 1, 1, 2, 4))};

        assertThat(judge(new Dm(), log).objection()).isEqualTo("its error knows nothing of how wrong the model is");
    }

    @Test
    void influencesSumToZero() {
        var log = new Episode[] {
            episode("a", step(2, 1, 1, 2, 3), step(0.3, 2, 2, 1, 1)),
            episode("b", step(0.4, 3, 1, 2, 4)),
            episode("c", step(1.1, 0, 1, 2, 4), step(1.5, -1, 1, 0, 4), step(1.5, -1, 1, 0, 4))
        };
        var first = new FirstPass(ALL);
        Arrays.stream(log).forEach(first::add);
        var second = first.second(Bootstrap.NONE);
        Arrays.stream(log).forEach(second::add);
        for (var e = 0; e < ALL.size(); e++) {
            var index = e;
            assertThat(Arrays.stream(log)
                            .mapToDouble(episode -> second.influence(index, episode))
                            .sum())
                    .as(ALL.get(e).name())
                    .isEqualTo(0, within(1e-12));
        }
    }

    @Test
    void badNumbersAreOneLine() {
        assertThatThrownBy(() -> episode("a", new Episode.Step(-1, Double.NEGATIVE_INFINITY, 1)))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot judge by episode a: in step 0 the action has the logged log-probability -Infinity and the"
                                + " policy's -1.0; what was logged has a probability above 0: leave out a propensity that is not known");
        assertThatThrownBy(() -> episode("a", step(1, 1), step(1, Double.POSITIVE_INFINITY)))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot judge by episode a: in step 1 the reward is Infinity; it must lie between -1e150 and 1e150");
        assertThatThrownBy(() -> episode("a", step(1, 1, -1, 0, 0)))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot judge by episode a: in step 0 the duration is -1.0; it must be a number of 0 or more");
        assertThatThrownBy(() -> episode("a"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot judge by episode a: it has no steps");
    }

    @Test
    void otherEstimatorsDoNotMerge() {
        assertThatThrownBy(() -> new FirstPass(List.of(new Is())).merge(new FirstPass(List.of(new Wis()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot merge the sums of [Is[]] with those of [Wis[]]");
    }
}
