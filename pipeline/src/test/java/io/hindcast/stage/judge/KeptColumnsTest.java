package io.hindcast.stage.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of a log go with its steps, from the log to judge. */
class KeptColumnsTest {
    private static final String MAPPING = """
            format = csv
            dataset = shop
            episode-per = row
            action-space { type = discrete, count = 2 }
            columns { observation = x, action-index = a, reward = r, propensity = p, keep = [country, new_p] }
            """;

    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path directory;

    private enum Kind {
        CSV,
        JSON,
        AVRO,
        PARQUET,
        ORC
    }

    @ParameterizedTest
    @EnumSource
    void everyFormatKeepsThemToTheLastDigit(Kind format) throws IOException {
        switch (format) {
            case CSV -> write("""
                        x,a,r,p,country,new_p,whole
                        1,0,1,0.5,NA,0.12345678901234567,9007199254740993
                        2,1,0,0.5,,0.5,2
                        """);
            case JSON -> Files.writeString(directory("log.json"), """
                        {"x":1,"a":0,"r":1,"p":0.5,"country":"NA","new_p":0.12345678901234567,"whole":9007199254740993}
                        {"x":2,"a":1,"r":0,"p":0.5,"country":null,"new_p":0.5,"whole":2}
                        """);
            case AVRO -> {
                var schema = SchemaBuilder.record("row")
                        .fields()
                        .requiredInt("x")
                        .requiredInt("a")
                        .requiredInt("r")
                        .requiredDouble("p")
                        .optionalString("country")
                        .requiredDouble("new_p")
                        .requiredLong("whole")
                        .endRecord();
                try (var writer = new DataFileWriter<>(new GenericDatumWriter<GenericData.Record>(schema))) {
                    writer.create(schema, new File(directory("log.avro").toString()));
                    for (var i = 0; i < 2; i++) {
                        writer.append(new GenericRecordBuilder(schema)
                                .set("x", 1 + i)
                                .set("a", i)
                                .set("r", 1 - i)
                                .set("p", 0.5)
                                .set("country", i == 0 ? "NA" : null)
                                .set("new_p", i == 0 ? 0.12345678901234567 : 0.5)
                                .set("whole", i == 0 ? 9007199254740993L : 2L)
                                .build());
                    }
                }
            }
            default ->
                spark.range(2)
                        .selectExpr(
                                "1 + id as x",
                                "cast(id as int) as a",
                                "1 - id as r",
                                "0.5d as p",
                                "case when id = 0 then 'NA' end as country",
                                "if(id = 0, 0.12345678901234567d, 0.5d) as new_p",
                                "if(id = 0, 9007199254740993L, 2L) as whole")
                        .coalesce(1)
                        .write()
                        .format(format.name().toLowerCase(Locale.ROOT))
                        .save(directory("log").toString());
        }
        var context = context("out");
        ingest(
                context,
                "format = " + format.name().toLowerCase(Locale.ROOT) + ", columns.keep = [country, new_p, whole]");

        var table = context.warehouse().read(context.warehouse().require(TableName.TRANSITIONS));
        // Text stays as it is; a double is the text that gives it back.
        var parsed = format == Kind.CSV ? "0.12345678901234567" : String.valueOf(0.12345678901234567);
        assertThat(table.orderBy("step", "source_row").select("kept").collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder(
                        "{\"country\":\"NA\",\"new_p\":\"" + parsed + "\",\"whole\":\"9007199254740993\"}",
                        "{\"new_p\":\"0.5\",\"whole\":\"2\"}");
        assertThat(table.selectExpr("get_json_object(kept, '$.country') as country")
                        .where("country is not null")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly("NA");
    }

    @Test
    void withoutThemRowsKeepTheFingerprintThatTheyHad() throws IOException {
        write(bandit(i -> "DE"));
        var bare = context("bare");
        ingest(bare, "columns.keep = []");
        var keeping = context("keeping");
        ingest(keeping, "");

        var manifest = bare.warehouse().require(TableName.TRANSITIONS).manifest();
        assertThat(manifest.fingerprint()).isEqualTo("8896ef92c8ee95191149bd4199142e7d");
        assertThat(manifest.requestKey()).isEqualTo("7c3de0cd24f2ccba8ff76d390086065da1cfda0c89fbc4738e913e0dd8c29609");
        assertThat(keeping.warehouse().require(TableName.TRANSITIONS).manifest().fingerprint())
                .isNotEqualTo(manifest.fingerprint());
        assertThat(bare.warehouse()
                        .read(bare.warehouse().require(TableName.TRANSITIONS))
                        .where("kept is null")
                        .count())
                .isEqualTo(100);
    }

    @Test
    void aColumnThatTheLogLacksIsNamed() throws IOException {
        write(bandit(i -> "DE"));

        refused(() -> ingest(context("out"), "columns.keep = [countri]"))
                .hasMessage("Cannot use column 'countri' of log.csv: there is no such column; did you mean 'country'?");
        refused(() -> ingest(context("out"), "columns.keep = [\"category:country\"]"))
                .hasMessage("Cannot use columns.keep = [category:country]: what is kept is the text of a column; write"
                        + " country; name other columns of the log");
        refused(() -> ingest(context("out"), "columns.keep = [group]"))
                .hasMessage("Cannot use columns.keep = [group]: group is a column of transitions by itself, for the"
                        + " group see columns.group; name other columns of the log");
    }

    @Test
    void whatIsAppendedKeepsTheSameColumns() throws IOException {
        write(bandit(i -> "DE"));
        var context = context("out");
        ingest(context, "");
        Files.writeString(directory("more.csv"), "x,a,r,p,country,new_p\n1,0,1,0.5,FR,0.5\n");

        refused(() -> ingest(context, "append = true, columns.keep = [country]"))
                .hasMessageStartingWith("Cannot append to transitions v1 in ")
                .hasMessageEndingWith(": it came from another configuration (columns.keep: [\"country\",\"new_p\"] ->"
                        + " [\"country\"]); use that one, or ingest all files again with another --out");
        ingest(context, "append = true");
        judge(context, "by = [country]");
        assertThat(groups(context)).containsExactly("country=DE", "country=FR");
    }

    @Test
    void episodesAreGroupedByWhatTheirFirstStepSays() throws IOException {
        write("""
                e,t,x,a,r,p,end,country,new_p
                one,0,1,0,1,0.5,0,DE,0.5
                one,1,1,0,1,0.5,1,FR,0.5
                two,0,1,0,3,0.5,0,,0.5
                two,1,1,0,1,0.5,1,FR,0.5
                """);
        var context = context("out");
        ingest(context, "episode-per = column, columns { episode-id = e, step = t, terminated = end }");
        judge(context, "by = [country, source_file]");

        assertThat(groups(context)).containsExactly("country=, source_file=log.csv", "country=DE, source_file=log.csv");
        assertThat(value(context, "behaviour", "country=DE, source_file=log.csv"))
                .isEqualTo(2);
    }

    @Test
    void moreThanAThousandGroupsAreRefused() throws IOException {
        write(IntStream.range(0, 1001)
                .mapToObj(i -> "1,0,1,0.5,c" + i + ",0.5")
                .collect(Collectors.joining("\n", "x,a,r,p,country,new_p\n", "\n")));
        var context = context("out");
        ingest(context, "");

        refused(() -> judge(context, "by = [country]"))
                .hasMessage("Cannot use judge.by: episodes are in more than 1000 groups, and each has estimates of its"
                        + " own; group by columns of fewer values, or judge by a subset");
        refused(() -> judge(context, "by = [day]"))
                .hasMessage("Cannot use column 'day' in judge.by: there is no such column; known are group,"
                        + " source_file, country, new_p; ingest the log into another --out with columns.keep = [day]");
    }

    @Test
    void aColumnOfProbabilitiesIsAPolicy() throws IOException {
        // What it says of every action is what the uniform policy does.
        write(bandit(i -> "DE"));
        var context = context("out");
        ingest(context, "columns.keep = [new_p, new_log, never]");
        judge(
                context,
                "policies { new.column = new_p, log.log-column = new_log, never.column = never }, estimators = [is, wis]");

        assertThat(value(context, "uniform", null)).isEqualTo(0.625, within(1e-12));
        assertThat(value(context, "new", null)).isEqualTo(0.625, within(1e-12));
        assertThat(value(context, "log", null)).isEqualTo(0.625, within(1e-12));
        assertThat(context.warehouse()
                        .read(context.warehouse().require(TableName.ESTIMATES))
                        .where("policy = 'never' and estimator = 'wis'")
                        .first()
                        .<String>getAs("reason"))
                .isEqualTo("no logged episode does what the policy does");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.5|column|a probability is from 0 to 1; logarithms of them are judge.policies.NAME.log-column",
                "-0.1|column|a probability is from 0 to 1; logarithms of them are judge.policies.NAME.log-column",
                "nan|column|a probability is from 0 to 1; logarithms of them are judge.policies.NAME.log-column",
                "half|column|a probability is from 0 to 1; logarithms of them are judge.policies.NAME.log-column",
                "0.5|log-column|the logarithm of a probability is at most 0; probabilities are"
                        + " judge.policies.NAME.column",
            })
    void aNumberThatIsNoProbabilityIsNamedWithItsPlace(String number, String setting, String range) throws IOException {
        write("x,a,r,p,country,new_p\n1,0,1,0.5,DE," + number + "\n");
        var context = context("out");
        ingest(context, "");

        refused(() -> judge(context, "policies.new." + setting + " = new_p"))
                .hasMessageMatching(
                        "Cannot judge by column 'new_p': in step 0 of episode .* it holds '" + number + "'; " + range);
    }

    @Test
    void whereAColumnIsEmptyTheEpisodeIsLeftOut() throws IOException {
        write(bandit(i -> "DE").replaceFirst("DE,0.5,", "DE,,"));
        var context = context("out");
        ingest(context, "");
        judge(context, "policies.new.column = new_p");

        var row = context.warehouse()
                .read(context.warehouse().require(TableName.ESTIMATES))
                .where("policy = 'new' and estimator = 'is'")
                .first();
        assertThat(row.<String>getAs("left_out_why")).isEqualTo("1: a step without the probability of its action");
        assertThat(row.<Long>getAs("episodes")).isEqualTo(99);
    }

    @Test
    void aDensityMayBeAboveOne() throws IOException {
        write(IntStream.range(0, 200)
                .mapToObj(i -> "1," + (i % 20 - 9.5) / 100 + "," + i % 2 + ",5,DE,10")
                .collect(Collectors.joining("\n", "x,a,r,p,country,new_p\n", "\n")));
        var context = context("out");
        ingest(
                context,
                "action-space { type = continuous, dimension = 1, count = null }, columns { action = a, action-index = null,"
                        + " propensity = null, behaviour-log-prob = p }");
        judge(context, "policies.new.column = new_p");

        assertThat(value(context, "new", null)).isEqualTo(0.5 * 10 / Math.exp(5), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(strings = {"d4rl-hdf5", "minari", "tfds"})
    void formatsThatSayThemselvesWhatIsInThemKeepNothing(String format) throws IOException {
        Files.write(directory("log.hdf5"), new byte[] {1});
        Files.write(directory("log.tfrecord"), new byte[] {1});

        refused(() -> ingest(
                        context("out"),
                        "episode-per = " + (format.equals("d4rl-hdf5") ? "done" : "null") + ", format = " + format))
                .hasMessage("Cannot use columns.keep = [country, new_p] with format = " + format
                        + ": of its files no further columns are read; remove it");
    }

    /** 80 times action 0 (chance 0.8), 40 of them earn 1; 20 times action 1 (chance 0.2), 15 of them do. */
    private static String bandit(IntFunction<String> country) {
        return IntStream.range(0, 100)
                .mapToObj(i -> i % 3 + "," + (i < 80 ? 0 : 1) + "," + (i < 40 || i >= 85 ? 1 : 0) + ","
                        + (i < 80 ? 0.8 : 0.2) + "," + country.apply(i) + ",0.5," + Math.log(0.5) + ",0")
                .collect(Collectors.joining("\n", "x,a,r,p,country,new_p,new_log,never\n", "\n"));
    }

    private static List<String> groups(StageContext context) {
        return context
                .warehouse()
                .read(context.warehouse().require(TableName.ESTIMATES))
                .where("policy = 'behaviour' and estimator = 'is' and group is not null")
                .orderBy("group")
                .collectAsList()
                .stream()
                .map(row -> row.<String>getAs("group"))
                .toList();
    }

    private static double value(StageContext context, String policy, String group) {
        return context.warehouse()
                .read(context.warehouse().require(TableName.ESTIMATES))
                .where("policy = '" + policy + "' and estimator = 'is' and group "
                        + (group == null ? "is null" : "= '" + group + "'"))
                .first()
                .<Double>getAs("value");
    }

    private static AbstractThrowableAssert<?, ?> refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable what) {
        return assertThatThrownBy(what).isInstanceOf(UserException.class);
    }

    private StageContext context(String out) {
        return new StageContext(
                spark, new Warehouse(spark, directory.resolve(out).toString()), line -> {});
    }

    private void ingest(StageContext context, String more) {
        var conf = ConfigFactory.parseString(more)
                .withFallback(ConfigFactory.parseString("input = \"" + directory.resolve("in") + "\""))
                .withFallback(ConfigFactory.parseString(MAPPING));
        IngestStage.run(context, Settings.read(IngestConfig.class, conf, ""));
    }

    private static void judge(StageContext context, String settings) {
        JudgeStage.run(context, Settings.read(JudgeConfig.class, ConfigFactory.parseString(settings), "judge"));
    }

    private Path directory(String name) throws IOException {
        var file = directory.resolve("in").resolve(name);
        Files.createDirectories(file.getParent());
        return file;
    }

    private void write(String log) throws IOException {
        Files.writeString(directory("log.csv"), log);
    }
}
