package io.hindcast.learn;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigObject;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PresetTest {
    static Collection<Preset> presets() {
        return Preset.ALL.values();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void noSettingIsLeftToADefault(Preset preset) {
        var type = Objects.requireNonNull(LearnerConfig.LEARNERS.get(preset.learner()));
        assertThat(leaves(preset.settings(), "")).isEqualTo(settings(type));
    }

    @ParameterizedTest
    @MethodSource("presets")
    void theLearnerReadsIt(Preset preset) {
        var config = LearnerConfig.read(preset.learner(), preset.settings().toConfig(), preset.name());
        assertThat(config).isInstanceOf(LearnerConfig.LEARNERS.get(preset.learner()));
        assertThat(preset.updates()).isPositive();
        assertThat(preset.batchSize()).isPositive();
        assertThat(preset.nStep()).isPositive();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void theNameIsInKebabCaseAndTellsTheLearner(Preset preset) {
        assertThat(preset.name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
        var word = switch (preset.learner()) {
            case "bcq-discrete" -> "bcq";
            case "behaviour-cloning" -> "bc";
            case "cql-continuous", "cql-discrete" -> "cql";
            default -> preset.learner();
        };
        assertThat("-" + preset.name() + "-").contains("-" + word + "-");
        assertThat(preset.source()).isNotBlank();
        assertThat(preset.differs()).isNotBlank();
    }

    @Test
    void everyConstantIsListedUnderItsName() {
        var constants = Stream.of(Preset.class.getDeclaredFields())
                .filter(field -> field.getType() == Preset.class)
                .map(field -> field.getName().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(toSet());
        assertThat(Preset.ALL.keySet()).isEqualTo(constants);
        Preset.ALL.forEach((name, preset) -> assertThat(preset.name()).isEqualTo(name));
    }

    @Test
    void numbersAreThoseOfTheirSources() {
        assertThat(settings(Preset.CS224R_HW3_POINTMASS_IQL))
                .contains("discount=0.95", "expectile=0.9", "temperature=0.1", "max-weight=50.0")
                .contains("actor={hidden-layers=[512, 512, 512, 512], activation=tanh")
                .contains("critic={hidden-layers=[64, 64], activation=relu");
        assertThat(settings(Preset.CS285_HW5_POINTMASS_MEDIUM_CQL)).contains("alpha=0.1,", "target-period=300");
        assertThat(settings(Preset.CS285_HW5_POINTMASS_HARD_CQL_FINETUNE)).contains("alpha=1.0,");
        assertThat(settings(Preset.CS285_HW5_POINTMASS_HARD_AWAC)).contains("temperature=10.0");
        assertThat(settings(Preset.CS285_HW5_POINTMASS_HARD_AWAC_INVERSE_TEMPERATURE))
                .contains("temperature=0.1");
        assertThat(settings(Preset.CS224R_HW2_ACTOR_CRITIC_ENSEMBLE))
                .contains("critics=10", "update-to-data=5", "cloning-period=10", "layer-norm=true");
        assertThat(Preset.CS224R_HW2_ACTOR_CRITIC_ENSEMBLE.nStep()).isEqualTo(3);
        assertThat(settings(Preset.IQL_PAPER_LOCOMOTION)).contains("expectile=0.7", "temperature=0.3333333333333333");
        assertThat(settings(Preset.CORL_ANTMAZE_CQL)).contains("alpha=5.0", "[256, 256, 256, 256, 256]");
        assertThat(settings(Preset.CORL_ANTMAZE_CAL_QL))
                .contains("lagrange=true")
                .doesNotContain("calibrate-online")
                .containsPattern("actor=\\{[^}]*initialisation=orthogonal")
                .containsPattern("critic=\\{[^}]*initialisation=orthogonal");
        assertThat(settings(Preset.RLOX_AWR_PENDULUM)).contains("temperature=0.5", "max-weight=20.0");
    }

    @Test
    void anUnknownNameIsRefusedWithTheNearestOne() {
        assertThatThrownBy(() -> Preset.named("rlox-awrr"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use preset 'rlox-awrr': there is no such preset; did you mean 'rlox-awr'?");
    }

    @Test
    void theDocsListThem() throws IOException {
        var rows = new ArrayList<String>();
        for (var preset : presets()) {
            rows.add(String.format(
                    Locale.ROOT,
                    "| `%s` | `%s` | %,d | %s |",
                    preset.name(),
                    preset.learner(),
                    preset.updates(),
                    preset.source()));
        }
        var page = Files.readString(Path.of("../docs/presets.md"));
        assertThat(page.lines().filter(line -> line.startsWith("| `"))).containsExactlyElementsOf(rows);
    }

    private static String settings(Preset preset) {
        var config = LearnerConfig.read(preset.learner(), preset.settings().toConfig(), "");
        return Settings.toMap((Record) config).toString();
    }

    /** The keys that a learner's settings have, those of networks with dots. */
    private static Set<String> settings(Class<? extends Record> type) {
        return Settings.describe(type).stream()
                .filter(entry -> !entry.type().equals("a section"))
                .map(Settings.Entry::key)
                .collect(toSet());
    }

    /** The keys that are said, {@code null} included. */
    private static Set<String> leaves(ConfigObject settings, String prefix) {
        var keys = new TreeSet<String>();
        settings.forEach((key, value) -> {
            if (value instanceof ConfigObject nested) {
                keys.addAll(leaves(nested, prefix + key + "."));
            } else {
                keys.add(prefix + key);
            }
        });
        return keys;
    }
}
