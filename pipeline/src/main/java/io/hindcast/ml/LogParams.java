package io.hindcast.ml;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** Which columns of a log say how a row was chosen, what it earned and where it stands: what learns and what judges ask alike. */
final class LogParams {
    final Param<String> rewardCol;
    final Param<String> propensityCol;
    final Param<String> terminatedCol;
    final Param<String> truncatedCol;
    final Param<String> episodeCol;
    final Param<String> stepCol;

    private final Params owner;

    LogParams(Params owner) {
        this.owner = owner;
        rewardCol = new Param<>(owner, "rewardCol", "column of the reward; none: no rewards were logged");
        propensityCol = new Param<>(owner, "propensityCol", "column of the logging policy's probability, in (0, 1]");
        terminatedCol = new Param<>(owner, "terminatedCol", "column of a flag: the task itself ended here");
        truncatedCol = new Param<>(owner, "truncatedCol", "column of a flag: a time limit ended the episode here");
        episodeCol = new Param<>(owner, "episodeCol", "column of the episode's name; none: each row is an episode");
        stepCol = new Param<>(owner, "stepCol", "column of a row's number in its episode");
    }

    /**
     * The section {@code ingest} of them, without what to read.
     *
     * @param others further columns
     * @param actionSpace the actions
     */
    Map<String, Object> section(Map<String, Object> others, Object actionSpace) {
        var columns = new HashMap<>(others);
        columns.put("reward", owner.isDefined(rewardCol) ? owner.getOrDefault(rewardCol) : null);
        put(owner, columns, "propensity", propensityCol);
        put(owner, columns, "terminated", terminatedCol);
        put(owner, columns, "truncated", truncatedCol);
        put(owner, columns, "episode-id", episodeCol);
        put(owner, columns, "step", stepCol);
        return Map.of(
                "columns",
                columns,
                "episode-per",
                owner.isDefined(episodeCol) ? "column" : "row",
                "action-space",
                actionSpace);
    }

    /** Adds a param where it is set. */
    static void put(Params owner, Map<String, Object> map, String key, Param<?> param) {
        if (owner.isDefined(param)) {
            map.put(key, owner.getOrDefault(param));
        }
    }
}
