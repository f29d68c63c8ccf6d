package io.hindcast.track;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where MLflow is told about training, if it is. It decides nothing about a run, and stands in no table. */
public record MlflowConfig(
        @Setting(
                value = "null",
                meaning =
                        "the MLflow tracking server that training runs are logged to, as http://host:port; none: no MLflow."
                                + " User and password, or a token, are taken from MLFLOW_TRACKING_USERNAME and"
                                + " MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN")
        @Nullable String trackingUri,

        @Setting(value = "hindcast", meaning = "the MLflow experiment, made if it is not there")
        String experiment) {

    /** @throws UserException if the URI is not one of a server, or the experiment has no name */
    public MlflowConfig {
        Settings.check(MlflowConfig.class, trackingUri, experiment);
        if (trackingUri != null) {
            requireServer(trackingUri);
        }
        if (experiment.isBlank()) {
            throw new UserException(
                    "Cannot use experiment = \"" + experiment + "\": it has no name; leave it out for hindcast");
        }
    }

    private static void requireServer(String text) {
        var uri = uri(text);
        var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getUserInfo() != null) {
            // Not quoted: it holds a secret.
            throw new UserException("Cannot use tracking-uri: it holds a user or password; put them into"
                    + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD");
        }
        if ((!scheme.equals("http") && !scheme.equals("https")) || uri.getHost() == null) {
            throw new UserException("Cannot use tracking-uri = " + text
                    + ": it is not the address of an MLflow server; write http://host:port or https://host");
        }
        if (uri.getQuery() != null || uri.getFragment() != null) {
            throw new UserException("Cannot use tracking-uri = " + text
                    + ": something follows the address of the server; write http://host:port or https://host");
        }
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new UserException(
                    "Cannot use tracking-uri = " + text + ": it is no URI (" + e.getReason()
                            + "); write http://host:port or https://host",
                    e);
        }
    }
}
