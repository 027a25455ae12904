package dev.engram.onnx.internal.compose;

import ai.djl.nn.Block;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.compose.EmbeddingPrefix;
import dev.engram.onnx.internal.structure.DataFlow;
import dev.engram.onnx.internal.structure.GraphLayer;
import dev.engram.onnx.internal.structure.GraphLayers;
import dev.engram.onnx.internal.structure.Sublayers;
import dev.engram.onnx.internal.structure.WordEmbedding;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.util.List;
import java.util.Optional;

/** Puts what a composition asks for inside one graph. */
public final class GraphComposer {

    private final TrainedGraph model;
    private final String path;
    private final Composition composition;
    private final ComposedGraph composed;

    /**
     * Creates the composer of a graph.
     *
     * @param path where the graph's block is in the model
     */
    public GraphComposer(TrainedGraph model, String path, Composition composition) {
        this.model = model;
        this.path = path;
        this.composition = composition;
        this.composed = new ComposedGraph(model);
    }

    /**
     * Returns the graph with all that has a place in it.
     *
     * @param matrices the names of the weights of two axes that train
     */
    public Block compose(List<String> matrices) {
        besideProducts(matrices);
        DataFlow flow = new DataFlow(model.outline());
        GraphLayers layers = new GraphLayers(flow, model.layers());
        Sublayers.of(flow, layers).forEach(this::after);
        layers.all().forEach(this::after);
        prompt(flow);
        return composed;
    }

    private void besideProducts(List<String> matrices) {
        model.layers()
                .products(matrices)
                .forEach(
                        (weight, use) ->
                                composition
                                        .linearUpdate(
                                                Composition.join(path, weight), use.isOutputFirst())
                                        .ifPresent(update -> composed.update(weight, update)));
    }

    private void after(Sublayers.Sublayer sublayer) {
        String at = Composition.join(path, sublayer.last().name());
        long width = sublayer.last().width();
        Optional<Block> inserted =
                sublayer.isAttention()
                        ? composition.afterAttention(at, width)
                        : composition.afterFeedForward(at, width);
        inserted.ifPresent(each -> composed.insert(sublayer.output(), each));
    }

    private void after(GraphLayer layer) {
        composition
                .afterChild(Composition.join(path, layer.name()), layer::width)
                .ifPresent(inserted -> composed.insert(layer.output(), inserted));
    }

    /** Looks for the place only where a prompt is wanted: a graph without one has other uses. */
    private void prompt(DataFlow flow) {
        Optional<WordEmbedding> words = WordEmbedding.find(flow).stream().findFirst();
        if (words.isPresent()) {
            Optional<EmbeddingPrefix> prefix = composition.embeddings(path, words.get().width());
            prefix.ifPresent(each -> composed.prompt(PromptPlace.of(model, flow), each));
        }
    }
}
