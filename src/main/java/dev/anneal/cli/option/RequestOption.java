package dev.anneal.cli.option;

/** An option that sets a field of a request, with the values that it takes. */
record RequestOption(String name, String label, OptionType kind, String description) {
    String option() {
        return "--" + name;
    }

    String field() {
        return name.replace('-', '_');
    }
}
