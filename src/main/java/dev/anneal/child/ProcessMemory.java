package dev.anneal.child;

import com.sun.management.OperatingSystemMXBean;
import dev.anneal.text.ProcFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** The memory of the machine and of processes, in bytes. */
public final class ProcessMemory {
    private static final String RESIDENT = "VmRSS";
    private static final String ANONYMOUS = "RssAnon";

    private ProcessMemory() {}

    /** Returns the memory of the machine, or of the container. */
    public static long ofMachine() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /** Returns the resident memory of a process; 0 if it has ended, or on a system without {@code /proc}. */
    public static long of(long pid) {
        return field(pid, RESIDENT);
    }

    /** Returns the same without mapped files. */
    public static long withoutFiles(long pid) {
        return field(pid, ANONYMOUS);
    }

    private static long field(long pid, String name) {
        return ProcFile.bytes(Path.of("/proc/" + pid + "/status"), name).orElse(0);
    }
}
