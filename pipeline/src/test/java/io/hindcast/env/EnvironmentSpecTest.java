package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentSpecTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cartpole",
                "antmaze-umaze",
                "antmaze-medium-diverse",
                "metaworld-hammer",
                "gymnasium:CartPole-v1",
                "gymnasium:no_such_module:World"
            })
    void aNameIsTakenWithoutStartingPython(String name) {
        // No such interpreter: starting one would fail.
        assertThat(Workers.spec(name, "python = /no/such/python").name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "gymnasium:, it names none after gymnasium:; write gymnasium:CartPole-v1 or gymnasium:module:Class",
        "gymnasium:module:, it names none after gymnasium:; write gymnasium:CartPole-v1 or gymnasium:module:Class",
        "antmaze-umase, there is no such environment; did you mean 'antmaze-umaze'?"
    })
    void aWrongNameIsRefusedAtOnce(String name, String reason) {
        assertThatThrownBy(() -> new EnvironmentSpec(name))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use environment '" + name + "': " + reason);
    }

    @Test
    void keywordArgumentsAreForPythonOnly() {
        assertThatThrownBy(() -> Workers.spec("cartpole", "kwargs { mass = 2 }"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot use gymnasium.kwargs.mass with environment 'cartpole': it is no Python environment; leave it"
                                + " out");
        assertThatThrownBy(() -> Workers.spec("antmaze-umaze", "kwargs { maze = medium }"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the name says it already");
    }

    @Test
    void packagesForAnInterpreterThatIsUsedAsItIsAreRefused() {
        assertThatThrownBy(() -> Workers.spec("antmaze-umaze", "python = /usr/bin/python3, requirements = [ale-py]"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("python = /usr/bin/python3 is used as it is");
    }

    @Test
    void onlyWhatDecidesWhatHappensIsPartOfARequest() {
        assertThat(Workers.spec("cartpole", "").decisive()).isEqualTo(Map.of("environment", "cartpole"));
        assertThat(Workers.spec("antmaze-umaze", "python = /usr/bin/python3, step-timeout = 2s")
                        .decisive())
                .isEqualTo(Map.of("environment", "antmaze-umaze"));
        assertThat(Workers.spec("antmaze-umaze", "kwargs { reward_shift = -1 }, requirements = [ale-py]")
                        .decisive())
                .isEqualTo(Map.of(
                        "environment",
                        "antmaze-umaze",
                        "gymnasium",
                        Map.of("kwargs", Map.of("reward_shift", -1), "requirements", List.of("ale-py"))));
    }

    @Test
    void itTravelsToOtherMachines() throws Exception {
        var spec = Workers.spec("antmaze-umaze", "kwargs { reward_shift = -1 }, restarts = 5");
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(spec);
        }
        try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(spec);
        }
    }

    @Test
    void aSecretArgumentIsPassedOnAndDoesNotDecideWhatARequestIs() {
        var one = Workers.spec("gymnasium:CartPole-v1", "kwargs { a = 1 }, secret-kwargs { api_key = S3CRET1 }");
        var other = Workers.spec("gymnasium:CartPole-v1", "kwargs { a = 1 }, secret-kwargs { api_key = S3CRET2 }");
        assertThat(one.decisive())
                .isEqualTo(other.decisive())
                .hasToString("{environment=gymnasium:CartPole-v1,"
                        + " gymnasium={kwargs={a=1}, secret-kwargs={api_key=***}}}");
        assertThat(one.toString()).doesNotContain("S3CRET1");
        assertThat(one.gymnasium().secrets()).containsExactly("S3CRET1");
        assertThatThrownBy(() -> Workers.spec("cartpole", "secret-kwargs { api_key = S3CRET1 }"))
                .hasMessageStartingWith("Cannot use gymnasium.secret-kwargs.api_key with environment 'cartpole'")
                .message()
                .doesNotContain("S3CRET1");
        assertThatThrownBy(() -> Workers.spec("gymnasium:X", "kwargs { a = 1 }, secret-kwargs { a = S3CRET1 }"))
                .hasMessageContaining("an argument has one value");
    }
}
