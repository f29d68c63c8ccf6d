package io.hindcast.stage;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.run.RewardBonus;
import io.hindcast.run.RunSpec;
import io.hindcast.table.ReplayReader;
import io.hindcast.table.ReplayReader.Durations;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What a run learns from: the rows of one dataset or of several.
 *
 * @param parts the datasets
 * @param weights how they are drawn, one each; see {@link ReplayBuffer#mix}
 */
public record TrainingRows(List<ReplayReader> parts, List<Double> weights) implements Serializable {
    /** How many. */
    public long count() {
        return parts.stream().mapToLong(ReplayReader::rows).sum();
    }

    /** What decides the rows that {@link #load} gives: runs for which it is the same may share them. */
    String key(RunSpec spec, Spaces spaces) {
        var fields = layout(spec, spaces).optional().stream().sorted().toList();
        // Where nothing is summed up the discount does nothing.
        var isSummedUp = spec.nStep() > 1 || fields.contains(Field.RETURN_TO_GO);
        return String.join(
                "\n",
                parts.toString(),
                weights.toString(),
                spaces.toString(),
                fields.toString(),
                String.valueOf(spec.truncationIsTerminal()),
                String.valueOf(spec.timeDiscount()),
                spec.transformations().toString(),
                isSummedUp ? spec.nStep() + " " + spec.config().discount() : "",
                fields.contains(Field.RETURN_TO_GO) ? spec.config().cutReturn().toString() : "");
    }

    /** Which numbers each of them has, for any run: the optional ones that were logged. */
    public RowLayout layout(Spaces spaces) {
        var fields = EnumSet.noneOf(Field.class);
        parts.forEach(part -> fields.addAll(part.logged()));
        if (fields.contains(Field.ACTION_MASK)) {
            fields.add(Field.NEXT_ACTION_MASK);
        }
        return RowLayout.of(spaces).with(fields);
    }

    /** Which numbers each of them has for a run. */
    RowLayout layout(RunSpec spec, Spaces spaces) {
        var fields = EnumSet.noneOf(Field.class);
        fields.addAll(spec.config().fields());
        if (spec.transformations().stream().anyMatch(Transformation.Bonus.class::isInstance)) {
            fields.add(Field.BEHAVIOUR_LOG_PROB);
        }
        return layout(spaces).with(fields);
    }

    /**
     * Reads them and makes them ready, as {@code spec} says.
     *
     * @param directory where to write them; null: they stay on the heap
     */
    ReplayBuffer load(RunSpec spec, Spaces spaces, Configuration hadoop, @Nullable Path directory) {
        var rows = Math.toIntExact(count());
        var layout = layout(spec, spaces);
        var data = directory == null ? new ReplayBuffer(layout, rows) : ReplayBuffer.mapped(layout, rows, directory);
        try {
            fill(data, spec, hadoop);
            data.seal();
            return data;
        } catch (RuntimeException | Error e) {
            data.close();
            throw e;
        }
    }

    private void fill(ReplayBuffer data, RunSpec spec, Configuration hadoop) {
        var truncation = spec.truncationIsTerminal() ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP;
        var ends = new ArrayList<Integer>();
        for (var part : parts) {
            part.readInto(data, hadoop, truncation, spec.timeDiscount() ? Durations.LOGGED : Durations.STEPS);
            ends.add(data.size());
        }
        if (parts.size() > 1) {
            data.mix(ends, weights);
        }
        for (var transformation : spec.transformations()) {
            transformation.apply(data, bonus -> RewardBonus.change(bonus, RewardBonus.checkpoint(bonus, hadoop), data));
        }
        data.sumUpAhead(spec.config().discount(), spec.config().cutReturn());
        data.foldSteps(spec.nStep(), spec.config().discount());
    }
}
