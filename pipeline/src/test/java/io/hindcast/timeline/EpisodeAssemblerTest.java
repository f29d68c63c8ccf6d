package io.hindcast.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Transition;
import io.hindcast.source.Format;
import io.hindcast.timeline.EpisodeRules.ActionConvention;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.FinalRow;
import io.hindcast.timeline.EpisodeRules.OnBreak;
import io.hindcast.timeline.EpisodeRules.OutOfBounds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpisodeAssemblerTest {
    private static final String FREE = "";
    private static final String TERMINATED = "terminated";
    private static final String TRUNCATED = "truncated";

    @Test
    void anActionTakenHereIsFollowedByTheNextRow() {
        var transitions = taken(FinalRow.DROP, row(0, 10, FREE), row(1, 11, FREE), row(2, 12, FREE));

        assertThat(transitions).extracting(EpisodeAssemblerTest::text).containsExactly("0 -10-> 1", "1 -11-> 2");
    }

    @Test
    void anActionThatLedHereBelongsToTheRowBefore() {
        var rules = rules(EpisodePer.FILE, ActionConvention.LED_HERE, FinalRow.DROP);
        var nothingLedToTheFirst = new LoggedRow(
                null,
                null,
                null,
                new float[] {0},
                new float[] {Float.NaN},
                null,
                Double.NaN,
                null,
                false,
                false,
                null,
                null,
                null,
                null,
                null,
                "a.npz",
                0);

        var transitions = only(rules, List.of(nothingLedToTheFirst, row(1, 11, FREE), row(2, 12, TERMINATED)))
                .transitions();

        assertThat(transitions)
                .extracting(EpisodeAssemblerTest::text)
                .containsExactly("0 -11-> 1", "1 -12-> 2 terminated");
    }

    @Test
    void aTerminatedLastRowNeedsNoSuccessor() {
        assertThat(taken(FinalRow.DROP, row(0, 10, FREE), row(1, 11, TERMINATED)))
                .extracting(EpisodeAssemblerTest::text)
                .containsExactly("0 -10-> 1", "1 -11-> 1 terminated");
    }

    @Test
    void aTruncatedLastRowHasNoSuccessorSoTheOneBeforeIsTruncated() {
        assertThat(taken(FinalRow.TERMINATED, row(0, 10, FREE), row(1, 11, FREE), row(2, 12, TRUNCATED)))
                .extracting(EpisodeAssemblerTest::text)
                .containsExactly("0 -10-> 1", "1 -11-> 2 truncated");
    }

    @Test
    void aLastRowTerminatesOnlyIfThatIsDeclared() {
        assertThat(taken(FinalRow.TERMINATED, row(0, 10, FREE), row(1, 11, FREE)))
                .extracting(EpisodeAssemblerTest::text)
                .containsExactly("0 -10-> 1", "1 -11-> 1 terminated");
    }

    @Test
    void anEpisodeOfOneRowWithoutSuccessorIsEmptyNotWrong() {
        var assembled =
                only(rules(EpisodePer.FILE, ActionConvention.TAKEN_HERE, FinalRow.DROP), List.of(row(0, 10, FREE)));

        assertThat(assembled.transitions()).isEmpty();
        assertThat(assembled.quarantined()).isEmpty();
    }

    @Test
    void aFlagEndsAnEpisodeAndAFileDoesToo() {
        var rules = rules(EpisodePer.DONE, ActionConvention.TAKEN_HERE, FinalRow.DROP);
        var rows = List.of(row(0, 0, TERMINATED), row(1, 0, FREE), row(2, 0, TERMINATED), row("b.npz", 3, TERMINATED));

        assertThat(assemble(rules, rows).stream().flatMap(episode -> episode.transitions().stream()))
                .extracting(Transition::episodeId)
                .containsExactly("a/000000000", "a/000000001", "a/000000001", "b/000000000");
    }

    @Test
    void everyRowMayBeAnEpisode() {
        var rules = rules(EpisodePer.ROW, ActionConvention.TAKEN_HERE, FinalRow.DROP);

        var episodes = assemble(rules, List.of(row(0, 10, FREE), row(1, 11, FREE)));

        assertThat(episodes.stream().flatMap(episode -> episode.transitions().stream()))
                .extracting(transition -> transition.episodeId() + ": " + text(transition))
                .containsExactly("a/000000: 0 -10-> 0 terminated", "a/000001: 1 -11-> 1 terminated");
    }

    @Test
    void oneBrokenRowQuarantinesItsWholeEpisode() {
        var rules = rules(EpisodePer.FILE, ActionConvention.TAKEN_HERE, FinalRow.DROP);
        var rows = List.of(
                row("a.npz", 0, FREE),
                row("a.npz", Float.NaN, FREE),
                row("a.npz", 2, FREE),
                row("b.npz", 0, TERMINATED));

        var episodes = assemble(rules, rows);

        assertThat(episodes).hasSize(2);
        assertThat(fault(episodes.get(0))).isEqualTo("observation is missing or not finite");
        assertThat(episodes.get(0).rows()).isEqualTo(3);
        assertThat(episodes.get(0).transitions()).isEmpty();
        assertThat(episodes.get(1).transitions()).hasSize(1);
    }

    @Test
    void everyBreachOfTheContractHasItsName() {
        assertThat(fault(with(row(0, 1, FREE), new float[] {0, 0}))).isEqualTo("observation has 2 numbers, not 1");
        assertThat(fault(row(0, 20.5f, FREE))).isEqualTo("action is outside [-20.0, 20.0]");
        assertThat(fault(row(0, Float.POSITIVE_INFINITY, FREE))).isEqualTo("action is missing or not finite");
        assertThat(fault(decision(Double.NaN, 1, 0.5))).isEqualTo("reward is missing or not finite");
        assertThat(fault(decision(1, 1, 0.0))).isEqualTo("propensity is missing or outside (0, 1]");
        assertThat(fault(decision(1, 1, 1.5))).isEqualTo("propensity is missing or outside (0, 1]");
        assertThat(indexFault(3))
                .isEqualTo("action-index is not one of 0 to 2; if the log numbers its actions from 1, give"
                        + " columns.action-index = \"category:NAME\", which numbers them from the start");
        assertThat(indexFault(4)).isEqualTo("action-index is not one of 0 to 2");
        assertThat(indexFault(-1)).isEqualTo("action-index is not one of 0 to 2");
        assertThat(indexFault(0.5)).isEqualTo("action-index is not one of 0 to 2");
        assertThat(indexFault(Double.NaN)).isEqualTo("action-index is missing");
        assertThat(indexFault(2)).isNull();
    }

    @Test
    void aHoleInTheStepsAndRowsAfterTheEndAreFaults() {
        var rules = rules(EpisodePer.COLUMN, ActionConvention.TAKEN_HERE, FinalRow.DROP);

        assertThat(fault(only(rules, List.of(step(0, FREE), step(2, FREE))))).isEqualTo("step 2 does not follow 0");
        assertThat(fault(only(rules, List.of(step(0, TERMINATED), step(1, FREE)))))
                .isEqualTo("the episode goes on after its end");
        assertThat(only(rules, List.of(step(5, FREE), step(6, TERMINATED))).transitions())
                .extracting(Transition::step)
                .containsExactly(0L, 1L);
    }

    @Test
    void rowsThatOnlyRepeatAnotherAreDropped() {
        var rules = rules(EpisodePer.COLUMN, ActionConvention.TAKEN_HERE, FinalRow.DROP);

        var assembled = only(rules, List.of(step(0, FREE), step(0, FREE), step(1, FREE), step(1, FREE), step(2, FREE)));

        assertThat(assembled.transitions())
                .extracting(EpisodeAssemblerTest::text)
                .containsExactly("0 -0-> 1", "1 -0-> 2");
        assertThat(assembled.duplicates()).isEqualTo(2);
        assertThat(assembled.rows()).isEqualTo(5);
    }

    @Test
    void rowsThatContradictEachOtherQuarantineTheEpisode() {
        var rules = rules(EpisodePer.COLUMN, ActionConvention.TAKEN_HERE, FinalRow.DROP);

        var assembled = only(rules, List.of(step(0, FREE), step(1, FREE), step(1, TERMINATED)));

        assertThat(assembled.transitions()).isEmpty();
        assertThat(assembled.quarantined())
                .extracting(row -> row.reason() + ": " + row.detail())
                .containsExactly(
                        "contradictory-duplicate: step 1 appears twice, with different values",
                        "companion: row 1 of a.npz: step 1 appears twice, with different values",
                        "companion: row 1 of a.npz: step 1 appears twice, with different values");
    }

    @Test
    void anEpisodeMayBeSplitWhereItBreaks() {
        var rules = splitting(Double.POSITIVE_INFINITY, null);

        var episodes = assemble(
                rules,
                List.of(
                        step(0, FREE),
                        step(1, FREE),
                        step(3, FREE),
                        step(4, TERMINATED),
                        step(5, FREE),
                        step(6, FREE)));

        assertThat(episodes.stream().flatMap(episode -> episode.transitions().stream()))
                .extracting(transition -> transition.episodeId() + ": " + text(transition))
                .containsExactly("e: 0 -0-> 1", "e/2: 3 -0-> 4", "e/2: 4 -0-> 4 terminated", "e/3: 5 -0-> 6");
        assertThat(episodes).extracting(Assembled::broken).containsExactly(false, true, true);
        assertThat(episodes).extracting(Assembled::trajectory).containsExactly(null, "e", "e");
    }

    @Test
    void aJumpOfTheStateIsABreak() {
        var rules = splitting(Double.POSITIVE_INFINITY, new EpisodeRules.Jump(List.of(0), 2));

        var episodes = assemble(rules, List.of(at(0, 0), at(1, 2), at(2, 4.5f), at(3, 5))); // 2 is not beyond 2, 2.5 is

        assertThat(episodes.stream().flatMap(episode -> episode.transitions().stream()))
                .extracting(transition -> transition.episodeId() + ": " + text(transition))
                .containsExactly("e: 0 -0-> 2", "e/2: 4.5 -0-> 5");
    }

    @Test
    void timesGiveTheOrderTheDeltasAndTheGaps() {
        var rules = splitting(10, null);

        var episodes =
                assemble(rules, List.of(time(100, 1), time(102.5, 2), time(112.5, 3), time(123, 4), time(124, 5)));

        assertThat(episodes.stream().flatMap(episode -> episode.transitions().stream()))
                .extracting(transition ->
                        transition.episodeId() + ": " + text(transition) + " after " + transition.timeDelta())
                .containsExactly("e: 1 -0-> 2 after 2.5", "e: 2 -0-> 3 after 10.0", "e/2: 4 -0-> 5 after 1.0");
    }

    @Test
    void anEpisodeThatTheDatasetHasIsQuarantined() {
        var rules = rules(EpisodePer.COLUMN, ActionConvention.TAKEN_HERE, FinalRow.DROP);
        var assembler = new EpisodeAssembler(
                rules, List.of(step(0, FREE), step(1, FREE)).iterator(), id -> id.equals("e"));

        assertThat(assembler.next().quarantined())
                .extracting(row -> row.reason().toString())
                .containsExactly("already-ingested", "already-ingested");
    }

    @Test
    void aRowSurvivesTheWayThroughBytes() {
        var row = new LoggedRow(
                "e",
                1.0,
                null,
                new float[] {1, Float.NEGATIVE_INFINITY},
                null,
                2.0,
                -0.5,
                new float[] {3, 4},
                true,
                false,
                0.25,
                null,
                new boolean[] {true, false, true},
                7.5,
                "größe",
                "a.npz",
                12);

        var back = LoggedRowBytes.row("e", "a.npz", 12, LoggedRowBytes.of(row, "e"));

        assertThat(back).usingRecursiveComparison().isEqualTo(row);
    }

    @Test
    void clippingKeepsActionsWithinTheirBounds() {
        var rules = new EpisodeRules(
                EpisodePer.FILE,
                ActionConvention.TAKEN_HERE,
                FinalRow.TERMINATED,
                OutOfBounds.CLIP,
                OnBreak.QUARANTINE,
                Double.POSITIVE_INFINITY,
                null,
                new ActionSpace.Continuous(1, -1, 1),
                1,
                Format.NPZ);

        assertThat(only(rules, List.of(row(0, 3.2f, FREE), row(1, -0.5f, FREE))).transitions())
                .extracting(EpisodeAssemblerTest::text)
                .containsExactly("0 -1-> 1", "1 --0.5-> 1 terminated");
    }

    @Test
    void propensitiesBecomeLogarithms() {
        var rules = rules(EpisodePer.ROW, ActionConvention.TAKEN_HERE, FinalRow.DROP);

        assertThat(only(rules, List.of(decision(1, 1, 0.25)))
                        .transitions()
                        .get(0)
                        .behaviourLogProb())
                .isEqualTo(Math.log(0.25));
    }

    @Test
    void whereATallyIsCutDoesNotMatter() {
        var rules = rules(EpisodePer.ROW, ActionConvention.TAKEN_HERE, FinalRow.DROP);
        var episodes =
                assemble(rules, List.of(row(0, 1, FREE), row(1, 99, FREE), row(Float.NaN, 1, FREE), row(3, 99, FREE)));
        for (var cut = 0; cut <= 4; cut++) {
            var left = new IngestTally();
            var right = new IngestTally();
            episodes.subList(0, cut).forEach(left::add);
            episodes.subList(cut, 4).forEach(right::add);

            var tally = right.merge(left);

            assertThat(tally.rows()).isEqualTo(4);
            assertThat(tally.transitions()).isEqualTo(1);
            assertThat(tally.quarantinedRows()).isEqualTo(3);
            assertThat(tally.problems())
                    .containsExactly(
                            "action is outside [-20.0, 20.0]: 2 rows of 2 episodes left out, first a.npz row 1",
                            "observation is missing or not finite: 1 rows of 1 episodes left out, first a.npz row 0");
        }
    }

    private static List<Transition> taken(FinalRow finalRow, LoggedRow... rows) {
        return only(rules(EpisodePer.FILE, ActionConvention.TAKEN_HERE, finalRow), List.of(rows))
                .transitions();
    }

    private static String fault(LoggedRow row) {
        return fault(only(rules(EpisodePer.FILE, ActionConvention.TAKEN_HERE, FinalRow.DROP), List.of(row)));
    }

    private static String fault(Assembled assembled) {
        return assembled.quarantined().isEmpty()
                ? null
                : assembled.quarantined().get(0).detail();
    }

    private static String indexFault(double index) {
        var rules = new EpisodeRules(
                EpisodePer.ROW,
                ActionConvention.TAKEN_HERE,
                FinalRow.DROP,
                OutOfBounds.QUARANTINE,
                OnBreak.QUARANTINE,
                Double.POSITIVE_INFINITY,
                null,
                new ActionSpace.Discrete(3),
                1,
                Format.CSV);
        var row = new LoggedRow(
                null,
                null,
                null,
                new float[1],
                null,
                index,
                0,
                null,
                false,
                false,
                null,
                null,
                null,
                null,
                null,
                "a.csv",
                0);
        return fault(only(rules, List.of(row)));
    }

    private static EpisodeRules rules(EpisodePer per, ActionConvention convention, FinalRow finalRow) {
        return new EpisodeRules(
                per,
                convention,
                finalRow,
                OutOfBounds.QUARANTINE,
                OnBreak.QUARANTINE,
                Double.POSITIVE_INFINITY,
                null,
                new ActionSpace.Continuous(1, -20, 20),
                1,
                Format.NPZ);
    }

    private static EpisodeRules splitting(double maxGap, EpisodeRules.Jump jump) {
        return new EpisodeRules(
                EpisodePer.COLUMN,
                ActionConvention.TAKEN_HERE,
                FinalRow.DROP,
                OutOfBounds.QUARANTINE,
                OnBreak.SPLIT,
                maxGap,
                jump,
                new ActionSpace.Continuous(1, -20, 20),
                1,
                Format.NPZ);
    }

    private static Assembled only(EpisodeRules rules, List<LoggedRow> rows) {
        var episodes = assemble(rules, rows);
        assertThat(episodes).hasSize(1);
        return episodes.get(0);
    }

    private static List<Assembled> assemble(EpisodeRules rules, List<LoggedRow> rows) {
        var episodes = new ArrayList<Assembled>();
        new EpisodeAssembler(rules, rows.iterator(), id -> false).forEachRemaining(episodes::add);
        return episodes;
    }

    private static LoggedRow row(float observation, float action, String flag) {
        return row(
                "a.npz", null, observation, action, flag, 0, null, Float.isNaN(observation) ? 0 : (long) observation);
    }

    private static LoggedRow row(String file, float observation, String flag) {
        return row(file, null, observation, 0, flag, 0, null, 0);
    }

    private static LoggedRow step(double step, String flag) {
        return row("a.npz", step, (float) step, 0, flag, 0, null, (long) step);
    }

    private static LoggedRow at(double step, float observation) {
        return row("a.npz", step, observation, 0, FREE, 0, null, (long) step);
    }

    /** A row whose reward is its observation. */
    private static LoggedRow time(double time, float observation) {
        return new LoggedRow(
                "e",
                null,
                time,
                new float[] {observation},
                new float[] {0},
                null,
                observation,
                null,
                false,
                false,
                null,
                null,
                null,
                null,
                null,
                "a.npz",
                (long) time);
    }

    private static LoggedRow decision(double reward, float action, double probability) {
        return row("a.npz", null, 0, action, FREE, reward, probability, 0);
    }

    private static LoggedRow row(
            String file,
            Double step,
            float observation,
            float action,
            String flag,
            double reward,
            Double probability,
            long row) {
        return new LoggedRow(
                "e",
                step,
                null,
                new float[] {observation},
                new float[] {action},
                null,
                reward,
                null,
                flag.equals(TERMINATED),
                flag.equals(TRUNCATED),
                probability,
                null,
                null,
                null,
                null,
                file,
                row);
    }

    private static LoggedRow with(LoggedRow row, float[] observation) {
        return new LoggedRow(
                null,
                null,
                null,
                observation,
                row.action(),
                null,
                0,
                null,
                false,
                false,
                null,
                null,
                null,
                null,
                null,
                row.file(),
                0);
    }

    /** {@code 0 -10-> 1 terminated}: observation, action, next observation, flags. */
    private static String text(Transition transition) {
        var action = ((Action.Vector) transition.action()).values()[0];
        return number(transition.observation()[0]) + " -" + number(action) + "-> "
                + number(transition.nextObservation()[0])
                + (transition.terminated() ? " terminated" : "")
                + (transition.truncated() ? " truncated" : "");
    }

    private static String number(float value) {
        return value == (int) value ? String.valueOf((int) value) : String.valueOf(value);
    }
}
