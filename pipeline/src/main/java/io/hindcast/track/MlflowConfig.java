package io.hindcast.track;

import io.hindcast.config.Address;
import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The MLflow server to which training is logged, if any. It decides nothing about a run, and stands in no table. */
public record MlflowConfig(
        @Setting(
                value = "null",
                meaning =
                        "the MLflow tracking server that training runs are logged to, that stats and report show their pages"
                                + " in and promote the registry, as http://host:port; null: no MLflow. User and password, or a token, are read from MLFLOW_TRACKING_USERNAME and"
                                + " MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN")
        @Nullable Address trackingUri,

        @Setting(value = "hindcast", meaning = "the MLflow experiment; it is created if it does not exist")
        String experiment) {

    /** @throws UserException if the URI is not one of a server, or the experiment has no name */
    public MlflowConfig {
        if (trackingUri != null) {
            requireServer(trackingUri);
        }
        if (experiment.isBlank()) {
            throw new UserException(
                    "Cannot use experiment = \"" + experiment + "\": it has no name; leave it out for hindcast");
        }
    }

    private static void requireServer(Address address) {
        var text = address.reveal();
        if (text.contains("@")) {
            // Not quoted: what is no URI, or has a host that is none, may hold a password all the same.
            throw new UserException("Cannot use tracking-uri: it holds a user or password; put them into"
                    + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD");
        }
        var end = text.split("[?#]", 2)[0];
        var shown = end + (end.length() < text.length() ? text.charAt(end.length()) + "…" : "");
        var uri = uri(text, shown);
        var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if ((!scheme.equals("http") && !scheme.equals("https")) || uri.getHost() == null) {
            throw new UserException("Cannot use tracking-uri = " + shown
                    + ": it is not the address of an MLflow server; write http://host:port or https://host");
        }
        if (uri.getQuery() != null || uri.getFragment() != null) {
            throw new UserException("Cannot use tracking-uri = " + shown
                    + ": something follows the address of the server; write http://host:port or https://host, and a"
                    + " token"
                    + " into MLFLOW_TRACKING_TOKEN");
        }
    }

    private static URI uri(String text, String shown) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            // Without its cause, whose message has all of it.
            throw new UserException("Cannot use tracking-uri = " + shown + ": it is no URI (" + e.getReason()
                    + "); write http://host:port or https://host");
        }
    }
}
