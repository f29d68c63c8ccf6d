package io.hindcast.track;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Logs every training run as a run of MLflow: its settings as parameters, its metrics, and how it ended. The run is known by
 * the tags {@code hindcast.run-id} and {@code hindcast.out}, so that a job for the same output directory continues it.
 *
 * <p>A run that is over is {@code FINISHED}, or {@code FAILED} with the tags {@code hindcast.outcome} and
 * {@code hindcast.reason}; one whose job ends first is {@code KILLED}. Values that are not finite are sent as MLflow's own
 * clients send them, {@code "NaN"} and {@code "Infinity"}: a server that keeps its data in SQL gives NaN back as NaN, and
 * infinity as the largest double. What it learns from is its input, a dataset: the subset, with the fingerprint and the versions.
 *
 * <p>All are below a run that stands for the output directory, see {@link MlflowOutput}. Artifacts follow when metrics are sent: the settings
 * of the job and of each run, and the policy of a finished one. What the server refuses of these, or fails to take three times, is counted
 * and not tried again in this job.
 *
 * <p>What a server does not take because it is down is sent again later, which makes nothing twice: MLflow takes two equal
 * metrics for one. While it is down a limited number of metrics wait, and the rest is dropped; what it refuses is dropped too.
 *
 * <p>What was sent is noted by the server alone, so that it is right whenever a job is killed: a run that is over has the tag
 * {@code hindcast.metrics}, how many metrics it was sent. A run of an earlier job has all if that is their number; else it is asked
 * metric by metric which steps it has, and is sent the others.
 */
public final class MlflowTracker implements Tracker {
    /** What a server takes at once and in length, see MLflow's REST API, Log Batch. */
    private static final int METRICS_AT_ONCE = 1000;

    private static final int RUNS_AT_ONCE = 1000;

    private static final int PARAMETERS_AT_ONCE = 100;
    private static final int LONGEST_PARAMETER = 6000;

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;

    private static final int MOST_TRIES = 3;
    private static final String RUNNING = "RUNNING";
    private static final String FINISHED = "FINISHED";
    private static final String KILLED = "KILLED";
    private static final String STOPPED = new Outcome.Stopped("").word();
    private static final String RUN_ID = "hindcast.run-id";
    private static final String METRICS = "hindcast.metrics";
    private static final String SETTINGS = "settings";
    private static final String POLICY = "policy";
    private static final String POLICIES = "policies";

    private final String uri;
    private final String experiment;
    private final TrackedJob job;
    private final Configuration hadoop;
    private final InstantSource clock;
    private final Limits limits;
    private final Written written = new Written();
    private final Map<String, Remote> runs = new LinkedHashMap<>();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong unsent = new AtomicLong();
    private final List<Owed> owed = new ArrayList<>();
    private final MlflowServer server;
    private boolean isClosed;
    private boolean takesFiles = true;
    private boolean owesSettings = true;
    private @Nullable JsonNode output;
    private String outputIs = RUNNING;
    private @Nullable String experimentId;
    private @Nullable RuntimeException refused;
    private long retryAt;

    /**
     * How patient it is.
     *
     * @param metrics how many may wait while the server is down
     * @param request how long one request may take
     * @param betweenTries how long it leaves a server alone that is down
     */
    record Limits(int metrics, Duration request, Duration betweenTries) {}

    /** A metric, and when it was heard of in milliseconds since 1970; whole numbers are texts, as protocol buffers want it. */
    private record Sent(String key, double value, String timestamp, String step) {}

    /** A folder of artifacts that the server has not been sent, of a run or, if that is null, of the job. */
    private static final class Owed {
        private final @Nullable Remote run;
        private final String folder;
        private int tries;

        private Owed(@Nullable Remote run, String folder) {
            this.run = run;
            this.folder = folder;
        }
    }

    /** One run, and what the server has not been told of it. */
    private static final class Remote {
        private final RunSpec spec;
        private final @Nullable PastRun past;
        private final List<Sent> metrics = new ArrayList<>();
        private @Nullable JsonNode there;
        private @Nullable Ending ending;
        private String known = RUNNING;
        /** How many metrics the server has; null: nobody counted them. */
        private @Nullable Integer has;
        /** Whether it was over before this job, and the server lacks something of it. */
        private boolean lacks;
        /** Whether its artifacts were counted among those that are owed. */
        private boolean owes;
        /** Whether it is to be asked again what it has of a past run, since not all could be sent. */
        private boolean failed;
        /** How many metrics these were, which are read again then. */
        private int unread;

        Remote(RunSpec spec, @Nullable PastRun past) {
            this.spec = spec;
            this.past = past;
            ending = past == null ? null : new Ending(past.outcome(), past.reason());
        }

        boolean isFinished() {
            return ending != null && ending.word().equals(new Outcome.Finished().word());
        }

        String status() {
            if (ending == null) {
                return RUNNING;
            }
            return isFinished() ? FINISHED : "FAILED";
        }
    }

    /** How a run ended, as {@link Outcome} says it. */
    private record Ending(String word, @Nullable String reason) {}

    /**
     * Asks nothing of the server yet.
     *
     * @param trackingUri where the server is, see {@link MlflowConfig#trackingUri}
     * @param experiment the experiment's name
     * @param hadoop what opens the job's output directory
     */
    public MlflowTracker(String trackingUri, String experiment, TrackedJob job, Configuration hadoop) {
        this(
                trackingUri,
                experiment,
                job,
                hadoop,
                System.getenv(),
                InstantSource.system(),
                new Limits(100_000, Duration.ofSeconds(20), Duration.ofSeconds(10)));
    }

    MlflowTracker(
            String trackingUri,
            String experiment,
            TrackedJob job,
            Configuration hadoop,
            Map<String, String> environment,
            InstantSource clock,
            Limits limits) {
        uri = trackingUri;
        this.experiment = experiment;
        this.job = job;
        this.hadoop = hadoop;
        this.clock = clock;
        this.limits = limits;
        server = new MlflowServer(trackingUri, environment, limits.request());
        retryAt = System.nanoTime();
    }

    @Override
    public String name() {
        return "MLflow at " + uri;
    }

    @Override
    public void starts(RunSpec spec) {
        run(spec).ending = null;
    }

    @Override
    public void logged(RunSpec spec, List<Metric> metrics) {
        var run = run(spec);
        var now = Long.toString(clock.millis());
        for (var metric : written.unseen(spec.id(), metrics)) {
            if (waiting.get() >= limits.metrics()) {
                dropped.incrementAndGet();
                continue;
            }
            waiting.incrementAndGet();
            run.metrics.add(new Sent(metric.name(), metric.value(), now, Long.toString(metric.step())));
        }
    }

    @Override
    public void ended(RunSpec spec, Outcome outcome) {
        var run = run(spec);
        var was = run.isFinished();
        run.ending = new Ending(outcome.word(), outcome.reason());
        if (run.isFinished() && !was) {
            owe(run, POLICY);
        }
    }

    @Override
    public void retold(PastRun past) {
        runs.put(past.spec().id(), new Remote(past.spec(), past));
    }

    @Override
    public void flush() {
        if (System.nanoTime() - retryAt < 0) {
            return;
        }
        send();
        tellRefused();
    }

    private void send() {
        try {
            sendRuns();
            sendFiles();
        } catch (RuntimeException e) {
            retryAt = System.nanoTime() + limits.betweenTries().toNanos();
            throw e;
        }
    }

    /** Of past runs one that the server fails to take holds up no other, unless it does not answer at all. */
    private void sendRuns() {
        for (var run : runs.values()) {
            try {
                send(run);
            } catch (RuntimeException e) {
                var isAway = e instanceof UncheckedIOException
                        || (e instanceof MlflowServer.Refused answer && answer.isTooMany());
                if (run.past != null) {
                    forget(run);
                }
                if (run.past == null || isAway) {
                    throw e;
                }
                refused = refused == null ? e : refused;
                retryAt = System.nanoTime() + limits.betweenTries().toNanos();
            }
        }
    }

    /** Its metrics are read again when it is asked again, so that those of many do not wait here. */
    private static void forget(Remote run) {
        run.unread += run.metrics.size();
        run.metrics.clear();
        run.failed = true;
    }

    private void tellRefused() {
        var problem = refused;
        refused = null;
        if (problem != null) {
            throw problem;
        }
    }

    @Override
    public long unwritten() {
        return dropped.get() + waiting.get();
    }

    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        sendRuns();
        var areOver = true;
        for (var run : runs.values()) {
            areOver &= run.ending != null && !run.ending.word().equals(STOPPED);
            if (run.ending == null && run.there != null) {
                terminate(id(run.there), KILLED);
            }
        }
        var is = areOver ? FINISHED : KILLED;
        if (output != null && !outputIs.equals(is)) {
            MlflowOutput.is(is, server, output, clock);
        }
        sendFiles(); // last, since they may take long
        tellRefused();
    }

    @Override
    public long unsent() {
        return unsent.get();
    }

    @Override
    public boolean mayTakeLater(Throwable problem) {
        return !(problem instanceof MlflowArtifacts.Elsewhere
                || (problem instanceof MlflowServer.Refused answer && answer.isFinal()));
    }

    @Override
    public long answers() {
        return server.answers();
    }

    @Override
    public Duration patience() {
        return server.patience();
    }

    private Remote run(RunSpec spec) {
        var run = runs.get(spec.id());
        if (run == null) {
            run = new Remote(spec, null);
            runs.put(spec.id(), run);
            oweSettings(run);
        }
        return run;
    }

    private void oweSettings(Remote run) {
        if (owesSettings) {
            owe(null, SETTINGS);
            owesSettings = false;
        }
        owe(run, SETTINGS);
    }

    private void oweAll(Remote run) {
        if (run.owes) {
            return;
        }
        run.owes = true;
        oweSettings(run);
        if (run.isFinished()) {
            owe(run, POLICY);
        }
    }

    private void owe(@Nullable Remote run, String folder) {
        if (takesFiles) {
            owed.add(new Owed(run, folder));
            unsent.incrementAndGet();
        }
    }

    private void sendFiles() {
        while (!owed.isEmpty()) {
            var next = owed.get(0);
            try {
                var run = Objects.requireNonNull(next.run == null ? output : next.run.there);
                MlflowArtifacts.place(run);
                var files = files(next);
                if (!files.isEmpty()) {
                    MlflowArtifacts.put(server, run, next.folder, files);
                }
                unsent.decrementAndGet();
            } catch (MlflowArtifacts.Elsewhere e) {
                takesFiles = false;
                refused = refused == null ? e : refused;
                owed.clear();
                unsent.set(0);
                return;
            } catch (MlflowServer.Refused | IllegalStateException e) {
                if (e instanceof MlflowServer.Refused answer && !answer.isFinal()) {
                    later(next);
                    throw e;
                }
                refused = refused == null ? e : refused;
            } catch (UncheckedIOException e) {
                later(next);
                throw e;
            }
            owed.remove(next);
        }
    }

    /** After the others, so that none waits for one that the server does not manage to take. */
    private void later(Owed one) {
        owed.remove(one);
        one.tries++;
        if (one.tries < MOST_TRIES) {
            owed.add(one);
        }
    }

    /** None if a run has no policy that could be exported. */
    private Map<String, byte[]> files(Owed next) {
        if (next.run == null) {
            return Map.of("train.json", job.settings().getBytes(StandardCharsets.UTF_8));
        }
        var spec = next.run.spec;
        if (next.folder.equals(SETTINGS)) {
            return Map.of("run.json", job.withoutSecrets(Json.sortedLines(spec)).getBytes(StandardCharsets.UTF_8));
        }
        return MlflowArtifacts.read(new Path(new Path(job.root(), POLICIES), spec.id()), "policy.json", hadoop);
    }

    private static String id(JsonNode run) {
        return run.at("/info/run_id").asText();
    }

    private void send(Remote run) {
        var there = run.there == null || run.failed ? found(run) : run.there;
        run.there = there;
        run.failed = false;
        var id = id(there);
        while (!run.metrics.isEmpty()) {
            var batch = run.metrics.subList(0, Math.min(METRICS_AT_ONCE, run.metrics.size()));
            if (!taken(id, "metrics", batch)) {
                dropped.addAndGet(batch.size());
            } else if (run.has != null) {
                run.has += batch.size();
            }
            waiting.addAndGet(-batch.size());
            batch.clear();
        }
        if (run.lacks || !run.status().equals(run.known)) {
            updateStatus(id, run);
            run.known = run.status();
            run.lacks = false;
        }
    }

    /** The server's run, as an earlier job left it or new. */
    private JsonNode found(Remote run) {
        var in = experimentId == null ? server.experiment(experiment) : experimentId;
        experimentId = in;
        var parent = output(in);
        // The directory is compared here: there is no way to quote every path in a filter.
        var filter = "tags.`" + RUN_ID + "` = '" + run.spec.id() + "'";
        var request = Map.of(
                "experiment_ids",
                List.of(in),
                "filter",
                filter,
                "run_view_type",
                "ACTIVE_ONLY",
                "max_results",
                RUNS_AT_ONCE);
        JsonNode there = null;
        for (var other : server.post("runs/search", request).path("runs")) {
            var isSame =
                    job.location().equals(MlflowServer.tags(other.path("data")).get(MlflowOutput.OUT));
            there = there == null && isSame ? other : there;
        }
        if (there != null && run.past != null && hasAll(there, run, run.past)) {
            run.known = run.status();
            waiting.addAndGet(-run.unread);
            run.unread = 0;
            if (MlflowArtifacts.isTaken(there)) { // else it was said when the run was told
                oweAll(run);
            }
            return there;
        }
        run.has = there == null ? 0 : null;
        var found = there == null
                ? server.createRun(in, run.spec.name() + "-s" + run.spec.seed(), clock.millis(), tags(run.spec, parent))
                : continued(there, run, parent);
        if (run.past != null) {
            waitsFor(run, run.past, found);
        }
        // Always: the job before may have been killed between them. MLflow takes equal ones for one.
        var parameters = parameters(run.spec);
        for (var from = 0; from < parameters.size(); from += PARAMETERS_AT_ONCE) {
            taken(
                    id(found),
                    "params",
                    parameters.subList(from, Math.min(from + PARAMETERS_AT_ONCE, parameters.size())));
        }
        if (job.data().containsKey(run.spec.subset())) {
            tellData(found, run.spec);
        }
        if (run.past != null) {
            oweAll(run);
        }
        return found;
    }

    private static boolean hasAll(JsonNode there, Remote run, PastRun past) {
        var count = MlflowServer.tags(there.path("data")).get(METRICS);
        return Long.toString(past.count()).equals(count)
                && there.at("/info/status").asText().equals(run.status());
    }

    /** Puts the metrics that the server lacks of a run into its queue. */
    private void waitsFor(Remote run, PastRun past, JsonNode there) {
        var steps = new HashMap<String, Set<Long>>();
        for (var metric : there.at("/data/metrics")) {
            var key = metric.path("key").asText();
            steps.put(key, server.steps(id(there), key));
        }
        waiting.addAndGet(-run.unread);
        run.unread = 0;
        var now = Long.toString(clock.millis());
        var all = past.metrics().get();
        for (var metric : all) {
            if (!steps.getOrDefault(metric.name(), Set.of()).contains(metric.step())) {
                run.metrics.add(new Sent(metric.name(), metric.value(), now, Long.toString(metric.step())));
            }
        }
        waiting.addAndGet(run.metrics.size());
        run.has = all.size() - run.metrics.size();
        run.lacks = true;
    }

    /** Metrics do not wait for it: some servers do not know the request. */
    private void tellData(JsonNode there, RunSpec spec) {
        try {
            server.post("runs/log-inputs", Map.of("run_id", id(there), "datasets", List.of(job.dataset(spec))));
        } catch (MlflowServer.Refused e) {
            refused = refused == null ? e : refused;
        }
    }

    private JsonNode output(String in) {
        var found = output;
        if (found == null) {
            found = MlflowOutput.run(server, in, job.location(), clock);
            outputIs = found.at("/info/status").asText();
            var trains = runs.values().stream().anyMatch(run -> run.past == null);
            if (trains && !outputIs.equals(RUNNING)) {
                MlflowOutput.is(RUNNING, server, found, clock);
                outputIs = RUNNING;
            }
            output = found;
        }
        return found;
    }

    private Map<String, String> tags(RunSpec spec, JsonNode parent) {
        var tags = new LinkedHashMap<String, String>();
        tags.put(RUN_ID, spec.id());
        tags.put(MlflowOutput.OUT, job.location());
        tags.put(MlflowOutput.PARENT, id(parent));
        tags.put("hindcast.subset", spec.subset());
        tags.put("hindcast.fingerprint", spec.subsetFingerprint());
        tags.put("hindcast.learner", spec.learner());
        tags.put("hindcast.seed", Long.toString(spec.seed()));
        tags.putAll(job.versions(spec));
        return tags;
    }

    private JsonNode continued(JsonNode there, Remote run, JsonNode parent) {
        var last = new LinkedHashMap<String, Long>();
        for (var metric : there.at("/data/metrics")) {
            var key = metric.path("key").asText();
            var step = metric.path("step").asLong();
            written.add(run.spec.id(), key, step);
            last.put(key, step);
        }
        var before = run.metrics.size();
        run.metrics.removeIf(
                metric -> Long.parseLong(metric.step()) <= last.getOrDefault(metric.key(), Long.MIN_VALUE));
        waiting.addAndGet(run.metrics.size() - before);
        run.known = there.at("/info/status").asText();
        // Of an earlier hindcast it lacks some.
        var tags = tags(run.spec, parent);
        if (!MlflowServer.tags(there.path("data")).entrySet().containsAll(tags.entrySet())) {
            taken(id(there), "tags", MlflowServer.pairs(tags, MlflowServer.LONGEST_TAG));
        }
        return there;
    }

    private void updateStatus(String id, Remote run) {
        var ending = run.ending;
        if (ending == null) {
            taken("runs/update", Map.of("run_id", id, "status", RUNNING));
            return;
        }
        var tags = new LinkedHashMap<String, String>();
        tags.put("hindcast.outcome", ending.word());
        if (ending.reason() != null) {
            tags.put("hindcast.reason", ending.reason());
        }
        if (run.has != null) {
            tags.put(METRICS, run.has.toString());
        }
        taken(id, "tags", MlflowServer.pairs(tags, MlflowServer.LONGEST_TAG));
        if (!run.status().equals(run.known)) {
            terminate(id, run.status());
        }
    }

    private void terminate(String id, String status) {
        taken("runs/update", Map.of("run_id", id, "status", status, "end_time", clock.millis()));
    }

    /** Sends a batch; false if the server refuses it for good. */
    private boolean taken(String id, String what, List<?> batch) {
        return taken("runs/log-batch", Map.of("run_id", id, what, batch));
    }

    /** False if the server refuses this request for good: it is wrong, or of a run that somebody removed. */
    private boolean taken(String path, Map<String, ?> request) {
        try {
            server.post(path, request);
            return true;
        } catch (MlflowServer.Refused e) {
            if (e.status() != BAD_REQUEST && e.status() != NOT_FOUND) {
                throw e;
            }
            refused = refused == null ? e : refused;
            return false;
        }
    }

    private static List<MlflowServer.Pair> parameters(RunSpec spec) {
        var values = new LinkedHashMap<String, String>();
        RunSettings.of(spec).forEach((key, value) -> values.put(key, value.toString()));
        values.remove("name"); // The same run may be called otherwise later, and parameters never change.
        return MlflowServer.pairs(values, LONGEST_PARAMETER);
    }
}
