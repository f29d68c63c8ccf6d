package io.hindcast.source;

import io.hindcast.config.UserException;
import io.jhdf.Constants;
import io.jhdf.ObjectHeader;
import io.jhdf.btree.BTreeV1;
import io.jhdf.dataset.chunked.Chunk;
import io.jhdf.dataset.chunked.DatasetInfo;
import io.jhdf.dataset.chunked.indexing.BTreeIndex;
import io.jhdf.dataset.chunked.indexing.ExtensibleArrayIndex;
import io.jhdf.dataset.chunked.indexing.FixedArrayIndex;
import io.jhdf.dataset.chunked.indexing.ImplicitChunkIndex;
import io.jhdf.dataset.chunked.indexing.SingleChunkIndex;
import io.jhdf.object.message.DataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessageV4;
import io.jhdf.object.message.DataLayoutMessage.CompactDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ContiguousDataLayoutMessage;
import io.jhdf.object.message.FilterPipelineMessage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An array in an HDF5 file, {@code [rows, width]}: extents beyond the first are laid out row-major. Its items are numbers, or
 * references to and pieces of bytes. Rows are read in bands, the chunks that begin at one row; the last band is kept, so that who
 * reads row after row unpacks every chunk once.
 */
final class Hdf5Dataset implements Hdf5Values {
    private static final int MOST_EXTENTS = 8;
    private static final int WIDEST = 1 << 18;
    /** The bands that one reader may hold, unpacked: two tasks must fit into a heap of 2 GB. */
    private static final long MOST_BAND_BYTES = 128L << 20;

    private static final int MOST_CHUNKS = 1 << 22;
    /** Deflate makes no byte of fewer than a thousandth. */
    private static final long MOST_RATIO = 1_040;
    /** What is stored in one piece is read in bands of about so many bytes. */
    private static final int PIECE = 1 << 20;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Hdf5File file;
    private final String path;
    private final Hdf5Item item;
    private final long[] extents;
    private final int width;
    private final int bandRows;
    private final int chunkBytes;
    /** Of each column of a row: which chunk of the band it is in, and its place in the first row of that chunk. */
    private final int[] chunkOf;

    private final int[] placeOf;
    private final int rowStride;
    private final int chunksInBand;
    private final Bands bands;

    private long loaded = -1;
    private final ByteBuffer[] band;

    /** Where the bytes of a band are. */
    private interface Bands {
        byte[][] load(long band);
    }

    /**
     * Reads what the header says, and nothing of the data. Called by {@link Hdf5File.Group}, which turns errors into lines.
     *
     * @param extents those of the header, or others that come to as many items
     */
    Hdf5Dataset(Hdf5File file, String path, ObjectHeader header, long[] extents, Hdf5Item item) {
        this.file = file;
        this.path = path;
        this.item = item;
        this.extents = extents;
        width = width();
        var bytes = Math.multiplyExact(Math.multiplyExact(extents[0], (long) width), (long) item.bytes());
        if (bytes > Math.multiplyExact(file.storage().size(), MOST_RATIO)) {
            throw refused("its extents " + Arrays.toString(extents) + " come to " + bytes
                    + " bytes, which do not fit into a file of "
                    + file.storage().size() + "; copy or save it again");
        }
        var layout = header.getMessageOfType(DataLayoutMessage.class);
        var chunk = chunkExtents(layout);
        rowStride = (int) product(chunk, 1);
        bandRows = (int) chunk[0];
        chunkBytes = bytes(chunk);
        chunkOf = new int[width];
        placeOf = new int[width];
        chunksInBand = placeColumns(chunk);
        if (bandBytes() > MOST_BAND_BYTES) {
            throw refused("the chunks " + Arrays.toString(chunk) + " that hold a row come to " + bandBytes()
                    + " bytes, more than " + MOST_BAND_BYTES + "; save it in smaller chunks");
        }
        if (chunkBytes > Math.multiplyExact(file.storage().size(), MOST_RATIO)) {
            throw refused("its chunks " + Arrays.toString(chunk) + " have " + chunkBytes
                    + " bytes, which do not fit into a file of "
                    + file.storage().size() + "; copy or save it again");
        }
        band = new ByteBuffer[chunksInBand];
        bands = bands(layout, header, chunk);
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public long rows() {
        return extents[0];
    }

    @Override
    public int columns() {
        return width;
    }

    @Override
    public boolean isWhole() {
        return item instanceof Hdf5Number number && number.isWhole();
    }

    /** @throws UserException if {@code arrays} would hold too much at once */
    static void requireFit(Hdf5File file, Collection<? extends Hdf5Values> arrays) {
        var bytes = arrays.stream().mapToLong(Hdf5Values::bandBytes).sum();
        if (bytes > MOST_BAND_BYTES) {
            throw new UserException("Cannot read " + file.name() + ": the chunks of its arrays that hold a row come to "
                    + bytes + " bytes, more than " + MOST_BAND_BYTES + "; save it in chunks of fewer rows");
        }
    }

    @Override
    public long bandBytes() {
        return chunksInBand * (long) chunkBytes;
    }

    @Override
    public int bandRows() {
        return bandRows;
    }

    @Override
    public double number(long row, int column) {
        load(row);
        return number().at(band[chunkOf[column]], placeOf[column] + (int) (row % bandRows) * rowStride);
    }

    @Override
    public long whole(long row, int column) {
        load(row);
        return number().wholeAt(band[chunkOf[column]], placeOf[column] + (int) (row % bandRows) * rowStride);
    }

    @Override
    public boolean isUnsigned() {
        return item instanceof Hdf5Number number && number.kind() == Hdf5Number.Kind.U8;
    }

    @Override
    public void copy(long row, float[] into, int at) {
        load(row);
        var number = number();
        var base = (int) (row % bandRows) * rowStride;
        for (var column = 0; column < width; column++) {
            into[at + column] = (float) number.at(band[chunkOf[column]], placeOf[column] + base);
        }
    }

    /** How many extents it has. */
    int extents() {
        return extents.length;
    }

    /** The bytes of the items of a row, one after the other. */
    byte[] items(long row) {
        load(row);
        var bytes = new byte[width * item.bytes()];
        var base = (int) (row % bandRows) * rowStride;
        for (var column = 0; column < width; column++) {
            band[chunkOf[column]].get(
                    (placeOf[column] + base) * item.bytes(), bytes, column * item.bytes(), item.bytes());
        }
        return bytes;
    }

    /** What an item is. */
    Hdf5Item item() {
        return item;
    }

    private Hdf5Number number() {
        if (item instanceof Hdf5Number number) {
            return number;
        }
        throw new IllegalStateException(path + " holds no numbers");
    }

    private void load(long row) {
        var wanted = row / bandRows;
        if (wanted == loaded) {
            return;
        }
        if (row < 0 || row >= extents[0]) {
            throw new IndexOutOfBoundsException(path + " has no row " + row);
        }
        loaded = -1;
        Arrays.fill(band, NOTHING); // before its successor takes as much
        var bytes = file.guarded(() -> bands.load(wanted));
        for (var i = 0; i < band.length; i++) {
            band[i] = ByteBuffer.wrap(bytes[i]).order(item.order());
        }
        loaded = wanted;
    }

    private int width() {
        if (extents.length == 0 || extents.length > MOST_EXTENTS) {
            throw refused("it has " + extents.length + " extents, not 1 to " + MOST_EXTENTS + "; reshape it");
        }
        var product = 1L;
        for (var i = 0; i < extents.length; i++) {
            product *= i == 0 ? 1 : extents[i];
            if (extents[i] < 0 || product > WIDEST || (i > 0 && product < 1)) {
                throw refused("its extents " + Arrays.toString(extents) + " are out of range: a row may have 1 to "
                        + WIDEST + " numbers; copy or save it again");
            }
        }
        return (int) product;
    }

    private long[] chunkExtents(DataLayoutMessage layout) {
        int[] given;
        if (layout instanceof ChunkedDataLayoutMessage old) {
            given = old.getChunkDimensions();
        } else if (layout instanceof ChunkedDataLayoutMessageV4 recent) {
            // The last one is the size of a number.
            var all = recent.getChunkDimensions();
            given = Arrays.copyOf(all, Math.max(0, all.length - 1));
        } else {
            var piece = extents.clone();
            var rowBytes = width * item.bytes();
            piece[0] = Math.max(1, Math.min(extents[0], PIECE / rowBytes));
            return piece;
        }
        var chunk = Arrays.stream(given).asLongStream().toArray();
        if (chunk.length != extents.length || Arrays.stream(chunk).anyMatch(extent -> extent < 1)) {
            throw refused("its chunks are " + Arrays.toString(chunk) + "; copy or save it again");
        }
        return chunk;
    }

    private int bytes(long[] chunk) {
        var bytes = (long) item.bytes();
        for (var extent : chunk) {
            bytes *= extent;
            if (bytes > MOST_BAND_BYTES) {
                throw refused("its chunks " + Arrays.toString(chunk) + " have more than " + MOST_BAND_BYTES
                        + " bytes; save it in smaller chunks");
            }
        }
        return (int) bytes;
    }

    /** Fills {@link #chunkOf} and {@link #placeOf}, and returns how many chunks hold a row. */
    private int placeColumns(long[] chunk) {
        for (var column = 0; column < width; column++) {
            var rest = (long) column;
            var chunkStride = 1L;
            var placeStride = 1L;
            var chunkIndex = 0L;
            var place = 0L;
            for (var axis = extents.length - 1; axis > 0; axis--) {
                var index = rest % extents[axis];
                rest /= extents[axis];
                chunkIndex += index / chunk[axis] * chunkStride;
                place += index % chunk[axis] * placeStride;
                chunkStride *= chunks(chunk, axis);
                placeStride *= chunk[axis];
            }
            chunkOf[column] = (int) chunkIndex;
            placeOf[column] = (int) place;
        }
        var count = 1L;
        for (var axis = 1; axis < extents.length; axis++) {
            count *= chunks(chunk, axis);
        }
        return (int) count;
    }

    private long chunks(long[] chunk, int axis) {
        return (extents[axis] + chunk[axis] - 1) / chunk[axis];
    }

    private static long product(long[] values, int from) {
        var product = 1L;
        for (var i = from; i < values.length; i++) {
            product = Math.multiplyExact(product, values[i]);
        }
        return product;
    }

    private Bands bands(DataLayoutMessage layout, ObjectHeader header, long[] chunk) {
        if (layout instanceof CompactDataLayoutMessage compact) {
            var data = compact.getDataBuffer();
            var all = new byte[data.remaining()];
            data.get(all);
            if (all.length < extents[0] * rowBytes()) {
                throw refused(
                        "it has " + all.length + " bytes, not " + extents[0] * rowBytes() + "; copy or save it again");
            }
            return band -> new byte[][] {
                Arrays.copyOfRange(all, (int) (band * chunkBytes), (int) (band * chunkBytes) + pieceBytes(band))
            };
        }
        if (layout instanceof ContiguousDataLayoutMessage contiguous) {
            if (extents[0] > 0 && contiguous.getAddress() == Constants.UNDEFINED_ADDRESS) {
                throw neverWritten(0, extents[0]);
            }
            return band ->
                    new byte[][] {file.storage().data(contiguous.getAddress() + band * chunkBytes, pieceBytes(band))};
        }
        return new Chunks(layout, header, chunk);
    }

    private int rowBytes() {
        return width * item.bytes();
    }

    /** The bytes of a band of what is stored in one piece; the last may be shorter. */
    private int pieceBytes(long band) {
        return (int) Math.min(bandRows, extents[0] - band * bandRows) * rowBytes();
    }

    /** Where the chunks are, by their place in row-major order. */
    private final class Chunks implements Bands {
        private final Hdf5Filters filters;
        private final long[] addresses;
        private final int[] sizes;
        private final @Nullable BitSet[] skipped;

        Chunks(DataLayoutMessage layout, ObjectHeader header, long[] chunk) {
            var count = Math.multiplyExact(chunks(chunk, 0), (long) chunksInBand);
            // A chunk takes a byte at the very least.
            if (count > MOST_CHUNKS || count > file.storage().size()) {
                throw refused("its extents " + Arrays.toString(extents) + " make " + count + " chunks of "
                        + Arrays.toString(chunk)
                        + ", which is out of range; copy it again or save it in larger chunks");
            }
            List<FilterPipelineMessage.FilterInfo> applied = header.hasMessageOfType(FilterPipelineMessage.class)
                    ? header.getMessageOfType(FilterPipelineMessage.class).getFilters()
                    : List.of();
            try {
                filters = new Hdf5Filters(applied, item.bytes());
            } catch (Hdf5Filters.Refused e) {
                throw refused(e.getMessage());
            }
            addresses = new long[(int) count];
            sizes = new int[(int) count];
            skipped = new BitSet[(int) count];
            Arrays.fill(addresses, Constants.UNDEFINED_ADDRESS);
            var found = file.storage().within((1L << 20) + 512 * count, () -> index(layout, chunk));
            for (var one : found) {
                place(one, chunk);
            }
        }

        private Collection<Chunk> index(DataLayoutMessage layout, long[] chunk) {
            if (layout instanceof ChunkedDataLayoutMessage old) {
                return old.getBTreeAddress() == Constants.UNDEFINED_ADDRESS
                        ? List.of()
                        : BTreeV1.createDataBTree(file.storage(), old.getBTreeAddress(), extents.length)
                                .getChunks();
            }
            var recent = (ChunkedDataLayoutMessageV4) layout;
            var address = recent.getAddress();
            if (address == Constants.UNDEFINED_ADDRESS) {
                return List.of();
            }
            var info = new DatasetInfo(
                    chunkBytes,
                    extents,
                    Arrays.stream(chunk).mapToInt(Math::toIntExact).toArray());
            return switch (recent.getIndexingType()) {
                case ChunkedDataLayoutMessageV4.SINGLE_CHUNK_INDEX -> new SingleChunkIndex(recent, info).getAllChunks();
                case ChunkedDataLayoutMessageV4.IMPLICIT_INDEX -> new ImplicitChunkIndex(address, info).getAllChunks();
                case ChunkedDataLayoutMessageV4.FIXED_ARRAY_INDEX ->
                    new FixedArrayIndex(file.storage(), address, info).getAllChunks();
                case ChunkedDataLayoutMessageV4.EXTENSIBLE_ARRAY_INDEX ->
                    new ExtensibleArrayIndex(file.storage(), address, info).getAllChunks();
                default -> new BTreeIndex(file.storage(), address, info).getAllChunks();
            };
        }

        private void place(Chunk one, long[] chunk) {
            var index = 0L;
            for (var axis = 0; axis < extents.length; axis++) {
                var offset = one.getChunkOffset()[axis];
                if (offset < 0 || offset % chunk[axis] != 0) {
                    throw refused(
                            "a chunk begins at " + Arrays.toString(one.getChunkOffset()) + "; copy or save it again");
                }
                if (offset >= extents[axis]) {
                    return; // what was cut off by a resize
                }
                index = index * chunks(chunk, axis) + offset / chunk[axis];
            }
            if (addresses[(int) index] != Constants.UNDEFINED_ADDRESS) {
                throw refused(
                        "two chunks begin at " + Arrays.toString(one.getChunkOffset()) + "; copy or save it again");
            }
            addresses[(int) index] = one.getAddress();
            sizes[(int) index] = one.getSize();
            skipped[(int) index] = one.getFilterMask();
        }

        @Override
        public byte[][] load(long band) {
            var bytes = new byte[chunksInBand][];
            for (var i = 0; i < chunksInBand; i++) {
                var index = (int) (band * chunksInBand) + i;
                if (addresses[index] == Constants.UNDEFINED_ADDRESS) {
                    throw neverWritten(band * bandRows, Math.min(extents[0], (band + 1) * bandRows));
                }
                // What is packed may be a little longer than what it packs.
                if (sizes[index] > chunkBytes + chunkBytes / 8 + 1_024L) {
                    throw refused(
                            "a chunk of " + chunkBytes + " bytes takes " + sizes[index] + "; copy or save it again");
                }
                try {
                    bytes[i] = filters.undo(
                            file.storage().data(addresses[index], sizes[index]),
                            skipped[index] == null ? new BitSet() : skipped[index],
                            chunkBytes);
                } catch (Hdf5Filters.Refused e) {
                    throw refused(
                            "of a chunk at row " + band * bandRows + ": " + e.getMessage() + "; copy or save it again");
                }
            }
            return bytes;
        }
    }

    private UserException neverWritten(long from, long to) {
        return refused("its rows " + from + " to " + (to - 1)
                + " were never written; let what writes the file finish, or save it again");
    }

    private UserException refused(@Nullable String reasonAndMend) {
        return new UserException("Cannot read array '" + path + "' of " + file.name() + ": " + reasonAndMend);
    }
}
