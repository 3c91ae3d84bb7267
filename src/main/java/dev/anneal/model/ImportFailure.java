package dev.anneal.model;

/** An import that cannot succeed as it is: a stable code, and a sentence for whoever asked for it. */
class ImportFailure extends RuntimeException {
    private final String code;

    ImportFailure(String code, String message) {
        super(message);
        this.code = code;
    }

    String code() {
        return code;
    }
}
