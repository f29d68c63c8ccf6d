package io.hindcast.bench;

import io.hindcast.config.RunFailure;
import io.hindcast.config.UserException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs jobs of hindcast, each in a JVM of its own that is like this one.
 *
 * @param main the command line as a class: its arguments are a job and the job's options
 * @param heap how large theirs may become, in MB; null: as large as this one's
 */
record OwnJvm(Class<?> main, @Nullable Integer heap) {
    /** How the command line ends. */
    private static final int DONE = 0;

    private static final int FAULT = 1;
    private static final int WRONG_INPUT = 2;

    /** @param sets settings as {@code --set} takes them */
    MeasuredProcess run(String master, String job, Path out, String... sets) {
        var jvm = ManagementFactory.getRuntimeMXBean();
        var arguments = new ArrayList<>(jvm.getInputArguments());
        if (heap != null) {
            arguments.add("-Xmx" + heap + "m");
        }
        arguments.addAll(List.of("-Dspark.master=" + master, "-Dspark.ui.enabled=false"));
        if (master.startsWith("local-cluster")) {
            // Executors find hindcast where this JVM does.
            arguments.add("-Dspark.executor.extraClassPath=" + absolute(jvm.getClassPath()));
        }
        arguments.addAll(List.of("-cp", jvm.getClassPath(), main.getName(), job, "--out", out.toString()));
        for (var set : sets) {
            arguments.addAll(List.of("--set", set));
        }
        try {
            var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            var process = MeasuredProcess.run(java, arguments);
            var code = process.exit();
            if (code != DONE) {
                throw failure(
                        "Cannot measure on " + master + ": " + job + " ended with " + code, code, process.lines());
            }
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start a JVM for " + master, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What is the user's to mend there is so here. */
    private static RuntimeException failure(String words, int code, List<String> lines) {
        var last = lines.isEmpty() ? "nothing" : lines.get(lines.size() - 1);
        return switch (code) {
            case FAULT -> new IllegalStateException(words + " and said " + String.join(" | ", lines));
            case WRONG_INPUT -> new UserException(words + ": " + last);
            default -> new RunFailure(words + " and said last: " + last);
        };
    }

    private static String absolute(String classPath) {
        return Arrays.stream(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
