package io.hindcast.source;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The batches of rows in an Arrow IPC stream or file (Feather's second version), front to back. Arrow's own Java reader believes
 * the sizes that a file claims; here memory grows only with bytes that have arrived, and every place is checked.
 */
final class ArrowStream implements Closeable {
    private static final byte[] FILE = "ARROW1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FEATHER_1 = "FEA1".getBytes(StandardCharsets.US_ASCII);
    private static final int CONTINUES = 0xFFFFFFFF;
    /** No schema takes fewer bytes. */
    private static final int SHORTEST = 48;

    private static final int MOST_METADATA = 64 << 20;
    private static final int MOST_BODY = 1 << 30;
    private static final int CHUNK = 1 << 20;
    /** A batch that unpacks to more than this must not be a five-hundredth of it. */
    private static final long RATIO_FREE_BYTES = 64L << 20;

    private static final int MOST_RATIO = 500;
    /** Rows that need no bytes. */
    private static final int FREE_ROWS = 1 << 20;

    private final String file;
    private final InputStream in;
    private final List<ArrowField> fields = new ArrayList<>();
    private final Map<Long, ArrowField> encoded = new HashMap<>();
    private final Map<Long, List<@Nullable Object>> dictionaries = new HashMap<>();
    private final Set<Long> awaited = new HashSet<>();
    private final Deque<Batch> ahead = new ArrayDeque<>();
    private long held;
    private int firstLength = -1;
    private boolean ended;

    /**
     * @param in the whole file; closed with this
     * @throws UserException if it is no such file
     */
    ArrowStream(String file, InputStream in) {
        this.file = file;
        this.in = in;
        intact(this::readSchema);
    }

    /** Rows of all columns. */
    record Batch(int rows, List<ArrowVector> columns) {}

    /** The columns. */
    List<ArrowField> fields() {
        return fields;
    }

    /**
     * The next batch of rows.
     *
     * @param wanted the columns that are looked at; of the others all values are null
     * @return null after the last
     * @throws UserException if the file is damaged
     */
    @Nullable Batch next(Predicate<String> wanted) {
        return intact(() -> {
            while (!ended && (ahead.isEmpty() || !awaited.isEmpty())) {
                var message = message();
                if (message == null) {
                    ended = true;
                    break;
                }
                var body = read(message.bodyLength(), MOST_BODY, "rows in one batch");
                switch (message.headerType()) {
                    case MessageHeader.RecordBatch -> {
                        var batch = (RecordBatch) required(message.header(new RecordBatch()));
                        var rows = count(batch.length(), body.length);
                        ahead.add(new Batch(rows, new Columns(batch, body).all(fields, wanted, rows)));
                        if (!awaited.isEmpty()) {
                            hold(body.length);
                        }
                    }
                    case MessageHeader.DictionaryBatch ->
                        addDictionary((DictionaryBatch) required(message.header(new DictionaryBatch())), body);
                    default -> throw new Damaged("a message of kind " + message.headerType() + " among its rows");
                }
            }
            if (!awaited.isEmpty()) {
                throw new Damaged("a dictionary is missing");
            }
            return ahead.poll();
        });
    }

    /** A file's dictionaries may come after the rows that need them, as those of Polars do. */
    private void hold(int bytes) {
        held += bytes;
        if (held > MOST_BODY) {
            throw new UserException("Cannot read " + file + ": more than " + MOST_BODY
                    + " bytes of rows come before the dictionary of their texts; write smaller files, or columns of plain"
                    + " text");
        }
    }

    /** Runs something that reads values, of which a damaged file may let any fail. */
    <T extends @Nullable Object> T intact(Reading<T> reading) {
        try {
            return reading.read();
        } catch (IOException | RuntimeException | StackOverflowError e) {
            if (e instanceof UserException known) {
                throw known;
            }
            var reason = e instanceof Damaged || e instanceof IOException ? e.getMessage() : e.toString();
            throw new UserException(
                    "Cannot read " + file + ": it is no whole Arrow file or stream ("
                            + Shown.of(
                                    String.valueOf(reason).lines().findFirst().orElse(""))
                            + "); copy or write it again, or check format",
                    e);
        }
    }

    /** Something that reads. */
    @FunctionalInterface
    interface Reading<T extends @Nullable Object> {
        T read() throws IOException;
    }

    /** What contradicts itself. */
    private static final class Damaged extends RuntimeException {
        private static final long serialVersionUID = 1;

        Damaged(String message) {
            super(message);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private List<ArrowField> readSchema() throws IOException {
        var message = first();
        if (message.headerType() != MessageHeader.Schema) {
            throw new Damaged("it does not begin with a schema");
        }
        var schema = (Schema) required(message.header(new Schema()));
        if (schema.endianness() != Endianness.Little) {
            throw new UserException("Cannot read " + file
                    + ": its numbers are big-endian, as a few machines write them; write it again on another");
        }
        var parser = new ArrowField.Parser(file);
        for (var i = 0; i < schema.fieldsLength(); i++) {
            fields.add(parser.parse(schema.fields(i), 0));
        }
        fields.forEach(this::findEncoded);
        return fields;
    }

    private void findEncoded(ArrowField field) {
        if (field.kind() == ArrowField.Kind.DICTIONARY) {
            encoded.put(field.dictionary(), field.children().get(1));
        }
        field.children().forEach(this::findEncoded);
    }

    private Message first() throws IOException {
        var start = in.readNBytes(4);
        if (Arrays.equals(start, FEATHER_1)) {
            throw new UserException(
                    "Cannot read " + file
                            + ": it is of Feather's first version; write it again with pyarrow.feather.write_feather(…, version=2)");
        }
        if (start.length == 4 && Arrays.equals(start, 0, 4, FILE, 0, 4)) {
            // A file is a stream between a mark and a list of the batches' places.
            if (!Arrays.equals(in.readNBytes(4), new byte[] {FILE[4], FILE[5], 0, 0})) {
                throw new Damaged("it begins like an Arrow file and goes on otherwise");
            }
            start = in.readNBytes(4);
        }
        if (start.length < 4) {
            throw new Damaged("it ends after " + start.length + " bytes");
        }
        var length = ArrowVector.buffer(start, 0, 4).getInt();
        var message = length != CONTINUES && length < SHORTEST ? unframed(start) : message(length);
        if (message == null) {
            throw new Damaged("it does not begin with a schema");
        }
        if (message.bodyLength() != 0) {
            throw new Damaged("its schema has a body");
        }
        return message;
    }

    /** Polars writes a file's schema without its length: it ends where the first batch's mark stands. */
    private Message unframed(byte[] start) throws IOException {
        var schema = new ByteArrayOutputStream();
        schema.write(start);
        schema.write(in.readNBytes(4));
        while (schema.size() < MOST_METADATA) {
            var next = in.readNBytes(8);
            if (next.length < 8) {
                throw new Damaged("it ends within its schema");
            }
            var words = ArrowVector.buffer(next, 0, 8);
            if (words.getInt(0) == CONTINUES && words.getInt(4) >= 0) {
                firstLength = words.getInt(4);
                return Message.getRootAsMessage(
                        ByteBuffer.wrap(schema.toByteArray()).order(ByteOrder.LITTLE_ENDIAN));
            }
            schema.write(next);
        }
        throw new Damaged("its schema has no end");
    }

    private @Nullable Message message() throws IOException {
        if (firstLength >= 0) {
            var length = firstLength;
            firstLength = -1;
            return message(length);
        }
        var start = in.readNBytes(4);
        if (start.length == 0) {
            return null; // a stream may end without a mark
        }
        if (start.length < 4) {
            throw new Damaged("it ends within a message");
        }
        return message(ArrowVector.buffer(start, 0, 4).getInt());
    }

    private @Nullable Message message(int start) throws IOException {
        var length = start;
        if (start == CONTINUES) { // before version 0.15 of Arrow there was no such mark
            var bytes = in.readNBytes(4);
            if (bytes.length < 4) {
                throw new Damaged("it ends within a message");
            }
            length = ArrowVector.buffer(bytes, 0, 4).getInt();
        }
        if (length == 0) {
            return null;
        }
        var metadata = read(length, MOST_METADATA, "metadata of one message");
        if (length < 8) {
            throw new Damaged("a message of " + length + " bytes");
        }
        return Message.getRootAsMessage(ByteBuffer.wrap(metadata).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static <T> T required(@Nullable T header) {
        if (header == null) {
            throw new Damaged("a message without its header");
        }
        return header;
    }

    /** Reads so many bytes as they arrive. */
    private byte[] read(long length, int most, String what) throws IOException {
        if (length < 0) {
            throw new Damaged("a length of " + length + " bytes");
        }
        if (length > most) {
            throw new UserException("Cannot read " + file + ": it claims " + length + " bytes of " + what
                    + ", above the limit of " + most + "; write it again in smaller batches");
        }
        return arrived(in, (int) length, "it ends after %d of %d bytes of a message");
    }

    private static byte[] arrived(InputStream in, int length, String otherwise) throws IOException {
        var data = new byte[Math.min(length, CHUNK)];
        var filled = 0;
        while (filled < length) {
            if (filled == data.length) {
                data = Arrays.copyOf(data, (int) Math.min(length, 2L * data.length));
            }
            var read = in.readNBytes(data, filled, data.length - filled);
            if (read == 0) {
                throw new Damaged(String.format(otherwise, filled, length));
            }
            filled += read;
        }
        return data;
    }

    private static int count(long claimed, long bytes) {
        if (claimed < 0 || claimed > Math.min(Integer.MAX_VALUE, 8 * bytes + FREE_ROWS)) {
            throw new Damaged("it claims " + claimed + " values in " + bytes + " bytes");
        }
        return (int) claimed;
    }

    private void addDictionary(DictionaryBatch batch, byte[] body) throws IOException {
        var field = encoded.get(batch.id());
        if (field == null) {
            throw new Damaged("a dictionary " + batch.id() + " that no column uses");
        }
        var data = required(batch.data());
        var vector = new Columns(data, body).all(List.of(field), column -> true, count(data.length(), body.length));
        var before = dictionaries.get(batch.id());
        // One that is awaited is what the rows before it look at; others keep the dictionary that they were read with.
        var values = before != null && awaited.remove(batch.id())
                ? before
                : before == null || !batch.isDelta() ? new ArrayList<@Nullable Object>() : new ArrayList<>(before);
        for (var i = 0; i < vector.get(0).length; i++) {
            values.add(vector.get(0).get(i));
        }
        dictionaries.put(batch.id(), values);
    }

    private List<@Nullable Object> dictionary(long id) {
        return dictionaries.computeIfAbsent(id, key -> {
            awaited.add(key);
            return new ArrayList<>();
        });
    }

    /** Puts the buffers of a batch together to columns: depth first, as they lie. */
    private final class Columns {
        private final RecordBatch batch;
        private final byte[] body;
        private long unpacked;
        private int node;
        private int buffer;
        private int variadic;

        Columns(RecordBatch batch, byte[] body) {
            this.batch = batch;
            this.body = body;
        }

        List<ArrowVector> all(List<ArrowField> fields, Predicate<String> wanted, int rows) throws IOException {
            var columns = new ArrayList<ArrowVector>();
            for (var field : fields) {
                var used = wanted.test(field.name());
                var vector = vector(field, used);
                if (vector.length != rows) {
                    throw new Damaged("column '" + ArrowField.shown(field.name()) + "' has " + vector.length
                            + " rows where the batch has " + rows);
                }
                columns.add(used ? vector : ArrowVector.nulls(rows));
            }
            return columns;
        }

        private ArrowVector vector(ArrowField field, boolean used) throws IOException {
            if (field.kind() == ArrowField.Kind.DICTIONARY) {
                var places = vector(field.children().get(0), used);
                return used
                        ? ArrowVector.places(places, dictionary(field.dictionary()))
                        : ArrowVector.nulls(places.length);
            }
            if (node >= batch.nodesLength()) {
                throw new Damaged("fewer columns than its schema has");
            }
            var claimed = batch.nodes(node++);
            var nulls = claimed.nullCount();
            var claimedLength = claimed.length();
            var hasValidity = field.kind() != ArrowField.Kind.NULL && field.kind() != ArrowField.Kind.RUN_ENDS;
            var validity = hasValidity ? next(used && nulls != 0) : null;
            var length = count(claimedLength, body.length + unpacked);
            if (validity != null && validity.limit() == 0) {
                validity = null; // nothing is missing
            } else if (validity != null) {
                validity = atLeast((length + 7L) / 8, validity, used);
            }
            return vector(field, length, nulls == 0 ? null : validity, used);
        }

        private ArrowVector vector(ArrowField field, int length, @Nullable ByteBuffer validity, boolean used)
                throws IOException {
            var size = field.size();
            return switch (field.kind()) {
                case NULL, DICTIONARY -> ArrowVector.nulls(length);
                case INTEGER -> ArrowVector.integers(length, validity, fixed(length, size, used), size, true);
                case UNSIGNED -> ArrowVector.integers(length, validity, fixed(length, size, used), size, false);
                case FLOAT -> ArrowVector.floats(length, validity, fixed(length, size, used), size);
                case BOOL -> ArrowVector.flags(length, validity, atLeast((length + 7L) / 8, next(used), used));
                case DECIMAL -> ArrowVector.decimals(length, validity, fixed(length, size, used), size, field.scale());
                case DATE -> ArrowVector.dates(length, validity, fixed(length, size, used));
                case TIMESTAMP -> ArrowVector.instants(length, validity, fixed(length, size, used), field.scale());
                case TIME -> ArrowVector.times(length, validity, fixed(length, size, used), size, field.scale());
                case BINARY, TEXT ->
                    ArrowVector.bytes(
                            length,
                            validity,
                            offsets(length, size, used),
                            size,
                            next(used),
                            field.kind() == ArrowField.Kind.TEXT);
                case FIXED_BINARY -> ArrowVector.fixedBytes(length, validity, fixed(length, size, used), size);
                case BINARY_VIEW, TEXT_VIEW ->
                    ArrowVector.views(
                            length,
                            validity,
                            fixed(length, size, used),
                            variadic(used),
                            field.kind() == ArrowField.Kind.TEXT_VIEW);
                case LIST ->
                    ArrowVector.lists(
                            length,
                            validity,
                            offsets(length, size, used),
                            size,
                            vector(field.children().get(0), used));
                case LIST_VIEW ->
                    ArrowVector.listViews(
                            length,
                            validity,
                            fixed(length, size, used),
                            fixed(length, size, used),
                            size,
                            vector(field.children().get(0), used));
                case FIXED_LIST -> {
                    var items = vector(field.children().get(0), used);
                    if (items.length < (long) length * size) {
                        throw new Damaged("lists of " + size + " items with " + items.length + " in all");
                    }
                    yield ArrowVector.fixedLists(length, validity, size, items);
                }
                case STRUCT -> {
                    var values = new ArrayList<ArrowVector>();
                    for (var child : field.children()) {
                        values.add(vector(child, used));
                    }
                    yield ArrowVector.structs(length, validity, field.children(), values);
                }
                case MAP -> {
                    var offsets = offsets(length, 4, used);
                    var entries = field.children().get(0);
                    var start = batch.nodes(node++);
                    next(false);
                    var keys = vector(entries.children().get(0), used);
                    var values = vector(entries.children().get(1), used);
                    if (start.length() > keys.length || keys.length > values.length) {
                        throw new Damaged("a map with fewer values than keys");
                    }
                    yield ArrowVector.maps(length, validity, offsets, keys, values);
                }
                case RUN_ENDS -> {
                    var ends = vector(field.children().get(0), used);
                    yield ArrowVector.runs(length, ends, vector(field.children().get(1), used));
                }
            };
        }

        private ByteBuffer fixed(int length, int size, boolean used) throws IOException {
            return atLeast((long) length * size, next(used), used);
        }

        private ByteBuffer offsets(int length, int size, boolean used) throws IOException {
            var buffer = next(used);
            // A column without rows may lack even the one offset that it should have.
            return length == 0 ? buffer : atLeast((length + 1L) * size, buffer, used);
        }

        private static ByteBuffer atLeast(long bytes, ByteBuffer buffer, boolean used) {
            if (used && buffer.limit() < bytes) {
                throw new Damaged("a column of " + buffer.limit() + " bytes where " + bytes + " must be");
            }
            return buffer;
        }

        private List<ByteBuffer> variadic(boolean used) throws IOException {
            if (variadic >= batch.variadicBufferCountsLength()) {
                throw new Damaged("texts without their buffers");
            }
            var count = batch.variadicBufferCounts(variadic++);
            if (count < 0 || count > batch.buffersLength()) {
                throw new Damaged("texts in " + count + " buffers");
            }
            var all = new ArrayList<ByteBuffer>();
            for (var i = 0; i < count; i++) {
                all.add(next(used));
            }
            return all;
        }

        /** The next buffer, unpacked; nothing of one that is not used. */
        private ByteBuffer next(boolean used) throws IOException {
            if (buffer >= batch.buffersLength()) {
                throw new Damaged("fewer columns than its schema has");
            }
            var claimed = batch.buffers(buffer++);
            var from = claimed.offset();
            var length = claimed.length();
            if (from < 0 || length < 0 || from > body.length || length > body.length - from) {
                throw new Damaged("a column beyond the batch's end");
            }
            var bytes = ArrowVector.buffer(body, (int) from, (int) length);
            var compression = batch.compression();
            if (compression == null || length == 0 || !used) {
                return used ? bytes : bytes.limit(0);
            }
            if (length < 8) {
                throw new Damaged("a packed column of " + length + " bytes");
            }
            var size = bytes.getLong(0);
            if (size == -1) {
                return bytes.position(8).slice().order(ByteOrder.LITTLE_ENDIAN);
            }
            unpacked += size;
            if (size < 0 || size > MOST_BODY || (unpacked > RATIO_FREE_BYTES && unpacked / MOST_RATIO > body.length)) {
                throw new UserException(
                        "Cannot read " + file + ": a batch of " + body.length + " bytes claims to unpack to " + unpacked
                                + "; write it again in smaller batches, or without compression");
            }
            var packed = new ByteArrayInputStream(body, (int) from + 8, (int) length - 8);
            try (var unpacking = unpacking(packed, compression.codec())) {
                var data = arrived(unpacking, (int) size, "a packed column ends after %d of %d bytes");
                return ArrowVector.buffer(data, 0, data.length);
            }
        }

        private InputStream unpacking(InputStream packed, byte codec) throws IOException {
            return switch (codec) {
                case CompressionType.LZ4_FRAME -> new FramedLZ4CompressorInputStream(packed);
                case CompressionType.ZSTD -> new ZstdInputStreamNoFinalizer(packed);
                default -> throw new Damaged("compression " + codec);
            };
        }
    }
}
