package io.hindcast.track;

import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import io.hindcast.run.RunSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.apache.commons.lang3.StringUtils;

/**
 * A training job, as far as trackers show more of it than its runs.
 *
 * @param root the output directory as Hadoop opens it
 * @param location the same as a full URI, the same from wherever it is named, without a user
 * @param settings its resolved settings as JSON, for people
 * @param data what its runs learn from, by the name of the subset; nothing for runs that learn from no data
 * @param hiding hides secrets in what is written elsewhere
 */
public record TrackedJob(
        String root, String location, String settings, Map<String, Data> data, UnaryOperator<String> hiding) {
    private static final int LONGEST_DIGEST = 36;

    /**
     * What some runs learn from.
     *
     * @param tables the versions that it is read from, transitions first
     * @param rows how many transitions
     */
    public record Data(List<Table> tables, long rows) {
        /** The list is copied. */
        public Data {
            tables = List.copyOf(tables);
        }
    }

    /**
     * A version of a table.
     *
     * @param location its directory, as a full URI without a user
     */
    public record Table(String name, int number, String location) {
        @Override
        public String toString() {
            return name + " v" + number;
        }
    }

    /** The map is copied. */
    public TrackedJob {
        data = Map.copyOf(data);
    }

    String withoutSecrets(String text) {
        return hiding.apply(text);
    }

    /** What a run learns from, as MLflow's {@code DatasetInput}. */
    Map<String, Object> dataset(RunSpec spec) {
        var from = Objects.requireNonNull(data.get(spec.subset()));
        var place = from.tables().get(0).location();
        var scheme = StringUtils.substringBefore(place, ":");
        var source = new LinkedHashMap<String, Object>();
        source.put("uri", place);
        from.tables().forEach(table -> source.put(table.name(), table.number()));
        var dataset = new LinkedHashMap<String, Object>();
        dataset.put("name", spec.subset());
        dataset.put("digest", digest(spec.subsetFingerprint()));
        dataset.put("source_type", scheme.equals("file") ? "local" : scheme);
        dataset.put("source", Json.text(source));
        dataset.put("profile", Json.text(Map.of("num_rows", from.rows())));
        return Map.of("dataset", dataset, "tags", List.of(new MlflowServer.Pair("mlflow.data.context", "training")));
    }

    /** A fingerprint, or the beginning of the hash of several, in as many characters as MLflow takes. */
    private static String digest(String fingerprint) {
        return fingerprint.length() > LONGEST_DIGEST
                ? StringUtils.left(Sha256.of(fingerprint), LONGEST_DIGEST)
                : fingerprint;
    }

    /** The versions of the tables that a run learns from, as tags: {@code hindcast.transitions = v3}. */
    Map<String, String> versions(RunSpec spec) {
        var versions = new LinkedHashMap<String, String>();
        var from = data.get(spec.subset());
        if (from != null) {
            from.tables().forEach(table -> versions.put("hindcast." + table.name(), "v" + table.number()));
        }
        return versions;
    }
}
