package dev.anneal.outbound;

import java.net.UnknownHostException;

/** Thrown before a connection is made to an address where outgoing calls must not go; no try after it does better. */
public final class AddressRefused extends UnknownHostException {
    AddressRefused(String host) {
        super("'" + host
                + "' is not on the public internet, and this server does not allow it (anneal.outbound.allow)");
    }
}
