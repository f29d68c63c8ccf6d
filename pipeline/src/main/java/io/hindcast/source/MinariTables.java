package io.hindcast.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Minari's other two storages: a file {@code data/<episode>/part-0.arrow} or {@code .parquet} an episode. It has one row more than
 * the episode has steps; of the last one only the observation means something. What is a dictionary or a tuple is a struct, and an
 * image a JPEG; names and order are those of {@link MinariHdf5}.
 */
final class MinariTables {
    private static final Pattern PART = Pattern.compile("part-\\d+\\.(arrow|parquet)");
    private static final String NEXT = "next/";
    private static final String EPISODE = "episode";
    private static final int LONGEST = 1 << 20;

    private MinariTables() {}

    /** Whether a file is of these storages by its name. */
    static boolean isPart(String name) {
        return PART.matcher(name.substring(name.lastIndexOf('/') + 1)).matches();
    }

    /** The name of such a file: with its episode's folder and its dataset's. */
    static String name(Path file) {
        var episode = file.getParent();
        var data = episode == null ? null : episode.getParent();
        var dataset = data == null ? null : data.getParent();
        return (dataset == null ? "" : dataset.getName() + "/")
                + (data == null ? "" : data.getName() + "/")
                + (episode == null ? "" : episode.getName() + "/")
                + file.getName();
    }

    /**
     * Looks at the first row.
     *
     * @param columns null for those of the format
     */
    static FilePlan plan(
            InputFile input, @Nullable ColumnMapping columns, PlannedLogs.Rules rules, Configuration configuration) {
        if (!input.name().matches(".*part-0\\.\\w+")) {
            throw new UserException("Cannot read " + input.name()
                    + ": its episode is in several files, which Minari itself never writes; join them into part-0");
        }
        var metadata = metadata(input, configuration);
        var mapping = columns != null ? columns : columns(input, metadata);
        MinariHdf5.requireKnown(mapping);
        try (var steps = new Steps(input, mapping, metadata, configuration)) {
            var row = steps.next();
            var width = 0;
            if (row != null) {
                var floats = new Floats();
                for (var path : mapping.action()) {
                    new Column(input.name(), path, steps.columns()).appendTo(floats, 0, row);
                }
                width = floats.toArray().length;
            } else if (metadata.actions() != null) {
                width = metadata.actions().size();
            }
            return new FilePlan(
                    List.of(new FilePart(input, 0, Long.MAX_VALUE, 0)),
                    mapping,
                    rules.actions() != null ? rules.actions() : metadata.actions(input.name(), width),
                    List.of());
        }
    }

    /** The rows of an episode. */
    static LoggedRows rows(FilePart part, ColumnMapping columns, Configuration configuration) {
        var name = part.file().name();
        var steps = new Steps(part.file(), columns, metadata(part.file(), configuration), configuration);
        try {
            var next = columns.observation().stream().map(MinariTables::next).toList();
            return new ReaderRows(
                    name,
                    dataset(name),
                    steps,
                    columns.withNextObservation(next).withEpisodeId(EPISODE),
                    0);
        } catch (RuntimeException e) {
            steps.close();
            throw e;
        }
    }

    /** The column of the observation after it, spread in the same way. */
    private static String next(String given) {
        return OneHot.is(given)
                ? new OneHot(
                                NEXT + OneHot.of(given).column(),
                                OneHot.of(given).sizes(),
                                OneHot.of(given).starts())
                        .given()
                : NEXT + given;
    }

    private static String dataset(String name) {
        return name.contains("/") ? name.substring(0, name.indexOf('/')) : name;
    }

    /** What stands beside the folders of the episodes. */
    private static MinariMetadata metadata(InputFile input, Configuration configuration) {
        var data = new Path(input.path()).getParent().getParent();
        return MinariMetadata.of(new InputFile(input.name(), new Path(data, "data").toString(), 0), configuration);
    }

    private static ColumnMapping columns(InputFile input, MinariMetadata metadata) {
        var observations = metadata.observations();
        var actions = metadata.actions();
        if (observations == null || actions == null) {
            throw new UserException("Cannot read " + input.name()
                    + ": there is no metadata.json in its data set's folder data, which says what its columns are; copy it"
                    + " too, or map its columns and give action-space");
        }
        var texts = paths("observations", observations, true);
        var others = paths("observations", observations, false);
        if (!texts.isEmpty()) {
            throw new UserException("Cannot read " + input.name() + ": " + String.join(", ", texts)
                    + (texts.size() == 1 ? " is text" : " are text") + ", which is not read; "
                    + (others.isEmpty()
                            ? "there is nothing else in its observations, so use another data set"
                            : "name the others, with the other columns of the format: columns.observation = "
                                    + others.stream()
                                            .map(path -> '"' + path + '"')
                                            .toList()));
        }
        var isIndex = isDiscrete(actions);
        return ColumnMapping.of(
                others,
                isIndex ? List.of() : paths("actions", actions, false),
                isIndex ? "actions" : null,
                "rewards",
                List.of(),
                "terminations",
                "truncations");
    }

    private static boolean isDiscrete(MinariSpace space) {
        return space instanceof MinariSpace.Choices choices && choices.type().equals("Discrete");
    }

    private static List<String> paths(String root, MinariSpace space, boolean isText) {
        var paths = new ArrayList<String>();
        for (var leaf : space.leaves(String::valueOf)) {
            if (leaf.space() instanceof MinariSpace.Text == isText) {
                var path = path(root, leaf.names());
                paths.add(root.equals("observations") ? leaf.space().spread(path) : path);
            }
        }
        return paths;
    }

    private static String path(String root, List<String> names) {
        return names.isEmpty() ? root : root + "/" + String.join("/", names);
    }

    /** Rows of a file, one after the other. */
    private interface Table extends Closeable {
        @Nullable Map<String, @Nullable Object> next();
    }

    private static Table table(InputFile input, Configuration configuration) {
        if (input.name().endsWith(".parquet")) {
            var records = new ParquetRecords(input, column -> !column.equals("infos"), configuration);
            return new Table() {
                @Override
                public @Nullable Map<String, @Nullable Object> next() {
                    return records.next();
                }

                @Override
                public void close() throws IOException {
                    records.close();
                }
            };
        }
        var wanted = new Wanted(List.of("observations", "actions", "rewards", "terminations", "truncations"));
        var reader = new ArrowReader(input.name(), input.open(configuration), wanted);
        return new Table() {
            @Override
            public @Nullable Map<String, @Nullable Object> next() {
                var values = reader.next();
                if (values == null) {
                    return null;
                }
                Map<String, @Nullable Object> row = new HashMap<>();
                for (var i = 0; i < values.length; i++) {
                    row.put(reader.columns().get(i), values[i]);
                }
                return row;
            }

            @Override
            public void close() throws IOException {
                reader.close();
            }
        };
    }

    /** The steps of an episode, each with the observation after it. */
    private static final class Steps implements RowReader {
        private final String file;
        private final String id;
        private final Table table;
        private final long firstAction;
        private final Map<String, Jpeg> images = new HashMap<>();
        private final List<String> columns = new ArrayList<>();
        private final @Nullable Long expected;
        private @Nullable Map<String, @Nullable Object> row;
        private long count;

        Steps(InputFile input, ColumnMapping mapping, MinariMetadata metadata, Configuration configuration) {
            file = input.name();
            id = dataset(file) + "/episode_" + input.folder(1);
            expected = expected(input, configuration);
            firstAction = metadata.actions() instanceof MinariSpace.Choices choices && isDiscrete(choices)
                    ? choices.starts().get(0)
                    : 0;
            var observations = metadata.observations();
            if (observations != null) {
                for (var leaf : observations.leaves(String::valueOf)) {
                    if (leaf.space() instanceof MinariSpace.Box box && box.isImage()) {
                        images.put(
                                path("observations", leaf.names()),
                                new Jpeg(box.shape().stream()
                                        .mapToInt(Integer::intValue)
                                        .toArray()));
                    }
                }
            }
            columns.addAll(mapping.columns());
            mapping.observation().forEach(path -> columns.add(NEXT + ColumnMapping.bare(path)));
            columns.add(EPISODE);
            table = table(input, configuration);
            try {
                row = table.next();
            } catch (RuntimeException e) {
                close();
                throw e;
            }
            if (row != null) {
                for (var column : mapping.columns()) {
                    if (!row.containsKey(column.split("/", -1)[0])) {
                        close();
                        throw new UserException("Cannot read " + file + ": it has no column '"
                                + ArrowField.shown(column)
                                + "' as Minari's files have, but "
                                + row.keySet().stream()
                                        .sorted()
                                        .limit(8)
                                        .map(ArrowField::shown)
                                        .toList()
                                + "; check format, or map its columns");
                    }
                }
            }
        }

        /** How many steps the file beside it counts, null if it does not. */
        private static @Nullable Long expected(InputFile input, Configuration configuration) {
            var text = input.besides("metadata.json", LONGEST, configuration);
            try {
                var steps = text == null ? null : Json.MAPPER.readTree(text).get("total_steps");
                return steps == null || !steps.isIntegralNumber() ? null : Long.valueOf(steps.asLong());
            } catch (JsonProcessingException | StackOverflowError e) {
                throw new UserException(
                        "Cannot read metadata.json beside " + input.name()
                                + ": it is no JSON as Minari writes it; copy it again",
                        e);
            }
        }

        @Override
        public List<String> columns() {
            return columns;
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            var current = row;
            if (current == null) {
                return null;
            }
            var after = table.next();
            row = after;
            if (after == null) {
                requireCount();
                return null; // the last row is only what was seen last
            }
            count++;
            var values = new @Nullable Object[columns.size()];
            for (var i = 0; i < values.length; i++) {
                var column = columns.get(i);
                values[i] = column.equals(EPISODE)
                        ? id
                        : column.startsWith(NEXT)
                                ? value(after, column.substring(NEXT.length()))
                                : value(current, column);
                if (firstAction != 0 && column.equals("actions") && values[i] instanceof Number number) {
                    values[i] = number.longValue() - firstAction;
                }
            }
            return values;
        }

        private void requireCount() {
            if (expected != null && expected != count) {
                throw new UserException("Cannot read " + file + ": it has " + count
                        + " steps, and metadata.json beside it counts " + expected + "; copy both again");
            }
        }

        private @Nullable Object value(Map<String, @Nullable Object> row, String path) {
            @Nullable Object value = row;
            for (var key : path.split("/", -1)) {
                value = value instanceof Map<?, ?> map ? map.get(key) : null;
            }
            if (!(value instanceof ArrowVector.Binary packed)) {
                return value;
            }
            var image = images.get(path);
            if (image == null) {
                throw new UserException(
                        "Cannot read column '" + ArrowField.shown(path) + "' of " + file
                                + ": it holds packed images, and metadata.json does not have their size; leave it out of columns");
            }
            var pixels = new float[image.size()];
            try {
                image.decode(packed.bytes(), pixels, 0);
            } catch (Jpeg.Refused e) {
                throw new UserException(
                        "Cannot read column '" + ArrowField.shown(path) + "' of " + file + ": row " + count + ": "
                                + e.getMessage() + "; copy the file again",
                        e);
            }
            return pixels;
        }

        @Override
        public FileNotes notes() {
            return FileNotes.none(file);
        }

        @Override
        public void close() {
            try {
                table.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
