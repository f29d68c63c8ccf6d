package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.Part;
import io.hindcast.config.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry as a real MLflow server shows it. */
@Tag("slow")
@Timeout(600)
final class RegistryMirrorTest {
    private static final RegistryMirror.Version FIRST =
            new RegistryMirror.Version(1, Map.of(), Map.of("sha256", "aa", "learner", "iql"));
    private static final RegistryMirror.Version SECOND =
            new RegistryMirror.Version(2, Map.of(), Map.of("sha256", "bb", "learner", "awac"));

    private static PythonTools python;

    @TempDir
    Path folder;

    @BeforeAll
    static void makePython() throws IOException, InterruptedException {
        Part.require(5);
        python = PythonTools.here();
    }

    @Test
    void mlflowShowsVersionsFilesTagsAndWhoIsChampionHoweverOftenItIsTold() throws Exception {
        var port = MlflowProgram.freePort();
        try (var server = new MlflowProgram(python, folder, port)) {
            assertThat(mirror(server.uri()).mirror(model(Map.of("champion", 1), FIRST)))
                    .isEmpty();
            assertThat(aliases(server)).isEqualTo(Map.of("champion", "1"));
            assertThat(file(server, 1, "policy.onnx")).isEqualTo("a policy 1");
            assertThat(file(server, 1, "judge page.html")).isEqualTo("a page");

            var both = model(Map.of("champion", 1, "challenger", 2), FIRST, SECOND);
            assertThat(mirror(server.uri()).mirror(both)).isEmpty();
            assertThat(aliases(server)).isEqualTo(Map.of("champion", "1", "challenger", "2"));
            var before = versions(server).toString();
            assertThat(mirror(server.uri()).mirror(both)).isEmpty();
            assertThat(versions(server)).hasToString(before);
            assertThat(MlflowFake.map(wrapped(versions(server).get(0)), "tags"))
                    .containsAllEntriesOf(Map.of("sha256", "bb", "learner", "awac", "hindcast.version", "2"));

            var tagged =
                    new RegistryMirror.Version(2, Map.of(), Map.of("sha256", "bb", "learner", "awac", "said", "yes"));
            assertThat(mirror(server.uri()).mirror(model(Map.of("champion", 2), FIRST, tagged)))
                    .isEmpty();
            assertThat(aliases(server)).isEqualTo(Map.of("champion", "2"));
            assertThat(MlflowFake.map(wrapped(versions(server).get(0)), "tags")).containsEntry("said", "yes");
            assertThat(versions(server)).hasSize(2);
        }
    }

    @Test
    void whatMlflowMissedItIsToldByTheNextCall() throws Exception {
        var port = MlflowProgram.freePort();
        var away = mirror("http://127.0.0.1:" + port).mirror(model(Map.of("champion", 1), FIRST));
        assertThat(away)
                .hasValue("MLflow at http://127.0.0.1:" + port + " does not show registry shop as it is: cannot GET"
                        + " mlflow/registered-models/get: connection refused, or no such host; the next promotion tells it"
                        + " again");
        try (var server = new MlflowProgram(python, folder, port)) {
            var lost = new RegistryMirror.Version(2, Map.of("policy.onnx", folder + "/nowhere"), Map.of());
            assertThat(mirror(server.uri()).mirror(model(Map.of("champion", 2), FIRST, lost)))
                    .hasValueSatisfying(
                            line -> assertThat(line).contains("nowhere").doesNotContain("\n"));
            assertThat(versions(server)).hasSize(1);

            assertThat(mirror(server.uri()).mirror(model(Map.of("champion", 2), FIRST, SECOND)))
                    .isEmpty();
            assertThat(versions(server)).hasSize(2);
            assertThat(aliases(server)).isEqualTo(Map.of("champion", "2"));
            var runs = server.asked().post("runs/search", Map.of("experiment_ids", List.of("1")));
            assertThat(runs.path("runs")).hasSize(2);
        }
    }

    @Test
    void aModelOfSomebodyElseIsLeftAlone() throws Exception {
        try (var server = new MlflowProgram(python, folder, MlflowProgram.freePort())) {
            server.asked().post("registered-models/create", Map.of("name", "shop"));
            assertThat(mirror(server.uri()).mirror(model(Map.of("champion", 1), FIRST)))
                    .hasValueSatisfying(line -> assertThat(line)
                            .contains(
                                    "its registered model shop is not of the registry in file:/registry/shop; give the"
                                            + " registry another name"));
            assertThat(versions(server)).isEmpty();
        }
    }

    private static RegistryMirror mirror(String uri) {
        return new RegistryMirror(uri, "registry", new Configuration(), Map.of(), Duration.ofMinutes(1));
    }

    private RegistryMirror.Model model(Map<String, Integer> aliases, RegistryMirror.Version... versions)
            throws IOException {
        Files.writeString(folder.resolve("page"), "a page");
        var all = new ArrayList<RegistryMirror.Version>();
        for (var version : versions) {
            var policy = folder.resolve("policy-" + version.number());
            Files.writeString(policy, "a policy " + version.number());
            var files = new HashMap<>(Map.of("policy.onnx", policy.toString(), "judge page.html", folder + "/page"));
            files.putAll(version.files());
            all.add(new RegistryMirror.Version(version.number(), files, version.tags()));
        }
        return new RegistryMirror.Model("shop", "file:/registry/shop", all, aliases);
    }

    /** The newest first. */
    private static JsonNode versions(MlflowProgram server) {
        return server.asked()
                .get("model-versions/search", Map.of("filter", "name='shop'", "order_by", "version_number DESC"))
                .path("model_versions");
    }

    private static Map<String, String> aliases(MlflowProgram server) {
        var aliases = new TreeMap<String, String>();
        server.asked()
                .get("registered-models/get", Map.of("name", "shop"))
                .at("/registered_model/aliases")
                .forEach(alias -> aliases.put(
                        alias.path("alias").asText(), alias.path("version").asText()));
        return aliases;
    }

    private static JsonNode wrapped(JsonNode data) {
        return Json.MAPPER.createObjectNode().set("data", data);
    }

    /** A file of a version as MLflow's own page downloads it. */
    private static String file(MlflowProgram server, int version, String name) throws Exception {
        var asked = name.replace(" ", "%20");
        var request = HttpRequest.newBuilder(URI.create(
                        server.uri() + "/model-versions/get-artifact?name=shop&version=" + version + "&path=" + asked))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }
}
