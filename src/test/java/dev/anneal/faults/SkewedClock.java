package dev.anneal.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Shifts the wall clock of processes by a preloaded library, which needs a C compiler. */
final class SkewedClock {
    private static final String SOURCE = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <stdlib.h>
            #include <sys/time.h>
            #include <time.h>
            static long skew(void) { const char *s = getenv("SKEW_SECONDS"); return s ? atol(s) : 0; }
            int clock_gettime(clockid_t id, struct timespec *t) {
                static int (*real)(clockid_t, struct timespec *);
                if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
                int answer = real(id, t);
                if (answer == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) t->tv_sec += skew();
                return answer;
            }
            int gettimeofday(struct timeval *t, void *zone) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                t->tv_sec = now.tv_sec;
                t->tv_usec = now.tv_nsec / 1000;
                return 0;
            }
            time_t time(time_t *t) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                if (t) *t = now.tv_sec;
                return now.tv_sec;
            }
            """;

    private SkewedClock() {}

    /** Compiles the library and returns its path; empty if there is no compiler. */
    static Optional<Path> compiled(Path directory) throws Exception {
        Path source = Files.writeString(directory.resolve("skew.c"), SOURCE);
        Path library = directory.resolve("skew.so");
        try {
            int exit = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
                    .inheritIO()
                    .start()
                    .waitFor();
            return exit == 0 ? Optional.of(library) : Optional.empty();
        } catch (IOException noCompiler) {
            return Optional.empty();
        }
    }

    static Map<String, String> environment(Path library, long seconds) {
        return Map.of("LD_PRELOAD", library.toString(), "SKEW_SECONDS", String.valueOf(seconds));
    }
}
