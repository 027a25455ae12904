package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.djl.ForgettingListener;
import org.junit.jupiter.api.Test;

class ContextClassLoaderTest {

    @Test
    void aThreadOfAPoolWhoseContextClassLoaderSeesNoPluginFindsThisOne() {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try (ForgettingListener listener =
                ForgettingListener.builder().addStrategy("ewc").build()) {
            assertThat(listener.effect("ewc")).isEmpty();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
