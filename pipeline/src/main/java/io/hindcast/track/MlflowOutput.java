package io.hindcast.track;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Sha256;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.StringUtils;

/** The run of MLflow that stands for an output directory: the parent of those that were trained there, with what is about all of them. */
final class MlflowOutput {
    /** The tag by which MLflow shows a run below another one. */
    static final String PARENT = "mlflow.parentRunId";

    /** The tag that says where a run's output is. */
    static final String OUT = "hindcast.out";

    private static final String OUTPUT = "hindcast.output";
    private static final int LONGEST = 16;

    private MlflowOutput() {}

    /**
     * The run, as an earlier job left it or new. Errors as of {@link MlflowServer#get}.
     *
     * @param experiment its id
     * @param location of the output directory, the same from wherever it is named
     */
    static JsonNode run(MlflowServer server, String experiment, String location, InstantSource clock) {
        // By its hash: there is no way to quote every path in a filter.
        var hash = StringUtils.left(Sha256.of(location), LONGEST);
        var request = Map.of(
                "experiment_ids",
                List.of(experiment),
                "filter",
                "tags.`" + OUTPUT + "` = '" + hash + "'",
                "run_view_type",
                "ACTIVE_ONLY",
                "max_results",
                1);
        var there = server.post("runs/search", request).path("runs");
        if (!there.isEmpty()) {
            return there.get(0);
        }
        var tags = new LinkedHashMap<String, String>();
        tags.put(OUTPUT, hash);
        tags.put(OUT, location);
        var name = StringUtils.stripEnd(location, "/").replaceFirst(".*/", "");
        return server.createRun(experiment, name, clock.millis(), tags);
    }

    /** Says how the run is, with the end that it has now unless it goes on. Errors as of {@link MlflowServer#get}. */
    static void is(String status, MlflowServer server, JsonNode run, InstantSource clock) {
        var id = run.at("/info/run_id").asText();
        server.post(
                "runs/update",
                status.equals("RUNNING")
                        ? Map.of("run_id", id, "status", status)
                        : Map.of("run_id", id, "status", status, "end_time", clock.millis()));
    }
}
