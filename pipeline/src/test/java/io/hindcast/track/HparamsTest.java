package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.run.RunSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** By hand what TrackProgramsTest lets TensorBoard read. */
final class HparamsTest {
    @Test
    void theEndOfARunIsThatOfTheProtocolBuffer() {
        assertThat(hex(Hparams.end(true, 1.0)))
                .isEqualTo(
                        "22 0b" // session_end_info of 11 bytes
                                + " 08 01" // status: STATUS_SUCCESS
                                + " 11 00 00 00 00 00 00 f0 3f"); // end_time_secs: 1.0
        assertThat(hex(Hparams.end(false, 1.0))).startsWith("22 0b 08 02");
    }

    @Test
    void aRunSaysOnlyWhatRunsDifferInBesidesItsNames() {
        var two = List.of(run(1, 0.7), run(2, 0.9));

        assertThat(text(Hparams.of(two).start(two.get(0), 0)))
                .contains("name")
                .contains("learner")
                .contains("subset")
                .contains("seed")
                .contains("expectile")
                .doesNotContain("discount")
                .doesNotContain("updates");
        assertThat(text(Hparams.of(two.subList(0, 1)).start(two.get(0), 0))).doesNotContain("expectile");
    }

    @Test
    void theOrderOfRunsDoesNotMatter() {
        assertThat(Hparams.of(List.of(run(1, 0.7), run(2, 0.9))).experiment())
                .isEqualTo(Hparams.of(List.of(run(2, 0.9), run(1, 0.7))).experiment());
    }

    private static RunSpec run(long seed, double expectile) {
        return SampleRuns.run(seed, Map.of("expectile", expectile, "discount", 0.99));
    }

    private static String hex(ByteBuffer bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes.array());
    }

    private static String text(ByteBuffer bytes) {
        return new String(bytes.array(), StandardCharsets.ISO_8859_1);
    }
}
