package io.hindcast.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Transition;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.Format;
import io.hindcast.source.RowMapper;
import io.hindcast.source.Wanted;
import io.hindcast.timeline.EpisodeRules.ActionConvention;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.EpisodeScope;
import io.hindcast.timeline.EpisodeRules.FinalRow;
import io.hindcast.timeline.EpisodeRules.OnBreak;
import io.hindcast.timeline.EpisodeRules.OutOfBounds;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rows of CSV text become; the observation is a number x, actions are 0 to 2, and the reward is r. */
class RowRulesTest {
    private static final String BASE = "observation = x, action-index = a, reward = r, ";
    private static final String EPISODE = BASE + "episode-id = e, ";

    private IngestTally tally = new IngestTally();
    private final List<Quarantined> quarantined = new ArrayList<>();
    private FinalRow finalRow = FinalRow.DROP;
    private OnBreak onBreak = OnBreak.QUARANTINE;
    private EpisodePer per = EpisodePer.COLUMN;
    private EpisodeScope scope;
    private Set<Flag> required = Set.of();
    private ActionSpace actions = new ActionSpace.Discrete(3);
    private List<String> known = List.of();

    @ParameterizedTest
    @ValueSource(strings = {"", "nan", "NaN", "NA", "null", "None", "<NA>"})
    void noValueIsNoEnd(String nothing) {
        var log = "e,x,a,r,end,cut\none,0,0,1,%1$s,%1$s\none,1,0,1,%1$s,0\none,2,0,1,True,%1$s\n".formatted(nothing);

        assertThat(transitions(EPISODE + "terminated = end, truncated = cut", log))
                .containsExactly("one 0->1", "one 1->2", "one 2->2 terminated");
        assertThat(tally.findings().lines())
                .containsExactly(
                        "2 rows do not say whether they terminated (terminated), which is read as no",
                        "2 rows do not say whether they were truncated (truncated), which is read as no");
    }

    @Test
    void doneWithoutAValueIsNoEndEither() {
        assertThat(transitions(EPISODE + "done = d", "e,x,a,r,d\none,0,0,1,\none,1,0,1,1\n"))
                .containsExactly("one 0->1", "one 1->1 terminated");
        assertThat(tally.remarks())
                .containsExactly("1 rows do not say whether they are done (done), which is read as no");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "-1", "0.5", "maybe", "inf", "2026-11-01"})
    void aFlagIsTrueOrFalseOrNothing(String word) {
        assertThatThrownBy(() -> transitions(EPISODE + "done = d", "e,x,a,r,d\none,0,0,1," + word + "\n"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read column 'd' of a.csv: row 0 holds '" + word
                                + "' where a flag is expected; a flag is true or false, 1 or 0, or empty where it is not known");
    }

    @Test
    void aFlagMayBeRequired() {
        required = Set.of(Flag.TERMINATED);

        assertThat(transitions(EPISODE + "terminated = end", "e,x,a,r,end\none,0,0,1,\none,1,0,1,1\ntwo,5,0,1,1\n"))
                .containsExactly("two 5->5 terminated");
        assertThat(details()).contains("unknown-flag: terminated is missing, and required-flags names it");
    }

    @Test
    void nothingReadsWhatFollowsATerminatedStep() {
        var log = "e,x,n,a,r,end\none,0,1,0,1,0\none,1,,0,-1,1\n";

        assertThat(transitions(EPISODE + "next-observation = n, terminated = end", log))
                .containsExactly("one 0->1", "one 1->1 terminated");
        assertThat(transitions(EPISODE + "next-observation = n, done = end", log))
                .containsExactly("one 0->1", "one 1->1 terminated");
        per = EpisodePer.ROW;
        assertThat(transitions(BASE + "next-observation = n", "x,n,a,r\n3,nan,0,1\n"))
                .containsExactly("a/000000 3->3 terminated");
    }

    @Test
    void aNextObservationIsNeededWhereTheEpisodeGoesOn() {
        assertThat(transitions(
                        EPISODE + "next-observation = n, terminated = end",
                        "e,x,n,a,r,end\none,0,,0,1,0\none,1,2,0,1,1\n"))
                .isEmpty();
        assertThat(details())
                .first()
                .isEqualTo("not-finite: next-observation is missing where the episode does not terminate");
    }

    @Test
    void ofAFinalObservationNoNextOneIsRead() {
        finalRow = FinalRow.OBSERVATION;

        assertThat(transitions(
                        EPISODE + "next-observation = n, terminated = end",
                        "e,x,n,a,r,end\none,0,1,0,1,0\none,1,,0,1,0\none,2,,,,1\n"))
                .containsExactly("one 0->1", "one 1->2 terminated");
    }

    @Test
    void whereOnlyLastRowsLackAnActionTheCureIsNamed() {
        assertThat(transitions(EPISODE, "e,x,a,r\none,0,0,1\none,1,,\ntwo,0,0,1\ntwo,1,0,\n"))
                .isEmpty();
        var cure =
                " in an episode's last row alone; if that row is only what was seen last, set final-row = observation";
        assertThat(details())
                .contains("not-finite: reward is missing or not finite" + cure)
                .doesNotContain("not-finite: reward is missing or not finite");
        transitions(EPISODE, "e,x,a,r\none,0,0,1\none,1,,1\n");
        assertThat(details()).contains("unknown-action-index: action-index is missing" + cure);
        transitions(EPISODE, "e,x,a,r\none,0,0,\none,1,0,\n");
        assertThat(details()).noneMatch(line -> line.contains(cure));
    }

    @Test
    void aLogarithmAboveZeroIsOfNoProbability() {
        var mapping = EPISODE + "behaviour-log-prob = p, terminated = end";
        assertThat(transitions(mapping, "e,x,a,r,p,end\none,0,0,1,0.5,1\ntwo,0,0,1,1e-7,1\nthree,0,0,1,-0.5,1\n"))
                .containsExactly("three 0->0 terminated -0.5", "two 0->0 terminated 0.0");
        assertThat(details())
                .containsExactly(
                        "propensity-out-of-range: behaviour-log-prob is above 0, so its probability is above 1;"
                                + " if the column holds probabilities, map it as columns.propensity");
    }

    @Test
    void aDensityMayBeAboveOne() {
        actions = new ActionSpace.Continuous(1, -1, 1);
        assertThat(transitions(
                        "observation = x, action = a, reward = r, behaviour-log-prob = p, terminated = end, episode-id = e",
                        "e,x,a,r,p,end\none,0,0,1,2.5,1\n"))
                .containsExactly("one 0->0 terminated 2.5");
    }

    @Test
    void aPropensityThatRoundingBroughtAboveOneIsOne() {
        assertThat(transitions(
                        EPISODE + "propensity = p, terminated = end",
                        "e,x,a,r,p,end\none,0,0,1,1.0000001192,1\ntwo,0,0,1,1.00001,1\n"))
                .containsExactly("one 0->0 terminated 0.0");
        assertThat(details()).containsExactly("propensity-out-of-range: propensity is missing or outside (0, 1]");
    }

    @Test
    void rowsOfOneTimeStandInTheOrderOfTheirFile() {
        assertThat(transitions(EPISODE + "time = t", "e,t,x,a,r\none,5,0,0,1\none,5,1,0,1\none,7,2,0,1\n"))
                .containsExactly("one 0->1 dt 0.0", "one 1->2 dt 2.0");
        assertThat(tally.remarks())
                .containsExactly("1 rows have the time of the row before them, and follow it as in their file");
    }

    @Test
    void rowsOfOneTimeAndTwoFilesContradictEachOther() {
        assertThat(transitions(EPISODE + "time = t", "e,t,x,a,r\none,5,0,0,1\n", "e,t,x,a,r\none,5,1,0,1\n"))
                .isEmpty();
        assertThat(details())
                .contains("contradictory-duplicate: time 5 appears twice, with different values, in two files; if"
                        + " episode-id counts per file set episode-scope = file");
    }

    @Test
    void aSecondColumnOrdersRowsOfOneTimeAcrossFiles() {
        assertThat(transitions(
                        EPISODE + "time = t, tie-break = n",
                        "e,t,n,x,a,r\none,5,10,1,0,1\none,5,9,0,0,1\n",
                        "e,t,n,x,a,r\none,5,11,2,0,1\n"))
                .containsExactly("one 0->1 dt 0.0", "one 1->2 dt 0.0");
        transitions(EPISODE + "time = t, tie-break = n", "e,t,n,x,a,r\none,5,,1,0,1\none,5,9,0,0,1\n");
        assertThat(details()).contains("orphan-step: tie-break is missing");
    }

    @Test
    void nanosecondsAreExact() {
        assertThat(
                        transitions(
                                EPISODE + "time = t",
                                "e,t,x,a,r\none,1700000000000000100,1,0,1\none,1700000000000000000,0,0,1\none,1700000000000000350,2,0,1\n"))
                .containsExactly("one 0->1 dt 100.0", "one 1->2 dt 250.0");
        assertThat(transitions(
                        EPISODE + "time = t",
                        "e,t,x,a,r\none,2026-11-01T00:00:00.0000002Z,1,0,1\none,2026-11-01T00:00:00.0000001Z,0,0,1\n"))
                .containsExactly("one 0->1 dt 1.0E-7");
    }

    @Test
    void largeStepsAreExact() {
        assertThat(
                        transitions(
                                EPISODE + "step = t",
                                "e,t,x,a,r\none,20261101120000002,1,0,1\none,20261101120000001,0,0,1\none,20261101120000003,2,0,1\n"))
                .containsExactly("one 0->1", "one 1->2");
        transitions(EPISODE + "step = t", "e,t,x,a,r\none,20261101120000001,1,0,1\none,20261101120000003,0,0,1\n");
        assertThat(details()).contains("broken-order: step 20261101120000003 does not follow 20261101120000001");
    }

    @Test
    void aWholeNumberIsOneEpisodeHoweverItIsSpelt() {
        assertThat(transitions(
                        EPISODE + "step = t",
                        "e,t,x,a,r\n7,0,0,0,1\n7,1,1,0,1\n",
                        "e,t,x,a,r\n7.0,2,2,0,1\n7.,3,3,0,1\n007,0,9,0,1\n007,1,10,0,1\n"))
                .containsExactly("007 9->10", "7 0->1", "7 1->2", "7 2->3");
        assertThat(tally.remarks())
                .containsExactly(
                        "1 episodes are spelt in more than one way (as 7 and 7.0 are), and were read as one each");
        assertThat(transitions(EPISODE + "step = t", "e,t,x,a,r\n7.0,0,0,0,1\n7.0,1,1,0,1\n"))
                .containsExactly("7.0 0->1");
    }

    @Test
    void anEpisodeIsKnownUnderItsOtherSpellingToo() {
        known = List.of("7", "8.0");

        assertThat(transitions(EPISODE, "e,x,a,r\n7.0,0,0,1\n7.0,1,0,1\n8,0,0,1\n8,1,0,1\n9,0,0,1\n9,1,0,1\n"))
                .containsExactly("9 0->1");
    }

    @Test
    void anIdThatSaysNothingIsNone() {
        assertThat(transitions(EPISODE, "e,x,a,r\nnan,0,0,1\nnan,1,0,1\n")).isEmpty();
        assertThat(details()).contains("orphan-step: episode-id is missing");
    }

    @Test
    void anIdMayBeOfSeveralColumns() {
        assertThat(transitions(
                        BASE + "episode-id = [w, e], step = t",
                        "w,e,t,x,a,r\na,1,0,0,0,1\na,1,1,1,0,1\nb,1,0,5,0,1\nb,1.0,1,6,0,1\n"))
                .containsExactly("a/1 0->1", "b/1 5->6");
        assertThat(transitions(
                        BASE + "episode-id = [w, e], step = t",
                        "w,e,t,x,a,r\na/b,c,0,0,0,1\na/b,c,1,1,0,1\na,b/c,0,5,0,1\na,b/c,1,6,0,1\n"))
                .containsExactly("a%2Fb/c 0->1", "a/b%2Fc 5->6");
        transitions(BASE + "episode-id = [w, e]", "w,e,x,a,r\na,,0,0,1\n");
        assertThat(details()).contains("orphan-step: episode-id is missing");
    }

    @Test
    void oneColumnIsWrittenAsBefore() {
        assertThat(Settings.toMap(mapping(EPISODE)).get("episode-id")).isEqualTo("e");
        assertThat(Settings.toMap(mapping(BASE + "episode-id = [e]"))).isEqualTo(Settings.toMap(mapping(EPISODE)));
        assertThat(Settings.toMap(mapping(BASE + "episode-id = [w, e]")).get("episode-id"))
                .isEqualTo(List.of("w", "e"));
        assertThat(Settings.toMap(mapping(EPISODE))).doesNotContainKeys("tie-break");
    }

    private static final String[] TWO_FILES = {
        "e,t,x,a,r\n0,0,0,0,1\n0,2,1,0,1\n1,0,5,0,1\n", "e,t,x,a,r\n0,1,100,0,1\n0,3,101,0,1\n"
    };

    @Test
    void whereFilesMeetWithoutAnOrderIsABreak() {
        assertThat(transitions(EPISODE, TWO_FILES)).isEmpty();
        assertThat(details())
                .contains(
                        "broken-order: the episode-id is in two files, and neither step nor time orders their rows; if"
                                + " it counts per file set episode-scope = file, if episodes go on in the next file"
                                + " episode-scope = input");
        onBreak = OnBreak.SPLIT;
        assertThat(transitions(EPISODE, TWO_FILES)).containsExactly("0 0->1", "0/2 100->101");
        assertThat(tally.cuts()).isEqualTo(1);
    }

    @Test
    void anIdMayCountInAllFiles() {
        scope = EpisodeScope.INPUT;
        assertThat(transitions(EPISODE, TWO_FILES)).containsExactly("0 0->1", "0 1->100", "0 100->101");
        assertThat(tally.remarks()).isEmpty();
    }

    @Test
    void anIdMayCountInItsFileOnly() {
        scope = EpisodeScope.FILE;
        assertThat(transitions(EPISODE, TWO_FILES)).containsExactly("a/0 0->1", "b/0 100->101");
        assertThat(transitions(EPISODE + "time = t", TWO_FILES))
                .containsExactly("a/0 0->1 dt 2.0", "b/0 100->101 dt 2.0");
        assertThat(tally.remarks()).isEmpty();
    }

    @Test
    void rowsOfSeveralFilesThatTimesMixAreNotPassedOver() {
        assertThat(transitions(EPISODE + "time = t", TWO_FILES)).hasSize(3);
        assertThat(tally.remarks())
                .containsExactly("1 episodes mix rows of several files, by their times; if their ids count per file set"
                        + " episode-scope = file, else episode-scope = input");
        transitions(EPISODE + "time = t", "e,t,x,a,r\n0,0,0,0,1\n0,1,1,0,1\n", "e,t,x,a,r\n0,2,2,0,1\n");
        assertThat(tally.remarks())
                .contains("1 episodes go on from one file in another, by their times; if their ids count per file set"
                        + " episode-scope = file, else episode-scope = input");
        scope = EpisodeScope.INPUT;
        transitions(EPISODE + "time = t", TWO_FILES);
        assertThat(tally.remarks()).isEmpty();
    }

    @Test
    void aTerminatedStepNeedsNoTime() {
        assertThat(transitions(
                        EPISODE + "time-delta = dt, terminated = end", "e,x,a,r,dt,end\none,0,0,1,2,0\none,1,0,1,,1\n"))
                .containsExactly("one 0->1 dt 2.0", "one 1->1 terminated");
        transitions(EPISODE + "time-delta = dt, terminated = end", "e,x,a,r,dt,end\none,0,0,1,,0\none,1,0,1,,1\n");
        assertThat(details()).contains("bad-time-delta: time-delta is missing or not above 0");
    }

    private List<String> details() {
        return quarantined.stream()
                .filter(row -> row.reason() != Reason.COMPANION)
                .map(row -> row.reason() + ": " + row.detail())
                .toList();
    }

    /** Each as {@code episode observation->next}, with what else there is. */
    private List<String> transitions(String columns, String... files) {
        var rows = new ArrayList<LoggedRow>();
        for (var i = 0; i < files.length; i++) {
            var name = (char) ('a' + i) + ".csv";
            var reader = Format.CSV.open(
                    name,
                    new ByteArrayInputStream(files[i].getBytes(StandardCharsets.UTF_8)),
                    new Wanted(mapping(columns).columns()));
            var mapper = new RowMapper(name, name.substring(0, 1), reader.columns(), mapping(columns), Map.of());
            var row = 0;
            for (var values = reader.next(); values != null; values = reader.next()) {
                rows.add(LoggedRowBytes.row(null, name, row, LoggedRowBytes.of(mapper.map(row, values), null)));
                row++;
            }
        }
        if (per == EpisodePer.COLUMN) {
            var byPlace = Comparator.comparingDouble(LoggedRow::order)
                    .thenComparingDouble(row -> row.exact().rest())
                    .thenComparingDouble(row -> row.exact().tie())
                    .thenComparing(LoggedRow::file);
            var byEpisode =
                    Comparator.comparing((LoggedRow row) -> row.episode() == null ? "" : Spelling.plain(row.episode()));
            rows.sort(
                    scope == EpisodeScope.FILE
                            ? byEpisode.thenComparing(LoggedRow::file).thenComparing(byPlace)
                            : byEpisode.thenComparing(byPlace));
        }
        var rules = new EpisodeRules(
                per,
                ActionConvention.TAKEN_HERE,
                finalRow,
                OutOfBounds.QUARANTINE,
                onBreak,
                Double.POSITIVE_INFINITY,
                null,
                actions,
                1,
                Format.CSV,
                scope,
                required);
        quarantined.clear();
        var fresh = new IngestTally();
        var found = new ArrayList<String>();
        new EpisodeAssembler(rules, rows.iterator(), known::contains).forEachRemaining(episode -> {
            fresh.add(episode);
            quarantined.addAll(episode.quarantined());
            episode.transitions().forEach(transition -> found.add(text(transition)));
        });
        tally = fresh;
        return found;
    }

    private static String text(Transition transition) {
        return transition.episodeId() + " " + (int) transition.observation()[0] + "->"
                + (int) transition.nextObservation()[0]
                + (transition.terminated() ? " terminated" : "")
                + (transition.behaviourLogProb() == null ? "" : " " + transition.behaviourLogProb())
                + (transition.timeDelta() == null ? "" : " dt " + transition.timeDelta());
    }

    private static ColumnMapping mapping(String hocon) {
        return Settings.read(ColumnMapping.class, ConfigFactory.parseString(hocon), "");
    }
}
