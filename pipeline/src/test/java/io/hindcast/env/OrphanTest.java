package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.run.Seeds;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Opens an environment that starts programs in sessions of their own, says who they are and plays for ever. */
    static final class Parent {
        private Parent() {}

        public static void main(String[] args) {
            try (var worlds = Workers.world("Parent", "restarts = 0, kwargs { folder = \"" + args[0] + "\" }", 1)) {
                System.out.println("opened");
                while (true) {
                    worlds.reset(0, new Seeds(1).generator("episode", 0));
                    for (var t = 0; t < 9; t++) {
                        worlds.step(new @Nullable Action[] {new Action.Vector(new float[] {0})});
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed", "worker killed", "guard killed", "both killed", "JVM killed"})
    @EnabledOnOs(OS.LINUX) // elsewhere nobody adopts a process whose parent has gone
    void programsInSessionsOfTheirOwnEndWithTheWorker(String how, @TempDir Path folder) throws Exception {
        Workers.require("requirements-gymnasium.txt");
        if (how.equals("JVM killed")) {
            var process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            classPath(),
                            Parent.class.getName(),
                            folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (var said =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(said.readLine()).isEqualTo("opened");
                var started = started(folder);
                process.destroyForcibly();
                assertEnded(started);
            } finally {
                process.destroyForcibly();
            }
            return;
        }
        var settings = "restarts = 0, kwargs { folder = \"" + folder + "\" }";
        try (var worlds = Workers.world("Parent", settings, 1)) {
            var started = started(folder);
            var processes = ProcessHandle.current()
                    .descendants()
                    .filter(process -> process.info().commandLine().orElse("").contains("worker.py"))
                    .toList();
            assertThat(processes).hasSize(2);
            var guard = processes.get(0).descendants().findAny().isPresent()
                            && processes.get(1).parent().equals(Optional.of(processes.get(0)))
                    ? processes.get(0)
                    : processes.get(1);
            var worker = guard == processes.get(0) ? processes.get(1) : processes.get(0);
            switch (how) {
                case "closed" -> worlds.close();
                case "worker killed" -> worker.destroyForcibly();
                case "guard killed" -> guard.destroyForcibly();
                default -> {
                    guard.destroyForcibly();
                    worker.destroyForcibly();
                    // Nobody is left but this JVM, which learns of it when it asks next.
                    assertThatThrownBy(() -> worlds.reset(0, new Seeds(1).generator("episode", 0)))
                            .isInstanceOf(UserException.class);
                }
            }
            assertEnded(started);
        }
    }

    private static List<ProcessHandle> started(Path folder) throws Exception {
        var started = new ArrayList<ProcessHandle>();
        for (var name : List.of("child", "orphan")) {
            var file = folder.resolve(name);
            for (var i = 0; i < 1000 && (!Files.exists(file) || Files.size(file) == 0); i++) {
                Thread.sleep(10);
            }
            started.add(ProcessHandle.of(Long.parseLong(Files.readString(file))).orElseThrow());
        }
        assertThat(started).allMatch(ProcessHandle::isAlive);
        return started;
    }

    private static void assertEnded(List<ProcessHandle> started) throws Exception {
        for (var process : started) {
            try {
                process.onExit().get(30, TimeUnit.SECONDS); // or the test fails
            } finally {
                process.destroyForcibly();
            }
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
