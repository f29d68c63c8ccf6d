package io.hindcast.net;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The numbers of one network in one array, with their gradients beside them. A weight block is {@code [out][in]} in memory,
 * as PyTorch and safetensors have it.
 */
public final class Parameters {
    private final List<Block> blocks;
    private final float[] values;
    private final float[] gradients;

    /** One tensor among the parameters: where it begins and its shape. */
    public record Block(String name, int offset, List<Integer> shape) {
        /** How many numbers it has. */
        public int length() {
            return shape.stream().reduce(1, Math::multiplyExact);
        }
    }

    private Parameters(List<Block> blocks, int length) {
        this.blocks = List.copyOf(blocks);
        values = new float[length];
        gradients = new float[length];
    }

    /** Lays tensors out one after the other. */
    static final class Layout {
        private final List<Block> blocks = new ArrayList<>();
        private int length;

        Layout add(String name, Integer... shape) {
            var block = new Block(name, length, List.of(shape));
            blocks.add(block);
            length = Math.addExact(length, block.length());
            return this;
        }

        Parameters build() {
            return new Parameters(blocks, length);
        }
    }

    /** The tensors, in their order in memory. */
    public List<Block> blocks() {
        return blocks;
    }

    /** The block of that name. */
    public Block block(String name) {
        return blocks.stream()
                .filter(block -> block.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Cannot find tensor " + name + " among " + blocks));
    }

    /** All values; after changing them call {@link Network#refresh}. */
    public float[] values() {
        return values;
    }

    /** The gradients of the last backward pass, laid out as {@link #values}. */
    public float[] gradients() {
        return gradients;
    }

    /** Sets a block to as many values. */
    void put(String name, float[] block) {
        System.arraycopy(block, 0, values, block(name).offset(), block(name).length());
    }

    /** {@code [from, from + length)} of an array laid out like these parameters, for a block of it. */
    public static float[] slice(float[] array, Block block) {
        return Arrays.copyOfRange(array, block.offset(), block.offset() + block.length());
    }
}
