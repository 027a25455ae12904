package dev.engram.api.settings;

/** Numbers between two bounds, both included: how they are read, and how their bounds are told. */
final class Bounded {

    private Bounded() {}

    static Reader<Double> number(double least, double most) {
        return text -> {
            double value = Double.parseDouble(text);
            require(value >= least && value <= most);
            return value;
        };
    }

    static Reader<Integer> integer(int least, int most) {
        return text -> {
            int value = Integer.parseInt(text);
            require(value >= least && value <= most);
            return value;
        };
    }

    static Reader<Long> wholeNumber(long least, long most) {
        return text -> {
            long value = Long.parseLong(text);
            require(value >= least && value <= most);
            return value;
        };
    }

    static String numbers(double least, double most) {
        return "a number"
                + bounds(
                        least > -Double.MAX_VALUE ? SettingTexts.number(least) : "",
                        most < Double.MAX_VALUE ? SettingTexts.number(most) : "");
    }

    static String integers(int least, int most) {
        return integers(
                least > Integer.MIN_VALUE ? least : Long.MIN_VALUE,
                most < Integer.MAX_VALUE ? most : Long.MAX_VALUE);
    }

    static String integers(long least, long most) {
        return "a whole number"
                + bounds(
                        least > Long.MIN_VALUE ? String.valueOf(least) : "",
                        most < Long.MAX_VALUE ? String.valueOf(most) : "");
    }

    /** Bounds that only the type sets mean nothing to a reader, and are left out as "". */
    private static String bounds(String least, String most) {
        if (least.isEmpty()) {
            return most.isEmpty() ? "" : " of at most " + most;
        }
        return most.isEmpty() ? " of at least " + least : " from " + least + " to " + most;
    }

    private static void require(boolean acceptable) {
        if (!acceptable) {
            throw new IllegalArgumentException("out of bounds");
        }
    }
}
