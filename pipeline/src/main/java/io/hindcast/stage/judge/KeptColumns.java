package io.hindcast.stage.judge;

import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.table.TableVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The further columns of a log that its transitions keep: those that ingest was told of, {@code columns.keep}. */
final class KeptColumns {
    private KeptColumns() {}

    /** Their names; none if nothing is kept. */
    static List<String> of(TableVersion transitions) {
        if (!(transitions.manifest().configuration().get("columns") instanceof Map<?, ?> columns
                && columns.get("keep") instanceof List<?> keep)) {
            return List.of();
        }
        return ColumnMapping.expand(keep.stream().map(String::valueOf).toList());
    }

    /**
     * Makes sure that a column is there.
     *
     * @param kept those that are kept
     * @param where the setting that names it
     * @param others of transitions, that would do as well
     * @throws UserException if it is not
     */
    static void require(String column, List<String> kept, String where, List<String> others) {
        if (kept.contains(column) || others.contains(column)) {
            return;
        }
        var known = new ArrayList<>(others);
        known.addAll(kept);
        throw new UserException("Cannot use column '" + column + "' in " + where + ": "
                + (known.isEmpty()
                        ? "no columns of the log were kept"
                        : "there is no such column; known are " + String.join(", ", known))
                + "; ingest the log into another --out with columns.keep = [" + column + "]");
    }
}
