package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.timeline.Spelling;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarsTest {
    /** 2026-11-01T00:00:00Z, in seconds since 1970. */
    private static final double DAY = 1_793_491_200.0;

    @Test
    void textsAndTypesOfOneNumberAreThatNumber() {
        for (var value : new Object[] {
            1,
            1L,
            1.0,
            1.0f,
            (short) 1,
            (byte) 1,
            true,
            BigInteger.ONE,
            new BigDecimal("1.00"),
            "1",
            "1.0",
            " 1. ",
            "+1",
            "1e0",
            "0.1E1",
            "true",
            "True",
            "TRUE",
            "t",
            "yes",
            "Y",
            "on"
        }) {
            assertThat(Scalars.number(value)).as("%s", value).isEqualTo(1);
            assertThat(Scalars.flag(value)).as("%s", value).isTrue();
        }
        for (var value : new Object[] {0, -0.0, false, "0", "0.0", "False", "F", "no", "n", "OFF"}) {
            assertThat(Scalars.number(value)).as("%s", value).isZero();
            assertThat(Scalars.flag(value)).as("%s", value).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "nan", "NaN", "-nan", "NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "None", "NaT", "\\N"
            })
    void wordsForNothingAreNoNumberAndNoFlag(String text) {
        assertThat(Scalars.number(text)).isNaN();
        assertThat(Scalars.flag(text)).isNull();
        assertThat(Scalars.rest(text)).isZero();
    }

    @Test
    void infinityIsANumberThatTheContractRefuses() {
        for (var text : List.of("inf", "+inf", "Inf", "INF", "Infinity", "+Infinity", "infinity")) {
            assertThat(Scalars.number(text)).as(text).isEqualTo(Double.POSITIVE_INFINITY);
        }
        for (var text : List.of("-inf", "-Inf", "-Infinity")) {
            assertThat(Scalars.number(text)).as(text).isEqualTo(Double.NEGATIVE_INFINITY);
        }
    }

    @Test
    void timesAreSecondsSince1970InUtc() {
        for (var text : List.of(
                "2026-11-01",
                "2026-11-01T00:00",
                "2026-11-01T00:00:00",
                "2026-11-01 00:00:00",
                "2026-11-01T00:00:00Z",
                "2026-11-01T00:00:00.000000000Z",
                "2026-11-01 00:00:00 UTC",
                "2026-11-01T01:00:00+01:00",
                "2026-11-01 01:00:00+0100",
                "2026-10-31T19:00:00-05",
                "20261101T000000Z",
                "20261101T000000.000",
                "20261101T0100+0100",
                "20261031t190000-05",
                "2026-10-31t18:30:00,000-05:30")) {
            assertThat(Scalars.number(text)).as(text).isEqualTo(DAY);
        }
        assertThat(Scalars.number("20261101")).isEqualTo(20_261_101);
        assertThat(Scalars.number("20261101T000000.25Z")).isEqualTo(DAY + 0.25);
        assertThat(Scalars.number("2026-11-01T00:00:00.25Z")).isEqualTo(DAY + 0.25);
        assertThat(Scalars.number("1969-12-31T23:59:59.5")).isEqualTo(-0.5);
        assertThat(Scalars.number(Instant.parse("2026-11-01T00:00:00.25Z"))).isEqualTo(DAY + 0.25);
        assertThat(Scalars.number(LocalDate.parse("2026-11-01"))).isEqualTo(DAY);
        assertThat(Scalars.number(LocalDateTime.parse("2026-11-01T00:00:00"))).isEqualTo(DAY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "maybe",
                "1d",
                "1f",
                "0x10",
                "1,5",
                "1_000",
                "--1",
                "1-2",
                "e5",
                ".",
                "-",
                "2026-13-01",
                "2026-11-01T25:00",
                "20261101T250000Z",
                "20261101T00",
                "20261101-000000",
                "2026-11-01T00:00:00+99:00",
                "01.11.2026",
                "[1.0]",
                "1 2",
                "٣"
            })
    void whatIsNoNumberIsNone(String text) {
        assertThatThrownBy(() -> Scalars.number(text)).isInstanceOf(NumberFormatException.class);
    }

    @Test
    void aFlagIsNothingButTrueOrFalse() {
        for (var value : new Object[] {2, -1, 0.5, "2", "-1", "maybe", "inf", "1970-01-01", Instant.EPOCH, Map.of()}) {
            assertThatThrownBy(() -> Scalars.flag(value)).as("%s", value).isInstanceOf(NumberFormatException.class);
        }
    }

    @Test
    void aListOfOneIsItsEntryAndAnEmptyOneNothing() {
        assertThat(Scalars.single(List.of(List.of(1L)))).isEqualTo(1L);
        assertThat(Scalars.single(new double[] {2})).isEqualTo(2.0);
        assertThat(Scalars.single(new float[] {2})).isEqualTo(2.0f);
        assertThat(Scalars.single(new long[] {2})).isEqualTo(2L);
        assertThat(Scalars.single(new boolean[] {true})).isEqualTo(true);
        assertThat(Scalars.single(List.of(new double[] {2}))).isEqualTo(2.0);
        assertThat(Scalars.single(List.of())).isNull();
        assertThat(Scalars.single(new float[0])).isNull();
        assertThat(Scalars.single(List.of(List.of()))).isNull();
        assertThat(Scalars.single(Arrays.asList((Object) null))).isNull();
        assertThat(Scalars.single(null)).isNull();
        assertThat(Scalars.isVector(List.of(1, 2))).isTrue();
    }

    @Test
    void whatADoubleLeavesOutIsItsRest() {
        assertThat(Scalars.rest(1L << 53)).isZero();
        assertThat(Scalars.rest((1L << 53) + 1)).isEqualTo(1);
        assertThat(Scalars.rest(Long.MAX_VALUE)).isEqualTo(-1);
        assertThat(Scalars.rest(Long.MIN_VALUE)).isZero();
        assertThat(Scalars.rest(new BigInteger("18446744073709551615"))).isEqualTo(-1);
        assertThat(Scalars.rest(new BigDecimal("9007199254740993"))).isEqualTo(1);
        assertThat(Scalars.rest("9007199254740993")).isEqualTo(1);
        assertThat(Scalars.rest("0.1")).isZero();
        assertThat(Scalars.rest(0.1)).isZero();
        assertThat(Scalars.rest("yes")).isZero();
        assertThat(Scalars.rest("1e999999999")).isZero();
    }

    @Test
    void nanosecondsAreTellableApart() {
        var one = "2026-11-01T00:00:00.000000010Z";
        var two = "2026-11-01T00:00:00.000000050Z";

        assertThat(Scalars.number(two)).isEqualTo(Scalars.number(one));
        assertThat(Scalars.rest(two) - Scalars.rest(one)).isEqualTo(50e-9 - 10e-9);
        assertThat(Scalars.rest(Instant.parse(two))).isEqualTo(Scalars.rest(two));
    }

    @Test
    void aWholeNumberHasOneSpelling() {
        assertThat(List.of("7.0", "7.", "7", "7.00"))
                .extracting(Spelling::plain)
                .containsOnly("7");
        assertThat(Spelling.plain("-7.0")).isEqualTo("-7");
        assertThat(Spelling.plain("70")).isEqualTo("70");
        for (var name : List.of("1.10", "007", "v1.0", "1.0.0", "1e3", "0", "", ".", ".0", "-.0", "a.", "7.5")) {
            assertThat(Spelling.plain(name)).isEqualTo(name);
        }
        assertThat(Spelling.plain("007.0")).isEqualTo("007");
    }

    @Test
    void namesOfWholeNumbersHaveNoPointAndNoneIsRounded() {
        assertThat(Scalars.text(7.0)).isEqualTo("7");
        assertThat(Scalars.text(7.0f)).isEqualTo("7");
        assertThat(Scalars.text(20261101120000001L)).isEqualTo("20261101120000001");
        assertThat(Scalars.text(new BigInteger("18446744073709551615"))).isEqualTo("18446744073709551615");
        assertThat(Scalars.text(9007199254740992.0)).isEqualTo("9007199254740992");
        assertThat(Scalars.text(1e18)).isEqualTo("1000000000000000000");
        assertThat(Scalars.text(Double.NaN)).isNull();
        assertThat(Scalars.text("007")).isEqualTo("007");
    }
}
