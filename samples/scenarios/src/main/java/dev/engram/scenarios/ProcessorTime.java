package dev.engram.scenarios;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What this process has taken of all processors so far. */
final class ProcessorTime {

    private ProcessorTime() {}

    /** Returns it, or 0 where the virtual machine does not know. */
    static long nanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean bean
                ? Math.max(0, bean.getProcessCpuTime())
                : 0;
    }
}
