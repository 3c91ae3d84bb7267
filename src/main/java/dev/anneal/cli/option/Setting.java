package dev.anneal.cli.option;

/** An option that sets a field of a request, with the values that it takes. */
record Setting(String name, String label, Kind kind, String description) {
    String option() {
        return "--" + name;
    }

    String field() {
        return name.replace('-', '_');
    }
}
