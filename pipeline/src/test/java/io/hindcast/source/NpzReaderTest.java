package io.hindcast.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NpzReaderTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ZipOutputStream zip = new ZipOutputStream(bytes);

    @Test
    void onlyTheMappedArraysAreReadWhateverTheOthersAre() throws IOException {
        array("env", "<U11", "()", "");
        array("infos", "|O", "(2,)", "80 04 95 00");
        array("returns", "<f8", "(1,)", "00 00 00 00 00 00 f0 3f");
        entry("odd", "no array at all".getBytes(UTF_8));
        array("reward", "<f4", "(3,)", "00 00 80 3f 00 00 00 40 00 00 00 3f");

        var rows = open("reward");

        assertThat(rows.columns()).containsExactly("env", "infos", "returns", "odd", "reward");
        assertThat(all(rows)).extracting(row -> row.get(4)).containsExactly(1.0, 2.0, 0.5);
        assertThat(all(open("reward"))).extracting(row -> row.get(0)).containsOnlyNulls();
        assertThatThrownBy(() -> open("reward", "returns"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read log.npz: array 'reward' has 3 rows, array 'returns' has 1; map arrays of one"
                        + " length");
        assertThatThrownBy(() -> open("reward", "infos")).hasMessageContaining("pickled Python objects");
        assertThatThrownBy(() -> open("reward", "odd"))
                .hasMessage("Cannot read array 'odd' of log.npz: it does not start like an npy file; save it again with"
                        + " numpy.savez");
    }

    @Test
    void wholeNumbersOf64BitsKeepTheirDigits() throws IOException {
        array("id", "<i8", "(2, 1)", "c1 bd 3b 6f 8b 00 48 00 c2 bd 3b 6f 8b 00 48 00");
        array("hash", "<u8", "(2,)", "ff ff ff ff ff ff ff ff 01 00 00 00 00 00 00 00");

        var rows = all(open("id", "hash"));

        assertThat(rows.get(0)).containsExactly(0x48008b6f3bbdc1L, new BigInteger("18446744073709551615"));
        assertThat(rows.get(1)).containsExactly(0x48008b6f3bbdc2L, 1L);
    }

    @Test
    void aVectorIsMadeFromTheFilesOwnBytesRowByRow() throws IOException {
        array("obs", "|u1", "(2, 1, 3)", "00 01 ff 02 03 04");
        array("half", "<f2", "(2, 2)", "00 3c 00 c0 00 7c 01 7e");
        array("none", "<f4", "(2, 0)", "");

        var rows = all(open("obs", "half", "none"));

        assertThat((float[]) rows.get(0).get(0)).containsExactly(0, 1, 255);
        assertThat((float[]) rows.get(1).get(0)).containsExactly(2, 3, 4);
        assertThat((float[]) rows.get(0).get(1)).containsExactly(1, -2);
        assertThat((float[]) rows.get(1).get(1)).containsExactly(Float.POSITIVE_INFINITY, Float.NaN);
        assertThat((float[]) rows.get(0).get(2)).isEmpty();
    }

    @Test
    void oneObservationMoreIsALastRowWithTheFlagsOfTheStepBefore() throws IOException {
        array("obs", "|u1", "(4,)", "0a 0b 0c 0d");
        array("act", "|u1", "(3,)", "00 01 00");
        array("done", "|b1", "(3,)", "00 00 01");
        var columns = List.of("obs", "act", "done");

        var rows = all(open(new Wanted(columns, List.of("obs"), List.of("done"))));

        assertThat(rows)
                .containsExactly(
                        List.of(10L, 0L, 0L), List.of(11L, 1L, 0L), List.of(12L, 0L, 0L), Arrays.asList(13L, null, 1L));
        assertThatThrownBy(() -> open("obs", "act", "done"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read log.npz: array 'act' has 3 rows, array 'obs' has 4; map arrays of one length, or,"
                                + " if each file is an episode with one observation more than actions, use episode-per = file and"
                                + " final-row = observation");
        assertThatThrownBy(() -> open(new Wanted(columns, List.of("act"), List.of())))
                .isInstanceOf(UserException.class);
    }

    private RowReader open(String... columns) throws IOException {
        return open(new Wanted(List.of(columns)));
    }

    private RowReader open(Wanted wanted) throws IOException {
        zip.finish();
        return Format.NPZ.open("log.npz", new ByteArrayInputStream(bytes.toByteArray()), wanted);
    }

    private void array(String name, String dtype, String shape, String hex) throws IOException {
        var header = ("{'descr': '" + dtype + "', 'fortran_order': False, 'shape': " + shape + ", }").getBytes(UTF_8);
        var data = hex.isEmpty() ? new byte[0] : HexFormat.ofDelimiter(" ").parseHex(hex);
        var npy = ByteBuffer.allocate(10 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        npy.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) header.length);
        entry(name, npy.put(header).put(data).array());
    }

    private void entry(String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        zip.write(content);
        zip.closeEntry();
    }

    private static List<List<@Nullable Object>> all(RowReader rows) {
        var all = new ArrayList<List<@Nullable Object>>();
        for (var row = rows.next(); row != null; row = rows.next()) {
            all.add(Arrays.asList(row));
        }
        return all;
    }
}
