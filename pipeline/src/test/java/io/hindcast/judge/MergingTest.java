package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.stats.DatasetStats.Ending;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** The same episodes give the same bytes, in whatever order and parts. */
class MergingTest {
    private static final List<Estimator> ALL = List.of(
            new Is(),
            new Wis(),
            new Pdis(Tail.MODEL),
            new Wpdis(Tail.MODEL),
            new Dm(),
            new Dr(),
            new Wdr(),
            new Magic(),
            new SwitchDr(2),
            new SubGaussian(0.1));

    @RepeatedTest(5)
    void partsAndOrderChangeNoBit(RepetitionInfo repetition) throws IOException {
        var random = new Random(repetition.getCurrentRepetition());
        var log = new ArrayList<Episode>();
        for (var i = 0; i < 60; i++) {
            log.add(episode("episode " + i, random));
        }
        var first = firstPass(log);
        var second = secondPass(first, log);
        for (var time = 0; time < 5; time++) {
            Collections.shuffle(log, random);
            var parts = parts(log, random);
            var merged = new FirstPass(ALL);
            parts.forEach(part -> merged.merge(firstPass(part)));
            assertThat(bytes(merged)).isEqualTo(bytes(first));

            var mergedSecond = merged.second(new Bootstrap(7, 20));
            parts.forEach(part -> mergedSecond.merge(secondPass(merged, part)));
            assertThat(bytes(mergedSecond)).isEqualTo(bytes(second));
            assertThat(mergedSecond.estimates(0.9)).isEqualTo(second.estimates(0.9));
        }
    }

    private static FirstPass firstPass(List<Episode> log) {
        var pass = new FirstPass(ALL);
        log.forEach(pass::add);
        return pass;
    }

    private static SecondPass secondPass(FirstPass first, List<Episode> log) {
        var pass = first.second(new Bootstrap(7, 20));
        log.forEach(pass::add);
        return pass;
    }

    private static List<List<Episode>> parts(List<Episode> log, Random random) {
        var parts = new ArrayList<List<Episode>>();
        for (var from = 0; from < log.size(); ) {
            var to = Math.min(log.size(), from + random.nextInt(20));
            parts.add(log.subList(from, to));
            from = to;
        }
        return parts;
    }

    /** Of one to twelve steps; ratios now and then far beyond doubles, or 0. */
    private static Episode episode(String id, Random random) {
        var fold = new Episode.Fold(id, 0.9);
        var length = random.nextInt(1, 13);
        for (var t = 0; t < length; t++) {
            var ratio = random.nextInt(20) == 0
                    ? Double.NEGATIVE_INFINITY
                    : random.nextInt(10) == 0 ? 500 * random.nextGaussian() : random.nextGaussian();
            fold.step(new Episode.Step(
                    ratio,
                    0,
                    random.nextGaussian(),
                    random.nextDouble(),
                    random.nextGaussian(),
                    random.nextGaussian()));
        }
        return fold.end(Ending.TRUNCATED, random.nextGaussian());
    }

    private static byte[] bytes(Serializable state) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(state);
        }
        return bytes.toByteArray();
    }

    @Test
    void aSumIsExactDownTo70BitsUnderItsLargestTerm() {
        var random = new Random(3);
        for (var time = 0; time < 200; time++) {
            var sums = new Sums(1);
            var exact = BigDecimal.ZERO;
            for (var i = 0; i < 50; i++) {
                var term = random.nextGaussian() * Math.scalb(1.0, random.nextInt(20) - 10);
                var exponent = random.nextInt(-5, 5);
                sums.add(0, term, exponent);
                exact = exact.add(new BigDecimal(Math.scalb(term, exponent)));
            }
            assertThat(sums.of(0).toDouble())
                    .isEqualTo(exact.round(new MathContext(40)).doubleValue());
        }
    }

    @Test
    void replicatesDrawAnEpisodeOnceOnAverage() {
        var bootstrap = new Bootstrap(5, 200);
        var sum = 0;
        var squares = 0;
        for (var i = 0; i < 500; i++) {
            for (var count : bootstrap.counts("episode " + i)) {
                sum += count;
                squares += (count - 1) * (count - 1);
            }
        }
        assertThat(sum / 100_000.0).isBetween(0.99, 1.01);
        assertThat(squares / 100_000.0).isBetween(0.98, 1.02);
        assertThat(bootstrap.counts("episode 3")).isEqualTo(bootstrap.counts("episode 3"));
        assertThat(bootstrap.counts("episode 3")).isNotEqualTo(bootstrap.counts("episode 4"));
        assertThat(new Bootstrap(6, 200).counts("episode 3")).isNotEqualTo(bootstrap.counts("episode 3"));
        assertThat(Arrays.copyOf(bootstrap.counts("a"), 50)).isEqualTo(new Bootstrap(5, 50).counts("a"));
    }
}
