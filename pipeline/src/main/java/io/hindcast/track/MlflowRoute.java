package io.hindcast.track;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The way to an MLflow server, as MLflow's own client takes it: through the proxy that the environment names ({@code HTTPS_PROXY} or
 * {@code HTTP_PROXY} by the server's scheme, else {@code ALL_PROXY}; {@code NO_PROXY}; in small letters too, which come first), and
 * by the certificates of {@code MLFLOW_TRACKING_SERVER_CERT_PATH}, or unchecked with {@code MLFLOW_TRACKING_INSECURE_TLS = true}.
 * It differs in two ways: where the JVM has a proxy of its own ({@code -Dhttps.proxyHost}) that one is taken, and to this machine
 * itself no proxy leads.
 */
final class MlflowRoute {
    private static final String UNCHECKED = "MLFLOW_TRACKING_INSECURE_TLS";
    private static final String CERTIFICATES = "MLFLOW_TRACKING_SERVER_CERT_PATH";
    private static final int HTTP_PORT = 80;
    private static final int BITS = 32;

    private MlflowRoute() {}

    /**
     * A client, to which a limit of time is still to be added.
     *
     * @throws UserException if a proxy is none of HTTP, or the certificates cannot be read
     */
    static HttpClient.Builder client(URI server, Map<String, String> environment) {
        var client = HttpClient.newBuilder()
                .proxy(ProxySelector.of(proxy(server, environment).orElse(null)));
        tls(environment).ifPresent(client::sslContext);
        return client;
    }

    /** The proxy on the way to a server, if any. */
    static Optional<InetSocketAddress> proxy(URI server, Map<String, String> environment) {
        var scheme = server.getScheme().toLowerCase(Locale.ROOT);
        if (System.getProperty(scheme + ".proxyHost") != null) {
            return ProxySelector.getDefault().select(server).stream()
                    .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
                    .map(proxy -> (InetSocketAddress) proxy.address())
                    .findFirst();
        }
        // First, so that a proxy that others need hinders nobody.
        if (isThisMachine(server.getHost())
                || isExcepted(server, variable("no_proxy", environment).orElse(""))) {
            return Optional.empty();
        }
        return Stream.of(scheme + "_proxy", "all_proxy")
                .flatMap(name -> variable(name, environment).map(value -> address(name, value)).stream())
                .findFirst();
    }

    private static Optional<String> variable(String name, Map<String, String> environment) {
        return Stream.of(name, name.toUpperCase(Locale.ROOT))
                .flatMap(key -> Optional.ofNullable(environment.get(key)).stream())
                .filter(value -> !value.isBlank())
                .findFirst();
    }

    private static InetSocketAddress address(String name, String value) {
        try {
            var uri = new URI(value.contains("://") ? value.strip() : "http://" + value.strip());
            if ("http".equals(uri.getScheme()) && uri.getHost() != null && uri.getUserInfo() == null) {
                return InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort() < 0 ? HTTP_PORT : uri.getPort());
            }
        } catch (URISyntaxException e) {
            // Without its cause, whose message has all of it.
        }
        throw new UserException("Cannot use " + name.toUpperCase(Locale.ROOT)
                + " on the way to MLflow: it is not the address of a proxy of HTTP without user and password; write"
                + " http://host:port, or name the server in NO_PROXY");
    }

    private static boolean isThisMachine(String host) {
        return host.equalsIgnoreCase("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    private static boolean isExcepted(URI server, String list) {
        return Arrays.stream(list.toLowerCase(Locale.ROOT).split("[,\\s]+", -1))
                .filter(entry -> !entry.isEmpty() && !entry.startsWith(":"))
                .anyMatch(entry -> isMeant(server, entry));
    }

    /** Whether it is {@code *}, the server's host, a domain or an IPv4 network that it is in, with or without its port. */
    private static boolean isMeant(URI server, String entry) {
        var host = server.getHost().toLowerCase(Locale.ROOT);
        var port = ":" + server.getPort();
        var asked = entry.endsWith(port) ? entry.substring(0, entry.length() - port.length()) : entry;
        var name = asked.charAt(0) == '.' ? asked.substring(1) : asked;
        return name.equals("*") || host.equals(name) || host.endsWith("." + name) || isWithin(host, name);
    }

    private static boolean isWithin(String host, String network) {
        var four = "\\d{1,3}(\\.\\d{1,3}){3}";
        if (!host.matches(four) || !network.matches(four + "/\\d{1,2}")) {
            return false;
        }
        var parts = network.split("/", 2);
        var others = BITS - Math.min(BITS, Integer.parseInt(parts[1]));
        return number(host) >> others == number(parts[0]) >> others;
    }

    private static long number(String address) {
        return Arrays.stream(address.split("\\.", -1))
                .mapToLong(Long::parseLong)
                .reduce(0, (all, part) -> (all << 8) | part);
    }

    private static Optional<SSLContext> tls(Map<String, String> environment) {
        var unchecked = Optional.ofNullable(environment.get(UNCHECKED)).orElse("");
        if (unchecked.equalsIgnoreCase("true") || unchecked.equals("1")) {
            return Optional.of(context(new TrustManager[] {new Unchecked()}));
        }
        return Optional.ofNullable(environment.get(CERTIFICATES))
                .filter(path -> !path.isBlank())
                .map(MlflowRoute::trusted)
                .map(MlflowRoute::context);
    }

    private static TrustManager[] trusted(String path) {
        try (var file = Files.newInputStream(Path.of(path))) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry("server-" + store.size(), certificate);
            }
            if (store.size() == 0) {
                throw new GeneralSecurityException("it holds none");
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException | InvalidPathException e) {
            throw new UserException(
                    "Cannot read the certificates of " + CERTIFICATES + " = " + path + ": " + reason(e)
                            + "; name a file of certificates in PEM",
                    e);
        }
    }

    private static String reason(Exception e) {
        return e instanceof java.nio.file.NoSuchFileException
                ? "there is no such file"
                : String.valueOf(e.getMessage());
    }

    private static SSLContext context(TrustManager[] trusted) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, trusted, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    // Believes everybody; being an extended one, names of hosts too.
    private static final class Unchecked extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
