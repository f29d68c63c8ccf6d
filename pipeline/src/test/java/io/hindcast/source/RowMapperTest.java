package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.timeline.LoggedRow;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowMapperTest {
    private static final String LOG = """
        ,place,x_0,x_1,item,click,p
        0,b,0.5,1,2,0,0.25
        1,a,,nan,1,1,0.5
        """;

    @Test
    void aCsvRowIsMappedColumnByColumn() {
        var row = first(
                LOG,
                "observation = [x_1, x_0, \"category:place\"], action-index = item, reward = click, "
                        + "propensity = p, group = \"{file}\"");

        assertThat(row.observation()).containsExactly(1, 0.5f, 0, 1);
        assertThat(row.actionIndex()).isEqualTo(2);
        assertThat(row.action()).isNull();
        assertThat(row.reward()).isZero();
        assertThat(row.probability()).isEqualTo(0.25);
        assertThat(row.group()).isEqualTo("log");
        assertThat(row.terminated()).isFalse();
        assertThat(row.file()).isEqualTo("log.csv");
    }

    @Test
    void aNumberedPatternStandsForManyColumns() {
        assertThat(first(LOG, "observation = [\"x_{0..1}\"], action-index = item, reward = click")
                        .observation())
                .containsExactly(0.5f, 1);
    }

    @Test
    void aMissingOrNanCellIsNanForTheContractToFind() {
        var mapper = mapper("observation = [x_0, x_1], action-index = item, reward = click");

        assertThat(mapper.map(1, new Object[] {"1", "a", null, "nan", "1", "1", "0.5"})
                        .observation())
                .containsExactly(Float.NaN, Float.NaN);
    }

    @Test
    void jsonLinesHoldVectorsAndFlags() {
        var row = first(
                "{\"obs\": [1, 2.5], \"act\": [0.5], \"r\": 1, \"end\": true, \"e\": 7}\n",
                "log.json",
                Format.JSON,
                "observation = obs, action = act, reward = r, done = end, episode-id = e");

        assertThat(row.observation()).containsExactly(1, 2.5f);
        assertThat(row.action()).containsExactly(0.5f);
        assertThat(row.terminated()).isTrue();
        assertThat(row.episode()).isEqualTo("7");
    }

    @Test
    void doneMeansTerminatedUnlessTruncatedSaysOtherwise() {
        var log = "o,a,r,done,cut\n0,0,0,1,1\n";

        var row = first(log, "observation = o, action = a, reward = r, done = done, truncated = cut");

        assertThat(row.terminated()).isFalse();
        assertThat(row.truncated()).isTrue();
        assertThat(first(log, "observation = o, action = a, reward = r, done = done")
                        .terminated())
                .isTrue();
    }

    @Test
    void aMissingColumnIsNamedWithTheNearestOne() {
        assertThatThrownBy(() -> mapper("observation = x_0, action-index = item, reward = clik"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use column 'clik' of log.csv: there is no such column; did you mean 'click'?");
    }

    @Test
    void aWordWhereANumberMustStandIsNamedWithItsPlace() {
        assertThatThrownBy(() -> first(LOG, "observation = place, action-index = item, reward = click"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read column 'place' of log.csv: row 0 holds 'b', which is not a number;"
                        + " map a column of numbers, or category:place in an observation");
    }

    @Test
    void aCsvRowThatIsCutShortIsRefused() {
        var rows = open("a,b\n1,2\n3", "log.csv", Format.CSV);
        assertThat(rows.next()).containsExactly("1", "2");

        assertThatThrownBy(rows::next)
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read log.csv: row 1 has 1 cells, the header has 2; the file is cut short or not CSV");
    }

    @Test
    void aFileWithoutALineHasNoRowsAndSaysSo() {
        for (var format : List.of(Format.CSV, Format.JSON)) {
            for (var text : List.of("", "\n", " \n\n ")) {
                var rows = open(text, "log", format);

                assertThat(rows.next()).isNull();
                assertThat(FileNotes.inWords(List.of(rows.notes())))
                        .containsExactly("1 empty files were left out: log");
            }
        }
    }

    @Test
    void tornJsonIsRefused() {
        var rows = open("{\"a\": 1}\n{\"a\":", "log.json", Format.JSON);
        rows.next();

        assertThatThrownBy(rows::next)
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read log.json: line 2: Unexpected end-of-input");
    }

    @Test
    void anActionNeedsExactlyOneMapping() {
        assertThatThrownBy(() -> mapping("observation = a, reward = r"))
                .hasMessage("Cannot use columns.action = [] with columns.action-index = null:"
                        + " exactly one of them must be given");
    }

    @Test
    void aStemIsTheNameWithoutTheFormatsEnding() {
        assertThat(Format.CSV.stem("bts-men.csv.gz")).isEqualTo("bts-men");
        assertThat(Format.CSV.stem("v1.2.csv")).isEqualTo("v1.2");
        assertThat(Format.NPZ.stem("other.bin")).isEqualTo("other.bin");
    }

    private static LoggedRow first(String text, String mapping) {
        return first(text, "log.csv", Format.CSV, mapping);
    }

    private static LoggedRow first(String text, String name, Format format, String mapping) {
        var columns = mapping(mapping);
        var rows = open(text, name, format, columns.columns().toArray(String[]::new));
        return new RowMapper(name, format.stem(name), rows.columns(), columns, Map.of("place", List.of("a", "b")))
                .map(0, rows.next());
    }

    private static RowMapper mapper(String mapping) {
        return new RowMapper("log.csv", "log", open(LOG, "log.csv", Format.CSV).columns(), mapping(mapping), Map.of());
    }

    private static RowReader open(String text, String name, Format format, String... columns) {
        var in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        return format.open(name, in, new Wanted(List.of(columns)));
    }

    private static ColumnMapping mapping(String hocon) {
        return Settings.read(ColumnMapping.class, ConfigFactory.parseString(hocon), "");
    }
}
