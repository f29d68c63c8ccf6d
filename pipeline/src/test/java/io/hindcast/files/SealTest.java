package io.hindcast.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;

class SealTest {
    private static final String OBJECT = "{\n  \"rows\" : 4\n}";

    @Test
    void aSealedTextIsTheObjectWithOneFieldMore() {
        var hash = DigestUtils.sha256Hex(OBJECT.getBytes(StandardCharsets.UTF_8));
        assertThat(Seal.put(OBJECT)).isEqualTo("{\n  \"rows\" : 4,\n  \"sha256\" : \"" + hash + "\"\n}");
        assertThat(Seal.isWhole(Seal.put(OBJECT))).isTrue();
    }

    @Test
    void whateverByteIsAnotherTheSealIsBroken() {
        var whole = Seal.put(OBJECT);
        for (var i = 0; i < whole.length(); i++) {
            var other = (char) (whole.charAt(i) ^ 1);
            assertThat(Seal.isWhole(whole.substring(0, i) + other + whole.substring(i + 1)))
                    .as("character %d", i)
                    .isFalse();
            assertThat(Seal.isWhole(whole.substring(0, i)))
                    .as("the first %d characters", i)
                    .isFalse();
        }
        assertThat(Seal.isWhole(whole + "\n")).isFalse();
    }

    @Test
    void whatHasNoSealIsNotWholeAndWhatIsWrittenInOneLineCannotGetOne() {
        assertThat(Seal.isWhole(OBJECT)).isFalse();
        assertThatThrownBy(() -> Seal.put("{}"))
                .hasMessage("Cannot seal what does not end with a brace on a line of its own");
    }
}
