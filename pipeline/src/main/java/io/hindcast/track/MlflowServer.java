package io.hindcast.track;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.hindcast.config.Json;
import io.hindcast.config.Version;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.commons.lang3.StringUtils;

/**
 * An MLflow server, asked by plain HTTP in the words of its REST API (mlflow.org, "REST API"). User and password, or else a token,
 * come from {@code MLFLOW_TRACKING_USERNAME} and {@code MLFLOW_TRACKING_PASSWORD}, or {@code MLFLOW_TRACKING_TOKEN}, and stand in no
 * message. No redirection is followed: the credentials are for this address alone. {@link MlflowRoute} says which way leads there.
 *
 * <p>A request ends within a limit, all tries together. It is sent again where the server says that there are too many, and once where
 * the connection broke off, unless it creates something.
 */
final class MlflowServer {
    /** The longest value of a tag. */
    static final int LONGEST_TAG = 5000;

    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final int FIRST_OF_SERVER = 500;
    private static final int FIRST_ERROR = 300;
    private static final long WAIT_MILLIS = 1000;
    private static final int LONGEST_ANSWER = 300;
    private static final int MIB = 20; // bits

    private final String address;
    private final Optional<String> authorization;
    private final Duration limit;
    private final HttpClient http;
    private final AtomicLong answers = new AtomicLong();
    private volatile Duration patience;

    /** A request that the server answered with an error. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int status;

        private Refused(int status, String message) {
            super(message);
            this.status = status;
        }

        /** The status of HTTP. */
        int status() {
            return status;
        }

        /** Whether it was sent as often as there was time. */
        boolean isTooMany() {
            return status == TOO_MANY;
        }

        /** Whether it would be refused again: not because the server, or what is before it, is down or too busy. */
        boolean isFinal() {
            return status < FIRST_OF_SERVER && status != REQUEST_TIMEOUT && status != TOO_MANY;
        }
    }

    /** A tag or a parameter. */
    record Pair(String key, String value) {}

    /** How a request is made, again where it must be, and how long all tries may take. */
    private record Call(String method, String path, BodyPublisher body, String type, Duration limit) {
        String name() {
            return method + " " + path.replaceFirst("\\?.*", "");
        }

        boolean creates() {
            return path.endsWith("/create");
        }
    }

    /**
     * Asks nothing yet.
     *
     * @param address as {@link MlflowConfig#trackingUri}
     * @param limit how long one request may take
     * @throws io.hindcast.config.UserException as {@link MlflowRoute#client}
     */
    MlflowServer(String address, Map<String, String> environment, Duration limit) {
        this.address = StringUtils.stripEnd(address, "/");
        this.limit = limit;
        patience = limit;
        var user = environment.get("MLFLOW_TRACKING_USERNAME");
        var password = environment.get("MLFLOW_TRACKING_PASSWORD");
        var token = environment.get("MLFLOW_TRACKING_TOKEN");
        authorization = user != null && password != null
                ? Optional.of("Basic "
                        + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)))
                : Optional.ofNullable(token)
                        .map(String::strip) // mounted secrets end with a line
                        .map(text -> "Bearer " + text);
        http = MlflowRoute.client(URI.create(this.address), environment)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(limit)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * What the server says to a question.
     *
     * @throws Refused if it answers with an error
     * @throws UncheckedIOException if it does not answer
     */
    JsonNode get(String path, Map<String, String> query) {
        var asked = query.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return ask(new Call("GET", "mlflow/" + path + "?" + asked, BodyPublishers.noBody(), "", limit));
    }

    /** The same; empty if there is no such thing. */
    Optional<JsonNode> find(String path, Map<String, String> query) {
        try {
            return Optional.of(get(path, query));
        } catch (Refused e) {
            if (e.status() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Sends what it is told, as JSON. Errors as of {@link #get}. */
    JsonNode post(String path, Map<String, ?> body) {
        return send("POST", path, body);
    }

    /** The same by another method. */
    JsonNode send(String method, String path, Map<String, ?> body) {
        return ask(
                new Call(method, "mlflow/" + path, BodyPublishers.ofByteArray(json(body)), "application/json", limit));
    }

    /** How long the request may take that was made last; may be asked by any thread. */
    Duration patience() {
        return patience;
    }

    /** How many requests it has answered; may be asked by any thread. */
    long answers() {
        return answers.get();
    }

    /** The id of the experiment of a name, which is made if there is none. Errors as of {@link #get}. */
    String experiment(String name) {
        return find("experiments/get-by-name", Map.of("experiment_name", name))
                .map(found -> found.at("/experiment/experiment_id"))
                .orElseGet(
                        () -> post("experiments/create", Map.of("name", name)).path("experiment_id"))
                .asText();
    }

    /** A new run, which starts at a time in milliseconds since 1970. Errors as of {@link #get}. */
    JsonNode createRun(String experiment, String name, long time, Map<String, String> tags) {
        var request = Map.of(
                "experiment_id", experiment, "run_name", name, "start_time", time, "tags", pairs(tags, LONGEST_TAG));
        return post("runs/create", request).path("run");
    }

    /** The steps at which a run has a metric. Errors as of {@link #get}. */
    Set<Long> steps(String run, String metric) {
        var steps = new HashSet<Long>();
        var query = new LinkedHashMap<>(Map.of("run_id", run, "metric_key", metric));
        while (true) {
            var answer = get("metrics/get-history", query);
            answer.path("metrics").forEach(one -> steps.add(one.path("step").asLong()));
            var next = answer.path("next_page_token").asText();
            if (next.isEmpty()) {
                return steps;
            }
            query.put("page_token", next);
        }
    }

    /** The pairs that something has under {@code tags}, by key. */
    static Map<String, String> tags(JsonNode of) {
        var tags = new LinkedHashMap<String, String>();
        of.path("tags")
                .forEach(tag ->
                        tags.put(tag.path("key").asText(), tag.path("value").asText()));
        return tags;
    }

    /** Tags, or parameters, as the server takes them; values are cut. */
    static List<Pair> pairs(Map<String, String> values, int longest) {
        return values.entrySet().stream()
                .map(entry -> new Pair(entry.getKey(), StringUtils.left(entry.getValue(), longest)))
                .toList();
    }

    /**
     * Stores a file through the server, in place of one of the same name; a second longer than other requests may take is given
     * for each MiB. Errors as of {@link #get}.
     *
     * @param path below the server's own artifacts
     */
    void store(String path, byte[] bytes) {
        var patience = limit.plusSeconds(bytes.length >> MIB);
        ask(new Call("PUT", artifact(path), BodyPublishers.ofByteArray(bytes), "application/octet-stream", patience));
    }

    /** Removes a folder of files that were stored, if it is there. Errors as of {@link #get}. */
    void remove(String folder) {
        ask(new Call("DELETE", artifact(folder), BodyPublishers.noBody(), "", limit));
    }

    private static String artifact(String path) {
        var encoded = URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
        return "mlflow-artifacts/artifacts/" + StringUtils.stripStart(encoded, "/");
    }

    private JsonNode ask(Call call) {
        patience = call.limit();
        var end = System.nanoTime() + call.limit().toNanos();
        var wait = WAIT_MILLIS;
        var mayTryAgain = !call.creates();
        while (true) {
            HttpResponse<String> answer;
            try {
                answer = answer(call, end);
                answers.incrementAndGet();
            } catch (IOException e) {
                var brokeOff = !(e instanceof ConnectException
                        || e instanceof InterruptedIOException
                        || e instanceof HttpTimeoutException);
                if (brokeOff && mayTryAgain) {
                    mayTryAgain = false;
                    continue;
                }
                throw new UncheckedIOException("Cannot " + call.name() + ": " + why(call, e), e);
            }
            var waitsTooLong = end - System.nanoTime() < TimeUnit.MILLISECONDS.toNanos(wait);
            if (answer.statusCode() != TOO_MANY || waitsTooLong) {
                return read(call, answer);
            }
            pause(call, wait);
            wait *= 2;
        }
    }

    private HttpResponse<String> answer(Call call, long end) throws IOException {
        var left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        var request = HttpRequest.newBuilder(URI.create(address + "/api/2.0/" + call.path()))
                .timeout(left)
                .header("User-Agent", "hindcast/" + Version.TEXT.replaceAll("[^\\w.+-]", "-"))
                .method(call.method(), call.body());
        if (!call.type().isEmpty()) {
            request.header("Content-Type", call.type());
        }
        authorization.ifPresent(text -> authorize(request, text));
        var coming = http.sendAsync(request.build(), BodyHandlers.ofString());
        try {
            // The timeout of a request is that of the first line of its answer.
            return coming.get(left.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no answer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("it was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        } finally {
            coming.cancel(true);
        }
    }

    private static void authorize(HttpRequest.Builder request, String text) {
        try {
            request.header("Authorization", text);
        } catch (IllegalArgumentException e) {
            // Without its cause, which quotes it.
            throw new IllegalStateException(
                    "the token in MLFLOW_TRACKING_TOKEN holds what a line of HTTP may not; give one line");
        }
    }

    private JsonNode read(Call call, HttpResponse<String> answer) {
        var isJson = answer.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
        JsonNode body = MissingNode.getInstance();
        try {
            body = isJson ? Json.MAPPER.readTree(answer.body()) : body;
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("Cannot " + call.name() + ": the answer is no JSON", e);
        }
        if (answer.statusCode() >= FIRST_ERROR) {
            var said = body.isMissingNode()
                    ? answer.body()
                    : body.path("error_code").asText() + " "
                            + body.path("message").asText();
            var text = StringUtils.abbreviate(StringUtils.normalizeSpace(said), LONGEST_ANSWER);
            throw new Refused(
                    answer.statusCode(),
                    "Cannot " + call.name() + ": the server answers " + answer.statusCode()
                            + (text.isEmpty() ? "" : ", " + text));
        }
        if (!isJson && !call.method().equals("PUT") && !answer.body().isBlank()) {
            throw new Refused(
                    answer.statusCode(),
                    "Cannot " + call.name()
                            + ": the answer is no JSON; is this an MLflow server, and not a page to log in" + " at?");
        }
        return body;
    }

    private static String why(Call call, IOException e) {
        if (e instanceof HttpTimeoutException) {
            return "no answer within " + call.limit().toMillis() / 1000.0 + " s";
        }
        return e instanceof ConnectException
                ? "connection refused, or no such host"
                : Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    }

    private static void pause(Call call, long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(
                    "Cannot " + call.name() + ": it was interrupted", new InterruptedIOException());
        }
    }

    private static byte[] json(Object value) {
        try {
            return Json.MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot write as JSON: " + value.getClass(), e);
        }
    }
}
