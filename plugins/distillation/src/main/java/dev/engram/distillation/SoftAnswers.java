package dev.engram.distillation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.loss.ClassDivergence;
import java.util.List;

/**
 * How far answers are from a teacher's: {@code T² KL(softmax(z_t / T) ‖ softmax(z / T))}, the mean
 * over samples, and over groups of outputs (Hinton, Vinyals and Dean 2015; Li and Hoiem 2016).
 */
final class SoftAnswers {

    private SoftAnswers() {}

    /**
     * Returns it, recorded for autograd.
     *
     * @param teacher the teacher's outputs, cut off from autograd; of a smaller head the outputs
     *     that it has not are free
     * @param answers the model's
     * @param masks one for each group, see {@link ClassGroups#masks}; without any, all outputs are
     *     one group
     */
    static NDArray distance(
            NDArray teacher,
            NDArray answers,
            List<NDArray> masks,
            double temperature,
            NDManager scratch) {
        NDArray soft = Scaled.by(1 / temperature, teacher);
        soft.attach(scratch);
        NDArray shared = ClassDivergence.shared(answers, teacher);
        NDArray own = Scaled.by(1 / temperature, shared);
        own.attach(scratch);
        if (masks.isEmpty()) {
            return Scaled.by(temperature * temperature, ClassDivergence.of(soft, own));
        }
        NDArray sum = ClassDivergence.of(soft.add(masks.get(0)), own.add(masks.get(0)));
        for (NDArray mask : masks.subList(1, masks.size())) {
            sum = sum.add(ClassDivergence.of(soft.add(mask), own.add(mask)));
        }
        return Scaled.by(temperature * temperature / masks.size(), sum);
    }

    static long width(NDArray outputs) {
        return outputs.getShape().get(outputs.getShape().dimension() - 1);
    }
}
