package dev.engram.djl.internal.check;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.training.Trainer;
import dev.engram.api.EngramException;
import java.util.Arrays;
import java.util.Optional;

/** What a trainer must be like to be guarded, seen before its first batch. */
public final class TrainerCheck {

    private TrainerCheck() {}

    /**
     * Refuses several devices with an executor.
     *
     * @throws EngramException saying what to change
     */
    public static void requireInTurn(Trainer trainer) {
        if (trainer.getDevices().length > 1 && trainer.getExecutorService().isPresent()) {
            throw new EngramException(
                    "DJL's EasyTrain does not wait for its workers when a trainer has several"
                        + " devices and an executor, so gradients would be edited while they are"
                        + " computed. Train without the executor, or on one device.");
        }
    }

    /**
     * Refuses devices that are not there.
     *
     * @throws EngramException naming them, and what there is
     */
    public static void requireDevices(Trainer trainer) {
        missing(trainer)
                .ifPresent(
                        said -> {
                            throw new EngramException(said);
                        });
    }

    private static Optional<String> missing(Trainer trainer) {
        Engine engine = trainer.getManager().getEngine();
        for (Device device : trainer.getDevices()) {
            // Asked only where it matters: to count GPUs draws a warning where there is no driver.
            if (device.isGpu() && device.getDeviceId() >= engine.getGpuCount()) {
                return Optional.of(
                        "The trainer is to train on %s, but %s sees %d GPUs here: use Device.cpu(), or install the engine for GPUs"
                                .formatted(device, engine.getEngineName(), engine.getGpuCount()));
            }
        }
        return Optional.empty();
    }

    /**
     * Refuses a trainer that trains copies of what a task of its own owns.
     *
     * <p>DJL puts the values of copies back only in {@code Trainer.close()}, after the task was
     * written down.
     *
     * @throws EngramException naming the devices
     */
    public static void requireOnModelsDevice(Trainer trainer) {
        Device model = trainer.getModel().getNDManager().getDevice();
        if (!trainer.getDevices()[0].equals(model)) {
            throw new EngramException(
                    "The model lies on %s, but the trainer trains on %s: what a task learns there would not be written down. Create the model on the trainer's first device (Model.newInstance(name, device)), or give the trainer the model's (optDevices).%s"
                            .formatted(
                                    model,
                                    Arrays.toString(trainer.getDevices()),
                                    missing(trainer).map(said -> " " + said).orElse("")));
        }
    }
}
