package io.hindcast.source;

import static io.hindcast.source.Hdf5Fixtures.HADOOP;
import static io.hindcast.source.Hdf5Fixtures.MINARI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that Minari itself wrote, see make.py among the resources. */
class MinariHdf5Test {
    private static final String GOAL = "minari-goal/data/main_data.hdf5";
    private static final String DISCRETE = "minari-discrete/data/main_data.hdf5";

    private static final String IMAGES = "minari-images/data/main_data.hdf5";
    private static final String PLAIN = "minari-plain/data/main_data.hdf5";
    private static final String TEXT = "minari-text/data/main_data.hdf5";

    private static final String UNBOUNDED =
            "{\"action_space\": \"{\\\"type\\\": \\\"Box\\\", \\\"low\\\": [-Infinity], \\\"high\\\": [1]}\"}";

    @TempDir
    Path folder;

    @Test
    void episodesComeInTheOrderOfTheirNumbersAndKeepEveryRow() {
        var rows = Hdf5Fixtures.rows(GOAL, MINARI);
        assertThat(rows.stream().map(LoggedRow::episode).distinct())
                .containsExactly(
                        "main_data/episode_0",
                        "main_data/episode_1",
                        "main_data/episode_2",
                        "main_data/episode_3",
                        "main_data/episode_4",
                        "main_data/episode_5",
                        "main_data/episode_6",
                        "main_data/episode_7",
                        "main_data/episode_8",
                        "main_data/episode_9",
                        "main_data/episode_10");
        assertThat(rows.stream().map(LoggedRow::row))
                .hasSize(21)
                .startsWith(0L, 1L)
                .endsWith(20L);
    }

    @Test
    void dictionariesAreFlattenedInTheOrderOfTheirKeys() {
        var row = Hdf5Fixtures.rows(GOAL, MINARI).get(4); // the second of episode_2
        assertThat(row.observation()).containsExactly(-1, 201, 1); // achieved_goal, observation
        assertThat(row.nextObservation()).containsExactly(-2, 202, 2);
        assertThat(row.action()).containsExactly(0.125f, 0.125f);
        assertThat(row.reward()).isEqualTo(2);
    }

    @Test
    void theLastRowHasTheFlagsAndAnEpisodeWithoutAnyIsOpen() {
        var flags = Hdf5Fixtures.rows(GOAL, MINARI).stream()
                .limit(7)
                .map(row -> row.episode()
                        + (row.terminated() ? " terminated" : "")
                        + (row.truncated() ? " truncated" : ""));
        assertThat(flags)
                .containsExactly(
                        "main_data/episode_0 terminated",
                        "main_data/episode_1",
                        "main_data/episode_1 truncated",
                        "main_data/episode_2",
                        "main_data/episode_2",
                        "main_data/episode_2",
                        "main_data/episode_3 terminated");
    }

    @Test
    void withoutRewardsAnEpisodeHasAsManyStepsAsActions() {
        var mapping = plan(Hdf5Fixtures.input(GOAL)).columns();
        var without = ColumnMapping.of(
                mapping.observation(), mapping.action(), null, null, List.of(), "terminations", "truncations");
        assertThat(Hdf5Fixtures.rows(GOAL, Hdf5Fixtures.bytes(GOAL), MINARI, without))
                .hasSize(21)
                .allSatisfy(row -> assertThat(row.reward()).isZero());
    }

    @Test
    void everyEntryOfAnActionHasTheBoundsThatTheFileGives() {
        var plan = plan(Hdf5Fixtures.input(GOAL));
        assertThat(plan.actions()).isEqualTo(new ActionSpace.Continuous(List.of(-1.0, -2.0), List.of(1.0, 3.0)));
        assertThat(plan.notes()).isEmpty();
        assertThat(plan.columns().observation())
                .containsExactly("observations/achieved_goal", "observations/observation");
    }

    @Test
    void discreteActionsCountFromTheStartThatTheFileNames() {
        var plan = plan(Hdf5Fixtures.input(DISCRETE));
        assertThat(plan.actions()).isEqualTo(new ActionSpace.Discrete(3));
        assertThat(Hdf5Fixtures.rows(DISCRETE, MINARI).stream().map(LoggedRow::actionIndex))
                .containsExactly(0.0, 2.0, 0.0, 2.0);
    }

    @Test
    void withoutMetadataActionsAreBetweenMinusOneAndOne() throws IOException {
        var plan = plan(copy(null));
        assertThat(plan.actions()).isEqualTo(new ActionSpace.Continuous(2, -1, 1));
    }

    @Test
    void metadataOfAnotherFileIsRefused() throws IOException {
        var input = copy("{\"total_episodes\": 12}");
        assertThatThrownBy(() -> plan(input))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read main_data.hdf5: it has 11 episodes, and metadata.json beside it counts 12; copy"
                                + " both again");
    }

    @Test
    void anActionSpaceWithoutBoundsIsRefused() throws IOException {
        var input = copy(UNBOUNDED);
        assertThatThrownBy(() -> plan(input))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read the action space of main_data.hdf5 from metadata.json: it is Box without finite"
                                + " bounds; to take its numbers as real ones give action-space { type = continuous,"
                                + " dimension = 2, low = ..., high = ... }, where low = data, high = data take the bounds"
                                + " from the data");
    }

    @Test
    void metadataThatIsNoJsonIsRefused() throws IOException {
        var input = copy("[".repeat(100_000));
        assertThatThrownBy(() -> plan(input))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read metadata.json beside main_data.hdf5: it is no JSON as Minari writes it; copy it"
                                + " again, or remove it and give action-space");
    }

    @Test
    void imagesAreDecodedAsMinariItselfDecodesThem() {
        var rows = Hdf5Fixtures.rows(IMAGES, MINARI); // noise (32 x 40 x 3), raw (31 x 32), shade (33 x 32)
        assertThat(rows).hasSize(2);
        var first = rows.get(0).observation();
        assertThat(first).hasSize(3_840 + 992 + 1_056);
        assertThat(checksum(first, 0, 3_840)).isEqualTo(50475198);
        assertThat(checksum(first, 4_832, 5_888)).isEqualTo(3527916974L);
        assertThat(checksum(rows.get(1).nextObservation(), 0, 3_840)).isEqualTo(2954060920L);
        assertThat(checksum(rows.get(1).nextObservation(), 4_832, 5_888)).isEqualTo(1586775681);
        assertThat(first[3_840 + 32])
                .as("row 1 of what is too small to be packed")
                .isEqualTo(1);
    }

    @Test
    void imagesThatPackToOneLengthAreNoMatrixOfNumbers() {
        var observation = Hdf5Fixtures.rows(PLAIN, MINARI).get(0).observation();
        assertThat(observation).hasSize(3_840).startsWith(10, 99, 199);
        assertThat(checksum(observation, 0, 3_840)).isEqualTo(3827275795L);
    }

    @Test
    void packedImagesOfUnknownSizeAreRefused() throws IOException {
        for (var name : List.of(IMAGES, PLAIN)) {
            var input = copy(name, null);
            assertThatThrownBy(() -> plan(input))
                    .isInstanceOf(UserException.class)
                    .hasMessage(
                            "Cannot read array 'episode_0/observations" + (name.equals(IMAGES) ? "/noise" : "")
                                    + "' of main_data.hdf5: it holds packed images, not numbers; put Minari's metadata.json, which has their size, beside the file");
        }
    }

    @Test
    void anImageOfAnotherSizeIsRefused() throws IOException {
        var metadata = Files.readString(Hdf5Fixtures.path(PLAIN).resolveSibling("metadata.json"));
        var input = copy(PLAIN, metadata.replace("[32, 40, 3]", "[40, 32, 3]"));
        assertThatThrownBy(() -> rows(input))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read array 'episode_0/observations' of main_data.hdf5: of row 0: it is a JPEG image"
                        + " of 32 x 40 pixels, not 40 x 32; copy or save it again");
    }

    @Test
    void textIsCalledByItsNameAndIsLeftOutByNamingTheOthers() {
        assertThatThrownBy(() -> plan(Hdf5Fixtures.input(TEXT)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read main_data.hdf5: observations/mission is text, which is not read; name the"
                        + " others, with the other columns of the format: columns.observation ="
                        + " [\"observations/position\"]");
        var columns = ColumnMapping.of(
                List.of("observations/mission"),
                List.of(),
                "actions",
                "rewards",
                List.of(),
                "terminations",
                "truncations");
        assertThatThrownBy(() -> PlannedLogs.plan(Hdf5Fixtures.input(TEXT), columns, MINARI, HADOOP))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read array 'episode_0/observations/mission' of main_data.hdf5: it holds texts, not"
                        + " numbers; leave it out of columns");
    }

    private static long checksum(float[] pixels, int from, int to) {
        var sum = new CRC32();
        for (var i = from; i < to; i++) {
            sum.update((int) pixels[i]);
        }
        return sum.getValue();
    }

    private static List<LoggedRow> rows(InputFile input) {
        var plan = plan(input);
        var rows = new ArrayList<LoggedRow>();
        for (var part : plan.parts()) {
            try (var read = PlannedLogs.rows(part, plan.columns(), MINARI, HADOOP)) {
                read.forEachRemaining(rows::add);
            }
        }
        return rows;
    }

    @Test
    void anActionSpaceThatIsGivenComesBeforeTheFiles() throws IOException {
        var input = copy(UNBOUNDED);
        var given = new ActionSpace.Continuous(2, -5, 5);
        var rules = new PlannedLogs.Rules(Format.MINARI, EpisodePer.COLUMN, null, null, false, given, null);
        var plan = PlannedLogs.plan(input, null, rules, HADOOP);
        assertThat(plan.actions()).isEqualTo(given);
        assertThat(plan.columns().action()).containsExactly("actions");
    }

    @Test
    void discreteObservationsAreSpreadAsGymnasiumFlattensThem() {
        var rows = Hdf5Fixtures.rows(DISCRETE, MINARI); // Discrete(3): 0, 1, 2
        assertThat(plan(Hdf5Fixtures.input(DISCRETE)).columns().observation())
                .containsExactly("one-hot:observations{3}");
        assertThat(rows.get(0).observation()).containsExactly(1, 0, 0);
        assertThat(rows.get(0).nextObservation()).containsExactly(0, 1, 0);
        assertThat(rows.get(1).nextObservation()).containsExactly(0, 0, 1);
    }

    @Test
    void theirNumberIsReadWhereTheColumnIsNamed() {
        var columns = ColumnMapping.of(
                List.of("observations"), List.of(), "actions", "rewards", List.of(), "terminations", "truncations");
        var rows = Hdf5Fixtures.rows(DISCRETE, Hdf5Fixtures.bytes(DISCRETE), MINARI, columns);
        assertThat(rows.get(1).observation()).containsExactly(1);
    }

    @Test
    void aNumberThatIsNoneOfItsValuesIsNoObservation() throws IOException {
        var columns = ColumnMapping.of(
                List.of("one-hot:observations{2}"), List.of(), "actions", "rewards", List.of(), null, null);
        var rows = Hdf5Fixtures.rows(DISCRETE, Hdf5Fixtures.bytes(DISCRETE), MINARI, columns);
        assertThat(rows.get(1).nextObservation()).containsExactly(Float.NaN, Float.NaN);
    }

    @Test
    void actionsOfSeveralWholeNumbersAreOneIndex() throws IOException {
        var plan = plan(copy(
                actions("{\"type\": \"MultiDiscrete\", \"dtype\": \"int64\", \"nvec\": [3, 2], \"start\": [0, 1]}")));
        assertThat(plan.actions()).isEqualTo(ActionSpace.Discrete.ofFactors(List.of(3, 2), List.of(0, 1)));
        assertThat(plan.columns().action()).containsExactly("actions");
        assertThat(plan(copy(actions("{\"type\": \"MultiBinary\", \"n\": 2}"))).actions())
                .isEqualTo(ActionSpace.Discrete.ofFactors(List.of(2, 2), List.of(0, 0)));
    }

    @Test
    void actionsThatDoNotBecomeOneAreCalledByTheirNames() throws IOException {
        var mixed = actions("{\"type\": \"Dict\", \"subspaces\": {\"grip\": {\"type\": \"Discrete\", \"n\": 2}, "
                + "\"move\": {\"type\": \"Box\", \"shape\": [1], \"low\": [-1], \"high\": [1]}}}");
        assertThatThrownBy(() -> plan(copy(mixed)))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        "Cannot read the action space of main_data.hdf5 from metadata.json: it is Dict of"
                                + " real numbers and of numbers to choose from; to take its numbers as real ones give"
                                + " action-space { type = continuous, dimension = 2, ");
        var many = actions("{\"type\": \"MultiDiscrete\", \"nvec\": [65, 64]}");
        assertThatThrownBy(() -> plan(copy(many)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it is MultiDiscrete whose numbers have more than 4096 combinations; to take");
    }

    private static String actions(String space) {
        return "{\"action_space\": \"" + space.replace("\"", "\\\"") + "\"}";
    }

    @Test
    void aFolderIsReadAsMinariLaysItOut() {
        var found = FoundFiles.find(
                        HADOOP, List.of(Hdf5Fixtures.path("minari-goal").toString()), Format.MINARI, List.of(), "")
                .files();
        assertThat(found).hasSize(1);
        assertThat(found.get(0).name()).isEqualTo("minari-goal/data/main_data.hdf5");
        assertThat(Format.MINARI.stem(found.get(0).name())).isEqualTo("minari-goal");
    }

    private static FilePlan plan(InputFile input) {
        return PlannedLogs.plan(input, null, MINARI, HADOOP);
    }

    /** The file with goals, with another {@code metadata.json} beside it. */
    private InputFile copy(String metadata) throws IOException {
        return copy(GOAL, metadata);
    }

    private InputFile copy(String fixture, String metadata) throws IOException {
        var file = folder.resolve("main_data.hdf5");
        Files.copy(Hdf5Fixtures.path(fixture), file, StandardCopyOption.REPLACE_EXISTING);
        if (metadata != null) {
            Files.writeString(folder.resolve("metadata.json"), metadata);
        }
        return new InputFile("main_data.hdf5", file.toString(), Files.size(file));
    }
}
