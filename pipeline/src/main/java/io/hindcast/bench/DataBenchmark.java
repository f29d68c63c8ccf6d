package io.hindcast.bench;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.stats.StatsConfig;
import io.hindcast.stage.stats.StatsStage;
import io.hindcast.table.ReplayReader;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.io.FileUtils;

/** Puts logs through the stages and measures each. */
public final class DataBenchmark {
    private static final int LOADS = 10;
    private static final long BYTES_PER_NUMBER = 4;

    private final StageContext context;
    private final DataBenchConfig config;
    private final BenchFolder folder;
    private final Path work;
    private final List<DataMeasurement> done = new ArrayList<>();

    private DataBenchmark(StageContext context, DataBenchConfig config) {
        this.context = context;
        this.config = config;
        folder = BenchFolder.at(context.warehouse().root());
        work = Path.of(folder.toString(), "bench-data");
    }

    /** Measures, and writes {@code bench-data.jsonl} into the output directory after every measurement. */
    public static StageResult run(StageContext context, DataBenchConfig config) {
        var bench = new DataBenchmark(context, config);
        bench.clear();
        try {
            if (config.d4rl() != null) {
                bench.d4rl(config.d4rl());
            }
            config.rows().forEach(bench::synthetic);
        } finally {
            bench.clear();
        }
        BenchFolder.dataTable(bench.done).forEach(context.progress()::say);
        return new StageResult(
                false, bench.done.size() + " measurements in " + bench.folder + "/bench-data.jsonl", List.of());
    }

    private void d4rl(String file) {
        var warehouse = warehouse("d4rl");
        var ingest = ingest(Map.of("input", List.of(file), "format", "d4rl-hdf5", "dataset", "d4rl"));
        measure("d4rl: ingest", () -> ingest(warehouse, ingest));
        describe("d4rl", warehouse);
        load("d4rl", warehouse);
        if (config.python() != null) {
            python(
                    config.python(),
                    "d4rl: the Python way (h5py, loop, npz)",
                    "d4rl_to_npz.py",
                    "h5py and numpy",
                    file,
                    work.resolve("python.npz").toString());
        }
        clear();
    }

    private void synthetic(int rows) {
        var name = "log of " + String.format(Locale.ROOT, "%,d", rows);
        var log = work.resolve("log").toString();
        measure(name + ": written, in any order", () -> {
            SyntheticLog.write(context.spark(), rows, log);
            return rows;
        });
        measure(name + ": Spark alone, shuffle and sort", () -> {
            SyntheticLog.sort(context.spark(), rows, log, work.resolve("sorted").toString());
            return rows;
        });
        FileUtils.deleteQuietly(work.resolve("sorted").toFile());
        if (config.python() != null) {
            peers(config.python(), name, log);
        }
        var warehouse = warehouse("log-tables");
        var ingest = ingest(Map.of(
                "input",
                List.of(log),
                "format",
                "parquet",
                "dataset",
                "log",
                "action-space",
                Map.of("type", "continuous", "dimension", SyntheticLog.ACTION, "low", -1, "high", 1),
                "columns",
                Map.of(
                        "observation", List.of("observation"),
                        "action", List.of("action"),
                        "reward", "reward",
                        "terminated", "terminated",
                        "truncated", "truncated",
                        "episode-id", "episode",
                        "step", "step")));
        measure(name + ": timeline", () -> {
            ingest(warehouse, ingest);
            return rows;
        });
        describe(name, warehouse);
        load(name, warehouse);
        clear();
    }

    /** The same rows in engines that have one machine: sorted only, and with what a timeline adds but the checks of what is written. */
    private void peers(String python, String name, String log) {
        var folder = work.resolve("peers");
        var ways = List.of(
                List.of("duckdb-sort", "DuckDB, sort"),
                List.of("duckdb-window", "DuckDB, window of the next observation, episodes"),
                List.of("polars-sort", "Polars, sort"));
        for (var way : ways) {
            folder.toFile().mkdirs();
            python(
                    python,
                    name + ": " + way.get(1),
                    "timeline_peers.py",
                    "duckdb and polars",
                    way.get(0),
                    log,
                    folder.resolve("rows").toString());
            FileUtils.deleteQuietly(folder.toFile());
        }
    }

    private void describe(String name, Warehouse warehouse) {
        var inside = new StageContext(context.spark(), warehouse, context.progress());
        measure(name + ": stats", () -> {
            StatsStage.run(inside, Settings.defaults(StatsConfig.class));
            return rows(warehouse);
        });
        var curate = Settings.read(
                CurateConfig.class,
                ConfigFactory.parseMap(Map.of("subsets", Map.of("best", Map.of("top-percent", 10)))),
                "");
        measure(name + ": top-percent", () -> {
            CurateStage.run(inside, curate);
            return rows(warehouse);
        });
    }

    /** On one core, into a replay buffer; the best of a few, since only then the file is in memory and the code compiled. */
    private void load(String name, Warehouse warehouse) {
        var transitions = warehouse.require(TableName.TRANSITIONS);
        var rows = transitions.manifest().rows();
        var widths = widths(warehouse, warehouse.files(transitions).get(0));
        var bytes = rows * (2L * widths[0] + widths[1] + 3) * BYTES_PER_NUMBER;
        if (rows > Integer.MAX_VALUE || bytes > Runtime.getRuntime().maxMemory() / 2) {
            context.progress()
                    .say("[bench-data] " + name + " is not loaded: a replay buffer would take " + bytes
                            + " bytes, more than half the heap");
            return;
        }
        var reader = new ReplayReader(warehouse.files(transitions), List.of(), RunSpec.ALL, (int) rows);
        var spaces = new Spaces(widths[0], new ActionSpace.Continuous(widths[1], -1, 1));
        var loads = new ArrayList<ManyMeasurement.Command>();
        for (var i = 0; i < LOADS; i++) {
            var probe = new Probe();
            var buffer = reader.read(warehouse.hadoop(), spaces, TerminalFlag.KEEPS_BOOTSTRAP);
            loads.add(probe.took());
            if (buffer.size() != rows) {
                throw new IllegalStateException(
                        "Cannot measure: " + buffer.size() + " of " + rows + " rows were loaded");
            }
        }
        var best = Collections.min(loads, Comparator.comparing(ManyMeasurement.Command::seconds));
        add(DataMeasurement.of(name + ": load into a replay buffer, one core", rows, best));
    }

    private static int[] widths(Warehouse warehouse, String file) {
        try (var part = new PartReader(warehouse.hadoop(), file, List.of("observation", "action"))) {
            part.next();
            return new int[] {
                part.column("observation").width(), part.column("action").width()
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the usual Python way takes; the script says how many rows it has written. */
    private void python(String python, String name, String script, String packages, String... arguments) {
        try {
            Files.createDirectories(work);
            var file = work.resolve(script);
            try (var in = Objects.requireNonNull(DataBenchmark.class.getResourceAsStream(script))) {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            }
            var command = new ArrayList<>(List.of(python, file.toString()));
            command.addAll(List.of(arguments));
            var process = MeasuredProcess.run(command);
            var said = process.lines().isEmpty()
                    ? "nothing"
                    : process.lines().get(process.lines().size() - 1);
            if (process.exit() != 0 || !said.matches("[0-9]+")) {
                throw new UserException(
                        "Cannot measure " + python + ": it says " + said + "; give a python that has " + packages);
            }
            add(DataMeasurement.of(name, Long.parseLong(said), process.took()));
        } catch (IOException e) {
            throw new UserException("Cannot run " + python + ": " + e.getMessage() + "; give the path of a python", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private interface Work {
        long rows();
    }

    private void measure(String name, Work work) {
        var probe = new Probe();
        var rows = work.rows();
        add(DataMeasurement.of(name, rows, probe.took()));
    }

    private void add(DataMeasurement measurement) {
        done.add(measurement);
        folder.write("bench-data.jsonl", done);
        context.progress()
                .say(String.format(
                        Locale.ROOT,
                        "[bench-data] %s: %,d rows in %.2f s, %,.0f rows/s, %,d MB of heap",
                        measurement.name(),
                        measurement.rows(),
                        measurement.seconds(),
                        measurement.rowsPerSecond(),
                        measurement.peakHeapBytes() >> 20));
    }

    private long ingest(Warehouse warehouse, IngestConfig ingest) {
        IngestStage.run(new StageContext(context.spark(), warehouse, context.progress()), ingest);
        return rows(warehouse);
    }

    private static long rows(Warehouse warehouse) {
        return warehouse.require(TableName.TRANSITIONS).manifest().rows();
    }

    private static IngestConfig ingest(Map<String, Object> settings) {
        return Settings.read(IngestConfig.class, ConfigFactory.parseMap(settings), "ingest");
    }

    private Warehouse warehouse(String name) {
        return new Warehouse(context.spark(), work.resolve(name).toString());
    }

    private void clear() {
        FileUtils.deleteQuietly(work.toFile());
    }

    /** What this process uses from now on. */
    private static final class Probe {
        private final long start;
        private final double cpu;

        Probe() {
            System.gc();
            ManagementFactory.getMemoryPoolMXBeans().forEach(pool -> pool.resetPeakUsage());
            cpu = cpuSeconds();
            start = System.nanoTime();
        }

        ManyMeasurement.Command took() {
            var seconds = (System.nanoTime() - start) / 1e9;
            return new ManyMeasurement.Command(
                    seconds,
                    cpuSeconds() - cpu,
                    peakHeap(),
                    MeasuredProcess.peakMemory(ProcessHandle.current().pid()));
        }

        private static double cpuSeconds() {
            return ProcessHandle.current()
                    .info()
                    .totalCpuDuration()
                    .map(time -> time.toNanos() / 1e9)
                    .orElse(0.0);
        }

        private static long peakHeap() {
            return ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .mapToLong(pool -> pool.getPeakUsage().getUsed())
                    .sum();
        }
    }
}
