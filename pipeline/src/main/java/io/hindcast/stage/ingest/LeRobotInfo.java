package io.hindcast.stage.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.files.Place;
import io.hindcast.timeline.IngestTally;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What a LeRobot dataset's {@code meta/info.json} says about it, to be compared with what was read. */
final class LeRobotInfo {
    private final JsonNode info;

    private LeRobotInfo(JsonNode info) {
        this.info = info;
    }

    /**
     * That of an input that is such a dataset's folder; nothing if there is not exactly one input.
     *
     * @throws UserException if it is not JSON
     */
    static Optional<LeRobotInfo> of(Configuration hadoop, List<String> inputs) {
        if (inputs.size() != 1) {
            return Optional.empty();
        }
        var path = new Path(Place.of(inputs.get(0)), "meta/info.json");
        try {
            var files = path.getFileSystem(hadoop);
            if (!files.exists(path)) {
                return Optional.empty();
            }
            try (var in = files.open(path)) {
                return Optional.of(new LeRobotInfo(Json.MAPPER.readTree((InputStream) in)));
            }
        } catch (IOException e) {
            throw new UserException(
                    "Cannot read " + path + ": "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                            + "; the file is damaged, copy it again",
                    e);
        }
    }

    /** A line for everything that is not as it says. */
    List<String> differences(IngestConfig config, IngestTally tally, int observationSize) {
        var lines = new ArrayList<String>();
        compare(lines, "total_frames", info.path("total_frames"), tally.rows(), "rows were read");
        compare(
                lines,
                "total_episodes",
                info.path("total_episodes"),
                tally.episodes() + tally.quarantinedEpisodes(),
                "episodes with a transition were read");
        compare(lines, "observation", config.mapping().observation(), observationSize);
        if (!config.mapping().action().isEmpty()) {
            var space = config.rules(observationSize).actionSpace();
            var size = space instanceof ActionSpace.Discrete discrete ? discrete.entries() : space.size();
            compare(lines, "action", config.mapping().action(), size);
        }
        return lines;
    }

    private static void compare(List<String> lines, String key, JsonNode said, long read, String what) {
        if (said.isIntegralNumber() && said.asLong() != read) {
            lines.add("meta/info.json says " + key + " = " + said.asLong() + ", but " + read + " " + what);
        }
    }

    private void compare(List<String> lines, String what, List<String> columns, int read) {
        var size = 0L;
        for (var column : columns) {
            var shape = info.path("features").path(column).path("shape");
            if (!shape.isArray()) {
                return;
            }
            var entries = 1L;
            for (var length : shape) {
                entries *= length.asLong();
            }
            size += entries;
        }
        if (size != read) {
            lines.add("meta/info.json says that " + columns + " have " + size + " entries, but an " + what + " has "
                    + read);
        }
    }
}
