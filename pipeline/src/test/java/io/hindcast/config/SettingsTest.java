package io.hindcast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    enum Shape {
        ROUND,
        LONG_AND_THIN
    }

    record Inner(
            @Setting(value = "2", range = "[1, 9]", meaning = "a count")
            int count) {}

    record Outer(
            @Setting(meaning = "who it is") String name,

            @Setting(value = "0.5", range = "(0, 1)", meaning = "a share")
            double share,

            @Setting(value = "null", meaning = "an optional limit") @Nullable Double limit,

            @Setting(value = "[3, 4]", range = "[0, 10]", meaning = "some numbers")
            List<Integer> numbers,

            @Setting(value = "round", meaning = "its shape") Shape shape,
            @Setting(value = "{}", meaning = "nested") Inner inner,
            @Setting(value = "{}", meaning = "named") Map<String, Inner> named) {}

    record Grown(
            @Setting(value = "1", meaning = "from the beginning")
            int old,

            @Setting(value = "round", later = true, meaning = "came later")
            Shape shape) {}

    @Test
    void aKeyThatCameLaterIsPublishedOnlyWhereItIsNotAsByDefault() {
        assertThat(Settings.toMap(new Grown(1, Shape.ROUND))).isEqualTo(Map.of("old", 1));
        assertThat(Settings.toConf(new Grown(1, Shape.ROUND))).isEqualTo(Map.of("old", 1, "shape", "round"));
        var other = new Grown(2, Shape.LONG_AND_THIN);
        assertThat(Settings.toMap(other)).isEqualTo(Map.of("old", 2, "shape", "long-and-thin"));
        assertThat(Settings.differences(other)).isEqualTo(Map.of("old", 2, "shape", "long-and-thin"));
    }

    record Bounded(
            @Setting(value = "-1", meaning = "the least") Bound low) {}

    @Test
    void absentKeysTakeTheirDefaults() {
        assertThat(read("name = a"))
                .isEqualTo(new Outer("a", 0.5, null, List.of(3, 4), Shape.ROUND, new Inner(2), Map.of()));
    }

    @Test
    void everyKindOfValueIsRead() {
        assertThat(read("name = a, share = 0.25, limit = 3, numbers = [1], shape = long-and-thin, inner.count = 5,"
                        + " named { x { count = 7 } }"))
                .isEqualTo(new Outer(
                        "a", 0.25, 3.0, List.of(1), Shape.LONG_AND_THIN, new Inner(5), Map.of("x", new Inner(7))));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        var outer = read("name = a, limit = 3, named { x { count = 7 } }");
        assertThat(Settings.read(Outer.class, ConfigFactory.parseMap(Settings.toMap(outer)), ""))
                .isEqualTo(outer);
    }

    @Test
    void differencesLeaveOutTheDefaults() {
        assertThat(Settings.differences(read("name = a, share = 0.25, inner.count = 2")))
                .isEqualTo(Map.of("name", "a", "share", 0.25));
    }

    @Test
    void anUnknownKeyIsAnErrorWithASuggestion() {
        refused("name = a, inner.cuont = 3")
                .hasMessage("Cannot use key 'section.inner.cuont': there is no such key; did you mean 'count'?");
    }

    @Test
    void aMissingKeyIsNamedWithItsMeaning() {
        refused("share = 0.1").hasMessageContaining("key section.name is missing (who it is)");
    }

    @Test
    void aValueOutOfItsRangeIsAnError() {
        refused("name = a, share = 1").hasMessage("Cannot use section.share = 1.0: it must be in (0, 1)");
        refused("name = a, numbers = [1, 11]")
                .hasMessage("Cannot use section.numbers = [1, 11]: it must be in [0, 10]");
        refused("name = a, named { x { count = 0 } }")
                .hasMessage("Cannot use section.named.x.count = 0: it must be in [1, 9]");
    }

    @Test
    void aValueOfAnotherTypeIsAnError() {
        refused("name = a, share = much")
                .hasMessageContaining("Cannot use section.share = \"much\"")
                .hasMessageContaining("it must be a number");
        refused("name = a, shape = square").hasMessageContaining("it must be one of round, long-and-thin");
        refused("name = a, inner = 3").hasMessageContaining("Cannot use section.inner = 3");
    }

    @Test
    void aBoundIsANumberOrAListOfThem() {
        assertThat(bounded("").low()).isEqualTo(Bound.of(-1));
        assertThat(bounded("low = 0.5").low()).isEqualTo(Bound.of(0.5));
        assertThat(bounded("low = \"2\"").low()).isEqualTo(Bound.of(2));
        assertThat(bounded("low = [18, 0]").low()).isEqualTo(Bound.each(List.of(18.0, 0.0)));
        assertThat(Settings.toMap(bounded("low = 3"))).isEqualTo(Map.of("low", 3.0));
        assertThat(Settings.toMap(bounded("low = [18, 0]"))).isEqualTo(Map.of("low", List.of(18.0, 0.0)));
        assertThat(Settings.differences(bounded("low = -1"))).isEmpty();
        assertThat(Settings.describe(Bounded.class))
                .containsExactly(
                        new Settings.Entry("low", "a number, a list of numbers, or data", "-1", "", "the least"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"much", "[]", "[1, null]", "[1, much]", "[[1]]", "NaN", "[0, Infinity]", "true", "{a = 1}"})
    void aBoundIsFinite(String given) {
        assertThatThrownBy(() -> bounded("low = " + given))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot use section.low = ")
                .hasMessageContaining("it must be a number");
    }

    private static Bounded bounded(String hocon) {
        return Settings.read(Bounded.class, ConfigFactory.parseString(hocon), "section");
    }

    @Test
    void aFractionIsNoInteger() {
        refused("name = a, inner.count = 2.5")
                .hasMessageContaining("Cannot use section.inner.count = 2.5")
                .hasMessageContaining("it must be an integer");
        refused("name = a, inner.count = 1e400").hasMessageContaining("it must be an integer");
    }

    @Test
    void notANumberIsInNoRange() {
        refused("name = a, share = NaN").hasMessageContaining("share");
    }

    @Test
    void everyKeyIsDescribed() {
        assertThat(Settings.describe(Outer.class))
                .extracting(Settings.Entry::key)
                .containsExactly(
                        "name",
                        "share",
                        "limit",
                        "numbers",
                        "shape",
                        "inner",
                        "inner.count",
                        "named",
                        "named.NAME.count");
    }

    sealed interface Plan {
        @Setting(meaning = "go on foot")
        record OnFoot(
                @Setting(value = "5", range = "(0, 9]", meaning = "how fast")
                double speed) implements Plan {}

        sealed interface Ride extends Plan {}

        @Setting(meaning = "take a bus")
        record ByBus(@Setting(meaning = "which one") int line) implements Ride {}
    }

    record Journey(
            @Setting(value = "on-foot", meaning = "how it begins")
            Plan first,

            @Setting(value = "[]", meaning = "how it goes on")
            List<Plan> then) {}

    @Test
    void aSealedInterfaceIsReadByTheNameOfItsCaseAloneOrWithItsSettings() {
        assertThat(journey("")).isEqualTo(new Journey(new Plan.OnFoot(5), List.of()));
        assertThat(journey("first { by-bus { line = 7 } }").first()).isEqualTo(new Plan.ByBus(7));
        assertThat(journey("first.by-bus.line = 7").first()).isEqualTo(new Plan.ByBus(7));
        assertThat(journey("then = [on-foot, { by-bus { line = 7 } }, { on-foot { speed = 2 } }, { on-foot {} }]")
                        .then())
                .containsExactly(new Plan.OnFoot(5), new Plan.ByBus(7), new Plan.OnFoot(2), new Plan.OnFoot(5));
        assertThat(journey("then = on-foot").then()).containsExactly(new Plan.OnFoot(5));
        assertThat(journey("first { on-foot = null, by-bus { line = 7 } }").first())
                .isEqualTo(new Plan.ByBus(7));
    }

    @Test
    void aCaseIsWrittenAsASectionWithItsName() {
        var journey = journey("then = [{ by-bus { line = 7 } }]");
        assertThat(Settings.toMap(journey))
                .isEqualTo(Map.of(
                        "first",
                        Map.of("on-foot", Map.of("speed", 5.0)),
                        "then",
                        List.of(Map.of("by-bus", Map.of("line", 7)))));
        assertThat(Settings.read(Journey.class, ConfigFactory.parseMap(Settings.toMap(journey)), ""))
                .isEqualTo(journey);
        assertThat(Settings.differences(journey)).containsOnlyKeys("then");
    }

    @Test
    void whatIsNoCaseOrSeveralIsRefusedInOneLine() {
        refusedJourney("first = on-fot")
                .hasMessage("Cannot use key 'trip.first.on-fot': there is no such key; did you mean 'on-foot'?");
        refusedJourney("then = [{ by-buss { line = 7 } }]")
                .hasMessage("Cannot use key 'trip.then.by-buss': there is no such key; did you mean 'by-bus'?");
        refusedJourney("first { on-foot {}, by-bus { line = 7 } }")
                .hasMessage(
                        "Cannot use trip.first with by-bus and on-foot: it must be one of them; write a section with"
                                + " one key, { NAME { … } }");
        refusedJourney("first {}")
                .hasMessage(
                        "Cannot use trip.first with none of on-foot, by-bus: it must be one of them; write a section"
                                + " with one key, { NAME { … } }");
        refusedJourney("first = 3")
                .hasMessage("Cannot use trip.first = 3: it must be a section { NAME { … } } of on-foot, by-bus");
        refusedJourney("first { by-bus = 7 }")
                .hasMessage("Cannot use trip.first.by-bus = 7: it must be a section { … }");
        refusedJourney("first = by-bus").hasMessageContaining("key trip.first.by-bus.line is missing (which one)");
        refusedJourney("first { on-foot { speed = 10 } }")
                .hasMessage("Cannot use trip.first.on-foot.speed = 10.0: it must be in (0, 9]");
        refusedJourney("then = [null]").hasMessageContaining("one of its values is null");
    }

    @Test
    void everyCaseIsDescribed() {
        assertThat(Settings.describe(Journey.class))
                .startsWith(
                        new Settings.Entry("first", "a section with one key", "on-foot", "", "how it begins"),
                        new Settings.Entry("first.on-foot", "a section", "one of these", "", "go on foot"),
                        new Settings.Entry("first.on-foot.speed", "a number", "5", "(0, 9]", "how fast"))
                .contains(
                        new Settings.Entry("then", "list of sections with one key", "[]", "", "how it goes on"),
                        new Settings.Entry("then[].by-bus.line", "an integer", "required", "", "which one"));
    }

    private static Journey journey(String hocon) {
        return Settings.read(Journey.class, ConfigFactory.parseString(hocon), "trip");
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refusedJourney(String hocon) {
        return assertThatThrownBy(() -> journey(hocon)).isInstanceOf(UserException.class);
    }

    record Engine(
            @Setting(value = "4", meaning = "how many") int cylinders,

            @Setting(
                    value = "1.5",
                    formerly = {"size", "volume"},
                    range = "(0, inf)",
                    meaning = "in litres")
            double displacement) {}

    @Gone(key = "carburettor", instead = "remove it: engines inject")
    record Car(
            @Setting(value = "{ cylinders = 8 }", meaning = "what drives it")
            Engine engine,

            @Setting(value = "[]", formerly = "wheels", meaning = "their widths")
            List<Integer> tyres,

            @Setting(value = "{}", meaning = "others") Map<String, Engine> spare) {}

    @Test
    void aKeyIsReadUnderItsFormerNames() {
        var car = new Car(new Engine(4, 3), List.of(1), Map.of("old", new Engine(4, 2)));
        assertThat(car("engine.displacement = 3, tyres = [1], spare.old.displacement = 2"))
                .isEqualTo(car);
        assertThat(car("engine.volume = 3, wheels = [1], spare.old.size = 2")).isEqualTo(car);
        assertThat(formerNames("engine.displacement = 3, tyres = [1]")).isEmpty();
        assertThat(formerNames("engine.volume = 3, wheels = [1], spare.old.size = 2"))
                .containsExactly(
                        "The key car.engine.volume is called car.engine.displacement now; it still works",
                        "The key car.wheels is called car.tyres now; it still works",
                        "The key car.spare.old.size is called car.spare.old.displacement now; it still works");
    }

    @Test
    void aKeyThatIsGoneSaysWhatToDoInstead() {
        assertThatThrownBy(() -> car("carburettor.size = 3"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use car.carburettor: it is gone; remove it: engines inject");
    }

    @Test
    void aKeyUnderTwoOfItsNamesIsRefused() {
        assertThatThrownBy(() -> car("engine { volume = 3, displacement = 4 }"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot use car.engine.volume with car.engine.displacement: the one is the former name of the"
                                + " other; remove car.engine.volume");
    }

    @Test
    void whatIsPublishedKeepsTheNameThatAKeyHadFirst() {
        var car = car("engine.displacement = 3, tyres = [1]");
        assertThat(Settings.toMap(car))
                .isEqualTo(
                        Map.of("engine", Map.of("cylinders", 4, "size", 3.0), "wheels", List.of(1), "spare", Map.of()));
        assertThat(Settings.differences(car))
                .isEqualTo(Map.of("engine", Map.of("cylinders", 4, "size", 3.0), "wheels", List.of(1)));
        assertThat(Settings.toConf(car))
                .isEqualTo(Map.of(
                        "engine", Map.of("cylinders", 4, "displacement", 3.0), "tyres", List.of(1), "spare", Map.of()));
        assertThat(Settings.read(Car.class, ConfigFactory.parseMap(Settings.toMap(car)), ""))
                .isEqualTo(car);
    }

    @Test
    void settingsUnderFormerNamesCanBeLaidOverOthers() {
        var given = ConfigFactory.parseString("engine.volume = 3, wheels = [1]").root();
        assertThat(Settings.renamed(Car.class, given, "car").unwrapped())
                .isEqualTo(Map.of("engine", Map.of("displacement", 3), "tyres", List.of(1)));
    }

    @Test
    void theDefaultOfASectionHoldsIfNoKeyOfItIsGiven() {
        assertThat(car("").engine()).isEqualTo(new Engine(8, 1.5));
        assertThat(car("engine.displacement = 3").engine()).isEqualTo(new Engine(4, 3));
        assertThat(Settings.describe(Car.class))
                .contains(
                        new Settings.Entry(
                                "engine",
                                "a section",
                                "{ cylinders = 8 }",
                                "",
                                "what drives it; if one of its keys is given, the other keys take the defaults listed below"),
                        new Settings.Entry("engine.cylinders", "an integer", "4", "", "how many"));
    }

    private static Car car(String hocon) {
        return Settings.read(Car.class, ConfigFactory.parseString(hocon), "car");
    }

    private static List<String> formerNames(String hocon) {
        return Settings.formerNames(Car.class, ConfigFactory.parseString(hocon).root(), "car");
    }

    private static Outer read(String hocon) {
        return Settings.read(Outer.class, ConfigFactory.parseString(hocon), "section");
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(String hocon) {
        return assertThatThrownBy(() -> read(hocon)).isInstanceOf(UserException.class);
    }
}
