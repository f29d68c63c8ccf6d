package io.hindcast.stage.report;

import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Links of a page to what lies beside it, relative, so that a copy of the whole directory has them too. */
final class Hrefs {
    private final Path page;
    private final Configuration configuration;

    /** Of a page in {@code folder}. */
    Hrefs(String folder, Configuration configuration) {
        this.configuration = configuration;
        this.page = qualified(new Path(folder));
    }

    /** The link to a file or directory on the same file system, if it is there. */
    Optional<String> to(String target) {
        var path = qualified(new Path(target));
        try {
            return path.getFileSystem(configuration).exists(path) ? toExisting(target) : Optional.empty();
        } catch (IOException e) {
            throw failure(path, e);
        }
    }

    /** The link to a file or directory that is there; that of a directory ends as {@code target} does. */
    Optional<String> toExisting(String target) {
        var path = qualified(new Path(target));
        var here = page.toUri();
        var there = path.toUri();
        if (!Objects.equals(here.getScheme(), there.getScheme())
                || !Objects.equals(here.getAuthority(), there.getAuthority())) {
            return Optional.empty();
        }
        var end = target.endsWith("/") ? "/" : "";
        return Optional.of(relative(here.getPath(), there.getPath()) + end);
    }

    /** From one absolute directory to another path, with what has a meaning in links written in another way. */
    static String relative(String folder, String target) {
        var from = List.of(folder.substring(1).split("/"));
        var to = List.of(target.substring(1).split("/"));
        var same = 0;
        while (same < from.size() && same < to.size() - 1 && from.get(same).equals(to.get(same))) {
            same++;
        }
        // Not by URI, which makes one sign of a letter and its accent: that is another name.
        return Stream.concat(
                        Collections.nCopies(from.size() - same, "..").stream(),
                        to.stream().skip(same).map(Hrefs::encoded))
                .collect(Collectors.joining("/"));
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private Path qualified(Path path) {
        try {
            return path.getFileSystem(configuration).makeQualified(path);
        } catch (IOException e) {
            throw failure(path, e);
        }
    }

    private static UserException failure(Path path, IOException e) {
        return new UserException("Cannot read " + path + ": " + Outside.words(e, "check the path"), e);
    }
}
