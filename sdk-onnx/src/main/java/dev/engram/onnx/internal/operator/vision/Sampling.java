package dev.engram.onnx.internal.operator.vision;

import dev.engram.onnx.internal.model.Attributes;
import java.util.stream.LongStream;

/** Where the values of a resized axis come from. */
final class Sampling {

    private final Attributes told;
    private final String coordinates;
    private final String rounding;
    private final long from;
    private final long to;
    private final double scale;
    private final double start;
    private final double end;

    Sampling(
            Attributes told,
            String coordinates,
            String rounding,
            long from,
            long to,
            double scale,
            double start,
            double end) {
        this.told = told;
        this.coordinates = coordinates;
        this.rounding = rounding;
        this.from = from;
        this.to = to;
        this.scale = scale;
        this.start = start;
        this.end = end;
    }

    int from() {
        return (int) from;
    }

    int to() {
        return Math.toIntExact(to);
    }

    boolean isSame() {
        return from == to && scale == 1 && !coordinates.startsWith("tf");
    }

    /** The place in the input, between its values, of a place in the output. */
    private double origin(long place) {
        double width = scale * from;
        return switch (coordinates) {
            case "align_corners" -> width == 1 ? 0 : place * (from - 1) / (width - 1);
            case "asymmetric" -> place / scale;
            case "tf_crop_and_resize" -> cropped(place, width);
            case "pytorch_half_pixel" -> width == 1 ? -0.5 : (place + 0.5) / scale - 0.5;
            case "half_pixel_symmetric" ->
                    from / 2.0 * (1 - to / width) + (place + 0.5) / scale - 0.5;
            default -> (place + 0.5) / scale - 0.5;
        };
    }

    private double cropped(long place, double width) {
        double share = width == 1 ? 0.5 : place / (width - 1);
        return (share * (end - start) + start) * (from - 1);
    }

    /** Which places of the output lie outside the input, so that they get a constant. */
    boolean[] outside() {
        boolean[] outside = new boolean[to()];
        for (int i = 0; i < to && coordinates.startsWith("tf"); i++) {
            outside[i] = origin(i) < 0 || origin(i) > from - 1;
        }
        return outside;
    }

    long[] nearest() {
        return LongStream.range(0, to).map(i -> clamp(rounded(origin(i)))).toArray();
    }

    private long rounded(double place) {
        return (long)
                switch (rounding) {
                    case "floor" -> Math.floor(place);
                    case "ceil" -> Math.ceil(place);
                    case "round_prefer_ceil" -> Math.floor(place + 0.5);
                    default -> Math.ceil(place - 0.5);
                };
    }

    private long clamp(long place) {
        return Math.max(0, Math.min(from - 1, place));
    }

    /** How much each input value counts in each output value; rows are the input's. */
    double[] weights(boolean cubic) {
        double[] weights = new double[from() * to()];
        boolean smooth = told.integer("antialias", 0) != 0;
        boolean inside = told.integer("exclude_outside", 0) != 0;
        double stretch = smooth ? Math.min(scale, 1) : 1;
        double reach = (cubic ? 2 : 1) / stretch;
        for (int place = 0; place < to; place++) {
            double origin = origin(place);
            double sum = 0;
            for (long p = (long) Math.ceil(origin - reach); p <= origin + reach; p++) {
                boolean counts = !inside || p == clamp(p);
                sum += counts ? weight((p - origin) * stretch, cubic) : 0;
            }
            for (long p = (long) Math.ceil(origin - reach); p <= origin + reach; p++) {
                boolean counts = !inside || p == clamp(p);
                double weight = counts ? weight((p - origin) * stretch, cubic) / sum : 0;
                weights[(int) clamp(p) * to() + place] += weight;
            }
        }
        return weights;
    }

    private double weight(double distance, boolean cubic) {
        double d = Math.abs(distance);
        if (!cubic) {
            return Math.max(0, 1 - d);
        }
        double a = told.number("cubic_coeff_a", -0.75f);
        if (d <= 1) {
            return ((a + 2) * d - (a + 3)) * d * d + 1;
        }
        return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
    }
}
