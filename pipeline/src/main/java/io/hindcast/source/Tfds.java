package io.hindcast.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.source.TfdsFeatures.Feature;
import io.hindcast.source.TfdsFeatures.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Episodes as TFDS stores them in the layout of RLDS: files of {@code tf.Example}s, one an episode, beside
 * {@code features.json} which says their names, types and shapes. A step's action and reward follow its observation; those of a
 * step that {@code is_last} mean nothing.
 */
final class Tfds {
    private static final int LONGEST = 16 << 20;
    private static final Pattern NAME = Pattern.compile(
            "(?:.*/)?(?:.*-)?(?<split>[^-./]+)\\.(?:tfrecords?|array_record|parquet)(?:-(?<shard>\\d{1,9})-of-(?<shards>\\d{1,9}))?(?:\\.gz)?");
    private static final String OBSERVATION = TfdsFeatures.STEPS + "observation";
    private static final String ACTION = TfdsFeatures.STEPS + "action";

    private Tfds() {}

    /** Whether a file's name ends as that of a part of a data set does, {@code -00003-of-00010}. */
    static boolean isShard(String name) {
        var matcher = NAME.matcher(name);
        return matcher.matches() && matcher.group("shard") != null;
    }

    /**
     * Reads what the files say about themselves, and of a file without {@code features.json} the first episode.
     *
     * @param columns null for those of the format
     */
    static FilePlan plan(InputFile input, @Nullable ColumnMapping columns, Configuration configuration) {
        var features = features(input, configuration);
        var mapping = columns == null ? columns(input.name(), features) : columns.orEpisodeId(TfdsReader.EPISODE);
        requireKnown(mapping);
        var names = new TfdsReader(input.name(), nothing(), features, List.of(), null, -1).columns();
        mapping.columns().forEach(column -> ColumnMapping.holder(column, names, input.name()));
        var notes = new ArrayList<String>();
        var split = split(input.name());
        if (split != null) {
            notes.add("split '" + split + "' is read; an episode's group is its split, an input like DIR/*-" + split
                    + ".* reads one alone");
        }
        leftOut(features, mapping).ifPresent(notes::add);
        return new FilePlan(
                List.of(new FilePart(input, 0, Long.MAX_VALUE, 0)), mapping, actions(features, mapping), notes);
    }

    /** The rows of a file. */
    static LoggedRows rows(FilePart part, ColumnMapping columns, Configuration configuration) {
        var input = part.file();
        var reader = new TfdsReader(
                input.name(),
                records(input, configuration),
                features(input, configuration),
                columns.columns(),
                split(input.name()),
                episodes(input, configuration));
        return new ReaderRows(input.name(), input.name(), reader, columns, 0);
    }

    private static Records records(InputFile input, Configuration configuration) {
        var head = head(input, configuration);
        if (new String(head, StandardCharsets.ISO_8859_1).startsWith("PAR1")) {
            return new ParquetBytes(input, "data", configuration);
        }
        return ArrayRecords.begins(head)
                ? new ArrayRecords(input.name(), input.seekable(configuration))
                : new TfRecords(input.name(), input.open(configuration));
    }

    private static byte[] head(InputFile input, Configuration configuration) {
        try (var in = input.open(configuration)) {
            return in.readNBytes(8);
        } catch (IOException e) {
            throw Format.damaged(input.name(), e);
        }
    }

    private static Records nothing() {
        return new Records() {
            @Override
            public byte @Nullable [] next() {
                return null;
            }

            @Override
            public void close() {}
        };
    }

    private static TfdsFeatures features(InputFile input, Configuration configuration) {
        var json = input.besides("features.json", LONGEST, configuration);
        var known = json == null ? null : TfdsFeatures.of(input.name(), json);
        if (known != null) {
            return known;
        }
        try (var records = records(input, configuration)) {
            for (var record = records.next(); record != null; record = records.next()) {
                var example = TfExample.of(record, "the first record of " + input.name(), name -> true);
                if (TfdsFeatures.steps(example) > 0) {
                    return TfdsFeatures.of(input.name(), example);
                }
            }
        } catch (IOException e) {
            throw Format.damaged(input.name(), e);
        }
        throw new UserException(
                "Cannot read " + input.name()
                        + ": there is no features.json of TFDS 4 or later beside it, and no episode in it has steps/is_first; check format");
    }

    private static ColumnMapping columns(String file, TfdsFeatures features) {
        var observation = names(features.numbers(OBSERVATION));
        var action = features.numbers(ACTION);
        if (observation.isEmpty() || action.isEmpty()) {
            throw new UserException("Cannot read " + file + ": its steps have no numbers in "
                    + (observation.isEmpty() ? "observation" : "action") + " (they have "
                    + features.all().stream()
                            .filter(Feature::isPerStep)
                            .map(Feature::name)
                            .collect(Collectors.joining(", "))
                    + "); map them with columns");
        }
        var index = isIndex(action) ? action.get(0).name() : null;
        return ColumnMapping.of(
                        observation,
                        index == null ? names(action) : List.of(),
                        index,
                        features.feature("steps/reward") == null ? null : "steps/reward",
                        List.of(),
                        features.feature("steps/is_terminal") == null ? null : "steps/is_terminal",
                        features.feature("steps/is_last") == null ? null : "steps/is_last")
                .orEpisodeId(TfdsReader.EPISODE)
                .orGroup(TfdsReader.SPLIT);
    }

    private static boolean isIndex(List<Feature> action) {
        var first = action.get(0);
        return action.size() == 1
                && first.name().equals(ACTION)
                && first.width() == 1
                && (first.kind() == Kind.WHOLE || first.kind() == Kind.FLAG);
    }

    private static List<String> names(List<Feature> features) {
        return features.stream().map(Feature::name).toList();
    }

    private static @Nullable ActionSpace actions(TfdsFeatures features, ColumnMapping columns) {
        if (columns.actionIndex() != null) {
            var action = features.feature(columns.actionIndex());
            var count = action == null ? 0 : action.kind() == Kind.FLAG ? 2 : action.classes();
            return count < 1 ? null : new ActionSpace.Discrete(count);
        }
        var width = columns.action().stream()
                .map(features::feature)
                .mapToInt(feature -> feature == null ? 0 : feature.width())
                .sum();
        return width < 1 ? null : new ActionSpace.Continuous(width, -1, 1);
    }

    private static void requireKnown(ColumnMapping columns) {
        if (!columns.categories().isEmpty()) {
            throw new UserException("Cannot use category: or map: with format = tfds ("
                    + columns.categories().keySet()
                    + "): its numbers are read, and texts as episode-id or group only; map other features");
        }
    }

    private static Optional<String> leftOut(TfdsFeatures features, ColumnMapping columns) {
        var read = columns.columns();
        var left = features.all().stream()
                .filter(feature -> !feature.isNumeric() && feature.isPerStep() && !read.contains(feature.name()))
                .map(feature -> feature.name() + " (" + feature.type() + ")")
                .collect(Collectors.joining(", "));
        return left.isEmpty() ? Optional.empty() : Optional.of("not read, since they are no numbers: " + left);
    }

    private static @Nullable String split(String name) {
        var matcher = NAME.matcher(name);
        return matcher.matches() ? matcher.group("split") : null;
    }

    /** How many episodes {@code dataset_info.json} says the file has, -1 if it does not. */
    private static long episodes(InputFile input, Configuration configuration) {
        var matcher = NAME.matcher(input.name());
        var text = input.besides("dataset_info.json", LONGEST, configuration);
        if (text == null || !matcher.matches()) {
            return -1;
        }
        try {
            for (var split : Json.MAPPER.readTree(text).path("splits")) {
                var lengths = split.path("shardLengths");
                var shard = matcher.group("shard") == null ? 0 : Integer.parseInt(matcher.group("shard"));
                var shards = matcher.group("shards") == null ? 1 : Integer.parseInt(matcher.group("shards"));
                if (split.path("name").asText().equals(matcher.group("split")) && lengths.size() == shards) {
                    return lengths.path(shard).asLong(-1);
                }
            }
            return -1;
        } catch (JsonProcessingException | StackOverflowError e) {
            throw new UserException(
                    "Cannot read dataset_info.json beside " + input.name()
                            + ": it is no JSON as TFDS writes it; copy it again",
                    e);
        }
    }
}
