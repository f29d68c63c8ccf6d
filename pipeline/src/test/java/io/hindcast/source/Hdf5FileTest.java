package io.hindcast.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.jhdf.object.message.FilterPipelineMessage.FilterInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Hdf5FileTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            endless  | its extents [1125899906842624, 29] come to 130604389193744384 bytes, which do not fit into a file of SIZE; copy or save it again
            wide     | its extents [12, 1048576] are out of range: a row may have 1 to 262144 numbers; copy or save it again
            chunk    | its chunks [268435456] have more than 134217728 bytes; save it in smaller chunks
            chunks   | its extents [65536] make 65536 chunks of [1], which is out of range; copy it again or save it in larger chunks
            unwritten| its rows 0 to 11 were never written; let what writes the file finish, or save it again
            words    | it holds texts, not numbers; leave it out, and name arrays of numbers in columns
            colours  | it is an enumeration that is no boolean; save its numbers
            scalar   | it has 0 extents, not 1 to 8; reshape it
            named    | its type is a named one; save it as plain numbers
            """)
    void whatIsNotInRangeIsRefusedBeforeItIsAllocated(String name, String reason) {
        var bytes = Hdf5Fixtures.bytes("hostile.hdf5");
        assertThatThrownBy(() -> Hdf5Fixtures.open(bytes).root().dataset(name))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read array '" + name + "' of demo.hdf5: "
                        + reason.replace("SIZE", String.valueOf(bytes.length)));
    }

    @Test
    void rowsThatWereNeverWrittenAreNotZeros() {
        var array = Hdf5Fixtures.open(Hdf5Fixtures.bytes("hostile.hdf5")).root().dataset("partly");
        assertThat(array.number(4, 0)).isEqualTo(1);
        assertThatThrownBy(() -> array.number(5, 0))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read array 'partly' of demo.hdf5: its rows 5 to 9 were never written; let what writes the"
                                + " file finish, or save it again");
    }

    @ParameterizedTest
    @CsvSource({"soft", "outside"})
    void noLinkIsFollowed(String name) {
        assertThatThrownBy(() -> Hdf5Fixtures.open(Hdf5Fixtures.bytes("hostile.hdf5"))
                        .root()
                        .dataset(name))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.hdf5: '" + name
                        + "' is a link, which is not followed; save the data in its place");
    }

    @Test
    void aGroupThatContainsItselfEnds() {
        assertThatThrownBy(() -> Hdf5Fixtures.rows("hostile.hdf5", Hdf5Fixtures.MINARI))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has more than 16 groups one in another; map its arrays with columns");
    }

    @Test
    void aTreeThatContainsItselfEnds() {
        var bytes = Hdf5Fixtures.bytes("d4rl.hdf5");
        var at = new String(bytes, ISO_8859_1).indexOf("TREE\0");
        bytes[at + 5] = 1; // its children are nodes
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at + 32, at); // the first is itself
        assertThatThrownBy(() -> Hdf5Fixtures.open(bytes).root())
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read demo.hdf5: it is no whole HDF5 file (a structure contains itself); copy or save it"
                                + " again");
    }

    /** jhdf makes lists of these lengths before it looks at their entries. */
    @ParameterizedTest
    @CsvSource({"FAHD, 8", "EAHD, 44", "BTHD, 26"})
    void anIndexThatClaimsMoreThanTheFileHoldsIsRefused(String signature, int countAt) throws IOException {
        var bytes = Hdf5Fixtures.bytes("d4rl.hdf5");
        System.arraycopy(signature.getBytes(ISO_8859_1), 0, bytes, 4_000, 4);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(4_000 + countAt, 2_000_000_000);
        var storage = Hdf5Fixtures.open(bytes).storage();
        assertThatThrownBy(() -> storage.readBufferFromAddress(4_000, 80))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read demo.hdf5: it is no whole HDF5 file (an index claims 2000000000 entries); copy or"
                                + " save it again");
    }

    @Test
    void aStructureMayNotBeReadForEver() {
        var storage = Hdf5Fixtures.open(Hdf5Fixtures.bytes("d4rl.hdf5")).storage();
        assertThatThrownBy(() -> storage.within(250, () -> {
                    for (var i = 0; i < 3; i++) {
                        storage.readBufferFromAddress(0, 100);
                    }
                    return 3;
                }))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read demo.hdf5: it is no whole HDF5 file (it needs 100 bytes of structure at 0); copy or"
                                + " save it again");
    }

    @Test
    void aFileThatIsCutShortIsRefusedAtOnce() {
        var bytes = Hdf5Fixtures.bytes("d4rl.hdf5");
        assertThatThrownBy(() -> Hdf5Fixtures.open(Arrays.copyOf(bytes, bytes.length - 1)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.hdf5: it is no whole HDF5 file (it has " + (bytes.length - 1) + " of "
                        + bytes.length + " bytes); copy or save it again");
    }

    @Test
    void anotherFormatIsRefused() {
        assertThatThrownBy(() -> Hdf5Fixtures.open("PAR1....".getBytes(ISO_8859_1)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.hdf5: it does not begin like an HDF5 file; copy it again or set format");
        assertThatThrownBy(() -> Hdf5Fixtures.open(new byte[0])).isInstanceOf(UserException.class);
    }

    @Test
    void aChunkThatUnpacksToMoreThanItsSizeIsRefused() throws Hdf5Filters.Refused {
        var deflater = new Deflater();
        deflater.setInput(new byte[100_000_000]);
        deflater.finish();
        var packed = new byte[200_000];
        var bomb = Arrays.copyOf(packed, deflater.deflate(packed));
        deflater.end();
        var filters = new Hdf5Filters(List.of(new FilterInfo(1, "deflate", false, new int[0])), 4);
        assertThatThrownBy(() -> filters.undo(bomb, new BitSet(), 40))
                .isInstanceOf(Hdf5Filters.Refused.class)
                .hasMessage("it unpacks to more than 40 bytes");
    }

    @Test
    void aFilterThatIsNotKnownIsNamed() {
        assertThatThrownBy(() -> new Hdf5Filters(List.of(new FilterInfo(32015, "zstd", false, new int[0])), 4))
                .isInstanceOf(Hdf5Filters.Refused.class)
                .hasMessage(
                        "it is packed by filter 32015, which is not one of gzip, lzf, shuffle and fletcher32; save it with"
                                + " gzip");
    }

    @Test
    void aChunkWhoseFilterWasSkippedIsTakenAsItIs() throws Hdf5Filters.Refused {
        var filters = new Hdf5Filters(List.of(new FilterInfo(1, "deflate", true, new int[0])), 4);
        var skipped = new BitSet();
        skipped.set(0);
        assertThat(filters.undo(new byte[] {1, 2, 3, 4}, skipped, 4)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aChecksumThatIsWrongIsRefused() throws Hdf5Filters.Refused {
        var filters = new Hdf5Filters(List.of(new FilterInfo(3, "fletcher32", false, new int[0])), 4);
        // Words 0x0102 and 0x0300: their sum is 0x0402, the sum of sums 0x0102 + 0x0402.
        assertThat(filters.undo(new byte[] {1, 2, 3, 0x02, 0x04, 0x04, 0x05}, new BitSet(), 3))
                .containsExactly(1, 2, 3);
        assertThatThrownBy(() -> filters.undo(new byte[] {1, 2, 4, 0x02, 0x04, 0x04, 0x05}, new BitSet(), 3))
                .isInstanceOf(Hdf5Filters.Refused.class)
                .hasMessage("its checksum is wrong");
    }
}
