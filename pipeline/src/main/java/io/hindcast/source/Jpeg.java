package io.hindcast.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG images to numbers. The JDK's decoder and Pillow's give the same numbers to the last one: both are libjpeg with its
 * exact integer transform and its smooth upsampling of colours.
 */
final class Jpeg {
    private final int height;
    private final int width;
    private final int channels;

    /** Bytes that are no such image: why. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String reason) {
            super(reason);
        }
    }

    /**
     * Images of one shape.
     *
     * @param shape height, width, and 3 channels (red, green, blue) or 1; without the last one grey
     */
    Jpeg(int... shape) {
        height = shape[0];
        width = shape[1];
        channels = shape.length == 2 ? 1 : shape[2];
    }

    /** Whether the first row of {@code array} begins like an image: 255, 216, 255, and then the head of the JFIF or EXIF kind. */
    static boolean begins(Hdf5Dataset array) {
        return array.isWhole()
                && array.item().bytes() == 1
                && array.rows() > 0
                && array.columns() > 4
                && begins(array.items(0));
    }

    private static boolean begins(byte[] bytes) {
        return bytes.length > 2 && bytes[0] == (byte) 0xff && bytes[1] == (byte) 0xd8 && bytes[2] == (byte) 0xff;
    }

    /** How many numbers an image has. */
    int size() {
        return height * width * channels;
    }

    /** Copies the image's numbers, 0 to 255, to {@code into} from {@code at}: row by row, the channels of a pixel together. */
    void decode(byte[] bytes, float[] into, int at) throws Refused {
        var readers = ImageIO.getImageReadersByFormatName("jpeg");
        if (!readers.hasNext()) {
            throw new Refused("this Java has no reader of JPEG");
        }
        var reader = readers.next();
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in, true, true);
            read(reader, into, at);
        } catch (IOException | RuntimeException e) {
            throw new Refused("it is no whole JPEG image"
                    + (begins(bytes)
                            ? ""
                            : ": it begins with the bytes "
                                    + Arrays.toString(Arrays.copyOf(bytes, Math.min(2, bytes.length)))));
        } finally {
            reader.dispose();
        }
    }

    private void read(ImageReader reader, float[] into, int at) throws IOException, Refused {
        // Only the head is read for these: nothing is made for an image of another size.
        if (reader.getHeight(0) != height || reader.getWidth(0) != width) {
            throw new Refused("it is a JPEG image of " + reader.getHeight(0) + " x " + reader.getWidth(0)
                    + " pixels, not " + height + " x " + width);
        }
        var pixels = reader.read(0).getRaster();
        if (pixels.getNumBands() != channels) {
            throw new Refused("it is a JPEG image of " + pixels.getNumBands() + " channels, not " + channels);
        }
        var row = new float[width * channels];
        for (var y = 0; y < height; y++) {
            pixels.getPixels(0, y, width, 1, row);
            System.arraycopy(row, 0, into, at + y * width * channels, row.length);
        }
    }
}
