package io.hindcast.env;

import static org.assertj.core.api.Assertions.fail;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.env.PythonWorker.Launch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;

/** Python for tests: made once in the user's cache, as everybody's is. */
public final class Workers {
    private static final Duration START = Duration.ofMinutes(10);

    private Workers() {}

    /** {@code size} instances of a class of {@code worlds.py}; {@code settings} are those of the section gymnasium. */
    static VectorEnvironment world(String name, String settings, int size) {
        require("requirements-gymnasium.txt");
        // The tests' working directory is the module's, and Python finds a folder as it finds a package.
        return spec("gymnasium:src.test.resources.io.hindcast.env.worlds:" + name, settings)
                .open(size);
    }

    /** Instances of {@code Echo} with actions as they were learned. */
    static VectorEnvironment echo(int size, Spaces learned) {
        require("requirements-gymnasium.txt");
        return spec("gymnasium:src.test.resources.io.hindcast.env.worlds:Echo", "")
                .open(size, learned);
    }

    /** An environment of the registry. */
    static VectorEnvironment registered(String id, int size) {
        require("requirements-gymnasium.txt");
        return new EnvironmentSpec("gymnasium:" + id).open(size);
    }

    /** One of hindcast's own. */
    static VectorEnvironment ours(String name, String settings, int size) {
        require(GymnasiumTarget.of(name).orElseThrow().requirements());
        return spec(name, settings).open(size);
    }

    /** A class of {@code built_in.py}, which knows hindcast's own. */
    static VectorEnvironment around(String requirements, String entry, Map<String, Object> kwargs) {
        var python = require(requirements);
        var files = PythonCache.ofUser().files();
        return new GymnasiumEnvironment(
                new Launch(
                        entry,
                        List.of(python.toString(), files.resolve("worker.py").toString()),
                        Map.of(
                                "environment",
                                "built_in:" + entry,
                                "kwargs",
                                kwargs,
                                "path",
                                List.of(files.toString(), resources().toString())),
                        1,
                        START,
                        Duration.ofMinutes(1)),
                0);
    }

    public static EnvironmentSpec spec(String name, String settings) {
        return new EnvironmentSpec(
                name, Settings.read(GymnasiumConfig.class, ConfigFactory.parseString(settings), "gymnasium"));
    }

    static Path resources() {
        return Path.of(Objects.requireNonNull(Workers.class.getResource("worlds.py"))
                        .getPath())
                .getParent();
    }

    /** Skips the test where packages cannot be installed, except in CI, where they must. */
    public static Path require(String requirements) {
        try {
            return new VirtualEnvironments(PythonCache.ofUser()).python("tests", requirements, List.of(), START);
        } catch (UserException e) {
            if ("true".equals(System.getenv("CI"))) {
                return fail("There is no Python to test with", e);
            }
            Assumptions.abort(e.getMessage());
            throw e;
        }
    }
}
