package io.hindcast.table;

import io.hindcast.data.Action;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Transition;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The table of logged steps. */
public final class TransitionsTable {
    private TransitionsTable() {}

    /**
     * How many numbers an observation has: as many as the first one.
     *
     * @throws IllegalArgumentException if the version holds no transitions
     */
    public static int observationSize(Warehouse warehouse, TableVersion version) {
        warehouse.requireReadable(version);
        for (var one : version.manifest().files()) {
            var file = warehouse.files(version, one::equals).get(0);
            try (var part = new PartReader(warehouse.hadoop(), file, List.of("observation"))) {
                if (part.next()) {
                    return part.column("observation").end(0);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file, e);
            }
        }
        throw new IllegalArgumentException("Cannot find the size of an observation: " + version + " holds none");
    }

    /** Which optional fields of training rows a version holds values of, of those that may be absent in any row. */
    public static Set<Field> logged(Warehouse warehouse, TableVersion version) {
        warehouse.requireReadable(version);
        for (var file : warehouse.files(version)) {
            try (var part = new PartReader(warehouse.hadoop(), file, List.of("action_mask"))) {
                while (part.next()) {
                    if (part.column("action_mask").absentRows() < part.rows()) {
                        return Set.of(Field.ACTION_MASK);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file, e);
            }
        }
        return Set.of();
    }

    /** A transition as the values of a row, in the order of the schema. */
    static @Nullable Object[] values(Transition transition) {
        var action = transition.action();
        return new @Nullable Object[] {
            transition.episodeId(),
            transition.step(),
            transition.observation(),
            action instanceof Action.Vector vector ? vector.values() : null,
            action instanceof Action.Index index ? index.index() : null,
            transition.reward(),
            transition.nextObservation(),
            transition.terminated(),
            transition.truncated(),
            transition.behaviourLogProb(),
            transition.actionMask(),
            transition.timeDelta(),
            transition.group(),
            transition.sourceFile(),
            transition.sourceRow(),
            transition.kept()
        };
    }
}
