package io.hindcast.track;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Sha256;
import io.hindcast.files.LocalFiles;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/**
 * Folders of files, as artifacts of runs of MLflow. The last file of a folder vouches for the others: where it is, they are there
 * and belong to it. A tag of the run says which content is whole, and what is there is not sent again.
 */
final class MlflowArtifacts {
    private static final String PROXY = "mlflow-artifacts:";
    private static final String TAG = "hindcast.artifacts.";
    private static final int MOST_BYTES = 1 << 26;
    private static final int MIB = 20; // bits

    private MlflowArtifacts() {}

    /** The server keeps artifacts where clients have to bring them by themselves. */
    static final class Elsewhere extends IllegalStateException {
        private static final long serialVersionUID = 1;

        private Elsewhere(String message) {
            super(message);
        }
    }

    /** Whether the server takes the artifacts of a run by itself. */
    static boolean isTaken(JsonNode run) {
        return run.at("/info/artifact_uri").asText().startsWith(PROXY);
    }

    /**
     * Where the artifacts of a run are.
     *
     * @throws Elsewhere if the server does not take them by itself
     */
    static String place(JsonNode run) {
        var place = run.at("/info/artifact_uri").asText();
        if (!isTaken(run)) {
            throw new Elsewhere("it keeps artifacts in "
                    + place.replaceFirst("^(\\w+:).*", "$1…").replaceFirst("^/.*", "a folder")
                    + " and takes none by itself, so it gets no policies, settings or pages; start it with"
                    + " --serve-artifacts, and use another experiment");
        }
        return place;
    }

    /** Below the server's own artifacts, with or without its host in front. */
    static String path(String place) {
        return StringUtils.stripStart(URI.create(place).getPath(), "/");
    }

    /**
     * Sends a folder, if the run does not have this very one.
     *
     * @param run as the server says it, with its tags
     * @param files by name, the one that vouches for the others last
     * @throws MlflowServer.Refused if the server does not take it
     * @throws java.io.UncheckedIOException if the server does not answer
     */
    static void put(MlflowServer server, JsonNode run, String folder, Map<String, byte[]> files) {
        var place = path(place(run)) + "/" + folder;
        var hashes = new StringBuilder();
        files.forEach((name, bytes) ->
                hashes.append(name).append(' ').append(Sha256.of(bytes)).append('\n'));
        var hash = Sha256.of(hashes.toString());
        var known = MlflowServer.tags(run.path("data")).getOrDefault(TAG + folder, "");
        if (hash.equals(known)) {
            return;
        }
        tag(server, run, folder, "being sent"); // so that what is left of a broken one is removed by the next
        if (!known.isEmpty()) {
            server.remove(place);
        }
        files.forEach((name, bytes) -> server.store(place + "/" + name, bytes));
        tag(server, run, folder, hash);
    }

    private static void tag(MlflowServer server, JsonNode run, String folder, String value) {
        server.post(
                "runs/log-batch",
                Map.of(
                        "run_id",
                        run.at("/info/run_id").asText(),
                        "tags",
                        List.of(new MlflowServer.Pair(TAG + folder, value))));
    }

    /**
     * Files of a folder by name, in the order in which they are sent; none if {@code last} is not there. Those whose names begin with
     * an underscore or a dot are about the folder.
     *
     * @param last the one that vouches for the others
     * @throws IllegalStateException if one cannot be read, or they are too large to be sent
     */
    static Map<String, byte[]> read(Path folder, String last, Configuration hadoop) {
        var files = new LinkedHashMap<String, byte[]>();
        var all = 0L;
        for (var name : names(folder, last, hadoop)) {
            var bytes = bytes(new Path(folder, name), hadoop);
            all += bytes.length;
            if (all > MOST_BYTES) {
                throw tooLarge(folder);
            }
            files.put(name, bytes);
        }
        return files;
    }

    private static List<String> names(Path folder, String last, Configuration hadoop) {
        try {
            var files = LocalFiles.context(folder, hadoop).util();
            if (!files.exists(new Path(folder, last))) {
                return List.of();
            }
            var names = new ArrayList<String>();
            for (var status : files.listStatus(folder)) {
                var name = status.getPath().getName();
                if (status.isFile() && !name.matches("[_.].*") && !name.equals(last)) {
                    names.add(name);
                }
            }
            names.sort(null);
            names.add(last);
            return names;
        } catch (IOException | FSError e) {
            throw unreadable(folder, e);
        }
    }

    /** A file. Errors as of {@link #read}. */
    static byte[] bytes(Path path, Configuration hadoop) {
        try {
            var files = LocalFiles.context(path, hadoop);
            if (files.getFileStatus(path).getLen() > MOST_BYTES) {
                throw tooLarge(path);
            }
            try (var in = files.open(path)) {
                return in.readAllBytes();
            }
        } catch (IOException | FSError e) {
            throw unreadable(path, e);
        }
    }

    private static IllegalStateException unreadable(Path path, Throwable e) {
        return new IllegalStateException("Cannot read " + path + ": " + MetricsLog.why(e), e);
    }

    private static IllegalStateException tooLarge(Path path) {
        return new IllegalStateException(path + " is not sent: it is larger than " + (MOST_BYTES >> MIB) + " MiB");
    }
}
