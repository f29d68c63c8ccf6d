package io.hindcast.report;

import io.hindcast.report.chart.Markup;
import io.hindcast.report.chart.Numbers;
import java.util.List;
import java.util.stream.Stream;

/** The runs of a report one by one, with links to what they left. */
final class RunsSection {
    private final Page page;
    private final Markup out;
    private final Links links;

    RunsSection(Page page, Links links) {
        this.page = page;
        this.out = page.out();
        this.links = links;
    }

    /** Folded, a row a run; {@code results} are those whose runs are shown. */
    void write(List<Result> results) {
        var figures = Stream.of(Figure.RETURN, Figure.SCORE, Figure.SUCCESS)
                .filter(figure -> results.stream()
                        .anyMatch(result -> result.summary(figure).isPresent()))
                .toList();
        out.open("details").leaf("summary", "Every run, and what it left");
        out.open("div", "class", "scroll").open("table");
        var heads = Stream.of(
                        Stream.of("name", "subset", "#seed", "outcome", "#updates"),
                        figures.stream().map(figure -> "#final " + figure.key()),
                        Stream.of("run", "left"))
                .flatMap(some -> some);
        page.header(heads.toArray(String[]::new));
        results.forEach(result -> result.runs().forEach(run -> write(run, figures)));
        out.close().close().close().line();
    }

    private void write(TrainedRun run, List<Figure> figures) {
        out.open("tr", "class", "run");
        page.name(run.name());
        page.word(run.subset());
        page.number(Long.toString(run.seed()));
        out.leaf("td", run.outcome(), "class", run.outcome().equals("finished") ? "good" : "bad");
        page.number(Numbers.whole(run.updates()));
        figures.forEach(figure -> page.number(Numbers.plain(run.finalOf(figure).orElse(Double.NaN))));
        page.path(run.runId());
        out.open("td", "class", "nowrap");
        page.links(links.of(run));
        out.close().close().line();
    }
}
