package io.hindcast.stats;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The few largest steps and where they are: a state that merges. */
final class LargestSteps {
    static final int KEPT = 5;

    private static final Comparator<DatasetStats.Place> LARGEST_FIRST = Comparator.comparingDouble(
                    DatasetStats.Place::size)
            .reversed()
            .thenComparing(DatasetStats.Place::sourceFile)
            .thenComparingLong(DatasetStats.Place::sourceRow)
            .thenComparing(DatasetStats.Place::episodeId)
            .thenComparingLong(DatasetStats.Place::step);

    private final List<DatasetStats.Place> places = new ArrayList<>();

    /** What a step must be long for, to be kept. */
    double least() {
        return places.size() < KEPT ? 0 : places.get(KEPT - 1).size();
    }

    void add(DatasetStats.Place place) {
        if (place.size() == 0 || place.size() < least()) {
            return;
        }
        places.add(place);
        places.sort(LARGEST_FIRST);
        if (places.size() > KEPT) {
            places.remove(KEPT);
        }
    }

    void merge(LargestSteps other) {
        other.places.forEach(this::add);
    }

    List<DatasetStats.Place> places() {
        return List.copyOf(places);
    }

    void write(StateWriter out) {
        out.whole(places.size());
        for (var place : places) {
            out.number(place.size());
            out.text(place.episodeId());
            out.whole(place.step());
            out.text(place.sourceFile());
            out.whole(place.sourceRow());
        }
    }

    static LargestSteps read(StateReader in) {
        var read = new LargestSteps();
        var length = in.length();
        for (var i = 0; i < length; i++) {
            read.add(new DatasetStats.Place(in.number(), in.text(), in.whole(), in.text(), in.whole()));
        }
        return read;
    }
}
