package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordFramingTest {
    private static final byte[] DIGITS = "123456789".getBytes(StandardCharsets.US_ASCII);

    @Test
    void aChecksumIsTheCrc32cRotatedPlusTheMask() {
        // The check value of CRC-32C is e3069283; rotated right by 15 bits it is 2507c60d; plus a282ead8 it is
        // c78ab0e5.
        assertThat(RecordFraming.masked(DIGITS, DIGITS.length)).isEqualTo(0xc78ab0e5);
    }

    @Test
    void aRecordIsLengthChecksumDataChecksum() {
        var record = HexFormat.of().formatHex(RecordFraming.framed(DIGITS));

        assertThat(record).hasSize(2 * (8 + 4 + 9 + 4));
        assertThat(record).startsWith("0900000000000000").endsWith("313233343536373839" + "e5b08ac7");
    }

    @Test
    void recordsAreReadOneAfterAnother() throws IOException {
        var stream = new ByteArrayInputStream(joined(RecordFraming.framed(DIGITS), RecordFraming.framed(new byte[0])));

        assertThat(RecordFraming.next(stream)).isEqualTo(DIGITS);
        assertThat(RecordFraming.next(stream)).isEmpty();
        assertThat(RecordFraming.next(stream)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 11, 12, 15, 21, 24})
    void halfARecordIsNone(int length) throws IOException {
        var half = Arrays.copyOf(RecordFraming.framed(DIGITS), length);

        assertThat(RecordFraming.next(new ByteArrayInputStream(half))).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 12, 20, 21, 24})
    void aRecordWithAWrongByteIsNone(int place) throws IOException {
        var damaged = RecordFraming.framed(DIGITS);
        damaged[place] ^= 0x40;

        assertThat(RecordFraming.next(new ByteArrayInputStream(damaged))).isNull();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        var both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
