package io.hindcast.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TaskScoresTest {
    /** Means 2, 20 and 50. */
    private static final TaskScores THREE =
            TaskScores.of(new double[] {1, 3}, new double[] {10, 30}, new double[] {0, 100});

    @Test
    void meanAndMedianAreOfTheMeansOfTasks() {
        assertThat(THREE.mean()).isEqualTo(24);
        assertThat(THREE.median()).isEqualTo(20);
        // Of two tasks, 2 and 20, the median is in the middle.
        assertThat(TaskScores.of(new double[] {1, 3}, new double[] {10, 30}).median())
                .isEqualTo(11);
    }

    @Test
    void aTaskWithMoreRunsDoesNotCountMore() {
        var uneven = TaskScores.of(new double[] {0, 0, 0, 0}, new double[] {10});
        assertThat(uneven.mean()).isEqualTo(5);
        assertThat(uneven.shareAbove(5)).isEqualTo(0.5);
        assertThat(uneven.optimalityGap(10)).isEqualTo(5);
    }

    @Test
    void theInterquartileMeanIsOfTheRunsOfAllTasks() {
        // Of 0, 1, 3, 10, 30, 100 one goes at either end: 44 / 4.
        assertThat(THREE.interquartileMean()).isEqualTo(11);
        assertThat(TaskScores.of(new double[] {1, 2, 3}).interquartileMean()).isNaN();
    }

    @Test
    void whatIsBeyondTheOptimumDoesNotMakeUpForAGap() {
        // With 50 as optimum 49, 47 | 40, 20 | 50, 0 are missing: means 48, 30 and 25.
        assertThat(THREE.optimalityGap(50)).isCloseTo(103 / 3.0, within(1e-12));
        assertThat(TaskScores.of(new double[] {70, 60}).optimalityGap(50)).isZero();
    }

    @Test
    void aProfileCountsRunsThatScoreMore() {
        assertThat(THREE.shareAbove(-1)).isEqualTo(1);
        // A score that is equal is not more: 3, 10, 30 and 100 are.
        assertThat(THREE.shareAbove(1)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(THREE.shareAbove(100)).isZero();
    }

    @Test
    void tiesCountOneHalf() {
        var ours = TaskScores.of(new double[] {1, 2, 3});
        // 1 beats none, 2 ties one and beats one, 3 beats both: 0 + 1.5 + 2 of 6 pairs.
        assertThat(ours.improvementOver(TaskScores.of(new double[] {1.5, 2}))).isCloseTo(3.5 / 6, within(1e-12));
        assertThat(ours.improvementOver(ours)).isEqualTo(0.5);
    }

    @Test
    void theProbabilityOfImprovementIsTheMeanOverTasksWhateverTheirScales() {
        var ours = TaskScores.of(new double[] {1, 2}, new double[] {-5000});
        var theirs = TaskScores.of(new double[] {0}, new double[] {-4000, -6000, -3000, -2000});
        // All of two pairs in one, one of four in the other.
        assertThat(ours.improvementOver(theirs)).isEqualTo(0.625);
        assertThat(theirs.improvementOver(ours)).isEqualTo(0.375);
    }

    @Test
    void aResultWithoutRunsCannotBeCompared() {
        assertThatThrownBy(() -> TaskScores.of(new double[] {1}, new double[0]))
                .hasMessage("Cannot compare scores: there is no task, or one without a run");
        assertThatThrownBy(() -> THREE.improvementOver(TaskScores.of(new double[] {1})))
                .hasMessage("Cannot compare scores of 3 tasks with those of 1");
    }
}
