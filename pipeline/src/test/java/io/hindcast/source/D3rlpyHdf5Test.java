package io.hindcast.source;

import static io.hindcast.source.Hdf5Fixtures.D3RLPY;
import static io.hindcast.source.Hdf5Fixtures.D4RL;
import static io.hindcast.source.Hdf5Fixtures.HADOOP;
import static io.hindcast.source.Hdf5Fixtures.MINARI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files with the arrays that d3rlpy writes, see make.py among the resources. */
class D3rlpyHdf5Test {
    @Test
    void anEpisodeThatTerminatedKeepsItsLastRowAndZerosFollow() {
        var rows = Hdf5Fixtures.rows("d3rlpy.h5", D3RLPY);
        assertThat(rows).hasSize(6 * 3 + 6 * 2);
        var last = rows.get(2);
        assertThat(last.episode()).isEqualTo("d3rlpy/0");
        assertThat(last.observation()).containsExactly(4, 5, 2);
        assertThat(last.nextObservation()).containsExactly(0, 0, 0);
        assertThat(last.actionIndex()).isEqualTo(1);
        assertThat(last.reward()).isEqualTo(3);
        assertThat(last.terminated()).isTrue();
        assertThat(rows.get(1).terminated()).isFalse();
    }

    @Test
    void theLastRowOfAnyOtherIsOnlyWhatWasSeenLast() {
        var rows = Hdf5Fixtures.rows("d3rlpy.h5", D3RLPY);
        var last = rows.get(4);
        assertThat(last.episode()).isEqualTo("d3rlpy/1");
        assertThat(last.observation()).containsExactly(102, 103, 2);
        assertThat(last.nextObservation()).containsExactly(104, 105, 3);
        assertThat(last.terminated()).isFalse();
        assertThat(last.truncated()).isTrue();
        assertThat(rows.get(5).episode()).isEqualTo("d3rlpy/2");
    }

    @Test
    void episodesComeInTheOrderOfTheirNumbers() {
        assertThat(Hdf5Fixtures.rows("d3rlpy.h5", D3RLPY).stream()
                        .map(LoggedRow::episode)
                        .distinct())
                .startsWith("d3rlpy/0", "d3rlpy/1", "d3rlpy/2")
                .endsWith("d3rlpy/10", "d3rlpy/11");
    }

    @Test
    void actionsAreCountedAsD3rlpyCountsThemUnlessTheyAreGiven() {
        var plan = plan("d3rlpy.h5", D3RLPY);
        assertThat(plan.actions()).isEqualTo(new ActionSpace.Discrete(3));
        assertThat(plan.notes())
                .containsExactly("the files do not say how many actions there are: 3, one more than the greatest number"
                        + " in the data, as d3rlpy counts them; give action-space if the environment has more");
        var four = new ActionSpace.Discrete(4);
        var given = plan(
                "d3rlpy.h5", new PlannedLogs.Rules(Format.D3RLPY, EpisodePer.COLUMN, null, null, false, four, null));
        assertThat(given.actions()).isEqualTo(four);
        assertThat(given.notes()).isEmpty();
    }

    @Test
    void filesOfVersionOneHaveAllEpisodesInOneArray() {
        var rows = Hdf5Fixtures.rows("d3rlpy-old.h5", D3RLPY);
        assertThat(rows.stream()
                        .map(row -> row.episode() + " " + (int) row.observation()[0] + " to "
                                + (int) row.nextObservation()[0] + (row.terminated() ? " terminated" : "")
                                + (row.truncated() ? " truncated" : "")))
                .containsExactly(
                        "d3rlpy-old/000000000 0 to 1",
                        "d3rlpy-old/000000000 1 to 2",
                        "d3rlpy-old/000000000 2 to 0 terminated",
                        "d3rlpy-old/000000003 3 to 4",
                        "d3rlpy-old/000000003 4 to 5",
                        "d3rlpy-old/000000003 5 to 6 truncated");
    }

    @Test
    void boundsGoFromMinusOneToOneOrAsFarAsTheDataGo() {
        var plan = plan("d3rlpy-old.h5", D3RLPY);
        assertThat(plan.actions()).isEqualTo(new ActionSpace.Continuous(1, -2, 1));
        assertThat(plan.notes())
                .containsExactly("the files do not say the bounds of actions: [-2.0] to [1.0] are as far as the data go"
                        + " beyond -1 to 1; give action-space if the environment has others");
    }

    @Test
    void aFileOfAnotherFormatIsCalledByItsName() {
        assertThatThrownBy(() -> plan("d4rl.hdf5", D3RLPY))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read d4rl.hdf5: it has no array 'rewards_0' as d3rlpy's files have; it looks like"
                        + " D4RL's, so set format = d4rl-hdf5 (conf/ingest/d4rl-hdf5.conf)");
        assertThatThrownBy(() -> plan("d3rlpy.h5", D4RL))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read d3rlpy.h5: it has no array 'observations' as D4RL's files have; it looks like"
                        + " d3rlpy's, so set format = d3rlpy (conf/ingest/d3rlpy.conf)");
        assertThatThrownBy(() -> plan("robomimic.hdf5", MINARI))
                .isInstanceOf(UserException.class)
                .hasMessageEndingWith(
                        "it looks like robomimic's, so set format = robomimic (conf/ingest/robomimic.conf)");
    }

    @Test
    void columnsThatSuchFilesDoNotHaveAreRefused() {
        var columns = ColumnMapping.of(
                List.of("observations/0"), List.of(), "actions", "rewards", List.of("observations"), null, null);
        assertThatThrownBy(() -> PlannedLogs.plan(Hdf5Fixtures.input("d3rlpy.h5"), columns, D3RLPY, HADOOP))
                .isInstanceOf(UserException.class)
                .hasMessageEndingWith("with format = d3rlpy: its files have observations, actions, rewards and"
                        + " terminated, and tell by themselves how episodes end; remove the others");
    }

    private static FilePlan plan(String fixture, PlannedLogs.Rules rules) {
        return PlannedLogs.plan(Hdf5Fixtures.input(fixture), null, rules, HADOOP);
    }
}
