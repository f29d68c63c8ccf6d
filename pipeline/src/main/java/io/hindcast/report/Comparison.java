package io.hindcast.report;

import io.hindcast.config.UserException;
import io.hindcast.judge.Estimate.Interval;
import io.hindcast.report.ReportData.Source;
import io.hindcast.score.Replicates;
import io.hindcast.score.StratifiedBootstrap;
import io.hindcast.score.StratifiedBootstrap.Share;
import io.hindcast.score.TaskScores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The results of several output directories beside each other, by task; results of the same name on the same subset are one result in
 * several tasks. Figures over tasks are of the results that were evaluated in every task.
 *
 * @param figure by which they are compared, at the last checkpoints
 * @param tasks as they were named
 * @param entries all results, the ranked ones first
 * @param ranked those that were evaluated in every task, the best first: by the interquartile mean (or, of fewer than four runs, the
 *     mean); where scores have no scale in common by the mean probability of improvement over the others
 * @param improvements of each of the best {@link #PAIRED} over those that rank below it
 */
public record Comparison(
        String title,
        Figure figure,
        List<Task> tasks,
        List<Entry> entries,
        List<Ranked> ranked,
        List<Improvement> improvements,
        Map<String, String> written) {
    /** Of so many results every two are compared. */
    static final int PAIRED = 8;

    /** What scores of 100 are of: normalised scores of an expert, or success in percent. */
    static final double OPTIMUM = 100;

    static final StratifiedBootstrap BOOTSTRAP = new StratifiedBootstrap(0, 5_000);

    private static final int THRESHOLDS = 100;

    /**
     * What results are compared in: an environment and the data that were learned from.
     *
     * @param name of both
     * @param outs as they were named, at least one
     */
    public record Task(String name, List<Out> outs) {}

    /**
     * An output directory.
     *
     * @param label what tells it from the other directories of its task
     * @param place the directory as it was named
     * @param page where its report is, relative to the page; null if there is none
     * @param tables what was read
     */
    public record Out(String label, String place, @Nullable String page, List<Result> results, List<Source> tables) {}

    /**
     * A result in some tasks.
     *
     * @param name its name, with its subset where that tells results apart, and the label of its directory where several directories of a
     *     task have a result of that name
     * @param byTask its runs in a task, by the task's name
     */
    public record Entry(String name, String learner, Map<String, Result> byTask) {}

    /** What is said of a result over all tasks. */
    enum Overall {
        INTERQUARTILE_MEAN("IQM"),
        MEAN("mean"),
        MEDIAN("median"),
        OPTIMALITY_GAP("optimality gap");

        private final String words;

        Overall(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }

        double of(TaskScores scores) {
            return switch (this) {
                case INTERQUARTILE_MEAN -> scores.interquartileMean();
                case MEAN -> scores.mean();
                case MEDIAN -> scores.median();
                case OPTIMALITY_GAP -> scores.optimalityGap(OPTIMUM);
            };
        }
    }

    /** A figure, and where it lies; NaN where that is not known. */
    record Valued(double value, Interval interval) {}

    /**
     * A result that was evaluated in every task.
     *
     * @param overall empty where scores have no scale in common
     * @param profile likewise
     */
    record Ranked(Entry entry, TaskScores scores, Map<Overall, Valued> overall, List<Share> profile) {}

    /** How likely a run of one result scores more than one of another in the same task. */
    record Improvement(String name, String over, Valued probability) {}

    /**
     * Of at least one task.
     *
     * @throws UserException if a name stands for different learners
     */
    public static Comparison of(String title, Figure figure, List<Task> tasks, Map<String, String> written) {
        var entries = entries(tasks);
        var complete = entries.stream()
                .filter(entry ->
                        tasks.stream().allMatch(task -> scores(entry.byTask().get(task.name()), figure).length > 0))
                .toList();
        var scores = new LinkedHashMap<Entry, TaskScores>();
        complete.forEach(entry -> scores.put(
                entry,
                TaskScores.of(tasks.stream()
                        .map(task -> scores(entry.byTask().get(task.name()), figure))
                        .toArray(double[][]::new))));
        var oneScale = isOneScale(figure, tasks);
        var sorted = complete.stream()
                .sorted(Comparator.comparingDouble(entry -> -worth(entry, scores, oneScale)))
                .toList();
        var thresholds = oneScale ? thresholds(scores.values()) : List.<Double>of();
        var ranked = new ArrayList<Ranked>();
        var paired = new ArrayList<Replicates>();
        for (var entry : sorted) {
            var ours = Objects.requireNonNull(scores.get(entry));
            var replicates = BOOTSTRAP.of(ours);
            ranked.add(ranked(entry, ours, replicates, overall(figure, oneScale), thresholds));
            if (paired.size() < PAIRED) {
                paired.add(replicates); // those of the others need not be kept
            }
        }
        var others = entries.stream().filter(entry -> !complete.contains(entry));
        return new Comparison(
                title,
                figure,
                tasks,
                Stream.concat(sorted.stream(), others).toList(),
                ranked,
                improvements(ranked, paired),
                written);
    }

    /** Whether scores of different tasks may be compared with each other: returns may not. */
    boolean isOneScale() {
        return isOneScale(figure, tasks);
    }

    private static boolean isOneScale(Figure figure, List<Task> tasks) {
        return figure != Figure.RETURN || tasks.size() == 1;
    }

    /** The figures over tasks that can be told. */
    List<Overall> overall() {
        return overall(figure, isOneScale());
    }

    private static List<Overall> overall(Figure figure, boolean oneScale) {
        return Stream.of(Overall.values())
                .filter(overall -> oneScale && (overall != Overall.OPTIMALITY_GAP || figure != Figure.RETURN))
                .toList();
    }

    private static List<Entry> entries(List<Task> tasks) {
        var all = tasks.stream()
                .flatMap(task -> task.outs().stream())
                .flatMap(out -> out.results().stream())
                .toList();
        var repeated =
                tasks.stream().flatMap(task -> repeated(task, all).stream()).collect(Collectors.toSet());
        var entries = new LinkedHashMap<String, Entry>();
        var places = new HashMap<String, String>();
        for (var task : tasks) {
            for (var out : task.outs()) {
                for (var result : out.results()) {
                    var plain = nameAmong(all, result);
                    var name = task.outs().size() > 1 && repeated.contains(plain)
                            ? plain + " (" + out.label() + ")"
                            : plain;
                    var first = places.computeIfAbsent(name, any -> out.place());
                    var entry = entries.computeIfAbsent(
                            name, any -> new Entry(name, result.learner(), new LinkedHashMap<>()));
                    if (!entry.learner().equals(result.learner())) {
                        throw new UserException("Cannot compare " + name + ": it is a run of " + entry.learner()
                                + " in " + first + " and of " + result.learner() + " in " + out.place()
                                + "; give runs of different learners different names (train.runs)");
                    }
                    entry.byTask().put(task.name(), result);
                }
            }
        }
        return List.copyOf(entries.values());
    }

    private static String nameAmong(List<Result> all, Result result) {
        return all.stream()
                        .allMatch(other -> !other.name().equals(result.name())
                                || other.subset().equals(result.subset()))
                ? result.name()
                : result.name() + " on " + result.subset();
    }

    /** The names that results of several directories of a task have. */
    private static Set<String> repeated(Task task, List<Result> all) {
        var once = new HashSet<String>();
        return task.outs().stream()
                .flatMap(out -> out.results().stream()
                        .map(result -> nameAmong(all, result))
                        .distinct())
                .filter(name -> !once.add(name))
                .collect(Collectors.toSet());
    }

    /** One a run that has a final figure. */
    private static double[] scores(@Nullable Result result, Figure figure) {
        return result == null
                ? new double[0]
                : result.runs().stream()
                        .flatMap(run -> run.finalOf(figure).stream())
                        .mapToDouble(Double::doubleValue)
                        .toArray();
    }

    private static double worth(Entry entry, Map<Entry, TaskScores> scores, boolean oneScale) {
        var ours = Objects.requireNonNull(scores.get(entry));
        if (oneScale) {
            var mean = ours.interquartileMean();
            return Double.isNaN(mean) ? ours.mean() : mean;
        }
        return scores.values().stream()
                .mapToDouble(ours::improvementOver)
                .average()
                .orElseThrow();
    }

    private static Ranked ranked(
            Entry entry, TaskScores scores, Replicates replicates, List<Overall> overall, List<Double> thresholds) {
        var values = new EnumMap<Overall, Valued>(Overall.class);
        for (var figure : overall) {
            values.put(figure, new Valued(figure.of(scores), replicates.interval(figure::of)));
        }
        return new Ranked(entry, scores, values, replicates.profile(thresholds));
    }

    /** From a little below the least score, which all exceed, to the highest, which none does. */
    private static List<Double> thresholds(Iterable<TaskScores> scores) {
        var low = Double.POSITIVE_INFINITY;
        var high = Double.NEGATIVE_INFINITY;
        for (var some : scores) {
            low = Math.min(low, some.all().min().orElseThrow());
            high = Math.max(high, some.all().max().orElseThrow());
        }
        var least = low - (high > low ? (high - low) / THRESHOLDS : 1);
        var step = (high - least) / THRESHOLDS;
        var most = high;
        return low > high
                ? List.of()
                : IntStream.rangeClosed(0, THRESHOLDS)
                        .mapToObj(i -> i == THRESHOLDS ? most : least + i * step)
                        .toList();
    }

    private static List<Improvement> improvements(List<Ranked> ranked, List<Replicates> paired) {
        var improvements = new ArrayList<Improvement>();
        for (var i = 0; i < paired.size(); i++) {
            for (var j = i + 1; j < paired.size(); j++) {
                var ours = ranked.get(i);
                var theirs = ranked.get(j);
                improvements.add(new Improvement(
                        ours.entry().name(),
                        theirs.entry().name(),
                        new Valued(
                                ours.scores().improvementOver(theirs.scores()),
                                paired.get(i).improvementOver(paired.get(j)))));
            }
        }
        return improvements;
    }

    /** Those that were not evaluated in every task. */
    List<Entry> unranked() {
        var complete = ranked.stream().map(Ranked::entry).collect(Collectors.toSet());
        return entries.stream().filter(entry -> !complete.contains(entry)).toList();
    }
}
