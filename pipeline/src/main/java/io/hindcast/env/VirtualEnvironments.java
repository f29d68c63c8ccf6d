package io.hindcast.env;

import io.hindcast.config.Secrets;
import io.hindcast.config.UserException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;

/**
 * Pythons with the packages that an environment needs, one for each list of packages, made once and kept. {@code uv} makes them
 * where it is on the PATH, {@code python3 -m venv} and pip elsewhere.
 */
final class VirtualEnvironments {
    private static final String UV = "uv";
    private static final List<String> PYTHONS =
            List.of("python3", "python3.13", "python3.12", "python3.11", "python3.10", "python");
    /** What the pinned packages are built for. */
    private static final String VERSIONS = ">=3.10,<3.14";

    private static final String VERSIONS_IN_WORDS = "Python 3.10, 3.11, 3.12 or 3.13";
    private static final String CHECK = "import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))";
    private static final String COMPLETE = "hindcast-complete";
    private static final Duration QUICK = Duration.ofSeconds(30);

    private final PythonCache cache;
    private final String uv;
    private final List<String> pythons;

    /** Those in {@code cache}, made by what is on the PATH. */
    VirtualEnvironments(PythonCache cache) {
        this(cache, UV, PYTHONS);
    }

    /**
     * @param uv the program that is tried first
     * @param pythons the interpreters that are tried then
     */
    VirtualEnvironments(PythonCache cache, String uv, List<String> pythons) {
        this.cache = cache;
        this.uv = uv;
        this.pythons = pythons;
    }

    /**
     * The interpreter of an environment with the packages in the resource {@code requirements} and {@code more}.
     *
     * @param name what it is for, for messages
     * @param patience how long each of the programs that make it may take
     * @throws UserException if there is no Python to make it with, or packages cannot be installed
     */
    Path python(String name, String requirements, List<String> more, Duration patience) {
        var text = PythonCache.resource(requirements) + String.join("\n", more) + "\n";
        var folder = cache.folder().resolve("python-" + PythonCache.hash(text));
        var python = folder.resolve("bin").resolve("python");
        if (isComplete(folder, python)) {
            return python;
        }
        return cache.locked(folder.getFileName().toString(), () -> {
            if (!isComplete(folder, python)) {
                Notices.say("[python] making a Python environment for " + name + " in " + folder + " (once)");
                make(new Order(name, folder, python, text, patience));
            }
            return python;
        });
    }

    /** An environment to make. */
    private record Order(String name, Path folder, Path python, String requirements, Duration patience) {
        Path list() {
            return folder.resolveSibling(folder.getFileName() + ".txt");
        }

        Path log() {
            return folder.resolveSibling(folder.getFileName() + ".log");
        }
    }

    private static boolean isComplete(Path folder, Path python) {
        // The interpreter that it refers to may be gone by now.
        return Files.exists(folder.resolve(COMPLETE)) && Files.isExecutable(python);
    }

    private void make(Order order) {
        try {
            FileUtils.deleteDirectory(order.folder().toFile()); // half of one, or one whose interpreter is gone
            var list = Files.writeString(order.list(), order.requirements());
            if (works(List.of(uv, "--version"), order)) {
                require(
                        order,
                        List.of(uv, "venv", "--python", VERSIONS, order.folder().toString()));
                require(
                        order,
                        List.of(uv, "pip", "install", "--python", order.python().toString(), "-r", list.toString()));
            } else {
                require(
                        order,
                        List.of(interpreter(order), "-m", "venv", order.folder().toString()));
                require(
                        order,
                        List.of(
                                order.python().toString(),
                                "-m",
                                "pip",
                                "install",
                                "--no-input",
                                "--disable-pip-version-check",
                                "-r",
                                list.toString()));
            }
            Files.createFile(order.folder().resolve(COMPLETE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // An address of a package may hold a password.
            FileUtils.deleteQuietly(order.list().toFile());
        }
    }

    private String interpreter(Order order) {
        return pythons.stream()
                .filter(python -> works(List.of(python, "-c", CHECK), order))
                .findFirst()
                .orElseThrow(() -> new UserException("Cannot open " + order.name() + ": neither " + uv + " nor "
                        + VERSIONS_IN_WORDS + " is on the PATH (tried " + String.join(", ", pythons) + "); install one"
                        + " of them, for example by apt-get install python3-venv, or set gymnasium.python to an"
                        + " interpreter that has: " + packages(order)));
    }

    private static boolean works(List<String> command, Order order) {
        try {
            return run(command, order.log(), QUICK).equals(Optional.of(0));
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    private static void require(Order order, List<String> command) throws IOException {
        var code = run(command, order.log(), order.patience());
        if (code.equals(Optional.of(0))) {
            return;
        }
        var lines = Files.readString(order.log()).lines().toList();
        var end = code.isEmpty()
                ? "did not end within " + order.patience().toMillis() / 1e3 + " s (gymnasium.start-timeout)"
                : "ended with exit code " + code.get() + ", saying: " + telling(lines);
        var without = String.join("\n", lines).toLowerCase(Locale.ROOT).contains("ensurepip");
        throw new UserException("Cannot make a Python environment for " + order.name() + ": "
                + String.join(" ", command) + " " + end + "; "
                + (without
                        ? "install Python's venv, for example by apt-get install python3-venv"
                        : "all it said is in " + order.log())
                + ", or set gymnasium.python to an interpreter that has: " + packages(order));
    }

    /** The last line that tells of an error, or the last one. */
    private static String telling(List<String> lines) {
        var said = lines.stream().filter(line -> !line.isBlank()).toList();
        var errors = said.stream().filter(line -> line.startsWith("ERROR")).toList();
        var from = errors.isEmpty() ? said : errors;
        return from.isEmpty() ? "nothing" : from.get(from.size() - 1).strip();
    }

    private static String packages(Order order) {
        return Secrets.hideByForm(String.join(
                " ",
                order.requirements()
                        .lines()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .toList()));
    }

    /** Runs a program to its end; empty if it had to be killed. What it says is in {@code log}. */
    private static Optional<Integer> run(List<String> command, Path log, Duration patience) throws IOException {
        var process = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(log.toFile())
                .start();
        try {
            var ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
            return ended ? Optional.of(process.exitValue()) : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Cannot wait for " + String.join(" ", command) + ": interrupted", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            hideSecrets(log);
        }
    }

    /** What pip and others say may name the address of a package. */
    private static void hideSecrets(Path log) throws IOException {
        var said = Files.readString(log, StandardCharsets.ISO_8859_1); // any bytes are text
        var hidden = Secrets.hideByForm(said);
        if (!hidden.equals(said)) {
            Files.writeString(log, hidden, StandardCharsets.ISO_8859_1);
        }
    }
}
