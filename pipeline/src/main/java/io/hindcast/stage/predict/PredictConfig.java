package io.hindcast.stage.predict;

import io.hindcast.config.Address;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.Format;
import io.hindcast.stage.SparkSourceConfig;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** In which rows a policy decides, and how. */
public record PredictConfig(
        @Setting(
                value = "[]",
                meaning = "files, directories (with all their subdirectories) or globs; with format = spark: the paths"
                        + " to load, if the source has paths")
        List<Address> input,

        @Setting(value = "[]", meaning = "globs of names of files and directories to leave out")
        List<String> exclude,

        @Setting(
                value = "parquet",
                meaning =
                        "parquet or orc, or spark: any source that Spark can read, see spark.format (CSV and JSON too)")
        Format format,

        @Setting(value = "null", meaning = "what format = spark reads; null: nothing") @Nullable SparkSourceConfig spark,

        @Setting(
                value = "null",
                meaning = "which columns hold what; null: those from which the transitions in this --out were ingested")
        @Nullable StateColumns columns,

        @Setting(
                value = "null",
                meaning = "the run whose policy acts: OUT/checkpoints/RUN_ID, or RUN_ID where OUT is this --out")
        @Nullable String run,

        @Setting(
                value = "null",
                range = "[0, inf)",
                meaning = "of the run: after how many updates; null: at its last checkpoint")
        @Nullable Long step,

        @Setting(
                value = "null",
                meaning = "in the place of run: the policy.onnx of a run, wherever it is kept now;"
                        + " the transitions in this --out say what its actions are")
        @Nullable String onnx,

        @Setting(
                value = "false",
                meaning =
                        "in the place of run: the champion of the registry acts, see promote; its policy is called as the"
                                + " registry, and its version is that of the registry")
        boolean champion,

        @Setting(
                value = "greedy",
                meaning = "greedy: the likeliest action, as in evaluate; sampled: one that is drawn from the policy,"
                        + " where it has probabilities")
        Preference actions,

        @Setting(value = "0", range = "[0, 1]", meaning = "with this probability an action is drawn uniformly instead")
        double epsilon,

        @Setting(value = "0", range = "[0, inf)", meaning = "seed of what is drawn")
        long seed,

        @Setting(
                value = "[]",
                meaning = "the columns that tell decisions apart: what is drawn follows from the seed and their values,"
                        + " so that two rows with the same values get the same draw. Empty: all columns (but maps and"
                        + " variants)")
        List<String> key,

        @Setting(value = "null", meaning = "the policy's name in the table; null: NAME-SEED of the run") @Nullable String policy,

        @Setting(value = "null", meaning = "its version; null: the run's updates") @Nullable String policyVersion,

        @Setting(value = "{}", meaning = "what the columns are called; an empty name leaves one out")
        Names names,

        @Setting(
                value = "0.1",
                range = "[0, 1]",
                meaning = "if a larger share of the rows is quarantined, nothing is published")
        double maxQuarantineFraction) {

    /** Which columns hold what a policy is shown, and what was done. Columns are written as in {@code ingest.columns}. */
    public record StateColumns(
            @Setting(meaning = "columns of the observation, as the policy learned from: see ingest.columns.observation")
            List<String> observation,

            @Setting(value = "[]", meaning = "columns of flags, or category:NAME: which actions are possible")
            List<String> actionMask,

            @Setting(value = "[]", meaning = "columns of a vector that was done, for log_prob; empty: none")
            List<String> action,

            @Setting(
                    value = "null",
                    meaning = "column of the index of the action that was done, or category:NAME of it")
            @Nullable String actionIndex,

            @Setting(value = "null", meaning = "the value used for a key that a row's map:NAME lacks; null: none")
            @Nullable Double missingKey)
            implements Serializable {
        /** @throws UserException if there is no observation, or both kinds of action */
        public StateColumns {
            if (observation.isEmpty()) {
                throw new UserException("Cannot use predict.columns.observation = []: an observation needs a column");
            }
            if (!action.isEmpty() && actionIndex != null) {
                throw new UserException("Cannot use predict.columns.action = " + action
                        + " with predict.columns.action-index = " + actionIndex + ": give one of them");
            }
        }

        /** Whether they hold what was done. */
        boolean isLogged() {
            return !action.isEmpty() || actionIndex != null;
        }

        /**
         * The sorted names of each column that is a category or a map, by the column without its prefix, as the policy learned from.
         *
         * @param categories those of the log that it learned from, by column
         * @param root where that was ingested into
         * @throws UserException if that log has no such column
         */
        Map<String, List<String>> known(Object categories, String root) {
            var known = new LinkedHashMap<String, List<String>>();
            var given = new ArrayList<>(observation);
            given.addAll(actionMask);
            if (actionIndex != null) {
                given.add(actionIndex);
            }
            for (var column : ColumnMapping.expand(given)) {
                if (!ColumnMapping.isSpread(column)) {
                    continue;
                }
                var isMask = actionMask.contains(column) && actionIndex != null;
                var kept = ColumnMapping.bare(isMask ? Objects.requireNonNull(actionIndex) : column);
                if (!(categories instanceof Map<?, ?> names && names.get(kept) instanceof List<?> list)) {
                    throw new UserException("Cannot use " + column + " in predict.columns: its names, and their order,"
                            + " are those of the log that the policy learned from, and no such column was ingested into "
                            + root + "; predict with the --out that the policy was trained in");
                }
                known.put(
                        ColumnMapping.bare(column),
                        list.stream().map(String::valueOf).toList());
            }
            return known;
        }
    }

    /** What the columns are called that are added to each row. */
    public record Names(
            @Setting(value = "action", meaning = "the vector that is chosen")
            String action,

            @Setting(value = "action_index", meaning = "the discrete action that is chosen, from 0")
            String actionIndex,

            @Setting(value = "propensity", meaning = "how likely it was to be chosen")
            String propensity,

            @Setting(value = "log_propensity", meaning = "the natural logarithm of that")
            String logPropensity,

            @Setting(value = "log_prob", meaning = "the logarithm of how likely the action that was logged is")
            String logProb,

            @Setting(value = "probabilities", meaning = "how likely each discrete action is")
            String probabilities,

            @Setting(value = "mean", meaning = "the means from which a vector is drawn")
            String mean,

            @Setting(value = "deviation", meaning = "the standard deviations from which a vector is drawn")
            String deviation,

            @Setting(value = "q", meaning = "what critics think of the action")
            String q,

            @Setting(value = "v", meaning = "what the state is worth")
            String v,

            @Setting(value = "policy", meaning = "the policy's name")
            String policy,

            @Setting(value = "policy_version", meaning = "its version")
            String policyVersion,

            @Setting(value = "policy_sha256", meaning = "its hash")
            String policySha256,

            @Setting(value = "seed", meaning = "the seed") String seed,

            @Setting(value = "quarantine_reason", meaning = "of rows that are left out: why, a word")
            String quarantineReason,

            @Setting(value = "quarantine_detail", meaning = "of rows that are left out: why, a sentence")
            String quarantineDetail)
            implements Serializable {
        /** What a column is called, by its name in the schema file. */
        String of(String column) {
            return String.valueOf(Settings.toMap(this).get(column.replace('_', '-')));
        }
    }

    /** @throws UserException if keys contradict each other */
    public PredictConfig {
        if (!format.isFrame()) {
            throw new UserException("Cannot predict for format = "
                    + format.name().toLowerCase(Locale.ROOT).replace('_', '-')
                    + ": Spark reads the rows, with all their columns; use parquet or orc, or format = spark with, for"
                    + " example, spark { format = csv, options { header = true, inferSchema = true } }");
        }
        if ((format == Format.SPARK) != (spark != null)) {
            throw new UserException("Cannot use " + (spark == null ? "format = spark without" : "this format with")
                    + " the section spark: it says what Spark reads; give both or neither");
        }
        if (input.isEmpty() && format != Format.SPARK) {
            throw new UserException("Cannot predict: input = [] names no file; give --set input=PATH");
        }
        var given = Stream.of(run == null ? null : "run", onnx == null ? null : "onnx", champion ? "champion" : null)
                .filter(Objects::nonNull)
                .map(word -> "predict." + word)
                .toList();
        if (given.size() != 1) {
            throw new UserException("Cannot predict: "
                    + (given.isEmpty()
                            ? "none of predict.run, predict.onnx and predict.champion says"
                            : String.join(" and ", given) + " say")
                    + " whose policy acts; give one of them, for example --set run=NAME-SEED");
        }
        if (step != null && run == null) {
            throw new UserException("Cannot use predict.step = " + step + " with " + given.get(0) + ": "
                    + (champion
                            ? "the registry says after how many updates its champion is meant"
                            : "an ONNX file has one policy")
                    + "; remove it");
        }
    }

    /** The rule by which actions are chosen. */
    Rule rule() {
        return new Rule(actions, epsilon, 0, 0);
    }

    /** The configuration without what changes no row, and without where the policy lies, which is told by its hash. */
    Map<String, Object> decisive() {
        var map = new LinkedHashMap<>(Settings.toMap(this));
        List.of("input", "exclude", "columns", "run", "step", "onnx", "champion", "max-quarantine-fraction")
                .forEach(map::remove);
        if (map.get("spark") instanceof Map<?, ?> source) {
            source.remove("options");
            source.remove("version"); // it is the input's
        }
        return map;
    }
}
