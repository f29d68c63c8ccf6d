package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.config.UserException;
import io.hindcast.report.Comparison.Out;
import io.hindcast.report.Comparison.Task;
import io.hindcast.report.ReportData.Source;
import io.hindcast.report.TrainedRun.Evaluation;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    @Test
    void resultsOfOneNameAreOneResultAndTheBestComesFirst() throws Exception {
        var json = json(Figure.SCORE, task("easy", of("a", 10, 20), of("b", 50, 70)), task("hard", of("b", 1, 3)));
        assertThat(json.at("/results/0/name").asText()).isEqualTo("b");
        assertThat(json.at("/results/0/tasks/easy/mean").asDouble()).isEqualTo(60);
        assertThat(json.at("/results/0/tasks/hard/per_seed").toString()).isEqualTo("[1.0,3.0]");
        // Runs 1, 3, 50, 70: one goes at either end. Means 60 and 2.
        assertThat(json.at("/results/0/overall/interquartile_mean/value").asDouble())
                .isEqualTo(26.5);
        assertThat(json.at("/results/0/overall/mean/value").asDouble()).isEqualTo(31);
        assertThat(json.at("/results/0/overall/optimality_gap/value").asDouble())
                .isEqualTo(69);
        // Two runs a task tell no interval.
        assertThat(json.at("/results/0/overall/mean/interval").toString()).isEqualTo("[null,null]");
        // The other is not in every task: its runs are shown, and nothing over tasks.
        assertThat(json.at("/results/1/name").asText()).isEqualTo("a");
        assertThat(json.at("/results/1/overall").isNull()).isTrue();
        assertThat(json.at("/results/1/tasks/hard").isNull()).isTrue();
        assertThat(json.at("/improvements").size()).isZero();
    }

    @Test
    void aProbabilityOfImprovementIsOfTheBetterOverTheWorse() throws Exception {
        var json = json(
                Figure.SCORE,
                task("easy", of("a", 1, 2, 3), of("b", 2, 2, 4)),
                task("hard", of("a", 5, 5, 5), of("b", 6, 7, 8)));
        // In easy 1 beats none of a's, 2 and 2 tie one and beat one, 4 beats three: (2 * 1.5 + 3) / 9 = 2/3; in hard
        // all.
        assertThat(json.at("/improvements/0/name").asText()).isEqualTo("b");
        assertThat(json.at("/improvements/0/over").asText()).isEqualTo("a");
        assertThat(json.at("/improvements/0/probability").asDouble()).isCloseTo(5 / 6.0, within(1e-12));
        assertThat(json.at("/improvements/0/interval/0").asDouble()).isBetween(0.5, 0.8);
        assertThat(json.at("/improvements/0/interval/1").asDouble()).isEqualTo(1);
        assertThat(json.at("/bootstrap/replicates").asInt()).isEqualTo(5_000);
    }

    @Test
    void aProfileFallsFromAllRunsToNone() throws Exception {
        var json = json(Figure.SCORE, task("easy", of("a", 0, 10, 20)), task("hard", of("a", 30, 30, 100)));
        assertThat(json.at("/results/0/profile/thresholds").size()).isEqualTo(101);
        assertThat(json.at("/results/0/profile/thresholds/0").asDouble()).isEqualTo(-1);
        assertThat(json.at("/results/0/profile/share/0").asDouble()).isEqualTo(1);
        assertThat(json.at("/results/0/profile/thresholds/100").asDouble()).isEqualTo(100);
        assertThat(json.at("/results/0/profile/share/100").asDouble()).isZero();
    }

    @Test
    void rawReturnsAreNotAggregatedOverTasks() throws Exception {
        var comparison = comparison(
                Figure.RETURN,
                task("easy", of("a", 1, 2, 3), of("b", 2, 2, 4)),
                task("hard", of("a", 500, 500, 500), of("b", 6, 7, 8)));
        assertThat(ComparePage.html(comparison))
                .contains(
                        "Raw returns are not averaged over tasks: their scales differ.",
                        "<h2>Probability of improvement</h2>",
                        "replicates of the stratified bootstrap")
                .doesNotContain("<h2>Performance profiles</h2>", "IQM");
        var json = new ObjectMapper().readTree(CompareJson.json(comparison));
        assertThat(json.at("/results/0/overall").isNull()).isTrue();
        // Of 2/3 and 0; the first is the one that wins more.
        assertThat(json.at("/improvements/0/name").asText()).isEqualTo("a");
        assertThat(json.at("/improvements/0/probability").asDouble()).isCloseTo(2 / 3.0, within(1e-12));
    }

    @Test
    void returnsOfOneTaskHaveProfilesAndNoOptimum() {
        assertThat(ComparePage.html(comparison(Figure.RETURN, task("easy", of("a", -50, -40, -30, -20)))))
                .contains("<h2>Performance profiles</h2>", "above −50.3: 100 %", "1 result in 1 task")
                .doesNotContain("ptimality gap");
    }

    @Test
    void resultsOfSeveralSubsetsAreToldApartAndSettingsThatDifferAreOfATask() {
        var page = ComparePage.html(comparison(
                Figure.SCORE,
                task("easy", runs("a", "all", "iql", Map.of("expectile", 0.7), 1, 2), of("b", 1, 2)),
                task(
                        "hard",
                        runs("a", "all", "iql", Map.of("expectile", 0.9), 3),
                        runs("b", "best", "iql", Map.of(), 3),
                        of("b", 1))));
        assertThat(page)
                .contains(
                        "<small>expectile 0.7 (easy)</small><small>expectile 0.9 (hard)</small>",
                        "b on all",
                        "b on best")
                .contains("Not evaluated in every task, and so left out below: b on best.");
    }

    @Test
    void whereNoResultIsInEveryTaskNothingIsSaidOverThem() {
        assertThat(ComparePage.html(comparison(Figure.SCORE, task("easy", of("a", 1)), task("hard", of("b", 2)))))
                .contains("No result was evaluated in every task, so nothing is said over all of them.")
                .doesNotContain("<svg");
    }

    @Test
    void directoriesOfOneTaskStandInOneColumn() throws Exception {
        var easy = new Task("easy", List.of(out("out/first", of("a", 1, 3)), out("out/second", of("b", 5))));
        assertThat(ComparePage.lines(comparison(Figure.SCORE, easy)))
                .containsExactly(
                        "name  learner  easy           IQM  mean  median  optimality gap",
                        "b     iql      5.00           -    5.00  5.00    95.0",
                        "a     iql      2.00 +/- 1.41  -    2.00  2.00    98.0",
                        "b improves on a with a probability of 1.00");
        assertThat(json(Figure.SCORE, easy).at("/tasks/0/outs/1/out").asText()).isEqualTo("out/second");
        assertThat(ComparePage.html(comparison(Figure.SCORE, easy)))
                .contains("easy<small>first</small><small>second</small>");
    }

    @Test
    void aNameThatSeveralDirectoriesOfATaskHaveIsToldApartByTheDirectoryInAllTasks() throws Exception {
        var easy = new Task("easy", List.of(out("easy/old", of("a", 1), of("b", 4)), out("easy/new", of("a", 3))));
        var hard = new Task("hard", List.of(out("hard/old", of("a", 5), of("b", 6)), out("hard/new", of("c", 7))));
        var json = json(Figure.SCORE, easy, hard);
        assertThat(json.at("/results").findValuesAsText("name")).containsExactly("b", "a (old)", "a (new)", "c");
        assertThat(json.at("/results/1/tasks/easy/mean").asDouble()).isEqualTo(1);
        assertThat(json.at("/results/1/tasks/hard/mean").asDouble()).isEqualTo(5);
        assertThat(json.at("/results/2/tasks/easy/mean").asDouble()).isEqualTo(3);
        assertThat(json.at("/results/2/tasks/hard").isNull()).isTrue();
    }

    @Test
    void oneNameIsOfOneLearner() {
        assertThatThrownBy(() -> comparison(
                        Figure.SCORE,
                        task("none", of("b", 1)),
                        task("easy", runs("a", "all", "iql", Map.of(), 1)),
                        task("hard", runs("a", "all", "awac", Map.of(), 1))))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot compare a: it is a run of iql in out/easy and of awac in out/hard; give runs of different"
                                + " learners different names (train.runs)");
    }

    @Test
    void thePageLinksToReportsAndNamesCannotBecomeMarkup() {
        var out = new Out(
                "<q>",
                "out/<i>",
                "../../b%20c/report/report.html",
                Result.of(of("<u>", 1, 2).toList()),
                List.of(new Source("runs", 1, 2, "f00d", "2026-01-02")));
        var task = new Task("<b>", List.of(out));
        assertThat(ComparePage.html(Comparison.of("<s>", Figure.SCORE, List.of(task), Map.of())))
                .contains("<a href=\"../../b%20c/report/report.html\">&lt;b&gt;</a>", "<code>f00d</code>")
                .doesNotContain("<b>", "<i>", "<u>", "<s>", "://", "NaN");
    }

    @Test
    void linesForATerminalHaveEveryResult() {
        assertThat(ComparePage.lines(comparison(
                        Figure.SCORE, task("easy", of("a", 10, 20), of("b", 50, 70)), task("hard", of("b", 1, 3)))))
                .containsExactly(
                        "name  learner  easy           hard           IQM   mean  median  optimality gap",
                        "b     iql      60.0 +/- 14.1  2.00 +/- 1.41  26.5  31.0  31.0    69.0",
                        "a     iql      15.0 +/- 7.1   -              -     -     -       -");
    }

    private static JsonNode json(Figure figure, Task... tasks) throws Exception {
        return new ObjectMapper().readTree(CompareJson.json(comparison(figure, tasks)));
    }

    private static Comparison comparison(Figure figure, Task... tasks) {
        return Comparison.of("Compared", figure, List.of(tasks), Map.of("hindcast", "0.1.0"));
    }

    @SafeVarargs
    private static Task task(String name, Stream<TrainedRun>... runs) {
        return new Task(name, List.of(out("out/" + name, runs)));
    }

    /** A directory that is told apart by its last folder. */
    @SafeVarargs
    private static Out out(String place, Stream<TrainedRun>... runs) {
        return new Out(
                place.substring(place.lastIndexOf('/') + 1),
                place,
                null,
                Result.of(Stream.of(runs).flatMap(some -> some).toList()),
                List.of());
    }

    private static Stream<TrainedRun> of(String name, double... scores) {
        return runs(name, "all", "iql", Map.of(), scores);
    }

    /** A run for each score, which is its return too. */
    private static Stream<TrainedRun> runs(
            String name, String subset, String learner, Map<String, Object> config, double... scores) {
        return IntStream.range(0, scores.length)
                .mapToObj(seed -> new TrainedRun(
                        name + seed,
                        name,
                        subset,
                        learner,
                        config,
                        Map.of(),
                        seed,
                        "finished",
                        null,
                        100,
                        Double.NaN,
                        OptionalLong.empty(),
                        List.of(new Evaluation(100, scores[seed], 1, Double.NaN, scores[seed])),
                        Map.of(),
                        List.of(),
                        List.of()));
    }
}
