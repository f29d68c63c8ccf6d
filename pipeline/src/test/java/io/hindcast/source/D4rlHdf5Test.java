package io.hindcast.source;

import static io.hindcast.source.Hdf5Fixtures.D4RL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Transition;
import io.hindcast.timeline.EpisodeAssembler;
import io.hindcast.timeline.EpisodeRules;
import io.hindcast.timeline.EpisodeRules.ActionConvention;
import io.hindcast.timeline.EpisodeRules.AfterTerminal;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.FinalRow;
import io.hindcast.timeline.EpisodeRules.Jump;
import io.hindcast.timeline.EpisodeRules.OnBreak;
import io.hindcast.timeline.EpisodeRules.OutOfBounds;
import io.hindcast.timeline.LoggedRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 12 rows: observation {@code [i, 10 i]}, reward {@code i / 2}, terminals at 2, 3, 5 and 7, timeouts at 5 and 8. See make.py
 * among the resources.
 */
class D4rlHdf5Test {
    @Test
    void everyRowFindsItsSuccessorByTheRuleOfD4rl() {
        assertThat(words(Hdf5Fixtures.rows("d4rl.hdf5", D4RL), 1, null))
                .containsExactly(
                        "d4rl/000000000: 0>1 1>2 2>3 terminated",
                        // Terminals come in runs: the second is an episode of one step.
                        "d4rl/000000003: 3>4 terminated",
                        // Row 5 has a timeout, so its terminal belongs to whatever comes next, and it is left out.
                        "d4rl/000000004: 4>5 truncated",
                        // Row 8 has a timeout and follows an end: there is no row before it to be truncated.
                        "d4rl/000000006: 6>7 7>8 terminated",
                        "d4rl/000000009: 9>10 10>11 open");
    }

    @Test
    void withNextObservationsNoRowIsLeftOut() {
        assertThat(words(Hdf5Fixtures.rows("d4rl-types.hdf5", D4RL), 40, null))
                .containsExactly(
                        "d4rl/000000000: 0>0.5 1>1.5 2>2.5 terminated",
                        "d4rl/000000003: 3>3.5 terminated",
                        "d4rl/000000004: 4>4.5 5>5.5 terminated",
                        "d4rl/000000006: 6>6.5 7>7.5 terminated",
                        "d4rl/000000008: 8>8.5 truncated",
                        "d4rl/000000009: 9>9.5 10>10.5 11>11.5 open");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d4rl.hdf5", "d4rl-types.hdf5", "d4rl-v110.hdf5"})
    void anyTypeLayoutAndFilterGivesTheSameNumbers(String fixture) {
        var rows = Hdf5Fixtures.rows(fixture, D4RL);
        assertThat(rows).hasSize(12);
        for (var i = 0; i < 12; i++) {
            var row = rows.get(i);
            assertThat(row.observation()).containsExactly(i, 10 * i);
            assertThat(row.action()).contains(i / 16f).doesNotContain((i + 1) / 16f);
            assertThat(row.reward()).isEqualTo(i / 2.0);
            assertThat(row.row()).isEqualTo(i);
        }
    }

    @Test
    void aFileOfTooNewAVersionIsNotCalledDamaged() {
        assertThatThrownBy(() -> Hdf5Fixtures.rows("d4rl-v200.hdf5", D4RL))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.hdf5: it uses what is not known of HDF5 (Unsupported data layout message"
                        + " version detected. Detected version = 5); save it again with h5py and no libver");
    }

    @Test
    void aFileSaysWhatItsActionsAre() {
        try (var file = Hdf5Fixtures.open(Hdf5Fixtures.bytes("d4rl-types.hdf5"))) {
            var plan = D4rlHdf5.plan(Hdf5Fixtures.input("d4rl-types.hdf5"), file, null, D4RL);
            assertThat(plan.actions()).isEqualTo(new ActionSpace.Continuous(40, -1, 1));
            assertThat(plan.columns().nextObservation()).containsExactly("next_observations");
            assertThat(plan.parts()).hasSize(1);
        }
    }

    @Test
    void aLongFileIsReadInPartsThatEndWithAnEpisode() {
        var fixture = "d4rl-parts.hdf5";
        var input = Hdf5Fixtures.input(fixture);
        var plan = PlannedLogs.plan(input, null, D4RL, Hdf5Fixtures.HADOOP);
        // 72 episodes of 700 rows are the first to come to 50,000.
        assertThat(plan.parts())
                .containsExactly(
                        new FilePart(input, 0, 50_400, 0),
                        new FilePart(input, 50_400, 100_800, 50_400),
                        new FilePart(input, 100_800, 120_000, 100_800));
        try (var rows = PlannedLogs.rows(plan.parts().get(1), plan.columns(), D4RL, Hdf5Fixtures.HADOOP)) {
            for (var row = 50_400; row < 100_800; row++) {
                var logged = rows.next();
                assertThat(logged.row()).isEqualTo(row);
                assertThat(logged.observation()[0]).isEqualTo(row % 700);
            }
            assertThat(rows.hasNext()).isFalse();
        }
    }

    @Test
    void whereNoRewardsWereLoggedEveryRowHasZeroOrTheGivenNumber() {
        var columns = ColumnMapping.of(
                List.of("observations"), List.of("actions"), null, null, List.of(), "terminals", "timeouts");
        assertThat(Hdf5Fixtures.rows("d4rl.hdf5", Hdf5Fixtures.bytes("d4rl.hdf5"), D4RL, columns))
                .hasSize(12)
                .allSatisfy(row -> assertThat(row.reward()).isZero());
    }

    @Test
    void otherArraysAreMappedByColumns() {
        var columns = ColumnMapping.of(
                List.of("infos/qpos", "rewards"),
                List.of("actions"),
                null,
                "rewards",
                List.of(),
                "terminals",
                "timeouts");
        var rows = Hdf5Fixtures.rows("d4rl.hdf5", Hdf5Fixtures.bytes("d4rl.hdf5"), D4RL, columns);
        assertThat(rows.get(3).observation()).containsExactly(3, 30, 1.5f);
    }

    @Test
    void aMissingArrayIsNamedAndTheNearestSuggested() {
        var columns = ColumnMapping.of(
                List.of("observation"), List.of("actions"), null, "rewards", List.of(), "terminals", "timeouts");
        assertThatThrownBy(() -> Hdf5Fixtures.rows("d4rl.hdf5", Hdf5Fixtures.bytes("d4rl.hdf5"), D4RL, columns))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use column 'observation' of demo.hdf5: there is no such column; did you mean"
                        + " 'observations'?");
    }

    @Test
    void withoutTimeoutsTheLengthOfAnEpisodeMustBeGiven() {
        var columns = ColumnMapping.of(
                List.of("observations"), List.of("actions"), null, "rewards", List.of(), "terminals", null);
        var bytes = Hdf5Fixtures.bytes("d4rl.hdf5");
        assertThatThrownBy(() -> Hdf5Fixtures.rows("d4rl.hdf5", bytes, D4RL, columns))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read demo.hdf5: it has no 'timeouts', so it is not known where an episode was cut; set"
                                + " episode-length to the environment's step limit, or jump to what a step cannot bridge");
        var rules = new PlannedLogs.Rules(Format.D4RL_HDF5, EpisodePer.DONE, 3, false);
        // Row 2 would be the third of its episode and is terminal: a timeout, as the environment's step limit has it.
        assertThat(words(Hdf5Fixtures.rows("d4rl.hdf5", bytes, rules, columns), 1, null))
                .containsExactly(
                        "d4rl/000000000: 0>1 1>2 truncated",
                        "d4rl/000000003: 3>4 terminated",
                        "d4rl/000000004: 4>5 5>6 terminated",
                        "d4rl/000000006: 6>7 7>8 terminated",
                        "d4rl/000000008: 8>9 9>10 truncated");
    }

    private static PlannedLogs.Rules after(AfterTerminal what, @Nullable Integer episodeLength) {
        return new PlannedLogs.Rules(Format.D4RL_HDF5, EpisodePer.DONE, episodeLength, what, false, null, null);
    }

    @Test
    void whereTheLogGoesOnAfterATerminalRowEpisodesAreThoseAndKnowTheirTrajectory() {
        var rows = Hdf5Fixtures.rows("d4rl.hdf5", after(AfterTerminal.GOES_ON, null));

        assertThat(words(rows, 1, null)).isEqualTo(words(Hdf5Fixtures.rows("d4rl.hdf5", D4RL), 1, null));
        // Timeouts at 5 and 8 end a trajectory, terminals do not.
        assertThat(rows)
                .extracting(LoggedRow::trajectory)
                .containsExactly(0L, 0L, 0L, 0L, 0L, 0L, 6L, 6L, 6L, 9L, 9L, 9L);
        assertThat(trajectories(rows, null))
                .containsExactly(
                        "d4rl/000000000 null",
                        "d4rl/000000003 d4rl/000000000",
                        "d4rl/000000004 d4rl/000000000",
                        "d4rl/000000006 null",
                        "d4rl/000000009 null");
        assertThat(trajectories(Hdf5Fixtures.rows("d4rl.hdf5", after(AfterTerminal.RESETS, null)), null))
                .allMatch(episode -> episode.endsWith(" null"));
    }

    @Test
    void whereTheLogGoesOnAnEpisodesLengthIsCountedFromTheStartOfItsTrajectory() {
        var columns = ColumnMapping.of(
                List.of("observations"), List.of("actions"), null, "rewards", List.of(), "terminals", null);
        var rows = Hdf5Fixtures.rows(
                "d4rl.hdf5", Hdf5Fixtures.bytes("d4rl.hdf5"), after(AfterTerminal.GOES_ON, 4), columns);

        assertThat(rows.stream().filter(LoggedRow::truncated).map(LoggedRow::row))
                .containsExactly(3L, 7L, 11L);
    }

    @Test
    void anotherTrajectoryBeginsWhereTheStateJumps() {
        var rows = new ArrayList<>(Hdf5Fixtures.rows("d4rl.hdf5", after(AfterTerminal.GOES_ON, null)));
        rows.remove(1); // from 0 to 2

        assertThat(trajectories(rows, new Jump(List.of(0), 1.5)))
                .containsExactly(
                        "d4rl/000000002 null",
                        "d4rl/000000003 d4rl/000000002",
                        "d4rl/000000004 d4rl/000000002",
                        "d4rl/000000006 null",
                        "d4rl/000000009 null");
    }

    @Test
    void aFileTooShortToTellIsTakenToBeginAnewAndSaysSo() {
        try (var file = Hdf5Fixtures.open(Hdf5Fixtures.bytes("d4rl.hdf5"))) {
            var plan = D4rlHdf5.plan(Hdf5Fixtures.input("d4rl.hdf5"), file, null, D4RL);

            assertThat(plan.notes())
                    .containsExactly(
                            "demo.hdf5: after a terminal row a new trajectory begins (there are too few other rows to decide); if the log goes on there, set after-terminal = goes-on");
            assertThat(plan.parts()).extracting(FilePart::trajectory).containsOnlyNulls();
        }
    }

    /** Of each episode its id and its trajectory. */
    private static List<String> trajectories(List<LoggedRow> rows, @Nullable Jump jump) {
        var assembler = new EpisodeAssembler(rules(1, jump), rows.iterator(), id -> false);
        var words = new ArrayList<String>();
        while (assembler.hasNext()) {
            var episode = assembler.next();
            if (!episode.transitions().isEmpty()) {
                words.add(episode.transitions().get(0).episodeId() + " " + episode.trajectory());
            }
        }
        return words;
    }

    @Test
    void anEpisodeIsSplitWhereTheStateJumps() {
        var rules = new PlannedLogs.Rules(Format.D4RL_HDF5, EpisodePer.DONE, null, true);
        var rows = new ArrayList<>(Hdf5Fixtures.rows("d4rl.hdf5", rules));
        rows.remove(10); // from 9 to 11
        // Neither row has a successor then, so that nothing bridges the jump.
        assertThat(words(rows, 1, new Jump(List.of(0), 1.5)))
                .hasSize(4)
                .last()
                .isEqualTo("d4rl/000000006: 6>7 7>8 terminated");
    }

    private static EpisodeRules rules(int actions, @Nullable Jump jump) {
        return new EpisodeRules(
                EpisodePer.DONE,
                ActionConvention.TAKEN_HERE,
                FinalRow.DROP,
                OutOfBounds.QUARANTINE,
                OnBreak.SPLIT,
                Double.POSITIVE_INFINITY,
                jump,
                new ActionSpace.Continuous(actions, -1, 1),
                2,
                Format.D4RL_HDF5);
    }

    private static List<String> words(List<LoggedRow> rows, int actions, @Nullable Jump jump) {
        var words = new ArrayList<String>();
        // One name, so that the identifiers of all fixtures are alike.
        var renamed = rows.stream().map(D4rlHdf5Test::renamed).iterator();
        var assembler = new EpisodeAssembler(rules(actions, jump), renamed, id -> false);
        while (assembler.hasNext()) {
            var episode = assembler.next();
            assertThat(episode.quarantined()).isEmpty();
            var transitions = episode.transitions();
            if (transitions.isEmpty()) {
                continue;
            }
            var text = new StringBuilder(transitions.get(0).episodeId()).append(':');
            for (var transition : transitions) {
                text.append(' ')
                        .append(plain(transition.observation()[0]))
                        .append('>')
                        .append(plain(transition.nextObservation()[0]));
            }
            words.add(text.append(' ').append(Transition.ending(transitions)).toString());
        }
        return words;
    }

    private static LoggedRow renamed(LoggedRow row) {
        return new LoggedRow(
                null,
                null,
                null,
                row.observation(),
                row.action(),
                null,
                row.reward(),
                row.nextObservation(),
                row.terminated(),
                row.truncated(),
                null,
                null,
                null,
                null,
                null,
                "d4rl.hdf5",
                row.row());
    }

    private static String plain(float value) {
        return value == Math.rint(value) ? String.valueOf((int) value) : String.valueOf(value);
    }

    @Test
    void idsAndTimesOf64BitsAreExact() {
        var rows = Hdf5Fixtures.rows(
                "d4rl-ids.hdf5",
                Hdf5Fixtures.bytes("d4rl-ids.hdf5"),
                new PlannedLogs.Rules(Format.D4RL_HDF5, EpisodePer.COLUMN, null, false),
                Settings.read(
                        ColumnMapping.class,
                        ConfigFactory.parseString("observation = [observations], action = [actions], reward = rewards,"
                                + " episode-id = ids, time = times, group = unsigned"),
                        "columns"));
        assertThat(rows.stream().map(LoggedRow::episode).distinct())
                .containsExactly("20261101120000001", "20261101120000002", "20261101120000003");
        assertThat(rows.get(0).group()).isEqualTo("18446744073709551615");
        assertThat(rows.get(1).since(rows.get(0))).isEqualTo(100);
        assertThat(rows.get(5).since(rows.get(4))).isEqualTo(100);
    }
}
