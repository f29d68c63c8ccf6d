package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.learn.LearnerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardBonusTest {
    /** Actions in [-2, 2]: a density is half of what it is within [-1, 1]. */
    private static final Spaces SPACES = new Spaces(1, new ActionSpace.Continuous(1, -2, 2));

    @TempDir
    Path folder;

    @Test
    void aRewardGetsTheLogarithmOfHowMuchLikelierTheDataActsThanThePolicy() {
        var checkpoint = untrained(List.of());
        var data = data();
        var policy = RewardBonus.logProbabilities(checkpoint, data);
        // An untrained policy has a standard deviation of 1 around tanh of little: log N(0.5; m, 1) - log 2 within
        // these.
        var most = -0.5 * Math.log(2 * Math.PI) - Math.log(2);
        assertThat(policy[0]).isBetween(most - 0.5 * 1.5 * 1.5, most).isNotEqualTo(policy[1]);

        var logs = new float[6];
        RowLayout.writeDouble(-1, logs, 0);
        RowLayout.writeDouble(policy[1] + 10, logs, 3);
        data = data(Map.of(Field.BEHAVIOUR_LOG_PROB, logs));
        assertThat(data.behaviourLogProb(1)).isEqualTo(policy[1] + 10);
        data.changeRewards(RewardBonus.change(new Transformation.Bonus("kl", "", 0, "", 2, 3), checkpoint, data));
        assertThat(reward(data, 0)).isEqualTo((float) (5 + 2 * (-1 - policy[0])), within(1e-5f));
        // Cut to 3.
        assertThat(reward(data, 1)).isEqualTo(5 + 2 * 3);
    }

    @Test
    void aPolicyBehindAScalerIsAskedOfTheObservationsItKnows() {
        var plain = untrained(List.of());
        var scaled = untrained(List.of(new Transformation.Standardise(new Scaler(List.of(-3.0), List.of(0.5), 0.5))));
        var data = data();
        var shifted = data();
        new Transformation.Standardise(new Scaler(List.of(-3.0), List.of(0.5), 0.5)).apply(shifted);
        assertThat(RewardBonus.logProbabilities(scaled, data))
                .isEqualTo(RewardBonus.logProbabilities(plain, shifted))
                .isNotEqualTo(RewardBonus.logProbabilities(plain, data));
    }

    private static ReplayBuffer data() {
        return data(Map.of());
    }

    private static ReplayBuffer data(Map<Field, float[]> optional) {
        var data = new ReplayBuffer(RowLayout.of(SPACES).with(optional.keySet()), 2);
        var columns = new ReplayBuffer.Columns(
                new float[] {1, 2},
                new float[] {1, 1},
                new int[0],
                new double[] {5, 5},
                new float[] {0, 1},
                new boolean[2],
                new double[0],
                optional);
        data.append(columns, 0, 2);
        return data;
    }

    private static float reward(ReplayBuffer data, int row) {
        var batch = new Batch(SPACES, 1);
        data.read(row, batch);
        return batch.rewards()[0];
    }

    /** The first checkpoint of a run, its transformations as given. */
    private Checkpoint untrained(List<Transformation> transformations) {
        var config =
                LearnerConfig.read("behaviour-cloning", ConfigFactory.parseString("actor.hidden-layers = [8]"), "");
        var settings = Settings.toMap((Record) config);
        var spec = new RunSpec(
                "", "all", "", "behaviour-cloning", settings, 1, 1, 2, 1, 1, 1, false, transformations, false, null);
        var store = new CheckpointStore(folder.toString(), new Configuration());
        TrainingLoop.run(spec, data(), store, new TrainingLoop.Listener() {});
        return store.read(spec.id(), 0);
    }
}
