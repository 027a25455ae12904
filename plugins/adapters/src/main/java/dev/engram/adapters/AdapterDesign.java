package dev.engram.adapters;

/** What all adapters of one model have in common. */
record AdapterDesign(int bottleneck, AdapterActivation activation, Gate gate, double scale) {

    /** Returns an adapter with fresh parameters that passes on what it gets. */
    Adapter create(NewParameters parameters, String place, long width) {
        boolean gated = gate == Gate.ZERO;
        return new Adapter(
                this,
                parameters.uniform(place + "_down_weight", bottleneck, width),
                parameters.zeros(place + "_down_bias", bottleneck),
                // One of the two must start at zero, both would never leave it.
                gated
                        ? parameters.uniform(place + "_up_weight", width, bottleneck)
                        : parameters.zeros(place + "_up_weight", width, bottleneck),
                parameters.zeros(place + "_up_bias", width),
                gated ? parameters.zeros(place + "_gate", 1) : null);
    }
}
