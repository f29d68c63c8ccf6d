package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four made-up days of {@code conf/retrain.conf}: better, better still, worse, and broken. */
@Tag("slow")
class RetrainTest {
    @TempDir
    Path directory;

    private Shop shop;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @Test
    void theBestPolicyActsAndAWorseOrADoubtfulOneDoesNot() throws IOException {
        shop = new Shop(directory);

        shop.log("day-1", 300, "", "0.3333333333333333", Shop.Clicks.AS_THEY_WERE);
        assertPipelineEnds(0);
        assertThat(shop.decision().get("verdict").asText()).isEqualTo("promoted");
        assertThat(shop.decision().at("/champion_after/number").asInt()).isEqualTo(1);
        assertThat(shop.versionThatActs()).isEqualTo("1");

        assertPipelineEnds(0);
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("decided already: nothing to do");

        shop.log("day-2", 4000, "1", "0.3333333333333333", Shop.Clicks.AS_THEY_WERE);
        assertPipelineEnds(0);
        assertThat(shop.decision().get("verdict").asText()).isEqualTo("promoted");
        assertThat(shop.decision().at("/champion_before/number").asInt()).isEqualTo(1);
        assertThat(shop.decision().at("/champion_after/number").asInt()).isEqualTo(2);
        assertThat(shop.versionThatActs()).isEqualTo("2");

        shop.log("day-3", 12000, "2", "0.3333333333333333", Shop.Clicks.INVERTED_WHERE_POLICIES_LEARN);
        assertPipelineEnds(0);
        assertThat(shop.decision().get("verdict").asText()).isEqualTo("kept");
        assertThat(shop.decision()
                        .at("/decision/candidates/0/candidate/evidence/0/gain")
                        .asDouble())
                .as("it learned what is not true")
                .isNegative();
        assertThat(shop.versionThatActs()).isEqualTo("2");

        shop.log("day-4", 8000, "2", "0.9", Shop.Clicks.AS_THEY_WERE);
        assertPipelineEnds(3);
        assertThat(shop.decision().get("verdict").asText()).isEqualTo("refused");
        assertThat(shop.decision().get("reason").asText()).contains("the probabilities are wrong");
        assertThat(shop.versionThatActs()).as("the champion acts all the same").isEqualTo("2");

        assertBrokenPromisesAreShown();
        assertThat(shop.history("verdict")).containsExactly("promoted", "promoted", "kept", "refused");
        assertThat(shop.history("to")).containsExactly("1", "2", "2", "2");
        assertThat(Files.readString(shop.out().resolve("promote/decision.html")))
                .contains("REFUSED", "v1 (iql-1)", "v2 (iql-1)", "is not sure to earn");
    }

    /** Days 2 to 4 showed banners at random, whatever they say of who acted. */
    private void assertBrokenPromisesAreShown() throws IOException {
        assertThat(Files.readString(shop.out().resolve("judge/promises.html")))
                .contains(
                        "A promise is broken: v1 (iql-1) was promised to earn", "day-2.csv", "day-3.csv", "Over time");
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
                shop.out().toString()));
        for (var set : Stream.concat(
                        Stream.of(
                                "ingest.input=[\"" + shop.logs() + "\"]",
                                "predict.input=[\"" + shop.visitorsOfTomorrow() + "\"]",
                                "registry.directory=" + shop.registry()),
                        Shop.SMALL.stream())
                .toList()) {
            arguments.addAll(List.of("--set", set));
        }
        return Hindcast.run(Jobs.ALL, out, out, arguments.toArray(String[]::new));
    }
}
