package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.files.Place;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FoundFilesTest {
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "NPZ, a.npz", "CSV, a.csv", "CSV, a.CSV.bz2", "CSV, a.csv.zst", "JSON, a.json", "JSON, a.ndjson",
        "JSON, a.jsonl.bz2", "PARQUET, a.parquet", "ORC, a.orc", "AVRO, a.avro", "D4RL_HDF5, a.h5", "MINARI, a.hdf5"
    })
    void foldersBelowAFolderAreReadInEveryFormat(Format format, String name) throws IOException {
        write("in/" + name);
        write("in/dt=1/deep/" + name);

        var found = find(format, "in");

        assertThat(found.files()).extracting(InputFile::name).containsExactly(name, "dt=1/deep/" + name);
        assertThat(found.notes()).isEmpty();
    }

    /** Counts what it is asked. */
    public static final class Counting extends RawLocalFileSystem {
        private static final AtomicInteger ASKED = new AtomicInteger();
        private boolean answers;

        @Override
        public URI getUri() {
            return URI.create("counting:///");
        }

        @Override
        public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
            ASKED.incrementAndGet();
            answers = true; // what it asks itself is no question
            try {
                return super.listStatus(path);
            } finally {
                answers = false;
            }
        }

        @Override
        public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
            if (!answers) {
                ASKED.incrementAndGet();
            }
            return super.getFileStatus(path);
        }
    }

    /** On an object store each takes some hundredths of a second, one after the other. */
    @Test
    void aFolderOfTheInputIsListedOnceAndNothingElseIsAskedOfIt() throws IOException {
        var asked = new int[2];
        for (var round = 0; round < 2; round++) {
            for (var folder = 0; folder < 10; folder++) {
                write("in/dt=" + round + folder + "/a.parquet");
            }
            var configuration = new Configuration();
            configuration.set("fs.counting.impl", Counting.class.getName());
            Counting.ASKED.set(0);
            FoundFiles.find(
                    configuration,
                    List.of("counting://" + directory.resolve("in")),
                    Format.PARQUET,
                    List.of(),
                    directory.resolve("out").toString());
            asked[round] = Counting.ASKED.get();
        }

        assertThat(asked[1] - asked[0]).isEqualTo(10);
    }

    @Test
    void whatIsNotReadIsNamedWithItsNumber() throws IOException {
        for (var name :
                List.of("a.csv", "b.csv.xz", "c.txt", "old/d.parquet", "old/e.csv.zip", "_archive/f.csv", ".g.csv")) {
            write("in/" + name);
        }

        assertThat(find(Format.CSV, "in").notes())
                .containsExactly(
                        "4 files of other kinds were not read: b.csv.xz, c.txt, old/d.parquet and 1 more",
                        "2 hidden files or folders were not read: .g.csv, _archive/");
    }

    @Test
    void whatUsuallyLiesBesideALogIsNotWorthAWord() throws IOException {
        for (var name :
                List.of("a.csv", "_SUCCESS", "_metadata", "._a.csv", ".a.csv.crc", ".DS_Store", ".git/config")) {
            write("in/" + name);
        }

        var found = find(Format.CSV, "in");

        assertThat(found.files()).extracting(InputFile::name).containsExactly("a.csv");
        assertThat(found.notes()).isEmpty();
    }

    @Test
    void aLeRobotDatasetIsItsDataWhereverItLies() throws IOException {
        for (var set : List.of("one", "two")) {
            for (var name : List.of(
                    "data/chunk-000/file-000.parquet",
                    "meta/info.json",
                    "meta/episodes/chunk-000/file-000.parquet",
                    "videos/top/file-000.mp4",
                    "README.md")) {
                write("in/" + set + "/" + name);
            }
        }

        assertThat(find(Format.PARQUET, "in").notes()).isEmpty();
        assertThat(find(Format.PARQUET, "in").files())
                .extracting(InputFile::name)
                .containsExactly("one/data/chunk-000/file-000.parquet", "two/data/chunk-000/file-000.parquet");
        assertThat(find(Format.PARQUET, "in/two", "in/one").files())
                .extracting(InputFile::name)
                .containsExactly("one/data/chunk-000/file-000.parquet", "two/data/chunk-000/file-000.parquet");
    }

    @Test
    void minarisMetadataBelongsToItsFile() throws IOException {
        for (var set : List.of("pen/human-v2", "door/human-v2")) {
            write("in/" + set + "/data/main_data.hdf5");
            write("in/" + set + "/data/metadata.json");
        }

        assertThat(find(Format.MINARI, "in/pen/human-v2").files())
                .extracting(InputFile::name)
                .containsExactly("human-v2/data/main_data.hdf5");
        assertThat(find(Format.MINARI, "in/*/human-v2").files())
                .extracting(InputFile::name)
                .containsExactly("door/human-v2/data/main_data.hdf5", "pen/human-v2/data/main_data.hdf5");
        assertThat(find(Format.MINARI, "in").files())
                .extracting(InputFile::name)
                .containsExactly("door/human-v2/data/main_data.hdf5", "pen/human-v2/data/main_data.hdf5");
        assertThat(find(Format.MINARI, "in").notes()).isEmpty();
    }

    @Test
    void filesOfOneNameAreToldApartByTheirFoldersWhateverTheOrder() throws IOException {
        for (var name : List.of("random/men/men.csv", "bts/men/men.csv", "bts/women/women.csv")) {
            write("in/" + name);
        }
        var names = List.of("bts/men/men.csv", "random/men/men.csv", "women.csv");

        assertThat(find(Format.CSV, "in/random/men", "in/bts/men/men.csv", "in/bts/women")
                        .files())
                .extracting(InputFile::name)
                .containsExactlyElementsOf(names);
        assertThat(find(Format.CSV, "in/bts/women", "in/*/men/men.csv").files())
                .extracting(InputFile::name)
                .containsExactlyElementsOf(names);
        assertThat(find(Format.CSV, "in/bts/men").files())
                .extracting(InputFile::name)
                .containsExactly("men.csv");
    }

    @Test
    void aLengthenedNameMeetsNoOtherAndNoneThatIsTaken() throws IOException {
        for (var name : List.of("a/x.csv", "b/x.csv", "c/a/x.csv")) {
            write("in/" + name);
        }
        var files = find(Format.CSV, "in/a", "in/b", "in/c").files();

        assertThat(files).extracting(InputFile::name).containsExactly("b/x.csv", "c/a/x.csv", "in/a/x.csv");
        assertThat(FoundFiles.named(find(Format.CSV, "in/a").files(), Set.of("x.csv", "a/x.csv")))
                .extracting(InputFile::name)
                .containsExactly("in/a/x.csv");
    }

    @Test
    void aFileThatTwoInputsNameIsReadOnce() throws IOException {
        write("in/sub/a.csv");

        for (var inputs : List.of(List.of("in", "in/sub/a.csv"), List.of("in/sub/a.csv", "in", "in"))) {
            var found = find(Format.CSV, inputs.toArray(String[]::new));

            assertThat(found.files()).extracting(InputFile::name).containsExactly("a.csv");
            assertThat(found.notes())
                    .containsExactly("1 files are named by more than one input and are read once: a.csv");
        }
    }

    @Test
    void anEmptyFileIsLeftOutUnlessThereIsNothingElse() throws IOException {
        write("in/a.csv");
        Files.createFile(directory.resolve("in/b.csv"));

        assertThat(find(Format.CSV, "in").files()).extracting(InputFile::name).containsExactly("a.csv");
        assertThat(find(Format.CSV, "in").notes()).containsExactly("1 empty files were left out: b.csv");
        assertThatThrownBy(() -> find(Format.CSV, "in/b.csv"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read b.csv: it is empty; give a file with rows");
    }

    @Test
    void excludedNamesAreLeftOutWithAWord() throws IOException {
        for (var name : List.of("a.csv", "item_context.csv", "tmp/b.csv")) {
            write("in/" + name);
        }

        var found = FoundFiles.find(HADOOP, List.of(path("in")), Format.CSV, List.of("item_*.csv", "{tmp,temp}"), "");

        assertThat(found.files()).extracting(InputFile::name).containsExactly("a.csv");
        assertThat(found.notes())
                .containsExactly("2 files or folders were left out, as exclude says: item_context.csv, tmp");
    }

    @Test
    void theOutputIsNoInput() throws IOException {
        write("in/a.json");
        write("in/out/checkpoints/run/checkpoint.json");

        var found = FoundFiles.find(HADOOP, List.of(path("in")), Format.JSON, List.of(), "file:" + path("in/out"));

        assertThat(found.files()).extracting(InputFile::name).containsExactly("a.json");
        assertThat(found.notes()).containsExactly("1 folders were not read, since --out is there: out/");
    }

    @ParameterizedTest
    @CsvSource({
        "_delta_log/0.json, a Delta table, delta",
        ".hoodie/hoodie.properties, a Hudi table, hudi",
        "metadata/v1.metadata.json, an Iceberg table, iceberg"
    })
    void aTableOfManyVersionsIsNotReadAsFiles(String sign, String words, String source) throws IOException {
        write("in/table/" + sign);
        write("in/table/data/dt=1/a.parquet");
        var message = " as files: file:" + path("in/table") + " is " + words
                + ", whose files also hold rows that it no longer has; use format = spark, spark { format = " + source
                + " } and input = \"file:" + path("in/table") + "\"";

        for (var input :
                List.of("in/table", "in/table/data", "in/table/*/dt=1", "in/table/data/dt=1/a.parquet", "in")) {
            assertThatThrownBy(() -> find(Format.PARQUET, input))
                    .isInstanceOf(UserException.class)
                    .hasMessageStartingWith("Cannot read ")
                    .hasMessageEndingWith(message);
        }
        write("in/table/data/dt=1/a.csv");
        assertThat(find(Format.CSV, "in").files()).hasSize(1);
    }

    @Test
    void namesWithColonsAreFoundAndRead() throws IOException {
        for (var name : List.of("run_10:30/log_2026-11-01T00:00:00.csv", "run_10:30/b.csv")) {
            write("in/" + name);
        }
        var names = List.of("b.csv", "log_2026-11-01T00:00:00.csv");

        for (var input : List.of("in/run_10:30", "in/run_10:30/*.csv", "in/*:30/{b,log_*:00}.csv", "in/run_1?:30/*")) {
            assertThat(find(Format.CSV, input).files())
                    .extracting(InputFile::name)
                    .containsExactlyElementsOf(names);
        }
        var file = find(Format.CSV, "in/run_10:30/log_2026-11-01T00:00:00.csv")
                .files()
                .get(0);
        assertThat(file.open(HADOOP)).hasContent("a,b");
        assertThat(file.sha256(Format.CSV, HADOOP)).hasSize(64);
        assertThat(Place.of("run_10:30")).isEqualTo("./run_10:30");
        assertThat(List.of("s3a://bucket/a:b", "file:/a:b", "/a:b", "./a:b", "a/b:c"))
                .allSatisfy(path -> assertThat(Place.of(path)).isEqualTo(path));
    }

    @Test
    void aNameWithAColonThatSparkCannotOpenIsRefused() throws IOException {
        write("in/a_10:30.parquet");

        assertThatThrownBy(() -> find(Format.PARQUET, "in"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read a_10:30.parquet: Spark cannot read files in a local folder whose name has a colon;"
                                + " rename it, for example to a_10-30.parquet");
    }

    @Test
    void aNameWithBracketsIsTheFileOfThatNameIfNoOtherMatches() throws IOException {
        write("in/walk[1].csv");

        assertThat(find(Format.CSV, "in/walk[1].csv").files())
                .extracting(InputFile::name)
                .containsExactly("walk[1].csv");
    }

    @Test
    void filesWhoseEpisodesWouldShareTheirIdsAreRefused() throws IOException {
        write("in/a.csv");
        write("in/a.csv.gz");
        var files = find(Format.CSV, "in").files();

        assertThatThrownBy(() -> FoundFiles.requireStems(files, Set.of(), Format.CSV))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read a.csv.gz beside a.csv: their episodes would have the same ids, since only the"
                        + " endings differ; rename one, or leave one out with exclude");
        assertThatThrownBy(() -> FoundFiles.requireStems(files.subList(1, 2), Set.of("a.csv"), Format.CSV))
                .isInstanceOf(UserException.class);
        FoundFiles.requireStems(files.subList(0, 1), Set.of("b.csv"), Format.CSV);
    }

    @Test
    void aGroupMayBeMadeFromTheFoldersOfAFile() {
        var file = new InputFile("men.csv", "file:/data/open-bandit/random/men/men.csv", 1);

        assertThat(ColumnMapping.groupOf("{folder:2}-{folder}", "men", file)).isEqualTo("random-men");
        assertThat(ColumnMapping.groupOf("{file}", "men", file)).isEqualTo("men");
        assertThat(ColumnMapping.groupOf("{folder:9}", "men", file)).isEmpty();
        assertThat(ColumnMapping.isOfFile("city")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"NPZ", "CSV", "JSON", "PARQUET", "ORC", "AVRO", "D4RL_HDF5", "MINARI"})
    void aPickleIsCalledByItsNameAndNotLoaded(Format format) {
        for (var head : List.of(
                "\u0080\u0004\u0095abc", "\u0080\u0002}q\u0000", "\u0080\u0005\u0095", "(dp0\n", "ccopy_reg\n_rec")) {
            assertThatThrownBy(() -> Magic.require("buffer.pkl", head.getBytes(StandardCharsets.ISO_8859_1), format))
                    .isInstanceOf(UserException.class)
                    .hasMessage("Cannot read buffer.pkl as "
                            + format.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-')
                            + ": it is a Python pickle, which is code and is never loaded; save its arrays as npz, as"
                            + " conf/ingest/npz.conf shows");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CSV | a.csv | 50 41 52 31 15 04 | a Parquet file; set format = parquet",
                "NPZ | a.npz | 89 48 44 46 0d 0a 1a 0a | an HDF5 file; set format to the writer's, d4rl-hdf5 or minari for"
                        + " example",
                "CSV | a.csv | 1f 8b 08 00 | compressed with gzip; let its name end in .gz if its format may be compressed,"
                        + " else unpack it",
                "PARQUET | a.parquet.gz | 1f 8b 08 00 | compressed with gzip; let its name end in .gz if its format may be"
                        + " compressed, else unpack it",
                "CSV | a.csv.xz | fd 37 7a 58 5a 00 | compressed with xz, which is not read; unpack it, or compress it with"
                        + " gzip, bzip2 or zstd",
                "CSV | a.csv | 7b 22 61 22 3a | JSON; set format = json",
                "JSON | a.json | 3c 21 44 4f 43 54 59 50 45 20 68 74 6d 6c | a web page, perhaps one that asks to sign in;"
                        + " download the file again",
                "AVRO | a.avro | 93 4e 55 4d 50 59 01 00 | a single NumPy array; save all arrays in one file with"
                        + " numpy.savez, and set format = npz"
            })
    void whatIsSomethingElseIsCalledByItsName(Format format, String name, String hex, String words) {
        assertThatThrownBy(() -> Magic.require(name, bytes(hex), format))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read " + name + " as " + format.name().toLowerCase(java.util.Locale.ROOT)
                        + ": it is " + words);
    }

    @Test
    void anEndingThatPromisesAPackingIsHeld() {
        assertThatThrownBy(() -> Magic.require("a.csv.gz", bytes("61 2c 62"), Format.CSV))
                .hasMessage("Cannot read a.csv.gz: it ends as if it were compressed with gzip, and is not; give it the"
                        + " name of what it is");
        Magic.require("a.csv.gz", bytes("1f 8b 08 00"), Format.CSV);
        Magic.require("a.CSV.BZ2", bytes("42 5a 68 39 31 41 59 26 53 59 00"), Format.CSV);
    }

    @Test
    void aHeaderThatBeginsLikeAMagicNumberIsAHeader() {
        for (var text : List.of("ORCID,PAR1\n1,2\n", "PAR1,b\n", "LZIP,b\n", "{x},b\n", "MATLAB 5 MAT-file,b\n", "")) {
            Magic.require("a.csv", text.getBytes(StandardCharsets.UTF_8), Format.CSV);
        }
    }

    private FoundFiles find(Format format, String... inputs) {
        return FoundFiles.find(HADOOP, Arrays.stream(inputs).map(this::path).toList(), format, List.of(), "");
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private void write(String name) throws IOException {
        Files.createDirectories(directory.resolve(name).getParent());
        Files.writeString(directory.resolve(name), "a,b");
    }

    private static byte[] bytes(String hex) {
        return java.util.HexFormat.ofDelimiter(" ").parseHex(hex);
    }
}
