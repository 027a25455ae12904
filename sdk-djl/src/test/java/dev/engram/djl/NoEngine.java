package dev.engram.djl;

import dev.engram.kit.autograd.RequiredEngine;

/** What a process says that has Engram and DJL's API on its class path, and no engine. */
final class NoEngine {

    private NoEngine() {}

    public static void main(String[] arguments) {
        say(() -> RequiredEngine.get("PyTorch"));
        try (ForgettingListener listener =
                ForgettingListener.builder().addGuard(new Recorder()).build()) {
            say(() -> listener.erase("Ada"));
        }
    }

    private static void say(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            System.out.println(e);
        }
    }
}
