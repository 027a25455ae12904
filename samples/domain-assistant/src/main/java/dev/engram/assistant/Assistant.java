package dev.engram.assistant;

import dev.engram.assistant.minilm.MiniLmCommand;
import dev.engram.scenarios.command.Sample;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** An assistant that learns one domain of intents after the other, and does not forget. */
@Command(
        name = "domain-assistant",
        mixinStandardHelpOptions = true,
        subcommands = {TrainCommand.class, AskCommand.class, MiniLmCommand.class},
        description = "Learns what users mean, one domain after the other, and answers.")
public final class Assistant implements Callable<Integer> {

    private static final int MISTAKE = 2;

    @Spec private CommandSpec spec = CommandSpec.create();

    /** Runs the program. */
    public static void main(String[] args) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.setProperty("org.slf4j.simpleLogger.log.ai.djl", "error");
        System.exit(Sample.run(new Assistant(), args));
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(System.err);
        return MISTAKE;
    }
}
