package dev.engram.kit.penalty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.loss.Loss;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The penalty against forms worked out by hand, for one parameter of two elements. */
class QuadraticPenaltyGuardTest {

    private static final Offset<Float> TINY = within(1e-5f);

    private NDManager manager;
    private NDArray weight;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        weight = manager.create(new float[] {1, 2});
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void theGradientIsLambdaTimesImportanceTimesDistance() {
        AnchoredParameters anchored = new AnchoredParameters().summed(view(), importance(3, 0.5f));
        weight.addi(manager.create(new float[] {0.5f, -2}));
        assertThat(pull(anchored, 2)).containsExactly(new float[] {3f, -2f}, TINY);
    }

    @Test
    void aSumOfTaskTermsHasTheSameGradientAndValueAsItsTerms() {
        // Terms: 3 (t-1)^2 and 1 (t-4)^2 on element 0, 0.5 (t-2)^2 and 2 (t+1)^2 on element 1.
        AnchoredParameters one = new AnchoredParameters().summed(view(), importance(3, 0.5f));
        weight.set(new float[] {4, -1});
        AnchoredParameters two = one.summed(view(), importance(1, 2));
        weight.set(new float[] {2, 3});
        assertThat(pull(two, 1)).containsExactly(new float[] {3 - 2, 0.5f + 8}, TINY);

        double separately = 0.5 * (3 * 1 + 1 * 4) + 0.5 * (0.5 * 1 + 2 * 16);
        PenaltyTerm term = term(two, 1);
        double merged = term.energy(term.pull(true)).getFloat() + two.offset();
        assertThat(merged).isEqualTo(separately, within(1e-4));
    }

    @Test
    void theOnlineFormDecaysImportanceAndAnchorsAtTheNewestWeights() {
        AnchoredParameters one = new AnchoredParameters().decayed(view(), importance(4, 2), 0.5);
        weight.set(new float[] {3, 3});
        AnchoredParameters two = one.decayed(view(), importance(1, 1), 0.5);
        weight.set(new float[] {4, 5});
        assertThat(pull(two, 1)).containsExactly(new float[] {3 * 1, 2 * 2}, TINY);
    }

    @Test
    void whereWeightsMovedBetweenTrainingsTheAnchorFollowsAndTheImportanceStays() {
        AnchoredParameters one = new AnchoredParameters().summed(view(), importance(3, 0.5f));
        weight.set(new float[] {4, -1});
        AnchoredParameters moved = one.moved(view());
        assertThat(pull(moved, 1)).containsExactly(new float[] {0, 0}, TINY);
        weight.addi(1f);
        assertThat(pull(moved, 1)).containsExactly(new float[] {3, 0.5f}, TINY);
    }

    @Test
    void elementsThatNoTaskNeedsAreFreeAndFinite() {
        AnchoredParameters one = new AnchoredParameters().summed(view(), importance(0, 0));
        AnchoredParameters two = one.summed(view(), importance(0, 1));
        weight.set(new float[] {100, 3});
        assertThat(pull(two, 1)).containsExactly(new float[] {0, 1}, TINY);
    }

    @Test
    void everyFiniteLambdaIsCappedSoThatGradientDescentStaysStable() {
        AnchoredParameters anchored =
                new AnchoredParameters().summed(view(), importance(3, 1e-20f));
        weight.addi(1f);
        for (double lambda : new double[] {1e12, 1e30, 1e39, Double.MAX_VALUE}) {
            float[] pull = pull(anchored, lambda);
            assertThat(pull[0]).isEqualTo(10f, TINY);
            assertThat(pull[1]).isBetween(0f, 10.0001f);
        }
    }

    @Test
    void belowTheCapTheStrengthIsExact() {
        AnchoredParameters anchored = new AnchoredParameters().summed(view(), importance(2, 3));
        PenaltyTerm term = term(anchored, 3);
        weight.addi(1f);
        assertThat(term.pull(true).toFloatArray()).containsExactly(new float[] {6, 9}, TINY);
        assertThat(term.cappedElements()).isZero();
        assertThat(term(anchored, 4).cappedElements()).isEqualTo(1);
    }

    @Test
    void aPullThatActsForSeveralStepsReachesTheAnchorAndNeverPassesIt() {
        AnchoredParameters anchored = new AnchoredParameters().summed(view(), importance(9, 0.1f));
        PenaltyTerm term = term(anchored, new PenaltyStrength(1e12, 0.1, 4));
        weight.addi(1f);
        for (int step = 0; step < 4; step++) {
            assertThat(weight.toFloatArray())
                    .containsExactly(new float[] {2 - step / 4f, 3 - step / 4f}, TINY);
            weight.subi(term.pull(step == 0).mul(0.1f));
        }
        assertThat(weight.toFloatArray()).containsExactly(new float[] {1, 2}, TINY);
        assertThat(term.pull(true).toFloatArray()).containsExactly(new float[] {0, 0}, TINY);
    }

    @Test
    void theNormalisedScaleMakesTheMeanImportanceOne() {
        Map<String, NDArray> found = importance(1e-6f, 3e-6f);
        Scale.NORMALISED.apply(view().parameters(), found, manager);
        assertThat(found.get("w").toFloatArray()).containsExactly(new float[] {0.5f, 1.5f}, TINY);
    }

    @Test
    void allProblemsOfABuilderAreReportedAtOnce() {
        assertThatThrownBy(
                        () ->
                                QuadraticPenaltyGuard.builder()
                                        .optLambda(Double.NaN)
                                        .optDecay(2)
                                        .build())
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("setImportance is missing")
                .hasMessageContaining("lambda = NaN")
                .hasMessageContaining("decay = 2.0");
    }

    private float[] pull(AnchoredParameters anchored, double lambda) {
        return term(anchored, lambda).pull(true).toFloatArray();
    }

    private PenaltyTerm term(AnchoredParameters anchored, double lambda) {
        return term(anchored, new PenaltyStrength(lambda, 0.1, 1));
    }

    private PenaltyTerm term(AnchoredParameters anchored, PenaltyStrength strength) {
        return anchored.term(view().parameters().get(0), strength, manager);
    }

    private Map<String, NDArray> importance(float first, float second) {
        return Map.of("w", manager.create(new float[] {first, second}));
    }

    private TrainingView view() {
        LiveParameter live =
                new LiveParameter() {
                    @Override
                    public String name() {
                        return "w";
                    }

                    @Override
                    public Parameter parameter() {
                        return Parameter.builder().setName("w").optShape(new Shape(2)).build();
                    }

                    @Override
                    public NDArray value() {
                        return weight;
                    }

                    @Override
                    public NDArray gradient() {
                        return weight.zerosLike();
                    }
                };
        return new TrainingView() {
            @Override
            public Task task() {
                return Task.named("t");
            }

            @Override
            public List<LiveParameter> parameters() {
                return List.of(live);
            }

            @Override
            public Loss loss() {
                return Loss.l2Loss();
            }

            @Override
            public NDManager manager() {
                return manager;
            }
        };
    }
}
