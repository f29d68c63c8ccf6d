package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.data.EpisodeShare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.sql.SparkSession;

/** A made-up shop: logs of days, the visitors of the next one, and what {@code conf/retrain.conf} decided. */
final class Shop {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What makes its training small. */
    static final List<String> SMALL = List.of(
            "train.seeds=[1]",
            "train.updates=300",
            "train.batch-size=64",
            "train.runs.iql.settings.actor.hidden-layers=[16]",
            "train.runs.iql.settings.critic.hidden-layers=[16]",
            "train.runs.iql.settings.value.hidden-layers=[16]",
            "train.runs.iql.settings.actor.learning-rate=0.003",
            "train.runs.iql.settings.critic.learning-rate=0.003",
            "train.runs.iql.settings.value.learning-rate=0.003",
            "judge.replicates=0");

    private final Path directory;
    private final SplittableRandom random = new SplittableRandom(7);

    /** Which clicks are written down as they were. */
    enum Clicks {
        AS_THEY_WERE,
        INVERTED_WHERE_POLICIES_LEARN
    }

    Shop(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(logs());
        visitors();
    }

    Path logs() {
        return directory.resolve("logs");
    }

    Path visitorsOfTomorrow() {
        return directory.resolve("visitors");
    }

    Path registry() {
        return directory.resolve("registry");
    }

    Path out() {
        return directory.resolve("out");
    }

    JsonNode decision() throws IOException {
        return JSON.readTree(out().resolve("promote/decision.json").toFile());
    }

    List<String> history(String field) throws IOException {
        var values = new ArrayList<String>();
        decision().get("history").forEach(row -> values.add(row.get(field).asText()));
        return values;
    }

    /** The version of the policy that decided for the visitors last. */
    String versionThatActs() throws IOException {
        var newest = 0;
        try (var versions = Files.list(out().resolve("predictions"))) {
            for (var version : versions.toList()) {
                var name = version.getFileName().toString();
                newest = name.matches("v[0-9]+") ? Math.max(newest, Integer.parseInt(name.substring(1))) : newest;
            }
        }
        var manifest = JSON.readTree(
                out().resolve("predictions/v" + newest + "/_manifest.json").toFile());
        assertThat(manifest.at("/configuration/policy").asText()).isEqualTo("shop");
        return manifest.at("/configuration/policy-version").asText();
    }

    /** Of three kinds; each clicks seven times of ten on the banner of its kind, else twice. */
    void log(String day, int visitors, String version, String propensity, Clicks clicks) throws IOException {
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
        Files.writeString(logs().resolve(day + ".csv"), log);
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
                    .parquet(visitorsOfTomorrow().toString());
        }
    }
}
