/** Who uses the page: sessions, their cookie, and the guard of its forms. */
@NullMarked
package dev.anneal.page.session;

import org.jspecify.annotations.NullMarked;
