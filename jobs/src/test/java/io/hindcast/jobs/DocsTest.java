package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The docs: commands that hindcast understands, and links that lead somewhere. */
final class DocsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern SHELL = Pattern.compile("(?ms)^```sh\\n(.*?)^```");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");
    private static final int README_LINES = 150;

    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(README_LINES);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsSomewhere(Path page) throws IOException {
        var text = Files.readString(page);
        for (var link :
                LINK.matcher(text).results().map(match -> match.group(1)).toList()) {
            if (link.contains("://")) {
                continue;
            }
            var parts = link.split("#", 2);
            var target = parts[0].isEmpty()
                    ? page
                    : page.resolveSibling(parts[0]).toAbsolutePath().normalize();
            assertThat(target).as("%s of %s", link, page).exists();
            if (parts.length == 2) {
                assertThat(anchors(target)).as("%s of %s", link, page).contains(parts[1]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandIsUnderstood(String command) {
        var arguments = words(command);
        arguments.add("--dry-run");
        var err = new ByteArrayOutputStream();
        var code = Hindcast.run(
                Jobs.ALL,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments.toArray(String[]::new));
        assertThat(err.toString(StandardCharsets.UTF_8)).as(command).isEmpty();
        assertThat(code).as(command).isZero();
    }

    static List<Path> pages() throws IOException {
        try (var docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(
                                            "README.md",
                                            "CONTRIBUTING.md",
                                            "CHANGELOG.md",
                                            "SECURITY.md",
                                            "data-schema/README.md")
                                    .map(ROOT::resolve),
                            docs.filter(file -> file.toString().endsWith(".md")))
                    .sorted()
                    .toList();
        }
    }

    /** The commands of all pages that start hindcast here; what only the launcher understands is left out. */
    static Set<String> commands() throws IOException {
        var commands = new ArrayList<String>();
        for (var page : pages()) {
            for (var block : SHELL.matcher(Files.readString(page)).results().toList()) {
                block.group(1)
                        .replace("\\\n", " ")
                        .lines()
                        .map(String::strip)
                        .filter(line -> line.startsWith("./hindcast "))
                        .forEach(commands::add);
            }
        }
        assertThat(commands).hasSizeGreaterThan(5);
        return commands.stream().collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static List<String> words(String command) {
        var words = new ArrayList<String>();
        for (var word : (Iterable<MatchResult>) WORD.matcher(command).results()::iterator) {
            if (word.group().startsWith("#")) {
                break;
            }
            var text = word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3);
            words.add(text.startsWith("conf/") ? "../" + text : text);
        }
        words.remove(0);
        if (words.get(0).equals("quickstart")) {
            words.set(0, "pipeline");
            words.addAll(1, List.of("--conf", "../conf/quickstart.conf"));
        }
        words.replaceAll(word -> word.equals("my.conf") ? "../conf/ingest/table.conf" : word); // the reader's own
        for (var option : List.of("--master", "--spark")) {
            while (words.contains(option)) {
                var at = words.indexOf(option);
                words.subList(at, at + 2).clear();
            }
        }
        return words;
    }

    /** As Git hosts make them: lower case, blanks as hyphens, no other marks. */
    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(match -> match.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
