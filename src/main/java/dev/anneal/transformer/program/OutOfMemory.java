package dev.anneal.transformer.program;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Recognises the errors by which libtorch reports that the memory of a device is full. */
public final class OutOfMemory {
    private static final Pattern FULL =
            Pattern.compile("(?i)out of memory|can't allocate memory|cannot allocate memory|STATUS_ALLOC_FAILED");
    private static final Pattern SIZE = Pattern.compile("ried to allocate ([\\d.]+ \\w+)");

    private OutOfMemory() {}

    /** Returns the error in words without a full stop, or null if a failure has another reason. */
    public static @Nullable String on(String device, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (FULL.matcher(message).find()) {
                Matcher size = SIZE.matcher(message);
                return "Out of memory on the device " + device
                        + (size.find() ? ", which could not allocate " + size.group(1) : "");
            }
        }
        return null;
    }
}
