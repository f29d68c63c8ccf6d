package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.report.ReportData.Baseline;
import io.hindcast.report.TrainedRun.Evaluation;
import io.hindcast.report.TrainedRun.Played;
import io.hindcast.report.chart.LineChart;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResultTest {
    private static final Map<String, Object> HOT = Map.of("policy", Map.of("temperature", 3));

    private static TrainedRun run(String learner, Map<String, Object> config, long seed, double... returns) {
        var evaluations = new java.util.ArrayList<Evaluation>();
        for (var value : returns) {
            evaluations.add(new Evaluation(100L * evaluations.size(), value, 10));
        }
        return run(learner, config, seed, "finished", null, 50.0 * seed, evaluations);
    }

    private static TrainedRun run(
            String learner,
            Map<String, Object> config,
            long seed,
            String outcome,
            @Nullable String reason,
            double speed,
            List<Evaluation> evaluations) {
        return new TrainedRun(
                learner + seed,
                learner,
                "all",
                learner,
                config,
                config,
                seed,
                outcome,
                reason,
                200,
                speed,
                OptionalLong.empty(),
                evaluations,
                Map.of(),
                List.of(),
                List.of());
    }

    private static TrainedRun swept(String name, double alpha, double discount, long seed, double end) {
        var run = run("cql", Map.of("alpha", alpha, "discount", discount), seed, end);
        return new TrainedRun(
                name + seed,
                name,
                run.subset(),
                run.learner(),
                run.config(),
                run.resolvedConfig(),
                seed,
                run.outcome(),
                null,
                run.updates(),
                run.updatesPerSecond(),
                run.switchedAt(),
                run.evaluations(),
                run.metrics(),
                run.paths(),
                run.gaps());
    }

    private static List<Result> results(TrainedRun... runs) {
        return Result.of(List.of(runs));
    }

    @Test
    void runsThatDifferInTheirSeedAloneAreOneRow() {
        var results = results(
                run("iql", Map.of(), 2, -20),
                run("iql", HOT, 1, -30),
                run("bc", Map.of(), 1, -90),
                run("iql", Map.of(), 1, -22));
        assertThat(results).extracting(Result::learner).containsExactly("iql", "iql", "bc");
        assertThat(results)
                .filteredOn(result ->
                        result.learner().equals("iql") && result.config().isEmpty())
                .singleElement()
                .satisfies(result ->
                        assertThat(result.runs()).extracting(TrainedRun::seed).containsExactly(1L, 2L));
    }

    @Test
    void finalIsTheLastEvaluationAndBestTheHighestOfEachSeed() {
        var result = results(run("iql", Map.of(), 1, -150, -20, -26), run("iql", Map.of(), 2, -150, -40, -30))
                .get(0);
        // Finals -26 and -30, deviations 2 and 2: sqrt(8 / 1). Bests -20 and -30.
        assertThat(result.finals().mean()).isEqualTo(-28);
        assertThat(result.finals().standardDeviation()).isCloseTo(Math.sqrt(8), within(1e-12));
        assertThat(result.bests().mean()).isEqualTo(-25);
    }

    @Test
    void rowsAreSortedByFinalReturnNotByTheHighestAndThoseWithoutOneAreLast() {
        var results = results(
                run("awac", Map.of(), 1),
                run("bc", Map.of(), 1, -5, -90),
                run("dqn", Map.of(), 1),
                run("iql", Map.of(), 1, -150, -20));
        assertThat(results).extracting(Result::name).containsExactly("iql", "bc", "awac", "dqn");
    }

    @Test
    void anIntervalIsOfTheEpisodesThatAllSeedsPlayed() {
        // Means 2, 3, 4 in episodes 1, 2 and 3 that all played, with the same deviations -2, 0, 2; seed 1 alone played
        // a fourth.
        var first = played(0, 2, 4, 999);
        var result = results(
                        run("iql", Map.of(), 1, "finished", null, 1, List.of(evaluation(100, 2, first))),
                        run("iql", Map.of(), 2, "finished", null, 1, List.of(evaluation(100, 3, played(1, 3, 5)))),
                        run("iql", Map.of(), 3, "finished", null, 1, List.of(evaluation(100, 4, played(2, 4, 6)))))
                .get(0);
        assertThat(result.finals().interval().high()).isCloseTo(3 + 4.302653 * Math.sqrt((1 + 4) / 3.0), within(1e-6));
    }

    @Test
    void theLastThreeCheckpointsAreOneMeanOfEachSeedAndOfEachEpisode() {
        // Checkpoints 1, 2, 6 make 3 of the first seed; the one before counts no more. Of every episode they make the
        // mean.
        var checkpoints = List.of(
                evaluation(100, -99, played(-99, -99)),
                evaluation(200, 1, played(0, 2)),
                evaluation(300, 2, played(1, 3)),
                evaluation(400, 6, played(2, 10)));
        var run = run("iql", Map.of(), 1, "finished", null, 1, checkpoints);
        assertThat(results(run, run("iql", Map.of(), 2, 5, 5, 5))
                        .get(0)
                        .lastThree()
                        .mean())
                .isEqualTo(4);
        assertThat(run.episodes(3, Figure.RETURN)).isEqualTo(Map.of(0, 1.0, 1, 5.0));
        assertThat(run.episodes(1, Figure.RETURN)).isEqualTo(Map.of(0, 2.0, 1, 10.0));
    }

    private static Evaluation evaluation(long step, double mean, List<Played> played) {
        return new Evaluation(step, mean, played.size(), Double.NaN, Double.NaN, played);
    }

    private static List<Played> played(double... returns) {
        return IntStream.range(0, returns.length)
                .mapToObj(episode -> new Played(episode, returns[episode], Double.NaN, Double.NaN))
                .toList();
    }

    @Test
    void theLearningCurveIsTheMeanOverTheSeedsThatWereEvaluatedThere() {
        var curve = results(run("iql", Map.of(), 1, -100, -20), run("iql", Map.of(), 2, -140))
                .get(0)
                .points(run -> run.curve(Figure.RETURN));
        assertThat(curve).hasSize(2);
        assertThat(curve.get(0).mean()).isEqualTo(-120);
        assertThat(curve.get(0).seeds()).isEqualTo(2);
        assertThat(curve.get(1)).isEqualTo(new LineChart.Point(100, -20, Double.NaN, 1, -20, -20));
    }

    @Test
    void theConfigurationIsALineWithDotsForSections() {
        assertThat(results(run("iql", HOT, 1)).get(0).configText()).isEqualTo("policy.temperature 3");
        assertThat(results(run("iql", Map.of(), 1)).get(0).configText()).isEqualTo("defaults");
    }

    @Test
    void whatWasNotMeasuredIsNullInTheJson() throws Exception {
        var failed = run("iql", HOT, 2, "failed", "out of memory", Double.NaN, List.of());
        var report = new ReportData(
                "test",
                null,
                null,
                results(run("iql", HOT, 1, -150, -20), failed),
                Map.of("iql", new Published(-13.4, "table 1", -14.5, Figure.RETURN)),
                List.of(
                        Baseline.of("behaviour", "the logged episodes", -100, 2, 4),
                        Baseline.of("uniform", "as D4RL measured it", -150, Double.NaN, 0)),
                null,
                Reports.NO_DATA,
                new ReportData.Provenance(
                        List.of(new ReportData.Source("runs", 1, 2, "abc", "2026-01-01T00:00:00Z")),
                        Map.of("java", "17")),
                Reports.NO_LINKS);
        var json = new ObjectMapper().readTree(ResultsJson.json(report));
        var expected = """
                {"results": [{"name": "iql", "subset": "all", "learner": "iql", "config": {"policy": {"temperature": 3}},
                  "seeds": [1, 2], "runs": ["iql1", "iql2"],
                  "final": {"mean": -20.0, "std": null, "interquartile_mean": null, "per_seed": [-20.0, null],
                            "interval": [null, null]},
                  "last_three": {"mean": -85.0, "std": null, "interquartile_mean": null, "per_seed": [-85.0, null],
                                 "interval": [null, null]},
                  "best": {"mean": -20.0, "std": null, "interquartile_mean": null, "per_seed": [-20.0, null]},
                  "last_five": {"mean": -85.0, "min": -150.0}, "score": null, "success": null,
                  "published": {"figure": "return", "value": -13.4, "source": "table 1"},
                  "reach": {"figure": "return", "target": -14.5, "by": "never"}, "online_from": null,
                  "updates": 200, "updates_per_second": 50.0, "outcome": ["finished", "failed"]}],
                 "sweeps": [],
                 "baselines": [
                   {"name": "behaviour", "what": "the logged episodes", "mean": -100.0, "std": 2.0, "episodes": 4,
                    "interval": [LOW, HIGH]},
                   {"name": "uniform", "what": "as D4RL measured it", "mean": -150.0, "std": null, "episodes": 0,
                    "interval": [null, null]}],
                 "intervals": {"of": "the mean over seeds", "method": "student-t over seeds and shared episodes",
                               "confidence": 0.95, "least_seeds": 3},
                 "environment": null, "maze": null, "provenance": {"java": "17", "tables": [{"table": "runs", "version": 1, "rows": 2, "fingerprint": "abc",
                                "created": "2026-01-01T00:00:00Z"}]}}
                """;
        // Of four episodes: t of three degrees, 3.182, times 2 / sqrt(4).
        var interval = json.at("/baselines/0/interval");
        assertThat(interval.get(0).asDouble()).isCloseTo(-100 - 3.182446, within(1e-6));
        assertThat(interval.get(1).asDouble()).isCloseTo(-100 + 3.182446, within(1e-6));
        assertThat(json)
                .isEqualTo(new ObjectMapper()
                        .readTree(expected.replace("LOW", interval.get(0).asText())
                                .replace("HIGH", interval.get(1).asText())));
    }

    @Test
    void theTableForATerminalIsAlignedAsciiText() {
        var runs = results(
                run("iql", Map.of(), 1, -99, -20), run("iql", Map.of(), 2, -23, -23), run("bc", Map.of(), 1, -90));
        assertThat(lines(runs, Map.of(), Baseline.of("behaviour", "the logged episodes", -50, 3, 9)))
                .containsExactly(
                        "name       subset  learner  seeds  final return   last three      best return    updates"
                                + "  updates/s  outcome",
                        "iql        all     iql      2      -21.5 +/- 2.1  -41.3 +/- 25.8  -21.5 +/- 2.1  200    "
                                + "  75         2 finished",
                        "behaviour  -       -        -      -50.0          -               -              -      "
                                + "  -          -",
                        "bc         all     bc       1      -90.0          -90.0           -90.0          200    "
                                + "  50         1 finished");
        assertThat(lines(List.of(), Map.of())).isEmpty();
    }

    @Test
    void theTableForATerminalHasTheIntervalsOfThreeSeeds() {
        var runs = results(
                run("iql", Map.of(), 1, "finished", null, 1, List.of(evaluation(100, 2, played(0, 2, 4)))),
                run("iql", Map.of(), 2, "finished", null, 1, List.of(evaluation(100, 3, played(1, 3, 5)))),
                run("iql", Map.of(), 3, "finished", null, 1, List.of(evaluation(100, 4, played(2, 4, 6)))));
        // 3 give or take 5.55; one checkpoint has no other columns.
        assertThat(lines(runs, Map.of()))
                .containsExactly(
                        "name  subset  learner  seeds  final return   95 % interval  updates  updates/s  outcome",
                        "iql   all     iql      3      3.00 +/- 1.00  -2.55 to 8.55  200      1          3 finished");
    }

    @Test
    void theTableForATerminalSaysWhatWasPublishedAndWhetherTheTargetIsReached() {
        var lines = lines(
                results(run("iql", Map.of(), 1, -20), run("bc", Map.of(), 1, -5, -90)),
                Map.of(
                        "iql", new Published(-13.4, null, -25.0, Figure.RETURN),
                        "bc", new Published(null, null, -25.0, Figure.RETURN)));
        assertThat(lines.get(0)).contains("best return  published  target           updates");
        assertThat(lines.get(2)).startsWith("bc").contains("  -          reached at best  ");
        assertThat(lines.get(1)).startsWith("iql").contains("  -13.4      reached          ");
    }

    private static List<String> lines(List<Result> results, Map<String, Published> published, Baseline... baselines) {
        return ResultsTable.lines(Reports.of(results, published, baselines));
    }

    @Test
    void aFigureOfASubsetGoesBeforeThatOfTheName() {
        var ofName = new Published(1.0, null, null, Figure.RETURN);
        var ofSubset = new Published(2.0, null, null, Figure.RETURN);
        var result = results(run("iql", Map.of(), 1, -20)).get(0);
        assertThat(result.published(Map.of("iql", ofName))).hasValue(ofName);
        assertThat(result.published(Map.of("iql", ofName, "iql on all", ofSubset)))
                .hasValue(ofSubset);
        assertThat(result.published(Map.of("iql on best", ofSubset))).isEmpty();
    }

    @Test
    void aTargetIsReachedByTheMeanOverSeedsAtTheEndOrOnlyAtBest() {
        var result = results(run("iql", Map.of(), 1, -150, -10, -26), run("iql", Map.of(), 2, -150, -40, -30))
                .get(0);
        // Final -28, best (-10 - 30) / 2.
        assertThat(reached(result, -28)).isEqualTo(Reached.FINAL);
        assertThat(reached(result, -20)).isEqualTo(Reached.BEST);
        assertThat(reached(result, -19.9)).isEqualTo(Reached.NEVER);
        assertThat(Reached.of(new Published(null, null, 0.0, Figure.SUCCESS), result))
                .isEqualTo(Reached.NEVER);
    }

    private static Reached reached(Result result, double target) {
        return Reached.of(new Published(null, null, target, Figure.RETURN), result);
    }

    @Test
    void theLastFiveEvaluationsOfEverySeedTellWhetherTheEndIsStable() {
        var returns = results(run("iql", Map.of(), 1, -150, -20, -20, -20, -20, -30), run("iql", Map.of(), 2, -10, -14))
                .get(0)
                .summaries()
                .get(Figure.RETURN);
        // (-110 / 5 - 24 / 2) / 2; the first of seed 1 is not among its last five.
        assertThat(returns.lastMean()).isEqualTo(-17);
        assertThat(returns.lastMin()).isEqualTo(-30);
    }

    @Test
    void successAndScoreAreSummedUpAsReturnsAre() {
        var result = results(
                        run("iql", Map.of(), 1, "finished", null, 1, List.of(new Evaluation(0, -5, 4, 0.75, 90))),
                        run("iql", Map.of(), 2, "finished", null, 1, List.of(new Evaluation(0, -5, 4, 0.25, 70))))
                .get(0);
        assertThat(result.summary(Figure.SUCCESS).orElseThrow().finals().mean()).isEqualTo(50);
        assertThat(result.summary(Figure.SCORE).orElseThrow().finals().mean()).isEqualTo(80);
        assertThat(results(run("iql", Map.of(), 1, -20)).get(0).summary(Figure.SCORE))
                .isEmpty();
    }

    @Test
    void rowsWhoseNamesEndWithTheValueOfOneNumberAreASweep() {
        var sweeps = SweepResult.of(results(
                swept("cql-alpha-10", 10, 0.9, 1, -30),
                swept("cql-alpha-0.1", 0.1, 0.9, 1, -20),
                swept("cql-alpha-0.1", 0.1, 0.9, 2, -22),
                swept("cql-alpha-1.0E-4", 1e-4, 0.9, 1, -25),
                // Another discount is another sweep, and another name none.
                swept("cql-alpha-5", 5, 0.5, 1, -1),
                swept("cql", 7, 0.9, 1, -2)));
        assertThat(sweeps).singleElement().satisfies(sweep -> {
            assertThat(sweep.name()).isEqualTo("cql");
            assertThat(sweep.key()).isEqualTo("alpha");
            assertThat(sweep.finals())
                    .extracting(LineChart.Point::x, LineChart.Point::mean, LineChart.Point::seeds)
                    .containsExactly(tuple(1e-4, -25.0, 1), tuple(0.1, -21.0, 2), tuple(10.0, -30.0, 1));
            assertThat(sweep.valueMetric()).isEmpty();
        });
    }
}
