package io.hindcast.source;

import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import io.jhdf.Constants;
import io.jhdf.FractalHeap;
import io.jhdf.GroupSymbolTableNode;
import io.jhdf.LocalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.SymbolTableEntry;
import io.jhdf.Utils;
import io.jhdf.btree.BTreeV1;
import io.jhdf.btree.BTreeV2;
import io.jhdf.btree.record.LinkNameForIndexedGroupRecord;
import io.jhdf.exceptions.UnsupportedHdfException;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.message.DataSpaceMessage;
import io.jhdf.object.message.DataTypeMessage;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.SymbolTableMessage;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An HDF5 file, of which jhdf reads the structure and {@link Hdf5Dataset} the data. Neither is trusted: types and sizes are
 * checked before anything is allocated for them, no link leads out of the file, and whatever jhdf throws becomes one line.
 */
final class Hdf5File implements Closeable {
    private final String name;
    private final Hdf5Storage storage;

    /**
     * Opens a file.
     *
     * @param name what to call it in messages
     * @param bytes closed with it
     * @throws UserException if it is no HDF5 file
     */
    static Hdf5File open(String name, SeekableBytes bytes) {
        return guarded(name, () -> {
            try {
                return new Hdf5File(name, new Hdf5Storage(name, bytes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private Hdf5File(String name, Hdf5Storage storage) {
        this.name = name;
        this.storage = storage;
    }

    String name() {
        return name;
    }

    Hdf5Storage storage() {
        return storage;
    }

    Group root() {
        return guarded(() -> group("", storage.rootAddress()));
    }

    @Override
    public void close() {
        storage.close();
    }

    /** Does {@code work} with jhdf, and turns what it throws into the error for a damaged file. */
    <T> T guarded(Supplier<T> work) {
        return guarded(name, work);
    }

    private static <T> T guarded(String name, Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException | StackOverflowError e) {
            for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof UserException known) {
                    throw known;
                }
                if (cause instanceof IOException failed) {
                    throw Format.damaged(name, failed);
                }
                if (cause instanceof UnsupportedHdfException unknown) {
                    throw new UserException(
                            "Cannot read " + name + ": it uses what is not known of HDF5 ("
                                    + oneLine(String.valueOf(unknown.getMessage()))
                                    + "); save it again with h5py and no libver",
                            e);
                }
            }
            var reason = e instanceof StackOverflowError ? "a structure contains itself" : Hdf5Storage.reason(e);
            throw new UserException(
                    "Cannot read " + name + ": it is no whole HDF5 file (" + oneLine(reason)
                            + "); copy or save it again",
                    e);
        }
    }

    private static String oneLine(String text) {
        var line = Shown.of(text.replaceAll("\\s+", " "));
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }

    private interface Typed {
        Hdf5Item item(DataType type) throws Hdf5Item.Refused;
    }

    /** A group: its path from the root, and where its children are. */
    final class Group {
        private final String path;
        private final Map<String, Long> children;

        private Group(String path, Map<String, Long> children) {
            this.path = path;
            this.children = children;
        }

        /** The names of its children, in no order that means anything. */
        Set<String> names() {
            return children.keySet();
        }

        /** Whether there is a child of that name and it is a group. */
        boolean isGroup(String child) {
            return children.containsKey(child) && guarded(() -> !isDataset(header(child)));
        }

        /** A child that is a group. */
        Group group(String child) {
            return guarded(() -> {
                if (isDataset(header(child))) {
                    throw new UserException("Cannot read " + name + ": '" + path + child
                            + "' is an array where a group is expected; check format");
                }
                return Hdf5File.this.group(path + child + "/", address(child));
            });
        }

        /** A child that is an array of numbers. */
        Hdf5Dataset dataset(String child) {
            return guarded(() -> array(child, Hdf5Number::of));
        }

        /** A child that is an array of texts, or of bytes of any length a row. */
        Hdf5Bytes bytes(String child) {
            return guarded(() -> new Hdf5Bytes(Hdf5File.this, array(child, Hdf5Item::ofBytes)));
        }

        /** A child that is one number. */
        double scalar(String child) {
            return guarded(() -> {
                var header = header(child);
                if (!isDataset(header) || extents(header).length > 0) {
                    throw new UserException(
                            "Cannot read " + name + ": '" + path + child + "' is not one number; check format");
                }
                return array(child, header, new long[] {1}, Hdf5Number::of).number(0, 0);
            });
        }

        /** Whether there is a child of that name and it is an array of texts, or of bytes of any length a row. */
        boolean isBytes(String child) {
            return guarded(() -> {
                var header = header(child);
                if (!isDataset(header)) {
                    return false;
                }
                try {
                    return Hdf5Item.ofBytes(header.getMessageOfType(DataTypeMessage.class)
                                    .getDataType())
                            != null;
                } catch (Hdf5Item.Refused e) {
                    return false;
                }
            });
        }

        private Hdf5Dataset array(String child, Typed typed) {
            var header = header(child);
            if (!isDataset(header)) {
                throw new UserException("Cannot read " + name + ": '" + path + child
                        + "' is a group where an array is expected; check columns");
            }
            return array(child, header, extents(header), typed);
        }

        private Hdf5Dataset array(String child, ObjectHeader header, long[] extents, Typed typed) {
            var type = header.getMessageOfType(DataTypeMessage.class);
            try {
                if (type.isMessageShared()) {
                    throw new Hdf5Item.Refused("its type is a named one; save it as plain numbers");
                }
                var item = typed.item(type.getDataType());
                return new Hdf5Dataset(Hdf5File.this, path + child, header, extents, item);
            } catch (Hdf5Item.Refused e) {
                throw new UserException("Cannot read array '" + path + child + "' of " + name + ": " + e.getMessage());
            }
        }

        private long[] extents(ObjectHeader header) {
            return header.getMessageOfType(DataSpaceMessage.class)
                    .getDataSpace()
                    .getDimensionsAsLong();
        }

        private ObjectHeader header(String child) {
            return ObjectHeader.readObjectHeader(storage, address(child));
        }

        private boolean isDataset(ObjectHeader header) {
            return header.hasMessageOfType(DataSpaceMessage.class);
        }

        private long address(String child) {
            var address = children.get(child);
            if (address == null) {
                throw new UserException("Cannot read " + name + ": it has no '" + path + child + "'; check format");
            }
            if (address == Constants.UNDEFINED_ADDRESS) {
                throw new UserException("Cannot read " + name + ": '" + path + child
                        + "' is a link, which is not followed; save the data in its place");
            }
            return address;
        }
    }

    private Group group(String path, long address) {
        var header = ObjectHeader.readObjectHeader(storage, address);
        var children = new LinkedHashMap<String, Long>();
        if (header.hasMessageOfType(SymbolTableMessage.class)) {
            addSymbols(header.getMessageOfType(SymbolTableMessage.class), children);
        } else {
            addLinks(header, children);
        }
        return new Group(path, children);
    }

    private void addSymbols(SymbolTableMessage table, Map<String, Long> children) {
        var names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
        for (var node :
                BTreeV1.createGroupBTree(storage, table.getBTreeAddress()).getChildAddresses()) {
            for (SymbolTableEntry entry : new GroupSymbolTableNode(storage, node).getSymbolTableEntries()) {
                names.position(entry.getLinkNameOffset());
                var isLink = entry.getCacheType() == 2;
                children.put(
                        Utils.readUntilNull(names),
                        isLink ? Constants.UNDEFINED_ADDRESS : entry.getObjectHeaderAddress());
            }
        }
    }

    private void addLinks(ObjectHeader header, Map<String, Long> children) {
        header.getMessagesOfType(LinkMessage.class).forEach(link -> add(link, children));
        for (var info : header.getMessagesOfType(LinkInfoMessage.class)) {
            if (info.getBTreeNameIndexAddress() == Constants.UNDEFINED_ADDRESS) {
                continue;
            }
            var heap = new FractalHeap(storage, info.getFractalHeapAddress());
            var tree = new BTreeV2<LinkNameForIndexedGroupRecord>(storage, info.getBTreeNameIndexAddress());
            for (var record : tree.getRecords()) {
                add(LinkMessage.fromBuffer(heap.getId(record.getId()), storage.getSuperblock()), children);
            }
        }
    }

    private static void add(LinkMessage link, Map<String, Long> children) {
        var isHard = link.getLinkType() == LinkMessage.LinkType.HARD;
        children.put(link.getLinkName(), isHard ? link.getHardLinkAddress() : Constants.UNDEFINED_ADDRESS);
    }
}
