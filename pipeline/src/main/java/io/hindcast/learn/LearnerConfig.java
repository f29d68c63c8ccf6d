package io.hindcast.learn;

import com.typesafe.config.Config;
import io.hindcast.config.Settings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The settings of a learner, and with them the choice of the learner. */
public sealed interface LearnerConfig permits Awr.Config, BehaviourCloning.Config, Iql.Config {
    /** Every learner by the name that conf files use. */
    Map<String, Class<? extends Record>> LEARNERS = new TreeMap<>(Map.of(
            "awr", Awr.Config.class,
            "behaviour-cloning", BehaviourCloning.Config.class,
            "iql", Iql.Config.class));

    /** Makes the learner, with fresh parameters. */
    Learner learner(LearnerSetup setup);

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
