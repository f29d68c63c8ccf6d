package io.hindcast.table.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.api.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the pages of one column, page by page: values in bulk where they stand plainly or split by bytes, levels once for all
 * pages that have the same; anything else that Parquet allows value by value.
 */
final class ColumnPages {
    private static final int MOST_VALUES = 1 << 27;

    private final ColumnDescriptor column;
    private final PartColumn.Kind kind;
    private final int most;
    private final int listDefinition;
    private final boolean nullableList;
    private final boolean mayLackElements;

    private @Nullable PageReader pages;
    private @Nullable Dictionary dictionary;
    private String[] dictionaryTexts = new String[0];

    // Of the current page.
    private int rowsLeft;
    private int level;
    private int levels;
    private boolean uniform;
    private int width;
    private int[] repetitions = new int[0];
    private int[] definitions = new int[0];
    private byte[] levelBytes = new byte[0];
    private int levelsOfBytes = -1;
    private int leadOfBytes;
    private int rowsOfBytes;
    private int presentOfBytes;

    private FloatBuffer floats = FloatBuffer.allocate(0);
    private DoubleBuffer doubles = DoubleBuffer.allocate(0);
    private LongBuffer longs = LongBuffer.allocate(0);
    private IntBuffer integers = IntBuffer.allocate(0);
    private boolean[] flags = new boolean[0];
    private byte[][] blobs = new byte[0][];
    private String[] texts = new String[0];
    private int[] indices = new int[0];
    private byte[] lastText = new byte[0];
    private String last = "";
    private float[] decoded = new float[0];
    private int value;

    /**
     * @param listDefinition the definition level of an element that is there; 0 for a column that holds no lists
     * @param nullableList whether a list may be absent
     * @param mayLackElements whether elements of lists may be, and are told by {@link PartColumn#gaps}; else it is an error
     */
    ColumnPages(
            ColumnDescriptor column,
            PartColumn.Kind kind,
            int listDefinition,
            boolean nullableList,
            boolean mayLackElements) {
        this.column = column;
        this.kind = kind;
        this.listDefinition = listDefinition;
        this.nullableList = nullableList;
        this.mayLackElements = mayLackElements;
        most = column.getMaxDefinitionLevel();
    }

    /** Goes on to the next row group. */
    void begin(PageReader reader) throws IOException {
        pages = reader;
        dictionary = null;
        rowsLeft = 0;
        level = 0;
        levels = 0;
        var page = reader.readDictionaryPage();
        if (page != null) {
            var words = page.getEncoding().initDictionary(column, page);
            dictionary = words;
            if (kind == PartColumn.Kind.TEXT) {
                dictionaryTexts = new String[words.getMaxId() + 1];
                for (var id = 0; id < dictionaryTexts.length; id++) {
                    dictionaryTexts[id] = words.decodeToBinary(id).toStringUsingUTF8();
                }
            }
        }
    }

    /** Adds the next {@code rows} rows to {@code target}. */
    void read(PartColumn target, int rows) throws IOException {
        var wanted = rows;
        while (wanted > 0) {
            if (rowsLeft == 0) {
                if (!nextPage(target)) {
                    throw new ParquetDecodingException("a column ends before its row group");
                }
                continue;
            }
            var n = Math.min(wanted, rowsLeft);
            if (listDefinition > 0) {
                lists(target, n);
            } else {
                values(target, n);
            }
            rowsLeft -= n;
            wanted -= n;
        }
        // Old writers let a list go on in the next page: only that tells whether the last one is whole.
        var more = listDefinition > 0;
        while (more && rowsLeft == 0) {
            more = nextPage(target);
        }
    }

    private void values(PartColumn target, int n) {
        if (uniform) {
            take(target, target.rows(), n);
            target.addPresent(n);
            return;
        }
        for (var i = 0; i < n; i++) {
            if (definitions[level++] == most) {
                take(target, target.rows(), 1);
                target.addPresent(1);
            } else {
                target.addAbsent();
            }
        }
    }

    private void lists(PartColumn target, int n) {
        if (uniform) {
            take(target, target.addVectors(n, width), n * width);
            return;
        }
        for (var i = 0; i < n; i++) {
            var definition = definitions[level];
            if (definition < listDefinition) {
                if (nullableList && definition == 0) {
                    target.addAbsent();
                } else {
                    target.addVectors(1, 0);
                }
                level++;
                continue;
            }
            if (mayLackElements) {
                addWithGaps(target);
            } else {
                var length = elements(1);
                take(target, target.addVectors(1, length), length);
            }
        }
    }

    private void addWithGaps(PartColumn target) {
        var from = level;
        do {
            level++;
        } while (level < levels && repetitions[level] > 0);
        var at = target.addVectors(1, level - from);
        for (var i = from; i < level; i++) {
            if (definitions[i] == most) {
                take(target, at + i - from, 1);
            } else {
                target.addGap(at + i - from);
            }
        }
    }

    /** Steps over the elements of a list, the first of which may be a list's first, and returns how many they are. */
    private int elements(int first) {
        var length = 0;
        do {
            if (definitions[level] != most) {
                throw new ParquetDecodingException("a vector has an absent value");
            }
            length++;
            level++;
        } while (level < levels && repetitions[level] > 0);
        return length + first - 1;
    }

    private void take(PartColumn target, int at, int n) {
        switch (kind) {
            case TEXT -> System.arraycopy(texts, value, target.texts(), at, n);
            case BYTES -> System.arraycopy(blobs, value, target.bytes(), at, n);
            case LONG -> longs.get(target.longs(), at, n);
            case INTEGER -> integers.get(target.integers(), at, n);
            case DOUBLE, DOUBLES -> doubles.get(target.doubles(), at, n);
            case FLAG, FLAGS -> System.arraycopy(flags, value, target.flags(), at, n);
            case FLOAT, FLOATS -> floats.get(target.floats(), at, n);
        }
        value += n;
    }

    /** Decodes a page; elements that belong to the last row of the page before go to {@code target}. */
    private boolean nextPage(PartColumn target) throws IOException {
        var page = Objects.requireNonNull(pages).readPage();
        if (page == null) {
            return false;
        }
        levels = page.getValueCount();
        if (levels < 0 || levels > MOST_VALUES) {
            throw new ParquetDecodingException("a page of " + levels + " values");
        }
        level = 0;
        value = 0;
        if (page instanceof DataPageV1 first) {
            var bytes = buffer(first.getBytes()).slice().order(ByteOrder.LITTLE_ENDIAN);
            var repetition = first.getRlEncoding();
            var definition = first.getDlEncoding();
            var repetitionBytes = levelBytes(bytes, column.getMaxRepetitionLevel(), repetition);
            var definitionBytes = levelBytes(bytes, most, definition);
            readLevels(repetitionBytes, definitionBytes);
            readValues(first.getValueEncoding(), bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
        } else {
            var second = (DataPageV2) page;
            readLevels(buffer(second.getRepetitionLevels()), buffer(second.getDefinitionLevels()));
            readValues(
                    second.getDataEncoding(), buffer(second.getData()).slice().order(ByteOrder.LITTLE_ENDIAN));
        }
        if (leadOfBytes > 0) {
            if (target.rows() == 0) {
                throw new ParquetDecodingException("a column begins inside a list");
            }
            var length = elements(1);
            take(target, target.extendLast(length), length);
        }
        return true;
    }

    /** The bytes where they stand, if they stand in one piece. */
    private static ByteBuffer buffer(BytesInput bytes) throws IOException {
        return bytes.toInputStream().slice(Math.toIntExact(bytes.size()));
    }

    /** Cuts the levels off the front of a page. */
    private static ByteBuffer levelBytes(ByteBuffer page, int most, Encoding encoding) {
        if (most == 0) {
            return page.slice(page.position(), 0);
        }
        if (encoding != Encoding.RLE) {
            throw new ParquetDecodingException("levels are encoded as " + encoding);
        }
        var length = page.getInt();
        if (length < 0 || length > page.remaining()) {
            throw new ParquetDecodingException("levels of " + length + " bytes");
        }
        var bytes = page.slice(page.position(), length);
        page.position(page.position() + length);
        return bytes;
    }

    /** Sets rowsLeft, uniform and width; decodes the levels unless they are those of the page before. */
    private void readLevels(ByteBuffer repetition, ByteBuffer definition) {
        var repetitionLength = repetition.remaining();
        var length = repetitionLength + definition.remaining();
        var known = levels == levelsOfBytes
                && levelBytes.length == length + 1
                && ByteBuffer.wrap(levelBytes, 0, repetitionLength).equals(repetition)
                && ByteBuffer.wrap(levelBytes, repetitionLength, length - repetitionLength)
                        .equals(definition);
        if (!known) {
            levelBytes = new byte[length + 1];
            repetition.duplicate().get(levelBytes, 0, repetitionLength);
            definition.duplicate().get(levelBytes, repetitionLength, length - repetitionLength);
            levelsOfBytes = -1;
            decodeLevels(repetition, definition);
            levelsOfBytes = levels;
        }
        rowsLeft = rowsOfBytes;
    }

    private void decodeLevels(ByteBuffer repetition, ByteBuffer definition) {
        if (definitions.length < levels) {
            definitions = new int[levels];
            repetitions = new int[column.getMaxRepetitionLevel() == 0 ? 0 : levels];
        }
        if (most > 0) {
            Levels.decode(definition, bits(most), levels, definitions);
        } else {
            Arrays.fill(definitions, 0, levels, 0);
        }
        presentOfBytes = 0;
        for (var i = 0; i < levels; i++) {
            presentOfBytes += definitions[i] == most ? 1 : 0;
        }
        var full = presentOfBytes == levels;
        if (column.getMaxRepetitionLevel() == 0) {
            rowsOfBytes = levels;
            leadOfBytes = 0;
            uniform = full;
            return;
        }
        Levels.decode(repetition, bits(column.getMaxRepetitionLevel()), levels, repetitions);
        rowsOfBytes = 0;
        leadOfBytes = 0;
        for (var i = 0; i < levels; i++) {
            if (repetitions[i] == 0) {
                rowsOfBytes++;
            } else if (rowsOfBytes == 0) {
                leadOfBytes++;
            }
        }
        width = rowsOfBytes == 0 ? 0 : levels / rowsOfBytes;
        uniform = full && leadOfBytes == 0 && (long) width * rowsOfBytes == levels;
        for (var i = 0; uniform && i < levels; i += width) {
            uniform = repetitions[i] == 0;
        }
    }

    private static int bits(int most) {
        return 32 - Integer.numberOfLeadingZeros(most);
    }

    private void readValues(Encoding encoding, ByteBuffer bytes) throws IOException {
        var n = presentOfBytes;
        var plain = encoding == Encoding.PLAIN;
        switch (kind) {
            case FLOAT, FLOATS -> {
                if (plain) {
                    floats = bytes.asFloatBuffer();
                } else {
                    decoded = decoded.length < n ? new float[n] : decoded;
                    if (encoding == Encoding.BYTE_STREAM_SPLIT) {
                        join(bytes, n, decoded);
                    } else {
                        var reader = reader(encoding, bytes);
                        for (var i = 0; i < n; i++) {
                            decoded[i] = reader.readFloat();
                        }
                    }
                    floats = FloatBuffer.wrap(decoded, 0, n);
                }
            }
            case DOUBLE, DOUBLES -> {
                if (plain) {
                    doubles = bytes.asDoubleBuffer();
                } else {
                    var reader = reader(encoding, bytes);
                    doubles = DoubleBuffer.allocate(n);
                    for (var i = 0; i < n; i++) {
                        doubles.put(i, reader.readDouble());
                    }
                }
            }
            case LONG -> {
                if (plain) {
                    longs = bytes.asLongBuffer();
                } else {
                    var reader = reader(encoding, bytes);
                    longs = LongBuffer.allocate(n);
                    for (var i = 0; i < n; i++) {
                        longs.put(i, reader.readLong());
                    }
                }
            }
            case INTEGER -> {
                if (plain) {
                    integers = bytes.asIntBuffer();
                } else {
                    var reader = reader(encoding, bytes);
                    integers = IntBuffer.allocate(n);
                    for (var i = 0; i < n; i++) {
                        integers.put(i, reader.readInteger());
                    }
                }
            }
            case FLAG, FLAGS -> {
                flags = flags.length < n ? new boolean[n] : flags;
                if (plain) {
                    for (var i = 0; i < n; i++) {
                        flags[i] = (bytes.get(i >> 3) >> (i & 7) & 1) != 0;
                    }
                } else {
                    var reader = reader(encoding, bytes);
                    for (var i = 0; i < n; i++) {
                        flags[i] = reader.readBoolean();
                    }
                }
            }
            case BYTES -> {
                var reader = reader(encoding, bytes);
                blobs = new byte[n][];
                for (var i = 0; i < n; i++) {
                    blobs[i] = reader.readBytes().getBytes();
                }
            }
            case TEXT -> readTexts(encoding, bytes, n);
        }
    }

    private void readTexts(Encoding encoding, ByteBuffer bytes, int n) throws IOException {
        texts = texts.length < n ? new String[n] : texts;
        if (encoding.usesDictionary()) {
            if (n == 0) {
                return;
            }
            var bits = bytes.get();
            if (bits < 0 || bits > 32) {
                throw new ParquetDecodingException("indices of " + bits + " bits");
            }
            indices = indices.length < n ? new int[n] : indices;
            Levels.decode(bytes, bits, n, indices);
            for (var i = 0; i < n; i++) {
                texts[i] = dictionaryTexts[indices[i]];
            }
        } else if (encoding == Encoding.PLAIN) {
            for (var i = 0; i < n; i++) {
                texts[i] = text(bytes);
            }
        } else {
            var reader = reader(encoding, bytes);
            for (var i = 0; i < n; i++) {
                var binary = reader.readBytes();
                texts[i] = binary.equals(Binary.fromString(last)) ? last : binary.toStringUsingUTF8();
                last = texts[i];
            }
            lastText = new byte[0];
            last = "";
        }
    }

    /** The next text, the same object as the one before if it is equal. */
    private String text(ByteBuffer bytes) {
        var length = bytes.getInt();
        if (length < 0 || length > bytes.remaining()) {
            throw new ParquetDecodingException("a text of " + length + " bytes");
        }
        var slice = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        if (length != lastText.length || !slice.equals(ByteBuffer.wrap(lastText))) {
            lastText = new byte[length];
            slice.get(lastText);
            last = new String(lastText, StandardCharsets.UTF_8);
        }
        return last;
    }

    /** The four bytes of a float stand in four streams. */
    private static void join(ByteBuffer bytes, int n, float[] target) {
        if (bytes.remaining() < 4L * n) {
            throw new ParquetDecodingException(n + " floats in " + bytes.remaining() + " bytes");
        }
        byte[] all;
        int from;
        if (bytes.hasArray()) {
            all = bytes.array();
            from = bytes.arrayOffset() + bytes.position();
        } else {
            all = new byte[4 * n];
            bytes.duplicate().get(all);
            from = 0;
        }
        // Streams are as long as there are values; what a page has beyond them would be an error of its writer.
        int second = from + n;
        int third = second + n;
        int fourth = third + n;
        for (var i = 0; i < n; i++) {
            target[i] = Float.intBitsToFloat((all[from + i] & 0xff)
                    | (all[second + i] & 0xff) << 8
                    | (all[third + i] & 0xff) << 16
                    | all[fourth + i] << 24);
        }
    }

    private ValuesReader reader(Encoding encoding, ByteBuffer bytes) throws IOException {
        ValuesReader reader;
        if (encoding.usesDictionary()) {
            if (dictionary == null) {
                throw new ParquetDecodingException("there is no dictionary");
            }
            reader = encoding.getDictionaryBasedValuesReader(column, ValuesType.VALUES, dictionary);
        } else {
            reader = encoding.getValuesReader(column, ValuesType.VALUES);
        }
        reader.initFromPage(presentOfBytes, ByteBufferInputStream.wrap(bytes));
        return reader;
    }
}
