package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.data.EpisodeShare;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four made-up days of {@code conf/retrain.conf}: better, better still, worse, and broken. */
@Tag("slow")
class RetrainTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private final SplittableRandom random = new SplittableRandom(7);
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    /** Which clicks are written down as they were. */
    private enum Clicks {
        AS_THEY_WERE,
        INVERTED_WHERE_POLICIES_LEARN
    }

    @Test
    void theBestPolicyActsAndAWorseOrADoubtfulOneDoesNot() throws IOException {
        Files.createDirectories(directory.resolve("logs"));
        visitors();

        log("day-1", 300, "", "0.3333333333333333", Clicks.AS_THEY_WERE);
        assertPipelineEnds(0);
        assertThat(decision().get("verdict").asText()).isEqualTo("promoted");
        assertThat(decision().at("/champion_after/number").asInt()).isEqualTo(1);
        assertThat(versionThatActs()).isEqualTo("1");

        assertPipelineEnds(0);
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("decided already: nothing to do");

        log("day-2", 4000, "1", "0.3333333333333333", Clicks.AS_THEY_WERE);
        assertPipelineEnds(0);
        assertThat(decision().get("verdict").asText()).isEqualTo("promoted");
        assertThat(decision().at("/champion_before/number").asInt()).isEqualTo(1);
        assertThat(decision().at("/champion_after/number").asInt()).isEqualTo(2);
        assertThat(versionThatActs()).isEqualTo("2");

        log("day-3", 12000, "2", "0.3333333333333333", Clicks.INVERTED_WHERE_POLICIES_LEARN);
        assertPipelineEnds(0);
        assertThat(decision().get("verdict").asText()).isEqualTo("kept");
        assertThat(decision()
                        .at("/decision/candidates/0/candidate/evidence/0/gain")
                        .asDouble())
                .as("it learned what is not true")
                .isNegative();
        assertThat(versionThatActs()).isEqualTo("2");

        log("day-4", 8000, "2", "0.9", Clicks.AS_THEY_WERE);
        assertPipelineEnds(3);
        assertThat(decision().get("verdict").asText()).isEqualTo("refused");
        assertThat(decision().get("reason").asText()).contains("the probabilities are wrong");
        assertThat(versionThatActs()).as("the champion acts all the same").isEqualTo("2");

        assertBrokenPromisesAreShown();
        assertThat(history("verdict")).containsExactly("promoted", "promoted", "kept", "refused");
        assertThat(history("to")).containsExactly("1", "2", "2", "2");
        assertThat(Files.readString(directory.resolve("out/promote/decision.html")))
                .contains("REFUSED", "v1 (iql-1)", "v2 (iql-1)", "is not sure to earn");
    }

    /** Days 2 to 4 showed banners at random, whatever they say of who acted. */
    private void assertBrokenPromisesAreShown() throws IOException {
        assertThat(Files.readString(directory.resolve("out/judge/promises.html")))
                .contains(
                        "A promise is broken: v1 (iql-1) was promised to earn", "day-2.csv", "day-3.csv", "Over time");
    }

    private List<String> history(String field) throws IOException {
        var values = new ArrayList<String>();
        decision().get("history").forEach(row -> values.add(row.get(field).asText()));
        return values;
    }

    private JsonNode decision() throws IOException {
        return JSON.readTree(directory.resolve("out/promote/decision.json").toFile());
    }

    private void assertPipelineEnds(int code) {
        var ended = pipeline();
        assertThat(ended).as(said.toString(StandardCharsets.UTF_8)).isEqualTo(code);
    }

    private int pipeline() {
        said.reset();
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
        var out = new PrintStream(said, true, StandardCharsets.UTF_8);
        var arguments = new ArrayList<>(List.of(
                "pipeline",
                "--conf",
                "../conf/retrain.conf",
                "--out",
                directory.resolve("out").toString()));
        for (var set : List.of(
                "ingest.input=[\"" + directory.resolve("logs") + "\"]",
                "predict.input=[\"" + directory.resolve("visitors") + "\"]",
                "registry.directory=" + directory.resolve("registry"),
                "train.seeds=[1]",
                "train.updates=300",
                "train.batch-size=64",
                "train.runs.iql.settings.actor.hidden-layers=[16]",
                "train.runs.iql.settings.critic.hidden-layers=[16]",
                "train.runs.iql.settings.value.hidden-layers=[16]",
                "train.runs.iql.settings.actor.learning-rate=0.003",
                "train.runs.iql.settings.critic.learning-rate=0.003",
                "train.runs.iql.settings.value.learning-rate=0.003",
                "judge.replicates=0")) {
            arguments.addAll(List.of("--set", set));
        }
        return Hindcast.run(Jobs.ALL, out, out, arguments.toArray(String[]::new));
    }

    /** Of three kinds; each clicks seven times of ten on the banner of its kind, else twice. */
    private void log(String day, int visitors, String version, String propensity, Clicks clicks) throws IOException {
        var log = new StringBuilder("likes_1,likes_2,likes_3,action_index,propensity,policy_version,click\n");
        for (var i = 0; i < visitors; i++) {
            var kind = random.nextInt(3);
            var banner = random.nextInt(3);
            var click = random.nextDouble() < (kind == banner ? 0.7 : 0.2);
            var learns = EpisodeShare.of("split", 0, String.format("%s/%06d", day, i)) < 0.5;
            var written = clicks == Clicks.INVERTED_WHERE_POLICIES_LEARN && learns ? !click : click;
            for (var k = 0; k < 3; k++) {
                log.append(k == kind ? 1 : 0).append(',');
            }
            log.append(banner)
                    .append(',')
                    .append(propensity)
                    .append(',')
                    .append(version)
                    .append(',');
            log.append(written ? 1 : 0).append('\n');
        }
        Files.writeString(directory.resolve("logs").resolve(day + ".csv"), log);
    }

    private void visitors() throws IOException {
        try (var spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .getOrCreate()) {
            spark.range(90)
                    .selectExpr(
                            "id AS visitor",
                            "CAST(id % 3 = 0 AS INT) AS likes_1",
                            "CAST(id % 3 = 1 AS INT) AS likes_2",
                            "CAST(id % 3 = 2 AS INT) AS likes_3")
                    .write()
                    .parquet(directory.resolve("visitors").toString());
        }
    }

    private String versionThatActs() throws IOException {
        var newest = 0;
        try (var versions = Files.list(directory.resolve("out/predictions"))) {
            for (var version : versions.toList()) {
                var name = version.getFileName().toString();
                newest = name.matches("v[0-9]+") ? Math.max(newest, Integer.parseInt(name.substring(1))) : newest;
            }
        }
        var manifest = JSON.readTree(directory
                .resolve("out/predictions/v" + newest + "/_manifest.json")
                .toFile());
        assertThat(manifest.at("/configuration/policy").asText()).isEqualTo("shop");
        return manifest.at("/configuration/policy-version").asText();
    }
}
