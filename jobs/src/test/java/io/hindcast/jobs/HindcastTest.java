package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.learn.Preset;
import io.hindcast.source.Format;
import io.hindcast.stage.StageResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HindcastTest {
    /** How the tiny stage ends. */
    enum Ending {
        WELL,
        WITH_A_PROBLEM,
        WITH_A_FAILED_RUN,
        USER_ERROR,
        USER_ERROR_IN_A_TASK,
        OUT_OF_MEMORY,
        FAULT
    }

    record CountConfig(
            @Setting(value = "3", range = "[1, 9]", formerly = "limit", meaning = "how far it counts")
            int upTo,

            @Setting(value = "a", meaning = "a word it says")
            String word,

            @Setting(value = "well", meaning = "how it ends")
            Ending ending) {}

    record EchoConfig(@Setting(meaning = "what it says") String text) {}

    private static final Job<CountConfig> COUNT =
            new Job<>("count", "counts rows in Spark", CountConfig.class, (context, config, root) -> {
                var rows = context.spark().range(config.upTo()).count();
                context.progress().say("[count] " + rows + " " + config.word() + " in " + root.environment());
                return switch (config.ending()) {
                    case WELL -> new StageResult(false, "counted", List.of());
                    case WITH_A_PROBLEM -> new StageResult(false, "counted", List.of("row 2 diverged"));
                    case WITH_A_FAILED_RUN -> {
                        context.progress().trace("boom\u001b token=hidden\n\tat io.hindcast.Row.count(Row.java:7)\n");
                        yield new StageResult(
                                false, "counted", List.of(context.progress().withoutSecrets("token=hidden failed")));
                    }
                    case USER_ERROR -> throw new UserException("Cannot count to 0: it is nothing; count to 1");
                    case USER_ERROR_IN_A_TASK ->
                        throw new IllegalStateException(
                                "Job aborted", new UserException("Cannot count row 7: it is NaN; mend it"));
                    case OUT_OF_MEMORY ->
                        throw new IllegalStateException(
                                "Job aborted: Lost task 0.0: java.lang.OutOfMemoryError: Java heap space\n\tat a.b.C");
                    case FAULT -> throw new IllegalStateException("off by one");
                };
            });
    private static final Job<EchoConfig> ECHO =
            new Job<>("echo", "echoes", EchoConfig.class, (context, config, root) -> {
                context.progress().say("[echo] " + config.text());
                return new StageResult(true, "echoed", List.of());
            });

    private static final Job<EchoConfig> ALONE =
            Job.withoutSpark("alone", "echoes without Spark", EchoConfig.class, (directory, progress, config) -> {
                progress.say("[alone] " + config.text() + " in " + directory);
                return new StageResult(false, "echoed", List.of());
            });

    @TempDir
    Path directory;

    @BeforeAll
    static void keepSparkSmall() {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
    }

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void anUnknownEnvironmentIsRefusedBeforeAnythingStarts() throws Exception {
        var conf = file("environment = pointmass-esy, count { up-to = 5, word = rows }");
        assertThat(run("count", "--conf", conf, "--dry-run")).isEqualTo(2);
        assertThat(errors()).contains("did you mean 'pointmass-easy'?");
    }

    @Test
    void aJobRunsItsStageOnItsSectionAndEndsWithZero() throws IOException {
        var conf = file("environment = pointmass-easy, count { up-to = 5, word = rows }");

        assertThat(run("count", "--conf", conf, "--out", directory.toString())).isZero();
        assertThat(output()).contains("[count] starts", "[count] 5 rows in pointmass-easy", "s: counted");
        assertThat(errors()).isEmpty();
    }

    @Test
    void aJobWithoutSparkGetsItsDirectoryAndNeedsNoMaster() {
        System.setProperty("spark.master", "nowhere");
        try {
            assertThat(run(List.of(ALONE), "alone", "--set", "text=hello", "--out", directory.toString()))
                    .isZero();
        } finally {
            keepSparkSmall();
        }
        assertThat(output()).contains("[alone] hello in " + directory, "s: echoed");
    }

    @Test
    void aStageWithProblemsEndsWithThreeAfterAllStagesRan() throws IOException {
        var conf = file("stages = [count, echo], count.ending = with-a-problem, echo.text = last");

        assertThat(run("pipeline", "--conf", conf, "--out", directory.toString()))
                .isEqualTo(3);
        assertThat(output()).contains("[count] problem: row 2 diverged", "[echo] last");
    }

    @ParameterizedTest
    @CsvSource({
        "user-error, 'Cannot count to 0: it is nothing; count to 1'",
        "user-error-in-a-task, 'Cannot count row 7: it is NaN; mend it'"
    })
    void aUserErrorOfAStageEndsWithTwoAndOneLineWhereverItCameFrom(String ending, String message) {
        assertThat(run("count", "--set", "ending=" + ending, "--out", directory.toString()))
                .isEqualTo(2);
        assertThat(errors()).isEqualTo(message + System.lineSeparator());
    }

    @Test
    void debugAddsTheStackTrace() {
        assertThat(run("count", "--set", "ending=user-error", "--out", directory.toString(), "--debug"))
                .isEqualTo(2);
        assertThat(errors()).contains("UserException: Cannot count to 0", "\tat ");
    }

    @Test
    void debugAddsWhereARunFailed() {
        assertThat(run("count", "--set", "ending=with-a-failed-run", "--out", directory.toString(), "--debug"))
                .isEqualTo(3);
        assertThat(errors()).isEqualTo("boom\\u001b token=***\n\tat io.hindcast.Row.count(Row.java:7)\n");
        assertThat(output()).contains("[count] problem: token=*** failed");

        err.reset();
        run("count", "--set", "ending=with-a-failed-run", "--out", directory.toString());
        assertThat(errors()).isEmpty();
    }

    @Test
    void aTaskWithoutMemoryEndsWithTwoAndOneLine() {
        assertThat(run("count", "--set", "ending=out-of-memory", "--out", directory.toString()))
                .isEqualTo(2);
        assertThat(errors().lines())
                .containsExactly("Cannot go on: the memory of a task is full (Java heap space); give more,"
                        + " HINDCAST_DRIVER_MEMORY=8g for example (on a cluster --spark spark.executor.memory=8g), or less"
                        + " to do at once: smaller files, shorter episodes, fewer cores (--master 'local[1]')");
    }

    @Test
    void aFaultEndsWithOneAndItsStackTrace() {
        assertThat(run("count", "--set", "ending=fault", "--out", directory.toString()))
                .isEqualTo(1);
        assertThat(errors()).contains("IllegalStateException: off by one", "\tat ", "This is a fault of hindcast");
    }

    @ParameterizedTest
    @CsvSource({
        "cuont, 'Cannot use job ''cuont'': there is no such job; did you mean ''count''?'",
        "count --sett a=b, 'Cannot use option ''--sett'' of count: there is no such option; did you mean ''--set''?'",
        "count --out, 'Cannot read the command line: Missing required parameter for option ''--out'' (DIR);"
                + " see ./hindcast count --help'",
        "count --spark a=b, 'Cannot use --master or --spark after the jar: Spark has already started;"
                + " give spark-submit its own --master and --conf before the jar'",
        "count --set up-to, 'Cannot use --set up-to: it has no key before a ''=''; write --set key=value'",
        "count --set up-to=[1, 'Cannot use --set up-to=[1: line 1: List should have ended with ] or had a comma, instead had"
                + " token: end of file; write --set key=value, the value as in a conf file'",
        "count --set upto=4, 'Cannot use key ''count.upto'': there is no such key; did you mean ''up-to''?'",
        "count --set up-to=10, 'Cannot use count.up-to = 10: it must be in [1, 9]'",
        "count --set up-to=x, 'Cannot use count.up-to = \"x\": it must be an integer'",
        "count --set count=4, 'Cannot read section count: it is 4; write count { key = value }'",
        "count --preset rlox-arw, 'Cannot use preset ''rlox-arw'': there is no such preset; did you mean ''rlox-awr''?'",
        "count --preset, 'Cannot read the command line: Missing required parameter for option ''--preset'' (NAME);"
                + " see ./hindcast count --help'",
        "pipeline --set cuont.up-to=1, 'Cannot use key ''cuont'': there is no such key; did you mean ''count''?'",
        "pipeline, 'Cannot run pipeline: the configuration names no stages; add for example stages = [collect, stats] to it'",
        "pipeline --set stages=[cuont], 'Cannot use stage ''cuont'' in stages: there is no such stage;"
                + " did you mean ''count''?'",
        "echo, 'Cannot read the configuration: key echo.text is missing (what it says);"
                + " add it to the conf file or give --set echo.text=…'",
        "count --set up-to=${no}, 'Cannot use count.up-to = \"${no}\": it must be an integer'",
        "count --set word=[${no}], 'Cannot use --set word=[${no}]: line 1: Could not resolve substitution to a value: ${no};"
                + " write --set key=value, the value as in a conf file'",
        "count --conf no.conf, 'Cannot read the configuration no.conf: there is no such file; check the path after --conf'"
    })
    void aWrongCommandLineEndsWithTwoAndOneLine(String commandLine, String message) {
        assertThat(run(commandLine.split(" "))).isEqualTo(2);
        assertThat(errors()).isEqualTo(message + System.lineSeparator());
        assertThat(output()).isEmpty();
    }

    @Test
    void aMistakeInTheFileIsReportedWithItsLine() throws IOException {
        var unknown = file("environment = x\n\ncount {\n  upto = 4\n}\n");
        assertThat(run("count", "--conf", unknown)).isEqualTo(2);
        assertThat(errors()).contains("'count.upto' (" + unknown + ", line 4)", "did you mean 'up-to'?");

        err.reset();
        var syntax = file("environment = x\ncount {\n  up-to = }\n");
        assertThat(run("count", "--conf", syntax)).isEqualTo(2);
        assertThat(errors())
                .startsWith("Cannot read the configuration " + syntax + ": line 3: ")
                .hasLineCount(1);

        err.reset();
        var root = file("enviroment = x\n");
        assertThat(run("count", "--conf", root)).isEqualTo(2);
        assertThat(errors()).contains("Cannot use key 'enviroment' (" + root + ", line 1)", "'environment'?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void anEmptyDirectoryIsRefused(String empty) {
        assertThat(run("count", "--out", empty)).isEqualTo(2);
        assertThat(errors())
                .isEqualTo("Cannot use --out '" + empty + "': the path is empty; name a directory"
                        + System.lineSeparator());
    }

    @Test
    void nullTakesOutARunAndIsNoSeed() throws IOException {
        var conf = file("train.runs { a { learner = awr }, b { learner = iql } }");
        assertThat(run(Jobs.ALL, "train", "--conf", conf, "--set", "train.runs.b=null", "--dry-run"))
                .isZero();
        assertThat(output()).contains("learner=awr").doesNotContain("learner=iql");
        assertThat(run(Jobs.ALL, "train", "--conf", conf, "--set", "seeds=[1, null]", "--dry-run"))
                .isEqualTo(2);
        assertThat(errors())
                .isEqualTo("Cannot use train.seeds: one of its values is null; leave it out of the list"
                        + System.lineSeparator());
    }

    @Test
    void setGoesToTheSectionOfTheJobUnlessItStartsWithARootKeyOrAJob() throws IOException {
        var conf = file("environment = pointmass-medium, count { up-to = 2, word = file }");

        assertThat(run("count", "--conf", conf, "--dry-run", "--set", "up-to=7", "--set", "environment=pointmass-hard"))
                .isZero();
        assertThat(output()).contains("environment=pointmass-hard", "up-to=7", "word=file");

        out.reset();
        assertThat(run("count", "--conf", conf, "--dry-run", "--set", "count.up-to=7", "--set", "count.up-to=8"))
                .isZero();
        assertThat(output()).contains("environment=pointmass-medium", "up-to=8");
    }

    @Test
    void aColumnThatIsCalledAKeyIsShownAlsoWithoutTheNameOfItsJob() {
        var table = List.of("--set", "input=[x.csv]", "--set", "run=r", "--dry-run");
        for (var key : List.of("key=[visitor]", "predict.key=[visitor]")) {
            out.reset();
            var arguments = new ArrayList<>(List.of("predict", "--set", key));
            arguments.addAll(table);
            assertThat(run(Jobs.ALL, arguments.toArray(String[]::new))).isZero();
            assertThat(output().replaceAll("\\s+", "")).contains("key=[visitor]");
        }
    }

    @Test
    void allDirectoriesAfterCompareAreCompared() {
        assertThat(run(Jobs.ALL, "report", "--compare", "out/a b", "s3a://b/c", "--out", "d", "--dry-run"))
                .isZero();
        assertThat(output().replaceAll("\\s+", "")).contains("compare=[\"out/ab\",\"s3a://b/c\"]", "#ind;");

        assertThat(run(Jobs.ALL, "judge", "--compare", "a", "--dry-run")).isEqualTo(2);
        assertThat(errors())
                .isEqualTo("Cannot use --compare with judge: only report compares outputs; leave it out"
                        + System.lineSeparator());
    }

    @Test
    void aPresetIsARunOfTheSectionTrainThatSetMayChange() {
        assertThat(run(
                        Jobs.ALL,
                        "train",
                        "--preset=cs224r-hw3-pointmass-iql",
                        "--preset=cs285-hw5-pointmass-easy-dqn",
                        "--set=runs.cs224r-hw3-pointmass-iql.settings.expectile=0.7",
                        "--dry-run"))
                .isZero();
        assertThat(output())
                .contains("preset=cs224r-hw3-pointmass-iql", "learner=iql", "expectile=0.7", "max-weight=50")
                .contains("preset=cs285-hw5-pointmass-easy-dqn", "learner=dqn", "batch-size=128", "target-period=300");
    }

    @Test
    void aPresetStandsBesideTheRunsOfTheFileAndChangesNoOtherJob() throws IOException {
        var conf = file("train.runs { bc { learner = behaviour-cloning } }");
        assertThat(run(Jobs.ALL, "train", "--conf", conf, "--preset", "rlox-awr", "--dry-run"))
                .isZero();
        assertThat(output()).contains("preset=rlox-awr", "learner=behaviour-cloning");

        out.reset();
        assertThat(run(Jobs.ALL, "stats", "--preset", "rlox-awr", "--dry-run")).isZero();
        assertThat(output()).doesNotContain("rlox");
    }

    @Test
    void aPresetOfAnotherLearnerThanTheRunsIsRefused() throws IOException {
        var conf = file("train.runs { mine { preset = rlox-awr, learner = iql } }");
        assertThat(run(Jobs.ALL, "train", "--conf", conf, "--dry-run")).isEqualTo(2);
        assertThat(errors())
                .isEqualTo(
                        "Cannot use learner = iql with preset = rlox-awr: the preset is of awr; remove one of the two"
                                + " (in section train.runs.mine)" + System.lineSeparator());
    }

    @Test
    void aDryRunPrintsTheResolvedConfigurationAndDoesNothing() throws IOException {
        var conf = file("stages = [echo, count], echo.text = hello");
        var target = directory.resolve("out");

        assertThat(run("pipeline", "--conf", conf, "--dry-run", "--out", target.toString()))
                .isZero();
        assertThat(output())
                .contains(
                        "text=hello",
                        "up-to=3",
                        "# would run echo: echoes",
                        "# would run count: counts rows in Spark",
                        "nothing was done")
                .doesNotContain("] starts");
        assertThat(target).doesNotExist();
    }

    @Test
    void helpListsTheJobsAndEveryKeyOfEveryRecord() {
        assertThat(run("--help")).isZero();
        assertThat(output()).contains("count       counts rows in Spark", "pipeline", "quickstart");

        for (var job : Jobs.ALL) {
            out.reset();
            assertThat(run(Jobs.ALL, job.name(), "--help")).isZero();
            assertThat(output())
                    .contains("--conf", "--preset", "--set", "--out", "--dry-run", "--debug", "--master", "--spark");
            for (var entry : Settings.describe(job.type())) {
                assertThat(output()).contains("  " + entry.key() + " (" + entry.type());
            }
        }
    }

    @Test
    void helpOfAJobGivesTypeRangeDefaultAndMeaning() {
        assertThat(run("count", "--help")).isZero();
        assertThat(output())
                .contains(
                        "up-to (an integer in [1, 9]; default 3)",
                        "      how far it counts",
                        "environment (a string; default null)");
    }

    @Test
    void helpOfIngestNamesEveryFormat() {
        assertThat(run(Jobs.ALL, "--help")).isZero();
        for (var format : Format.values()) {
            assertThat(output())
                    .containsIgnoringCase(format.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
    }

    @Test
    void helpOfTrainListsThePresets() {
        assertThat(run(Jobs.ALL, "train", "--help")).isZero();
        assertThat(output())
                .contains(
                        "  iql-paper-antmaze (iql, 1,000,000 updates)",
                        "      from Kostrikov, Nair and Levine 2022, AntMaze");
        for (var preset : Preset.ALL.keySet()) {
            assertThat(output()).contains("  " + preset + " (");
        }
    }

    @Test
    void aKeyUnderItsFormerNameWorksAndIsNamedInOneLine() throws IOException {
        var conf = file("count {\n  limit = 5\n}");
        assertThat(run("count", "--conf", conf, "--out", directory.toString())).isZero();
        assertThat(errors().lines())
                .containsExactly(
                        "The key count.limit (" + conf + ", line 2) is called count.up-to now; it still works");
        err.reset();
        out.reset();
        assertThat(run("count", "--conf", conf, "--dry-run")).isZero();
        assertThat(output())
                .contains("up-to=5", "# The key count.limit (" + conf + ", line 2) is called count.up-to now")
                .doesNotContain("limit=");
        assertThat(errors()).isEmpty();
    }

    @Test
    void withoutAJobItPrintsTheHelpAndEndsWithTwo() {
        assertThat(run()).isEqualTo(2);
        assertThat(output()).startsWith("Usage: ./hindcast JOB");
    }

    @Test
    void versionNamesHindcastJavaAndSpark() {
        assertThat(run("--version")).isZero();
        assertThat(output()).matches("(?s)hindcast .* \\(Java [0-9].*, Spark 4.*\\)\\s");
    }

    private int run(String... args) {
        return run(List.of(COUNT, ECHO), args);
    }

    private int run(List<Job<?>> jobs, String... args) {
        return Hindcast.run(
                jobs,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
    }

    private String output() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private String file(String hocon) throws IOException {
        return Files.writeString(directory.resolve("test.conf"), hocon).toString();
    }
}
