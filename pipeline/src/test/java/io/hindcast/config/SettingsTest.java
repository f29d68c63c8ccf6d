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
            int count) {
        Inner {
            Settings.check(Inner.class, count);
        }
    }

    record Outer(
            @Setting(meaning = "who it is") String name,

            @Setting(value = "0.5", range = "(0, 1)", meaning = "a share")
            double share,

            @Setting(value = "null", meaning = "an optional limit") @Nullable Double limit,

            @Setting(value = "[3, 4]", range = "[0, 10]", meaning = "some numbers")
            List<Integer> numbers,

            @Setting(value = "round", meaning = "its shape") Shape shape,
            @Setting(value = "{}", meaning = "nested") Inner inner,
            @Setting(value = "{}", meaning = "named") Map<String, Inner> named) {
        Outer {
            Settings.check(Outer.class, name, share, limit, numbers, shape, inner, named);
        }
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
        refused("name = a, share = 1").hasMessageContaining("Cannot use share = 1.0: it must be in (0, 1)");
        refused("name = a, numbers = [1, 11]")
                .hasMessageContaining("Cannot use numbers = [1, 11]: it must be in [0, 10]");
        refused("name = a, named { x { count = 0 } }")
                .hasMessageContaining("Cannot use count = 0: it must be in [1, 9]");
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
                        "name", "share", "limit", "numbers", "shape", "inner.count", "named", "named.NAME.count");
    }

    private static Outer read(String hocon) {
        return Settings.read(Outer.class, ConfigFactory.parseString(hocon), "section");
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(String hocon) {
        return assertThatThrownBy(() -> read(hocon)).isInstanceOf(UserException.class);
    }
}
