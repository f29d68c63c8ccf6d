package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.stage.FoundRows.Found;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/** Takes rows of many steps apart: a list holds an entry a step, any other value is that of all of them. */
final class Steps implements Iterator<Found> {
    private final Iterator<Found> rows;
    private final List<String> mapped;
    private @Nullable Found row;
    private @Nullable Object[] columns = {};
    private int steps;
    private int next;
    private long count;

    /**
     * @param rows the rows of files, one file after the other
     * @param mapped the columns to take apart
     */
    Steps(Iterator<Found> rows, List<String> mapped) {
        this.rows = rows;
        this.mapped = mapped;
    }

    @Override
    public boolean hasNext() {
        while (next == steps && rows.hasNext()) {
            open(rows.next());
        }
        return next < steps;
    }

    @Override
    public Found next() {
        var more = hasNext();
        var current = row;
        if (!more || current == null) {
            throw new NoSuchElementException();
        }
        var values = new @Nullable Object[columns.length];
        for (var i = 0; i < values.length; i++) {
            values[i] = columns[i] instanceof List<?> list ? list.get(next) : columns[i];
        }
        next++;
        return new Found(current.file(), mapped, count++, values);
    }

    private void open(Found found) {
        if (row == null || !row.file().equals(found.file())) {
            count = 0;
        }
        row = found;
        next = 0;
        steps = -1;
        columns = new @Nullable Object[mapped.size()];
        for (var i = 0; i < columns.length; i++) {
            var name = mapped.get(i);
            columns[i] =
                    found.values()[found.columns().indexOf(ColumnMapping.holder(name, found.columns(), found.file()))];
            if (columns[i] instanceof List<?> list) {
                if (steps >= 0 && list.size() != steps) {
                    throw new UserException("Cannot read column '" + name + "' of " + found.file() + ": row "
                            + found.row()
                            + " holds " + list.size() + " steps of it, and " + steps + " of another column; all mapped"
                            + " columns of a row must tell of the same steps");
                }
                steps = list.size();
            } else if (columns[i] instanceof String text && ColumnMapping.isPacked(text)) {
                throw new UserException("Cannot read column '" + name + "' of " + found.file() + ": row " + found.row()
                        + " holds the text '" + StringUtils.abbreviate(text, 30) + "', which RLlib packed; write the"
                        + " files again with output_compress_columns = []");
            }
        }
        if (steps < 0) {
            throw new UserException("Cannot read " + found.file() + ": row " + found.row()
                    + " has no list in any of the" + " mapped columns " + mapped + "; use row-holds = step");
        }
    }
}
