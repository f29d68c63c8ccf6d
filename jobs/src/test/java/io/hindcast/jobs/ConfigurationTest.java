package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.config.Setting;
import io.hindcast.stage.StageResult;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
    record SayConfig(
            @Setting(value = "nothing", meaning = "a text") String text,
            @Setting(value = "[]", meaning = "several") List<String> texts,
            @Setting(value = "1", meaning = "a number") double number) {}

    private static final Job<SayConfig> SAY = new Job<>(
            "say", "says", SayConfig.class, (context, config, root) -> new StageResult(false, "said", List.of()));

    @ParameterizedTest
    @ValueSource(strings = {"/a b/*.npz", "hdfs://name:8020/x", "a=b", "2026-11-21", "#1", "1.5.2", "", "x,y"})
    void aPathOrAnyOtherTextNeedsNoQuotesInSet(String text) {
        assertThat(set("text=" + text).text()).isEqualTo(text);
    }

    @Test
    void listsAndQuotedTextAreReadAsInAFile() {
        assertThat(set("texts=[a, \"b c\"]").texts()).containsExactly("a", "b c");
        assertThat(set("texts=/one/path").texts()).containsExactly("/one/path");
        assertThat(set("text=\"{x}\"").text()).isEqualTo("{x}");
        assertThat(set("text=null").text()).isEqualTo("nothing");
    }

    @ParameterizedTest
    @CsvSource({"1e-3, 0.001", "-.5, -0.5", "7, 7", "+2, 2"})
    void numbersAreNumbers(String text, double value) {
        assertThat(set("number=" + text).number()).isEqualTo(value);
    }

    private static SayConfig set(String set) {
        return Configuration.read(null, List.of(), List.of(set), "say", List.of("say"), secrets -> {})
                .section(SAY);
    }
}
