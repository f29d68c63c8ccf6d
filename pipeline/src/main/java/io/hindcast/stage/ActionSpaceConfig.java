package io.hindcast.stage;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Bound;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.table.TableVersion;
import io.hindcast.table.TransitionsTable;
import io.hindcast.table.Warehouse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The actions of a dataset. */
public record ActionSpaceConfig(
        @Setting(meaning = "real vectors (continuous) or numbered actions (discrete)")
        Type type,

        @Setting(value = "null", meaning = "continuous: entries of an action") @Nullable Integer dimension,

        @Setting(value = "null", meaning = "discrete: how many actions there are") @Nullable Integer count,

        @Setting(
                value = "-1",
                meaning = "continuous: the least value of an entry: one number for all, or a list with one each")
        Bound low,

        @Setting(value = "1", meaning = "continuous: the greatest value of an entry, likewise")
        Bound high) {

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
        requireOrder(dimension == null ? 1 : dimension, low, high);
        // Written the one way in which a manifest says it.
        low = low.inBrief();
        high = high.inBrief();
    }

    private static void requireOrder(int dimension, Bound low, Bound high) {
        requireLength(dimension, "low", low);
        requireLength(dimension, "high", high);
        for (var i = 0; i < dimension; i++) {
            if (!(low.at(i) < high.at(i))) {
                throw new UserException("Cannot use action-space with low = " + low + ", high = " + high
                        + ": low must be below high"
                        + (low.isOne() && high.isOne()
                                ? ""
                                : ", but of entry " + i + " it is " + low.at(i) + " and " + high.at(i)));
            }
        }
    }

    private static void requireLength(int dimension, String key, Bound bound) {
        if (!bound.isOne() && bound.values().size() != dimension) {
            throw new UserException("Cannot use action-space with " + key + " = " + bound + ": the list has "
                    + bound.values().size() + " numbers, and an action has " + dimension
                    + (dimension == 1 ? " entry" : " entries") + "; give one each, or one number for all");
        }
    }

    /** What a file says of its own actions. */
    static ActionSpaceConfig of(ActionSpace actions) {
        return actions instanceof ActionSpace.Continuous space
                ? new ActionSpaceConfig(
                        Type.CONTINUOUS, space.dimension(), null, new Bound(space.lows()), new Bound(space.highs()))
                : new ActionSpaceConfig(Type.DISCRETE, null, actions.size(), Bound.of(-1), Bound.of(1));
    }

    /** As the rest of the code knows it. */
    public ActionSpace actionSpace() {
        if (type == Type.CONTINUOUS && dimension != null) {
            return new ActionSpace.Continuous(low.each(dimension), high.each(dimension));
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
}
