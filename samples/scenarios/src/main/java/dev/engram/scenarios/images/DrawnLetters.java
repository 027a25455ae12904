package dev.engram.scenarios.images;

/**
 * Ten letters that the sample draws itself, A to K without I, 28 x 28: of strokes as digits are,
 * and still no digits. The same seed gives the same images.
 */
public final class DrawnLetters {

    /** Strokes of each letter: points (x, y) in the unit square, y downwards. */
    private static final double[][][] STROKES = {
        {{.2, .9, .5, .1, .8, .9}, {.32, .6, .68, .6}},
        {
            {.28, .1, .28, .9},
            {.28, .1, .6, .14, .68, .3, .58, .47, .28, .48},
            {.28, .48, .68, .52, .76, .7, .64, .88, .28, .9}
        },
        {{.75, .22, .55, .1, .32, .22, .22, .5, .32, .78, .55, .9, .75, .78}},
        {{.28, .1, .28, .9}, {.28, .1, .58, .16, .75, .35, .75, .65, .58, .84, .28, .9}},
        {{.72, .1, .28, .1, .28, .9, .72, .9}, {.28, .5, .62, .5}},
        {{.72, .1, .28, .1, .28, .9}, {.28, .5, .62, .5}},
        {{.75, .22, .55, .1, .32, .22, .22, .5, .32, .78, .55, .9, .75, .78, .76, .55, .55, .55}},
        {{.25, .1, .25, .9}, {.75, .1, .75, .9}, {.25, .5, .75, .5}},
        {{.45, .1, .78, .1}, {.64, .1, .64, .75, .5, .9, .32, .82, .27, .68}},
        {{.28, .1, .28, .9}, {.72, .1, .28, .55}, {.42, .42, .75, .9}}
    };

    private DrawnLetters() {}

    /** Draws images, as many of each letter as of the others, in turn. */
    public static TrainAndTest draw(int train, int test, long seed) {
        return DrawnStrokes.draw(STROKES, train, test, seed);
    }
}
