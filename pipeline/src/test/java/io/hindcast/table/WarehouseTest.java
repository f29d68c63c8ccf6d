package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.table.parquet.PartFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarehouseTest {
    private static final Request ASKED = asked(79);

    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path out;

    private Warehouse warehouse;

    @BeforeEach
    void open() {
        warehouse = new Warehouse(spark, out.toString());
    }

    @Test
    void aFewRowsArePublishedLikeAFrameOfThem() {
        var step = new @Nullable Object[] {"all", 0, "all", "{}", 2L, 4L, 0.5, 0.0, 1.0, null};
        var other = new @Nullable Object[] {"best", 1, "sample", "{}", 1L, 2L, null, null, null, null};
        var frame = spark.createDataFrame(
                List.of(RowFactory.create(step), RowFactory.create(other)), TableName.SUBSET_STEPS.schema());
        var ofFrame = warehouse.publish(TableName.SUBSET_STEPS, asked(1), frame);

        var version = warehouse.publish(TableName.SUBSET_STEPS, asked(2), List.of(step, other));

        assertThat(version).hasToString("subset_steps v2");
        assertThat(warehouse.latest(TableName.SUBSET_STEPS)).contains(version);
        assertThat(warehouse.read(version).collectAsList()).containsExactlyElementsOf(frame.collectAsList());
        assertThat(version.manifest().rows()).isEqualTo(2);
        assertThat(version.manifest().episodes()).isNull();
        assertThat(version.manifest().fingerprint())
                .isEqualTo(ofFrame.manifest().fingerprint());
    }

    @Test
    void aFrameInOneFileIsPublishedLikeAFrameInMany() {
        var rows = List.of(
                RowFactory.create("all", 0, "b", 2.0, 3L, null),
                RowFactory.create("all", 1, "a", 1.0, 4L, "left"),
                RowFactory.create("best", 0, "b", 2.0, 3L, null));
        var frame = spark.createDataFrame(rows, TableName.SUBSETS.schema());
        var inMany = warehouse.publish(TableName.SUBSETS, asked(1), frame.repartition(2));

        var version = warehouse.begin(TableName.SUBSETS).publishInOneFile(asked(2), frame, 2L);

        assertThat(version).hasToString("subsets v2");
        assertThat(version.files()).hasSize(1);
        assertThat(warehouse.read(version).collectAsList()).containsExactlyElementsOf(rows);
        assertThat(version.manifest().rows()).isEqualTo(3);
        assertThat(version.manifest().episodes())
                .isEqualTo(inMany.manifest().episodes())
                .isEqualTo(2);
        assertThat(version.manifest().fingerprint()).isEqualTo(inMany.manifest().fingerprint());
    }

    @Test
    void aRowThatDoesNotFitPublishesNothing() {
        var row = new @Nullable Object[] {null, 0, "all", "{}", 2L, 4L, 0.5, 0.0, 1.0, null};
        assertThatThrownBy(() -> warehouse.publish(TableName.SUBSET_STEPS, ASKED, List.<@Nullable Object[]>of(row)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot write a row: subset is null, where its schema allows none");
        assertThat(out.resolve("subset_steps")).isEmptyDirectory();
    }

    @Test
    void whatWasPublishedIsRead() {
        var version = warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()));

        assertThat(version).hasToString("transitions v1");
        assertThat(warehouse.latest(TableName.TRANSITIONS)).contains(version);
        assertThat(warehouse.read(version).collectAsList()).containsExactlyInAnyOrderElementsOf(rows());
        var manifest = version.manifest();
        assertThat(manifest.rows()).isEqualTo(4);
        assertThat(manifest.episodes()).isEqualTo(2);
        assertThat(manifest.fingerprint()).matches("[0-9a-f]{32}");
        assertThat(manifest.configuration()).isEqualTo(Map.of("episodes", 79));
        assertThat(manifest.files()).isNotEmpty();
    }

    @Test
    void aDirectoryMayHaveBracketsInItsName() {
        var bracketed = new Warehouse(spark, out.resolve("seed[1] {a,b}").toString());

        var version = bracketed.publish(TableName.TRANSITIONS, ASKED, frame(rows()));

        assertThat(bracketed.read(version).collectAsList()).containsExactlyInAnyOrderElementsOf(rows());
    }

    @Test
    void aPublishedDirectoryHoldsNothingButRowsAndManifest() throws IOException {
        warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()).coalesce(1));

        try (var files = Files.list(out.resolve("transitions/v1"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .hasSize(2)
                    .allMatch(name -> name.matches("_manifest.json|part-.*zstd.parquet"));
        }
        assertThat(temporaries()).isEmpty();
    }

    @Test
    void theFingerprintForgetsOrderAndPartitions() {
        var shuffled = new ArrayList<>(rows());
        Collections.reverse(shuffled);

        var one = warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()).coalesce(1));
        var other =
                warehouse.publish(TableName.TRANSITIONS, ASKED, frame(shuffled).repartition(4));

        assertThat(other.number()).isEqualTo(2);
        assertThat(other.manifest().files()).hasSizeGreaterThan(1);
        assertThat(other.manifest().fingerprint()).isEqualTo(one.manifest().fingerprint());
    }

    @Test
    void theFingerprintSeesOneChangedFloatOneMovedBorderAndOneRepeatedRow() {
        var published = fingerprint(rows());

        var float1 = new ArrayList<>(rows());
        float1.set(2, row("b", 0, new float[] {0.25f, Math.nextUp(-1f)}, 3, 0.5));
        assertThat(fingerprint(float1)).isNotEqualTo(published);

        var twice = new ArrayList<>(rows());
        twice.addAll(rows());
        twice.addAll(rows());
        assertThat(fingerprint(twice)).isNotEqualTo(published);

        // A value that moves to the neighbouring nullable column.
        var delta = new ArrayList<>(rows());
        delta.set(0, with(rows().get(0), 11, 2.0));
        var logProb = new ArrayList<>(rows());
        logProb.set(0, with(rows().get(0), 9, 2.0));
        assertThat(fingerprint(delta)).isNotEqualTo(fingerprint(logProb));
    }

    @Test
    void theSameRequestIsThereAlready() {
        assertThat(new UpToDate(warehouse).published(TableName.TRANSITIONS, ASKED))
                .isEmpty();
        var version = warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()));

        assertThat(new UpToDate(warehouse).published(TableName.TRANSITIONS, asked(79)))
                .contains(version);
    }

    @Test
    void anotherRequestIsRefusedAndSaysWhatDiffers() {
        warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()));

        assertThatThrownBy(() -> new UpToDate(warehouse).published(TableName.TRANSITIONS, asked(20)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot write transitions to " + out + ": v1 there came from another input or configuration"
                        + " (episodes: 79 -> 20); choose another --out or remove " + out + "/transitions");
        var nested = new Request(
                "collect",
                Map.of("space", Map.of("low", -1.0)),
                List.of(),
                List.of(new Input("a.csv", 7, "0123456789abcdef")));
        assertThatThrownBy(() -> new UpToDate(warehouse).published(TableName.TRANSITIONS, nested))
                .hasMessageContaining(
                        "(episodes: 79 -> none, input a.csv: none -> 7 bytes, sha256 01234567, job: ingest -> collect, and 1 more)");
    }

    @Test
    void whatIsMadeFromAnAppendedVersionIsBroughtUpToDate() throws IOException {
        var first = warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()));
        var stats = publishStats(first, 1);
        var runs = publishRuns(stats);
        assertThat(new UpToDate(warehouse).published(TableName.DATASET_STATS, asksStats(first, 1)))
                .contains(stats);

        var appended = appendTo(first);
        // Version 1 of both is there, but is out of date, and so is what was made from it.
        assertThat(new UpToDate(warehouse).published(TableName.DATASET_STATS, asksStats(appended, 1)))
                .isEmpty();
        var newStats = publishStats(appended, 1);
        assertThat(newStats).hasToString("dataset_stats v2");
        assertThat(new UpToDate(warehouse).published(TableName.RUNS, asksRuns(newStats)))
                .isEmpty();
        assertThat(new UpToDate(warehouse).published(TableName.RUNS, asksRuns(stats)))
                .contains(runs);
    }

    @Test
    void anotherConfigurationOrAnotherDatasetBringsNothingUpToDate() throws IOException {
        var first = warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()));
        publishStats(first, 1);
        var appended = appendTo(first);
        assertThatThrownBy(() -> new UpToDate(warehouse).published(TableName.DATASET_STATS, asksStats(appended, 2)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("(bins: 1 -> 2, parent transitions: ");

        var unrelated = warehouse.publish(TableName.TRANSITIONS, asked(1), frame(rows().subList(0, 3)));
        assertThatThrownBy(() -> new UpToDate(warehouse).published(TableName.DATASET_STATS, asksStats(unrelated, 1)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("came from another input or configuration (parent transitions: ");
    }

    private static Request asksStats(TableVersion transitions, int bins) {
        return new Request("stats", Map.of("bins", bins), List.of(transitions.asParent()), List.of());
    }

    private TableVersion publishStats(TableVersion transitions, int bins) {
        var schema = TableName.DATASET_STATS.schema();
        var values = Arrays.stream(schema.fields())
                .map(field -> switch (field.dataType().typeName()) {
                    case "string" -> "reward";
                    case "integer" -> (Object) 0;
                    case "long" -> transitions.manifest().rows();
                    default -> 0.5;
                })
                .toArray();
        var frame = spark.createDataFrame(List.of(RowFactory.create(values)), schema);
        return warehouse.publish(TableName.DATASET_STATS, asksStats(transitions, bins), frame);
    }

    private static Request asksRuns(TableVersion stats) {
        return new Request("train", Map.of("seed", 1), List.of(stats.asParent()), List.of());
    }

    private TableVersion publishRuns(TableVersion stats) {
        return warehouse.publish(
                TableName.RUNS, asksRuns(stats), spark.createDataFrame(List.<Row>of(), TableName.RUNS.schema()));
    }

    /** The rows of {@code base} and as many more. */
    private TableVersion appendTo(TableVersion base) throws IOException {
        var request = new Request("ingest", Map.of("episodes", 79), List.of(), List.of(new Input("b.csv", 1, "00")));
        var aside = new TableWriter(warehouse).aside(TableName.TRANSITIONS);
        Files.writeString(Path.of(aside, "more"), "more");
        var more = new PartFile("more", 4, "00", 4, "1".repeat(32));
        var draft = new Draft(TableName.TRANSITIONS, base.number() + 1, aside, List.of(more), Optional.of(base));
        return warehouse.begin(draft.table()).publish(draft, request, 4L);
    }

    @Test
    void theRequestKeyDoesNotDependOnTheOrderOfKeys() {
        var one = new java.util.LinkedHashMap<String, Object>();
        one.put("a", 1);
        one.put("b", 2);
        var other = new java.util.LinkedHashMap<String, Object>();
        other.put("b", 2);
        other.put("a", 1);

        assertThat(new Request("x", one, List.of(), List.of()).key())
                .isEqualTo(new Request("x", other, List.of(), List.of()).key());
    }

    @Test
    void aMissingTableSaysWhatToRun() {
        assertThatThrownBy(() -> warehouse.require(TableName.TRANSITIONS))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read transitions in " + out
                        + ": no version is published there; run ingest or collect with --out " + out + " first");
    }

    @Test
    void aHalfWrittenVersionIsNeverRead() throws IOException {
        var first = warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()));
        var broken = Path.of(java.net.URI.create("file://"
                + new org.apache.hadoop.fs.Path(warehouse
                                .publish(TableName.TRANSITIONS, ASKED, frame(rows()))
                                .path())
                        .toUri()
                        .getPath()));
        assertThat(warehouse.latest(TableName.TRANSITIONS).orElseThrow().number())
                .isEqualTo(2);
        var part = broken.resolve(warehouse
                .latest(TableName.TRANSITIONS)
                .orElseThrow()
                .manifest()
                .files()
                .get(0)
                .name());
        var bytes = Files.readAllBytes(part);

        Files.delete(part);
        assertThat(warehouse.latest(TableName.TRANSITIONS)).as("missing file").contains(first);
        Files.write(part, bytes);
        assertThat(warehouse.latest(TableName.TRANSITIONS).orElseThrow().number())
                .as("whole again")
                .isEqualTo(2);

        var manifest = broken.resolve("_manifest.json");
        Files.delete(manifest);
        assertThat(warehouse.latest(TableName.TRANSITIONS)).as("no manifest").contains(first);

        assertThat(warehouse
                        .publish(TableName.TRANSITIONS, ASKED, frame(rows()))
                        .number())
                .isEqualTo(3);
    }

    @Test
    void aFlippedBitIsFoundWhenItIsRead() throws IOException {
        var version =
                warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()).coalesce(1));
        var name = version.manifest().files().get(0).name();
        var part = out.resolve("transitions/v1").resolve(name);
        var bytes = Files.readAllBytes(part);
        bytes[40] ^= 1;
        // After it was found whole: then the checksums of its pages tell.
        var rows = warehouse.read(version);
        Files.write(part, bytes);

        assertThatThrownBy(rows::collectAsList).isInstanceOf(Exception.class);
    }

    @Test
    void aFailingPublishLeavesNothingBehind() throws IOException {
        var withNull = List.of(with(rows().get(0), 5, null));

        assertThatThrownBy(() -> warehouse.publish(TableName.TRANSITIONS, ASKED, frame(withNull)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot publish transitions: there are nulls in reward, where its schema allows none");
        assertThat(warehouse.latest(TableName.TRANSITIONS)).isEmpty();
        assertThat(temporaries()).isEmpty();
    }

    @Test
    void aFrameThatDoesNotFitTheSchemaIsRefused() {
        var frame = frame(rows());

        assertThatThrownBy(() -> warehouse.publish(TableName.TRANSITIONS, ASKED, frame.drop("reward")))
                .hasMessage("Cannot publish transitions: column 'reward' is missing");
        assertThatThrownBy(() -> warehouse.publish(
                        TableName.TRANSITIONS,
                        ASKED,
                        frame.withColumn("reward", frame.col("reward").cast("float"))))
                .hasMessage("Cannot publish transitions: column 'reward' is float, its schema says double");
        assertThatThrownBy(() ->
                        warehouse.publish(TableName.TRANSITIONS, ASKED, frame.withColumn("extra", frame.col("step"))))
                .hasMessage("Cannot publish transitions: its schema has no column 'extra'");
    }

    @Test
    void aUsersErrorInATaskComesOutAsItIs() {
        var failing = spark.createDataFrame(
                spark.range(1).javaRDD().<Row>map(number -> {
                    throw new UserException("Cannot read a.csv: it is torn; copy it again");
                }),
                TableName.TRANSITIONS.schema());

        assertThatThrownBy(() -> warehouse.publish(TableName.TRANSITIONS, ASKED, failing))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read a.csv: it is torn; copy it again");
    }

    @Test
    void staleTemporariesAreRemovedAndFreshOnesAreNot() throws IOException {
        var stale = Files.createDirectories(out.resolve("transitions/.tmp-old"));
        var fresh = Files.createDirectories(out.resolve("transitions/.tmp-new"));
        Files.setLastModifiedTime(stale, FileTime.from(Instant.now().minus(Duration.ofHours(25))));

        warehouse.publish(TableName.TRANSITIONS, ASKED, frame(rows()));

        assertThat(stale).doesNotExist();
        assertThat(fresh).exists();
    }

    @Test
    void ofWritersAtTheSameTimeNoneOverwritesAnother() throws Exception {
        var writers = 4;
        var barrier = new CyclicBarrier(writers);
        var pool = Executors.newFixedThreadPool(writers);
        try {
            Callable<String> writer = () -> {
                barrier.await();
                try {
                    return "v"
                            + warehouse
                                    .publish(TableName.TRANSITIONS, ASKED, frame(rows()))
                                    .number();
                } catch (UserException e) {
                    return Objects.requireNonNull(e.getMessage());
                }
            };
            var outcomes = new ArrayList<String>();
            for (var outcome : pool.invokeAll(Collections.nCopies(writers, writer))) {
                outcomes.add(outcome.get());
            }

            var won =
                    outcomes.stream().filter(outcome -> outcome.matches("v\\d")).toList();
            assertThat(won).isNotEmpty().doesNotHaveDuplicates().contains("v1");
            assertThat(outcomes)
                    .filteredOn(outcome -> !outcome.matches("v\\d"))
                    .allMatch(outcome -> outcome.matches("Cannot publish transitions v\\d in .*"
                            + ": another writer published it first; run the job again"));
            assertThat(warehouse.latest(TableName.TRANSITIONS).orElseThrow().number())
                    .isEqualTo(won.size());
            assertThat(temporaries()).isEmpty();
        } finally {
            pool.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everySchemaHasACommentForEachColumn(TableName table) {
        for (var field : table.schema().fields()) {
            assertThat(field.getComment().isDefined())
                    .as(table + "." + field.name())
                    .isTrue();
        }
        assertThat(DataTypes.createStructType(table.schema().fields())).isEqualTo(table.schema());
    }

    private String fingerprint(List<Row> rows) {
        return Contents.of(frame(rows), TableName.TRANSITIONS.schema()).fingerprint();
    }

    private Dataset<Row> frame(List<Row> rows) {
        // Nullable, as any frame may be; publish is what looks for nulls.
        var fields = Arrays.stream(TableName.TRANSITIONS.schema().fields())
                .map(field -> DataTypes.createStructField(field.name(), field.dataType(), true))
                .toList();
        return spark.createDataFrame(rows, DataTypes.createStructType(fields));
    }

    private List<Path> temporaries() throws IOException {
        try (var files = Files.walk(out)) {
            return files.filter(file -> file.getFileName().toString().startsWith(".tmp-"))
                    .toList();
        }
    }

    private static Request asked(int episodes) {
        return new Request("ingest", Map.of("episodes", episodes), List.of(), List.of());
    }

    private static List<Row> rows() {
        return List.of(
                row("a", 0, new float[] {0, 1}, 0, 1),
                row("a", 1, new float[] {0.5f, 1}, 1, -1),
                row("b", 0, new float[] {0.25f, -1}, 3, 0.5),
                row("b", 1, new float[] {0.125f, -1}, 2, 0));
    }

    private static Row row(String episode, long step, float[] observation, int action, double reward) {
        return RowFactory.create(
                episode,
                step,
                boxed(observation),
                null,
                action,
                reward,
                boxed(observation),
                false,
                false,
                null,
                null,
                null,
                null,
                "a.csv",
                step,
                null);
    }

    private static Row with(Row row, int column, Object value) {
        var values = new Object[row.size()];
        Arrays.setAll(values, row::get);
        values[column] = value;
        return RowFactory.create(values);
    }

    private static Object boxed(float[] values) {
        var boxed = new ArrayList<Float>();
        for (var value : values) {
            boxed.add(value);
        }
        return scala.jdk.javaapi.CollectionConverters.asScala(boxed).toSeq();
    }
}
