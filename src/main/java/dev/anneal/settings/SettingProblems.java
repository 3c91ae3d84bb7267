package dev.anneal.settings;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Finds all settings with which a server does not start, while the start itself ends at the first. */
public final class SettingProblems {
    private SettingProblems() {}

    /** Returns a sentence for each setting that does not exist or has a value that is not valid. */
    public static List<String> of(ConfigurableListableBeanFactory beans) {
        Set<String> problems = new LinkedHashSet<>();
        try {
            new UnknownSettings().postProcessBeanFactory(beans);
        } catch (UnknownSettingException unknown) {
            problems.addAll(unknown.sentences());
        }
        SortedMap<String, InvalidSettingException> units = DurationUnits.missing(beans);
        units.values().forEach(missing -> problems.add(String.valueOf(missing.getMessage())));
        for (String name : beans.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
            try {
                beans.getBean(name);
            } catch (BeansException invalid) {
                FailureAnalysis analysis = new SettingFailureAnalyzer().analyze(invalid);
                String problem = analysis == null ? String.valueOf(invalid.getMessage()) : analysis.getDescription();
                if (units.keySet().stream().noneMatch(setting -> problem.startsWith(setting + " is "))) {
                    problems.add(problem); // otherwise it is about what Spring reads without the unit
                }
            }
        }
        return new ArrayList<>(problems);
    }
}
