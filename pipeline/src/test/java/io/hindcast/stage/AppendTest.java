package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.table.Input;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Manifest;
import io.hindcast.table.Manifests;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendTest {
    private static final String MAPPING = """
            format = csv
            dataset = walks
            action-space { type = continuous, dimension = 1 }
            columns { observation = x, action = a, reward = r, terminated = end, episode-id = episode, step = t }
            """;
    private static final String HEADER = "episode,t,x,a,r,end\n";
    private static final String MONDAY = HEADER + "one,0,0,0.1,1,0\none,1,1,0.2,2,1\n";
    private static final String TUESDAY = HEADER + "two,0,5,0.3,4,0\ntwo,1,6,0.4,8,1\nthree,0,7,0.5,16,1\n";

    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    private StageContext context;

    @BeforeEach
    void ingestMonday() throws IOException {
        context = context("out");
        write("monday.csv", MONDAY);
        ingest(context, "append = false");
    }

    @Test
    void onlyWhatIsNewIsReadAndTheOldFilesAreNamedNotCopied() throws IOException {
        write("tuesday.csv", TUESDAY);

        var result = ingest(context, "append = true");

        assertThat(result.summary())
                .isEqualTo("transitions v2, transitions v1 and 3 transitions of 2 episodes from 3 rows of 1 files;"
                        + " quarantined 0 rows of 0 episodes, 0 rows gave no transition (no successor was logged)");
        var manifest = latest(TableName.TRANSITIONS).manifest();
        assertThat(manifest.rows()).isEqualTo(5);
        assertThat(manifest.episodes()).isEqualTo(3);
        assertThat(manifest.files().get(0).name()).startsWith("../v1/part-00000-");
        assertThat(manifest.parents())
                .extracting(Manifest.Parent::table, Manifest.Parent::version)
                .containsExactly(tuple("transitions", 1));
        assertThat(context.warehouse().read(latest(TableName.TRANSITIONS)).count())
                .isEqualTo(5);
        var episodes = context.warehouse().require(TableName.EPISODES);
        assertThat(context.warehouse().read(episodes).orderBy("episode_id").collectAsList())
                .extracting(row -> row.getString(0) + " " + row.getDouble(3))
                .containsExactly("one 3.0", "three 16.0", "two 12.0");
    }

    @Test
    void episodesOfTheSchemaBeforeTrajectoriesAreReadAndAppendedTo() throws IOException {
        var v1 = Path.of(latest(TableName.EPISODES).path());
        var file =
                v1.resolve(latest(TableName.EPISODES).manifest().files().get(0).name());
        LocalSpark.session()
                .read()
                .parquet(file.toString())
                .drop("trajectory")
                .coalesce(1)
                .write()
                .parquet(directory.resolve("old").toString());
        replace(file, v1.resolve("_manifest.json"), "\"schema_version\" : 2", "\"schema_version\" : 1");
        var fingerprint = latest(TableName.EPISODES).manifest().fingerprint();
        assertThat(context.warehouse().read(latest(TableName.EPISODES)).collectAsList())
                .extracting(row -> row.mkString(" "))
                .containsExactly("one null 2 3.0 terminated monday.csv null");

        write("tuesday.csv", TUESDAY);
        ingest(context, "append = true");

        var episodes = latest(TableName.EPISODES);
        assertThat(episodes.manifest().schemaVersion()).isEqualTo(2);
        assertThat(context.warehouse().read(episodes).orderBy("episode_id").collectAsList())
                .extracting(row -> row.getString(0) + " " + row.get(6))
                .containsExactly("one null", "three null", "two null");
        // What is not there counts for nothing: the same rows have one fingerprint under both versions.
        assertThat(fingerprint).isEqualTo("ebf0ed8dab9fa9dae0e00c5bee7460ab");
    }

    @Test
    void theResultIsWhatAllFilesAtOnceGive() throws IOException {
        write("tuesday.csv", TUESDAY);
        ingest(context, "append = true");
        var atOnce = context("at-once");

        ingest(atOnce, "append = false");

        assertThat(latest(TableName.TRANSITIONS).manifest().fingerprint())
                .isEqualTo(atOnce.warehouse()
                        .require(TableName.TRANSITIONS)
                        .manifest()
                        .fingerprint());
        assertThat(ingest(context, "append = false").upToDate()).isTrue();
    }

    @Test
    void transitionsOfTheSchemaWithLookaheadAreReadAndAppendedTo() throws IOException {
        var v1 = Path.of(latest(TableName.TRANSITIONS).path());
        var file = v1.resolve(
                latest(TableName.TRANSITIONS).manifest().files().get(0).name());
        LocalSpark.session()
                .read()
                .parquet(file.toString())
                .withColumn("return_to_go", functions.lit(1.5))
                .withColumn("n_step_return", functions.lit(2.5))
                .drop("kept")
                .coalesce(1)
                .write()
                .parquet(directory.resolve("old").toString());
        replace(file, v1.resolve("_manifest.json"), "\"schema_version\" : 4", "\"schema_version\" : 2");
        var before = latest(TableName.TRANSITIONS);
        assertThat(before.manifest().schemaVersion()).isEqualTo(2);
        assertThat(context.warehouse().read(before).columns()).doesNotContain("return_to_go");
        assertThat(ingest(context, "append = false").upToDate()).isTrue();

        write("tuesday.csv", TUESDAY);
        ingest(context, "append = true");

        var transitions = latest(TableName.TRANSITIONS);
        assertThat(transitions.manifest().schemaVersion()).isEqualTo(4);
        assertThat(context.warehouse()
                        .read(transitions)
                        .select("episode_id")
                        .distinct()
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder("one", "two", "three");
    }

    @Test
    void aFileThatWasSeenIsSkippedUnderAnyName() throws IOException {
        write("again.csv", MONDAY);

        var result = ingest(context, "append = true");

        assertThat(result.upToDate()).isTrue();
        assertThat(result.summary()).isEqualTo("all 2 files are in transitions v1 already: nothing to do");
    }

    @Test
    void anEpisodeThatIsThereIsQuarantinedWithItsRows() throws IOException {
        write("late.csv", HEADER + "one,2,2,0.5,7,1\nfour,0,1,0.5,1,1\n");

        ingest(context, "append = true, max-quarantine-fraction = 0.5");

        var quarantine = context.warehouse().require(TableName.QUARANTINE);
        assertThat(context.warehouse().read(quarantine).collectAsList())
                .extracting(row -> row.mkString(" | "))
                .containsExactly(
                        "one | already-ingested | the dataset has the episode already; it must come whole, and once"
                                + " | late.csv | 0 | {\"action\":[0.5],\"observation\":[2.0],\"reward\":7.0,\"step\":2.0,\"terminated\":true,\"truncated\":false}");
        assertThat(latest(TableName.TRANSITIONS).manifest().rows()).isEqualTo(3);
    }

    @Test
    void anotherConfigurationOrAnotherFileOfThatNameIsRefused() throws IOException {
        write("tuesday.csv", TUESDAY);
        assertThatThrownBy(() -> ingest(context, "append = true, clip-actions = true"))
                .hasMessageMatching(
                        "Cannot append to transitions v1 in .*/out: it came from another configuration"
                                + " \\(clip-actions: false -> true\\); use that one, or ingest all files again with another --out");
        write("monday.csv", MONDAY.replace("0.2", "0.3"));
        assertThatThrownBy(() -> ingest(context, "append = true"))
                .hasMessageMatching("Cannot append .*monday.csv: transitions v1 holds a file of that name with other"
                        + " content; rename it, since rows are traced by file name");
        assertThat(latest(TableName.TRANSITIONS).number()).isEqualTo(1);
    }

    @Test
    void aDayFolderIsAppendedThoughItsFilesAreCalledLikeThoseOfAnother() throws IOException {
        var days = context("days");
        write("../logs/dt=1/part-0.csv", MONDAY);
        write("../logs/dt=2/part-0.csv", TUESDAY);
        write("../logs/dt=3/part-0.csv", HEADER + "six,0,7,0.5,16,1\n");

        ingest(days, "input = \"" + directory.resolve("logs/dt=1") + "\"");
        ingest(days, "append = true, input = \"" + directory.resolve("logs/dt=2") + "\"");

        assertThat(names(days)).containsExactly("dt=2/part-0.csv", "part-0.csv");
        assertThat(ingest(days, "append = true, input = \"" + directory.resolve("logs/dt=2") + "\"")
                        .upToDate())
                .isTrue();
        ingest(days, "append = true, input = \"" + directory.resolve("logs") + "\"");
        assertThat(names(days)).containsExactly("dt=2/part-0.csv", "dt=3/part-0.csv", "part-0.csv");
        assertThat(said)
                .contains(
                        "[ingest] 2 of 3 files are in transitions v2 already, by their content, and are not read again");
        write("../logs/dt=2/part-0.csv", HEADER + "seven,0,7,0.5,16,1\n");
        assertThatThrownBy(() -> ingest(days, "append = true, input = \"" + directory.resolve("logs/dt=2") + "\""))
                .hasMessageContaining("holds a file of that name with other content");
    }

    @Test
    void aVersionThatDoesNotSayWhereItsFilesLayTellsThemByName() throws IOException {
        var manifest = directory.resolve("out/transitions/v1/_manifest.json");
        Manifests.edit(manifest, text -> text.replaceAll(",\\s*\"place\" : \"\\w+\"", ""));
        assertThat(latest(TableName.TRANSITIONS).manifest().inputs())
                .extracting(Input::place)
                .containsOnlyNulls();
        write("other/monday.csv", TUESDAY);

        assertThatThrownBy(() -> ingest(context, "append = true, input = \"" + directory.resolve("in/other") + "\""))
                .hasMessageContaining("holds a file of that name with other content");
        assertThat(ingest(context, "append = true").summary())
                .contains("3 transitions of 2 episodes from 3 rows of 1 files");
        assertThat(names(context)).containsExactly("monday.csv", "other/monday.csv");
    }

    private static List<String> names(StageContext context) {
        return context.warehouse().require(TableName.TRANSITIONS).manifest().inputs().stream()
                .map(Input::name)
                .toList();
    }

    @Test
    void appendingToNothingIsAnOrdinaryIngest() {
        var fresh = context("fresh");

        assertThat(ingest(fresh, "append = true").summary()).startsWith("transitions v1: 2 transitions of 1 episodes");
    }

    @Test
    void whatIsMadeFromTheDatasetFollowsIt() throws IOException {
        CurateStage.run(context, Settings.defaults(CurateConfig.class));
        write("tuesday.csv", TUESDAY);
        ingest(context, "append = true");

        var result = CurateStage.run(context, Settings.defaults(CurateConfig.class));

        assertThat(result.upToDate()).isFalse();
        var subsets = latest(TableName.SUBSETS);
        assertThat(subsets.number()).isEqualTo(2);
        assertThat(context.warehouse().read(subsets).count()).isEqualTo(3);
    }

    private StageContext context(String out) {
        var spark = LocalSpark.session();
        return new StageContext(
                spark, new Warehouse(spark, directory.resolve(out).toString()), said::add);
    }

    private StageResult ingest(StageContext context, String more) {
        var conf = ConfigFactory.parseString(more)
                .withFallback(ConfigFactory.parseString("input = \"" + directory.resolve("in") + "\""))
                .withFallback(ConfigFactory.parseString(MAPPING));
        return IngestStage.run(context, Settings.read(IngestConfig.class, conf, ""));
    }

    private TableVersion latest(TableName table) {
        return context.warehouse().require(table);
    }

    private void write(String name, String text) throws IOException {
        var file = directory.resolve("in").resolve(name).normalize();
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** Puts what Spark has written to {@code old} in the place of a part, and another schema version into its manifest. */
    private void replace(Path file, Path manifest, String version, String older) throws IOException {
        var published = Files.readAllBytes(file);
        try (var parts = Files.newDirectoryStream(directory.resolve("old"), "*.parquet")) {
            Files.copy(parts.iterator().next(), file, StandardCopyOption.REPLACE_EXISTING);
        }
        var rewritten = Files.readAllBytes(file);
        Manifests.edit(
                manifest,
                text -> text.replace(version, older)
                        .replace("\"bytes\" : " + published.length, "\"bytes\" : " + rewritten.length)
                        .replace(DigestUtils.sha256Hex(published), DigestUtils.sha256Hex(rewritten)));
    }
}
