package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VowpalWabbitTest {
    private static final Configuration HADOOP = new Configuration();
    private static final PlannedLogs.Rules RULES =
            new PlannedLogs.Rules(Format.VOWPAL_WABBIT, EpisodePer.COLUMN, null, false);
    static final String EVENT =
            "{\"_label_cost\":-1,\"_label_probability\":0.25,\"_label_Action\":2,\"_labelIndex\":1,\"EventId\":\"e\",\"a\":[2,1],"
                    + "\"c\":{\"GUser\":{\"id\":\"Tom\",\"age\":20.5,\"new\":true,\"old\":false,\"v\":[1,2]},"
                    + "\"_multi\":[{\"T\":{\"x\":1}},{\"T\":{\"x\":2}}]},\"p\":[0.25,0.75]}";

    @TempDir
    Path folder;

    private FilePlan plan(String name, String text) {
        try {
            var file = Files.writeString(folder.resolve(name), text);
            return PlannedLogs.plan(new InputFile(name, file.toString(), text.length()), null, RULES, HADOOP);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All rows of such a file. */
    static void read(byte[] bytes) {
        try (var reader = new VowpalWabbitReader("demo.txt", new ByteArrayInputStream(bytes), 0)) {
            while (reader.next() != null) {
                assertThat(reader.columns()).isNotEmpty();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<LoggedRow> rows(String text, @Nullable Integer count) {
        var plan = plan("log.txt", text);
        var categories = PlannedLogs.categories(List.of(plan), RULES, count);
        var rows = new ArrayList<LoggedRow>();
        try (var read = PlannedLogs.rows(plan.parts().get(0), plan.columns(), categories, RULES, HADOOP)) {
            read.forEachRemaining(rows::add);
        }
        return rows;
    }

    @Test
    void anEventIsAnEpisodeOfOneStepWhoseRewardIsTheCostsNegative() {
        var rows = rows(
                EVENT + "\n\n" + EVENT.replace("Tom", "Ann").replace("\"_label_cost\":-1", "\"_label_cost\":0"), null);
        assertThat(rows).hasSize(2);
        // GUser/age, GUser/id=Ann, GUser/id=Tom, GUser/new, GUser/v[0], GUser/v[1]
        assertThat(rows.get(0).observation()).containsExactly(20.5f, 0, 1, 1, 1, 2);
        assertThat(rows.get(1).observation()).containsExactly(20.5f, 1, 0, 1, 1, 2);
        assertThat(rows.get(0).actionIndex()).isEqualTo(1);
        assertThat(rows.get(0).actionMask()).containsExactly(true, true);
        assertThat(rows.get(0).reward()).isEqualTo(1);
        assertThat(rows.get(1).reward()).isEqualTo(0.0); // and not -0
        assertThat(rows.get(0).probability()).isEqualTo(0.25);
        assertThat(rows.get(0).terminated()).isTrue();
        assertThat(rows.get(0).episode()).isNotEqualTo(rows.get(1).episode());
    }

    @Test
    void whatIsLeftOutIsCounted() {
        var plan = plan(
                "log.dsjson",
                String.join(
                        "\n",
                        EVENT,
                        EVENT.replace("\"_label_cost\":-1,", ""),
                        EVENT.replace("\"a\":[2,1]", "\"_skipLearn\":true"),
                        "{\"RewardValue\":1.0,\"EventId\":\"e\"}",
                        EVENT.replace("\"a\":[2,1]", "\"pdrop\":0.5")));
        assertThat(plan.notes())
                .containsExactlyInAnyOrder(
                        "log.dsjson: 2 events have features of each action, which are not read; those of the context are",
                        "log.dsjson: 1 events have no cost, and were left out",
                        "log.dsjson: 1 events say _skipLearn, and were left out",
                        "log.dsjson: 1 lines hold no decision but a reward that came later, and were left out; join the log"
                                + " first",
                        "log.dsjson: 1 events have pdrop above 0 (one event counts for several): this weight is not read");
    }

    @Test
    void textWithOneLineAnEventHasFeaturesWithValuesNamespacesAndWeights() {
        var rows = rows("1:2:0.4 | a c:0.5\n3:-0.5:0.2 'tag|User:2 age:10 |Place home\n2:1:0.5 4 | a\n", null);
        // Place/home, User/age, a, c
        assertThat(rows.get(0).observation()).containsExactly(0, 0, 1, 0.5f);
        assertThat(rows.get(1).observation()).containsExactly(1, 20, 0, 0);
        assertThat(rows.stream().map(LoggedRow::actionIndex)).containsExactly(0.0, 2.0, 1.0);
        assertThat(rows.stream().map(LoggedRow::reward)).containsExactly(-2.0, 0.5, -1.0);
        assertThat(rows.get(0).actionMask()).containsExactly(true, true, true, true);
        assertThat(rows.get(2).actionMask()).containsExactly(false, true, false, true);
    }

    @Test
    void aBlockOfLinesIsAnEventWithAnActionALine() {
        var rows = rows(
                "shared |User user=Tom\n|A x=1\n0:-1.0:0.25 |A x=2\n|A x=3\n\nshared |User user=Anna\n0:0.5:0.8 |A x=1\n|A x=2\n",
                null);
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).observation()).containsExactly(0, 1);
        assertThat(rows.get(0).actionIndex()).isEqualTo(1);
        assertThat(rows.get(0).actionMask()).containsExactly(true, true, true);
        assertThat(rows.get(1).actionMask()).containsExactly(true, true, false);
        assertThat(rows.get(1).reward()).isEqualTo(-0.5);
        assertThat(plan("log.txt", "|A x=1\n0:-1.0:0.25 |A x=2\n\n|A x=1\n0:1:0.5 |A x=2\n")
                        .categories())
                .containsEntry("features", List.of("Constant"))
                .containsEntry("action", List.of("1", "2"));
    }

    @Test
    void moreActionsThanTheLogShowsMayBeGivenButNotFewer() {
        assertThat(rows("1:2:0.4 | a\n", 3).get(0).actionMask()).containsExactly(true, true, true);
        assertThatThrownBy(() -> rows("3:2:0.4 | a\n", 2))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use action-space with count = 2: the log has 3 actions; give count = 3, or none");
    }

    @Test
    void filesShareTheirFeaturesAndActions() {
        var plans = List.of(plan("a.txt", "1:2:0.4 | a\n"), plan("b.txt", "10:2:0.4 | b\n"));
        assertThat(PlannedLogs.categories(plans, RULES, null))
                .containsEntry("features", List.of("a", "b"))
                .containsEntry("action", List.of("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1:2:0.4 3:1:0.4 | a ; line 1 gives 2 costs for one event",
                "1:2:x | a ; line 1 has 'x' where a number is expected",
                "0:2:0.4 | a ; line 1 has action 0",
                "1:2:0.4 | a:b ; line 1 has 'b' where a number is expected",
                "ccb shared | a ; line 1 begins with 'ccb'",
                "1:2:0.4 ; line 1 has no features after a |",
                "{\"_label_cost\":1,\"c\":{\"_slots\":[]}} ; line 1 has '_slots'",
                "{\"_label_cost\":1,\"_label_Action\":1,\"_labelIndex\":1,\"c\":{}} ; line 1 names two actions",
                "{\"_label_cost\":1, ; line 1 is no JSON",
            })
    void whatIsNoSuchDecisionIsRefusedByItsLine(String text, String reason) {
        assertThatThrownBy(() -> plan("log.txt", text))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read log.txt: ")
                .hasMessageContaining(reason);
    }
}
