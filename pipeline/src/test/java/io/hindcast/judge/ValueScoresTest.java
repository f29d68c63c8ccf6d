package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which of several value functions is right, where all is known. */
class ValueScoresTest {
    private final SmallProcess process = SmallProcess.timeLimit();
    private final double[][] exact = process.actionValues(process.policy());

    /** The exact values; 0.5 too high everywhere; twice as far from 0; of another policy. */
    private double[][][] candidates() {
        return new double[][][] {
            exact,
            Arrays.stream(exact)
                    .map(row -> Arrays.stream(row).map(q -> q + 0.5).toArray())
                    .toArray(double[][]::new),
            Arrays.stream(exact)
                    .map(row -> Arrays.stream(row).map(q -> 2 * q).toArray())
                    .toArray(double[][]::new),
            process.actionValues(process.behaviour())
        };
    }

    private double discount(SmallProcess.Move move) {
        return Math.pow(process.discount(), process.duration()[move.state()][move.action()]);
    }

    @Test
    void theExactValuesHaveTheBestScores() {
        var candidates = candidates();
        var lstd = new LstdTournament(candidates.length);
        var halves =
                new LstdTournament[] {new LstdTournament(candidates.length), new LstdTournament(candidates.length)};
        var bvft = new Bvft(candidates.length, 0, 14, 16);
        var random = new SplittableRandom(1);
        for (var i = 0; i < 1000; i++) {
            for (var move : process.moves(random)) {
                var values = new double[candidates.length];
                var nextValues = new double[candidates.length];
                for (var k = 0; k < values.length; k++) {
                    values[k] = candidates[k][move.state()][move.action()];
                    if (move.next() >= 0) {
                        nextValues[k] =
                                discount(move) * SmallProcess.stateValues(candidates[k], process.policy())[move.next()];
                    }
                }
                lstd.add(values, move.reward(), nextValues);
                halves[i % 2].add(values, move.reward(), nextValues);
                bvft.add(values, move.reward(), nextValues);
            }
        }
        for (var scores : new double[][] {lstd.scores(), bvft.scores()}) {
            for (var k = 1; k < scores.length; k++) {
                assertThat(scores[k]).isGreaterThan(1.5 * scores[0]);
            }
        }
        assertThat(halves[1].merge(halves[0]).scores()).isEqualTo(lstd.scores());
    }

    @Test
    void aTournamentByHand() {
        // One step that earns 2 and ends: candidates say 2 and 3.
        var lstd = new LstdTournament(2).add(new double[] {2, 3}, 2, new double[2]);
        assertThat(lstd.scores()).containsExactly(0, 1);

        var bvft = new Bvft(2, 0, 4, 4)
                .add(new double[] {2, 3}, 2, new double[2])
                .add(new double[] {2, 3}, 3, new double[] {-1, -2});
        assertThat(bvft.scores()).containsExactly(0, 1.5);
        assertThat(new LstdTournament(1).scores()[0]).isNaN();
        assertThat(new Bvft(1, 0, 1, 1).scores()[0]).isNaN();
    }

    @Test
    void episodesAreScoredStepByStepHoweverTheyAreCutAndOnlyIfAllModelsTellOfThem() {
        var candidates = candidates();
        var expected = new LstdTournament(2);
        var log = new ArrayList<List<Episode>>();
        var random = new SplittableRandom(5);
        for (var i = 0; i < 50; i++) {
            var moves = process.moves(random);
            for (var move : moves) {
                var values = new double[2];
                var nextValues = new double[2];
                for (var k = 0; k < 2; k++) {
                    values[k] = candidates[k][move.state()][move.action()];
                    if (move.next() >= 0) {
                        nextValues[k] =
                                discount(move) * SmallProcess.stateValues(candidates[k], process.policy())[move.next()];
                    }
                }
                expected.add(values, move.reward(), nextValues);
            }
            log.add(List.of(
                    episode(moves, candidates[0]),
                    new Episode.Fold("x", 1).step(new Episode.Step(0, 0, 1)).end(Ending.TERMINATED, Double.NaN),
                    episode(moves, candidates[1])));
        }
        var range = new ValueScores.Range(3);
        var other = new ValueScores.Range(3);
        log.subList(0, 20).forEach(range::add);
        log.subList(20, 50).forEach(other::add);
        range.merge(other);
        var whole = range.second();
        log.forEach(whole::add);
        var parts = List.of(range.second(), range.second());
        for (var i = log.size() - 1; i >= 0; i--) {
            parts.get(i % 2).add(log.get(i));
        }
        parts.get(1).merge(parts.get(0));

        assertThat(parts.get(1).scores(3)).isEqualTo(whole.scores(3));
        assertThat(whole.scores(3).get(1).isKnown()).isFalse();
        assertThat(whole.scores(3).get(0).lstdTournament()).isEqualTo(expected.scores()[0], within(1e-12));
        assertThat(whole.scores(3).get(2).lstdTournament()).isEqualTo(expected.scores()[1], within(1e-12));
        assertThat(whole.scores(3).get(0).bvft())
                .isLessThan(whole.scores(3).get(2).bvft());
        var one = new ValueScores.Range(1);
        one.add(List.of(log.get(0).get(0)));
        assertThat(one.second().scores(1)).containsExactly(ValueScore.NONE);
    }

    private Episode episode(List<SmallProcess.Move> moves, double[][] q) {
        var v = SmallProcess.stateValues(q, process.policy());
        var fold = new Episode.Fold("x", process.discount());
        var end = 0;
        for (var move : moves) {
            var s = move.state();
            var duration = process.duration()[s][move.action()];
            fold.step(new Episode.Step(0, 0, move.reward(), duration, q[s][move.action()], v[s]));
            end = move.next();
        }
        return end < 0 ? fold.end(Ending.TERMINATED, Double.NaN) : fold.end(Ending.TRUNCATED, v[end]);
    }
}
