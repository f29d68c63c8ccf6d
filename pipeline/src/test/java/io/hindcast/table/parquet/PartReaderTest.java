package io.hindcast.table.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PartReaderTest {
    private static final StructType SCHEMA = TableName.TRANSITIONS.schema();
    private static final List<String> NAMES = List.of(SCHEMA.fieldNames());
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"1,same", "4096,same", "4097,same", "10000,same", "1,mixed", "3000,mixed", "9000,mixed"})
    void rowsComeBackAsTheyWereWritten(int count, String lengths) throws IOException {
        var rows = rows(count, lengths.equals("same"));
        assertSame(read(written(rows), NAMES), rows);
    }

    @ParameterizedTest
    @CsvSource({
        "zstd,v1,dictionary,same", "snappy,v1,plain,same", "uncompressed,v2,dictionary,same", "zstd,v2,plain,same",
        "zstd,v1,dictionary,mixed", "snappy,v1,plain,mixed", "uncompressed,v2,dictionary,mixed", "gzip,v2,plain,mixed",
        "zstd,v1,split,same", "zstd,v2,split,mixed"
    })
    void whatSparkWroteIsReadTheSame(String codec, String version, String encoding, String lengths) throws IOException {
        var rows = rows(9000, lengths.equals("same"));
        var spark = LocalSpark.session();
        var frame = spark.createDataFrame(rows.stream().map(RowFactory::create).toList(), nullable(SCHEMA));
        var path = directory.resolve("spark").toString();
        frame.coalesce(1)
                .write()
                .option("compression", codec)
                .option("parquet.writer.version", version)
                .option("parquet.enable.dictionary", Boolean.toString(encoding.equals("dictionary")))
                .option("parquet.enable.bytestreamsplit", Boolean.toString(encoding.equals("split")))
                .option("parquet.page.size", "20000")
                .option("parquet.block.size", "1000000")
                .parquet(path);
        try (var files = Files.list(Path.of(path))) {
            var file = files.filter(name -> name.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            assertSame(read(file.toString(), NAMES), rows);
        }
    }

    @Test
    void onlyTheColumnsThatWereAskedForAreRead() throws IOException {
        var rows = rows(5, true);
        var some = read(written(rows), List.of("reward", "observation"));
        assertThat(some.get(4)).containsExactly(rows.get(4)[5], rows.get(4)[2]);
    }

    @Test
    void aFlippedBitIsNoticed() throws IOException {
        var file = Path.of(written(rows(2000, true)));
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
        assertThatThrownBy(() -> read(file.toString(), NAMES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it is damaged");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Input/output error", "Stream is closed!", "interrupted", "an error that nobody knows"})
    void whatADiskSaysIsNoDamage(String said) throws IOException {
        var file = written(rows(2000, true));
        var hadoop = new Configuration(false);
        hadoop.setClass("fs.file.impl", FailingDisk.class, FileSystem.class);
        hadoop.setBoolean("fs.file.impl.disable.cache", true);
        try (var reader = new PartReader(hadoop, file, NAMES)) {
            FailingDisk.says = said.equals("interrupted") ? new ClosedByInterruptException() : new IOException(said);
            assertThatThrownBy(reader::next).isSameAs(FailingDisk.says);
        } finally {
            FailingDisk.says = null;
        }
    }

    @Test
    void aFileThatEndsTooEarlyIsDamaged() throws IOException {
        var file = Path.of(written(rows(2000, true)));
        var bytes = Files.readAllBytes(file);
        // The end says where the rows are; some of these are gone.
        var cut = Arrays.copyOfRange(bytes, bytes.length / 2, bytes.length);
        Files.write(file, cut);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
        assertThatThrownBy(() -> read(file.toString(), NAMES))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("Cannot read " + file + ": it is damaged (");
    }

    @Test
    void aColumnThatIsNotThereIsNamed() throws IOException {
        var file = written(rows(1, true));
        assertThatThrownBy(() -> read(file, List.of("rewards")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it has no column rewards");
    }

    /** A disk that reads until it is told what to say instead. */
    public static final class FailingDisk extends RawLocalFileSystem {
        private static @Nullable IOException says;

        @Override
        public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize) throws IOException {
            var bytes = super.open(path, bufferSize);
            return new FSDataInputStream(new FSInputStream() {
                @Override
                public void seek(long position) throws IOException {
                    bytes.seek(position);
                }

                @Override
                public long getPos() throws IOException {
                    return bytes.getPos();
                }

                @Override
                public boolean seekToNewSource(long position) {
                    return false;
                }

                @Override
                public int read() throws IOException {
                    return says == null ? bytes.read() : fail();
                }

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    return says == null ? bytes.read(buffer, offset, length) : fail();
                }

                @Override
                public void close() throws IOException {
                    bytes.close();
                }
            });
        }

        private static int fail() throws IOException {
            throw Objects.requireNonNull(says);
        }
    }

    private static void assertSame(List<@Nullable Object[]> read, List<@Nullable Object[]> rows) {
        assertThat(read).hasSameSizeAs(rows);
        for (var i = 0; i < rows.size(); i++) {
            assertThat(Arrays.deepEquals(read.get(i), rows.get(i)))
                    .as("row %d: %s for %s", i, Arrays.deepToString(read.get(i)), Arrays.deepToString(rows.get(i)))
                    .isTrue();
        }
    }

    private String written(List<@Nullable Object[]> rows) throws IOException {
        try (var writer =
                new PartWriter(TableName.TRANSITIONS.schema(), directory.toString(), "part.parquet", HADOOP)) {
            for (var row : rows) {
                writer.write(row);
            }
            writer.finish();
        }
        return directory.resolve("part.parquet").toString();
    }

    private static List<@Nullable Object[]> read(String file, List<String> names) throws IOException {
        var rows = new ArrayList<@Nullable Object[]>();
        try (var reader = new PartReader(HADOOP, file, names)) {
            while (reader.next()) {
                for (var row = 0; row < reader.rows(); row++) {
                    var values = new @Nullable Object[names.size()];
                    for (var c = 0; c < values.length; c++) {
                        values[c] = reader.columns().get(c).value(row);
                    }
                    rows.add(values);
                }
            }
        }
        return rows;
    }

    /** As Spark takes frames from others: everything may be absent. */
    private static StructType nullable(StructType schema) {
        return new StructType(Arrays.stream(schema.fields())
                .map(field -> new StructField(
                        field.name(),
                        field.dataType() instanceof ArrayType array
                                ? new ArrayType(array.elementType(), true)
                                : field.dataType(),
                        true,
                        field.metadata()))
                .toArray(StructField[]::new));
    }

    /** Rows of the table of transitions, with every kind of value and, unless they are all the same, edges of each. */
    static List<@Nullable Object[]> rows(int count, boolean same) {
        var random = new SplittableRandom(count);
        var rows = new ArrayList<@Nullable Object[]>();
        for (var i = 0; i < count; i++) {
            var episode = same ? i / 200 : random.nextInt(count);
            rows.add(new @Nullable Object[] {
                (same ? "episode " : "épisode \uD83D\uDE80 ") + episode,
                random.nextLong(),
                floats(random, same ? 29 : random.nextInt(5)),
                same || random.nextBoolean() ? floats(random, same ? 8 : random.nextInt(3)) : null,
                same ? null : random.nextInt(),
                random.nextBoolean() ? -0.0 : random.nextDouble(),
                floats(random, same ? 29 : random.nextInt(2)),
                random.nextInt(50) == 0,
                random.nextInt(50) == 0,
                same ? Double.valueOf(1) : random.nextBoolean() ? null : Double.valueOf(random.nextDouble()),
                same || random.nextBoolean() ? null : new boolean[] {random.nextBoolean(), true},
                null,
                same || random.nextBoolean() ? null : random.nextInt(9) == 0 ? "" : "g" + random.nextInt(3),
                "file.hdf5",
                (long) i,
                same || random.nextBoolean() ? null : "{\"k\":\"" + random.nextInt(3) + "\"}"
            });
        }
        return rows;
    }

    private static float[] floats(SplittableRandom random, int length) {
        var floats = new float[length];
        for (var j = 0; j < length; j++) {
            floats[j] = random.nextInt(10) == 0 ? -0f : (float) random.nextDouble(-1, 1);
        }
        return floats;
    }
}
