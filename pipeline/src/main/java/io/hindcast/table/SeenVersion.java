package io.hindcast.table;

import com.fasterxml.jackson.core.JacksonException;
import io.hindcast.config.Json;
import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.files.Publisher;
import io.hindcast.files.Seal;
import io.hindcast.table.Input.Pinned;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Up to which version of a foreign table nothing came after what a version of transitions holds: a note beside the versions, from which the
 * next append goes on. It makes no version of transitions, since all that is made of them would be made anew for the same rows.
 *
 * @param of the version of transitions
 * @param format of the foreign table, as {@link Pinned#format}
 * @param table which one it is, as {@link Pinned#table}
 * @param version up to which nothing came, as {@link Pinned#version}
 */
public record SeenVersion(
        Manifest.Parent of, String format, @Nullable String table, String version) {
    private static final String FILE = "_seen.json";

    /**
     * What was noted with a version of transitions.
     *
     * @param now the foreign table as it is now
     * @return empty if nothing was, or of another table
     * @throws UserException if it cannot be read, or is not what was written
     */
    public static Optional<String> find(Warehouse warehouse, TableVersion base, Pinned now) {
        var file = file(warehouse, base);
        try (var in = file.getFileSystem(warehouse.hadoop()).open(file)) {
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (!Seal.isWhole(text)) {
                throw damaged(base, file);
            }
            var seen = Json.SORTED.readValue(text, SeenVersion.class);
            var isOurs = seen.of().equals(base.asParent())
                    && seen.format().equals(now.format())
                    && Objects.equals(seen.table(), now.table());
            return isOurs ? Optional.of(seen.version()) : Optional.empty();
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            throw damaged(base, file);
        } catch (IOException e) {
            throw new UserException("Cannot read " + file + ": " + Outside.words(e, "check that --out can be read"), e);
        }
    }

    /**
     * Notes that up to {@code now} nothing came; an older note goes.
     *
     * @throws UserException if it cannot be written
     */
    public static void note(Warehouse warehouse, TableVersion base, Pinned now) {
        var file = file(warehouse, base);
        var seen = new SeenVersion(base.asParent(), now.format(), now.table(), now.version());
        try {
            new Publisher(file.getParent(), warehouse.hadoop())
                    .put(file, Seal.put(Json.sortedLines(seen)).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UserException(
                    "Cannot note in " + file + " up to where nothing came: "
                            + Outside.words(e, "check that --out can be written"),
                    e);
        }
    }

    private static Path file(Warehouse warehouse, TableVersion base) {
        return new Path(warehouse.directory(base.table()), FILE);
    }

    private static UserException damaged(TableVersion base, Path file) {
        return new UserException("Cannot append to " + base + ": " + file
                + " is not what was written; remove it, and what came since is looked for from the version that " + base
                + " notes");
    }
}
