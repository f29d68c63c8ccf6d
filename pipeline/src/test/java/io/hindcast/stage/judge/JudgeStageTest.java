package io.hindcast.stage.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Json;
import io.hindcast.config.Settings;
import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Fold;
import io.hindcast.data.Transition;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.EstimatesTable;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.timeline.Assembled;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.StreamSupport;
import org.apache.commons.io.FileUtils;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs whose estimates are worked out by hand, from tables to page. */
class JudgeStageTest {
    private static final Map<String, Object> CONFIGURATION =
            Map.of("action-space", Map.of("type", "discrete", "count", 2));

    private static final String FEW =
            "seeds = [1], updates = 20, batch-size = 8, log-every = 10, checkpoint-every = 10\n";

    private static final String HALVES =
            "subsets { left.steps = [{ split { part = train, train = 0.5, validation = 0.5,"
                    + " test = 0 } }], right.steps = [{ split { part = validation, train = 0.5, validation = 0.5, test = 0 } }] }";

    private static final String SMALL =
            "batch-size = 64, settings.critic { hidden-layers = [8], learning-rate = 0.01 }";

    private final List<String> said = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void inAnEmptyDirectory(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void aBanditLogSaysWhatTheUniformPolicyWouldHaveEarned() throws IOException {
        // 80 times action 0 (chance 0.8), 40 of them earn 1; 20 times action 1 (chance 0.2), 15 of them do.
        var context = publish("bandit", bandit(), 2);
        var result = judge(context, "policies.one.action = 1");

        assertThat(result.problems()).isEmpty();
        assertThat(result.summary()).isEqualTo("estimates v1: 3 policies, 2 with a usable estimate");
        var uniform = row(context, "uniform", "is");
        // Weights are 0.5 / 0.8 and 0.5 / 0.2: (40 x 0.625 + 15 x 2.5) / 100.
        assertThat(number(uniform, "value")).isEqualTo(0.625, within(1e-12));
        assertThat(number(uniform, "logged_value")).isEqualTo(0.55, within(1e-12));
        // Influences -0.625, 45 times, and 1.875, 15 times.
        assertThat(number(uniform, "std_error")).isEqualTo(Math.sqrt(70.3125 / (100 * 99)), within(1e-12));
        assertThat(number(uniform, "effective_sample_size")).isEqualTo(64, within(1e-9));
        assertThat(number(uniform, "largest_weight_share")).isEqualTo(0.025, within(1e-12));
        assertThat(uniform.<Float>getList(uniform.fieldIndex("mean_weights")))
                .singleElement()
                .isEqualTo(1f);
        assertThat(uniform.<Boolean>getAs("usable")).isTrue();
        assertThat(number(row(context, "uniform", "wis"), "value")).isEqualTo(0.625, within(1e-12));
        // Rewards w r - r, less their mean 0.075: -0.375 - 0.075, 40 times; 1.5 - 0.075, 15 times; -0.075, 45 times.
        assertThat(number(uniform, "difference")).isEqualTo(0.075, within(1e-12));
        var squares = 40 * 0.45 * 0.45 + 15 * 1.425 * 1.425 + 45 * 0.075 * 0.075;
        var error = Math.sqrt(squares) / 100;
        var skewness =
                (15 * Math.pow(1.425, 3) - 40 * Math.pow(0.45, 3) - 45 * Math.pow(0.075, 3)) / Math.pow(squares, 1.5);
        // Student's t of 99 degrees, for two comparisons: 2.2760. Corrected for the skewness it is 2.017 below and
        // 2.677 above.
        var below = (Math.cbrt(1 + skewness * (2.2760 - skewness / 6)) - 1) * 3 / skewness;
        var above = (Math.cbrt(1 + skewness * (-2.2760 - skewness / 6)) - 1) * 3 / skewness;
        assertThat(number(uniform, "difference_low")).isEqualTo(0.075 - below * error, within(1e-4 * error));
        assertThat(number(uniform, "difference_high")).isEqualTo(0.075 - above * error, within(1e-4 * error));
        assertThat(row(context, "behaviour", "is").isNullAt(uniform.fieldIndex("difference")))
                .isTrue();
        assertThat(number(row(context, "behaviour", "is"), "value")).isEqualTo(0.55, within(1e-12));

        var one = row(context, "one", "is");
        assertThat(number(one, "value")).isEqualTo(0.75, within(1e-12));
        assertThat(one.<Boolean>getAs("usable")).isFalse();
        assertThat(one.<String>getAs("reason"))
                .isEqualTo("the effective sample size is 20.0 of 100 episodes; at least 50 are needed");

        var json = json("bandit");
        assertThat(texts(json.get("ranking"), "policy")).containsExactly("uniform", "behaviour", "one");
        assertThat(EstimatesTable.ranked(
                        context.warehouse(), context.warehouse().require(TableName.ESTIMATES)))
                .extracting(EstimatesTable.Ranked::policy)
                .containsExactly("uniform", "behaviour", "one");
        var first = json.get("estimates").get(2);
        assertThat(first.get("policy").asText()).isEqualTo("uniform");
        assertThat(first.get("run").isNull()).isTrue();
        assertThat(first.get("interval").get(0).asDouble()).isLessThan(0.625);
        assertThat(first.get("lower_bound_method").asText()).isEqualTo("student-t");
        assertThat(first.get("difference").asDouble()).isEqualTo(0.075, within(1e-12));
        assertThat(first.get("difference_interval").get(0).asDouble()).isEqualTo(number(uniform, "difference_low"));
        var page = Files.readString(directory.resolve("bandit/judge/judge.html"));
        assertThat(page)
                .contains(
                        "No policy is sure to earn more than what was logged. The surest of the others is uniform: it earns")
                .contains("the effective sample size is 20.0 of 100 episodes; at least 50 are needed")
                .doesNotContain("<script", "http://", "https://");
        assertThat(said)
                .anyMatch(line -> line.startsWith("[judge] uniform: wis 0.625, interval "))
                .contains(
                        "[judge] one: not usable (wis 0.750): the effective sample size is 20.0 of 100 episodes; at least 50"
                                + " are needed");
    }

    @Test
    void whoEndedStaysInTheDenominator() {
        // "stop" (chance 1/4) ends without a reward, "go" (3/4) earns 1 one step later: half of the uniform policy's
        // episodes do.
        var episodes = new ArrayList<List<Transition>>();
        for (var i = 0; i < 400; i++) {
            var id = "e" + i;
            episodes.add(
                    i % 4 == 0
                            ? List.of(step(id, 0, 0, 0, 0, 0.25, true))
                            : List.of(step(id, 0, 0, 1, 0, 0.75, false), step(id, 1, 1, i / 4 % 2, 1, 0.5, true)));
        }
        var context = publish("steps", episodes, 3);
        judge(context, "");

        for (var estimator : List.of("is", "wis", "pdis", "wpdis")) {
            assertThat(number(row(context, "uniform", estimator), "value")).isEqualTo(0.5, within(1e-12));
            assertThat(number(row(context, "behaviour", estimator), "value")).isEqualTo(0.75, within(1e-12));
        }
        assertThat(row(context, "uniform", "wpdis").<Boolean>getAs("usable")).isTrue();
        assertThat(row(context, "uniform", "is").<String>getAs("reason"))
                .startsWith("few logs show how large weights of whole episodes can be");

        // Ratios of states and actions need no weights of whole episodes, and here they are exact.
        judge(context, "estimators = [marginal-ratio], policies.go.action = 1");
        var uniform = row(context, "uniform", "marginal-ratio");
        assertThat(number(uniform, "value")).isEqualTo(0.5, within(1e-6));
        // Whoever goes earns 1, and nobody else does: as in a log of rewards that are all equal.
        assertThat(uniform.<String>getAs("reason"))
                .isEqualTo("all episodes tell the same, and so nothing of how much others may differ");
        assertThat(uniform.<String>getAs("nuisances")).isEqualTo("ratios that are linear in 6 features");
        assertThat(number(row(context, "go", "marginal-ratio"), "value")).isEqualTo(1, within(1e-6));
        assertThat(row(context, "behaviour", "marginal-ratio").<String>getAs("reason"))
                .isEqualTo("all 400 episodes are left out: what logged needs no ratio");
        var estimates = fingerprint(context);
        var parts = publish("parts", episodes, 1);
        judge(parts, "estimators = [marginal-ratio], policies.go.action = 1");
        assertThat(fingerprint(parts)).isEqualTo(estimates);
    }

    @Test
    void howTheLogIsCutAndWhatIsAskedForTwiceChangesNoByte() throws IOException {
        var other = publish("other", bandit(), 1);
        train(other);
        var run = run(other);
        var settings =
                "by = [group], policies.bc { run = \"" + run + "\", actions = sampled }, replicates = 20, seed = 3";
        var one = publish("one", bandit(), 1);
        var four = publish("four", bandit(), 4);
        judge(one, settings);
        judge(four, settings);

        assertThat(fingerprint(four)).isEqualTo(fingerprint(one));
        assertThat(json("four").get("estimates")).isEqualTo(json("one").get("estimates"));
        assertThat(judge(four, settings).upToDate()).isTrue();
        assertThat(judge(four, settings + ", confidence = 0.9").summary()).startsWith("estimates v2: ");
    }

    @Test
    void aTrainedPolicyIsJudgedAsItActsAndNotByWhatItLearnedFrom() {
        var context = publish("a", bandit(), 2);
        train(context);
        var result = judge(context, "actions = sampled, require = [bc-1]");

        assertThat(result.problems())
                .containsExactly(
                        "policy bc-1 has no usable estimate; " + directory.resolve("a") + "/judge/judge.html says why");
        var bc = row(context, "bc-1", "is");
        assertThat(bc.<Long>getAs("step")).isEqualTo(20);
        assertThat(bc.<String>getAs("reason"))
                .isEqualTo("it learned from the episodes that it is judged by; curate a split, train on one part and"
                        + " judge by the other (judge.subset)");
        // Its chances sum to 1 in every state, so that its mean weight is 1 but for noise.
        var allowed = judge(context, "actions = sampled, own-episodes = allow, require = [bc-1]");
        assertThat(allowed.problems()).isEmpty();
        bc = row(context, "bc-1", "is");
        assertThat(bc.<Float>getList(bc.fieldIndex("mean_weights")).get(0)).isBetween(0.9f, 1.1f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"behaviour-cloning", "cql-continuous"})
    void soIsOneOfVectors(String learner) {
        var vectors = Map.<String, Object>of(
                "action-space", Map.of("type", "continuous", "dimension", 1, "low", -2.0, "high", 1.0));
        var random = new SplittableRandom(2);
        var episodes = new ArrayList<List<Transition>>();
        for (var i = 0; i < 200; i++) {
            var action = (float) random.nextDouble(-2, 1);
            episodes.add(List.of(transition(
                    "e" + i, 0, i % 2, new Action.Vector(new float[] {action}), action, Math.log(1 / 3.0), true)));
        }
        var other = publish("other", episodes, 1, vectors);
        train(other, FEW + "runs.bc { learner = " + learner + ", settings.actor.hidden-layers = [8] }");
        var file = directory.resolve("other/policies/" + Path.of(run(other)).getFileName() + "/policy.onnx");
        var context = publish("a", episodes, 2, vectors);
        judge(
                context,
                "actions = sampled, policies { run { run = \"" + run(other) + "\" }, file { onnx = \"" + file
                        + "\" } }");
        var asRun = row(context, "run", "is");
        var asFile = row(context, "file", "is");
        assertThat(number(asRun, "effective_sample_size")).isBetween(20.0, 200.0);
        for (var column : List.of("value", "std_error", "effective_sample_size", "largest_weight_share")) {
            assertThat(number(asFile, column)).isEqualTo(number(asRun, column), within(1e-5));
        }
    }

    @Test
    void aPolicyInAnOnnxFileIsJudgedAsItsRunIsWhereverTheFileIs() throws IOException {
        var other = publish("other", bandit(), 1);
        train(other);
        var run = run(other);
        var file = directory.resolve("other/policies/" + Path.of(run).getFileName() + "/policy.onnx");
        var context = publish("a", bandit(), 2);
        var acting = "actions = sampled, epsilon = 0.1";
        judge(
                context,
                "policies { run { run = \"" + run + "\", " + acting + " }, file { onnx = \"" + file + "\", " + acting
                        + " } }");

        var asRun = row(context, "run", "is");
        var asFile = row(context, "file", "is");
        assertThat(number(asRun, "value")).isNotEqualTo(number(row(context, "uniform", "is"), "value"));
        for (var column : List.of("value", "std_error", "effective_sample_size", "largest_weight_share")) {
            assertThat(number(asFile, column)).isEqualTo(number(asRun, column), within(1e-5));
        }
        var hash = Sha256.of(Files.readAllBytes(file));
        assertThat(json("a").get("provenance").get("ONNX file of file").asText())
                .isEqualTo("SHA-256 " + hash);

        var moved = directory.resolve("moved.onnx");
        var settings = "policies.file { onnx = \"%s\", " + acting + " }";
        assertThat(judge(context, settings.formatted(file)).summary()).startsWith("estimates v2: ");
        Files.copy(file, moved);
        assertThat(judge(context, settings.formatted(moved)).upToDate()).isTrue();
        // The same run trained on for longer is another policy.
        var longer = publish("longer", bandit(), 1);
        train(
                longer,
                FEW.replace("20", "30")
                        + "runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }");
        Files.copy(
                directory.resolve("longer/policies/" + Path.of(run(longer)).getFileName() + "/policy.onnx"),
                moved,
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(judge(context, settings.formatted(moved)).summary()).startsWith("estimates v3: ");

        judge(other, settings.formatted(file) + ", checkpoints = none");
        assertThat(row(other, "file", "is").<String>getAs("reason"))
                .isEqualTo("it learned from the episodes that it is judged by; curate a split, train on one part and"
                        + " judge by the other (judge.subset)");
    }

    @Test
    void ofAPolicyInAnOnnxFileNoValuesAreLearned() throws IOException {
        var other = publish("other", bandit(), 1);
        train(other);
        var file = directory.resolve("other/policies/" + Path.of(run(other)).getFileName() + "/policy.onnx");
        var context = publish("a", bandit(), 2);
        judge(
                context,
                "policies.file.onnx = \"" + file + "\", estimators = [dm], models { " + SMALL + ", updates = 20 }");

        assertThat(row(context, "file", "dm").<String>getAs("reason"))
                .isEqualTo(
                        "all 100 episodes are left out: values of a policy in an ONNX file are not learned; name its run"
                                + " (run = OUT/checkpoints/RUN_ID)");
    }

    @Test
    void aRunThatMustBeUsableMustBeSoAtItsLastCheckpoint() {
        var context = publish("a", bandit(), 2);
        train(
                context,
                FEW.replace("updates = 20", "updates = 300").replace("every = 10", "every = 150")
                        + "runs.dqn { learner = dqn, settings.critic { hidden-layers = [8],"
                        + " learning-rate = 0.01 } }");
        var result = judge(context, "checkpoints = all, own-episodes = allow, require = [dqn-1, uniform]");

        // It begins with action 0, which was logged often, and learns that action 1 is better, which was not.
        assertThat(context.warehouse()
                        .read(context.warehouse().require(TableName.ESTIMATES))
                        .where("policy = 'dqn-1' and estimator = 'is'")
                        .orderBy("step")
                        .select("usable")
                        .collectAsList())
                .extracting(row -> row.getBoolean(0))
                .containsExactly(true, false, false);
        assertThat(result.problems())
                .containsExactly("policy dqn-1 has no usable estimate of its last checkpoint, after 300 updates; "
                        + directory.resolve("a") + "/judge/judge.html says why");
    }

    @Test
    void aModelIsAskedOfEpisodesThatItDidNotLearnFrom() throws IOException {
        var other = publish("other", bandit(), 1);
        train(other);
        var run = run(other);
        var context = publish("a", bandit(), 2);
        CurateStage.run(context, Settings.read(CurateConfig.class, ConfigFactory.parseString(HALVES), "curate"));
        train(
                context,
                FEW + "runs { left { " + values(run, 0) + ", subset = left }, right { " + values(run, 0)
                        + ", subset = right }, left-half { " + values(run, 0.5) + ", subset = left }, right-half { "
                        + values(run, 0.5) + ", subset = right } }");
        judge(
                context,
                "discount = 0.9, policies.half { run = \"" + run
                        + "\", actions = sampled, epsilon = 0.5 }, policies.bc { run = \"" + run
                        + "\", actions = sampled }, estimators = [is, dm, dr], episodes = true");

        for (var estimator : List.of("dm", "dr")) {
            var row = row(context, "bc", estimator);
            assertThat(row.<Long>getAs("left_out")).isZero();
            assertThat(row.<String>getAs("nuisances"))
                    .contains("values by run left-1 of subset left, which may still move by ")
                    .contains("values by run right-1 of subset right");
        }
        var episodes = context.warehouse()
                .read(context.warehouse().require(TableName.JUDGED_EPISODES))
                .where("policy = 'bc'")
                .selectExpr("avg(start_value)", "avg(start_value + correction)")
                .first();
        assertThat(episodes.getDouble(0)).isEqualTo(number(row(context, "bc", "dm"), "value"), within(1e-12));
        assertThat(episodes.getDouble(1)).isEqualTo(number(row(context, "bc", "dr"), "value"), within(1e-12));
        var scores = json("a").get("scores");
        assertThat(texts(scores, "policy")).containsExactlyInAnyOrder("bc", "half");
        assertThat(scores.get(0).get("lstd_tournament").asDouble())
                .isBetween(0.0, scores.get(1).get("lstd_tournament").asDouble());
        assertThat(scores.get(0).get("bvft").asDouble()).isPositive();
        assertThat(Files.readString(directory.resolve("a/judge/judge.html")))
                .contains("How far models contradict the log");
        // A model of 20 updates is bad, and the log makes up for it.
        assertThat(number(row(context, "bc", "dr"), "value"))
                .isEqualTo(number(row(context, "bc", "is"), "value"), within(0.2));
        assertThat(row(context, "bc", "dm").<String>getAs("reason"))
                .isEqualTo("its error knows nothing of how wrong the model is");
        assertThat(row(context, "uniform", "dm").<String>getAs("reason"))
                .isEqualTo(
                        "all 100 episodes are left out: no run has learned its values (add judge.models { }, or train"
                                + " learner = fqe, of the same policy and judge.discount)");
    }

    @Test
    void aBoundHoldsForFewEpisodesWhereTheLeastReturnIsKnown() {
        var context = publish("a", bandit(), 2);
        judge(context, "least-return = 0");
        var uniform = row(context, "uniform", "is");

        assertThat(uniform.<String>getAs("lower_bound_method")).isEqualTo("clipped-bernstein");
        // Of 100 clicks at most a sure bound says little, and it never says more than the estimate's own.
        assertThat(number(uniform, "lower_bound")).isBetween(0.0, 0.45);
        refused(context, "least-return = 0.5")
                .hasMessageStartingWith("Cannot bound the value: episode e")
                .hasMessageEndingWith(" has the return 0.0, below the least one, 0.5; give a lower judge.least-return");
    }

    @Test
    void aBoundThatWasAskedForAndHoldsForAnyNumberOfEpisodesIsUsableWhereTheIntervalIsNot() throws IOException {
        // Twice in 1,000 times the other action is taken: for the uniform policy these two have nearly all the weight.
        var episodes = new ArrayList<List<Transition>>();
        for (var i = 0; i < 1000; i++) {
            var action = i < 2 ? 1 : 0;
            episodes.add(List.of(step("e" + i, 0, 0, action, i % 2, action == 0 ? 0.998 : 0.002, true)));
        }
        var context = publish("a", episodes, 2);
        var lacks = "policy uniform has no usable estimate; " + directory.resolve("a") + "/judge/judge.html says why";
        var few = "the effective sample size is 8.0 of 1000 episodes; at least 50 are needed";
        assertThat(judge(context, "least-return = 0, require = [uniform]").problems())
                .containsExactly(lacks);
        assertThat(row(context, "uniform", "is").<String>getAs("reason")).isEqualTo(few);

        var result = judge(
                context,
                "least-return = 0, lower-bound = clipped-bernstein, policies.one.action = 1, require = [uniform]");
        assertThat(result.problems()).isEmpty();
        assertThat(result.summary()).isEqualTo("estimates v2: 3 policies, 2 with a usable estimate");
        var uniform = row(context, "uniform", "is");
        assertThat(uniform.<Boolean>getAs("usable")).isTrue();
        assertThat(uniform.<String>getAs("reason")).isEqualTo("only its lower bound can be relied upon: " + few);
        for (var column : List.of("interval_low", "bootstrap_low", "difference")) {
            assertThat(uniform.isNullAt(uniform.fieldIndex(column))).as(column).isTrue();
        }
        // Half of 998 weights of about a half earn 1; and it may be wrong in 1.7 % of logs, shared among 15 clips.
        assertThat(number(uniform, "lower_bound")).isBetween(0.15, 0.25);
        // A bound that says no more than what was known beforehand is none.
        assertThat(row(context, "one", "is").<String>getAs("reason"))
                .isEqualTo("the effective sample size is 2.0 of 1000 episodes; at least 50 are needed");
        assertThat(said)
                .anyMatch(line -> line.startsWith("[judge] uniform: wis 0.")
                        && line.contains(", at least ")
                        && !line.contains("interval ")
                        && line.endsWith("; only its lower bound can be relied upon: " + few));
        assertThat(Files.readString(directory.resolve("a/judge/judge.html")))
                .contains("<td>the bound</td>", "only its lower bound can be relied upon: " + few);
    }

    @Test
    void aBoundOfAnotherKindNeedsToKnowMore() {
        var context = publish("a", bandit(), 2);
        judge(context, "least-return = 0, most-return = 1, lower-bound = cressie-read");
        var uniform = row(context, "uniform", "is");

        assertThat(uniform.<String>getAs("lower_bound_method")).isEqualTo("cressie-read");
        // With sums 62.5 of w r and 109.375 of its square and one unseen row: 0.625 - sqrt(0.69616 x 0.029145).
        assertThat(number(uniform, "lower_bound")).isEqualTo(0.48256, within(1e-5));
        judge(context, "least-return = 0, most-return = 1, lower-bound = confidence-sequence");
        uniform = row(context, "uniform", "is");
        assertThat(uniform.<String>getAs("lower_bound_method")).isEqualTo("confidence-sequence");
        assertThat(number(uniform, "lower_bound")).isBetween(0.2, 0.48);

        refused(context, "least-return = 0, lower-bound = cressie-read")
                .hasMessageEndingWith(
                        "Cannot use judge.lower-bound = cressie-read without judge.most-return: give a number"
                                + " that no episode's discounted return is above, whatever happens");
        refused(context, "lower-bound = clipped-bernstein")
                .hasMessageEndingWith(
                        "Cannot use judge.lower-bound = clipped-bernstein without judge.least-return: give a number that no"
                                + " episode's discounted return is below, whatever happens");
        refused(context, "least-return = 1, most-return = 1")
                .hasMessageEndingWith("Cannot use judge.most-return = 1.0: it is not above judge.least-return = 1.0");
        var steps = publish(
                "b", List.of(List.of(step("e0", 0, 0, 0, 0, 0.5, false), step("e0", 1, 0, 0, 0, 0.5, true))), 1);
        refused(steps, "least-return = 0, most-return = 1, lower-bound = cressie-read")
                .hasMessage(
                        "Cannot use judge.lower-bound = cressie-read: it is for logs of single decisions, and episodes"
                                + " of transitions v1 have several steps; use clipped-bernstein or confidence-sequence");
    }

    @Test
    void whatEstimatorsMakeOfEachEpisodeIsWrittenDownOnRequest() {
        var one = publish("one", bandit(), 1);
        var four = publish("four", bandit(), 4);
        judge(one, "policies.always.action = 1, episodes = true, by = [group]");
        judge(four, "policies.always.action = 1, episodes = true, by = [group]");
        var version = four.warehouse().require(TableName.JUDGED_EPISODES);
        var rows = four.warehouse().read(version);

        assertThat(version.manifest().fingerprint())
                .isEqualTo(one.warehouse()
                        .require(TableName.JUDGED_EPISODES)
                        .manifest()
                        .fingerprint());
        assertThat(version.manifest().episodes()).isEqualTo(100);
        assertThat(rows.count()).isEqualTo(300);
        // Its action was logged with chance 0.2, in place of 0.5, and earned 1.
        var uniform = rows.where("policy = 'uniform' and episode_id = 'e99'").first();
        assertThat(number(uniform, "log_weight")).isEqualTo(Math.log(2.5), within(1e-12));
        assertThat(number(uniform, "discounted_return")).isEqualTo(1);
        assertThat(number(uniform, "weighted_return")).isEqualTo(2.5, within(1e-12));
        assertThat(uniform.<String>getAs("group")).isEqualTo("group=odd");
        assertThat(uniform.<Long>getAs("length")).isEqualTo(1);
        assertThat(uniform.<Boolean>getAs("terminated")).isTrue();
        assertThat(uniform.isNullAt(uniform.fieldIndex("start_value"))).isTrue();
        assertThat(number(rows.where("policy = 'always' and episode_id = 'e0'").first(), "log_weight"))
                .isEqualTo(Double.NEGATIVE_INFINITY);
        // Anyone's own statistic: importance sampling.
        assertThat(rows.where("policy = 'uniform'")
                        .selectExpr("avg(exp(log_weight) * discounted_return)")
                        .first()
                        .getDouble(0))
                .isEqualTo(0.625, within(1e-12));
        judge(four, "policies.always.action = 1, by = [group]");
        assertThat(four.warehouse().snapshot().find(TableName.JUDGED_EPISODES)).isEmpty();
        assertThat(four.warehouse().snapshot().leftOut())
                .containsExactly("judged_episodes v1 belongs to estimates v1, which is not read");
    }

    @Test
    void groupsAreToldApartAndTogether() {
        var context = publish("a", bandit(), 2);
        judge(context, "by = [group]");
        var rows = context.warehouse()
                .read(context.warehouse().require(TableName.ESTIMATES))
                .where("policy = 'behaviour' and estimator = 'is'")
                .orderBy("group")
                .select("group", "value", "episodes")
                .collectAsList();

        assertThat(rows)
                .extracting(Row::toString)
                .containsExactly("[null,0.55,100]", "[group=even,0.54,50]", "[group=odd,0.56,50]");
    }

    @Test
    void whoLearnedFromOneGroupIsJudgedByTheOther() {
        var context = publish("a", bandit(), 2);
        var even = "subsets.even.steps = [{ group { keep = [even] } }]";
        CurateStage.run(context, Settings.read(CurateConfig.class, ConfigFactory.parseString(even), "curate"));
        train(
                context,
                FEW + "runs.bc { learner = behaviour-cloning, subset = even, settings.actor.hidden-layers = [8] }");
        judge(context, "actions = sampled, by = [group], estimators = [is]");
        var reasons = context
                .warehouse()
                .read(context.warehouse().require(TableName.ESTIMATES))
                .where("policy = 'bc-1'")
                .orderBy("group")
                .select("reason")
                .collectAsList()
                .stream()
                .map(row -> String.valueOf(row.getString(0)))
                .toList();

        assertThat(reasons.get(0)).startsWith("it learned from 50 of the episodes that it is judged by; curate");
        assertThat(reasons.get(1)).startsWith("it learned from the episodes that it is judged by; curate");
        assertThat(reasons.get(2)).doesNotContain("learned");
    }

    @Test
    void aLogWithoutProbabilitiesTellsOfItsOwnPolicyOnly() {
        var episodes = bandit().stream()
                .map(steps ->
                        steps.stream().map(JudgeStageTest::withoutProbability).toList())
                .toList();
        var context = publish("a", episodes, 2);
        var result = judge(context, "require = [uniform]");

        assertThat(result.problems()).singleElement().asString().startsWith("policy uniform has no usable estimate");
        assertThat(row(context, "uniform", "is").<String>getAs("reason"))
                .isEqualTo("all 100 episodes are left out: the log has no probabilities of its actions"
                        + " (behaviour_log_prob)");
        assertThat(row(context, "uniform", "is").<String>getAs("left_out_why"))
                .isEqualTo("100: a step without the probability of its action");
        assertThat(number(row(context, "behaviour", "is"), "value")).isEqualTo(0.55, within(1e-12));
    }

    @Test
    void clonesStandForProbabilitiesThatWereNotLogged() {
        var episodes = bandit().stream()
                .map(steps ->
                        steps.stream().map(JudgeStageTest::withoutProbability).toList())
                .toList();
        var context = publish("a", episodes, 2);
        CurateStage.run(context, Settings.read(CurateConfig.class, ConfigFactory.parseString(HALVES), "curate"));
        var cloning = "learner = behaviour-cloning, settings.actor { hidden-layers = [8], learning-rate = 0.01 }";
        train(
                context,
                FEW + "updates = 500, runs { left { " + cloning + ", subset = left }, right { " + cloning
                        + ", subset = right } }");
        judge(context, "checkpoints = none, clones = [left-1, right-1]");
        var uniform = row(context, "uniform", "is");

        assertThat(uniform.<Long>getAs("left_out")).isZero();
        // With the true probabilities it is 0.625.
        assertThat(number(uniform, "value")).isEqualTo(0.625, within(0.15));
        assertThat(uniform.<String>getAs("nuisances"))
                .isEqualTo(
                        "probabilities of logged actions, as logged, or where they were not, by clone left-1 of subset"
                                + " left and clone right-1 of subset right");
        refused(context, "clones = [lef-1]").hasMessageContaining("left-1");
    }

    @Test
    void theJobTrainsTheModelsThatEstimatesLeanOnAndDoesNotTrainThemTwice() throws IOException {
        var settings = "policies.one.action = 1, estimators = [is, dm, dr], models { " + SMALL + ", updates = 1000 }";
        var context = publish("a", bandit(), 1);
        assertThat(judge(context, settings).problems()).isEmpty();

        // Action 0 earns 40 of 80, action 1 earns 15 of 20; a model of one step knows no more than these shares.
        assertThat(number(row(context, "one", "dm"), "value")).isEqualTo(0.75, within(0.1));
        assertThat(number(row(context, "uniform", "dm"), "value")).isEqualTo(0.625, within(0.1));
        var uniform = row(context, "uniform", "dr");
        assertThat(number(uniform, "value")).isEqualTo(0.625, within(0.05));
        assertThat(uniform.<Boolean>getAs("usable")).isTrue();
        assertThat(uniform.<Long>getAs("left_out")).isZero();
        assertThat(uniform.<String>getAs("nuisances"))
                .contains(" of subset all-but-fold-1-of-2, which may still move by ")
                .contains(" of subset all-but-fold-2-of-2, which may still move by ");
        assertThat(row(context, "behaviour", "dr").<String>getAs("reason"))
                .isEqualTo("all 100 episodes are left out: what logged needs no model");
        var models = json("a").get("models");
        assertThat(texts(models, "policy")).containsExactly("uniform", "uniform", "one", "one");
        assertThat(texts(models, "learned_from")).contains("all-but-fold-1-of-2", "all-but-fold-2-of-2");
        assertThat(models.get(0).get("updates").asLong()).isEqualTo(1000);
        assertThat(models.get(0).get("may_still_move_by").asDouble()).isBetween(0.0, 0.1);
        assertThat(Files.readString(directory.resolve("a/judge/judge.html"))).contains("may still move by");
        assertThat(checkpoints("a")).hasSize(4);
        assertThat(said).contains("[judge] 4 runs that estimates lean on");

        said.clear();
        assertThat(judge(context, settings).upToDate()).isTrue();
        judge(context, settings + ", confidence = 0.9");
        assertThat(said).noneMatch(line -> line.contains("runs that estimates lean on"));
    }

    @Test
    void aModelIsAskedOfTheFoldThatItDidNotSee() {
        // Whoever is in the first fold earned 1, the others 0: a model that knows only the others says 0 of the first.
        var first = new Fold(0, 2);
        var episodes = new ArrayList<List<Transition>>();
        for (var i = 0; i < 60; i++) {
            var id = "e" + i;
            var isFirst = first.holds(id);
            episodes.add(List.of(new Transition(
                    id,
                    0,
                    new float[] {1},
                    new Action.Index(i % 2),
                    isFirst ? 1 : 0,
                    new float[] {1},
                    true,
                    false,
                    Math.log(0.5),
                    null,
                    null,
                    isFirst ? "first" : "second",
                    "x.csv",
                    i)));
        }
        var context = publish("a", episodes, 2);
        judge(context, "by = [group], estimators = [is, dm], models { " + SMALL + ", updates = 400 }");
        var rows = context.warehouse()
                .read(context.warehouse().require(TableName.ESTIMATES))
                .where("policy = 'uniform' and group is not null")
                .orderBy("estimator", "group")
                .select("value")
                .collectAsList();

        assertThat(rows).hasSize(4);
        assertThat(rows.get(0).getDouble(0)).isEqualTo(0, within(0.05));
        assertThat(rows.get(1).getDouble(0)).isEqualTo(1, within(0.05));
        assertThat(rows.get(2).getDouble(0)).isEqualTo(1, within(1e-9));
        assertThat(rows.get(3).getDouble(0)).isEqualTo(0, within(1e-9));
    }

    @Test
    void aStopAndHowTheLogIsCutChangeNoByteOfWhatModelsSay() throws IOException {
        var settings = "replicates = 20, models { " + SMALL + ", updates = 60, checkpoint-every = 20 }";
        var one = publish("one", bandit(), 1);
        var four = publish("four", bandit(), 4);
        judge(one, settings);
        judge(four, settings);
        assertThat(fingerprint(four)).isEqualTo(fingerprint(one));
        assertThat(json("four").get("models")).isEqualTo(json("one").get("models"));

        for (var run : checkpoints("four")) {
            FileUtils.deleteDirectory(run.resolve("step-000000000060").toFile());
        }
        judge(four, settings + ", confidence = 0.9");
        judge(four, settings);
        assertThat(fingerprint(four)).isEqualTo(fingerprint(one));
        assertThat(said)
                .filteredOn(line -> line.contains("2 runs that estimates lean on"))
                .hasSize(3);
    }

    @Test
    void aModelThatStillMovesIsNotLeanedOn() {
        // Nobody ever ends, and nothing is discounted: what the uniform policy earns is without bounds.
        var episodes = new ArrayList<List<Transition>>();
        for (var i = 0; i < 60; i++) {
            var id = "e" + i;
            episodes.add(
                    List.of(step(id, 0, 0, i % 2, i % 3, 0.5, false), step(id, 1, 0, i / 2 % 2, i % 5, 0.5, false)));
        }
        var context = publish("a", episodes, 2);
        judge(context, "models { " + SMALL + ", updates = 200 }");

        for (var estimator : List.of("dm", "dr", "wdr")) {
            assertThat(row(context, "uniform", estimator).<String>getAs("reason"))
                    .matches(
                            "its model has not come to rest: what it says of first states may still move by [0-9.]+, and"
                                    + " [0-9.]+ would do no harm; give it more updates \\(judge.models.updates\\), or a"
                                    + " discount below 1");
        }
        assertThat(row(context, "uniform", "wpdis").<Boolean>getAs("usable")).isTrue();
    }

    @Test
    void theJobTrainsClonesWhereProbabilitiesWereNotLogged() throws IOException {
        var episodes = bandit().stream()
                .map(steps ->
                        steps.stream().map(JudgeStageTest::withoutProbability).toList())
                .toList();
        var context = publish("a", episodes, 2);
        var cloning = "cloning { updates = 400, batch-size = 16, settings.actor.hidden-layers = [8]";
        judge(context, cloning + " }");

        var uniform = row(context, "uniform", "is");
        assertThat(uniform.<Long>getAs("left_out")).isZero();
        assertThat(number(uniform, "value")).isEqualTo(0.625, within(0.15));
        assertThat(uniform.<String>getAs("nuisances"))
                .isEqualTo("probabilities of logged actions, as logged, or where they were not, by a clone of"
                        + " all-but-fold-1-of-2 and a clone of all-but-fold-2-of-2");
        var clones = json("a").get("clones");
        assertThat(texts(clones, "learned_from")).containsExactly("all-but-fold-1-of-2", "all-but-fold-2-of-2");
        assertThat(clones.get(0).get("steps").asInt()
                        + clones.get(1).get("steps").asInt())
                .isEqualTo(100);
        // Who knows the shares exactly has 0.8 ln 0.8 + 0.2 ln 0.2 = -0.5004.
        for (var clone : clones) {
            assertThat(clone.get("mean_log_likelihood").asDouble()).isBetween(-0.7, -0.4);
        }
        assertThat(Files.readString(directory.resolve("a/judge/judge.html"))).contains("Clones of what logged");

        var logged = publish("logged", bandit(), 2);
        judge(logged, cloning + " }");
        assertThat(json("logged").get("clones")).isEmpty();
        judge(logged, cloning + ", of = all }");
        assertThat(json("logged").get("clones")).hasSize(2);
        assertThat(row(logged, "uniform", "is").<String>getAs("nuisances"))
                .startsWith("probabilities of logged actions, by a clone of all-but-fold-1-of-2");
    }

    @Test
    void aRewardThatNeverCameIsNoCertainty() {
        var episodes = new ArrayList<List<Transition>>();
        for (var i = 0; i < 100; i++) {
            episodes.add(List.of(step("e" + i, 0, 0, i % 2, 0, 0.5, true)));
        }
        var context = publish("a", episodes, 2);
        judge(context, "");

        assertThat(row(context, "uniform", "is").<String>getAs("reason"))
                .isEqualTo("all episodes tell the same, and so nothing of how much others may differ");
    }

    @Test
    void whatCannotBeAskedIsRefusedInOneLine() {
        var context = publish("a", bandit(), 2);
        refused(context, "require = [unifrom]").hasMessageContaining("unifrom").hasMessageContaining("uniform");
        refused(context, "policies.two.action = 2")
                .hasMessage("Cannot judge judge.policies.two: there is no action = 2; actions of this log are numbered"
                        + " from 0 to 1");
        refused(context, "policies.x { run = nowhere }")
                .hasMessage(
                        "Cannot use run = nowhere for judge.policies.x: it holds no checkpoint; name the directory of"
                                + " a run, OUT/checkpoints/RUN_ID");
        refused(context, "policies.x { }")
                .hasMessageContaining(
                        "Cannot use a policy that is given in 0 ways: give one of run, column, log-column, onnx,"
                                + " action and type");
        refused(context, "policies.uniform.action = 1")
                .hasMessageContaining(
                        "Cannot use judge.policies.uniform: that name is taken by a policy that is always judged;"
                                + " choose another");
        refused(context, "by = [reward]")
                .hasMessageContaining(
                        "Cannot use column 'reward' in judge.by: there is no such column; known are group, source_file;"
                                + " ingest the log into another --out with columns.keep = [reward]");
        refused(context, "subset = best").hasMessageContaining("subsets");
        refused(context, "estimators = [is, dr]")
                .hasMessage("Cannot judge by dr: it needs models of the values of policies, and there are none; add"
                        + " judge.models { }, and the job trains them");
        refused(context, "models { settings.discount = 0.9 }")
                .hasMessageContaining("Cannot use judge.models.settings.discount: the discount of values is"
                        + " judge.discount; set that");
        refused(context, "models { settings.critics = 2 }").hasMessageContaining("judge.models.settings");
        refused(context, "models { folds = 1 }").hasMessageContaining("folds");
        refused(context, "clones = [bc-1], cloning { }")
                .hasMessageContaining("Cannot use both judge.clones = [bc-1] and judge.cloning: the first names runs,"
                        + " the second trains some; remove one of them");
        refused(publish("b", bandit().subList(0, 1), 1), "models { }")
                .hasMessage("Cannot fit models in 2 folds: there are so few episodes that one fold has them all; judge"
                        + " by more of them");
    }

    @Test
    void aModelOfAPolicyThatActsWithNoiseIsOfItsNoise() {
        // A vector earns its square, and the clone's greedy one lies near 0: noise of 0.3 is worth 0.09.
        var random = new SplittableRandom(2);
        var episodes = new ArrayList<List<Transition>>();
        for (var i = 0; i < 600; i++) {
            var action = (float) random.nextDouble(-1, 1);
            episodes.add(List.of(transition(
                    "e" + i, 0, i % 2, new Action.Vector(new float[] {action}), action * action, Math.log(0.5), true)));
        }
        var context = publish("a", episodes, 2, Map.of("action-space", Map.of("type", "continuous", "dimension", 1)));
        train(
                context,
                FEW.replace("updates = 20", "updates = 200")
                        + "runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }");
        var settings = "own-episodes = allow, estimators = [dm], models { updates = 1500, batch-size = 64,"
                + " settings.critic { hidden-layers = [32], learning-rate = 0.01 } }, noise = ";
        judge(context, settings + "0");
        var still = number(row(context, "bc-1", "dm"), "value");
        judge(context, settings + "0.3");

        assertThat(still).isBetween(-0.05, 0.1);
        assertThat(number(row(context, "bc-1", "dm"), "value") - still).isEqualTo(0.09, within(0.03));
    }

    @Test
    void aModelThatDivergedIsNotTrainedAgainUnlessItsSettingsChangeOrItIsRemoved() throws IOException {
        var context = publish("a", bandit(), 2);
        var models =
                ", models { updates = 50, batch-size = 8, settings.critic { hidden-layers = [8], learning-rate = %s } }";
        var first = judge(context, "checkpoints = none" + models.formatted("1e5"));
        assertThat(first.problems())
                .hasSize(2)
                .allMatch(line -> line.matches("values of uniform on all-but-fold-[12]-of-2:"
                        + " diverged: critic/loss = .* in update \\d+; change judge.models.settings, or remove .*/checkpoints/.* to try"
                        + " these again"));
        var trains = "[judge] 2 runs that estimates lean on";
        assertThat(said).contains(trains);

        said.clear();
        var again = judge(context, "checkpoints = none, confidence = 0.9" + models.formatted("1e5"));
        assertThat(again.problems()).isEqualTo(first.problems());
        assertThat(said).doesNotContain(trains);
        assertThat(judge(context, "checkpoints = none" + models.formatted("0.01"))
                        .problems())
                .isEmpty();
        for (var run : checkpoints("a")) {
            FileUtils.deleteDirectory(run.toFile());
        }
        said.clear();
        judge(context, "checkpoints = none, confidence = 0.8" + models.formatted("1e5"));
        assertThat(said).contains(trains);
    }

    @Test
    void ratiosAreForFewDiscreteActionsAndAllEpisodesTogether() {
        var few = publish("few", bandit(), 1);
        judge(few, "estimators = [marginal-ratio]");
        var uniform = row(few, "uniform", "marginal-ratio");
        assertThat(uniform.<String>getAs("reason")).isNull();
        // The mean over both actions of what they earned, in each of the three situations by itself.
        assertThat(number(uniform, "value"))
                .isEqualTo(
                        (34 * (14 / 27.0 + 5 / 7.0) + 33 * (13 / 27.0 + 5 / 6.0) + 33 * (13 / 26.0 + 5 / 7.0)) / 200,
                        within(1e-6));
        refused(few, "estimators = [marginal-ratio], by = [group]")
                .hasMessage(
                        "Cannot use both judge.estimators = [marginal-ratio] and judge.by: its sums are too large for one in"
                                + " each group; judge by a subset of each group");
        var many = publish("many", bandit(), 1, Map.of("action-space", Map.of("type", "discrete", "count", 50)));
        refused(many, "estimators = [marginal-ratio]")
                .hasMessage(
                        "Cannot judge by marginal-ratio: 50 actions and observations of 1 number give 150 features, and 128"
                                + " is the most; use dm or wdr with judge.models");
    }

    private AbstractThrowableAssert<?, ?> refused(StageContext context, String settings) {
        return assertThatThrownBy(() -> judge(context, settings)).isInstanceOf(UserException.class);
    }

    private static List<List<Transition>> bandit() {
        var episodes = new ArrayList<List<Transition>>();
        for (var i = 0; i < 100; i++) {
            var action = i < 80 ? 0 : 1;
            var reward = i < 40 || i >= 85 ? 1 : 0;
            episodes.add(List.of(step("e" + i, 0, i % 3, action, reward, action == 0 ? 0.8 : 0.2, true)));
        }
        return episodes;
    }

    private static Transition step(
            String episode, long step, float seen, int action, double reward, double chance, boolean ends) {
        return transition(episode, step, seen, action, reward, Math.log(chance), ends);
    }

    private static Transition transition(
            String episode, long step, float seen, int action, double reward, @Nullable Double log, boolean ends) {
        return transition(episode, step, seen, new Action.Index(action), reward, log, ends);
    }

    private static Transition transition(
            String episode, long step, float seen, Action action, double reward, @Nullable Double log, boolean ends) {
        return new Transition(
                episode,
                step,
                new float[] {seen},
                action,
                reward,
                new float[] {seen},
                ends,
                false,
                log,
                null,
                null,
                Integer.parseInt(episode.substring(1)) % 2 == 0 ? "even" : "odd",
                "x.csv",
                step);
    }

    private static Transition withoutProbability(Transition step) {
        return transition(
                step.episodeId(),
                step.step(),
                step.observation()[0],
                ((Action.Index) step.action()).index(),
                step.reward(),
                null,
                step.terminated());
    }

    private StageContext publish(String name, List<List<Transition>> episodes, int parts) {
        return publish(name, episodes, parts, CONFIGURATION);
    }

    private StageContext publish(
            String name, List<List<Transition>> episodes, int parts, Map<String, Object> configuration) {
        var spark = LocalSpark.session();
        var context = new StageContext(
                spark, new Warehouse(spark, directory.resolve(name).toString()), said::add);
        try (var writer = new DatasetWriter(context.warehouse().begin(TableName.TRANSITIONS))) {
            var rows = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(episodes.stream().map(Assembled::of).toList(), parts);
            var request = new Request("ingest", configuration, List.of(), List.of());
            writer.publish(writer.write(rows), request, Optional.empty());
        }
        return context;
    }

    private static void train(StageContext context) {
        train(context, FEW + "runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }");
    }

    private static void train(StageContext context, String settings) {
        TrainStage.run(
                context,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString(settings), "train"));
    }

    private static String values(String run, double epsilon) {
        return "learner = fqe, judges { run = \"" + run + "\", actions = sampled, epsilon = " + epsilon
                + " }, settings { discount = 0.9, critic.hidden-layers = [8] }";
    }

    private static String run(StageContext context) {
        var warehouse = context.warehouse();
        return warehouse.root() + "/checkpoints/"
                + warehouse.read(warehouse.require(TableName.RUNS)).first().<String>getAs("run_id");
    }

    private static StageResult judge(StageContext context, String settings) {
        return JudgeStage.run(context, Settings.read(JudgeConfig.class, ConfigFactory.parseString(settings), "judge"));
    }

    private List<Path> checkpoints(String name) throws IOException {
        try (var runs = Files.list(directory.resolve(name + "/checkpoints"))) {
            return runs.toList();
        }
    }

    private static String fingerprint(StageContext context) {
        return context.warehouse().require(TableName.ESTIMATES).manifest().fingerprint();
    }

    private static Row row(StageContext context, String policy, String estimator) {
        return context.warehouse()
                .read(context.warehouse().require(TableName.ESTIMATES))
                .where("policy = '" + policy + "' and estimator = '" + estimator + "' and group is null")
                .first();
    }

    private static double number(Row row, String column) {
        return row.<Double>getAs(column);
    }

    private JsonNode json(String name) throws IOException {
        return Json.MAPPER.readTree(Files.readString(directory.resolve(name + "/judge/judge.json")));
    }

    private static List<String> texts(JsonNode list, String field) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(entry -> entry.get(field).asText())
                .toList();
    }
}
