package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionRow;
import io.hindcast.table.Warehouse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns of every type that Parquet has, and of several types in several files. */
class FrameTypesTest {
    private static final String MAPPING = """
            format = parquet
            dataset = walks
            action-space { type = discrete, count = 3 }
            columns { observation = [o], action-index = a, reward = r, terminated = end, episode-id = e, step = t }
            """;

    private static final String PLAIN = """
            required binary e (STRING); required int64 t; required float o; required int32 a; required double r;
            required boolean end;""";

    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path directory;

    private StageContext context;

    @BeforeEach
    void open() {
        context = new StageContext(
                spark, new Warehouse(spark, directory.resolve("out").toString()), line -> {});
    }

    @Test
    void columnsThatNobodyMapsMayBeOfAnyType() throws IOException {
        var schema = MessageTypeParser.parseMessageType("message m {" + PLAIN + """
                required int64 at (TIMESTAMP(NANOS,false)); required fixed_len_byte_array(16) id (UUID);
                required fixed_len_byte_array(2) half (FLOAT16); required fixed_len_byte_array(21) big (DECIMAL(50,4));
                required fixed_len_byte_array(12) span (INTERVAL); required group v { required int64 at (TIMESTAMP(NANOS,true)); } }
                """);
        write("log.parquet", schema, false, List.of(plain(schema, 0, false), plain(schema, 1, true)));

        ingest(MAPPING);

        assertThat(transitions()).hasSize(2);
    }

    @Test
    void nanosecondsHalvesUuidsAndWideDecimalsAreRead() throws IOException {
        var schema = MessageTypeParser.parseMessageType("""
                message m {
                  required fixed_len_byte_array(16) e (UUID); required int64 t (TIMESTAMP(NANOS,true));
                  required group o (LIST) { repeated group list { required fixed_len_byte_array(2) element (FLOAT16); } }
                  required int64 a (TIME(MICROS,true)); required fixed_len_byte_array(21) r (DECIMAL(50,4)); required boolean end;
                }
                """);
        var id = new UUID(0x0123456789abcdefL, 7);
        var halves = new int[][] {{0x3c00, 0xc100}, {0x0001, 0x7bff}};
        var rows = new ArrayList<Group>();
        for (var i = 0; i < 2; i++) {
            var row = new SimpleGroup(schema);
            row.add("e", Binary.fromConstantByteArray(bytes(id)));
            row.add("t", 1_700_000_000_000_000_000L + 1_500_000_000L * i);
            var list = row.addGroup("o");
            for (var half : halves[i]) {
                list.addGroup("list").add("element", Binary.fromConstantByteArray(new byte[] {
                    (byte) half, (byte) (half >> 8)
                }));
            }
            row.add("a", 2_000_000L * i);
            row.add("r", Binary.fromConstantByteArray(wide(new BigInteger("-125000").add(BigInteger.valueOf(i)))));
            row.add("end", i == 1);
            rows.add(row);
        }
        write("log.parquet", schema, false, rows);

        ingest(MAPPING.replace("step = t", "time = t"));

        var first = transitions().get(0);
        assertThat(first.episodeId()).isEqualTo("01234567-89ab-cdef-0000-000000000007");
        assertThat(first.observation()).containsExactly(1, -2.5f);
        assertThat(first.nextObservation()).containsExactly(0x1p-24f, 65504);
        assertThat(first.timeDelta()).isEqualTo(1.5);
        assertThat(first.reward()).isEqualTo(-12.5);
        assertThat(transitions().get(1).reward()).isEqualTo(-12.4999);
        assertThat(transitions().get(1).action()).isEqualTo(new Action.Index(2));
    }

    @Test
    void timesOfDayAreSecondsAndHalvesMayBeInfinite() throws IOException {
        var schema = MessageTypeParser.parseMessageType("message m {" + PLAIN + """
                required int32 ms (TIME(MILLIS,true)); required int64 us (TIME(MICROS,true)); required int64 ns (TIME(NANOS,true)); }
                """);
        var row = plain(schema, 0, true);
        row.add("ms", 86_399_999);
        row.add("us", 86_399_999_999L);
        row.add("ns", 86_399_500_000_000L);
        write("log.parquet", schema, false, List.of(row));

        ingest(MAPPING.replace("[o]", "[ms, us, ns]"));

        assertThat(transitions().get(0).observation()).containsExactly(86399.999f, 86400f, 86399.5f);
    }

    @Test
    void pagesWhoseBytesAreSplitAreRead() throws IOException {
        var schema = MessageTypeParser.parseMessageType("message m {" + PLAIN + "}");
        var rows = new ArrayList<Group>();
        for (var i = 0; i < 100; i++) {
            rows.add(plain(schema, i, i == 99));
        }
        write("log.parquet", schema, true, rows);

        ingest(MAPPING);

        assertThat(transitions()).hasSize(100).allSatisfy(transition -> {
            assertThat(transition.observation()[0]).isEqualTo(transition.step() + 0.5f);
            assertThat(transition.reward()).isEqualTo(0.1 * transition.step(), within(1e-12));
            assertThat(transition.sourceRow()).isEqualTo(transition.step());
        });
    }

    @Test
    void aCompressionThatIsNotReadIsCalledByItsName() throws IOException {
        var schema = MessageTypeParser.parseMessageType("message m {" + PLAIN + "}");
        var file = write("log.parquet", schema, false, List.of(plain(schema, 0, true)));
        compress(file, "o", CompressionCodec.BROTLI);

        assertThatThrownBy(() -> ingest(MAPPING))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read column 'o' of log.parquet: it is compressed with BROTLI, which is not read; write"
                                + " the file again with zstd, snappy or gzip");
        ingest(MAPPING.replace("[o]", "[r]"));
        assertThat(transitions()).hasSize(1);
    }

    @Test
    void aTypeThatHoldsNoNumbersIsCalledByItsName() throws IOException {
        var schema = MessageTypeParser.parseMessageType(
                "message m {" + PLAIN + "required fixed_len_byte_array(12) span (INTERVAL); }");
        var row = plain(schema, 0, true);
        row.add("span", Binary.fromConstantByteArray(new byte[12]));
        write("log.parquet", schema, false, List.of(row));

        assertThatThrownBy(() -> ingest(MAPPING.replace("[o]", "[span]")))
                .hasMessage("Cannot read column 'span' of log.parquet: it is of Parquet's type INTERVAL, which holds no"
                        + " numbers; map columns of numbers");
    }

    @Test
    void numbersOfAnyTypeAreNumbersInEveryFile() {
        write("a", "'x' e, 0 t, 1 o, 0 a, 1L r, false end");
        write("b", "'x' e, 1L t, 2.5d o, 1d a, 0.5f r, 0 end");
        write("c", "'x' e, 2d t, cast(3.25 as decimal(10, 2)) o, 2L a, cast(2 as decimal(4, 1)) r, 1 end");

        ingest(MAPPING);

        assertThat(transitions()).extracting(Transition::reward).containsExactly(1.0, 0.5, 2.0);
        assertThat(transitions())
                .extracting(Transition::observation)
                .containsExactly(new float[] {1}, new float[] {2.5f}, new float[] {3.25f});
        assertThat(transitions()).extracting(Transition::terminated).containsExactly(false, false, true);
    }

    @Test
    void aColumnWithoutAnyValueAgreesWithAll() throws IOException {
        var schema = MessageTypeParser.parseMessageType("message m {" + PLAIN + "optional int32 more (UNKNOWN); }");
        write("a.parquet", schema, false, List.of(plain(schema, 0, true)));
        write("b", "'y' e, 0 t, 1.5f o, 1 a, 0.5f r, true end, 'text' more");

        ingest(MAPPING + "columns.group = more");

        assertThat(transitions()).extracting(Transition::group).containsExactly(null, "text");
    }

    @Test
    void anIdMayBeANumberInOneFileAndItsTextInAnother() {
        write("a", "7 e, 0 t, 1 o, 0 a, 1 r, false end");
        write("b", "'7' e, 1 t, 2 o, 0 a, 2 r, true end");

        ingest(MAPPING);

        assertThat(transitions()).extracting(Transition::episodeId).containsExactly("7", "7");
    }

    @Test
    void aTimeIsNoIdInAnotherFilesText() {
        write("a", "timestamp'2026-11-01 00:00:00' e, 0 t, 1 o, 0 a, 1 r, false end");
        write("b", "'2026-11-01 00:00:00' e, 1 t, 2 o, 0 a, 2 r, true end");

        assertThatThrownBy(() -> ingest(MAPPING))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot read column 'e' of b/part-.*: it is of type string, and of type timestamp in"
                                + " a/part-.*; ingest them apart, or write one of them again");
    }

    @Test
    void columnsThatDifferInCaseOnlyAreTwo() {
        spark.conf().set("spark.sql.caseSensitive", "true");
        try {
            write("", "'x' e, 0 t, named_struct('x', 1f, 'X', 2f) o, 5f O, 0 a, 1 r, true end");
        } finally {
            spark.conf().unset("spark.sql.caseSensitive");
        }

        ingest(MAPPING.replace("[o]", "[O, o.X, o.x]"));

        assertThat(transitions().get(0).observation()).containsExactly(5, 2, 1);
        assertThat(spark.conf().get("spark.sql.caseSensitive")).isEqualTo("false");
    }

    @Test
    void foldersAreColumnsThatTheFilesLack() {
        write("day=2026-11-01/worker=a%2Fb", "0 t, 1 o, 0 a, 1 r, true end, 'own' day");
        write("day=2026-11-02/worker=__HIVE_DEFAULT_PARTITION__/e=7", "0 t, 2 o, 0 a, 2 r, true end");

        ingest(MAPPING.replace("episode-id = e", "episode-id = day, group = worker"));

        assertThat(transitions()).extracting(Transition::episodeId).containsExactly("2026-11-02", "own");
        assertThat(transitions()).extracting(Transition::group).containsExactly(null, "a/b");
    }

    @Test
    void foldersAreColumnsOfEveryFormat() throws IOException {
        var folder = Files.createDirectories(directory.resolve("in/speed=2.5/e=3"));
        Files.writeString(folder.resolve("log.csv"), "t,a,r,end\n0,1,1,0\n1,2,1,1\n");

        ingest("""
                input = "%s/log.csv"
                format = csv
                """.formatted(folder) + MAPPING.replace("format = parquet", "").replace("[o]", "[speed, t]"));

        assertThat(transitions()).extracting(Transition::episodeId).containsExactly("3", "3");
        assertThat(transitions().get(1).observation()).containsExactly(2.5f, 1);
    }

    /** A row whose o is its step and a half, and whose r is a tenth of it. */
    private static Group plain(MessageType schema, int step, boolean end) {
        var row = new SimpleGroup(schema);
        row.add("e", "x");
        row.add("t", (long) step);
        row.add("o", step + 0.5f);
        row.add("a", step % 3);
        row.add("r", 0.1 * step);
        row.add("end", end);
        for (var column : schema.getFields()) {
            switch (column.getName()) {
                case "at" -> row.add("at", 1L);
                case "id" -> row.add("id", Binary.fromConstantByteArray(new byte[16]));
                case "half" -> row.add("half", Binary.fromConstantByteArray(new byte[2]));
                case "big" -> row.add("big", Binary.fromConstantByteArray(new byte[21]));
                case "v" -> row.addGroup("v").add("at", 1L);
                default -> {}
            }
        }
        if (schema.containsField("span") && schema.containsField("v")) {
            row.add("span", Binary.fromConstantByteArray(new byte[12]));
        }
        return row;
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private static byte[] wide(BigInteger number) {
        var bytes = new byte[21];
        Arrays.fill(bytes, (byte) (number.signum() < 0 ? -1 : 0));
        var digits = number.toByteArray();
        System.arraycopy(digits, 0, bytes, bytes.length - digits.length, digits.length);
        return bytes;
    }

    private Path write(String name, MessageType schema, boolean splitBytes, List<? extends Group> rows)
            throws IOException {
        var file = directory.resolve("in").resolve(name);
        try (var writer = ExampleParquetWriter.builder(
                        HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toString()), new Configuration()))
                .withType(schema)
                .withDictionaryEncoding(!splitBytes)
                .withByteStreamSplitEncoding(splitBytes)
                .build()) {
            for (var row : rows) {
                writer.write(row);
            }
        }
        return file;
    }

    /** Says in a file's footer that a column is compressed with {@code codec}. */
    private static void compress(Path file, String column, CompressionCodec codec) throws IOException {
        var bytes = Files.readAllBytes(file);
        var length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
        var start = bytes.length - 8 - length;
        var footer = Util.readFileMetaData(new ByteArrayInputStream(bytes, start, length));
        for (var group : footer.getRow_groups()) {
            for (var chunk : group.getColumns()) {
                if (chunk.getMeta_data().getPath_in_schema().equals(List.of(column))) {
                    chunk.getMeta_data().setCodec(codec);
                }
            }
        }
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, start);
        Util.writeFileMetaData(footer, out);
        var tail = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        tail.putInt(out.size() - start).put("PAR1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        out.write(tail.array());
        Files.write(file, out.toByteArray());
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    }

    private void write(String folder, String select) {
        spark.sql("select " + select)
                .coalesce(1)
                .write()
                .mode("append")
                .parquet(directory.resolve("in").resolve(folder).toString());
    }

    private StageResult ingest(String hocon) {
        var conf = ConfigFactory.parseString(hocon)
                .withFallback(ConfigFactory.parseString("input = \"" + directory.resolve("in") + "\""));
        return IngestStage.run(context, Settings.read(IngestConfig.class, conf, ""));
    }

    private List<Transition> transitions() {
        var warehouse = context.warehouse();
        return warehouse.read(warehouse.require(TableName.TRANSITIONS)).collectAsList().stream()
                .map(TransitionRow::transition)
                .sorted(Comparator.comparing(Transition::episodeId).thenComparing(Transition::step))
                .toList();
    }
}
