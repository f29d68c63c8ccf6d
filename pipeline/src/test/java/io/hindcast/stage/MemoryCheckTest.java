package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.RowLayout;
import io.hindcast.data.Spaces;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.OnlineConfig;
import io.hindcast.run.RunSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryCheckTest {
    private static final CheckpointStore STORE = new CheckpointStore("none", new Configuration());
    private static final Spaces SPACES = new Spaces(29, new ActionSpace.Continuous(8, -1, 1));
    private static final long MB = 1 << 20;

    @Test
    void runsThatTakeTooMuchOutsideTheHeapAreRefusedWithTheNumbers() {
        var specs = List.of(cloning("small", 64), cloning("large", 1024));
        assertThatCode(() -> fit(2, 4096, 400).require(specs, SPACES, STORE)).doesNotThrowAnyException();
        // Weights, gradients and activations of 1024 x 1024 units and a batch of 256 are some 15 MB a run.
        assertThatThrownBy(() -> fit(10, 4096, 400).require(specs, SPACES, STORE))
                .isInstanceOf(UserException.class)
                .hasMessageMatching("Cannot train large: 10 runs side by side take \\d+ MB outside the Java heap"
                        + " \\(1\\d MB each, \\d+ MB for libraries\\) and there is room for 400 MB; set the overhead to"
                        + " that, or let fewer run at once with fewer slots");
    }

    @Test
    void parametersThatLeaveNoRoomInTheHeapAreRefusedWithTheNumbers() {
        // 1.1 million parameters, their gradients and two moments are 17 MB.
        assertThatThrownBy(() -> fit(2, 64, 4000).require(List.of(cloning("large", 1024)), SPACES, STORE))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        "Cannot train large: the parameters and moments of 2 runs side by side take 34 MB"
                                + " of the Java heap, where data leave 32 MB of 64 MB;");
    }

    @Test
    void theNewestStepsOfARunThatActsTakeHeapToo() {
        // A row is 2 * 29 + 8 + 3 floats, 276 bytes.
        fit(1, 64, 4000).require(List.of(acting(100_000)), SPACES, STORE);
        assertThatThrownBy(() -> fit(1, 64, 4000).require(List.of(acting(200_000)), SPACES, STORE))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        "Cannot train acting: the parameters, moments and newest steps"
                                + " (online.capacity) of 1 runs side by side take 53 MB of the Java heap, where data leave 32 MB");
    }

    @Test
    void dataThatFitNeitherTheHeapNorTheDiskAreRefusedWithTheNumbers(@TempDir Path disk) {
        assertThatCode(() -> fit(1, 64, 400).requireDisk(1_000_000, RowLayout.of(SPACES), disk))
                .doesNotThrowAnyException();
        // A row is 2 * 29 + 8 + 3 floats.
        assertThatThrownBy(() -> fit(1, 64, 400).requireDisk(2_000_000_000L, RowLayout.of(SPACES), disk))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot train on 2,000,000,000 transitions: they take 526,429 MB, data may take"
                        + " 32 MB of the heap, and " + disk + " has ");
    }

    private static MemoryCheck fit(int atOnce, long heap, long outside) {
        return new MemoryCheck(atOnce, heap * MB, 0.5, outside * MB, "set the overhead", "fewer slots");
    }

    private static RunSpec cloning(String name, int units) {
        var config = LearnerConfig.read(
                "behaviour-cloning",
                ConfigFactory.parseString("actor.hidden-layers = [" + units + ", " + units + "]"),
                "");
        return new RunSpec(
                name,
                "all",
                "",
                "behaviour-cloning",
                Settings.toMap((Record) config),
                1,
                100,
                256,
                1,
                10,
                10,
                false,
                List.of(),
                false,
                null);
    }

    private static RunSpec acting(int capacity) {
        var offline = cloning("acting", 8);
        var online = Settings.read(
                OnlineConfig.class, ConfigFactory.parseString("steps = 1000000, capacity = " + capacity), "");
        return new RunSpec(
                offline.name(),
                "none",
                "",
                offline.learner(),
                offline.settings(),
                1,
                online.updates(),
                256,
                1,
                10,
                10,
                false,
                List.of(),
                false,
                null,
                new RunSpec.Online(Map.of(), 0, Settings.toMap(online)));
    }
}
