package io.hindcast.track;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;
import org.mlflow.api.proto.Service;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;

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
    private static final int LONGEST_TAG = 5000;

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;

    private static final String RUN_ID = "hindcast.run-id";
    private static final String OUT = "hindcast.out";

    private final String uri;
    private final String experiment;
    private final String out;
    private final Map<String, String> environment;
    private final InstantSource clock;
    private final Limits limits;
    private final Written written = new Written();
    private final Map<String, Remote> runs = new LinkedHashMap<>();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong waiting = new AtomicLong();
    private final ScheduledExecutorService watch;
    private MlflowClient client;
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

    /** One run, and what the server has not been told of it. */
    private static final class Remote {
        private final RunSpec spec;
        private final List<Service.Metric> metrics = new ArrayList<>();
        private @Nullable String id;
        private @Nullable Outcome outcome;
        private Service.RunStatus known = Service.RunStatus.RUNNING;

        Remote(RunSpec spec) {
            this.spec = spec;
        }

        Service.RunStatus status() {
            if (outcome == null) {
                return Service.RunStatus.RUNNING;
            }
            return outcome instanceof Outcome.Finished ? Service.RunStatus.FINISHED : Service.RunStatus.FAILED;
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
        this.environment = environment;
        this.clock = clock;
        this.limits = limits;
        client = connect();
        retryAt = System.nanoTime();
        watch = Executors.newSingleThreadScheduledExecutor(runnable -> {
            var thread = new Thread(runnable, "requests to " + name());
            thread.setDaemon(true);
            return thread;
        });
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
        var now = clock.millis();
        for (var metric : written.unseen(spec.id(), metrics)) {
            if (waiting.get() >= limits.metrics()) {
                dropped.incrementAndGet();
                continue;
            }
            waiting.incrementAndGet();
            run.metrics.add(Service.Metric.newBuilder()
                    .setKey(metric.name())
                    .setValue(metric.value())
                    .setTimestamp(now)
                    .setStep(metric.step())
                    .build());
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
        if (watch.isShutdown()) {
            return;
        }
        try {
            retryAt = System.nanoTime();
            flush();
            for (var run : runs.values()) {
                if (run.outcome == null && run.id != null) {
                    var id = run.id;
                    taken(client -> client.setTerminated(id, Service.RunStatus.KILLED, clock.millis()));
                }
            }
        } finally {
            watch.shutdownNow();
            client.close();
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
            if (!taken(id, batch, List.of(), List.of())) {
                dropped.addAndGet(batch.size());
            }
            waiting.addAndGet(-batch.size());
            batch.clear();
        }
        if (run.status() != run.known) {
            updateStatus(id, run);
            run.known = run.status();
        }
    }

    /** The server's run, as an earlier job left it or new. */
    private String found(Remote run) {
        var in = experimentId == null ? experiment() : experimentId;
        experimentId = in;
        // The directory is compared here: there is no way to quote every path in a filter.
        var filter = "tags.`" + RUN_ID + "` = '" + run.spec.id() + "'";
        var there = ask(client -> client.searchRuns(List.of(in), filter, Service.ViewType.ACTIVE_ONLY, RUNS_AT_ONCE))
                .getItems()
                .stream()
                .filter(other -> other.getData().getTagsList().contains(tag(OUT, out)))
                .findFirst();
        var id = there.isPresent() ? continued(there.get(), run) : created(run.spec, in);
        // Always: the job before may have been killed between the two. MLflow takes equal parameters for one.
        var parameters = parameters(run.spec);
        for (var from = 0; from < parameters.size(); from += PARAMETERS_AT_ONCE) {
            taken(
                    id,
                    List.of(),
                    parameters.subList(from, Math.min(from + PARAMETERS_AT_ONCE, parameters.size())),
                    List.of());
        }
        return id;
    }

    private String experiment() {
        return ask(client -> client.getExperimentByName(experiment)
                .map(Service.Experiment::getExperimentId)
                .orElseGet(() -> client.createExperiment(experiment)));
    }

    private String created(RunSpec spec, String in) {
        var request = Service.CreateRun.newBuilder()
                .setExperimentId(in)
                .setRunName(spec.name() + "-s" + spec.seed())
                .setStartTime(clock.millis());
        Map.of(
                        RUN_ID,
                        spec.id(),
                        OUT,
                        out,
                        "hindcast.subset",
                        spec.subset(),
                        "hindcast.fingerprint",
                        StringUtils.left(spec.subsetFingerprint(), LONGEST_TAG),
                        "hindcast.learner",
                        spec.learner(),
                        "hindcast.seed",
                        Long.toString(spec.seed()))
                .forEach((key, value) -> request.addTags(tag(key, value)));
        return ask(client -> client.createRun(request.build()).getRunId());
    }

    private String continued(Service.Run there, Remote run) {
        var last = new LinkedHashMap<String, Long>();
        for (var metric : there.getData().getMetricsList()) {
            written.add(run.spec.id(), metric.getKey(), metric.getStep());
            last.put(metric.getKey(), metric.getStep());
        }
        var before = run.metrics.size();
        run.metrics.removeIf(metric -> metric.getStep() <= last.getOrDefault(metric.getKey(), Long.MIN_VALUE));
        waiting.addAndGet(run.metrics.size() - before);
        run.known = there.getInfo().getStatus();
        return there.getInfo().getRunId();
    }

    private void updateStatus(String id, Remote run) {
        var outcome = run.outcome;
        if (outcome == null) {
            // The client has no word for it.
            taken(client -> client.sendPost("runs/update", json(Map.of("run_id", id, "status", "RUNNING"))));
            return;
        }
        var tags = new ArrayList<>(List.of(tag("hindcast.outcome", outcome.word())));
        if (outcome.reason() != null) {
            tags.add(tag("hindcast.reason", StringUtils.left(outcome.reason(), LONGEST_TAG)));
        }
        taken(id, List.of(), List.of(), tags);
        taken(client -> client.setTerminated(id, run.status(), clock.millis()));
    }

    /** Sends a batch; false if the server refuses it for good. */
    private boolean taken(
            String id, List<Service.Metric> metrics, List<Service.Param> parameters, List<Service.RunTag> tags) {
        return taken(client -> client.logBatch(id, metrics, parameters, tags));
    }

    /** False if the server refuses this request for good: it is wrong, or of a run that somebody removed. */
    private boolean taken(Consumer<MlflowClient> request) {
        try {
            ask(client -> {
                request.accept(client);
                return uri;
            });
            return true;
        } catch (MlflowHttpException e) {
            if (e.getStatusCode() != BAD_REQUEST && e.getStatusCode() != NOT_FOUND) {
                throw e;
            }
            refused = refused == null ? e : refused;
            return false;
        }
    }

    /** A request that is given up after some time: the client itself would wait for ever. */
    private <T> T ask(Function<MlflowClient, T> request) {
        var own = client;
        var limit = watch.schedule(own::close, limits.request().toMillis(), TimeUnit.MILLISECONDS);
        try {
            return request.apply(own);
        } finally {
            if (!limit.cancel(false)) {
                client = connect();
            }
        }
    }

    private MlflowClient connect() {
        var user = environment.get("MLFLOW_TRACKING_USERNAME");
        var password = environment.get("MLFLOW_TRACKING_PASSWORD");
        var token = environment.get("MLFLOW_TRACKING_TOKEN");
        return new MlflowClient(new BasicMlflowHostCreds(uri, user, password, token, false));
    }

    private static List<Service.Param> parameters(RunSpec spec) {
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
        return values.entrySet().stream()
                .map(entry -> Service.Param.newBuilder()
                        .setKey(entry.getKey())
                        .setValue(StringUtils.left(entry.getValue(), LONGEST_PARAMETER))
                        .build())
                .toList();
    }

    private static void flatten(String key, Object value, Map<String, String> flat) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((inner, item) -> flatten(key + "." + inner, item, flat));
        } else {
            flat.put(key, value instanceof String text ? text : json(value));
        }
    }

    private static Service.RunTag tag(String key, String value) {
        return Service.RunTag.newBuilder().setKey(key).setValue(value).build();
    }

    private static String json(Object value) {
        try {
            return Json.MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot write as JSON: " + value.getClass(), e);
        }
    }
}
