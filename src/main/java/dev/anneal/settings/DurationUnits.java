package dev.anneal.settings;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.stereotype.Component;

/** Refuses to start with a duration that is a number without a unit, which Spring would read as milliseconds. 0 needs no unit. */
@Component
class DurationUnits implements BeanFactoryPostProcessor {
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        SortedMap<String, InvalidSettingException> missing = missing(beans);
        if (!missing.isEmpty()) {
            throw missing.get(missing.firstKey());
        }
    }

    /** Returns the names of the durations without a unit, each with its problem. */
    static SortedMap<String, InvalidSettingException> missing(ConfigurableListableBeanFactory beans) {
        Binder binder = Binder.get(beans.getBean(ConfigurableEnvironment.class));
        SortedMap<String, InvalidSettingException> missing = new TreeMap<>();
        Stream.of(beans.getBeanNamesForAnnotation(ConfigurationProperties.class))
                .<Class<?>>flatMap(name -> Stream.ofNullable(beans.getType(name)))
                .filter(Class::isRecord)
                .forEach(type -> add(
                        missing,
                        binder,
                        type.getAnnotation(ConfigurationProperties.class).value(),
                        type));
        return missing;
    }

    private static void add(
            SortedMap<String, InvalidSettingException> missing, Binder binder, String prefix, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = SettingNames.of(prefix, component);
            if (component.getType().isRecord()) {
                add(missing, binder, name, component.getType());
            } else if (component.getType() == Duration.class) {
                binder.bind(name, String.class).map(String::strip).ifBound(value -> {
                    if (value.matches("[+-]?\\d+") && !value.matches("[+-]?0+")) {
                        missing.put(name, new InvalidSettingException(name, value, SettingFailureAnalyzer.DURATION));
                    }
                });
            }
        }
    }
}
