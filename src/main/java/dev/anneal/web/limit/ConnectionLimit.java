package dev.anneal.web.limit;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Limits the connections of each address. */
@Component
class ConnectionLimit implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    @Override
    public void customize(TomcatServletWebServerFactory tomcat) {
        tomcat.setProtocol(BoundedHttpProtocol.class.getName());
    }
}
