package dev.anneal.transformer.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Converts program files to the form that TorchScript loads, in which each use of a function or class has its full name,
 * {@code __torch__.layers.linear}.
 */
final class ProgramText {
    private static final Pattern IMPORT = Pattern.compile("(?m)^import (.+)$");
    private static final Pattern DEFINITION = Pattern.compile("(?m)^(def|class) (\\w+)");
    /** Strings and comments, in which no name is replaced. */
    private static final String TEXT = "\"[^\"\n]*\"|#.*";

    private final Map<String, String> roles;
    private final Map<String, String> files = new LinkedHashMap<>();

    private ProgramText(Map<String, String> roles) {
        this.roles = roles;
    }

    /** Returns a program and all that it imports, by file name; an import of a role stands for the file that plays it. */
    static Map<String, String> withImports(String program, Map<String, String> roles) {
        ProgramText text = new ProgramText(roles);
        text.add(program);
        return text.files;
    }

    private void add(String file) {
        String source = resource(file);
        List<String> imports = IMPORT.matcher(source)
                .results()
                .flatMap(line -> Arrays.stream(line.group(1).split(", *")))
                .toList();
        String code = IMPORT.matcher(source).replaceAll("");
        for (String name : imports) {
            code = replace(code, name + "\\.", "__torch__." + fileOf(name) + ".");
        }
        for (var definition : DEFINITION.matcher(source).results().toList()) {
            String name = definition.group(2);
            String use = definition.group(1).equals("def") ? name + "(?=\\()" : name + "\\b";
            code = replace(code, "(?<!def |class )" + use, "__torch__." + file + "." + name);
        }
        files.put(file, code);
        imports.stream()
                .map(this::fileOf)
                .filter(name -> !files.containsKey(name))
                .forEach(this::add);
    }

    private String fileOf(String imported) {
        return roles.getOrDefault(imported, imported);
    }

    private static String replace(String code, String name, String fullName) {
        Matcher matcher = Pattern.compile(TEXT + "|(?<![\\w.])(" + name + ")").matcher(code);
        return matcher.replaceAll(match -> Matcher.quoteReplacement(match.group(1) == null ? match.group() : fullName));
    }

    private static String resource(String file) {
        try (InputStream in = ProgramText.class.getResourceAsStream("/programs/" + file + ".py")) {
            if (in == null) {
                throw new IllegalStateException("there is no program file " + file + ".py");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
