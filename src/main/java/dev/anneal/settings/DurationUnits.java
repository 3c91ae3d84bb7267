package dev.anneal.settings;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
        List<InvalidSettingException> missing = missing(beans);
        if (!missing.isEmpty()) {
            throw missing.get(0);
        }
    }

    /** Returns a problem for each duration without a unit. */
    static List<InvalidSettingException> missing(ConfigurableListableBeanFactory beans) {
        Binder binder = Binder.get(beans.getBean(ConfigurableEnvironment.class));
        return Stream.of(beans.getBeanNamesForAnnotation(ConfigurationProperties.class))
                .<Class<?>>flatMap(name -> Stream.ofNullable(beans.getType(name)))
                .filter(Class::isRecord)
                .flatMap(type -> {
                    String prefix =
                            type.getAnnotation(ConfigurationProperties.class).value();
                    return missing(binder, prefix, type).stream();
                })
                .toList();
    }

    private static List<InvalidSettingException> missing(Binder binder, String prefix, Class<?> type) {
        List<InvalidSettingException> missing = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            String name = SettingNames.of(prefix, component);
            if (component.getType().isRecord()) {
                missing.addAll(missing(binder, name, component.getType()));
            } else if (component.getType() == Duration.class) {
                binder.bind(name, String.class)
                        .map(String::strip)
                        .ifBound(value -> {
                            if (value.matches("[+-]?\\d+") && !value.matches("[+-]?0+")) {
                                missing.add(new InvalidSettingException(name, value, SettingFailureAnalyzer.DURATION));
                            }
                        });
            }
        }
        return missing;
    }
}
