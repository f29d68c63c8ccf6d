package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Transition;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.stats.StatsConfig;
import io.hindcast.stage.stats.StatsStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionRow;
import io.hindcast.table.Warehouse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestStageTest {
    private static final String LOG = """
            episode,t,x,y,a,r,end
            one,0,0,0,0.1,1,0
            one,1,1,0,0.2,2,0
            one,2,2,0,0.3,3,1
            two,1,6,1,0.5,0.5,0
            two,0,5,1,0.4,0.5,0
            """;

    private static final String MAPPING = """
            format = csv
            dataset = walks
            action-space { type = continuous, dimension = 1 }
            columns { observation = [x, y], action = a, reward = r, terminated = end, episode-id = episode, step = t }
            """;

    private final SparkSession spark = LocalSpark.session();
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    private StageContext context;

    @BeforeEach
    void open() {
        context = new StageContext(
                spark, new Warehouse(spark, directory.resolve("out").toString()), said::add);
    }

    @Test
    void rowsBecomeTransitionsAndEpisodes() throws IOException {
        write("walks.csv", LOG);

        var result = ingest(MAPPING);

        assertThat(result.summary())
                .isEqualTo("transitions v1: 4 transitions of 2 episodes from 5 rows of 1 files;"
                        + " quarantined 0 rows of 0 episodes, 1 rows gave no transition (no successor was logged)");
        assertThat(result.upToDate()).isFalse();
        assertThat(result.problems()).isEmpty();
        var transitions = transitions();
        assertThat(transitions).extracting(Transition::episodeId).containsExactly("one", "one", "one", "two");
        assertThat(transitions).extracting(Transition::reward).containsExactly(1.0, 2.0, 3.0, 0.5);
        assertThat(transitions).extracting(Transition::terminated).containsExactly(false, false, true, false);
        assertThat(transitions).extracting(Transition::sourceRow).containsExactly(0L, 1L, 2L, 4L);
        assertThat(transitions.get(3).observation()).containsExactly(5, 1);
        assertThat(transitions.get(3).nextObservation()).containsExactly(6, 1);
        var episodes = context.warehouse()
                .read(context.warehouse().require(TableName.EPISODES))
                .orderBy("episode_id")
                .collectAsList();
        assertThat(episodes)
                .extracting(row -> row.mkString(" "))
                .containsExactly("one null 3 6.0 terminated walks.csv null", "two null 1 0.5 open walks.csv null");
    }

    @Test
    void filesWithBracketsInTheirNamesAreReadOnce() throws IOException {
        var head = LOG.lines().findFirst().orElseThrow();
        var rows = LOG.lines().skip(1).toList();
        write("walk[1].csv", head + "\n" + String.join("\n", rows.subList(0, 3)));
        write("walk[2].csv", head + "\n" + String.join("\n", rows.subList(3, 5)));

        var result = ingest(MAPPING);

        assertThat(result.summary())
                .isEqualTo("transitions v1: 4 transitions of 2 episodes from 5 rows of 2 files;"
                        + " quarantined 0 rows of 0 episodes, 1 rows gave no transition (no successor was logged)");
        assertThat(said).noneMatch(line -> line.contains("only repeat another"));
    }

    @Test
    void theSameInputElsewhereIsNotReadTwice() throws IOException {
        write("walks.csv", LOG);
        ingest(MAPPING);
        Files.createDirectory(directory.resolve("moved"));
        Files.move(directory.resolve("walks.csv"), directory.resolve("moved/walks.csv"));

        var again = ingest(MAPPING, directory.resolve("moved"));

        assertThat(again.upToDate()).isTrue();
        assertThat(again.summary())
                .isEqualTo("transitions v1 is there already, from the same input and configuration: nothing to do");
    }

    @Test
    void anOutputFromAnotherInputIsNotOverwritten() throws IOException {
        write("walks.csv", LOG);
        ingest(MAPPING);
        write("walks.csv", LOG.replace("0.5,0.5", "0.5,0.25"));

        assertThatThrownBy(() -> ingest(MAPPING))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot write transitions to .*/out: v1 there came from another input or configuration"
                                + " \\(input walks.csv: 116 bytes, sha256 \\w{8} -> 117 bytes, sha256 \\w{8}\\);"
                                + " choose another --out or remove .*/out/transitions");
    }

    @Test
    void oneEpisodeWithANanIsLeftOutAsAWhole() throws IOException {
        write("walks.csv", LOG.replace("5,1,0.4", "nan,1,0.4"));

        var result = ingest(MAPPING + "max-quarantine-fraction = 0.5");

        assertThat(said)
                .contains(
                        "[ingest] observation is missing or not finite: 2 rows of 1 episodes left out, first walks.csv"
                                + " row 4");
        assertThat(result.summary()).contains("quarantined 2 rows of 1 episodes");
        assertThat(result.problems()).isEmpty();
        assertThat(transitions()).extracting(Transition::episodeId).containsOnly("one");
    }

    @Test
    void theScorecardNamesWhatWasLeftOut() throws IOException {
        write("walks.csv", LOG.replace("5,1,0.4", "nan,1,0.4") + "one,1,1,0,0.2,2,0\n");
        ingest(MAPPING + "max-quarantine-fraction = 0.5");

        var findings =
                context.warehouse().require(TableName.TRANSITIONS).manifest().findings();
        assertThat(findings).isNotNull();
        assertThat(findings.lines())
                .containsExactly(
                        "1 rows only repeat another, and were dropped",
                        "1 rows were quarantined: companion",
                        "1 rows were quarantined: not-finite");
        StatsStage.run(context, Settings.defaults(StatsConfig.class));
        assertThat(said)
                .contains("[stats] ingest: 1 rows were quarantined: not-finite")
                .contains("[stats] ingest: 1 rows only repeat another, and were dropped");
        assertThat(Files.readString(directory.resolve("out/stats/scorecard.html")))
                .contains("<h2>Left out, unknown or assumed when the logs were read</h2>")
                .contains("<li>1 rows were quarantined: not-finite</li>");
    }

    @Test
    void idsThatCountPerFileAreKeptApartAndTimesOrderedToTheNanosecond() throws IOException {
        var head = "episode,t,x,y,a,r,end\n";
        write("a.csv", head + "7,1700000000000000100,1,0,0,1,\n7,1700000000000000000,0,0,0,1,\n");
        write("b.csv", head + "7.0,1700000000000000050,5,0,0,1,\n7.0,1700000000000000350,6,0,0,1,1\n");
        var timed = MAPPING.replace("step = t", "time = t");

        var mixed = ingest(timed);

        assertThat(mixed.summary()).startsWith("transitions v1: 4 transitions of 1 episodes from 4 rows");
        assertThat(said)
                .contains(
                        "[ingest] 3 rows do not say whether they terminated (terminated), which is read as no",
                        "[ingest] 1 episodes are spelt in more than one way (as 7 and 7.0 are), and were read as one each",
                        "[ingest] 1 episodes mix rows of several files, by their times; if their ids count per file set"
                                + " episode-scope = file, else episode-scope = input");
        assertThat(transitions()).extracting(t -> (int) t.observation()[0]).containsExactly(0, 5, 1, 6);
        assertThat(transitions()).extracting(Transition::timeDelta).containsExactly(50.0, 50.0, 250.0, null);

        context = new StageContext(
                spark, new Warehouse(spark, directory.resolve("apart").toString()), said::add);
        ingest(timed + "episode-scope = file");
        assertThat(transitions())
                .extracting(t -> t.episodeId() + " " + (int) t.observation()[0] + " " + t.timeDelta())
                .containsExactly("a/7 0 100.0", "b/7.0 5 300.0", "b/7.0 6 null");
    }

    @Test
    void aCategoryThatIsSpeltInTwoWaysIsOne() throws IOException {
        write("a.csv", "e,t,x,a,r,end\none,0,0,0,1,0\none,1,0,1,1,1\n");
        write("b.csv", "e,t,x,a,r,end\ntwo,0,0,0.0,1,0\ntwo,1,0,1.0,1,1\n");

        ingest("""
                format = csv
                dataset = walks
                action-space { type = discrete, count = 2 }
                columns {
                  observation = x, action-index = "category:a", reward = r, terminated = end, episode-id = e, step = t
                }
                """);

        assertThat(said)
                .contains(
                        "[ingest] category:a has 2 names in more than one spelling (as 7 and 7.0 are), which were read as"
                                + " one each");
        var manifest = context.warehouse().require(TableName.TRANSITIONS).manifest();
        assertThat(manifest.configuration().get("categories").toString()).isEqualTo("{a=[0, 1]}");
        assertThat(manifest.configuration()).doesNotContainKeys("episode-scope", "required-flags");
        assertThat(transitions()).hasSize(4);
    }

    @Test
    void aFlagThatIsRequiredMustBeMapped() {
        assertThatThrownBy(() -> ingest(MAPPING + "required-flags = [truncated]"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "Cannot use required-flags = [truncated]: columns.truncated is not given; give it, or"
                                + " remove the flag");
    }

    @Test
    void tooManyBrokenRowsPublishNothing() throws IOException {
        write("walks.csv", LOG.replace("5,1,0.4", "nan,1,0.4"));

        assertRefused(
                MAPPING,
                "Cannot ingest walks: 2 of 5 rows break the contract, above max-quarantine-fraction = 0.1 (observation is"
                        + " missing or not finite: 2 rows of 1 episodes left out, first walks.csv row 4); mend the data or"
                        + " the mapping of columns, or allow more");
    }

    @Test
    void whereEveryRowIsQuarantinedTheRefusalSaysWhy() throws IOException {
        write("walks.json", "{\"o\":[1],\"a\":0,\"r\":null,\"d\":1}\n");

        var rows = """
                format = json
                dataset = walks
                episode-per = done
                max-quarantine-fraction = 1
                action-space { type = discrete, count = 1 }
                columns { observation = o, action-index = a, reward = r, done = d }
                """;

        assertThatThrownBy(() -> ingest(rows))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "Cannot ingest walks: no transition is left of its 1 rows, of which 1 break the contract (reward"
                                + " is missing or not finite: 1 rows of 1 episodes left out, first walks.json row 0); mend"
                                + " the data or the mapping of columns");
    }

    @Test
    void anActionBeyondItsBoundsIsQuarantinedOrClipped() throws IOException {
        write("walks.csv", LOG.replace("5,1,0.4", "5,1,3.2"));

        assertThatThrownBy(() -> ingest(MAPPING)).hasMessageContaining("action is outside [-1.0, 1.0]");
        ingest(MAPPING + "clip-actions = true");

        assertThat(transitions().get(3).action())
                .isInstanceOfSatisfying(
                        io.hindcast.data.Action.Vector.class,
                        action -> assertThat(action.values()).containsExactly(1));
    }

    @Test
    void aWrongDimensionIsQuarantined() throws IOException {
        write("walks.json", "{\"o\":[1,2],\"a\":0,\"r\":0,\"d\":1}\n{\"o\":[1],\"a\":0,\"r\":0,\"d\":1}\n");

        ingest("""
                format = json
                dataset = walks
                episode-per = done
                max-quarantine-fraction = 0.5
                action-space { type = discrete, count = 1 }
                columns { observation = o, action-index = a, reward = r, done = d }
                """);

        assertThat(said)
                .contains("[ingest] observation has 1 numbers, not 2: 1 rows of 1 episodes left out, first walks.json"
                        + " row 1");
    }

    @Test
    void aMissingFileIsNamed() {
        assertRefused(
                MAPPING,
                directory.resolve("gone"),
                "Cannot read " + directory.resolve("gone")
                        + ": there is no such file, or no file ending in .csv, perhaps with .gz, .bz2 or .zst after it, in it;"
                        + " check input and format");
    }

    @Test
    void packedFilesAreReadByTheirEndings() throws IOException {
        var head = LOG.lines().findFirst().orElseThrow() + "\n";
        var rows = LOG.lines().skip(1).toList();
        Files.createDirectory(directory.resolve("sub"));
        try (var zstd = new ZstdOutputStream(Files.newOutputStream(directory.resolve("sub/a.csv.zst")));
                var gzip = new GZIPOutputStream(Files.newOutputStream(directory.resolve("b.csv.gz")));
                var bzip2 = new BZip2CompressorOutputStream(Files.newOutputStream(directory.resolve("c.csv.bz2")))) {
            zstd.write((head + String.join("\n", rows.subList(0, 2))).getBytes(StandardCharsets.UTF_8));
            gzip.write((head + String.join("\n", rows.subList(2, 4))).getBytes(StandardCharsets.UTF_8));
            bzip2.write((head + rows.get(4) + "\n").getBytes(StandardCharsets.UTF_8));
        }

        var result = ingest(MAPPING);

        assertThat(result.summary()).startsWith("transitions v1: 4 transitions of 2 episodes from 5 rows of 3 files");
        assertThat(transitions())
                .extracting(Transition::sourceFile)
                .startsWith("sub/a.csv.zst")
                .endsWith("c.csv.bz2");
    }

    @Test
    void aPackedFileOfNothingIsLeftOutWithAWord() throws IOException {
        write("walks.csv", LOG);
        write("empty.csv", "");
        try (var gzip = new GZIPOutputStream(Files.newOutputStream(directory.resolve("none.csv.gz")))) {
            gzip.write(new byte[0]);
        }

        assertThat(ingest(MAPPING).summary()).contains("from 5 rows of 2 files");
        assertThat(said)
                .contains(
                        "[ingest] 1 empty files were left out: empty.csv",
                        "[ingest] 1 empty files were left out: none.csv.gz");
        var findings =
                context.warehouse().require(TableName.TRANSITIONS).manifest().findings();
        assertThat(String.valueOf(findings)).contains("none.csv.gz", "1 empty files were left out: empty.csv");
    }

    @Test
    void aFileWhoseNameHasAColonIsRead() throws IOException {
        write("log_2026-11-01T00:00:00.csv", LOG);

        ingest(MAPPING);

        assertThat(transitions()).extracting(Transition::sourceFile).containsOnly("log_2026-11-01T00:00:00.csv");
    }

    @Test
    void aGroupMayBeAFolder() throws IOException {
        for (var policy : List.of("random", "bts")) {
            Files.createDirectories(directory.resolve("in/" + policy + "/men"));
            write("in/" + policy + "/men/men.csv", "x,a,r\n1,0,1\n2,1,0\n");
            write("in/" + policy + "/men/item_context.csv", "item,price\n1,2\n");
        }

        ingest("""
                format = csv
                dataset = men
                exclude = [item_context.csv]
                episode-per = row
                action-space { type = discrete, count = 2 }
                columns { observation = x, action-index = a, reward = r, group = "{folder:2}-{folder}" }
                """, directory.resolve("in/*/men"));

        assertThat(transitions())
                .extracting(Transition::group)
                .containsExactly("bts-men", "bts-men", "random-men", "random-men");
        assertThat(transitions())
                .extracting(Transition::episodeId)
                .containsExactly(
                        "bts/men/men/000000", "bts/men/men/000001", "random/men/men/000000", "random/men/men/000001");
    }

    @Test
    void whatIsLeftOutOfAFileIsSaidOnce() throws IOException {
        write("walks.csv", "# of robot 7\n" + LOG.replace("two,1", "\ntwo,1"));

        ingest(MAPPING);

        assertThat(said)
                .containsOnlyOnce("[ingest] 1 blank lines were left out: walks.csv")
                .containsOnlyOnce("[ingest] 1 lines that begin with # and are no rows were left out: walks.csv");
        assertThat(transitions()).hasSize(4);
    }

    @Test
    void aJsonKeyMayBeInAnyLineOfAnyFile() throws IOException {
        write("a.jsonl", """
                {"o":1,"a":0,"r":1,"e":1,"end":1}
                {"o":2,"a":0,"r":NaN,"e":2,"end":true,"shop":"x"}
                """);
        write("b.jsonl", "{\"end\":1,\"a\":0,\"o\":[3],\"r\":1,\"e\":3}\n");

        assertRefused(
                SPARSE,
                directory.resolve("b.jsonl"),
                "Cannot use column 'shop' of b.jsonl: there is no such column; known are a, e, end, o, r");
        ingest(SPARSE);

        assertThat(transitions()).extracting(Transition::episodeId).containsExactly("1", "3");
        assertThat(said)
                .contains(
                        "[ingest] reward is missing or not finite: 1 rows of 1 episodes left out, first a.jsonl row 1");
    }

    private static final String SPARSE = """
            format = json
            dataset = walks
            max-quarantine-fraction = 0.5
            action-space { type = discrete, count = 1 }
            columns { observation = o, action-index = a, reward = r, terminated = end, episode-id = e, group = shop }
            """;

    @Test
    void aJsonColumnMayBeAFolder() throws IOException {
        for (var day : List.of("1", "2")) {
            Files.createDirectories(directory.resolve("shop=" + day));
            write("shop=" + day + "/part.jsonl", "{\"o\":1,\"a\":0,\"r\":1,\"e\":" + day + ",\"end\":1}\n");
        }

        ingest(SPARSE);

        assertThat(transitions()).extracting(Transition::group).containsExactly("1", "2");
    }

    @Test
    void aMissingColumnIsNamedWithItsFile() throws IOException {
        write("walks.csv", LOG);

        assertRefused(
                MAPPING.replace("episode-id = episode,", "episode-id = episod,"),
                "Cannot use column 'episod' of walks.csv: there is no such column; did you mean 'episode'?");
    }

    @Test
    void aColumnOfWordsIsNamedWithItsPlace() throws IOException {
        write("walks.csv", LOG);

        assertRefused(
                MAPPING.replace("[x, y]", "[x, episode]"),
                "Cannot read column 'episode' of walks.csv: row 0 holds 'one', which is not a number;"
                        + " map a column of numbers, or category:episode in an observation");
    }

    @Test
    void aTruncatedGzipIsRefused() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(LOG.getBytes(StandardCharsets.UTF_8));
        }
        Files.write(directory.resolve("walks.csv.gz"), Arrays.copyOf(bytes.toByteArray(), bytes.size() - 20));

        assertThatThrownBy(() -> ingest(MAPPING))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read walks.csv.gz: ")
                .hasMessageEndingWith("; the file is damaged or of another format, copy it again or set format");
        assertNothingPublished();
    }

    @Test
    void npzFilesAreEpisodes() throws IOException {
        Files.write(directory.resolve("a.npz"), npz("<f4", floats(0, 1, 2), floats(0.5f, 3.2f, 0), floats(0, 0, 1)));
        Files.write(directory.resolve("b.npz"), npz("<f4", floats(7, 8, 9), floats(0, 0, 0), floats(0, 0, 1)));

        var result = ingest(NPZ);

        assertThat(result.summary()).startsWith("transitions v1: 6 transitions of 2 episodes from 6 rows of 2 files");
        assertThat(transitions())
                .extracting(
                        transition -> transition.episodeId() + " " + transition.observation()[0] + " "
                                + transition.nextObservation()[0] + " " + transition.terminated())
                .containsExactly(
                        "a 0.0 1.0 false",
                        "a 1.0 2.0 false",
                        "a 2.0 2.0 true",
                        "b 7.0 8.0 false",
                        "b 8.0 9.0 false",
                        "b 9.0 9.0 true");
    }

    @Test
    void anNpzMayHoldOneObservationMoreThanActions() throws IOException {
        Files.write(directory.resolve("a.npz"), npz("<f4", floats(0, 1, 2, 3), floats(0.5f, 1, 0), floats(0, 0, 1)));

        ingest(NPZ.replace("final-row = terminated", "final-row = observation"));

        assertThat(transitions())
                .extracting(transition -> transition.observation()[0] + " "
                        + transition.nextObservation()[0] + " " + transition.reward() + " " + transition.terminated())
                .containsExactly("0.0 1.0 0.0 false", "1.0 2.0 0.0 false", "2.0 3.0 1.0 false");
    }

    @Test
    void aTruncatedNpzIsRefused() throws IOException {
        var whole = npz("<f4", floats(0, 1, 2), floats(0, 0, 0), floats(0, 0, 1));
        Files.write(directory.resolve("a.npz"), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> ingest(NPZ))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read ")
                .hasMessageContaining("a.npz");
        assertNothingPublished();
    }

    @Test
    void anNpzOfPickledObjectsIsRefused() throws IOException {
        Files.write(directory.resolve("a.npz"), npz("|O", floats(0, 1, 2), floats(0, 0, 0), floats(0, 0, 1)));

        assertThatThrownBy(() -> ingest(NPZ))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read array 'obs' of a.npz: ")
                .hasMessageContaining("object");
        assertNothingPublished();
    }

    @Test
    void parquetIsReadInTheOrderOfItsRows() throws IOException {
        write("walks.csv", LOG);
        spark.read()
                .option("header", "true")
                .option("inferSchema", "true")
                .csv(directory.resolve("walks.csv").toString())
                .coalesce(1)
                .write()
                .parquet(directory.resolve("parquet").toString());

        ingest(MAPPING.replace("format = csv", "format = parquet"), directory.resolve("parquet"));

        assertThat(transitions()).extracting(Transition::reward).containsExactly(1.0, 2.0, 3.0, 0.5);
        assertThat(transitions()).extracting(Transition::sourceRow).containsExactly(0L, 1L, 2L, 4L);
    }

    @Test
    void aFileThatIsNotParquetIsRefused() throws IOException {
        write("walks.parquet", LOG);

        assertThatThrownBy(() -> ingest(MAPPING.replace("format = csv", "format = parquet")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read walks.parquet: ")
                .hasMessageEndingWith("; the file is damaged or not Parquet, copy it again or set format");
        assertNothingPublished();
    }

    @Test
    void contradictingKeysAreRefused() {
        assertThatThrownBy(() -> ingest(MAPPING + "episode-per = file"))
                .hasMessage("Cannot use columns.episode-id = episode: it must be given if and only if"
                        + " episode-per = column; set one of the two");
        assertThatThrownBy(() -> ingest(MAPPING.replace("dimension = 1", "count = 3")))
                .hasMessage("Cannot use action-space with dimension = null, count = 3: this type needs dimension,"
                        + " 1 or more, and nothing else (in section action-space)");
    }

    @Test
    void theOpenBanditLogsAreReadDescribedAndCurated() {
        var conf = ConfigFactory.parseFile(
                        Path.of("../conf/ingest/open-bandit.conf").toFile())
                .getConfig("ingest");

        var result = ingest(conf.root().render(), Path.of("src/test/resources/open-bandit"));

        assertThat(result.summary())
                .startsWith("transitions v1: 400 transitions of 400 episodes from 400 rows of 2 files");
        var transitions = transitions();
        assertThat(transitions).extracting(Transition::group).containsOnly("bts-men", "random-men");
        assertThat(transitions).allMatch(Transition::terminated);
        assertThat(transitions.get(200).episodeId()).isEqualTo("random-men/000000");
        assertThat(transitions.get(200).behaviourLogProb()).isEqualTo(Math.log(1 / 34.0));

        StatsStage.run(context, Settings.defaults(StatsConfig.class));
        assertThat(said)
                .contains(
                        "[stats] episodes: 400 terminated (100 %)",
                        "[stats] reward: 99.8 % are 0; values: 0 (399 times), 1 (1 times)")
                .anyMatch(line -> line.startsWith("[stats] propensity: mean 0.0763 ")
                        && line.endsWith(", from 0.000860 to 0.409"));
        assertThat(StatsStage.run(context, Settings.defaults(StatsConfig.class)).upToDate())
                .isTrue();

        var subsets = "subsets { best { top-percent = 0.5, group-column = group } }";
        CurateStage.run(context, Settings.read(CurateConfig.class, ConfigFactory.parseString(subsets), ""));
        var rows = context.warehouse()
                .read(context.warehouse().require(TableName.SUBSETS))
                .where("subset = 'best'")
                .orderBy("group")
                .collectAsList();
        assertThat(rows).extracting(row -> row.getString(5)).containsExactly("bts-men", "random-men");
        assertThat(rows).extracting(row -> row.getDouble(3)).containsExactly(1.0, 0.0);
        assertThat(rows.get(1).getString(2)).isEqualTo("random-men/000000");
    }

    @Test
    void theHammerDemonstrationsAreRead() {
        var conf = ConfigFactory.parseFile(
                        Path.of("../conf/ingest/hammer-demos.conf").toFile())
                .getConfig("ingest");

        var result = ingest(conf.root().render(), Path.of("src/test/resources/npz"));

        assertThat(result.summary()).startsWith("transitions v1: 33 transitions of 1 episodes from 33 rows of 1 files");
        assertThat(transitions()).extracting(Transition::terminated).endsWith(false, true);
        assertThat(transitions().get(32).reward()).isEqualTo(1);
    }

    private static final String NPZ = """
            format = npz
            dataset = demos
            episode-per = file
            final-row = terminated
            clip-actions = true
            action-space { type = continuous, dimension = 1 }
            columns { observation = obs, action = act, reward = rew }
            """;

    private StageResult ingest(String hocon) {
        return ingest(hocon, directory);
    }

    private StageResult ingest(String hocon, Path input) {
        var conf =
                ConfigFactory.parseString("input = \"" + input + "\"\n").withFallback(ConfigFactory.parseString(hocon));
        return IngestStage.run(context, Settings.read(IngestConfig.class, conf, ""));
    }

    private void assertRefused(String hocon, String message) {
        assertRefused(hocon, directory, message);
    }

    private void assertRefused(String hocon, Path input, String message) {
        assertThatThrownBy(() -> ingest(hocon, input))
                .isInstanceOf(UserException.class)
                .hasMessage(message);
        assertNothingPublished();
    }

    private void assertNothingPublished() {
        assertThat(context.warehouse().snapshot().find(TableName.TRANSITIONS)).isEmpty();
        assertThat(directory.resolve("out/transitions"))
                .satisfiesAnyOf(
                        path -> assertThat(path).doesNotExist(),
                        path -> assertThat(path).isEmptyDirectory());
    }

    private List<Transition> transitions() {
        var warehouse = context.warehouse();
        return warehouse.read(warehouse.require(TableName.TRANSITIONS)).collectAsList().stream()
                .map(TransitionRow::transition)
                .sorted(Comparator.comparing(Transition::episodeId).thenComparing(Transition::step))
                .toList();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private static float[] floats(float... values) {
        return values;
    }

    private static byte[] npz(String type, float[] observations, float[] actions, float[] rewards) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            array(zip, "obs", type, observations);
            array(zip, "act", "<f4", actions);
            array(zip, "rew", "<f4", rewards);
        }
        return bytes.toByteArray();
    }

    private static void array(ZipOutputStream zip, String name, String type, float[] values) throws IOException {
        var header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + values.length + ", 1), }";
        var padded = header + " ".repeat(117 - header.length()) + "\n";
        var buffer =
                ByteBuffer.allocate(10 + padded.length() + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) padded.length());
        buffer.put(padded.getBytes(StandardCharsets.US_ASCII));
        for (var value : values) {
            buffer.putFloat(value);
        }
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        zip.write(buffer.array());
        zip.closeEntry();
    }
}
