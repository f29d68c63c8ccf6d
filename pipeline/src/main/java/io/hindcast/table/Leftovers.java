package io.hindcast.table;

import io.hindcast.files.Publisher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * What ended jobs left behind in an output directory: unfinished files, and versions of tables that a later table would
 * have completed. No reader takes any of it.
 */
public final class Leftovers {
    private static final Pattern BASE = Pattern.compile("^\\.\\./v([1-9][0-9]{0,8})/");

    private final Warehouse warehouse;
    private final TableWriter writer;

    /** Those of an output directory. */
    public Leftovers(Warehouse warehouse) {
        this.warehouse = warehouse;
        writer = new TableWriter(warehouse);
    }

    /** Removes what jobs were writing that are no more; what cannot be removed is still read by nobody. */
    public void removeOrphans() {
        try {
            var root = new Publisher(new Path(warehouse.root()), warehouse.hadoop());
            root.removeOrphans();
            root.in("policies").removeOrphans();
            for (var table : TableName.values()) {
                root.in(table.directory()).removeOrphans();
            }
        } catch (IOException e) {
            // Whoever writes there is told.
        }
    }

    /**
     * Removes versions of the tables that one of {@code table} completes, where none ever will: the version that they wait for is
     * there, and another writer put it in place. No reader takes them, and no writer can still be about to complete them.
     */
    void removeBeside(TableName table) {
        for (var other : TableName.values()) {
            if (other.completedBy().equals(Optional.of(table))) {
                try {
                    leftovers(other, table).forEach(number -> writer.remove(other, number));
                } catch (IOException e) {
                    // They are still read by nobody.
                }
            }
        }
    }

    /**
     * From the latest that is published down to the one before it: what lies below was looked at before that one was made. Above
     * the latest a number may be given again before it is removed, and then to a version that is waited for.
     */
    private List<Integer> leftovers(TableName table, TableName last) throws IOException {
        var leftovers = new ArrayList<Integer>();
        var published = 0;
        var standsOn = new HashSet<Integer>();
        for (var number : warehouse.numbers(table)) {
            var manifest = warehouse.manifest(table, number);
            if (manifest.isEmpty()) {
                continue;
            }
            var awaited = awaited(manifest.get(), last);
            var there =
                    awaited.isPresent() ? warehouse.version(last, awaited.getAsInt()) : Optional.<TableVersion>empty();
            var isLeft = there.isPresent() && !isOwned(manifest.get(), there.get()) && !standsOn.contains(number);
            if (isLeft) {
                if (published == 0) {
                    continue;
                }
                leftovers.add(number);
                continue;
            }
            standsOn.addAll(bases(manifest.get()));
            if (there.isPresent() && ++published == 2) {
                break;
            }
        }
        return leftovers;
    }

    /** The number of the version that completes this one; empty if an earlier hindcast did not say. */
    private static OptionalInt awaited(Manifest beside, TableName last) {
        if (beside.publication() != null) {
            return OptionalInt.of(beside.publication().version());
        }
        return beside.parent(last).stream().mapToInt(Manifest.Parent::version).findFirst();
    }

    private boolean isOwned(Manifest beside, TableVersion last) {
        return Warehouse.belongs(beside, last)
                || (beside.publication() == null
                        && warehouse
                                .find(last.table(), other -> Warehouse.belongs(beside, other))
                                .isPresent());
    }

    private static List<Integer> bases(Manifest manifest) {
        return manifest.files().stream()
                .map(file -> BASE.matcher(file.name()))
                .filter(Matcher::find)
                .map(matcher -> Integer.valueOf(matcher.group(1)))
                .toList();
    }
}
