package io.hindcast.stage.promote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Address;
import io.hindcast.config.Json;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.promote.Verdict;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.judge.JudgeConfig;
import io.hindcast.stage.judge.JudgeStage;
import io.hindcast.stage.predict.PredictConfig;
import io.hindcast.stage.predict.PredictStage;
import io.hindcast.stage.stats.StatsConfig;
import io.hindcast.stage.stats.StatsStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Registry;
import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies of a shop that ask to act: a clone of what logged, and one that learned what is clicked. */
class PromoteStageTest {
    private static final String JUDGED = "subset = test, actions = sampled, epsilon = 0.1, replicates = 0";

    private static final MlflowConfig NO_MLFLOW = Settings.defaults(MlflowConfig.class);

    @TempDir
    static Path shop;

    /** What every test begins with: a log, a split, and two runs. */
    @BeforeAll
    static void aShopLogsAndLearns() throws IOException {
        Files.writeString(shop.resolve("log.csv"), log(3000, 1));
        var context = context(shop.resolve("out"));
        learn(context, shop.resolve("log.csv"));
    }

    @TempDir
    Path directory;

    @Test
    void whoIsPromotedIsPromotedAlsoWhereMlflowDoesNotAnswer() throws IOException {
        var said = new ArrayList<String>();
        var judged = judged("unheard");
        var context = new StageContext(LocalSpark.session(), judged.warehouse(), said::add);
        var nobody = Settings.read(
                MlflowConfig.class,
                ConfigFactory.parseString("tracking-uri = \"http://127.0.0.1:1\", experiment = shop"),
                "mlflow");

        var result = PromoteStage.run(context, registryConfig(), nobody, config(""));

        assertThat(result.summary()).startsWith("promoted: iql-1");
        assertThat(said)
                .last()
                .asString()
                .startsWith("[promote] MLflow at http://127.0.0.1:1 does not show registry shop as it is: ")
                .endsWith("; the next promotion tells it again");
    }

    @Test
    void theFirstChampionMustEarnMoreThanWhatLogged() throws IOException {
        var context = judged("one");

        var result = promote(context, "asked-by = nightly");

        assertThat(result.problems()).isEmpty();
        assertThat(result.summary())
                .startsWith("promoted: iql-1 earns more than what logged (behaviour): by wis 0.")
                .endsWith("; champion of shop: v1");
        var state = registry().state();
        assertThat(state.champion()).map(PolicyVersion::toString).hasValue("v1 (iql-1)");
        var promotion = state.promotions().get(0);
        assertThat(promotion.from()).isNull();
        assertThat(promotion.askedBy()).isEqualTo("nightly");
        assertThat(promotion.estimators()).containsExactly("wis", "is");
        assertThat(promotion.candidates())
                .extracting(weighed ->
                        weighed.candidate().policy() + " " + weighed.verdict().word())
                .containsExactlyInAnyOrder("bc-1 kept", "iql-1 promoted");
        assertThat(promotion.promised()).isNotNull();
        assertThat(promotion.promised().value())
                .isGreaterThan(promotion.promised().low());
        var version = state.versions().get(0);
        assertThat(version.datasetFingerprint())
                .isEqualTo(context.warehouse()
                        .require(TableName.TRANSITIONS)
                        .manifest()
                        .fingerprint());
        assertThat(version.subset()).isEqualTo("train");
        assertThat(version.configuration()).contains("\"expectile\":0.5");
        for (var file : version.files().entrySet()) {
            assertThat(directory.resolve("registry/shop").resolve(file.getKey()))
                    .hasSize(file.getValue().bytes());
        }
        assertThat(version.files().keySet()).anyMatch(file -> file.endsWith("/policy.onnx"));

        var decision = decision("one");
        assertThat(decision.get("verdict").asText()).isEqualTo("promoted");
        assertThat(decision.get("champion_before").isNull()).isTrue();
        assertThat(decision.get("champion_after").get("number").asInt()).isEqualTo(1);
        assertThat(decision.at("/decision/candidates/0/candidate/evidence/0/gain_std_error")
                        .asDouble())
                .isPositive();
        assertThat(Files.readString(directory.resolve("one/promote/decision.html")))
                .contains("PROMOTED: iql-1 earns more", "nightly", "v1 (iql-1)", "<svg", ">iql-1, wis</text>");
    }

    @Test
    void theSameQuestionIsAnsweredOnceAndStartsNoSpark() {
        var context = judged("one");
        promote(context, "");
        var engine = SparkOnDemand.of(new SparkConf().set("spark.master", "local[1]"), () -> {
            throw new AssertionError("promote needs no Spark");
        });
        var again = new StageContext(
                engine, new Warehouse(engine, directory.resolve("one").toString()), text -> {});

        assertThat(judge(context, JUDGED).upToDate())
                .as("estimates that made the champion stay about the one before")
                .isTrue();
        var result = promote(again, "");

        assertThat(result.upToDate()).isTrue();
        assertThat(registry().state().promotions()).hasSize(1);
    }

    @Test
    void theNextOnesAreComparedWithTheChampionByTheSameEpisodes() {
        promote(judged("one"), "");
        var context = judged("two", JUDGED + ", discount = 0.9");

        var result = promote(context, "");

        assertThat(result.summary())
                .startsWith("kept: bc-1 is not sure to earn 0.000 more than the champion, v1 (iql-1): by wis -0.")
                .endsWith("; champion of shop: v1");
        assertThat(registry().state().promotions())
                .extracting(Promotion::verdict)
                .containsExactly(Verdict.PROMOTED, Verdict.KEPT);
        var bc = estimate(context, "bc-1");
        var champion = estimate(context, "champion");
        assertThat(bc.<String>getAs("gain_over")).isEqualTo("champion");
        assertThat(bc.<Double>getAs("gain"))
                .isCloseTo(bc.<Double>getAs("value") - champion.<Double>getAs("value"), within(1e-12));
        assertThat(bc.<Double>getAs("gain_std_error"))
                .as("paired it is surer than two values by themselves")
                .isPositive()
                .isLessThan(Math.hypot(bc.<Double>getAs("std_error"), champion.<Double>getAs("std_error")));
        assertThat(champion.isNullAt(champion.fieldIndex("gain"))).isTrue();
        // The same policy as the champion has no gain, and is surely not better.
        assertThat(estimate(context, "iql-1").<Double>getAs("gain")).isZero();
        assertThat(estimate(context, "iql-1").<Double>getAs("gain_std_error")).isZero();
        assertThat(registry().state().versions()).hasSize(1);
    }

    @Test
    void aCloneOfWhatLoggedDoesNotBecomeTheFirstChampion() {
        var bc = judged("bc");
        assertThat(promote(bc, "candidates = [bc-1], margin = 0.05").summary()).startsWith("kept: bc-1 is not sure");
        assertThat(registry().state().champion()).isEmpty();
        // By hand there is nothing to go to yet.
        assertThatThrownBy(() -> promote(bc, "to = 1"))
                .hasMessage(
                        "Cannot promote version 1: registry shop has none yet; run promote without promote.to first");
    }

    @Test
    void aLargeMarginKeepsWhatLogged() {
        assertThat(promote(judged("one"), "margin = 0.9").summary())
                .startsWith("kept: ")
                .endsWith("; champion of shop: none");
    }

    @Test
    void estimatesByEpisodesThatAPolicyMayHaveLearnedFromPromoteNobody() {
        var context = judged("one", JUDGED + ", own-episodes = allow");

        var result = promote(context, "");

        assertThat(result.problems())
                .containsExactly("refused: policies were judged by episodes that they may have learned from"
                        + " (judge.own-episodes = allow); judge by a subset that none learned from");
        assertThat(registry().state().champion()).isEmpty();
    }

    @Test
    void whoIsJudgedByWhatItLearnedFromIsRefused() {
        var context = judged("one", "subset = train, actions = sampled, epsilon = 0.1, replicates = 0");

        assertThat(promote(context, "").problems())
                .singleElement()
                .asString()
                .contains("it cannot be judged: it learned from the episodes that it is judged by");
    }

    @Test
    void estimatesThatDoNotCompareWithTheChampionPromoteNobody() {
        var without = copy("one");
        JudgeStage.run(without, Settings.read(JudgeConfig.class, ConfigFactory.parseString(JUDGED), "judge"));
        assertThat(promote(without, "").problems())
                .singleElement()
                .asString()
                .startsWith("refused: estimates v1 compares with what logged, since judge was told of no registry");

        var late = judged("late");
        promote(judged("two", JUDGED + ", discount = 0.9"), "");
        assertThat(promote(late, "").problems())
                .containsExactly("refused: estimates v1 does not compare with v1 (iql-1), which acts by now; run judge"
                        + " again");
        // Judged again it is.
        judge(late, JUDGED);
        assertThat(promote(late, "").summary()).startsWith("kept: bc-1 is not sure");
    }

    @Test
    void aCheckOfTheScorecardThatMustHoldAndDoesNotPromotesNobody() {
        var context = judged("one");
        stats(context, "checks { require = [enough-transitions], min-transitions = 100000 }");

        assertThat(promote(context, "").problems())
                .singleElement()
                .asString()
                .startsWith("refused: check enough-transitions failed: ");
        stats(context, "checks { require = [enough-transitions], min-transitions = 100 }");
        assertThat(promote(context, "").summary()).startsWith("promoted: ");
    }

    @Test
    void aRunOfElsewhereThatSawTheSameFilesIsRefused() {
        var other = copy("other");
        var run = run(other, "iql");
        var context = judged("one", JUDGED + ", policies.foreign.run = \"" + run + "\", checkpoints = none");

        assertThat(promote(context, "").problems())
                .singleElement()
                .asString()
                .startsWith("refused: foreign: it may have learned from episodes that it is judged by: " + directory
                        + "/other was made from files that are in transitions v1 too");
    }

    @Test
    void aRunOfElsewhereThatSawOtherFilesMayBecomeChampion() throws IOException {
        Files.writeString(directory.resolve("yesterday.csv"), log(3000, 2));
        var other = context(directory.resolve("other"));
        learn(other, directory.resolve("yesterday.csv"));
        var context =
                judged("one", JUDGED + ", policies.foreign.run = \"" + run(other, "iql") + "\", checkpoints = none");

        assertThat(promote(context, "").summary()).startsWith("promoted: foreign earns more");
        assertThat(registry().state().champion()).map(PolicyVersion::toString).hasValue("v1 (iql-1)");
        assertThat(registry().state().versions().get(0).out()).endsWith("/other");
    }

    @Test
    void goingBackIsARowLikeAnyOther() {
        var context = judged("one");
        promote(context, "");
        var two = judged("two", JUDGED + ", discount = 0.9");
        promote(two, "");
        assertThat(promote(context, "to = 1").summary()).isEqualTo("v1 is champion already: nothing to do");
        assertThatThrownBy(() -> promote(context, "to = 2"))
                .hasMessage("Cannot promote version 2: registry shop has versions 1 to 1; give one of them");
    }

    @Test
    void whoActsIsTheChampionOfNowAlsoWhereTheQuestionWasAnsweredBefore() throws IOException {
        var context = judged("one");
        promote(context, "");
        registry().append(now -> {
            var one = now.promotions().get(0);
            var first = now.versions().get(0);
            return new Registry.Entry(
                    new Promotion(
                            2,
                            one.time(),
                            Promotion.CHAMPION,
                            1,
                            2,
                            one.verdict(),
                            "another directory's",
                            one.by(),
                            one.margin(),
                            one.confidence(),
                            one.estimators(),
                            List.of(),
                            null,
                            "somebody",
                            "file:/another",
                            null,
                            null,
                            "another"),
                    new PolicyVersion(
                            2,
                            first.time(),
                            first.run(),
                            first.name(),
                            first.seed(),
                            first.step(),
                            first.learner(),
                            "another",
                            first.checkpoint(),
                            first.files(),
                            first.out(),
                            first.dataset(),
                            first.datasetFingerprint(),
                            first.subset(),
                            first.configuration(),
                            first.candidate()));
        });
        assertThat(promote(context, "").summary())
                .contains("champion of shop: v2, by a later decision than this one, number 1")
                .endsWith("(decided already: nothing to do)");

        assertThat(promote(context, "to = 1").summary()).endsWith("champion of shop: v1");
        assertThat(promote(context, "to = 2").summary()).endsWith("champion of shop: v2");
        var result = promote(context, "");
        assertThat(result.upToDate()).isTrue();
        assertThat(result.summary()).contains("champion of shop: v2, by a later decision than this one");
        assertThat(decision("one").get("reason").asText()).endsWith("was chosen by hand");
        assertThat(registry().state().promotions()).hasSize(4);
    }

    @Test
    void aRegistryThatIsNewBesideOthersIsCalledNew() {
        promote(judged("one"), "");
        var said = new ArrayList<String>();
        var there = new StageContext(LocalSpark.session(), judged("two").warehouse(), said::add);
        PromoteStage.run(
                there,
                new RegistryConfig(new Address(directory.resolve("registry").toString()), "shopp"),
                NO_MLFLOW,
                config(""));
        assertThat(said).contains("[promote] registry shopp is new; beside it there is already shop");
    }

    @Test
    void namesThatNobodyHasAndModelsAloneAreRefusedInOneLine() {
        var context = judged("one");
        assertThatThrownBy(() -> promote(context, "candidates = [iql]"))
                .hasMessageContaining("'iql'")
                .hasMessageContaining("promote.candidates");
        assertThatThrownBy(() -> promote(context, "estimators = [dm, wis]"))
                .hasMessage("Cannot use promote.estimators = [dm, wis]: the error of dm is also its model's, which no"
                        + " interval holds; use [wdr, wpdis, dr, pdis, wis, is]");
        assertThatThrownBy(() -> promote(context, "estimators = [wis]")).hasMessageContaining("two or more must agree");
        assertThatThrownBy(() -> PromoteStage.run(context, null, NO_MLFLOW, config("")))
                .hasMessage(
                        "Cannot promote: no registry is named; add registry { directory = DIRECTORY } to the conf file"
                                + " or give --set registry.directory=DIRECTORY");
        assertThatThrownBy(() -> promote(context, "estimators = [dr, wis]"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot promote by dr: for estimates v1 judge used is, wis; name two of these in"
                        + " promote.estimators, or run judge with judge.estimators = [dr, wis]");
        judge(context, JUDGED + ", estimators = [wis]");
        assertThatThrownBy(() -> promote(context, ""))
                .hasMessageStartingWith(
                        "Cannot promote by estimates v2: judge used wis, and two estimators that use the"
                                + " rewards must agree");
    }

    @Test
    void whatAChampionEarnsByItsOwnLogIsComparedWithWhatItWasPromisedToEarn() throws IOException {
        promote(judged("one"), "");
        var kept = audited("kept", "1-good", acted(2000, 1, 0.95), "2-good", acted(1000, 1, 0.95));
        assertThat(kept.problems()).isEmpty();
        var page = Files.readString(directory.resolve("kept/judge/promises.html"));
        assertThat(page).contains("Every champion earns what it was promised to earn", "v1 (iql-1)", "Over time");

        var broken = audited("broken", "1-good", acted(2000, 1, 0.95), "2-bad", acted(4000, 1, 0.4));

        assertThat(broken.problems())
                .singleElement()
                .asString()
                .matches(
                        "check promise-kept failed: v1 \\(iql-1\\) was promised to earn 0\\.[\\d]+ to 0\\.[\\d]+ an episode, and"
                                + " earned 0\\.[\\d]+ \\(0\\.[\\d]+ to 0\\.[\\d]+\\) in 6000 episodes");
        var rows = Json.MAPPER
                .readTree(directory.resolve("broken/judge/promises.json").toFile())
                .get("promises");
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).get("part").isNull()).isTrue();
        assertThat(rows.get(1).get("part").asText()).isEqualTo("1-good.csv");
        assertThat(rows.get(1).get("kept").asBoolean()).isTrue();
        assertThat(rows.get(2).get("kept").asBoolean()).isFalse();
        assertThat(rows.get(2).get("episodes").asInt()).isEqualTo(4000);
    }

    @Test
    void predictActsByTheChampionAndSaysWhichVersionThatIs() {
        var context = copy("one");
        LocalSpark.session()
                .range(30)
                .selectExpr("id", "INT(id % 3 = 0) AS a", "INT(id % 3 = 1) AS b", "INT(id % 3 = 2) AS c")
                .write()
                .parquet(directory.resolve("visitors").toString());
        var settings =
                "champion = true, columns.observation = [a, b, c], input = [\"" + directory.resolve("visitors") + "\"]";
        assertThatThrownBy(() -> predict(context, settings))
                .hasMessageStartingWith("Cannot predict by the champion: registry shop in ")
                .hasMessageEndingWith(" has none yet; run promote first, or name a run (predict.run)");
        judge(context, JUDGED);
        promote(context, "");

        predict(context, settings);

        var warehouse = context.warehouse();
        var rows = warehouse.read(warehouse.require(TableName.PREDICTIONS)).collectAsList();
        assertThat(rows).hasSize(30).allSatisfy(row -> {
            assertThat(row.<String>getAs("policy")).isEqualTo("shop");
            assertThat(row.<String>getAs("policy_version")).isEqualTo("1");
            assertThat(row.<String>getAs("policy_sha256"))
                    .isEqualTo(registry().state().versions().get(0).sha256());
            // Who likes a banner is shown it.
            assertThat(row.<Integer>getAs("action_index")).isEqualTo((int) (row.<Long>getAs("id") % 3));
        });
        assertThatThrownBy(() -> predict(context, settings + ", run = iql-1"))
                .hasMessageContaining("predict.run and predict.champion say whose policy acts");
        assertThatThrownBy(() -> predict(context, settings + ", step = 1"))
                .hasMessageContaining("the registry says after how many updates its champion is meant");
    }

    private StageResult predict(StageContext context, String settings) {
        return PredictStage.run(
                context,
                registryConfig(),
                Settings.read(PredictConfig.class, ConfigFactory.parseString(settings), "predict"));
    }

    @Test
    void anAuditNeedsARegistryAndAColumn() {
        var context = copy("one");
        assertThatThrownBy(() -> judge(context, JUDGED + ", audit = policy_version"))
                .hasMessageContaining("Cannot use column 'policy_version' in judge.audit: there is no such column");
        assertThatThrownBy(() -> judge(context, JUDGED + ", checks.require = [promise-kept]"))
                .hasMessageContaining("Cannot use judge.checks.require = [promise-kept] without judge.audit");
    }

    /** What judge says of logs (name and content in turn) that a version of the registry wrote. */
    private StageResult audited(String name, String... logs) throws IOException {
        var folder = Files.createDirectories(directory.resolve(name + "-logs"));
        for (var i = 0; i < logs.length; i += 2) {
            Files.writeString(folder.resolve(logs[i] + ".csv"), logs[i + 1]);
        }
        var context = context(directory.resolve(name));
        ingest(context, folder, ", keep = [policy_version]");
        return judge(
                context,
                "actions = sampled, epsilon = 0.1, replicates = 0, audit = policy_version, checks.require = [promise-kept]");
    }

    /** The right banner with this chance, by a version of the registry; a few rows are of nobody. */
    private static String acted(int visitors, int version, double right) {
        var random = new SplittableRandom(3);
        var log = new StringBuilder("a,b,c,banner,click,p,policy_version\n");
        for (var i = 0; i < visitors + 50; i++) {
            var kind = random.nextInt(3);
            var isRight = random.nextDouble() < right;
            var banner = isRight ? kind : (kind + 1 + random.nextInt(2)) % 3;
            var click = random.nextDouble() < (isRight ? 0.7 : 0.2) ? 1 : 0;
            log.append(kind == 0 ? 1 : 0)
                    .append(',')
                    .append(kind == 1 ? 1 : 0)
                    .append(',')
                    .append(kind == 2 ? 1 : 0);
            log.append(',').append(banner).append(',').append(click).append(',');
            log.append(isRight ? right : (1 - right) / 2)
                    .append(',')
                    .append(i < visitors ? version : "")
                    .append('\n');
        }
        return log.toString();
    }

    /** A directory of its own with what was logged and learned. */
    private StageContext copy(String name) {
        try (var paths = Files.walk(shop.resolve("out"))) {
            for (var path : paths.toList()) {
                Files.copy(
                        path,
                        directory
                                .resolve(name)
                                .resolve(shop.resolve("out").relativize(path).toString()));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return context(directory.resolve(name));
    }

    private StageContext judged(String name) {
        return judged(name, JUDGED);
    }

    private StageContext judged(String name, String settings) {
        var context = copy(name);
        judge(context, settings);
        return context;
    }

    private StageResult judge(StageContext context, String settings) {
        return JudgeStage.run(
                context,
                registryConfig(),
                Settings.read(JudgeConfig.class, ConfigFactory.parseString(settings), "judge"));
    }

    private StageResult promote(StageContext context, String settings) {
        return PromoteStage.run(context, registryConfig(), NO_MLFLOW, config(settings));
    }

    private static PromoteConfig config(String settings) {
        return Settings.read(PromoteConfig.class, ConfigFactory.parseString(settings), "promote");
    }

    private static void stats(StageContext context, String settings) {
        StatsStage.run(context, Settings.read(StatsConfig.class, ConfigFactory.parseString(settings), "stats"));
    }

    private RegistryConfig registryConfig() {
        return new RegistryConfig(new Address(directory.resolve("registry").toString()), "shop");
    }

    private Registry registry() {
        return new Registry(SparkOnDemand.of(LocalSpark.session()), registryConfig());
    }

    private JsonNode decision(String name) throws IOException {
        return Json.MAPPER.readTree(
                directory.resolve(name).resolve("promote/decision.json").toFile());
    }

    private static Row estimate(StageContext context, String policy) {
        var warehouse = context.warehouse();
        return warehouse
                .read(warehouse.require(TableName.ESTIMATES))
                .where("policy = '" + policy + "' AND estimator = 'wis'")
                .first();
    }

    private static String run(StageContext context, String name) {
        var warehouse = context.warehouse();
        return warehouse.root() + "/checkpoints/"
                + warehouse
                        .read(warehouse.require(TableName.RUNS))
                        .where("name = '" + name + "'")
                        .first()
                        .<String>getAs("run_id");
    }

    private static StageContext context(Path out) {
        var spark = LocalSpark.session();
        return new StageContext(spark, new Warehouse(spark, out.toString()), new ArrayList<String>()::add);
    }

    private static void learn(StageContext context, Path log) {
        IngestStage.run(
                context, Settings.read(IngestConfig.class, ConfigFactory.parseString("""
                input = ["%s"], format = csv, dataset = shop, episode-per = row
                action-space { type = discrete, count = 3 }
                columns { observation = [a, b, c], action-index = banner, reward = click, propensity = p }
                """.formatted(log)), "ingest"));
        CurateStage.run(
                context,
                Settings.read(
                        CurateConfig.class,
                        ConfigFactory.parseString(
                                "subsets { train.steps = [{ split { part = train, train = 0.5, validation ="
                                        + " 0, test = 0.5 } }], test.steps = [{ split { part = test, train = 0.5, validation = 0, test"
                                        + " = 0.5 } }] }"),
                        "curate"));
        TrainStage.run(
                context,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString("""
                        seeds = [1], updates = 300, batch-size = 64, log-every = 300, checkpoint-every = 300
                        runs {
                          bc { learner = behaviour-cloning, subset = train, settings.actor.hidden-layers = [8] }
                          iql { learner = iql, subset = train, settings {
                            expectile = 0.5
                            actor { hidden-layers = [8], learning-rate = 0.01 }
                            critic { hidden-layers = [8], learning-rate = 0.01 }
                            value { hidden-layers = [8], learning-rate = 0.01 } } }
                        }
                        """), "train"));
    }

    private static void ingest(StageContext context, Path log, String more) {
        IngestStage.run(
                context,
                Settings.read(IngestConfig.class, ConfigFactory.parseString("""
                input = ["%s"], format = csv, dataset = shop, episode-per = row
                action-space { type = discrete, count = 3 }
                columns { observation = [a, b, c], action-index = banner, reward = click, propensity = p%s }
                """.formatted(log, more)), "ingest"));
    }

    /** Who sees the banner of his kind clicks seven times of ten, else twice. */
    private static String log(int visitors, long seed) {
        var random = new SplittableRandom(seed);
        var log = new StringBuilder("a,b,c,banner,click,p\n");
        for (var i = 0; i < visitors; i++) {
            var kind = random.nextInt(3);
            var banner = random.nextInt(3);
            var click = random.nextDouble() < (kind == banner ? 0.7 : 0.2) ? 1 : 0;
            log.append(kind == 0 ? 1 : 0)
                    .append(',')
                    .append(kind == 1 ? 1 : 0)
                    .append(',')
                    .append(kind == 2 ? 1 : 0);
            log.append(',').append(banner).append(',').append(click).append(",0.3333333333333333\n");
        }
        return log.toString();
    }
}
