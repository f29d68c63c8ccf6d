package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.judge.JudgeConfig;
import io.hindcast.stage.judge.JudgeStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad and hopeless logs, each with the one line that refuses it, or the reason why no estimate by it is usable. */
class RefusalsTest {
    private static final String HEADER = "e,x,y,a,r,p,m0,m1\n";

    private static final String MEND =
            "ingest the log into another --out with the columns.observation and action-space that"
                    + " the run learned from, or name another run";

    @TempDir
    static Path runs;

    /** The directory of a run that learned from the sound log. */
    private static String run = "";

    @TempDir
    Path directory;

    @BeforeAll
    static void learn() throws IOException {
        var context = context(runs.resolve("out"));
        Files.writeString(runs.resolve("log.csv"), sound());
        ingest(context, runs, "");
        train(context, "runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }");
        run = runs.resolve("out/checkpoints") + "/"
                + context.warehouse()
                        .read(context.warehouse().require(TableName.RUNS))
                        .first()
                        .<String>getAs("run_id");
    }

    static Stream<Arguments> logsThatAreRefused() {
        return Stream.of(
                arguments(
                        "a probability of 0",
                        log(i -> i == 3 ? "1,0,1,1,0,1,1" : good(i)),
                        "",
                        "Cannot ingest shop: 1 of 200 rows break the contract, above max-quarantine-fraction = 0.0 "
                                + "(propensity is missing or outside (0, 1]: 1 rows of 1 episodes left out, first log.csv row 3); "
                                + "mend the data or the mapping of columns, or allow more"),
                arguments(
                        "a probability above 1",
                        log(i -> i == 3 ? "1,0,1,1,1.5,1,1" : good(i)),
                        "",
                        "Cannot ingest shop: 1 of 200 rows break the contract, above max-quarantine-fraction = 0.0 "
                                + "(propensity is missing or outside (0, 1]: 1 rows of 1 episodes left out, first log.csv row 3); "
                                + "mend the data or the mapping of columns, or allow more"),
                arguments(
                        "densities as probabilities",
                        log(i -> "1,0,1,1,7.99,1,1"),
                        "",
                        "Cannot ingest shop: 200 of 200 rows break the contract, above max-quarantine-fraction = 0.0 "
                                + "(propensity is missing or outside (0, 1]: 200 rows of 200 episodes left out, first log.csv row "
                                + "0); mend the data or the mapping of columns, or allow more"),
                arguments(
                        "log-probabilities as probabilities",
                        log(i -> "1,0,1,1,-0.69,1,1"),
                        "",
                        "Cannot ingest shop: 200 of 200 rows break the contract, above max-quarantine-fraction = 0.0 "
                                + "(propensity is missing or outside (0, 1]: 200 rows of 200 episodes left out, first log.csv row "
                                + "0); mend the data or the mapping of columns, or allow more"),
                arguments(
                        "probabilities as log-probabilities",
                        sound(),
                        "columns { propensity = null, behaviour-log-prob = p }",
                        "Cannot ingest shop: 200 of 200 rows break the contract, above max-quarantine-fraction = 0.0 "
                                + "(behaviour-log-prob is above 0, so its probability is above 1; if the column holds "
                                + "probabilities, map it as columns.propensity: 200 rows of 200 episodes left out, first log.csv "
                                + "row 0); mend the data or the mapping of columns, or allow more"),
                arguments(
                        "a probability that is no number",
                        log(i -> i == 3 ? "1,0,1,1,nan,1,1" : good(i)),
                        "",
                        "Cannot ingest shop: 1 of 200 rows break the contract, above max-quarantine-fraction = 0.0 "
                                + "(propensity is missing or outside (0, 1]: 1 rows of 1 episodes left out, first log.csv row 3); "
                                + "mend the data or the mapping of columns, or allow more"),
                arguments(
                        "a reward that is no number",
                        log(i -> i == 3 ? "1,0,1,nan,0.5,1,1" : good(i)),
                        "",
                        "Cannot ingest shop: 1 of 200 rows break the contract, above max-quarantine-fraction = 0.0 "
                                + "(reward is missing or not finite: 1 rows of 1 episodes left out, first log.csv row 3); mend the "
                                + "data or the mapping of columns, or allow more"),
                arguments(
                        "a mask against the logged action",
                        log(i -> i == 3 ? "1,0,1,1,0.5,1,0" : good(i)),
                        "columns.action-mask = [m0, m1]",
                        "Cannot ingest shop: 1 of 200 rows break the contract, above max-quarantine-fraction = 0.0 "
                                + "(action-mask forbids the action taken: 1 rows of 1 episodes left out, first log.csv row 3); "
                                + "mend the data or the mapping of columns, or allow more"),
                arguments(
                        "an episode twice",
                        HEADER + "1,1,0,0,1,0.8,1,1\n1,1,0,1,0,0.2,1,1\n",
                        "episode-per = column, columns { episode-id = e, step = y }",
                        "Cannot ingest shop: 2 of 2 rows break the contract, above max-quarantine-fraction = 0.0 (step 0 "
                                + "appears twice, with different values: 2 rows of 1 episodes left out, first log.csv row 1); mend "
                                + "the data or the mapping of columns, or allow more"));
    }

    /** The page that lists them is made of what is tested here. */
    @Test
    void thePageOfRefusalsSaysWhatIsRefused() throws IOException {
        var page = new StringBuilder("""
                # What judge refuses, and what it says

                `RefusalsTest` puts each of these to the test, and makes this page of them. DIR is a directory. What helps where an estimate
                is not usable is told in [Judging](judging.md#how-to-read-the-page).

                ## Logs that `ingest` leaves out or refuses

                | log | what it says, with `max-quarantine-fraction = 0` |
                |---|---|
                """);
        logsThatAreRefused().map(Arguments::get).forEach(row -> page.append(line(row[0], row[3])));
        page.append("""

                ## Questions that `judge` refuses

                | question | `judge { … }` | what it says |
                |---|---|---|
                """);
        questionsThatAreRefused()
                .map(Arguments::get)
                .forEach(row -> page.append(line(row[0], "`" + row[1] + "`", row[2])));
        page.append("""

                ## Estimates that are shown, and called not usable

                | log or policy | policy | reason |
                |---|---|---|
                """);
        estimatesThatAreNotUsable().map(Arguments::get).forEach(row -> page.append(line(row[0], row[3], row[4])));
        var made = Path.of("target/judging-refusals.md").toAbsolutePath();
        Files.createDirectories(made.getParent());
        Files.writeString(made, page);
        assertThat(Files.readString(Path.of("../docs/judging-refusals.md")))
                .as("docs/judging-refusals.md; if a line changed: cp %s ../docs", made)
                .isEqualTo(page.toString());
    }

    private static String line(Object... cells) {
        return Stream.of(cells)
                .map(cell -> cell.toString().replace("|", "\\|"))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void logsThatAreRefused(String what, String log, String ingest, String message) throws IOException {
        Files.writeString(directory.resolve("log.csv"), log);
        assertThatThrownBy(() ->
                        ingest(context(directory.resolve("out")), directory, "max-quarantine-fraction = 0, " + ingest))
                .isInstanceOf(UserException.class)
                .hasMessage(message);
    }

    static Stream<Arguments> questionsThatAreRefused() {
        return Stream.of(
                arguments(
                        "an estimator twice",
                        "estimators = [is, wis, is]",
                        "Cannot use judge.estimators = [is, wis, is]: is stands there twice; remove one"),
                arguments(
                        "a group twice",
                        "by = [group, group]",
                        "Cannot use judge.by = [group, group]: group stands there twice; remove one"),
                arguments(
                        "ratios within groups",
                        "estimators = [marginal-ratio], by = [group]",
                        "Cannot use both judge.estimators = [marginal-ratio] and judge.by: its sums are too large for one in"
                                + " each group; judge by a subset of each group"),
                arguments(
                        "a policy that is not judged",
                        "require = [unifrom]",
                        "Cannot use policy 'unifrom' in judge.require: there is no such policy; did you mean 'uniform'?"),
                arguments(
                        "an action that is none",
                        "policies.x.action = 2",
                        "Cannot judge judge.policies.x: there is no action = 2; actions of this log are numbered from 0 "
                                + "to 1"),
                arguments(
                        "an action below 0",
                        "policies.x.action = -1",
                        "Cannot use judge.policies.x.action = -1: it must be in [0, inf)"),
                arguments(
                        "a policy of two kinds",
                        "policies.x { action = 0, type = uniform }",
                        "Cannot use a policy that is given in 2 ways: give one of run, column, log-column, onnx, "
                                + "action and type (in section judge.policies.x)"),
                arguments(
                        "an acting rule without a run",
                        "policies.x { action = 0, epsilon = 0.1 }",
                        "Cannot use a policy with step, actions or epsilon and without run: only what a run learned has "
                                + "them, and of an ONNX file all but step; remove them (in section judge.policies.x)"),
                arguments(
                        "a step of an ONNX file",
                        "policies.x { onnx = here, step = 10 }",
                        "Cannot use a policy with step, actions or epsilon and without run: only what a run learned has "
                                + "them, and of an ONNX file all but step; remove them (in section judge.policies.x)"),
                arguments(
                        "an ONNX file that is nowhere",
                        "policies.x.onnx = nowhere",
                        "Cannot use onnx = nowhere for judge.policies.x: there is no such file; name the policy.onnx of a "
                                + "run, OUT/policies/RUN_ID, or log the probabilities of any other model "
                                + "and judge by them (judge.policies.NAME.column)"),
                arguments(
                        "an ONNX file with a password",
                        "policies.x.onnx = \"ftp://me:secret1234@host/policy.onnx\"",
                        "Cannot use onnx = ftp://me:***@host/policy.onnx for judge.policies.x: tables will name it, and a "
                                + "password in it would stand there; leave it out and give it to Hadoop (--spark "
                                + "spark.hadoop.fs.…)"),
                arguments(
                        "a name that is taken",
                        "policies.behaviour.action = 0",
                        "Cannot use judge.policies.behaviour: that name is taken by a policy that is always judged; "
                                + "choose another"),
                arguments(
                        "a run that is nowhere",
                        "policies.x.run = nowhere",
                        "Cannot use run = nowhere for judge.policies.x: it holds no checkpoint; name the directory of a "
                                + "run, OUT/checkpoints/RUN_ID"),
                arguments(
                        "a column that was not kept",
                        "policies.x.column = p",
                        "Cannot use column 'p' in judge.policies.x: no columns of the log were kept; ingest the log into "
                                + "another --out with columns.keep = [p]"),
                arguments(
                        "a group that is no column",
                        "by = [reward]",
                        "Cannot use column 'reward' in judge.by: there is no such column; known are group, source_file; "
                                + "ingest the log into another --out with columns.keep = [reward]"),
                arguments(
                        "a subset that nobody made",
                        "subset = best",
                        "Cannot read subsets in DIR/out: no version is published there; run curate with --out DIR/out "
                                + "first"),
                arguments(
                        "a clone that is no run",
                        "clones = [bc-1]",
                        "Cannot use run 'bc-1' in judge.clones: there is no such run; there are none"),
                arguments(
                        "an estimator of no name",
                        "estimators = [iss]",
                        "Cannot use judge.estimators = \"iss\": it must be one of is, wis, pdis, wpdis, dm, dr, wdr, "
                                + "magic, marginal-ratio, clipped-ips, sub-gaussian, switch-dr, dr-os, sub-gaussian-dr"),
                arguments(
                        "a return below the least",
                        "least-return = 0.5",
                        "Cannot bound the value: episode log/000000 has the return 0.0, below the least one, 0.5; give a "
                                + "lower judge.least-return"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void questionsThatAreRefused(String what, String judge, String message) throws IOException {
        var context = ingested(sound(), "");
        refused(context, judge, message);
    }

    static Stream<Arguments> estimatesThatAreNotUsable() {
        return Stream.of(
                arguments(
                        "constant probabilities",
                        log(i -> good(i).replaceAll("0\\.[28]", "0.5")),
                        "",
                        "uniform",
                        "action 0 was logged 1.60 times as often as its logged probabilities say, more than 3.2 standard "
                                + "errors too often: these probabilities are wrong"),
                arguments(
                        "probabilities of another time",
                        log(RefusalsTest::changed),
                        "",
                        "uniform",
                        "action 1 was logged 1.75 times as often as its logged probabilities say, more than 3.2 standard "
                                + "errors too often: these probabilities are wrong"),
                arguments(
                        "probabilities of the likeliest action in place of the logged one",
                        log(i -> good(i).replace("0.2", "0.8")),
                        "",
                        "uniform",
                        "the mean weight in step 0 is 0.625, more than 3.0 standard errors from 1: the policy does what "
                                + "is not logged, or the probabilities are wrong"),
                arguments(
                        "a log that is deterministic",
                        log(i -> "1,0,0," + i % 2 + ",1,1,1"),
                        "",
                        "uniform",
                        "the mean weight in step 0 is 0.500, more than 3.0 standard errors from 1: the policy does what "
                                + "is not logged, or the probabilities are wrong"),
                arguments(
                        "one action only",
                        log(i -> "1,0,0," + i % 2 + ",0.5,1,1"),
                        "",
                        "uniform",
                        "action 0 was logged 2.00 times as often as its logged probabilities say, more than 3.0 standard "
                                + "errors too often: these probabilities are wrong"),
                arguments(
                        "a policy off the support",
                        log(i -> "1,0,0," + i % 2 + ",1,1,1"),
                        "policies.x.action = 1",
                        "x",
                        "no logged episode does what the policy does"),
                arguments(
                        "one episode",
                        HEADER + "0,1,0,0,1,0.8,1,1\n",
                        "",
                        "uniform",
                        "the effective sample size is 1.0 of 1 episodes; at least 50 are needed"),
                arguments(
                        "few episodes",
                        HEADER + row(0) + row(1) + row(99),
                        "",
                        "uniform",
                        "the effective sample size is 2.0 of 3 episodes; at least 50 are needed"),
                arguments(
                        "rewards that are all equal",
                        log(i -> good(i).replaceAll("^(.*?,.*?,.*?),.*?,", "$1,0,")),
                        "",
                        "uniform",
                        "all episodes tell the same, and so nothing of how much others may differ"),
                arguments(
                        "rewards whose squares are no numbers any more",
                        log(i ->
                                good(i).replaceAll("^(.*?,.*?,.*?),.*?,", "$1," + (i % 7 == 0 ? "1e149," : "-1e149,"))),
                        "",
                        "uniform",
                        "its value or error is beyond all numbers"),
                arguments(
                        "huge weights",
                        log(RefusalsTest::rare),
                        "policies.x.action = 1",
                        "x",
                        "the effective sample size is 2.0 of 200 episodes; at least 50 are needed"),
                arguments(
                        "a policy that the log hardly ever does",
                        sound(),
                        "policies.x.action = 1",
                        "x",
                        "the effective sample size is 40.0 of 200 episodes; at least 50 are needed"),
                arguments(
                        "no probabilities",
                        sound(),
                        "NO",
                        "uniform",
                        "all 200 episodes are left out: the log has no probabilities of its actions (behaviour_log_prob)"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void estimatesThatAreNotUsable(String what, String log, String judge, String policy, String reason)
            throws IOException {
        var context = ingested(log, judge.equals("NO") ? "columns.propensity = null" : "");
        var result = judge(context, (judge.equals("NO") ? "" : judge) + "\nrequire = [" + policy + "]");
        assertThat(result.problems())
                .singleElement()
                .asString()
                .startsWith("policy " + policy + " has no usable estimate; ");
        assertThat(reason(context, policy)).isEqualTo(reason);
    }

    @Test
    void aLogWithoutRewardsTellsOfNoValue() throws IOException {
        var context = ingested(sound(), "columns.reward = null");
        refused(
                context,
                "replicates = 0",
                "Cannot judge policies: no rewards were logged (columns.reward = null); there is nothing that "
                        + "they could earn, or ingest into another --out with columns.reward = the column of the rewards, "
                        + "or a number for all");
    }

    @Test
    void aRunIsForItsOwnObservationsAndActions() throws IOException {
        var policy = "policies.x.run = \"" + run + "\"";
        refused(
                ingested(sound(), "columns.observation = [x, y], dataset = two"),
                policy,
                "Cannot use run = RUN for judge.policies.x: run ID knows observations of 1 number and the actions "
                        + "Discrete[count=2], and the log has observations of 2 numbers and the actions Discrete[count=2]; "
                        + MEND);
        var three = context(directory.resolve("three"));
        ingest(three, directory, "action-space.count = 3");
        refused(
                three,
                policy,
                "Cannot use run = RUN for judge.policies.x: run ID knows observations of 1 number and the actions "
                        + "Discrete[count=2], and the log has observations of 1 number and the actions Discrete[count=3]; "
                        + MEND);
        var continuous = context(directory.resolve("continuous"));
        ingest(
                continuous,
                directory,
                "action-space { type = continuous, dimension = 1, count = null }, columns { action = a, action-index = null }");
        refused(
                continuous,
                policy,
                "Cannot use run = RUN for judge.policies.x: run ID knows observations of 1 number and the actions "
                        + "Discrete[count=2], and the log has observations of 1 number and the actions "
                        + "Continuous[dimension=1, low=-1.0, high=1.0]; "
                        + MEND);
        refused(
                continuous,
                "estimators = [marginal-ratio]",
                "Cannot judge by marginal-ratio: it is for discrete actions, and those of transitions v1 are vectors; use dm"
                        + " or wdr with judge.models");
        refused(
                continuous,
                "policies.x.action = 0",
                "Cannot judge judge.policies.x: action = 0 is an index, and actions of this log are vectors; name a run"
                        + " instead");
    }

    @Test
    void aRunKeepsTheScalerThatItLearnedWithWhateverTheLogIsLike() throws IOException {
        // It learned to answer 1000 by 0 and 1001 by 1, seen as -1 and 1.
        var context = ingested(log(i -> (1000 + i % 2) + ",0," + i % 2 + ",0,1,1,1"), "");
        curate(context, "standard.steps = [{ standardise-observations {} }]");
        train(
                context,
                "updates = 200, runs.bc { learner = behaviour-cloning, subset = standard, settings.actor { hidden-layers ="
                        + " [8], learning-rate = 0.05 } }");
        var learned = context.warehouse().root() + "/checkpoints/"
                + context.warehouse()
                        .read(context.warehouse().require(TableName.RUNS))
                        .first()
                        .<String>getAs("run_id");
        // Here 1001 comes nine times of ten, and either answer is given; the right one earns 1.
        var other = context(directory.resolve("other"));
        Files.writeString(
                directory.resolve("log.csv"),
                log(i -> (i % 10 < 9 ? 1001 : 1000) + ",0," + i / 10 % 2 + ","
                        + ((i % 10 < 9) == (i / 10 % 2 == 1) ? 1 : 0) + ",0.5,1,1"));
        ingest(other, directory, "");
        judge(other, "policies.x.run = \"" + learned + "\"");
        assertThat(other.warehouse()
                        .read(other.warehouse().require(TableName.ESTIMATES))
                        .where("policy = 'x' and estimator = 'is'")
                        .first()
                        .<Double>getAs("value"))
                .isEqualTo(1);
    }

    @Test
    void aSubsetWithoutEpisodesIsNotMade() throws IOException {
        var context = ingested(sound(), "");
        assertThatThrownBy(() -> curate(
                        context, "none.steps = [{ split { part = test, train = 0.5, validation = 0.5, test = 0 } }]"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot make subset none: split part test train 0.5 validation 0.5 test 0.0 seed 0 keeps none of"
                                + " 200 episodes, 200 transitions, mean return 0.5000; widen it");
    }

    @Test
    void aDamagedCheckpointIsNamed() throws IOException {
        var copy = directory.resolve(Path.of(run).getFileName());
        try (var files = Files.walk(Path.of(run))) {
            for (var file : files.toList()) {
                Files.copy(file, copy.resolve(Path.of(run).relativize(file).toString()));
            }
        }
        try (var files = Files.walk(copy)) {
            for (var file :
                    files.filter(one -> one.endsWith("state.safetensors")).toList()) {
                var bytes = Files.readAllBytes(file);
                bytes[bytes.length - 1] ^= 1;
                Files.write(file, bytes);
            }
        }
        refused(
                ingested(sound(), ""),
                "policies.x.run = \"" + copy + "\"",
                "Cannot use run = DIR/ID for judge.policies.x: Cannot read checkpoint DIR/ID/step-000000000020:"
                        + " state.safetensors is damaged (its SHA-256 is not the one that was written); train that run"
                        + " again, with the same configuration and --out");
    }

    @Test
    void whatLearnedFromTheEpisodesIsNotJudgedByThem() throws IOException {
        var context = ingested(sound(), "");
        curate(context, "half.steps = [{ split { part = train, train = 0.5, validation = 0.5, test = 0 } }]");
        train(
                context,
                "runs { all { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }, half { learner ="
                        + " behaviour-cloning, subset = half, settings.actor.hidden-layers = [8] } }");
        refused(
                context,
                "policies.all-1.action = 1",
                "Cannot use judge.policies.all-1: a run of this --out is called that, and is judged too; choose another"
                        + " name, or say judge.checkpoints = none");
        judge(context, "actions = sampled");
        assertThat(reason(context, "all-1"))
                .isEqualTo(
                        "it learned from the episodes that it is judged by; curate a split, train on one part and judge "
                                + "by the other (judge.subset)");
        assertThat(reason(context, "half-1"))
                .isEqualTo("it learned from 101 of the episodes that it is judged by; curate a split, train on one part"
                        + " and judge by the other (judge.subset)");
        var unknown = context(directory.resolve("unknown"));
        ingest(unknown, directory, "columns.propensity = null");
        train(unknown, "runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }");
        judge(unknown, "clones = [bc-1]");
        assertThat(reason(unknown, "uniform"))
                .isEqualTo("all 200 episodes are left out: the log has no probabilities of its actions"
                        + " (behaviour_log_prob)");
    }

    /** Two actions, the second of which is chosen in a fifth of all decisions. */
    private static String good(int i) {
        var second = i % 5 == 4;
        return i % 3 + ",0," + (second ? 1 : 0) + "," + i % 2 + "," + (second ? 0.2 : 0.8) + ",1,1";
    }

    /** In the second half of the log it is chosen in a half of them, and the probabilities are those of the first. */
    private static String changed(int i) {
        return i < 100 ? good(i) : i % 3 + ",0," + i % 2 + "," + i % 2 + "," + (i % 2 == 1 ? 0.2 : 0.8) + ",1,1";
    }

    /** The second action comes twice. */
    private static String rare(int i) {
        return i % 100 == 7 ? "1,0,1,1,0.000001,1,1" : "1,0,0," + i % 2 + ",0.999999,1,1";
    }

    private static String row(int i) {
        return i + "," + good(i) + "\n";
    }

    private static String sound() {
        return log(RefusalsTest::good);
    }

    private static String log(IntFunction<String> row) {
        return IntStream.range(0, 200)
                .mapToObj(i -> i + "," + row.apply(i))
                .collect(Collectors.joining("\n", HEADER, "\n"));
    }

    private StageContext ingested(String log, String more) throws IOException {
        var context = context(directory.resolve("out"));
        Files.writeString(directory.resolve("log.csv"), log);
        ingest(context, directory, more);
        return context;
    }

    private static StageContext context(Path out) {
        var spark = LocalSpark.session();
        return new StageContext(spark, new Warehouse(spark, out.toString()), line -> {});
    }

    private static void ingest(StageContext context, Path input, String more) {
        var conf = ConfigFactory.parseString(more)
                .withFallback(ConfigFactory.parseString(String.format(Locale.ROOT, """
                        input = "%s/log.csv", format = csv, dataset = shop, episode-per = row
                        action-space { type = discrete, count = 2 }
                        columns { observation = x, action-index = a, reward = r, propensity = p }
                        """, input)));
        IngestStage.run(context, Settings.read(IngestConfig.class, conf, ""));
    }

    private static void curate(StageContext context, String subsets) {
        CurateStage.run(
                context,
                Settings.read(CurateConfig.class, ConfigFactory.parseString("subsets { " + subsets + " }"), "curate"));
    }

    private static void train(StageContext context, String runs) {
        TrainStage.run(
                context,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(
                        TrainConfig.class,
                        ConfigFactory.parseString("seeds = [1], updates = 20, batch-size = 8, log-every = 10,"
                                + " checkpoint-every = 10, " + runs),
                        "train"));
    }

    private static StageResult judge(StageContext context, String settings) {
        return JudgeStage.run(context, Settings.read(JudgeConfig.class, ConfigFactory.parseString(settings), "judge"));
    }

    /** Where things are is another place each time. */
    private void refused(StageContext context, String settings, String message) {
        assertThatThrownBy(() -> judge(context, settings))
                .isInstanceOf(UserException.class)
                .extracting(problem -> problem.getMessage()
                        .replace(directory.toString(), "DIR")
                        .replace(run, "RUN")
                        .replace(Path.of(run).getFileName().toString(), "ID"))
                .isEqualTo(message);
    }

    private static String reason(StageContext context, String policy) {
        return context.warehouse()
                .read(context.warehouse().require(TableName.ESTIMATES))
                .where("policy = '" + policy + "' and estimator = 'is' and group is null")
                .first()
                .getAs("reason");
    }
}
