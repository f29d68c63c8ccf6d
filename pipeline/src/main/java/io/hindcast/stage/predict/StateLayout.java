package io.hindcast.stage.predict;

import io.hindcast.data.Spaces;
import io.hindcast.source.ColumnMapping;
import io.hindcast.stage.FrameSchema;
import io.hindcast.stage.predict.PredictConfig.StateColumns;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Where in Spark's own rows stands what a policy is shown, and what was done.
 *
 * @param source what is read, for messages
 * @param columns which columns hold what
 * @param known the sorted names of each column that is a category or a map, by the column without its prefix
 * @param mapped all mapped columns without prefixes, each once
 * @param found what Spark reads of each of them
 * @param places at which place of a row each of them stands
 * @param spaces of the policy
 */
record StateLayout(
        String source,
        StateColumns columns,
        Map<String, List<String>> known,
        List<String> mapped,
        List<FrameSchema.Found> found,
        List<Integer> places,
        Spaces spaces)
        implements Serializable {

    /** The columns that are read, without prefixes, each once. */
    static List<String> mapped(StateColumns columns) {
        var all = new ArrayList<>(columns.observation());
        all.addAll(columns.actionMask());
        all.addAll(columns.action());
        if (columns.actionIndex() != null) {
            all.add(columns.actionIndex());
        }
        return ColumnMapping.expand(all).stream()
                .map(ColumnMapping::bare)
                .distinct()
                .toList();
    }

    /** Whether rows say what was done. */
    boolean isLogged() {
        return columns.isLogged();
    }

    /** The places of so many columns that are read alone. */
    static List<Integer> inOrder(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /** @throws io.hindcast.config.UserException if a column is of a type that holds no numbers */
    void requireNumbers() {
        new StateReader(this);
    }

    /** The same in other rows. */
    StateLayout at(List<Integer> others) {
        return new StateLayout(source, columns, known, mapped, found, others, spaces);
    }
}
