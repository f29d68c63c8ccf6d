package io.hindcast.track;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real MLflow server, with a database and artifacts in a folder; started again it has what it had. */
final class MlflowProgram implements AutoCloseable {
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(5);

    private final int port;
    private final Process process;

    /** @param options further ones */
    MlflowProgram(PythonTools python, Path folder, int port, String... options)
            throws IOException, InterruptedException {
        this.port = port;
        var log = folder.resolve("mlflow.log");
        var command = new ArrayList<>(List.of(
                "mlflow",
                "server",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--workers",
                "1",
                "--backend-store-uri",
                "sqlite:///" + folder.resolve("mlflow.db"),
                "--artifacts-destination",
                folder.resolve("artifacts").toString()));
        command.addAll(List.of(options));
        process = python.start(log, command.toArray(String[]::new));
        var end = System.nanoTime() + STARTS_WITHIN.toNanos();
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                close();
                throw new AssertionError("the MLflow server does not start: " + Files.readString(log));
            }
            Thread.sleep(200);
        }
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** Asks it what it has. */
    MlflowServer asked() {
        return new MlflowServer(uri(), Map.of(), Duration.ofMinutes(1));
    }

    private boolean answers() throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(URI.create(uri() + "/health")).build();
            return HttpClient.newHttpClient()
                            .send(request, BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }
}
