package io.hindcast.bench;

import io.hindcast.config.Json;
import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.files.Publisher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/**
 * Where measurements are kept: {@code bench.jsonl}, a line of JSON each, and {@code bench.md}, a table for people. Both are
 * replaced as a whole, so that what was measured before an interruption is there.
 */
public final class BenchFolder {
    private static final List<String> HEADINGS = List.of(
            "workload",
            "learner",
            "precision",
            "runs",
            "updates/s",
            "median",
            "Mflop/update",
            "sgemm Gflop/s",
            "efficiency",
            "heap bytes/update");
    private static final int TEXT_COLUMNS = 3;

    private final String name;
    private final Path folder;
    private final Publisher publisher;

    /** @param name as people know it */
    BenchFolder(String name, Path folder, Configuration configuration) throws IOException {
        this.name = name;
        this.folder = folder;
        publisher = new Publisher(folder, configuration);
        publisher.removeOrphans();
    }

    /**
     * The folder, made if it is not there.
     *
     * @throws UserException if it cannot be made, or is not on this machine
     */
    public static BenchFolder at(String folder) {
        if (folder.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")) {
            throw new UserException("Cannot write measurements to " + folder
                    + ": it is not a directory of this machine; give --out a path");
        }
        try {
            var there = Files.createDirectories(java.nio.file.Path.of(folder));
            return new BenchFolder(folder, new Path(there.toUri()), new Configuration());
        } catch (IOException e) {
            throw new UserException(
                    "Cannot write measurements to " + folder + ": "
                            + Outside.words(e, "give --out a directory that can be written"),
                    e);
        }
    }

    /** Writes both files over what was there; {@code machine} stands above the table. */
    public void write(List<String> machine, List<Measurement> measurements) {
        replace("bench.jsonl", measurements.stream().map(BenchFolder::json).toList());
        var lines = new ArrayList<String>();
        machine.forEach(line -> lines.add("- " + line));
        lines.add("");
        lines.addAll(table(measurements));
        replace("bench.md", lines);
    }

    /** Writes a file of measurements, a line of JSON each, over what was there. */
    public void write(String name, List<? extends Record> measurements) {
        replace(name, measurements.stream().map(BenchFolder::json).toList());
    }

    /** One measurement as JSON. */
    static String json(Record measurement) {
        return Json.text(measurement);
    }

    /** The measurements in columns, which Markdown reads as a table. */
    public static List<String> table(List<Measurement> measurements) {
        var rows = new ArrayList<List<String>>();
        rows.add(HEADINGS);
        for (var m : measurements) {
            rows.add(List.of(
                    m.workload(),
                    m.learner(),
                    m.precision(),
                    Integer.toString(m.runs()),
                    rate(m.updatesPerSecondBest()),
                    rate(m.updatesPerSecondMedian()),
                    String.format(Locale.ROOT, "%.1f", m.usefulFlopsPerUpdate() / 1e6),
                    String.format(Locale.ROOT, "%.1f", m.sgemmGflops()),
                    String.format(Locale.ROOT, "%.3f", m.efficiency()),
                    String.format(Locale.ROOT, "%.0f", m.heapBytesPerUpdate())));
        }
        return table(rows, TEXT_COLUMNS);
    }

    /** The measurements of data in columns. */
    public static List<String> dataTable(List<DataMeasurement> measurements) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("what", "rows", "seconds", "rows/s", "CPU seconds", "peak heap MB", "peak memory MB"));
        for (var m : measurements) {
            rows.add(List.of(
                    m.name(),
                    String.format(Locale.ROOT, "%,d", m.rows()),
                    String.format(Locale.ROOT, "%.2f", m.seconds()),
                    rate(m.rowsPerSecond()),
                    String.format(Locale.ROOT, "%.2f", m.cpuSeconds()),
                    m.peakHeapBytes() == 0 ? "" : Long.toString(m.peakHeapBytes() >> 20),
                    m.peakMemoryBytes() == 0 ? "" : Long.toString(m.peakMemoryBytes() >> 20)));
        }
        return table(rows, 1);
    }

    /** Writes {@code bench-scaling.jsonl} over what was there. */
    public void writeScaling(List<ScalingMeasurement> measurements) {
        replace(
                "bench-scaling.jsonl",
                measurements.stream().map(BenchFolder::json).toList());
    }

    /** The measurements of scaling in columns. */
    public static List<String> scalingTable(List<ScalingMeasurement> measurements) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of(
                "master", "runs", "seconds", "updates/s", "runs/hour", "overhead a run, s", "whole command, s"));
        for (var m : measurements) {
            rows.add(List.of(
                    m.master(),
                    Integer.toString(m.runs()),
                    String.format(Locale.ROOT, "%.1f", m.seconds()),
                    rate(m.updatesPerSecond()),
                    String.format(Locale.ROOT, "%.0f", m.runsPerHour()),
                    String.format(Locale.ROOT, "%.1f", m.overheadSecondsPerRun()),
                    String.format(Locale.ROOT, "%.1f", m.commandSeconds())));
        }
        return table(rows, 1);
    }

    /** Writes {@code bench-many.jsonl} over what was there. */
    public void writeMany(List<ManyMeasurement> measurements) {
        replace("bench-many.jsonl", measurements.stream().map(BenchFolder::json).toList());
    }

    /** The measurements of many small things in columns, a row a job. */
    public static List<String> manyTable(List<ManyMeasurement> measurements) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("job", "runs", "checkpoints each", "seconds", "CPU s", "heap MB", "memory MB", "kB", "files"));
        for (var m : measurements) {
            rows.add(row("train", m, m.train(), "", ""));
            rows.add(row("evaluate", m, m.evaluate(), "", ""));
            rows.add(row("report", m, m.report(), m.reportBytes() / 1000, m.reportFiles()));
        }
        return table(rows, 1);
    }

    /** Builds side by side, in columns. */
    static List<String> againstTable(List<BuildComparison.Line> lines) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("workload", "learner", "precision", "against, updates/s", "this build", "ratio"));
        for (var line : lines) {
            rows.add(List.of(
                    line.workload(),
                    line.learner(),
                    line.precision(),
                    rate(line.against()),
                    rate(line.updatesPerSecond()),
                    String.format(Locale.ROOT, "%.2f", line.ratio())));
        }
        return table(rows, TEXT_COLUMNS);
    }

    /** Writes {@code bench-judge.jsonl} over what was there. */
    public void writeJudge(List<JudgeMeasurement> measurements) {
        replace(
                "bench-judge.jsonl",
                measurements.stream().map(BenchFolder::json).toList());
    }

    /** The measurements of judging in columns. */
    public static List<String> judgeTable(List<JudgeMeasurement> measurements) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of(
                "what",
                "rows",
                "policies",
                "seconds",
                "CPU s",
                "heap MB",
                "memory MB",
                "times the rate",
                "by the CPU"));
        for (var m : measurements) {
            rows.add(List.of(
                    m.name(),
                    String.format(Locale.ROOT, "%,d", m.rows()),
                    Integer.toString(m.policies()),
                    String.format(Locale.ROOT, "%.1f", m.seconds()),
                    String.format(Locale.ROOT, "%.1f", m.cpuSeconds()),
                    m.peakHeapBytes() == 0 ? "" : Long.toString(m.peakHeapBytes() >> 20),
                    Long.toString(m.peakMemoryBytes() >> 20),
                    m.beside() == null
                            ? ""
                            : String.format(Locale.ROOT, "%.2f", m.beside().rate()),
                    m.beside() == null
                            ? ""
                            : String.format(Locale.ROOT, "%.2f", m.beside().cpuRate())));
        }
        return table(rows, 1);
    }

    private static List<String> row(
            String job, ManyMeasurement many, ManyMeasurement.Command took, Object size, Object files) {
        return List.of(
                job,
                Integer.toString(many.runs()),
                Integer.toString(many.checkpoints()),
                String.format(Locale.ROOT, "%.1f", took.seconds()),
                String.format(Locale.ROOT, "%.1f", took.cpuSeconds()),
                Long.toString(took.peakHeapBytes() >> 20),
                Long.toString(took.peakMemoryBytes() >> 20),
                size.toString(),
                files.toString());
    }

    private static List<String> table(List<List<String>> rows, int textColumns) {
        var widths = new int[rows.get(0).size()];
        for (var row : rows) {
            for (var column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        var lines = new ArrayList<String>();
        for (var row : rows) {
            lines.add(line(row, widths, textColumns));
        }
        var rule = new StringBuilder("|");
        for (var column = 0; column < widths.length; column++) {
            rule.append("-".repeat(widths[column] + 1))
                    .append(column < textColumns ? "-" : ":")
                    .append('|');
        }
        lines.add(1, rule.toString());
        return lines;
    }

    /** A rate with as many decimals as it takes to tell slow ones apart. */
    static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 1000 ? "%.1f" : "%,.0f", perSecond);
    }

    private static String line(List<String> cells, int[] widths, int textColumns) {
        var line = new StringBuilder("|");
        for (var column = 0; column < widths.length; column++) {
            var cell = cells.get(column);
            line.append(' ')
                    .append(
                            column < textColumns
                                    ? StringUtils.rightPad(cell, widths[column])
                                    : StringUtils.leftPad(cell, widths[column]))
                    .append(" |");
        }
        return line.toString();
    }

    private void replace(String file, List<String> lines) {
        try {
            publisher.put(
                    new Path(folder, file),
                    lines.stream().collect(Collectors.joining("\n", "", "\n")).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + name + "/" + file, e);
        } catch (FSError e) { // what Hadoop makes of a full disk
            throw new UncheckedIOException("Cannot write " + name + "/" + file, new IOException(e));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
