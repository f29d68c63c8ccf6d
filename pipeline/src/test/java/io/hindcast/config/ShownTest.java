package io.hindcast.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShownTest {
    @Test
    void whatWouldMoveTheCursorOrTurnTheTextIsAQuestionMark() {
        assertThat(Shown.of("a\u001b[2Jb\u0007c\u009bd\u202ee\r\nf\tg\u2028h Gr\u00fc\u00dfe \u65e5"))
                .isEqualTo("a?[2Jb?c?d?e??f?g?h Gr\u00fc\u00dfe \u65e5");
    }

    @Test
    void ofALongNameTheBeginningIsShown() {
        assertThat(Shown.beginning("a\nbcd", 3)).isEqualTo("a?b");
        assertThat(Shown.beginning("a", 3)).isEqualTo("a");
    }

    @Test
    void linesStayAndNothingIsLostWhereItIsEscaped() {
        assertThat(Shown.escaped("a\n\tb\u001b\r\nc\rd\u2066$1")).isEqualTo("a\n\tb\\u001b\r\nc\\u000dd\\u2066$1");
    }
}
