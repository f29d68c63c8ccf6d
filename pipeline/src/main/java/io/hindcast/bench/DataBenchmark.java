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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
            python(config.python(), file);
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
        var best = Double.POSITIVE_INFINITY;
        var heap = 0L;
        for (var i = 0; i < LOADS; i++) {
            var probe = new Probe();
            var buffer = reader.read(warehouse.hadoop(), spaces, TerminalFlag.KEEPS_BOOTSTRAP);
            best = Math.min(best, probe.seconds());
            heap = Math.max(heap, probe.peakHeap());
            if (buffer.size() != rows) {
                throw new IllegalStateException(
                        "Cannot measure: " + buffer.size() + " of " + rows + " rows were loaded");
            }
        }
        add(new DataMeasurement(name + ": load into a replay buffer, one core", rows, best, heap));
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

    private void python(String python, String file) {
        try {
            Files.createDirectories(work);
            var script = work.resolve("d4rl_to_npz.py");
            try (var in = Objects.requireNonNull(DataBenchmark.class.getResourceAsStream("d4rl_to_npz.py"))) {
                Files.copy(in, script);
            }
            var probe = new Probe();
            var process = new ProcessBuilder(
                            python,
                            script.toString(),
                            file,
                            work.resolve("python.npz").toString())
                    .redirectErrorStream(true)
                    .start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0 || !said.matches("[0-9]+")) {
                throw new UserException("Cannot measure " + python + ": it says "
                        + said.lines().reduce("nothing", (before, line) -> line)
                        + "; give a python that has h5py and numpy");
            }
            add(new DataMeasurement(
                    "d4rl: the Python way (h5py, loop, npz)", Long.parseLong(said), probe.seconds(), 0));
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
        add(new DataMeasurement(name, rows, probe.seconds(), probe.peakHeap()));
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

    /** The time and the heap from now on. */
    private static final class Probe {
        private final long start;

        Probe() {
            System.gc();
            ManagementFactory.getMemoryPoolMXBeans().forEach(pool -> pool.resetPeakUsage());
            start = System.nanoTime();
        }

        double seconds() {
            return (System.nanoTime() - start) / 1e9;
        }

        long peakHeap() {
            return ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .mapToLong(pool -> pool.getPeakUsage().getUsed())
                    .sum();
        }
    }
}
