package dev.anneal.model.source;

import org.jspecify.annotations.Nullable;

/** Thrown when an import cannot succeed; has a stable code and a message for the user. */
public class ImportFailure extends RuntimeException {
    /** The code if the disk has no room for the files. */
    public static final String DISK_FULL = "disk_full";

    private final String code;
    private final String message;

    public ImportFailure(String code, String message) {
        super(message);
        this.code = code;
        this.message = message;
    }

    /** Returns the failure of an import for whose files the disk has no room. */
    public static ImportFailure diskFull() {
        return new ImportFailure(
                DISK_FULL, "The server's disk has no room for the files. Free disk space, then try again.");
    }

    @Override
    public String getMessage() {
        return message;
    }

    public String code() {
        return code;
    }

    /** Returns a message as a sentence; a file name at its start stays as it is. */
    public static String sentence(@Nullable String message) {
        if (message == null || message.isEmpty()) {
            return "The files cannot be used.";
        }
        boolean isWord = message.matches("(?s)[a-z]+[ ,].*");
        String start = isWord ? Character.toUpperCase(message.charAt(0)) + message.substring(1) : message;
        return start.endsWith(".") ? start : start + ".";
    }
}
