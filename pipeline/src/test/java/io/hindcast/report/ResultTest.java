package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.report.TrainedRun.Evaluation;
import io.hindcast.run.Seeds;
import java.util.List;
import java.util.Map;
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
                evaluations,
                Map.of());
    }

    private static List<Result> results(TrainedRun... runs) {
        return Result.of(List.of(runs), new Seeds(0));
    }

    @Test
    void runsThatDifferInTheirSeedAloneAreOneRow() {
        var results = results(
                run("iql", Map.of(), 2, -20),
                run("iql", HOT, 1, -30),
                run("bc", Map.of(), 1, -90),
                run("iql", Map.of(), 1, -22));
        assertThat(results).extracting(Result::learner).containsExactly("bc", "iql", "iql");
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
    void theBestRowIsTheOneWithTheHighestFinalReturnNotTheHighestBest() {
        var results = results(run("bc", Map.of(), 1, -5, -90), run("iql", Map.of(), 1, -150, -20));
        assertThat(Result.best(results)).hasValue(1);
        assertThat(Result.best(results(run("bc", Map.of(), 1)))).isEmpty();
    }

    @Test
    void theLearningCurveIsTheMeanOverTheSeedsThatWereEvaluatedThere() {
        var curve = results(run("iql", Map.of(), 1, -100, -20), run("iql", Map.of(), 2, -140))
                .get(0)
                .learningCurve();
        assertThat(curve).hasSize(2);
        assertThat(curve.get(0).mean()).isEqualTo(-120);
        assertThat(curve.get(0).seeds()).isEqualTo(2);
        assertThat(curve.get(1)).isEqualTo(new LineChart.Point(100, -20, Double.NaN, 1));
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
                results(run("iql", HOT, 1, -150, -20), failed),
                new ReportData.Dataset(List.of(), Map.of(), null, null, List.of()),
                new ReportData.Provenance(
                        List.of(new ReportData.Source("runs", 1, 2, "abc", "2026-01-01T00:00:00Z")),
                        Map.of("java", "17")));
        var json = new ObjectMapper().readTree(ResultsJson.json(report));
        var expected = """
                {"results": [{"name": "iql", "subset": "all", "learner": "iql", "config": {"policy": {"temperature": 3}},
                  "seeds": [1, 2],
                  "final": {"mean": -20.0, "std": null, "interquartile_mean": -20.0, "interval": [-20.0, -20.0],
                            "per_seed": [-20.0, null]},
                  "best": {"mean": -20.0, "std": null, "interquartile_mean": -20.0, "interval": [-20.0, -20.0],
                           "per_seed": [-20.0, null]},
                  "updates": 200, "updates_per_second": 50.0, "outcome": ["finished", "failed"]}],
                 "environment": null, "maze": null, "provenance": {"java": "17", "tables": [{"table": "runs", "version": 1, "rows": 2, "fingerprint": "abc",
                                "created": "2026-01-01T00:00:00Z"}]}}
                """;
        assertThat(json).isEqualTo(new ObjectMapper().readTree(expected));
    }

    @Test
    void theTableForATerminalIsAlignedAsciiText() {
        var lines = ResultsTable.lines(results(run("iql", Map.of(), 1, -20), run("iql", Map.of(), 2, -23)));
        assertThat(lines)
                .containsExactly(
                        "name  subset  learner  seeds  final return   best return    updates  updates/s  outcome",
                        "iql   all     iql      2      -21.5 +/- 2.1  -21.5 +/- 2.1  200      75         2 finished");
        assertThat(ResultsTable.lines(List.of())).isEmpty();
    }
}
