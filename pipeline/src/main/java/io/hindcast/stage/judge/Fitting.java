package io.hindcast.stage.judge;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.data.Fold;
import io.hindcast.judge.policy.ClonedBehaviour.CloneOf;
import io.hindcast.learn.LearnerConfig;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/** How runs are fitted that estimates lean on. */
public record Fitting(
        @Setting(
                value = "2",
                range = "[2, 20]",
                meaning = "into so many parts the episodes are cut, by their ids: a run learns from all but one, and is"
                        + " asked of that one alone")
        int folds,

        @Setting(value = "4000", range = "[1, inf)", meaning = "gradient updates of a run")
        long updates,

        @Setting(value = "128", range = "[1, 1000000]", meaning = "transitions in a batch, drawn with replacement")
        int batchSize,

        @Setting(
                value = "5000",
                range = "[1, inf)",
                meaning = "updates between two checkpoints, from which a run goes on that was stopped; only the last is"
                        + " kept")
        long checkpointEvery,

        @Setting(value = "{}", meaning = "settings of the learner, over those of docs/judging.md")
        ConfigObject settings)
        implements Serializable {
    /** The learner of a policy's values. */
    static final String VALUES = "fqe";

    /** The learner of clones. */
    static final String CLONING = "behaviour-cloning";

    /**
     * Few updates have to do: large steps at first, and none at the end, where what is learned has to stand still. Layer normalisation
     * bounds what critics say of actions that were never logged (Ball and others 2023, "Efficient online reinforcement learning with
     * offline data", section 4.2).
     */
    private static final Config VALUES_SETTINGS = ConfigFactory.parseString(
            "target-rate = 0.1, critic { layer-norm = true, learning-rate = 3e-3, schedule = cosine }");

    private static final Config CLONING_SETTINGS =
            ConfigFactory.parseString("actor { learning-rate = 1e-3, schedule = cosine }");

    /** How clones are fitted of what logged. */
    public record Cloning(
            @Setting(
                    value = "missing",
                    meaning = "which probabilities they stand for: missing: those that were not logged; all: every one,"
                            + " as if none had been logged")
            CloneOf of,

            @Setting(
                    value = "2",
                    range = "[2, 20]",
                    meaning = "into so many parts the episodes are cut, by their ids: a clone learns from all but one,"
                            + " and is asked of that one alone")
            int folds,

            @Setting(value = "2000", range = "[1, inf)", meaning = "gradient updates of a clone")
            long updates,

            @Setting(value = "128", range = "[1, 1000000]", meaning = "transitions in a batch, drawn with replacement")
            int batchSize,

            @Setting(
                    value = "5000",
                    range = "[1, inf)",
                    meaning = "updates between two checkpoints, from which a clone goes on that was stopped; only the"
                            + " last is kept")
            long checkpointEvery,

            @Setting(value = "{}", meaning = "settings of behaviour-cloning, over those of docs/judging.md")
            ConfigObject settings)
            implements Serializable {
        boolean isOfAll() {
            return of == CloneOf.ALL;
        }

        Fitting fitting() {
            return new Fitting(folds, updates, batchSize, checkpointEvery, settings);
        }

        /** @throws UserException if a setting is wrong */
        LearnerConfig learner() {
            var all = settings.toConfig().withFallback(CLONING_SETTINGS);
            return LearnerConfig.read(CLONING, all, "judge.cloning.settings");
        }
    }

    /**
     * The settings of fitted Q evaluation, of values with this discount.
     *
     * @throws UserException if one is wrong
     */
    LearnerConfig learner(double discount) {
        if (settings.containsKey("discount")) {
            throw new UserException(
                    "Cannot use judge.models.settings.discount: the discount of values is judge.discount;"
                            + " set that");
        }
        var all = settings.toConfig()
                .withFallback(VALUES_SETTINGS)
                .withValue("discount", ConfigValueFactory.fromAnyRef(discount));
        return LearnerConfig.read(VALUES, all, "judge.models.settings");
    }

    /** The folds. */
    List<Fold> parts() {
        return IntStream.range(0, folds).mapToObj(k -> new Fold(k, folds)).toList();
    }
}
