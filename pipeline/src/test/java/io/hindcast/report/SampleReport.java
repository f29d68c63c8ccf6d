package io.hindcast.report;

import io.hindcast.env.FloorPlan;
import io.hindcast.report.ReportData.Baseline;
import io.hindcast.report.ReportData.Dataset;
import io.hindcast.report.ReportData.Facts;
import io.hindcast.report.ReportData.Provenance;
import io.hindcast.report.ReportData.Source;
import io.hindcast.report.ReportData.Statistic;
import io.hindcast.report.TrainedRun.Evaluation;
import io.hindcast.report.TrainedRun.Logged;
import io.hindcast.report.TrainedRun.Played;
import io.hindcast.report.chart.Histogram;
import io.hindcast.report.chart.StateMap;
import io.hindcast.run.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** A report of made-up numbers that has everything a page can have; its {@code main} writes the page to look at. */
final class SampleReport {
    private static final FloorPlan FLOOR = FloorPlan.of("pointmass-medium").orElseThrow();

    private SampleReport() {}

    public static void main(String[] arguments) throws Exception {
        var data = arguments.length == 1 ? data() : many(Integer.parseInt(arguments[1]));
        Files.writeString(Path.of(arguments[0]), ReportPage.html(data));
    }

    /** The report of a sweep of one setting over so many values, a run each. */
    static ReportData many(int values) {
        var runs = new ArrayList<TrainedRun>();
        for (var i = 1; i <= values; i++) {
            var config = Map.<String, Object>of("alpha", (double) i);
            runs.add(run("cql-alpha-" + i, "all", "cql", config, 1, -150, -40 - i / 100.0));
        }
        var data = data();
        return Reports.with(data, Result.of(runs), data.baselines());
    }

    static ReportData data() {
        var runs = new ArrayList<TrainedRun>();
        for (var seed = 1; seed <= 3; seed++) {
            runs.add(run("iql", "all", "iql", Map.of("expectile", 0.9, "temperature", 0.1), seed, -150, -22.4));
            runs.add(run("awac", "all", "awac", Map.of(), seed, -150, -61.2));
            runs.add(run("bc", "all", "bc", Map.of(), seed, -150, -97.1));
            runs.add(run("bc", "top-10", "bc", Map.of(), seed, -150, -49.9));
            for (var alpha : List.of("0", "0.1", "1", "10")) {
                var value = Double.parseDouble(alpha);
                var config = Map.<String, Object>of("alpha", value);
                runs.add(run("cql-alpha-" + alpha, "all", "cql", config, seed, -150, -40 - 5 * value));
            }
        }
        runs.add(diverged());
        var written = new LinkedHashMap<String, String>();
        written.put("written", "2026-01-02T03:04:05Z");
        written.put("hindcast", "0.1.0");
        written.put("java", "17.0.12");
        written.put("spark", "4.1.0, local[2]");
        written.put("cores", "2");
        return new ReportData(
                "Stitching in the medium maze",
                "pointmass-medium",
                FLOOR,
                Result.of(runs),
                Map.of(
                        "iql", new Published(-20.5, "Kostrikov et al. 2021, table 9", -25.0, Figure.RETURN),
                        "bc on top-10", new Published(null, null, 95.0, Figure.SUCCESS)),
                List.of(
                        Baseline.of("behaviour", "the logged episodes", -103.4, 38.2, 79),
                        Baseline.of("uniform", "random actions in evaluation episodes", -148.9, 6.1, 50)),
                null,
                dataset(),
                new Provenance(
                        List.of(
                                new Source("transitions", 1, 8_184, "3f0c9a527be1d4460d2b9f9d0a6e8c11", "2026-01-02"),
                                new Source("runs", 2, 13, "a41bd77e02c95f08811f7f6a3c2e9d40", "2026-01-02")),
                        written),
                Reports.NO_LINKS);
    }

    private static TrainedRun run(
            String name, String subset, String learner, Map<String, Object> config, int seed, double from, double to) {
        var random = new Seeds(seed).generator(name + subset, 0);
        var evaluations = new ArrayList<Evaluation>();
        var critic = new ArrayList<Logged>();
        var policy = new ArrayList<Logged>();
        for (var step = 0; step <= 20_000; step += 1_000) {
            var share = Math.exp(-step / 4_000.0);
            var mean = to + (from - to) * share + random.nextGaussian(0, 4);
            var success = Math.round(10 * (1 - share)) / 10.0;
            evaluations.add(new Evaluation(step, mean, 10, success, Double.NaN, played(mean, success)));
        }
        for (var step = 200; step <= 20_000; step += 200) {
            critic.add(new Logged(step, 2_000 * Math.exp(-step / 1_800.0) + 0.4 + random.nextDouble() * 0.1));
            policy.add(new Logged(step, 1.6 * Math.exp(-step / 6_000.0) + random.nextGaussian(0, 0.03)));
        }
        var metrics = new TreeMap<String, List<Logged>>();
        metrics.put("policy/loss", policy);
        if (!learner.equals("bc")) {
            metrics.put("critic/loss", critic);
            metrics.put(learner.equals("cql") ? "q-data/mean" : "value/mean", policy);
        }
        var resolved = new LinkedHashMap<String, Object>(config);
        resolved.put("optimiser", Map.of("learning-rate", 0.0003));
        return new TrainedRun(
                name + "-" + seed,
                name,
                subset,
                learner,
                config,
                resolved,
                seed,
                "finished",
                null,
                20_000,
                1_100 + seed,
                learner.equals("awac") ? OptionalLong.of(10_000) : OptionalLong.empty(),
                evaluations,
                metrics,
                List.of(walk(0, true, random), walk(1, seed > 1, random)),
                List.of());
    }

    /** Ten episodes, in the same of which all policies have luck. */
    private static List<Played> played(double mean, double success) {
        return IntStream.range(0, 10)
                .mapToObj(episode ->
                        new Played(episode, mean + 2 * episode - 9, episode < 10 * success ? 1 : 0, Double.NaN))
                .toList();
    }

    /** From the start along the free cells to the goal, or only half of the way. */
    private static TrainedRun.Path walk(int episode, boolean reaches, RandomGenerator random) {
        var cells = List.of(0, 0, 0, 1, 1, 1, 2, 1, 3, 0, 4, 1, 4, 0);
        var points = new ArrayList<Float>();
        for (var i = 0; i < cells.size() / (reaches ? 1 : 2) / 2 * 2; i++) {
            points.add((float) (cells.get(i) + 0.5 + random.nextGaussian(0, 0.1)));
        }
        return new TrainedRun.Path(episode, reaches, points);
    }

    private static TrainedRun diverged() {
        return new TrainedRun(
                "awac-hot-2",
                "awac-with-a-name-that-nobody-would-choose-but-somebody-will",
                "all",
                "awac",
                Map.of("temperature", 0.001, "critic", Map.of("learning-rate", 0.5)),
                Map.of(),
                2,
                "diverged",
                "critic/loss is NaN at update 1,312 <script>alert('x')</script>",
                1_312,
                Double.NaN,
                OptionalLong.empty(),
                List.of(new Evaluation(0, -150, 10), new Evaluation(1_000, -149.5, 10)),
                Map.of("critic/loss", List.of(new Logged(200, 5), new Logged(400, Double.NaN))),
                List.of(),
                List.of());
    }

    private static Dataset dataset() {
        var random = new Seeds(5).generator("states", 0);
        var bins = Histogram.Bins.over(-150, -46, 20);
        var whole = new ArrayList<Long>();
        var best = new ArrayList<Long>();
        for (var bin = 0; bin < bins.count(); bin++) {
            whole.add(bin == 0 ? 17L : 1 + random.nextLong(6));
            best.add(bin >= bins.count() - 4 ? whole.get(bin) / 2 + 1 : 0L);
        }
        var cells = new ArrayList<StateMap.Cell>();
        for (var column = 0; column < 96; column++) {
            for (var row = 0; row < 96; row++) {
                if (FLOOR.walls().get(column / 16).charAt(row / 16) != '#' && random.nextInt(3) > 0) {
                    var visits = Math.exp(6 * random.nextDouble() * (1 - Math.abs(column - row) / 130.0));
                    cells.add(new StateMap.Cell(column, row, (long) visits));
                }
            }
        }
        return new Dataset(
                List.of(
                        new Facts("all", 8_184, 79, -103.4, 38.2, -46, -150),
                        new Facts("top-10", 407, 8, -49.9, 2.3, -46, -53)),
                new TreeMap<>(Map.of("terminated", 62L, "truncated", 17L)),
                new Histogram(
                        "Episode returns",
                        "episode return",
                        "episodes",
                        bins,
                        new Histogram.Layer("all (79 of 79)", 0, whole),
                        List.of(new Histogram.Layer("top-10 (8 of 79)", 1, best))),
                new StateMap("Visited states", "x", "y", new StateMap.Density(0, 6, 0, 6, 96, 96, cells), FLOOR),
                null,
                List.of(
                        new Statistic("observation", 0, 8_184, 0.42, 0.21, 0, 0.99),
                        new Statistic("reward", 0, 8_184, -0.9924, 0.0867, -1, 0)));
    }
}
