package io.hindcast.table;

import io.hindcast.data.Action;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Transition;
import io.hindcast.table.parquet.PartReader;
import io.hindcast.table.parquet.PartWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;

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

    /** Writes a transition as a row. */
    static void write(Transition transition, PartWriter writer) throws IOException {
        var row = writer.row()
                .text(transition.episodeId())
                .whole(transition.step())
                .vector(transition.observation());
        if (transition.action() instanceof Action.Index index) {
            row.absent().integer(index.index());
        } else {
            row.vector(((Action.Vector) transition.action()).values()).absent();
        }
        row.number(transition.reward())
                .vector(transition.nextObservation())
                .flag(transition.terminated())
                .flag(transition.truncated())
                .number(transition.behaviourLogProb())
                .flags(transition.actionMask())
                .number(transition.timeDelta())
                .text(transition.group())
                .text(transition.sourceFile())
                .whole(transition.sourceRow())
                .text(transition.kept())
                .end();
    }
}
