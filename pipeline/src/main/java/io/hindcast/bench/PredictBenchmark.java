package io.hindcast.bench;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.rand;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Lets policies decide in made-up tables, and measures that, each time in a process of its own and less what the same takes for hardly
 * any rows: its start.
 */
public final class PredictBenchmark {
    private static final String FILE = "bench-predict.jsonl";

    /** So few rows that a process does hardly anything but start. */
    private static final int FEW = 2_000;

    /** Seconds, where the start is all that was measured. */
    private static final double SHORTEST = 1e-3;

    /** No way of Python tells them. */
    private static final String[] NO_VALUES = {"names.q=\"\"", "names.v=\"\""};

    private static final String SCRIPT = "predict_rows.py";

    private final StageContext context;
    private final PredictBenchConfig config;
    private final OwnJvm jvm;
    private final BenchFolder folder;
    private final Path work;
    private final List<DataMeasurement> done = new ArrayList<>();

    private PredictBenchmark(StageContext context, PredictBenchConfig config, Class<?> main) {
        this.context = context;
        this.config = config;
        jvm = new OwnJvm(main, config.heap());
        folder = BenchFolder.at(context.warehouse().root());
        work = Path.of(folder.toString(), "bench-predict").toAbsolutePath();
    }

    /**
     * Measures, and writes {@code bench-predict.jsonl} into the output directory after every measurement.
     *
     * @param main the command line as a class: its arguments are a job and the job's options
     */
    public static StageResult run(StageContext context, PredictBenchConfig config, Class<?> main) {
        var bench = new PredictBenchmark(context, config, main);
        FileUtils.deleteQuietly(bench.work.toFile());
        try {
            bench.requirePackages();
            config.workloads().forEach(bench::measure);
        } finally {
            FileUtils.deleteQuietly(bench.work.toFile());
        }
        BenchFolder.dataTable(bench.done).forEach(context.progress()::say);
        return new StageResult(false, bench.done.size() + " measurements in " + bench.folder + "/" + FILE, List.of());
    }

    private void requirePackages() {
        var python = config.python();
        if (python != null
                && ended(List.of(python, "-c", "import pyspark, pandas, pyarrow, onnxruntime"))
                        .isEmpty()) {
            throw new UserException("Cannot measure " + python
                    + ": it lacks a package; give a python that has pyspark, pandas, pyarrow and onnxruntime");
        }
    }

    private void measure(String name) {
        var workload = Objects.requireNonNull(Workload.ALL.get(name));
        var out = work.resolve(name);
        learn(workload, out);
        var rows = written(workload, config.rows(), "rows");
        var few = written(workload, FEW, "few");
        var master = context.spark().sparkContext().master();
        add(name + ": predict", predict(master, out, rows), predict(master, out, few));
        add(
                name + ": predict without q and v",
                predict(master, out, rows, NO_VALUES),
                predict(master, out, few, NO_VALUES));
        if (config.python() != null) {
            var policy = policy(out);
            for (var way : ways(config.python()).entrySet()) {
                add(
                        name + ": " + way.getValue(),
                        python(config.python(), way.getKey(), config.rows(), rows, policy),
                        python(config.python(), way.getKey(), FEW, few, policy));
            }
        }
        FileUtils.deleteQuietly(out.toFile());
    }

    /** A policy of this size, hardly trained: how good it is does not matter here. */
    private void learn(Workload workload, Path out) {
        var there =
                new StageContext(context.spark(), new Warehouse(context.spark(), out.toString()), context.progress());
        var log = work.resolve("log").toString();
        var actions = workload.spaces().actions();
        var isDiscrete = actions instanceof ActionSpace.Discrete;
        var chosen = isDiscrete
                ? rand(7).multiply(actions.size()).cast("int")
                : array(IntStream.range(0, actions.size())
                        .mapToObj(i -> rand(i).multiply(2).minus(1).cast("float"))
                        .toArray(Column[]::new));
        table(workload, FEW, 1)
                .withColumn("action", chosen)
                .withColumn("reward", rand(8))
                .write()
                .parquet(log);
        IngestStage.run(
                there,
                Settings.read(
                        IngestConfig.class,
                        ConfigFactory.parseString("format = parquet, dataset = made-up, episode-per = row, input = [\""
                                + log + "\"], action-space { "
                                + (isDiscrete
                                        ? "type = discrete, count = " + actions.size()
                                        : "type = continuous, dimension = " + actions.size() + ", low = -1, high = 1")
                                + " }, columns { observation = [" + observed(workload) + "], reward = reward, "
                                + (isDiscrete ? "action-index = action" : "action = [action]") + " }"),
                        "ingest"));
        TrainStage.run(
                there,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(
                        TrainConfig.class,
                        ConfigFactory.parseString("seeds = [1], updates = 1, log-every = 1, checkpoint-every = 1,"
                                + " runs.policy { learner = iql, settings { " + workload.settings("iql") + " } }"),
                        "train"));
        FileUtils.deleteQuietly(Path.of(log).toFile());
    }

    private static String observed(Workload workload) {
        return IntStream.range(0, workload.spaces().observationSize())
                .mapToObj(i -> "o_" + i)
                .collect(Collectors.joining(", "));
    }

    private Dataset<Row> table(Workload workload, long rows, int parts) {
        var columns = new ArrayList<Column>(List.of(col("id").as("key")));
        for (var i = 0; i < workload.spaces().observationSize(); i++) {
            columns.add(rand(100 + i).cast("float").as("o_" + i));
        }
        return context.spark().range(0, rows, 1, parts).select(columns.toArray(Column[]::new));
    }

    private Path written(Workload workload, int rows, String name) {
        var path = work.resolve(name + "-" + workload.name());
        table(workload, rows, context.spark().sparkContext().defaultParallelism())
                .write()
                .parquet(path.toString());
        return path;
    }

    private ManyMeasurement.Command predict(String master, Path out, Path table, String... more) {
        var sets = Stream.concat(
                        Stream.of("input=[\"" + table + "\"]", "run=policy-1", "actions=sampled", "key=[key]"),
                        Stream.of(more))
                .toArray(String[]::new);
        return jvm.run(master, "predict", out, sets).took();
    }

    private static Path policy(Path out) {
        try (var runs = Files.list(out.resolve("policies"))) {
            return runs.map(run -> run.resolve("policy.onnx"))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The ways of which this Python has the packages, by their names, in words. */
    private static Map<String, String> ways(String python) {
        var ways = new LinkedHashMap<String, String>();
        ways.put("map-in-pandas", "mapInPandas, ONNX Runtime");
        if (ended(List.of(python, "-c", "import mlflow, onnx")).isPresent()) {
            ways.put("spark-udf", "mlflow.pyfunc.spark_udf");
        }
        return ways;
    }

    private ManyMeasurement.Command python(String python, String way, int rows, Path table, Path policy) {
        var script = work.resolve(SCRIPT);
        var written = work.resolve("python");
        try (var in = Objects.requireNonNull(PredictBenchmark.class.getResourceAsStream(SCRIPT))) {
            FileUtils.copyInputStreamToFile(in, script.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var master = context.spark().sparkContext().master();
        var process = ended(List.of(
                        python,
                        script.toString(),
                        way,
                        master,
                        table.toString(),
                        policy.toString(),
                        written.resolve("rows").toString()))
                .orElseThrow(() -> new UserException("Cannot measure " + python + " by " + way
                        + ": it ended with an error; see whether its packages fit each other"));
        FileUtils.deleteQuietly(written.toFile());
        var words = process.lines().get(process.lines().size() - 1).split(" ");
        if (words.length != 2 || !words[0].equals(Integer.toString(rows))) {
            throw new UserException("Cannot measure " + python + " by " + way + ": it says " + String.join(" ", words)
                    + " where it should have written " + rows + " rows");
        }
        // Only the script knows what its JVM and its workers used.
        return new ManyMeasurement.Command(process.took().seconds(), Double.parseDouble(words[1]), 0, 0);
    }

    /** What a program said that ended well. */
    private static Optional<MeasuredProcess> ended(List<String> command) {
        try {
            var process = MeasuredProcess.run(command);
            return process.exit() == 0 ? Optional.of(process) : Optional.empty();
        } catch (IOException e) {
            throw new UserException(
                    "Cannot run " + command.get(0) + ": " + e.getMessage() + "; give the path of a python", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void add(String name, ManyMeasurement.Command took, ManyMeasurement.Command start) {
        var measurement = DataMeasurement.of(
                name,
                config.rows(),
                new ManyMeasurement.Command(
                        Math.max(SHORTEST, took.seconds() - start.seconds()),
                        Math.max(0, took.cpuSeconds() - start.cpuSeconds()),
                        took.peakHeapBytes(),
                        took.peakMemoryBytes()));
        done.add(measurement);
        folder.write(FILE, done);
        context.progress()
                .say(String.format(
                        Locale.ROOT,
                        "[bench-predict] %s: %,d rows in %.1f s, %.1f s of the CPU, without the start of %.1f s",
                        measurement.name(),
                        measurement.rows(),
                        measurement.seconds(),
                        measurement.cpuSeconds(),
                        start.seconds()));
    }
}
