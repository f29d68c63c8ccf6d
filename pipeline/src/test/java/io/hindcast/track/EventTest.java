package io.hindcast.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EventTest {
    private static final double NOW = 1_700_000_000.25;

    @Test
    void theFieldsOfAnEventAreThoseOfTheProtocolBuffer() {
        var event = new Event(1.0, 300, "", Map.of("a/b", 0.5f));

        assertThat(HexFormat.ofDelimiter(" ").formatHex(event.bytes()))
                .isEqualTo(
                        "09 00 00 00 00 00 00 f0 3f" // wall_time: 1.0
                                + " 10 ac 02" // step: 300 = 0b10_0101100
                                + " 2a 0c" // summary of 12 bytes
                                + " 0a 0a" // value of 10 bytes
                                + " 0a 03 61 2f 62" // tag
                                + " 15 00 00 00 3f"); // simple_value: 0.5
    }

    @Test
    void everyRecordButTheFirstIsWhatTensorBoardWrites() throws IOException {
        var third = new LinkedHashMap<String, Float>();
        third.put("critic/loss", 0.1f);
        third.put("policy/gradient-norm", 0f);
        var fourth = new LinkedHashMap<String, Float>();
        fourth.put("critic/loss", Float.NaN);
        fourth.put("value/mean", Float.NEGATIVE_INFINITY);
        var ours = List.of(
                new Event(NOW, 0, "", Map.of("critic/loss", 0.5f)),
                new Event(NOW, 500, "", third),
                new Event(NOW, 1_000_000_000_000L, "", fourth));
        var golden = golden();
        var records = records(golden);

        assertThat(records).hasSize(4);
        assertThat(Event.parse(records.get(0))).isEqualTo(Event.first(NOW)); // and who wrote it, which we leave out
        var rest = ours.stream().map(Event::bytes).toList();
        var first = RecordFraming.framed(records.get(0)).length;
        assertThat(joined(rest)).isEqualTo(Arrays.copyOfRange(golden, first, golden.length));
    }

    @Test
    void whatTensorBoardWroteIsRead() throws IOException {
        var events = records(golden()).stream().map(Event::parse).toList();

        assertThat(events.get(0).fileVersion()).isEqualTo("brain.Event:2");
        assertThat(events).extracting(Event::step).containsExactly(0L, 0L, 500L, 1_000_000_000_000L);
        assertThat(events.get(2).values())
                .containsExactly(Map.entry("critic/loss", 0.1f), Map.entry("policy/gradient-norm", 0f));
        assertThat(events.get(3).values()).containsEntry("critic/loss", Float.NaN);
    }

    @Test
    void stepsThatAreGreatOrNegativeSurvive() {
        for (var step : new long[] {0, 1, 127, 128, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            assertThat(Event.parse(new Event(NOW, step, "", Map.of()).bytes()).step())
                    .isEqualTo(step);
        }
    }

    @Test
    void halfAnEventIsRefused() {
        var whole = new Event(NOW, 1, "", Map.of("a", 1f)).bytes();

        assertThatThrownBy(() -> Event.parse(Arrays.copyOf(whole, whole.length - 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it is cut off");
    }

    private static byte[] golden() throws IOException {
        try (var stream = EventTest.class.getResourceAsStream("/track/events.golden")) {
            return stream.readAllBytes();
        }
    }

    private static List<byte[]> records(byte[] file) throws IOException {
        var stream = new ByteArrayInputStream(file);
        var records = new ArrayList<byte[]>();
        for (var data = RecordFraming.next(stream); data != null; data = RecordFraming.next(stream)) {
            records.add(data);
        }
        return records;
    }

    private static byte[] joined(List<byte[]> events) {
        var all = new byte[0];
        for (var event : events) {
            var record = RecordFraming.framed(event);
            var longer = Arrays.copyOf(all, all.length + record.length);
            System.arraycopy(record, 0, longer, all.length, record.length);
            all = longer;
        }
        return all;
    }
}
