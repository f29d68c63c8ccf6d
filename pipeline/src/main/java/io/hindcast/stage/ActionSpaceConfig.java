package io.hindcast.stage;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Bound;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.ActionSpace.Discrete.Written;
import io.hindcast.data.Spaces;
import io.hindcast.source.ColumnMapping;
import io.hindcast.table.TableVersion;
import io.hindcast.table.TransitionsTable;
import io.hindcast.table.Warehouse;
import java.util.List;
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
                meaning = "continuous: the lower bound of actions: one number for all entries, a list with one number"
                        + " for each entry, or data: the least value of each entry in the data")
        Bound low,

        @Setting(value = "1", meaning = "continuous: the upper bound of actions, in the same forms as low")
        Bound high,

        @Setting(
                value = "null",
                meaning = "discrete: an action consists of several whole numbers; this list says how many values each"
                        + " can have, for example [3, 2]. They become one index in row-major order (the last"
                        + " number varies fastest); at most 4096 combinations. columns.action names their"
                        + " columns")
        @Nullable List<Integer> factors,

        @Setting(
                value = "null",
                meaning = "discrete: the lowest action number, or the lowest number of each factor; null: 0")
        @Nullable List<Integer> start,

        @Setting(
                value = "null",
                meaning = "discrete: an action is one-hot, a 1 among zeros, count numbers in all; columns.action names"
                        + " their columns")
        @Nullable Boolean oneHot) {

    /** Where manifests keep it. */
    public static final String KEY = "action-space";

    /** The kinds of action. */
    public enum Type {
        CONTINUOUS,
        DISCRETE
    }

    /** @throws UserException if the size does not go with the type, or the bounds are not in order */
    public ActionSpaceConfig {
        oneHot = Boolean.TRUE.equals(oneHot) ? Boolean.TRUE : null;
        requireForm(type, count, factors, start, oneHot);
        if (factors != null) {
            count = (int) ActionSpace.Discrete.combinations(factors);
        }
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

    private static void requireForm(
            Type type,
            @Nullable Integer count,
            @Nullable List<Integer> factors,
            @Nullable List<Integer> start,
            @Nullable Boolean oneHot) {
        if (type == Type.CONTINUOUS && (factors != null || start != null || oneHot != null)) {
            throw new UserException("Cannot use action-space with factors = " + factors + ", start = " + start
                    + ", one-hot = " + oneHot + ": they are for type = discrete; remove them");
        }
        if (oneHot != null && (factors != null || start != null)) {
            throw new UserException("Cannot use action-space with one-hot = true, factors = " + factors + ", start = "
                    + start + ": a 1 among zeros has neither; give one of them");
        }
        if (factors != null) {
            requireCombinations(count, factors);
        }
        var numbers = factors == null ? 1 : factors.size();
        if (start != null && start.size() != numbers) {
            throw new UserException("Cannot use action-space with start = " + start + ": an action is written as "
                    + numbers + (numbers == 1 ? " number" : " numbers") + "; give a start for each");
        }
    }

    private static void requireCombinations(@Nullable Integer count, List<Integer> factors) {
        var most = ActionSpace.Discrete.MOST_COMBINATIONS;
        var combinations = factors.isEmpty() ? 0 : ActionSpace.Discrete.combinations(factors);
        if (combinations < 1 || combinations > most) {
            throw new UserException("Cannot use action-space with factors = " + factors + ": they make "
                    + (combinations < 1 ? "no" : "more than " + most)
                    + " different actions, and hindcast learns from 1 to "
                    + most + "; leave out or merge some of the numbers");
        }
        if (count != null && count != combinations) {
            throw new UserException("Cannot use action-space with count = " + count + ", factors = " + factors
                    + ": these make " + combinations + " actions; leave out count");
        }
    }

    private static void requireOrder(int dimension, Bound low, Bound high) {
        requireLength(dimension, "low", low);
        requireLength(dimension, "high", high);
        for (var i = 0; i < dimension && !low.isOfData() && !high.isOfData(); i++) {
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
        if (!bound.isOfData() && !bound.isOne() && bound.values().size() != dimension) {
            throw new UserException("Cannot use action-space with " + key + " = " + bound + ": the list has "
                    + bound.values().size() + (bound.values().size() == 1 ? " number" : " numbers")
                    + ", and an action has " + dimension
                    + (dimension == 1 ? " entry" : " entries") + "; give one each, or one number for all");
        }
    }

    /** What a file says of its own actions. */
    public static ActionSpaceConfig of(ActionSpace actions) {
        if (actions instanceof ActionSpace.Continuous space) {
            return new ActionSpaceConfig(
                    Type.CONTINUOUS,
                    space.dimension(),
                    null,
                    Bound.each(space.lows()).inBrief(),
                    Bound.each(space.highs()).inBrief(),
                    null,
                    null,
                    null);
        }
        var space = (ActionSpace.Discrete) actions;
        return new ActionSpaceConfig(
                Type.DISCRETE,
                null,
                space.count(),
                Bound.of(-1),
                Bound.of(1),
                space.factors().isEmpty() ? null : space.factors(),
                space.start().isEmpty() ? null : space.start(),
                space.written() == Written.ONE_HOT ? Boolean.TRUE : null);
    }

    /** Whether such actions can be read from what {@code columns} names for them. */
    public boolean isReadFrom(ColumnMapping columns) {
        if (columns.actionIndex() == null) {
            return type == Type.CONTINUOUS || factors != null || oneHot != null;
        }
        return type == Type.DISCRETE
                && oneHot == null
                && (start == null || columns.actionCategory().isEmpty());
    }

    /** Whether bounds are to be found in the data. */
    boolean isOfData() {
        return low.isOfData() || high.isOfData();
    }

    /** With bounds from the data where they are asked for. */
    ActionSpaceConfig within(ActionSpace.Continuous data) {
        return new ActionSpaceConfig(
                type,
                dimension,
                count,
                low.isOfData() ? Bound.each(data.lows()).inBrief() : low,
                high.isOfData() ? Bound.each(data.highs()).inBrief() : high,
                factors,
                start,
                oneHot);
    }

    /** As the rest of the code knows it; bounds are known. */
    public ActionSpace actionSpace() {
        if (type == Type.CONTINUOUS && dimension != null) {
            return new ActionSpace.Continuous(low.each(dimension), high.each(dimension));
        }
        return new ActionSpace.Discrete(
                count == null ? 0 : count,
                factors == null ? List.of() : factors,
                start == null ? List.of() : start,
                oneHot == null ? Written.NUMBERS : Written.ONE_HOT);
    }

    /** The action space that a version of {@code transitions} was made with. */
    public static ActionSpace ofManifest(Map<String, Object> configuration) {
        var config = ConfigFactory.parseMap(configuration).getConfig(KEY);
        return Settings.read(ActionSpaceConfig.class, config, KEY).actionSpace();
    }

    /**
     * What there is to see and to do in a version of {@code transitions}.
     *
     * @throws UserException if it holds no transitions
     */
    public static Spaces spaces(Warehouse warehouse, TableVersion transitions) {
        if (transitions.manifest().rows() == 0) {
            throw new UserException("Cannot use " + transitions + " in " + warehouse.root()
                    + ": it holds no transitions; ingest or collect some first");
        }
        return new Spaces(
                TransitionsTable.observationSize(warehouse, transitions),
                ofManifest(transitions.manifest().configuration()));
    }
}
