package io.hindcast.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NpzTest {
    private static final byte[] SIX_BYTES = {1, 2, 3, 4, 5, 6};

    @Test
    void aFileThatNumpyWroteIsRead() throws IOException {
        var arrays = read(demo());

        assertThat(arrays.keySet()).containsExactly("observation", "action", "reward", "discount");
        assertThat(arrays.get("observation").shape()).containsExactly(33, 39);
        assertThat(arrays.get("observation").rows()).isEqualTo(33);
        assertThat(arrays.get("action").shape()).containsExactly(33, 4);
        assertThat(arrays.get("reward").shape()).containsExactly(33, 1);
        assertThat(Arrays.copyOf(arrays.get("observation").floats(), 3))
                .containsExactly(0.10765008f, 0.46250394f, 0.262289f);
        assertThat(arrays.get("observation").doubles()[33 * 39 - 1]).isEqualTo((double) 0.11f);
        assertThat(arrays.get("action").floats()[4 * 33 - 1]).isEqualTo(0.9541424f);
        assertThat(arrays.get("reward").longs()[31]).isZero();
        assertThat(arrays.get("reward").longs()[32]).isEqualTo(1);
        assertThat(Arrays.stream(arrays.get("discount").doubles()).sum()).isEqualTo(33);
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        var demo = demo();
        for (var length = 0; length < demo.length; length += 97) {
            var part = Arrays.copyOf(demo, length);
            assertThatThrownBy(() -> read(part))
                    .as("the first %d bytes", length)
                    .isInstanceOf(UserException.class)
                    .hasMessageStartingWith("Cannot read ")
                    .hasMessageNotContaining("\n");
        }
        assertThatThrownBy(() -> read(Arrays.copyOf(demo, demo.length - 1)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.npz: it is no whole npz file (the end of the zip archive is missing); "
                        + "copy or save it again");
    }

    @Test
    void aFlippedBitIsRefusedOrDoesNotTouchTheNumbers() throws IOException {
        var demo = demo();
        var whole = read(demo);
        var random = new SplittableRandom(2024);
        var refused = 0;
        for (var i = 0; i < 300; i++) {
            var flipped = demo.clone();
            var bit = random.nextInt(8 * demo.length);
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                // Names are protected by no checksum; the arrays in their order are.
                var arrays = read(flipped).values().iterator();
                for (var expected : whole.values()) {
                    var array = arrays.next();
                    assertThat(array.shape()).as("bit %d", bit).isEqualTo(expected.shape());
                    assertThat(array.doubles()).as("bit %d", bit).isEqualTo(expected.doubles());
                }
            } catch (UserException e) {
                refused++;
                assertThat(e).hasMessageStartingWith("Cannot read ").hasMessageNotContaining("\n");
            }
        }
        assertThat(refused).isGreaterThan(250);
    }

    @ParameterizedTest
    @CsvSource({
        "|i1, 01 ff 7f, 1 -1 127",
        "|u1, 01 ff 7f, 1 255 127",
        "|b1, 00 01 01, 0 1 1",
        "<i2, 0100 ffff 0080, 1 -1 -32768",
        "<u2, 0100 ffff 0080, 1 65535 32768",
        "<i4, 01000000 ffffffff 00000080, 1 -1 -2147483648",
        "<u4, 01000000 ffffffff 00000080, 1 4294967295 2147483648",
        "<i8, 0100000000000000 ffffffffffffffff 0000000000000001, 1 -1 72057594037927936",
        "<u8, 0100000000000000 ff00000000000000 0000000000000001, 1 255 72057594037927936",
        "<f2, 003c 00b8 0040, 1 -0.5 2",
        ">f2, 3c00 b800 4000, 1 -0.5 2",
        "<f2, 0100 ff03 ff7b, 5.9604644775390625e-8 6.097555160522461e-5 65504",
        "<f4, 0000803f 000000bf 00000040, 1 -0.5 2",
        "<f8, 000000000000f03f 000000000000e0bf 0000000000000040, 1 -0.5 2",
        ">i2, 0001 ffff 8000, 1 -1 -32768",
        ">f4, 3f800000 bf000000 40000000, 1 -0.5 2"
    })
    void everyPlainDtypeIsUnderstood(String dtype, String hex, String numbers) throws IOException {
        var data = HexFormat.of().parseHex(hex.replace(" ", ""));
        var expected = Arrays.stream(numbers.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        var array = read(npz("x", npy(dtype, "(3,)", data))).get("x");

        assertThat(array.doubles()).containsExactly(expected);
        assertThat(array.floats()).containsExactly((float) expected[0], (float) expected[1], (float) expected[2]);
        if (!dtype.contains("f")) {
            assertThat(array.longs()).containsExactly((long) expected[0], (long) expected[1], (long) expected[2]);
        }
    }

    @Test
    void fortranOrderIsTurnedIntoRowMajorOrder() throws IOException {
        // [[[1, 5], [3, 7]], [[2, 6], [4, 8]]]: the first index runs fastest in the file.
        var header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 2, 2), }";
        var data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        for (var i = 1; i <= 8; i++) {
            data.putShort((short) i);
        }
        var array = read(npz("x", npy(1, header, data.array()))).get("x");
        assertThat(array.longs()).containsExactly(1, 5, 3, 7, 2, 6, 4, 8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyVersionOfNpyIsRead(int version) throws IOException {
        var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";
        var array = read(npz("x", npy(version, header, SIX_BYTES))).get("x");
        assertThat(array.shape()).containsExactly(2, 3);
        assertThat(array.longs()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void theKeysOfTheHeaderMayComeInAnyOrder() throws IOException {
        var header = "{ 'shape':(6,),'fortran_order' : False , 'descr':'|u1'}";
        assertThat(read(npz("x", npy(1, header, SIX_BYTES))).get("x").size()).isEqualTo(6);
    }

    @Test
    void aSingleNumberAndAnEmptyArrayAreArrays() throws IOException {
        var one = read(npz("x", npy("|u1", "()", new byte[] {7}))).get("x");
        assertThat(one.shape()).isEmpty();
        assertThat(one.rows()).isEqualTo(1);
        assertThat(one.longs()).containsExactly(7);

        var none = read(npz("x", npy("<f8", "(0, 5)", new byte[0]))).get("x");
        assertThat(none.rows()).isZero();
        assertThat(none.doubles()).isEmpty();
    }

    @Test
    void storedAndDeflatedEntriesAreBothRead() throws IOException {
        var stored = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(stored)) {
            var npy = npy("|u1", "(6,)", SIX_BYTES);
            var crc = new CRC32();
            crc.update(npy);
            var entry = new ZipEntry("infos/x.npy");
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(npy.length);
            entry.setCrc(crc.getValue());
            zip.putNextEntry(entry);
            zip.write(npy);
        }
        assertThat(read(stored.toByteArray()).get("infos/x").longs()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(read(npz("x", npy("|u1", "(6,)", SIX_BYTES))).get("x").longs())
                .containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void fractionsAreNoWholeNumbers() throws IOException {
        var array =
                read(npz("x", npy("<f4", "(1,)", new byte[] {0, 0, 0, 0x3f}))).get("x");
        assertThatThrownBy(array::longs)
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read array 'x' of demo.npz as whole numbers: number 0 is 0.5; save it as integers");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'O', (6,)  | it holds pickled Python objects (dtype O), which are code and are never loaded; save it with allow_pickle=False as plain numbers
            '!O', (6,)  | it holds pickled Python objects (dtype O), which are code and are never loaded; save it with allow_pickle=False as plain numbers
            [('a', '<f4'), ('b', '<i4')], (6,) | its dtype is structured; save each field as an array of its own
            '<U5', (6,) | its dtype '<U5' is not one of f2, f4, f8, i1 to i8, u1 to u8 and b1; convert it with astype before saving
            '<f3', (2,) | its dtype '<f3' is not one of f2, f4, f8, i1 to i8, u1 to u8 and b1; convert it with astype before saving
            '<f1', (6,) | its dtype '<f1' is not one of f2, f4, f8, i1 to i8, u1 to u8 and b1; convert it with astype before saving
            '<u1', (-6,) | its shape '(-6,)' is out of range; save it again in parts of at most 2147483639 bytes
            '<u1', (9000000000000000000,) | its shape '(9000000000000000000,)' is out of range; save it again in parts of at most 2147483639 bytes
            '<u1', (65536, 65536) | its shape [65536, 65536] is out of range; save it again in parts of at most 2147483639 bytes
            '<f8', (2147483647,) | its shape [2147483647] is out of range; save it again in parts of at most 2147483639 bytes
            '<u1', (2000000000,) | it ends after 6 of the 2000000000 bytes of its shape; copy or save the file again
            '<u1', (7,) | it ends after 6 of the 7 bytes of its shape; copy or save the file again
            '<u1', (5,) | it is longer than the 5 bytes of its shape; save it again
            '<u1', (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,6) | its shape has 33 extents, more than 32; reshape it
            '<u1', (six,) | its header '(six,)' is damaged; save it again with numpy.savez
            """)
    void hostileHeadersAreRefused(String descrAndShape, String reason) throws IOException {
        var cut = descrAndShape.lastIndexOf(", (");
        var descr = descrAndShape.substring(0, cut).replace('!', '|');
        var header =
                "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + descrAndShape.substring(cut + 2) + "}";
        assertRefused(npz("x", npy(1, header, SIX_BYTES)), "Cannot read array 'x' of demo.npz: " + reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "{}",
                "{'descr': '<u1', 'fortran_order': False}",
                "{'descr': '<u1', 'descr': '<u1', 'fortran_order': False, 'shape': (6,)}",
                "{'descr': '<u1', 'fortran_order': Maybe, 'shape': (6,)}",
                "{'descr': '<u1', 'fortran_order': False, 'shape': (6,), 'more': 'x'}",
                "{'descr': '<u1', 'fortran_order': False, 'shape': (6,)} or else",
                "{'descr': __import__('os'), 'fortran_order': False, 'shape': (6,)}"
            })
    void garbageInAHeaderIsRefused(String header) throws IOException {
        var shown = header.length() > 80 ? header.substring(0, 80) + "…" : header;
        assertRefused(
                npz("x", npy(1, header, SIX_BYTES)),
                "Cannot read array 'x' of demo.npz: its header '" + shown
                        + "' is damaged; save it again with numpy.savez");
    }

    @Test
    void aFileThatIsNoNpyIsRefused() throws IOException {
        assertRefused(
                npz("x", "PAR1....".getBytes(UTF_8)),
                "Cannot read array 'x' of demo.npz: it does not start like an npy file; save it again with numpy.savez");
        var fourth = npy(4, "{}", SIX_BYTES);
        assertRefused(
                npz("x", fourth),
                "Cannot read array 'x' of demo.npz: its npy version 4.0 is not 1.0, 2.0 or 3.0; "
                        + "save it again with numpy.savez");
        var long2 = npy(2, "{}", SIX_BYTES);
        long2[11] = (byte) 0xff;
        assertRefused(
                npz("x", long2),
                "Cannot read array 'x' of demo.npz: its header of 4278190082 bytes is above the limit of 10000; "
                        + "save it again with numpy.savez");
        assertRefused(
                npz("x", Arrays.copyOf(npy(1, "{'descr'", SIX_BYTES), 12)),
                "Cannot read array 'x' of demo.npz: it ends within its header; copy or save the file again");
        assertRefused(
                "not a zip".getBytes(UTF_8),
                "Cannot read demo.npz: it is no whole npz file (the end of the zip archive is missing); "
                        + "copy or save it again");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x.npy", "/x.npy", "a/../../x.npy", "..\\x.npy", "x.txt", "a/", ".npy", "a//x.npy"})
    void entriesThatAreNotNamedLikeArraysAreRefused(String path) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(path));
            zip.write(npy("|u1", "(6,)", SIX_BYTES));
        }
        assertRefused(
                bytes.toByteArray(),
                "Cannot read demo.npz: its entry '" + path
                        + "' is not named like an array (name.npy); save it again with numpy.savez");
    }

    @Test
    void aNameThatIsNoUtf8IsRefused() throws IOException {
        var bytes = npz("x", npy("|u1", "(6,)", SIX_BYTES), ISO_8859_1);
        bytes[30] = (byte) 0xff;
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read demo.npz: it is no whole npz file (");
    }

    @Test
    void twoArraysOfOneNameAreRefused() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var name : new String[] {"x.npy", "y.npy"}) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(npy("|u1", "(6,)", SIX_BYTES));
            }
        }
        // The zip writer takes no name twice, so the second is renamed in place.
        var text = bytes.toString(ISO_8859_1).replace("y.npy", "x.npy");
        assertRefused(
                text.getBytes(ISO_8859_1),
                "Cannot read demo.npz: it holds array 'x' twice; save it again with one array a name");
    }

    @Test
    void aLimitIsCheckedBeforeAnyNumberIsRead() throws IOException {
        var bytes = npz("x", npy("|u1", "(1000000000,)", SIX_BYTES));
        assertThatThrownBy(() -> Npz.read("demo.npz", new ByteArrayInputStream(bytes), 999_999_999))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read array 'x' of demo.npz: its 1000000000 bytes bring the file above the limit of "
                        + "999999999 bytes; split the file");
    }

    @Test
    void aZipBombIsRefused() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("x.npy"));
            zip.write(npy("|u1", "(1000000000,)", new byte[0]));
            for (var i = 0; i < 70; i++) {
                zip.write(new byte[1 << 20]);
            }
        }
        assertRefused(
                bytes.toByteArray(),
                "Cannot read array 'x' of demo.npz: the file unpacks to more than 100 times its size; "
                        + "save it without compression");
    }

    @Test
    void aStreamThatFailsIsNotCalledDamaged() {
        var failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection lost");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return read();
            }
        };
        assertThatThrownBy(() -> Npz.read("demo.npz", failing))
                .isInstanceOf(IOException.class)
                .hasMessage("connection lost");
    }

    private static void assertRefused(byte[] npz, String message) {
        assertThatThrownBy(() -> read(npz)).isInstanceOf(UserException.class).hasMessage(message);
    }

    private static Map<String, NpyArray> read(byte[] npz) throws IOException {
        return Npz.read("demo.npz", new ByteArrayInputStream(npz));
    }

    private static byte[] demo() throws IOException {
        try (var in = NpzTest.class.getResourceAsStream("/npz/demo_4_33.npz")) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }

    private static byte[] npy(String dtype, String shape, byte[] data) {
        return npy(1, "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': " + shape + ", }", data);
    }

    private static byte[] npy(int version, String header, byte[] data) {
        var text = header.getBytes(UTF_8);
        var bytes = ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93).put("NUMPY".getBytes(UTF_8)).put((byte) version).put((byte) 0);
        if (version == 1) {
            bytes.putShort((short) text.length);
        } else {
            bytes.putInt(text.length);
        }
        bytes.put(text).put(data);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static byte[] npz(String name, byte[] npy) throws IOException {
        return npz(name, npy, UTF_8);
    }

    private static byte[] npz(String name, byte[] npy, Charset charset) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes, charset)) {
            zip.putNextEntry(new ZipEntry(name + ".npy"));
            zip.write(npy);
        }
        return bytes.toByteArray();
    }
}
