package io.hindcast.source;

import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * Reads npz files: zip archives of npy arrays (versions 1 to 3), as {@code numpy.savez} and {@code savez_compressed} write
 * them. The file is read once from front to back and trusted in nothing: memory grows only with bytes that have arrived, and
 * only up to the size that an array's own header declares.
 */
public final class Npz {
    /** How many bytes all arrays of a file may have together unless the caller says otherwise: 8 GiB. */
    public static final long DEFAULT_MAX_BYTES = 8L << 30;

    private static final int MAX_ARRAYS = 4096;
    private static final int MAX_HEADER = 10_000;
    /** A file that has given more than this must not be a hundredth of it. */
    private static final long RATIO_FREE_BYTES = 64L << 20;

    private static final int MAX_RATIO = 100;
    private static final int CHUNK = 1 << 20;

    private final String file;
    private final long maxBytes;
    private final TailInputStream source;
    private final ZipInputStream zip;
    private final Predicate<String> wanted;
    private long bytes;
    private long unpacked;

    /**
     * The arrays of a file.
     *
     * @param names what all of them are called, without {@code .npy}, in the file's order
     * @param arrays those that were wanted, by name
     */
    record Content(List<String> names, Map<String, NpyArray> arrays) {}

    private Npz(String file, InputStream in, long maxBytes, Predicate<String> wanted) {
        this.file = file;
        this.wanted = wanted;
        this.maxBytes = maxBytes;
        this.source = new TailInputStream(in);
        this.zip = new ZipInputStream(source, StandardCharsets.UTF_8);
    }

    /** {@link #read(String, InputStream, long)} with {@link #DEFAULT_MAX_BYTES}. */
    public static Map<String, NpyArray> read(String file, InputStream in) throws IOException {
        return read(file, in, DEFAULT_MAX_BYTES);
    }

    /**
     * Reads all arrays.
     *
     * @param file what to call the file in messages
     * @param in the whole file; left open
     * @param maxBytes how many bytes all arrays may have together
     * @return the arrays by name, without {@code .npy}, in the file's order
     * @throws UserException if it is no whole npz file of plain numbers, or too large
     * @throws IOException if {@code in} fails
     */
    public static Map<String, NpyArray> read(String file, InputStream in, long maxBytes) throws IOException {
        return content(file, in, maxBytes, name -> true).arrays();
    }

    /** The same of the arrays that are wanted only; of the others nothing but the name is looked at. */
    static Content content(String file, InputStream in, long maxBytes, Predicate<String> wanted) throws IOException {
        try {
            return new Npz(file, in, maxBytes, wanted).content();
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            // The last comes from a name that is no UTF-8.
            throw new UserException(damaged(file, String.valueOf(e.getMessage())), e);
        }
    }

    private Content content() throws IOException {
        var names = new LinkedHashSet<String>();
        var arrays = new LinkedHashMap<String, NpyArray>();
        for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            var name = nameOf(entry);
            if (names.size() == MAX_ARRAYS) {
                throw new UserException("Cannot read " + file + ": it holds more than " + MAX_ARRAYS
                        + " arrays; join them, one array a quantity");
            }
            if (!names.add(name)) {
                throw new UserException("Cannot read " + file + ": it holds array '" + name
                        + "' twice; save it again with one array a name");
            }
            if (wanted.test(name)) {
                arrays.put(name, array(name));
            } else {
                skip(name);
            }
        }
        var count = source.countInEndRecord();
        if (count != names.size()) {
            var reason = count < 0
                    ? "the end of the zip archive is missing"
                    : "its end counts " + count + " arrays, not " + names.size();
            throw new UserException(damaged(file, reason));
        }
        return new Content(List.copyOf(names), arrays);
    }

    private void skip(String name) throws IOException {
        try {
            var buffer = new byte[1 << 13];
            for (var read = zip.read(buffer); read >= 0; read = zip.read(buffer)) {
                count(read);
            }
        } catch (NpyHeader.Refused e) {
            throw refused(name, e);
        }
    }

    private String nameOf(ZipEntry entry) {
        var path = entry.getName();
        var plain = path.length() <= 256
                && path.chars().noneMatch(Character::isISOControl)
                && path.indexOf('\\') < 0
                && Arrays.stream(path.split("/", -1)).noneMatch(part -> part.isEmpty() || part.startsWith("."));
        if (!plain || !path.endsWith(".npy")) {
            throw new UserException("Cannot read " + file + ": its entry '"
                    + Shown.of(path) + "' is not named like an array (name.npy); "
                    + "save it again with numpy.savez");
        }
        return path.substring(0, path.length() - ".npy".length());
    }

    private NpyArray array(String name) throws IOException {
        try {
            var header = NpyHeader.parse(headerText());
            if (header.bytes() > maxBytes - bytes) {
                throw new NpyHeader.Refused("its " + header.bytes() + " bytes bring the file above the limit of "
                        + maxBytes + " bytes; split the file");
            }
            var data = data(header.bytes());
            if (zip.read() >= 0) {
                throw new NpyHeader.Refused(
                        "it is longer than the " + header.bytes() + " bytes of its shape; save it again");
            }
            return new NpyArray(file, name, header, data);
        } catch (NpyHeader.Refused e) {
            throw refused(name, e);
        }
    }

    private UserException refused(String name, NpyHeader.Refused e) {
        return new UserException("Cannot read array '" + name + "' of " + file + ": " + e.getMessage(), e);
    }

    private String headerText() throws IOException, NpyHeader.Refused {
        var start = zip.readNBytes(8);
        var magic = new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
        if (start.length < 8 || !Arrays.equals(start, 0, 6, magic, 0, 6)) {
            throw new NpyHeader.Refused("it does not start like an npy file; save it again with numpy.savez");
        }
        var version = start[6];
        if (version < 1 || version > 3 || start[7] != 0) {
            throw new NpyHeader.Refused("its npy version " + version + '.' + start[7]
                    + " is not 1.0, 2.0 or 3.0; save it again with numpy.savez");
        }
        var lengthBytes = zip.readNBytes(version == 1 ? 2 : 4);
        var length = 0L;
        for (var i = lengthBytes.length - 1; i >= 0; i--) {
            length = 256 * length + Byte.toUnsignedInt(lengthBytes[i]);
        }
        if (length > MAX_HEADER) {
            throw new NpyHeader.Refused("its header of " + length + " bytes is above the limit of " + MAX_HEADER
                    + "; save it again with numpy.savez");
        }
        var text = zip.readNBytes((int) length);
        if (text.length < length) {
            throw new NpyHeader.Refused("it ends within its header; copy or save the file again");
        }
        return new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    }

    private byte[] data(int length) throws IOException, NpyHeader.Refused {
        var data = new byte[Math.min(length, CHUNK)];
        var filled = 0;
        while (filled < length) {
            if (filled == data.length) {
                data = Arrays.copyOf(data, (int) Math.min(length, 2L * data.length));
            }
            var read = zip.readNBytes(data, filled, Math.min(CHUNK, data.length - filled));
            if (read == 0) {
                throw new NpyHeader.Refused("it ends after " + filled + " of the " + length
                        + " bytes of its shape; copy or save the file again");
            }
            filled += read;
            bytes += read;
            count(read);
        }
        return data;
    }

    private void count(int read) throws NpyHeader.Refused {
        unpacked += read;
        if (unpacked > RATIO_FREE_BYTES && unpacked / MAX_RATIO > source.count()) {
            throw new NpyHeader.Refused(
                    "the file unpacks to more than " + MAX_RATIO + " times its size; save it without compression");
        }
    }

    private static String damaged(String file, String reason) {
        return "Cannot read " + file + ": it is no whole npz file (" + Shown.of(reason) + "); copy or save it again";
    }
}
