package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.Part;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.StageContext;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Warehouse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files: each is read correctly, or refused in one line. */
class TableFuzzTest {
    private static final int ROWS = 60;
    private static final Map<String, String> ENDINGS =
            Map.of("csv", ".csv.gz", "json", ".json", "parquet", ".parquet", "orc", ".orc", "avro", ".avro");
    /** Of formats with a row an episode. */
    private static final String IMITATION = "imitation-";

    /** The damage after which a number points behind the end of a dictionary. */
    private static final int SHORT_OF_A_VALUE = 935;

    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"csv", "json", "parquet", "orc", "avro", "imitation-parquet", "imitation-arrow"})
    void aDamagedFileIsReadOrRefused(String format) throws IOException {
        fuzz(format, IntStream.range(0, 10));
    }

    @Test
    void aFileWhoseValuesAreFoundMissingAsTheyAreLookedUpIsRefusedByItsName() throws IOException {
        var input = directory.resolve("short-of-a-value.parquet");
        Files.write(input, damaged(file("imitation-parquet"), SHORT_OF_A_VALUE));

        assertThatThrownBy(() -> ingest("imitation-parquet", input, "out"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot ingest walks: ")
                .hasMessageEndingWith("/short-of-a-value.parquet); a file is damaged, copy it again")
                .message()
                .hasLineCount(1);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"csv", "json", "parquet", "orc", "avro", "imitation-parquet", "imitation-arrow"})
    void aThousandDamagedFilesAreReadOrRefused(String format) throws IOException {
        fuzz(format, Part.seeds(1_000));
    }

    private void fuzz(String format, IntStream seeds) throws IOException {
        var whole = file(format);
        var intact = directory.resolve("intact" + ending(format));
        Files.write(intact, whole);
        ingest(format, intact, "out");

        var refused = 0;
        var cases = seeds.toArray();
        for (var seed : cases) {
            var damaged = damaged(whole, seed);
            var input = directory.resolve("case-" + seed + ending(format));
            Files.write(input, damaged);
            try {
                ingest(format, input, "out-" + seed);
            } catch (UserException e) {
                refused++;
                assertThat(e.getMessage())
                        .as("%s, seed %d", format, seed)
                        .startsWith("Cannot ")
                        .hasLineCount(1);
            } catch (Throwable e) {
                throw new AssertionError(
                        format + ", seed " + seed + " (" + damaged.length + " of " + whole.length
                                + " bytes) is neither read nor refused",
                        e);
            }
        }
        assertThat(refused).as("refused of %d", cases.length).isGreaterThan(cases.length / 4);
    }

    private static String ending(String format) {
        return ENDINGS.getOrDefault(format, "." + format.replace(IMITATION, ""));
    }

    /** Cut short, or with up to eight bits turned over. */
    private static byte[] damaged(byte[] whole, int seed) {
        var random = new SplittableRandom(seed);
        if (seed % 4 == 0) {
            return Arrays.copyOf(whole, random.nextInt(whole.length));
        }
        var bytes = whole.clone();
        for (var flips = random.nextInt(1, 9); flips > 0; flips--) {
            // Half of them near the end, where Parquet and ORC keep what the rest means.
            var place = random.nextBoolean()
                    ? random.nextInt(bytes.length)
                    : bytes.length - 1 - random.nextInt(Math.min(bytes.length, 600));
            bytes[place] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private void ingest(String format, Path input, String out) {
        var mapping = format.startsWith(IMITATION)
                ? """
                row-holds = steps, episode-per = row-of-steps, final-row = observation
                columns { observation = [obs], action-index = acts, reward = rews, terminated = terminal }
                """
                : "columns { observation = [x, y], action-index = a, reward = r, episode-id = e, step = t }\n";
        var conf = ConfigFactory.parseString(
                mapping + "input = \"" + input + "\", format = " + format.replace(IMITATION, "") + """

                dataset = walks
                observation-size = 2
                max-quarantine-fraction = 1
                action-space { type = discrete, count = 3 }
                """);
        IngestStage.run(
                new StageContext(
                        spark, new Warehouse(spark, directory.resolve(out).toString()), line -> {}),
                Settings.read(IngestConfig.class, conf, ""));
    }

    private byte[] file(String format) throws IOException {
        return switch (format) {
            case "csv" -> gzip("e,t,x,y,a,r\n" + lines("%d,%d,%d.5,%d,%d,%d"));
            case "json" ->
                lines("{\"e\":%d,\"t\":%d,\"x\":%d.5,\"y\":%d,\"a\":%d,\"r\":%d}")
                        .getBytes(StandardCharsets.UTF_8);
            case "avro" -> avro();
            case "imitation-arrow" -> Files.readAllBytes(Path.of("src/test/resources/arrow/trajectories.arrow"));
            case "imitation-parquet" ->
                table(
                        "parquet",
                        "array(array(float(id), 1f), array(float(id), 2f), array(3f, 4f)) obs",
                        "array(id % 3, 1) acts",
                        "array(0.5d, double(id)) rews",
                        "id % 2 = 0 terminal");
            default ->
                table(
                        format,
                        "id div 10 e",
                        "id % 10 t",
                        "cast(id as float) x",
                        "rand(1) y",
                        "id % 3 a",
                        "cast(id as double) r");
        };
    }

    private static String lines(String line) {
        return IntStream.range(0, ROWS)
                .mapToObj(i -> String.format(line, i / 10, i % 10, i, i * 7 % 5, i % 3, i))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] avro() throws IOException {
        var fields = "etxyar"
                .chars()
                .mapToObj(name -> "{\"name\": \"" + (char) name + "\", \"type\": \"double\"}")
                .collect(Collectors.joining(", "));
        var schema =
                new Schema.Parser().parse("{\"type\": \"record\", \"name\": \"row\", \"fields\": [" + fields + "]}");
        var bytes = new ByteArrayOutputStream();
        try (var writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
            writer.create(schema, bytes);
            for (var i = 0; i < ROWS; i++) {
                writer.append(new GenericRecordBuilder(schema)
                        .set("e", (double) Math.floorDiv(i, 10))
                        .set("t", (double) (i % 10))
                        .set("x", (double) i)
                        .set("y", 1.0)
                        .set("a", (double) (i % 3))
                        .set("r", (double) i)
                        .build());
            }
        }
        return bytes.toByteArray();
    }

    private byte[] table(String format, String... columns) throws IOException {
        var folder = directory.resolve("whole-" + format);
        spark.range(0, ROWS, 1, 1).selectExpr(columns).write().format(format).save(folder.toString());
        try (var files = Files.list(folder)) {
            return Files.readAllBytes(files.filter(file -> file.toString().endsWith("." + format))
                    .findFirst()
                    .orElseThrow());
        }
    }
}
