package io.hindcast.table.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ColumnSumTest {
    private static final int ROWS = 3_000;

    @ParameterizedTest
    @EnumSource(PartColumn.Kind.class)
    void aSumDoesNotDependOnWherePagesBegin(PartColumn.Kind kind) {
        for (var rows : List.of(rows(kind, 0), rows(kind, 3), rows(kind, 1))) {
            var whole = sum(kind, rows, ROWS);
            assertThat(sum(kind, rows, 1)).isEqualTo(whole);
            assertThat(sum(kind, rows, 7)).isEqualTo(whole);
            assertThat(sum(kind, rows, 2_999)).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @EnumSource(PartColumn.Kind.class)
    void anyOtherRowsHaveAnotherSum(PartColumn.Kind kind) {
        var rows = rows(kind, 3);
        var sums = new HashSet<Long>();
        sums.add(sum(kind, rows, ROWS));
        for (var changed : List.of(0, 1, 1_499, 2_999)) {
            for (var value : Arrays.asList(null, value(kind, 77), value(kind, 78))) {
                var others = new ArrayList<>(rows);
                others.set(changed, value);
                if (!text(value).equals(text(rows.get(changed)))) {
                    assertThat(sums.add(sum(kind, others, ROWS)))
                            .as("%s of %s in row %s", value, kind, changed)
                            .isTrue();
                }
            }
        }
        assertThat(sums.add(sum(kind, rows.subList(0, ROWS - 1), ROWS))).isTrue();
    }

    /** Runs of like rows; every {@code absent}th row is absent, of 0 none. */
    private static List<Object> rows(PartColumn.Kind kind, int absent) {
        var random = new Random(1);
        var rows = new ArrayList<Object>();
        var value = value(kind, 0);
        for (var i = 0; i < ROWS; i++) {
            value = random.nextInt(4) == 0 ? value(kind, i) : value;
            rows.add(absent > 0 && i % absent == 0 ? null : value);
        }
        return rows;
    }

    private static Object value(PartColumn.Kind kind, int i) {
        return switch (kind) {
            case TEXT -> "text " + i;
            case BYTES -> new byte[] {(byte) i, (byte) (i >> 8)};
            case LONG -> (long) i;
            case INTEGER -> i;
            case FLOAT -> (float) i;
            case DOUBLE -> (double) i;
            case FLAG -> i % 2 == 0;
            case FLOATS -> new float[] {i, i % 2, 3};
            case DOUBLES -> new double[] {i, i % 2, 3};
            case FLAGS -> new boolean[] {i % 2 == 0, true};
        };
    }

    private static String text(Object value) {
        return value instanceof byte[] bytes
                ? Arrays.toString(bytes)
                : value instanceof float[] floats
                        ? Arrays.toString(floats)
                        : value instanceof double[] doubles
                                ? Arrays.toString(doubles)
                                : value instanceof boolean[] flags ? Arrays.toString(flags) : String.valueOf(value);
    }

    private static long sum(PartColumn.Kind kind, List<Object> rows, int page) {
        var sum = new ColumnSum();
        var column = new PartColumn("column", kind);
        IntStream.range(0, rows.size()).forEach(row -> {
            column.add(rows.get(row));
            if (column.rows() == page || row == rows.size() - 1) {
                sum.add(column);
                column.clear();
            }
        });
        return sum.sum();
    }
}
