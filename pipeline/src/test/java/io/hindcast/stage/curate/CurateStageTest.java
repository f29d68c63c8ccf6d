package io.hindcast.stage.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.EpisodeShare;
import io.hindcast.data.Transformation;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.Progress;
import io.hindcast.stage.SampleTransitions;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.Input;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Manifest;
import io.hindcast.table.Manifests;
import io.hindcast.table.Request;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import io.hindcast.timeline.Assembled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.commons.lang3.StringUtils;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass(name = "with at most {0} rows of episodes in this process")
@ValueSource(longs = {0, Episodes.MOST_ROWS})
class CurateStageTest {
    @Parameter
    private long most;

    /** Publishing takes longest: it is done once, and tests take copies. */
    @TempDir
    static Path published;

    private final List<String> said = new ArrayList<>();
    private StageContext context;

    @BeforeAll
    static void publishSeventyEpisodes() {
        publish(context(published, line -> {}), 0, 70, Optional.empty());
    }

    @TempDir
    Path out;

    @BeforeEach
    void copy() throws IOException {
        FileUtils.copyDirectory(published.toFile(), out.toFile());
        context = context(out, said::add);
    }

    private static StageContext context(Path out, Progress progress) {
        var spark = LocalSpark.session();
        return new StageContext(spark, new Warehouse(spark, out.toString()), progress);
    }

    private static void publish(StageContext context, int from, int to, Optional<TableVersion> base) {
        publish(context, from, to, base, 0);
    }

    /** @param shift what observations are more than the step */
    private static void publish(StageContext context, int from, int to, Optional<TableVersion> base, float shift) {
        var episodes = new ArrayList<Assembled>();
        for (var i = from; i < to; i++) {
            // Returns 0, 0, 1, 1, 2, 2, …: every one is a tie.
            episodes.add(Assembled.of(SampleTransitions.episode(
                    String.format("e%02d", i), i < 60 ? "g" : "h", 5, Math.floor(i / 2.0), shift)));
        }
        try (var writer = new DatasetWriter(context.warehouse().begin(TableName.TRANSITIONS))) {
            var rows = JavaSparkContext.fromSparkContext(context.spark().sparkContext())
                    .parallelize(episodes, 4);
            var inputs = List.of(new Input(to + ".csv", to, "00"));
            var actions = new ActionSpace.Continuous(1, -1, 1).toMap();
            var request = new Request("ingest", Map.of(ActionSpaceConfig.KEY, actions), List.of(), inputs);
            writer.publish(writer.write(rows), request, base);
        }
    }

    @Test
    void tenPercentOfSeventyAreSevenTiesByEpisode() {
        curate("best { top-percent = 10 }");

        assertThat(episodes("best")).containsExactly("e68", "e69", "e66", "e67", "e64", "e65", "e62");
        assertThat(episodes("all")).hasSize(70).startsWith("e68", "e69").endsWith("e00", "e01");
    }

    @Test
    void everyGroupGivesItsOwnBest() {
        curate("best { top-percent = 4, group-column = group }");

        // 4 % of 60 are 2.4, so 3; 4 % of 10 are 0.4, so 1.
        assertThat(episodes("best")).containsExactlyInAnyOrder("e58", "e59", "e56", "e68");
    }

    @Test
    void theFirstTransitionsAreThoseOfTheFirstEpisodesAndTheLastOneIsCut() {
        curate("few { steps = [{ first-transitions { count = 12 } }, { standardise-observations {} }] },"
                + " whole { steps = [{ first-transitions { count = 10 } }] }");

        assertThat(episodes("whole")).containsExactlyInAnyOrder("e00", "e01");
        var few = context.warehouse().read(context.warehouse().require(TableName.SUBSETS));
        assertThat(few.where("subset = 'few'")
                        .orderBy("episode_id")
                        .select("episode_id", "length")
                        .collectAsList())
                .extracting(Row::toString)
                .containsExactly("[e00,5]", "[e01,5]", "[e02,2]");
        assertThat(steps("few", "step", "episodes", "transitions"))
                .containsExactly("[all,70,350]", "[first-transitions,3,12]", "[standardise-observations,3,12]");
        // (0 + 1 + 2 + 3 + 4) * 2 + 0 + 1 of 12.
        assertThat(said).anyMatch(line -> line.contains("means from 1.750 to 1.750"));
    }

    @Test
    void moreTransitionsThanThereAreCannotBeTheFirst() {
        assertThatThrownBy(() -> curate("more { steps = [{ first-transitions { count = 351 } }] }"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot do first-transitions count 351 in subset more: there are 350 transitions"
                        + " only; ask for fewer");
    }

    @Test
    void aGroupColumnThatIsNoColumnIsRefused() {
        assertThatThrownBy(() -> curate("best { group-column = policy }"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use group-column = policy: episodes has no such column; its columns are"
                        + " episode_id, group, length, episode_return, ending, source_file, trajectory");
        assertThatThrownBy(() -> curate("all { top-percent = 10 }"))
                .hasMessage(
                        "Cannot use subsets.all: that name is kept for the subset of every episode; choose another");
        assertThatThrownBy(() -> curate("best { top-percent = 0 }"))
                .hasMessage("Cannot use subsets.best.top-percent = 0.0: it must be in (0, 100]");
    }

    @Test
    void otherSubsetsNeedAnotherOutput() {
        curate("best { top-percent = 10 }");

        assertThat(curate("best { top-percent = 10 }").upToDate()).isTrue();
        assertThatThrownBy(() -> curate("best { top-percent = 20 }"))
                .hasMessageContaining("(subsets.best.top-percent: 10.0 -> 20.0)");
    }

    @Test
    void stepsAreDoneInTheirOrderOnWhatTheOthersLeft() {
        // Returns 0 to 34; the best half has those from 18 (two of them) on, and 17 (both): 17.5 of 35 are none of them
        // cut.
        curate(
                "half { top-percent = 50 }, low { from = half, steps = [{ return-range { max = 19 } }, { length-range { min = 5 } }]"
                        + " }, best { from = low, steps = [{ top-percent { percent = 20 } }] }");

        assertThat(episodes("half")).hasSize(35).startsWith("e68", "e69").endsWith("e36", "e37", "e34");
        assertThat(episodes("low")).containsExactly("e38", "e39", "e36", "e37", "e34");
        assertThat(episodes("best")).containsExactly("e38");
        assertThat(steps("best", "position", "step", "episodes", "transitions", "mean_return"))
                .containsExactly(
                        "[0,all,70,350,17.0]",
                        "[1,top-percent,35,175,25.742857142857144]",
                        "[2,return-range,5,25,18.2]",
                        "[3,length-range,5,25,18.2]",
                        "[4,top-percent,1,5,19.0]");
        assertThat(steps("best", "settings")).contains("[{\"max\":19.0}]", "[{\"percent\":20.0}]");
        assertThat(said)
                .contains(
                        "[curate] all: 70 episodes, 350 transitions, mean return 17.00",
                        "[curate] best: top-percent 20 kept 1 of 5 episodes, 5 transitions, mean return 19.00");
    }

    @Test
    void anEndingIsKept() {
        curate("done { steps = [{ ending { keep = [terminated] } }] }");
        assertThat(episodes("done")).hasSize(70);
        assertThatThrownBy(() -> new CurateStep.Ending(List.of()))
                .hasMessageStartingWith("Cannot use ending.keep = []");
    }

    @Test
    void theEpisodesOfSomeGroupsAreKept() {
        assertThatThrownBy(() -> curate("no { steps = [{ group { keep = [i] } }] }"))
                .hasMessageContaining("Cannot make subset no: group keep [i] keeps none of 70 episodes");
        curate("new { steps = [{ group { keep = [h] } }] }");
        assertThat(episodes("new")).hasSize(10).allMatch(episode -> episode.compareTo("e60") >= 0);
        assertThatThrownBy(() -> new CurateStep.Group(List.of()))
                .hasMessage("Cannot use group.keep = []: list at least one value of the column group");
    }

    @Test
    void thePartsOfASplitAreAllEpisodesAndNoneTwice() {
        var split = "{ train = 0.5, validation = 0.3, test = 0.2, seed = 4, part = ";
        curate("a { steps = [{ split " + split + "train } }] }, b { steps = [{ split " + split + "validation } }] },"
                + " c { steps = [{ split " + split + "test } }] }, half { steps = [{ sample { fraction = 0.5 } }] }");

        var together = new ArrayList<>(episodes("a"));
        together.addAll(episodes("b"));
        together.addAll(episodes("c"));
        assertThat(together).doesNotHaveDuplicates().hasSize(70);
        // As EpisodeShare says of each by itself, whatever the others are.
        assertThat(episodes("a")).allMatch(episode -> EpisodeShare.of("split", 4, episode) < 0.5);
        assertThat(episodes("half"))
                .allMatch(episode -> EpisodeShare.of("sample", 0, episode) < 0.5)
                .hasSizeBetween(25, 45)
                .isNotEqualTo(episodes("a"));
    }

    @Test
    void rewardsAreNormalisedByTheReturnsThatAreThere() {
        // Returns 0 to 34 of 5 steps; minus 1 a step they are -5 to 29, whose difference is to be 17.
        curate(
                "x { steps = [{ reward { shift = -1 } }, { normalise-returns { range = 17 } }, { return-range { min = 14 } }] }");

        assertThat(steps("x", "step", "min_return", "max_return"))
                .containsExactly(
                        "[all,0.0,34.0]",
                        "[reward,-5.0,29.0]",
                        "[normalise-returns,-2.5,14.5]",
                        "[return-range,14.0,14.5]");
        assertThat(episodes("x")).containsExactly("e68", "e69", "e66", "e67");
        assertThat(transformations("x"))
                .containsExactly(new Transformation.Reward(1, -1), new Transformation.Reward(0.5, 0));
    }

    @Test
    void theScalerIsOfTheObservationsThatAreKept() {
        // Observations are 0, 1, 2, 3, 4 in every episode: mean 2, variance (4 + 1 + 0 + 1 + 4) / 5 = 2.
        curate(
                "x { top-percent = 10, steps = [{ standardise-observations { epsilon = 0.5 } }, { clip-actions { margin = 0.25 } }] }");

        var scaler = Transformation.scaler(transformations("x")).orElseThrow();
        assertThat(scaler.mean().get(0)).isEqualTo(2, within(1e-12));
        assertThat(scaler.std().get(0)).isEqualTo(Math.sqrt(2), within(1e-12));
        assertThat(scaler.epsilon()).isEqualTo(0.5);
        assertThat(transformations("x")).hasSize(2).endsWith(new Transformation.ClipActions(0.25));
        assertThat(said)
                .contains("[curate] x: standardise-observations 0.5 (1 entries, means from 2.000 to 2.000,"
                        + " standard deviations from 1.414 to 1.414)");
    }

    @Test
    void transitionsOfTheSameReturnsAndOtherObservationsMakeSubsetsStale() {
        curate("x { top-percent = 10, steps = [{ standardise-observations {} }] }");
        assertThat(context.warehouse().require(TableName.SUBSETS).manifest().parents())
                .extracting(Manifest.Parent::table)
                .containsExactly("transitions", "episodes");

        replaceByShifted();

        assertThatThrownBy(() -> context.warehouse().require(TableName.SUBSETS))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read subsets in " + out + ": subsets v1 was made from another transitions v1 than is"
                                + " there now; run curate with --out " + out + " again");
        assertThatThrownBy(() -> curate("x { top-percent = 10, steps = [{ standardise-observations {} }] }"))
                .hasMessageContaining("(parent transitions: ")
                .hasMessageEndingWith("; choose another --out or remove " + out + "/subsets");
    }

    @Test
    void subsetsThatNameTheirEpisodesOnlyAreReadUnlessTheyAreOlder() throws IOException {
        var scaled = "x { top-percent = 10, steps = [{ standardise-observations {} }] }";
        curate(scaled);
        for (var table : List.of(TableName.SUBSETS, TableName.SUBSET_STEPS)) {
            asOfAnEarlierHindcast(table);
        }

        assertThat(context.warehouse().require(TableName.SUBSETS).manifest().parents())
                .hasSize(1);
        assertThat(curate(scaled).upToDate()).isTrue();
        assertThat(Transformation.scaler(transformations("x")).orElseThrow().mean())
                .containsExactly(2.0);

        replaceByShifted();
        assertThat(context.warehouse().snapshot().leftOut())
                .contains("subsets v1 was made from another episodes v1 than is there now; run curate with --out " + out
                        + " again");
        assertThat(curate(scaled).summary()).isEqualTo("subsets v2: 2 subsets of 70 episodes");
        assertThat(Transformation.scaler(transformations("x")).orElseThrow().mean())
                .containsExactly(12.0);
    }

    private void replaceByShifted() {
        for (var table : List.of("transitions", "episodes", "quarantine")) {
            assertThat(FileUtils.deleteQuietly(out.resolve(table).toFile())).isTrue();
        }
        publish(context, 0, 70, Optional.empty(), 10);
    }

    private void asOfAnEarlierHindcast(TableName table) throws IOException {
        var version = context.warehouse().snapshot().find(table).orElseThrow();
        var manifest = version.manifest();
        var episodes = context.warehouse().require(TableName.EPISODES).asParent();
        var key = new Request("curate", manifest.configuration(), List.of(episodes), List.of()).key();
        Manifests.edit(
                Path.of(version.path(), "_manifest.json"),
                text -> text.replace(manifest.requestKey(), key)
                        .replaceFirst("\\{\\s*\"table\" : \"transitions\"[^}]*},\\s*", ""));
    }

    @Test
    void subsetsOfAnAppendedDatasetAreANewVersionInWhichNoEpisodeChangedItsPart() {
        var split = "x { steps = [{ split { part = train, train = 0.5, validation = 0.5, test = 0 } }] }";
        curate(split);
        var before = episodes("x");

        publish(context, 70, 90, context.warehouse().snapshot().find(TableName.TRANSITIONS));
        assertThat(curate(split).summary()).isEqualTo("subsets v2: 2 subsets of 90 episodes");
        assertThat(episodes("all")).hasSize(90);
        assertThat(episodes("x")).containsAll(before);
        assertThat(episodes("x").stream().filter(episode -> episode.compareTo("e70") < 0))
                .containsExactlyInAnyOrderElementsOf(before);
        assertThatThrownBy(() -> curate("x { top-percent = 10 }")).hasMessageContaining("came from another");
    }

    /** One of each kind of step. */
    private static final Map<String, String> EACH = Map.ofEntries(
            Map.entry("top-percent", "percent = 50"),
            Map.entry("return-range", "min = 5"),
            Map.entry("length-range", "min = 5"),
            Map.entry("ending", "keep = [terminated]"),
            Map.entry("group", "keep = [g]"),
            Map.entry("sample", "fraction = 0.9"),
            Map.entry("split", "part = train"),
            Map.entry("first-transitions", "count = 12"),
            Map.entry("reward", "shift = 1"),
            Map.entry("normalise-returns", ""),
            Map.entry("standardise-observations", ""),
            Map.entry("clip-actions", ""),
            Map.entry("behaviour-bonus", "run = nowhere, weight = 1"),
            Map.entry("mixture", "others = [{ out = nowhere }]"));

    /** Those that need more than the dataset. */
    private static final Set<String> REFUSED = Set.of("behaviour-bonus", "mixture");

    @Test
    void everyKindOfStepIsDoneOrSaysWhatItNeeds() {
        assertThat(kinds(CurateStep.class).map(kind -> Settings.kebab(StringUtils.uncapitalize(kind.getSimpleName()))))
                .containsExactlyInAnyOrderElementsOf(EACH.keySet());

        for (var kind : REFUSED) {
            assertThatThrownBy(() -> curate("x { steps = [{ " + kind + " { " + EACH.get(kind) + " } }] }"))
                    .isInstanceOf(UserException.class)
                    .hasMessageStartingWith("Cannot ");
        }
        var done =
                EACH.keySet().stream().filter(kind -> !REFUSED.contains(kind)).toList();
        curate(done.stream()
                .map(kind -> kind + " { steps = [{ " + kind + " { " + EACH.get(kind) + " } }] }")
                .collect(Collectors.joining(", ")));
        assertThat(done).allSatisfy(kind -> assertThat(steps(kind, "step")).containsExactly("[all]", "[" + kind + "]"));
    }

    private static Stream<Class<?>> kinds(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(CurateStageTest::kinds)
                : Stream.of(type);
    }

    @Test
    void whatCannotBeIsRefusedInOneLine() {
        refused(
                "x { from = y }",
                "Cannot use subset 'y' (in curate.subsets.x.from): there is no such subset; did you mean 'x'?");
        refused(
                "x { from = y }, y { from = x }",
                "Cannot make subset x: it begins with itself (x from y from x); let one be from all");
        refused(
                "x { steps = [{ return-range { min = 2, max = 1 } }] }",
                "Cannot use return-range with min = 2.0, max = 1.0: no number is in it; swap them (in section"
                        + " subsets.x.steps.return-range)");
        refused(
                "x { steps = [{ length-range { } }] }",
                "Cannot use length-range without min and max: it would keep everything; give one (in section"
                        + " subsets.x.steps.length-range)");
        refused(
                "x { steps = [{ split { part = train, train = 0.9, validation = 0.1, test = 0.1 } }] }",
                "Cannot use split with train = 0.9, validation = 0.1, test = 0.1: they sum to 1.1; let them sum to 1 (in"
                        + " section subsets.x.steps.split)");
        refused(
                "x { steps = [{ reward { shift = 1 }, sample { fraction = 0.5 } }] }",
                "Cannot use subsets.x.steps with reward and sample: it must be one of them; write a section with one key,"
                        + " { NAME { … } }");
        refused(
                "x { steps = [{ top-percnt { percent = 5 } }] }",
                "Cannot use key 'subsets.x.steps.top-percnt': there is no such key; did you mean 'top-percent'?");
        refused(
                "x { steps = [{ return-range { min = 99 } }] }",
                "Cannot make subset x: return-range min 99.0 keeps none of 70 episodes, 350 transitions, mean return 17.00;"
                        + " widen it");
        refused(
                "x { steps = [{ standardise-observations {} }, { standardise-observations {} }] }",
                "Cannot do standardise-observations after standardise-observations in subset x: they are standardised"
                        + " already; change the order of the steps");
        refused(
                "x { steps = [{ return-range { max = 0 } }, { normalise-returns {} }] }",
                "Cannot do normalise-returns range 1000.0 in subset x: every one of its 2 episodes returns 0.0; leave the"
                        + " step out");
        refused(
                "x { top-percent = 10, steps = [{ behaviour-bonus { run = nowhere, weight = 1 } }] }",
                "Cannot do behaviour-bonus in subset x: 35 of its 35 transitions have no behaviour_log_prob; ingest the log"
                        + " with its propensities, or leave the step out");
        refused(
                "x { steps = [{ behaviour-bonus { run = nowhere, weight = 1 } }, { top-percent { percent = 5 } }] }",
                "Cannot do top-percent after behaviour-bonus in subset x: returns with the bonus are not known before"
                        + " training; change the order of the steps");
    }

    private void refused(String subsets, String message) {
        assertThatThrownBy(() -> curate(subsets))
                .isInstanceOf(UserException.class)
                .hasMessage(message);
    }

    private List<Transformation> transformations(String subset) {
        var warehouse = context.warehouse();
        return SubsetStepsTable.transformations(
                SubsetStepsTable.all(warehouse, warehouse.require(TableName.SUBSET_STEPS)), subset);
    }

    private List<String> steps(String subset, String first, String... others) {
        var warehouse = context.warehouse();
        return warehouse
                .read(warehouse.require(TableName.SUBSET_STEPS))
                .where("subset = '" + subset + "'")
                .orderBy("position")
                .select(first, others)
                .collectAsList()
                .stream()
                .map(Object::toString)
                .toList();
    }

    private StageResult curate(String subsets) {
        var conf = ConfigFactory.parseString("subsets { " + subsets + " }");
        return CurateStage.run(context, Settings.read(CurateConfig.class, conf, ""), most);
    }

    private List<String> episodes(String subset) {
        var warehouse = context.warehouse();
        return warehouse
                .read(warehouse.require(TableName.SUBSETS))
                .where("subset = '" + subset + "'")
                .orderBy("rank", "group")
                .collectAsList()
                .stream()
                .map(row -> row.getString(2))
                .toList();
    }
}
