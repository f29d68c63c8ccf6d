package io.hindcast.learn;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.ReplayBuffer.CutReturn;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.learn.Sizes.Measured;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The settings of a learner, and with them the choice of the learner. This list is the register of learners: a learner's name
 * follows from the name of its class, and all else that is asked of it stands in its own file.
 */
public sealed interface LearnerConfig
        permits ActorCritic.Config,
                Awac.Config,
                Awr.Config,
                BcqDiscrete.Config,
                BehaviourCloning.Config,
                CalQl.Config,
                CqlContinuous.Config,
                CqlDiscrete.Config,
                Dqn.Config,
                Fqe.Config,
                Iql.Config,
                Rebrac.Config,
                TabularQ.Config,
                Td3Bc.Config {
    /** Every learner by the name that conf files use. */
    Map<String, Class<? extends Record>> LEARNERS = learners();

    /**
     * Makes the learner, with fresh parameters.
     *
     * @throws UserException if the learner is not for the problem's kind of actions
     */
    Learner learner(LearnerSetup setup);

    /** What {@code bench} measures it with at given sizes; empty if it has no network. */
    Optional<Measured> measured(Sizes sizes);

    /** Its name in conf files: {@code cql-discrete} of {@code CqlDiscrete.Config}. */
    default String name() {
        return name(getClass());
    }

    /** Whether it is for actions of a kind; most are for both. */
    default boolean isFor(ActionSpace actions) {
        return true;
    }

    /**
     * Refuses actions of a kind that the learner is not for, before anything is made.
     *
     * @throws UserException if it is not for them
     */
    default void checkActions(ActionSpace actions) {
        if (!isFor(actions)) {
            var isDiscrete = actions instanceof ActionSpace.Discrete;
            var others = namesFor(actions);
            others.removeIf(name -> !learnsPolicy(name));
            throw new UserException("Cannot train " + name() + " on " + (isDiscrete ? "discrete" : "continuous")
                    + " actions: it is for " + (isDiscrete ? "continuous" : "discrete") + " ones; use one of "
                    + String.join(", ", others));
        }
    }

    /** Whether it learns a policy of its own; if not, it learns the values of a given one, see {@link Judged}. */
    default boolean learnsPolicy() {
        return true;
    }

    /** Whether it learns from the rewards of the data. */
    default boolean needsRewards() {
        return true;
    }

    /** What it learns from of a row besides the fields that every row has; action masks come by themselves where there are any. */
    default Set<Field> fields() {
        return Set.of();
    }

    /** What returns of episodes that were cut are taken for, of a learner that wants a {@link Field#RETURN_TO_GO}. */
    default CutReturn cutReturn() {
        return CutReturn.UNKNOWN;
    }

    /** The discount of a step; 1 for a learner that looks at no rewards. */
    default double discount() {
        return 1;
    }

    /**
     * Reads the settings of the learner called {@code name}.
     *
     * @param where the path of {@code config} in its file, for messages
     * @throws UserException if there is no such learner, or a setting is wrong
     */
    static LearnerConfig read(String name, Config config, String where) {
        var type = LEARNERS.get(name);
        if (type == null) {
            throw Settings.unknown("learner", name, List.copyOf(LEARNERS.keySet()), " (in " + where + ")");
        }
        return (LearnerConfig) Settings.read(type, config, where);
    }

    /** The names of all learners that are for actions of a kind, in order. */
    static List<String> namesFor(ActionSpace actions) {
        var names = new ArrayList<>(LEARNERS.keySet());
        names.removeIf(name -> !read(name, ConfigFactory.empty(), name).isFor(actions));
        return names;
    }

    /** Whether the learner of that name learns a policy of its own; so does one that this hindcast does not know. */
    static boolean learnsPolicy(String name) {
        return !LEARNERS.containsKey(name)
                || read(name, ConfigFactory.empty(), name).learnsPolicy();
    }

    private static Map<String, Class<? extends Record>> learners() {
        var learners = new TreeMap<String, Class<? extends Record>>();
        for (var type : LearnerConfig.class.getPermittedSubclasses()) {
            learners.put(name(type), type.asSubclass(Record.class));
        }
        return Collections.unmodifiableMap(learners);
    }

    private static String name(Class<?> type) {
        return Settings.kebab(type.getEnclosingClass().getSimpleName()).substring(1);
    }
}
