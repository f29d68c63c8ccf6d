package io.hindcast.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.judge.Estimate.Interval;
import io.hindcast.run.Seeds;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StratifiedBootstrapTest {
    private static final StratifiedBootstrap MANY = new StratifiedBootstrap(0, 20_000);

    @Test
    void runsAreDrawnWithinTheirTaskOnly() {
        // Whatever is drawn, a task of equal runs stays as it is: the mean is 500 and half of 0, 1 or 2.
        var scores = TaskScores.of(new double[] {0, 1, 2}, new double[] {1000, 1000, 1000});
        var interval = MANY.interval(scores, TaskScores::mean);
        // Three draws are 0 or 2 all three in 1/27 each, more than 2.5 %.
        assertThat(interval).isEqualTo(new Interval(500, 501));
    }

    @Test
    void theIntervalOfAMeanHasTheWidthOfItsStandardError() {
        // Of 0 and 1, 50 each in 2 tasks: a standard deviation of 1/2, over the root of 200; 1.96 of it to either side.
        var task = IntStream.range(0, 100).mapToDouble(i -> i % 2).toArray();
        var interval = MANY.interval(TaskScores.of(task, task), TaskScores::mean);
        assertThat(interval.low()).isCloseTo(0.5 - 1.96 * 0.5 / Math.sqrt(200), within(0.006));
        assertThat(interval.high()).isCloseTo(0.5 + 1.96 * 0.5 / Math.sqrt(200), within(0.006));
    }

    @Test
    void theSameSeedGivesTheSameIntervalToTheLastBit() {
        var scores = TaskScores.of(new double[] {1, 2, 3, 9}, new double[] {4, 5, 6, 6.5});
        var first = new StratifiedBootstrap(3, 500).interval(scores, TaskScores::interquartileMean);
        assertThat(new StratifiedBootstrap(3, 500).interval(scores, TaskScores::interquartileMean))
                .isEqualTo(first);
        assertThat(new StratifiedBootstrap(4, 500).interval(scores, TaskScores::interquartileMean))
                .isNotEqualTo(first);
    }

    @Test
    void whatIsDrawnOnceForAllFiguresIsWhatWasDrawnForEach() {
        // Recorded when every figure drew its own replicates.
        var scores = TaskScores.of(new double[] {1, 2, 3, 9}, new double[] {4, 5, 6, 6.5, 8});
        var replicates = new StratifiedBootstrap(3, 500).of(scores);
        assertThat(replicates.interval(TaskScores::mean)).isEqualTo(new Interval(3.473750000000001, 6.8));
        assertThat(replicates.interval(TaskScores::interquartileMean)).isEqualTo(new Interval(3.6, 7.1));
        assertThat(replicates.improvementOver(new StratifiedBootstrap(3, 500)
                        .of(TaskScores.of(new double[] {2, 2, 5}, new double[] {4, 5.5, 6, 7}))))
                .isEqualTo(new Interval(0.23114583333333338, 0.8460416666666665));
        assertThat(replicates.profile(List.of(2.5, 5.5)))
                .extracting(StratifiedBootstrap.Share::band)
                .containsExactly(new Interval(0.5, 1), new Interval(0.11187500000000027, 0.775));
    }

    @Test
    void bothResultsOfAPairAreDrawnByThemselves() {
        // If the same runs were drawn of both, every replicate would tie as often: the interval would be one point.
        var scores = TaskScores.of(new double[] {0, 1, 2, 3, 4, 5});
        var interval = MANY.improvement(scores, scores);
        assertThat(interval.low()).isLessThan(0.25);
        assertThat(interval.high()).isGreaterThan(0.75);
        assertThat(interval.low() + interval.high()).isCloseTo(1, within(0.06));
    }

    @Test
    void fewRunsOrEqualOnesHaveNoInterval() {
        var two = TaskScores.of(new double[] {1, 2, 3}, new double[] {1, 2});
        assertThat(MANY.interval(two, TaskScores::mean)).isEqualTo(Interval.NONE);
        assertThat(MANY.improvement(two, two)).isEqualTo(Interval.NONE);
        assertThat(MANY.profile(two, List.of(1.5)))
                .containsExactly(new StratifiedBootstrap.Share(1.5, (2 / 3.0 + 1 / 2.0) / 2, Interval.NONE));
        var equal = TaskScores.of(new double[] {5, 5, 5});
        assertThat(MANY.interval(equal, TaskScores::mean)).isEqualTo(Interval.NONE);
        // Nothing shows how often a run of the other would win, though none did.
        assertThat(MANY.improvement(equal, TaskScores.of(new double[] {1, 2, 3})))
                .isEqualTo(Interval.NONE);
    }

    @Test
    void aProfileHasABandAtEveryThreshold() {
        var scores = TaskScores.of(new double[] {0, 10, 20, 30});
        var profile = MANY.profile(scores, List.of(-1.0, 15.0, 30.0));
        assertThat(profile).extracting(StratifiedBootstrap.Share::share).containsExactly(1.0, 0.5, 0.0);
        // Below all scores and above them every replicate says the same.
        assertThat(profile.get(0).band()).isEqualTo(new Interval(1, 1));
        assertThat(profile.get(2).band()).isEqualTo(new Interval(0, 0));
        // Of four draws none is above in 1/16, and so all of them.
        assertThat(profile.get(1).band()).isEqualTo(new Interval(0, 1));
    }

    /** How often nominal 95 % intervals of the mean hold it, in 1,000 simulated comparisons: fewer runs, shorter intervals. */
    @ParameterizedTest(name = "{0} tasks, {1} runs each")
    @CsvSource({"1, 3, 0.70, 0.78", "5, 3, 0.82, 0.88", "5, 5, 0.86, 0.92", "5, 10, 0.89, 0.95", "10, 3, 0.84, 0.90"})
    void ofFewRunsAnIntervalHoldsLessOftenThanItSays(int tasks, int runs, double least, double most) {
        var bootstrap = new StratifiedBootstrap(0, 200);
        var random = new Seeds(5).generator("simulated results", tasks * 100 + runs);
        var held = 0;
        for (var i = 0; i < 1_000; i++) {
            var scores = IntStream.range(0, tasks)
                    .mapToObj(task -> IntStream.range(0, runs)
                            .mapToDouble(run -> random.nextGaussian())
                            .toArray())
                    .toArray(double[][]::new);
            if (bootstrap.interval(TaskScores.of(scores), TaskScores::mean).contains(0)) {
                held++;
            }
        }
        assertThat(held / 1_000.0).isBetween(least, most);
    }
}
