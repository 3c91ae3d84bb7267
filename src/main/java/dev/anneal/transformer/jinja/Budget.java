package dev.anneal.transformer.jinja;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits the work of one rendering, which takes place in one thread: steps, nesting, and characters that are read or made.
 * Templates come from strangers and must not keep a process busy or fill its memory.
 */
final class Budget {
    /** The length limit of a template, in characters. */
    static final int MAX_TEMPLATE = 512 << 10;
    /** The limit for the nesting of blocks, of expressions and of values. */
    private static final int MAX_DEPTH = 100;
    /** The limit for the nesting of an evaluation, with the blocks and expressions of all macros that are called. */
    private static final int MAX_EVALUATION_DEPTH = 400;

    private static final int MAX_STEPS = 2_000_000;
    private static final int MAX_LENGTH = 4 << 20;
    private static final int MAX_CHARACTERS = 64 << 20;
    private static final ThreadLocal<Budget> CURRENT = new ThreadLocal<>();

    private long steps;
    private long characters;
    private int depth;

    private Budget() {}

    /** Renders with a new budget; an error of the stack is a fault of the template. */
    static String render(Supplier<String> rendering) {
        Budget before = CURRENT.get();
        CURRENT.set(new Budget());
        try {
            return rendering.get();
        } catch (StackOverflowError e) {
            throw tooDeep();
        } finally {
            CURRENT.set(before);
        }
    }

    /** Counts the steps of an operation: each item that it reads or makes is a step. */
    static void steps(long count) {
        Budget budget = CURRENT.get();
        budget.steps += count;
        if (budget.steps > MAX_STEPS) {
            throw new JinjaException("the template needs too many steps");
        }
    }

    /** Counts characters that are read or made. */
    static void characters(long count) {
        Budget budget = CURRENT.get();
        budget.characters += count;
        if (budget.characters > MAX_CHARACTERS) {
            throw new JinjaException("the template makes too many characters");
        }
    }

    /** Counts the characters of a text that is about to be made, and refuses one that is too long. */
    static void text(long length) {
        if (length > MAX_LENGTH) {
            throw new JinjaException("a text is longer than " + MAX_LENGTH + " characters");
        }
        characters(length);
    }

    /** Appends to a text that may not become too long. */
    static void append(StringBuilder out, String text) {
        if ((long) out.length() + text.length() > MAX_LENGTH) {
            throw new JinjaException("a text is longer than " + MAX_LENGTH + " characters");
        }
        characters(text.length());
        out.append(text);
    }

    /** Counts a search, which takes up to the product of both lengths. */
    static void search(String text, @Nullable String piece) {
        characters(text.length() + (long) text.length() * (piece == null ? 0 : piece.length()) / 8);
    }

    /** Counts a level of nesting while something is evaluated; {@link #leave} ends it. An exception ends the rendering. */
    static void enter() {
        Budget budget = CURRENT.get();
        if (++budget.depth > MAX_EVALUATION_DEPTH) {
            throw tooDeep();
        }
        steps(1);
    }

    static void leave() {
        CURRENT.get().depth--;
    }

    /** Refuses a level of nesting that is too deep. */
    static void depth(int level) {
        if (level > MAX_DEPTH) {
            throw tooDeep();
        }
    }

    static JinjaException tooDeep() {
        return new JinjaException("the template is nested too deeply");
    }
}
