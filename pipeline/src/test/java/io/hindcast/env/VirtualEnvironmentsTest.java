package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With programs that do nothing but write down that they were called. */
class VirtualEnvironmentsTest {
    private static final String REQUIREMENTS = "requirements-gymnasium.txt";

    /** Answers as python3 does to what is asked of it: a check of the version, -m venv, -m pip install. */
    private static final String PYTHON = """
            #!/bin/sh
            [ "$1" = -c ] && exit 0
            echo "$@" >>"%1$s/calls"
            [ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
            %2$s
            """;

    private final List<String> notices = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeEach
    void hearNotices() {
        Notices.to(notices::add);
    }

    @Test
    void anEnvironmentIsMadeOnceAndSaidOnce() throws IOException {
        var environments = environments("exit 0");
        var python = python(environments);
        assertThat(python).isExecutable().hasFileName("python");
        assertThat(python(environments)).isEqualTo(python);
        assertThat(calls()).hasSize(2);
        assertThat(calls().get(1)).contains("-m pip install").endsWith(".txt");
        assertThat(notices).singleElement().asString().contains("making a Python environment for world in ");
    }

    @Test
    void otherPackagesAreAnotherEnvironment() {
        var environments = environments("exit 0");
        assertThat(environments.python("world", REQUIREMENTS, List.of("ale-py"), Duration.ofMinutes(1)))
                .isNotEqualTo(python(environments));
    }

    @Test
    void tasksThatNeedTheSameMakeItOnce() throws Exception {
        var environments = environments("sleep 0.2");
        var pool = Executors.newFixedThreadPool(4);
        try {
            Callable<Path> task = () -> python(environments);
            var made = pool.invokeAll(List.of(task, task, task, task));
            for (var path : made) {
                assertThat(path.get()).isEqualTo(made.get(0).get());
            }
        } finally {
            pool.shutdown();
        }
        assertThat(calls()).hasSize(2);
    }

    @Test
    void halfOfOneIsMadeAnew() throws IOException {
        var killed = "[ $2 = venv ] && echo half >$3/bin/half || exit 9";
        assertThatThrownBy(() -> python(environments(killed))).isInstanceOf(UserException.class);
        var left = folder.resolve("cache").resolve("python-" + hash());
        assertThat(left.resolve("bin").resolve("half")).exists();
        var python = python(environments("exit 0"));
        assertThat(python).startsWith(left);
        assertThat(python.resolveSibling("half")).doesNotExist();
    }

    @Test
    void oneWhosePythonIsGoneIsMadeAnew() throws IOException {
        var environments = environments("exit 0");
        Files.delete(python(environments));
        assertThat(python(environments)).isExecutable();
        assertThat(calls()).hasSize(4);
    }

    @Test
    void whatPipSaysLastIsQuoted() {
        var pip = "[ $2 = venv ] || { echo Collecting; echo ERROR: No matching distribution found for gymnasium==1.3.0;"
                + " echo '[notice] A new release of pip is available'; exit 1; }";
        assertThatThrownBy(() -> python(environments(pip)))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot make a Python environment for world: ")
                .hasMessageContaining("ended with exit code 1, saying: ERROR: No matching distribution found for"
                        + " gymnasium==1.3.0; all it said is in ")
                .hasMessageEndingWith("an interpreter that has: gymnasium==1.3.0 numpy==2.2.6");
    }

    @Test
    void aPythonWithoutVenvIsToldHowToGetIt() {
        var debian = "echo 'because ensurepip is not available.'; exit 1";
        assertThatThrownBy(() -> python(environments(debian)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("install Python's venv, for example by apt-get install python3-venv");
    }

    @Test
    void aProgramThatDoesNotEndIsEnded() {
        var environments = environments("sleep 60");
        assertThatThrownBy(() -> environments.python("world", REQUIREMENTS, List.of(), Duration.ofMillis(300)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("did not end within 0.3 s (gymnasium.start-timeout)");
    }

    @Test
    void uvIsUsedWhereItIsThere() throws IOException {
        var uv = program("uv", """
                #!/bin/sh
                echo uv "$@" >>"%s/calls"
                [ "$1" = venv ] && mkdir -p "$4/bin" && touch "$4/bin/python" && chmod +x "$4/bin/python"
                exit 0
                """.formatted(folder));
        var environments = new VirtualEnvironments(cache(), uv, List.of());
        assertThat(python(environments)).isExecutable();
        assertThat(calls()).hasSize(3).element(1).asString().startsWith("uv venv --python >=3.10,<3.14 ");
        assertThat(calls().get(2)).startsWith("uv pip install --python ");
    }

    @Test
    void withoutAnyPythonItIsSaidWhatToInstall() {
        var none = new VirtualEnvironments(cache(), "no-uv-here", List.of("no-python-here"));
        assertThatThrownBy(() -> python(none))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot open world: neither no-uv-here nor Python 3.10, 3.11, 3.12 or 3.13 is on the PATH (tried"
                                + " no-python-here); install one of them, for example by apt-get install python3-venv, or set"
                                + " gymnasium.python to an interpreter that has: gymnasium==1.3.0 numpy==2.2.6");
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> new PythonCache(file.resolve("hindcast")).files())
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot keep Python's files in " + file)
                .hasMessageEndingWith("; set XDG_CACHE_HOME to a folder that can be written");
    }

    private VirtualEnvironments environments(String does) {
        return new VirtualEnvironments(
                cache(), "no-uv-here", List.of("no-python-here", program("python", PYTHON.formatted(folder, does))));
    }

    private static Path python(VirtualEnvironments environments) {
        return environments.python("world", REQUIREMENTS, List.of(), Duration.ofMinutes(1));
    }

    private PythonCache cache() {
        return new PythonCache(folder.resolve("cache"));
    }

    private static String hash() {
        return PythonCache.hash(PythonCache.resource(REQUIREMENTS) + "\n");
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(folder.resolve("calls"));
    }

    private String program(String name, String text) {
        try {
            var file = Files.writeString(folder.resolve(name), text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            return file.toString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
