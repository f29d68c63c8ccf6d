package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.config.RunFailure;
import io.hindcast.config.UserException;
import io.hindcast.run.Outcome.Failed;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final String ANOTHER_JVM = """
            java.lang.RuntimeException: outer
            \tat org.apache.spark.Task.run(Task.scala:5)
            \tat io.hindcast.stage.train.TrainTask.call(TrainTask.java:50)
            \tSuppressed: java.io.IOException: while closing
            \t\tat io.hindcast.data.MappedRows.close(MappedRows.java:9)
            Caused by: java.lang.IllegalStateException: inner
            \tat java.base/java.util.List.of(List.java:1)
            \tat app//io.hindcast.learn.Iql.update(Iql.java:120)
            \tat app//io.hindcast.run.TrainingLoop.run(TrainingLoop.java:3)
            \t... 12 more
            """;

    @Test
    void theFirstCauseSaysWhereInHindcastItWas() {
        assertThat(Failed.of("reason", ANOTHER_JVM).at()).isEqualTo("io.hindcast.learn.Iql.update(Iql.java:120)");
        assertThat(Failed.of("reason", ANOTHER_JVM.replace("\n", "\r\n")).at())
                .isEqualTo("io.hindcast.learn.Iql.update(Iql.java:120)");
        // Where the cause was thrown by others alone, what called them says it.
        assertThat(Failed.of("reason", ANOTHER_JVM.replace("app//io.hindcast", "other"))
                        .at())
                .isEqualTo("io.hindcast.stage.train.TrainTask.call(TrainTask.java:50)");
        assertThat(Failed.of("ExecutorLostFailure", "").at()).isNull();
    }

    @Test
    void theReasonIsTheChainOfCausesEachSaidOnce() {
        var cause = new IOException("no such block\nand more of it", new IllegalStateException("at all"));
        var failed = Failed.of(new IllegalArgumentException("Cannot read x", new UncheckedIOException(cause)));

        assertThat(failed.reason())
                .isEqualTo("java.lang.IllegalArgumentException: Cannot read x; caused by"
                        + " java.io.UncheckedIOException: java.io.IOException: no such block; caused by"
                        + " java.lang.IllegalStateException: at all");
        assertThat(failed.at()).matches("io\\.hindcast\\.run\\.OutcomeTest\\.\\w+\\(OutcomeTest\\.java:\\d+\\)");
        assertThat(failed.trace()).contains("and more of it", "Caused by: java.lang.IllegalStateException: at all");
    }

    @Test
    void aSentenceStaysASentence() {
        assertThat(Failed.of(new UserException("Cannot train x: it is y; do z")).reason())
                .isEqualTo("Cannot train x: it is y; do z");
        assertThat(Failed.of(new RunFailure("Cannot act in x: it raised y; mend it"))
                        .reason())
                .isEqualTo("Cannot act in x: it raised y; mend it");
    }

    @Test
    void noPasswordIsKept() {
        var failed = Failed.of(new IllegalStateException(
                "lost ftp://me:secret@host/x", new IOException("again ftp://me:secret@host")));
        assertThat(failed.reason()).contains("ftp://me:***@host/x").doesNotContain("secret");
        assertThat(failed.trace()).contains("ftp://me:***@host/x").doesNotContain("secret");
        var known = failed.hiding(text -> text.replace("lost", "***"));
        assertThat(known.reason()).contains("*** ftp://");
        assertThat(known.trace()).contains("*** ftp://");
        assertThat(known.at()).isEqualTo(failed.at());
    }

    @Test
    void ofAnEndlessTraceBothEndsAreKept() {
        var frames = "\tat java.base/java.util.List.of(List.java:1)\n".repeat(20_000);
        var failed =
                Failed.of("x".repeat(10_000), "java.lang.Error: first\n" + frames + "Caused by: java.lang.Error: last");
        assertThat(failed.trace())
                .hasSize(50_000)
                .startsWith("java.lang.Error: first\n")
                .endsWith("Error: last");
        assertThat(failed.reason()).hasSize(2_000).endsWith("...");
    }
}
