package dev.anneal.outbound;

import java.net.UnknownHostException;

/** Thrown before a connection is made to an address that outgoing calls must not reach. A retry would fail in the same way. */
public final class AddressRefused extends UnknownHostException {
    AddressRefused(String host) {
        super("'" + host + "' has a private address, and anneal.outbound.allow does not allow it");
    }
}
