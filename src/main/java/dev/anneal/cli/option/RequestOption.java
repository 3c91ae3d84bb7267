package dev.anneal.cli.option;

/** An option that sets a field of a request, with the values that it takes. An option without a label takes none: it is a flag. */
record RequestOption(String name, String field, String label, OptionType kind, String description) {
    RequestOption(String name, String label, OptionType kind, String description) {
        this(name, name.replace('-', '_'), label, kind, description);
    }

    /** Returns an option without a value that sets the field to a fixed one. */
    static RequestOption flag(String name, String field, boolean value, String description) {
        return new RequestOption(name, field, "", (option, given) -> OptionType.NODES.booleanNode(value), description);
    }

    String option() {
        return "--" + name;
    }

    boolean isFlag() {
        return label.isEmpty();
    }
}
