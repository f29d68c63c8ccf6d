package io.hindcast.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.lang3.StringUtils;

/** The results as lines for a terminal, in ASCII alone: a console may not know more. */
public final class ResultsTable {
    private ResultsTable() {}

    /** A line of headings and one a result; none without results. */
    public static List<String> lines(List<Result> results) {
        if (results.isEmpty()) {
            return List.of();
        }
        var rows = new ArrayList<List<String>>();
        rows.add(List.of(
                "name",
                "subset",
                "learner",
                "seeds",
                "final return",
                "best return",
                "updates",
                "updates/s",
                "outcome"));
        for (var result : results) {
            rows.add(List.of(
                    result.name(),
                    result.subset(),
                    result.learner(),
                    Integer.toString(result.runs().size()),
                    ascii(Numbers.spread(result.finals().mean(), result.finals().standardDeviation())),
                    ascii(Numbers.spread(result.bests().mean(), result.bests().standardDeviation())),
                    ascii(Numbers.whole(result.updates())),
                    ascii(Numbers.whole(result.updatesPerSecond())),
                    result.outcomes().entrySet().stream()
                            .map(outcome -> outcome.getValue() + " " + outcome.getKey())
                            .collect(Collectors.joining(", "))));
        }
        return aligned(rows);
    }

    private static String ascii(String number) {
        return number.replace("−", "-").replace("–", "-").replace("±", "+/-");
    }

    private static List<String> aligned(List<List<String>> rows) {
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder();
            for (var column = 0; column < row.size(); column++) {
                var place = column;
                var width = rows.stream()
                        .mapToInt(other -> other.get(place).length())
                        .max()
                        .orElse(0);
                line.append(StringUtils.rightPad(row.get(column), width)).append("  ");
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
