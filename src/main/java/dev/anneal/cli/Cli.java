package dev.anneal.cli;

public final class Cli {
    public static int run(String[] args) {
        return 2;
    }
}
