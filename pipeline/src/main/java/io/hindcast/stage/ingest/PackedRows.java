package io.hindcast.stage.ingest;

import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.Format;
import io.hindcast.stage.ingest.FoundRows.Found;
import io.hindcast.timeline.EpisodeRules.FinalRow;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.apache.commons.lang3.ArrayUtils;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * Splits rows of many steps into steps: a list has one entry for each step, a list of structs one for each step and
 * field; any other value belongs to all steps, and a flag to the last one. Observations may be one more than the rest:
 * the last is what was seen last.
 */
final class PackedRows implements Iterator<Found> {
    /** The column that names a row: its file without the ending, and its number there. */
    static final String ROW = "{row}";

    private final Iterator<Found> rows;
    private final Format format;
    private final List<String> columns;
    private final List<String> mapped;
    private final Set<String> observation;
    private final Set<String> flags;
    private final FinalRow finalRow;
    private @Nullable Found row;
    private @Nullable Object[] values = {};
    private String name = "";
    private int steps;
    private int next;
    private long count;

    /**
     * @param rows the rows of files, one file after the other
     * @param mapping the columns to take apart
     */
    PackedRows(Iterator<Found> rows, Format format, ColumnMapping mapping, FinalRow finalRow) {
        this.rows = rows;
        this.format = format;
        this.finalRow = finalRow;
        mapped = mapping.columns();
        columns = new ArrayList<>(mapped);
        columns.add(ROW);
        observation = mapping.observationColumns();
        flags = mapping.flags();
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
        var step = new @Nullable Object[columns.size()];
        for (var i = 0; i < mapped.size(); i++) {
            step[i] = value(values[i], flags.contains(mapped.get(i)));
        }
        step[mapped.size()] = name;
        next++;
        return new Found(current.file(), columns, count++, step);
    }

    /** Where steps lack an entry for the observation that is last, it is the one at which a flag stands. */
    private @Nullable Object value(@Nullable Object value, boolean isFlag) {
        if (!(value instanceof List<?> list)) {
            return (isFlag && next < steps - 1) ? (Object) false : value;
        }
        if (list.size() == steps) {
            return list.get(next);
        }
        if (isFlag) {
            return next == 0 ? (Object) false : list.get(next - 1);
        }
        return next < list.size() ? list.get(next) : null;
    }

    private void open(Found found) {
        if (row == null || !row.file().equals(found.file())) {
            count = found.row();
        }
        row = found;
        name = String.format("%s/%06d", format.stem(found.file()), found.row());
        next = 0;
        steps = -1;
        values = whole(found, mapped);
        for (var i = 0; i < values.length; i++) {
            if (values[i] instanceof List<?> list) {
                steps = Math.max(steps, list.size());
            } else if (values[i] instanceof String text && ColumnMapping.isPacked(text)) {
                throw new UserException("Cannot read column '" + mapped.get(i) + "' of " + found.file() + ": row "
                        + found.row()
                        + " holds the text '" + StringUtils.abbreviate(text, 30) + "', which RLlib packed; write the"
                        + " files again with output_compress_columns = []");
            }
        }
        if (steps < 0) {
            throw new UserException("Cannot read " + found.file() + ": row " + found.row()
                    + " has no list in any of the mapped columns " + mapped + "; use row-holds = step");
        }
        for (var i = 0; i < values.length; i++) {
            if (values[i] instanceof List<?> list && list.size() != steps) {
                requireLast(found, mapped.get(i), list.size());
            }
        }
    }

    private void requireLast(Found found, String column, int size) {
        var lacksLast = size == steps - 1 && !observation.contains(column);
        if (lacksLast && finalRow == FinalRow.OBSERVATION) {
            return;
        }
        throw new UserException("Cannot read column '" + column + "' of " + found.file() + ": row " + found.row()
                + " holds " + size + " steps of it, and " + steps + " of another column; "
                + (lacksLast
                        ? "if the observations are one more than the actions, set final-row = observation"
                        : "all mapped columns of a row must have the same steps"));
    }

    /** The values of the mapped columns, those of many steps as lists. */
    static @Nullable Object[] whole(Found found, List<String> mapped) {
        var values = new @Nullable Object[mapped.size()];
        for (var i = 0; i < values.length; i++) {
            var name = mapped.get(i);
            var holder = ColumnMapping.holder(name, found.columns(), found.file());
            var value = found.values()[found.columns().indexOf(holder)];
            for (var field : name.substring(holder.length()).split("\\.", -1)) {
                value = field.isEmpty() ? value : field(value, field);
            }
            values[i] = list(value);
        }
        return values;
    }

    private static @Nullable Object field(@Nullable Object value, String name) {
        if (value instanceof List<?> list) {
            var fields = new ArrayList<@Nullable Object>(list.size());
            list.forEach(item -> fields.add(field(item, name)));
            return fields;
        }
        return value instanceof Map<?, ?> map ? map.get(name) : null;
    }

    private static @Nullable Object list(@Nullable Object value) {
        if (value instanceof double[] numbers) {
            return DoubleStream.of(numbers).boxed().toList();
        }
        if (value instanceof float[] numbers) {
            return List.of(ArrayUtils.toObject(numbers));
        }
        return value;
    }
}
