package dev.engram.assistant.encoder;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import dev.engram.scenarios.command.BadInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a model is built from.
 *
 * @param rows of the table of hashed words
 * @param width of the encoder
 */
public record Architecture(int rows, int width) {

    private static final float DROPOUT = 0.1f;

    /** Returns the shape of a batch of sentences. */
    public static Shape inputShape() {
        return new Shape(1, HashedWords.LENGTH, HashedWords.HASHES);
    }

    /**
     * Creates a model: the base's encoder, and a head that knows nothing yet.
     *
     * @param seed of the head's first weights
     */
    public Model newModel(Base base, int outputs, int seed) {
        Engine.getInstance().setRandomSeed(seed);
        SentenceEncoder encoder = new SentenceEncoder(rows, width, false);
        Model model = Model.newInstance("domain-assistant");
        NDManager manager = model.getNDManager();
        base.copyInto(encoder, manager);
        SequentialBlock block = block(encoder, outputs);
        block.initialize(manager, DataType.FLOAT32, inputShape());
        model.setBlock(block);
        return model;
    }

    /** Reads a model that {@code Model.save} wrote. */
    public Model load(Path folder, String name, int outputs) throws IOException {
        Model model = Model.newInstance(name);
        model.setBlock(block(new SentenceEncoder(rows, width, false), outputs));
        try {
            model.load(folder, name);
        } catch (MalformedModelException | FileNotFoundException e) {
            model.close();
            throw new BadInputException(
                    "--model %s has no readable %s-*.params (%s); train again with --out"
                            .formatted(folder, name, e.getMessage()),
                    e);
        }
        return model;
    }

    private static SequentialBlock block(SentenceEncoder encoder, int outputs) {
        return new SequentialBlock()
                .add(encoder)
                .add(Dropout.builder().optRate(DROPOUT).build())
                .add(Linear.builder().setUnits(outputs).build());
    }
}
