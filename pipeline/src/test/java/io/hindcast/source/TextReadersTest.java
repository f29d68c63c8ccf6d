package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TextReadersTest {
    @Test
    void aCsvRowMayBeginWithAHash() {
        var rows = csv("player,step\n#2PP,0\n#9QJ8,1\nguest,2\n", "player", "step");

        assertThat(all(rows)).containsExactly(List.of("#2PP", "0"), List.of("#9QJ8", "1"), List.of("guest", "2"));
        assertThat(rows.notes().isEmpty()).isTrue();
    }

    @Test
    void theHashBeforeAHeaderIsNoPartOfItsFirstName() {
        var rows = csv("# episode,step\n#7,0\n7,1\n", "episode", "step");

        assertThat(rows.columns()).containsExactly("episode", "step");
        assertThat(all(rows)).containsExactly(List.of("#7", "0"), List.of("7", "1"));
        assertThat(FileNotes.inWords(List.of(rows.notes())))
                .containsExactly("1 headers begin with #, which is not read as part of the first column's name: log");
        assertThat(csv("# a,b\n1,2\n", "# a", "b").columns()).containsExactly("# a", "b");
    }

    @Test
    void aHashHeaderIsFoundThoughAMappedNameIsMisspelt() {
        assertThat(csv("# hp,step\n1,0\n", "hq", "step").columns()).containsExactly("hp", "step");
    }

    @Test
    void commentsAboveTheHeaderAreCounted() {
        var rows = csv("# written by robot 7\n#\n# a, b: see the manual\na,b\n#1,2\n# end of log\n", "a", "b");

        assertThat(rows.columns()).containsExactly("a", "b");
        assertThat(all(rows)).containsExactly(List.of("#1", "2"));
        assertThat(FileNotes.inWords(List.of(rows.notes())))
                .containsExactly("4 lines that begin with # and are no rows were left out: log");
    }

    @Test
    void blankLinesAreCountedAndARowOfEmptyCellsIsARow() {
        var rows = csv("a,b\n\n1,2\n   \n,\n\n", "a", "b");

        assertThat(all(rows)).containsExactly(List.of("1", "2"), Arrays.asList(null, null));
        assertThat(FileNotes.inWords(List.of(rows.notes()))).containsExactly("3 blank lines were left out: log");
    }

    @Test
    void quotesLineEndsAndAByteOrderMarkAreNoPartOfACell() {
        var rows = csv("\uFEFFa,b\r\n\"1,5\",\"two\r\nlines\"\r\n\"say \"\"hi\"\"\",2\r\n", "a", "b");

        assertThat(rows.columns()).containsExactly("a", "b");
        assertThat(all(rows)).containsExactly(List.of("1,5", "two\nlines"), List.of("say \"hi\"", "2"));
        assertThat(rows.notes().isEmpty()).isTrue();
    }

    @Test
    void aMappedColumnThatTheHeaderHasTwiceIsRefused() {
        assertThatThrownBy(() -> csv("x,reward,x\n1,0,2\n", "x", "reward"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use column 'x' of log: its header has 2 columns of that name; give each its own");
        assertThat(all(csv("x,reward,x\n1,0,2\n", "reward"))).hasSize(1);
    }

    @Test
    void otherSeparatorsThanCommasAreNamed() {
        assertThatThrownBy(() -> csv("a;b\n1;2\n", "a", "b"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read log: its header is 'a;b', without a comma; write it with commas, or read it with"
                                + " format = spark, spark { format = csv, options { header = true, sep = \"…\" } }");
        assertThatThrownBy(() -> csv("a\tb\n1\t2\n", "a", "b")).hasMessageContaining("its header is 'a\\tb'");
    }

    @Test
    void aKeyThatTheFirstLineLacksIsAColumnAllTheSame() {
        var rows = json("{\"x\": 1}\n{\"x\": 2, \"end\": true}\n", "x", "end");

        assertThat(rows.columns()).containsExactly("x", "end");
        assertThat(all(rows)).containsExactly(Arrays.asList(1, null), List.of(2, true));
        assertThat(rows.notes().isEmpty()).isTrue();
    }

    @Test
    void aKeyThatNoLineOfAnyFileHasIsRefused() {
        var one = json("{\"reward\": 1}\n", "reward", "end", "rewart");
        var two = json("{\"reward\": 1, \"end\": 1}\n", "reward", "end", "rewart");
        all(one);
        all(two);

        FileNotes.requireColumns(List.of(one.notes()), 2);
        assertThatThrownBy(() -> FileNotes.requireColumns(List.of(one.notes(), two.notes(), one.notes()), 2))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use column 'rewart' of log: there is no such column; did you mean 'reward'?");
    }

    @Test
    void aDottedNameIsAKeyElseAFieldLineByLine() {
        var rows = json("{\"a.b\": 1}\n{\"a\": {\"b\": 2, \"c\": 3}}\n{\"a\": {\"c\": 3}}\n{\"a\": null}\n", "a.b");

        assertThat(all(rows))
                .containsExactly(List.of(1), List.of(2), Arrays.asList((Object) null), Arrays.asList((Object) null));
    }

    @Test
    void whatIsNoNumberInPythonIsOneInJson() {
        var rows = json("{\"r\": NaN, \"s\": Infinity, \"t\": -Infinity}\n", "r", "s", "t");

        assertThat(all(rows)).containsExactly(List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
    }

    @Test
    void numbersKeepTheirDigits() {
        var rows = json("{\"i\": 18446744073709551615, \"l\": 9007199254740993, \"d\": 0.1}\n", "i", "l", "d");

        assertThat(all(rows)).containsExactly(List.of(new BigInteger("18446744073709551615"), 9007199254740993L, 0.1));
    }

    @Test
    void arraysOfObjectsAreRowsAndUnmappedKeysAreNot() {
        var rows = json(
                "[{\"a\": 1, \"big\": {\"x\": [1, {}]}},\n {\"a\": {\"k\": [2]}}]\n{\"a\": 3} [{\"a\": 4}]\n", "a");

        assertThat(all(rows)).containsExactly(List.of(1), List.of(Map.of("k", List.of(2))), List.of(3), List.of(4));
    }

    @Test
    void aRowThatIsNoObjectOrHasAKeyTwiceIsRefused() {
        var none = json("{\"a\": 1}\nnull\n{\"a\": 2}\n", "a");
        none.next();

        assertThatThrownBy(none::next)
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read log: row 1 is null, and no object of columns; give a file with one JSON object a"
                                + " line");
        assertThatThrownBy(() -> json("{\"a\": 1, \"b\": 0, \"a\": 2}\n", "a").next())
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read log: row 0 has the key 'a' twice; write it again with each key once");
    }

    @Test
    void whatIsTooDeepTooLongOrTornIsRefusedWithItsLine() {
        assertThatThrownBy(() -> json("{\"a\":" + "[".repeat(2000) + "]".repeat(2000) + "}", "a")
                        .next())
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read log: line 1: Document nesting depth (1001) exceeds")
                .hasMessageEndingWith("; write it with smaller values");
        assertThatThrownBy(() -> json("{\"a\":" + "1".repeat(2000) + "}", "a").next())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Number value length (2000) exceeds");
        assertThatThrownBy(() -> all(json("{\"a\": 1}\n{\"a\": 2, \"b\n{\"a\": 3}\n", "a")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read log: line 2: ");
    }

    private static RowReader csv(String text, String... wanted) {
        return open(Format.CSV, text, wanted);
    }

    private static RowReader json(String text, String... wanted) {
        return open(Format.JSON, text, wanted);
    }

    private static RowReader open(Format format, String text, String... wanted) {
        return format.open(
                "log", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), new Wanted(List.of(wanted)));
    }

    private static List<List<@Nullable Object>> all(RowReader rows) {
        var all = new ArrayList<List<@Nullable Object>>();
        for (var row = rows.next(); row != null; row = rows.next()) {
            all.add(Arrays.asList(row));
        }
        return all;
    }
}
