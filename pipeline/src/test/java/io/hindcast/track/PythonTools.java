package io.hindcast.track;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Python environment with TensorBoard and MLflow, made once in {@code target/} from {@code requirements-track.txt}. Where it
 * cannot be made, tests fail if {@code CI} is set, and are left out elsewhere.
 */
final class PythonTools {
    private static final Path SCRIPTS = Path.of("src/test/python").toAbsolutePath();
    private static final Path VENV = Path.of("target/track-venv").toAbsolutePath();
    private static final int MINUTES = 10;

    private final Path python;

    private PythonTools(Path python) {
        this.python = python;
    }

    static PythonTools here() throws IOException, InterruptedException {
        var requirements = SCRIPTS.resolve("requirements-track.txt");
        var installed = VENV.resolve("installed.txt");
        var tools = new PythonTools(VENV.resolve("bin/python"));
        if (!Files.exists(installed) || Files.mismatch(requirements, installed) >= 0) {
            make("python3", "-m", "venv", "--clear", VENV.toString());
            make(
                    tools.python.toString(),
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--requirement",
                    requirements.toString());
            Files.copy(requirements, installed);
        }
        return tools;
    }

    /** What a script of {@code src/test/python} prints. */
    List<String> run(String script, Object argument) throws IOException, InterruptedException {
        return output(List.of(python.toString(), SCRIPTS.resolve(script).toString(), argument.toString()));
    }

    /** Starts a module that goes on until it is stopped; what it prints goes to {@code log}. */
    Process start(Path log, String... module) throws IOException {
        var command = new ArrayList<>(List.of(python.toString(), "-m"));
        command.addAll(List.of(module));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("MLFLOW_DISABLE_TELEMETRY", "true");
        return builder.start();
    }

    private static void make(String... command) throws InterruptedException {
        try {
            output(List.of(command));
        } catch (IOException e) {
            if (System.getenv("CI") != null) {
                fail("no Python environment", e);
            }
            abort("no Python environment: " + e.getMessage());
        }
    }

    private static List<String> output(List<String> command) throws IOException, InterruptedException {
        var log = Files.createTempFile("python", ".log");
        try {
            var errors = Files.createTempFile("python", ".err");
            var process = new ProcessBuilder(command)
                    .redirectOutput(log.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(command + " takes more than " + MINUTES + " minutes");
            }
            var said = Files.readString(errors);
            Files.delete(errors);
            if (process.exitValue() != 0) {
                throw new IOException(command + " ended with " + process.exitValue() + ": " + said);
            }
            return Files.readAllLines(log);
        } finally {
            Files.delete(log);
        }
    }
}
