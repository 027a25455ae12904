package dev.engram.scenarios.command;

import dev.engram.api.EngramException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** Runs a sample's command so that a mistake of the user ends in one line and exit code 2. */
public final class Sample {

    private static final int MISTAKE = 2;

    private Sample() {}

    /** Runs the command and returns the exit code: 0 done, 2 bad input, 1 anything else. */
    public static int run(Callable<Integer> command, String... args) {
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(
                        (e, unparsed) -> say(e.getCommandLine(), e.getMessage(), MISTAKE))
                .setExecutionExceptionHandler(
                        (e, line, parsed) -> {
                            if (e instanceof BadInputException || e instanceof EngramException) {
                                return say(line, e.getMessage(), MISTAKE);
                            }
                            throw e;
                        })
                .execute(args);
    }

    private static int say(CommandLine line, @Nullable String message, int code) {
        String text = String.valueOf(message);
        String oneLine = String.join(" ", text.lines().map(String::strip).toList());
        line.getErr().println(line.getCommandName() + ": " + oneLine);
        return code;
    }
}
