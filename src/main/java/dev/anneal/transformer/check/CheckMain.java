package dev.anneal.transformer.check;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.anneal.json.Json;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.OomVictim;
import dev.anneal.transformer.tokenizer.TokenizerJson;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The process that checks a model: {@code CheckMain <directory>}, or {@code CheckMain <directory> <part> <empty directory>}
 * to check the tokenizer without a part such as {@code pre_tokenizer}. It prints a {@link Line} before each step and one with
 * the result. It ends when its standard input is closed.
 */
public final class CheckMain {
    /**
     * A line of the output, in JSON: a step that begins; the parts of the tokenizer; or the end, which is the facts about the
     * model or an error.
     */
    public record Line(
            @Nullable String step,
            @Nullable List<String> parts,
            @Nullable ModelFiles model,
            @Nullable String error) {}

    private final PrintStream out;
    private String step = ModelCheck.RUN;

    private CheckMain(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        // The locale may have another encoding.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        OomVictim.prefer();
        endWithParent(System.in);
        CheckMain main = new CheckMain(out);
        main.print(main.check(arguments));
        Runtime.getRuntime().halt(0); // a broken tokenizer may fail to close
    }

    private Line check(String[] arguments) {
        Path directory = Path.of(arguments[0]);
        try {
            if (arguments.length == 3) {
                List<String> part = List.of(arguments[1].split("\\."));
                Path copy = Path.of(arguments[2]);
                Files.copy(directory.resolve(HuggingFaceFiles.CONFIG), copy.resolve(HuggingFaceFiles.CONFIG));
                TokenizerJson.copyWithout(
                        part, directory.resolve(HuggingFaceFiles.TOKENIZER), copy.resolve(HuggingFaceFiles.TOKENIZER));
                ModelCheck.checkTokenizer(copy, this::begin);
                return new Line(null, null, null, "");
            }
            ModelFiles model = ModelCheck.check(directory, step -> {
                begin(step);
                if (step.equals(HuggingFaceFiles.TOKENIZER) && ModelCheck.hasTokenizer(directory)) {
                    List<String> parts = TokenizerJson.read(directory).parts().stream()
                            .map(part -> String.join(".", part))
                            .toList();
                    print(new Line(null, parts, null, null));
                }
            });
            return new Line(null, null, model, null);
        } catch (ModelException e) {
            if (e.getCause() != null) {
                e.getCause().printStackTrace();
            }
            return new Line(null, null, null, e.getMessage());
        } catch (OutOfMemoryError e) {
            return failed("needs too much memory");
        } catch (StackOverflowError e) {
            return failed("is nested too deeply");
        } catch (IOException | RuntimeException | Error e) {
            e.printStackTrace();
            return failed("cannot be used");
        }
    }

    private void begin(String next) {
        step = next;
        print(new Line(step, null, null, null));
    }

    private Line failed(String how) {
        return new Line(null, null, null, sentence(step, how));
    }

    static String sentence(String step, String how) {
        return subject(step) + " " + how + text(step);
    }

    /** Returns the subject of a sentence about a step: a file, the chat template, or the model. */
    public static String subject(String step) {
        String file = step.split(": ", 2)[0];
        return switch (file) {
            case ModelCheck.RUN -> "The model";
            case ModelCheck.CHAT_TEMPLATE -> "The chat template";
            default -> file;
        };
    }

    /** Returns the end of a sentence about a step: on which text it is, if it is on one. */
    public static String text(String step) {
        String[] fileAndText = step.split(": ", 2);
        return fileAndText.length == 1 ? "" : " on " + fileAndText[1];
    }

    private void print(Line line) {
        out.println(Json.write(line));
        out.flush();
    }

    private static void endWithParent(InputStream in) {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (in.read() >= 0) {}
                    } catch (IOException e) {
                        // means the same as the end of the input
                    }
                    Runtime.getRuntime().halt(1);
                },
                "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }
}
