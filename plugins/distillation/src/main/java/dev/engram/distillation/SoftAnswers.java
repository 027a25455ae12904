package dev.engram.distillation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.engram.kit.autograd.Scaled;
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
        NDArray shared = shared(answers, width(teacher));
        NDArray own = Scaled.by(1 / temperature, shared);
        own.attach(scratch);
        if (masks.isEmpty()) {
            return Scaled.by(temperature * temperature, divergence(soft, own));
        }
        NDArray sum = divergence(soft.add(masks.get(0)), own.add(masks.get(0)));
        for (NDArray mask : masks.subList(1, masks.size())) {
            sum = sum.add(divergence(soft.add(mask), own.add(mask)));
        }
        return Scaled.by(temperature * temperature / masks.size(), sum);
    }

    private static NDArray divergence(NDArray teacher, NDArray own) {
        NDArray log = teacher.logSoftmax(-1);
        NDArray apart = log.sub(own.logSoftmax(-1));
        return log.exp().mul(apart).sum(new int[] {-1}).mean();
    }

    static long width(NDArray outputs) {
        return outputs.getShape().get(outputs.getShape().dimension() - 1);
    }

    private static NDArray shared(NDArray answers, long width) {
        return width(answers) == width ? answers : answers.get(new NDIndex("..., :" + width));
    }
}
