package dev.anneal.cli;

/** An option of a command; one without a value is a switch. */
record Option(String name, String value, String help) {
    static Option flag(String name, String help) {
        return new Option(name, null, help);
    }

    boolean isFlag() {
        return value == null;
    }

    String synopsis() {
        return isFlag() ? "--" + name : "--" + name + " " + value;
    }
}
