package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.run.RunSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TrackedJobTest {
    private static final String TRANSITIONS = "7d775c12d0086025540845e13613907d";
    private static final TrackedJob JOB = new TrackedJob(
            "/out",
            "s3a://bucket/out",
            "{}",
            Map.of(
                    "best",
                    new TrackedJob.Data(
                            List.of(new TrackedJob.Table("transitions", 1, "s3a://bucket/out/transitions/v1")), 7)),
            text -> text);

    @Test
    void theFingerprintOfTransitionsIsTheDigestOfADataset() {
        assertThat(dataset(TRANSITIONS).get("digest")).isEqualTo(TRANSITIONS);
        assertThat(dataset(TRANSITIONS).get("source_type")).isEqualTo("s3a");
    }

    @Test
    void aSubsetMadeAnewOfTheSameTransitionsIsAnotherDataset() {
        var digest = String.valueOf(
                dataset(TRANSITIONS + TRANSITIONS.replace("7d", "8e")).get("digest"));

        assertThat(digest).hasSize(36);
        assertThat(dataset(TRANSITIONS + TRANSITIONS.replace("7d7", "8e8")).get("digest"))
                .isNotEqualTo(digest);
    }

    private static Map<?, ?> dataset(String fingerprint) {
        var spec = new RunSpec(
                "iql", "best", fingerprint, "iql", Map.of(), 1, 2000, 256, 1, 500, 1000, false, List.of(), false, null);
        return (Map<?, ?>) JOB.dataset(spec).get("dataset");
    }
}
