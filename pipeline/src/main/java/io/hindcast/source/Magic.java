package io.hindcast.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.hindcast.config.UserException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a file is by its first bytes, so that one given as something else is called by its name. Nothing is loaded. */
enum Magic {
    PARQUET("a Parquet file", "set format = parquet", Magic.BINARY + "PAR1"),
    PARQUET_ENCRYPTED("an encrypted Parquet file", "write it without encryption", Magic.BINARY + "PARE"),
    ORC("an ORC file", "set format = orc", Magic.BINARY + "ORC"),
    AVRO("an Avro file", "set format = avro", "Obj\\x01"),
    HDF5("an HDF5 file", "set format to the writer's, d4rl-hdf5 or minari for example", "\\x89HDF\\r\\n\\x1a\\n"),
    NPY("a single NumPy array", "save all arrays in one file with numpy.savez, and set format = npz", "\\x93NUMPY"),
    NPZ("an npz file", "set format = npz", "PK\\x03\\x04.{22}.{1,200}\\.npy"),
    PYTORCH(
            "a PyTorch file, in which Python pickles lie that are code and are never loaded",
            "save its arrays as npz, as conf/ingest/npz.conf shows",
            "PK\\x03\\x04.{22}.{4}[^/]{1,100}/(data\\.pkl|\\.format_version|byteorder|version)"),
    EXCEL("an Excel workbook", "save its sheet as CSV", "PK\\x03\\x04.{22}.{4}(\\[Content_Types\\]|_rels/|xl/)"),
    ZIP("a zip archive", "unpack it", "PK\\x03\\x04"),
    PICKLE(
            "a Python pickle, which is code and is never loaded",
            "save its arrays as npz, as conf/ingest/npz.conf shows",
            "\\x80[\\x02-\\x05][\\x95\\x8cc}\\](XKqJ]|[(]dp\\d|[(]lp\\d|ccopy_reg\\n|cnumpy"),
    GZIP(
            "compressed with gzip",
            "let its name end in .gz if its format may be compressed, else unpack it",
            "\\x1f\\x8b"),
    BZIP2(
            "compressed with bzip2",
            "let its name end in .bz2 if its format may be compressed, else unpack it",
            Magic.BINARY + "BZh[1-9]1AY"),
    ZSTD(
            "compressed with zstd",
            "let its name end in .zst if its format may be compressed, else unpack it",
            "\\x28\\xb5\\x2f\\xfd"),
    XZ("compressed with xz, which is not read", Magic.PACK_AGAIN, "\\xfd7zXZ\\x00"),
    LZ4("compressed with lz4, which is not read", Magic.PACK_AGAIN, "\\x04\\x22\\x4d\\x18"),
    COMPRESS("compressed with compress, which is not read", Magic.PACK_AGAIN, "\\x1f\\x9d"),
    LZIP("compressed with lzip, which is not read", Magic.PACK_AGAIN, Magic.BINARY + "LZIP"),
    SNAPPY("compressed with snappy, which is not read", Magic.PACK_AGAIN, "\\xff\\x06\\x00\\x00sNaPpY"),
    SEVEN_ZIP("a 7z archive", "unpack it", "7z\\xbc\\xaf\\x27\\x1c"),
    RAR("a rar archive", "unpack it", "Rar!\\x1a\\x07"),
    TAR("a tar archive", "unpack it", ".{257}ustar"),
    ARROW("an Arrow file", "set format = arrow", "ARROW1|\\xff\\xff\\xff\\xff.{2}\\x00\\x00\\x10\\x00"),
    FEATHER("a Feather file", "set format = arrow", Magic.BINARY + "FEA1"),
    SQLITE("a SQLite database", "write its table as Parquet or CSV", "SQLite format 3\\x00"),
    MATLAB("a MATLAB file", "save its arrays as npz", Magic.BINARY + "MATLAB [0-9.]+ MAT-file"),
    PICTURE("a picture", "give the log that names it", "\\x89PNG|\\xff\\xd8\\xff|GIF8[79]a|RIFF.{4}WEBP"),
    VIDEO("a video", "give the log that names it", ".{4}ftyp|\\x1a\\x45\\xdf\\xa3"),
    PDF("a PDF document", "give the log itself", Magic.BINARY + "%PDF-"),
    LFS_POINTER(
            "only a pointer of git-lfs to the file", "run git lfs pull where it was cloned", "version https://git-lfs"),
    WEB_PAGE(
            "a web page, perhaps one that asks to sign in", "download the file again", "\\s*(?i:<!DOCTYPE html|<html)"),
    JSON_TEXT("JSON", "set format = json", "\\s*[{]\\s*[\"']|\\s*\\[\\s*[{]\\s*\"");

    /** How many bytes tell what a file is. */
    static final int HEAD = 512;

    /** Some of the bytes are those of no text. */
    private static final String BINARY = "(?=.{0,511}[\\x00-\\x08])";

    private static final String PACK_AGAIN = "unpack it, or compress it with gzip, bzip2 or zstd";

    private final String words;
    private final String mend;
    private final Pattern head;

    Magic(String words, String mend, String head) {
        this.words = words;
        this.mend = mend;
        this.head = Pattern.compile(head, Pattern.DOTALL);
    }

    /** What begins so; null if it is nothing of these. */
    static @Nullable Magic of(byte[] head) {
        var text = new String(head, ISO_8859_1);
        for (var magic : values()) {
            if (magic.head.matcher(text).lookingAt()) {
                return magic;
            }
        }
        return null;
    }

    /**
     * Makes sure that a file is not something else than its name and format say.
     *
     * @param head its first bytes, {@link #HEAD} of them if it has so many
     * @throws UserException if it is: it says what
     */
    static void require(String name, byte[] head, Format format) {
        var magic = of(head);
        var packing = format.isFrame() || format.isPlanned() ? null : packing(name);
        if (packing != null && magic != packing) {
            throw new UserException("Cannot read " + name + ": it ends as if it were " + packing.words + ", and is "
                    + (magic == null ? "not" : magic.words) + "; give it the name of what it is");
        }
        if (magic != null && magic != packing && !magic.fits(format)) {
            throw new UserException("Cannot read " + name + " as "
                    + format.name().toLowerCase(Locale.ROOT).replace('_', '-') + ": it is " + magic.words + "; "
                    + magic.mend);
        }
    }

    /** The same of bytes that were unpacked; returns them all. */
    static InputStream require(String name, InputStream in, Format format) {
        try {
            var whole = new BufferedInputStream(in, 1 << 16);
            whole.mark(HEAD);
            var magic = of(whole.readNBytes(HEAD));
            whole.reset();
            if (magic != null && !magic.fits(format)) {
                throw new UserException("Cannot read " + name + " as "
                        + format.name().toLowerCase(Locale.ROOT) + ": what is in it is " + magic.words + "; "
                        + magic.mend);
            }
            return whole;
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    /** How the bytes of a file of this name are packed. */
    static @Nullable Magic packing(String name) {
        var lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".gz") ? GZIP : lower.endsWith(".bz2") ? BZIP2 : lower.endsWith(".zst") ? ZSTD : null;
    }

    private boolean fits(Format format) {
        return switch (format) {
            case CSV -> false;
            case JSON -> this == JSON_TEXT;
            case NPZ -> this == NPZ || this == ZIP;
            case AVRO -> this == AVRO;
            case ARROW -> this == ARROW || this == FEATHER;
            case PARQUET -> this == PARQUET;
            case ORC -> this == ORC;
            case D4RL_HDF5, D3RLPY, ROBOMIMIC -> this == HDF5;
            case MINARI -> this == HDF5 || this == ARROW || this == PARQUET;
            case RLLIB_EPISODES -> this == PARQUET;
            default -> this != PICKLE && this != PYTORCH && this != LFS_POINTER && this != WEB_PAGE;
        };
    }
}
