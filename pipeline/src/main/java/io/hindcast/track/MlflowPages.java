package io.hindcast.track;

import io.hindcast.config.Outside;
import io.hindcast.track.MlflowServer.Refused;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Pages that are in an output directory, such as {@code report/report.html} with its pictures and {@code results.json}, shown in MLflow as
 * artifacts of the run that stands for the directory, whose training runs are below it. Older ones are replaced.
 */
public final class MlflowPages {
    private static final Duration REQUEST = Duration.ofSeconds(20);

    private final String uri;
    private final String experiment;
    private final Configuration hadoop;
    private final MlflowServer server;

    /**
     * Asks nothing yet.
     *
     * @param trackingUri as {@link MlflowConfig#trackingUri}
     * @param experiment the one of the training runs
     */
    public MlflowPages(String trackingUri, String experiment, Configuration hadoop) {
        this(trackingUri, experiment, hadoop, System.getenv());
    }

    MlflowPages(String trackingUri, String experiment, Configuration hadoop, Map<String, String> environment) {
        uri = trackingUri;
        this.experiment = experiment;
        this.hadoop = hadoop;
        server = new MlflowServer(trackingUri, environment, REQUEST);
    }

    /**
     * Sends the files of a folder, if they are not there.
     *
     * @param root the output directory as Hadoop opens it
     * @param location the same as {@link TrackedJob#location}
     * @param folder in it
     * @param page the file there that people open
     * @return why they are not there, in a line
     */
    public Optional<String> show(String root, String location, String folder, String page) {
        try {
            var files = MlflowArtifacts.read(new Path(root, folder), page, hadoop);
            var clock = InstantSource.system();
            var began = clock.millis();
            var run = MlflowOutput.run(server, server.experiment(experiment), location, clock);
            MlflowArtifacts.put(server, run, folder, files);
            // An older one may be of a training that goes on.
            if (run.at("/info/start_time").asLong() >= began) {
                MlflowOutput.is("FINISHED", server, run, clock);
            }
            return Optional.empty();
        } catch (Refused | UncheckedIOException | IllegalStateException | IllegalArgumentException e) {
            var why = Outside.of(e).isPresent() ? Outside.reason(e) : String.valueOf(e.getMessage());
            return Optional.of("MLflow at " + uri + " does not show " + folder + "/" + page + ": "
                    + StringUtils.uncapitalize(StringUtils.normalizeSpace(why)) + "; the same command tells it again");
        }
    }
}
