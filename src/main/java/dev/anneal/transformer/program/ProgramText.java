package dev.anneal.transformer.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
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
    /** A string or a comment, in which no name is replaced; or a name and what follows it. */
    private static final Pattern NAME =
            Pattern.compile("\"[^\"\n]*\"|#.*|(?<![\\w.])(?<!def |class )([A-Za-z_]\\w*)([.(]?)");

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
        Map<String, String> fullNames = new HashMap<>();
        for (String name : imports) {
            fullNames.put(name + ".", "__torch__." + fileOf(name) + ".");
        }
        DEFINITION.matcher(source).results().forEach(definition -> {
            String name = definition.group(2) + (definition.group(1).equals("def") ? "(" : "");
            fullNames.put(name, "__torch__." + file + "." + name);
        });
        String code = replace(IMPORT.matcher(source).replaceAll(""), fullNames);
        files.put(file, code);
        imports.stream()
                .map(this::fileOf)
                .filter(name -> !files.containsKey(name))
                .forEach(this::add);
    }

    private String fileOf(String imported) {
        return roles.getOrDefault(imported, imported);
    }

    /** Replaces names by their full names. Those of modules end with a dot, and those of functions with a bracket. */
    private static String replace(String code, Map<String, String> fullNames) {
        return NAME.matcher(code)
                .replaceAll(match -> Matcher.quoteReplacement(
                        match.group(1) == null ? match.group() : fullName(match.group(1), match.group(2), fullNames)));
    }

    private static String fullName(String name, String next, Map<String, String> fullNames) {
        String full = fullNames.get(name + next);
        return full == null ? fullNames.getOrDefault(name, name) + next : full;
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
