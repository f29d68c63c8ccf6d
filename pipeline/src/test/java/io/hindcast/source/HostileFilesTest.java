package io.hindcast.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import io.hindcast.Part;
import io.hindcast.config.UserException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Valid files with bits flipped and ends cut off are read to their end or refused in one line: nothing else is thrown, and
 * neither time nor memory goes beyond a limit.
 */
class HostileFilesTest {
    private static final Duration LONGEST = Duration.ofSeconds(10);
    /** All bytes that reading one file may allocate, one after the other. */
    private static final long MOST_ALLOCATED = 512L << 20;
    /** One of Minari's two tables, below its data set. */
    private static final String EPISODE = "data/0/part-0.";

    private enum Victim {
        NPZ {
            @Override
            byte[] whole() {
                return npz();
            }

            @Override
            void read(byte[] bytes) {
                try (var reader = new NpzReader(
                        "demo.npz", new ByteArrayInputStream(bytes), new Wanted(List.of("obs", "act", "rew")))) {
                    while (reader.next() != null) {
                        assertThat(reader.columns()).isNotEmpty();
                    }
                }
            }
        },
        ARROW_FILE {
            @Override
            byte[] whole() {
                return Fixtures.bytes("arrow/types.arrow");
            }

            @Override
            void read(byte[] bytes) {
                ArrowReaderTest.columns(bytes);
            }
        },
        ARROW_PACKED {
            @Override
            byte[] whole() {
                return Fixtures.bytes("arrow/lz4.arrow");
            }

            @Override
            void read(byte[] bytes) {
                ArrowReaderTest.columns(bytes);
            }
        },
        MINARI_ARROW {
            @Override
            byte[] whole() {
                return Fixtures.bytes("minari-tables/discrete-arrow/" + EPISODE + "arrow");
            }

            @Override
            void read(byte[] bytes) {
                MinariTablesTest.rows("minari-tables/discrete-arrow", EPISODE + "arrow", bytes);
            }
        },
        MINARI_PARQUET {
            @Override
            byte[] whole() {
                return Fixtures.bytes("minari-tables/discrete-parquet/" + EPISODE + "parquet");
            }

            @Override
            void read(byte[] bytes) {
                MinariTablesTest.rows("minari-tables/discrete-parquet", EPISODE + "parquet", bytes);
            }
        },
        MINARI_SPACES {
            @Override
            byte[] whole() {
                return Fixtures.bytes("minari-tables/discrete-arrow/data/metadata.json");
            }

            @Override
            void read(byte[] bytes) {
                MinariTablesTest.rows("minari-tables/discrete-arrow", "data/metadata.json", bytes);
            }
        },
        MINARI_EPISODE_METADATA {
            @Override
            byte[] whole() {
                return Fixtures.bytes("minari-tables/arrow/data/0/metadata.json");
            }

            @Override
            void read(byte[] bytes) {
                MinariTablesTest.rows("minari-tables/arrow", "data/0/metadata.json", bytes);
            }
        },
        RLLIB_EPISODES {
            @Override
            byte[] whole() {
                return Fixtures.bytes("rllib/goal.parquet");
            }

            @Override
            void read(byte[] bytes) {
                RllibEpisodesTest.rows(Fixtures.temporary("demo.parquet", bytes));
            }
        },
        RLLIB_EPISODES_OF_ARRAYS {
            @Override
            byte[] whole() {
                return Fixtures.bytes("rllib/goal-arrays.parquet");
            }

            @Override
            void read(byte[] bytes) {
                RllibEpisodesTest.rows(Fixtures.temporary("demo.parquet", bytes));
            }
        },
        /** Not compressed, so that what is broken is the MessagePack within. */
        RLLIB_EPISODES_UNPACKED {
            @Override
            byte[] whole() {
                return Fixtures.bytes("rllib/discrete.parquet");
            }

            @Override
            void read(byte[] bytes) {
                RllibEpisodesTest.rows(Fixtures.temporary("demo.parquet", bytes));
            }
        },
        RLLIB_ITEM {
            @Override
            byte[] whole() {
                return RllibEpisodesTest.item("goal-arrays.parquet");
            }

            @Override
            void read(byte[] bytes) {
                RllibEpisodesTest.readItem(bytes);
            }
        },
        RLLIB_ITEM_OF_STEPS {
            @Override
            byte[] whole() {
                return RllibEpisodesTest.item("goal.parquet");
            }

            @Override
            void read(byte[] bytes) {
                RllibEpisodesTest.readItem(bytes);
            }
        },
        TORCHRL_VALUES {
            @Override
            byte[] whole() {
                return new byte[64];
            }

            @Override
            void read(byte[] bytes) {
                var folder = Fixtures.temporary("demo", new byte[0]).getParent();
                var input = TorchRlTest.dump(folder, TorchRlTest.META, 4, 1);
                for (var name : List.of("observation", "action", "next/terminated", "next/reward")) {
                    Fixtures.write(folder.resolve("run/storage/" + name + ".memmap"), bytes);
                    TorchRlTest.rows(input);
                }
            }
        },
        TORCHRL_WRITER {
            @Override
            byte[] whole() {
                return "{\"cursor\": 1, \"dict\": {\"cursor\": 1, \"write_count\": 14}}".getBytes(UTF_8);
            }

            @Override
            void read(byte[] bytes) {
                var folder = Fixtures.temporary("demo", new byte[0]).getParent();
                var input = TorchRlTest.dump(folder, TorchRlTest.META, 4, 1);
                Fixtures.write(folder.resolve("run/writer/metadata.json"), bytes);
                TorchRlTest.rows(input);
            }
        },
        TORCHRL {
            @Override
            byte[] whole() {
                return TorchRlTest.META.getBytes(UTF_8);
            }

            @Override
            void read(byte[] bytes) {
                var meta = new String(bytes, ISO_8859_1);
                var folder = Fixtures.temporary("demo", new byte[0]).getParent();
                TorchRlTest.rows(TorchRlTest.dump(folder, meta, 4, 1));
            }
        },
        D4RL_HDF5 {
            @Override
            byte[] whole() {
                return Hdf5Fixtures.bytes("d4rl.hdf5");
            }

            @Override
            void read(byte[] bytes) {
                Hdf5Fixtures.rows("d4rl.hdf5", bytes, Hdf5Fixtures.D4RL, null);
            }
        },
        D4RL_HDF5_OF_MANY_TYPES {
            @Override
            byte[] whole() {
                return Hdf5Fixtures.bytes("d4rl-types.hdf5");
            }

            @Override
            void read(byte[] bytes) {
                Hdf5Fixtures.rows("d4rl-types.hdf5", bytes, Hdf5Fixtures.D4RL, null);
            }
        },
        D4RL_HDF5_V110 {
            @Override
            byte[] whole() {
                return Hdf5Fixtures.bytes("d4rl-v110.hdf5");
            }

            @Override
            void read(byte[] bytes) {
                Hdf5Fixtures.rows("d4rl-v110.hdf5", bytes, Hdf5Fixtures.D4RL, null);
            }
        },
        MINARI {
            @Override
            byte[] whole() {
                return Hdf5Fixtures.bytes("minari-discrete/data/main_data.hdf5");
            }

            @Override
            void read(byte[] bytes) {
                Hdf5Fixtures.rows("minari-discrete/data/main_data.hdf5", bytes, Hdf5Fixtures.MINARI, null);
            }
        },
        D3RLPY {
            @Override
            byte[] whole() {
                return Hdf5Fixtures.bytes("d3rlpy.h5");
            }

            @Override
            void read(byte[] bytes) {
                Hdf5Fixtures.rows("d3rlpy.h5", bytes, Hdf5Fixtures.D3RLPY, null);
            }
        },
        D3RLPY_OLD {
            @Override
            byte[] whole() {
                return Hdf5Fixtures.bytes("d3rlpy-old.h5");
            }

            @Override
            void read(byte[] bytes) {
                Hdf5Fixtures.rows("d3rlpy-old.h5", bytes, Hdf5Fixtures.D3RLPY, null);
            }
        },
        ROBOMIMIC {
            @Override
            byte[] whole() {
                return Hdf5Fixtures.bytes("robomimic.hdf5");
            }

            @Override
            void read(byte[] bytes) {
                Hdf5Fixtures.rows("robomimic.hdf5", bytes, Hdf5Fixtures.ROBOMIMIC, null);
            }
        },
        MINARI_IMAGES {
            @Override
            byte[] whole() {
                return Hdf5Fixtures.bytes("minari-images/data/main_data.hdf5");
            }

            @Override
            void read(byte[] bytes) {
                Hdf5Fixtures.rows("minari-images/data/main_data.hdf5", bytes, Hdf5Fixtures.MINARI, null);
            }
        },
        TFDS {
            @Override
            byte[] whole() {
                return Fixtures.bytes("tfds/tfrecord/" + TfdsTest.TRAIN);
            }

            @Override
            void read(byte[] bytes) {
                TfdsTest.rows(new TfRecords("demo.tfrecord", new ByteArrayInputStream(bytes)));
            }
        },
        TFDS_PARQUET {
            @Override
            byte[] whole() {
                return Fixtures.bytes("tfds/parquet/demo-train.parquet-00000-of-00001");
            }

            @Override
            void read(byte[] bytes) {
                TfdsTest.rows("parquet", "demo-train.parquet-00000-of-00001", bytes);
            }
        },
        TFDS_FEATURES {
            @Override
            byte[] whole() {
                return Fixtures.bytes("tfds/tfrecord/features.json");
            }

            @Override
            void read(byte[] bytes) {
                TfdsTest.rows("tfrecord", "features.json", bytes);
            }
        },
        TFDS_LENGTHS {
            @Override
            byte[] whole() {
                return Fixtures.bytes("tfds/tfrecord/dataset_info.json");
            }

            @Override
            void read(byte[] bytes) {
                TfdsTest.rows("tfrecord", "dataset_info.json", bytes);
            }
        },
        /** Without the checksums around it, which find all that is done to it there. */
        TF_EXAMPLE {
            @Override
            byte[] whole() {
                var file = Fixtures.bytes("tfds/tfrecord/" + TfdsTest.TRAIN);
                var length = (file[0] & 0xff) + ((file[1] & 0xff) << 8);
                return Arrays.copyOfRange(file, 12, 12 + length);
            }

            @Override
            void read(byte[] bytes) {
                TfdsTest.rows(new Records() {
                    private boolean read;

                    @Override
                    public byte @Nullable [] next() {
                        var record = read ? null : bytes;
                        read = true;
                        return record;
                    }

                    @Override
                    public void close() {}
                });
            }
        },
        ARRAY_RECORD {
            @Override
            byte[] whole() {
                return Fixtures.bytes("tfds/array_record/demo-train.array_record-00000-of-00001");
            }

            @Override
            void read(byte[] bytes) {
                TfdsTest.rows(new ArrayRecords("demo.array_record", Hdf5Fixtures.seekable(bytes)));
            }
        },
        VOWPAL_WABBIT_JSON {
            @Override
            byte[] whole() {
                return (VowpalWabbitTest.EVENT + "\n" + VowpalWabbitTest.EVENT + "\n").getBytes(UTF_8);
            }

            @Override
            void read(byte[] bytes) {
                VowpalWabbitTest.read(bytes);
            }
        },
        VOWPAL_WABBIT_TEXT {
            @Override
            byte[] whole() {
                return "shared |User:2 user=Tom age:20\n|A x=1\n0:-1.0:0.25 |A x=2\n\nshared | b:1\n0:0.5:0.8 |A x=1\n"
                        .getBytes(UTF_8);
            }

            @Override
            void read(byte[] bytes) {
                VowpalWabbitTest.read(bytes);
            }
        };

        abstract byte[] whole();

        abstract void read(byte[] bytes);
    }

    static Stream<Arguments> fifty() {
        return cases(IntStream.range(0, 50));
    }

    static Stream<Arguments> thousand() {
        return cases(Part.seeds(1_000));
    }

    private static Stream<Arguments> cases(IntStream seeds) {
        return seeds.boxed().flatMap(seed -> Arrays.stream(Victim.values()).map(victim -> Arguments.of(victim, seed)));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("fifty")
    void aDamagedFileIsReadOrRefused(Victim victim, int seed) {
        attack(victim, seed);
    }

    @Tag("slow")
    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("thousand")
    void aThousandDamagedFilesOfEachFormatAreReadOrRefused(Victim victim, int seed) {
        attack(victim, seed);
    }

    private static void attack(Victim victim, int seed) {
        var bytes = damaged(victim.whole(), seed);
        assertTimeoutPreemptively(LONGEST, () -> {
            var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            var before = threads.getCurrentThreadAllocatedBytes();
            try {
                victim.read(bytes);
            } catch (UserException e) {
                assertThat(e.getMessage())
                        .startsWith("Cannot ")
                        .matches("\\P{Cntrl}+: \\P{Cntrl}+; \\P{Cntrl}+|Cannot use column.*");
            }
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED);
        });
    }

    /** One to eight broken places, of every fourth file the end cut off instead, and of every fifth both. */
    private static byte[] damaged(byte[] whole, int seed) {
        var random = new SplittableRandom(seed);
        var bytes = whole.clone();
        var cut = seed % 4 == 0 || seed % 5 == 0;
        if (seed % 4 != 0 || seed % 5 == 0) {
            for (var flips = 1 + random.nextInt(8); flips > 0; flips--) {
                // What says how the data lie stands at the front.
                var within = random.nextBoolean() ? bytes.length : Math.max(1, bytes.length / 4);
                spoil(bytes, random.nextInt(within), random);
            }
        }
        return cut ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    /** A bit flipped, or a number of one to eight bytes made one that readers stumble over. */
    private static void spoil(byte[] bytes, int place, SplittableRandom random) {
        var at = place;
        if (random.nextBoolean()) {
            while (bytes[at] == 0 && at + 1 < bytes.length) {
                at++; // padding means nothing
            }
        }
        if (random.nextInt(4) > 0) {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            return;
        }
        var end = Math.min(bytes.length, at + (1 << random.nextInt(4)));
        Arrays.fill(bytes, at, end, (byte) (random.nextBoolean() ? 0xff : 0));
        if (random.nextBoolean()) {
            bytes[end - 1] = 0x7f; // as a little-endian number the greatest
        }
    }

    private static byte[] npz() {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var name : new String[] {"obs", "action", "reward", "done"}) {
                zip.putNextEntry(new ZipEntry(name + ".npy"));
                zip.write(npy(name.equals("obs") ? "(20, 3)" : "(20,)", name.equals("obs") ? 60 : 20));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] npy(String shape, int count) {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
        var out = ByteBuffer.allocate(10 + header.length() + 4 * count).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 0x93).put("NUMPY".getBytes(UTF_8)).put((byte) 1).put((byte) 0);
        out.putShort((short) header.length()).put(header.getBytes(UTF_8));
        for (var i = 0; i < count; i++) {
            out.putFloat(i);
        }
        return out.array();
    }
}
