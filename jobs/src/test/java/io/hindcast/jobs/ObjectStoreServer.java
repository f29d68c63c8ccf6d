package io.hindcast.jobs;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** An S3 server in a process of its own, moto's, with one empty bucket; it can stand still before a change. */
final class ObjectStoreServer implements AutoCloseable {
    private static final String LISTENS = "listens on (\\d+)";

    private final HttpClient client = HttpClient.newHttpClient();
    private final HindcastProcess process;
    private final URI endpoint;
    /** No two servers of a JVM have a bucket of one name: Hadoop keeps the first one's client. */
    private final String bucket = "hindcast-" + UUID.randomUUID();

    ObjectStoreServer() throws IOException, InterruptedException {
        process = HindcastProcess.program(
                Map.of(), PinnedPython.of("store").program("python"), PinnedPython.script("store.py"));
        process.await(LISTENS);
        endpoint =
                URI.create("http://127.0.0.1:" + process.lines(LISTENS).get(0).replaceFirst(LISTENS, "$1"));
        send("PUT", "/" + bucket);
    }

    /** What a Spark session needs to be told, {@code spark.KEY=VALUE}. */
    List<String> settings() {
        return List.of(
                "spark.hadoop.fs.s3a.endpoint=" + endpoint,
                "spark.hadoop.fs.s3a.endpoint.region=us-east-1",
                "spark.hadoop.fs.s3a.path.style.access=true",
                "spark.hadoop.fs.s3a.access.key=any",
                "spark.hadoop.fs.s3a.secret.key=any");
    }

    /** A path in the bucket. */
    String path(String name) {
        return "s3a://" + bucket + "/" + name;
    }

    /** From the n-th change on, counted from now, nothing is changed any more; 0: all is. */
    void stopAt(int change) throws IOException, InterruptedException {
        send("GET", "/-/stop-at/" + change);
    }

    /** How many changes were asked for since. */
    int changes() {
        try {
            return Integer.parseInt(send("GET", "/-/changes"));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Copies a folder of the bucket to the local disk. */
    void fetch(String name, Path to) throws IOException {
        try (var files = files()) {
            files.copyToLocalFile(new org.apache.hadoop.fs.Path(path(name)), new org.apache.hadoop.fs.Path(to.toUri()));
        }
    }

    /** Copies a local folder into the bucket. */
    void store(Path from, String name) throws IOException {
        try (var files = files();
                var all = Files.walk(from)) {
            for (var path : all.filter(Files::isRegularFile).toList()) {
                var target = new org.apache.hadoop.fs.Path(path(name + "/" + from.relativize(path)));
                try (var stream = files.create(target)) {
                    Files.copy(path, stream);
                }
            }
        }
    }

    /** A client of its own. */
    FileSystem files() throws IOException {
        var configuration = new Configuration();
        for (var setting : settings()) {
            var parts = setting.substring("spark.hadoop.".length()).split("=", 2);
            configuration.set(parts[0], parts[1]);
        }
        return FileSystem.newInstance(URI.create(path("")), configuration);
    }

    private String send(String method, String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(endpoint.resolve(path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                // As if it were signed: nobody looks.
                .header("Authorization", "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request")
                .build();
        var response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
