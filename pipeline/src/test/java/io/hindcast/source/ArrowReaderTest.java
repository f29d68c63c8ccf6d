package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrowReaderTest {
    private static final List<String> TYPES = List.of(
            "i8,u64,i64,f16,f64,flag,dec,day,ns,tod,dur,nothing,text,large,view,blob,fixedblob,name,obs,fixed,biglist,listview,nested,struct,map,runs,step"
                    .split(","));

    @ParameterizedTest
    @ValueSource(strings = {"types.arrow", "types.arrows"})
    void everyTypeIsReadWithItsGapsFromFilesAndStreams(String name) {
        var columns = columns(name);

        assertThat(columns.get("i8")).containsExactly(1L, -2L, null, 4L);
        assertThat(columns.get("u64")).containsExactly(1L, new BigInteger("18446744073709551615"), 3L, 4L);
        assertThat(columns.get("i64")).containsExactly(9007199254740993L, 2L, 3L, 4L);
        assertThat(columns.get("f16")).containsExactly(0.5f, -2f, 65504f, Float.POSITIVE_INFINITY);
        assertThat(columns.get("f64")).containsExactly(0.1, null, 0.3, 0.4);
        assertThat(columns.get("flag")).containsExactly(true, false, null, true);
        assertThat(columns.get("dec"))
                .containsExactly(new BigDecimal("1.25"), new BigDecimal("-0.05"), null, new BigDecimal("3.00"));
        assertThat(columns.get("day"))
                .containsExactly(LocalDate.of(1970, 1, 2), null, LocalDate.of(2026, 1, 1), LocalDate.of(1969, 12, 31));
        assertThat(columns.get("ns"))
                .containsExactly(
                        Instant.ofEpochSecond(0, 1),
                        Instant.ofEpochSecond(0, -1),
                        null,
                        Instant.ofEpochSecond(1767225600, 123456789));
        assertThat(columns.get("tod")).containsExactly(1.5, null, 0.0, 0.001);
        assertThat(columns.get("dur")).containsExactly(5L, 6L, 7L, 8L);
        assertThat(columns.get("nothing")).containsOnlyNulls();
        assertThat(columns.get("text")).containsExactly("a", null, "", "d");
        assertThat(columns.get("large")).containsExactly("x", "yy", "zzz", "a text of more than twelve");
        assertThat(columns.get("view")).containsExactly("x", "a text of more than twelve", null, "");
        assertThat(columns.get("blob")).map(String::valueOf).containsExactly("2 bytes", "0 bytes", "null", "3 bytes");
        assertThat(columns.get("fixedblob")).map(String::valueOf).contains("2 bytes", "null");
        assertThat(columns.get("name")).containsExactly("left", "right", "left", null);
        assertThat(columns.get("runs")).containsExactly(7L, 7L, 7L, 8L);
    }

    @Test
    void listsAreSideBySideWithNotANumberForAGap() {
        var columns = columns("types.arrow");

        assertThat(columns.get("obs"))
                .usingElementComparator(ArrowReaderTest::compare)
                .containsExactly(
                        new float[] {1, 2}, new float[] {3, 4}, new float[] {5, Float.NaN}, new float[] {7, 8});
        assertThat(columns.get("fixed").get(3)).isNull();
        assertThat((double[]) columns.get("fixed").get(0)).containsExactly(1, 2);
        assertThat(columns.get("biglist")).containsExactly(List.of(1L), List.of(), null, List.of(2L, 3L));
        assertThat((float[]) columns.get("listview").get(2)).containsExactly(3);
        assertThat((List<?>) columns.get("nested").get(0)).hasSize(2);
        assertThat(columns.get("struct").get(1)).isNull();
        assertThat(((Map<?, ?>) Objects.requireNonNull(columns.get("struct").get(2))).get("a"))
                .isEqualTo(2L);
        assertThat(columns.get("map")).containsExactly(Map.of("k", 1.0), Map.of(), null, Map.of("a", 2.0, "b", 3.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lz4.arrow", "zstd.arrow"})
    void packedColumnsOfSeveralBatchesAreUnpacked(String name) {
        var columns = columns(name);

        assertThat(columns.get("step")).hasSize(400).startsWith(0L, 1L).endsWith(399L);
        assertThat((float[]) columns.get("obs").get(399)).containsExactly(399, 0.5f);
        assertThat(columns.get("name").get(399)).isEqualTo("b");
    }

    @Test
    void aFileOfPolarsWhoseSchemaHasNoLengthIsRead() {
        var columns = columns("polars.arrow");

        assertThat(columns.get("step")).containsExactly(0L, 1L, 2L);
        assertThat(columns.get("name")).containsExactly("a", "b", "a");
        assertThat((double[]) columns.get("obs").get(2)).containsExactly(5, 6);
    }

    @Test
    void aDictionaryGrowsAndIsReplacedBetweenBatches() {
        assertThat(columns("deltas.arrows").get("name")).containsExactly("a", "b", "c", "a", "z", "z");
    }

    @Test
    void whatIsNoArrowIsRefusedInOneLine() {
        assertThatThrownBy(() -> reader("FEA1".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.arrow: it is of Feather's first version; write it again with"
                        + " pyarrow.feather.write_feather(…, version=2)");
        assertThatThrownBy(() -> reader(new byte[3]))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.arrow: it is no whole Arrow file or stream (it ends after 3 bytes); copy"
                        + " or write it again, or check format");
        var whole = Fixtures.bytes("arrow/types.arrow");
        assertThatThrownBy(() -> columns(Arrays.copyOf(whole, whole.length / 2)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("bytes of a message); copy or write it again");
    }

    @Test
    void aLengthThatIsClaimedTakesNoMemory() {
        var claims = new byte[] {-1, -1, -1, -1, -1, -1, -1, 0x7f};
        assertThatThrownBy(() -> reader(claims))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read demo.arrow: it claims 2147483647 bytes of metadata of one message, above the"
                        + " limit of 67108864; write it again in smaller batches");
    }

    private static int compare(Object one, Object other) {
        return Arrays.compare((float[]) one, (float[]) other);
    }

    private static ArrowReader reader(byte[] bytes) {
        return new ArrowReader("demo.arrow", new ByteArrayInputStream(bytes), new Wanted(TYPES));
    }

    private static Map<String, List<Object>> columns(String name) {
        return columns(Fixtures.bytes("arrow/" + name));
    }

    static Map<String, List<Object>> columns(byte[] bytes) {
        try (var reader = reader(bytes)) {
            Map<String, List<Object>> columns = new LinkedHashMap<>();
            reader.columns().forEach(column -> columns.put(column, new ArrayList<>()));
            for (var row = reader.next(); row != null; row = reader.next()) {
                for (var i = 0; i < row.length; i++) {
                    Objects.requireNonNull(columns.get(reader.columns().get(i))).add(row[i]);
                }
            }
            return columns;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
