package io.hindcast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildComparisonTest {
    private static final String OWN =
            String.join(File.pathSeparator, "/jars/spark.jar", "/target/hindcast.jar", "/conf");

    @TempDir
    Path directory;

    @Test
    void theRatioIsThisBuildByTheOtherAndWhatOneLacksIsLeftOut() throws IOException {
        var seen = new TreeMap<String, Map<String, JsonNode>>();
        seen.put("this", Map.of("grid iql", measured("iql", 300), "grid new", measured("new", 1)));
        seen.put("against", Map.of("grid iql", measured("iql", 200)));

        assertThat(BuildComparison.lines(seen)).singleElement().satisfies(line -> {
            assertThat(line.learner()).isEqualTo("iql");
            assertThat(line.precision()).isEqualTo("float32");
            assertThat(line.ratio()).isEqualTo(1.5);
            assertThat(line.against()).isEqualTo(200);
            assertThat(line.loadAverage()).isEqualTo(0.5);
            assertThat(line.processor()).isEqualTo(Machine.processor());
        });
    }

    @Test
    void aJarIsRunWithTheLibrariesOfThisBuild() throws IOException {
        var jar = Files.createFile(directory.resolve("before.jar"));

        assertThat(BuildComparison.classPath(OWN, jar).split(File.pathSeparator))
                .containsExactly("/jars/spark.jar", jar.toString(), "/conf");
    }

    @Test
    void aCheckoutIsRunWithItsOwnLibraries() throws IOException {
        var target = Files.createDirectories(directory.resolve("jobs/target"));
        assertThatThrownBy(() -> BuildComparison.classPath(OWN, directory))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it has no jobs/target/hindcast.jar; run ./hindcast --help there");

        Files.createFile(target.resolve("hindcast.jar"));

        assertThat(BuildComparison.classPath(OWN, directory).split(File.pathSeparator))
                .containsExactly(target + "/spark-home/jars/*", target + "/hindcast.jar", target + "/spark-home/conf");
    }

    @Test
    void aBuildThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> BuildComparison.classPath(OWN, directory.resolve("nothing.jar")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it is not there; name the hindcast.jar of another build, or its checkout");
    }

    private static JsonNode measured(String learner, double rate) throws IOException {
        return Json.MAPPER.readTree("""
                {"workload": "grid", "learner": "%s", "runs": 1, "updates_per_second_best": %s, "load_average": 0.5}
                """.formatted(learner, rate));
    }
}
