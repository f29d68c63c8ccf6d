package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.env.PythonWorker.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that are no good workers. */
class PythonWorkerTest {
    private static final String FRAME = """
            import sys, struct, time
            def write(kind, payload):
                sys.stdout.buffer.write(b"HCGY" + kind + struct.pack("<I", len(payload)) + payload)
                sys.stdout.buffer.flush()
            """;
    private static final String HEADER = """
            write(b"H", b'{"protocol": 4, "observation_size": 2, "max_episode_steps": 9,'
                b'"action": {"type": "discrete", "count": 2}}')
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void needsPython() throws Exception {
        try {
            Assumptions.assumeTrue(
                    new ProcessBuilder("python3", "-c", "").start().waitFor() == 0, "python3 does not run");
        } catch (IOException e) {
            Assumptions.abort("There is no python3 on the PATH");
        }
    }

    @Test
    void aWorkerOfAnotherProtocolIsRefused() {
        assertThatThrownBy(() -> start(FRAME + "write(b'H', b'{\"protocol\": 99}'); time.sleep(60)"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot open test: the worker python3 ")
                .hasMessageEndingWith(
                        " speaks protocol 99, this hindcast speaks 4; delete its folder, and it is made again");
    }

    @Test
    void aProgramThatEndsAtOnceIsQuoted() {
        assertThatThrownBy(() -> start("import sys; sys.exit('I am no worker')"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot open test: python3 ")
                .hasMessageContaining(" ended with exit code 1 before it answered; it said last: I am no worker; ");
    }

    @Test
    void aProgramThatIsNotThereIsNamed() {
        assertThatThrownBy(() ->
                        new PythonWorker(launch(List.of(folder.resolve("python").toString()))))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot open test: " + folder.resolve("python") + " cannot be started (")
                .hasMessageContaining("set gymnasium.python");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "import os; os.kill(os.getpid(), 15)                       | was ended by signal 15",
                "import time; time.sleep(60)                               | did not answer in time",
                "import time; print('hello, world', flush=True); time.sleep(60) | answered with something else than a frame: 'hello, wo…'",
                "write(b'H', b'no JSON'); time.sleep(60)                   | gave a header that is no JSON",
                "write(b'H', b'{\"protocol\": 4}'); time.sleep(60)         | gave a header that is none",
                "sys.stdout.buffer.write(b'HCGYH' + b'\\xff' * 4); sys.stdout.flush(); time.sleep(60) | announced a frame of 4294967295 bytes"
            })
    void aBadStartIsToldApart(String script, String reason) {
        assertThatThrownBy(() -> start(FRAME + script))
                .isInstanceOf(WorkerFailure.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "write(b'R', bytes(7))                             | answered with 7 bytes of kind R where 9 of kind R were due",
                "write(b'S', bytes(8))                             | answered with 8 bytes of kind S where 9 of kind R were due",
                "write(b'E', bytes(1 << 21))                       | announced a frame of 2097152 bytes",
                "sys.exit(7)                                       | ended with exit code 7",
                "import os; os.close(1); time.sleep(60)            | closed its standard output"
            })
    void aBadAnswerIsToldApart(String script, String reason) throws Exception {
        try (var worker = start(FRAME + HEADER + "sys.stdin.buffer.read(9 + 8 + 9)\n" + script + "\ntime.sleep(60)")) {
            assertThat(worker.maxEpisodeSteps()).isEqualTo(9);
            assertThatThrownBy(() -> worker.reset(0, 1))
                    .isInstanceOf(WorkerFailure.class)
                    .hasMessageContaining(reason);
            worker.kill();
        }
    }

    @Test
    void whatAWorkerStartedEndsWithIt() throws Exception {
        var script = FRAME + "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n" + HEADER
                + "\nopen(sys.argv[0] + '.pid', 'w').write(str(child.pid))\ntime.sleep(600)";
        var worker = start(script);
        var pid = folder.resolve("worker.py.pid");
        while (!Files.exists(pid) || Files.size(pid) == 0) {
            Thread.sleep(10);
        }
        var child = ProcessHandle.of(Long.parseLong(Files.readString(pid))).orElseThrow();
        assertThat(child.isAlive()).isTrue();
        worker.kill();
        child.onExit().get();
        assertThat(child.isAlive()).isFalse();
    }

    private PythonWorker start(String script) throws WorkerFailure {
        var file = folder.resolve("worker.py");
        try {
            Files.writeString(file, script);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return new PythonWorker(launch(List.of("python3", file.toString())));
    }

    private static Launch launch(List<String> command) {
        return new Launch("test", command, Map.of("environment", ""), 1, Duration.ofSeconds(5), Duration.ofSeconds(5));
    }
}
