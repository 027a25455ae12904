package dev.engram.scenarios.images;

/**
 * Digits that the sample draws itself, 28 x 28, for a machine without data.
 *
 * <p>Each digit is a few strokes; every image bends them by a random affine map and a smooth
 * elastic field (Simard et al. 2003), draws them with a pen of random width, and adds noise. The
 * same seed gives the same images.
 */
public final class DrawnDigits {

    /** Strokes of each digit: points (x, y) in the unit square, y downwards. */
    private static final double[][][] STROKES = {
        {{.5, .1, .75, .25, .8, .5, .75, .75, .5, .9, .25, .75, .2, .5, .25, .25, .5, .1}},
        {{.35, .25, .55, .1, .55, .9}},
        {{.25, .3, .35, .12, .6, .1, .75, .25, .7, .45, .25, .9, .78, .9}},
        {{.25, .15, .6, .1, .72, .28, .45, .47, .75, .65, .6, .88, .25, .85}},
        {{.6, .1, .2, .62, .8, .62}, {.62, .4, .62, .92}},
        {{.75, .1, .32, .1, .28, .45, .6, .42, .76, .65, .6, .88, .25, .85}},
        {{.65, .1, .35, .35, .25, .65, .4, .9, .65, .85, .74, .65, .6, .5, .3, .6}},
        {{.22, .1, .78, .1, .42, .9}, {.35, .5, .68, .5}},
        {
            {
                .5, .1, .7, .2, .65, .4, .35, .55, .25, .75, .5, .9, .75, .75, .65, .55, .35, .4,
                .3, .2
            },
            {.3, .2, .5, .1}
        },
        {{.7, .4, .45, .5, .28, .3, .45, .1, .7, .2, .7, .4, .62, .9}}
    };

    private DrawnDigits() {}

    /** Draws images, as many of each digit as of the others, in random order of digits. */
    public static TrainAndTest draw(int train, int test, long seed) {
        return DrawnStrokes.draw(STROKES, train, test, seed);
    }
}
