package dev.anneal.web;

import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.firewall.StrictHttpFirewall;

/**
 * Allows encoded slashes in paths, which Tomcat and Spring Security refuse by default. Base models have their names at the hub,
 * {@code org/name}, which is {@code org%2Fname} in a path. This is safe because Spring and the table of operations both match
 * the path before it is decoded.
 */
@Configuration(proxyBeanMethods = false)
class EncodedSlashes {
    @Bean
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> decodeSlashes() {
        return factory -> factory.addConnectorCustomizers(connector -> connector.setEncodedSolidusHandling("decode"));
    }

    @Bean
    StrictHttpFirewall firewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setAllowUrlEncodedSlash(true);
        return firewall;
    }
}
