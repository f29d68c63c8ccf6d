package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.data.ActionSpace.Continuous;
import io.hindcast.data.ActionSpace.Discrete;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.SerializationUtils;
import org.junit.jupiter.api.Test;

final class ActionSpaceTest {
    private static final Continuous HEATING = new Continuous(List.of(18.0, 0.0), List.of(26.0, 1.0));

    @Test
    void everyEntryIsScaledByItsOwnBounds() {
        assertThat(HEATING.toUnit(0, 18)).isEqualTo(-1);
        assertThat(HEATING.toUnit(0, 22)).isZero();
        assertThat(HEATING.toUnit(1, 1)).isEqualTo(1);
        assertThat(HEATING.fromUnit(0, 0.5f)).isEqualTo(24);
        assertThat(HEATING.fromUnit(1, 0.5f)).isEqualTo(0.75f);
        assertThat(HEATING.fromUnit(0, 3)).isEqualTo(26);
        assertThat(HEATING.fromUnit(1, -3)).isZero();
    }

    @Test
    void anEntryBetweenMinusOneAndOneStaysAsItIsToTheLastBit() {
        var space = new Continuous(List.of(-1.0, 0.0), List.of(1.0, 4.0));
        assertThat(space.toUnit(0, 0.1f)).isEqualTo(0.1f);
        assertThat(space.fromUnit(0, 0.1f)).isEqualTo(0.1f);
        assertThat(space.toUnit(1, 1)).isEqualTo(-0.5f);
    }

    @Test
    void spacesAreEqualIfAllTheirBoundsAre() {
        assertThat(new Continuous(2, -1, 1))
                .isEqualTo(new Continuous(List.of(-1.0, -1.0), List.of(1.0, 1.0)))
                .hasSameHashCodeAs(new Continuous(List.of(-1.0, -1.0), List.of(1.0, 1.0)))
                .isNotEqualTo(new Continuous(3, -1, 1));
        assertThat(new Continuous(1, -0.0, 1)).isEqualTo(new Continuous(1, 0.0, 1));
        assertThat(HEATING).isNotEqualTo(new Continuous(List.of(0.0, 18.0), List.of(1.0, 26.0)));
    }

    @Test
    void oneNumberStandsForAllEntriesWhereTheyAgree() {
        assertThat(new Continuous(3, -2, 2).toMap())
                .isEqualTo(Map.of("type", "continuous", "dimension", 3, "low", -2.0, "high", 2.0));
        assertThat(new Continuous(List.of(0.0, 0.0), List.of(1.0, 2.0)).toMap())
                .isEqualTo(Map.of("type", "continuous", "dimension", 2, "low", 0.0, "high", List.of(1.0, 2.0)));
        assertThat(new Continuous(2, -2, 2)).hasToString("Continuous[dimension=2, low=-2.0, high=2.0]");
        assertThat(HEATING).hasToString("Continuous[dimension=2, low=[18.0, 0.0], high=[26.0, 1.0]]");
    }

    @Test
    void theTypeIsAlsoReadUnderTheNameThatPoliciesOnceGaveIt() {
        assertThat(ActionSpace.of(Map.of("kind", "discrete", "count", 5))).isEqualTo(new Discrete(5));
        assertThat(ActionSpace.of(Map.of("kind", "continuous", "dimension", 1, "low", -2, "high", 2)))
                .isEqualTo(new Continuous(1, -2, 2));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        for (var space : List.of(HEATING, new Continuous(3, -2, 2), new Discrete(5))) {
            assertThat(ActionSpace.of(space.toMap())).isEqualTo(space);
            assertThat(SerializationUtils.clone(space)).isEqualTo(space);
        }
    }

    @Test
    void anIndexCountsFactorsInRowMajorOrderTheLastOneFastest() {
        var space = Discrete.ofFactors(List.of(3, 2), List.of());
        assertThat(space.count()).isEqualTo(6);
        assertThat(space.write(0)).containsExactly(0, 0);
        assertThat(space.write(1)).containsExactly(0, 1);
        assertThat(space.write(4)).containsExactly(2, 0);
        for (var index = 0; index < 6; index++) {
            var written = space.write(index);
            assertThat(space.read(new float[] {written[0], written[1]})).isEqualTo(index);
        }
        assertThat(space.read(new float[] {0, 2})).isEqualTo(-1);
        assertThat(space.read(new float[] {0.5f, 0})).isEqualTo(-1);
        assertThat(space.read(new float[] {0})).isEqualTo(-1);
    }

    @Test
    void numbersMayStartAboveZero() {
        var space = Discrete.ofFactors(List.of(3, 2), List.of(1, -1));
        assertThat(space.write(5)).containsExactly(3, 0);
        assertThat(space.read(new float[] {3, 0})).isEqualTo(5);
        assertThat(space.read(new float[] {0, 0})).isEqualTo(-1);
        var one = new Discrete(3, List.of(), List.of(1), Discrete.Written.NUMBERS);
        assertThat(one.write(0)).containsExactly(1);
        assertThat(one.read(new float[] {3})).isEqualTo(2);
    }

    @Test
    void aOneAmongZerosIsItsPlace() {
        var space = Discrete.oneHot(3);
        assertThat(space.write(1)).containsExactly(0, 1, 0);
        assertThat(space.read(new float[] {0, 0, 1})).isEqualTo(2);
        assertThat(space.read(new float[] {0, 1, 1})).isEqualTo(-1);
        assertThat(space.read(new float[] {0, 0, 0})).isEqualTo(-1);
        assertThat(space.read(new float[] {0, 0.5f, 0})).isEqualTo(-1);
    }

    @Test
    void howAnActionIsWrittenIsReadBackAndAPlainOneSaysNothing() {
        assertThat(new Discrete(3).toMap()).isEqualTo(Map.of("type", "discrete", "count", 3));
        assertThat(new Discrete(3)).hasToString("Discrete[count=3]");
        for (var space : List.of(
                Discrete.ofFactors(List.of(3, 2), List.of(1, 0)),
                Discrete.oneHot(4),
                new Discrete(3, List.of(), List.of(-1), Discrete.Written.NUMBERS))) {
            assertThat(ActionSpace.of(space.toMap())).isEqualTo(space);
            assertThat(SerializationUtils.clone(space)).isEqualTo(space);
        }
        assertThat(Discrete.ofFactors(List.of(3, 2), List.of(0, 0)))
                .isEqualTo(Discrete.ofFactors(List.of(3, 2), List.of()));
    }

    @Test
    void actionsAreTheSameWhereverTheyCountFromButNotIfTheirFactorsDiffer() {
        var space = Discrete.ofFactors(List.of(3, 2), List.of());
        assertThat(space.isSameAs(Discrete.ofFactors(List.of(3, 2), List.of(1, 1))))
                .isTrue();
        assertThat(space.isSameAs(Discrete.ofFactors(List.of(2, 3), List.of()))).isFalse();
        assertThat(space.isSameAs(new Discrete(6))).isFalse();
        assertThat(Discrete.oneHot(3).isSameAs(new Discrete(3))).isTrue();
        assertThat(new Discrete(3).isSameAs(new Discrete(4))).isFalse();
    }

    @Test
    void boundsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> new Continuous(List.of(0.0, 1.0), List.of(1.0, 1.0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot make an action space of dimension 2 in [[0.0, 1.0], 1.0]");
        assertThatThrownBy(() -> new Continuous(1, 0, Double.POSITIVE_INFINITY))
                .hasMessage("Cannot make an action space of dimension 1 in [0.0, Infinity]");
        assertThatThrownBy(() -> new Continuous(List.of(0.0), List.of(1.0, 1.0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Continuous(0, -1, 1))
                .hasMessage("Cannot make an action space of dimension 0 in [[], []]");
        assertThatThrownBy(() -> ActionSpace.of(Map.of("type", "continuous", "dimension", 3, "low", List.of(0, 1))))
                .hasMessage("Cannot read an action space of dimension 3: low is [0, 1]");
        assertThatThrownBy(() -> ActionSpace.of(Map.of("type", "discrete")))
                .hasMessage("Cannot read an action space: it has no count");
    }
}
