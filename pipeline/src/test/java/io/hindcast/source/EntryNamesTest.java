package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EntryNamesTest {
    private static final Map<String, List<String>> CATEGORIES =
            Map.of("city", List.of("Aachen", "Rome"), "features", List.of("age", "is=vip"));

    @Test
    void everyKindOfColumnNamesItsEntries() {
        assertThat(names("\"x_{0..2}\", \"category:city\", speed, \"map:features\", \"one-hot:room{2 from 3}\"", 10))
                .containsExactly(
                        "x_0",
                        "x_1",
                        "x_2",
                        "city=Aachen",
                        "city=Rome",
                        "speed",
                        "features.age",
                        "features.is=vip",
                        "room=3",
                        "room=4");
        assertThat(names("\"one-hot:cards{2,3}\"", 5))
                .containsExactly("cards[0]=0", "cards[0]=1", "cards[1]=0", "cards[1]=1", "cards[1]=2");
    }

    @Test
    void oneVectorIsAsWideAsTheOthersLeave() {
        assertThat(names("\"category:city\", pose", 5))
                .containsExactly("city=Aachen", "city=Rome", "pose[0]", "pose[1]", "pose[2]");
        assertThat(names("pose", 1)).containsExactly("pose");
    }

    @Test
    void whatIsNotKnownHasNoNames() {
        assertThat(names("pose, speed", 5)).isEmpty();
        assertThat(names("\"category:city\"", 3)).isEmpty();
        assertThat(names("x, \"category:city\"", 2)).isEmpty();
        assertThat(names("x, \"category:unheard-of\"", 1)).containsExactly("x");
    }

    private static List<String> names(String observation, int size) {
        var columns = Settings.read(
                ColumnMapping.class,
                ConfigFactory.parseString("observation = [" + observation + "], action-index = a, reward = r"),
                "columns");
        return EntryNames.of(columns.observation(), columns, CATEGORIES, size);
    }
}
