package dev.anneal.hosting;

import dev.anneal.role.ForRole;
import org.springframework.stereotype.Component;

/** Keeps spare hosts in a process with the role {@code inference}. The others start hosts only to tokenize. */
@Component
@ForRole("inference")
class ServingRole {
    ServingRole(HostPool hosts) {
        hosts.keepSpareHosts();
    }
}
