/** Sessions of the page: their cookie, the caller that they stand for, and the guard of forms. */
@NullMarked
package dev.anneal.page.session;

import org.jspecify.annotations.NullMarked;
