package io.hindcast.judge;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.Part;
import io.hindcast.report.chart.ForestPlot;
import io.hindcast.report.chart.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether intervals and bounds hold what they promise: on logs of processes whose values are known exactly. */
class CoverageTest {
    private static final double CONFIDENCE = 0.95;

    /** Logs of each size, where coverage is measured. */
    private static final int MANY = 1000;

    private static final Set<String> ESTIMATORS = Set.of("pdis", "wpdis", "dr", "wdr", "is", "wis");

    private static final List<Row> TALLY = Collections.synchronizedList(new ArrayList<>());

    /** Of how many logs an interval was usable, and in how many of these it held. */
    record Row(String process, int episodes, String interval, int logs, int usable, int held) {
        String place() {
            return String.format(Locale.ROOT, "%s, %,d episodes", process, episodes);
        }

        double share() {
            return held / (double) usable;
        }

        String line() {
            return String.format(
                    Locale.ROOT, "%s,%d,%s,%d,%d,%d,%.4f", process, episodes, interval, logs, usable, held, share());
        }
    }

    static List<SmallProcess> processes() {
        return SmallProcess.all();
    }

    @ParameterizedTest
    @MethodSource("processes")
    void theValueLiesInTheInterval(SmallProcess process) {
        var tally = new Tally(process, 200, 150, 60);
        // So few logs tell coverage to 1.5 %, and there are fifty intervals.
        tally.verify(0.9);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("processes")
    void theValueLiesInTheIntervalAtThreeSizesAndErrorsFallWithTheRootOfTheSize(SmallProcess process) {
        Part.require(6);
        var errors = new ArrayList<Map<String, Double>>();
        for (var size : List.of(100, 400, 1600)) {
            var tally = new Tally(process, MANY, size, 200);
            tally.verify(0.93);
            errors.add(tally.errors());
        }
        errors.get(0).forEach((name, error) -> {
            assertThat(errors.get(1).get(name) / error).as(name).isBetween(0.4, 0.6);
            assertThat(errors.get(2).get(name) / errors.get(1).get(name))
                    .as(name)
                    .isBetween(0.4, 0.6);
        });
    }

    /**
     * As in a real log of a shop, an interval of 95 % holds far too rarely, corrected for the skewness or not, and a log without clicks of
     * large weight looks harmless; so nearly all such logs must be refused.
     */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(doubles = {0.005, 0.05})
    void whereClicksAreRareAndWeightsLargeNothingIsUsable(double clicks) {
        Part.require(5);
        var window = new ShopWindow(clicks);
        var logs = 1000;
        var held = 0;
        var heldByStudent = 0;
        var boundHeld = 0;
        var usable = 0;
        for (var k = 0; k < logs; k++) {
            var random = new SplittableRandom(k);
            var log =
                    Stream.generate(() -> window.episode(random)).limit(10_000).toList();
            var first = new FirstPass(List.of(new Wis()));
            log.forEach(first::add);
            var second = first.second(Bootstrap.NONE);
            log.forEach(second::add);
            var estimate = second.estimates(CONFIDENCE).get(0);
            held += estimate.interval().contains(clicks) ? 1 : 0;
            heldByStudent += Math.abs(estimate.value() - clicks) <= estimate.half(CONFIDENCE) ? 1 : 0;
            boundHeld += estimate.lowerBound(0.025) <= clicks ? 1 : 0;
            usable += estimate.objection() == null ? 1 : 0;
        }
        var told = String.format(
                "held %d, by Student's t %d, lower bound %d, usable %d", held, heldByStudent, boundHeld, usable);
        assertThat(usable).as(told).isLessThanOrEqualTo(logs / 100);
        assertThat(held).as(told).isBetween(heldByStudent + 1, (int) (0.9 * logs));
        assertThat(boundHeld).as(told).isGreaterThan((int) (0.97 * logs));
    }

    /** What the slow test counted, as a table and as the picture of docs/judging.md. */
    @AfterAll
    static void writeWhatWasCounted() throws IOException {
        var counted = TALLY.stream().filter(row -> row.logs() == MANY).toList();
        if (!counted.isEmpty()) {
            write(counted, Files.createDirectories(Path.of("target")));
        }
    }

    static void write(List<Row> counted, Path folder) throws IOException {
        var lines = new ArrayList<>(List.of("process,episodes,interval,logs,usable,held,share"));
        counted.forEach(row -> lines.add(row.line()));
        Files.write(folder.resolve("coverage.csv"), lines);
        var shares = counted.stream()
                .filter(row -> ESTIMATORS.contains(row.interval()))
                .collect(groupingBy(Row::place, LinkedHashMap::new, mapping(Row::share, toList())));
        var rows = new ArrayList<ForestPlot.Row>();
        shares.forEach((place, each) -> rows.add(new ForestPlot.Row(
                place,
                ForestPlot.Kind.ESTIMATE,
                each.stream().mapToDouble(share -> share).average().orElseThrow(),
                Double.NaN,
                Double.NaN,
                0,
                each,
                String.format(Locale.ROOT, "%.3f to %.3f", Collections.min(each), Collections.max(each)))));
        var chart = new ForestPlot(
                "How often usable intervals of 95 % hold",
                "share of logs whose interval holds the exact value; a dot is an estimator",
                rows,
                List.of(new Reference("what they say", CONFIDENCE), new Reference("demanded", 0.93)));
        Files.writeString(folder.resolve("coverage.svg"), chart.file());
    }

    @Test
    void whatHoldsLessOftenThanItSaysIsNeverUsable() {
        var process = SmallProcess.randomLength();
        var first = new FirstPass(List.of(new Magic(), new Dm(), new Is(), new Wis()));
        var log = log(process, 0, 400);
        log.forEach(first::add);
        var second = first.second(Bootstrap.NONE);
        log.forEach(second::add);

        assertThat(second.estimates(CONFIDENCE)).allMatch(estimate -> estimate.objection() != null);
    }

    private static List<Episode> log(SmallProcess process, int seed, int size) {
        var random = new SplittableRandom(1000 + seed);
        var log = new ArrayList<Episode>();
        for (var i = 0; i < size; i++) {
            log.add(process.episode("episode " + i, random));
        }
        return log;
    }

    /** How often intervals and bounds held. */
    private static final class Tally {
        private final SmallProcess process;
        private final int logs;
        private final int size;
        private final double truth;
        private final List<Estimator> estimators;
        private final Map<String, Integer> usable = new LinkedHashMap<>();
        private final Map<String, Integer> missed = new LinkedHashMap<>();
        private final Map<String, Double> squares = new LinkedHashMap<>();

        Tally(SmallProcess process, int logs, int size, int replicates) {
            this.process = process;
            this.logs = logs;
            this.size = size;
            truth = process.value();
            var tail = process.limit() > 0 ? Tail.MODEL : Tail.NOTHING;
            estimators = new ArrayList<>(List.of(new Pdis(tail), new Wpdis(tail), new Dr(), new Wdr()));
            if (process.limit() == 0) {
                estimators.addAll(List.of(new Is(), new Wis()));
            }
            for (var k = 0; k < logs; k++) {
                judge(log(process, k, size), new Bootstrap(k, replicates));
            }
            usable.forEach((what, times) ->
                    TALLY.add(new Row(process.name(), size, what, logs, times, times - missed.get(what))));
        }

        private void judge(List<Episode> log, Bootstrap bootstrap) {
            var first = new FirstPass(estimators);
            log.forEach(first::add);
            var second = first.second(bootstrap);
            log.forEach(second::add);
            for (var estimate : second.estimates(CONFIDENCE)) {
                var error = estimate.value() - truth;
                squares.merge(estimate.name(), error * error, Double::sum);
                if (estimate.objection() == null) {
                    count(estimate.name(), estimate.interval().contains(truth));
                    count(estimate.name() + " bootstrap", estimate.bootstrap().contains(truth));
                }
            }
            if (process.limit() == 0) {
                var bernstein = new ClippedBernstein(-30, List.of(50.0, 100.0));
                var sequence = new ConfidenceSequence(-30, 30);
                log.forEach(bernstein::add);
                log.forEach(sequence::add);
                count("clipped Bernstein", bernstein.lower(1 - CONFIDENCE) <= truth);
                count("confidence sequence", sequence.interval(1 - CONFIDENCE).contains(truth));
            }
            if (process.name().equals("one-step")) {
                var cressieRead = new CressieRead(-10, 10, 0, Double.POSITIVE_INFINITY);
                log.forEach(cressieRead::add);
                count("Cressie-Read", cressieRead.interval(1 - CONFIDENCE).contains(truth));
            }
        }

        private void count(String what, boolean holds) {
            usable.merge(what, 1, Integer::sum);
            missed.merge(what, holds ? 0 : 1, Integer::sum);
        }

        /** Root mean squares, of all logs, by what is usable in some. */
        Map<String, Double> errors() {
            var errors = new LinkedHashMap<String, Double>();
            squares.forEach((name, sum) -> {
                if (usable.containsKey(name)) {
                    errors.put(name, Math.sqrt(sum / logs));
                }
            });
            return errors;
        }

        /**
         * Of all logs, so many at most have an interval that is usable and misses; and where half are usable, so many of these hold.
         * (Where most are refused, those that look harmless are the ones that lack what is rare.)
         */
        void verify(double least) {
            assertThat(usable).containsKeys("pdis", "wpdis bootstrap", "dr", "wdr");
            usable.forEach((what, times) -> {
                assertThat(missed.get(what) / (double) logs)
                        .as("%s missed: %s", what, this)
                        .isLessThanOrEqualTo(1 - least);
                if (times >= 0.5 * logs) {
                    assertThat(1 - missed.get(what) / (double) times)
                            .as("coverage of %s: %s", what, this)
                            .isGreaterThanOrEqualTo(least);
                }
            });
        }

        @Override
        public String toString() {
            var text = new StringBuilder(process.name() + ", " + size + " episodes:");
            usable.forEach((what, times) -> text.append(String.format(
                    "%n  %-20s usable %.3f, holds %.3f",
                    what, times / (double) logs, 1 - missed.get(what) / (double) times)));
            return text.append("\n  errors ").append(errors()).toString();
        }
    }
}
