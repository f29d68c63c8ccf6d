package io.hindcast.track;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Logs every training run as a run of MLflow: its settings as parameters, its metrics, and how it ended. The run is known by
 * the tags {@code hindcast.run-id} and {@code hindcast.out}, so that a job for the same output directory continues it.
 *
 * <p>A run that is over is {@code FINISHED}, or {@code FAILED} with the tags {@code hindcast.outcome} and
 * {@code hindcast.reason}; one whose job ends first is {@code KILLED}. Values that are not finite are sent as MLflow's own
 * clients send them, {@code "NaN"} and {@code "Infinity"}: a server that keeps its data in SQL gives NaN back as NaN, and
 * infinity as the largest double.
 *
 * <p>What a server does not take because it is down is sent again later, which makes nothing twice: MLflow takes two equal
 * metrics for one. While it is down a limited number of metrics wait, and the rest is dropped; what it refuses is dropped too.
 */
public final class MlflowTracker implements Tracker {
    /** What a server takes at once and in length, see MLflow's REST API, Log Batch. */
    private static final int METRICS_AT_ONCE = 1000;

    private static final int RUNS_AT_ONCE = 1000;

    private static final int PARAMETERS_AT_ONCE = 100;
    private static final int LONGEST_PARAMETER = 6000;

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;

    private static final String RUNNING = "RUNNING";
    private static final String RUN_ID = "hindcast.run-id";
    private static final String OUT = "hindcast.out";

    private final String uri;
    private final String experiment;
    private final String out;
    private final InstantSource clock;
    private final Limits limits;
    private final Written written = new Written();
    private final Map<String, Remote> runs = new LinkedHashMap<>();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong waiting = new AtomicLong();
    private final MlflowServer server;
    private boolean isClosed;
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

    /** One run, and what the server has not been told of it. */
    private static final class Remote {
        private final RunSpec spec;
        private final List<Sent> metrics = new ArrayList<>();
        private @Nullable String id;
        private @Nullable Outcome outcome;
        private String known = RUNNING;

        Remote(RunSpec spec) {
            this.spec = spec;
        }

        String status() {
            if (outcome == null) {
                return RUNNING;
            }
            return outcome instanceof Outcome.Finished ? "FINISHED" : "FAILED";
        }
    }

    /**
     * Asks nothing of the server yet.
     *
     * @param trackingUri where the server is, see {@link MlflowConfig#trackingUri}
     * @param experiment the experiment's name
     * @param out the output directory as a full URI
     */
    public MlflowTracker(String trackingUri, String experiment, String out) {
        this(
                trackingUri,
                experiment,
                out,
                System.getenv(),
                InstantSource.system(),
                new Limits(100_000, Duration.ofSeconds(20), Duration.ofSeconds(10)));
    }

    MlflowTracker(
            String trackingUri,
            String experiment,
            String out,
            Map<String, String> environment,
            InstantSource clock,
            Limits limits) {
        uri = trackingUri;
        this.experiment = experiment;
        this.out = out;
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
        run(spec).outcome = null;
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
        run(spec).outcome = outcome;
    }

    @Override
    public void flush() {
        if (System.nanoTime() - retryAt < 0) {
            return;
        }
        try {
            runs.values().forEach(this::send);
        } catch (RuntimeException e) {
            retryAt = System.nanoTime() + limits.betweenTries().toNanos();
            throw e;
        }
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
        retryAt = System.nanoTime();
        flush();
        for (var run : runs.values()) {
            if (run.outcome == null && run.id != null) {
                terminate(run.id, "KILLED");
            }
        }
    }

    private Remote run(RunSpec spec) {
        return runs.computeIfAbsent(spec.id(), id -> new Remote(spec));
    }

    private void send(Remote run) {
        var id = run.id == null ? found(run) : run.id;
        run.id = id;
        while (!run.metrics.isEmpty()) {
            var batch = run.metrics.subList(0, Math.min(METRICS_AT_ONCE, run.metrics.size()));
            if (!taken(id, "metrics", batch)) {
                dropped.addAndGet(batch.size());
            }
            waiting.addAndGet(-batch.size());
            batch.clear();
        }
        if (!run.status().equals(run.known)) {
            updateStatus(id, run);
            run.known = run.status();
        }
    }

    /** The server's run, as an earlier job left it or new. */
    private String found(Remote run) {
        var in = experimentId == null ? server.experiment(experiment) : experimentId;
        experimentId = in;
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
            there = there == null
                            && out.equals(MlflowServer.tags(other.path("data")).get(OUT))
                    ? other
                    : there;
        }
        var id = there == null ? created(run.spec, in) : continued(there, run);
        // Always: the job before may have been killed between the two. MLflow takes equal parameters for one.
        var parameters = parameters(run.spec);
        for (var from = 0; from < parameters.size(); from += PARAMETERS_AT_ONCE) {
            taken(id, "params", parameters.subList(from, Math.min(from + PARAMETERS_AT_ONCE, parameters.size())));
        }
        return id;
    }

    private String created(RunSpec spec, String in) {
        var tags = new LinkedHashMap<String, String>();
        tags.put(RUN_ID, spec.id());
        tags.put(OUT, out);
        tags.put("hindcast.subset", spec.subset());
        tags.put("hindcast.fingerprint", spec.subsetFingerprint());
        tags.put("hindcast.learner", spec.learner());
        tags.put("hindcast.seed", Long.toString(spec.seed()));
        return server.createRun(in, spec.name() + "-s" + spec.seed(), clock.millis(), tags)
                .at("/info/run_id")
                .asText();
    }

    private String continued(JsonNode there, Remote run) {
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
        return there.at("/info/run_id").asText();
    }

    private void updateStatus(String id, Remote run) {
        var outcome = run.outcome;
        if (outcome == null) {
            taken("runs/update", Map.of("run_id", id, "status", RUNNING));
            return;
        }
        var tags = new LinkedHashMap<String, String>();
        tags.put("hindcast.outcome", outcome.word());
        if (outcome.reason() != null) {
            tags.put("hindcast.reason", outcome.reason());
        }
        taken(id, "tags", MlflowServer.pairs(tags, MlflowServer.LONGEST_TAG));
        terminate(id, run.status());
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
        values.put("updates", Long.toString(spec.updates()));
        values.put("batch-size", Integer.toString(spec.batchSize()));
        values.put("n-step", Integer.toString(spec.nStep()));
        values.put("log-every", Long.toString(spec.logEvery()));
        values.put("checkpoint-every", Long.toString(spec.checkpointEvery()));
        values.put("truncation-is-terminal", Boolean.toString(spec.truncationIsTerminal()));
        values.put("time-discount", Boolean.toString(spec.timeDiscount()));
        values.put("transformations", json(spec.transformations()));
        spec.settings().forEach((key, value) -> flatten(key, value, values));
        return MlflowServer.pairs(values, LONGEST_PARAMETER);
    }

    private static void flatten(String key, Object value, Map<String, String> flat) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((inner, item) -> flatten(key + "." + inner, item, flat));
        } else {
            flat.put(key, value instanceof String text ? text : json(value));
        }
    }

    private static String json(Object value) {
        try {
            return Json.MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot write as JSON: " + value.getClass(), e);
        }
    }
}
