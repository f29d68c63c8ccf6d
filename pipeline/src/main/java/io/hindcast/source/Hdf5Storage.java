package io.hindcast.source;

import io.hindcast.config.UserException;
import io.jhdf.Superblock;
import io.jhdf.exceptions.HdfException;
import io.jhdf.storage.HdfBackingStorage;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What jhdf reads an HDF5 file through: nothing outside the file, nothing greater than a limit, and in all not more than a file
 * of its size has to say, so that a structure that refers to itself comes to an end. jhdf makes arrays of the lengths that four
 * structures claim before it reads what is in them; these are checked as they pass.
 */
final class Hdf5Storage implements HdfBackingStorage {
    private static final int PAGE = 1 << 16;
    private static final int MOST_PAGES = 32;
    /** No structure that describes data is longer. */
    private static final int LONGEST = 16 << 20;

    private static final long FREE_ALLOWANCE = 64L << 20;
    /** A B-tree of more levels would hold more than any file. */
    private static final int DEEPEST_TREE = 16;

    private final String file;
    private final SeekableBytes bytes;
    private final long size;
    private final Superblock superblock;
    private final Map<Long, byte[]> pages = new LinkedHashMap<>(MOST_PAGES, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
            return size() > MOST_PAGES;
        }
    };
    private long allowance;

    /** @throws UserException if it does not begin like an HDF5 file, or ends before it says so */
    Hdf5Storage(String file, SeekableBytes bytes) throws IOException {
        this.file = file;
        this.bytes = bytes;
        size = bytes.size();
        allowance = FREE_ALLOWANCE + size;
        var start = new byte[(int) Math.min(size, 2048)];
        bytes.read(0, start, 0, start.length);
        if (start.length < 8 || !"\u0089HDF\r\n\u001a\n".equals(new String(start, 0, 8, StandardCharsets.ISO_8859_1))) {
            throw new UserException(
                    "Cannot read " + file + ": it does not begin like an HDF5 file; copy it again or set format");
        }
        superblock = Superblock.readSuperblock(ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN));
        if (superblock.getSizeOfOffsets() != 8 || superblock.getSizeOfLengths() != 8) {
            throw damaged("its addresses have " + superblock.getSizeOfOffsets() + " bytes, not 8");
        }
        if (superblock.getBaseAddressByte() != 0) {
            throw damaged("its addresses count from " + superblock.getBaseAddressByte() + ", not 0");
        }
        if (superblock.getEndOfFileAddress() > size) {
            throw damaged("it has " + size + " of " + superblock.getEndOfFileAddress() + " bytes");
        }
    }

    /** The error for a file whose structure is wrong. */
    UserException damaged(String reason) {
        return new UserException(
                "Cannot read " + file + ": it is no whole HDF5 file (" + reason + "); copy or save it again");
    }

    /** Does {@code work}, which may read no more than {@code most} bytes of structure. */
    <T> T within(long most, Supplier<T> work) {
        var before = allowance;
        allowance = Math.min(before, most);
        var granted = allowance;
        try {
            return work.get();
        } finally {
            allowance = before - (granted - allowance);
        }
    }

    /** Data, which is read once and counts against nothing. */
    byte[] data(long address, int length) {
        requireInside(address, length);
        var data = new byte[length];
        read(address, data);
        return data;
    }

    /** The object header's address of the root group. */
    long rootAddress() {
        if (superblock instanceof Superblock.SuperblockV0V1 old) {
            return new io.jhdf.SymbolTableEntry(this, old.getRootGroupSymbolTableAddress()).getObjectHeaderAddress();
        }
        return ((Superblock.SuperblockV2V3) superblock).getRootGroupObjectHeaderAddress();
    }

    @Override
    public ByteBuffer readBufferFromAddress(long address, int length) {
        requireInside(address, length);
        if (length > LONGEST || length > allowance) {
            throw damaged("it needs " + length + " bytes of structure at " + address);
        }
        allowance -= length;
        var read = new byte[length];
        if (length > PAGE) {
            read(address, read);
        } else {
            copyFromPages(address, read);
        }
        var buffer = ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
        checkCounts(buffer);
        return buffer;
    }

    @Override
    public ByteBuffer map(long address, long length) {
        if (length < 0 || length > LONGEST) {
            throw damaged("it needs " + length + " bytes of structure at " + address);
        }
        return readBufferFromAddress(address, (int) length);
    }

    @Override
    public ByteBuffer mapNoOffset(long address, long length) {
        return map(address, length);
    }

    @Override
    public long getUserBlockSize() {
        return 0;
    }

    @Override
    public Superblock getSuperblock() {
        return superblock;
    }

    @Override
    public FileChannel getFileChannel() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int getSizeOfOffsets() {
        return 8;
    }

    @Override
    public int getSizeOfLengths() {
        return 8;
    }

    @Override
    public void close() {
        try {
            bytes.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean inMemory() {
        return false;
    }

    private void requireInside(long address, long length) {
        if (address < 0 || length < 0 || address > size - length) {
            throw damaged("it refers to " + length + " bytes at " + address + " and has " + size);
        }
    }

    private void copyFromPages(long address, byte[] into) {
        for (var done = 0; done < into.length; ) {
            var at = address + done;
            var page = page(at / PAGE);
            var from = (int) (at % PAGE);
            var count = Math.min(into.length - done, page.length - from);
            System.arraycopy(page, from, into, done, count);
            done += count;
        }
    }

    private byte[] page(long number) {
        var page = pages.get(number);
        if (page == null) {
            page = new byte[(int) Math.min(PAGE, size - number * PAGE)];
            read(number * PAGE, page);
            pages.put(number, page);
        }
        return page;
    }

    private void read(long address, byte[] into) {
        try {
            bytes.read(address, into, 0, into.length);
        } catch (EOFException e) {
            throw damaged("it ended while it was read");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkCounts(ByteBuffer buffer) {
        switch (signature(buffer)) {
            case "FAHD" -> requireEntries(buffer, 8);
            case "EAHD" -> requireEntries(buffer, 44);
            case "BTHD" -> {
                requireEntries(buffer, 26);
                if (Short.toUnsignedInt(buffer.getShort(12)) > DEEPEST_TREE) {
                    throw damaged("a B-tree has more than " + DEEPEST_TREE + " levels");
                }
            }
            case "FRHP" -> {
                if (buffer.capacity() >= 142) {
                    var blocks = (long) Short.toUnsignedInt(buffer.getShort(110))
                            * Short.toUnsignedInt(buffer.getShort(140));
                    requireEntries(blocks);
                }
            }
            default -> {}
        }
    }

    private void requireEntries(ByteBuffer header, int at) {
        if (header.capacity() >= at + 8) {
            requireEntries(header.getLong(at));
        }
    }

    private void requireEntries(long count) {
        // Each entry takes an address in the file.
        if (count < 0 || count > size / 8) {
            throw damaged("an index claims " + Long.toUnsignedString(count) + " entries");
        }
    }

    private static String signature(ByteBuffer buffer) {
        if (buffer.capacity() < 4) {
            return "";
        }
        var start = new byte[4];
        buffer.get(0, start);
        return new String(start, StandardCharsets.ISO_8859_1);
    }

    /** The first reason in a chain that says something. */
    static String reason(Throwable thrown) {
        @Nullable Throwable deepest = thrown;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest instanceof HdfException && deepest.getMessage() != null
                ? deepest.getMessage()
                : deepest.toString();
    }
}
