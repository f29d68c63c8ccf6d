package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.Action;
import io.hindcast.run.Seeds;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrphanTest {
    /** Opens an environment, says the worker's process id, and plays for ever. */
    static final class Player {
        private Player() {}

        public static void main(String[] args) {
            try (var worlds = Workers.world("Moody", args[0], 1)) {
                System.out.println(ProcessHandle.current()
                        .descendants()
                        .filter(process ->
                                process.info().commandLine().orElse("").contains("worker.py"))
                        .findFirst()
                        .orElseThrow()
                        .pid());
                while (true) {
                    worlds.reset(0, new Seeds(1).generator("episode", 0));
                    var actions = new @Nullable Action[] {new Action.Vector(new float[] {0})};
                    for (var t = 0; t < 9; t++) {
                        worlds.step(actions);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "prints, SIGKILL", // it steps: its standard input ends
        "hangs, SIGKILL", // it reads nothing: it looks for its parent
        "hangs, SIGTERM", // the JVM ends in order
    })
    void noWorkerOutlivesItsJvm(String what, String signal) throws Exception {
        Workers.require("requirements-gymnasium.txt");
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath(),
                        Player.class.getName(),
                        "kwargs { what = " + what + " }")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            var worker = ProcessHandle.of(Long.parseLong(said.readLine())).orElseThrow();
            assertThat(worker.isAlive()).isTrue();
            if (signal.equals("SIGKILL")) {
                process.destroyForcibly();
            } else {
                process.destroy();
            }
            worker.onExit().get(30, TimeUnit.SECONDS); // or the test fails
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    private static String classPath() throws URISyntaxException {
        var parts = new ArrayList<String>();
        for (var type : List.of(OrphanTest.class, EnvironmentSpec.class)) {
            // Whoever runs tests may have found them elsewhere than on the class path.
            parts.add(Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        parts.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        return String.join(File.pathSeparator, parts);
    }
}
