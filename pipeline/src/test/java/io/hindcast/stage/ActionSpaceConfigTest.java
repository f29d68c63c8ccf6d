package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ActionSpaceConfigTest {
    @Test
    void aBoundIsOneNumberForAllEntriesOrAListWithOneEach() {
        assertThat(read("type = continuous, dimension = 2").actionSpace())
                .isEqualTo(new ActionSpace.Continuous(2, -1, 1));
        assertThat(read("type = continuous, dimension = 2, low = [18, 0], high = [26, 1]")
                        .actionSpace())
                .isEqualTo(new ActionSpace.Continuous(List.of(18.0, 0.0), List.of(26.0, 1.0)));
        assertThat(read("type = continuous, dimension = 2, low = 0, high = [26, 1]")
                        .actionSpace())
                .isEqualTo(new ActionSpace.Continuous(List.of(0.0, 0.0), List.of(26.0, 1.0)));
    }

    @Test
    void aManifestHoldsOneNumberWhereAllEntriesAgree() {
        assertThat(Settings.toMap(read("type = continuous, dimension = 2, low = -2, high = 2")))
                .isEqualTo(Map.of("type", "continuous", "dimension", 2, "low", -2.0, "high", 2.0));
        assertThat(Settings.toMap(read("type = continuous, dimension = 2, low = [-2, -2], high = [2, 3]")))
                .isEqualTo(Map.of("type", "continuous", "dimension", 2, "low", -2.0, "high", List.of(2.0, 3.0)));
        var space = new ActionSpace.Continuous(List.of(18.0, 0.0), List.of(26.0, 1.0));
        assertThat(ActionSpaceConfig.ofManifest(Map.of("action-space", space.toMap())))
                .isEqualTo(space);
        assertThat(ActionSpaceConfig.of(space).actionSpace()).isEqualTo(space);
        var alike = new ActionSpace.Continuous(8, -1, 1);
        assertThat(ActionSpaceConfig.of(alike).actionSpace()).isEqualTo(alike);
        assertThat(read("type = continuous, dimension = 8, low = data, high = data")
                        .within(alike)
                        .actionSpace())
                .isEqualTo(alike);
        assertThat(Settings.toMap(ActionSpaceConfig.of(new ActionSpace.Discrete(3))))
                .isEqualTo(Map.of("type", "discrete", "count", 3, "low", -1.0, "high", 1.0));
    }

    @Test
    void boundsOfAnotherNumberOfEntriesAreRefused() {
        refused("type = continuous, dimension = 3, low = [18, 0], high = 30")
                .hasMessage(
                        "Cannot use action-space with low = [18.0, 0.0]: the list has 2 numbers, and an action has 3"
                                + " entries; give one each, or one number for all (in section action-space)");
        refused("type = continuous, dimension = 2, low = [18], high = 30")
                .hasMessageContaining(
                        "low = [18.0]: the list has 1 number, and an action has 2 entries; give one each");
        assertThat(read("type = continuous, dimension = 1, low = [18], high = 30"))
                .isEqualTo(read("type = continuous, dimension = 1, low = 18, high = 30"));
        refused("type = continuous, dimension = 1, high = [1, 2]")
                .hasMessageContaining("high = [1.0, 2.0]: the list has 2 numbers, and an action has 1 entry;");
    }

    @Test
    void boundsThatAreNotInOrderAreRefusedByEntry() {
        refused("type = continuous, dimension = 2, low = 1, high = 1")
                .hasMessage("Cannot use action-space with low = 1.0, high = 1.0: low must be below high (in section"
                        + " action-space)");
        refused("type = continuous, dimension = 2, low = [0, 5], high = [1, 5]")
                .hasMessage("Cannot use action-space with low = [0.0, 5.0], high = [1.0, 5.0]: low must be below high,"
                        + " but of entry 1 it is 5.0 and 5.0 (in section action-space)");
    }

    @Test
    void actionsMayBeWrittenAsSeveralNumbersOrAsAOneAmongZeros() {
        assertThat(read("type = discrete, factors = [3, 2], start = [1, 0]").actionSpace())
                .isEqualTo(ActionSpace.Discrete.ofFactors(List.of(3, 2), List.of(1, 0)));
        assertThat(read("type = discrete, count = 3, one-hot = true").actionSpace())
                .isEqualTo(ActionSpace.Discrete.oneHot(3));
        assertThat(Settings.toMap(read("type = discrete, factors = [3, 2]")))
                .isEqualTo(Map.of("type", "discrete", "count", 6, "low", -1.0, "high", 1.0, "factors", List.of(3, 2)));
        for (var space :
                List.of(ActionSpace.Discrete.ofFactors(List.of(2, 2), List.of()), ActionSpace.Discrete.oneHot(5))) {
            assertThat(ActionSpaceConfig.of(space).actionSpace()).isEqualTo(space);
            var alike = new ActionSpace.Continuous(8, -1, 1);
            assertThat(ActionSpaceConfig.of(alike).actionSpace()).isEqualTo(alike);
            assertThat(read("type = continuous, dimension = 8, low = data, high = data")
                            .within(alike)
                            .actionSpace())
                    .isEqualTo(alike);
            assertThat(ActionSpaceConfig.ofManifest(Map.of("action-space", space.toMap())))
                    .isEqualTo(space);
        }
    }

    @Test
    void formsThatContradictEachOtherAreRefused() {
        refused("type = discrete, factors = [64, 65]")
                .hasMessageContaining("factors = [64, 65]: they make more than 4096 different actions");
        refused("type = discrete, factors = [3, 0]").hasMessageContaining("they make no different actions");
        refused("type = discrete, factors = [3, 2], count = 5").hasMessageContaining("these make 6 actions");
        refused("type = discrete, factors = [3, 2], start = 1").hasMessageContaining("give a start for each");
        refused("type = discrete, count = 3, one-hot = true, start = 1").hasMessageContaining("a 1 among zeros");
        refused("type = continuous, dimension = 2, factors = [3]").hasMessageContaining("they are for type = discrete");
    }

    private static ActionSpaceConfig read(String hocon) {
        return Settings.read(ActionSpaceConfig.class, ConfigFactory.parseString(hocon), "action-space");
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(String hocon) {
        return assertThatThrownBy(() -> read(hocon)).isInstanceOf(UserException.class);
    }
}
