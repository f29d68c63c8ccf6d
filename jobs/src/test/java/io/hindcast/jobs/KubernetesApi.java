package io.hindcast.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** As much of Kubernetes' API as Spark asks for, on a free port of this machine: it keeps what it is given, and runs nothing. */
final class KubernetesApi implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    /** By their paths. */
    private final Map<String, ObjectNode> objects = new TreeMap<>();

    private final List<String> requests = new ArrayList<>();
    private int version;

    KubernetesApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What it has, of one kind in the namespace {@code default}, with a label. */
    synchronized List<JsonNode> all(String kind, String label, String value) {
        return under("/api/v1/namespaces/default/" + kind + "/", label + "=" + value);
    }

    synchronized JsonNode object(String kind, String name) {
        return objects.get("/api/v1/namespaces/default/" + kind + "/" + name);
    }

    /** What it was asked, in order. */
    synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    private void answer(HttpExchange exchange) throws IOException {
        var body = exchange.getRequestBody().readAllBytes();
        var path = exchange.getRequestURI().getPath();
        var query = String.valueOf(exchange.getRequestURI().getQuery());
        synchronized (this) {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        }
        if (query.contains("watch=true")) {
            // Not as a web socket; then it is asked again, and hears of no change.
            exchange.sendResponseHeaders(200, exchange.getRequestHeaders().containsKey("Upgrade") ? -1 : 0);
            return;
        }
        var said = answer(exchange.getRequestMethod(), path, query, body);
        var bytes = JSON.writeValueAsBytes(said);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(said.path("code").asInt(200), bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private synchronized JsonNode answer(String method, String path, String query, byte[] body) throws IOException {
        switch (method) {
            case "POST":
            case "PATCH":
                // What is applied, by PATCH, is made if it is not there; JSON is YAML.
                var object = (ObjectNode) JSON.readTree(new String(body, StandardCharsets.UTF_8));
                var metadata = (ObjectNode) object.get("metadata");
                metadata.put("uid", UUID.randomUUID().toString());
                metadata.put("resourceVersion", Integer.toString(++version));
                metadata.put("creationTimestamp", "2026-01-01T00:00:00Z");
                var place = method.equals("PATCH")
                        ? path
                        : path + "/" + metadata.get("name").asText();
                objects.put(place, object);
                return object;
            case "DELETE":
                objects.remove(path);
                return JSON.createObjectNode().put("kind", "Status").put("status", "Success");
            default:
                if (objects.containsKey(path)) {
                    return objects.get(path);
                }
                if (!path.matches(".*/namespaces/[^/]+/[^/]+")) {
                    return JSON.createObjectNode()
                            .put("kind", "Status")
                            .put("status", "Failure")
                            .put("code", 404);
                }
                var list = JSON.createObjectNode().put("kind", "List").put("apiVersion", "v1");
                list.putObject("metadata").put("resourceVersion", Integer.toString(version));
                list.putArray("items").addAll(under(path + "/", query.replaceFirst(".*labelSelector=([^&]*).*", "$1")));
                return list;
        }
    }

    /** What lies there and has all the labels. */
    private List<JsonNode> under(String folder, String labels) {
        var found = new ArrayList<JsonNode>();
        objects.forEach((path, object) -> {
            var has = object.at("/metadata/labels");
            if (path.startsWith(folder)
                    && List.of(labels.split(",")).stream()
                            .filter(label -> label.matches("[^=]+=[^=]+"))
                            .map(label -> label.split("="))
                            .allMatch(label -> has.path(label[0]).asText().equals(label[1]))) {
                found.add(object);
            }
        });
        return found;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
