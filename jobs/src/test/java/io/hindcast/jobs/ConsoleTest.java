package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));

    @Test
    void whatWouldMoveTheCursorOrTurnTheTextIsShownInstead() {
        console.say("a\u001b[2Jb\u0007c\u009bd\u202ee\rf Grüße 日");
        assertThat(out.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("a\\u001b[2Jb\\u0007c\\u009bd\\u202ee f Grüße 日");
    }

    @Test
    void aMessageIsOneLine() {
        console.complain("Cannot read a\nb: it\r\n  is not there\n");
        assertThat(err.toString(StandardCharsets.UTF_8).lines()).containsExactly("Cannot read a b: it is not there");
    }

    @Test
    void aTextKeepsItsLinesAndATraceToo() {
        console.print("a\n\tb\u001b\n");
        console.trace(new IllegalStateException("\u001b[31mred"));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("a\n\tb\\u001b\n");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("\\u001b[31mred", "\tat ")
                .doesNotContain("\u001b");
    }
}
