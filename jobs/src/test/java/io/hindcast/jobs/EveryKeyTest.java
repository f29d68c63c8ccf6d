package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.config.Settings;
import io.hindcast.learn.LearnerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No key goes, and no default, range or type changes, without a line of {@code every-key.txt} that says so. */
final class EveryKeyTest {
    private static final Path EXPECTED = Path.of("../jobs/src/test/resources/every-key.txt");
    private static final Path ACTUAL = Path.of("target/every-key.txt");

    @Test
    void everyKeyHasTheDefaultTheRangeAndTheTypeThatItHad() throws IOException {
        var lines = new ArrayList<String>();
        lines.add(
                "# Every key: its type, range and default. After a change that is meant, copy target/every-key.txt here.");
        add(lines, "the root", "", RootConfig.class);
        Jobs.ALL.forEach(job -> add(lines, "section " + job.name(), job.name() + ".", job.type()));
        LearnerConfig.LEARNERS.forEach((name, type) -> add(lines, "settings of learner " + name, "settings.", type));

        Files.createDirectories(ACTUAL.toAbsolutePath().getParent());
        Files.write(ACTUAL, lines);
        assertThat(lines)
                .as("every key; if the change is meant: cp %s %s", ACTUAL.toAbsolutePath(), EXPECTED)
                .containsExactlyElementsOf(Files.readAllLines(EXPECTED));
    }

    private static void add(List<String> lines, String heading, String prefix, Class<? extends Record> type) {
        lines.add("");
        lines.add("# " + heading);
        for (var entry : Settings.describe(type)) {
            var range = entry.range().isEmpty() ? "" : " in " + entry.range();
            lines.add(prefix + entry.key() + ": " + entry.type() + range + "; " + entry.defaultValue());
        }
    }
}
