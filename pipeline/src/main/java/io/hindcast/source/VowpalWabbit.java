package io.hindcast.source;

import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.UserException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Logs of contextual bandits as Vowpal Wabbit reads them, see {@link VowpalWabbitReader}: each decision is an episode of one step,
 * with the cost's negative as its reward. The features of all files side by side, in the order of their names, are the
 * observation; what an event lacks is 0, as it is for VW. Actions are numbered from 1 there, from 0 here.
 */
final class VowpalWabbit {
    private static final int MOST_FEATURES = 1_000;

    private VowpalWabbit() {}

    /**
     * Reads the file once, for the names of its features and the number of its actions.
     *
     * @param columns null for those of the format
     */
    static FilePlan plan(InputFile input, @Nullable ColumnMapping columns, Configuration configuration) {
        var mapping = columns == null ? columns() : columns.orEpisodeId(VowpalWabbitReader.EPISODE);
        var names = new TreeSet<String>();
        var actions = 0;
        List<String> notes;
        try (var reader = new VowpalWabbitReader(input.name(), input.open(configuration), 0)) {
            mapping.columns().forEach(column -> ColumnMapping.holder(column, reader.columns(), input.name()));
            for (var row = reader.next(); row != null; row = reader.next()) {
                if (row[1] instanceof Map<?, ?> features && names.size() <= MOST_FEATURES) {
                    features.keySet().forEach(name -> names.add(String.valueOf(name)));
                }
                if (row[2] instanceof Integer action && row[3] instanceof List<?> possible) {
                    actions = Math.max(actions, action);
                    for (var one : possible) {
                        actions = one instanceof Integer number ? Math.max(actions, number) : actions;
                    }
                }
            }
            notes = reader.leftOut().entrySet().stream()
                    .map(left -> input.name() + ": " + left.getValue() + " " + left.getKey())
                    .toList();
        } catch (IOException e) {
            throw Format.damaged(input.name(), e);
        }
        if (names.size() > MOST_FEATURES && mapping.categories().containsKey(VowpalWabbitReader.FEATURES)) {
            throw new UserException("Cannot read " + input.name() + ": its contexts have more than " + MOST_FEATURES
                    + " different features ("
                    + String.join(", ", names.stream().limit(3).toList())
                    + ", …); leave those out that name single users or events");
        }
        var known = new TreeMap<String, List<String>>();
        for (var column : mapping.categories().values()) {
            if (column.equals(VowpalWabbitReader.FEATURES)) {
                known.put(column, List.copyOf(names));
            } else if (column.equals(VowpalWabbitReader.ACTION)) {
                known.put(column, numbers(actions));
            } else {
                throw new UserException("Cannot use category:" + column
                        + " with format = vowpal-wabbit: its categories are map:features and category:action");
            }
        }
        return new FilePlan(List.of(new FilePart(input, 0, Long.MAX_VALUE, 0)), mapping, null, notes, known);
    }

    /**
     * The actions from 1 to {@code count}.
     *
     * @throws UserException if the log has more
     */
    static List<String> actions(List<String> found, int count) {
        if (found.size() > count) {
            throw new UserException("Cannot use action-space with count = " + count + ": the log has " + found.size()
                    + " actions; give count = " + found.size() + ", or none");
        }
        return numbers(count);
    }

    /** The rows of a file. */
    static LoggedRows rows(
            FilePart part, ColumnMapping columns, Map<String, List<String>> categories, Configuration configuration) {
        var input = part.file();
        var actions = categories.getOrDefault(VowpalWabbitReader.ACTION, List.of());
        var reader = new VowpalWabbitReader(input.name(), input.open(configuration), actions.size());
        return new ReaderRows(input.name(), Format.VOWPAL_WABBIT.stem(input.name()), reader, columns, categories, 0);
    }

    private static List<String> numbers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(String::valueOf).toList();
    }

    private static ColumnMapping columns() {
        return new ColumnMapping(
                List.of("map:" + VowpalWabbitReader.FEATURES),
                List.of(),
                "category:" + VowpalWabbitReader.ACTION,
                ConfigValueFactory.fromAnyRef(VowpalWabbitReader.REWARD),
                List.of(),
                VowpalWabbitReader.ENDS,
                null,
                null,
                VowpalWabbitReader.EPISODE,
                null,
                null,
                null,
                VowpalWabbitReader.PROBABILITY,
                List.of("category:" + VowpalWabbitReader.ACTIONS),
                null,
                null,
                0.0);
    }
}
