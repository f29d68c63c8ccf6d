package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Address;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MlflowConfigTest {
    @Test
    void withoutAUriThereIsNoMlflow() {
        assertThat(Settings.defaults(MlflowConfig.class)).isEqualTo(new MlflowConfig(null, "hindcast"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://localhost:5000", "https://mlflow.example.org", "http://10.0.0.1:5000/behind/a/proxy/"})
    void theAddressOfAServerIsTaken(String uri) {
        var config = ConfigFactory.parseString("tracking-uri = \"" + uri + "\", experiment = mazes");
        assertThat(Settings.read(MlflowConfig.class, config, "mlflow"))
                .isEqualTo(new MlflowConfig(new Address(uri), "mazes"));
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:5000, it is not the address of an MLflow server",
        "file:///tmp/mlruns, it is not the address of an MLflow server",
        "sqlite:///mlflow.db, it is not the address of an MLflow server",
        "databricks, it is not the address of an MLflow server",
        "http://, it is no URI",
        "http://my server, it is no URI",
        "http://host_under:5000, it is not the address of an MLflow server"
    })
    void anythingElseIsRefusedBeforeTraining(String uri, String reason) {
        assertThatThrownBy(() -> new MlflowConfig(new Address(uri), "hindcast"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use tracking-uri = " + uri + ": " + reason)
                .hasMessageEndingWith("; write http://host:port or https://host");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://me:secret@host",
                "http://me:secret ML@host:5000",
                "http://me:secret^@host",
                "http://me:secret@host_under:5000",
                "http://secret@host",
                "me:secret@host",
                "http://me:a/secret@host"
            })
    void aPasswordInTheUriIsRefusedAndNotRepeated(String uri) {
        assertThatThrownBy(() -> new MlflowConfig(new Address(uri), "hindcast"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("MLFLOW_TRACKING_PASSWORD")
                .hasNoCause()
                .message()
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://host:5000/?token=secret", "http://host:5000/#secret", "http://ho st?token=secret"})
    void whatFollowsTheAddressIsRefusedAndNotRepeated(String uri) {
        assertThatThrownBy(() -> new MlflowConfig(new Address(uri), "hindcast"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use tracking-uri = http://ho")
                .hasNoCause()
                .message()
                .doesNotContain("secret");
    }

    @Test
    void anExperimentNeedsAName() {
        assertThatThrownBy(() -> new MlflowConfig(null, " "))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it has no name");
    }
}
