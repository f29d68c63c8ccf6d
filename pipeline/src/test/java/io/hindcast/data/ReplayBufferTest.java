package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.data.ReplayBuffer.CutReturn;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplayBufferTest {
    private static final Spaces SPACES = new Spaces(1, new ActionSpace.Discrete(2));

    /** Two episodes: 0, 1, 2, 3 with rewards 1, 2, 4, 8 that terminates, then 10, 11 with rewards 16, 32 that is cut. */
    private static ReplayBuffer twoEpisodes() {
        return twoEpisodes(new double[0]);
    }

    private static ReplayBuffer twoEpisodes(double[] durations) {
        return twoEpisodes(RowLayout.of(SPACES), durations, Map.of());
    }

    private static ReplayBuffer twoEpisodes(RowLayout layout, double[] durations, Map<Field, float[]> optional) {
        var buffer = new ReplayBuffer(layout, 6);
        var columns = new ReplayBuffer.Columns(
                new float[] {0, 1, 2, 3, 10, 11},
                new float[0],
                new int[] {0, 1, 0, 1, 0, 1},
                new double[] {1, 2, 4, 8, 16, 32},
                new float[] {1, 2, 3, 4, 11, 12},
                new boolean[] {false, false, false, true, false, false},
                durations,
                optional);
        buffer.append(columns, 0, 4);
        buffer.endEpisode();
        buffer.append(columns, 4, 6);
        buffer.endEpisode();
        return buffer;
    }

    @Test
    void whatIsPossibleNextIsWhatTheNextRowOfTheEpisodeSaysAndEverythingWhereThereIsNone() {
        var buffer = masked();
        assertThat(possible(buffer, Field.ACTION_MASK)).containsExactly("TF", "FT", "TT", "TF", "FT", "TF");
        assertThat(possible(buffer, Field.NEXT_ACTION_MASK)).containsExactly("FT", "TT", "TF", "TT", "TF", "TT");
    }

    @Test
    void ofSeveralStepsInOneWhatIsPossibleIsThatOfTheStateWhoseValueCounts() {
        var buffer = masked();
        buffer.foldSteps(2, 0.5);
        assertThat(possible(buffer, Field.ACTION_MASK)).containsExactly("TF", "FT", "TT", "TF", "FT", "TF");
        assertThat(possible(buffer, Field.NEXT_ACTION_MASK)).containsExactly("TT", "TF", "TT", "TT", "TT", "TT");
    }

    @Test
    void theRowBehindACutSaysWhatIsPossibleThere() {
        var layout = RowLayout.of(SPACES).with(Set.of(Field.ACTION_MASK, Field.NEXT_ACTION_MASK));
        var buffer = new ReplayBuffer(layout, 1);
        var columns = new ReplayBuffer.Columns(
                new float[] {0, 1},
                new float[0],
                new int[] {0, 1},
                new double[2],
                new float[] {1, 2},
                new boolean[2],
                new double[0],
                Map.of(Field.ACTION_MASK, new float[] {1, 2}));
        buffer.append(columns, 0, 1);
        buffer.goOnWith(columns, 1);
        buffer.endEpisode();
        buffer.goOnWith(columns, 0); // the next episode, which has nothing to do with it
        assertThat(possible(buffer, Field.NEXT_ACTION_MASK)).containsExactly("FT");
    }

    @Test
    void theNextActionIsThatOfTheNextRowOfTheEpisodeAndUnknownWhereThereIsNone() {
        var layout = RowLayout.of(SPACES).with(Set.of(Field.NEXT_ACTION, Field.NEXT_ACTION_KNOWN));
        var buffer = twoEpisodes(layout, new double[0], Map.of());
        var batch = new Batch(layout, 6);
        buffer.read(0, batch);
        assertThat(batch.values(Field.NEXT_ACTION_KNOWN)).containsExactly(1, 1, 1, 0, 1, 0);
        assertThat(Float.floatToRawIntBits(batch.values(Field.NEXT_ACTION)[0])).isEqualTo(1);
        assertThat(Float.floatToRawIntBits(batch.values(Field.NEXT_ACTION)[1])).isZero();
        buffer.foldSteps(2, 0.5);
        buffer.read(0, batch);
        assertThat(batch.values(Field.NEXT_ACTION_KNOWN)).containsExactly(1, 1, 0, 0, 0, 0);
    }

    @Test
    void theReturnToGoIsOfRewardsMadeReadyDiscountedByTimeAndEndsWithTheEpisode() {
        var layout = RowLayout.of(SPACES).with(Set.of(Field.RETURN_TO_GO));
        var buffer = twoEpisodes(layout, new double[] {1, 2, 1, 1, 1, 1}, Map.of());
        var batch = new Batch(layout, 6);
        buffer.read(0, batch);
        assertThat(batch.values(Field.RETURN_TO_GO)).containsOnly(Float.NaN);
        new Transformation.Reward(2, 1).apply(buffer);
        buffer.sumUpAhead(0.5, CutReturn.KNOWN);
        buffer.foldSteps(2, 0.5);
        buffer.read(0, batch);
        // 3, 5, 9 and 17, of which 5 takes a time of 2; then 33 and 65.
        assertThat(batch.values(Field.RETURN_TO_GO))
                .containsExactly(3 + 0.5f * 9.375f, 5 + 0.25f * 17.5f, 9 + 0.5f * 17, 17, 33 + 0.5f * 65, 65);
    }

    /** The first episode is cut behind a reward of 1, the second ends; discount 1/2. */
    @Test
    void theReturnToGoOfAnEpisodeThatWasCutIsContinuedOrKnownOrNot() {
        var layout = RowLayout.of(SPACES).with(Set.of(Field.RETURN_TO_GO));
        for (var cut : CutReturn.values()) {
            var buffer = new ReplayBuffer(layout, 4);
            for (var reward : new double[] {3, 1, 2, 4}) {
                var flag = reward == 4 ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP;
                buffer.append(
                        new float[SPACES.observationSize()],
                        new Action.Index(0),
                        reward,
                        new float[SPACES.observationSize()],
                        flag);
                if (reward == 1) {
                    buffer.endEpisode();
                }
            }
            buffer.sumUpAhead(0.5, cut);
            var batch = new Batch(layout, 4);
            buffer.read(0, batch);
            // Continued, 1 / (1 - 1/2) = 2 comes after the 1.
            assertThat(batch.values(Field.RETURN_TO_GO))
                    .as(cut.name())
                    .containsExactly(
                            switch (cut) {
                                case CONTINUED -> new float[] {4, 2, 4, 4};
                                case KNOWN -> new float[] {3.5f, 1, 4, 4};
                                case UNKNOWN -> new float[] {Float.NaN, Float.NaN, 4, 4};
                            });
        }
    }

    @Test
    void aBatchWithMasksTakesEverythingAsPossibleFromRowsThatHaveNone() {
        var batch = new Batch(RowLayout.of(SPACES).with(Set.of(Field.ACTION_MASK)), 6);
        batch.setPossible(Field.ACTION_MASK, 2, new boolean[] {false, true});
        assertThat(batch.possible(Field.ACTION_MASK)).isNotNull();
        twoEpisodes().read(0, batch);
        assertThat(batch.possible(Field.ACTION_MASK)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 23, 24, 25, 48, 100})
    void masksOfAnyNumberOfActionsComeBackAsTheyWere(int count) {
        var layout =
                RowLayout.of(new Spaces(1, new ActionSpace.Discrete(count))).with(Set.of(Field.ACTION_MASK));
        var batch = new Batch(layout, 2);
        var random = new SplittableRandom(count);
        var flags = new boolean[2 * count];
        for (var k = 0; k < flags.length; k++) {
            flags[k] = random.nextInt(3) > 0;
        }
        flags[0] = false;
        batch.setPossible(Field.ACTION_MASK, 0, Arrays.copyOf(flags, count));
        batch.setPossible(Field.ACTION_MASK, 1, Arrays.copyOfRange(flags, count, 2 * count));
        assertThat(batch.possible(Field.ACTION_MASK)).isEqualTo(flags);
    }

    @Test
    void masksAreOfDiscreteActionsOnly() {
        var layout = RowLayout.of(new Spaces(1, new ActionSpace.Continuous(1, -1, 1)));
        assertThatThrownBy(() -> layout.with(Set.of(Field.ACTION_MASK)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Cannot lay out rows of");
        assertThatThrownBy(() -> layout.offset(Field.NEXT_ACTION))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot find NEXT_ACTION in a row: it has [] only");
    }

    /** Two episodes; of two actions both are possible, or one. */
    private static ReplayBuffer masked() {
        var layout = RowLayout.of(SPACES).with(Set.of(Field.ACTION_MASK, Field.NEXT_ACTION_MASK));
        return twoEpisodes(layout, new double[0], Map.of(Field.ACTION_MASK, new float[] {1, 2, 3, 1, 2, 1}));
    }

    private static List<String> possible(ReplayBuffer buffer, Field mask) {
        var batch = new Batch(buffer.layout(), buffer.size());
        buffer.read(0, batch);
        var flags = Objects.requireNonNull(batch.possible(mask));
        return IntStream.range(0, batch.size())
                .mapToObj(b -> (flags[2 * b] ? "T" : "F") + (flags[2 * b + 1] ? "T" : "F"))
                .toList();
    }

    @Test
    void threeStepsAreFoldedIntoOneAndAWindowNeverCrossesAnEpisodesEnd() {
        var buffer = twoEpisodes();
        buffer.foldSteps(3, 0.5);
        assertThat(row(buffer, 0)).containsExactly(1 + 1 + 1, 3, 0, 3);
        assertThat(row(buffer, 1)).containsExactly(2 + 2 + 2, 4, 1, 3);
        assertThat(row(buffer, 2)).containsExactly(4 + 4, 4, 1, 2);
        assertThat(row(buffer, 3)).containsExactly(8, 4, 1, 1);
        assertThat(row(buffer, 10)).containsExactly(16 + 16, 12, 0, 2);
        assertThat(row(buffer, 11)).containsExactly(32, 12, 0, 1);
    }

    @Test
    void oneStepIsWhatWasAppended() {
        var buffer = twoEpisodes();
        buffer.foldSteps(1, 0.5);
        assertThat(row(buffer, 2)).containsExactly(4, 3, 0, 1);
    }

    @Test
    void theRangeOfValuesIsOfSingleRewardsOverTheHorizon() {
        var buffer = twoEpisodes();
        buffer.foldSteps(3, 0.5);
        assertThat(buffer.valueRange(0.5)).isEqualTo(new ReplayBuffer.Range(1, 64));
        // Where nothing is discounted ten thousand steps are as many as any.
        assertThat(twoEpisodes().valueRange(1)).isEqualTo(new ReplayBuffer.Range(1, 320_000));
    }

    @Test
    void rewardsAreChangedBeforeStepsAreFolded() {
        var buffer = twoEpisodes();
        new Transformation.Reward(10, -5).apply(buffer);
        assertThat(row(buffer, 1)).containsExactly(15, 2, 0, 1);
        assertThat(buffer.valueRange(0.5)).isEqualTo(new ReplayBuffer.Range(5, 2 * 315));
        buffer.foldSteps(2, 0.5);
        assertThat(row(buffer, 1)).containsExactly(15 + 17.5f, 3, 0, 2);
    }

    @Test
    void aStepThatTakesLongerIsDiscountedByItsTime() {
        var buffer = twoEpisodes(new double[] {2, 1, 0.5, 1, 1, 3});
        // 1, then 2 after two units of time, then 4 after three of them; the next value is three and a half away.
        buffer.foldSteps(3, 0.5);
        assertThat(row(buffer, 0)).containsExactly(1 + 2 * 0.25f + 4 * 0.125f, 3, 0, 3.5f);
        assertThat(row(buffer, 10)).containsExactly(16 + 32 * 0.5f, 12, 0, 4);
        var horizon = 1 / (1 - Math.sqrt(0.5));
        assertThat(buffer.valueRange(0.5)).isEqualTo(new ReplayBuffer.Range(1, 32 * horizon));
    }

    @Test
    void observationsAreStandardisedAndActionsClipped() {
        var space = new ActionSpace.Continuous(2, -2, 2);
        var buffer = new ReplayBuffer(new Spaces(2, space), 2);
        for (var row = 0; row < 2; row++) {
            buffer.append(
                    new float[] {row, 7},
                    new Action.Vector(new float[] {2, 1}),
                    0,
                    new float[] {row + 1, 7},
                    TerminalFlag.KEEPS_BOOTSTRAP);
        }
        new Transformation.Standardise(new Scaler(List.of(0.5, 7.0), List.of(0.25, 0.0), 0.25)).apply(buffer);
        new Transformation.ClipActions(0.25).apply(buffer);
        var batch = new Batch(buffer.spaces(), 2);
        buffer.read(0, batch);
        assertThat(batch.observations()).containsExactly(-1, 0, 1, 0);
        assertThat(batch.nextObservations()).containsExactly(1, 0, 3, 0);
        assertThat(batch.actions()).containsExactly(0.75f, 0.5f, 0.75f, 0.5f);
    }

    @Test
    void datasetsAreDrawnByWeightAndTheirRowsAlike() {
        // 10 rows of weight 3 and 90 of weight 1: three quarters of the draws are of the ten.
        var buffer = new ReplayBuffer(SPACES, 100);
        for (var t = 0; t < 100; t++) {
            append(buffer, t, t, TerminalFlag.KEEPS_BOOTSTRAP);
        }
        buffer.mix(List.of(10, 100), List.of(3.0, 1.0));
        var batch = new Batch(SPACES, 40_000);
        buffer.sample(new SplittableRandom(1), batch);
        var counts = new int[100];
        for (var observation : batch.observations()) {
            counts[(int) observation]++;
        }
        // Standard deviations are 87 of 30,000 draws, 54 of the 3,000 of a row, 10.5 of the 111: five of each are
        // allowed.
        assertThat(Arrays.stream(counts, 0, 10).sum()).isBetween(29_567, 30_433);
        assertThat(Arrays.stream(counts, 0, 10)).allMatch(count -> Math.abs(count - 3_000) < 270);
        assertThat(Arrays.stream(counts, 10, 100)).allMatch(count -> Math.abs(count - 111) < 53);
        var again = new Batch(SPACES, 40_000);
        buffer.sample(new SplittableRandom(1), again);
        assertThat(again.observations()).isEqualTo(batch.observations());
    }

    @Test
    void twoThreadsDrawFromOneBufferWhatEachWouldDrawAlone() throws Exception {
        var buffer = new ReplayBuffer(SPACES, 50_000);
        for (var t = 0; t < 50_000; t++) {
            append(buffer, t, t, TerminalFlag.KEEPS_BOOTSTRAP);
        }
        var threads = Executors.newFixedThreadPool(2);
        try {
            var first = threads.submit(() -> wrongRows(buffer, 1));
            var second = threads.submit(() -> wrongRows(buffer, 2));
            assertThat(first.get()).isZero();
            assertThat(second.get()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void columnsAreAppendedAsTheirRowsWouldBeOneByOne() {
        var buffer = new ReplayBuffer(SPACES, 3);
        var columns = new ReplayBuffer.Columns(
                new float[] {0, 1, 2, 3, 4},
                new float[0],
                new int[] {0, 1, 0, 1, 0},
                new double[] {1, 2, 4, 8, 16},
                new float[] {1, 2, 3, 4, 5},
                new boolean[] {false, false, false, true, false},
                new double[0],
                Map.of());
        buffer.append(columns, 1, 4);
        buffer.endEpisode();
        assertThat(buffer.size()).isEqualTo(3);
        assertThat(row(buffer, 1)).containsExactly(2, 2, 0, 1);
        assertThat(row(buffer, 3)).containsExactly(8, 4, 1, 1);
        assertThat(buffer.valueRange(0.5)).isEqualTo(new ReplayBuffer.Range(2, 16));
        assertThatThrownBy(() -> buffer.append(columns, 0, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Cannot append to a replay buffer of 3: it is full");
    }

    @Test
    void aMappedBufferDrawsWhatOneOnTheHeapDrawsAndLeavesNoFile(@TempDir Path folder) throws IOException {
        var spaces = new Spaces(2, new ActionSpace.Continuous(1, -1, 1));
        // Three chunks, the last one not full; windows of steps reach from one into the next.
        var rows = 70_001;
        var heap = new ReplayBuffer(spaces, rows);
        try (var mapped = ReplayBuffer.mapped(RowLayout.of(spaces), rows, folder)) {
            for (var buffer : List.of(heap, mapped)) {
                var random = new SplittableRandom(5);
                for (var t = 0; t < rows; t++) {
                    buffer.append(
                            new float[] {t, random.nextFloat()},
                            new Action.Vector(new float[] {random.nextFloat()}),
                            random.nextDouble(),
                            new float[] {t + 1, random.nextFloat()},
                            t % 1000 == 999 ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP);
                }
                buffer.endEpisode();
                new Transformation.Reward(2, -1).apply(buffer);
                new Transformation.Standardise(new Scaler(List.of(3.0, 0.5), List.of(2.0, 0.1), 0)).apply(buffer);
                buffer.foldSteps(5, 0.9);
                buffer.seal();
            }
            try (var files = Files.list(folder)) {
                assertThat(files).isEmpty();
            }
            assertThat(mapped.valueRange(0.9)).isEqualTo(heap.valueRange(0.9));
            var ofHeap = new Batch(spaces, 5_000);
            var ofFile = new Batch(spaces, 5_000);
            heap.sample(new SplittableRandom(1), ofHeap);
            mapped.sample(new SplittableRandom(1), ofFile);
            assertThat(ofFile.observations()).isEqualTo(ofHeap.observations());
            assertThat(ofFile.actions()).isEqualTo(ofHeap.actions());
            assertThat(ofFile.rewards()).isEqualTo(ofHeap.rewards());
            assertThat(ofFile.nextObservations()).isEqualTo(ofHeap.nextObservations());
            assertThat(ofFile.stopsBootstrap()).isEqualTo(ofHeap.stopsBootstrap());
            assertThat(ofFile.steps()).isEqualTo(ofHeap.steps());
        }
        assertThat(ReplayBuffer.bytes(RowLayout.of(spaces), rows)).isEqualTo(70_001 * 4 * (2 + 1 + 1 + 2 + 1 + 1));
    }

    /** Rows of many batches that are not the ones the generator stands for. */
    private static int wrongRows(ReplayBuffer buffer, long seed) {
        var random = new SplittableRandom(seed);
        var same = new SplittableRandom(seed);
        var batch = new Batch(SPACES, 256);
        var wrong = 0;
        for (var draws = 0; draws < 2_000; draws++) {
            buffer.sample(random, batch);
            for (var b = 0; b < batch.size(); b++) {
                if (batch.observations()[b] != same.nextInt(buffer.size())) {
                    wrong++;
                }
            }
        }
        return wrong;
    }

    private static void append(ReplayBuffer buffer, int state, double reward, TerminalFlag flag) {
        buffer.append(new float[] {state}, new Action.Index(0), reward, new float[] {state + 1}, flag);
    }

    /** Reward, next observation, terminated and steps of the row whose observation is {@code state}. */
    private static float[] row(ReplayBuffer buffer, int state) {
        var batch = new Batch(SPACES, 1);
        var random = new SplittableRandom(1);
        do {
            buffer.sample(random, batch);
        } while (batch.observations()[0] != state);
        return new float[] {batch.rewards()[0], batch.nextObservations()[0], batch.stopsBootstrap()[0], batch.steps()[0]
        };
    }
}
