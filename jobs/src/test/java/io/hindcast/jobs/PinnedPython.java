package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * A Python with the packages of {@code src/test/python/requirements-NAME.txt}, made once and kept below target. The library's tests
 * have their own: no module sees another's tests.
 *
 * @param folder of the environment
 */
record PinnedPython(Path folder) {
    private static final Path SCRIPTS = Path.of("src/test/python").toAbsolutePath();

    /** Makes it if it is not there yet. */
    static PinnedPython of(String name) throws IOException, InterruptedException {
        var python = new PinnedPython(Path.of("target", name + "-venv").toAbsolutePath());
        var requirements = SCRIPTS.resolve("requirements-" + name + ".txt");
        var installed = python.folder.resolve("installed.txt");
        if (!Files.exists(installed) || Files.mismatch(requirements, installed) >= 0) {
            run("python3", "-m", "venv", "--clear", python.folder.toString());
            run(python.program("pip"), "install", "--quiet", "--requirement", requirements.toString());
            Files.copy(requirements, installed);
        }
        return python;
    }

    /** A program of it. */
    String program(String name) {
        return folder.resolve("bin").resolve(name).toString();
    }

    /** Where a script lies. */
    static String script(String name) {
        return SCRIPTS.resolve(name).toString();
    }

    private static void run(String... command) throws IOException, InterruptedException {
        var log = Files.createTempFile("python", ".log");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue())
                .as("%s said %s", Arrays.toString(command), Files.readString(log))
                .isZero();
        Files.delete(log);
    }
}
