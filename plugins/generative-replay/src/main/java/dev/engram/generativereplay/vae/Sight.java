package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.FinishedTask;
import dev.engram.generativereplay.internal.network.DenseEncoder;
import dev.engram.generativereplay.internal.network.Encoder;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.rows.SampleRows;

/** What the encoder sees of inputs, as users write it. */
enum Sight {

    /** The inputs themselves, through layers of its own. */
    OWN {
        @Override
        NDArray seen(FinishedTask task, Form form, NDArray rows, NDArray units, NDManager call) {
            return units;
        }

        @Override
        Encoder encoder(Architecture shape, Form form, NDArray seen) {
            return shape.encoder(form);
        }
    },

    /** What the model's last layer sees of them: replay through feedback. */
    MODEL {
        @Override
        NDArray seen(FinishedTask task, Form form, NDArray rows, NDArray units, NDManager call) {
            return features(task, form, rows, call);
        }

        @Override
        Encoder encoder(Architecture shape, Form form, NDArray seen) {
            return new DenseEncoder(Math.toIntExact(seen.getShape().get(1)), shape.hidden(), 0);
        }
    };

    private static final int AT_ONCE = 256;
    private static final float SMALL = 1e-6f;

    /**
     * Returns what it is given of samples, one a row.
     *
     * @param rows the samples
     * @param units the same as numbers from 0 to 1
     * @param call owns what is returned
     */
    abstract NDArray seen(
            FinishedTask task, Form form, NDArray rows, NDArray units, NDManager call);

    /**
     * Returns the encoder.
     *
     * @param seen what it is given
     */
    abstract Encoder encoder(Architecture shape, Form form, NDArray seen);

    private static NDArray features(FinishedTask task, Form form, NDArray rows, NDManager call) {
        int count = Math.toIntExact(rows.getShape().get(0));
        NDList pieces = new NDList();
        for (int from = 0; from < count; from += AT_ONCE) {
            int to = Math.min(count, from + AT_ONCE);
            try (NDManager pass = call.newSubManager();
                    NDArray piece = EngineMemory.copy(SampleRows.of(rows, count, from, to), pass)) {
                NDArray inputs =
                        piece.reshape(new Shape(to - from).addAll(form.input()))
                                .toType(form.inputType(), false);
                NDArray features = task.features(new NDList(inputs)).reshape(to - from, -1);
                pieces.add(EngineMemory.copy(features.toType(DataType.FLOAT32, false), call));
            }
        }
        return standardised(NDArrays.concat(pieces), call);
    }

    /** Features are of any size; an encoder wants mean 0 and deviation 1. */
    private static NDArray standardised(NDArray features, NDManager call) {
        NDArray apart = features.sub(features.mean(new int[] {0}, true));
        NDArray deviation = apart.square().mean(new int[] {0}, true).sqrt();
        NDArray all = apart.div(deviation.add(SMALL));
        all.attach(call);
        return all;
    }
}
