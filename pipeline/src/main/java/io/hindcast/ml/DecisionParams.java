package io.hindcast.ml;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.net.Actor.Preference;
import io.hindcast.stage.predict.FramePolicy.How;
import io.hindcast.stage.predict.FramePolicy.Invalid;
import io.hindcast.stage.predict.PredictConfig.Names;
import io.hindcast.stage.predict.PredictConfig.StateColumns;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.lang3.EnumUtils;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** Which columns a policy is shown, and how it decides: what an {@link OfflinePolicy} and its {@link OfflinePolicyModel} share. */
final class DecisionParams {
    final StringArrayParam observationCols;
    final StringArrayParam actionMaskCols;
    final StringArrayParam actionCols;
    final Param<String> actionIndexCol;
    final Param<String> actions;
    final DoubleParam epsilon;
    final LongParam decisionSeed;
    final StringArrayParam keyCols;
    final Param<String> outputCols;
    final Param<String> handleInvalid;

    private final Params owner;

    DecisionParams(Params owner) {
        this.owner = owner;
        observationCols = new StringArrayParam(
                owner,
                "observationCols",
                "columns of the observation, laid side by side: numbers, arrays, vectors, category:NAME, map:NAME, x_{1..8}");
        actionMaskCols = new StringArrayParam(owner, "actionMaskCols", "columns of flags: which actions are possible");
        actionCols = new StringArrayParam(owner, "actionCols", "columns of an action that is a vector");
        actionIndexCol = new Param<>(owner, "actionIndexCol", "column of an action's index, or category:NAME");
        actions = new Param<>(owner, "actions", "greedy: the likeliest action; sampled: one drawn from the policy");
        epsilon = new DoubleParam(owner, "epsilon", "with this probability an action is drawn uniformly instead");
        decisionSeed = new LongParam(owner, "decisionSeed", "seed of what is drawn when the policy decides");
        keyCols = new StringArrayParam(
                owner,
                "keyCols",
                "columns that tell decisions apart: rows of one key meet one chance; none: all columns");
        outputCols = new Param<>(
                owner,
                "outputCols",
                "names of the columns that are added, as JSON: {\"action-index\": \"chosen\", \"q\": \"\"}; an empty name"
                        + " leaves one out");
        handleInvalid = new Param<>(
                owner, "handleInvalid", "rows in which nothing can be decided: error, or skip, which leaves them out");
        owner.setDefault(actionMaskCols, new String[0]);
        owner.setDefault(actionCols, new String[0]);
        owner.setDefault(actions, "greedy");
        owner.setDefault(epsilon, 0.0);
        owner.setDefault(decisionSeed, 0L);
        owner.setDefault(keyCols, new String[0]);
        owner.setDefault(outputCols, "{}");
        owner.setDefault(handleInvalid, "error");
    }

    /** Whether rows are said to hold what was done. */
    boolean isLogged() {
        return owner.isDefined(actionIndexCol) || owner.getOrDefault(actionCols).length > 0;
    }

    /**
     * How a policy decides.
     *
     * @param vectors which columns stand in the place of vectors
     * @param withAction whether the frame has the columns of what was done
     * @param categories of the log that it learned from
     */
    How how(VectorColumns vectors, boolean withAction, Map<String, List<String>> categories) {
        if (!owner.isDefined(observationCols)) {
            throw new UserException("Cannot decide without observations: set observationCols");
        }
        return new How(
                new StateColumns(
                        vectors.names(owner.getOrDefault(observationCols)),
                        vectors.names(owner.getOrDefault(actionMaskCols)),
                        withAction ? vectors.names(owner.getOrDefault(actionCols)) : List.of(),
                        withAction && owner.isDefined(actionIndexCol) ? owner.getOrDefault(actionIndexCol) : null,
                        null),
                categories,
                Settings.read(Names.class, ConfigFactory.parseString(owner.getOrDefault(outputCols)), "outputCols"),
                word(Preference.class, actions),
                (double) owner.getOrDefault((Param<Object>) epsilon),
                (long) owner.getOrDefault((Param<Object>) decisionSeed),
                List.of(owner.getOrDefault(keyCols)),
                word(Invalid.class, handleInvalid));
    }

    private <E extends Enum<E>> E word(Class<E> type, Param<String> param) {
        var given = owner.getOrDefault(param);
        var value = EnumUtils.getEnum(type, given.toUpperCase(Locale.ROOT));
        if (value == null) {
            throw Settings.unknown(
                    "value",
                    given,
                    EnumUtils.getEnumList(type).stream()
                            .map(one -> one.name().toLowerCase(Locale.ROOT))
                            .toList(),
                    " of " + param.name());
        }
        return value;
    }
}
