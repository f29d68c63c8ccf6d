package io.hindcast.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/**
 * A small MLflow server that keeps runs in memory and answers in the words in which a real one (3.17.2) did, as
 * {@code mlflow-recorded.py} wrote them down.
 */
public final class MlflowFake implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API = "/api/2.0/(mlflow/)?";
    private static final String ARTIFACTS = "mlflow-artifacts/artifacts";
    private static final Pattern FILTER = Pattern.compile("tags.`([^`]+)` = '([^']*)'");

    static {
        // Else every reply waits 40 ms for the receipt of its header.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** Method and path of every request, in order. */
    public final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    /** What was sent along with each. */
    final List<JsonNode> bodies = Collections.synchronizedList(new ArrayList<>());

    /** The credentials of the last request. */
    volatile String authorization = "";

    /** Set to a status, every request ends with it. */
    public volatile int failing;

    /** Of which paths and bodies requests end with 503. */
    volatile BiPredicate<String, JsonNode> failingOf = (path, body) -> false;

    /** Set, requests wait for it. */
    volatile CountDownLatch hanging = new CountDownLatch(0);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final JsonNode recorded;
    private final Map<String, ObjectNode> runs = new LinkedHashMap<>();
    private final Map<String, byte[]> files = new TreeMap<>();
    private String experiment = "";

    /** Set to a status, every file that is sent ends with it. */
    volatile int failingFiles;

    /** How many metrics of a history it says at once. */
    volatile int page = 25_000;

    /** Where artifacts of runs are: by themselves, or at another place. */
    volatile String artifacts = "mlflow-artifacts:/1/";

    private record Reply(int status, JsonNode body) {}

    public MlflowFake() throws IOException {
        try (var stream = MlflowFake.class.getResourceAsStream("/track/mlflow-recorded.json")) {
            recorded = JSON.readTree(stream);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    public String uri() {
        return "http://" + server.getAddress().getHostString() + ":"
                + server.getAddress().getPort();
    }

    /** The training runs as a search gives them. */
    public List<ObjectNode> runs() {
        return withTag("hindcast.run-id");
    }

    /** The runs that stand for output directories. */
    public List<ObjectNode> outputs() {
        return withTag("hindcast.output");
    }

    private synchronized List<ObjectNode> withTag(String tag) {
        return runs.values().stream()
                .filter(run -> map(run, "tags").containsKey(tag))
                .map(ObjectNode::deepCopy)
                .toList();
    }

    /** The artifacts of a run, by their path and as text. */
    public synchronized Map<String, String> files(JsonNode run) {
        var place = "/1/" + run.at("/info/run_id").asText() + "/artifacts/";
        var of = new TreeMap<String, String>();
        files.forEach((path, bytes) -> {
            if (path.startsWith(place)) {
                of.put(path.substring(place.length()), new String(bytes, StandardCharsets.UTF_8));
            }
        });
        return of;
    }

    /** How often a request was sent. */
    long count(String request) {
        return requests.stream().filter(request::equals).count();
    }

    /** Everything that was sent, and not asked. */
    public List<String> changes() {
        return requests.stream()
                .filter(request -> !request.startsWith("GET") && !request.endsWith("/search"))
                .toList();
    }

    /** Removes what the runs have of a metric from a step on, as if it had never come. */
    synchronized void forget(String metric, long from) {
        runs.values().forEach(run -> {
            for (var one = run.at("/data/metrics").iterator(); one.hasNext(); ) {
                var logged = one.next();
                if (logged.get("key").asText().equals(metric)
                        && logged.get("step").asLong() >= from) {
                    one.remove();
                }
            }
        });
    }

    /** Removes the runs with this id of hindcast's. */
    synchronized void remove(String run) {
        runs.values().removeIf(other -> run.equals(map(other, "tags").get("hindcast.run-id")));
    }

    /** The steps of a metric of the first run, in the order of their arrival. */
    List<Long> steps(String metric) {
        var steps = new ArrayList<Long>();
        for (var logged : runs().get(0).at("/data/metrics")) {
            if (logged.get("key").asText().equals(metric)) {
                steps.add(logged.get("step").asLong());
            }
        }
        return steps;
    }

    /** Tags or parameters of a run by key. */
    static Map<String, String> map(JsonNode run, String what) {
        var map = new LinkedHashMap<String, String>();
        run.at("/data/" + what)
                .forEach(pair ->
                        map.put(pair.get("key").asText(), pair.get("value").asText()));
        return map;
    }

    @Override
    public void close() {
        hanging.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath().replaceFirst("^" + API, "");
            var isFile = path.startsWith(ARTIFACTS);
            var sent = exchange.getRequestBody().readAllBytes();
            var body = isFile
                    ? JSON.createObjectNode()
                    : exchange.getRequestMethod().equals("GET")
                            ? query(exchange.getRequestURI().getRawQuery())
                            : JSON.readTree(sent);
            authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            requests.add(exchange.getRequestMethod() + " " + path);
            bodies.add(body);
            hanging.await();
            var status = failingOf.test(path, body) ? 503 : isFile && failing == 0 ? failingFiles : failing;
            var reply = status != 0
                    ? new Reply(status, JSON.createObjectNode())
                    : isFile
                            ? file(exchange.getRequestMethod(), path.substring(ARTIFACTS.length()), sent)
                            : reply(path, body);
            var bytes = JSON.writeValueAsBytes(reply.body());
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            if (reply.status() / 100 == 3) {
                exchange.getResponseHeaders().add("Location", uri() + "/elsewhere");
            }
            exchange.sendResponseHeaders(reply.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Reply file(String method, String path, byte[] bytes) {
        if (method.equals("PUT")) {
            files.put(path, bytes);
            return said(ARTIFACTS, 200, 0);
        }
        files.keySet().removeIf(file -> file.startsWith(path + "/"));
        return said(ARTIFACTS, 200, 1);
    }

    private synchronized Reply reply(String path, JsonNode body) {
        switch (path) {
            case "experiments/get-by-name" -> {
                return said(path, experiment.equals(body.get("experiment_name").asText()) ? 200 : 404, 0);
            }
            case "experiments/create" -> {
                experiment = body.get("name").asText();
                return said(path, 200, 0);
            }
            case "runs/search" -> {
                var found = runs.values().stream()
                        .filter(run -> FILTER.matcher(body.get("filter").asText())
                                .results()
                                .allMatch(tag ->
                                        tag.group(2).equals(map(run, "tags").get(tag.group(1)))))
                        .toList();
                var reply = said(path, 200, found.isEmpty() ? 0 : 1);
                if (!found.isEmpty()) {
                    var listed = ((ObjectNode) reply.body()).putArray("runs");
                    found.forEach(run -> listed.add(latest(run)));
                }
                return reply;
            }
            case "runs/create" -> {
                var reply = said(path, 200, 0);
                var id = "%032x".formatted(runs.size() + 1);
                var run = (ObjectNode) reply.body().get("run");
                ((ObjectNode) run.get("info"))
                        .put("run_id", id)
                        .put("run_uuid", id)
                        .put("artifact_uri", artifacts + id + "/artifacts");
                ((ObjectNode) run.get("info")).set("run_name", body.get("run_name"));
                ((ObjectNode) run.get("data")).set("tags", body.get("tags"));
                runs.put(id, run.deepCopy());
                return reply;
            }
            case "runs/update" -> {
                var run = runs.get(body.get("run_id").asText());
                if (run == null) {
                    return said("runs/log-batch", 404, 0); // in the same words
                }
                ((ObjectNode) run.get("info")).set("status", body.get("status"));
                return said(path, 200, 0);
            }
            case "metrics/get-history" -> {
                return history(path, body);
            }
            case "runs/log-batch" -> {
                return logged(body);
            }
            case "runs/log-inputs" -> {
                var run = runs.get(body.get("run_id").asText());
                run.putObject("inputs").set("dataset_inputs", body.get("datasets"));
                return said(path, 200, 0);
            }
            default -> throw new AssertionError("a request that was not recorded: " + path);
        }
    }

    private Reply history(String path, JsonNode body) {
        var reply = said(path, 200, 0);
        var all = new ArrayList<JsonNode>();
        runs.get(body.get("run_id").asText()).at("/data/metrics").forEach(metric -> {
            if (metric.get("key").equals(body.get("metric_key"))) {
                all.add(metric);
            }
        });
        var from = body.path("page_token").asInt();
        var to = Math.min(all.size(), from + page);
        ((ObjectNode) reply.body()).putArray("metrics").addAll(all.subList(from, to));
        if (to < all.size()) {
            ((ObjectNode) reply.body()).put("next_page_token", Integer.toString(to));
        }
        return reply;
    }

    private Reply logged(JsonNode body) {
        var run = runs.get(body.get("run_id").asText());
        if (run == null) {
            return said("runs/log-batch", 404, 0);
        }
        if (body.path("metrics").size() > 1000 || body.path("params").size() > 100) {
            return said("runs/log-batch", 400, 1);
        }
        var parameters = map(run, "params");
        for (var parameter : body.path("params")) {
            var before = parameters.get(parameter.get("key").asText());
            if (before != null && !before.equals(parameter.get("value").asText())) {
                return said("runs/log-batch", 400, 0);
            }
        }
        for (var what : List.of("metrics", "params", "tags")) {
            var list = ((ObjectNode) run.get("data")).withArray(what);
            var there = new HashSet<JsonNode>();
            list.forEach(there::add);
            for (var item : body.path(what)) {
                if (what.equals("tags")) {
                    for (var tag = list.iterator(); tag.hasNext(); ) {
                        if (tag.next().get("key").equals(item.get("key"))) {
                            tag.remove();
                        }
                    }
                    there.remove(item);
                }
                if (there.add(item)) {
                    list.add(item);
                }
            }
        }
        return said("runs/log-batch", 200, 0);
    }

    /** A run with only the last of every metric, as a search gives it. */
    private static ObjectNode latest(ObjectNode run) {
        var last = new LinkedHashMap<String, JsonNode>();
        run.at("/data/metrics").forEach(metric -> last.put(metric.get("key").asText(), metric));
        var copy = run.deepCopy();
        ((ObjectNode) copy.get("data")).putArray("metrics").addAll(last.values());
        return copy;
    }

    /** What the real server said to such a request when it ended with this status, the nth time. */
    private Reply said(String path, int status, int nth) {
        var count = 0;
        for (var entry : recorded) {
            if (entry.get("path").asText().equals(path) && entry.get("status").asInt() == status && count++ == nth) {
                return new Reply(status, entry.get("reply").deepCopy());
            }
        }
        throw new AssertionError("not recorded: " + path + " with status " + status);
    }

    private static JsonNode query(String query) {
        var node = JSON.createObjectNode();
        for (var pair : query.split("&", -1)) {
            var parts = pair.split("=", 2);
            node.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return node;
    }
}
