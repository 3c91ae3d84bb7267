package dev.anneal.settings;

import dev.anneal.text.Suggest;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The names of all settings, as options and as environment variables. They are compared as Spring binds them: without dashes, and
 * in any case.
 */
final class SettingNames {
    static final String PREFIX = "anneal.";
    static final String VARIABLE_PREFIX = "ANNEAL_";

    /** Settings that belong to no record because a condition reads them. */
    private static final Set<String> CONDITIONS = Set.of("anneal.executor", "anneal.roles");

    /** System properties that the script sets, and those of tests. */
    private static final Set<String> OF_THE_SCRIPT =
            Set.of("anneal.home", "anneal.program", "anneal.terminal", "anneal.columns", "anneal.server");

    /** Variables that application.yaml reads. */
    private static final Set<String> VARIABLES = Set.of(
            "ANNEAL_PORT", "ANNEAL_HOST", "ANNEAL_DATABASE_URL", "ANNEAL_DATABASE_USER", "ANNEAL_DATABASE_PASSWORD");

    /** Variables of the command line, and one of child processes. */
    private static final Set<String> OTHER_VARIABLES =
            Set.of("ANNEAL_URL", "ANNEAL_KEY", "ANNEAL_PROJECT", "ANNEAL_WATCH_PARENT");

    /** Variables that Kubernetes sets in each pod if a service is called anneal or anneal-something. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("ANNEAL_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT|PORT_\\d+_(TCP|UDP|SCTP)(_\\w+)?)");

    /** The settings by name, each with true if it has parts. */
    private final Map<String, Boolean> settings = new TreeMap<>();

    private final Set<String> variables = new TreeSet<>(VARIABLES);

    /**
     * @param records the classes with {@link ConfigurationProperties}
     */
    SettingNames(Collection<Class<?>> records) {
        CONDITIONS.forEach(name -> settings.put(name, false));
        records.forEach(
                type -> add(type.getAnnotation(ConfigurationProperties.class).value(), type));
        settings.keySet().forEach(name -> variables.add(variable(name)));
    }

    private void add(String prefix, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = of(prefix, component);
            if (component.getType().isRecord()) {
                add(name, component.getType());
            } else {
                boolean parts = Map.class.isAssignableFrom(component.getType())
                        || Collection.class.isAssignableFrom(component.getType());
                settings.put(name, parts);
            }
        }
    }

    /** Returns the name of a setting as an option. */
    static String of(String prefix, RecordComponent component) {
        return prefix + "." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String variable(String name) {
        return name.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** Returns a sentence for each of the names that is like a setting but is none. */
    List<String> unknown(Stream<String> names) {
        return names.filter(name -> name.startsWith(PREFIX) && !OF_THE_SCRIPT.contains(name) && !isSetting(name))
                .map(name -> "There is no setting '" + name + "'." + Suggest.nearest(name, settings.keySet()))
                .toList();
    }

    private boolean isSetting(String name) {
        String given = uniform(name);
        return settings.entrySet().stream().anyMatch(setting -> {
            String known = uniform(setting.getKey());
            return given.equals(known)
                    || setting.getValue() && (given.startsWith(known + ".") || given.startsWith(known + "["));
        });
    }

    private static String uniform(String name) {
        return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
    }

    /**
     * Returns a sentence for each variable that is probably meant as a setting but is none. Others may have variables that begin
     * with ANNEAL_, too.
     */
    List<String> unknownVariables(Stream<String> names) {
        List<String> unknown = new ArrayList<>();
        names.filter(name -> name.startsWith(VARIABLE_PREFIX)
                        && !OTHER_VARIABLES.contains(name)
                        && !SERVICE_LINK.matcher(name).matches()
                        && !isVariable(name)
                        && isMeantAsSetting(name))
                .map(name -> "There is no setting for the variable '" + name + "'." + Suggest.nearest(name, variables))
                .forEach(unknown::add);
        return unknown;
    }

    private boolean isVariable(String name) {
        return variables.contains(name)
                || settings.entrySet().stream().anyMatch(setting -> {
                    String withDashes =
                            setting.getKey().replace('-', '_').replace('.', '_').toUpperCase(Locale.ROOT);
                    return name.equals(withDashes)
                            || setting.getValue()
                                    && (name.startsWith(variable(setting.getKey()) + "_")
                                            || name.startsWith(withDashes + "_"));
                });
    }

    /** Returns whether the variable has the first word of a group of settings, or differs in one letter from one. */
    private boolean isMeantAsSetting(String name) {
        int end = name.indexOf('_', VARIABLE_PREFIX.length());
        String group = end < 0 ? null : name.substring(0, end + 1);
        return variables.stream()
                .anyMatch(known -> group != null ? known.startsWith(group) : Suggest.distance(name, known) == 1);
    }
}
