package io.hindcast.source;

import io.hindcast.config.Json;
import io.hindcast.timeline.Flag;
import io.hindcast.timeline.LoggedRow;
import io.hindcast.timeline.Spelling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns the rows of one file into {@link LoggedRow}s, as a {@link ColumnMapping} says. */
public final class RowMapper {
    private final String file;
    private final List<String> names;
    private final ColumnMapping columns;
    /** The sorted names of columns that are categories or maps. */
    private final Map<String, List<String>> known = new HashMap<>();

    private final MappedVector observation;
    private final MappedVector action;
    private final MappedVector nextObservation;
    private final MappedVector actionMask;
    private final @Nullable Column actionIndex;
    private final @Nullable Column reward;
    private final @Nullable Column terminated;
    private final @Nullable Column truncated;
    private final @Nullable Column done;
    private final Column[] episode;
    private final @Nullable Column step;
    private final @Nullable Column time;
    private final @Nullable Column tieBreak;
    private final @Nullable Column logProbability;
    private final @Nullable Column probability;
    private final @Nullable Column timeDelta;
    private final @Nullable Column group;
    private final @Nullable String fixedGroup;
    private final Column[] kept;
    private final List<String> keptNames;

    /**
     * @param file the file's name
     * @param fileGroup the group of its rows if that is made from the file, see {@link ColumnMapping#groupOf}
     * @param names the columns it has
     * @param categories the sorted names in each column that is a category
     * @throws io.hindcast.config.UserException if a mapped column is missing
     */
    public RowMapper(
            String file,
            String fileGroup,
            List<String> names,
            ColumnMapping columns,
            Map<String, List<String>> categories) {
        this.file = file;
        this.names = names;
        this.columns = columns;
        columns.categories().forEach((column, kept) -> known.put(column, categories.getOrDefault(kept, List.of())));
        observation = vector(columns.observation());
        action = vector(columns.action());
        nextObservation = vector(columns.nextObservation());
        actionMask = vector(columns.actionMask());
        actionIndex = column(columns.actionIndex());
        reward = column(columns.rewardColumn());
        columns.requireRewardIsNoColumn(names, file);
        terminated = column(columns.terminated());
        truncated = column(columns.truncated());
        done = column(columns.done());
        episode = columns(columns.episodeIds());
        step = column(columns.step());
        time = column(columns.time());
        tieBreak = column(columns.tieBreak());
        logProbability = column(columns.behaviourLogProb());
        probability = column(columns.propensity());
        timeDelta = column(columns.timeDelta());
        fixedGroup = ColumnMapping.isOfFile(columns.group()) ? fileGroup : null;
        group = fixedGroup == null ? column(columns.group()) : null;
        keptNames = columns.kept();
        kept = columns(keptNames);
    }

    /**
     * @param row the row's place in the file
     * @param values its values, see {@link RowReader}
     * @throws io.hindcast.config.UserException if a value that must be a number is something else
     */
    public LoggedRow map(long row, @Nullable Object[] values) {
        var cut = truncated == null ? Boolean.FALSE : truncated.flag(row, values);
        var end = terminated == null ? Boolean.FALSE : terminated.flag(row, values);
        var either = done == null ? Boolean.FALSE : done.flag(row, values);
        var isCut = cut != null && cut;
        var unknown = (end == null ? Flag.TERMINATED.bit() : 0)
                | (cut == null ? Flag.TRUNCATED.bit() : 0)
                | (either == null ? Flag.DONE.bit() : 0);
        return new LoggedRow(
                episode(values),
                number(step, row, values),
                number(time, row, values),
                Objects.requireNonNull(observation.of(row, values)),
                action.of(row, values),
                number(actionIndex, row, values),
                reward == null ? columns.rewardOfEveryRow() : reward.number(row, values),
                nextObservation.of(row, values),
                (end != null && end) || (!isCut && either != null && either),
                isCut,
                number(probability, row, values),
                number(logProbability, row, values),
                actionMask.flags(row, values),
                number(timeDelta, row, values),
                fixedGroup == null ? text(group, values) : fixedGroup,
                file,
                row,
                null,
                fine(row, values),
                unknown,
                kept(values));
    }

    private LoggedRow.@Nullable Fine fine(long row, @Nullable Object[] values) {
        var order = step != null ? step : time;
        if (order == null) {
            return null;
        }
        var rest = order.rest(values);
        return tieBreak == null
                ? LoggedRow.Fine.of(rest, 0, 0)
                : LoggedRow.Fine.of(rest, tieBreak.number(row, values), tieBreak.rest(values));
    }

    /** The names of all columns of the id, with slashes between; null if one is missing. */
    private @Nullable String episode(@Nullable Object[] values) {
        if (episode.length == 1) {
            return episode[0].id(values);
        }
        var all = new StringBuilder();
        for (var column : episode) {
            var part = column.id(values);
            if (part == null) {
                return null;
            }
            // Otherwise a/b and c would be the same as a and b/c.
            all.append(all.isEmpty() ? "" : "/")
                    .append(Spelling.plain(part).replace("%", "%25").replace("/", "%2F"));
        }
        return all.isEmpty() ? null : all.toString();
    }

    /** What the columns that are kept say, null if nothing. */
    private @Nullable String kept(@Nullable Object[] values) {
        if (kept.length == 0) {
            return null;
        }
        var all = new TreeMap<String, String>();
        for (var i = 0; i < kept.length; i++) {
            var text = text(kept[i], values);
            if (text != null) {
                all.put(keptNames.get(i), text);
            }
        }
        return all.isEmpty() ? null : Json.text(all);
    }

    private Column[] columns(List<String> given) {
        return ColumnMapping.expand(given).stream()
                .map(name -> Objects.requireNonNull(column(name)))
                .toArray(Column[]::new);
    }

    private MappedVector vector(List<String> given) {
        return new MappedVector(file, given, names, known, missingKey());
    }

    private @Nullable Column column(@Nullable String given) {
        return given == null
                ? null
                : new Column(
                        file, given, names, known.getOrDefault(ColumnMapping.bare(given), List.of()), missingKey());
    }

    private double missingKey() {
        return Objects.requireNonNullElse(columns.missingKey(), Double.NaN);
    }

    private static @Nullable Double number(@Nullable Column column, long row, @Nullable Object[] values) {
        return column == null ? null : column.number(row, values);
    }

    private static @Nullable String text(@Nullable Column column, @Nullable Object[] values) {
        return column == null ? null : Column.text(column.value(values));
    }
}
