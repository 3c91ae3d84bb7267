package dev.anneal.doctor;

import dev.anneal.settings.SettingProblems;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** Finds settings that do not exist, and values that are not valid. */
class SettingsCheck implements Check {
    @Override
    public Subject subject() {
        return Subject.SETTINGS;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) {
        List<String> problems = SettingProblems.of(settings.getBeanFactory());
        return problems.isEmpty()
                ? List.of(Finding.ok(subject(), "All settings exist and have valid values."))
                : problems.stream()
                        .map(problem -> Finding.failed(
                                subject(), problem, "Correct it. docs/configuration.md lists all settings."))
                        .toList();
    }
}
