package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OneHotTest {
    @Test
    void aNumberBecomesAOneAmongZeros() {
        assertThat(OneHot.of("one-hot:state{4}").entries(new float[] {2})).containsExactly(0, 0, 1, 0);
        assertThat(OneHot.of("one-hot:cards{3,2}").entries(new float[] {2, 0})).containsExactly(0, 0, 1, 1, 0);
        assertThat(OneHot.of("one-hot:room{4 from 1, 2}").entries(new float[] {4, 1}))
                .containsExactly(0, 0, 0, 1, 0, 1);
        assertThat(OneHot.of("one-hot:room{4 from 1, 2}").given()).isEqualTo("one-hot:room{4 from 1,2}");
    }

    @Test
    void whatIsNoneOfItsValuesIsNoNumberAtAll() {
        var state = OneHot.of("one-hot:state{2}");
        for (var none : List.of(
                new float[] {2}, new float[] {-1}, new float[] {0.5f}, new float[] {Float.NaN}, new float[] {0, 1})) {
            assertThat(Arrays.toString(state.entries(none))).isEqualTo("[NaN, NaN]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one-hot:x",
                "one-hot:x{}",
                "one-hot:x{0}",
                "one-hot:x{a}",
                "one-hot:{3}",
                "one-hot:x{70000}",
                "one-hot:x{4 from 90000000}"
            })
    void aColumnThatDoesNotSayHowManyValuesItHasIsRefused(String given) {
        assertThatThrownBy(() -> OneHot.of(given))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use column '" + given + "': one-hot:NAME{16} is a number from 0 to 15,"
                        + " one-hot:NAME{3,2} are two of them, one-hot:NAME{4 from 1} is one from 1 to 4, and there are"
                        + " at most 65536 values in all, from 8388608 at most");
    }

    @Test
    void anObservationsColumnsAreSpreadInTheirPlaces() {
        var columns = ColumnMapping.of(List.of("x", "one-hot:s_{0..1}{2}"), List.of(), "a", "r", List.of(), null, null);
        var mapper = new RowMapper("log.csv", "", List.of("x", "s_0", "s_1", "a", "r"), columns, Map.of());
        var row = mapper.map(0, new Object[] {"7", "1", "0", "3", "1"});
        assertThat(row.observation()).containsExactly(7, 0, 1, 1, 0);
        assertThat(columns.columns()).containsExactly("x", "s_0", "s_1", "a", "r");
        assertThat(columns.categories()).isEmpty();
    }

    @Test
    void anActionIsNoColumnOfThisKind() {
        assertThatThrownBy(() -> ColumnMapping.of(List.of("x"), List.of(), "one-hot:a{3}", "r", List.of(), null, null))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use columns.action = one-hot:a{3}: one-hot:NAME is for observations");
    }
}
