package io.hindcast.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.env.Environments;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Exploration with small networks in the easy maze, whose episodes have at most 50 steps. */
final class ExplorerTest {
    private static final String SMALL = """
            rnd {
              batch-size = 32
              distillation {
                predictor { hidden-layers = [32], activation = tanh, learning-rate = 1e-3 }
                target { hidden-layers = [32], activation = tanh, initialisation = normal }
              }
            }
            """;

    @Test
    void aLongerCollectionBeginsWithAShorterOne() {
        var few = collected("steps = 130");
        var many = collected("steps = 400");

        assertThat(few).hasSize(130);
        assertThat(many).hasSize(400);
        for (var i = 0; i < few.size(); i++) {
            // The last row says that the collection was cut there; all else is as it was.
            var flag = i < few.size() - 1 ? few.get(i).truncated() : many.get(i).truncated();
            assertThat(text(few.get(i), flag))
                    .isEqualTo(text(many.get(i), many.get(i).truncated()));
        }
    }

    @Test
    void theSeedDecidesEverything() {
        assertThat(texts(collected("steps = 120, seed = 3"))).isEqualTo(texts(collected("steps = 120, seed = 3")));
        assertThat(texts(collected("steps = 120, seed = 3"))).isNotEqualTo(texts(collected("steps = 120, seed = 4")));
    }

    @Test
    void theLastEpisodeIsCutWhereTheCountIsMetAndCountsAsTruncated() {
        var all = collected("steps = 120");

        var last = all.get(119);
        assertThat(last.step()).as("an episode has 50 steps at most").isLessThan(49);
        assertThat(last.truncated()).isTrue();
        assertThat(last.terminated()).isFalse();
        var flags =
                all.stream().filter(row -> row.truncated() || row.terminated()).count();
        assertThat(all.stream().map(Transition::episodeId).distinct().count()).isEqualTo(flags);
    }

    @Test
    void episodesAreCountedWhereNoStepsAre() {
        var ids = new HashSet<String>();
        collected("episodes = 3").forEach(row -> ids.add(row.episodeId()));

        assertThat(ids)
                .containsExactlyInAnyOrder(
                        "pointmass-easy-0-00000", "pointmass-easy-0-00001", "pointmass-easy-0-00002");
    }

    @Test
    void probabilitiesAreThoseOfTheGreedyActionAndTheOthers() {
        var rows = collected("steps = 300, rnd.epsilon = 0.3");

        var others = Math.log(0.3 / 5);
        var greedy = Math.log(0.3 / 5 + 1 - 0.3);
        assertThat(rows).allSatisfy(row -> assertThat(row.behaviourLogProb()).isIn(others, greedy));
        // 0.3 * 4/5 of 300 are expected, with a standard deviation of 7.4.
        assertThat(rows.stream().filter(row -> row.behaviourLogProb() == others).count())
                .isBetween(72L - 37, 72L + 37);
    }

    @Test
    void whatIsLoggedIsTheEnvironmentsOwnReward() {
        assertThat(collected("steps = 200"))
                .allSatisfy(row -> assertThat(row.reward()).isEqualTo(row.terminated() ? 0.0 : -1.0));
    }

    @Test
    void whatIsSeenIsNewNoMore() {
        var config = config("steps = 1500");
        try (var kernels = new Nd4jKernels()) {
            var explorer = config.explorerIn(Environments.named("pointmass-easy"), kernels);
            // In the middle of the first cells, and where walls keep everybody out.
            var places = new float[] {0.05f, 0.05f, 0.5f, 0.3f};
            var before = explorer.novelty(places);
            config.sequence(explorer).forEachRemaining(episode -> {});
            var after = explorer.novelty(places);

            assertThat(after[0]).isLessThan(before[0] / 10);
            assertThat(after[1] / before[1]).isGreaterThan(2 * after[0] / before[0]);
        }
    }

    @Test
    void theBonusTakesItFartherThanChance() {
        var chance = farthest(random("steps = 1500"));
        var bonus = farthest(collected("steps = 1500"));

        assertThat(bonus).isGreaterThan(chance);
    }

    @Test
    void aRandomAgentsStepsAreCountedToo() {
        var rows = random("steps = 60");

        assertThat(rows).hasSize(60);
        assertThat(rows.get(49).truncated()).isTrue();
        assertThat(rows.get(59).truncated()).isTrue();
    }

    @Test
    void continuousActionsAreRefused() {
        assertThatThrownBy(() -> config("steps = 10").check(Environments.named("pendulum")))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot collect in pendulum with behaviour rnd: its critic is for discrete actions;"
                        + " use behaviour random");
    }

    @Test
    void episodesAndStepsAreNotBothSet() {
        assertThatThrownBy(() -> config("episodes = 2, steps = 10"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "Cannot collect both episodes = 2 and steps = 10: one says when to end;" + " remove the other");
    }

    /** The longest way from the start that any row shows, in units of the world's extent. */
    private static double farthest(List<Transition> rows) {
        return rows.stream()
                .mapToDouble(row -> row.nextObservation()[0] + row.nextObservation()[1])
                .max()
                .orElse(0);
    }

    private static List<Transition> collected(String settings) {
        var config = config(settings);
        try (var kernels = new Nd4jKernels()) {
            return rows(config, config.explorerIn(Environments.named("pointmass-easy"), kernels));
        }
    }

    private static List<Transition> random(String settings) {
        var config = Settings.read(CollectConfig.class, ConfigFactory.parseString(settings), "collect");
        var environment = Environments.named("pointmass-easy");
        return rows(config, new Collector(environment, config.behaviourIn(environment), new Seeds(config.seed())));
    }

    private static List<Transition> rows(CollectConfig config, EpisodeSource source) {
        var rows = new ArrayList<Transition>();
        config.sequence(source).forEachRemaining(rows::addAll);
        return rows;
    }

    private static CollectConfig config(String settings) {
        return Settings.read(
                CollectConfig.class,
                ConfigFactory.parseString("behaviour = rnd, " + settings)
                        .withFallback(ConfigFactory.parseString(SMALL)),
                "collect");
    }

    private static List<String> texts(List<Transition> rows) {
        return rows.stream().map(row -> text(row, row.truncated())).toList();
    }

    private static String text(Transition row, boolean truncated) {
        return row.episodeId() + " " + row.step() + " " + row.observation()[0] + " " + row.observation()[1] + " "
                + ((Action.Index) row.action()).index() + " " + row.reward() + " " + row.nextObservation()[0] + " "
                + row.nextObservation()[1] + " " + row.terminated() + " " + truncated + " " + row.behaviourLogProb();
    }
}
