package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.source.Format;
import io.hindcast.source.FoundFiles;
import io.hindcast.table.LocalSpark;
import io.hindcast.timeline.Flag;
import io.hindcast.timeline.LoggedRow;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One value is read as one number, whatever the format it stands in. */
class ScalarFormatsTest {
    private static final double DAY = 1_793_491_200.0; // 2026-11-01T00:00:00Z

    /** Cells of text, and the numbers they stand for. */
    private static final Map<String, Double> TEXTS = Map.ofEntries(
            Map.entry("1.5", 1.5),
            Map.entry("-2e3", -2000.0),
            Map.entry("+7", 7.0),
            Map.entry("True", 1.0),
            Map.entry("FALSE", 0.0),
            Map.entry("yes", 1.0),
            Map.entry("t", 1.0),
            Map.entry("nan", Double.NaN),
            Map.entry("NA", Double.NaN),
            Map.entry("N/A", Double.NaN),
            Map.entry("null", Double.NaN),
            Map.entry("None", Double.NaN),
            Map.entry("inf", Double.POSITIVE_INFINITY),
            Map.entry("+inf", Double.POSITIVE_INFINITY),
            Map.entry("-inf", Double.NEGATIVE_INFINITY),
            Map.entry("Infinity", Double.POSITIVE_INFINITY),
            Map.entry("2026-11-01", DAY),
            Map.entry("2026-11-01T00:00:00Z", DAY),
            Map.entry("2026-11-01 01:00:00+01:00", DAY),
            Map.entry("2026-11-01T00:00:00.500000000", DAY + 0.5));

    private static final List<String> CELLS = TEXTS.keySet().stream().sorted().toList();

    /** Columns of one row that all hold a 1, as Spark writes them. */
    private static final List<String> ONES = List.of(
            "1 as c_int",
            "1L as c_long",
            "cast(1 as tinyint) as c_byte",
            "cast(1 as float) as c_float",
            "1.0d as c_double",
            "cast(1 as decimal(10,2)) as c_decimal",
            "true as c_flag",
            "'1.0' as c_text",
            "timestamp'1970-01-01 00:00:01' as c_time",
            "array(1) as c_ints",
            "array(1L) as c_longs",
            "array(cast(1 as float)) as c_floats",
            "array(1.0d) as c_doubles",
            "array(true) as c_flags",
            "array('1') as c_texts",
            "array(array(1L)) as c_nested");

    private static final String JSON_ONES = """
            {"c_int": 1, "c_double": 1.0, "c_flag": true, "c_text": "1.0", "c_ints": [1], "c_doubles": [1.0], \
            "c_flags": [true], "c_texts": ["1"], "c_nested": [[1]], "c_big": 1.0e0, "none": null, "empty": []}
            """;

    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(names = {"CSV", "JSON", "AVRO", "PARQUET", "ORC"})
    void aTextIsTheSameNumberInEveryFormat(Format format) throws IOException {
        write(format, CELLS);

        var rows = rows(format, "observation = v, action-index = v, reward = v, step = v");
        assertThat(rows).hasSameSizeAs(CELLS);
        for (var i = 0; i < CELLS.size(); i++) {
            var number = TEXTS.get(CELLS.get(i));
            assertThat(rows.get(i).reward()).as(CELLS.get(i)).isEqualTo(number);
            assertThat(rows.get(i).step()).as(CELLS.get(i)).isEqualTo(number);
            assertThat(rows.get(i).observation()).as(CELLS.get(i)).containsExactly(number.floatValue());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CSV", "JSON", "AVRO", "PARQUET", "ORC"})
    void aFlagIsTheSameInEveryFormat(Format format) throws IOException {
        var words = List.of("1", "0", "true", "False", "yes", "N", "1.0", "0.0", "nan", "NA", "null", "none");
        write(format, words);

        var rows = rows(format, "observation = v, action-index = v, reward = v, terminated = v");
        assertThat(rows.stream().map(LoggedRow::terminated))
                .containsExactly(true, false, true, false, true, false, true, false, false, false, false, false);
        assertThat(rows.stream().map(row -> row.unknown() != 0))
                .containsExactly(false, false, false, false, false, false, false, false, true, true, true, true);
    }

    @ParameterizedTest
    @EnumSource(names = {"JSON", "PARQUET", "ORC"})
    void everyTypeAndEveryListOfOneIsItsNumber(Format format) throws IOException {
        if (format == Format.JSON) {
            Files.writeString(directory.resolve("log.json"), JSON_ONES);
        } else {
            var frame = spark.range(1).selectExpr(ONES.toArray(String[]::new));
            (format == Format.ORC ? frame.write().format("orc") : frame.write().format("parquet"))
                    .mode("append")
                    .save(directory.resolve("log").toString());
        }
        var columns = format == Format.JSON
                ? List.of(
                        "c_int",
                        "c_double",
                        "c_flag",
                        "c_text",
                        "c_ints",
                        "c_doubles",
                        "c_flags",
                        "c_texts",
                        "c_nested",
                        "c_big")
                : ONES.stream()
                        .map(one -> one.substring(one.lastIndexOf(' ') + 1))
                        .toList();
        for (var column : columns) {
            var row = rows(
                            format,
                            "observation = %1$s, action-index = %1$s, reward = %1$s, episode-id = %1$s, step = %1$s"
                                            .formatted(column)
                                    + (column.equals("c_time") ? "" : ", terminated = " + column))
                    .get(0);
            assertThat(row.observation()).as(column).containsExactly(1);
            assertThat(row.actionIndex()).as(column).isEqualTo(1);
            assertThat(row.reward()).as(column).isEqualTo(1);
            assertThat(row.step()).as(column).isEqualTo(1);
            assertThat(row.terminated()).as(column).isEqualTo(!column.equals("c_time"));
        }
        for (var column : columns.stream()
                .filter(name -> name.matches("c_(int|long|float|double|byte)s?"))
                .toList()) {
            assertThat(rows(
                                    format,
                                    "observation = %1$s, action-index = %1$s, reward = %1$s, episode-id = %1$s"
                                            .formatted(column))
                            .get(0)
                            .episode())
                    .as(column)
                    .isEqualTo("1");
        }
        if (format == Format.JSON) {
            for (var column : List.of("none", "empty")) {
                var row = rows(
                                format,
                                "observation = %1$s, action-index = %1$s, reward = %1$s, episode-id = %1$s, done = %1$s"
                                        .formatted(column))
                        .get(0);
                assertThat(row.reward()).isNaN();
                assertThat(row.episode()).isNull();
                assertThat(row.isUnknown(Flag.DONE)).isTrue();
            }
        }
    }

    /** A file with one column v of text. */
    private void write(Format format, List<String> cells) throws IOException {
        switch (format) {
            case CSV ->
                Files.writeString(
                        directory.resolve("log.csv"),
                        "v\n" + cells.stream().map(cell -> '"' + cell + "\"\n").collect(Collectors.joining()));
            case JSON ->
                Files.writeString(
                        directory.resolve("log.json"),
                        cells.stream()
                                .map(cell -> "{\"v\": \"" + cell + "\"}\n")
                                .collect(Collectors.joining()));
            case AVRO -> {
                var schema = new Schema.Parser().parse("""
                        {"type": "record", "name": "row", "fields": [{"name": "v", "type": "string"}]}
                        """);
                try (var writer = new DataFileWriter<>(new GenericDatumWriter<GenericData.Record>(schema))) {
                    writer.create(schema, new File(directory.toFile(), "log.avro"));
                    for (var cell : cells) {
                        writer.append(
                                new GenericRecordBuilder(schema).set("v", cell).build());
                    }
                }
            }
            default ->
                spark.createDataset(cells, Encoders.STRING())
                        .toDF("v")
                        .coalesce(1)
                        .write()
                        .format(format.name().toLowerCase(Locale.ROOT))
                        .save(directory.resolve("log").toString());
        }
    }

    private List<LoggedRow> rows(Format format, String columns) {
        var per = columns.contains("episode-id") ? "column" : "file";
        var config = Settings.read(
                IngestConfig.class,
                ConfigFactory.parseString("input = \"" + directory + "\", dataset = grid, format = "
                        + format.name().toLowerCase(Locale.ROOT) + ", episode-per = " + per
                        + ", action-space { type = discrete, count = 3 }, columns { " + columns + " }"),
                "");
        var files = FoundFiles.find(spark.sparkContext().hadoopConfiguration(), config.paths(), format, List.of(), "")
                .files();
        return new FoundRows(spark, files, config, null)
                .logged(config.mapping(), Map.of())
                .collect();
    }
}
