package io.hindcast.bench;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** Lets policies be judged by made-up logs, and measures that, each job in a JVM of its own. */
public final class JudgeBenchmark {
    private static final String FILE = "bench-judge.jsonl";

    /** A log so small that a job does hardly anything but start. */
    private static final int FEW = 2_000;

    private static final long ROWS_PER_FILE = 1_000_000;

    private static final String FRESH = "updates = 1, batch-size = 8, log-every = 1, checkpoint-every = 1, runs.policy"
            + " { learner = behaviour-cloning, settings.actor.hidden-layers = [64, 64] }, ";

    private static final String HALVES =
            "subsets { left.steps = [{ split { part = train, train = 0.5, validation = 0.5, test = 0 } }], right.steps ="
                    + " [{ split { part = validation, train = 0.5, validation = 0.5, test = 0 } }] }";

    private final StageContext context;
    private final JudgeBenchConfig config;
    private final OwnJvm jvm;
    private final BenchFolder folder;
    private final Path work;
    private final List<JudgeMeasurement> done = new ArrayList<>();

    private JudgeBenchmark(StageContext context, JudgeBenchConfig config, Class<?> main) {
        this.context = context;
        this.config = config;
        jvm = new OwnJvm(main, config.heap());
        folder = BenchFolder.at(context.warehouse().root());
        work = Path.of(folder.toString(), "bench-judge").toAbsolutePath();
    }

    /**
     * Measures, and writes {@code bench-judge.jsonl} into the output directory after every measurement.
     *
     * @param main the command line as a class: its arguments are a job and the job's options
     */
    public static StageResult run(StageContext context, JudgeBenchConfig config, Class<?> main) {
        var bench = new JudgeBenchmark(context, config, main);
        bench.clear();
        try {
            bench.measure();
        } finally {
            bench.clear();
        }
        BenchFolder.judgeTable(bench.done).forEach(context.progress()::say);
        return new StageResult(false, bench.done.size() + " measurements in " + bench.folder + "/" + FILE, List.of());
    }

    private void measure() {
        if (!config.rows().isEmpty()) {
            var policies = policies(MadeUpLog.OF_EPISODES, config.policies());
            var start = judgeEpisodes(FEW, policies, null);
            config.rows().forEach(rows -> judgeEpisodes(rows, policies, start));
        }
        if (config.decisions() > 0) {
            judgeDecisions(policies(MadeUpLog.OF_DECISIONS, 1).get(0));
        }
    }

    /** Directories of runs whose policies are as they were drawn. */
    private List<String> policies(MadeUpLog log, int count) {
        var there = publish("policies-" + log.actions(), log, 10);
        var seeds = IntStream.rangeClosed(1, count).boxed().toList();
        train(there, FRESH + "seeds = " + seeds);
        var warehouse = there.warehouse();
        return RunsTable.kept(TableRows.of(warehouse, warehouse.require(TableName.RUNS))).stream()
                .map(run -> warehouse.root() + "/checkpoints/" + run.run())
                .toList();
    }

    /** What was measured of one log. */
    private record OfLog(JudgeMeasurement stats, JudgeMeasurement judge) {}

    /** @param start of the log that both do hardly anything but start for; null: it is this one */
    private OfLog judgeEpisodes(int rows, List<String> policies, @Nullable OfLog start) {
        var log = MadeUpLog.OF_EPISODES;
        var name = String.format(Locale.ROOT, "log of %,d: ", rows);
        var out = publish("episodes", log, rows / log.steps()).warehouse().root();
        var stats = measure(name + "stats", rows, 1, "stats", out);
        add(stats);
        var sets = new ArrayList<String>();
        for (var i = 0; i < policies.size(); i++) {
            sets.add("policies.p" + i + ".run=" + policies.get(i));
            sets.add("policies.p" + i + ".actions=sampled");
        }
        var judge = measure(name + "judge", rows, policies.size(), "judge", out, sets.toArray(String[]::new));
        add(start == null ? judge : judge.beside(start.judge(), stats, start.stats()));
        FileUtils.deleteQuietly(Path.of(out).toFile());
        return new OfLog(stats, judge);
    }

    private void judgeDecisions(String policy) {
        var rows = config.decisions();
        var name = String.format(Locale.ROOT, "%,d decisions: ", rows);
        var there = publish("decisions", MadeUpLog.OF_DECISIONS, rows);
        CurateStage.run(there, Settings.read(CurateConfig.class, ConfigFactory.parseString(HALVES), "curate"));
        var values = "learner = fqe, judges { run = \"" + policy
                + "\", actions = sampled }, settings { discount = 0.9, critic.hidden-layers = [64, 64] }";
        train(
                there,
                "seeds = [1], updates = 100, log-every = 100, checkpoint-every = 100, runs { left { subset = left, "
                        + values + " }, right { subset = right, " + values + " } }");
        var python = config.python() == null ? null : python(config.python(), name + "Open Bandit Pipeline", rows);
        var judge = measure(
                name + "judge",
                rows,
                1,
                "judge",
                there.warehouse().root(),
                "discount=0.9",
                "replicates=100",
                "estimators=[is, wis, dm, dr, switch-dr, dr-os]",
                "policies.policy.run=" + policy,
                "policies.policy.actions=sampled");
        add(python == null ? judge : judge.beside(python));
    }

    private JudgeMeasurement python(String python, String name, int rows) {
        try {
            var script = work.resolve("judge_decisions.py");
            try (var in = Objects.requireNonNull(JudgeBenchmark.class.getResourceAsStream("judge_decisions.py"))) {
                Files.copy(in, script);
            }
            var log = work.resolve("decisions.bin");
            write(MadeUpLog.OF_DECISIONS, rows, log);
            var process = MeasuredProcess.run(List.of(
                    python,
                    script.toString(),
                    log.toString(),
                    Integer.toString(MadeUpLog.OF_DECISIONS.context()),
                    Integer.toString(MadeUpLog.OF_DECISIONS.positions()),
                    Integer.toString(MadeUpLog.OF_DECISIONS.actions())));
            var said = process.lines().isEmpty()
                    ? "nothing"
                    : process.lines().get(process.lines().size() - 1);
            if (process.exit() != 0 || !said.equals(Integer.toString(rows))) {
                throw new UserException("Cannot measure " + python + ": it says " + said
                        + "; give a python that has obp, scikit-learn and numpy, and memory for it");
            }
            var measurement = JudgeMeasurement.of(name, rows, 1, process.took());
            add(measurement);
            return measurement;
        } catch (IOException e) {
            throw new UserException("Cannot run " + python + ": " + e.getMessage() + "; give the path of a python", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Rows of big-endian floats: context, position, action, reward, propensity. */
    private static void write(MadeUpLog log, int rows, Path file) throws IOException {
        try (var out = new DataOutputStream(new java.io.BufferedOutputStream(Files.newOutputStream(file)))) {
            for (var row = 0; row < rows; row++) {
                var seen = log.observation(row);
                for (var i = 0; i < log.context(); i++) {
                    out.writeFloat(seen[i]);
                }
                out.writeFloat(log.position(row));
                out.writeFloat(log.action(row));
                out.writeFloat((float) log.reward(row));
                out.writeFloat(1f / log.actions());
            }
        }
    }

    private JudgeMeasurement measure(String name, long rows, int policies, String job, String out, String... sets) {
        var master = context.spark().sparkContext().master();
        return JudgeMeasurement.of(
                name, rows, policies, jvm.run(master, job, Path.of(out), sets).took());
    }

    private void add(JudgeMeasurement measurement) {
        done.add(measurement);
        folder.writeJudge(done);
        context.progress()
                .say(String.format(
                        Locale.ROOT,
                        "[bench-judge] %s: %,d rows, %d policies: %.1f s, of the CPU %.1f s, %,d MB of heap, %,d MB in all%s",
                        measurement.name(),
                        measurement.rows(),
                        measurement.policies(),
                        measurement.seconds(),
                        measurement.cpuSeconds(),
                        measurement.peakHeapBytes() >> 20,
                        measurement.peakMemoryBytes() >> 20,
                        measurement.beside() == null ? "" : "; " + measurement.beside()));
    }

    private StageContext publish(String name, MadeUpLog log, long episodes) {
        var spark = context.spark();
        var there =
                new StageContext(spark, new Warehouse(spark, work.resolve(name).toString()), context.progress());
        var cores = spark.sparkContext().defaultParallelism();
        var parts = (int) Math.max(cores, episodes * log.steps() / ROWS_PER_FILE);
        var starts = LongStream.rangeClosed(0, parts)
                .map(part -> part * episodes / parts)
                .toArray();
        var ranges = IntStream.range(0, parts).boxed().toList();
        try (var writer = new DatasetWriter(there.warehouse().begin(TableName.TRANSITIONS))) {
            var rows = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(ranges, parts)
                    .flatMap(part -> LongStream.range(starts[part], starts[part + 1])
                            .mapToObj(log::episode)
                            .iterator());
            var request = new Request("ingest", log.configuration(), List.of(), List.of());
            writer.publish(writer.write(rows), request, Optional.empty());
        }
        return there;
    }

    private static void train(StageContext there, String settings) {
        TrainStage.run(
                there,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString(settings), "train"));
    }

    private void clear() {
        FileUtils.deleteQuietly(work.toFile());
    }
}
