package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.judge.Episode.Features;
import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Values by ratios of states and actions, of processes whose values are known. */
class MarginalRatioTest {
    private static final double CONFIDENCE = 0.95;

    private final SmallProcess process = SmallProcess.timeLimit();

    /** What is seen of each state: 1 in its own place, standardised. */
    private static float[] oneOfThem(int state, int states) {
        var seen = new float[states];
        for (var j = 0; j < states; j++) {
            seen[j] = ((j == state ? 1 : 0) - 0.3f) / 0.4f;
        }
        return seen;
    }

    private static double[] one(int action, int actions) {
        var chances = new double[actions];
        chances[action] = 1;
        return chances;
    }

    private Episode exact(String id, RandomGenerator random) {
        var states = process.reward().length;
        var actions = process.reward()[0].length;
        var features = new RatioFeatures(actions, states);
        var fold = new Episode.Fold(id, process.discount());
        var end = 0;
        for (var move : process.moves(random)) {
            var s = move.state();
            var seen = oneOfThem(s, states);
            fold.step(new Episode.Step(
                    Double.NaN,
                    Double.NaN,
                    move.reward(),
                    process.duration()[s][move.action()],
                    Double.NaN,
                    Double.NaN,
                    new Features(
                            features.of(seen, 0, one(move.action(), actions)),
                            features.of(seen, 0, process.policy()[s]))));
            end = move.next();
        }
        return end < 0
                ? fold.end(Ending.TERMINATED, Double.NaN)
                : fold.end(Ending.TRUNCATED, Double.NaN, features.of(oneOfThem(end, states), 0, process.policy()[end]));
    }

    private static Estimate judge(Estimator estimator, List<Episode> log) {
        var first = new FirstPass(List.of(estimator));
        log.forEach(first::add);
        var second = first.second(Bootstrap.NONE);
        log.forEach(second::add);
        return second.estimates(CONFIDENCE).get(0);
    }

    @Test
    void ratiosOfStatesAndActionsNeedNoPropensitiesAndNoEndOfTheEpisode() {
        var estimator = new RatioFeatures(process.reward()[0].length, process.reward().length).estimator();
        var usable = 0;
        var held = 0;
        for (var k = 0; k < 200; k++) {
            var random = new SplittableRandom(k);
            var log = new ArrayList<Episode>();
            for (var i = 0; i < 150; i++) {
                log.add(exact("e" + i, random));
            }
            var estimate = judge(estimator, log);
            usable += estimate.objection() == null ? 1 : 0;
            held += estimate.interval().contains(process.value()) ? 1 : 0;
        }
        assertThat(held / 200.0).isGreaterThanOrEqualTo(0.93);
        assertThat(usable / 200.0).isGreaterThanOrEqualTo(0.93);
    }

    @Test
    void theSameLogInTwoPartsIsTheSameToTheLastBitAndInfluencesSumToNothing() {
        var estimator = new RatioFeatures(process.reward()[0].length, process.reward().length).estimator();
        var random = new SplittableRandom(1);
        var log = new ArrayList<Episode>();
        for (var i = 0; i < 100; i++) {
            log.add(exact("e" + i, random));
        }
        var whole = estimator.sums();
        var parts = List.of(estimator.sums(), estimator.sums());
        for (var i = 0; i < log.size(); i++) {
            whole.add(log.get(i));
            parts.get(i % 2).add(log.get(log.size() - 1 - i));
        }
        parts.get(1).merge(parts.get(0));
        var second = whole.second(Bootstrap.NONE);
        var seconds = List.of(parts.get(1).second(Bootstrap.NONE), parts.get(1).second(Bootstrap.NONE));
        var sum = 0.0;
        for (var i = 0; i < log.size(); i++) {
            sum += second.add(log.get(i), new long[0]);
            seconds.get(i % 2).add(log.get(log.size() - 1 - i), new long[0]);
        }
        seconds.get(0).merge(seconds.get(1));

        assertThat(seconds.get(0).estimate(CONFIDENCE)).isEqualTo(second.estimate(CONFIDENCE));
        assertThat(sum).isEqualTo(0, within(1e-6));
    }

    /** Single decisions between two actions, of which the second earns the square of what is seen; logged half and half. */
    private static Estimate ofSquares(DoubleUnaryOperator chanceOfSecond) {
        var features = new RatioFeatures(2, 1);
        var random = new SplittableRandom(3);
        var log = new ArrayList<Episode>();
        for (var i = 0; i < 2000; i++) {
            var place = (float) random.nextGaussian();
            var action = random.nextInt(2);
            var chance = chanceOfSecond.applyAsDouble(place);
            log.add(decision("e" + i, features, place, action, action * place * place, 1 - chance, chance));
        }
        return judge(features.estimator(), log);
    }

    private static Episode decision(
            String id, RatioFeatures features, float place, int action, double reward, double... chances) {
        var seen = new float[] {place};
        var of = new Features(features.of(seen, 0, one(action, features.actions())), features.of(seen, 0, chances));
        return new Episode.Fold(id, 1)
                .step(new Episode.Step(Double.NaN, Double.NaN, reward, 1, Double.NaN, Double.NaN, of))
                .end(Ending.TERMINATED, Double.NaN);
    }

    @Test
    void whereTheValueDependsOnTheFeaturesItIsNotUsable() {
        // Where |z| > 1, z^2 is 0.801 on average over all z; linear features take z^2 for 1, and give 0.317.
        var estimate = ofSquares(place -> Math.abs(place) > 1 ? 1 : 0);
        assertThat(estimate.value()).isEqualTo(0.801, within(0.05));
        assertThat(estimate.objection())
                .matches(
                        "features are too simple for it, since it depends on them: without squares of observations it is 0\\.3\\d*,"
                                + " more than 2 errors of the difference away");
        // Where the ratio is the same everywhere, no value function is too hard.
        assertThat(ofSquares(place -> 0.8).objection()).isNull();
    }

    @Test
    void aPolicyThatDoesWhatIsNeverLoggedIsNotUsable() {
        // Of three actions the third is never logged, and is all that the policy does.
        var features = new RatioFeatures(3, 1);
        var random = new SplittableRandom(4);
        var log = new ArrayList<Episode>();
        for (var i = 0; i < 500; i++) {
            var place = (float) random.nextGaussian();
            log.add(decision("e" + i, features, place, random.nextInt(2), random.nextDouble(), 0, 0, 1));
        }
        assertThat(judge(features.estimator(), log).objection())
                .isEqualTo(
                        "no weights make the steps of the log those of the policy: the policy does what is never logged, or"
                                + " nothing ever ends (a discount below 1 ends it)");
    }

    @Test
    void whereNothingEndsAndNothingIsDiscountedThereIsNoValue() {
        var features = new RatioFeatures(1, 1);
        var random = new SplittableRandom(5);
        var log = new ArrayList<Episode>();
        for (var i = 0; i < 500; i++) {
            var fold = new Episode.Fold("e" + i, 1);
            for (var t = 0; t < 3; t++) {
                var of = features.of(new float[] {t == 0 ? -1 : 1}, 0, new double[] {1});
                fold.step(new Episode.Step(0, 0, random.nextDouble(), 1, Double.NaN, Double.NaN, new Features(of, of)));
            }
            log.add(fold.end(Ending.OPEN, Double.NaN, features.of(new float[] {1}, 0, new double[] {1})));
        }
        assertThat(judge(features.estimator(), log).objection()).startsWith("no weights make the steps of the log");
    }

    @Test
    void aLastStateThatIsNotKnownCutsItsStepAndAnEpisodeOfThatAloneIsLeftOut() {
        var of = new double[] {1};
        var step = new Episode.Step(0, 0, 2, 1, Double.NaN, Double.NaN, new Features(of, of));
        var one = new Episode.Fold("one", 0.5).step(step).end(Ending.OPEN, Double.NaN);
        var two = new Episode.Fold("two", 0.5).step(step).step(step).end(Ending.OPEN, Double.NaN);

        assertThat(one.has(Need.FEATURES)).isFalse();
        assertThat(one.has(Need.WEIGHTS)).isTrue();
        assertThat(two.actionFeatures()).hasSize(1);
        assertThat(two.nextFeatures().get(0)).containsExactly(0.5);
        // 2 in each step of a half the weight of the one before: 4.
        assertThat(judge(new MarginalRatio(1, 1), List.of(one, two, two)).value())
                .isEqualTo(4, within(1e-9));
    }

    @Test
    void featuresByHand() {
        assertThat(new RatioFeatures(2, 2).of(new float[] {0, 0, 2, -3}, 1, new double[] {0.25, 0.75}))
                .containsExactly(0.25, 0.75, 0.5, 1.5, -0.75, -2.25, 1, 3, 2.25, 6.75);
        assertThat(new RatioFeatures(2, 2).estimator()).isEqualTo(new MarginalRatio(10, 6));
    }
}
