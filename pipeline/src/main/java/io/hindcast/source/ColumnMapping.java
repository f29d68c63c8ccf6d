package io.hindcast.source;

import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.timeline.EpisodeRules;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * Which columns (of an npz file: arrays) hold what. An observation, an action or a mask is a list of columns whose values are
 * laid side by side; {@link OneHot one-hot:NAME{16}} of an observation is a number spread over 16 entries; a column may hold a number or a vector of them, {@code affinity_{0..33}} stands for 34 columns, and
 * {@code category:NAME} for a column of names that is spread over one 0/1 entry for each name, in sorted order, and
 * {@code map:NAME} for a column of maps from keys to numbers that is spread over one entry for each key, in sorted order. A
 * next-observation's column shares the names of the observation's column at the same place. {@code a.b} is the column of that
 * name, else the field b of the column a.
 */
public record ColumnMapping(
        @Setting(
                meaning =
                        "columns of the observation; one-hot:NAME{16}: a number from 0 to 15, as 16 entries of 0 and 1")
        List<String> observation,

        @Setting(value = "[]", meaning = "columns of an action that is a vector")
        List<String> action,

        @Setting(
                value = "null",
                meaning = "column of the action's index, which starts at 0; or category:NAME: a column with the"
                        + " action's name (names are sorted, then numbered)")
        @Nullable String actionIndex,

        @Setting(meaning = "column of the reward; a number: the reward of every row; null: no rewards were logged")
        @Nullable ConfigValue reward,

        @Setting(
                value = "[]",
                meaning = "columns of the next observation; if none: the observation of the next row of the episode")
        List<String> nextObservation,

        @Setting(value = "null", meaning = "column of a flag: the task itself ended here") @Nullable String terminated,

        @Setting(value = "null", meaning = "column of a flag: a time limit ended the episode here") @Nullable String truncated,

        @Setting(
                value = "null",
                meaning = "column of a flag that an episode ended, either way: read as terminated unless truncated is"
                        + " set")
        @Nullable String done,

        @Setting(
                value = "null",
                single = true,
                meaning = "column of the episode's name or number, for episode-per = column; a list if several columns"
                        + " identify an episode together, for example [worker, episode]")
        @Nullable List<String> episodeId,

        @Setting(
                value = "null",
                meaning = "column of a row's number in its episode, consecutive integers; null: rows are in order")
        @Nullable String step,

        @Setting(
                value = "null",
                meaning = "column of a row's time; rows may be in any order. The time until the next observation is"
                        + " computed from it unless time-delta is given. Not allowed together with step")
        @Nullable String time,

        @Setting(value = "null", meaning = "column of the natural logarithm of the logging policy's probability")
        @Nullable String behaviourLogProb,

        @Setting(value = "null", meaning = "column of the logging policy's probability, in (0, 1]") @Nullable String propensity,

        @Setting(
                value = "[]",
                meaning = "columns of flags: which actions were possible; or category:NAME: a column with the list of"
                        + " names of the possible actions. Learners and policies choose among the possible"
                        + " actions only")
        List<String> actionMask,

        @Setting(value = "null", meaning = "column of the time until the next observation") @Nullable String timeDelta,

        @Setting(
                value = "null",
                meaning = "column of the episode's group, or a text with {file}: the file's name without its"
                        + " extension, {folder}: the name of its directory, or {folder:2}: the name of the"
                        + " directory above")
        @Nullable String group,

        @Setting(
                value = "null",
                meaning = "the value used for a key that a row's map:NAME lacks, for example 0; null: such a row is"
                        + " quarantined")
        @Nullable Double missingKey,

        @Setting(
                value = "null",
                meaning = "column of a number that orders rows of the same time; null: such rows keep the order of"
                        + " their file")
        @Nullable String tieBreak,

        @Setting(
                value = "null",
                meaning = "further columns of the log that every step keeps as text, in the column kept, for example to"
                        + " judge by country, or by another policy's probabilities")
        @Nullable List<String> keep)
        implements Serializable {

    /** What {@link #group} is if the group is the file. */
    public static final String FILE = "{file}";

    private static final Pattern OF_FILE = Pattern.compile("\\{(file|folder(?::([1-9]))?)}");

    private static final String CATEGORY = "category:";
    private static final String MAP = "map:";
    private static final List<String> RESERVED = List.of("group", "source_file");
    private static final Pattern NUMBERED = Pattern.compile("(.*)\\{(\\d{1,6})\\.\\.(\\d{1,6})}(.*)");

    /** @throws UserException if two columns are given for one thing, or none for the action */
    public ColumnMapping {
        keep = keep == null || keep.isEmpty() ? null : keep;
        episodeId = episodeId == null || episodeId.isEmpty() ? null : episodeId;
        if (action.isEmpty() == (actionIndex == null)) {
            throw new UserException("Cannot use columns.action = " + action + " with columns.action-index = "
                    + actionIndex + ": exactly one of them must be given");
        }
        if (propensity != null && behaviourLogProb != null) {
            throw new UserException("Cannot use columns.propensity = " + propensity
                    + " with columns.behaviour-log-prob = " + behaviourLogProb + ": give one of them");
        }
        if (step != null && time != null) {
            throw new UserException("Cannot use columns.step = " + step + " with columns.time = " + time
                    + ": an episode's rows have one order; give one of them");
        }
        if (tieBreak != null && time == null) {
            throw new UserException("Cannot use columns.tie-break = " + tieBreak
                    + " without columns.time: it orders rows of one time; give both");
        }
        if (expand(actionMask).stream().anyMatch(ColumnMapping::isCategory)
                && !(actionMask.size() == 1 && actionIndex != null && isCategory(actionIndex))) {
            throw new UserException("Cannot use columns.action-mask = " + actionMask
                    + ": the names of possible actions are one column, beside columns.action-index ="
                    + " category:NAME; give both");
        }
        expand(observation).stream().filter(OneHot::is).forEach(OneHot::of);
        expand(nextObservation).stream().filter(OneHot::is).forEach(OneHot::of);
        if (expand(action).stream().anyMatch(OneHot::is) || (actionIndex != null && OneHot.is(actionIndex))) {
            throw new UserException("Cannot use columns.action = " + (actionIndex == null ? action : actionIndex)
                    + ": one-hot:NAME is for observations; of actions give action-space { type = discrete, count = N,"
                    + " one-hot = true } and the bare columns in columns.action");
        }
        for (var column : keep == null ? List.<String>of() : keep) {
            if (!bare(column).equals(column) || RESERVED.contains(column)) {
                throw new UserException("Cannot use columns.keep = " + keep + ": "
                        + (RESERVED.contains(column)
                                ? column + " is a column of transitions by itself, for the group see columns.group"
                                : "what is kept is the text of a column; write " + bare(column))
                        + "; name other columns of the log");
            }
        }
        if (observation.isEmpty()) {
            throw new UserException("Cannot use columns.observation = []: an observation needs a column");
        }
        if (reward != null && !(reward.unwrapped() instanceof String || Double.isFinite(constant(reward)))) {
            throw new UserException("Cannot use columns.reward = " + reward.unwrapped()
                    + ": it must be a column, a finite number that is every row's reward, or null where no rewards were"
                    + " logged");
        }
    }

    /** With an id of one column, and nothing that orders rows of one time. */
    public ColumnMapping(
            List<String> observation,
            List<String> action,
            @Nullable String actionIndex,
            @Nullable ConfigValue reward,
            List<String> nextObservation,
            @Nullable String terminated,
            @Nullable String truncated,
            @Nullable String done,
            @Nullable String episodeId,
            @Nullable String step,
            @Nullable String time,
            @Nullable String behaviourLogProb,
            @Nullable String propensity,
            List<String> actionMask,
            @Nullable String timeDelta,
            @Nullable String group,
            @Nullable Double missingKey) {
        this(
                observation,
                action,
                actionIndex,
                reward,
                nextObservation,
                terminated,
                truncated,
                done,
                episodeId == null ? null : List.of(episodeId),
                step,
                time,
                behaviourLogProb,
                propensity,
                actionMask,
                timeDelta,
                group,
                missingKey,
                null,
                null);
    }

    /** Columns of a format that knows what is where; what it does not have is null or empty. */
    static ColumnMapping of(
            List<String> observation,
            List<String> action,
            @Nullable String actionIndex,
            @Nullable String reward,
            List<String> nextObservation,
            @Nullable String terminated,
            @Nullable String truncated) {
        return new ColumnMapping(
                observation,
                action,
                actionIndex,
                reward == null ? null : column(reward),
                nextObservation,
                terminated,
                truncated,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                null,
                null,
                null,
                null);
    }

    /** With this column of the episode's name, if none is given. */
    ColumnMapping orEpisodeId(String column) {
        return episodeId != null ? this : with(List.of(column), group);
    }

    /** With this column of the group, if none is given. */
    ColumnMapping orGroup(String column) {
        return group != null ? this : with(episodeId, column);
    }

    private ColumnMapping with(@Nullable List<String> episodeId, @Nullable String group) {
        return new ColumnMapping(
                observation,
                action,
                actionIndex,
                reward,
                nextObservation,
                terminated,
                truncated,
                done,
                episodeId,
                step,
                time,
                behaviourLogProb,
                propensity,
                actionMask,
                timeDelta,
                group,
                missingKey,
                tieBreak,
                keep);
    }

    /** A column of the reward. */
    static ConfigValue column(String reward) {
        return ConfigValueFactory.fromAnyRef(reward);
    }

    /**
     * The columns behind {@code category:NAME} and {@code map:NAME}, without the prefix, each with the column under whose name
     * its names are kept.
     */
    public Map<String, String> categories() {
        var kept = new LinkedHashMap<String, String>();
        var from = expand(observation);
        var to = expand(nextObservation);
        from.stream().filter(ColumnMapping::isSpread).forEach(column -> kept.put(bare(column), bare(column)));
        for (var i = 0; i < to.size(); i++) {
            if (isSpread(to.get(i))) {
                kept.putIfAbsent(
                        bare(to.get(i)), bare(i < from.size() && isSpread(from.get(i)) ? from.get(i) : to.get(i)));
            }
        }
        if (actionIndex != null && isCategory(actionIndex)) {
            var actions = bare(actionIndex);
            kept.putIfAbsent(actions, actions);
            expand(actionMask).stream()
                    .filter(ColumnMapping::isCategory)
                    .forEach(column -> kept.put(bare(column), actions));
        }
        return kept;
    }

    /** The column of the reward, null if there is none: then every row's is {@link #rewardOfEveryRow}. */
    public @Nullable String rewardColumn() {
        return reward != null && reward.unwrapped() instanceof String column ? column : null;
    }

    /** The reward of rows that have no column of it: the number that was given, 0 where no rewards were logged. */
    public double rewardOfEveryRow() {
        return reward == null ? 0 : constant(reward);
    }

    private static double constant(ConfigValue reward) {
        return reward.unwrapped() instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /**
     * Makes sure that a number given as the reward is not meant as the name of a column.
     *
     * @param names the columns of {@code file}
     * @throws UserException if one of them is called so
     */
    public void requireRewardIsNoColumn(List<String> names, String file) {
        if (reward != null && rewardColumn() == null && names.contains(String.valueOf(reward.unwrapped()))) {
            throw new UserException("Cannot use columns.reward = " + reward.unwrapped()
                    + ": a number is the reward of every row, but " + file + " has a column of that name; write \""
                    + reward.unwrapped() + "\" in quotes to read it");
        }
    }

    /** The columns that name the episode together; none if it is not named. */
    public List<String> episodeIds() {
        return episodeId == null ? List.of() : episodeId;
    }

    /** The column of the actions' names, empty if actions are numbered. */
    public String actionCategory() {
        return actionIndex != null && isCategory(actionIndex) ? bare(actionIndex) : "";
    }

    /** The columns of the observation, without prefixes. */
    public Set<String> observationColumns() {
        var columns = new HashSet<String>();
        expand(observation).forEach(column -> columns.add(bare(column)));
        return columns;
    }

    /** The columns of flags that may end an episode. */
    public Set<String> flags() {
        return Stream.of(terminated, truncated, done).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    /** The same with other columns of the next observation. */
    ColumnMapping withNextObservation(List<String> columns) {
        return new ColumnMapping(
                observation,
                action,
                actionIndex,
                reward,
                columns,
                terminated,
                truncated,
                done,
                episodeId,
                step,
                time,
                behaviourLogProb,
                propensity,
                actionMask,
                timeDelta,
                group,
                missingKey,
                tieBreak,
                keep);
    }

    /** With another column of the episode's name. */
    public ColumnMapping withEpisodeId(String column) {
        return with(List.of(column), group);
    }

    /** The columns that steps keep, each once. */
    public List<String> kept() {
        return keep == null ? List.of() : expand(keep).stream().distinct().toList();
    }

    /** The columns of which only the names are read: of a number its digits. */
    public Set<String> names() {
        var names = new HashSet<>(categories().keySet());
        names.addAll(episodeIds());
        names.add(group == null ? "" : group);
        names.addAll(kept());
        return names;
    }

    /** All columns that are read, without prefixes, each once. */
    public List<String> columns() {
        var names = new ArrayList<String>();
        for (var vector : List.of(observation, action, nextObservation, actionMask, episodeIds(), kept())) {
            names.addAll(expand(vector));
        }
        Stream.of(
                        actionIndex,
                        rewardColumn(),
                        terminated,
                        truncated,
                        done,
                        step,
                        time,
                        tieBreak,
                        behaviourLogProb,
                        propensity,
                        timeDelta,
                        isOfFile(group) ? null : group)
                .filter(Objects::nonNull)
                .forEach(names::add);
        return names.stream().map(ColumnMapping::bare).distinct().toList();
    }

    /**
     * What to ask of a file.
     *
     * @param finalRow what an episode's last row is, if each file is an episode; else null
     */
    public Wanted wanted(EpisodeRules.@Nullable FinalRow finalRow) {
        if (finalRow != EpisodeRules.FinalRow.OBSERVATION) {
            return new Wanted(columns());
        }
        return new Wanted(
                columns(),
                expand(observation).stream().map(ColumnMapping::bare).toList(),
                Stream.of(terminated, truncated, done).filter(Objects::nonNull).toList());
    }

    /**
     * The one of {@code names} that holds the column {@code name}: itself, else the longest that it continues after a dot.
     *
     * @throws UserException if there is none: it names the file, and the nearest of its columns
     */
    public static String holder(String name, List<String> names, String file) {
        return held(name, names)
                .orElseThrow(() -> Settings.unknown(
                        "column",
                        name,
                        names.stream().filter(StringUtils::isNotBlank).toList(),
                        " of " + file));
    }

    /** The same, nothing if there is none. */
    public static Optional<String> held(String name, List<String> names) {
        for (var end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
            var holder = name.substring(0, end);
            if (names.contains(holder)) {
                return Optional.of(holder);
            }
        }
        return Optional.empty();
    }

    /** Whether a group is no column but made from the name of a file, or from those of its folders. */
    public static boolean isOfFile(@Nullable String group) {
        return group != null && OF_FILE.matcher(group).find();
    }

    /**
     * The group of all episodes of a file, of a group that {@link #isOfFile}.
     *
     * @param stem the file's name without its ending
     */
    public static String groupOf(String group, String stem, InputFile file) {
        return OF_FILE.matcher(group)
                .replaceAll(match -> Matcher.quoteReplacement(
                        match.group(1).equals("file")
                                ? stem
                                : file.folder(match.group(2) == null ? 1 : Integer.parseInt(match.group(2)))));
    }

    /** Whether one of {@code names} holds the column {@code name}, see {@link #holder}. */
    static boolean isHeld(String name, List<String> names) {
        for (var end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
            if (names.contains(name.substring(0, end))) {
                return true;
            }
        }
        return false;
    }

    /** Whether RLlib packed a column: then it is base64 of an LZ4 frame of a pickle, which only Python can read. */
    public static boolean isPacked(String text) {
        return text.startsWith("BCJNGG");
    }

    /** Numbered patterns written out. */
    public static List<String> expand(List<String> columns) {
        var all = new ArrayList<String>();
        for (var column : columns) {
            var numbered = NUMBERED.matcher(column);
            if (!numbered.matches()) {
                all.add(column);
                continue;
            }
            for (var i = Integer.parseInt(numbered.group(2)); i <= Integer.parseInt(numbered.group(3)); i++) {
                all.add(numbered.group(1) + i + numbered.group(4));
            }
        }
        return all;
    }

    /** Whether it is a column of names. */
    public static boolean isCategory(String column) {
        return column.startsWith(CATEGORY);
    }

    static boolean isMap(String column) {
        return column.startsWith(MAP);
    }

    /** A column without the prefix that says what it holds. */
    public static String bare(String column) {
        if (OneHot.is(column)) {
            return OneHot.of(column).column();
        }
        return isCategory(column)
                ? column.substring(CATEGORY.length())
                : isMap(column) ? column.substring(MAP.length()) : column;
    }

    /** Whether it is spread over one entry for each of its names. */
    public static boolean isSpread(String column) {
        return isCategory(column) || isMap(column);
    }
}
