package io.hindcast.jobs;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.stage.train.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages of {@code docs/reference} are made from the settings and say what these say. */
final class ReferenceTest {
    private static final Path PAGES = Path.of("../docs/reference");
    private static final Path MADE = Path.of("target/reference");

    @Test
    void thePagesOfTheReferenceSayWhatTheSettingsSay() throws IOException {
        Files.createDirectories(MADE.toAbsolutePath());
        var made = pages();
        for (var page : made.entrySet()) {
            Files.writeString(MADE.resolve(page.getKey()), page.getValue());
        }
        assertThat(published())
                .as("docs/reference; if a setting changed: cp %s/* %s", MADE.toAbsolutePath(), PAGES)
                .containsExactlyInAnyOrderEntriesOf(made);
    }

    private static Map<String, String> published() throws IOException {
        var pages = new LinkedHashMap<String, String>();
        try (var files = Files.list(PAGES)) {
            for (var file : (Iterable<Path>) files::iterator) {
                pages.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return pages;
    }

    private static Map<String, String> pages() {
        var pages = new LinkedHashMap<String, String>();
        for (var job : Jobs.ALL) {
            var text = new StringBuilder(
                    "# " + job.name() + "\n\n`./hindcast " + job.name() + "`: " + plain(job.sentence())
                            + ". Keys of the section `" + job.name() + " { … }`; `--help` prints the same.\n");
            append(text, job.type());
            if (job.type() == TrainConfig.class) {
                LearnerConfig.LEARNERS.forEach((name, type) -> {
                    text.append("\n## Settings of `").append(name).append("`\n");
                    append(text, type);
                });
            }
            pages.put(job.name() + ".md", text.toString());
        }
        var root = new StringBuilder("# Keys at the root\n\nKeys of a configuration that belong to no section.\n");
        append(root, RootConfig.class);
        pages.put("root.md", root.toString());
        var list = Stream.concat(Stream.of("root"), Jobs.ALL.stream().map(Job::name))
                .map(name -> "- [" + name + "](" + name + ".md)\n")
                .collect(joining());
        pages.put(
                "README.md",
                "# Reference\n\nEvery key of every job, made from the settings in the code; a test fails where they differ.\n\n"
                        + list);
        return pages;
    }

    private static void append(StringBuilder text, Class<? extends Record> type) {
        var entries = Settings.describe(type);
        text.append(entries.isEmpty() ? "\nThere are none.\n" : "\n");
        for (var entry : entries) {
            var range = entry.range().isEmpty() ? "" : " in `" + entry.range() + "`";
            var isDefault = !List.of(Setting.REQUIRED, Settings.Entry.ONE_OF).contains(entry.defaultValue());
            var standard = isDefault ? "default `" + entry.defaultValue() + "`" : entry.defaultValue();
            text.append("- **`" + entry.key() + "`** (" + plain(entry.type()) + range + "; " + standard + ")  \n  "
                    + plain(entry.meaning()) + "\n");
        }
    }

    /** As text: without what Markdown would take for a mark. */
    private static String plain(String text) {
        return text.replaceAll("([\\\\`*_<>\\[\\]|])", "\\\\$1");
    }
}
