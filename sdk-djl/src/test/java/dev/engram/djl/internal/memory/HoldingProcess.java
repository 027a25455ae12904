package dev.engram.djl.internal.memory;

import dev.engram.api.EngramException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Holds a memory directory until it is killed, or says why it cannot. */
public final class HoldingProcess {

    private HoldingProcess() {}

    public static void main(String[] args) throws InterruptedException {
        try {
            new MemoryDirectory(Path.of(args[0])).hold(Long.parseLong(args[1]));
            System.out.println("held");
            TimeUnit.MINUTES.sleep(5);
        } catch (EngramException e) {
            System.out.println(e.getMessage());
        }
    }
}
