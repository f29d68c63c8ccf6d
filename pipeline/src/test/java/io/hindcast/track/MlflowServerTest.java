package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hindcast.track.RegistryMirror.Model;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class MlflowServerTest {
    private final List<String> authorized = new ArrayList<>();

    @Test
    void aTokenIsTakenWithoutTheEndOfItsLine() throws IOException {
        assertThat(mirrored("s3cret\n"))
                .hasValueSatisfying(why -> assertThat(why).doesNotContain("s3cret"));
        assertThat(authorized).isNotEmpty().containsOnly("Bearer s3cret");
    }

    @Test
    void aTokenThatIsNoLineIsRefusedAndNotShown() throws IOException {
        assertThat(mirrored("s3c\nret"))
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("the token in MLFLOW_TRACKING_TOKEN holds what a line of HTTP may not; give one line")
                        .doesNotContain("s3c")
                        .doesNotContain("\n"));
        assertThat(authorized).isEmpty();
    }

    @Test
    void aPageToLogInAtIsCalledOne() throws IOException {
        assertThat(mirrored("s3cret"))
                .hasValueSatisfying(why -> assertThat(why).contains("the answer is no JSON; is this an MLflow server"));
    }

    /** What is said by a server that answers all with a page. */
    private Optional<String> mirrored(String token) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            authorized.add(exchange.getRequestHeaders().getFirst("Authorization"));
            var page = "<html>Log in</html>".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        try {
            return new RegistryMirror(
                            "http://127.0.0.1:" + server.getAddress().getPort(),
                            "shop",
                            new Configuration(false),
                            Map.of("MLFLOW_TRACKING_TOKEN", token),
                            Duration.ofSeconds(20))
                    .mirror(new Model("shop", "file:/registry/shop", List.of(), Map.of()));
        } finally {
            server.stop(0);
        }
    }
}
