package io.hindcast.table;

import com.fasterxml.jackson.core.JacksonException;
import io.hindcast.config.Json;
import io.hindcast.config.Outside;
import io.hindcast.files.Publisher;
import io.hindcast.files.Seal;
import io.hindcast.table.Input.Pinned;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Up to which version of a foreign table nothing came after what a version of transitions holds: a note beside the versions, from which the
 * next append goes on. It makes no version of transitions, since all that is made of them would be made anew for the same rows. To do
 * without it is always right, and takes longer.
 *
 * @param of the version of transitions
 * @param format of the foreign table, as {@link Pinned#format}
 * @param table which one it is, as {@link Pinned#table}
 * @param version up to which nothing came, as {@link Pinned#version}
 * @param commit what tells this version from a later one of the same number, of a table that was put back
 */
public record SeenVersion(
        Manifest.Parent of, String format, @Nullable String table, String version, String commit) {
    private static final String FILE = "_seen.json";
    private static final String INSTEAD =
            "; it is not believed, and what came since is looked for from the version that was read last";

    /** That up to {@code now} nothing came. */
    public static SeenVersion of(TableVersion base, Pinned now, String commit) {
        return new SeenVersion(base.asParent(), now.format(), now.table(), now.version(), commit);
    }

    /**
     * What was noted with a version of transitions.
     *
     * @param now the foreign table as it is now
     * @param say told why a note that is there is not believed, if it is damaged or cannot be read
     * @return empty if nothing was, or of another table
     */
    public static Optional<SeenVersion> find(Warehouse warehouse, TableVersion base, Pinned now, Consumer<String> say) {
        var file = file(warehouse, base);
        try (var in = file.getFileSystem(warehouse.hadoop()).open(file)) {
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (Seal.isWhole(text)) {
                return Optional.of(Json.SORTED.readValue(text, SeenVersion.class))
                        .filter(seen -> seen.isOf(base, now));
            }
            say.accept(file + " is not what was written" + INSTEAD);
        } catch (FileNotFoundException e) {
            // Nothing was noted.
        } catch (JacksonException e) {
            say.accept(file + " is not what was written" + INSTEAD);
        } catch (IOException e) {
            say.accept("Cannot read " + file + ": " + Outside.words(e, "check that --out can be read") + INSTEAD);
        }
        return Optional.empty();
    }

    private boolean isOf(TableVersion base, Pinned now) {
        return of.equals(base.asParent()) && format.equals(now.format()) && Objects.equals(table, now.table());
    }

    /**
     * Writes it beside the versions; an older note goes.
     *
     * @param say told if it cannot be written, which the next append does without
     */
    public void write(Warehouse warehouse, TableVersion base, Consumer<String> say) {
        var file = file(warehouse, base);
        try {
            new Publisher(file.getParent(), warehouse.hadoop())
                    .put(file, Seal.put(Json.sortedLines(this)).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            say.accept("Cannot note in " + file + " up to where nothing came: "
                    + Outside.words(e, "check that --out can be written") + "; the next append looks there again");
        }
    }

    private static Path file(Warehouse warehouse, TableVersion base) {
        return new Path(warehouse.directory(base.table()), FILE);
    }
}
