package io.hindcast.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * The decisions in a log of Vowpal Wabbit: JSON lines ({@code --dsjson} or {@code --json}), or text, with features of the context
 * alone ({@code --cb}) or of each action in a block of lines ({@code --cb_adf}). A row is a decision whose cost is known.
 */
final class VowpalWabbitReader implements RowReader {
    static final String EPISODE = "{episode}";
    static final String FEATURES = "features";
    static final String ACTION = "action";
    static final String ACTIONS = "actions";
    static final String REWARD = "reward";
    static final String PROBABILITY = "probability";
    static final String ENDS = "ends";
    static final String ID = "event-id";
    static final String TIME = "timestamp";
    /** The one feature of a context that has none: VW adds it to every example. */
    static final String CONSTANT = "Constant";

    static final int MOST_ACTIONS = 4_096;

    private static final List<String> COLUMNS =
            List.of(EPISODE, FEATURES, ACTION, ACTIONS, REWARD, PROBABILITY, ENDS, ID, TIME);
    private static final int LONGEST_LINE = 64 << 20;
    private static final int MOST_LINES_IN_BLOCK = MOST_ACTIONS + 1;
    private static final int DEEPEST = 32;
    private static final Pattern LABEL = Pattern.compile("(\\d{1,9})(?::([^:\\s]*)(?::([^:\\s]*))?)?");
    private final String file;
    private final BufferedReader in;
    private final boolean json;
    private final int all;
    private final Map<String, Long> leftOut = new LinkedHashMap<>();
    private final List<String> ahead = new ArrayList<>();
    private @Nullable Boolean blocks;
    private long line;
    private long row;

    /**
     * @param all how many actions there are where a line does not say which were possible
     * @throws UserException if it cannot be read
     */
    VowpalWabbitReader(String file, InputStream raw, int all) {
        this.file = file;
        this.all = all;
        in = new BufferedReader(new InputStreamReader(raw, StandardCharsets.UTF_8), 1 << 16);
        var first = line();
        while (first != null && first.isBlank()) {
            first = line();
        }
        json = first != null && first.strip().startsWith("{");
        if (first != null) {
            ahead.add(first);
        }
    }

    /** A decision. */
    private record Decision(
            Map<String, Double> features,
            int action,
            int count,
            @Nullable List<Integer> possible,
            double cost,
            @Nullable Double probability,
            @Nullable String id,
            @Nullable String time) {}

    @Override
    public List<String> columns() {
        return COLUMNS;
    }

    /** How many lines or events were left out, or what of them, by the words for it. */
    Map<String, Long> leftOut() {
        return leftOut;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        var decision = json ? ofJson() : ofText();
        if (decision == null) {
            return null;
        }
        var features = decision.features().isEmpty() ? Map.of(CONSTANT, 1.0) : decision.features();
        var possible = decision.possible() != null
                ? decision.possible()
                : IntStream.rangeClosed(1, Math.max(all, Math.max(decision.count(), decision.action())))
                        .limit(decision.count() > 0 ? decision.count() : Long.MAX_VALUE)
                        .boxed()
                        .toList();
        return new @Nullable Object[] {
            file + "/" + String.format("%09d", row++),
            features,
            decision.action(),
            possible,
            0 - decision.cost(),
            decision.probability(),
            true,
            decision.id(),
            decision.time()
        };
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private @Nullable Decision ofJson() {
        for (var text = nextLine(); text != null; text = nextLine()) {
            if (text.isBlank()) {
                continue;
            }
            JsonNode event;
            try {
                event = Json.MAPPER.readTree(text);
            } catch (JsonProcessingException | StackOverflowError e) {
                throw refused("is no JSON", "copy the file again, or remove the line", e);
            }
            if (!event.isObject()) {
                throw refused("is no JSON object", "give one event a line", null);
            }
            var decision = ofEvent(event);
            if (decision != null) {
                return decision;
            }
        }
        return null;
    }

    private @Nullable Decision ofEvent(JsonNode event) {
        var context = event.has("c") ? event.path("c") : event;
        for (var several : List.of("_slots", "_outcomes", "_decisions")) {
            if (event.has(several) || context.has(several)) {
                throw refused(
                        "has '" + several + "': several decisions in one event (CCB, slates)",
                        "write each of them as an event of its own",
                        null);
            }
        }
        if (event.has("_label_ca") || context.has("_label_ca")) {
            throw refused(
                    "has '_label_ca', a continuous action", "only numbered actions are read; convert the log", null);
        }
        if (!event.has("c") && (event.has("RewardValue") || event.has("EventId")) && !event.has("_multi")) {
            leave("lines hold no decision but a reward that came later, and were left out; join the log first");
            return null;
        }
        if (event.path("_skipLearn").asBoolean(false)) {
            leave("events say _skipLearn, and were left out");
            return null;
        }
        var label = label(event, context);
        if (label == null) {
            leave("events have no cost, and were left out");
            return null;
        }
        if (event.path("pdrop").asDouble(0) > 0) {
            leave("events have pdrop above 0 (one event counts for several): this weight is not read");
        }
        var multi = context.path("_multi");
        var count = multi.isArray() ? multi.size() : event.path("a").size();
        if (count > MOST_ACTIONS) {
            throw refused("has " + count + " actions, more than " + MOST_ACTIONS, "leave such events out", null);
        }
        if (multi.isArray() && multi.size() > 0) {
            leave("events have features of each action, which are not read; those of the context are");
        }
        var features = new TreeMap<String, Double>();
        features(context, "", 0, features);
        return new Decision(
                features,
                label.action(),
                count,
                null,
                label.cost(),
                label.probability(),
                event.hasNonNull("EventId") ? event.path("EventId").asText() : null,
                event.hasNonNull("Timestamp") ? event.path("Timestamp").asText() : null);
    }

    private record Label(int action, double cost, @Nullable Double probability) {}

    private @Nullable Label label(JsonNode event, JsonNode context) {
        if (event.hasNonNull("_label_cost")) {
            var action = event.hasNonNull("_label_Action")
                    ? event.path("_label_Action").asInt(0)
                    : 0;
            var index =
                    event.hasNonNull("_labelIndex") ? event.path("_labelIndex").asInt(-1) + 1 : 0;
            if (action > 0 && index > 0 && action != index) {
                throw refused(
                        "names two actions, _label_Action " + action + " and _labelIndex " + (index - 1),
                        "mend the line",
                        null);
            }
            var taken = action > 0
                    ? action
                    : index > 0 ? index : event.path("a").path(0).asInt(0);
            return new Label(
                    action(taken),
                    number(event.path("_label_cost").asText()),
                    event.hasNonNull("_label_probability")
                            ? number(event.path("_label_probability").asText())
                            : null);
        }
        var found = new ArrayList<Label>();
        label(event.path("_label"), event.path("_labelIndex").asInt(-1) + 1, found);
        var actions = context.path("_multi");
        for (var i = 0; i < actions.size(); i++) {
            label(actions.path(i).path("_label"), i + 1, found);
        }
        if (found.size() > 1) {
            throw refused("has " + found.size() + " costs, and one action is taken in an event", "mend the line", null);
        }
        return found.isEmpty() ? null : found.get(0);
    }

    /** VW's own {@code --json} has {@code "_label": "1:2:0.4"}, or an object with Action, Cost and Probability. */
    private void label(JsonNode label, int place, List<Label> found) {
        if (label.isObject() && label.hasNonNull("Cost")) {
            found.add(new Label(
                    action(place > 0 ? place : label.path("Action").asInt(0)),
                    number(label.path("Cost").asText()),
                    label.hasNonNull("Probability")
                            ? number(label.path("Probability").asText())
                            : null));
        } else if (label.isTextual()) {
            var matcher = LABEL.matcher(label.asText().strip());
            if (matcher.matches() && matcher.group(2) != null) {
                found.add(label(matcher, place > 0 ? place : Integer.parseInt(matcher.group(1))));
            }
        }
    }

    private Label label(java.util.regex.Matcher matcher, int action) {
        return new Label(
                action(action),
                number(matcher.group(2)),
                StringUtils.isEmpty(matcher.group(3)) ? null : number(matcher.group(3)));
    }

    private int action(int action) {
        if (action < 1 || action > MOST_ACTIONS) {
            throw refused("has action " + action, "actions are numbered from 1 to at most " + MOST_ACTIONS, null);
        }
        return action;
    }

    /** What VW makes features of: numbers, flags that are set, words, and lists of numbers; an object is a namespace. */
    private void features(JsonNode node, String space, int depth, Map<String, Double> features) {
        if (depth > DEEPEST) {
            throw refused("is nested deeper than " + DEEPEST + " levels", "leave such events out", null);
        }
        for (var field : node.properties()) {
            var name = field.getKey();
            var value = field.getValue();
            if (name.equals("_text")) {
                for (var word : StringUtils.split(value.asText())) {
                    add(features, space, word, 1);
                }
            } else if (!name.startsWith("_") && !isAbout(name, node, depth)) {
                feature(name, value, space, depth, features);
            }
        }
    }

    /** What stands beside the features where the event is its own context. */
    private static boolean isAbout(String name, JsonNode node, int depth) {
        return depth == 0
                && node.has("_label")
                && (name.equals("EventId") || name.equals("Timestamp") || name.equals("Version"));
    }

    private void feature(String name, JsonNode value, String space, int depth, Map<String, Double> features) {
        if (value.isNumber()) {
            add(features, space, name, value.asDouble());
        } else if (value.isBoolean()) {
            if (value.asBoolean()) {
                add(features, space, name, 1);
            }
        } else if (value.isTextual()) {
            add(features, space, name + "=" + value.asText(), 1);
        } else if (value.isObject()) {
            features(value, space.isEmpty() ? name : space + "/" + name, depth + 1, features);
        } else if (value.isArray()) {
            for (var i = 0; i < value.size(); i++) {
                var item = value.path(i);
                if (item.isObject()) {
                    features(item, space.isEmpty() ? name : space + "/" + name, depth + 1, features);
                } else {
                    feature(name + "[" + i + "]", item, space, depth + 1, features);
                }
            }
        }
    }

    private static void add(Map<String, Double> features, String space, String name, double value) {
        features.merge(space.isEmpty() ? name : space + "/" + name, value, Double::sum);
    }

    private @Nullable Decision ofText() {
        if (blocks == null) {
            blocks = findBlocks();
        }
        while (true) {
            var decision = blocks ? ofBlock() : ofLine();
            if (decision != null || ahead.isEmpty()) {
                return decision;
            }
        }
    }

    /** Whether an event is a block of lines: the first has a shared line, or ends with a blank one and has one cost at most. */
    private boolean findBlocks() {
        if (ahead.isEmpty()) {
            return false;
        }
        if (ahead.get(0).strip().startsWith("shared")) {
            return true;
        }
        var costs = 0;
        for (var i = 0; ; i++) {
            if (i == ahead.size()) {
                var next = line();
                if (next == null) {
                    return i > 1 && costs == 1;
                }
                ahead.add(next);
            }
            var text = ahead.get(i);
            if (text.isBlank()) {
                return i > 1;
            }
            costs += StringUtils.substringBefore(text, "|").contains(":") ? 1 : 0;
            if (costs > 1 || i == MOST_LINES_IN_BLOCK) {
                return false;
            }
        }
    }

    private @Nullable Decision ofLine() {
        var text = nextLine();
        peek();
        if (text == null || text.isBlank()) {
            return null;
        }
        requireKnown(text);
        var costs = new ArrayList<Label>();
        var possible = new ArrayList<Integer>();
        for (var matcher : labels(text)) {
            possible.add(action(Integer.parseInt(matcher.group(1))));
            if (matcher.group(2) != null) {
                costs.add(label(matcher, Integer.parseInt(matcher.group(1))));
            }
        }
        var label = one(costs);
        if (label == null) {
            leave("lines have no cost, and were left out");
            return null;
        }
        var features = new TreeMap<String, Double>();
        features(text, features);
        return new Decision(
                features,
                label.action(),
                0,
                possible.size() > 1 ? possible : null,
                label.cost(),
                label.probability(),
                null,
                null);
    }

    private @Nullable Decision ofBlock() {
        var features = new TreeMap<String, Double>();
        var costs = new ArrayList<Label>();
        var count = 0;
        var described = false;
        for (var text = nextLine(); text != null && !text.isBlank(); text = nextLine()) {
            requireKnown(text);
            if (text.strip().startsWith("shared")) {
                if (count > 0) {
                    throw refused("is a shared line after the first of a block", "put a blank line before it", null);
                }
                features(text, features);
                continue;
            }
            count++;
            if (count > MOST_ACTIONS) {
                throw refused("is the action " + count + " of its block", "put a blank line between events", null);
            }
            described |= text.contains("|");
            for (var matcher : labels(text)) {
                if (matcher.group(2) != null) {
                    costs.add(label(matcher, count));
                }
            }
        }
        peek();
        if (count == 0) {
            return null;
        }
        var label = one(costs);
        if (label == null) {
            leave("events have no cost, and were left out");
            return null;
        }
        if (described) {
            leave("events have features of each action, which are not read; those of the shared line are");
        }
        return new Decision(features, label.action(), count, null, label.cost(), label.probability(), null, null);
    }

    private @Nullable Label one(List<Label> costs) {
        if (costs.size() > 1) {
            throw refused(
                    "gives " + costs.size() + " costs for one event",
                    "only the action that was taken has one; mend the line, or put a blank line between events",
                    null);
        }
        return costs.isEmpty() ? null : costs.get(0);
    }

    private void requireKnown(String text) {
        for (var other : List.of("ccb ", "slates ", "ca ")) {
            if (text.strip().startsWith(other)) {
                throw refused(
                        "begins with '" + other.strip() + "'",
                        "only contextual bandits of one numbered action are read; convert the log",
                        null);
            }
        }
        if (!text.contains("|")) {
            throw refused("has no features after a |", "check format, or remove the line", null);
        }
    }

    /** The labels before the first bar; a tag may follow them. */
    private static List<java.util.regex.Matcher> labels(String text) {
        var labels = new ArrayList<java.util.regex.Matcher>();
        for (var word : StringUtils.split(StringUtils.substringBefore(text, "|"))) {
            var matcher = LABEL.matcher(word);
            if (matcher.matches()) {
                labels.add(matcher);
            }
        }
        return labels;
    }

    private void features(String text, Map<String, Double> features) {
        for (var part : StringUtils.substringAfter(text, "|").split("\\|", -1)) {
            var words = StringUtils.split(part);
            var named = !part.isEmpty() && !Character.isWhitespace(part.charAt(0));
            var space = named ? StringUtils.substringBefore(words[0], ":") : "";
            var weight = named && words[0].contains(":") ? number(StringUtils.substringAfter(words[0], ":")) : 1;
            for (var i = named ? 1 : 0; i < words.length; i++) {
                var colon = words[i].lastIndexOf(':');
                var name = colon < 0 ? words[i] : words[i].substring(0, colon);
                var value = colon < 0 ? 1 : number(words[i].substring(colon + 1));
                add(features, space, name.isEmpty() ? "[" + (i - (named ? 1 : 0)) + "]" : name, value * weight);
            }
        }
    }

    private double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw refused(
                    "has '" + Shown.of(StringUtils.abbreviate(text, 40)) + "' where a number is expected",
                    "mend the line",
                    e);
        }
    }

    private void leave(String words) {
        leftOut.merge(words, 1L, Long::sum);
    }

    private void peek() {
        if (ahead.isEmpty()) {
            var next = line();
            if (next != null) {
                ahead.add(next);
            }
        }
    }

    private @Nullable String nextLine() {
        line++;
        return ahead.isEmpty() ? line() : ahead.remove(0);
    }

    private @Nullable String line() {
        try {
            var text = new StringBuilder();
            for (var c = in.read(); c >= 0; c = in.read()) {
                if (c == '\n') {
                    return text.toString();
                }
                if (text.length() == LONGEST_LINE) {
                    throw new UserException("Cannot read " + file + ": a line is longer than " + LONGEST_LINE
                            + " characters; check format");
                }
                text.append((char) c);
            }
            return text.isEmpty() ? null : text.toString();
        } catch (IOException e) {
            throw Format.damaged(file, e);
        }
    }

    private UserException refused(String what, String mend, @Nullable Throwable cause) {
        var message = "Cannot read " + file + ": line " + line + " " + what + "; " + mend;
        return cause == null ? new UserException(message) : new UserException(message, cause);
    }
}
