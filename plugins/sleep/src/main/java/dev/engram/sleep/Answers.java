package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.Experimental;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.loss.ClassDivergence;

/** What a model's first output means: how its answers are compared with a teacher's and a label. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Answers {

    /** Scores of classes before a softmax; labels are numbers of classes. */
    CLASSES {
        @Override
        NDArray distance(NDArray teacher, NDArray student, double temperature) {
            NDArray softer = Scaled.by(1 / temperature, teacher);
            NDArray own = Scaled.by(1 / temperature, student);
            return Scaled.by(temperature * temperature, ClassDivergence.of(softer, own));
        }

        @Override
        NDArray scores(NDArray labels, NDArray predictions) {
            NDArray told = predictions.argMax(-1).toType(DataType.FLOAT32, false);
            NDArray right = labels.toType(DataType.FLOAT32, false).reshape(told.getShape());
            NDArray sum = predictions.sum(new int[] {-1});
            // A class is told of what is no number, too, and may be the right one.
            NDArray isTold = sum.eq(sum).toType(DataType.FLOAT32, false);
            return bySample(told.eq(right).toType(DataType.FLOAT32, false).mul(isTold));
        }
    },

    /** Values; labels are values, too, of the same shape. */
    VALUES {
        @Override
        NDArray distance(NDArray teacher, NDArray student, double temperature) {
            return student.sub(teacher).square().mean();
        }

        @Override
        NDArray scores(NDArray labels, NDArray predictions) {
            NDArray wanted = labels.toType(predictions.getDataType(), false);
            NDArray apart = predictions.sub(wanted.reshape(predictions.getShape()));
            return bySample(apart.square().neg().toType(DataType.FLOAT32, false));
        }
    };

    /** Returns how far a student is from its teacher, the mean over a batch, for autograd. */
    abstract NDArray distance(NDArray teacher, NDArray student, double temperature);

    /** Returns how good each sample's answer is, the larger the better. */
    abstract NDArray scores(NDArray labels, NDArray predictions);

    private static NDArray bySample(NDArray scores) {
        return scores.reshape(scores.getShape().get(0), -1).mean(new int[] {1});
    }
}
