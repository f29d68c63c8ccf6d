package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.hindcast.config.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MlflowRouteTest {
    private static final Map<String, String> PROXIES =
            Map.of("HTTP_PROXY", "http://plain:3128", "https_proxy", "safe:8080", "HTTPS_PROXY", "http://large:1");

    @TempDir
    Path directory;

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    @Test
    void aServerThatOnlyTheProxyKnowsIsReached() throws IOException {
        var proxy = started(HttpServer.create(loopback(), 0));
        try {
            var environment = Map.of(
                    "HTTP_PROXY", "http://127.0.0.1:" + proxy.getAddress().getPort());
            assertThat(ask("http://mlflow.invalid:5000", environment)).isEqualTo("7");
        } finally {
            proxy.stop(0);
        }
        assertThat(asked)
                .containsExactly(
                        "http://mlflow.invalid:5000/api/2.0/mlflow/experiments/get-by-name?experiment_name=shop");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:5000", "http://127.0.0.1:5000", "http://mlflow.shop"})
    void aProxyThatCannotBeUsedHindersNobodyWhoNeedsNone(String server) {
        var environment =
                Map.of("HTTP_PROXY", "http://ann:word@proxy:3128", "all_proxy", "socks5://proxy", "NO_PROXY", ".shop");
        assertThat(MlflowRoute.proxy(URI.create(server), environment)).isEmpty();
    }

    @Test
    void theProxyOfTheJvmComesFirst() throws IOException {
        var proxy = started(HttpServer.create(loopback(), 0));
        System.setProperty("http.proxyHost", "127.0.0.1");
        System.setProperty("http.proxyPort", String.valueOf(proxy.getAddress().getPort()));
        try {
            assertThat(ask("http://mlflow.invalid", PROXIES)).isEqualTo("7");
            assertThat(MlflowRoute.proxy(URI.create("http://127.0.0.1:5000"), PROXIES))
                    .as("its own exceptions")
                    .isEmpty();
        } finally {
            System.clearProperty("http.proxyHost");
            System.clearProperty("http.proxyPort");
            proxy.stop(0);
        }
    }

    @Test
    void aProxyIsAskedForAWayToASafeServer() throws Exception {
        try (var proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var line = CompletableFuture.supplyAsync(() -> {
                try (var client = proxy.accept()) {
                    var in = new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII);
                    var first = new BufferedReader(in).readLine();
                    client.getOutputStream()
                            .write("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    return first;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            var environment = Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.getLocalPort());
            assertThatThrownBy(() -> ask("https://mlflow.invalid/at", environment))
                    .isInstanceOf(RuntimeException.class);
            assertThat(line.get(20, TimeUnit.SECONDS)).isEqualTo("CONNECT mlflow.invalid:443 HTTP/1.1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://mlflow.example.com:5000, '', plain:3128",
        "https://mlflow.example.com, '', safe:8080",
        "https://mlflow.example.com, other.com, safe:8080",
        "https://mlflow.example.com, 'other.com, example.com', ",
        "https://mlflow.example.com, .example.com, ",
        "https://mlflow.example.com, ample.com, safe:8080",
        "https://mlflow.example.com, *, ",
        "http://mlflow.example.com:5000, example.com:5000, ",
        "http://mlflow.example.com:5000, example.com:5001, plain:3128",
        "http://10.1.2.3:5000, 10.0.0.0/8, ",
        "http://11.1.2.3:5000, 10.0.0.0/8, plain:3128",
        "http://10.1.2.3:5000, 10.1.2.3, ",
        "http://localhost:5000, '', ",
        "http://127.0.0.1:5000, '', "
    })
    void whichServersAreBehindTheProxy(URI server, String excepted, String proxy) {
        var environment = new java.util.HashMap<>(PROXIES);
        environment.put("no_proxy", excepted);
        assertThat(MlflowRoute.proxy(server, environment)
                        .map(address -> address.getHostString() + ":" + address.getPort())
                        .orElse(null))
                .isEqualTo(proxy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5://proxy:1080", "http://user:s3cret@proxy:3128", "http://s3cret proxy"})
    void whatIsNoProxyOfHttpIsRefusedAndNotShown(String proxy) {
        assertThatThrownBy(() -> ask("http://mlflow.invalid", Map.of("ALL_PROXY", proxy)))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use ALL_PROXY on the way to MLflow: it is not the address of a proxy")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aServerWithACertificateOfItsOwnIsReachedByItOrUnchecked() throws Exception {
        var server = started(safe("mlflow.example.com"));
        var here = started(safe("localhost"));
        try {
            var address = "https://localhost:" + server.getAddress().getPort();
            var named = "https://localhost:" + here.getAddress().getPort();
            var certificate = Map.of("MLFLOW_TRACKING_SERVER_CERT_PATH", path("localhost.pem"));

            assertThat(ask(named, certificate)).isEqualTo("7");
            assertThat(ask(address, Map.of("MLFLOW_TRACKING_INSECURE_TLS", "true")))
                    .as("that of another host")
                    .isEqualTo("7");
            for (var wrong : List.of(
                    Map.<String, String>of(),
                    Map.of("MLFLOW_TRACKING_INSECURE_TLS", "false"),
                    certificate,
                    Map.of("MLFLOW_TRACKING_SERVER_CERT_PATH", path("mlflow.example.com.pem")))) {
                assertThatThrownBy(() -> ask(address, wrong)).isInstanceOf(UncheckedIOException.class);
            }
        } finally {
            server.stop(0);
            here.stop(0);
        }
    }

    @Test
    void certificatesThatAreNotThereAreNamed() throws IOException {
        var nowhere = path("nowhere.pem");
        assertThatThrownBy(() -> ask("https://x", Map.of("MLFLOW_TRACKING_SERVER_CERT_PATH", nowhere)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read the certificates of MLFLOW_TRACKING_SERVER_CERT_PATH = " + nowhere
                        + ": there is no such file; name a file of certificates in PEM");
        var none = Files.writeString(directory.resolve("none.pem"), "").toString();
        assertThatThrownBy(() -> ask("https://x", Map.of("MLFLOW_TRACKING_SERVER_CERT_PATH", none)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("none.pem: it holds none; name a file");
    }

    private static String ask(String server, Map<String, String> environment) {
        return new MlflowServer(server, environment, Duration.ofSeconds(20)).experiment("shop");
    }

    private <T extends HttpServer> T started(T server) {
        server.createContext("/", this::answer);
        server.start();
        return server;
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestURI().toString());
        var body = "{\"experiment\": {\"experiment_id\": \"7\"}}".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** A server with a certificate for a host that nobody signed but itself. */
    private HttpsServer safe(String host) throws Exception {
        var keys = directory.resolve(host + ".p12");
        keytool("-genkeypair -alias a -keyalg EC -dname CN=" + host + " -ext san=dns:" + host + " -storepass 123456"
                + " -storetype PKCS12 -keystore " + keys);
        keytool("-exportcert -rfc -alias a -storepass 123456 -keystore " + keys + " -file " + path(host + ".pem"));
        var store = KeyStore.getInstance(keys.toFile(), "123456".toCharArray());
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, "123456".toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        var server = HttpsServer.create(loopback(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return server;
    }

    private static void keytool(String arguments) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments.split(" ")));
        assertThat(new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor())
                .as(arguments)
                .isZero();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }
}
