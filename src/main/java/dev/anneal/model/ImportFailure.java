package dev.anneal.model;

/** Thrown when an import cannot succeed; has a stable code and a message for the user. */
class ImportFailure extends RuntimeException {
    private final String code;
    private final String message;

    ImportFailure(String code, String message) {
        super(message);
        this.code = code;
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }

    String code() {
        return code;
    }
}
