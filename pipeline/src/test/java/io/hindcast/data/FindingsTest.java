package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FindingsTest {
    @Test
    void countsAddUpAndANoteStandsOnce() {
        var one = new Findings(Map.of("rows are odd", 2L, "rows are even", 0L), List.of("b.csv is empty"));
        var two = new Findings(Map.of("rows are odd", 3L), List.of("b.csv is empty", "a.csv is empty"));

        assertThat(one.plus(two)).isEqualTo(two.plus(one));
        assertThat(one.plus(Findings.NONE)).isEqualTo(one);
        assertThat(one.plus(two).lines()).containsExactly("5 rows are odd", "a.csv is empty", "b.csv is empty");
    }
}
