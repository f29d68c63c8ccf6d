package io.hindcast.stage.report;

import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.report.Links.Link;
import io.hindcast.report.Result;
import io.hindcast.table.Warehouse;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/** Finds what a report can lead to. */
final class LinkFinder {
    /** Other pages of an output directory, in the order in which jobs make them. */
    private static final Map<String, String> PAGES = new LinkedHashMap<>();

    /** What runs leave, each in a directory of its own. */
    private static final Map<String, String> OF_RUNS = new LinkedHashMap<>();

    static {
        PAGES.put("stats/scorecard.html", "the scorecard of the data");
        PAGES.put("judge/judge.html", "what the log alone says of policies");
        PAGES.put("promote/decision.html", "the decision who acts");
        OF_RUNS.put("policies", "policy");
        OF_RUNS.put("checkpoints", "checkpoints");
        OF_RUNS.put("tensorboard", "TensorBoard");
    }

    private final Warehouse warehouse;
    private final Hrefs hrefs;

    /** For a page in {@code folder} of the output directory. */
    LinkFinder(Warehouse warehouse, String folder) {
        this.warehouse = warehouse;
        this.hrefs = new Hrefs(warehouse.root() + "/" + folder, warehouse.hadoop());
    }

    /** The pages that are there. */
    List<Link> pages() {
        var links = new ArrayList<Link>();
        PAGES.forEach((file, words) ->
                hrefs.to(warehouse.root() + "/" + file).ifPresent(href -> links.add(new Link(words, href))));
        return links;
    }

    /** What runs left, by their ids. */
    Map<String, List<Link>> runs(List<Result> results) {
        var links = new LinkedHashMap<String, List<Link>>();
        OF_RUNS.forEach((folder, words) -> {
            var there = names(folder);
            results.stream()
                    .flatMap(result -> result.runs().stream())
                    .filter(run -> there.contains(run.runId()))
                    .forEach(run -> hrefs.toExisting(warehouse.root() + "/" + folder + "/" + run.runId() + "/")
                            .ifPresent(href -> links.computeIfAbsent(run.runId(), any -> new ArrayList<>())
                                    .add(new Link(words, href))));
        });
        return links;
    }

    /** One look at the directory: of many runs each would be a question of its own. */
    private Set<String> names(String folder) {
        var path = new Path(warehouse.root(), folder);
        try {
            return Arrays.stream(path.getFileSystem(warehouse.hadoop()).listStatus(path))
                    .map(status -> status.getPath().getName())
                    .collect(Collectors.toSet());
        } catch (FileNotFoundException e) {
            return Set.of();
        } catch (IOException e) {
            throw new UserException("Cannot read " + path + ": " + Outside.words(e, "check the path"), e);
        }
    }
}
