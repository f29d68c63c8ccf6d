package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.table.Manifest;
import io.hindcast.table.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an earlier hindcast published is still what the same conf file asks for, so that it is not made again. */
final class OldManifestsTest {
    private static final Path FOLDER = Path.of("src/test/resources/old-manifests");

    @ParameterizedTest
    @ValueSource(strings = {"subsets", "subsets-of-vectors"})
    void subsetsAreAskedForInTheSameWords(String name) throws IOException {
        var manifest =
                new ObjectMapper().readTree(FOLDER.resolve(name + ".json").toFile());
        var configuration = Settings.toMap(conf(name));
        if (manifest.get("configuration").has("datasets")) {
            configuration.put("datasets", manifest.get("configuration").get("datasets"));
        }
        var episodes = manifest.get("parents").get(0);
        var parent = new Manifest.Parent(
                episodes.get("table").asText(),
                episodes.get("version").asInt(),
                episodes.get("fingerprint").asText());

        var request = new Request("curate", configuration, List.of(parent), List.of());
        assertThat(request.key()).isEqualTo(manifest.get("request_key").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"subsets", "subsets-of-vectors"})
    void theirStepsAreReadFromThere(String name) throws IOException {
        var manifest =
                new ObjectMapper().readTree(FOLDER.resolve(name + ".json").toFile());
        var written =
                new ObjectMapper().convertValue(manifest.get("configuration").get("subsets"), Map.class);
        var subsets = ConfigFactory.parseMap(Map.of("subsets", written));
        assertThat(Settings.read(CurateConfig.class, subsets, "")).isEqualTo(conf(name));
    }

    @Test
    void everyStepIsInOneOfThem() {
        var kinds = new HashSet<String>();
        for (var name : List.of("subsets", "subsets-of-vectors")) {
            conf(name).subsets().values().forEach(subset -> subset.steps().forEach(step -> kinds.add(step.name())));
        }
        assertThat(kinds).hasSize(13);
    }

    private static CurateConfig conf(String name) {
        return Settings.read(
                CurateConfig.class,
                ConfigFactory.parseFile(FOLDER.resolve(name + ".conf").toFile()),
                "");
    }
}
