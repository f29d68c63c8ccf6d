package io.hindcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Python with the packages of a {@code requirements-NAME.txt} beside the scripts, made once and kept below target. */
public final class PinnedPython {
    private static final Path SCRIPTS = Path.of("src/test/python").toAbsolutePath();

    private final String python;

    private PinnedPython(String python) {
        this.python = python;
    }

    /**
     * Makes it if it is not there yet.
     *
     * @param name which requirements
     * @param options of {@code pip install}, beside those
     */
    public static PinnedPython of(String name, String... options) throws IOException, InterruptedException {
        var folder = Path.of("target", name + "-venv").toAbsolutePath();
        var python = folder.resolve("bin/python").toString();
        var requirements = SCRIPTS.resolve("requirements-" + name + ".txt");
        var installed = folder.resolve("installed.txt");
        if (!Files.exists(installed) || Files.mismatch(requirements, installed) >= 0) {
            run("python3", "-m", "venv", "--clear", folder.toString());
            var install = new ArrayList<>(List.of(python, "-m", "pip", "install", "--quiet"));
            install.addAll(List.of("--disable-pip-version-check", "--requirement", requirements.toString()));
            install.addAll(List.of(options));
            run(install.toArray(String[]::new));
            Files.copy(requirements, installed);
        }
        return new PinnedPython(python);
    }

    /** Runs a script to its end. */
    public void script(String script, Object... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(python, SCRIPTS.resolve(script).toString()));
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        run(command.toArray(String[]::new));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        var log = Files.createTempFile("python", ".log");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue())
                .as(() -> {
                    try {
                        return Arrays.toString(command) + " said " + Files.readString(log);
                    } catch (IOException e) {
                        return Arrays.toString(command);
                    }
                })
                .isZero();
        Files.delete(log);
    }
}
