package io.hindcast.source;

import static io.hindcast.source.Hdf5Fixtures.HADOOP;
import static io.hindcast.source.Hdf5Fixtures.ROBOMIMIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files with the groups that robomimic writes, see make.py among the resources. */
class RobomimicHdf5Test {
    private static final String FILE = "robomimic.hdf5";

    @Test
    void aDemonstrationTerminatedOnlyIfItEndsInASuccess() {
        assertThat(Hdf5Fixtures.rows(FILE, ROBOMIMIC).stream().map(RobomimicHdf5Test::inWords))
                .containsExactly(
                        "robomimic/demo_0 [-0.0, 0.0] to [-1.0, 1.0]",
                        "robomimic/demo_0 [-1.0, 1.0] to [-2.0, 2.0] terminated",
                        "robomimic/demo_1 [-10.0, 10.0] to [-11.0, 11.0]",
                        "robomimic/demo_1 [-11.0, 11.0] to [-12.0, 12.0] truncated",
                        "robomimic/demo_2 [-20.0, 20.0] to [-21.0, 21.0]",
                        "robomimic/demo_2 [-21.0, 21.0] to [-22.0, 22.0]",
                        "robomimic/demo_2 [-22.0, 22.0] to [-23.0, 23.0] terminated",
                        "robomimic/demo_10 [-100.0, 100.0] to [-101.0, 101.0]",
                        "robomimic/demo_10 [-101.0, 101.0] to [-102.0, 102.0] terminated");
    }

    @Test
    void imagesAreLeftOutAndSaidSoAndBoundsGoAsFarAsTheData() {
        var plan = PlannedLogs.plan(Hdf5Fixtures.input(FILE), null, ROBOMIMIC, HADOOP);
        assertThat(plan.columns().observation()).containsExactly("obs/object", "obs/robot0");
        assertThat(plan.actions()).isEqualTo(new ActionSpace.Continuous(List.of(-1.5, -1.0), List.of(1.0, 1.0)));
        assertThat(plan.notes())
                .containsExactly(
                        "images are left out: obs/camera; name them in columns.observation to read them as numbers",
                        "the files do not say the bounds of actions: [-1.5, -1.0] to [1.0] are as far as the data go"
                                + " beyond -1 to 1; give action-space if the environment has others");
    }

    @Test
    void withoutNextObservationsTheLastRowHasNone() {
        var columns = ColumnMapping.of(List.of("obs/robot0"), List.of("actions"), null, null, List.of(), "dones", null);
        var rows = Hdf5Fixtures.rows(FILE, Hdf5Fixtures.bytes(FILE), ROBOMIMIC, columns);
        assertThat(rows.get(1).nextObservation()).isNull();
        assertThat(rows.get(3).terminated()).as("done, and believed").isTrue();
        assertThat(rows.get(3).reward()).isZero();
    }

    @Test
    void aFilterChoosesDemonstrations() {
        assertThat(Hdf5Fixtures.rows(FILE, filter("train")).stream()
                        .map(LoggedRow::episode)
                        .distinct())
                .containsExactly("robomimic/demo_0", "robomimic/demo_10");
        assertThat(Hdf5Fixtures.rows(FILE, filter("valid")).stream()
                        .map(LoggedRow::episode)
                        .distinct())
                .containsExactly("robomimic/demo_1", "robomimic/demo_2");
        assertThatThrownBy(() -> Hdf5Fixtures.rows(FILE, filter("test")))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot use filter = test: demo.hdf5 has the masks [other, train, valid]; choose one of them");
        assertThatThrownBy(() -> Hdf5Fixtures.rows(FILE, filter("other")))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.hdf5: mask/other names a demonstration 'demo_3' that is not there; write"
                        + " the mask again");
    }

    private static PlannedLogs.Rules filter(String name) {
        return new PlannedLogs.Rules(Format.ROBOMIMIC, EpisodePer.COLUMN, null, null, false, null, name);
    }

    private static String inWords(LoggedRow row) {
        return row.episode() + " " + Arrays.toString(row.observation()) + " to "
                + Arrays.toString(row.nextObservation()) + (row.terminated() ? " terminated" : "")
                + (row.truncated() ? " truncated" : "");
    }
}
