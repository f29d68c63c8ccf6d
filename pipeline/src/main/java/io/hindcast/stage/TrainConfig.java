package io.hindcast.stage;

import com.typesafe.config.ConfigObject;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.learn.LearnerConfig;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What to train: one run for every entry of {@code runs} and every seed. */
public record TrainConfig(
        @Setting(value = "[1, 2, 3]", range = "[0, inf)", meaning = "a run for each")
        List<Long> seeds,

        @Setting(value = "50000", range = "[1, inf)", meaning = "gradient updates of a run")
        long updates,

        @Setting(value = "256", range = "[1, 1000000]", meaning = "transitions in a batch, drawn with replacement")
        int batchSize,

        @Setting(value = "500", range = "[1, inf)", meaning = "updates between two rows of metrics")
        long logEvery,

        @Setting(value = "5000", range = "[1, inf)", meaning = "updates between two checkpoints, which evaluate plays")
        long checkpointEvery,

        @Setting(value = "false", meaning = "whether truncated rows stop the bootstrap, as some course data has it")
        boolean truncationIsTerminal,

        @Setting(meaning = "what is trained, by name: { NAME { learner = …, subset = …, settings { … } } }")
        Map<String, Entry> runs) {

    /** One learner on one subset. */
    public record Entry(
            @Setting(meaning = "awr, behaviour-cloning or iql")
            String learner,

            @Setting(value = "all", meaning = "the subset it learns from, see curate")
            String subset,

            @Setting(value = "null", range = "[1, inf)", meaning = "updates, where they differ from train.updates")
            @Nullable Long updates,

            @Setting(value = "null", range = "[1, 1000000]", meaning = "rows of a batch, likewise") @Nullable Integer batchSize,

            @Setting(value = "{}", meaning = "the learner's settings")
            ConfigObject settings) {

        /** @throws UserException if a value is out of its range */
        public Entry {
            Settings.check(Entry.class, learner, subset, updates, batchSize, settings);
        }
    }

    /** @throws UserException if a value is out of its range, nothing is to be trained, or a learner's settings are wrong */
    public TrainConfig {
        Settings.check(
                TrainConfig.class, seeds, updates, batchSize, logEvery, checkpointEvery, truncationIsTerminal, runs);
        if (runs.isEmpty() || seeds.isEmpty()) {
            throw new UserException("Cannot train nothing: runs and seeds must have an entry each; see train --help");
        }
        if (seeds.stream().distinct().count() != seeds.size()) {
            throw new UserException("Cannot use seeds = " + seeds + ": a seed stands there twice; remove one");
        }
        runs.forEach((name, entry) ->
                LearnerConfig.read(entry.learner(), entry.settings().toConfig(), "train.runs." + name + ".settings"));
    }
}
