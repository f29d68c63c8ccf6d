package io.hindcast.stage.curate;

import io.hindcast.data.EpisodeShare;
import io.hindcast.data.TopPercent;
import io.hindcast.data.Transformation.ReturnChange;
import io.hindcast.table.Publication;
import io.hindcast.table.Request;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Few episodes, held here. */
final class RowEpisodes implements Episodes {
    /** As Spark orders texts: by their bytes in UTF-8, which is the order of code points. */
    private static final Comparator<String> TEXTS = RowEpisodes::compare;

    /** Trajectories one after the other, each with its parts in their order. */
    private static final Comparator<One> ORDER = Comparator.comparingInt((One one) -> size(one.trajectory()))
            .thenComparing(One::trajectory, TEXTS)
            .thenComparingInt(one -> size(one.id()))
            .thenComparing(One::id, TEXTS);

    /** The best of some first. */
    private static final Comparator<Valued> BEST = Comparator.comparingDouble(Valued::value)
            .reversed()
            .thenComparing(one -> one.of().trajectory(), TEXTS);

    private static final Comparator<Valued> RANKS = BEST.thenComparingInt(
                    one -> size(one.of().id()))
            .thenComparing(one -> one.of().id(), TEXTS);

    private static final Comparator<PublishedRow> PUBLISHED = Comparator.comparingInt(PublishedRow::rank)
            .thenComparing(PublishedRow::group, Comparator.nullsFirst(TEXTS));

    /** In {@link #ORDER}. */
    private final List<One> episodes;

    private final boolean hasParts;

    private RowEpisodes(List<One> episodes, boolean hasParts) {
        this.episodes = episodes;
        this.hasParts = hasParts;
    }

    /**
     * An episode.
     *
     * @param logged the row of {@code episodes}
     * @param trajectory its own id where it is a whole one
     * @param length how many of its transitions are kept
     * @param value their return as logged
     */
    private record One(String id, Row logged, String trajectory, long length, double value, String ending) {
        /** What a column says of what is kept; null where nothing. */
        @Nullable Object column(String name) {
            return switch (name) {
                case "length" -> length;
                case "episode_return" -> value;
                case "ending" -> ending;
                default -> logged.getAs(name);
            };
        }
    }

    /** An episode with a number of its trajectory; there is one zero. */
    private record Valued(One of, double value, boolean isFirst, One first) {}

    private record PublishedRow(One of, int rank, @Nullable String group) {}

    static RowEpisodes all(Warehouse warehouse, TableVersion version, boolean hasParts) {
        var rows = TableRows.of(warehouse, version).stream()
                .map(RowEpisodes::one)
                .sorted(ORDER)
                .toList();
        return new RowEpisodes(rows, hasParts);
    }

    private static One one(Row row) {
        var id = row.<String>getAs("episode_id");
        var trajectory = row.<@Nullable String>getAs("trajectory");
        return new One(
                id,
                row,
                trajectory == null ? id : trajectory,
                row.<Long>getAs("length"),
                row.<Double>getAs("episode_return"),
                row.getAs("ending"));
    }

    @Override
    public Episodes of(Warehouse warehouse, TableVersion subsets, String subset) {
        var kept = new HashMap<String, Row>();
        TableRows.forEach(warehouse, subsets, List.of("subset", "episode_id", "length", "episode_return"), row -> {
            if (subset.equals(row.getString(0))) {
                kept.put(row.getString(1), row);
            }
        });
        return with(episodes.stream()
                .filter(one -> kept.containsKey(one.id()))
                .map(one -> {
                    var row = Objects.requireNonNull(kept.get(one.id()));
                    return new One(
                            one.id(), one.logged(), one.trajectory(), row.getLong(2), row.getDouble(3), one.ending());
                })
                .toList());
    }

    @Override
    public Episodes best(ReturnChange change, double percent, @Nullable String groupColumn) {
        var kept = new ArrayList<One>();
        var valued = valued(returns(change));
        for (var group : groups(valued, one -> hasParts ? one.first() : one.of(), groupColumn)) {
            group.sort(BEST);
            var ranks = new int[group.size()];
            for (var i = 0; i < ranks.length; i++) {
                ranks[i] = i == 0 ? 1 : ranks[i - 1] + (BEST.compare(group.get(i - 1), group.get(i)) == 0 ? 0 : 1);
            }
            var most = TopPercent.kept(ranks[ranks.length - 1], percent);
            for (var i = 0; i < ranks.length && ranks[i] <= most; i++) {
                kept.add(group.get(i).of());
            }
        }
        kept.sort(ORDER);
        return with(kept);
    }

    @Override
    public Episodes returning(ReturnChange change, @Nullable Double min, @Nullable Double max) {
        return with(valued(returns(change)).stream()
                .filter(one -> (min == null || Double.compare(one.value(), min + 0.0) >= 0)
                        && (max == null || Double.compare(one.value(), max + 0.0) <= 0))
                .map(Valued::of)
                .toList());
    }

    @Override
    public Episodes lasting(@Nullable Long min, @Nullable Long max) {
        var lengths = new HashMap<String, Long>();
        episodes.forEach(one -> lengths.merge(hasParts ? one.trajectory() : one.id(), one.length(), Long::sum));
        return where(one -> {
            var length = Objects.requireNonNull(lengths.get(hasParts ? one.trajectory() : one.id()));
            return (min == null || length >= min) && (max == null || length <= max);
        });
    }

    @Override
    public Episodes ending(List<String> endings) {
        return where(one -> endings.contains(one.ending()));
    }

    @Override
    public Episodes inGroups(List<String> groups) {
        return where(one -> one.column("group") instanceof String group && groups.contains(group));
    }

    @Override
    public Episodes shared(String purpose, long seed, double from, double to) {
        return where(one -> {
            var share = EpisodeShare.of(purpose, seed, one.trajectory());
            return share >= from && share < to;
        });
    }

    @Override
    public Episodes first(long count, ToDoubleBiFunction<String, Long> returns) {
        var kept = new ArrayList<One>();
        var left = count;
        for (var one : episodes) {
            if (left <= 0) {
                break;
            }
            kept.add(
                    one.length() <= left
                            ? one
                            : new One(
                                    one.id(),
                                    one.logged(),
                                    one.trajectory(),
                                    left,
                                    returns.applyAsDouble(one.id(), left),
                                    "truncated"));
            left -= one.length();
        }
        return with(kept);
    }

    @Override
    public Tally tally(ReturnChange change) {
        var tally = new Tally();
        valued(returns(change)).forEach(one -> tally.add(one.of().length(), one.value(), one.isFirst()));
        return tally;
    }

    @Override
    public boolean hasParts() {
        return hasParts;
    }

    @Override
    public Map<String, Long> lengths() {
        return episodes.stream().collect(Collectors.toMap(One::id, One::length));
    }

    @Override
    public TableVersion publish(Publication publication, Request request, Map<String, Ranked> subsets, long distinct) {
        return publication.publish(
                request,
                () -> subsets.entrySet().stream()
                        .flatMap(subset -> {
                            var ranked = subset.getValue();
                            return ((RowEpisodes) ranked.episodes()).rows(subset.getKey(), ranked);
                        })
                        .iterator(),
                distinct);
    }

    private Stream<@Nullable Object[]> rows(String subset, Ranked ranked) {
        var rows = new ArrayList<PublishedRow>();
        var column = ranked.within() == null ? "group" : ranked.within();
        for (var group : groups(valued(returns(ranked.change())), Valued::of, ranked.within())) {
            group.sort(RANKS);
            for (var i = 0; i < group.size(); i++) {
                var one = group.get(i).of();
                var value = one.column(column);
                rows.add(new PublishedRow(one, i, value == null ? null : String.valueOf(value)));
            }
        }
        return rows.stream().sorted(PUBLISHED).map(row -> new @Nullable Object[] {
            subset, row.rank(), row.of().id(), row.of().value(), row.of().length(), row.group()
        });
    }

    /** The return of an episode, of rewards as they are by now. */
    private static ToDoubleFunction<One> returns(ReturnChange change) {
        return one -> one.value() * change.scale() + one.length() * change.shift();
    }

    /** Those of each value of a column, which is the same for both zeros; all if there is no column. */
    private static Collection<List<Valued>> groups(
            List<Valued> valued, Function<Valued, One> of, @Nullable String column) {
        var groups = new LinkedHashMap<@Nullable Object, List<Valued>>();
        for (var one : valued) {
            var value = column == null ? null : of.apply(one).column(column);
            var key = value instanceof Double number ? Double.valueOf(number + 0.0) : value;
            groups.computeIfAbsent(key, group -> new ArrayList<>()).add(one);
        }
        return groups.values();
    }

    /** Each with the sum of a number over the parts of its trajectory that are there, added in their order. */
    private List<Valued> valued(ToDoubleFunction<One> number) {
        var valued = new ArrayList<Valued>();
        for (var from = 0; from < episodes.size(); ) {
            var first = episodes.get(from);
            var to = from;
            var sum = 0.0;
            do {
                sum += number.applyAsDouble(episodes.get(to));
                to++;
            } while (hasParts
                    && to < episodes.size()
                    && episodes.get(to).trajectory().equals(first.trajectory()));
            for (var i = from; i < to; i++) {
                valued.add(new Valued(episodes.get(i), sum, i == from, first));
            }
            from = to;
        }
        return valued;
    }

    private RowEpisodes where(Predicate<One> wanted) {
        return with(episodes.stream().filter(wanted).toList());
    }

    private RowEpisodes with(List<One> kept) {
        return new RowEpisodes(kept, hasParts);
    }

    private static int size(String text) {
        return text.codePointCount(0, text.length());
    }

    private static int compare(String one, String other) {
        var length = Math.min(one.length(), other.length());
        for (var i = 0; i < length; i++) {
            var a = one.charAt(i);
            var b = other.charAt(i);
            if (a != b) {
                // Pairs of surrogates are above all others.
                var isPair = Character.isSurrogate(a);
                return isPair == Character.isSurrogate(b) ? a - b : isPair ? 1 : -1;
            }
        }
        return one.length() - other.length();
    }
}
