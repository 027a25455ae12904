package dev.engram.djl.internal.base;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Makes new inputs out of those of a batch, on the host: each is like them in its small, and none
 * of them as a whole.
 */
final class Rearranged {

    private final float[] rows;
    private final int[] sample;
    private final int size;
    private final int count;

    /**
     * Takes a batch apart.
     *
     * @param rows its numbers, sample by sample
     * @param sample the shape of a sample
     */
    Rearranged(float[] rows, int[] sample) {
        this.rows = rows;
        this.sample = sample;
        this.size = Arrays.stream(sample).reduce(1, (a, b) -> a * b);
        this.count = rows.length / size;
    }

    /**
     * Returns a sample shifted round and mirrored along its last two dimensions, of which a part at
     * one side is another sample's. With one dimension only that is cut and pasted: the places of
     * features are not one another's neighbours.
     */
    float[] cutAndPasted(SplittableRandom random) {
        float[] made = new float[size];
        int first = random.nextInt(count);
        int one = first * size;
        int other = (first + 1 + random.nextInt(Math.max(1, count - 1))) % count * size;
        int width = sample.length == 0 ? 1 : sample[sample.length - 1];
        int height = sample.length < 2 ? 1 : sample[sample.length - 2];
        Turn across = sample.length < 2 ? Turn.NONE : Turn.of(width, random);
        Turn along = sample.length < 2 ? Turn.NONE : Turn.of(height, random);
        boolean cutsAcross = height == 1 || random.nextBoolean();
        int side = cutsAcross ? width : height;
        int cut = side < 2 ? 0 : 1 + random.nextInt(side - 1);
        for (int i = 0; i < size; i++) {
            int x = i % width;
            int y = i / width % height;
            int plane = i - x - y * width;
            boolean stays = (cutsAcross ? x : y) < cut;
            made[i] =
                    stays
                            ? rows[one + plane + along.of(y, height) * width + across.of(x, width)]
                            : rows[other + i];
        }
        return made;
    }

    /** Returns how many samples there are. */
    int count() {
        return count;
    }

    /** Returns whether one of the samples is the same number by number. */
    boolean hold(float[] made) {
        for (int from = 0; from < rows.length; from += size) {
            if (Arrays.equals(made, 0, size, rows, from, from + size)) {
                return true;
            }
        }
        return false;
    }

    /** Returns a sample that has each of its numbers from another one: nobody's. */
    float[] shuffled(SplittableRandom random) {
        float[] made = new float[size];
        for (int i = 0; i < size; i++) {
            made[i] = rows[random.nextInt(count) * size + i];
        }
        return made;
    }

    /** How one dimension is shifted round, and whether it is mirrored. */
    private record Turn(int shift, boolean mirrors) {

        private static final Turn NONE = new Turn(0, false);

        static Turn of(int length, SplittableRandom random) {
            return new Turn(random.nextInt(length), random.nextBoolean());
        }

        int of(int place, int length) {
            int shifted = (place + shift) % length;
            return mirrors ? length - 1 - shifted : shifted;
        }
    }
}
