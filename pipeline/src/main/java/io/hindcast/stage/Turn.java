package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.files.Lease;
import io.hindcast.files.Lease.Holder;
import io.hindcast.table.Leftovers;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Lets one process at a time do a job in an output directory: if two did it side by side, the work of one would be
 * lost.
 */
public final class Turn {
    private Turn() {}

    /**
     * Does {@code work} once nobody else makes the same in the output directory.
     *
     * @param makes what is made, a word
     * @param configuration what the published work of another one must not differ in, or this one is refused
     * @throws UserException if that is what another one is making there, so that it need not be waited for
     */
    public static StageResult of(
            StageContext context,
            String makes,
            String job,
            Map<String, Object> configuration,
            Supplier<StageResult> work) {
        var warehouse = context.warehouse();
        new Leftovers(warehouse).removeOrphans();
        warehouse
                .incomplete(TableName.TRANSITIONS)
                .forEach(line -> context.progress().say("[" + job + "] " + line));
        var asked = new Request(job, configuration, List.of(), List.of());
        Lease lease;
        try {
            lease = Lease.take(
                    warehouse.root(),
                    makes,
                    asked.note(),
                    warehouse.hadoop(),
                    waiting(context, asked),
                    () -> Stopping.reason() != null);
        } catch (IOException e) {
            // What is up to date is found so where nothing can be written, and what is not says why.
            return work.get();
        }
        try (lease) {
            return work.get();
        }
    }

    private static Consumer<Holder> waiting(StageContext context, Request asked) {
        var root = context.warehouse().root();
        var said = new AtomicBoolean();
        return holder -> {
            asked.differencesFrom(holder.note()).ifPresent(differences -> {
                throw new UserException("Cannot " + asked.job() + " in " + root + ": " + holder.who()
                        + " is at work there with another configuration (" + differences
                        + "); choose another --out, or use the same configuration");
            });
            if (!said.getAndSet(true)) {
                context.progress()
                        .say("[" + asked.job() + "] " + holder.who() + " does " + asked.job() + " in " + root
                                + " already; this one waits until it has ended");
            }
        };
    }
}
