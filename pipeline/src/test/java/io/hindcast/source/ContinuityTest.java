package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.source.Continuity.Kind;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A walk in the plane of steps of length 1, which begins anew 10 away, and what its terminal rows are followed by. */
class ContinuityTest {
    private final Random random = new Random(1);

    @Test
    void aLogWhoseStateMovesOnAfterATerminalRowGoesOn() {
        var verdict = verdict(new Continuity(1_000, 20, 0), 1, 10).verdict();

        assertThat(verdict.goesOn()).isTrue();
        assertThat(verdict.grounds())
                .isEqualTo(
                        "the state moves 1.0 times as far as in an ordinary step there, 10 times where a time limit cut");
    }

    @Test
    void aLogThatBeginsAnewAfterATerminalRowDoesNot() {
        assertThat(verdict(new Continuity(1_000, 20, 0), 10, 10).verdict().goesOn())
                .isFalse();
        assertThat(verdict(new Continuity(1_000, 20, 0), 5, 10).verdict().goesOn())
                .isFalse();
    }

    @Test
    void whereTimeLimitsTellNothingTerminalRowsMustComeInRuns() {
        // As the files of AntMaze's first version, whose timeouts are out of step with the true ends.
        assertThat(verdict(new Continuity(1_000, 20, 15), 1, 1).verdict().goesOn())
                .isTrue();
        // As contexts of a bandit, which are drawn anew at every step.
        assertThat(verdict(new Continuity(1_000, 300, 90), 1, 1).verdict().goesOn())
                .isFalse();
        assertThat(verdict(new Continuity(1_000, 20, 15), 5, 1).verdict().goesOn())
                .isFalse();
    }

    @Test
    void anEntryThatFlipsAtTerminalRowsDoesNotDecideAlone() {
        var continuity = new Continuity(1_000, 20, 0);
        for (var i = 0; i < 20; i++) {
            continuity.add(Kind.ORDINARY, new float[12], twelve(1, 0));
            continuity.add(Kind.TERMINAL, new float[12], twelve(1, 1));
            continuity.add(Kind.CUT, new float[12], twelve(10, 0));
        }

        assertThat(continuity.verdict().goesOn()).isTrue();
    }

    @Test
    void ofAFewRowsNothingIsTold() {
        var continuity = new Continuity(4, 1, 0);
        continuity.add(Kind.ORDINARY, new float[] {0}, new float[] {1});
        continuity.add(Kind.TERMINAL, new float[] {1}, new float[] {2});
        continuity.add(Kind.CUT, new float[] {2}, new float[] {Float.NaN});

        assertThat(continuity.verdict())
                .isEqualTo(new Continuity.Verdict(false, "there are too few other rows to decide"));
    }

    private static float[] twelve(float size, float flag) {
        var values = new float[12];
        java.util.Arrays.fill(values, size);
        values[11] = flag;
        return values;
    }

    private Continuity verdict(Continuity continuity, double terminal, double cut) {
        for (var i = 0; i < 40; i++) {
            add(continuity, Kind.ORDINARY, 1);
            add(continuity, Kind.TERMINAL, terminal);
            add(continuity, Kind.CUT, cut);
        }
        return continuity;
    }

    private void add(Continuity continuity, Kind kind, double length) {
        var x = random.nextFloat();
        continuity.add(kind, new float[] {x, 0}, new float[] {x + (float) length, (float) length});
    }
}
