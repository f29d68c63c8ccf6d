package io.hindcast.table.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one column of a row group, a page for every {@link PartColumn} full of rows, and holds the compressed pages until the
 * row group is written. Values stand plainly and are copied in bulk; texts are indices of a dictionary as long as they repeat.
 */
final class ColumnChunk implements WaitingColumn {
    private static final int MOST_DICTIONARY_BYTES = 1 << 20;

    private final ColumnDescriptor column;
    private final BytesInputCompressor compressor;
    /** Whether elements of its vectors may be absent. */
    private final boolean hasGaps;

    private final List<Page> pages = new ArrayList<>();
    private long bytes;

    private final Map<String, Integer> dictionary = new HashMap<>();
    private final List<byte[]> words = new ArrayList<>();
    private int dictionaryBytes;
    private boolean plain;

    private ByteBuffer page = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private int[] repetitions = new int[0];
    private int[] definitions = new int[0];
    private int uniformRows = -1;
    private int uniformWidth = -1;
    private byte[] uniformLevels = new byte[0];

    private record Page(BytesInput bytes, int size, int values, Encoding encoding, Statistics<?> statistics) {}

    ColumnChunk(ColumnDescriptor column, BytesInputCompressor compressor) {
        this.column = column;
        this.compressor = compressor;
        hasGaps = column.getPrimitiveType().isRepetition(Repetition.OPTIONAL);
    }

    @Override
    public long bytes() {
        return bytes + dictionaryBytes;
    }

    /** Encodes all rows of {@code values} as one page. */
    void add(PartColumn values) throws IOException {
        page.clear();
        var present = values.rows() - values.absentRows();
        var count = values.isList() ? listLevels(values) : values.rows();
        if (!values.isList() && column.getMaxDefinitionLevel() > 0) {
            levels(values);
        }
        var statistics = Statistics.createStats(column.getPrimitiveType());
        statistics.incrementNumNulls(
                values.isList() ? count - values.elements() + values.gaps().cardinality() : values.absentRows());
        var encoding = values(values, present, statistics);
        var size = page.position();
        var compressed = compressor.compress(BytesInput.from(page.array(), 0, size));
        pages.add(new Page(compressed, size, count, encoding, statistics));
        bytes += compressed.size();
    }

    @Override
    @SuppressWarnings("deprecation") // without an index of the pages: rows are read in whole row groups
    public void flush(ParquetFileWriter file) throws IOException {
        var count = pages.stream().mapToLong(Page::values).sum();
        file.startColumn(column, count, compressor.getCodecName());
        if (pages.stream().anyMatch(page -> page.encoding() == Encoding.RLE_DICTIONARY)) {
            var raw = ByteBuffer.allocate(dictionaryBytes).order(ByteOrder.LITTLE_ENDIAN);
            words.forEach(word -> raw.putInt(word.length).put(word));
            var compressed = compressor.compress(BytesInput.from(raw.array()));
            file.writeDictionaryPage(new DictionaryPage(compressed, dictionaryBytes, words.size(), Encoding.PLAIN));
        }
        for (var page : pages) {
            file.writeDataPage(
                    page.values, page.size, page.bytes, page.statistics, Encoding.RLE, Encoding.RLE, page.encoding);
        }
        file.endColumn();
        pages.clear();
        bytes = 0;
        dictionary.clear();
        words.clear();
        dictionaryBytes = 0;
        plain = false;
    }

    private void levels(PartColumn values) {
        var rows = values.rows();
        definitions = definitions.length < rows ? new int[rows] : definitions;
        for (var row = 0; row < rows; row++) {
            definitions[row] = values.isAbsent(row) ? 0 : 1;
        }
        levels(definitions, rows, 1);
    }

    private void levels(int[] levels, int count, int most) {
        room(8 + 2 * count);
        var at = page.position();
        page.putInt(0);
        Levels.encode(levels, count, 32 - Integer.numberOfLeadingZeros(most), page);
        page.putInt(at, page.position() - at - 4);
    }

    /** Writes the levels of vectors and returns how many they are. */
    private int listLevels(PartColumn values) {
        var rows = values.rows();
        var most = column.getMaxDefinitionLevel();
        if (values.width() > 0) {
            if (rows != uniformRows || values.width() != uniformWidth) {
                uniformRows = rows;
                uniformWidth = values.width();
                var at = page.position();
                anyListLevels(values, most);
                uniformLevels = Arrays.copyOfRange(page.array(), at, page.position());
            } else {
                room(uniformLevels.length);
                page.put(uniformLevels);
            }
            return rows * values.width();
        }
        return anyListLevels(values, most);
    }

    private int anyListLevels(PartColumn values, int most) {
        var rows = values.rows();
        var room = values.elements() + rows;
        repetitions = repetitions.length < room ? new int[room] : repetitions;
        definitions = definitions.length < room ? new int[room] : definitions;
        var gaps = values.gaps();
        // Of vectors whose elements may be absent an empty one is a level further down.
        var empty = most - (hasGaps ? 2 : 1);
        var at = 0;
        for (var row = 0; row < rows; row++) {
            var start = values.start(row);
            var length = values.end(row) - start;
            repetitions[at] = 0;
            if (length == 0) {
                definitions[at++] = values.isAbsent(row) ? 0 : empty;
                continue;
            }
            Arrays.fill(repetitions, at + 1, at + length, 1);
            Arrays.fill(definitions, at, at + length, most);
            for (var gap = gaps.nextSetBit(start); gap >= 0 && gap < start + length; gap = gaps.nextSetBit(gap + 1)) {
                definitions[at + gap - start] = most - 1;
            }
            at += length;
        }
        levels(repetitions, at, 1);
        levels(definitions, at, most);
        return at;
    }

    private Encoding values(PartColumn values, int present, Statistics<?> statistics) {
        var rows = values.rows();
        switch (values.kind()) {
            case FLOATS -> {
                var n = values.elements();
                room(4 * n);
                if (!values.gaps().isEmpty()) {
                    for (var i = next(values, 0); i < n; i = next(values, i + 1)) {
                        page.putFloat(values.floats()[i]);
                    }
                    break;
                }
                page.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values.floats(), 0, n);
                page.position(page.position() + 4 * n);
            }
            case DOUBLES -> {
                var n = values.elements();
                room(8 * n);
                for (var i = next(values, 0); i < n; i = next(values, i + 1)) {
                    page.putDouble(values.doubles()[i]);
                }
            }
            case FLOAT -> {
                room(4 * present);
                for (var row = 0; row < rows; row++) {
                    if (!values.isAbsent(row)) {
                        page.putFloat(values.floats()[row]);
                        statistics.updateStats(values.floats()[row]);
                    }
                }
            }
            case DOUBLE -> {
                room(8 * present);
                for (var row = 0; row < rows; row++) {
                    if (!values.isAbsent(row)) {
                        page.putDouble(values.doubles()[row]);
                        statistics.updateStats(values.doubles()[row]);
                    }
                }
            }
            case LONG -> {
                room(8 * present);
                for (var row = 0; row < rows; row++) {
                    if (!values.isAbsent(row)) {
                        page.putLong(values.longs()[row]);
                        statistics.updateStats(values.longs()[row]);
                    }
                }
            }
            case INTEGER -> {
                room(4 * present);
                for (var row = 0; row < rows; row++) {
                    if (!values.isAbsent(row)) {
                        page.putInt(values.integers()[row]);
                        statistics.updateStats(values.integers()[row]);
                    }
                }
            }
            case FLAG -> {
                var flags = values.flags();
                var packed = new boolean[present];
                var n = 0;
                for (var row = 0; row < rows; row++) {
                    if (!values.isAbsent(row)) {
                        packed[n++] = flags[row];
                        statistics.updateStats(flags[row]);
                    }
                }
                pack(packed, n);
            }
            case FLAGS -> packPresent(values);
            case BYTES -> {
                for (var row = 0; row < rows; row++) {
                    if (!values.isAbsent(row)) {
                        plain(Objects.requireNonNull(values.bytes()[row]));
                    }
                }
            }
            case TEXT -> {
                return texts(values, present, statistics);
            }
        }
        return Encoding.PLAIN;
    }

    /** The first element from {@code element} on that is there. */
    private static int next(PartColumn values, int element) {
        return values.gaps().nextClearBit(element);
    }

    private void packPresent(PartColumn values) {
        if (values.gaps().isEmpty()) {
            pack(values.flags(), values.elements());
            return;
        }
        var packed = new boolean[values.elements()];
        var n = 0;
        for (var i = next(values, 0); i < values.elements(); i = next(values, i + 1)) {
            packed[n++] = values.flags()[i];
        }
        pack(packed, n);
    }

    private void pack(boolean[] flags, int n) {
        room(n / 8 + 1);
        for (var i = 0; i < n; i += 8) {
            var bits = 0;
            for (var j = i; j < Math.min(n, i + 8); j++) {
                bits |= flags[j] ? 1 << (j - i) : 0;
            }
            page.put((byte) bits);
        }
    }

    private Encoding texts(PartColumn values, int present, Statistics<?> statistics) {
        var ids = new int[present];
        var known = new BitSet();
        var n = 0;
        @Nullable String last = null;
        var id = 0;
        for (var row = 0; row < values.rows(); row++) {
            if (values.isAbsent(row)) {
                continue;
            }
            var text = Objects.requireNonNull(values.texts()[row]);
            if (!text.equals(last)) {
                last = text;
                id = plain ? 0 : id(text);
                if (plain || !known.get(id)) {
                    known.set(id);
                    statistics.updateStats(Binary.fromConstantByteArray(text.getBytes(StandardCharsets.UTF_8)));
                }
            }
            ids[n++] = id;
        }
        // Texts that hardly repeat are not worth a dictionary.
        plain |= dictionaryBytes > MOST_DICTIONARY_BYTES || (pages.isEmpty() && words.size() > present / 2 + 1);
        if (!plain) {
            var bits = 32 - Integer.numberOfLeadingZeros(Math.max(0, words.size() - 1));
            room(16 + 5 * n);
            page.put((byte) bits);
            Levels.encode(ids, n, bits, page);
            return Encoding.RLE_DICTIONARY;
        }
        for (var row = 0; row < values.rows(); row++) {
            if (!values.isAbsent(row)) {
                plain(Objects.requireNonNull(values.texts()[row]).getBytes(StandardCharsets.UTF_8));
            }
        }
        return Encoding.PLAIN;
    }

    private void plain(byte[] value) {
        room(Math.addExact(4, value.length));
        page.putInt(value.length).put(value);
    }

    private int id(String text) {
        var known = dictionary.get(text);
        if (known != null) {
            return known;
        }
        var word = text.getBytes(StandardCharsets.UTF_8);
        words.add(word);
        dictionaryBytes += 4 + word.length;
        dictionary.put(text, words.size() - 1);
        return words.size() - 1;
    }

    private void room(int more) {
        if (page.remaining() < more) {
            var larger = ByteBuffer.allocate(Math.max(Math.addExact(page.position(), more), 2 * page.capacity()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            larger.put(page.flip());
            page = larger;
        }
    }
}
