package io.hindcast.stage.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Short names of directories: what their paths differ in. */
final class PathLabels {
    private PathLabels() {}

    /**
     * Each path without the folders that all of them begin or end with; the whole path where that leaves nothing.
     *
     * @param paths all different, with {@code /} between folders
     */
    static List<String> of(List<String> paths) {
        var folders = paths.stream().map(path -> List.of(path.split("/"))).toList();
        var before = shared(folders);
        var ends = folders.stream()
                .map(path -> {
                    var end = new ArrayList<>(path.subList(before, path.size()));
                    Collections.reverse(end);
                    return List.copyOf(end);
                })
                .toList();
        var after = shared(ends);
        return IntStream.range(0, paths.size())
                .mapToObj(i -> {
                    var path = folders.get(i);
                    var label = String.join("/", path.subList(before, path.size() - after));
                    return label.isEmpty() ? paths.get(i) : label;
                })
                .toList();
    }

    /** How many folders all begin with. */
    private static int shared(List<List<String>> paths) {
        var least = paths.stream().mapToInt(List::size).min().orElse(0);
        return (int) IntStream.range(0, least)
                .takeWhile(
                        i -> paths.stream().map(path -> path.get(i)).distinct().count() == 1)
                .count();
    }
}
