package dev.anneal.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.stereotype.Component;

/** Refuses to start with a setting that does not exist, before anything else starts. It would be ignored. */
@Component
class UnknownSettings implements BeanFactoryPostProcessor {
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        SettingNames known = new SettingNames(Stream.of(beans.getBeanNamesForAnnotation(ConfigurationProperties.class))
                .<Class<?>>flatMap(name -> Stream.ofNullable(beans.getType(name)))
                .filter(Class::isRecord)
                .toList());
        List<String> unknown = new ArrayList<>();
        for (PropertySource<?> source :
                beans.getBean(ConfigurableEnvironment.class).getPropertySources()) {
            if (source instanceof SystemEnvironmentPropertySource variables) {
                unknown.addAll(known.unknownVariables(Arrays.stream(variables.getPropertyNames())));
            } else if (source instanceof EnumerablePropertySource<?> properties) {
                unknown.addAll(known.unknown(Arrays.stream(properties.getPropertyNames())));
            }
        }
        if (!unknown.isEmpty()) {
            throw new UnknownSettingException(unknown);
        }
    }
}
