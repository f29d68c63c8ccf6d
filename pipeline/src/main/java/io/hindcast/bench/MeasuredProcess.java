package io.hindcast.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A program that has ended, with the time and memory it used.
 *
 * @param exit how it ended
 * @param lines what it said, errors too
 */
record MeasuredProcess(int exit, List<String> lines, ManyMeasurement.Command took) {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final Pattern COLLECTION = Pattern.compile(".*[0-9][KMG]->([0-9]+)([KMG])\\(.*");
    private static final Pattern MEMORY = Pattern.compile("VmHWM:\\s+([0-9]+) kB");

    /** Runs a JVM. */
    static MeasuredProcess run(String java, List<String> arguments) throws IOException, InterruptedException {
        var collections = Files.createTempFile("hindcast-gc", ".log");
        try {
            var command = new ArrayList<>(List.of(java, "-Xlog:gc:file=" + collections));
            command.addAll(arguments);
            var process = run(command);
            return new MeasuredProcess(
                    process.exit(),
                    process.lines(),
                    new ManyMeasurement.Command(
                            process.took().seconds(),
                            process.took().cpuSeconds(),
                            peakHeap(Files.readAllLines(collections)),
                            process.took().peakMemoryBytes()));
        } finally {
            Files.delete(collections);
        }
    }

    /** Runs any program, of whose heap nothing is told. */
    static MeasuredProcess run(List<String> command) throws IOException, InterruptedException {
        var start = System.nanoTime();
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var watch = new Watch(process);
        watch.start();
        var lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
        var exit = process.waitFor();
        var seconds = (System.nanoTime() - start) / 1e9;
        watch.join();
        return new MeasuredProcess(
                exit, lines, new ManyMeasurement.Command(seconds, watch.cpuSeconds, 0, watch.memory));
    }

    /** The most that any collection left, of a log of collections as HotSpot writes it. */
    static long peakHeap(List<String> log) {
        var peak = 0L;
        for (var line : log) {
            var left = COLLECTION.matcher(line);
            if (left.matches()) {
                peak = Math.max(peak, Long.parseLong(left.group(1)) << (10 * (1 + "KMG".indexOf(left.group(2)))));
            }
        }
        return peak;
    }

    /** The most memory that a process had until now, as Linux keeps it; 0 where it does not, or the process has ended. */
    static long peakMemory(long pid) {
        var status = Path.of("/proc/" + pid + "/status");
        try {
            for (var line : Files.exists(status) ? Files.readAllLines(status) : List.<String>of()) {
                var peak = MEMORY.matcher(line);
                if (peak.matches()) {
                    return Long.parseLong(peak.group(1)) << 10;
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // It has just ended.
        }
        return 0;
    }

    /** What is known of a process only while it lives. */
    private static final class Watch extends Thread {
        private final Process process;
        private double cpuSeconds;
        private long memory;

        Watch(Process process) {
            super("watch");
            this.process = process;
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                while (process.isAlive()) {
                    process.info().totalCpuDuration().ifPresent(time -> cpuSeconds = time.toNanos() / 1e9);
                    memory = Math.max(memory, peakMemory(process.pid()));
                    Thread.sleep(BETWEEN_LOOKS.toMillis());
                }
            } catch (InterruptedException e) {
                interrupt();
            }
        }
    }
}
