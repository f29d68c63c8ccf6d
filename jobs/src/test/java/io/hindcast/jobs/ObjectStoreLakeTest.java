package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables of Delta and Iceberg in a bucket of an S3 server are read, and published tables are copied into them. A driver is killed with
 * SIGKILL just before one of the requests of a copy that change something is answered: the copy has the rows of before or the new ones,
 * and the next run ends as if nothing had happened.
 */
@Tag("lake")
class ObjectStoreLakeTest {
    private static final String COLUMNS = "episode BIGINT, t BIGINT, x DOUBLE, a DOUBLE, r DOUBLE, last BOOLEAN";

    @TempDir
    static Path shared;

    private static ObjectStoreServer store;
    private static Map<String, String> settings;
    private static StoreVictims victims;

    @BeforeAll
    static void startStore() throws Exception {
        store = new ObjectStoreServer();
        settings = new TreeMap<>(LakeShopTest.settings(store.path("ice")));
        settings.put("spark.databricks.delta.snapshotPartitions", "1");
        store.settings().forEach(setting -> {
            var parts = setting.split("=", 2);
            settings.put(parts[0], parts[1]);
        });
        settings.forEach(System::setProperty);
        var first = new Night("archived", "delta");
        first.log(1);
        var options = settings.entrySet().stream().map(setting -> setting.getKey() + "=" + setting.getValue());
        victims = StoreVictims.of(store, options.toList(), shared, first.ingesting(first.copying()));
    }

    @AfterAll
    static void stopStore() throws Exception {
        settings.keySet().forEach(System::clearProperty);
        store.close();
    }

    /** A table there grows; each night its new rows are appended, and copied into another table there. */
    @ParameterizedTest
    @ValueSource(strings = {"delta", "iceberg"})
    void whatATableThereGainsIsAppendedAndCopied(String format) {
        var table = format.equals("delta") ? "delta.`" + store.path("grown") + "`" : "ice.db.grown";
        var source = format.equals("delta")
                ? List.of("ingest.spark.format=delta", "ingest.input=\"" + store.path("grown") + "\"")
                : List.of("ingest.spark.table=" + table);
        var night = new Night("grown_" + format, format);
        sql("CREATE TABLE " + table + " (" + COLUMNS + ") USING " + format);
        for (var i = 1; i <= 2; i++) {
            sql("INSERT INTO " + table + " VALUES (" + i + ", 0, 0.5, 0.5, " + i + ", true)");
            var sets = Stream.of(source, List.of("ingest.format=spark"), night.copying())
                    .flatMap(List::stream);
            TrainingFolder.run(night.ingesting(sets.toList()));
            assertThat(night.rewards()).isEqualTo(i == 1 ? "[[1.0]]" : "[[1.0], [2.0]]");
        }
    }

    /** Before every change, or every seventh on a day of the week; takes minutes. */
    @ParameterizedTest
    @ValueSource(strings = {"delta", "iceberg"})
    void aKilledCopyHasTheRowsOfBeforeOrTheNewOnes(String format) throws Exception {
        var night = new Night("killed_" + format, format);
        night.log(1);
        TrainingFolder.run(night.ingesting(night.copying()));
        var version = 1;
        var change = 0;
        for (var changes = Part.numbers().iterator(); ; ) {
            change = changes.nextInt();
            version++;
            night.log(version);
            TrainingFolder.run(night.ingesting(List.of()));
            var before = night.rewards();
            var isKilled = victims.isKilledBefore(change, night.ingesting(night.copying()));

            var left = night.rewards();
            TrainingFolder.run(night.ingesting(night.copying()));

            var after = night.rewards();
            assertThat(after).isEqualTo(before.replace("]]", "], [" + version + ".0]]"));
            assertThat(left).as("after change %d", change).isIn(before, after);
            assertThat(night.commits(version)).as("after change %d", change).isEqualTo(1);
            if (!isKilled) {
                break;
            }
        }
        assertThat(change).isGreaterThan(6);
    }

    /** Runs one statement or question in a session of its own, since jobs have theirs. */
    private static <T> T asked(Function<SparkSession, T> question) {
        var spark = SparkSession.builder().getOrCreate();
        try {
            return question.apply(spark);
        } finally {
            spark.stop();
        }
    }

    private static void sql(String statement) {
        asked(spark -> spark.sql(statement).count());
    }

    /** A log on the local disk, an output directory in the bucket, and a copy of its transitions there. */
    private record Night(String name, String format) {
        /** Adds a file with an episode of one step, whose reward is its number. */
        void log(int number) throws Exception {
            var logs = Files.createDirectories(shared.resolve(name));
            Files.writeString(
                    logs.resolve(number + ".csv"), "episode,t,x,a,r,last\n%1$d,0,0.5,0.5,%1$d,1\n".formatted(number));
        }

        private String copy() {
            return format.equals("delta") ? "delta.`" + store.path(name + "/copy") + "`" : "ice.copies." + name;
        }

        /** What {@code --set} is given for a copy. */
        List<String> copying() {
            return List.of(
                    "publish.transitions.format=" + format,
                    format.equals("delta")
                            ? "publish.transitions.path=\"" + store.path(name + "/copy") + "\""
                            : "publish.transitions.table=" + copy());
        }

        String[] ingesting(List<String> sets) {
            var own = List.of(
                    "ingest.append=true",
                    "ingest.format=csv",
                    "ingest.dataset=walks",
                    "ingest.input=\"" + shared.resolve(name) + "\"",
                    "ingest.action-space={ type = continuous, dimension = 1, low = -1, high = 1 }",
                    "ingest.columns={ observation = [x], action = a, reward = r, terminated = last, episode-id = episode, step = t }");
            return Stream.concat(
                            Stream.of("ingest", "--out", store.path(name + "/out")),
                            Stream.concat(own.stream(), sets.stream()).flatMap(set -> Stream.of("--set", set)))
                    .toArray(String[]::new);
        }

        /** The copy's rewards. */
        String rewards() {
            return asked(spark -> spark.sql("SELECT reward FROM " + copy() + " ORDER BY reward")
                    .collectAsList()
                    .toString());
        }

        /** How many commits of the copy say that they have a version. */
        long commits(int version) {
            var note = "hindcast transitions v" + version + " %";
            return asked(spark -> format.equals("delta")
                    ? spark.sql("DESCRIBE HISTORY " + copy())
                            .where("userMetadata LIKE '" + note + "'")
                            .count()
                    : spark.table(copy() + ".snapshots")
                            .where("summary['hindcast'] LIKE '" + note + "'")
                            .count());
        }
    }
}
