package io.hindcast.stage;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.run.RewardBonus;
import io.hindcast.run.RunSpec;
import io.hindcast.table.ReplayReader;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * What a run learns from: the rows of one dataset or of several.
 *
 * @param parts the datasets
 * @param weights how they are drawn, one each; see {@link ReplayBuffer#mix}
 */
record TrainingRows(List<ReplayReader> parts, List<Double> weights) implements Serializable {
    /** How many. */
    long count() {
        return parts.stream().mapToLong(ReplayReader::rows).sum();
    }

    /** Reads them and makes them ready, as {@code spec} says. */
    ReplayBuffer load(RunSpec spec, Spaces spaces, Configuration hadoop) {
        var truncation = spec.truncationIsTerminal() ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP;
        var data = new ReplayBuffer(spaces, Math.toIntExact(count()));
        var ends = new ArrayList<Integer>();
        for (var part : parts) {
            part.readInto(data, hadoop, truncation);
            ends.add(data.size());
        }
        if (parts.size() > 1) {
            data.mix(ends, weights);
        }
        if (spec.timeDiscount()) {
            data.takeTime(column("time_delta", hadoop));
        }
        for (var transformation : spec.transformations()) {
            if (transformation instanceof Transformation.Bonus bonus) {
                var checkpoint = RewardBonus.checkpoint(bonus, hadoop);
                RewardBonus.add(bonus, checkpoint, data, column("behaviour_log_prob", hadoop));
            } else {
                data.transform(transformation);
            }
        }
        data.foldSteps(spec.nStep(), spec.config().discount());
        return data;
    }

    private double[] column(String name, Configuration hadoop) {
        return parts.stream()
                .flatMapToDouble(part -> Arrays.stream(part.column(name, hadoop)))
                .toArray();
    }
}
