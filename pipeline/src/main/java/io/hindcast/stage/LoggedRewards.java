package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.table.TableVersion;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether a dataset has logged rewards. Where ingest was told that none were, {@code columns.reward = null}, its
 * transitions hold 0, which nothing may take for a measurement.
 */
public final class LoggedRewards {
    private static final String COLUMNS = "columns";
    private static final String REWARD = "reward";

    private LoggedRewards() {}

    /** Writes into the configuration of an ingestion that there were none: settings that are null are not written otherwise. */
    public static void writeNone(Map<String, Object> configuration) {
        if (configuration.get(COLUMNS) instanceof Map<?, ?> columns) {
            var all = new HashMap<Object, Object>(columns);
            all.put(REWARD, null);
            configuration.put(COLUMNS, all);
        }
    }

    /** Whether these transitions have the rewards of their log, or a constant one that was given. */
    public static boolean areIn(TableVersion transitions) {
        return !(transitions.manifest().configuration().get(COLUMNS) instanceof Map<?, ?> columns
                && columns.containsKey(REWARD)
                && columns.get(REWARD) == null);
    }

    /** The error for what cannot be done without. */
    public static UserException missing(String what, String otherwise) {
        return new UserException(
                "Cannot " + what + ": no rewards were logged (columns.reward = null); " + otherwise
                        + ", or ingest into another --out with columns.reward = the column of the rewards, or a number for all");
    }
}
