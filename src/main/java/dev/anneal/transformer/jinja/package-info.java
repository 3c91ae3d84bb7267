/**
 * The part of Jinja that chat templates are written in, with the meaning that Jinja2 gives it as transformers sets it up. A
 * template reaches its variables and nothing else, the work that it can do is bounded, and what it cannot do is refused
 * instead of passed over: a text that is silently wrong would be trained on.
 */
package dev.anneal.transformer.jinja;
