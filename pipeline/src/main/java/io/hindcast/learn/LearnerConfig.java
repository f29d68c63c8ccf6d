package io.hindcast.learn;

import com.typesafe.config.Config;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.RowLayout.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The settings of a learner, and with them the choice of the learner. */
public sealed interface LearnerConfig
        permits ActorCritic.Config,
                Awac.Config,
                Awr.Config,
                BehaviourCloning.Config,
                CqlContinuous.Config,
                CqlDiscrete.Config,
                Dqn.Config,
                Iql.Config,
                TabularQ.Config,
                Td3Bc.Config {
    /** Every learner by the name that conf files use. */
    Map<String, Class<? extends Record>> LEARNERS = new TreeMap<>(Map.of(
            "actor-critic", ActorCritic.Config.class,
            "awac", Awac.Config.class,
            "awr", Awr.Config.class,
            "behaviour-cloning", BehaviourCloning.Config.class,
            "cql-continuous", CqlContinuous.Config.class,
            "cql-discrete", CqlDiscrete.Config.class,
            "dqn", Dqn.Config.class,
            "iql", Iql.Config.class,
            "tabular-q", TabularQ.Config.class,
            "td3-bc", Td3Bc.Config.class));

    /**
     * Makes the learner, with fresh parameters.
     *
     * @throws io.hindcast.config.UserException if the learner is not for the problem's kind of actions
     */
    PolicyLearner learner(LearnerSetup setup);

    /**
     * Refuses actions of a kind that the learner is not for, before anything is made; most are for both.
     *
     * @throws io.hindcast.config.UserException if it is not for them
     */
    default void checkActions(ActionSpace actions) {}

    /** Whether it learns from the rewards of the data. */
    default boolean needsRewards() {
        return true;
    }

    /** What it learns from of a row besides the fields that every row has; action masks come by themselves where there are any. */
    default Set<Field> fields() {
        return Set.of();
    }

    /** The discount of a step; 1 for a learner that looks at no rewards. */
    default double discount() {
        return 1;
    }

    /**
     * Reads the settings of the learner called {@code name}.
     *
     * @param where the path of {@code config} in its file, for messages
     * @throws io.hindcast.config.UserException if there is no such learner, or a setting is wrong
     */
    static LearnerConfig read(String name, Config config, String where) {
        var type = LEARNERS.get(name);
        if (type == null) {
            throw Settings.unknown("learner", name, List.copyOf(LEARNERS.keySet()), " (in " + where + ")");
        }
        return (LearnerConfig) Settings.read(type, config, where);
    }
}
