package io.hindcast.stage;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.source.FilePlan;
import io.hindcast.table.TableVersion;
import io.hindcast.table.TransitionsTable;
import io.hindcast.table.Warehouse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The actions of a dataset. */
public record ActionSpaceConfig(
        @Setting(meaning = "real vectors (continuous) or numbered actions (discrete)")
        Type type,

        @Setting(value = "null", meaning = "continuous: entries of an action") @Nullable Integer dimension,

        @Setting(value = "null", meaning = "discrete: how many actions there are") @Nullable Integer count,

        @Setting(value = "-1", meaning = "continuous: the least value of an entry")
        double low,

        @Setting(value = "1", meaning = "continuous: the greatest value of an entry")
        double high) {

    /** Where manifests keep it. */
    static final String KEY = "action-space";

    /** The kinds of action. */
    public enum Type {
        CONTINUOUS,
        DISCRETE
    }

    /** @throws UserException if the size does not go with the type, or the bounds are not in order */
    public ActionSpaceConfig {
        var size = type == Type.CONTINUOUS ? dimension : count;
        var other = type == Type.CONTINUOUS ? count : dimension;
        var key = type == Type.CONTINUOUS ? "dimension" : "count";
        if (size == null || size < 1 || other != null) {
            throw new UserException("Cannot use action-space with dimension = " + dimension + ", count = " + count
                    + ": this type needs " + key + ", 1 or more, and nothing else");
        }
        if (!(low < high)) {
            throw new UserException(
                    "Cannot use action-space with low = " + low + ", high = " + high + ": low must be below high");
        }
    }

    /** What a file says of its own actions. */
    static ActionSpaceConfig of(FilePlan.Actions actions) {
        return actions.kind() == FilePlan.Actions.Kind.CONTINUOUS
                ? new ActionSpaceConfig(Type.CONTINUOUS, actions.size(), null, actions.low(), actions.high())
                : new ActionSpaceConfig(Type.DISCRETE, null, actions.size(), -1, 1);
    }

    /** As the rest of the code knows it. */
    public ActionSpace actionSpace() {
        if (type == Type.CONTINUOUS && dimension != null) {
            return new ActionSpace.Continuous(dimension, low, high);
        }
        return new ActionSpace.Discrete(count == null ? 0 : count);
    }

    /** The action space that a version of {@code transitions} was made with. */
    static ActionSpace ofManifest(Map<String, Object> configuration) {
        var config = ConfigFactory.parseMap(configuration).getConfig(KEY);
        return Settings.read(ActionSpaceConfig.class, config, KEY).actionSpace();
    }

    /**
     * What there is to see and to do in a version of {@code transitions}.
     *
     * @throws UserException if it holds no transitions
     */
    static Spaces spaces(Warehouse warehouse, TableVersion transitions) {
        if (transitions.manifest().rows() == 0) {
            throw new UserException("Cannot use " + transitions + " in " + warehouse.root()
                    + ": it holds no transitions; ingest or collect some first");
        }
        return new Spaces(
                TransitionsTable.observationSize(warehouse, transitions),
                ofManifest(transitions.manifest().configuration()));
    }

    /** An action space as manifests keep it, under {@code action-space}: the keys of this record. */
    static Map<String, Object> toMap(ActionSpace space) {
        var map = new LinkedHashMap<String, Object>();
        if (space instanceof ActionSpace.Continuous continuous) {
            map.put("type", "continuous");
            map.put("dimension", continuous.dimension());
            map.put("low", continuous.low());
            map.put("high", continuous.high());
        } else {
            map.put("type", "discrete");
            map.put("count", space.size());
        }
        return map;
    }
}
