package io.hindcast.table.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.table.Contents;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PartWriterTest {
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"10000,same", "9000,mixed", "4096,same", "1,mixed"})
    void sparkReadsTheSameRowsAndSqlComputesTheSameFingerprint(int count, String lengths) throws IOException {
        var rows = PartReaderTest.rows(count, lengths.equals("same"));
        PartFile file;
        try (var writer =
                new PartWriter(TableName.TRANSITIONS.schema(), directory.toString(), "part.parquet", HADOOP)) {
            for (var row : rows) {
                writer.write(row);
            }
            file = writer.finish();
        }
        var frame = LocalSpark.session()
                .read()
                .schema(TableName.TRANSITIONS.schema())
                .parquet(directory.resolve("part.parquet").toString());
        var read = frame.collectAsList().stream()
                .map(PartWriterTest::text)
                .sorted()
                .toList();
        assertThat(read)
                .isEqualTo(rows.stream().map(Arrays::deepToString).sorted().toList());
        assertThat(file.fingerprint())
                .isEqualTo(Contents.of(frame, TableName.TRANSITIONS.schema()).fingerprint());
        assertThat(file.rows()).isEqualTo(count);
    }

    @Test
    void bytesComeBackAndSqlComputesTheSameFingerprint() throws IOException {
        var state = new byte[100_000];
        for (var i = 0; i < state.length; i++) {
            state[i] = (byte) ((i * 31) >> 3);
        }
        PartFile file;
        try (var writer =
                new PartWriter(TableName.DATASET_STATE.schema(), directory.toString(), "part.parquet", HADOOP)) {
            writer.write(new @Nullable Object[] {state});
            file = writer.finish();
        }
        var path = directory.resolve("part.parquet").toString();
        try (var part = new PartReader(HADOOP, path, List.of("state"))) {
            assertThat(part.next()).isTrue();
            assertThat(part.column("state").bytes()[0]).isEqualTo(state);
            assertThat(part.next()).isFalse();
        }
        var schema = TableName.DATASET_STATE.schema();
        var frame = LocalSpark.session().read().schema(schema).parquet(path);
        assertThat((byte[]) frame.first().get(0)).isEqualTo(state);
        assertThat(file.fingerprint()).isEqualTo(Contents.of(frame, schema).fingerprint());
    }

    @Test
    void bytesThatSparkWroteAreRead() throws IOException {
        var row = RowFactory.create((Object) new byte[] {3, 1, 4});
        LocalSpark.session()
                .createDataFrame(List.of(row, row), TableName.DATASET_STATE.schema())
                .coalesce(1)
                .write()
                .parquet(directory.resolve("spark").toString());
        var file = directory.resolve("spark").toFile().listFiles((folder, name) -> name.startsWith("part-"))[0];
        try (var part = new PartReader(HADOOP, file.toString(), List.of("state"))) {
            assertThat(part.next()).isTrue();
            assertThat(part.rows()).isEqualTo(2);
            assertThat(part.column("state").bytes()[1]).containsExactly(3, 1, 4);
        }
    }

    @Test
    void rowByRowAndColumnByColumnHaveOneFingerprint() {
        var rows = PartReaderTest.rows(3000, false);
        var byRow = new RowHash();
        rows.forEach(byRow::add);
        var byColumn = new RowHash();
        byColumn.add(columns(rows));
        assertThat(byColumn.fingerprint()).isEqualTo(byRow.fingerprint());
        assertThat(byColumn.rows()).isEqualTo(3000);
    }

    @Test
    void rowsKeepTheFingerprintThatTheyHadWithTheColumnsThatWent() {
        var schema = TableName.TRANSITIONS.schema();
        var rows = PartReaderTest.rows(3000, false);
        var before = new RowHash();
        // What came since is null in them.
        rows.forEach(row -> row[15] = null);
        rows.forEach(row -> before.add(Arrays.copyOf(row, 15 + 5)));
        var byRow = new RowHash(schema);
        rows.forEach(byRow::add);
        var byColumn = new RowHash(schema);
        byColumn.add(columns(rows));
        assertThat(byRow.fingerprint()).isEqualTo(before.fingerprint());
        assertThat(byColumn.fingerprint()).isEqualTo(before.fingerprint());
    }

    @Test
    void aFileOfNoRowsIsAFile() throws IOException {
        try (var writer =
                new PartWriter(TableName.TRANSITIONS.schema(), directory.toString(), "empty.parquet", HADOOP)) {
            var file = writer.finish();
            assertThat(file.rows()).isZero();
            assertThat(file.fingerprint()).isEqualTo("0".repeat(32));
        }
    }

    @Test
    void aNullWhereTheSchemaAllowsNoneIsRefused() throws IOException {
        try (var writer =
                new PartWriter(TableName.TRANSITIONS.schema(), directory.toString(), "part.parquet", HADOOP)) {
            var row = PartReaderTest.rows(1, true).get(0);
            row[5] = null;
            assertThatThrownBy(() -> writer.write(row))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Cannot write a row: reward is null, where its schema allows none");
            assertThat(writer.rows()).isZero();
        }
    }

    @Test
    void aRowThatIsToldValueByValueIsRefusedForTheSame() throws IOException {
        try (var writer =
                new PartWriter(TableName.TRANSITIONS.schema(), directory.toString(), "part.parquet", HADOOP)) {
            assertThatThrownBy(() -> writer.row().text(null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Cannot write a row: episode_id is null, where its schema allows none");
            assertThatThrownBy(() -> writer.row().text("e").whole(0).end())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Cannot write a row of 2 values: the schema has 16");
        }
    }

    @ParameterizedTest
    @CsvSource({"0,1", "1,1", "2,7", "5,100", "17,33", "31,64"})
    void numbersOfAnyWidthComeBackFromRunsAndPackedBits(int bits, int count) {
        var values = IntStream.range(0, count)
                .map(i -> (i % 23 < 12 ? 5 : i * 0x9e3779b1) & (int) ((1L << bits) - 1))
                .toArray();
        var bytes = ByteBuffer.allocate(16 + 5 * count);
        Levels.encode(values, count, bits, bytes);
        var read = new int[count];
        Levels.decode(bytes.flip(), bits, count, read);
        assertThat(read).containsExactly(values);
    }

    private static List<PartColumn> columns(List<@Nullable Object[]> rows) {
        var columns = new ArrayList<PartColumn>();
        var kinds = new PartColumn.Kind[] {
            PartColumn.Kind.TEXT,
            PartColumn.Kind.LONG,
            PartColumn.Kind.FLOATS,
            PartColumn.Kind.FLOATS,
            PartColumn.Kind.INTEGER,
            PartColumn.Kind.DOUBLE,
            PartColumn.Kind.FLOATS,
            PartColumn.Kind.FLAG,
            PartColumn.Kind.FLAG,
            PartColumn.Kind.DOUBLE,
            PartColumn.Kind.FLAGS,
            PartColumn.Kind.DOUBLE,
            PartColumn.Kind.TEXT,
            PartColumn.Kind.TEXT,
            PartColumn.Kind.LONG,
            PartColumn.Kind.TEXT
        };
        for (var c = 0; c < kinds.length; c++) {
            var column = new PartColumn("c" + c, kinds[c]);
            for (var row : rows) {
                column.add(row[c]);
            }
            columns.add(column);
        }
        return columns;
    }

    private static String text(Row row) {
        var values = new @Nullable Object[row.size()];
        for (var c = 0; c < values.length; c++) {
            values[c] = row.isNullAt(c)
                    ? null
                    : row.get(c) instanceof scala.collection.Seq<?> ? row.getList(c) : row.get(c);
        }
        return Arrays.deepToString(values);
    }
}
