package io.hindcast.stage.train;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import io.hindcast.run.TrainingLoop;
import io.hindcast.stage.RunMessages;
import io.hindcast.stage.StageContext;
import io.hindcast.track.FailureFiles;
import io.hindcast.track.Tracking;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives news of runs while they train and passes it on: metrics to the trackers, and of every run that fails one
 * line to the user and the whole trace to Spark's log, to {@code progress/failed/} and to whoever asked for traces.
 * Safe for several threads: who tells what another thread is just passing on waits until it is passed on.
 */
final class RunNews implements RunMessages.RunListener {
    private static final Logger LOG = LoggerFactory.getLogger(RunNews.class);

    private final StageContext context;
    private final Tracking tracking;
    private final Map<String, RunSpec> byId;
    private final Set<String> started = new HashSet<>();
    private final Set<String> failed = new HashSet<>();

    /** @param specs the runs that are trained; news of others are passed over */
    RunNews(StageContext context, Tracking tracking, List<RunSpec> specs) {
        this.context = context;
        this.tracking = tracking;
        byId = specs.stream().collect(Collectors.toMap(RunSpec::id, spec -> spec));
    }

    @Override
    public synchronized void logged(String run, List<Metric> metrics) {
        var spec = byId.get(run);
        if (spec != null) {
            if (started.add(run)) {
                tracking.starts(spec);
            }
            tracking.logged(spec, metrics);
        }
    }

    @Override
    public synchronized void failed(String run, long updates, Outcome.Failed told) {
        var spec = byId.get(run);
        if (spec == null || !failed.add(run)) {
            return;
        }
        var story = told.hiding(context.progress()::withoutSecrets);
        var line = spec.name() + " on " + spec.subset() + ", seed " + spec.seed() + ": failed after " + updates
                + " updates: " + story.reason() + (story.at() == null ? "" : " (at " + story.at() + ")");
        context.progress()
                .say("[train] " + line + "; " + context.warehouse().root() + "/" + FailureFiles.location(spec)
                        + " has the whole trace");
        LOG.error("run {}, {}\n{}", run, line, story.trace());
        context.progress().trace(line + "\n" + story.trace() + "\n");
        tracking.failed(spec, updates, story);
    }

    /** A run is over: what it could not tell while it went on is told now. */
    TrainingLoop.Result ended(TrainingLoop.Result result) {
        var run = result.spec().id();
        var outcome = result.outcome();
        logged(run, result.metrics());
        if (outcome instanceof Outcome.Failed story) {
            failed(run, result.updates(), story);
            outcome = story.hiding(context.progress()::withoutSecrets);
        }
        tracking.ended(result.spec(), outcome);
        return result.with(outcome);
    }
}
