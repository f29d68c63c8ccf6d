package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.Precision;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Names of runs, and what checkpoints say of them, are what they were when this test was written. */
final class RunSpecTest {
    private static final String STATE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    @Test
    void aPlainRunIsCalledWhatItWas() {
        var spec = spec(List.of(), null);
        assertThat(spec.id()).isEqualTo("dqn-all-s7-49103151ffbf");
        assertThat(spec.toJson()).isEqualTo(json("", ""));
    }

    @Test
    void aRunThatBeginsWithAnotherOnesParametersIsCalledWhatItWas() {
        var spec = spec(List.of(), new CheckpointRef("dqn-all-s7-0123456789ab", 500, STATE));
        assertThat(spec.id()).isEqualTo("dqn-all-s7-e5c2c49e0f4d");
        assertThat(spec.toJson())
                .isEqualTo(json(
                        "",
                        ",\"warmStart\":{\"run\":\"dqn-all-s7-0123456789ab\",\"state\":\"" + STATE
                                + "\",\"step\":500}"));
        assertThat(RunSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    @Test
    void aRunOfRewardsWithABonusIsCalledWhatItWas() {
        var bonus =
                new Transformation.Bonus("kl", "/data/out/checkpoints/dqn-all-s7-0123456789ab", 500, STATE, 0.5, 100);
        var spec = spec(List.of(new Transformation.Reward(2, 1), bonus), null);
        assertThat(spec.id()).isEqualTo("dqn-all-s7-66e1c3165dba");
        assertThat(spec.toJson())
                .isEqualTo(json(
                        "\"transformations\":[{\"reward\":{\"scale\":2.0,\"shift\":1.0}},{\"behaviour-bonus\":"
                                + "{\"divergence\":\"kl\",\"limit\":100.0,\"run\":\"/data/out/checkpoints/dqn-all-s7-0123456789ab\","
                                + "\"state\":\"" + STATE + "\",\"step\":500,\"weight\":0.5}}],",
                        ""));
        assertThat(RunSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    @Test
    void aRunOfFloat32IsCalledWhatItWasBeforeThereWasAnotherPrecision() {
        assertThat(spec(List.of(), null).in(Precision.FLOAT32)).isEqualTo(spec(List.of(), null));
        assertThat(spec(List.of(), null).precision()).isEqualTo(Precision.FLOAT32);
    }

    @Test
    void aRunOfBfloat16BetweenHiddenLayersIsAnotherOne() {
        var spec = spec(List.of(), null).in(Precision.BFLOAT16_HIDDEN);
        assertThat(spec.id())
                .isNotEqualTo(spec(List.of(), null).in(Precision.BFLOAT16).id());
        assertThat(spec.toJson())
                .isEqualTo(json("", "").replace("\"seed\"", "\"precision\":\"BFLOAT16_HIDDEN\",\"seed\""));
        assertThat(RunSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    @Test
    void aRunOfBfloat16HasANameOfItsOwnAndSaysWhy() {
        var spec = spec(List.of(), null).in(Precision.BFLOAT16);
        assertThat(spec.id()).isNotEqualTo("dqn-all-s7-49103151ffbf");
        assertThat(spec.toJson()).isEqualTo(json("", "").replace("\"seed\"", "\"precision\":\"BFLOAT16\",\"seed\""));
        assertThat(RunSpec.fromJson(spec.toJson())).isEqualTo(spec);
        assertThat(spec.judging(RunSpec.Judged.UNIFORM).precision()).isEqualTo(Precision.BFLOAT16);
    }

    private static String json(String between, String end) {
        return "{\"batchSize\":16,\"checkpointEvery\":10,\"learner\":\"dqn\",\"logEvery\":5,\"nStep\":1,\"name\":\"name\","
                + "\"seed\":7,\"settings\":{\"discount\":0.9},\"subset\":\"all\",\"subsetFingerprint\":\"fingerprint\","
                + between + "\"truncationIsTerminal\":false,\"updates\":1000" + end + "}";
    }

    private static RunSpec spec(List<Transformation> transformations, @Nullable CheckpointRef warmStart) {
        return new RunSpec(
                "name",
                "all",
                "fingerprint",
                "dqn",
                Map.of("discount", 0.9),
                7,
                1000,
                16,
                1,
                5,
                10,
                false,
                transformations,
                false,
                warmStart);
    }
}
