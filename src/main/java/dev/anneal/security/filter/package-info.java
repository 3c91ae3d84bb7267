/** The filters that each request passes: authentication, limits, and the check of its role. */
@NullMarked
package dev.anneal.security.filter;

import org.jspecify.annotations.NullMarked;
