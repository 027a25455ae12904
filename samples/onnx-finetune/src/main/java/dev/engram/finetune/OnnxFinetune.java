package dev.engram.finetune;

import dev.engram.scenarios.command.Sample;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The program. */
@Command(
        name = "onnx-finetune",
        mixinStandardHelpOptions = true,
        subcommands = TrainCommand.class,
        description = "Fine-tunes an ONNX file under guard; begin with: train --demo")
public final class OnnxFinetune implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    /** Runs the program. */
    public static void main(String[] args) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.setProperty("org.slf4j.simpleLogger.log.ai.djl", "error");
        System.exit(Sample.run(new OnnxFinetune(), args));
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return CommandLine.ExitCode.OK;
    }
}
